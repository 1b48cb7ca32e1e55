package fold

import "time"

// Entry is what is compared. Addresses are those it is known by, its own and the
// one its page calls canonical; none of them needs to be in canonical form.
type Entry struct {
	ID        string
	Addresses []string
	Title     string
	Text      string
	Print     Print     // of Text, when it was computed before
	At        time.Time // when it appeared; zero when nobody says
}

// Why says by what an entry repeats another.
type Why string

// The reasons, strongest first.
const (
	ByAddress Why = "address" // the same page
	ByTitle   Why = "title"   // the same title within days
	ByText    Why = "text"    // nearly the same words
)

// within is how far apart two entries of one title may appear.
const within = 7 * 24 * time.Hour

// Index finds what an entry repeats among those added. The zero Index is empty. It
// is for one goroutine at a time.
type Index struct {
	addresses map[string]string
	titles    map[string][]known
	bands     [near + 1]map[uint16][]known // a distance of 3 leaves one of 4 bands equal
	apart     map[[2]string]bool
	lead      map[string]string // entry to the one it was folded into
}

type known struct {
	id    string
	print Print
	at    time.Time
}

// Apart says that two entries are not the same, whatever they look like.
func (x *Index) Apart(a, b string) {
	if x.apart == nil {
		x.apart = map[[2]string]bool{}
	}
	x.apart[pair(a, b)] = true
}

func pair(a, b string) [2]string {
	if a > b {
		a, b = b, a
	}
	return [2]string{a, b}
}

// Add adds an entry and says which entry it repeats, the first of its kind, and by
// what; of is empty when it repeats none.
func (x *Index) Add(e Entry) (of string, why Why) {
	k := known{e.ID, e.print(), e.At}
	of, why = x.find(e, k)
	x.keep(e, k, of)
	return of, why
}

// Restore adds an entry whose fold was decided before: of is the entry it repeats,
// empty for none.
func (x *Index) Restore(e Entry, of string) { x.keep(e, known{e.ID, e.print(), e.At}, of) }

func (e Entry) print() Print {
	if e.Print != 0 {
		return e.Print
	}
	return PrintOf(e.Text)
}

// keep makes an entry known under the one it was folded into.
func (x *Index) keep(e Entry, k known, of string) {
	if x.lead == nil {
		x.addresses, x.titles, x.lead = map[string]string{}, map[string][]known{}, map[string]string{}
		for i := range x.bands {
			x.bands[i] = map[uint16][]known{}
		}
	}
	lead := e.ID
	if of != "" {
		lead = of
	}
	x.lead[e.ID] = lead
	for _, a := range e.Addresses {
		if c, err := Canonical(a); err == nil {
			if _, taken := x.addresses[c]; !taken {
				x.addresses[c] = e.ID
			}
		}
	}
	if t := Title(e.Title); t != "" {
		x.titles[t] = append(x.titles[t], k)
	}
	if k.print != 0 {
		for i := range x.bands {
			b := band(k.print, i)
			x.bands[i][b] = append(x.bands[i][b], k)
		}
	}
}

func band(p Print, i int) uint16 { return uint16(p >> (16 * i)) } //nolint:gosec // the low 16 bits are meant

func (x *Index) find(e Entry, k known) (string, Why) {
	for _, a := range e.Addresses {
		if c, err := Canonical(a); err == nil {
			if of, ok := x.open(e.ID, x.addresses[c]); ok {
				return of, ByAddress
			}
		}
	}
	for _, other := range x.titles[Title(e.Title)] {
		if of, ok := x.open(e.ID, other.id); ok && close(k.at, other.at) {
			return of, ByTitle
		}
	}
	if k.print == 0 {
		return "", ""
	}
	for i := range x.bands {
		for _, other := range x.bands[i][band(k.print, i)] {
			if of, ok := x.open(e.ID, other.id); ok && k.print.Distance(other.print) <= near {
				return of, ByText
			}
		}
	}
	return "", ""
}

// open gives the entry that other was folded into, unless id was taken apart from
// either.
func (x *Index) open(id, other string) (lead string, ok bool) {
	if other == "" || other == id {
		return "", false
	}
	lead = x.lead[other]
	return lead, lead != id && !x.apart[pair(id, other)] && !x.apart[pair(id, lead)]
}

// close reports whether two moments are within a week; one that nobody knows is.
func close(a, b time.Time) bool {
	return a.IsZero() || b.IsZero() || a.Sub(b).Abs() <= within
}
