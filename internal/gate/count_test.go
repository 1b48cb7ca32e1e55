package gate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

// crew opens a house with a circle of n more people, p1 its owner.
func crew(t *testing.T, n int, f func(t *testing.T, h *house.House, people []kernel.PersonID)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) {
		h := house.Open(t, where)
		people := make([]kernel.PersonID, n)
		for i := range people {
			people[i] = kernel.PersonID(fmt.Sprint("p", i+1))
			h.Add(t, people[i])
		}
		h.Circle("cir_team", people...)
		f(t, h, people)
	})
}

// current is an activity in progress.
func current(kind string, paid bool, hours float64, tags ...string) gate.Item {
	return gate.Item{View: gate.View{Kind: kind, Title: "Secret de " + kind, Start: "2020", Paid: &paid, Hours: hours, Tags: tags, Provenance: gate.Provenance{Source: gate.Declared}}}
}

func ask(h *house.House) gate.CountAsk {
	return gate.CountAsk{
		Circle: "cir_team", Purpose: "préparer la négociation", Questions: []string{"kinds", "paid"},
		Until: h.DB.Now().AddDate(0, 0, 7).Format(time.DateOnly),
	}
}

func openCount(t *testing.T, h *house.House, a gate.CountAsk) gate.Count {
	t.Helper()
	c, err := h.Gate.OpenCount(h.As(t, "p1"), a)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sayYes(t *testing.T, h *house.House, c gate.Count, people ...kernel.PersonID) {
	t.Helper()
	for _, p := range people {
		ctx := h.As(t, p)
		_, seen, err := h.Gate.MyRow(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Gate.Answer(ctx, c.ID, true, seen); err != nil {
			t.Fatal(p, err)
		}
	}
}

// end goes to the day after the end of a count, and lets the program do its work.
func end(t *testing.T, h *house.House, c gate.Count) gate.Count {
	t.Helper()
	after := c.Until.Add(time.Second)
	h.DB.SetClock(func() time.Time { return after })
	if err := h.Gate.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := h.Gate.CountByID(h.As(t, "p1"), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func cellOf(c gate.Count, question, name string) gate.Cell {
	for _, tally := range c.Tallies {
		for _, cell := range tally.Cells {
			if tally.Question == question && cell.Name == name {
				return cell
			}
		}
	}
	return gate.Cell{Name: "not asked"}
}

func rowsOf(t *testing.T, h *house.House, table string) int {
	t.Helper()
	queries := map[string]string{
		"contributions": `select count(*) from gate_contribution`,
		"counted":       `select count(*) from gate_counted`,
	}
	n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], queries[table])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACountPublishesWhatManySay(t *testing.T) {
	crew(t, 14, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		for i, p := range people {
			ctx := h.As(t, p)
			keep(t, h, ctx, current("job", true, 35))
			if i < 7 {
				keep(t, h, ctx, current("volunteering", false, 3))
			}
			if i < 2 {
				keep(t, h, ctx, current("care", false, 5))
			}
		}
		c := openCount(t, h, ask(h))
		sayYes(t, h, c, people[:13]...)
		if err := h.Gate.Answer(h.As(t, people[13]), c.ID, false, ""); err != nil {
			t.Fatal(err)
		}
		c = end(t, h, c)
		if c.State != gate.CountPublished || c.People != 13 {
			t.Fatalf("%+v", c)
		}
		// Everybody has a job, two care for somebody: both would speak of few people, and
		// volunteering goes with them as the next smallest.
		for _, kind := range []string{"job", "care", "volunteering", "learning"} {
			if cell := cellOf(c, "kinds", kind); !cell.Hidden || cell.People != 0 {
				t.Errorf("%s: %+v", kind, cell)
			}
		}
		if n := rowsOf(t, h, "contributions"); n != 0 {
			t.Errorf("%d contributions are kept after publication", n)
		}
		if n := rowsOf(t, h, "counted"); n != 13 {
			t.Errorf("%d digests", n)
		}
		for i, p := range people {
			lines, _, err := h.Gate.Journal(h.As(t, p), "", 10)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(lines) == 1 && lines[0].What == "counted" && lines[0].Who == "count"; got != (i < 13) {
				t.Errorf("%s reads %+v", p, lines)
			}
		}
		if err := h.Gate.TakeBack(h.As(t, "p1"), c.ID); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("after publication: %v", err)
		}
	})
}

func TestFiguresOfFiveAndMoreAreShown(t *testing.T) {
	crew(t, 24, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		for i, p := range people {
			ctx := h.As(t, p)
			kind := []string{"job", "mission", "volunteering"}[i%3]
			keep(t, h, ctx, current(kind, i%3 < 2, 35, "Tableur"))
			if i%2 == 0 {
				keep(t, h, ctx, gate.Item{View: gate.View{Kind: "tool", Title: "  soudure À l'arc"}})
			}
			keep(t, h, ctx, gate.Item{View: gate.View{Kind: "mandate", Title: "fini", Start: "2010", End: "2015"}})
			keep(t, h, ctx, gate.Item{View: gate.View{Kind: "learning", Title: "jamais", Start: "2010", Never: true}})
		}
		a := ask(h)
		a.Questions, a.Words = []string{"kinds", "words", "hours"}, []string{"Soudure a l’arc", "tableur", "SOUDURE  à l'arc", ""}
		c := openCount(t, h, a)
		if len(c.Words) != 2 || !slices.Equal(c.Questions, []string{"kinds", "hours", "words"}) {
			t.Fatalf("%+v", c)
		}
		row, _, err := h.Gate.MyRow(h.As(t, "p1"), c)
		if err != nil || !slices.Equal(row["kinds"], []string{"job"}) || !slices.Equal(row["hours"], []string{"under_45"}) || len(row["words"]) != 2 {
			t.Errorf("%v, %v", row, err)
		}
		sayYes(t, h, c, people...)
		c = end(t, h, c)
		shown := map[string]int{}
		for _, kind := range []string{"job", "mission", "volunteering"} {
			if cell := cellOf(c, "kinds", kind); !cell.Hidden {
				shown[kind] = cell.People
			}
		}
		// Eight in each; one of them goes with the kinds nobody has.
		if len(shown) != 2 || shown["mission"] != 8 || shown["volunteering"] != 8 {
			t.Errorf("%v", shown)
		}
		for _, kind := range []string{"mandate", "learning"} {
			if cell := cellOf(c, "kinds", kind); !cell.Hidden {
				t.Errorf("what has ended or is never shared is counted: %+v", cell)
			}
		}
		if cell := cellOf(c, "hours", "under_45"); !cell.Hidden {
			t.Errorf("all alike is told: %+v", cell)
		}
	})
}

