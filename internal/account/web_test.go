package account

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digiwork/internal/lib/typography"
	"digiwork/internal/testkit"
)

var hiddenKey = regexp.MustCompile(`name="idempotency_key" value="([^"]+)"`)

// once is the hidden key of the first form of a page.
func (p page) once(t testing.TB) string {
	t.Helper()
	m := hiddenKey.FindStringSubmatch(p.Body)
	if m == nil {
		t.Fatalf("no form that counts once: %s", words(p.Body))
	}
	return m[1]
}

// says checks that a page says key in the language.
func (h *home) says(t testing.TB, p page, lang, key string, pairs ...string) {
	t.Helper()
	text := h.catalog.Text(lang, key)
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	if text == "" || !strings.Contains(html.UnescapeString(p.Body), text) {
		t.Errorf("the page does not say %s %q: %s", key, text, words(p.Body))
	}
}

func TestAJourneyFromTheSetUpLinkToTheReceipt(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		path, err := h.SetupLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v := h.visitor(t)
		p := v.get(path).is(t, 200)
		h.says(t, p, "fr", "account.setup.title")
		form := []string{"idempotency_key", p.once(t), "name", "Ada Lovelace", "handle", "ada", "password", goodPassword, "zone", "Indian/Reunion"}
		v.post(path, form...).leads(t, "/welcome")
		twice := h.visitor(t)
		twice.post(path, form...).leads(t, "/welcome") // pressed twice: the same account
		if c, err := h.Count(t.Context()); c != (Counts{1, 1}) || err != nil {
			t.Fatalf("%+v, %v", c, err)
		}
		p = v.get("/account").is(t, 200)
		h.says(t, p, "fr", "account.signed_up") // said once, on the next page
		if !strings.Contains(p.Body, `value="Indian/Reunion" selected`) || !strings.Contains(p.Body, `value="Ada Lovelace"`) {
			t.Errorf("settings: %s", words(p.Body))
		}
		p = v.get("/account/leave").is(t, 200)
		h.says(t, p, "fr", "account.leave.key")
		p = v.post("/account/leave", "idempotency_key", p.once(t)).is(t, 200)
		h.says(t, p, "fr", "account.receipt.title")
		if len(v.cookies) != 0 || !strings.Contains(p.Header.Get("Clear-Site-Data"), "storage") {
			t.Errorf("left in the browser: %v, %q", v.cookies, p.Header.Get("Clear-Site-Data"))
		}
		file := regexp.MustCompile(`href="data:text/plain;charset=utf-8;base64,([^"]+)" download="digiwork-recu-effacement.txt"`).FindStringSubmatch(p.Body)
		if file == nil {
			t.Fatal("the receipt cannot be taken along")
		}
		raw, err := base64.StdEncoding.DecodeString(html.UnescapeString(file[1]))
		if err != nil || !strings.Contains(string(raw), "2 navigateurs") && !strings.Contains(typography.Plain(string(raw)), "2 navigateurs") {
			t.Errorf("the file says %q, %v", raw, err)
		}
		v.get("/account").leads(t, "/sign-in?next=%2Faccount")
	})
}

func TestTheCookieIsHeldTight(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		h := build(t, where)
		h.add(t, "ada", false)
		for base, want := range map[string]string{"http://localhost:8080": "digiwork", "https://maison.example": "__Host-digiwork"} {
			h.Base = base
			p := h.visitor(t).post("/sign-in", "name", "ada", "password", goodPassword)
			var c *http.Cookie
			for _, got := range (&http.Response{Header: p.Header}).Cookies() {
				if got.Name == h.CookieName() {
					c = got
				}
			}
			if c == nil || c.Name != want || !c.HttpOnly || c.Secure != strings.HasPrefix(base, "https") || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge <= 0 {
				t.Errorf("%s: %+v", base, c)
			}
		}
	})
}

