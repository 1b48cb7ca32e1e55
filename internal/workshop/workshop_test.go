package workshop_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/live"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/seal"
	"digiwork/internal/testkit"
	"digiwork/internal/workshop"
)

const expo = kernel.ExpeditionID("exp_1")

// expeditions lets ada lead, and bob and guests read.
type expeditions struct{ kept []string }

var errForbidden = kernel.NewFault(kernel.Forbidden, "test")

func (*expeditions) May(ctx context.Context, _ kernel.ExpeditionID, act string) error {
	switch who := kernel.ActorFrom(ctx).Person; {
	case who == "ada", who == "bob" && act == "read":
		return nil
	}
	return errForbidden
}

func (*expeditions) Cards(context.Context, kernel.ExpeditionID, string) ([]workshop.Card, error) {
	return []workshop.Card{{ID: "crd_1", Title: "Des congés illimités"}}, nil
}

func (e *expeditions) KeepTension(_ context.Context, _ *db.Tx, _ kernel.ExpeditionID, table, scenario, words string) (string, error) {
	e.kept = append(e.kept, table+" "+scenario+" "+words)
	return fmt.Sprintf("crd_kept%d", len(e.kept)), nil
}

type room struct {
	*workshop.Service
	t    testing.TB
	expo *expeditions
}

func open(t *testing.T, where string) *room {
	t.Helper()
	d := testkit.Open(t, where, db.Content, db.Steps{Context: "once", Files: once.Migrations}, db.Steps{Context: "workshop", Files: workshop.Migrations})
	k := testkit.Open(t, where, db.Keys, db.Steps{Context: "seal", Files: seal.Migrations})
	keys, _, err := seal.Open(t.Context(), k, filepath.Join(t.TempDir(), "instance.key"))
	if err != nil {
		t.Fatal(err)
	}
	e := &expeditions{}
	return &room{t: t, expo: e, Service: &workshop.Service{DB: d, Keys: keys, Expeditions: e, Live: live.New(d, slog.New(slog.DiscardHandler))}}
}

func (r *room) as(person kernel.PersonID) context.Context {
	return kernel.WithActor(r.t.Context(), kernel.Actor{Person: person, Lang: "fr"})
}

