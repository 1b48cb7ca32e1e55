package timeline

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files")

var english = Words{Title: "From 2003 to today, three activities", Months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"}}

func on(t testing.TB, text string) Day {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return DayOf(at)
}

func TestDaysAreCountedAcrossCenturies(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Day{"1970-01-01": 0, "1970-01-02": 1, "1969-12-31": -1, "2000-03-01": 11017, "1000-01-01": -354285} {
		if got := on(t, text); got != want {
			t.Errorf("%s is day %d, want %d", text, got, want)
		}
		if got := on(t, text).time().Format(time.DateOnly); got != text {
			t.Errorf("%s comes back as %s", text, got)
		}
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	if late := time.Date(2024, 6, 30, 23, 30, 0, 0, paris); DayOf(late) != on(t, "2024-06-30") {
		t.Error("the day of an evening in Paris is that of Paris")
	}
}

func TestThePictureIsExact(t *testing.T) {
	t.Parallel()
	today := on(t, "2026-11-24")
	bars := []Bar{
		{Label: "Vendeuse en boulangerie", Note: "2003–2009, payé", Href: "#i1", Start: on(t, "2003-09-01"), End: on(t, "2009-06-30")},
		{Label: "Accompagnement de ma grand-mère", Note: "2007–2011, non payé", Href: "#i2", Start: on(t, "2007-01-01"), End: on(t, "2011-12-31"), Texture: Hatched},
		{Label: "Inventaire", Note: "2012", Start: on(t, "2012-01-01"), End: on(t, "2012-12-31"), Texture: Outline},
		{Label: "Comptes du « Jardin » <des Rives> & cie", Start: on(t, "2021-09-01"), End: today, GoesOn: true, Texture: Hatched},
	}
	for name, w := range map[string]Window{"life": Around(bars, today), "2008": {From: FirstDay(2008), To: LastDay(2008), Today: today}} {
		for size, width := range map[string]Size{"narrow": Narrow, "wide": Wide} {
			file := "testdata/" + name + "-" + size + ".svg"
			got := New(bars, w, english).Append(nil, width)
			if *update {
				if err := os.WriteFile(file, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file) //nolint:gosec // the test's own file
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("%s differs:\n%s\nwant\n%s", file, got, want)
			}
		}
	}
}

func TestAWindowHoldsEveryBarAndTodayWhenSomethingGoesOn(t *testing.T) {
	t.Parallel()
	today := on(t, "2026-11-24")
	past := Bar{Start: on(t, "2001-05-05"), End: on(t, "2004-02-01")}
	for name, c := range map[string]struct {
		bars     []Bar
		from, to string
	}{
		"nothing":        {nil, "2026-01-01", "2026-12-02"},
		"all over":       {[]Bar{past}, "2001-01-01", "2004-12-31"},
		"one goes on":    {[]Bar{past, {Start: on(t, "2020-01-01"), End: today, GoesOn: true}}, "2001-01-01", "2027-07-18"},
		"something next": {[]Bar{{Start: today, End: on(t, "2028-03-01")}}, "2026-01-01", "2028-12-31"},
	} {
		w := Around(c.bars, today)
		if from, to := w.From.time().Format(time.DateOnly), w.To.time().Format(time.DateOnly); from != c.from || to != c.to {
			t.Errorf("%s: from %s to %s, want %s to %s", name, from, to, c.from, c.to)
		}
	}
}

func TestOverlapsStandInDifferentLanesAndOthersShareOne(t *testing.T) {
	t.Parallel()
	w := Window{From: FirstDay(2000), To: LastDay(2025), Today: FirstDay(2025)}
	bars := []Bar{
		{Label: "A", Start: FirstDay(2001), End: LastDay(2005)},
		{Label: "B", Start: FirstDay(2004), End: LastDay(2010)},
		{Label: "C", Start: FirstDay(2012), End: LastDay(2013)},
		{Label: "before", Start: FirstDay(1990), End: LastDay(1995)},
		{Label: "after", Start: FirstDay(2030), End: LastDay(2031)},
	}
	placed, lanes := Lay(bars, w, Wide)
	if lanes != 2 || len(placed) != 3 {
		t.Fatalf("%d bars in %d lanes, want 3 in 2", len(placed), lanes)
	}
	for i, want := range []int{0, 1, 0} {
		if placed[i].Lane != want {
			t.Errorf("%s is in lane %d, want %d", bars[placed[i].Bar].Label, placed[i].Lane, want)
		}
	}
}

// drawBars draws bars of all ages with labels of all lengths.
func drawBars(t *rapid.T) ([]Bar, Window) {
	days := rapid.IntRange(int(FirstDay(1900)), int(LastDay(2100)))
	from, span := days.Draw(t, "from"), rapid.IntRange(0, 40_000).Draw(t, "span")
	w := Window{From: Day(from), To: Day(from + span), Today: Day(days.Draw(t, "today"))}
	bars := make([]Bar, rapid.IntRange(0, 30).Draw(t, "n"))
	for i := range bars {
		start := days.Draw(t, "start")
		bars[i] = Bar{
			Label: rapid.StringN(0, 80, 200).Draw(t, "label"), Note: rapid.StringN(0, 9, 20).Draw(t, "note"), Href: rapid.SampledFrom([]string{"", `/a"b<c>`}).Draw(t, "href"),
			Start: Day(start), End: Day(start + rapid.IntRange(0, 9000).Draw(t, "long")),
			GoesOn: rapid.Bool().Draw(t, "goesOn"), Texture: Texture(rapid.IntRange(0, 2).Draw(t, "texture")),
		}
	}
	return bars, w
}

func TestBarsOfOneLaneNeverTouchAndStayInThePicture(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bars, w := drawBars(t)
		size := rapid.SampledFrom([]Size{Narrow, Mid, Wide}).Draw(t, "size")
		placed, lanes := Lay(bars, w, size)
		seen := map[int]bool{}
		ends := make([]int, lanes)
		for i := range ends {
			ends[i] = -Gap * 10
		}
		for i, p := range placed {
			if seen[p.Bar] || p.Lane < 0 || p.Lane >= lanes {
				t.Fatalf("bar %d is placed twice or nowhere: %+v", p.Bar, p)
			}
			seen[p.Bar] = true
			if p.left < ends[p.Lane]+Gap*10 {
				t.Fatalf("%+v begins less than %d px after the end of its neighbour, %d", p, Gap, ends[p.Lane])
			}
			ends[p.Lane] = p.right
			label := [2]int{p.LabelX, p.LabelX + measure(p.Label)}
			if p.LabelAtEnd {
				label = [2]int{p.LabelX - measure(p.Label), p.LabelX}
			}
			if p.left < 0 || p.right > int(size)*10 || label[0] < p.left || label[1] > p.right || p.X < p.left || p.X+p.Width > p.right {
				t.Fatalf("outside: label %v in %+v", label, p)
			}
			if p.Width < least*10 {
				t.Fatalf("too thin to be seen: %+v", p)
			}
			if i > 0 && bars[p.Bar].Start < bars[placed[i-1].Bar].Start {
				t.Fatal("not in the order of time")
			}
		}
		for i, b := range bars {
			if meets := b.Start <= w.To && b.End >= w.From; meets != seen[i] {
				t.Fatalf("bar %d meets the window: %v, drawn: %v", i, meets, seen[i])
			}
		}
	})
}