func TestARefusedSignInComesBackWithTheNameAndNeverThePassword(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		v := h.visitor(t)
		const wrong = "secret-tapé-par-erreur"
		p := v.post("/sign-in", "name", "ada<b>", "password", wrong, "next", "/account/tokens").is(t, http.StatusUnauthorized)
		h.says(t, p, "fr", "account.sign_in.refused")
		if !strings.Contains(p.Body, `value="ada&lt;b&gt;"`) || !strings.Contains(p.Body, `value="/account/tokens"`) || strings.Contains(p.Body, wrong) {
			t.Errorf("what came back: %s", p.Body)
		}
		if !strings.Contains(p.Body, `aria-invalid="true"`) || !strings.Contains(p.Body, "<title>À revoir") {
			t.Error("the refusal is not tied to its field")
		}
		other := v.post("/sign-in", "name", "personne", "password", wrong).is(t, http.StatusUnauthorized)
		scrub := regexp.MustCompile(`value="[^"]*"`)
		if scrub.ReplaceAllString(other.Body, "") != scrub.ReplaceAllString(p.Body, "") {
			t.Error("the page for nobody differs from the page for a wrong password")
		}
		v.post("/sign-in", "name", "ada", "password", goodPassword, "next", "/account/tokens").leads(t, "/account/tokens")
		v.get("/sign-in?next=/account/security").leads(t, "/account/security")
		for _, away := range []string{"https://mal.example", "//mal.example", `/\mal.example`, "javascript:alert(1)"} {
			if p := h.visitor(t).post("/sign-in", "name", "ada", "password", goodPassword, "next", away); p.Path != "/" {
				t.Errorf("sent to %q for %q", p.Path, away)
			}
		}
		for range perAccount.burst {
			v.post("/sign-in", "name", "bob", "password", wrong)
		}
		p = v.post("/sign-in", "name", "bob", "password", wrong).is(t, http.StatusTooManyRequests)
		if p.Header.Get("Retry-After") != "60" || !strings.Contains(p.Body, `value="bob"`) {
			t.Errorf("too many: %q, %s", p.Header.Get("Retry-After"), words(p.Body))
		}
	})
}

func TestARefusedAccountComesBackAsTyped(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		h.setMode(t, h.in(t, "ada"), Open)
		v := h.visitor(t)
		first := v.get("/sign-up?next=/circles/x").is(t, 200)
		key := first.once(t)
		p := v.post("/sign-up", "idempotency_key", key, "name", "", "handle", "ADA", "email", "x@", "password", "court", "next", "/circles/x").is(t, http.StatusUnprocessableEntity)
		for _, key := range []string{"account.name.missing", "mail.address"} {
			h.says(t, p, "fr", key)
		}
		h.says(t, p, "fr", "account.password.short", "min", "8")
		if !strings.Contains(p.Body, `value="ADA"`) || !strings.Contains(p.Body, `value="x@"`) || strings.Contains(p.Body, "court\"") || p.once(t) != key {
			t.Errorf("came back: %s", p.Body)
		}
		p = v.post("/sign-up", "idempotency_key", key, "name", "Autre", "handle", "Ada", "password", goodPassword).is(t, http.StatusUnprocessableEntity)
		h.says(t, p, "fr", "account.handle.taken")
		v.post("/sign-up", "idempotency_key", key, "name", "Autre", "handle", "autre", "password", goodPassword, "next", "/circles/x", "zone", "Nulle/Part").leads(t, "/circles/x")
		if me := v.get("/account"); !strings.Contains(me.Body, `value="Europe/Paris" selected`) {
			t.Error("a time zone that the browser made up was kept, or refused")
		}
	})
}

