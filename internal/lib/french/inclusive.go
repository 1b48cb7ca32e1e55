package french

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The endings by which inclusive writing adds the other gender to a word, after
// each way of joining them. A hyphen or a full stop also joins other things
// (donne-le, "fin.Le"), so it joins fewer.
var (
	endings = set("e es se ses euse euses rice rices trice trices ere eres iere ieres ne nes nne nnes" +
		" enne ennes ienne iennes ve ves te tes fe fes sse sses esse esses le les lle lles eure eures ee ees")
	endingsHyphen = set("e es euse euses rice rices trice trices ere eres iere ieres ne nes nne nnes" +
		" enne ennes ienne iennes ve ves eure eures")
	endingsDot = set("e es se ses euse euses rice rices trice trices ere eres iere ieres ne nes nne nnes" +
		" enne ennes ienne iennes ve ves fe te tes eure eures")
	endingsPlural = set("s x")
)

func set(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// inclusive is the length of the inclusive ending at the start of rest, which
// follows a word of n folded bytes: (e)s, ·e·s, .rice, -ère, /euse.
func inclusive(n int, rest string) int {
	if n < 3 {
		return 0
	}
	join, allowed := joint(rest)
	if join == 0 {
		return 0
	}
	var room [8]byte
	frag, size := fragment(room[:0], rest[join:])
	end := join + size
	open := rest[0] == '('
	if open {
		if !strings.HasPrefix(rest[end:], ")") {
			return 0
		}
		end++
	}
	plural := open && endingsPlural[string(frag)]
	if !allowed[string(frag)] && !plural {
		return 0
	}
	if !plural {
		end += pluralAfter(rest[end:], rest[:join], open)
	}
	if startsWord(rest[end:]) {
		return 0
	}
	return end
}

// joint is the length of what joins an ending to its word, and the endings it may join.
func joint(rest string) (int, map[string]bool) {
	switch rest[0] {
	case '(', '/':
		return 1, endings
	case '-':
		return 1, endingsHyphen
	case '.':
		return 1, endingsDot
	}
	for _, dot := range [...]string{"·", "•", "‧", "⋅", "∙"} {
		if strings.HasPrefix(rest, dot) {
			return len(dot), endings
		}
	}
	return 0, nil
}

// fragment folds the lower-case letters at the start of s, and gives their
// length in s; more than seven are no ending.
func fragment(dst []byte, s string) ([]byte, int) {
	for i, r := range s {
		if !wordRune(r) && !unicode.Is(unicode.Mn, r) {
			return dst, i
		}
		if unicode.IsUpper(r) || r == utf8.RuneError || len(dst) > 7 {
			return nil, i
		}
		if wordRune(r) {
			dst = appendFolded(dst, r)
		}
	}
	return dst, len(s)
}

// pluralAfter is the length of the plural that follows an ending: employé(e)s, employé·e·s.
func pluralAfter(s, join string, open bool) int {
	if open {
		if strings.HasPrefix(s, "s") && !startsWord(s[1:]) {
			return 1
		}
		return 0
	}
	if strings.HasPrefix(s, join+"s") && !startsWord(s[len(join)+1:]) {
		return len(join) + 1
	}
	return 0
}
