package app

import (
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"
)

// demoPages are the pages of the demonstration alone. Anybody may put it back as it
// was: nothing in it is anybody's.
func (a *App) demoPages(m *web.Mux) {
	turn := make(chan struct{}, 1)
	resets := web.NewLimiter(3, 20*time.Second, time.Now)
	m.Page("POST /demo/reset", func(w http.ResponseWriter, r *http.Request) error {
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
		return web.SeeOther(w, r, "/sign-in")
	})
}

// errResetting says that somebody else has just asked for the same.
var errResetting = kernel.NewFault(kernel.Unavailable, "app.not_ready").After(2 * time.Second)
