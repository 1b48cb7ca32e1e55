package intake

import (
	"strings"
)

// SafeCell neutralises a cell that a spreadsheet would run as a formula when it
// opens a CSV file: one that begins with = + - @, a tab, a carriage return or a
// line feed, or with the full-width form of one of the signs. It then begins with
// an apostrophe, which spreadsheets take as "this is text".
// Source: OWASP, CSV Injection (owasp.org/www-community/attacks/CSV_Injection).
//
// Quoting is the business of the CSV writer: every cell must be quoted by it.
// UnsafeCell gives the text back; a cell that already began with apostrophes
// before such a sign gets one more, so that nothing is lost.
func SafeCell(t string) string {
	if startsFormula(t) {
		return "'" + t
	}
	return t
}

// UnsafeCell is the inverse of SafeCell. A cell that SafeCell never made is given
// back as it is.
func UnsafeCell(t string) string {
	if strings.HasPrefix(t, "'") && startsFormula(t[1:]) {
		return t[1:]
	}
	return t
}

// startsFormula looks behind leading apostrophes.
func startsFormula(t string) bool {
	for _, r := range strings.TrimLeft(t, "'") {
		return strings.ContainsRune("=+-@\t\r\n＝＋－＠", r)
	}
	return false
}

// JoinCell writes a list of words into one cell, with a bar between them.
// SplitCell reads it back: no word may be empty or begin or end with a blank.
func JoinCell(list []string) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = strings.NewReplacer(`\`, `\\`, `|`, `\|`).Replace(t)
	}
	cell := strings.Join(out, " | ")
	if len(list) == 1 && strings.ContainsAny(list[0], ",;\n\\|") {
		cell += " |" // one word with a comma in it stays one word
	}
	return cell
}

// SplitCell splits a cell into words: at bars when there are any (with \| for a
// bar that belongs to a word, as JoinCell writes it), else at line ends, else at
// semicolons, else at commas.
func SplitCell(cell string) []string {
	if strings.Contains(cell, "|") {
		return splitBars(cell)
	}
	for _, sep := range []string{"\n", ";", ","} {
		if strings.Contains(cell, sep) {
			return trimmed(strings.Split(cell, sep))
		}
	}
	return trimmed([]string{cell})
}

func splitBars(cell string) []string {
	var words []string
	var b strings.Builder
	escaped := false
	for _, r := range cell {
		switch {
		case escaped:
			if r != '|' && r != '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '|':
			words = append(words, b.String())
			b.Reset()
		default:
			b.WriteRune(r)
		}
	}
	if escaped {
		b.WriteByte('\\')
	}
	return trimmed(append(words, b.String()))
}

func trimmed(words []string) []string {
	out := words[:0]
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
