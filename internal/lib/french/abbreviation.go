package french

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed abbreviations.txt
var abbreviationFile string

// abbreviations is language and folded short form → long form.
var abbreviations = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(abbreviationFile) {
		if f := strings.Fields(line); len(f) > 2 && f[0] != "#" {
			m[f[0]+" "+f[1]] = strings.Join(f[2:], " ")
		}
	}
	return m
})

// Expand is what a folded short form stands for in the language ("rh" →
// "ressources humaines"), or "".
func Expand(folded, lang string) string { return abbreviations()[language(lang)+" "+folded] }
