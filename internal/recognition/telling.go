package recognition

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// Prompts are what a telling is led by, in their order. They are ours, in the manner
// of the explicitation interview (P. Vermersch): one moment, then the doing of it,
// not opinions about it. Their names are stored.
var Prompts = []string{"moment", "first", "then", "with", "noticed", "knew", "resisted", "others"}

// Telling is a moment that a person tells, for herself.
type Telling struct {
	ID        kernel.ItemID
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	Title     string
	Of        kernel.ItemID // the activity it belongs to; empty for a free one
	Answers   []string      // by place among Prompts; empty where nothing is said yet
}

const (
	kindTelling   = "telling"
	tellingPrefix = "tel_"

	titleMost  = 200    // characters
	answerMost = 20_000 // characters
)

var (
	errTellTitle  = kernel.NewFault(kernel.Invalid, "recognition.tell.title.missing").On("title")
	errTitleLong  = kernel.NewFault(kernel.Invalid, "recognition.title.long").On("title").With("max", titleMost)
	errAnswerLong = kernel.NewFault(kernel.Invalid, "recognition.answer.long").On("answer").With("max", answerMost)
	errNoActivity = kernel.NewFault(kernel.Invalid, "recognition.tell.activity.unknown").On("activity")
)

func isTelling(id kernel.ItemID) bool { return strings.HasPrefix(string(id), tellingPrefix) }

// Story is everything told, in the order of the prompts.
func (t *Telling) Story() string {
	said := slices.DeleteFunc(slices.Clone(t.Answers), func(a string) bool { return strings.TrimSpace(a) == "" })
	return strings.Join(said, "\n\n")
}

// Next is the place of the first prompt without an answer, or -1.
func (t *Telling) Next() int {
	return slices.IndexFunc(t.Answers, func(a string) bool { return strings.TrimSpace(a) == "" })
}

func (t *Telling) check() error {
	var wrong []error
	if strings.TrimSpace(t.Title) == "" {
		wrong = append(wrong, errTellTitle)
	}
	if utf8.RuneCountInString(t.Title) > titleMost {
		wrong = append(wrong, errTitleLong)
	}
	for _, a := range t.Answers {
		if utf8.RuneCountInString(a) > answerMost {
			wrong = append(wrong, errAnswerLong)
		}
	}
	return errors.Join(wrong...)
}

// item is the telling as the vault takes it: the answers are facts of its view, so
// that an archive reads them in words.
func (t *Telling) item() gate.Item {
	v := gate.View{Kind: kindTelling, Title: t.Title, Never: true, Provenance: declared}
	if t.Of != "" {
		v.Links = []kernel.ItemID{t.Of}
	}
	for i, a := range t.Answers {
		if strings.TrimSpace(a) != "" {
			v.Facts = append(v.Facts, gate.Fact{Name: Prompts[i], Text: a})
		}
	}
	return gate.Item{ID: t.ID, Room: room, Version: t.Version, View: v}
}

func tellingOf(it *gate.Item) *Telling {
	t := &Telling{ID: it.ID, Version: it.Version, CreatedAt: it.CreatedAt, UpdatedAt: it.UpdatedAt, Title: it.View.Title, Answers: make([]string, len(Prompts))}
	if len(it.View.Links) > 0 {
		t.Of = it.View.Links[0]
	}
	for _, f := range it.View.Facts {
		if i := slices.Index(Prompts, f.Name); i >= 0 {
			t.Answers[i] = f.Text
		}
	}
	return t
}

// Tellings lists the actor's, the last touched first.
func (s *Service) Tellings(ctx context.Context) ([]*Telling, error) {
	items, err := s.list(ctx, room)
	if err != nil {
		return nil, err
	}
	var all []*Telling
	for i := range items {
		if items[i].View.Kind == kindTelling {
			all = append(all, tellingOf(&items[i]))
		}
	}
	slices.SortStableFunc(all, func(a, b *Telling) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	return all, nil
}

// Telling opens one. NotFound if the actor has none with this id.
func (s *Service) Telling(ctx context.Context, id kernel.ItemID) (*Telling, error) {
	it, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	if it.View.Kind != kindTelling {
		return nil, errNoItem
	}
	return tellingOf(&it), nil
}

// BeginTelling begins one, about an activity or free (of is empty), and gives its id.
//
// Invalid with every field at fault.
func (s *Service) BeginTelling(ctx context.Context, title string, of kernel.ItemID) (kernel.ItemID, error) {
	t := &Telling{ID: kernel.NewID[kernel.ItemID]("tel", s.DB.Now()), Title: strings.TrimSpace(title), Of: of, Answers: make([]string, len(Prompts))}
	err := t.check()
	if of != "" {
		all, listed := s.Carriers(ctx)
		if listed != nil {
			return "", listed
		}
		if c, ok := all.Find(of); !ok || c.Piece {
			err = errors.Join(err, errNoActivity)
		}
	}
	if err != nil {
		return "", err
	}
	return s.put(ctx, t.item())
}

// Answer keeps what she says to a prompt; what she said before stays in the history.
//
// Invalid on "answer"; Conflict if another version is there; NotFound for a prompt
// or a telling that is not there.
func (s *Service) Answer(ctx context.Context, id kernel.ItemID, version int64, prompt int, text string) error {
	t, err := s.Telling(ctx, id)
	if err != nil {
		return err
	}
	if prompt < 0 || prompt >= len(Prompts) {
		return errNoItem
	}
	if t.Answers[prompt] == text && t.Version == version {
		return nil
	}
	t.Answers[prompt], t.Version = text, version
	if err := t.check(); err != nil {
		return err
	}
	_, err = s.put(ctx, t.item())
	return err
}

// RemoveTelling deletes one and its history. What she made of it stays.
func (s *Service) RemoveTelling(ctx context.Context, id kernel.ItemID) error {
	if _, err := s.Telling(ctx, id); err != nil {
		return err
	}
	return s.remove(ctx, id)
}
