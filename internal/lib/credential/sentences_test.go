package credential

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var hole = regexp.MustCompile(`\{[a-z]+\}`)

func TestBothLanguagesSayTheSame(t *testing.T) {
	for code, fr := range french {
		en, ok := english[code]
		if !ok {
			t.Errorf("%s has no English", code)
			continue
		}
		a, b := hole.FindAllString(fr, -1), hole.FindAllString(en, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s: holes %v and %v", code, a, b)
		}
		for _, s := range []string{fr, en} {
			if strings.Contains(s, "!") || strings.ContainsAny(s, "\u00a0\u202f") || !strings.ContainsAny(s[len(s)-1:], ".}") {
				t.Errorf("%s: %s", code, s)
			}
		}
	}
	if len(french) != len(english) {
		t.Errorf("%d sentences in French, %d in English", len(french), len(english))
	}
}

func TestEveryCodeIsSaidAndEverySentenceUsed(t *testing.T) {
	used := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`"((?:none|parse|context|schema|proof|issuer|expiry|status|endorsement|ob2)\.[a-z_]+)"`)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || f == "sentences.go" || f == "pinned.go" {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
			if french[m[1]] == "" {
				t.Errorf("%s: no sentence for %s", f, m[1])
			}
		}
	}
	for c := range french {
		if !used[c] {
			t.Errorf("nobody says %s", c)
		}
	}
}