func TestSettingsComeBackAsTyped(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		v := h.signed(t, "ada")
		form := url.Values{
			"version": {"1"}, "name": {"Ada"}, "handle": {"ada"}, "language": {"en"}, "zone": {"Asia/Tokyo"}, "theme": {"dark"},
			"quiet_on": {"1"}, "quiet_from": {"20:00"}, "quiet_to": {"07:30"}, "quiet_days": {"0", "6"},
		}
		with := func(name string, values ...string) url.Values {
			f := url.Values{}
			for k, vs := range form {
				f[k] = vs
			}
			f[name] = values
			return f
		}
		p := v.ask(http.MethodPost, "/account", with("name", "Ada\u202e")).is(t, http.StatusUnprocessableEntity)
		h.says(t, p, "fr", "account.name.form")
		if !strings.Contains(p.Body, `value="20:00"`) || !strings.Contains(p.Body, `value="Asia/Tokyo" selected`) || !strings.Contains(p.Body, `value="6" checked`) {
			t.Errorf("came back: %s", p.Body)
		}
		p = v.ask(http.MethodPost, "/account", with("quiet_from", "minuit")).is(t, http.StatusUnprocessableEntity)
		if !strings.Contains(p.Body, `value="minuit"`) || !strings.Contains(p.Body, `id="quiet_from-e"`) {
			t.Errorf("came back: %s", p.Body)
		}
		v.ask(http.MethodPost, "/account", with("quiet_days", "9")).is(t, http.StatusUnprocessableEntity)
		v.ask(http.MethodPost, "/account", form).leads(t, "/account")
		p = v.get("/account").is(t, 200)
		h.says(t, p, "en", "account.profile.saved")
		if !strings.Contains(p.Body, `data-theme="dark"`) || !strings.Contains(p.Body, `lang="en"`) {
			t.Error("the choice of language and theme is not followed")
		}
		p = v.ask(http.MethodPost, "/account", with("name", "Trop tard")).is(t, http.StatusConflict)
		h.says(t, p, "en", "account.stale")
		if !strings.Contains(p.Body, `value="Trop tard"`) || !strings.Contains(p.Body, `name="version" value="2"`) {
			t.Errorf("the second window lost its text: %s", p.Body)
		}
		v.ask(http.MethodPost, "/account", with("version", "deux")).is(t, http.StatusConflict)
		v.post("/preferences", "lang", "fr", "theme", "light", "back", "/account").leads(t, "/account")
		if p = v.get("/account"); !strings.Contains(p.Body, `lang="fr"`) || !strings.Contains(p.Body, `value="light" checked`) {
			t.Error("what is chosen at the foot of a page is not kept")
		}
	})
}

func TestDoorsAreChangedByWhoProvedHerselfOnly(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		v := h.signed(t, "ada")
		if p := v.get("/account/security").is(t, 200); !strings.Contains(p.Body, `action="/account/security/codes"`) {
			t.Error("right after signing in, doors cannot be changed")
		}
		h.pass(fresh)
		p := v.get("/account/security").is(t, 200)
		if strings.Contains(p.Body, `action="/account/security/codes"`) {
			t.Error("five minutes later they can")
		}
		h.says(t, p, "fr", "account.security.not_fresh")
		for _, path := range []string{"/account/security/codes", "/account/security/password", "/account/security/password/remove", "/account/security/passkeys/psk_x/remove"} {
			v.post(path, "password", "un nouveau mot").leads(t, "/sign-in/again?next=/account/security")
		}
		v.post("/account/leave").leads(t, "/sign-in/again?next=/account/leave")
		v.post("/account/security/passkeys/begin").is(t, http.StatusForbidden)
		v.get("/sign-in/again?next=/account/security").is(t, 200)
		p = v.post("/sign-in/again", "password", "faux", "next", "/account/security").is(t, http.StatusUnauthorized)
		if !strings.Contains(p.Body, `value="/account/security"`) {
			t.Error("it forgets where she was going")
		}
		v.post("/sign-in/again", "password", goodPassword, "next", "/account/security").leads(t, "/account/security")
		p = v.post("/account/security/password", "password", "court").is(t, http.StatusUnprocessableEntity)
		h.says(t, p, "fr", "account.password.short", "min", "8")
		p = v.post("/account/security/codes").is(t, 200)
		code := regexp.MustCompile(`<code>([0-9a-z-]{19})</code>`).FindAllStringSubmatch(p.Body, -1)
		if len(code) != 10 || !strings.Contains(p.Body, "data:text/plain") {
			t.Fatalf("codes %v", code)
		}
		lost := h.visitor(t)
		p = lost.post("/sign-in/recover", "name", "ada", "code", "0000").is(t, http.StatusUnauthorized)
		if !strings.Contains(p.Body, `value="ada"`) || strings.Contains(p.Body, `"0000"`) {
			t.Errorf("came back: %s", p.Body)
		}
		lost.post("/sign-in/recover", "name", "ada", "code", code[3][1]).leads(t, "/account/security")
		lost.post("/account/security/password", "password", "un tout autre mot").leads(t, "/account/security")
		v.get("/account").leads(t, "/sign-in?next=%2Faccount") // her other browser is out
	})
}

