package musette

import (
	"context"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"

	"github.com/fxamacker/cbor/v2"
)

// existing is what the musette holds already, indexed to find what is the same.
type existing struct {
	byKey   map[string]kernel.ItemID // from the ledgers; the item may be gone
	items   map[kernel.ItemID]*gate.Item
	byTitle map[string][]*known // folded title
	byPlace map[string][]*known // folded organisation and start
	profile gate.Profile

	contracts []*known // activities with figures of a platform
}

// known is an item that may be the same as an entry.
type known struct {
	entry intake.Entry
	item  *gate.Item
}

func (s *Service) known(ctx context.Context, pass gate.Pass) (*existing, error) {
	e := &existing{byKey: map[string]kernel.ItemID{}, items: map[kernel.ItemID]*gate.Item{}, byTitle: map[string][]*known{}, byPlace: map[string][]*known{}}
	items, err := s.Gate.List(ctx, pass, room)
	if err != nil {
		return nil, err
	}
	for i := range items {
		e.add(&items[i])
	}
	ledgers, err := s.Gate.List(ctx, pass, importRoom)
	if err != nil {
		return nil, err
	}
	for i := range ledgers {
		var l ledger
		if err := cbor.Unmarshal(ledgers[i].Body, &l); err != nil {
			return nil, unreadable(ledgers[i].ID, err)
		}
		for key, id := range l.Keys {
			e.byKey[key] = id
		}
	}
	e.profile, err = s.Gate.Profile(ctx)
	return e, err
}

func (e *existing) add(it *gate.Item) {
	e.items[it.ID] = it
	kind, ok := entryKind(it.View.Kind)
	if !ok {
		return
	}
	v := it.View
	k := &known{item: it, entry: intake.Entry{Kind: kind, Title: v.Title, Start: v.Start, End: v.End, Organisation: v.Organisation, Place: v.Place}}
	switch kind {
	case intake.KindActivity:
		k.entry.Type = v.Kind
		if factOf(&it.View, "article") != "" {
			e.contracts = append(e.contracts, k)
		}
	case intake.KindContact:
		k.entry.Card = &intake.Card{Name: v.Title}
		for _, f := range v.Facts {
			if f.Name == "mail" {
				k.entry.Card.Emails = []string{f.Text}
			}
		}
	case intake.KindDocument, intake.KindSkill, intake.KindLanguage:
		for _, f := range v.Facts {
			if f.Name == "type" {
				k.entry.Type = f.Text
			}
		}
	case intake.KindTool, intake.KindPiece, intake.KindProfile:
	}
	title := intake.Fold(v.Title)
	e.byTitle[title] = append(e.byTitle[title], k)
	if v.Organisation != "" {
		place := intake.Fold(v.Organisation) + "\x00" + v.Start
		e.byPlace[place] = append(e.byPlace[place], k)
	}
}

// candidatesMost bounds how many items an entry is compared with.
const candidatesMost = 50

// alike finds what the musette holds that is probably the same as e.
func (x *existing) alike(e *intake.Entry) *known {
	if e.Kind == intake.KindPiece || e.Kind == intake.KindProfile {
		return nil
	}
	for _, all := range [][]*known{x.byTitle[intake.Fold(e.Title)], x.byPlace[intake.Fold(e.Organisation)+"\x00"+e.Start]} {
		for _, k := range all[:min(len(all), candidatesMost)] {
			if intake.Alike(&k.entry, e) {
				return k
			}
		}
	}
	return nil
}

// entryKind is what an item of the vault would be in a file.
func entryKind(kind string) (intake.Kind, bool) {
	switch {
	case IsActivity(kind):
		return intake.KindActivity, true
	case kind == contact.Name:
		return intake.KindContact, true
	case kind == tool.Name:
		return intake.KindTool, true
	case kind == document.Name:
		return intake.KindDocument, true
	case kind == skill.Name:
		return intake.KindSkill, true
	}
	return "", false
}
