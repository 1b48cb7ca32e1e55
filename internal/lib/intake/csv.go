package intake

import (
	"slices"
	"strings"
)

// record is a line of a table, as it came.
type record struct {
	line  int // the line it begins on, from 1
	cells []string
	// broken says that a quote was opened and never closed: the quote was then
	// taken as a plain sign, so that the lines below are not swallowed.
	broken bool
	// tooWide says that cells beyond maxColumns, or bytes beyond maxCellBytes,
	// were left out.
	tooWide bool
}

// eachRecord gives the records of a delimited text (RFC 4180, with any delimiter,
// lines that end in LF, CRLF or CR, and what spreadsheets get wrong). Lines
// of blanks are passed over. The cells are valid only until the next call of yield.
func eachRecord(text string, comma byte, yield func(record) error) error {
	var cells []string
	for line := 1; text != ""; {
		r := record{line: line}
		var rest string
		var lines int
		r.cells, rest, lines, r.tooWide, r.broken = cutRecord(cells[:0], text, comma)
		cells = r.cells
		if slices.ContainsFunc(r.cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			if err := yield(r); err != nil {
				return err
			}
		}
		line += lines
		text = rest
	}
	return nil
}

// cutRecord reads one record from the start of text.
func cutRecord(cells []string, text string, comma byte) (out []string, rest string, lines int, tooWide, broken bool) {
	rest, lines = text, 1
	literal := false // quotes of this record are plain signs
	for {
		var cell string
		var more, ok, wide bool
		var inside int
		if !literal && strings.HasPrefix(rest, `"`) {
			if cell, rest, inside, more, ok = cutQuoted(rest, comma); !ok {
				cells, rest, lines, literal, broken, tooWide = cells[:0], text, 1, true, true, false
				continue
			}
			lines += inside
		} else {
			cell, rest, more = cutPlain(rest, comma)
		}
		if len(cell) > maxCellBytes {
			cell, wide = strings.ToValidUTF8(cell[:maxCellBytes], ""), true
		}
		if len(cells) < maxColumns {
			cells = append(cells, cell)
		} else if cell != "" {
			wide = true
		}
		tooWide = tooWide || wide
		if !more {
			return cells, rest, lines, tooWide, broken
		}
	}
}

// cutPlain reads up to the delimiter or the end of the line; more says that
// another cell of the record follows.
func cutPlain(text string, comma byte) (cell, rest string, more bool) {
	for i := range len(text) {
		switch text[i] {
		case comma:
			return text[:i], text[i+1:], true
		case '\n', '\r':
			return text[:i], afterLineEnd(text[i:]), false
		}
	}
	return text, "", false
}

func afterLineEnd(text string) string {
	if strings.HasPrefix(text, "\r\n") {
		return text[2:]
	}
	return text[1:]
}

// cutQuoted reads a cell in quotes; ok is false when the quote is never closed, or
// closed in the middle of a cell. inside counts the line ends within.
func cutQuoted(text string, comma byte) (cell, rest string, inside int, more, ok bool) {
	var b strings.Builder
	body := text[1:]
	for {
		i := strings.IndexByte(body, '"')
		if i < 0 {
			return "", "", 0, false, false
		}
		inside += strings.Count(body[:i], "\n")
		if inside > maxQuotedLines || b.Len() > 2*maxCellBytes {
			return "", "", 0, false, false
		}
		b.WriteString(body[:i])
		body = body[i+1:]
		switch {
		case body == "":
			return b.String(), "", inside, false, true
		case body[0] == '"':
			b.WriteByte('"')
			body = body[1:]
		case body[0] == comma:
			return b.String(), body[1:], inside, true, true
		case body[0] == '\n' || body[0] == '\r':
			return b.String(), afterLineEnd(body), inside, false, true
		case strings.TrimLeft(body, " \t") != body && nextIsEnd(body, comma):
			body = strings.TrimLeft(body, " \t")
			if body == "" {
				return b.String(), "", inside, false, true
			}
			if body[0] == comma {
				return b.String(), body[1:], inside, true, true
			}
			return b.String(), afterLineEnd(body), inside, false, true
		default: // "Le "Bon" Coin": the quote was part of the text
			return "", "", 0, false, false
		}
	}
}

// nextIsEnd reports whether only blanks stand before the end of the cell.
func nextIsEnd(body string, comma byte) bool {
	body = strings.TrimLeft(body, " \t")
	return body == "" || body[0] == comma || body[0] == '\n' || body[0] == '\r'
}

// delimiterOf guesses the delimiter: the sign that cuts one of the first lines into
// the most names of columns we know; else the one that cuts the lines most often
// into the same number of cells.
func delimiterOf(text string) byte {
	head := firstLines(text)
	if strings.HasPrefix(head, "sep=") && len(head) > 4 && strings.IndexByte(delimiters, head[4]) >= 0 {
		return head[4] // what a spreadsheet writes for other spreadsheets
	}
	best, most := byte(','), 0
	for i := range len(delimiters) {
		counts := map[int]int{}
		names, lines := 0, 0
		_ = eachRecord(head, delimiters[i], func(r record) error { //nolint:errcheck // yield never fails
			counts[len(r.cells)]++
			if lines++; lines <= maxHeaderSearch && len(r.cells) > 1 {
				names = max(names, knownNames(r.cells))
			}
			return nil
		})
		for cells, n := range counts {
			if score := names*1_000_000 + n*1000 + cells; cells > 1 && score > most {
				best, most = delimiters[i], score
			}
		}
	}
	return best
}

// firstLines is the beginning of a text, twice as many lines as a header is looked
// for in.
func firstLines(text string) string {
	text = text[:min(len(text), 64<<10)]
	for i, n := 0, 0; i < len(text); i++ {
		if text[i] == '\n' {
			if n++; n == 2*maxHeaderSearch {
				return text[:i+1]
			}
		}
	}
	return text
}

// knownNames counts the different columns, or facts of a platform, that cells name.
func knownNames(cells []string) int {
	columns, facts := map[column]bool{}, map[string]bool{}
	for _, c := range cells {
		columns[columnFor(c)] = true
		facts[legalFact(c)] = true
	}
	delete(columns, colNone)
	delete(facts, "")
	return max(len(columns), len(facts))
}

const delimiters = ";,\t|"
