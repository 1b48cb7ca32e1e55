package instance

import (
	"context"
	"io"
	"net/http"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/timeline"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// homeView is what the home page says.
type homeView struct {
	Mode    string // who may make an account
	Visitor bool
	Paths   Paths
	Rooms   []Room
	Chart   web.Chart
}

func (s *Service) showHome(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	mode, err := s.Doors.Registration(ctx)
	if err != nil {
		return err
	}
	v := homeView{
		Mode: mode, Visitor: kernel.ActorFrom(ctx).IsVisitor(), Paths: s.Paths, Rooms: s.Rooms,
		Chart: example(ctx, timeline.DayOf(s.DB.Now().In(i18n.Zone(ctx)))),
	}
	page := web.Page{
		Head: i18n.T(ctx, "instance.home.head"), About: i18n.T(ctx, "instance.home.about"),
		Room: "musette", Wide: true, Index: true,
	}
	return web.Render(w, r, http.StatusOK, web.Layout(page, homePage(v)))
}

// stretch is one activity of the life that the home page draws.
type stretch struct {
	key        string
	start, end kernel.Date // "" goes on
	paid       bool
}

// life is made up: somebody with eight activities, paid and unpaid.
var life = []stretch{
	{"instance.home.life.bakery", "2003-09", "2009-06", true},
	{"instance.home.life.care", "2007-03", "2011-01", false},
	{"instance.home.life.warehouse", "2010-03", "2019-05", true},
	{"instance.home.life.bike", "2018-05", "2022-02", true},
	{"instance.home.life.garden", "2021-09", "", false},
	{"instance.home.life.desk", "2022-04", "", true},
	{"instance.home.life.course", "2023-02", "2023-06", false},
	{"instance.home.life.repair", "2024-02", "", false},
}

func paidWord(ctx context.Context, paid bool) string {
	if paid {
		return i18n.T(ctx, "instance.home.figure.paid")
	}
	return i18n.T(ctx, "instance.home.figure.unpaid")
}

// example draws that life, with its table.
func example(ctx context.Context, today timeline.Day) web.Chart {
	bars := make([]timeline.Bar, len(life))
	for i, a := range life {
		b := timeline.Bar{
			Label: i18n.T(ctx, a.key), Note: i18n.Period(ctx, a.start, a.end) + ", " + paidWord(ctx, a.paid),
			Start: timeline.DayOf(a.start.First()), End: today, GoesOn: a.end == "", Texture: timeline.Hatched,
		}
		if a.end != "" {
			b.End = timeline.DayOf(a.end.Last())
		}
		if a.paid {
			b.Texture = timeline.Plain
		}
		bars[i] = b
	}
	title := i18n.T(ctx, "instance.home.figure.title")
	c := timeline.New(bars, timeline.Around(bars, today), timeline.Words{Title: title})
	return web.Chart{
		ID: "life", Class: "sheet", Caption: i18n.T(ctx, "instance.home.figure"),
		Narrow: drawn(c.Append(nil, timeline.Narrow)), Mid: drawn(c.Append(nil, timeline.Mid)),
		TableName: title, Table: lifeTable(),
	}
}

// drawn is a picture made by lib/timeline, which escapes every word in it.
func drawn(svg []byte) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := w.Write(svg)
		return err
	})
}
