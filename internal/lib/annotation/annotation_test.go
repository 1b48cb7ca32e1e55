package annotation_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"digiwork/internal/lib/annotation"

	"pgregory.net/rapid"
)

const text = "Le métier change. On dit que le métier change, et l’on oublie de dire qui le change : celles et ceux qui le font, chaque jour, sous d’autres noms."

func sel(t *testing.T, in, passage string) annotation.Selector {
	t.Helper()
	at := strings.Index(in, passage)
	if at < 0 {
		t.Fatalf("%q is not in the text", passage)
	}
	start := utf8.RuneCountInString(in[:at])
	s, err := annotation.Select(in, start, start+utf8.RuneCountInString(passage))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnchor(t *testing.T) {
	s := sel(t, text, "qui le change : celles et ceux qui le font")
	for name, c := range map[string]struct{ now, want string }{
		"unchanged":     {text, s.Exact},
		"moved":         {"Une phrase de plus. " + text, s.Exact},
		"words changed": {strings.Replace(text, "celles et ceux", "ceux et celles", 1), "qui le change : ceux et celles qui le font"},
		"a word more":   {strings.Replace(text, "ceux qui", "ceux-là qui", 1), "qui le change : celles et ceux-là qui le font"},
	} {
		got, err := annotation.Anchor(s, c.now)
		if err != nil || got.Exact != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got.Exact, err, c.want)
		}
	}
	if got, err := annotation.Anchor(s, "Tout autre chose, sans rapport avec ce qui précède, et assez long pour qu’on s’y trompe."); !errors.Is(err, annotation.ErrLost) {
		t.Errorf("found %q, %v", got.Exact, err)
	}
}

func TestAnchorTellsRepeatedWordsApart(t *testing.T) {
	second := sel(t, text, "le métier change, et")
	second, err := annotation.Select(text, second.Start, second.Start+len([]rune("le métier change")))
	if err != nil {
		t.Fatal(err)
	}
	now := "Avant : " + text
	got, err := annotation.Anchor(second, now)
	if err != nil || !strings.HasSuffix(got.Prefix, "On dit que ") {
		t.Errorf("%+v, %v", got, err)
	}
	alone, err := annotation.Select("change", 0, 6) // no surroundings: the nearest
	if err != nil {
		t.Fatal(err)
	}
	if got, err := annotation.Anchor(alone, "on change, il change"); err != nil || got.Start != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSelectRefusesWhatIsNotThere(t *testing.T) {
	for _, c := range [][2]int{{-1, 2}, {2, 2}, {3, 2}, {0, 99}} {
		if _, err := annotation.Select("abc", c[0], c[1]); !errors.Is(err, annotation.ErrRange) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// Whatever is written before or after a passage, it is found again.
func TestWhatIsAddedAroundDoesNotLoseIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[a-zé ]{40,80}`).Draw(t, "body")
		n := utf8.RuneCountInString(body)
		start := rapid.IntRange(0, n-10).Draw(t, "start")
		end := rapid.IntRange(start+5, n).Draw(t, "end")
		s, err := annotation.Select(body, start, end)
		if err != nil {
			t.Fatal(err)
		}
		before := rapid.StringMatching(`[A-ZÉ]{0,30}`).Draw(t, "before")
		got, err := annotation.Anchor(s, before+body+rapid.StringMatching(`[A-ZÉ]{0,30}`).Draw(t, "after"))
		if err != nil || got.Exact != s.Exact {
			t.Fatalf("%q became %q, %v", s.Exact, got.Exact, err)
		}
	})
}

func FuzzAnchorNeverLies(f *testing.F) {
	f.Add(text, "le métier change", "On dit que ", 3)
	f.Fuzz(func(t *testing.T, now, exact, prefix string, start int) {
		if len(now) > 4000 || len(exact) > 400 {
			t.Skip()
		}
		s := annotation.Selector{Exact: exact, Prefix: prefix, Start: start, End: start + utf8.RuneCountInString(exact)}
		got, err := annotation.Anchor(s, now)
		if err != nil {
			return
		}
		if r := []rune(now); string(r[got.Start:got.End]) != got.Exact {
			t.Errorf("%+v is not in %q", got, now)
		}
	})
}