func TestFewerThanFiveArePublishedByNobody(t *testing.T) {
	crew(t, 8, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		c := openCount(t, h, ask(h))
		sayYes(t, h, c, people[:5]...)
		if err := h.Gate.TakeBack(h.As(t, people[4]), c.ID); err != nil {
			t.Fatal(err)
		}
		for _, p := range people[5:] {
			if err := h.Gate.Answer(h.As(t, p), c.ID, false, ""); err != nil {
				t.Fatal(err)
			}
		}
		c = end(t, h, c)
		if c.State != gate.CountShort || c.People != 0 || len(c.Tallies) != 0 {
			t.Errorf("%+v", c)
		}
		if n := rowsOf(t, h, "contributions") + rowsOf(t, h, "counted"); n != 0 {
			t.Errorf("%d rows are kept", n)
		}
	})
}

func TestOnlyAnOwnerOpensEndsOrDropsACount(t *testing.T) {
	crew(t, 6, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		a := ask(h)
		for who, want := range map[kernel.PersonID]kernel.Kind{"": kernel.Unauthenticated, "eve": kernel.NotFound, "p2": kernel.Forbidden} {
			if _, err := h.Gate.OpenCount(h.As(t, who), a); kernel.KindOf(err) != want {
				t.Errorf("%q opens: %v", who, err)
			}
		}
		c := openCount(t, h, a)
		if _, err := h.Gate.OpenCount(h.As(t, "p1"), a); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("two at once: %v", err)
		}
		for who, want := range map[kernel.PersonID]kernel.Kind{"": kernel.Unauthenticated, "eve": kernel.NotFound, "p2": kernel.Forbidden, "p1": kernel.Conflict} {
			if _, err := h.Gate.SettleCount(h.As(t, who), c.ID); kernel.KindOf(err) != want {
				t.Errorf("%q ends it early: %v", who, err)
			}
		}
		if _, err := h.Gate.CountByID(h.As(t, "eve"), c.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger reads it: %v", err)
		}
		if err := h.Gate.Answer(h.As(t, "eve"), c.ID, false, ""); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger answers: %v", err)
		}
		sayYes(t, h, c, people...)
		for who, want := range map[kernel.PersonID]kernel.Kind{"eve": kernel.NotFound, "p2": kernel.Forbidden} {
			if err := h.Gate.DropCount(h.As(t, who), c.ID); kernel.KindOf(err) != want {
				t.Errorf("%q drops it: %v", who, err)
			}
		}
		if err := h.Gate.DropCount(h.As(t, "p1"), c.ID); err != nil {
			t.Fatal(err)
		}
		if n := rowsOf(t, h, "contributions"); n != 0 {
			t.Errorf("%d contributions outlive a count that was given up", n)
		}
		if c := end(t, h, c); c.State != gate.CountDropped {
			t.Errorf("%+v", c)
		}
	})
}

