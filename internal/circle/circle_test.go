package circle

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/once"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
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
