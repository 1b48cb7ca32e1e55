package foresight

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Bounds of every reader.
const (
	MaxInput = 4 << 20 // bytes of a file
	maxDepth = 12      // brackets within brackets
	maxName  = 400     // characters of a name
)

// decode reads one JSON document into a struct, whose unknown members are
// ignored so that a file may carry its sources beside its data.
func decode(data []byte, into any) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > MaxInput {
		return refuse("", "foresight.input.large", "max", MaxInput>>20)
	}
	if tooDeep(data) {
		return refuse("", "foresight.input.deep")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			line, column := position(data, d.InputOffset())
			return &InputError{Key: "foresight.input.more", Row: line, Column: column}
		}
		return nil
	}
	if refused, ok := errors.AsType[*InputError](err); ok {
		return refused
	}
	if shape, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		line, column := position(data, shape.Offset)
		if shape.Field == "" {
			return &InputError{Key: "foresight.input.object", Row: line, Column: column}
		}
		return &InputError{Key: "foresight.input.shape", Field: shape.Field, Row: line, Column: column}
	}
	offset := d.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		offset = int64(len(data))
	}
	line, column := position(data, offset)
	return &InputError{Key: "foresight.input.json", Row: line, Column: column}
}

// tooDeep says whether brackets nest beyond the bound; strings are skipped.
func tooDeep(data []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			if depth++; depth > maxDepth {
				return true
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return false
}

// position turns a byte offset into a line and a column, from 1.
func position(data []byte, offset int64) (line, column int) {
	before := data[:min(max(offset-1, 0), int64(len(data)))]
	line = bytes.Count(before, []byte("\n")) + 1
	column = utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return line, column
}

// cell is one value of a matrix as it was written.
type cell struct {
	number float64
	text   string // what was written, when it is not a number
	hole   bool   // null or empty
	ok     bool   // number holds
}

// UnmarshalJSON never fails, so that the refusal can name row and column.
func (c *cell) UnmarshalJSON(raw []byte) error {
	*c = cell{}
	switch raw[0] {
	case 'n':
		c.hole = true
	case '"':
		if err := json.Unmarshal(raw, &c.text); err != nil {
			return err
		}
		*c = parseCell(c.text)
	default:
		*c = parseCell(string(raw))
	}
	return nil
}

// parseCell reads a number as JSON and spreadsheets write it.
func parseCell(s string) cell {
	s = strings.TrimSpace(s)
	if s == "" {
		return cell{hole: true}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) || strings.Trim(s, "0123456789.+-eE") != "" {
		return cell{text: s}
	}
	return cell{number: v, ok: true}
}

// written is what was in the cell, short enough for a sentence.
func (c cell) written() string { return cut(c.text, 20) }

// grid is a matrix to be read: what its rows and columns are called, and what
// may stand in it.
type grid struct {
	field         string
	rows, columns []string
	zeroDiagonal  bool    // 0 or nothing where row and column meet; rows are columns
	freeDiagonal  bool    // nothing counts as 0 where row and column meet
	least         float64 // the least value accepted
	most          float64 // the greatest value accepted
	low, high     float64 // the usual scale; a note says what lies outside
	potential     bool    // P is accepted
}

// read turns cells into numbers. Cells that hold P are told by the second
// matrix, which is nil unless P is accepted.
func (g grid) read(cells [][]cell) (values [][]float64, potential [][]bool, notes []Note, err error) {
	if cells == nil {
		return nil, nil, nil, refuse(g.field, "foresight.field.missing")
	}
	if len(cells) != len(g.rows) {
		return nil, nil, nil, refuse(g.field, "foresight.grid.rows", "got", len(cells), "want", len(g.rows))
	}
	values = make([][]float64, len(cells))
	if g.potential {
		potential = make([][]bool, len(cells))
	}
	outside, first := 0, 0
	for i, row := range cells {
		if len(row) != len(g.columns) {
			e := g.refuse("foresight.grid.columns", i, 0)
			e.Column = 0
			e.Args = append(e.Args, "got", len(row), "want", len(g.columns))
			return nil, nil, nil, e
		}
		values[i] = make([]float64, len(row))
		if g.potential {
			potential[i] = make([]bool, len(row))
		}
		for j, c := range row {
			v, isPotential, e := g.cell(c, i, j)
			if e != nil {
				return nil, nil, nil, e
			}
			values[i][j] = v
			if isPotential {
				potential[i][j] = true
				continue
			}
			if v < g.low || v > g.high {
				if outside++; outside == 1 {
					first = i*len(g.columns) + j
				}
			}
		}
	}
	if outside > 0 {
		i, j := first/len(g.columns), first%len(g.columns)
		notes = append(notes, note("foresight.note.scale", "n", outside, "field", g.field,
			"low", g.low, "high", g.high, "row_name", g.rows[i], "column_name", g.columns[j], "value", values[i][j]))
	}
	return values, potential, notes, nil
}

func (g grid) cell(c cell, i, j int) (v float64, potential bool, err *InputError) {
	onDiagonal := i == j && (g.zeroDiagonal || g.freeDiagonal)
	switch {
	case c.hole && onDiagonal:
		return 0, false, nil
	case c.hole:
		return 0, false, g.refuse("foresight.cell.hole", i, j)
	case !c.ok && g.potential && strings.EqualFold(c.text, "p") && !onDiagonal:
		return 0, true, nil
	case !c.ok:
		e := g.refuse("foresight.cell.letter", i, j)
		if g.potential {
			e.Key = "foresight.cell.letter_p"
		}
		e.Args = append(e.Args, "text", c.written())
		return 0, false, e
	case i == j && g.zeroDiagonal && c.number != 0:
		e := g.refuse("foresight.cell.diagonal", i, j)
		e.Args = append(e.Args, "value", c.number)
		return 0, false, e
	case c.number < g.least || c.number > g.most:
		e := g.refuse("foresight.cell.range", i, j)
		e.Args = append(e.Args, "value", c.number, "least", g.least, "most", g.most)
		return 0, false, e
	}
	return c.number, false, nil
}

func (g grid) refuse(key string, i, j int) *InputError {
	e := &InputError{Key: key, Field: g.field, Row: i + 1, Column: j + 1}
	e.Args = []any{"row_name", g.rows[i], "column_name", ""}
	if j < len(g.columns) {
		e.Args[3] = g.columns[j]
	}
	return e
}

// names checks a list of names, or makes "V1", "V2", … when there is none and a
// prefix is given.
func names(field string, given []string, count, most int, prefix string) ([]string, error) {
	if given == nil && prefix != "" {
		if count > most {
			return nil, refuse(field, "foresight.names.many", "got", count, "max", most)
		}
		made := make([]string, count)
		for i := range made {
			made[i] = fmt.Sprintf("%s%d", prefix, i+1)
		}
		given = made
	}
	switch {
	case given == nil:
		return nil, refuse(field, "foresight.field.missing")
	case len(given) == 0:
		return nil, refuse(field, "foresight.names.none")
	case len(given) > most:
		return nil, refuse(field, "foresight.names.many", "got", len(given), "max", most)
	}
	all := make([]string, len(given))
	for i, s := range given {
		all[i] = oneLine(s)
		if utf8.RuneCountInString(all[i]) > maxName {
			return nil, &InputError{Key: "foresight.names.long", Field: field, Row: i + 1, Args: []any{"max", maxName}}
		}
	}
	return all, nil
}

// list reads a row of cells that has no matrix around it.
func list(field string, cells []cell, names []string, least, most float64) ([]float64, error) {
	if cells == nil {
		return nil, refuse(field, "foresight.field.missing")
	}
	if len(cells) != len(names) {
		return nil, refuse(field, "foresight.list.size", "got", len(cells), "want", len(names))
	}
	values := make([]float64, len(cells))
	for j, c := range cells {
		e := &InputError{Field: field, Column: j + 1, Args: []any{"column_name", names[j]}}
		switch {
		case c.hole:
			e.Key = "foresight.list.hole"
		case !c.ok:
			e.Key = "foresight.list.letter"
			e.Args = append(e.Args, "text", c.written())
		case c.number < least || c.number > most:
			e.Key = "foresight.list.range"
			e.Args = append(e.Args, "value", c.number, "least", least, "most", most)
		default:
			values[j] = c.number
			continue
		}
		return nil, e
	}
	return values, nil
}

// shown is what was in the cell, number or not.
func (c cell) shown() any {
	if c.ok {
		return c.number
	}
	return c.written()
}

// toUTF8 drops a byte order mark and reads bytes that are not UTF-8 as
// Windows-1252, which the older desktop programs write.
func toUTF8(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if utf8.Valid(data) {
		return data
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return bytes.ToValidUTF8(data, []byte("\ufffd"))
	}
	return decoded
}

// oneLine makes a name fit one line: spaces are single, and control characters,
// which a terminal might obey, are gone.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// cut shortens a name to a number of characters.
func cut(s string, most int) string {
	r := []rune(oneLine(s))
	if len(r) > most {
		r = append(r[:most-1], '…')
	}
	return string(r)
}
