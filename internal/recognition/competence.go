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
	"digiwork/internal/lib/taxonomy"
)

// Competence is something a person says she can do.
type Competence struct {
	ID        kernel.ItemID
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	Saying
}

// Saying is what she says of a competence. Title is enough.
type Saying struct {
	Title   string          // in her words
	Level   string          // how she knows it, in her words: no scale
	Text    string          // how she does it
	Refs    []Ref           // entries of referentials she chose
	Because []string        // the words that led to the suggestion she took
	Links   []kernel.ItemID // activities and pieces it shows in, tellings it came from
}

// Ref is a reference to an entry of a referential, with its name when it was chosen.
type Ref struct{ URI, Label, Code string }

const (
	kindCompetence   = "competence"
	competencePrefix = "cpt_"

	factBecause = "because" // a word that led to the suggestion

	levelMost = 300
	textMost  = 5_000
	linksMost = 200
	refsMost  = 20
	keptMost  = 50 // chosen at once
)

var (
	errNoTitle   = kernel.NewFault(kernel.Invalid, "recognition.competence.title.missing").On("title")
	errLevelLong = kernel.NewFault(kernel.Invalid, "recognition.competence.level.long").On("level").With("max", levelMost)
	errTextLong  = kernel.NewFault(kernel.Invalid, "recognition.competence.text.long").On("text").With("max", textMost)
	errLinks     = kernel.NewFault(kernel.Invalid, "recognition.competence.links.unknown").On("links")
	errRefs      = kernel.NewFault(kernel.Invalid, "recognition.competence.refs.many").On("ref").With("max", refsMost)
	errNoRef     = kernel.NewFault(kernel.Invalid, "recognition.reference.unknown").On("uri")
	errNone      = kernel.NewFault(kernel.Invalid, "recognition.find.none_chosen").On("uri")
	errTooMany   = kernel.NewFault(kernel.Invalid, "recognition.find.many").On("uri").With("max", keptMost)
)

func (c *Saying) check() error {
	var wrong []error
	note := func(bad bool, err error) {
		if bad {
			wrong = append(wrong, err)
		}
	}
	note(strings.TrimSpace(c.Title) == "", errNoTitle)
	note(utf8.RuneCountInString(c.Title) > titleMost, errTitleLong)
	note(utf8.RuneCountInString(c.Level) > levelMost, errLevelLong)
	note(utf8.RuneCountInString(c.Text) > textMost, errTextLong)
	note(len(c.Links) > linksMost, errLinks)
	note(len(c.Refs) > refsMost, errRefs)
	return errors.Join(wrong...)
}

// tag names a reference in a word that a face may show: "ROME M1203 Comptable".
func (r Ref) tag() string {
	if r.scheme() == taxonomy.Starter {
		return ""
	}
	words := []string{strings.ToUpper(string(r.scheme()))}
	if r.Code != "" {
		words = append(words, r.Code)
	}
	return strings.Join(append(words, r.Label), " ")
}

func (r Ref) scheme() taxonomy.Scheme { return taxonomy.SchemeOf(r.URI) }

// item is the competence as the vault takes it. It has no body: its view says all.
func (c *Competence) item() gate.Item {
	v := gate.View{
		Kind: kindCompetence, Title: strings.TrimSpace(c.Title), Text: c.Text, Status: strings.TrimSpace(c.Level),
		Links: c.Links, Provenance: declared,
	}
	for _, r := range c.Refs {
		v.Facts = append(v.Facts, gate.Fact{Name: r.URI, Text: r.Label})
		if t := r.tag(); t != "" {
			v.Tags = append(v.Tags, t)
		}
	}
	for _, w := range c.Because {
		v.Facts = append(v.Facts, gate.Fact{Name: factBecause, Text: w})
	}
	return gate.Item{ID: c.ID, Room: room, Version: c.Version, View: v}
}

