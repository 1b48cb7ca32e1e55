package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"digiwork/internal/gate"
	"digiwork/internal/instance"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// Site is the whole site: pages and API behind the same guards.
type Site struct {
	Handler http.Handler
	Routes  []string // every page and operation, for the tests that visit them all
	API     huma.API
}

// Site builds the handler from settings.
func (a *App) Site(o options, proxies ServeConfig) (*Site, error) {
	networks, err := proxies.proxies()
	if err != nil {
		return nil, err
	}
	a.frame = &web.Site{
		Name: o.about.Name, Keeper: o.about.Keeper, Base: o.base, Demo: o.demo, Catalog: a.Messages, Log: a.Log, Proxies: networks,
		Rooms: a.rooms(),
		Links: instance.Links(),
		Start: "/musette", SignIn: "/sign-in", SignOut: "/sign-out", Account: "/account", KeepPref: a.Account.KeepPreference, Alert: a.Account.AlertBanner,
		Observe: a.observe(),
	}
	mux := web.NewMux(a.frame)
	api := web.NewAPI(mux, Version())
	mux.Handle("GET /assets/", asset.Handler())
	for _, p := range []interface{ Pages(*web.Mux) }{a.frame, a.Gate, a.Account, a.Circle, a.Musette, a.Instance, a} {
		p.Pages(mux)
	}
	for _, p := range []interface{ API(huma.API) }{a.Gate, a.Account, a.Circle, a.Musette} {
		p.API(api)
	}
	for _, p := range a.parts {
		if p.pages != nil {
			p.pages(mux)
		}
		if p.api != nil {
			p.api(api)
		}
	}
	a.Musette.FilePages(mux)
	if a.demo {
		a.demoPages(mux)
	}
	a.Musette.FileAPI(api)
	handler, err := a.frame.Wrap(a.onceOnly(mux), a.actor)
	if err != nil {
		return nil, err
	}
	return &Site{Handler: handler, Routes: append(mux.Routes(), web.APIRoutes(api)...), API: api}, nil
}

// rooms are those of the house that are open, in the order of the navigation.
func (a *App) rooms() []web.Room {
	all := []web.Room{
		{Code: "musette", Group: "self", Path: "/musette", Icon: "musette", NameKey: "web.room.musette"},
		{Code: "portillon", Group: "self", Path: "/portillon", Icon: "gate", NameKey: "web.room.portillon"},
	}
	for _, p := range parts {
		if !slices.Contains(a.closed, p.name) {
			all = append(all, p.rooms...)
		}
	}
	return append(all, web.Room{Code: "cercles", Group: "together", Path: "/circles", Icon: "people", NameKey: "web.room.cercles"})
}

// Pages are the program's own: whether it lives, and whether it can serve.
func (a *App) Pages(m *web.Mux) {
	m.Page("GET /healthz", func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, "ok\n")
		return err
	})
	m.Page("GET /readyz", func(w http.ResponseWriter, r *http.Request) error {
		if err := a.ready(r.Context()); err != nil {
			return err
		}
		_, err := io.WriteString(w, "ready\n")
		return err
	})
}

// ready proves that both databases answer.
func (a *App) ready(ctx context.Context) error {
	if _, err := a.Account.Count(ctx); err != nil {
		return errNotReady.Because(err)
	}
	if _, err := a.Keys.Tombstones(ctx); err != nil {
		return errNotReady.Because(err)
	}
	return nil
}

var errNotReady = kernel.NewFault(kernel.Unavailable, "app.not_ready")

// actor lets the gate recognise who asks. A bearer token serves the API alone: a
// page acts for who signed in with a browser.
func (a *App) actor(next http.Handler) http.Handler {
	name := a.Account.CookieName()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c gate.Credential
		if guest, ok := guestToken(r); ok {
			c.Guest = guest
		} else if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			c.Bearer = strings.TrimSpace(bearer)
		} else if k, err := r.Cookie(name); err == nil {
			c.Cookie = k.Value
		}
		ctx, err := a.Gate.Enter(r.Context(), c)
		if err != nil {
			a.frame.Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// onceOnly prepares requests that carry an idempotency key: in the header of an
// API call, or in the hidden field of a form. The use case does the rest in its
// own transaction. While a request is under way, the same again is told to wait.
func (a *App) onceOnly(next http.Handler) http.Handler {
	var running sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		key, body, err := onceKey(r)
		if err != nil {
			a.frame.Fail(w, r, err)
			return
		}
		r.Body = body
		if key == "" {
			next.ServeHTTP(w, r)
			return
		}
		req, err := once.New(key, r.Method+" "+r.URL.Path)
		if err != nil {
			a.frame.Fail(w, r, err)
			return
		}
		mine := string(kernel.ActorFrom(r.Context()).Person) + "\x00" + key
		if _, busy := running.LoadOrStore(mine, true); busy {
			a.frame.Fail(w, r, once.ErrRunning)
			return
		}
		defer running.Delete(mine)
		if !multipart(r) {
			r.Body = req.Body(body)
		}
		next.ServeHTTP(w, r.WithContext(once.With(r.Context(), req)))
	})
}

// multipart reports whether the body has parts. Its borders differ each time it is
// sent: the use case adds the digests of its files to the request instead.
func multipart(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
}

// formPeek is how much of a form is read to find its key: a browser sends fields
// in order, and the key stands first or the whole form is short.
const formPeek = 2 << 20

// onceKey finds the idempotency key of a request, and gives a body that reads as
// if nothing had been looked at.
func onceKey(r *http.Request) (string, io.ReadCloser, error) {
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		return key, r.Body, nil
	}
	kind := r.Header.Get("Content-Type")
	form := strings.HasPrefix(kind, "application/x-www-form-urlencoded")
	if !form && !strings.HasPrefix(kind, "multipart/form-data") {
		return "", r.Body, nil
	}
	most := int64(formPeek)
	if !form {
		most = 4096
	}
	head, err := io.ReadAll(io.LimitReader(r.Body, most))
	if err != nil {
		return "", nil, kernel.NewFault(kernel.Malformed, "app.broken").Because(err)
	}
	body := struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
	if !form {
		return partKey(head), body, nil
	}
	values, err := url.ParseQuery(string(head))
	if err != nil {
		return "", body, nil //nolint:nilerr // ReadForm refuses it with a sentence
	}
	return values.Get("idempotency_key"), body, nil
}

// partKey reads the value of the part named idempotency_key at the head of a
// multipart body.
func partKey(head []byte) string {
	_, rest, ok := bytes.Cut(head, []byte(`name="idempotency_key"`))
	if !ok {
		return ""
	}
	_, rest, ok = bytes.Cut(rest, []byte("\r\n\r\n"))
	if !ok {
		return ""
	}
	key, _, ok := bytes.Cut(rest, []byte("\r\n"))
	if !ok || errors.Is(onceCheck(string(key)), once.ErrKey) {
		return ""
	}
	return string(key)
}

func onceCheck(key string) error {
	_, err := once.New(key, "")
	return err
}
