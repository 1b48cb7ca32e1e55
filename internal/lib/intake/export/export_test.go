package export

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"digiwork/internal/lib/intake"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"
)

// texts that break formats.
var (
	hard = []string{
		"Cheffe d'équipe", "=1+1", "+33 6", "-2", "@x", "'=1", "a,b;c", `"Le Bon Coin"`, `back\slash`, "a|b", "|", "李小龍", "محمد علي", "👩🏽‍🏭",
		"{{x}}", "<script>alert(1)</script>", "END:VEVENT", "title", "kind", "sep=;", "a : b", "Null", `\n`, "é" + strings.Repeat("x", 73) + "é",
		strings.Repeat("ligne très longue ", 11) + "fin", "2019", "oui", "\u00a0x", "=" + strings.Repeat("é", 100),
	}
	lines = rapid.OneOf(rapid.SampledFrom(hard), rapid.Map(rapid.StringMatching(`[a-zàéœA-Z0-9 ,;:'"|\\=+@.-]{1,40}`), strings.TrimSpace)).
		Filter(func(s string) bool { return s != "" && strings.TrimSpace(s) == s })
	maybe = rapid.OneOf(rapid.Just(""), lines)
	prose = rapid.Map(rapid.SliceOfN(maybe, 0, 4), func(all []string) string { return strings.TrimSpace(strings.Join(all, "\n")) })
	days  = rapid.SampledFrom([]string{"", "1987", "2019", "2019-03", "2019-03-02", "2020-02-29", "2024-12", "2019-12-31"})
	words = rapid.Map(rapid.SliceOfN(lines, 0, 3), func(all []string) []string {
		var out []string
		for _, w := range all {
			if !slices.Contains(out, w) && utf8.RuneCountInString(w) <= 200 {
				out = append(out, w)
			}
		}
		return out
	})
)

func short(s string, most int) string {
	r := []rune(s)
	return strings.TrimSpace(string(r[:min(len(r), most)]))
}

func anActivity(t *rapid.T, n int) intake.Entry {
	e := intake.Entry{
		Kind: intake.KindActivity, Type: rapid.SampledFrom(intake.ActivityTypes).Draw(t, "type"),
		Title: short(lines.Draw(t, "title"), 190) + fmt.Sprint(" ", n), Start: days.Draw(t, "start"), End: days.Draw(t, "end"),
		Organisation: maybe.Draw(t, "organisation"), Place: maybe.Draw(t, "place"), WithWhom: maybe.Draw(t, "with"),
		Purpose: maybe.Draw(t, "purpose"), Status: short(maybe.Draw(t, "status"), 80), Narrative: prose.Draw(t, "narrative"),
		HoursPerWeek: float64(rapid.IntRange(0, 168*4).Draw(t, "hours")) / 4, Tools: words.Draw(t, "tools"),
		Methods: words.Draw(t, "methods"), Tags: words.Draw(t, "tags"),
		URL: rapid.SampledFrom([]string{"", "https://exemple.invalid/a?b=c,d;e", "http://exemple.invalid/é"}).Draw(t, "url"),
	}
	if e.End < e.Start && !strings.HasPrefix(e.Start, e.End) {
		e.Start, e.End = e.End, e.Start
	}
	if rapid.Bool().Draw(t, "says paid") {
		paid := rapid.Bool().Draw(t, "paid")
		e.Paid = &paid
	}
	for _, name := range []string{"hours", "score"} {
		if v := maybe.Draw(t, name+" fact"); v != "" {
			e.Facts = append(e.Facts, intake.Fact{Name: name, Value: v})
		}
	}
	return e
}

func activities(t *rapid.T) []intake.Entry {
	all := make([]intake.Entry, rapid.IntRange(1, 4).Draw(t, "number"))
	for i := range all {
		all[i] = anActivity(t, i)
	}
	return all
}

// back reads what was written.
func back(t interface {
	Fatalf(string, ...any)
}, ctx interface{ Fatal(...any) }, raw []byte, format intake.Format) *intake.Report {
	r, err := intake.Read(contextOf(ctx), "x", bytes.NewReader(raw), int64(len(raw)), intake.Options{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	if r.Format != format {
		t.Fatalf("read as %s: %q", r.Format, raw)
	}
	if len(r.Skipped) > 0 {
		t.Fatalf("skipped %v of %q", r.Skipped, raw)
	}
	return r
}

func TestTheTableComesBackWithoutLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := activities(t)
		var b bytes.Buffer
		if err := CSV(&b, all); err != nil {
			t.Fatal(err)
		}
		r := back(t, t, b.Bytes(), intake.FormatCSV)
		if len(r.Entries) != len(all) {
			t.Fatalf("%d of %d came back", len(r.Entries), len(all))
		}
		for i, got := range r.Entries {
			if got.Key != intake.KeyOf(&all[i]) {
				t.Fatalf("another key for %q", all[i].Title)
			}
			got.Key, got.Where = "", intake.Where{}
			if !reflect.DeepEqual(normal(got), normal(all[i])) {
				t.Fatalf("wrote %+v\nread  %+v\nas %q", all[i], got, b.String())
			}
		}
	})
}

// normal makes an absent list and an empty one equal.
func normal(e intake.Entry) intake.Entry {
	for _, p := range []*[]string{&e.Tools, &e.Methods, &e.Tags} {
		if len(*p) == 0 {
			*p = nil
		}
	}
	if len(e.Facts) == 0 {
		e.Facts = nil
	}
	return e
}

func TestNoCellOfTheTableStartsAFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		if err := CSV(&b, activities(t)); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), "\ufefftitle,kind,start") {
			t.Fatalf("begins with %.30q", b.String())
		}
		for _, row := range csvOf(t, b.Bytes()) {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
					t.Fatalf("cell %q", cell)
				}
			}
		}
	})
}

func TestTheCalendarComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := activities(t)
		var b bytes.Buffer
		if err := Calendar(&b, all); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSuffix(b.String(), "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("line %q", line)
			}
		}
		r := back(t, t, b.Bytes(), intake.FormatCalendar)
		if len(r.Entries) != len(all) {
			t.Fatalf("%d of %d came back", len(r.Entries), len(all))
		}
		for i, got := range r.Entries {
			want := all[i]
			want.Paid, want.Status, want.HoursPerWeek, want.Tools, want.Methods, want.Facts = nil, "", 0, nil, nil, nil // a calendar has no words for them
			if got.Key != intake.KeyOf(&all[i]) {
				t.Fatalf("another key for %q", want.Title)
			}
			got.Key, got.Where = "", intake.Where{}
			if !reflect.DeepEqual(normal(got), normal(want)) {
				t.Fatalf("wrote %+v\nread  %+v\nas %s", want, got, b.String())
			}
		}
	})
}

// Another library reads the calendar as we do: names and days.
func TestTheCalendarIsReadByOthers(t *testing.T) {
	all := []intake.Entry{
		{Kind: intake.KindActivity, Type: intake.TypeJob, Title: "Soudeuse ; chantier, naval", Start: "2019-03", End: "2020"},
		{Kind: intake.KindActivity, Type: intake.TypeOther, Title: "Atelier", Start: "2024-02-29", End: "2024-02-29"},
		{Kind: intake.KindActivity, Type: intake.TypeOther, Title: "Sans date"},
		{Kind: intake.KindSkill, Title: "Soudure"},
	}
	var b bytes.Buffer
	if err := Calendar(&b, all); err != nil {
		t.Fatal(err)
	}
	c, err := ics.ParseCalendar(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	events := c.Events()
	if len(events) != 2 || len(c.Journals()) != 1 {
		t.Fatalf("%d events, %d journal entries", len(events), len(c.Journals()))
	}
	for i, want := range [][2]string{{"2019-03-01", "2021-01-01"}, {"2024-02-29", "2024-03-01"}} {
		start, err1 := events[i].GetAllDayStartAt()
		end, err2 := events[i].GetAllDayEndAt()
		if err1 != nil || err2 != nil || start.Format("2006-01-02") != want[0] || end.Format("2006-01-02") != want[1] {
			t.Errorf("%s to %s, %v %v", start, end, err1, err2)
		}
	}
	if got := ics.FromText(events[0].GetProperty(ics.ComponentPropertySummary).Value); got != all[0].Title {
		t.Errorf("%q", got)
	}
}

func TestTheSameEntriesGiveTheSameBytes(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer, []intake.Entry) error{
		"table":    func(b *bytes.Buffer, all []intake.Entry) error { return CSV(b, all) },
		"calendar": func(b *bytes.Buffer, all []intake.Entry) error { return Calendar(b, all) },
		"résumé":   func(b *bytes.Buffer, all []intake.Entry) error { return JSONResume(b, intake.Entry{Title: "Awa"}, all) },
	} {
		all := []intake.Entry{{Kind: intake.KindActivity, Type: intake.TypeJob, Title: "Tri", Start: "2019"}, {Kind: intake.KindActivity, Type: intake.TypeJob, Title: "Tri", Start: "2019"}}
		var a, b bytes.Buffer
		if err := write(&a, all); err != nil {
			t.Fatal(err)
		}
		if err := write(&b, all); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s changes", name)
		}
	}
}

func TestTwoEventsNeverShareAName(t *testing.T) {
	tri := intake.Entry{Kind: intake.KindActivity, Type: intake.TypeJob, Title: "Tri", Start: "2019"}
	var b bytes.Buffer
	if err := Calendar(&b, []intake.Entry{tri, tri, tri}); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for line := range strings.SplitSeq(b.String(), "\r\n") {
		if strings.HasPrefix(line, "UID:") {
			names[line] = true
		}
	}
	if len(names) != 3 {
		t.Errorf("names %v", names)
	}
}

// What other programs gave comes back from the table as it was understood.
func TestEverySampleComesBackFromTheTable(t *testing.T) {
	samples, err := filepath.Glob("../testdata/*.*")
	if err != nil || len(samples) < 5 {
		t.Fatal("no samples", err)
	}
	for _, name := range samples {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, err := intake.Read(t.Context(), name, bytes.NewReader(raw), int64(len(raw)), intake.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if first.Count(intake.KindActivity) == 0 {
			continue
		}
		var b bytes.Buffer
		if err := CSV(&b, first.Entries); err != nil {
			t.Fatal(err)
		}
		again := back(t, t, b.Bytes(), intake.FormatCSV)
		i := 0
		for _, e := range first.Entries {
			if e.Kind != intake.KindActivity {
				continue
			}
			got := again.Entries[i]
			i++
			got.Where, e.Where = intake.Where{}, intake.Where{}
			if !reflect.DeepEqual(normal(got), normal(e)) {
				t.Errorf("%s: wrote %+v, read %+v", name, e, got)
			}
		}
	}
}