func competenceOf(it *gate.Item) *Competence {
	v := &it.View
	c := &Competence{ID: it.ID, Version: it.Version, CreatedAt: it.CreatedAt, UpdatedAt: it.UpdatedAt,
		Saying: Saying{Title: v.Title, Level: v.Status, Text: v.Text, Links: v.Links}}
	for _, f := range v.Facts {
		if f.Name == factBecause {
			c.Because = append(c.Because, f.Text)
			continue
		}
		c.Refs = append(c.Refs, Ref{URI: f.Name, Label: f.Text, Code: codeIn(v.Tags, f)})
	}
	return c
}

// codeIn finds the code of a reference in the tags made of it.
func codeIn(tags []string, f gate.Fact) string {
	scheme := strings.ToUpper(string(taxonomy.SchemeOf(f.Name)))
	for _, t := range tags {
		rest, ok := strings.CutPrefix(t, scheme+" ")
		if code, named := strings.CutSuffix(rest, " "+f.Text); ok && named {
			return code
		}
	}
	return ""
}

// Has reports whether the competence names an entry of a referential.
func (c *Saying) Has(uri string) bool {
	return slices.ContainsFunc(c.Refs, func(r Ref) bool { return r.URI == uri })
}

// Competences lists the actor's, in the order in which she named them.
func (s *Service) Competences(ctx context.Context) ([]*Competence, error) {
	items, err := s.list(ctx, room)
	if err != nil {
		return nil, err
	}
	var all []*Competence
	for i := range items {
		if items[i].View.Kind == kindCompetence {
			all = append(all, competenceOf(&items[i]))
		}
	}
	return all, nil
}

// Competence opens one. NotFound if the actor has none with this id.
func (s *Service) Competence(ctx context.Context, id kernel.ItemID) (*Competence, error) {
	it, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	if it.View.Kind != kindCompetence {
		return nil, errNoItem
	}
	return competenceOf(&it), nil
}

// Keep keeps competences, all or none, in their order, and gives the id of the first.
//
// Invalid with the field at fault; a link to something that is not hers or may not
// be shown is refused, save to her own tellings.
func (s *Service) Keep(ctx context.Context, all []Saying) (kernel.ItemID, error) {
	if len(all) == 0 {
		return "", errNone
	}
	if len(all) > keptMost {
		return "", errTooMany
	}
	items, now := make([]gate.Item, len(all)), s.DB.Now()
	for i := range all {
		if err := s.checkLinked(ctx, &all[i]); err != nil {
			return "", err
		}
		c := &Competence{ID: kernel.NewID[kernel.ItemID]("cpt", now.Add(time.Duration(i)*time.Millisecond)), Saying: all[i]}
		items[i] = c.item()
	}
	return s.put(ctx, items...)
}

// Revise replaces what is said of a competence; what was said stays in the history.
//
// Invalid with the field at fault; Conflict if another version is there.
func (s *Service) Revise(ctx context.Context, id kernel.ItemID, version int64, now Saying) error {
	c, err := s.Competence(ctx, id)
	if err != nil {
		return err
	}
	if err := s.checkLinked(ctx, &now); err != nil {
		return err
	}
	c.Saying, c.Version = now, version
	_, err = s.put(ctx, c.item())
	return err
}

// RemoveCompetence deletes one and its history.
func (s *Service) RemoveCompetence(ctx context.Context, id kernel.ItemID) error {
	if _, err := s.Competence(ctx, id); err != nil {
		return err
	}
	return s.remove(ctx, id)
}

func (s *Service) checkLinked(ctx context.Context, c *Saying) error {
	if err := c.check(); err != nil || len(c.Links) == 0 {
		return err
	}
	carriers, err := s.Carriers(ctx)
	if err != nil {
		return err
	}
	for _, id := range c.Links {
		if _, ok := carriers.Find(id); ok {
			continue
		}
		if !isTelling(id) {
			return errLinks
		}
		if _, err := s.Telling(ctx, id); err != nil && kernel.KindOf(err) != kernel.NotFound {
			return err
		} else if err != nil {
			return errLinks.Because(err)
		}
	}
	return nil
}
