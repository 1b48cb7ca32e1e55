package expedition

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/search"
)

const (
	maxTitle  = 300
	maxLine   = 500
	maxText   = 20_000
	maxHidden = 1_000_000
	mostCards = 2000 // in one expedition: its file is taken up in one transaction
	mostTies  = 300  // of one name from one card
	maxID     = 64
)

// Card is one thing an expedition gathers.
type Card struct {
	ID      string
	Kind    string
	Place   int
	Title   string
	Fields  map[string]string
	Ties    map[string][]string // name of the tie to ids of cards, or NAME:ID of a part
	Circle  kernel.CircleID     // the partner whose own it is until released
	By      kernel.PersonID     // who wrote it last; "" once she has left
	Version int64
	At      time.Time
}

// Entry is what is typed of a card.
type Entry struct {
	Title  string
	Fields map[string]string
	Ties   map[string][]string
	Circle kernel.CircleID // at its making only
}

var (
	errNoCard    = kernel.NewFault(kernel.NotFound, "expedition.card.not_found")
	errNoKind    = kernel.NewFault(kernel.NotFound, "expedition.kind.not_found")
	errTitle     = kernel.NewFault(kernel.Invalid, "expedition.title.missing").On("title")
	errTitleLong = kernel.NewFault(kernel.Invalid, "expedition.too_long").On("title").With("max", maxTitle)
	errDay       = kernel.NewFault(kernel.Invalid, "expedition.day.form")
	errAddress   = kernel.NewFault(kernel.Invalid, "expedition.address.form")
	errChoice    = kernel.NewFault(kernel.Invalid, "expedition.choice.form")
	errTie       = kernel.NewFault(kernel.Invalid, "expedition.tie.form")
	errLoop      = kernel.NewFault(kernel.Invalid, "expedition.tie.loop")
	errTies      = kernel.NewFault(kernel.Invalid, "expedition.tie.many").With("max", mostTies)
	errCards     = kernel.NewFault(kernel.TooMany, "expedition.card.many").With("max", mostCards)
	errOwnCircle = kernel.NewFault(kernel.Invalid, "expedition.card.circle").On("circle")
	errMoved     = kernel.NewFault(kernel.Conflict, "expedition.card.stale").On("title")
	errFrozen    = kernel.NewFault(kernel.Conflict, "expedition.trial.frozen")
)

// clean is an entry as a card of kind k keeps it, or everything wrong with it.
// Fields and ties the kind does not have are left out; empty ones too.
func (e Entry) clean(k *Kind) (Entry, error) {
	out := Entry{Title: oneLine(e.Title), Fields: map[string]string{}, Ties: map[string][]string{}, Circle: e.Circle}
	var wrong []error
	for _, f := range k.Fields {
		v, err := f.clean(e.Fields[f.Name])
		if err != nil {
			wrong = append(wrong, err)
		}
		if v != "" {
			out.Fields[f.Name] = v
		}
	}
	if k.Said {
		out.Title = beginning(k, out.Fields)
	}
	if out.Title == "" {
		missing := errTitle
		if k.Said {
			missing = missing.On(k.Fields[0].Name)
		}
		wrong = append([]error{missing}, wrong...)
	}
	if utf8.RuneCountInString(out.Title) > maxTitle {
		wrong = append(wrong, errTitleLong)
	}
	for _, t := range k.Ties {
		targets := distinct(e.Ties[t.Name])
		switch {
		case t.One && len(targets) > 1:
			wrong = append(wrong, errTie.On(t.Name))
		case len(targets) > mostTies:
			wrong = append(wrong, errTies.On(t.Name))
		case len(targets) > 0:
			out.Ties[t.Name] = targets
		}
	}
	return out, errors.Join(wrong...)
}

// beginning is a title for a card that is asked for none.
func beginning(k *Kind, fields map[string]string) string {
	const most = 90
	for _, f := range k.Fields {
		if s := oneLine(fields[f.Name]); s != "" {
			if r := []rune(s); len(r) > most {
				cut := string(r[:most])
				if i := strings.LastIndex(cut, " "); i > most/2 {
					cut = cut[:i]
				}
				return cut + "…"
			}
			return s
		}
	}
	return ""
}

