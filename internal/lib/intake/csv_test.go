package intake

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func records(text string, comma byte) (all [][]string) {
	err := eachRecord(text, comma, func(r record) error {
		all = append(all, slices.Clone(r.cells))
		return nil
	})
	if err != nil {
		panic(err)
	}
	return all
}

// A well-formed text is read as the standard library reads it.
func TestRecordsAgreeWithTheStandardLibrary(t *testing.T) {
	cell := rapid.StringOf(rapid.SampledFrom([]rune("ab,;\" \n\té’")))
	rapid.Check(t, func(t *rapid.T) {
		comma := rapid.SampledFrom([]byte(delimiters)).Draw(t, "comma")
		width := rapid.IntRange(2, 5).Draw(t, "width")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 6).Draw(t, "rows")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = rune(comma)
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		rows = slices.DeleteFunc(rows, func(r []string) bool { return strings.TrimSpace(strings.Join(r, "")) == "" })
		if got := records(b.String(), comma); len(got)+len(rows) > 0 && !reflect.DeepEqual(got, rows) {
			t.Fatalf("%q is read as %q", b.String(), got)
		}
	})
}

func TestQuotesThatAreNeverClosedDoNotSwallowTheRest(t *testing.T) {
	got := records("a,b\n\"open,x\nc,d\n", ',')
	want := [][]string{{"a", "b"}, {`"open`, "x"}, {"c", "d"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	got = records("a;b\n\"Le \"Bon\" Coin\";x\n\"deux\nlignes\" ;y\n", ';')
	want = [][]string{{"a", "b"}, {`"Le "Bon" Coin"`, "x"}, {"deux\nlignes", "y"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestLinesAreCounted(t *testing.T) {
	var lines []int
	err := eachRecord("a,b\r\n\"1\n2\",c\n\nd,e", ',', func(r record) error {
		lines = append(lines, r.line)
		return nil
	})
	if err != nil || !slices.Equal(lines, []int{1, 2, 5}) {
		t.Errorf("lines %v, %v", lines, err)
	}
}

func TestDelimiters(t *testing.T) {
	for text, want := range map[string]byte{
		"a;b;c\n1,5;2;3\n":                   ';',
		"a,b\n1,2\n":                         ',',
		"a\tb\n1, x\t2\n":                    '\t',
		"a|b|c\n1|2|3\n":                     '|',
		"sep=;\na,b;c\n":                     ';',
		"Notes:\n\"x, y\"\n\na,b,c\n1,2,3\n": ',',
		"seul\n":                             ',',
	} {
		if got := delimiterOf(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func FuzzRecords(f *testing.F) {
	f.Add("a;\"b\n\";c", byte(';'))
	f.Fuzz(func(t *testing.T, text string, comma byte) {
		if comma == '"' || comma == '\n' || comma == '\r' {
			return
		}
		last := 0
		err := eachRecord(text, comma, func(r record) error {
			if r.line <= last || r.line > 1+strings.Count(text, "\n")+strings.Count(text, "\r") {
				t.Fatalf("line %d after %d", r.line, last)
			}
			last = r.line
			if len(r.cells) == 0 || len(r.cells) > maxColumns {
				t.Fatalf("%d cells", len(r.cells))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
