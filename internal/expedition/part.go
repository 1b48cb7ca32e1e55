package expedition

import (
	"context"
	"encoding/json"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Part is what a sibling context keeps of an expedition: its signals, its tables,
// its matrices. It is joined in app, where an adapter gives the sibling this face.
//
// A card leans on an item of a part by the reference NAME:ID, as "watch:sig_1". The
// caller has decided that the actor may read the expedition.
type Part interface {
	// Name is the beginning of references to its items, and its key in the file of
	// an expedition: the context's name.
	Name() string
	// Tab is its place among the pages of an expedition; a zero Tab is none.
	Tab(ctx context.Context, id kernel.ExpeditionID) (Tab, error)
	// Items gives items by their ids, without the name; unknown ids are left out.
	// With nil ids it gives those a card may lean on, best first, at most 200.
	Items(ctx context.Context, id kernel.ExpeditionID, ids []string) ([]Item, error)
	// Export is what it keeps, without ids of people, of this instance, or times of
	// writing; nil for nothing. Equal content gives equal bytes. Items keep their ids.
	Export(ctx context.Context, id kernel.ExpeditionID) (json.RawMessage, error)
	// Import takes back what Export gave, into an expedition just made.
	Import(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, raw json.RawMessage) error
	// Drop removes what it keeps: the expedition is deleted.
	Drop(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error
	// Chapter is its share of the cahier; a Chapter without a title is none.
	Chapter(ctx context.Context, id kernel.ExpeditionID) (Chapter, error)
}

// Tab is a link among the pages of an expedition.
type Tab struct {
	Path, Text string
	Before     string // the page it stands before: PageMap, PageTerritories…
}

// Item is something a card leans on and that a sibling context keeps.
type Item struct {
	ID    string // without the name of its part
	Kind  string // in words: "signal faible"
	Title string
	Path  string // of its page here
	URL   string // where it comes from, "" if nowhere
	Note  string // author, date: one line
	Place string // id of the axis or theme it stands under; "" for none
}

// Chapter is a part of a cahier.
type Chapter struct {
	Title    string
	Sections []Section
}

// Section is a heading with paragraphs, facts and addresses under it.
type Section struct {
	ID    string // of the card it shows; "" for others
	Kind  string // in words
	Title string
	Lines []string // short facts, one line each
	Text  []Paragraph
	Lean  []Reference // what it leans on
}

// Paragraph is text under a label; Label may be "".
type Paragraph struct{ Label, Text string }

// Reference leads to another section, or to an address.
type Reference struct{ Label, Title, ID, URL string }

// partOf finds the part that keeps target, and the item's id.
func (s *Service) partOf(target string) (Part, string) {
	for _, p := range s.Parts {
		if n := len(p.Name()); len(target) > n && target[:n] == p.Name() && target[n] == ':' {
			return p, target[n+1:]
		}
	}
	return nil, ""
}

// Placed are the items of sibling contexts that stand on the map.
func (s *Service) Placed(ctx context.Context, b *Book) ([]Item, error) {
	if b.Sample() {
		return nil, nil
	}
	var all []Item
	for _, p := range s.Parts {
		items, err := p.Items(ctx, b.ID, nil)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it.Place != "" {
				all = append(all, it)
			}
		}
	}
	return all, nil
}
