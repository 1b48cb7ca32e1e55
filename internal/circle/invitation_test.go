package circle

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/mail/mailtest"
)

func TestInvitationLetsOnePersonInOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.create(t, "ada")
		i := w.invite(t, "ada", id)
		if i.URL != "http://localhost:8080/invitations/"+i.Token || i.To != "" || i.UsedBy != "" {
			t.Errorf("made %+v", i)
		}
		kindOf(t, "a visitor accepts", acceptAs(w, w.as(t, ""), i), kernel.Unauthenticated)
		welcome, err := w.Look(w.as(t, ""), i.Token)
		if err != nil || welcome.Circle.Name != "Reliure" || welcome.By != "Name of ada" || welcome.Already {
			t.Errorf("a visitor sees %+v, %v", welcome, err)
		}
		if ok, err := w.Invites(w.as(t, ""), i.Token); !ok || err != nil {
			t.Errorf("it invites: %v, %v", ok, err)
		}
		// Ada belongs already: it stays good for somebody else.
		if err := acceptAs(w, w.as(t, "ada"), i); err != nil {
			t.Errorf("a member accepts: %v", err)
		}
		if welcome, err := w.Look(w.as(t, "ada"), i.Token); err != nil || !welcome.Already {
			t.Errorf("a member sees %+v, %v", welcome, err)
		}
		if err := acceptAs(w, w.as(t, "bob"), i); err != nil {
			t.Fatal(err)
		}
		if err := acceptAs(w, w.as(t, "bob"), i); err != nil {
			t.Errorf("bob presses twice: %v", err)
		}
		kindOf(t, "eve uses it after bob", acceptAs(w, w.as(t, "eve"), i), kernel.Gone)
		if _, err := w.Look(w.as(t, ""), i.Token); kernel.KindOf(err) != kernel.Gone {
			t.Errorf("a visitor looks at a used one: %v", err)
		}
		if ok, err := w.Invites(w.as(t, ""), i.Token); ok || err != nil {
			t.Errorf("a used one invites: %v, %v", ok, err)
		}
		if _, err := w.Remove(w.as(t, "bob"), id, "bob"); err != nil {
			t.Fatal(err)
		}
		kindOf(t, "bob comes back by it", acceptAs(w, w.as(t, "bob"), i), kernel.Gone)
		if got := w.roles(t, id); len(got) != 1 {
			t.Errorf("members: %v", got)
		}
		kindOf(t, "a used one is withdrawn", w.Withdraw(w.as(t, "ada"), id, i.ID), kernel.NotFound)
	})
}

func acceptAs(w *town, ctx context.Context, i Invitation) error {
	_, err := w.Accept(ctx, "", i.Token)
	return err
}

func TestInvitationEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.create(t, "ada")
		other := w.create(t, "mallory")
		withdrawn, late, inTime, elsewhere := w.invite(t, "ada", id), w.invite(t, "ada", id), w.invite(t, "ada", id), w.invite(t, "mallory", other)
		// 24 March in Paris: it ends with 31 March there, after the change to summer time.
		if want := time.Date(2037, 3, 31, 21, 59, 59, 0, time.UTC); !late.Until.Equal(want) {
			t.Errorf("it ends at %v; want %v", late.Until, want)
		}
		kindOf(t, "withdraw one of another circle", w.Withdraw(w.as(t, "ada"), id, elsewhere.ID), kernel.NotFound)
		if err := w.Withdraw(w.as(t, "ada"), id, withdrawn.ID); err != nil {
			t.Fatal(err)
		}
		_, never := w.Accept(w.as(t, "bob"), "", "NEVERWAS")
		_, wrong := w.Accept(w.as(t, "bob"), id, elsewhere.Token)
		gone := acceptAs(w, w.as(t, "bob"), withdrawn)
		for what, err := range map[string]error{"never was": never, "of another circle": wrong, "withdrawn": gone} {
			if !errors.Is(err, errOver) {
				t.Errorf("%s: %v", what, err)
			}
		}
		w.now = late.Until.Add(-time.Second)
		if err := acceptAs(w, w.as(t, "bob"), inTime); err != nil {
			t.Errorf("in its last second: %v", err)
		}
		w.now = late.Until
		kindOf(t, "it is over", acceptAs(w, w.as(t, "eve"), late), kernel.Gone)
		if all, err := w.Invitations(w.as(t, "ada"), id); err != nil || len(all) != 0 {
			t.Errorf("waiting: %v, %v", all, err)
		}
		w.now = w.now.AddDate(0, 0, 30)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := db.One(t.Context(), w.DB.Read(), db.Scan[int], `select count(*) from circle_invitation`); err != nil || n != 0 {
			t.Errorf("%d invitations after the sweep, %v", n, err)
		}
	})
}