func distinct(targets []string) []string {
	var out []string
	for _, t := range targets {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

func (f Field) clean(v string) (string, error) {
	most := maxLine
	switch f.Input {
	case Hidden:
		most = maxHidden
	case Text, List:
		most = maxText
		v = strings.TrimSpace(v)
	default:
		v = oneLine(v)
	}
	if utf8.RuneCountInString(v) > most {
		return v, kernel.NewFault(kernel.Invalid, "expedition.too_long").On(f.Name).With("max", most)
	}
	if v == "" {
		return "", nil
	}
	switch f.Input {
	case List:
		v = strings.Join(Lines(v), "\n")
	case Day:
		d, err := kernel.ParseDate(v)
		if err != nil {
			return v, errDay.On(f.Name)
		}
		v = string(d)
	case Address:
		u, err := url.Parse(v)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return v, errAddress.On(f.Name)
		}
	case Choice:
		if !slices.Contains(f.Options, v) {
			return v, errChoice.On(f.Name)
		}
	}
	return v, nil
}

// Lines are the lines of a text that say something.
func Lines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Add puts a card of a kind into an expedition.
//
// Forbidden for who may not add that kind; Invalid on its fields and ties.
func (s *Service) Add(ctx context.Context, id kernel.ExpeditionID, kind string, e Entry) (string, error) {
	return s.do(ctx, func(tx *db.Tx) (string, error) { return s.AddIn(ctx, tx, id, kind, e) })
}

// AddIn is Add inside a transaction, for sibling contexts: a tension that a table
// ended with, a track that an analysis points at.
func (s *Service) AddIn(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, kind string, e Entry) (string, error) {
	k := KindOf(kind)
	if k == nil {
		return "", errNoKind
	}
	x, st, err := s.enter(ctx, tx, id, k.Add)
	if err != nil {
		return "", err
	}
	if e, err = e.clean(k); err != nil {
		return "", err
	}
	for _, f := range k.Fields {
		if f.Input == Hidden && !k.Shut {
			delete(e.Fields, f.Name) // the program fills it in
		}
	}
	if e.Circle != "" && (!k.Own || !slices.Contains(st.Circles, e.Circle)) {
		return "", errOwnCircle
	}
	if err := s.checkTies(ctx, tx, x.ID, st, "", k, e.Ties); err != nil {
		return "", err
	}
	if err := takeTurn(ctx, tx, id); err != nil {
		return "", err
	}
	n, last, err := countCards(ctx, tx, id)
	if err != nil {
		return "", err
	}
	if n >= mostCards {
		return "", errCards
	}
	c := Card{
		ID: kernel.NewID[string]("crd", tx.Now), Kind: kind, Place: last + 1, Title: e.Title, Fields: e.Fields, Ties: e.Ties,
		Circle: e.Circle, By: kernel.ActorFrom(ctx).Person, Version: 1, At: tx.Now,
	}
	c.register(tx.Now)
	if err := insertCard(ctx, tx, id, c); err != nil {
		return "", err
	}
	return c.ID, index(ctx, tx, id, c)
}

// register notes the day on which a trial was announced: its hypothesis does not
// change after it has begun.
func (c *Card) register(now time.Time) {
	if c.Kind == "trial" && c.Fields["hypothesis"] != "" && c.Fields["registered"] == "" {
		c.Fields["registered"] = now.Format(time.DateOnly)
	}
}

// checkTies refuses ties to cards that are not there, are of another kind, are
// somebody else's own, or lead back to the card itself.
func (s *Service) checkTies(ctx context.Context, q db.Querier, id kernel.ExpeditionID, st Standing, self string, k *Kind, ties map[string][]string) error {
	if len(ties) == 0 {
		return nil
	}
	cards, err := cardHeads(ctx, q, id)
	if err != nil {
		return err
	}
	var wrong []error
	for _, t := range k.Ties {
		for _, target := range ties[t.Name] {
			head, there := cards[target]
			if p, item := s.partOf(target); p != nil && t.Parts && !there {
				found, err := p.Items(ctx, id, []string{item})
				if err != nil {
					return err
				}
				if len(found) > 0 {
					continue
				}
			}
			switch {
			case !there, !t.takes(head.kind), head.circle != "" && !slices.Contains(st.Circles, head.circle):
				wrong = append(wrong, errTie.On(t.Name))
			case target == self:
				wrong = append(wrong, errLoop.On(t.Name))
			}
		}
	}
	if len(wrong) == 0 && self != "" && k.tie("of") != nil {
		return noLoop(ctx, q, id, self, ties["of"])
	}
	return errors.Join(wrong...)
}

// noLoop refuses to make an effect the effect of one of its own effects.
func noLoop(ctx context.Context, q db.Querier, id kernel.ExpeditionID, self string, of []string) error {
	parents, err := tiesNamed(ctx, q, id, "of")
	if err != nil {
		return err
	}
	for steps := 0; len(of) > 0 && steps < mostCards; steps++ {
		if of[0] == self {
			return errLoop.On("of")
		}
		of = parents[of[0]]
	}
	return nil
}

// Change replaces what was typed of a card, keeping the version before.
//
// Forbidden for who may neither edit nor wrote it; Conflict when version is not the
// current one, or when the hypothesis of a trial that has begun would change.
func (s *Service) Change(ctx context.Context, id kernel.ExpeditionID, card string, version int64, e Entry) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) { return card, s.changeIn(ctx, tx, id, card, version, e, false) })
	return err
}

