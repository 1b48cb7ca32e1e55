package musette

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"pgregory.net/rapid"
)

// fields lists the fields an error points at, and the rules they break.
func fields(err error) string {
	var all []string
	for _, f := range web.Refused(err) {
		all = append(all, f.Field+": "+f.Key)
	}
	return strings.Join(all, ", ")
}

func TestThreeFieldsAreEnough(t *testing.T) {
	t.Parallel()
	c := Content{Title: "Vendeuse", Kind: Job, Start: "2003"}
	if err := c.Check(false); err != nil {
		t.Error(err)
	}
	full := Content{
		Title: strings.Repeat("é", titleMost), Kind: Care, Start: "2019-02-28", End: "2019-02", Organisation: strings.Repeat("x", lineMost), Place: "Ysole", WithWhom: "ma mère",
		Purpose: "la santé", Paid: new(bool), Status: "carer", HoursPerWeek: hoursMost, Narrative: strings.Repeat("a\n", storyMost/2),
		Tools: []string{"x"}, Methods: make([]string, listMost), Tags: []string{strings.Repeat("œ", wordMost)},
	}
	if err := full.Check(false); err != nil {
		t.Errorf("every field at its longest: %v", err)
	}
	if err := (&Content{Title: "x", Kind: Other}).Check(true); err != nil {
		t.Errorf("an imported entry without a date: %v", err)
	}
}

func TestEachWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		c    Content
		want string
	}{
		"nothing":         {Content{}, "title: musette.title.missing, kind: musette.kind.unknown, start: musette.start.missing"},
		"blank title":     {Content{Title: " \n\u00a0", Kind: Job, Start: "2019"}, "title: musette.title.missing"},
		"long title":      {Content{Title: strings.Repeat("é", titleMost+1), Kind: Job, Start: "2019"}, "title: musette.text.long"},
		"no kind of ours": {Content{Title: "x", Kind: "piece", Start: "2019"}, "kind: musette.kind.unknown"},
		"no day":          {Content{Title: "x", Kind: Job, Start: "2019-02-30"}, "start: musette.date.form"},
		"no dates":        {Content{Title: "x", Kind: Job, Start: "2019-3", End: "hier"}, "start: musette.date.form"},
		"ends before":     {Content{Title: "x", Kind: Job, Start: "2019-03", End: "2019-02"}, "end: musette.end.before_start"},
		"too many hours":  {Content{Title: "x", Kind: Job, Start: "2019", HoursPerWeek: 169}, "hours_per_week: musette.hours.range"},
		"no hours":        {Content{Title: "x", Kind: Job, Start: "2019", HoursPerWeek: math.NaN()}, "hours_per_week: musette.hours.range"},
		"minus":           {Content{Title: "x", Kind: Job, Start: "2019", HoursPerWeek: -1}, "hours_per_week: musette.hours.range"},
		"U+0000":          {Content{Title: "x\x00", Kind: Job, Start: "2019", Tags: []string{"a\x00"}}, "title: musette.text.signs, tags: musette.text.signs"},
		"no UTF-8":        {Content{Title: "x", Kind: Job, Start: "2019", Place: "\xff"}, "place: musette.text.signs"},
		"many tools":      {Content{Title: "x", Kind: Job, Start: "2019", Tools: make([]string, listMost+1)}, "tools: musette.list.many"},
		"long story":      {Content{Title: "x", Kind: Job, Start: "2019", Narrative: strings.Repeat("x", storyMost+1)}, "narrative: musette.text.long"},
	} {
		if got := fields(c.c.Check(false)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAnOrdinalIsADateOfTheCalendarAndSortsLikeIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.StringMatching(`[0-9]{4}(-[01][0-9](-[0-3][0-9])?)?`),
			rapid.StringMatching(`[0-9-]{0,11}`),
			rapid.String(),
		)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		d, err := kernel.ParseDate(a)
		strict := err == nil && string(d) == a
		if (ordinal(kernel.Date(a)) >= 0) != strict {
			t.Fatalf("%q: ordinal %d, ParseDate %v", a, ordinal(kernel.Date(a)), err)
		}
		e, err := kernel.ParseDate(b)
		if !strict || err != nil || string(e) != b || d == "" || e == "" {
			return
		}
		if got, want := ordinal(d)-ordinal(e), int(d.First().Sub(e.First())/time.Hour); (got > 0) != (want > 0) || (got < 0) != (want < 0) {
			t.Fatalf("%s and %s: ordinals differ by %d, days by %d h", d, e, got, want)
		}
	})
}

