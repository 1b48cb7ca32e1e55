package foresight

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// ReadMICMAC reads a matrix of influences from JSON,
//
//	{"variables": […], "matrix": [[0, 1, "P", …], …], "potential": 3}
//
// or from a table as spreadsheets save it (CSV with comma, semicolon or tab):
// one heading row and one heading column with the same names.
func ReadMICMAC(fileName string, data []byte) (MicmacInput, []Note, error) {
	in := MicmacInput{Strength: usualStrength}
	var given []string
	var cells [][]cell
	if isTable(fileName, data) {
		var err error
		if given, cells, err = readTable(data); err != nil {
			return in, nil, err
		}
	} else {
		var doc struct {
			Variables []string `json:"variables"`
			Matrix    [][]cell `json:"matrix"`
			Potential *cell    `json:"potential"`
		}
		if err := decode(data, &doc); err != nil {
			return in, nil, err
		}
		given, cells = doc.Variables, doc.Matrix
		if doc.Potential != nil && !doc.Potential.hole {
			if !doc.Potential.ok || doc.Potential.number < 0 || doc.Potential.number > maxInfluence {
				return in, nil, refuse("potential", "foresight.micmac.strength", "value", doc.Potential.shown())
			}
			in.Strength = doc.Potential.number
		}
	}
	variables, err := names("variables", given, len(cells), maxVariables, "V")
	if err != nil {
		return in, nil, err
	}
	g := grid{
		field: "matrix", rows: variables, columns: variables,
		zeroDiagonal: true, most: maxInfluence, high: usualStrength, potential: true,
	}
	values, potential, notes, err := g.read(cells)
	if err != nil {
		return in, nil, err
	}
	in.Variables, in.Matrix, in.Potential = variables, values, potential
	return in, notes, nil
}

// isTable tells a table from JSON: by the name of the file, else by the first
// character.
func isTable(fileName string, data []byte) bool {
	switch strings.ToLower(path.Ext(fileName)) {
	case ".csv", ".tsv", ".txt":
		return true
	case ".json":
		return false
	}
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
	return len(data) > 0 && data[0] != '{'
}

// readTable reads a square table with a heading row and a heading column.
func readTable(data []byte) ([]string, [][]cell, error) {
	text := string(toUTF8(data))
	comma := delimiter(text)
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = comma, -1, comma != '\t'
	var given []string
	var cells [][]cell
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, nil, &InputError{Key: "foresight.table.quote", Row: parse.Line, Column: parse.Column}
		}
		if err != nil {
			return nil, nil, err
		}
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		if given == nil {
			given = trimmed(record[1:])
			if len(given) == 0 || len(given) > maxVariables {
				return nil, nil, refuse("variables", "foresight.table.heading", "got", len(given), "max", maxVariables)
			}
			continue
		}
		row := len(cells)
		if row >= len(given) {
			return nil, nil, refuse("matrix", "foresight.grid.rows", "got", row+1, "want", len(given))
		}
		if name := strings.TrimSpace(record[0]); name != given[row] {
			return nil, nil, &InputError{Key: "foresight.table.names", Field: "variables", Row: row + 1,
				Args: []any{"row_name", name, "column_name", given[row]}}
		}
		cells = append(cells, tableCells(record[1:], comma, len(given)))
	}
	if given == nil {
		return nil, nil, refuse("variables", "foresight.names.none")
	}
	if cells == nil {
		cells = [][]cell{}
	}
	return given, cells, nil
}

func trimmed(record []string) []string {
	for len(record) > 0 && strings.TrimSpace(record[len(record)-1]) == "" {
		record = record[:len(record)-1]
	}
	out := make([]string, len(record))
	for i, s := range record {
		out[i] = strings.TrimSpace(s)
	}
	return out
}

// tableCells reads the cells of one row. Where commas do not separate cells they
// may be decimal commas.
func tableCells(record []string, comma rune, width int) []cell {
	for len(record) > width && strings.TrimSpace(record[len(record)-1]) == "" {
		record = record[:len(record)-1]
	}
	row := make([]cell, len(record))
	for j, s := range record {
		if comma != ',' {
			s = strings.Replace(s, ",", ".", 1)
		}
		row[j] = parseCell(s)
	}
	return row
}

// delimiter is the separator that occurs as often in the heading as in the row
// below, else the one that occurs most in the heading: names may hold commas, and
// so may numbers.
func delimiter(text string) rune {
	var lines []string
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
		if len(lines) == 2 {
			break
		}
	}
	if len(lines) == 0 {
		return ','
	}
	best, most := ',', 0
	for _, c := range []rune{';', '\t', ','} {
		n := unquoted(lines[0], c)
		if n > 0 && len(lines) == 2 && n == unquoted(lines[1], c) {
			return c
		}
		if n > most {
			best, most = c, n
		}
	}
	return best
}

// unquoted counts a character outside quotation marks.
func unquoted(line string, c rune) int {
	n, inside := 0, false
	for _, r := range line {
		switch {
		case r == '"':
			inside = !inside
		case r == c && !inside:
			n++
		}
	}
	return n
}

// WriteTable writes a matrix of influences as a table that ReadMICMAC and
// spreadsheets read: semicolons between cells and decimal commas, as French
// spreadsheets expect. Potential influences are written P.
func WriteTable(in MicmacInput) ([]byte, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	records := [][]string{append([]string{""}, in.Variables...)}
	for i, row := range in.Matrix {
		record := []string{in.Variables[i]}
		for j, v := range row {
			text := strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)
			if in.Potential != nil && in.Potential[i][j] {
				text = "P"
			}
			record = append(record, text)
		}
		records = append(records, record)
	}
	err := w.WriteAll(records)
	return b.Bytes(), err
}

func commandMICMAC(_ context.Context, fileName string, data []byte, o Options) (Result, error) {
	in, notes, err := ReadMICMAC(fileName, data)
	if err != nil {
		return nil, err
	}
	in.Medians = o.Medians
	r, err := MICMAC(in)
	if err != nil {
		return nil, err
	}
	r.Notes = append(notes, r.Notes...)
	return r, nil
}
