package skills

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// part is a sentence, a line or an item of a list, in bytes of the text.
type part struct{ start, end int }

// parts cuts a text where a sentence ends, at line ends and at bullets. A part
// that runs on for long is cut between words.
func parts(text string) []part {
	var all []part
	start, words, space := 0, 0, true
	cut := func(end int) {
		if strings.TrimSpace(text[start:end]) != "" {
			all = append(all, part{start, end})
		}
		start, words, space = end, 0, true
	}
	for i, r := range text {
		next := i + utf8.RuneLen(r)
		switch {
		case r == utf8.RuneError:
			continue
		case r == '\n' || r == '\r' || strings.ContainsRune("•▪●◦‣·–—*", r) && standsAlone(text, i, next):
			cut(i)
		case strings.ContainsRune(".!?;:…", r) && (next == len(text) || unicode.IsSpace(first(text[next:]))):
			cut(next)
		case unicode.IsSpace(r):
			if !space && words >= maxPartWords {
				cut(i)
			}
			space = true
		default:
			if space {
				words++
			}
			space = false
		}
	}
	cut(len(text))
	return all
}

const maxPartWords = 60

func first(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

// standsAlone says whether the sign from i to next is a bullet or a dash between
// spaces, not part of a word.
func standsAlone(text string, i, next int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	return (i == 0 || unicode.IsSpace(before)) && (next == len(text) || unicode.IsSpace(first(text[next:])))
}
