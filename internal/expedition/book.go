package expedition

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/kernel"
)

// Book is a whole expedition in memory, as one reader may see it.
type Book struct {
	Expedition
	Standing
	Cards []*Card // in the order of their places
	Tabs  []Tab   // of sibling contexts

	byID  map[string]*Card
	back  map[string][]Backing
	items map[string]Item // by reference, as "watch:sig_1"
}

// Backing is a card that has a tie to another.
type Backing struct {
	Tie  string
	Card *Card
}

// Open gives an expedition to who may read it, without what partners keep to
// themselves.
//
// Unauthenticated for a visitor who may not read; NotFound for anybody else.
func (s *Service) Open(ctx context.Context, id kernel.ExpeditionID) (*Book, error) {
	x, st, err := s.enter(ctx, s.DB.Read(), id, Read)
	if err != nil {
		return nil, err
	}
	if x.Sample() {
		b := *sampleBook(ctx)
		b.Standing = st
		return &b, nil
	}
	cards, err := cardsOf(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	ties, err := allTies(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	b := newBook(x, cards, ties, func(c Card) bool { return c.Circle == "" || slices.Contains(st.Circles, c.Circle) })
	b.Standing = st
	if err := s.fillItems(ctx, b); err != nil {
		return nil, err
	}
	for _, p := range s.Parts {
		tab, err := p.Tab(ctx, id)
		if err != nil {
			return nil, err
		}
		if tab.Path != "" {
			b.Tabs = append(b.Tabs, tab)
		}
	}
	return b, nil
}

// newBook puts cards and ties together, leaving out the cards that the reader may not
// see and the ties that lead to them.
func newBook(x Expedition, cards []Card, ties []tieRow, sees func(Card) bool) *Book {
	b := &Book{Expedition: x, byID: map[string]*Card{}, items: map[string]Item{}}
	for i := range cards {
		if c := &cards[i]; sees(*c) {
			b.Cards = append(b.Cards, c)
			b.byID[c.ID] = c
		}
	}
	for _, t := range ties {
		from := b.byID[t.card]
		if from == nil || b.byID[t.target] == nil && !strings.Contains(t.target, ":") {
			continue
		}
		from.Ties[t.name] = append(from.Ties[t.name], t.target)
	}
	b.lace()
	return b
}

// lace notes for each card which others have ties to it.
func (b *Book) lace() {
	b.back = map[string][]Backing{}
	for _, c := range b.Cards {
		k := KindOf(c.Kind)
		if k == nil {
			continue
		}
		for _, t := range k.Ties {
			for _, target := range c.Ties[t.Name] {
				b.back[target] = append(b.back[target], Backing{t.Name, c})
			}
		}
	}
}

// fillItems asks sibling contexts for the items that cards lean on; ties to items
// that are no more are left out.
func (s *Service) fillItems(ctx context.Context, b *Book) error {
	for _, p := range s.Parts {
		var ids []string
		for target := range b.back {
			if kept, id := s.partOf(target); kept != nil && kept.Name() == p.Name() && b.byID[target] == nil {
				ids = append(ids, id)
			}
		}
		if len(ids) == 0 {
			continue
		}
		slices.Sort(ids)
		found, err := p.Items(ctx, b.ID, ids)
		if err != nil {
			return err
		}
		for _, it := range found {
			b.items[p.Name()+":"+it.ID] = it
		}
	}
	for _, c := range b.Cards {
		for name, targets := range c.Ties {
			c.Ties[name] = slices.DeleteFunc(targets, func(t string) bool {
				_, known := b.items[t]
				return b.byID[t] == nil && !known
			})
		}
	}
	return nil
}

// Card is a card by its id, nil if the reader sees none.
func (b *Book) Card(id string) *Card { return b.byID[id] }

// Of are the cards of a kind, in their order.
func (b *Book) Of(kind string) []*Card {
	var all []*Card
	for _, c := range b.Cards {
		if c.Kind == kind {
			all = append(all, c)
		}
	}
	return all
}

// To are the cards that a tie of c leads to.
func (b *Book) To(c *Card, tie string) []*Card {
	var all []*Card
	for _, t := range c.Ties[tie] {
		if to := b.byID[t]; to != nil {
			all = append(all, to)
		}
	}
	return all
}

// First is the first card a tie of c leads to, nil if none.
func (b *Book) First(c *Card, tie string) *Card {
	if all := b.To(c, tie); len(all) > 0 {
		return all[0]
	}
	return nil
}

// From are the cards of a kind that have a tie to c, "" for every kind, in order.
func (b *Book) From(c *Card, kind, tie string) []*Card {
	var all []*Card
	for _, k := range b.back[c.ID] {
		if (kind == "" || k.Card.Kind == kind) && (tie == "" || k.Tie == tie) && !slices.Contains(all, k.Card) {
			all = append(all, k.Card)
		}
	}
	return all
}

// Backings are all the ties that lead to c.
func (b *Book) Backings(c *Card) []Backing { return b.back[c.ID] }

// Item is what a sibling context keeps under a reference.
func (b *Book) Item(target string) (Item, bool) {
	it, ok := b.items[target]
	return it, ok
}

// Mine reports whether the reader may change c.
func (b *Book) Mine(ctx context.Context, c *Card) bool {
	me := kernel.ActorFrom(ctx).Person
	return b.May(Edit) || me != "" && c.By == me && b.May(KindOf(c.Kind).Add)
}

// Axis is the axis a card stands under, through its theme if need be; nil for none.
func (b *Book) Axis(c *Card) *Card {
	for _, tie := range []string{"place", "axis"} {
		switch to := b.First(c, tie); {
		case to == nil:
		case to.Kind == "axis":
			return to
		default:
			return b.First(to, "axis")
		}
	}
	return nil
}

// Cards gives the cards of a kind to a sibling context: axes and themes for the
// watch, scenarios and actors for a table.
func (s *Service) Cards(ctx context.Context, id kernel.ExpeditionID, kind string) ([]*Card, error) {
	b, err := s.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return b.Of(kind), nil
}

// card is one card of an expedition, as the actor sees it.
func (s *Service) card(ctx context.Context, id kernel.ExpeditionID, card string) (*Card, error) {
	b, err := s.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	if c := b.Card(card); c != nil {
		return c, nil
	}
	return nil, errNoCard
}
