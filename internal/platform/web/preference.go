package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/i18n"
)

// Lang is the language for a request: the one kept in this browser, then the one
// the person chose for her account (own, may be empty), then the first the browser
// asks for that we speak, then French.
func Lang(r *http.Request, own string) string {
	if c, err := r.Cookie("lang"); err == nil && spoken(c.Value) {
		return c.Value
	}
	if spoken(own) {
		return own
	}
	return accepted(r.Header.Get("Accept-Language"))
}

func spoken(lang string) bool { return lang == "fr" || lang == "en" }

// accepted reads Accept-Language (RFC 9110, 12.5.4): the heaviest language that we
// speak, the earlier one among equals.
func accepted(header string) string {
	best, weight := i18n.Langs[0], 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		n := 1.0
		if _, v, ok := strings.Cut(q, "q="); ok {
			parsed, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			if err != nil {
				continue
			}
			n = parsed
		}
		if spoken(lang) && n > weight {
			best, weight = lang, n
		}
	}
	return best
}

// Theme is "light", "dark" or "" for the system's choice: the one kept in this
// browser, then the person's own.
func Theme(r *http.Request, own string) string {
	if c, err := r.Cookie("theme"); err == nil {
		own = c.Value
	}
	if own != "light" && own != "dark" {
		return ""
	}
	return own
}

// Pages registers the pages of the frame itself.
func (s *Site) Pages(m *Mux) {
	m.Page("POST /preferences", s.prefer)
	m.Page("GET /offline", s.offline)
	m.Page("GET /manifest.webmanifest", s.manifest)
	m.Page("GET /sw.js", s.worker)
	m.Handle("GET /favicon.ico", asset.Serve("favicon.svg"))
}

// prefer keeps language and theme in this browser and, where there is an account,
// with it. It works signed out.
func (s *Site) prefer(w http.ResponseWriter, r *http.Request) error {
	form, err := ReadForm(r)
	if err != nil {
		return err
	}
	lang, theme := form.Get("lang"), form.Get("theme")
	if spoken(lang) {
		s.keep(w, "lang", lang, 365*24*time.Hour)
	}
	switch theme {
	case "light", "dark":
		s.keep(w, "theme", theme, 365*24*time.Hour)
	case "system":
		s.keep(w, "theme", "", -1)
	}
	if s.KeepPref != nil {
		if err := s.KeepPref(r.Context(), lang, theme); err != nil {
			return err
		}
	}
	http.Redirect(w, r, Local(form.Get("back")), http.StatusSeeOther) //nolint:gosec // Local lets no other site through
	return nil
}

// keep sets a cookie that scripts cannot read. A negative age deletes it.
func (s *Site) keep(w http.ResponseWriter, name, value string, age time.Duration) {
	seconds := int(age / time.Second)
	if age < 0 {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure follows the site's address: over http such a cookie would be lost
		Name: name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: s.Secure(), SameSite: http.SameSiteLaxMode,
	})
}

const flashCookie = "notice"

// SeeOther sends the browser to another page of the site after a change, where key,
// if given, is said once. Only the key travels, never words.
func SeeOther(w http.ResponseWriter, r *http.Request, path string, key ...string) error {
	if len(key) > 0 {
		frameOf(r.Context()).site.keep(w, flashCookie, key[0], time.Minute)
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

func flashOf(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	c, err := r.Cookie(flashCookie)
	if err != nil || len(c.Value) > 80 {
		return ""
	}
	return c.Value
}
