// Package typography sets the spaces and signs that a keyboard does not have.
//
// It is for the program's own sentences. What a person wrote is hers and is never
// passed through here.
//
// The rules are those of the Imprimerie nationale for French (Lexique des règles
// typographiques, 2002, "Ponctuation" and "Unités") and of Hart's Rules for
// English: a narrow no-break space (U+202F) before ; ! ?, a no-break space
// (U+00A0) before : and inside « », and between a number and its unit; curly
// apostrophes and quotation marks. A space is changed, never added: "http://a"
// and "14:05" stay as they are.
package typography

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// Space is the no-break space, U+00A0.
	Space = "\u00a0"
	// Thin is the narrow no-break space, U+202F.
	Thin = "\u202f"
)

// units are written after a number and do not leave it.
var units = map[string]bool{
	"%": true, "€": true, "$": true, "£": true, "°C": true,
	"s": true, "min": true, "h": true, "j": true, "ms": true,
	"m": true, "km": true, "cm": true, "mm": true, "m²": true, "km²": true, "ha": true,
	"g": true, "kg": true, "t": true, "l": true,
	"o": true, "octets": true, "ko": true, "Ko": true, "Mo": true, "Go": true, "To": true,
	"Mio": true, "Gio": true, "Kio": true, "KiB": true, "MiB": true, "GiB": true,
	"B": true, "bytes": true, "kB": true, "KB": true, "MB": true, "GB": true, "TB": true,
	"Mpx": true, "px": true,
	"janvier": true, "février": true, "mars": true, "avril": true, "mai": true, "juin": true,
	"juillet": true, "août": true, "septembre": true, "octobre": true, "novembre": true, "décembre": true,
}

// French sets a sentence in French.
func French(s string) string { return set(s, true) }

// English sets a sentence in English.
func English(s string) string { return set(s, false) }

// Plain turns every no-break space back into an ordinary one, for comparing and
// searching.
func Plain(s string) string { return plain.Replace(s) }

var plain = strings.NewReplacer(Space, " ", Thin, " ", "\u2007", " ")

func set(s string, french bool) string {
	if !strings.ContainsAny(s, " '\"") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	var before rune // what was written last
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		rest := s[i+size:]
		after, _ := utf8.DecodeRuneInString(rest)
		out := s[i : i+size]
		switch c {
		case ' ':
			out = space(s[:i], rest, before, after, french)
		case '\'':
			if letter(before) && (letter(after) || after == '«' || after == '{') {
				out = "’"
			}
		case '"':
			out = quote(before, after, french)
		}
		b.WriteString(out)
		before, _ = utf8.DecodeLastRuneInString(out)
		i += size
	}
	return b.String()
}

// space chooses between the ordinary space and its two relatives.
func space(done, rest string, before, after rune, french bool) string {
	if french {
		switch {
		case before == '«' || after == '»' || before == '—' && after != ' ':
			return Space
		case after == ':' && ends(rest[1:]):
			return Space
		case strings.ContainsRune(";!?", after) && ends(rest[1:]):
			return Thin
		case unicode.IsDigit(before) && unicode.IsDigit(after) && thousands(done, rest):
			return Space
		}
	}
	if (unicode.IsDigit(before) || before == '}' || strings.HasSuffix(done, "1er")) && units[word(rest)] {
		return Space
	}
	// 14 h 05: the minutes stay with their hour.
	if french && unicode.IsDigit(after) && (strings.HasSuffix(done, " h") || strings.HasSuffix(done, Space+"h")) {
		return Space
	}
	return " "
}

// ends reports whether a punctuation mark closes a word here, or goes on with
// more punctuation: "? " and "?»" but not ":8080".
func ends(rest string) bool {
	c, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !letter(c) && !unicode.IsDigit(c) && c != '/'
}

// thousands reports whether the space stands inside a grouped number: 1 214.
func thousands(done, rest string) bool {
	n := 0
	for n < len(done) && n < 4 && done[len(done)-1-n] >= '0' && done[len(done)-1-n] <= '9' {
		n++
	}
	if n == 0 || n > 3 || len(rest) < 3 {
		return false
	}
	for i := range 3 {
		if rest[i] < '0' || rest[i] > '9' {
			return false
		}
	}
	return len(rest) == 3 || rest[3] < '0' || rest[3] > '9'
}

func quote(before, after rune, french bool) string {
	opens := before == 0 || unicode.IsSpace(before) || strings.ContainsRune("([{—«“", before)
	switch {
	case french && opens && after != 0:
		return "«" + Space
	case french:
		return Space + "»"
	case opens && after != 0:
		return "“"
	}
	return "”"
}

// word is the first word of s without the punctuation that follows it.
func word(s string) string {
	end := strings.IndexFunc(s, func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(",.;:!?)»”", c) })
	if end < 0 {
		return s
	}
	return s[:end]
}

func letter(c rune) bool { return unicode.IsLetter(c) || c == '}' }
