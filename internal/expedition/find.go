package expedition

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/search"
)

// mostFound is how many things one search gives.
const mostFound = 100

// cardPrefix begins the ids of cards among what can be found in an expedition; a
// sibling context's begin with its name.
const cardPrefix = "card:"

func space(id kernel.ExpeditionID) string { return "expedition:" + string(id) }

// index makes a card findable, unless a partner keeps it.
func index(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, c Card) error {
	if c.Circle != "" {
		return nil
	}
	return search.Put(ctx, tx, space(id), cardPrefix+c.ID, c.words())
}

// words is everything a card says.
func (c *Card) words() string {
	all := []string{c.Title}
	if k := KindOf(c.Kind); k != nil {
		for _, f := range k.Fields {
			if f.Input != Hidden && f.Input != Choice {
				all = append(all, c.Fields[f.Name])
			}
		}
	}
	return strings.Join(all, "\n")
}

// Hit is something found: a card, or an item of a sibling context.
type Hit struct {
	Card *Card
	Item *Item
}

// Find gives what holds every word of the question, the most telling first.
func (s *Service) Find(ctx context.Context, b *Book, question string) ([]Hit, error) {
	if b.Sample() {
		return b.find(question), nil
	}
	ids, err := search.Find(ctx, s.DB, space(b.ID), question, mostFound)
	if err != nil {
		return nil, err
	}
	items, err := s.foundItems(ctx, b, ids)
	if err != nil {
		return nil, err
	}
	var hits []Hit
	for _, id := range ids {
		if c := b.Card(strings.TrimPrefix(id, cardPrefix)); c != nil {
			hits = append(hits, Hit{Card: c})
		} else if it, ok := items[id]; ok {
			hits = append(hits, Hit{Item: &it})
		}
	}
	return hits, nil
}

// foundItems asks sibling contexts for what was found of theirs.
func (s *Service) foundItems(ctx context.Context, b *Book, ids []string) (map[string]Item, error) {
	all := map[string]Item{}
	for _, p := range s.Parts {
		var asked []string
		for _, id := range ids {
			if kept, item := s.partOf(id); kept != nil && kept.Name() == p.Name() {
				asked = append(asked, item)
			}
		}
		if len(asked) == 0 {
			continue
		}
		found, err := p.Items(ctx, b.ID, asked)
		if err != nil {
			return nil, err
		}
		for _, it := range found {
			all[p.Name()+":"+it.ID] = it
		}
	}
	return all, nil
}

// find searches a book without a database: titles first.
func (b *Book) find(question string) []Hit {
	var titles, texts []Hit
	for _, c := range b.Cards {
		switch {
		case search.Matches(c.Title, question):
			titles = append(titles, Hit{Card: c})
		case search.Matches(c.words(), question):
			texts = append(texts, Hit{Card: c})
		}
	}
	hits := slices.Concat(titles, texts)
	return hits[:min(len(hits), mostFound)]
}
