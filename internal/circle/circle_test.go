package circle

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/mail/mailtest"
	"digiwork/internal/platform/once"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"

	"log/slog"

	"pgregory.net/rapid"
)

var steps = []db.Steps{
	{Context: "circle", Files: Migrations}, {Context: "jobs", Files: jobs.Migrations}, {Context: "mail", Files: mail.Migrations},
}

// town is a circle service with people who may use it.
type town struct {
	*Service
	house *house.House
	where string
	now   time.Time
}

// Actors knows who a bearer is: a person, or person:scope for a narrow token.
type actors struct{ *house.House }

// Recognise implements gate.Sessions.
func (a actors) Recognise(ctx context.Context, c gate.Credential) (kernel.Actor, error) {
	person, scope, narrow := strings.Cut(c.Bearer, ":")
	actor, err := a.House.Recognise(ctx, gate.Credential{Bearer: person})
	if narrow {
		actor.Scopes = []string{scope}
	}
	actor.Lang = "" // she never chose: the browser's
	if !actor.IsVisitor() {
		actor.Name = "Name of " + person
	}
	return actor, err
}

func open(t *testing.T, where string) *town {
	t.Helper()
	h := house.Open(t, where, steps...)
	h.Gate.Sessions = actors{h}
	w := &town{house: h, where: where, now: time.Date(2037, 3, 24, 9, 0, 0, 0, time.UTC)} // later than any real clock: a database's time never goes back
	w.Service = &Service{DB: h.DB, Keys: h.Keys, People: h, Base: "http://localhost:8080"}
	h.DB.SetClock(func() time.Time { return w.now })
	return w
}

func each(t *testing.T, f func(t *testing.T, w *town)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) { f(t, open(t, where)) })
}

// as is the context of a request of somebody.
func (w *town) as(t testing.TB, bearer string) context.Context {
	t.Helper()
	return i18n.With(w.house.As(t, kernel.PersonID(bearer)), catalog(t))
}

func catalog(t testing.TB) *i18n.Catalog {
	t.Helper()
	c := &i18n.Catalog{}
	if err := c.Add("circle", Messages); err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *town) create(t testing.TB, who string) kernel.CircleID {
	t.Helper()
	v, err := w.Create(w.as(t, who), "Reliure", Team)
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func (w *town) invite(t testing.TB, who string, id kernel.CircleID) Invitation {
	t.Helper()
	i, err := w.Invite(w.as(t, who), id, "")
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// gather makes a circle of ada's to which others belong.
func (w *town) gather(t testing.TB, others ...string) kernel.CircleID {
	t.Helper()
	id := w.create(t, "ada")
	for _, who := range others {
		if _, err := w.Accept(w.as(t, who), id, w.invite(t, "ada", id).Token); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

func (w *town) roles(t testing.TB, id kernel.CircleID) map[string]Role {
	t.Helper()
	ms, err := members(t.Context(), w.DB.Read(), id, time.Time{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]Role{}
	for _, m := range ms {
		roles[string(m.Person)] = m.Role
	}
	return roles
}

func kindOf(t testing.TB, what string, err error, want kernel.Kind) {
	t.Helper()
	if err == nil || kernel.KindOf(err) != want {
		t.Errorf("%s: %v; want %s", what, err, want)
	}
}

func TestWhoMakesACircleLooksAfterIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		v, err := w.Create(w.as(t, "ada"), "  Les \t Rives\n d’Ysole ", Guild)
		if err != nil {
			t.Fatal(err)
		}
		if v.Name != "Les Rives d’Ysole" || v.Kind != Guild || v.Role != Owner || v.Members != 1 || v.Version != 1 || !v.MadeAt.Equal(w.now) {
			t.Errorf("made %+v", v)
		}
		for _, c := range []struct {
			name string
			kind Kind
			want error
		}{
			{"", Team, errNameMissing},
			{" \n\t ", Team, errNameMissing},
			{strings.Repeat("é", maxName+1), Team, errNameLong},
			{"a\x07b", Team, errNameLine},
			{"Reliure", "club", errKind},
			{"Reliure", "", errKind},
		} {
			if _, err := w.Create(w.as(t, "ada"), c.name, c.kind); !errors.Is(err, c.want) {
				t.Errorf("%q, %q: %v; want %v", c.name, c.kind, err, c.want)
			}
		}
		for _, k := range Kinds {
			if v, err := w.Create(w.as(t, "ada"), strings.Repeat("é", maxName), k); err != nil || v.Kind != k {
				t.Errorf("a %s with a long name: %v", k, err)
			}
		}
	})
}

// operations are all that can be asked about a circle.
func (w *town) operations(t testing.TB, id kernel.CircleID, bob kernel.PersonID, invitation string) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"show":        func(ctx context.Context) error { _, err := w.Show(ctx, id); return err },
		"current":     func(ctx context.Context) error { _, err := w.Current(ctx, id); return err },
		"rename":      func(ctx context.Context) error { _, err := w.Rename(ctx, id, 1, "Autre"); return err },
		"rename void": func(ctx context.Context) error { _, err := w.Rename(ctx, id, 1, ""); return err },
		"members":     func(ctx context.Context) error { _, _, err := w.Members(ctx, id, "", 10); return err },
		"member":      func(ctx context.Context) error { _, err := w.Member(ctx, id, bob); return err },
		"set role":    func(ctx context.Context) error { _, err := w.SetRole(ctx, id, bob, Owner); return err },
		"remove":      func(ctx context.Context) error { _, err := w.Remove(ctx, id, bob); return err },
		"leave": func(ctx context.Context) error {
			_, err := w.Remove(ctx, id, kernel.ActorFrom(ctx).Person)
			return err
		},
		"invite":      func(ctx context.Context) error { _, err := w.Invite(ctx, id, ""); return err },
		"invitations": func(ctx context.Context) error { _, err := w.Invitations(ctx, id); return err },
		"withdraw":    func(ctx context.Context) error { return w.Withdraw(ctx, id, invitation) },
	}
}

