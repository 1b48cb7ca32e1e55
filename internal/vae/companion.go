package vae

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Comment is what a companion says of a part.
type Comment struct {
	ID   kernel.ItemID `json:"-"`
	At   time.Time     `json:"-"`
	Part string        `json:"part"`
	By   string        `json:"by"`
	Text string        `json:"text"`
}

// lentComments is how many comments one opening takes: the most the gate allows.
const lentComments = 50

const commentMost = 4000

var (
	errNoParts = kernel.NewFault(kernel.Invalid, "vae.open.parts").On("parts")
	errWhom    = kernel.NewFault(kernel.Invalid, "vae.open.whom").On("to")
	errComment = kernel.NewFault(kernel.Invalid, "vae.comment.missing").On("text")
)

func commentOf(it gate.Item) (Comment, error) {
	c := Comment{ID: it.ID, At: it.CreatedAt}
	return c, read(it, &c)
}

// Open lets a circle or a person read parts of a file and comment on them, until a day.
// What is written in those parts later is read too; parts begun later are not.
func (s *Service) Open(ctx context.Context, file kernel.ItemID, codes []string, to gate.To, purpose, until string) error {
	w, err := s.Whole(ctx, file)
	if err != nil {
		return err
	}
	o := Opened{}
	for _, p := range w.Parts {
		if slices.Contains(codes, p.Code) {
			o.Items = append(o.Items, p.ID)
		}
	}
	if len(o.Items) == 0 {
		return errNoParts
	}
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	loan, err := s.Gate.SealLoan(ctx, w.pass, gate.LoanAsk{
		Room: room, Items: append([]kernel.ItemID{file}, o.Items...), To: to, Purpose: purpose, Until: until, Answers: lentComments,
	})
	if err != nil {
		return err
	}
	o.Grant = loan.ID
	w.Opened = append(w.Opened, o)
	return s.put(ctx, w.pass, w.item(), w.File, func(tx *db.Tx) error {
		_, err := s.Gate.PutLoan(ctx, tx, loan)
		return err
	})
}

// Close ends what a companion or a jury may read. A copy that a decision kept stays with
// the certifier.
func (s *Service) Close(ctx context.Context, file kernel.ItemID, grant kernel.GrantID) error {
	_, f, err := s.file(ctx, file)
	if err != nil {
		return err
	}
	opened := slices.ContainsFunc(f.Opened, func(o Opened) bool { return o.Grant == grant })
	handed := slices.ContainsFunc(f.Handed, func(h Handed) bool { return h.Grant == grant })
	if !opened && !handed {
		return errNotFoundVAE
	}
	return s.Gate.Withdraw(ctx, grant)
}

// Forget removes a comment: it was taken in, or is not wanted.
func (s *Service) Forget(ctx context.Context, file, comment kernel.ItemID) error {
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	w, err := s.Whole(ctx, file)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(w.Comments, func(c Comment) bool { return c.ID == comment }) {
		return errNotFoundVAE
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			return string(comment), s.Gate.Delete(ctx, tx, w.pass, comment, 0)
		})
		return err
	})
}

// Lent is what a companion reads: the parts opened to her, in the order of the dossier.
type Lent struct {
	gate.Errand
	File  *File
	Parts []*Part

	pass gate.Pass
	link map[string]kernel.ItemID // parts and "" for the file, under the ids of the loan
}

// Lent opens what somebody lends to the actor or her circles.
func (s *Service) Lent(ctx context.Context, grant kernel.GrantID) (*Lent, error) {
	p, err := s.Gate.Borrow(ctx, grant, room)
	if err != nil {
		return nil, err
	}
	items, err := s.Gate.Lent(ctx, p)
	if err != nil {
		return nil, err
	}
	l := &Lent{Errand: s.Gate.Errand(p), pass: p, link: map[string]kernel.ItemID{}}
	for i, it := range items {
		if i == 0 {
			if l.File, err = fileOf(it); err != nil {
				return nil, err
			}
			if len(l.File.Certification.Blocs) == 0 {
				return nil, errNotFoundVAE // the file was deleted since: a part came first
			}
			l.link[""] = it.ID
			continue
		}
		part, err := partOf(it)
		if err != nil {
			return nil, err
		}
		l.Parts = append(l.Parts, part)
		l.link[part.Code] = it.ID
	}
	if l.File == nil {
		return nil, errNotFoundVAE // the file was deleted since, or it is a jury's
	}
	w := Whole{File: l.File, Parts: l.Parts}
	w.sort()
	return l, nil
}

// Say leaves a comment on a part that was opened.
func (s *Service) Say(ctx context.Context, grant kernel.GrantID, part, text string) error {
	l, err := s.Lent(ctx, grant)
	if err != nil {
		return err
	}
	at, ok := l.link[part]
	text = strings.TrimSpace(text)
	switch {
	case !ok || part == "":
		return errNotFoundVAE
	case text == "":
		return errComment
	case utf8.RuneCountInString(text) > commentMost:
		return errLong.With("max", commentMost).On("text")
	}
	by := kernel.ActorFrom(ctx).Name
	raw, err := body(Comment{Part: part, By: by, Text: text})
	if err != nil {
		return err
	}
	sealed, err := s.Gate.SealDeposit(ctx, l.pass, gate.Item{ID: kernel.NewID[kernel.ItemID]("vcm", s.DB.Now()), Body: raw, View: gate.View{
		Kind: kindComment, Title: l.File.Certification.Title, Links: []kernel.ItemID{l.link[""], at}, Provenance: gate.Provenance{By: by},
	}})
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			_, err := s.Gate.Put(ctx, tx, sealed)
			return string(sealed.ID()), err
		})
		return err
	})
}
