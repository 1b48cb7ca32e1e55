package foresight

import (
	"fmt"
	"strings"
)

const (
	scwHeader = "$ ScenarioWizard 4.0"
	maxLines  = 200_000
)

// scwFile is what a ScenarioWizard project holds beside descriptors and matrix,
// kept so that a file comes back as it was.
type scwFile struct {
	header   string
	sections [4][]string // between the five marks before the matrix: notes, -, colours, -
	tail     []string    // from the mark after the matrix on
}

// ReadSCW reads a ScenarioWizard project (.scw):
//
//	$ ScenarioWizard 4.0
//	title
//	&descriptor
//	 -variant
//	…
//	#  notes  #  -  #  colours  #  -  #
//	rows of the matrix, cells separated by commas
//	#  …
//
// Names may be empty: places count. Lines may end as on Windows; bytes that are
// not UTF-8 are read as Windows-1252.
func ReadSCW(data []byte) (*CIB, []Note, error) {
	if len(data) > MaxInput {
		return nil, nil, refuse("", "foresight.input.large", "max", MaxInput>>20)
	}
	lines := strings.Split(strings.ReplaceAll(string(toUTF8(data)), "\r\n", "\n"), "\n")
	if len(lines) > maxLines {
		return nil, nil, refuse("", "foresight.scw.lines", "max", maxLines)
	}
	m := &CIB{file: &scwFile{header: scwHeader}}
	at, err := m.readDescriptors(lines)
	if err != nil {
		return nil, nil, err
	}
	for s := range m.file.sections {
		start := at
		for at < len(lines) && !marked(lines[at]) {
			at++
		}
		m.file.sections[s] = lines[start:at]
		if at == len(lines) {
			return nil, nil, &InputError{Key: "foresight.scw.marks", Row: at}
		}
		at++
	}
	var cells [][]cell
	for ; at < len(lines) && !marked(lines[at]); at++ {
		if strings.TrimSpace(lines[at]) == "" {
			continue
		}
		if len(cells) == maxAllVariants {
			return nil, nil, refuse("descriptors", "foresight.cib.all_variants", "got", len(cells)+1, "max", maxAllVariants)
		}
		row := strings.Split(strings.TrimSuffix(strings.TrimSpace(lines[at]), ","), ",")
		cells = append(cells, mapped(row, parseCell))
	}
	for end := len(lines); at < end; end-- {
		if strings.TrimSpace(lines[end-1]) != "" {
			m.file.tail = lines[at:end]
			break
		}
	}
	if cells == nil {
		return nil, nil, refuse("matrix", "foresight.scw.no_matrix")
	}
	notes, err := m.readImpacts(cells)
	return m, notes, err
}

func marked(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") }

// readDescriptors reads up to the first mark and gives the line after it.
func (m *CIB) readDescriptors(lines []string) (int, error) {
	at := 0
	if strings.HasPrefix(lines[0], "$") {
		m.file.header = strings.TrimRight(lines[0], " \t")
		at = 1
		// The second line is the title, whatever it starts with.
		if len(lines) > 1 && !strings.HasPrefix(lines[1], "&") {
			m.Title = strings.TrimSpace(lines[1])
			at = 2
		}
	}
	for ; at < len(lines); at++ {
		text := strings.TrimLeft(lines[at], " \t")
		switch {
		case strings.HasPrefix(text, "&"):
			if len(m.Descriptors) == maxDescriptors {
				return 0, refuse("descriptors", "foresight.names.many", "got", len(m.Descriptors)+1, "max", maxDescriptors)
			}
			m.Descriptors = append(m.Descriptors, Descriptor{Name: cut(text[1:], maxName)})
		case strings.HasPrefix(text, "-"):
			if len(m.Descriptors) == 0 {
				return 0, &InputError{Key: "foresight.scw.orphan", Row: at + 1}
			}
			d := &m.Descriptors[len(m.Descriptors)-1]
			if len(d.Variants) == maxVariants {
				return 0, &InputError{Key: "foresight.cib.variants", Field: "descriptors", Row: len(m.Descriptors),
					Args: []any{"row_name", d.Name, "got", len(d.Variants) + 1, "max", maxVariants}}
			}
			d.Variants = append(d.Variants, cut(text[1:], maxName))
		case strings.HasPrefix(text, "#"):
			return at + 1, m.lay()
		}
	}
	return 0, &InputError{Key: "foresight.scw.marks", Row: len(lines)}
}

// readImpacts checks the cells of the matrix and keeps them.
func (m *CIB) readImpacts(cells [][]cell) ([]Note, error) {
	names := m.variantNames()
	g := grid{
		field: "matrix", rows: names, columns: names,
		least: -maxImpact, most: maxImpact, low: -usualImpact, high: usualImpact,
	}
	m.emptySections(cells)
	values, _, notes, err := g.read(cells)
	if err != nil {
		return nil, err
	}
	if err := m.fill(values); err != nil {
		return nil, err
	}
	own := 0
	for i := range m.Descriptors {
		for _, row := range m.impact[m.offset[i]:m.offset[i+1]] {
			for _, v := range row[m.offset[i]:m.offset[i+1]] {
				if v != 0 {
					own++
				}
			}
		}
	}
	if own > 0 {
		notes = append(notes, note("foresight.cib.note.diagonal", "n", own))
	}
	return notes, nil
}

// emptySections reads holes where a descriptor meets itself as 0.
func (m *CIB) emptySections(cells [][]cell) {
	for i := range m.Descriptors {
		for a := m.offset[i]; a < min(m.offset[i+1], len(cells)); a++ {
			for b := m.offset[i]; b < min(m.offset[i+1], len(cells[a])); b++ {
				if cells[a][b].hole {
					cells[a][b] = cell{ok: true}
				}
			}
		}
	}
}

// WriteSCW writes a ScenarioWizard project. A model that was read from one keeps
// its notes, colours and comments. ScenarioWizard knows whole impacts only: a
// model with decimals is refused.
func WriteSCW(m *CIB) ([]byte, error) {
	if m.scale != 1 {
		return nil, refuse("matrix", "foresight.scw.decimals")
	}
	file := m.file
	if file == nil {
		file = m.plainFile()
	}
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(file.header)
	line(oneLine(m.Title))
	for _, d := range m.Descriptors {
		line("&" + oneLine(d.Name))
		for _, v := range d.Variants {
			line(" -" + oneLine(v))
		}
	}
	line("#")
	for _, section := range file.sections {
		for _, s := range section {
			line(s)
		}
		line("#")
	}
	for _, row := range m.impact {
		line(strings.Join(mapped(row, func(v int32) string { return fmt.Sprintf("%2d ", v) }), ","))
	}
	for _, s := range file.tail {
		line(s)
	}
	return []byte(b.String()), nil
}

// plainFile is the frame of a project without notes.
func (m *CIB) plainFile() *scwFile {
	f := &scwFile{header: scwHeader, tail: []string{"#", "# 0-0", `""`, "#", "#"}}
	for _, d := range m.Descriptors {
		f.sections[0] = append(f.sections[0], "&")
		for range d.Variants {
			f.sections[0] = append(f.sections[0], " ")
			f.sections[2] = append(f.sections[2], "FFFFFF")
		}
	}
	return f
}