func TestSigningOutLeavesNothingInTheBrowser(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		v := h.signed(t, "ada")
		cookie := v.cookies["digiwork"]
		p := v.post("/sign-out")
		p.leads(t, "/")
		if !strings.Contains(p.Header.Get("Clear-Site-Data"), "storage") || v.cookies["digiwork"] != "" {
			t.Errorf("%v, %v", p.Header, v.cookies)
		}
		v.cookies["digiwork"] = cookie
		v.get("/account").leads(t, "/sign-in?next=%2Faccount")
		v.post("/sign-out").leads(t, "/")
	})
}

func TestALinkIsNotUsedUpByLooking(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada, link, err := h.AddPerson(t.Context(), NewPerson{Handle: "ada", Name: "Ada"})
		if err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(link, h.Base)
		v := h.visitor(t)
		for range 3 { // a mail program fetches links by itself
			h.says(t, v.get(path).is(t, 200), "fr", "account.enter.title")
		}
		v.post(path).leads(t, "/account/security")
		h.says(t, v.get("/account/security").is(t, 200), "fr", "account.enter.done")
		gone := h.visitor(t).get(path).is(t, http.StatusGone)
		never := h.visitor(t).get("/enter/never").is(t, http.StatusGone)
		h.says(t, gone, "fr", "account.link.over")
		if words(gone.Body) != words(never.Body) {
			t.Error("a used link and one that never was say different things")
		}
		lost, _, err := h.LostLink(t.Context(), ada)
		if err != nil {
			t.Fatal(err)
		}
		path = strings.TrimPrefix(lost, h.Base)
		p := h.visitor(t).get(path).is(t, 200)
		h.says(t, p, "fr", "account.enter.early.title")
		if strings.Contains(p.Body, `action="`+path) {
			t.Error("it offers to come in before its time")
		}
		h.visitor(t).post(path).is(t, http.StatusForbidden)
		p = v.get("/account/security")
		h.says(t, p, "fr", "account.lost.title")
		h.says(t, v.get("/account"), "fr", "account.lost.title")
		v.post("/account/security/lost/cancel").leads(t, "/account/security")
		h.visitor(t).get(path).is(t, http.StatusGone)
	})
}

func TestTokensAndInvitationsAreShownOnce(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		v := h.signed(t, "ada")
		p := v.get("/account/tokens").is(t, 200)
		h.says(t, p, "fr", "account.tokens.void")
		p = v.post("/account/tokens", "name", "Mon agenda", "days", "7000").is(t, http.StatusUnprocessableEntity)
		h.says(t, p, "fr", "account.token.scopes.none")
		if !strings.Contains(p.Body, `value="Mon agenda"`) {
			t.Error("the name is lost")
		}
		p = v.post("/account/tokens", "name", "Mon agenda", "days", "30", "scopes", "read", "scopes", "write").is(t, 200)
		token := regexp.MustCompile(`dw_[a-z2-7]{32}`).FindString(p.Body)
		if token == "" {
			t.Fatalf("no token: %s", words(p.Body))
		}
		p = v.get("/account/tokens").is(t, 200)
		if strings.Contains(p.Body, token) || !strings.Contains(p.Body, "Mon agenda") {
			t.Error("the list shows the token, or not its name")
		}
		id := regexp.MustCompile(`/account/tokens/(tok_[0-9a-z]+)/revoke`).FindStringSubmatch(p.Body)[1]
		h.add(t, "eve", false)
		h.signed(t, "eve").post("/account/tokens/"+id+"/revoke").is(t, http.StatusNotFound)
		v.post("/account/tokens/"+id+"/revoke").leads(t, "/account/tokens")

		p = v.post("/account/invitations").is(t, 200)
		link := regexp.MustCompile(`http://localhost:8080(/join/[A-Z2-7]+)`).FindStringSubmatch(p.Body)
		if link == nil {
			t.Fatalf("no link: %s", words(p.Body))
		}
		p = v.get("/account/invitations").is(t, 200)
		if strings.Contains(p.Body, "/join/") {
			t.Error("the list shows the link")
		}
		h.says(t, p, "fr", "account.invitations.waiting.one")
		guest := h.visitor(t)
		guest.get(link[1]).is(t, 200)
		guest.post(link[1], "name", "Eve", "handle", "eve2", "password", goodPassword).leads(t, "/welcome")
		guest.get(link[1]).is(t, http.StatusGone)
		h.post.off = false
		p = v.post("/account/invitations", "email", "x@").is(t, http.StatusUnprocessableEntity)
		if !strings.Contains(p.Body, `value="x@"`) {
			t.Error("the address is lost")
		}
		v.post("/account/invitations", "email", "bob@exemple.fr").leads(t, "/account/invitations")
		p = v.get("/account/invitations")
		h.says(t, p, "fr", "account.invitations.sent")
		waiting := regexp.MustCompile(`/account/invitations/(lnk_[0-9a-z]+)/withdraw`).FindStringSubmatch(p.Body)[1]
		v.post("/account/invitations/"+waiting+"/withdraw").leads(t, "/account/invitations")
	})
}

