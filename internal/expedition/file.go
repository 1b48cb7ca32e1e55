package expedition

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/search"
)

// The file of an expedition. It holds no id of a person or of this instance and no
// time of writing: equal content gives equal bytes, and what is imported gives the
// same file again.
const (
	fileFormat  = "digiwork-expedition"
	fileVersion = 1
)

// File is a whole expedition as it is taken away.
type File struct {
	Format   string                     `json:"format"`
	Version  int                        `json:"version"`
	Name     string                     `json:"name"`
	Question string                     `json:"question"`
	Lang     string                     `json:"lang"`
	Licence  string                     `json:"licence"`
	Origin   string                     `json:"origin"`
	Credits  []string                   `json:"credits"`
	Cards    []FileCard                 `json:"cards"`
	Parts    map[string]json.RawMessage `json:"parts"`
}

// FileCard is a card in a file, in the order of its place.
type FileCard struct {
	ID     string              `json:"id"`
	Kind   string              `json:"kind"`
	Title  string              `json:"title"`
	Fields map[string]string   `json:"fields"`
	Ties   map[string][]string `json:"ties"`
}

var (
	errFile   = kernel.NewFault(kernel.Invalid, "expedition.file.form").On("files")
	errFormat = kernel.NewFault(kernel.Invalid, "expedition.file.format").On("files")
	errNewer  = kernel.NewFault(kernel.Invalid, "expedition.file.newer").On("files")
)

// fileErr says which card of a file is wrong.
func fileErr(at int, id string, cause error) error {
	return kernel.NewFault(kernel.Invalid, "expedition.file.card").On("files").With("n", at+1, "id", short(id, maxID)).Because(cause)
}

// Take gives the file of an expedition as the reader sees it, without what a partner
// keeps to itself.
func (s *Service) Take(ctx context.Context, id kernel.ExpeditionID) ([]byte, error) {
	b, err := s.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	f, err := s.fileOf(ctx, b)
	if err != nil {
		return nil, err
	}
	return f.Bytes()
}

func (s *Service) fileOf(ctx context.Context, b *Book) (File, error) {
	f := File{Format: fileFormat, Version: fileVersion, Name: b.Name, Question: b.Question, Lang: b.Lang, Licence: b.Licence, Origin: b.Origin,
		Credits: []string{}, Cards: []FileCard{}, Parts: map[string]json.RawMessage{}}
	own := map[string]bool{}
	for _, c := range b.Cards {
		own[c.ID] = c.Circle != ""
	}
	for _, c := range b.Cards {
		if own[c.ID] {
			continue
		}
		ties := map[string][]string{}
		for name, targets := range c.Ties {
			if kept := slices.DeleteFunc(slices.Clone(targets), func(t string) bool { return own[t] }); len(kept) > 0 {
				ties[name] = kept
			}
		}
		f.Cards = append(f.Cards, FileCard{c.ID, c.Kind, c.Title, c.Fields, ties})
	}
	if b.Sample() {
		return f, nil
	}
	credits, err := creditsOf(ctx, s.DB.Read(), b.ID)
	if err != nil {
		return f, err
	}
	for _, c := range credits {
		f.Credits = append(f.Credits, c.Named)
	}
	for _, p := range s.Parts {
		raw, err := p.Export(ctx, b.ID)
		if err != nil {
			return f, err
		}
		if raw != nil {
			f.Parts[p.Name()] = raw
		}
	}
	return f, nil
}

// Bytes is the file: JSON with sorted keys, two spaces, one line end at the end.
func (f File) Bytes() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(f)
	return out.Bytes(), err
}

// ReadFile reads and checks a file: kinds, fields, ties, in the words of its refusal.
func (s *Service) ReadFile(raw []byte) (File, error) {
	var f File
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, errFile.Because(err)
	}
	switch {
	case f.Format != fileFormat:
		return f, errFormat
	case f.Version > fileVersion:
		return f, errNewer
	case len(f.Cards) > mostCards:
		return f, errCards
	case len(f.Credits) > mostCredits:
		return f, errCredits
	}
	kinds := map[string]string{}
	for i, c := range f.Cards {
		if c.ID == "" || len(c.ID) > maxID || strings.ContainsAny(c.ID, ": /") || kinds[c.ID] != "" || KindOf(c.Kind) == nil {
			return f, fileErr(i, c.ID, errors.New("an id that cannot be one, or stands twice, or a kind that is none"))
		}
		kinds[c.ID] = c.Kind
	}
	for i := range f.Cards {
		if err := s.checkCard(&f.Cards[i], kinds); err != nil {
			return f, fileErr(i, f.Cards[i].ID, err)
		}
	}
	return f, nil
}

