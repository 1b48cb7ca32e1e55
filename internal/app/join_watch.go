package app

import (
	"context"
	"encoding/json"
	"time"

	"digiwork/internal/account"
	"digiwork/internal/expedition"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/outbound"
	"digiwork/internal/watch"
)

// watchPart joins package watch.
var watchPart = part{
	name:     "watch",
	tables:   watch.Migrations,
	messages: watch.Messages,
	join: func(a *App, o options) joined {
		expeditions := watchExpeditions{a.Expedition}
		a.Watch = &watch.Service{
			DB: a.DB, Expeditions: expeditions, Frames: a.Expedition, Jobs: a.Jobs, Post: a.Post, Mailbox: a.Account, Base: o.base,
			Sites: watch.HTTP{Client: outbound.Client(30 * time.Second), Agent: "DigiWork/" + Version() + " (+" + o.base + "/about)", Now: a.DB.Now},
		}
		a.Watch.Register()
		a.Expedition.Parts = append(a.Expedition.Parts, watchPartOf{a.Watch})
		return joined{pages: a.Watch.Pages, leaver: account.LeaveFunc(a.Watch.Leave)}
	},
}

// watchExpeditions is what the watch asks of expeditions.
type watchExpeditions struct{ *expedition.Service }

// Axes implements watch.Expeditions: each axis, then its themes.
func (e watchExpeditions) Axes(ctx context.Context, id kernel.ExpeditionID) ([]watch.Axis, error) {
	b, err := e.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	var axes []watch.Axis
	placed := map[string]bool{}
	themes := b.Of("theme")
	for _, axis := range b.Of("axis") {
		axes = append(axes, watch.Axis{ID: axis.ID, Title: axis.Title})
		for _, theme := range themes {
			for _, to := range theme.Ties["axis"] {
				if to == axis.ID && !placed[theme.ID] {
					placed[theme.ID] = true
					axes = append(axes, watch.Axis{ID: theme.ID, Title: axis.Title + ", " + theme.Title})
				}
			}
		}
	}
	return axes, nil
}

// watchPartOf gives the watch its place inside an expedition.
type watchPartOf struct{ s *watch.Service }

// Name implements expedition.Part.
func (watchPartOf) Name() string { return "watch" }

// Tab implements expedition.Part.
func (watchPartOf) Tab(ctx context.Context, id kernel.ExpeditionID) (expedition.Tab, error) {
	return expedition.Tab{Path: watch.Path(id), Text: i18n.T(ctx, "watch.title"), Before: expedition.PageMap}, nil
}

// Items implements expedition.Part.
func (p watchPartOf) Items(ctx context.Context, id kernel.ExpeditionID, ids []string) ([]expedition.Item, error) {
	signals, err := p.s.Leads(ctx, id, ids)
	items := make([]expedition.Item, len(signals))
	for i, g := range signals {
		items[i] = watchItem(ctx, id, g)
	}
	return items, err
}

func watchItem(ctx context.Context, id kernel.ExpeditionID, g watch.Signal) expedition.Item {
	it := expedition.Item{ID: g.ID, Kind: watch.KindOf(ctx, g), Title: g.Title, Path: watch.SignalPath(id, g.ID), URL: g.Address, Note: g.Host(), Place: g.Axis}
	if g.Author != "" {
		it.Note = g.Author + ", " + it.Note
	}
	if g.Published != "" {
		it.Note += ", " + i18n.Date(ctx, g.Published)
	}
	return it
}

// Export implements expedition.Part.
func (p watchPartOf) Export(ctx context.Context, id kernel.ExpeditionID) (json.RawMessage, error) {
	return p.s.Export(ctx, id)
}

// Import implements expedition.Part.
func (p watchPartOf) Import(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, raw json.RawMessage) error {
	return p.s.Import(ctx, tx, id, raw)
}

// Drop implements expedition.Part.
func (p watchPartOf) Drop(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	return p.s.Drop(ctx, tx, id)
}

// Chapter implements expedition.Part: what was kept, by axis, with its addresses.
func (p watchPartOf) Chapter(ctx context.Context, id kernel.ExpeditionID) (expedition.Chapter, error) {
	rubrics, err := p.s.KeptByAxis(ctx, id)
	if err != nil || len(rubrics) == 0 {
		return expedition.Chapter{}, err
	}
	c := expedition.Chapter{Title: i18n.T(ctx, "watch.chapter")}
	for _, r := range rubrics {
		s := expedition.Section{Title: r.Title}
		if s.Title == "" {
			s.Title = i18n.T(ctx, "watch.axis.none")
		}
		for _, g := range r.Signals {
			it := watchItem(ctx, id, g)
			s.Lean = append(s.Lean, expedition.Reference{Label: it.Kind, Title: it.Title + " (" + it.Note + ")", URL: it.URL})
		}
		c.Sections = append(c.Sections, s)
	}
	return c, nil
}