// table opens a table with three roles and two stakes.
func (r *room) table(named bool) string {
	r.t.Helper()
	id, err := r.Open(r.as("ada"), expo, workshop.Draft{
		Name: "Congés illimités", Scenario: "crd_1", Named: named, Stakes: "Fixer ses horaires\nGarder un collectif",
		Roles: "Infirmière : de nuit depuis dix ans : partir avant l’été\nDirection\nSyndicaliste", Script: []workshop.Step{{Phase: workshop.Gather}, {Phase: workshop.Silent}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func (r *room) move(table string, to workshop.Phase) {
	r.t.Helper()
	b, err := r.Board(r.as("ada"), table, "")
	if err == nil {
		err = r.Move(r.as("ada"), expo, table, to, 1, b.Version)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

func position(stake string, v int) workshop.Entry {
	return workshop.Entry{Kind: workshop.Position, Target: stake, Value: v}
}

func pressure(role string, v int) workshop.Entry {
	return workshop.Entry{Kind: workshop.Pressure, Target: role, Value: v}
}

func TestATableFromTheCodeToTheTensions(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		r := open(t, where)
		id := r.table(false)
		tables, err := r.Tables(r.as("bob"), expo)
		if err != nil || len(tables) != 1 {
			t.Fatalf("%+v, %v", tables, err)
		}
		code, err := r.Code(tables[0])
		if err != nil {
			t.Fatal(err)
		}
		if found, err := r.Join(t.Context(), "client", strings.ToLower(code[:4]+" "+code[4:])); err != nil || found != id {
			t.Fatalf("joined %q, %v", found, err)
		}
		if _, err := r.Join(t.Context(), "client", "NEVER222"); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a code that opens nothing: %v", err)
		}
		visitor := r.as("")
		if _, err := r.Board(visitor, id, "key1"); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a visitor without a seat sees the board: %v", err)
		}
		for i, role := range []string{"r1", "r2", "r3", "r1"} {
			if err := r.Sit(visitor, id, fmt.Sprint("key", i), role, "Zoé"); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Enter(visitor, id, "key0", []workshop.Entry{position("s1", 4)}); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("entering before the silence: %v", err)
		}
		r.move(id, workshop.Silent)
		for i, entries := range [][]workshop.Entry{
			{position("s1", 4), position("s2", -1), pressure("r2", 1), {Kind: workshop.Words, Words: "je pars à l’aube"}},
			{position("s1", -3), pressure("r1", 4), pressure("r3", 2)},
			{position("s1", 3), position("s2", 4), pressure("r2", 3)},
			{position("s1", 2)},
		} {
			if err := r.Enter(visitor, id, fmt.Sprint("key", i), entries); err != nil {
				t.Fatal(err)
			}
		}
		for _, bad := range [][]workshop.Entry{{position("s1", 5)}, {position("s9", 1)}, {pressure("r1", 1)}, {pressure("r2", -1)}, {{Kind: "mood", Value: 1}}} {
			if err := r.Enter(visitor, id, "key0", bad); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		for who, ctx := range map[string]context.Context{"ada, who leads": r.as("ada"), "a seat": visitor} {
			b, err := r.Board(ctx, id, "key0")
			if err != nil || b.Reveal || b.Play.Positions != nil || b.Written != 4 {
				t.Errorf("%s before the reveal: %+v, %v", who, b.Play, err)
			}
			for _, line := range b.Seats {
				if line.Role.Secret != "" || len(line.Names) > 0 {
					t.Errorf("%s sees %+v", who, line)
				}
			}
		}
		r.move(id, workshop.Reveal)
		b, err := r.Board(visitor, id, "key0")
		if err != nil || b.Play.Positions[0][0] != (workshop.Cell{N: 2, Mean: 3, Min: 2, Max: 4}) || b.Play.Words[0][0] != "je pars à l’aube" || b.Play.Result == nil {
			t.Fatalf("%+v, %v", b.Play, err)
		}
		if m := b.Play.Result.MIDI; m[0][1] < 1 {
			t.Errorf("MIDI %v", m)
		}
		if err := r.Move(r.as("ada"), expo, id, workshop.Silent, 1, b.Version); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("what was seen is hidden again: %v", err)
		}
		r.move(id, workshop.Revise)
		if err := r.Enter(visitor, id, "key1", []workshop.Entry{position("s1", 1)}); err != nil {
			t.Fatal(err)
		}
		if b, err = r.Board(r.as("bob"), id, ""); err != nil || b.Play.Positions[1][0].Mean != 1 || b.Written != 1 {
			t.Errorf("the revised position does not count: %+v, %v", b.Play.Positions, err)
		}
		if err := r.Keep(visitor, id, "key0", "Choisir ses heures, garder l’équipe"); err != nil {
			t.Fatal(err)
		}
		if err := r.Keep(visitor, id, "stranger", "X"); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("a stranger keeps an idea: %v", err)
		}
		b, _ = r.Board(visitor, id, "key0") //nolint:errcheck // read above
		for _, key := range []string{"key0", "key1", "key0"} {
			if err := r.Dot(visitor, id, key, b.Ideas[0].ID, true); err != nil {
				t.Fatal(err)
			}
		}
		if b, _ = r.Board(visitor, id, "key0"); b.Ideas[0].Dots != 2 || !b.Ideas[0].Mine { //nolint:errcheck // read above
			t.Errorf("%+v", b.Ideas)
		}
		if err := r.Carry(r.as("bob"), expo, id, b.Ideas[0].ID); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a reader carries: %v", err)
		}
		for range 2 {
			if err := r.Carry(r.as("ada"), expo, id, b.Ideas[0].ID); err != nil {
				t.Fatal(err)
			}
		}
		if len(r.expo.kept) != 1 || r.expo.kept[0] != id+" crd_1 Choisir ses heures, garder l’équipe" {
			t.Errorf("kept %q", r.expo.kept)
		}
	})
}

