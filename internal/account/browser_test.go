package account

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/platform/db"
	"digiwork/internal/testkit/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// online puts a home on a port of this machine, under a name that has passkeys.
func online(t testing.TB) *home {
	t.Helper()
	h := build(t, filepath.Join(t.TempDir(), "browser.db"))
	s := httptest.NewServer(nil)
	t.Cleanup(s.Close)
	h.Base = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	h.Gate.BaseURL = h.Base
	h.serve(t)
	s.Config.Handler = h.site
	return h
}

// path is where a link leads on this server.
func (h *home) path(url string) string { return strings.TrimPrefix(url, h.Base) }

// Every page, in both languages, on a phone and a table, light and dark.
func TestEveryPageIsForEverybody(t *testing.T) {
	h := online(t)
	h.add(t, "ada", true)
	h.setMode(t, h.in(t, "ada"), Open)
	eve := h.full(t, "eve")
	guestLink, _, err := h.Invite(h.as(t, h.in(t, "ada")), "")
	if err != nil {
		t.Fatal(err)
	}
	_, enter, err := h.AddPerson(t.Context(), NewPerson{Handle: "bob", Name: "Bob"})
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"fr", "en"} {
		tab := browser.Open(t, browser.Lang(lang))
		if err := h.sql(t, `update account_person set lang = $1 where id = $2`, lang, eve.id); err != nil {
			t.Fatal(err)
		}
		look := func(name string) {
			tab.Accessible()
			for _, width := range []int{360, 1440} {
				for _, dark := range []bool{false, true} {
					tab.Screenshot(name+"-"+lang, width, 900, dark)
				}
			}
			tab.Accessible()
		}
		for name, path := range map[string]string{
			"sign-in": "/sign-in?next=/account", "sign-up": "/sign-up", "recover": "/sign-in/recover",
			"enter": h.path(enter), "early": h.path(eve.lost), "join": h.path(guestLink),
		} {
			tab.Go(h.Base + path)
			look(name)
		}
		tab.Go(h.Base + "/sign-up")
		tab.Fill(h.plain(lang, "account.handle"), "a b")
		tab.Fill(h.plain(lang, "account.name"), "Eve")
		tab.Fill(h.plain(lang, "account.password"), "motdepasse")
		tab.Press(h.plain(lang, "account.sign_up.do"))
		tab.See(h.plain(lang, "account.password.common"))
		look("sign-up-refused")

		tab.Go(h.Base + "/sign-in?next=/account")
		tab.Fill(h.plain(lang, "account.sign_in.name"), "eve")
		tab.Fill(h.plain(lang, "account.password"), "faux")
		tab.Press(h.plain(lang, "account.sign_in.do"))
		look("sign-in-refused")
		tab.Fill(h.plain(lang, "account.password"), goodPassword)
		tab.Press(h.plain(lang, "account.sign_in.do"))
		tab.See(h.plain(lang, "account.profile.title"))
		for _, name := range []string{"", "security", "tokens", "invitations", "leave"} {
			tab.Go(h.Base + strings.TrimSuffix("/account/"+name, "/"))
			look("account-" + name)
		}
		tab.Go(h.Base + "/sign-in/again?next=/account/security")
		look("again")
		tab.Go(h.Base + "/account/security")
		tab.Press(h.plain(lang, "account.codes.make"))
		look("codes")
		tab.Go(h.Base + "/account/invitations")
		tab.Press(h.plain(lang, "account.invitations.do"))
		look("invitation")
		tab.Go(h.Base + "/account/tokens")
		tab.Choose(h.plain(lang, "account.scope.write"))
		tab.Press(h.plain(lang, "account.tokens.do"))
		look("token")

		h.full(t, "leaver-"+lang)
		tab.Go(h.Base + "/account/security")
		tab.Press(h.plain(lang, "account.sign_out"))
		tab.Go(h.Base + "/sign-in?next=/account/leave")
		tab.Fill(h.plain(lang, "account.sign_in.name"), "leaver-"+lang)
		tab.Fill(h.plain(lang, "account.password"), goodPassword)
		tab.Press(h.plain(lang, "account.sign_in.do"))
		tab.Press(h.plain("fr", "account.leave.do"))
		look("receipt")
		if complaints := tab.Complaints(); len(complaints) != 0 && !onlyStatuses(complaints) {
			t.Errorf("the browser complains: %v", complaints)
		}
		tab.OnlyFrom(h.Base)
	}
}