func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.gather(t, "bob")
		i := w.invite(t, "ada", id)
		w.create(t, "mallory") // she looks after another circle
		for name, op := range w.operations(t, id, "bob", i.ID) {
			kindOf(t, name+" as a visitor", op(w.as(t, "")), kernel.Unauthenticated)
			kindOf(t, name+" as a stranger", op(w.as(t, "eve")), kernel.NotFound)
			kindOf(t, name+" as an owner of another circle", op(w.as(t, "mallory")), kernel.NotFound)
		}
		// A circle that never was is refused in the same words.
		for name, op := range w.operations(t, "cir_nowhere", "bob", i.ID) {
			a, b := op(w.as(t, "ada")), w.operations(t, id, "bob", i.ID)[name](w.as(t, "eve"))
			if a.Error() != b.Error() {
				t.Errorf("%s: %q for none, %q for a hidden one", name, a, b)
			}
		}
		if got := w.roles(t, id); len(got) != 2 || got["ada"] != Owner || got["bob"] != Plain {
			t.Errorf("afterwards: %v", got)
		}
	})
}

func TestOnlyOwnersLookAfter(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.gather(t, "bob", "eve")
		i := w.invite(t, "ada", id)
		may := map[string]bool{"show": true, "current": true, "members": true, "member": true}
		for name, op := range w.operations(t, id, "eve", i.ID) {
			if name == "leave" {
				continue
			}
			err := op(w.as(t, "bob"))
			switch {
			case may[name] && err != nil:
				t.Errorf("a member may not %s: %v", name, err)
			case !may[name]:
				kindOf(t, name+" as a member", err, kernel.Forbidden)
			}
		}
		// His legitimate neighbour may.
		for _, name := range []string{"rename", "set role", "invite", "invitations", "withdraw", "remove"} {
			if err := w.operations(t, id, "eve", i.ID)[name](w.as(t, "ada")); err != nil {
				t.Errorf("an owner may not %s: %v", name, err)
			}
		}
		if _, in := w.roles(t, id)["eve"]; in {
			t.Error("eve was not removed")
		}
	})
}

func TestNarrowTokensDoWhatTheySay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.gather(t, "bob")
		i := w.invite(t, "ada", id)
		scopes := map[string]string{
			"show": "read", "members": "read", "member": "read", "current": "write", "rename": "write", "set role": "write",
			"leave": "write", "invite": "share", "invitations": "share", "withdraw": "share",
		}
		for name, scope := range scopes {
			op := w.operations(t, id, "bob", i.ID)[name]
			for _, other := range []string{"read", "write", "share", "export"} {
				if other != scope {
					kindOf(t, name+" with "+other, op(w.as(t, "ada:"+other)), kernel.Forbidden)
				}
			}
			if name == "leave" {
				continue // tried below: it ends the circle
			}
			if err := op(w.as(t, "ada:"+scope)); err != nil {
				t.Errorf("%s with %s: %v", name, scope, err)
			}
		}
		if _, err := w.Create(w.as(t, "ada:read"), "x", Team); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("create with read: %v", err)
		}
		if _, err := w.Create(w.as(t, "ada:write"), "x", Team); err != nil {
			t.Errorf("create with write alone: %v", err)
		}
	})
}

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

func TestNameIsChangedByWhoReadIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		id := w.create(t, "ada")
		v, err := w.Rename(w.as(t, "ada"), id, 1, "Dorure")
		if err != nil || v.Name != "Dorure" || v.Version != 2 {
			t.Fatalf("renamed: %+v, %v", v, err)
		}
		if _, err := w.Rename(w.as(t, "ada"), id, 1, "Marbrure"); !errors.Is(err, errStale) {
			t.Errorf("a stale version: %v", err)
		}
		if _, err := w.Rename(w.as(t, "ada"), id, 2, " "); !errors.Is(err, errNameMissing) {
			t.Errorf("no name: %v", err)
		}
		if v, err := w.Show(w.as(t, "ada"), id); err != nil || v.Name != "Dorure" {
			t.Errorf("now: %+v, %v", v, err)
		}
	})
}

// keyed is ctx with an idempotency key, as the middleware gives it.
func keyed(t testing.TB, ctx context.Context, key, operation string) context.Context {
	t.Helper()
	r, err := once.New(key, operation)
	if err != nil {
		t.Fatal(err)
	}
	return once.With(ctx, r)
}

func TestEveryWriteMayBeSentTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		twice := func(who, operation string, f func(ctx context.Context) (string, error)) string {
			t.Helper()
			first, err := f(keyed(t, w.as(t, who), "k-"+operation, operation))
			if err != nil {
				t.Fatalf("%s: %v", operation, err)
			}
			again, err := f(keyed(t, w.as(t, who), "k-"+operation, operation))
			if err != nil || again != first {
				t.Errorf("%s a second time: %q, %v; want %q", operation, again, err, first)
			}
			if _, err := f(keyed(t, w.as(t, who), "k-"+operation, operation+" other")); !errors.Is(err, once.ErrOtherRequest) {
				t.Errorf("%s with the key of another request: %v", operation, err)
			}
			return first
		}
		id := kernel.CircleID(twice("ada", "create", func(ctx context.Context) (string, error) {
			v, err := w.Create(ctx, "Reliure", Team)
			return string(v.ID), err
		}))
		if of, err := w.CirclesOf(t.Context(), "ada"); err != nil || len(of) != 1 {
			t.Errorf("%v circles, %v", of, err)
		}
		url := twice("ada", "invite", func(ctx context.Context) (string, error) {
			i, err := w.Invite(ctx, id, "")
			return i.URL, err
		})
		if all, err := w.Invitations(w.as(t, "ada"), id); err != nil || len(all) != 1 || all[0].URL != url {
			t.Errorf("%v invitations, %v", all, err)
		}
		twice("bob", "accept", func(ctx context.Context) (string, error) {
			v, err := w.Accept(ctx, id, url[strings.LastIndex(url, "/")+1:])
			return string(v.ID), err
		})
		twice("ada", "rename", func(ctx context.Context) (string, error) {
			v, err := w.Rename(ctx, id, 1, "Dorure")
			return v.Name, err
		})
		twice("ada", "role", func(ctx context.Context) (string, error) {
			l, err := w.SetRole(ctx, id, "bob", Owner)
			return string(l.Role), err
		})
		i := w.invite(t, "ada", id)
		twice("ada", "withdraw", func(ctx context.Context) (string, error) { return "", w.Withdraw(ctx, id, i.ID) })
		twice("ada", "remove", func(ctx context.Context) (string, error) {
			_, err := w.Remove(ctx, id, "bob")
			return "", err
		})
	})
}

func TestListsGoOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *town) {
		var made []kernel.CircleID
		for range 5 {
			made = append(made, w.gather(t, "bob"))
			w.now = w.now.Add(time.Second)
		}
		var seen []kernel.CircleID
		for cursor := ""; ; {
			views, next, err := w.Mine(w.as(t, "bob"), cursor, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range views {
				seen = append(seen, v.ID)
				if v.Members != 2 || v.Owners != 1 || v.Role != Plain {
					t.Errorf("line %+v", v)
				}
			}
			if cursor = next; next == "" {
				break
			}
		}
		if len(seen) != 5 {
			t.Fatalf("seen %v; want %v", seen, made)
		}
		for i := range made {
			if seen[i] != made[i] {
				t.Errorf("seen %v; want %v", seen, made)
			}
		}
		// Members who joined in the same millisecond are each seen once.
		id := w.gather(t, "bob", "eve", "mallory")
		people := map[string]int{}
		for cursor := ""; ; {
			lines, next, err := w.Members(w.as(t, "bob"), id, cursor, 1)
			if err != nil || len(lines) != 1 {
				t.Fatalf("%v, %v", lines, err)
			}
			people[string(lines[0].Person)]++
			if lines[0].Me != (lines[0].Person == "bob") {
				t.Errorf("who is bob: %+v", lines[0])
			}
			if cursor = next; next == "" {
				break
			}
		}
		if len(people) != 4 {
			t.Errorf("seen %v", people)
		}
		for _, wrong := range []string{"%", "bm90IGEgY3Vyc29y"} {
			_, _, err := w.Members(w.as(t, "bob"), id, wrong, 1)
			kindOf(t, "a cursor of no list", err, kernel.Invalid)
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