// changeIn is Change inside a transaction. What the program fills in (Hidden) is
// replaced only when the program itself says so.
func (s *Service) changeIn(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, card string, version int64, e Entry, program bool) error {
	c, k, st, err := s.changeable(ctx, tx, id, card)
	if err != nil {
		return err
	}
	for _, f := range k.Fields {
		if f.Input == Hidden && (!program || e.Fields[f.Name] == "") {
			if e.Fields == nil {
				e.Fields = map[string]string{}
			}
			e.Fields[f.Name] = c.Fields[f.Name]
		}
	}
	for _, t := range k.Ties {
		if t.Fixed && len(c.Ties[t.Name]) > 0 {
			if e.Ties == nil {
				e.Ties = map[string][]string{}
			}
			e.Ties[t.Name] = c.Ties[t.Name]
		}
	}
	if e, err = e.clean(k); err != nil {
		return err
	}
	if begun(c, tx.Now) {
		for _, announced := range []string{"hypothesis", "indicators", "begin"} {
			if e.Fields[announced] != c.Fields[announced] {
				return errFrozen.On(announced)
			}
		}
	}
	if err := s.checkTies(ctx, tx, id, st, card, k, e.Ties); err != nil {
		return err
	}
	before := c
	if e.Fields["hypothesis"] != c.Fields["hypothesis"] || e.Fields["indicators"] != c.Fields["indicators"] {
		delete(e.Fields, "registered") // what is announced now is announced today
	}
	c.Title, c.Fields, c.Ties = e.Title, e.Fields, e.Ties
	c.By, c.At, c.Version = kernel.ActorFrom(ctx).Person, tx.Now, version
	c.register(tx.Now)
	if err := updateCard(ctx, tx, id, c); err != nil {
		return err
	}
	if err := insertPast(ctx, tx, id, before); err != nil {
		return err
	}
	return index(ctx, tx, id, c)
}

// begun reports whether a trial runs on what was announced.
func begun(c Card, now time.Time) bool {
	d := kernel.Date(c.Fields["begin"])
	return c.Kind == "trial" && c.Fields["hypothesis"] != "" && d != "" && !now.Before(d.First())
}

