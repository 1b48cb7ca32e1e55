package intake

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// workbook reads the sheets of an Office Open XML workbook (ECMA-376, part 1,
// 18). The cells are read one line at a time from the packed file, so that a
// sheet is never in memory as a whole; numbers under a date format become dates.
func (s *sink) workbook(in map[string]*zip.File) error {
	book, err := openWorkbook(in)
	if err != nil {
		return err
	}
	s.found(FormatXLSX)
	outer := s.part
	defer func() { s.part = outer }()
	for i, sheet := range book.sheets {
		if i == maxSheets {
			s.skip(Where{}, "intake.xlsx.many", "max", maxSheets)
			break
		}
		s.part = joined("/", outer, quote(sheet.name))
		err := s.sheet(book, sheet)
		var no *refusal
		switch {
		case errors.As(err, &no):
			s.skip(no.where, no.note.Key, no.note.Args...)
		case err != nil:
			return err
		}
	}
	return nil
}

func (s *sink) sheet(book *workbook, sheet sheetRef) error {
	all := rows(func(yield func(record) error) error { return book.eachRow(sheet, yield) })
	head, err := headOf(all)
	if err != nil {
		return err
	}
	if len(head) == 0 {
		return nil // an empty sheet needs no sentence
	}
	if isPlatformTable(head) {
		s.rep.Format = FormatPlatform
		return s.platformTable(all, head)
	}
	h, err := findHeader(head)
	if err != nil {
		return refuse("intake.columns_unknown", "columns", quote(strings.Join(head[0].cells, " | ")))
	}
	return s.tableRows(all, h)
}

// workbook is what the cells of all sheets share.
type workbook struct {
	files     map[string]*zip.File
	sheets    []sheetRef
	shared    []string
	dates     map[int]bool // cell formats that show a date
	since1904 bool
}

type sheetRef struct{ name, id, file string }

func openWorkbook(in map[string]*zip.File) (*workbook, error) {
	b := &workbook{files: in, dates: map[int]bool{}}
	for _, read := range []func() error{b.readSheets, b.readShared, b.readStyles} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	if len(b.sheets) == 0 {
		return nil, refuse("intake.zip.broken")
	}
	return b, nil
}

// elements calls start for each start tag of a part of the workbook; a missing
// part has none. start may read on from the decoder.
func (b *workbook) elements(name string, start func(*xml.Decoder, xml.StartElement) error) error {
	f := b.files[strings.ToLower(name)]
	if f == nil {
		return nil
	}
	if f.UncompressedSize64 > maxUnzipped {
		return refuse("intake.zip.large", "max", maxUnzipped>>20)
	}
	rc, err := f.Open()
	if err != nil {
		return refuse("intake.zip.broken")
	}
	defer rc.Close() //nolint:errcheck // nothing was written
	d := newDecoder(io.LimitReader(rc, maxUnzipped))
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			line, _ := d.InputPos()
			return &refusal{Where{Line: 0}, Note{"intake.xlsx.cut", []any{"part", path.Base(name), "line", line}}}
		}
		if t, ok := t.(xml.Directive); ok && bytes.Contains(bytes.ToUpper(t), []byte("<!ENTITY")) {
			return refuse("intake.xml.entities")
		}
		if t, ok := t.(xml.StartElement); ok {
			if err := start(d, t); err != nil {
				return err
			}
		}
	}
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// readSheets reads the names of the sheets and where each is.
func (b *workbook) readSheets() error {
	err := b.elements("xl/workbook.xml", func(_ *xml.Decoder, t xml.StartElement) error {
		switch t.Name.Local {
		case "sheet":
			if len(b.sheets) <= maxSheets {
				b.sheets = append(b.sheets, sheetRef{name: attr(t, "name"), id: relationOf(t)})
			}
		case "workbookPr":
			v := attr(t, "date1904")
			b.since1904 = v == "1" || v == "true"
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.elements("xl/_rels/workbook.xml.rels", func(_ *xml.Decoder, t xml.StartElement) error {
		if t.Name.Local != "Relationship" {
			return nil
		}
		for i := range b.sheets {
			if b.sheets[i].id == attr(t, "Id") {
				target := attr(t, "Target")
				if b.sheets[i].file = path.Join("xl", target); strings.HasPrefix(target, "/") {
					b.sheets[i].file = strings.TrimPrefix(path.Clean(target), "/")
				}
			}
		}
		return nil
	})
}

// relationOf is the r:id of a sheet: its prefix may be any.
func relationOf(t xml.StartElement) string {
	for _, a := range t.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

// readShared reads the texts that cells share (18.4.8): all runs of an item,
// without the phonetic ones.
func (b *workbook) readShared() error {
	total := 0
	return b.elements("xl/sharedStrings.xml", func(d *xml.Decoder, t xml.StartElement) error {
		if t.Name.Local != "si" {
			return nil
		}
		if len(b.shared) == maxSharedStrings {
			return refuse("intake.xlsx.texts", "max", maxSharedStrings)
		}
		text, err := innerText(d, "si")
		if err != nil {
			return err
		}
		if total += len(text); total > maxUnzipped/2 {
			return refuse("intake.zip.large", "max", maxUnzipped>>20)
		}
		b.shared = append(b.shared, text)
		return nil
	})
}

// innerText is the text of the t elements until the end tag of name.
func innerText(d *xml.Decoder, name string) (string, error) {
	var b strings.Builder
	inText, phonetic := false, 0
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", refuse("intake.xlsx.cut", "part", name, "line", 0)
		}
		switch t := t.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t"
			if t.Name.Local == "rPh" {
				phonetic++
			}
		case xml.EndElement:
			inText = false
			switch t.Name.Local {
			case "rPh":
				phonetic--
			case name:
				return b.String(), nil
			}
		case xml.CharData:
			if inText && phonetic == 0 && b.Len() <= maxCellBytes {
				b.Write(t)
			}
		}
	}
}

// readStyles finds the cell formats that show dates (18.8.30): the built-in
// formats 14 to 22, 27 to 36, 45 to 47 and 50 to 58, and those whose code has a
// day, a month or a year.
func (b *workbook) readStyles() error {
	custom := map[int]bool{}
	inCellFormats, n := false, 0
	return b.elements("xl/styles.xml", func(_ *xml.Decoder, t xml.StartElement) error {
		switch t.Name.Local {
		case "numFmt":
			if id, err := strconv.Atoi(attr(t, "numFmtId")); err == nil && len(custom) < maxStyles {
				custom[id] = isDateFormat(attr(t, "formatCode"))
			}
		case "cellXfs":
			inCellFormats = true
		case "cellStyleXfs", "cellStyles", "dxfs":
			inCellFormats = false
		case "xf":
			if !inCellFormats || n >= maxStyles {
				return nil
			}
			id, err := strconv.Atoi(attr(t, "numFmtId"))
			builtIn := id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
			if date, ok := custom[id]; err == nil && (ok && date || !ok && builtIn) {
				b.dates[n] = true
			}
			n++
		}
		return nil
	})
}

// isDateFormat looks for y, m or d outside quotes, brackets and escapes; a code
// with digits places (0, #) is a number.
func isDateFormat(code string) bool {
	quoted, bracket := false, false
	found := false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '0' || c == '#' || c == '?':
			return false
		case strings.IndexByte("yYdDmM", c) >= 0:
			found = true
		}
	}
	return found
}

