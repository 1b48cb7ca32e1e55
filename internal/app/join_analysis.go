package app

import (
	"context"
	"encoding/json"
	"slices"

	"digiwork/internal/analysis"
	"digiwork/internal/expedition"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
)

// analysisPart joins package analysis.
var analysisPart = part{
	name:     "analysis",
	tables:   analysis.Migrations,
	messages: analysis.Messages,
	join: func(a *App, _ options) joined {
		a.Analysis = &analysis.Service{DB: a.DB, Expeditions: a.Expedition, Frames: a.Expedition}
		a.Expedition.Parts = append(a.Expedition.Parts, analysisPartOf{a.Analysis})
		return joined{pages: a.Analysis.Pages}
	},
}

// analysisPartOf gives analyses their place inside an expedition.
type analysisPartOf struct{ s *analysis.Service }

// Name implements expedition.Part.
func (analysisPartOf) Name() string { return "analysis" }

// Tab implements expedition.Part.
func (analysisPartOf) Tab(ctx context.Context, id kernel.ExpeditionID) (expedition.Tab, error) {
	return expedition.Tab{Path: analysis.Path(id), Text: i18n.T(ctx, "analysis.title"), Before: expedition.PageTerritories}, nil
}

// Items implements expedition.Part: studies, as what a card leans on.
func (p analysisPartOf) Items(ctx context.Context, id kernel.ExpeditionID, ids []string) ([]expedition.Item, error) {
	all, err := p.s.Studies(ctx, id)
	var items []expedition.Item
	for _, d := range all {
		if ids != nil && !slices.Contains(ids, d.ID) {
			continue
		}
		items = append(items, expedition.Item{ID: d.ID, Kind: i18n.T(ctx, "analysis.method."+d.Method), Title: d.Name, Path: analysis.Path(id, d.ID)})
	}
	return items, err
}

// Export implements expedition.Part.
func (p analysisPartOf) Export(ctx context.Context, id kernel.ExpeditionID) (json.RawMessage, error) {
	return p.s.Export(ctx, id)
}

// Import implements expedition.Part.
func (p analysisPartOf) Import(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, raw json.RawMessage) error {
	return p.s.Import(ctx, tx, id, raw)
}

// Drop implements expedition.Part.
func (p analysisPartOf) Drop(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	return p.s.Drop(ctx, tx, id)
}

// Chapter implements expedition.Part: what the group takes from each analysis.
func (p analysisPartOf) Chapter(ctx context.Context, id kernel.ExpeditionID) (expedition.Chapter, error) {
	all, err := p.s.Studies(ctx, id)
	if err != nil || len(all) == 0 {
		return expedition.Chapter{}, err
	}
	c := expedition.Chapter{Title: i18n.T(ctx, "analysis.title")}
	for _, d := range all {
		s := expedition.Section{Kind: i18n.T(ctx, "analysis.method."+d.Method), Title: d.Name}
		if d.Words != "" {
			s.Text = []expedition.Paragraph{{Text: d.Words}}
		}
		c.Sections = append(c.Sections, s)
	}
	return c, nil
}
