package peer

import (
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/mail/mailtest"
	"digiwork/internal/testkit"
)

// post lets letters leave to a server.
func (w *town) post(server *mailtest.Server) {
	log := slog.New(slog.DiscardHandler)
	w.Post = &mail.Post{
		DB: w.DB, Keys: w.Keys, Jobs: jobs.New(w.DB, log), Log: log, Catalog: w.catalog,
		Settings: mail.Settings{Host: "127.0.0.1", Port: server.Port, From: "DigiWork <maison@ysole.example>", TLS: mail.Plain},
	}
	w.Post.Register()
}

// deliver lets what waits leave, and gives the letters to an address.
func (w *town) deliver(server *mailtest.Server, to string) []mailtest.Letter {
	w.t.Helper()
	if _, err := w.Post.Jobs.RunDue(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	var hers []mailtest.Letter
	for _, l := range server.Letters(w.t) {
		if strings.Contains(l.To, to) {
			hers = append(hers, l)
		}
	}
	return hers
}

var digits = regexp.MustCompile(`\d{8}`)

// Only a code that was mailed and came back proves an address; then the word counts
// as a peer's, and says which domain answered.
func TestAnAddressIsProvenByItsCodeAlone(t *testing.T) {
	server := mailtest.Start(t)
	t.Run("engines", func(t *testing.T) { // the server outlives the parallel engines
		testkit.Each(t, func(t *testing.T, where string) {
			w := open(t, where)
			w.post(server)
			to := strings.ToLower(strings.ReplaceAll(kernel.NewID[string]("rosa", w.now), "_", ".")) + "@mairie.example"
			ask := w.ask("Rosa")
			ask.Mail, ask.Lang, ask.Message = to, "en", "Do you remember the seeds?"
			q, err := w.Send(w.as("ada"), ask)
			if err != nil || !q.Mailed() {
				t.Fatalf("%+v, %v", q, err)
			}
			letters := w.deliver(server, to)
			if len(letters) != 1 || !strings.Contains(letters[0].Text, q.URL) || !strings.Contains(letters[0].Text, "You may answer") || !strings.Contains(letters[0].Text, "seeds") {
				t.Fatalf("letters: %+v", letters)
			}
			page := w.guest(q.URL[strings.LastIndex(q.URL, "/")+1:])
			me := func() (c gate.Credential) { return gate.Credential{Guest: page} }
			if err := w.ProveMail(w.enter(me()), "12345678"); !errors.Is(err, errNoCode) {
				t.Errorf("without a code: %v", err)
			}
			if err := w.SendCode(w.enter(me()), "nobody"); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("no address: %v", err)
			}
			if err := w.SendCode(w.enter(me()), to); err != nil {
				t.Fatal(err)
			}
			letters = w.deliver(server, to)
			code := ""
			for _, l := range letters {
				code += digits.FindString(l.Text)
			}
			if len(code) != 8 || len(letters) != 2 {
				t.Fatalf("%d letters, code %q", len(letters), code)
			}
			wrong := strings.Map(func(r rune) rune { return '0' + (r-'0'+1)%10 }, code)
			for range codeTries {
				if err := w.ProveMail(w.enter(me()), wrong); !errors.Is(err, errCode) {
					t.Errorf("a wrong code: %v", err)
				}
			}
			if err := w.ProveMail(w.enter(me()), code); !errors.Is(err, errNoCode) {
				t.Errorf("after %d wrong ones: %v", codeTries, err)
			}
			if g, err := w.Guest(w.enter(me())); err != nil || g.Proven {
				t.Errorf("%+v, %v", g, err)
			}
			known := []string{code}
			another := func() string {
				t.Helper()
				if err := w.SendCode(w.enter(me()), to); err != nil {
					t.Fatal(err)
				}
				for _, l := range w.deliver(server, to) {
					if c := digits.FindString(l.Text); c != "" && !slices.Contains(known, c) {
						known = append(known, c)
						return c
					}
				}
				t.Fatal("no other code came")
				return ""
			}
			code = another()
			w.now = w.now.Add(31 * time.Minute)
			if err := w.ProveMail(w.enter(me()), code); !errors.Is(err, errNoCode) {
				t.Errorf("after half an hour: %v", err)
			}
			code = another()
			if err := w.ProveMail(w.enter(me()), code[:4]+" "+code[4:]); err != nil {
				t.Fatalf("the code, in two groups: %v", err)
			}
			if _, err := w.Say(w.enter(me()), w.ByGuest, answer()); err != nil {
				t.Fatal(err)
			}
			words, err := w.Words(w.as("ada"))
			if err != nil || len(words) != 1 || words[0].Identity != ByAddress || words[0].Domain != "mairie.example" {
				t.Fatalf("%+v, %v", words, err)
			}
			w.onFace(t, words[0], gate.Attested, "mairie.example")
			if raw, err := w.Credential(w.as("ada"), words[0].ID); err != nil || strings.Contains(string(raw), to) {
				t.Errorf("the credential tells the address, %v", err)
			}
		})
	})
}