// eachRow gives the lines of a sheet. Empty lines are passed over.
func (b *workbook) eachRow(sheet sheetRef, yield func(record) error) error {
	line, cells := 0, 0
	return b.elements(sheet.file, func(d *xml.Decoder, t xml.StartElement) error {
		if t.Name.Local != "row" {
			return nil
		}
		line++
		if n, err := strconv.Atoi(attr(t, "r")); err == nil && n >= line && n <= 1<<20 {
			line = n
		}
		r := record{line: line}
		if err := b.readRow(d, &r); err != nil {
			var no *refusal
			if errors.As(err, &no) {
				no.where.Line = line
			}
			return err
		}
		if cells += len(r.cells); cells > maxSheetCells {
			return refuseAt(Where{Line: line}, "intake.xlsx.cells", "max", maxSheetCells)
		}
		if strings.TrimSpace(strings.Join(r.cells, "")) == "" {
			return nil
		}
		return yield(r)
	})
}

func (b *workbook) readRow(d *xml.Decoder, r *record) error {
	next := 0
	for {
		t, err := d.RawToken()
		if err != nil {
			return refuse("intake.truncated")
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			if n, ok := columnIndex(attr(t, "r")); ok {
				next = n
			}
			text, err := b.readCell(d, t)
			if err != nil {
				return err
			}
			switch {
			case next >= maxColumns:
				r.tooWide = r.tooWide || text != ""
			default:
				for len(r.cells) <= next {
					r.cells = append(r.cells, "")
				}
				r.cells[next] = text
			}
			next++
		}
	}
}

// columnIndex is the column of a cell reference, from 0: C7 is 2.
func columnIndex(ref string) (int, bool) {
	n := 0
	for i := 0; i < len(ref) && i < 4; i++ {
		c := ref[i] | 0x20
		if c < 'a' || c > 'z' {
			break
		}
		n = n*26 + int(c-'a') + 1
	}
	return n - 1, n > 0
}

// readCell reads a cell by its type (18.18.11): s shared text, inlineStr, b truth,
// d date, e error, str text of a formula, otherwise a number.
func (b *workbook) readCell(d *xml.Decoder, start xml.StartElement) (string, error) {
	typ := attr(start, "t")
	var value strings.Builder
	inside := ""
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", refuse("intake.truncated")
		}
		switch t := t.(type) {
		case xml.StartElement:
			inside = t.Name.Local
			if inside == "is" {
				text, err := innerText(d, "is")
				if err != nil {
					return "", err
				}
				value.WriteString(text)
			}
		case xml.CharData:
			if inside == "v" && value.Len() <= maxCellBytes {
				value.Write(t)
			}
		case xml.EndElement:
			inside = ""
			if t.Name.Local == "c" {
				return b.cellText(typ, attr(start, "s"), value.String()), nil
			}
		}
	}
}

func (b *workbook) cellText(typ, style, v string) string {
	switch typ {
	case "s":
		if i, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && i >= 0 && i < len(b.shared) {
			return b.shared[i]
		}
		return ""
	case "b":
		if v == "1" {
			return "oui"
		}
		return "non"
	case "e":
		return ""
	case "", "n":
		format, _ := strconv.Atoi(style) //nolint:errcheck // no style is style 0
		if days, err := strconv.ParseFloat(v, 64); err == nil && b.dates[format] {
			if t, ok := serialDate(days, b.since1904); ok {
				return t
			}
		}
	}
	return v
}