// checkCard brings a card of a file into the form in which cards are kept.
func (s *Service) checkCard(c *FileCard, kinds map[string]string) error {
	k := KindOf(c.Kind)
	title := c.Title
	e, err := Entry{Title: c.Title, Fields: c.Fields, Ties: c.Ties}.clean(k)
	if err != nil {
		return err
	}
	c.Title, c.Fields, c.Ties = e.Title, e.Fields, e.Ties
	if k.Said && oneLine(title) != "" {
		c.Title = short(oneLine(title), maxTitle)
	}
	for _, t := range k.Ties {
		for _, target := range c.Ties[t.Name] {
			part, _ := s.partOf(target)
			switch {
			case kinds[target] != "" && t.takes(kinds[target]) && target != c.ID:
			case kinds[target] == "" && t.Parts && part != nil:
			default:
				return fmt.Errorf("tie %s leads to %q", t.Name, target)
			}
		}
	}
	return nil
}

// Import makes an expedition of a file: private, of the actor or of a circle of hers.
// Ties to material that this instance does not know are refused.
func (s *Service) Import(ctx context.Context, raw []byte, circle kernel.CircleID) (kernel.ExpeditionID, error) {
	a, err := signed(ctx, "write")
	if err != nil {
		return "", err
	}
	f, err := s.ReadFile(raw)
	if err != nil {
		return "", err
	}
	return s.put(ctx, a, f, circle)
}

// Fork copies what the actor reads into a new expedition of hers, or of a circle of
// hers.
func (s *Service) Fork(ctx context.Context, id kernel.ExpeditionID, circle kernel.CircleID) (kernel.ExpeditionID, error) {
	a, err := signed(ctx, "write")
	if err != nil {
		return "", err
	}
	b, err := s.Open(ctx, id)
	if err != nil {
		return "", err
	}
	f, err := s.fileOf(ctx, b)
	if err != nil {
		return "", err
	}
	f.Origin = short(b.Name, maxOrigin)
	return s.put(ctx, a, f, circle)
}

// put writes a file that was checked as a new expedition.
func (s *Service) put(ctx context.Context, a kernel.Actor, f File, circle kernel.CircleID) (kernel.ExpeditionID, error) {
	d, err := Draft{Name: f.Name, Question: f.Question, Lang: f.Lang, Visibility: Private, Licence: f.Licence, Circle: circle}.clean()
	if err != nil {
		return "", errFile.Because(err)
	}
	terms := make([]string, len(f.Cards))
	for i, c := range f.Cards {
		terms[i] = search.Terms((&Card{Kind: c.Kind, Title: c.Title, Fields: c.Fields}).words())
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		x, err := s.newFrame(ctx, tx, a, d)
		if err != nil {
			return "", err
		}
		if err := setOrigin(ctx, tx, x.ID, short(oneLine(f.Origin), maxOrigin)); err != nil {
			return "", err
		}
		for i, named := range f.Credits {
			if err := insertCredit(ctx, tx, x.ID, credit{Place: i + 1, Named: short(oneLine(named), maxCredit)}); err != nil {
				return "", err
			}
		}
		for i, c := range f.Cards {
			card := Card{ID: c.ID, Kind: c.Kind, Place: i + 1, Title: c.Title, Fields: c.Fields, Ties: c.Ties, By: a.Person, Version: 1, At: tx.Now}
			if err := insertCard(ctx, tx, x.ID, card); err != nil {
				return "", err
			}
			if err := search.PutTerms(ctx, tx, space(x.ID), cardPrefix+c.ID, terms[i]); err != nil {
				return "", err
			}
		}
		for _, p := range s.Parts {
			if raw := f.Parts[p.Name()]; raw != nil {
				if err := p.Import(ctx, tx, x.ID, raw); err != nil {
					return "", err
				}
			}
		}
		return string(x.ID), nil
	})
	return kernel.ExpeditionID(made), err
}
