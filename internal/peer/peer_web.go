package peer

import (
	"context"
	"net/http"
	"net/url"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// Addresses of the pages.
const (
	home        = "/reveler/peers"
	newPath     = home + "/new"
	writtenPath = home + "/written"
)

// Pages registers the HTML routes.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /reveler/peers", s.showWords)
	m.Page("GET /reveler/peers/new", s.newRequest)
	m.Page("POST /reveler/peers/new", s.sendRequest)
	m.Page("GET /reveler/peers/requests/{id}", s.showRequest)
	m.Page("POST /reveler/peers/requests/{id}/withdraw", s.withdrawRequest)
	m.Page("GET /reveler/peers/words/{id}", s.showWord)
	m.Page("GET /reveler/peers/words/{id}/credential", s.takeCredential)
	m.Page("GET /reveler/peers/words/{id}/delete", s.askDiscard)
	m.Page("POST /reveler/peers/words/{id}/delete", s.discardWord)
	m.Page("GET /reveler/peers/written", s.showWritten)
	m.Page("GET /reveler/peers/written/revoke", s.askRevokeAll)
	m.Page("POST /reveler/peers/written/revoke", s.revokeAll)
	m.Page("GET /reveler/peers/written/{id}/revoke", s.askRevoke)
	m.Page("POST /reveler/peers/written/{id}/revoke", s.revokeWord)
	m.Page("GET /reveler/peers/asked/{grant}", s.showGiven)
	m.Page("POST /reveler/peers/asked/{grant}", s.answerGiven)
	m.Page("POST /reveler/peers/asked/{grant}/later", s.laterGiven)
	m.Page("POST /reveler/peers/asked/{grant}/decline", s.declineGiven)
	m.Page("GET /p/done", s.showDone)
	m.Page("GET /p/{token}", kept(s.showLinked))
	m.Page("POST /p/{token}", kept(s.answerLinked))
	m.Page("POST /p/{token}/guest", kept(s.becomeGuest))
	m.Page("POST /p/{token}/later", kept(s.laterLinked))
	m.Page("POST /p/{token}/decline", kept(s.declineLinked))
	m.Page("GET /g/{token}", kept(s.showGuest))
	m.Page("GET /g/{token}/answer", kept(s.showGuestAnswer))
	m.Page("POST /g/{token}/answer", kept(s.answerGuest))
	m.Page("POST /g/{token}/later", kept(s.laterGuest))
	m.Page("POST /g/{token}/decline", kept(s.declineGuest))
	m.Page("POST /g/{token}/mail", kept(s.sendGuestCode))
	m.Page("POST /g/{token}/code", kept(s.proveGuestMail))
	m.Page("GET /g/{token}/words/{id}/revoke", kept(s.askGuestRevoke))
	m.Page("POST /g/{token}/words/{id}/revoke", kept(s.revokeGuestWord))
	m.Page("GET /g/{token}/erase", kept(s.askErase))
	m.Page("POST /g/{token}/erase", kept(s.eraseGuest))
}

func itemOf(r *http.Request) kernel.ItemID { return kernel.ItemID(r.PathValue("id")) }

func at(base string, id kernel.ItemID, more string) string {
	return home + "/" + base + "/" + url.PathEscape(string(id)) + more
}

// frame is a page beside the others of the room.
func (s *Service) frame(ctx context.Context, title, lede string) web.Page {
	p := web.Page{Title: title, Lede: lede, Room: "reveler"}
	for _, d := range s.Neighbours {
		p.Subnav = append(p.Subnav, web.Link{Path: d.Path, Text: i18n.T(ctx, d.Key)})
	}
	return p
}

// inside is a page that one comes to from another of these.
func (s *Service) inside(ctx context.Context, title, lede, up, key string) web.Page {
	p := s.frame(ctx, title, lede)
	p.Up = web.Link{Path: up, Text: i18n.T(ctx, key)}
	return p
}

// kept keeps a page whose address is a secret out of caches and search engines.
func kept(page web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Robots-Tag", "noindex")
		return page(w, r)
	}
}

// loneHead is the head of a page that stands by itself.
type loneHead struct{ Title, Lede, Up string }

// renderAlone shows a page whose address is a secret: no room, no name, no way to
// anything else.
func renderAlone(w http.ResponseWriter, r *http.Request, refused web.Refusals, h loneHead, body templ.Component) error {
	page := web.Page{Head: h.Title, Bare: true, Refused: len(refused) > 0}
	return web.Render(w, r, refused.Status(), web.Layout(page, lone(h, body)))
}

// mark is the provenance of a word: peers when this program knows who wrote it.
func (s Said) mark() web.Provenance {
	if s.Identity == Unchecked {
		return web.Told
	}
	return web.Peers
}