func TestWhateverWasTypedThePictureIsWellFormed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bars, w := drawBars(t)
		for i := range bars {
			bars[i].Label = strings.ToValidUTF8(bars[i].Label, "?")
		}
		svg := New(bars, w, english).Append(nil, Mid)
		titles, err := texts(svg)
		if err != nil {
			t.Fatalf("%v in %q", err, svg)
		}
		placed, _ := Lay(bars, w, Mid)
		if len(titles) != len(placed) {
			t.Fatalf("%d titles for %d bars", len(titles), len(placed))
		}
	})
}

func TestMarkupInALabelIsShownNotObeyed(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{`</title><script>alert(1)</script>`, `" onload="x`, `&lt;b&gt;`, "a\x00b\x1f", `]]>`, `<!--`} {
		w := Window{From: 0, To: 365, Today: 100}
		svg := New([]Bar{{Label: hostile, Start: 10, End: 20}}, w, Words{Title: hostile}).Append(nil, Wide)
		titles, err := texts(svg)
		if err != nil {
			t.Fatalf("%q: %v", hostile, err)
		}
		want := strings.NewReplacer("\x00", " ", "\x1f", " ").Replace(hostile)
		if len(titles) != 1 || titles[0] != want {
			t.Errorf("title reads %q, want %q", titles, want)
		}
	}
}

// texts reads the picture as XML and returns what the titles say.
func texts(svg []byte) (titles []string, err error) {
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	in := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return titles, nil
		}
		if err != nil {
			return nil, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if in = e.Name.Local == "title"; in {
				titles = append(titles, "")
			}
		case xml.EndElement:
			in = false
		case xml.CharData:
			if in {
				titles[len(titles)-1] += string(e)
			}
		}
	}
}

func TestALongLabelIsCutAndStillSaidWhole(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Accompagnement ", 12)
	short, wide := cut(long, 2000)
	if !strings.HasSuffix(short, "…") || wide > 2000 || wide != measure(short) {
		t.Errorf("%q takes %d", short, wide)
	}
	svg := string(New([]Bar{{Label: long, Start: 1, End: 2}}, Window{0, 400, 0}, english).Append(nil, Narrow))
	if !strings.Contains(svg, "<title>"+long) {
		t.Error("the whole label is not in the title")
	}
}

func TestMonthsAreNamedInAShortWindow(t *testing.T) {
	t.Parallel()
	svg := string(New(nil, Window{From: FirstDay(2024), To: LastDay(2024), Today: 0}, english).Append(nil, Wide))
	for _, want := range []string{">2024<", ">Feb<", ">Dec<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("%s is not in the picture of one year", want)
		}
	}
	if svg := string(New(nil, Window{From: FirstDay(1900), To: LastDay(2024)}, english).Append(nil, Narrow)); strings.Contains(svg, "Feb") || !strings.Contains(svg, ">1940<") {
		t.Errorf("a century by months: %s", svg)
	}
}

func BenchmarkThreeSizesOf200(b *testing.B) {
	bars := make([]Bar, 200)
	for i := range bars {
		start := FirstDay(1985) + Day(i*67)
		bars[i] = Bar{Label: "Accompagnement de la bibliothèque", Note: "2003–2009, payé", Href: "#i123", Start: start, End: start + Day(100+i*13%900), Texture: Texture(i % 3)}
	}
	w := Around(bars, FirstDay(2026))
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = dst[:0]
		c := New(bars, w, english)
		for _, size := range []Size{Narrow, Mid, Wide} {
			dst = c.Append(dst, size)
		}
	}
	b.ReportMetric(float64(len(dst)), "bytes/page")
}

func TestDayNumberIsTheDayOfTime(t *testing.T) {
	t.Parallel()
	for at := time.Date(1583, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2405; at = at.AddDate(0, 0, 7) {
		if got, want := DayNumber(at.Year(), int(at.Month()), at.Day()), DayOf(at); got != want {
			t.Fatalf("%s is %d, want %d", at.Format(time.DateOnly), got, want)
		}
	}
}
