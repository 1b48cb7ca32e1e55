package foresight

import (
	"strings"
	"unicode/utf8"
)

// page is a text for a person, built line by line.
type page struct {
	l Language
	b strings.Builder
}

// newPage starts with a title.
func newPage(l Language, titleKey string, args ...any) *page {
	p := &page{l: l}
	p.b.WriteString(say(l, titleKey, args...) + "\n")
	return p
}

func (p *page) line(s string)                 { p.b.WriteString(s + "\n") }
func (p *page) say(key string, args ...any)   { p.line(say(p.l, key, args...)) }
func (p *page) head(key string, args ...any)  { p.line("\n" + say(p.l, key, args...)) }
func (p *page) word(key string) string        { return say(p.l, key) }
func (p *page) words(keys ...string) []string { return mapped(keys, p.word) }
func (p *page) number(v float64) string       { return number(p.l, v) }
func (p *page) numbers(v []float64) []string  { return mapped(v, p.number) }

func mapped[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// table writes aligned columns; the first is a name, the others are set to the
// right.
func (p *page) table(heading []string, rows [][]string) {
	const widest = 40
	all := append([][]string{heading}, rows...)
	width := make([]int, 0, len(heading))
	for _, row := range all {
		for j, s := range row {
			if j == len(width) {
				width = append(width, 0)
			}
			row[j] = cut(s, widest)
			width[j] = max(width[j], utf8.RuneCountInString(row[j]))
		}
	}
	for _, row := range all {
		var line strings.Builder
		for j, s := range row {
			gap := strings.Repeat(" ", width[j]-utf8.RuneCountInString(s))
			if j == 0 {
				line.WriteString("  " + s + gap)
			} else {
				line.WriteString("  " + gap + s)
			}
		}
		p.line(strings.TrimRight(line.String(), " "))
	}
}

// matrix writes a matrix with its headings.
func (p *page) matrix(rows, columns []string, m [][]float64) {
	var lines [][]string
	for i, row := range m {
		lines = append(lines, append([]string{rows[i]}, p.numbers(row)...))
	}
	p.table(append([]string{""}, columns...), lines)
}

// end adds the notes of the result and the known limits of the method.
func (p *page) end(method string, notes []Note) string {
	if len(notes) > 0 {
		p.head("foresight.text.notes")
		for _, n := range notes {
			p.line("  - " + n.In(p.l))
		}
	}
	p.head("foresight.text.limits")
	for _, key := range Limits(method) {
		p.line("  - " + p.word(key))
	}
	return p.b.String()
}
