package taxonomy

import (
	"bufio"
	"cmp"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// reader knows the tables of one scheme.
type reader struct {
	tables []shape
	json   func(d *draft, name string, r *bufio.Reader) (rows int, err error)
	xml    func(d *draft, name string, r *bufio.Reader) (rows int, err error)
}

// shape is one kind of table: the columns it is recognised by, and what a row says.
type shape struct {
	columns []string
	row     func(d *draft, t *table, lang string) error
	late    bool // lines about itself come first
}

var readers = map[Scheme]reader{
	ESCO:      {tables: escoTables},
	ROME:      {tables: romeTables, json: readRomeJSON},
	RomeESCO:  {tables: crosswalkTables},
	RNCP:      {tables: rncpTables, xml: readRncpXML},
	Formacode: {tables: formacodeTables},
}

// read adds the files of an import to a draft, in the order given.
func (d *draft) read(paths []string) error {
	rd, ok := readers[d.scheme]
	if !ok {
		return &Refusal{Reason: Unknown, Detail: string(d.scheme)}
	}
	found := 0
	o := opener{left: maxInflated, visit: func(name string, r *bufio.Reader) error {
		rows, err := d.readFile(rd, name, r)
		if err := named(err, name); err != nil {
			return err
		}
		if rows > 0 {
			found += rows
			d.sources[sourceName(name)] = rows
		}
		return nil
	}}
	for _, p := range paths {
		if err := o.open(p); err != nil {
			return err
		}
	}
	if found == 0 {
		return &Refusal{Reason: NothingIn, File: strings.Join(paths, ", ")}
	}
	return nil
}

func (d *draft) readFile(rd reader, name string, r *bufio.Reader) (int, error) {
	head, _ := r.Peek(512)
	switch first := strings.TrimLeft(strings.TrimPrefix(string(head), "\uFEFF"), " \t\r\n"); {
	case first == "" || strings.ContainsRune(string(head), 0):
		return 0, nil
	case first[0] == '<':
		if rd.xml == nil {
			return 0, nil
		}
		return rd.xml(d, name, r)
	case first[0] == '[' || first[0] == '{':
		if rd.json == nil {
			return 0, nil
		}
		return rd.json(d, name, r)
	}
	t, s, err := newTable(name, r, rd.tables)
	if err != nil || s < 0 {
		return 0, err
	}
	return t.rows(func() error { return rd.tables[s].row(d, t, langOf(name)) })
}

// rows calls each for every row after the header.
func (t *table) rows(each func() error) (int, error) {
	n := 0
	for {
		ok, err := t.next()
		if err != nil || !ok {
			return n, err
		}
		n++
		if err := each(); err != nil {
			return n, err
		}
	}
}

// named puts the file into a refusal that does not know it.
func named(err error, name string) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		if r.File == "" {
			r.File = name
		}
		return r
	}
	return &Refusal{Reason: Damaged, File: name, Err: err}
}

// sourceName is a file's own name, with the archive it was in.
func sourceName(name string) string {
	outer, inner, ok := strings.Cut(name, "!")
	if !ok {
		return filepath.Base(outer)
	}
	return filepath.Base(outer) + "!" + strings.TrimPrefix(inner, "/")
}

var (
	langMark    = regexp.MustCompile(`(?i)(?:^|[-_ .(!/\\])(bg|cs|da|de|el|en|es|et|fi|fr|ga|hr|hu|is|it|lt|lv|mt|nl|no|pl|pt|ro|sk|sl|sv|uk|ar)(?:[-_ .)!/\\]|$)`)
	versionDots = regexp.MustCompile(`(?i)(?:^|[^0-9.])v?([0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?)(?:[^0-9.]|\.[a-z]|$)`)
	versionDate = regexp.MustCompile(`(20[0-9]{2})[-_.]?([01][0-9])[-_.]?([0-3][0-9])`)
	versionV    = regexp.MustCompile(`(?i)(?:^|[-_ ])v([0-9]{2,4})(?:[-_ .!]|$)`)
)

// langOf is the language a name tells, the nearest part of the path first; the
// French of the schemes that exist in French only is the default.
func langOf(name string) string {
	parts := strings.FieldsFunc(filepath.ToSlash(name), func(r rune) bool { return r == '/' || r == '!' })
	for _, p := range slices.Backward(parts) {
		if m := langMark.FindAllStringSubmatch(p, -1); m != nil {
			return strings.ToLower(m[len(m)-1][1])
		}
	}
	return "fr"
}

// versionIn is the version that names tell: that of the last part of a path that
// tells one, the highest when several files disagree.
func versionIn(s Scheme, names []string) string {
	best := ""
	for _, n := range names {
		outer, inner, _ := strings.Cut(filepath.ToSlash(n), "!")
		folders := strings.Split(outer, "/")
		parts := append(folders[max(0, len(folders)-2):], strings.Split(inner, "/")...) // the file and the folder it is in
		for _, p := range slices.Backward(parts) {
			if v := versionOf(s, p); v != "" {
				if compareVersions(v, best) > 0 {
					best = v
				}
				break
			}
		}
	}
	return best
}

func versionOf(s Scheme, part string) string {
	switch s {
	case ESCO:
		if m := versionDots.FindStringSubmatch(part); m != nil {
			return m[1]
		}
	case ROME, Formacode:
		if m := versionV.FindStringSubmatch(part); m != nil {
			return "v" + m[1]
		}
	case RNCP, RomeESCO:
		if m := versionDate.FindStringSubmatch(part); m != nil {
			return m[1] + "-" + m[2] + "-" + m[3]
		}
	}
	return ""
}

// compareVersions orders versions by their numbers: v459 < v460, 1.1.1 < 1.2, and
// none before any.
func compareVersions(a, b string) int {
	split := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	}
	x, y := split(a), split(b)
	for i := range min(len(x), len(y)) {
		p, q := strings.TrimLeft(x[i], "0"), strings.TrimLeft(y[i], "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// namesIn lists the files of an import without reading them.
func namesIn(paths []string) ([]string, error) {
	var all []string
	o := opener{list: func(name string) { all = append(all, name) }}
	for _, p := range paths {
		if err := o.open(p); err != nil {
			return nil, err
		}
	}
	return all, nil
}
