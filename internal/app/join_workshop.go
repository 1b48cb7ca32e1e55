package app

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"digiwork/internal/expedition"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
	"digiwork/internal/workshop"
)

// workshopPart joins package workshop.
var workshopPart = part{
	name:     "workshop",
	tables:   workshop.Migrations,
	messages: workshop.Messages,
	join: func(a *App, o options) joined {
		a.Workshop = &workshop.Service{
			DB: a.DB, Keys: a.Keys, Expeditions: workshopExpeditions{a.Expedition}, Frames: a.Expedition, Live: a.Live, Base: o.base,
			Secure: strings.HasPrefix(o.base, "https://"), Knocks: web.NewLimiter(120, time.Second, time.Now), // a room of a hundred phones behind one address
		}
		a.Expedition.Parts = append(a.Expedition.Parts, workshopPartOf{a.Workshop})
		return joined{pages: a.Workshop.Pages}
	},
}

// workshopExpeditions is what tables ask of expeditions.
type workshopExpeditions struct{ *expedition.Service }

// Cards implements workshop.Expeditions.
func (e workshopExpeditions) Cards(ctx context.Context, id kernel.ExpeditionID, kind string) ([]workshop.Card, error) {
	cards, err := e.Service.Cards(ctx, id, kind)
	out := make([]workshop.Card, len(cards))
	for i, c := range cards {
		out[i] = workshop.Card{ID: c.ID, Title: c.Title}
	}
	return out, err
}

// KeepTension implements workshop.Expeditions.
func (e workshopExpeditions) KeepTension(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, table, scenario, words string) (string, error) {
	seen := []string{"workshop:" + table}
	if scenario != "" {
		seen = append(seen, scenario)
	}
	return e.AddIn(ctx, tx, id, "tension", expedition.Entry{Title: words, Ties: map[string][]string{"seen": seen}})
}

// workshopPartOf gives tables their place inside an expedition.
type workshopPartOf struct{ s *workshop.Service }

// Name implements expedition.Part.
func (workshopPartOf) Name() string { return "workshop" }

// Tab implements expedition.Part.
func (workshopPartOf) Tab(ctx context.Context, id kernel.ExpeditionID) (expedition.Tab, error) {
	return expedition.Tab{Path: workshop.Path(id), Text: i18n.T(ctx, "workshop.title"), Before: expedition.PageTerritories}, nil
}

// Items implements expedition.Part: the tables.
func (p workshopPartOf) Items(ctx context.Context, id kernel.ExpeditionID, ids []string) ([]expedition.Item, error) {
	tables, err := p.s.Named(ctx, id, ids)
	items := make([]expedition.Item, len(tables))
	for i, t := range tables {
		items[i] = expedition.Item{ID: t.ID, Kind: i18n.T(ctx, "workshop.table"), Title: t.Name, Path: workshop.Path(id, t.ID)}
	}
	return items, err
}

// Export implements expedition.Part.
func (p workshopPartOf) Export(ctx context.Context, id kernel.ExpeditionID) (json.RawMessage, error) {
	return p.s.Export(ctx, id)
}

// Import implements expedition.Part.
func (p workshopPartOf) Import(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, raw json.RawMessage) error {
	return p.s.Import(ctx, tx, id, raw)
}

// Drop implements expedition.Part.
func (p workshopPartOf) Drop(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	return p.s.Drop(ctx, tx, id)
}

// Chapter implements expedition.Part: what each table showed and kept.
func (p workshopPartOf) Chapter(ctx context.Context, id kernel.ExpeditionID) (expedition.Chapter, error) {
	boards, err := p.s.Shown(ctx, id)
	if err != nil || len(boards) == 0 {
		return expedition.Chapter{}, err
	}
	c := expedition.Chapter{Title: i18n.T(ctx, "workshop.title")}
	for _, b := range boards {
		s := expedition.Section{Kind: i18n.T(ctx, "workshop.table"), Title: b.Name}
		for i, role := range b.Roles {
			for _, words := range b.Play.Words[i] {
				s.Text = append(s.Text, expedition.Paragraph{Label: i18n.T(ctx, "workshop.as", "role", role.Title), Text: words})
			}
		}
		for _, d := range b.Ideas {
			s.Lines = append(s.Lines, d.Words+", "+i18n.N(ctx, "workshop.dots", d.Dots))
		}
		if b.Minutes != "" {
			s.Text = append(s.Text, expedition.Paragraph{Label: i18n.T(ctx, "workshop.minutes.title"), Text: b.Minutes})
		}
		c.Sections = append(c.Sections, s)
	}
	return c, nil
}