func TestWhatACountAsksIsChecked(t *testing.T) {
	crew(t, 1, func(t *testing.T, h *house.House, _ []kernel.PersonID) {
		for name, c := range map[string]struct {
			change func(*gate.CountAsk)
			field  string
		}{
			"no purpose":     {func(a *gate.CountAsk) { a.Purpose = " " }, "purpose"},
			"nothing asked":  {func(a *gate.CountAsk) { a.Questions = nil }, "questions"},
			"free questions": {func(a *gate.CountAsk) { a.Questions = []string{"kinds", "salary"} }, "questions"},
			"no words":       {func(a *gate.CountAsk) { a.Questions = []string{"words"} }, "words"},
			"a long word":    {func(a *gate.CountAsk) { a.Questions, a.Words = []string{"words"}, []string{strings.Repeat("x", 41)} }, "words"},
			"many words": {func(a *gate.CountAsk) {
				a.Questions, a.Words = []string{"words"}, strings.Fields("a b c d e f g h i j k l m n o p q r s t u")
			}, "words"},
			"yesterday": {func(a *gate.CountAsk) { a.Until = "2001-01-01" }, "until"},
			"a year":    {func(a *gate.CountAsk) { a.Until = h.DB.Now().AddDate(1, 0, 0).Format(time.DateOnly) }, "until"},
		} {
			a := ask(h)
			c.change(&a)
			_, err := h.Gate.OpenCount(h.As(t, "p1"), a)
			if f, ok := errors.AsType[*kernel.Fault](err); !ok || f.Kind != kernel.Invalid || f.Field != c.field {
				t.Errorf("%s: %v, want a refusal on %s", name, err, c.field)
			}
		}
	})
}

// She says yes to what she saw: when her musette has changed, she is asked again.
func TestAYesIsToTheRowThatWasSeen(t *testing.T) {
	crew(t, 6, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		c := openCount(t, h, ask(h))
		p2 := h.As(t, "p2")
		_, seen, err := h.Gate.MyRow(p2, c)
		if err != nil {
			t.Fatal(err)
		}
		keep(t, h, p2, current("care", false, 5))
		for _, wrong := range []string{seen, "", "x"} {
			if err := h.Gate.Answer(p2, c.ID, true, wrong); kernel.KindOf(err) != kernel.Conflict {
				t.Errorf("yes to %q: %v", wrong, err)
			}
		}
		sayYes(t, h, c, "p2")
		if c, err := h.Gate.CountByID(p2, c.ID); err != nil || c.Mine != "yes" {
			t.Errorf("%+v, %v", c, err)
		}
		// What she gave is what she saw, whatever her musette becomes.
		keep(t, h, p2, current("mandate", false, 5))
		sayYes(t, h, c, people[2:]...)
		after := c.Until.Add(time.Second)
		h.DB.SetClock(func() time.Time { return after })
		if err := h.Gate.Answer(p2, c.ID, false, ""); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("after the end: %v", err)
		}
		if err := h.Gate.TakeBack(p2, c.ID); err != nil {
			t.Errorf("until publication she may take it back: %v", err)
		}
		got, err := h.Gate.SettleCount(h.As(t, "p1"), c.ID)
		if err != nil || got.State != gate.CountShort {
			t.Errorf("four are left: %+v, %v", got, err)
		}
	})
}

func TestWhoLeftBeforePublicationIsDropped(t *testing.T) {
	crew(t, 7, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		c := openCount(t, h, ask(h))
		sayYes(t, h, c, people...)
		if _, err := leave(t, h, "p6"); err != nil {
			t.Fatal(err)
		}
		if n := rowsOf(t, h, "contributions"); n != 6 {
			t.Errorf("%d contributions after one person was erased", n)
		}
		h.Circle("cir_team", people[:6]...) // p7 left the circle
		c = end(t, h, c)
		if c.State != gate.CountPublished || c.People != 5 {
			t.Errorf("%+v", c)
		}
		if _, err := leave(t, h, "p5"); err != nil {
			t.Fatal(err)
		}
		if again, err := h.Gate.CountByID(h.As(t, "p1"), c.ID); err != nil || again.People != 5 {
			t.Errorf("what was published stays: %+v, %v", again, err)
		}
	})
}