func TestADemoOffersItsPeople(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.Demo = true
		if _, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "lina", Name: "Lina Ferrand"}); err != nil {
			t.Fatal(err)
		}
		v := h.visitor(t)
		if p := v.get("/sign-in").is(t, 200); !strings.Contains(p.Body, `value="lina"`) || !strings.Contains(p.Body, "Lina Ferrand") {
			t.Errorf("page: %s", words(p.Body))
		}
		v.post("/sign-in/demo", "handle", "lina").leads(t, "/account")
		v.get("/sign-in").is(t, 200) // to become somebody else
		v.post("/sign-in/demo", "handle", "personne").is(t, http.StatusNotFound)
	})
}

func TestAnAddressIsConfirmedByPressingAButton(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.post.off = false
		if _, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "ada", Name: "Ada", Mail: "ada@exemple.fr", Password: goodPassword}); err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(h.post.last(t).arg("link"), h.Base)
		v := h.signed(t, "ada")
		h.says(t, v.get("/account"), "fr", "account.mail.unproved")
		stranger := h.visitor(t)
		stranger.get(path).is(t, 200)
		stranger.post(path).leads(t, "/sign-in")
		h.says(t, stranger.get("/sign-in"), "fr", "account.confirm.done")
		h.says(t, v.get("/account"), "fr", "account.mail.proved")
		v.post("/account/proof").is(t, http.StatusConflict)
	})
}

// Every page, in both languages, for a visitor and for somebody signed in: whole,
// without a key that has no sentence.
func TestEveryPageSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	h := build(t, t.TempDir()+"/pages.db")
	h.add(t, "ada", true)
	h.setMode(t, h.in(t, "ada"), Open)
	full := h.full(t, "eve")
	v := h.visitor(t)
	v.cookies["digiwork"] = full.session.Reveal()
	lost := strings.TrimPrefix(full.lost, h.Base)
	for _, lang := range []string{"fr", "en"} {
		v.lang = lang
		v.cookies["lang"] = lang
		guest := h.visitor(t)
		guest.lang = lang
		for path, who := range map[string]*visitor{
			"/sign-in": guest, "/sign-up": guest, "/sign-in/recover": guest, lost: guest, "/setup/none": guest, "/join/none": guest,
			"/account": v, "/account/security": v, "/account/tokens": v, "/account/invitations": v, "/account/leave": v, "/sign-in/again": v,
		} {
			p := who.get(path)
			if p.Status != 200 && path != "/setup/none" {
				t.Errorf("%s: %d", path, p.Status)
			}
			if !strings.Contains(p.Body, `<html lang="`+lang+`"`) || strings.Count(p.Body, "<h1>") != 1 {
				t.Errorf("%s in %s: %s", path, lang, words(p.Body))
			}
			if at := regexp.MustCompile(`account\.[a-z_.]+`).FindString(words(p.Body)); at != "" {
				t.Errorf("%s says %s", path, at)
			}
		}
	}
	if missing := h.catalog.Missing(); len(missing) != 0 {
		t.Errorf("no sentence for %v", missing)
	}
}