func TestAfterClosingNobodyCanBeTold(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		r := open(t, where)
		id := r.table(true)
		for i := range 3 {
			if err := r.Sit(r.as(""), id, fmt.Sprint("key", i), "r1", ""); err != nil {
				t.Fatal(err)
			}
		}
		r.move(id, workshop.Silent)
		for i := range 3 {
			if err := r.Enter(r.as(""), id, fmt.Sprint("key", i), []workshop.Entry{position("s1", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Forget(r.as(""), id, "key2"); err != nil {
			t.Fatal(err)
		}
		if err := r.Forget(r.as(""), id, "key2"); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("forgotten twice: %v", err)
		}
		tables, _ := r.Tables(r.as("ada"), expo) //nolint:errcheck // a later read says
		code, _ := r.Code(tables[0])             //nolint:errcheck // a later read says
		if err := r.Close(r.as("bob"), expo, id); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a reader closes: %v", err)
		}
		if err := r.Close(r.as("ada"), expo, id); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Join(t.Context(), "client", code); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("the code still opens: %v", err)
		}
		for _, f := range []func() error{
			func() error { _, _, err := r.Mine(r.as(""), id, "key0"); return err },
			func() error { return r.Forget(r.as(""), id, "key0") },
		} {
			if err := f(); kernel.KindOf(err) != kernel.NotFound {
				t.Errorf("a device is still known: %v", err)
			}
		}
		if err := r.Sit(r.as(""), id, "key0", "r1", ""); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("sitting at a closed table: %v", err)
		}
		n, err := db.One(t.Context(), r.DB.Read(), db.Scan[int], `select count(*) from workshop_seat where key_digest <> ''`)
		if err != nil || n != 0 {
			t.Errorf("%d digests are left, %v", n, err)
		}
		b, err := r.Board(r.as("bob"), id, "")
		if err != nil || b.Play.Positions[0][0].N != 2 {
			t.Errorf("%+v, %v: what was entered should stay, but for the forgotten", b.Play.Positions, err)
		}
	})
}

func TestNamesOnlyWhereTheTableAllowsThem(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		r := open(t, where)
		for named, want := range map[bool]int{true: 1, false: 0} {
			id := r.table(named)
			if err := r.Sit(r.as("bob"), id, "key", "r2", "Bob"); err != nil {
				t.Fatal(err)
			}
			b, err := r.Board(r.as("ada"), id, "")
			if err != nil || len(b.Seats[1].Names) != want {
				t.Errorf("named %v: %+v, %v", named, b.Seats, err)
			}
			raw, err := json.Marshal(workshop.Record(b))
			if err != nil || strings.Contains(string(raw), "Bob") {
				t.Errorf("%s, %v", raw, err)
			}
		}
		// A person who signed in leaves no trace of it.
		for _, column := range []string{`select count(*) from workshop_seat where key_digest like '%bob%' or id like '%bob%'`} {
			if n, err := db.One(t.Context(), r.DB.Read(), db.Scan[int], column); err != nil || n != 0 { //nolint:gosec // constant
				t.Errorf("%d, %v", n, err)
			}
		}
	})
}

