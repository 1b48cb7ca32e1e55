package taxonomy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// table reads a CSV with a header, row by row. It takes what the official files
// are: comma or semicolon, CRLF or LF, a byte order mark or none, lines of
// preamble before the header, cells of several lines, stray quotes.
type table struct {
	name  string
	r     *bufio.Reader
	comma byte
	cols  map[string]int
	row   []byte // cells one after the other
	ends  []int  // where each ends in row
	line  int
}

// preamble is how many lines may stand before the header (crosswalks have 15).
const preamble = 40

// newTable reads the header, and says which of the wanted shapes it has; -1 when
// none. It is the first row, but for shapes that come after a preamble.
func newTable(name string, r *bufio.Reader, shapes []shape) (*table, int, error) {
	t := &table{name: name, r: r, comma: ','}
	if head, _ := r.Peek(4096); len(head) > 0 {
		line, _, _ := bytes.Cut(head, []byte("\n"))
		if bytes.Count(line, []byte(";")) > bytes.Count(line, []byte(",")) {
			t.comma = ';'
		}
	}
	for before := range preamble {
		ok, err := t.next()
		if err != nil || !ok {
			return nil, -1, err
		}
		t.cols = map[string]int{}
		for i := range t.ends {
			name := strings.TrimSpace(strings.TrimPrefix(t.at(i), "\uFEFF"))
			if _, twice := t.cols[name]; !twice {
				t.cols[name] = i
			}
		}
		for s, shape := range shapes {
			if t.has(shape.columns) && (before == 0 || shape.late) {
				return t, s, nil
			}
		}
	}
	return nil, -1, nil
}

func (t *table) has(columns []string) bool {
	for _, c := range columns {
		if _, ok := t.cols[c]; !ok {
			return false
		}
	}
	return true
}

func (t *table) at(i int) string {
	from := 0
	if i > 0 {
		from = t.ends[i-1]
	}
	return string(t.row[from:t.ends[i]])
}

// get is the cell of a column in the current row, without outer spaces; "" when
// the row or the header has none.
func (t *table) get(column string) string {
	i, ok := t.cols[column]
	if !ok || i >= len(t.ends) {
		return ""
	}
	return strings.TrimSpace(t.at(i))
}

// next reads a row; false at the end.
func (t *table) next() (bool, error) {
	t.row, t.ends = t.row[:0], t.ends[:0]
	t.line++
	quoted, start := false, 0
	for {
		c, err := t.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			if len(t.row) == 0 && len(t.ends) == 0 {
				return false, nil
			}
			t.ends = append(t.ends, len(t.row))
			return true, nil
		case err != nil:
			return false, &Refusal{Reason: Damaged, File: t.name, Row: t.line, Err: err}
		case quoted && c == '"':
			if n, _ := t.r.Peek(1); len(n) == 1 && n[0] == '"' {
				_, _ = t.r.Discard(1) // peeked just above
				t.row = append(t.row, '"')
			} else {
				quoted = false
			}
			continue
		case quoted:
		case c == '"' && len(t.row) == start:
			quoted = true
			continue
		case c == t.comma:
			if t.ends = append(t.ends, len(t.row)); len(t.ends) > maxColumns {
				return false, &Refusal{Reason: TooLarge, File: t.name, Row: t.line, Detail: "columns"}
			}
			start = len(t.row)
			continue
		case c == '\n':
			t.row = bytes.TrimSuffix(t.row, []byte("\r"))
			if len(t.row) == 0 && len(t.ends) == 0 {
				t.line++
				continue
			}
			t.ends = append(t.ends, max(len(t.row), start))
			return true, nil
		}
		if t.row = append(t.row, c); len(t.row)-start > maxCell {
			return false, &Refusal{Reason: TooLarge, File: t.name, Row: t.line, Detail: "cell"}
		}
	}
}
