package circle

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"

	"pgregory.net/rapid"
)

func TestLastOwnerHandsOverFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.gather(t, "bob")
		_, err := w.Remove(w.as(t, "ada"), id, "ada")
		if !errors.Is(err, errLast) {
			t.Errorf("the last owner leaves: %v", err)
		}
		if _, err := w.SetRole(w.as(t, "ada"), id, "ada", Plain); !errors.Is(err, errLastRole) {
			t.Errorf("the last owner steps down: %v", err)
		}
		if l, err := w.SetRole(w.as(t, "ada"), id, "bob", Owner); err != nil || l.Role != Owner || l.Name != "Name of bob" {
			t.Fatalf("handing over: %+v, %v", l, err)
		}
		if closed, err := w.Remove(w.as(t, "ada"), id, "ada"); err != nil || closed {
			t.Fatalf("leaving after: %v, %v", closed, err)
		}
		closed, err := w.Remove(w.as(t, "bob"), id, "bob")
		if err != nil || !closed {
			t.Errorf("the only member closes the circle: %v, %v", closed, err)
		}
		kindOf(t, "a closed circle shows", w.operations(t, id, "bob", "")["show"](w.as(t, "bob")), kernel.NotFound)
		if names, err := w.CircleNames(t.Context(), []kernel.CircleID{id, "cir_nowhere"}); err != nil || names[id] != "Reliure" || len(names) != 1 {
			t.Errorf("its name: %v, %v", names, err)
		}
	})
}

func TestClosedCircleTakesNobodyIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.create(t, "ada")
		i := w.invite(t, "ada", id)
		if closed, err := w.Remove(w.as(t, "ada"), id, "ada"); err != nil || !closed {
			t.Fatalf("closing: %v, %v", closed, err)
		}
		kindOf(t, "its invitation", acceptAs(w, w.as(t, "bob"), i), kernel.Gone)
		_, err := w.Look(w.as(t, "bob"), i.Token)
		kindOf(t, "looking at it", err, kernel.Gone)
	})
}

// On PostgreSQL two transactions really overlap.
func TestTwoOwnersCannotLeaveAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		for range 10 {
			id := w.gather(t, "bob", "eve")
			if _, err := w.SetRole(w.as(t, "ada"), id, "bob", Owner); err != nil {
				t.Fatal(err)
			}
			acts := []func() error{
				func() error { _, err := w.Remove(w.as(t, "ada"), id, "ada"); return err },
				func() error { _, err := w.Remove(w.as(t, "bob"), id, "bob"); return err },
				func() error { _, err := w.SetRole(w.as(t, "ada"), id, "ada", Plain); return err },
				func() error { _, err := w.SetRole(w.as(t, "bob"), id, "ada", Plain); return err },
			}
			var wg sync.WaitGroup
			for _, act := range acts {
				wg.Go(func() {
					if err := act(); err != nil && kernel.KindOf(err) == kernel.Internal {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			owners := 0
			for _, r := range w.roles(t, id) {
				if r == Owner {
					owners++
				}
			}
			if owners == 0 {
				t.Fatalf("nobody looks after the circle: %v", w.roles(t, id))
			}
		}
	})
}

func TestErasureHandsOverAndCloses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		alone := w.create(t, "ada")
		shared := w.create(t, "ada")
		for _, who := range []string{"eve", "bob"} { // eve joins first
			if _, err := w.Accept(w.as(t, who), shared, w.invite(t, "ada", shared).Token); err != nil {
				t.Fatal(err)
			}
			w.now = w.now.Add(time.Minute)
		}
		second := w.create(t, "mallory")
		if _, err := w.Accept(w.as(t, "ada"), second, w.invite(t, "mallory", second).Token); err != nil {
			t.Fatal(err)
		}
		pending, others := w.invite(t, "ada", shared), w.invite(t, "mallory", second)
		if before, err := w.Leaving(t.Context(), "ada"); err != nil || before != (Left{Circles: 3, Closed: 1, HandedOver: 1}) {
			t.Errorf("announced %+v, %v", before, err)
		}
		var left Left
		err := w.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
			left, err = w.Leave(t.Context(), tx, "ada")
			return err
		})
		if err != nil || left != (Left{Circles: 3, Closed: 1, HandedOver: 1}) {
			t.Errorf("left %+v, %v", left, err)
		}
		if got := w.roles(t, shared); len(got) != 2 || got["eve"] != Owner || got["bob"] != Plain {
			t.Errorf("the oldest member takes over: %v", got)
		}
		if got := w.roles(t, second); len(got) != 1 || got["mallory"] != Owner {
			t.Errorf("another's circle: %v", got)
		}
		if got := w.roles(t, alone); len(got) != 0 {
			t.Errorf("the closed circle: %v", got)
		}
		kindOf(t, "her invitation", acceptAs(w, w.as(t, "mallory"), pending), kernel.Gone)
		if err := acceptAs(w, w.as(t, "bob"), others); err != nil {
			t.Errorf("another's invitation: %v", err)
		}
		n, err := db.One(t.Context(), w.DB.Read(), db.Scan[int], `
			select (select count(*) from circle_member where person_id = 'ada')
			+ (select count(*) from circle_invitation where by_person = 'ada' or used_by = 'ada')`)
		if err != nil || n != 0 {
			t.Errorf("%d rows name her, %v", n, err)
		}
		// Done twice, it does nothing more.
		err = w.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
			left, err = w.Leave(t.Context(), tx, "ada")
			return err
		})
		if err != nil || left != (Left{}) {
			t.Errorf("a second time: %+v, %v", left, err)
		}
	})
}