func TestARouteIsGuardedForVisitors(t *testing.T) {
	t.Parallel()
	h := build(t, t.TempDir()+"/routes.db")
	n := 0
	for _, route := range h.mux.Routes() {
		method, path, _ := strings.Cut(route, " ")
		if !strings.HasPrefix(path, "/account") {
			continue
		}
		n++
		p := h.visitor(t).ask(method, strings.ReplaceAll(path, "{id}", "x"), url.Values{"version": {"1"}, "name": {"x"}, "handle": {"x"}, "language": {"fr"}, "zone": {"UTC"}, "quiet_from": {"1:00"}, "quiet_to": {"2:00"}})
		if want := map[string]int{"GET": 303, "POST": 401}[method]; p.Status != want {
			t.Errorf("%s: %d, want %d", route, p.Status, want)
		}
	}
	if n < 18 {
		t.Errorf("only %d routes were tried", n)
	}
}

func TestThePagesScriptMakesAPasskeyOfAForm(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		invitation, _, err := h.Invite(h.as(t, h.in(t, "ada")), "")
		if err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(invitation, h.Base)
		guest := h.visitor(t)
		json := func(p page) Ceremony {
			t.Helper()
			p.is(t, 200)
			var c Ceremony
			if err := decode(p.Body, &c); err != nil {
				t.Fatal(err)
			}
			return c
		}
		p := guest.post("/sign-up/passkey/begin", "door", path, "name", "", "handle", "eve").is(t, http.StatusUnprocessableEntity)
		h.says(t, p, "fr", "account.name.missing")
		guest.post("/sign-up/passkey/begin", "door", "/sign-up", "name", "Eve", "handle", "eve").is(t, http.StatusForbidden)
		// The script then sends the form as it is: the page says what is wrong, and asks for no password.
		p = guest.post(path, "with", "passkey", "name", "", "handle", "eve").is(t, http.StatusUnprocessableEntity)
		if strings.Contains(p.Body, `id="password-e"`) {
			t.Errorf("came back: %s", words(p.Body))
		}
		d := newDevice(t)
		answer := d.register(json(guest.post("/sign-up/passkey/begin", "door", path, "name", "Eve", "handle", "eve")))
		guest.post(path, "with", "passkey", "name", "Eve", "handle", "eve", "ceremony", answer.Ceremony, "passkey", answer.Credential).leads(t, "/welcome")
		back := h.visitor(t)
		answer = d.sign(json(back.post("/sign-in/passkey/begin")))
		back.post("/sign-in/passkey", "ceremony", answer.Ceremony, "passkey", answer.Credential, "next", "/account/tokens").leads(t, "/account/tokens")
		p = h.visitor(t).post("/sign-in/passkey", "ceremony", answer.Ceremony, "passkey", answer.Credential).is(t, http.StatusUnauthorized)
		h.says(t, p, "fr", "account.passkey.refused")
		h.pass(fresh)
		answer = d.sign(json(back.post("/sign-in/passkey/begin")))
		back.post("/sign-in/passkey", "ceremony", answer.Ceremony, "passkey", answer.Credential, "next", "/account/security").leads(t, "/account/security")
		second := newDevice(t)
		answer = second.register(json(back.post("/account/security/passkeys/begin")))
		back.post("/account/security/passkeys", "ceremony", answer.Ceremony, "passkey", answer.Credential).leads(t, "/account/security")
		id := regexp.MustCompile(`/account/security/passkeys/(psk_[0-9a-z]+)/remove`).FindStringSubmatch(back.get("/account/security").Body)[1]
		h.signed(t, "ada").post("/account/security/passkeys/"+id+"/remove").is(t, http.StatusNotFound) // somebody else's
		back.post("/account/security/passkeys/"+id+"/remove").leads(t, "/account/security")
	})
}

func decode(raw string, v any) error { return json.Unmarshal([]byte(raw), v) }

func TestLettersAreWrittenInBothLanguages(t *testing.T) {
	t.Parallel()
	h := build(t, t.TempDir()+"/letters.db")
	for _, lang := range []string{"fr", "en"} {
		for _, key := range []string{"account.post.proof", "account.post.lost", "account.post.invite"} {
			for _, part := range []string{".subject", ".text"} {
				if h.catalog.Text(lang, key+part) == "" {
					t.Errorf("%s%s is not said in %s", key, part, lang)
				}
			}
		}
	}
}