func TestTheDeskIsHandedOver(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		r := open(t, where)
		id := r.table(false)
		if _, err := r.HandOver(r.as("bob"), expo, id); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a reader hands over: %v", err)
		}
		first, err := r.HandOver(r.as("ada"), expo, id)
		if err != nil {
			t.Fatal(err)
		}
		second, err := r.HandOver(r.as("ada"), expo, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.TakeDesk(t.Context(), id, first); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("the first key still leads: %v", err)
		}
		if _, err := r.TakeDesk(t.Context(), id, second); err != nil {
			t.Error(err)
		}
		guest := workshop.WithDesk(r.as(""), second)
		b, err := r.Board(guest, id, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Move(guest, expo, id, workshop.Silent, 1, b.Version); err != nil {
			t.Errorf("whoever holds the desk cannot lead: %v", err)
		}
		if err := r.Move(workshop.WithDesk(r.as(""), first), expo, id, workshop.Reveal, 2, b.Version+1); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("whoever held it still leads: %v", err)
		}
		if err := r.Move(r.as("ada"), expo, id, workshop.Reveal, 2, b.Version); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("two who lead move it twice: %v", err)
		}
		if err := r.EnterPaper(r.as("ada"), expo, id, "r2", []workshop.Entry{position("s1", -2)}); err != nil {
			t.Error(err)
		}
	})
}

// A hundred phones enter at once: nothing is lost, nobody is counted twice.
func TestAHundredPhones(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		r := open(t, where)
		id := r.table(false)
		woken := r.Live.Subscribe(t.Context(), id)
		var wg sync.WaitGroup
		each := func(f func(i int) error) {
			for i := range 100 {
				wg.Go(func() {
					if err := f(i); err != nil {
						t.Errorf("%d: %v", i, err)
					}
				})
			}
			wg.Wait()
		}
		each(func(i int) error { return r.Sit(r.as(""), id, fmt.Sprint("key", i), fmt.Sprintf("r%d", i%3+1), "") })
		r.move(id, workshop.Silent)
		for range 2 {
			each(func(i int) error {
				return r.Enter(r.as(""), id, fmt.Sprint("key", i), []workshop.Entry{position("s1", i%9-4)})
			})
		}
		select {
		case <-woken:
		default:
			t.Error("nobody was told")
		}
		r.move(id, workshop.Reveal)
		b, err := r.Board(r.as("ada"), id, "")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i := range b.Roles {
			n += b.Play.Positions[i][0].N
		}
		if n != 100 {
			t.Errorf("%d positions, want 100", n)
		}
	})
}

func TestTablesTravelWithTheirExpedition(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		r := open(t, where)
		id := r.table(true)
		for i, role := range []string{"r1", "r2"} {
			if err := r.Sit(r.as(""), id, fmt.Sprint("key", i), role, "Zoé"); err != nil {
				t.Fatal(err)
			}
		}
		r.move(id, workshop.Silent)
		if err := r.Enter(r.as(""), id, "key0", []workshop.Entry{position("s1", 3), {Kind: workshop.Words, Words: "je reste"}}); err != nil {
			t.Fatal(err)
		}
		hidden, err := r.Export(r.as("ada"), expo)
		if err != nil || strings.Contains(string(hidden), "je reste") {
			t.Errorf("what is hidden is exported: %s, %v", hidden, err)
		}
		r.move(id, workshop.Reveal)
		raw, err := r.Export(r.as("ada"), expo)
		if err != nil || strings.Contains(string(raw), "Zoé") || !strings.Contains(string(raw), "je reste") {
			t.Fatalf("%s, %v", raw, err)
		}
		if err := r.DB.Write(t.Context(), func(tx *db.Tx) error { return r.Drop(t.Context(), tx, expo) }); err != nil {
			t.Fatal(err)
		}
		if left, err := r.Export(r.as("ada"), expo); err != nil || left != nil {
			t.Errorf("left %s, %v", left, err)
		}
		if err := r.DB.Write(t.Context(), func(tx *db.Tx) error { return r.Import(r.as("ada"), tx, expo, raw) }); err != nil {
			t.Fatal(err)
		}
		if again, err := r.Export(r.as("ada"), expo); err != nil || string(again) != string(raw) {
			t.Errorf("%v\n%s\n%s", err, raw, again)
		}
	})
}