func TestTheGateSeesWhoBelongsNow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		var _ gate.Circles = w.Service
		id := w.gather(t, "bob")
		belongs := func(who kernel.PersonID) bool {
			t.Helper()
			ok, err := w.Belongs(t.Context(), id, who)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !belongs("ada") || !belongs("bob") || belongs("eve") || belongs("") {
			t.Error("wrong members")
		}
		if of, err := w.CirclesOf(t.Context(), "bob"); err != nil || len(of) != 1 || of[0] != id {
			t.Errorf("circles of bob: %v, %v", of, err)
		}
		if _, err := w.Remove(w.as(t, "ada"), id, "bob"); err != nil {
			t.Fatal(err)
		}
		if belongs("bob") {
			t.Error("bob still belongs after he was removed")
		}
		if of, err := w.CirclesOf(t.Context(), "bob"); err != nil || len(of) != 0 {
			t.Errorf("circles of bob: %v, %v", of, err)
		}
	})
}

// Whatever people do, every open circle has an owner, and who belongs is what the
// rules say.
func TestEveryOpenCircleHasAnOwner(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		people := []string{"ada", "bob", "eve", "mallory"}
		contexts := map[string]context.Context{}
		for _, who := range people {
			contexts[who] = w.as(t, who)
		}
		var tokens []string
		rapid.Check(t, func(rt *rapid.T) {
			founder := rapid.SampledFrom(people).Draw(rt, "founder")
			v, err := w.Create(contexts[founder], "Cercle", Team)
			if err != nil {
				rt.Fatal(err)
			}
			want := map[string]Role{founder: Owner}
			joined := []string{founder}
			tokens = tokens[:0]
			owners := func() (n int) {
				for _, r := range want {
					if r == Owner {
						n++
					}
				}
				return n
			}
			gone := func(who string) {
				delete(want, who)
				for i, j := range joined {
					if j == who {
						joined = append(joined[:i], joined[i+1:]...)
						break
					}
				}
			}
			// last says whether who may not go or step down.
			last := func(who string) bool { return want[who] == Owner && owners() == 1 }
			for range rapid.IntRange(1, 14).Draw(rt, "steps") {
				w.now = w.now.Add(time.Second)
				who, other := rapid.SampledFrom(people).Draw(rt, "who"), rapid.SampledFrom(people).Draw(rt, "other")
				ctx := contexts[who]
				var err error
				allowed := true
				switch act := rapid.SampledFrom([]string{"invite", "accept", "owner", "member", "remove", "leave", "erase"}).Draw(rt, "act"); act {
				case "invite":
					var i Invitation
					if i, err = w.Invite(ctx, v.ID, ""); err == nil {
						tokens = append(tokens, i.Token)
					}
					allowed = want[who] == Owner
				case "accept":
					if len(tokens) == 0 {
						continue
					}
					_, err = w.Accept(ctx, v.ID, tokens[0])
					if _, in := want[who]; !in && err == nil {
						want[who], joined, tokens = Plain, append(joined, who), tokens[1:]
					}
					if kernel.KindOf(err) == kernel.Gone { // its giver was erased, or the circle is closed
						tokens = tokens[1:]
						err = nil
					}
				case "owner", "member":
					role := map[string]Role{"owner": Owner, "member": Plain}[act]
					_, err = w.SetRole(ctx, v.ID, kernel.PersonID(other), role)
					_, in := want[other]
					if allowed = want[who] == Owner && in && (role == Owner || !last(other)); allowed {
						want[other] = role
					}
				case "remove", "leave":
					if act == "leave" {
						other = who
					}
					_, err = w.Remove(ctx, v.ID, kernel.PersonID(other))
					_, in := want[other]
					_, me := want[who]
					if allowed = me && in && (who == other || want[who] == Owner) && (!last(other) || len(want) == 1); allowed {
						gone(other)
					}
				case "erase":
					err = w.DB.Write(t.Context(), func(tx *db.Tx) error {
						_, err := w.Leave(t.Context(), tx, kernel.PersonID(who))
						return err
					})
					was := last(who)
					if gone(who); was && len(joined) > 0 {
						want[joined[0]] = Owner
					}
				}
				if (err == nil) != allowed {
					rt.Fatalf("it was refused or let through wrongly: %v (allowed %v)", err, allowed)
				}
				got := w.roles(t, v.ID)
				if len(got) != len(want) {
					rt.Fatalf("members %v; want %v", got, want)
				}
				for who, r := range want {
					if got[who] != r {
						rt.Fatalf("members %v; want %v", got, want)
					}
				}
				if len(got) > 0 && owners() == 0 {
					rt.Fatalf("nobody looks after %v", got)
				}
				_, err = circleByID(t.Context(), w.DB.Read(), v.ID)
				if open := err == nil; open != (len(got) > 0) {
					rt.Fatalf("open: %v with members %v", open, got)
				}
			}
			for _, who := range people { // nobody may run into the limit of circles
				if err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
					_, err := w.Leave(t.Context(), tx, kernel.PersonID(who))
					return err
				}); err != nil {
					rt.Fatal(err)
				}
			}
		})
	})
}