func TestAnActivityComesBackFromTheVaultAsItWasSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line, list := rapid.StringN(0, 20, 80), rapid.SliceOfN(rapid.StringMatching(`\w{1,8}`), 0, 3)
		yes := rapid.Bool().Draw(t, "yes")
		c := Content{
			Title: line.Draw(t, "title"), Kind: rapid.SampledFrom(Kinds).Draw(t, "kind"), Start: "2019-03", End: rapid.SampledFrom([]kernel.Date{"", "2020"}).Draw(t, "end"),
			Organisation: line.Draw(t, "org"), Place: line.Draw(t, "place"), WithWhom: line.Draw(t, "with"), Purpose: line.Draw(t, "purpose"),
			Paid: rapid.SampledFrom([]*bool{nil, &yes}).Draw(t, "paid"), Status: line.Draw(t, "status"), HoursPerWeek: rapid.Float64Range(0, hoursMost).Draw(t, "hours"),
			Narrative: line.Draw(t, "narrative"), Tools: list.Draw(t, "tools"), Methods: list.Draw(t, "methods"), Tags: list.Draw(t, "tags"),
		}
		from := gate.Provenance{Source: gate.Imported, Format: "csv", File: "a.csv"}
		it, err := c.item("act_1", 4, from)
		if err != nil {
			t.Fatal(err)
		}
		a, err := activityOf(&it)
		if err != nil {
			t.Fatal(err)
		}
		if !same(a.Content, c) || a.Provenance != from || a.Version != 4 || a.ID != "act_1" {
			t.Fatalf("got %+v, want %+v", a, c)
		}
	})
}

func same(a, b Content) bool {
	lists := slices.Equal(a.Tools, b.Tools) && slices.Equal(a.Methods, b.Methods) && slices.Equal(a.Tags, b.Tags)
	paid := a.Paid == b.Paid || a.Paid != nil && b.Paid != nil && *a.Paid == *b.Paid
	a.Tools, a.Methods, a.Tags, a.Paid = nil, nil, nil, nil
	b.Tools, b.Methods, b.Tags, b.Paid = nil, nil, nil, nil
	return lists && paid && a.Title == b.Title && a.Kind == b.Kind && a.Start == b.Start && a.End == b.End &&
		a.Organisation == b.Organisation && a.Place == b.Place && a.WithWhom == b.WithWhom && a.Purpose == b.Purpose &&
		a.Status == b.Status && a.HoursPerWeek == b.HoursPerWeek && a.Narrative == b.Narrative
}

func TestGoingOnIsAboutTodayOnly(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		start, end kernel.Date
		want       bool
	}{
		{"2020", "", true}, {"2020", "2026", true}, {"2020", "2026-11", true}, {"2020", "2026-11-24", true},
		{"2020", "2026-11-23", false}, {"2026-11-25", "", false}, {"2027", "", false}, {"", "", false},
	} {
		it, err := (&Content{Title: "x", Kind: Job, Start: c.start, End: c.end}).item("act_1", 0, gate.Provenance{})
		if err != nil {
			t.Fatal(err)
		}
		a, err := activityOf(&it)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Ongoing(today); got != c.want {
			t.Errorf("from %q to %q: %v, want %v", c.start, c.end, got, c.want)
		}
	}
}

func TestADamagedBodyIsNotAnEmptyOne(t *testing.T) {
	t.Parallel()
	it := gate.Item{ID: "act_1", Body: []byte{0xff}, View: gate.View{Kind: "job"}}
	if _, err := activityOf(&it); err == nil || kernel.KindOf(err) != kernel.Internal || errors.Is(err, errNoItem) {
		t.Errorf("err = %v", err)
	}
}

func TestPagesOfAnyListHoldEachActivityOnceAndInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dates := rapid.SampledFrom([]kernel.Date{"", "2019", "2019-01", "2019-01-01", "2019-02", "2020-02-29", "1000", "9999-12-31"})
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *Activity {
			a := &Activity{ID: kernel.ItemID(rapid.StringMatching(`act_[a-z0-9]{1,4}`).Draw(t, "id")), Content: Content{Start: dates.Draw(t, "start")}}
			a.start = max(0, ordinal(a.Start))
			return a
		}), 0, 40).Draw(t, "all")
		slices.SortFunc(all, newerFirst)
		all = slices.CompactFunc(all, func(a, b *Activity) bool { return newerFirst(a, b) == 0 })
		limit := rapid.IntRange(1, 7).Draw(t, "limit")
		left, from, seen := slices.Clone(all), 0, []*Activity{}
		for from < len(left) {
			page := slices.Clone(left[from:min(len(left), from+limit)])
			seen = append(seen, page...)
			last := page[len(page)-1]
			if rapid.Bool().Draw(t, "deleted meanwhile") {
				left = slices.DeleteFunc(left, func(a *Activity) bool { return a == last })
			}
			from = following(left, &Activity{ID: last.ID, start: last.start})
		}
		if !slices.Equal(seen, all) {
			t.Fatalf("met %d, want %d in their order", len(seen), len(all))
		}
		for i, a := range all {
			if a.start == 0 && i < len(all)-1 && all[i+1].start != 0 {
				t.Fatal("what has no start is not last")
			}
		}
	})
}
