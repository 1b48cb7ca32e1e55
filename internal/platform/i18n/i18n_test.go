package i18n

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
)

func files(fr, en string) fstest.MapFS {
	return fstest.MapFS{"messages/fr.json": {Data: []byte(fr)}, "messages/en.json": {Data: []byte(en)}}
}

// speak is a context with a few sentences, in a language.
func speak(t testing.TB, lang string) (context.Context, *Catalog) {
	t.Helper()
	c := &Catalog{}
	err := c.Add("circle", files(`{
		"circle.welcome": "Bienvenue chez « {name} » : l'accueil vous attend",
		"circle.members.one": "{n} membre",
		"circle.members.other": "{n} membres",
		"circle.looks.zero": "Personne n'a regardé",
		"circle.looks.one": "Une personne a regardé {what}",
		"circle.looks.other": "{n} personnes ont regardé {what}",
		"circle.since": "Depuis {when}, {count} fois"
	}`, `{
		"circle.welcome": "Welcome to \"{name}\": somebody is here for you",
		"circle.members.one": "{n} member",
		"circle.members.other": "{n} members",
		"circle.looks.zero": "Nobody has looked",
		"circle.looks.one": "One person has looked at {what}",
		"circle.looks.other": "{n} people have looked at {what}",
		"circle.since": "Since {when}, {count} times"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	return With(kernel.WithActor(t.Context(), kernel.Actor{Lang: lang, Zone: "Europe/Paris"}), c), c
}

func TestMessagesAreSetButNotWhatAPersonWrote(t *testing.T) {
	t.Parallel()
	ctx, _ := speak(t, "fr")
	const own = `Atelier "ouvert" : l'été ?`
	want := "Bienvenue chez «\u00a0" + own + "\u00a0»\u00a0: l’accueil vous attend"
	if got := T(ctx, "circle.welcome", "name", own); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := T(In(ctx, "en"), "circle.welcome", "name", "X"), "Welcome to “X”: somebody is here for you"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := T(ctx, "circle.since", "when", kernel.Date("2023-02"), "count", 1214), "Depuis février 2023, 1214 fois"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := T(ctx, "circle.since", "count", int64(3)), "Depuis {when}, 3 fois"; got != want {
		t.Errorf("an unfilled hole: got %q, want %q", got, want)
	}
}

func TestFrenchCountsZeroAsSingular(t *testing.T) {
	t.Parallel()
	fr, _ := speak(t, "fr")
	en, _ := speak(t, "en")
	for _, c := range []struct {
		ctx  context.Context
		key  string
		n    int
		want string
	}{
		{fr, "circle.members", 0, "0 membre"},
		{fr, "circle.members", 1, "1 membre"},
		{fr, "circle.members", 2, "2 membres"},
		{fr, "circle.members", 1214, "1 214 membres"},
		{en, "circle.members", 0, "0 members"},
		{en, "circle.members", 1, "1 member"},
		{en, "circle.members", 12345, "12,345 members"},
		{fr, "circle.looks", 0, "Personne n’a regardé"},
		{en, "circle.looks", 1, "One person has looked at it"},
		{en, "circle.looks", 3, "3 people have looked at it"},
	} {
		if got := typography.Plain(N(c.ctx, c.key, c.n, "what", "it")); got != c.want {
			t.Errorf("%s %d: got %q, want %q", c.key, c.n, got, c.want)
		}
	}
}

func TestMissingKeysAreSaidAndRemembered(t *testing.T) {
	t.Parallel()
	ctx, c := speak(t, "fr")
	if got := T(ctx, "circle.nothing"); got != "circle.nothing" {
		t.Errorf("got %q", got)
	}
	_ = N(ctx, "circle.none", 2)
	if got := strings.Join(c.Missing(), " "); got != "circle.none.other circle.nothing" {
		t.Errorf("missing = %q", got)
	}
	if got := T(t.Context(), "circle.welcome"); got != "circle.welcome" {
		t.Errorf("without a catalog: %q", got)
	}
}

func TestLanguagesThatDoNotMatchAreRefused(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fstest.MapFS{
		"missing in English":        files(`{"a.x":"x","a.y":"y"}`, `{"a.x":"x"}`),
		"missing in French":         files(`{"a.x":"x"}`, `{"a.x":"x","a.y":"y"}`),
		"has holes":                 files(`{"a.x":"{n}"}`, `{"a.x":"{m}"}`),
		"belongs to another":        files(`{"b.x":"x"}`, `{"b.x":"x"}`),
		"has no form":               files(`{"a.x.other":"x"}`, `{"a.x.other":"x"}`),
		"says nothing":              files(`{"a.x":" "}`, `{"a.x":" "}`),
		"unexpected end of JSON":    files(`{"a.x":"x"`, `{"a.x":"x"}`),
		"open messages/en.json":     {"messages/fr.json": {Data: []byte(`{}`)}},
		"cannot unmarshal number 1": files(`{"a.x":1}`, `{"a.x":"x"}`),
	} {
		err := (&Catalog{}).Add("a", f)
		if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(name, " 1")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	fr, _ := speak(t, "fr")
	en, _ := speak(t, "en")
	for d, want := range map[kernel.Date][2]string{
		"":           {"", ""},
		"2019":       {"2019", "2019"},
		"2019-03":    {"mars 2019", "March 2019"},
		"2019-03-01": {"1er mars 2019", "1 March 2019"},
		"2019-08-12": {"12 août 2019", "12 August 2019"},
		"nonsense":   {"", ""},
		"2019-13":    {"", ""},
		"x":          {"", ""},
	} {
		if got := [2]string{typography.Plain(Date(fr, d)), typography.Plain(Date(en, d))}; got != want {
			t.Errorf("%q: got %q, want %q", d, got, want)
		}
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	fr, _ := speak(t, "fr")
	en, _ := speak(t, "en")
	for _, c := range []struct {
		start, end kernel.Date
		fr, en     string
	}{
		{"2023-02", "2023-06", "février à juin 2023", "February to June 2023"},
		{"2003-09", "2009-06", "septembre 2003 à juin 2009", "September 2003 to June 2009"},
		{"2007", "2011", "2007 à 2011", "2007 to 2011"},
		{"2007", "2011-03", "2007 à mars 2011", "2007 to March 2011"},
		{"2022-04", "", "depuis avril 2022", "since April 2022"},
		{"2022", "", "depuis 2022", "since 2022"},
		{"2022-04-01", "", "depuis le 1er avril 2022", "since 1 April 2022"},
		{"", "2011", "jusqu’en 2011", "until 2011"},
		{"", "2011-04", "jusqu’en avril 2011", "until April 2011"},
		{"", "2011-04-02", "jusqu’au 2 avril 2011", "until 2 April 2011"},
		{"2019", "2019", "2019", "2019"},
		{"2023-03-03", "2023-03-09", "du 3 au 9 mars 2023", "3 to 9 March 2023"},
		{"2023-02-28", "2023-03-01", "du 28 février au 1er mars 2023", "28 February to 1 March 2023"},
		{"2022-12-30", "2023-01-02", "du 30 décembre 2022 au 2 janvier 2023", "30 December 2022 to 2 January 2023"},
		{"", "", "sans date", "undated"},
	} {
		if got := typography.Plain(Period(fr, c.start, c.end)); got != c.fr {
			t.Errorf("%s..%s: got %q, want %q", c.start, c.end, got, c.fr)
		}
		if got := typography.Plain(Period(en, c.start, c.end)); got != c.en {
			t.Errorf("%s..%s: got %q, want %q", c.start, c.end, got, c.en)
		}
	}
}

func TestTimesAreToldInTheReadersZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 28, 23, 5, 0, 0, time.UTC) // 1 March in Paris
	fr, _ := speak(t, "fr")
	en, _ := speak(t, "en")
	got := []string{
		Time(fr, at), Day(fr, at), FullDay(fr, at), Weekday(fr, at), Moment(fr, at),
		Time(en, at), Day(en, at), Weekday(en, at), Moment(en, at), Moment(At(en, time.UTC), at),
	}
	want := []string{
		"0 h 05", "1er mars", "1er mars 2026", "Dimanche 1er mars 2026", "1er mars 2026 à 0 h 05",
		"12:05 am", "1 March", "Sunday 1 March 2026", "1 March 2026 at 12:05 am", "28 February 2026 at 11:05 pm",
	}
	for i := range want {
		if typography.Plain(got[i]) != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}

func TestDatesAsTyped(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]kernel.Date{
		"": "", "2019": "2019", "2019-03": "2019-03", "2019-03-02": "2019-03-02", "2019/3/2": "2019-03-02",
		"03/2019": "2019-03", "3/2019": "2019-03", "2/3/2019": "2019-03-02", "02.03.2019": "2019-03-02",
		"mars 2019": "2019-03", "1er mars 2019": "2019-03-01", "2 March 2019": "2019-03-02", "March 2, 2019": "2019-03-02",
		"févr. 2020": "2020-02", "fevrier 2020": "2020-02", " Août 1998 ": "1998-08", "3 juil. 2001": "2001-07-03",
		"Sept 2001": "2001-09", "3rd june 2001": "2001-06-03",
	} {
		if got, err := ParseDate(in); err != nil || got != want {
			t.Errorf("ParseDate(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"hier", "31/2/2019", "13/2019", "jui 2019", "2/3/19", "1 2 3 2019", "mars", "0/2019", "0999", "2019-00", "mars avril 2019"} {
		if got, err := ParseDate(in); !errors.Is(err, ErrDate) {
			t.Errorf("ParseDate(%q) = %q, %v", in, got, err)
		}
	}
}

func TestNumbersSizesLists(t *testing.T) {
	t.Parallel()
	fr, _ := speak(t, "fr")
	en, _ := speak(t, "en")
	got := []string{
		Number(fr, 1214), Number(en, 1234567), Number(fr, -42), Number(fr, 0),
		Decimal(fr, 3.5, 2), Decimal(en, 3.50, 1), Decimal(fr, -0.25, 2), Decimal(fr, 1234.999, 1),
		Size(fr, 0), Size(fr, 217_088), Size(fr, 25<<20), Size(en, 1_500_000), Size(fr, 3<<30),
		List(fr), List(fr, "a"), List(fr, "a", "b"), List(en, "a", "b", "c"),
	}
	want := []string{
		"1 214", "1,234,567", "−42", "0",
		"3,5", "3.5", "−0,25", "1 235",
		"0 o", "212 Ko", "25 Mo", "1.4 MB", "3 Go",
		"", "a", "a et b", "a, b and c",
	}
	for i := range want {
		if typography.Plain(got[i]) != want[i] {
			t.Errorf("%d: got %q, want %q", i, got[i], want[i])
		}
	}
}

func BenchmarkT(b *testing.B) {
	ctx, _ := speak(b, "fr")
	b.ReportAllocs()
	for b.Loop() {
		_ = T(ctx, "circle.welcome", "name", "Reliure")
	}
}