// changeable is a card the actor may change: anybody's for who edits, her own for
// who may add such a card.
func (s *Service) changeable(ctx context.Context, q db.Querier, id kernel.ExpeditionID, card string) (Card, *Kind, Standing, error) {
	_, st, err := s.enter(ctx, q, id, Speak)
	if err != nil {
		return Card{}, nil, st, err
	}
	c, err := cardByID(ctx, q, id, card)
	if err != nil {
		return c, nil, st, err
	}
	k := KindOf(c.Kind)
	switch {
	case k == nil:
		return c, nil, st, fmt.Errorf("card %s of %s is of unknown kind %q", card, id, c.Kind)
	case c.Circle != "" && !slices.Contains(st.Circles, c.Circle):
		return c, k, st, errNoCard
	case st.May(Edit), c.By == kernel.ActorFrom(ctx).Person && st.May(k.Add):
		return c, k, st, nil
	}
	return c, k, st, errRole
}

// Remove takes a card away, with its remarks. Ties that led to it end.
func (s *Service) Remove(ctx context.Context, id kernel.ExpeditionID, card string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, _, err := s.changeable(ctx, tx, id, card); err != nil {
			return "", err
		}
		gone, err := deleteCard(ctx, tx, id, card)
		for _, g := range gone {
			err = errors.Join(err, search.Drop(ctx, tx, space(id), cardPrefix+g))
		}
		return card, err
	})
	return err
}

// Release shows a partner's own card to every reader. Who belongs to the circle
// decides, nobody else; it cannot be taken back, because it may have been copied.
func (s *Service) Release(ctx context.Context, id kernel.ExpeditionID, card string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		_, st, err := s.enter(ctx, tx, id, Speak)
		if err != nil {
			return "", err
		}
		c, err := cardByID(ctx, tx, id, card)
		if err != nil {
			return "", err
		}
		if c.Circle == "" || !slices.Contains(st.Circles, c.Circle) {
			return "", errNoCard
		}
		c.Circle = ""
		if err := releaseCard(ctx, tx, id, card); err != nil {
			return "", err
		}
		return card, index(ctx, tx, id, c)
	})
	return err
}

// Move puts a card before or after its neighbour of the same kind.
func (s *Service) Move(ctx context.Context, id kernel.ExpeditionID, card string, down bool) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, err := s.enter(ctx, tx, id, Edit); err != nil {
			return "", err
		}
		if err := takeTurn(ctx, tx, id); err != nil {
			return "", err
		}
		c, err := cardByID(ctx, tx, id, card)
		if err != nil {
			return "", err
		}
		other, place, err := neighbour(ctx, tx, id, c, down)
		if err != nil || other == "" {
			return card, err
		}
		if err := placeCard(ctx, tx, id, other, c.Place); err != nil {
			return "", err
		}
		return card, placeCard(ctx, tx, id, card, place)
	})
	return err
}

// Past are the earlier versions of a card, newest first.
func (s *Service) Past(ctx context.Context, b *Book, card string) ([]Card, error) {
	if b.Card(card) == nil {
		return nil, errNoCard
	}
	if b.Sample() {
		return nil, nil
	}
	return pastOf(ctx, s.DB.Read(), b.ID, card)
}

// Restore makes an earlier version the present one; the present one is kept.
func (s *Service) Restore(ctx context.Context, id kernel.ExpeditionID, card string, past, version int64) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, _, err := s.changeable(ctx, tx, id, card); err != nil {
			return "", err
		}
		all, err := pastOf(ctx, tx, id, card)
		if err != nil {
			return "", err
		}
		i := slices.IndexFunc(all, func(c Card) bool { return c.Version == past })
		if i < 0 {
			return "", errNoCard
		}
		heads, err := cardHeads(ctx, tx, id)
		if err != nil {
			return "", err
		}
		e := Entry{Title: all[i].Title, Fields: all[i].Fields, Ties: map[string][]string{}}
		for name, targets := range all[i].Ties { // what has gone meanwhile stays gone
			for _, t := range targets {
				if _, there := heads[t]; there || strings.Contains(t, ":") {
					e.Ties[name] = append(e.Ties[name], t)
				}
			}
		}
		return card, s.changeIn(ctx, tx, id, card, version, e, true)
	})
	return err
}