// Somebody who proves one address and then types another has proven nothing of it.
func TestAnotherAddressIsNotProven(t *testing.T) {
	server := mailtest.Start(t)
	t.Run("engines", func(t *testing.T) {
		testkit.Each(t, func(t *testing.T, where string) {
			w := open(t, where)
			w.post(server)
			_, link := w.asked("Rosa")
			page := w.guest(link)
			ctx := w.enter(gate.Credential{Guest: page})
			to := strings.ReplaceAll(kernel.NewID[string]("a", w.now), "_", ".") + "@ysole.example"
			if err := w.SendCode(ctx, to); err != nil {
				t.Fatal(err)
			}
			code := digits.FindString(w.deliver(server, to)[0].Text)
			if err := w.ProveMail(ctx, code); err != nil {
				t.Fatal(err)
			}
			if err := w.SendCode(ctx, "x"+to); err != nil {
				t.Fatal(err)
			}
			if g, err := w.Guest(ctx); err != nil || g.Proven {
				t.Errorf("%+v, %v", g, err)
			}
			if err := w.ProveMail(ctx, code); !errors.Is(err, errCode) {
				t.Errorf("the first code for the second address: %v", err)
			}
		})
	})
}

func TestAGuestIsNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		_, link := w.asked("Rosa")
		if _, err := w.Become(w.as("bob"), link); !errors.Is(err, errNotLinked) {
			t.Errorf("bob has an account: %v", err)
		}
		page := w.guest(link)
		other := w.guest(link)
		w.guest(link)
		if _, err := w.Become(w.as(""), link); !errors.Is(err, errGuests) {
			t.Errorf("a fourth: %v", err)
		}
		if page == other {
			t.Error("two guests have one page")
		}
		if a, err := w.Recognise(t.Context(), gate.Credential{Guest: "never"}); err != nil || !a.IsVisitor() {
			t.Errorf("%+v, %v", a, err)
		}
		for _, ctx := range []kernel.PersonID{"", "ada"} {
			if _, err := w.Guest(w.as(ctx)); !errors.Is(err, errNoGuest) {
				t.Errorf("%q has a guest's page: %v", ctx, err)
			}
		}
		if err := w.SendCode(w.enter(gate.Credential{Guest: page}), "rosa@example.org"); !errors.Is(err, errNoMail) {
			t.Errorf("without a post: %v", err)
		}
		if _, err := w.Send(w.enter(gate.Credential{Guest: page}), w.ask("Ada")); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a guest asks: %v", err)
		}
		id, err := w.Say(w.enter(gate.Credential{Guest: page}), w.ByGuest, answer())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Revoke(w.enter(gate.Credential{Guest: other}), id); !errors.Is(err, errNoWord) {
			t.Errorf("another guest takes her words back: %v", err)
		}
		if _, err := w.Say(w.enter(gate.Credential{Guest: other}), w.ByGuest, answer()); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("a second answer: %v", err)
		}
	})
}

// A guest erases herself: what she wrote stands unless she takes it back, and nothing
// else of her is left.
func TestAGuestErasesHerself(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		for _, revoke := range []bool{false, true} {
			w.now = w.now.Add(time.Minute)
			_, link := w.asked(map[bool]string{false: "Rosa", true: "Rémi"}[revoke])
			page := w.guest(link)
			me := guestOf(t, w, page)
			if _, err := w.Say(w.enter(gate.Credential{Guest: page}), w.ByGuest, answer()); err != nil {
				t.Fatal(err)
			}
			if err := w.EraseGuest(w.enter(gate.Credential{Guest: page}), revoke); err != nil {
				t.Fatal(err)
			}
			if a, err := w.Recognise(t.Context(), gate.Credential{Guest: page}); err != nil || !a.IsVisitor() {
				t.Errorf("erased, she is %+v, %v", a, err)
			}
			if known, err := w.Gate.Known(t.Context(), string(me)); err != nil || known {
				t.Errorf("erased, she has a vault: %v, %v", known, err)
			}
			words, err := w.Words(w.as("ada"))
			if err != nil || words[0].Revoked.IsZero() == revoke || words[0].Words == "" {
				t.Fatalf("revoke %v: %d words, the first revoked %v, %v", revoke, len(words), words[0].Revoked, err)
			}
			w.verify(t, words[0], me, !revoke)
		}
	})
}

// Guests who wrote nothing are forgotten a week after their request is over, or who
// asked has left; who wrote stays.
func TestGuestsWhoWroteNothingAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		_, link := w.asked("Rosa")
		silent, wrote := w.guest(link), w.guest(link)
		if _, err := w.Say(w.enter(gate.Credential{Guest: wrote}), w.ByGuest, answer()); err != nil {
			t.Fatal(err)
		}
		sweep := func() {
			t.Helper()
			if err := w.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w.now = w.now.AddDate(0, 0, 36)
		sweep()
		guestOf(t, w, silent)
		w.now = w.now.AddDate(0, 0, 2)
		sweep()
		if a, err := w.Recognise(t.Context(), gate.Credential{Guest: silent}); err != nil || !a.IsVisitor() {
			t.Errorf("%+v, %v", a, err)
		}
		guestOf(t, w, wrote)
	})
}
