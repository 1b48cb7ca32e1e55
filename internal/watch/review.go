package watch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/mail"
)

// Review is a revue de veille: what was kept in some days, in rubrics.
type Review struct {
	ID     string
	Title  string
	Words  string // of whoever wrote it, above the rubrics
	MadeAt time.Time

	Rubrics []Rubric
	signals []string
}

// Rubric is an axis with its signals; Title is empty for those without an axis.
type Rubric struct {
	Title   string
	Signals []Signal
}

const (
	reviewPrefix = "rvw"
	reviewDays   = 7
	mostWords    = 8000
)

var (
	errNoReview    = kernel.NewFault(kernel.NotFound, "watch.no_review")
	errReviewEmpty = kernel.NewFault(kernel.Invalid, "watch.review.empty").On("signals")
	errReviewTitle = kernel.NewFault(kernel.Invalid, "watch.review.title").On("title")
	errReviewWords = kernel.NewFault(kernel.Invalid, "watch.review.words").On("words")
	errReviewMail  = kernel.NewFault(kernel.Unavailable, "watch.review.mail")
)

// Picks are what was kept in the last seven days: what a review begins with.
func (s *Service) Picks(ctx context.Context, id kernel.ExpeditionID) ([]Rubric, error) {
	if err := s.Expeditions.May(ctx, id, watch); err != nil {
		return nil, err
	}
	all, err := keptSince(ctx, s.DB.Read(), id, db.At(s.DB.Now().AddDate(0, 0, -reviewDays)))
	if err != nil {
		return nil, err
	}
	return s.rubrics(ctx, id, all)
}

// rubrics puts signals under the axes of the map, in the order of the map.
func (s *Service) rubrics(ctx context.Context, id kernel.ExpeditionID, all []Signal) ([]Rubric, error) {
	axes, err := s.Expeditions.Axes(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Rubric
	for _, a := range append(slices.Clone(axes), Axis{}) {
		r := Rubric{Title: a.Title}
		for _, g := range all {
			known := slices.ContainsFunc(axes, func(x Axis) bool { return x.ID == g.Axis })
			if g.Axis == a.ID || a.ID == "" && !known {
				r.Signals = append(r.Signals, g)
			}
		}
		if len(r.Signals) > 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

// KeptByAxis is everything that was kept, in rubrics. The caller has checked that the
// actor may read.
func (s *Service) KeptByAxis(ctx context.Context, id kernel.ExpeditionID) ([]Rubric, error) {
	all, err := allSignals(ctx, s.DB.Read(), id, Kept, mostGiven)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	return s.rubrics(ctx, id, all)
}

// Publish makes a review of chosen signals.
func (s *Service) Publish(ctx context.Context, id kernel.ExpeditionID, title, words string, signals []string) (string, error) {
	title, words = oneLine(title), strings.TrimSpace(words)
	switch {
	case title == "" || utf8.RuneCountInString(title) > mostTitle:
		return "", errReviewTitle.With("max", mostTitle)
	case utf8.RuneCountInString(words) > mostWords:
		return "", errReviewWords.With("max", mostWords)
	case len(signals) == 0 || len(signals) > 500:
		return "", errReviewEmpty
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, watch); err != nil {
			return "", err
		}
		known, err := signalsByID(ctx, tx, id, signals)
		if err != nil {
			return "", err
		}
		if len(known) == 0 {
			return "", errReviewEmpty
		}
		r := Review{ID: kernel.NewID[string](reviewPrefix, tx.Now), Title: title, Words: words, MadeAt: tx.Now}
		for _, g := range known {
			r.signals = append(r.signals, g.ID)
		}
		return r.ID, insertReview(ctx, tx, id, r)
	})
}

// Reviews lists those of an expedition, newest first, without their signals.
func (s *Service) Reviews(ctx context.Context, id kernel.ExpeditionID) ([]Review, error) {
	if err := s.Expeditions.May(ctx, id, read); err != nil {
		return nil, err
	}
	return reviewsOf(ctx, s.DB.Read(), id)
}

// Review opens one, its signals as they are now.
func (s *Service) Review(ctx context.Context, id kernel.ExpeditionID, review string) (Review, error) {
	all, err := s.Reviews(ctx, id)
	if err != nil {
		return Review{}, err
	}
	i := slices.IndexFunc(all, func(r Review) bool { return r.ID == review })
	if i < 0 {
		return Review{}, errNoReview
	}
	r := all[i]
	signals, err := signalsByID(ctx, s.DB.Read(), id, r.signals)
	if err != nil {
		return Review{}, err
	}
	r.Rubrics, err = s.rubrics(ctx, id, signals)
	return r, err
}

// Withdraw removes a review; its signals stay.
func (s *Service) Withdraw(ctx context.Context, id kernel.ExpeditionID, review string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, watch); err != nil {
			return "", err
		}
		return review, deleteReview(ctx, tx, id, review)
	})
	return err
}

// Markdown is a review as CommonMark. none is what stands above signals without an
// axis.
func Markdown(r Review, none string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", flat(r.Title))
	if r.Words != "" {
		fmt.Fprintf(&b, "%s\n\n", r.Words)
	}
	for _, rubric := range r.Rubrics {
		title := rubric.Title
		if title == "" {
			title = none
		}
		fmt.Fprintf(&b, "## %s\n\n", flat(title))
		for _, g := range rubric.Signals {
			fmt.Fprintf(&b, "- [%s](<%s>)", flat(g.Title), strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "").Replace(g.Address))
			for _, more := range []string{g.Author, g.Host(), string(g.Published)} {
				if more != "" {
					fmt.Fprintf(&b, ", %s", flat(more))
				}
			}
			b.WriteString("\n")
			if g.Note != "" {
				fmt.Fprintf(&b, "\n  %s\n\n", strings.ReplaceAll(g.Note, "\n", "\n  "))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// flat is text that Markdown takes as it is, on one line.
func flat(s string) string {
	var b strings.Builder
	for _, c := range oneLine(s) {
		if strings.ContainsRune("\\`*_[]<>#|", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Send sends a review to the actor's own address. where is its page; none stands above
// signals without an axis.
func (s *Service) Send(ctx context.Context, id kernel.ExpeditionID, review, where, none string) error {
	r, err := s.Review(ctx, id, review)
	if err != nil {
		return err
	}
	person := kernel.ActorFrom(ctx).Person
	if s.Post == nil || !s.Post.Configured() || person == "" {
		return errReviewMail
	}
	address, lang, ok, err := s.Mailbox.MailOf(ctx, person)
	if err != nil {
		return err
	}
	if !ok {
		return errReviewMail
	}
	letter, err := s.Post.Seal(mail.Letter{To: address, Person: person, Lang: lang, Subject: r.Title, Text: Markdown(r, none) + "\n" + s.Base + where})
	if err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		_, err := s.Post.Put(ctx, tx, letter)
		return review, err
	})
	return err
}
