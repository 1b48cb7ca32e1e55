package app

import (
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

const demoResetPath = "/demo/reset"

// demoPages are the pages of the demonstration alone. Anybody may put it back as it
// was: nothing in it is anybody's.
func (a *App) demoPages(m *web.Mux) {
	m.Page("GET "+demoResetPath, askReset)
	turn := make(chan struct{}, 1)
	resets := web.NewLimiter(3, 20*time.Second, time.Now)
	m.Page("POST "+demoResetPath, func(w http.ResponseWriter, r *http.Request) error {
		if err := resets.Take("demo"); err != nil {
			return err
		}
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		default:
			return errResetting
		}
		if err := a.resetDemo(r.Context()); err != nil {
			return err
		}
		return web.SeeOther(w, r, "/sign-in", "app.demo.reset.done")
	})
}

// errResetting says that somebody else has just asked for the same.
var errResetting = kernel.NewFault(kernel.Unavailable, "app.demo.resetting").After(2 * time.Second)

// askReset says what goes before anything does.
func askReset(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page := web.Page{Title: i18n.T(ctx, "app.demo.reset.title"), Lede: i18n.T(ctx, "app.demo.reset.lede")}
	return web.Render(w, r, http.StatusOK, web.Layout(page, web.Confirm(web.Confirmation{
		DoesIcon: "remove", DoesTitle: i18n.T(ctx, "app.demo.reset.goes"),
		Does: []string{
			i18n.T(ctx, "app.demo.reset.goes.typed"),
			i18n.T(ctx, "app.demo.reset.goes.people"),
			i18n.T(ctx, "app.demo.reset.goes.sessions"),
		},
		Action: demoResetPath, Do: i18n.T(ctx, "app.demo.reset.do"), Stop: true,
		Instead: web.Link{Path: "/", Text: i18n.T(ctx, "app.demo.reset.not")},
	})))
}
