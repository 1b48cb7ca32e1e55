package peer

import (
	"context"
	"net/http"
	"net/url"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
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
	m.Page("POST /reveler/peers", s.sendRequest)
	m.Page("GET /reveler/peers/requests/{id}", s.showRequest)
	m.Page("POST /reveler/peers/requests/{id}/withdraw", s.withdrawRequest)
	m.Page("GET /reveler/peers/words/{id}", s.showWord)
	m.Page("GET /reveler/peers/words/{id}/credential", s.takeCredential)
	m.Page("GET /reveler/peers/words/{id}/delete", s.askDiscard)
	m.Page("POST /reveler/peers/words/{id}/delete", s.discardWord)
	m.Page("GET /reveler/peers/written", s.showWritten)
	m.Page("GET /reveler/peers/written/{id}/revoke", s.askRevoke)
	m.Page("POST /reveler/peers/written/{id}/revoke", s.revokeWord)
	m.Page("GET /reveler/peers/asked/{grant}", s.showGiven)
	m.Page("POST /reveler/peers/asked/{grant}", s.answerGiven)
	m.Page("POST /reveler/peers/asked/{grant}/later", s.laterGiven)
	m.Page("POST /reveler/peers/asked/{grant}/decline", s.declineGiven)
	m.Page("GET /p/done", s.showDone)
	m.Page("GET /p/{token}", s.showLinked)
	m.Page("POST /p/{token}", s.answerLinked)
	m.Page("POST /p/{token}/guest", s.becomeGuest)
	m.Page("POST /p/{token}/later", s.laterLinked)
	m.Page("POST /p/{token}/decline", s.declineLinked)
	m.Page("GET /g/{token}", s.showGuest)
	m.Page("GET /g/{token}/answer", s.showGuestAnswer)
	m.Page("POST /g/{token}/answer", s.answerGuest)
	m.Page("POST /g/{token}/later", s.laterGuest)
	m.Page("POST /g/{token}/decline", s.declineGuest)
	m.Page("POST /g/{token}/mail", s.sendGuestCode)
	m.Page("POST /g/{token}/code", s.proveGuestMail)
	m.Page("GET /g/{token}/words/{id}/revoke", s.askGuestRevoke)
	m.Page("POST /g/{token}/words/{id}/revoke", s.revokeGuestWord)
	m.Page("GET /g/{token}/erase", s.askErase)
	m.Page("POST /g/{token}/erase", s.eraseGuest)
}

func itemOf(r *http.Request) kernel.ItemID { return kernel.ItemID(r.PathValue("id")) }

func at(base string, id kernel.ItemID, more string) string {
	return home + "/" + base + "/" + url.PathEscape(string(id)) + more
}

// frame is a page of somebody who is signed in.
func frame(ctx context.Context, title, lede string) web.Page {
	return web.Page{
		Title: title, Lede: lede, Room: "reveler", Up: web.Link{Path: "/reveler", Text: i18n.T(ctx, "web.room.reveler")},
		Subnav: []web.Link{
			{Path: home, Text: i18n.T(ctx, "peer.nav.words")},
			{Path: newPath, Text: i18n.T(ctx, "peer.nav.ask")},
			{Path: writtenPath, Text: i18n.T(ctx, "peer.nav.written")},
		},
	}
}

// inside is a page that one comes to from another of these.
func inside(ctx context.Context, title, lede, up, key string) web.Page {
	p := frame(ctx, title, lede)
	p.Up = web.Link{Path: up, Text: i18n.T(ctx, key)}
	return p
}

// alone hides from caches and search engines a page whose address is a secret, and
// keeps the address from every other site.
func alone(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex")
}

// mark is the provenance of a word: peers when this program knows who wrote it.
func (s Said) mark() web.Provenance {
	if s.Identity == Unchecked {
		return web.Told
	}
	return web.Peers
}
