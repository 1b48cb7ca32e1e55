package export

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"digiwork/internal/lib/intake"
)

// columns of the table of activities. The names are those of the API, understood
// by intake.Read like every other name it knows.
var columns = []struct {
	name string
	cell func(*intake.Entry) string
}{
	{"title", func(e *intake.Entry) string { return e.Title }},
	{"kind", func(e *intake.Entry) string { return e.Type }},
	{"start", func(e *intake.Entry) string { return e.Start }},
	{"end", func(e *intake.Entry) string { return e.End }},
	{"organisation", func(e *intake.Entry) string { return e.Organisation }},
	{"place", func(e *intake.Entry) string { return e.Place }},
	{"with_whom", func(e *intake.Entry) string { return e.WithWhom }},
	{"purpose", func(e *intake.Entry) string { return e.Purpose }},
	{"paid", func(e *intake.Entry) string { return truth(e.Paid) }},
	{"status", func(e *intake.Entry) string { return e.Status }},
	{"hours_per_week", func(e *intake.Entry) string { return number(e.HoursPerWeek) }},
	{"narrative", func(e *intake.Entry) string { return e.Narrative }},
	{"tools", func(e *intake.Entry) string { return intake.JoinCell(e.Tools) }},
	{"methods", func(e *intake.Entry) string { return intake.JoinCell(e.Methods) }},
	{"tags", func(e *intake.Entry) string { return intake.JoinCell(e.Tags) }},
	{"url", func(e *intake.Entry) string { return e.URL }},
	{"facts", facts},
}

// CSV writes the activities among the entries as a table: UTF-8 with a byte order
// mark, commas, CRLF (RFC 4180), one line each, in the order given. Cells that a
// spreadsheet would run are neutralised by intake.SafeCell; lists are joined by
// intake.JoinCell.
func CSV(w io.Writer, entries []intake.Entry) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	line := make([]string, len(columns))
	for i := range columns {
		line[i] = columns[i].name
	}
	if err := c.Write(line); err != nil {
		return err
	}
	for i := range entries {
		if entries[i].Kind != intake.KindActivity {
			continue
		}
		for j := range columns {
			line[j] = intake.SafeCell(columns[j].cell(&entries[i]))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func truth(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

func number(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// facts writes name=value, one bar between them; only names intake knows are
// written, since only those are read back.
func facts(e *intake.Entry) string {
	var all []string
	for _, f := range e.Facts {
		if slices.Contains(intake.FactNames, f.Name) {
			all = append(all, f.Name+"="+f.Value)
		}
	}
	return intake.JoinCell(all)
}