// onlyStatuses reports whether all complaints are about answers that are refusals on
// purpose.
func onlyStatuses(complaints []string) bool {
	for _, c := range complaints {
		if !strings.Contains(c, "status of 4") {
			return false
		}
	}
	return true
}

// plain is a message as it is typed: with ordinary spaces and apostrophes.
func (h *home) plain(lang, key string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(h.catalog.Text(lang, key))
}

func TestAnAccountWithoutAnyScript(t *testing.T) {
	h := online(t)
	h.add(t, "ada", true)
	h.setMode(t, h.in(t, "ada"), Open)
	tab := browser.Open(t, browser.NoScript(), browser.Phone())
	tab.Go(h.Base + "/sign-up?next=/account")
	if tab.Says(h.plain("fr", "account.sign_up.passkey")) {
		t.Error("it offers what needs a script")
	}
	tab.Fill("Votre nom", "Ève Martin")
	tab.Fill("Identifiant", "eve")
	tab.Fill("Mot de passe", goodPassword)
	tab.Press("Ouvrir mon compte")
	tab.See("Votre compte est ouvert")
	if got := tab.Filled("Votre nom"); got != "Ève Martin" {
		t.Errorf("name = %q", got)
	}
	tab.Go(h.Base + "/account/security")
	tab.Press("Faire dix codes")
	code := tab.Texts("ol code")[4]
	tab.Go(h.Base + "/account/security")
	tab.Press("Sortir de ce navigateur")
	tab.Go(h.Base + "/sign-in/recover")
	tab.Fill("Identifiant ou adresse électronique", "EVE")
	tab.Fill("Code de secours", strings.ToUpper(code))
	tab.Press("Entrer avec ce code")
	tab.See("Vous êtes de retour")
	tab.Go(h.Base + "/account/leave")
	tab.Press("Effacer mon compte maintenant")
	tab.See("Reçu d'effacement")
	if c, err := h.Count(context.Background()); err != nil || c.People != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// stub stands for the browser's own passkeys: what the page asks is kept, and the
// test answers with a device in software.
const stub = `(() => {
	const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
	const bytes = (t) => Uint8Array.from(atob(t.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)).buffer;
	const wait = ({ publicKey: p }) => new Promise((resolve, reject) => {
		window.asked = JSON.stringify({ challenge: text(p.challenge), rpId: p.rpId, rp: p.rp, user: p.user && { id: text(p.user.id) } });
		window.answer = (raw) => {
			const c = JSON.parse(raw), response = {};
			for (const [name, value] of Object.entries(c.response)) if (typeof value === 'string') response[name] = bytes(value);
			response.getTransports = () => ['internal'];
			resolve({ id: c.id, rawId: bytes(c.rawId), type: c.type, response });
		};
		window.cancel = () => reject(new DOMException('no', 'NotAllowedError'));
	});
	Object.defineProperty(navigator, 'credentials', { configurable: true, value: { create: wait, get: wait } });
	return true;
})()`

// prompted waits until the page asks the device, and gives what it asks.
func prompted(t testing.TB, tab *browser.Tab) Ceremony {
	t.Helper()
	asked := browser.Eval[string](tab, `new Promise((done) => { const look = () => window.asked ? done(window.asked) : setTimeout(look, 20); look(); })`)
	return Ceremony{Options: json.RawMessage(asked)}
}

// press presses a button whose form the page's script sends later, or not at all.
func press(tab *browser.Tab, name string) {
	browser.Eval[bool](tab, `(() => {
		const named = (e) => e.textContent.replaceAll('’', "'").trim() === "`+name+`" && e.checkVisibility();
		[...document.querySelectorAll('form[data-passkey] button')].find(named).click();
		return true;
	})()`)
}

func TestTheBrowserMakesAndUsesAPasskey(t *testing.T) {
	h := online(t)
	h.add(t, "ada", true)
	h.setMode(t, h.in(t, "ada"), Open)
	d := newDevice(t)
	d.origin = h.Base
	answer := func(tab *browser.Tab, a PasskeyAnswer) {
		t.Helper()
		raw, err := json.Marshal(a.Credential)
		if err != nil {
			t.Fatal(err)
		}
		browser.Eval[bool](tab, `(window.answer(`+string(raw)+`), true)`)
	}
	tab := browser.Open(t)

	tab.Go(h.Base + "/sign-up?next=/account")
	browser.Eval[bool](tab, stub)
	tab.Fill("Votre nom", "Ève")
	tab.Fill("Identifiant", "pas bon")
	press(tab, "Ouvrir avec une clé d'accès")
	tab.See("Une réponse est à revoir") // by the page itself, beside the field
	if got := tab.Filled("Votre nom"); got != "Ève" {
		t.Errorf("name = %q", got)
	}
	browser.Eval[bool](tab, stub)
	tab.Fill("Identifiant", "eve")
	press(tab, "Ouvrir avec une clé d'accès")
	prompted(t, tab)
	browser.Eval[bool](tab, `(window.asked = '', window.cancel(), true)`)
	tab.See("Votre appareil n'a pas donné de clé")
	press(tab, "Ouvrir avec une clé d'accès")
	answer(tab, d.register(prompted(t, tab)))
	tab.See("Votre compte est ouvert")
	if got := tab.Filled("Identifiant"); got != "eve" {
		t.Errorf("handle = %q", got)
	}
	zone := browser.Eval[string](tab, `Intl.DateTimeFormat().resolvedOptions().timeZone`)
	if got := tab.Value("#zone"); got != zone {
		t.Errorf("zone = %q, the browser's is %q", got, zone)
	}

	tab.Go(h.Base + "/account/security")
	tab.Press("Sortir de ce navigateur")
	tab.Go(h.Base + "/sign-in?next=/account/tokens")
	browser.Eval[bool](tab, stub)
	press(tab, "Entrer avec une clé d'accès")
	answer(tab, d.sign(prompted(t, tab)))
	tab.See("Mes jetons")

	tab.Go(h.Base + "/account/security")
	browser.Eval[bool](tab, stub)
	second := newDevice(t)
	second.origin = h.Base
	press(tab, "Ajouter une clé d'accès")
	answer(tab, second.register(prompted(t, tab)))
	tab.See("La clé d'accès est gardée")
	if n := len(tab.Texts(`form[action$="/remove"]`)); n != 2 {
		t.Errorf("%d passkeys are listed, want 2", n)
	}
}

// The pages on which a provider vouches for people are for everybody too.
func TestTheWayToAProviderIsForEverybody(t *testing.T) {
	h := online(t)
	h.provider(t)
	ada := h.add(t, "ada", true)
	if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
		return insertOpenID(t.Context(), tx, openidRow{Digest: "d", ID: "oid_1", Person: ada})
	}); err != nil {
		t.Fatal(err)
	}
	for lang, dark := range map[string]bool{"fr": false, "en": true} {
		tab := browser.Open(t, browser.Lang(lang), browser.NoScript())
		look := func(path string, sees string) {
			tab.Go(h.Base + path)
			tab.See(sees)
			for _, width := range []int{360, 1440} {
				tab.Screenshot("openid-"+lang, width, 900, dark)
				tab.Accessible()
			}
		}
		if err := h.sql(t, `update account_person set lang = $1`, lang); err != nil {
			t.Fatal(err)
		}
		look("/sign-in?next=/account", "Ma commune")
		tab.Fill(h.plain(lang, "account.sign_in.name"), "ada")
		tab.Fill(h.plain(lang, "account.password"), goodPassword)
		tab.Press(h.plain(lang, "account.sign_in.do"))
		look("/account/security", h.plain(lang, "account.openid.remove"))
		look("/sign-in/again?next=/account", "Ma commune")
	}
}