func TestTwoPeopleCannotUseOneInvitation(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.create(t, "ada")
		for range 8 {
			i := w.invite(t, "ada", id)
			people := []string{"bob", "eve", "mallory"}
			errs := make([]error, len(people))
			contexts := make([]context.Context, len(people))
			for n, who := range people {
				contexts[n] = w.as(t, who)
			}
			var wg sync.WaitGroup
			for n := range people {
				wg.Go(func() { errs[n] = acceptAs(w, contexts[n], i) })
			}
			wg.Wait()
			in := 0
			for n, err := range errs {
				if err == nil {
					in++
					if _, err := w.Remove(contexts[n], id, kernel.PersonID(people[n])); err != nil {
						t.Error(err)
					}
				} else {
					kindOf(t, "too late", err, kernel.Gone)
				}
			}
			if in != 1 {
				t.Fatalf("%d people came in by one invitation: %v", in, errs)
			}
		}
	})
}

func TestInvitationsThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.create(t, "ada")
		for range mostInvitations {
			w.invite(t, "ada", id)
		}
		_, err := w.Invite(w.as(t, "ada"), id, "")
		kindOf(t, "one too many", err, kernel.TooMany)
		w.now = w.now.AddDate(0, 0, 8)
		w.invite(t, "ada", id) // those before have ended
	})
}

func TestInvitationLeavesByMailAndItsAddressIsSealed(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	t.Run("engines", func(t *testing.T) {
		each(t, func(t *testing.T, w *town) {
			runner := jobs.New(w.DB, slog.New(slog.DiscardHandler))
			w.Post = &mail.Post{
				DB: w.DB, Keys: w.Keys, Jobs: runner, Log: slog.New(slog.DiscardHandler),
				Settings: mail.Settings{Host: "127.0.0.1", Port: server.Port, From: "maison@ysole.example", TLS: mail.Plain},
			}
			w.Post.Register()
			to := "zelie." + filepath.Base(filepath.Dir(w.where)) + "@ysole.example"
			if db.IsPostgres(w.where) {
				to = "zelie.postgres@ysole.example"
			}
			id := w.create(t, "ada")
			_, err := w.Invite(w.as(t, "ada"), id, "not an address")
			kindOf(t, "no address", err, kernel.Invalid)
			i, err := w.Invite(w.as(t, "ada"), id, " "+to+" ")
			if err != nil {
				t.Fatal(err)
			}
			if i.To != to || i.Letter != mail.Waiting {
				t.Errorf("made %+v", i)
			}
			for _, q := range []string{`select sealed from circle_invitation`, `select letter from circle_invitation`, `select token_digest from circle_invitation`} {
				for _, column := range all(t, w, q) {
					if strings.Contains(column, "zelie") || strings.Contains(column, i.Token) {
						t.Errorf("%s shows %q", q, column)
					}
				}
			}
			if n, err := runner.RunDue(t.Context()); n != 1 || err != nil {
				t.Fatalf("%d letters left, %v", n, err)
			}
			found := false
			for _, l := range server.Letters(t) {
				if l.To == to {
					found = strings.Contains(l.Text, i.URL) && l.Subject == "Name of ada vous invite dans « Reliure »"
				}
			}
			if !found {
				t.Errorf("the letter did not arrive as written: %+v", server.Letters(t))
			}
			if waits, err := w.Invitations(w.as(t, "ada"), id); err != nil || len(waits) != 1 || waits[0].Letter != mail.Left {
				t.Errorf("waiting: %+v, %v", waits, err)
			}
			if err := acceptAs(w, w.as(t, "bob"), i); err != nil {
				t.Fatal(err)
			}
			if kept := all(t, w, `select sealed from circle_invitation`); len(kept) != 1 || kept[0] != "" {
				t.Errorf("kept of a used invitation: %q", kept)
			}
		})
	})
}

func all(t testing.TB, w *town, query string) []string {
	t.Helper()
	rows, err := db.All(t.Context(), w.DB.Read(), db.Scan[string], query)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestWithoutMailTheLinkIsGiven(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.create(t, "ada")
		i, err := w.Invite(w.as(t, "ada"), id, "zelie@ysole.example")
		if err != nil || i.URL == "" || i.Letter != "" || i.To != "zelie@ysole.example" {
			t.Errorf("made %+v, %v", i, err)
		}
	})
}