// Two counts of one circle differ by five people in and five out, or the second is not
// published; another circle is another matter.
func TestTheNextCountIsPublishedOnlyWhenItDiffers(t *testing.T) {
	crew(t, 16, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		run := func(who ...kernel.PersonID) gate.Count {
			c := openCount(t, h, ask(h))
			sayYes(t, h, c, who...)
			return end(t, h, c)
		}
		if c := run(people[:8]...); c.State != gate.CountPublished {
			t.Fatalf("%+v", c)
		}
		for name, who := range map[string][]kernel.PersonID{
			"the same people":   people[:8],
			"one more":          people[:9],
			"one fewer":         people[:7],
			"five in, none out": people[:13],
			"four in, five out": people[5:12],
		} {
			if c := run(who...); c.State != gate.CountHeld || len(c.Tallies) != 0 || c.People != 0 {
				t.Errorf("%s: %+v", name, c)
			}
		}
		second := run(people[5:14]...) // six in, five out
		if second.State != gate.CountPublished {
			t.Errorf("%+v", second)
		}
		// The first is still there to be compared with, not only the last.
		if c := run(slices.Concat(people[:7], people[14:])...); c.State != gate.CountHeld {
			t.Errorf("two in since the first: %+v", c)
		}
	})
}

// Nobody but herself learns what a person said: not the owner of the circle, from
// nothing the gate answers; and the database holds it sealed.
func TestNobodySeesWhoSaidWhat(t *testing.T) {
	crew(t, 7, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		keep(t, h, h.As(t, "p3"), current("care", false, 5))
		c := openCount(t, h, ask(h))
		before := fmt.Sprintf("%+v", read(t, h, "p1", c.ID))
		sayYes(t, h, c, people[1:4]...)
		if err := h.Gate.Answer(h.As(t, "p5"), c.ID, false, ""); err != nil {
			t.Fatal(err)
		}
		if now := fmt.Sprintf("%+v", read(t, h, "p1", c.ID)); now != before {
			t.Errorf("the owner saw\n%s\nand now\n%s", before, now)
		}
		sealed, err := db.All(t.Context(), h.DB.Read(), db.Scan[[]byte], `select sealed from gate_contribution`)
		if err != nil || len(sealed) != 4 {
			t.Fatal(len(sealed), err)
		}
		for _, s := range sealed {
			if len(s) != len(sealed[0]) || strings.Contains(string(s), "care") || strings.Contains(string(s), "yes") {
				t.Errorf("a yes and a no can be told apart: %d bytes and %d", len(s), len(sealed[0]))
			}
		}
		// A row moved to another person, or to another count, does not open.
		if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), `update gate_contribution set sealed = (select o.sealed from gate_contribution o where o.owner = 'p2') where owner = 'p3'`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Gate.CountByID(h.As(t, "p3"), c.ID); err == nil {
			t.Error("a moved row opened")
		}
	})
}

func read(t *testing.T, h *house.House, who kernel.PersonID, id string) gate.Count {
	t.Helper()
	c, err := h.Gate.CountByID(h.As(t, who), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Who takes her row back while it is being added up is not in what is published.
func TestARowTakenBackDuringTheAdditionIsNotInIt(t *testing.T) {
	crew(t, 6, func(t *testing.T, h *house.House, people []kernel.PersonID) {
		c := openCount(t, h, ask(h))
		sayYes(t, h, c, people...)
		slow := &gate.Service{DB: h.DB, Keys: h.Keys, Sessions: h, People: h}
		slow.Circles = meanwhile{h, func() {
			if err := h.Gate.TakeBack(h.As(t, "p4"), c.ID); err != nil {
				t.Error(err)
			}
		}, new(bool)}
		after := c.Until.Add(time.Second)
		h.DB.SetClock(func() time.Time { return after })
		if err := slow.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c := read(t, h, "p1", c.ID); c.State != gate.CountPublished || c.People != 5 {
			t.Errorf("%+v", c)
		}
	})
}

// meanwhile lets something happen once, when the members are first looked at.
type meanwhile struct {
	*house.House
	f    func()
	done *bool
}

// Belongs implements gate.Circles.
func (m meanwhile) Belongs(ctx context.Context, c kernel.CircleID, p kernel.PersonID) (bool, error) {
	if !*m.done {
		*m.done = true
		m.f()
	}
	return m.House.Belongs(ctx, c, p)
}
