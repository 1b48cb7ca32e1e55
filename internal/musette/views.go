package musette

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// The three views of Fing's musettes: the same content, looked at for the day, for
// oneself, and with others.

// Daily is a musette for the day: what goes on, how much it takes, where, with whom.
type Daily struct {
	Today      time.Time
	Ongoing    []*Activity // the longest week first
	Hours      float64     // a week, as she noted them
	Unpaid     float64     // of them
	Unsaid     int         // ongoing activities without hours
	Statuses   []*Entry    // that hold today
	Ending     []*Entry    // statuses and papers that end within ninety days, soonest first
	Week       [7][]*Entry // workplaces of each day, Monday first
	Workplaces []*Entry
	Contacts   []*Entry
}

// soon is how long before its end a paper or a status is worth saying.
const soon = 90

// Daily looks at the actor's musette for the day.
func (s *Service) Daily(ctx context.Context) (*Daily, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	all, err := activitiesAmong(items)
	if err != nil {
		return nil, err
	}
	d := &Daily{Today: s.today(ctx)}
	for _, a := range all {
		if !a.Ongoing(d.Today) {
			continue
		}
		d.Ongoing = append(d.Ongoing, a)
		d.Hours += a.HoursPerWeek
		switch {
		case a.HoursPerWeek == 0:
			d.Unsaid++
		case a.Paid != nil && !*a.Paid:
			d.Unpaid += a.HoursPerWeek
		}
	}
	slices.SortStableFunc(d.Ongoing, func(a, b *Activity) int { return cmp.Compare(b.HoursPerWeek, a.HoursPerWeek) })
	d.look(items)
	return d, nil
}

func (d *Daily) look(items []gate.Item) {
	for _, e := range entriesAmong(items, identity) {
		if e.holds(d.Today) {
			d.Statuses = append(d.Statuses, e)
		}
		if e.endsWithin(d.Today, soon) {
			d.Ending = append(d.Ending, e)
		}
	}
	for _, e := range entriesAmong(items, document) {
		if e.endsWithin(d.Today, soon) {
			d.Ending = append(d.Ending, e)
		}
	}
	slices.SortStableFunc(d.Ending, func(a, b *Entry) int {
		return kernel.Date(a.Value("end")).Last().Compare(kernel.Date(b.Value("end")).Last())
	})
	d.Workplaces = entriesAmong(items, workplace)
	for _, e := range d.Workplaces {
		for i := range d.Week {
			if strings.Contains(e.Value("days"), string(rune('0'+i))) {
				d.Week[i] = append(d.Week[i], e)
			}
		}
	}
	d.Contacts = entriesAmong(items, contact)
}

// holds reports whether an entry with a period holds on a day; one without a start
// holds since ever.
func (e *Entry) holds(day time.Time) bool {
	start, end := kernel.Date(e.Value("start")), kernel.Date(e.Value("end"))
	n := dayNumber(day)
	return ordinal(start) <= n && (end == "" || dayNumber(end.Last()) >= n)
}

// endsWithin reports whether an entry ends between a day and some days later.
func (e *Entry) endsWithin(day time.Time, days int) bool {
	end := kernel.Date(e.Value("end"))
	if end == "" {
		return false
	}
	last := dayNumber(end.Last())
	return last >= dayNumber(day) && last <= dayNumber(day.AddDate(0, 0, days))
}

// Reflection is a musette for oneself: notes by what they are about, and the years
// that can be told.
type Reflection struct {
	ByPrompt map[string][]*Entry // "" is anything; newest first
	Years    []int               // newest first
}

// Reflect looks at the actor's musette for herself.
func (s *Service) Reflect(ctx context.Context) (*Reflection, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	all, err := activitiesAmong(items)
	if err != nil {
		return nil, err
	}
	r := &Reflection{ByPrompt: map[string][]*Entry{}}
	for _, e := range entriesAmong(items, note) {
		r.ByPrompt[e.Value("about")] = append(r.ByPrompt[e.Value("about")], e)
	}
	o := Overview{Today: s.today(ctx)}
	o.summarise(all)
	for y := min(o.Last, o.Today.Year()); o.First != 0 && y >= o.First && len(r.Years) < 100; y-- {
		r.Years = append(r.Years, y)
	}
	return r, nil
}

// Review is a year as the entries tell it.
type Review struct {
	Year       int
	Activities []*Activity // of that year, newest first
	Begun      []*Activity
	Ended      []*Activity
	Unpaid     []*Activity
	Pieces     []*Piece // dated from that year
	Methods    []*Entry // written down that year
	Statuses   []*Entry // that began or ended
	Notes      map[string][]*Entry
}

// Review tells a year of the actor from her entries.
func (s *Service) Review(ctx context.Context, year int) (*Review, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	all, err := activitiesAmong(items)
	if err != nil {
		return nil, err
	}
	r := &Review{Year: year, Notes: map[string][]*Entry{}}
	today := dayNumber(s.today(ctx))
	for _, a := range all {
		if !(Filter{From: year, To: year}).admits(a, today) {
			continue
		}
		r.Activities = append(r.Activities, a)
		if a.start/10000 == year {
			r.Begun = append(r.Begun, a)
		}
		if a.end/10000 == year {
			r.Ended = append(r.Ended, a)
		}
		if a.Paid != nil && !*a.Paid {
			r.Unpaid = append(r.Unpaid, a)
		}
	}
	zone := kernel.ActorFrom(ctx).Location()
	for i := range items {
		if !has(items[i].ID, piecePrefix) || kernel.Date(items[i].View.Start).Year() != year {
			continue
		}
		p, err := pieceOf(&items[i])
		if err != nil {
			return nil, err
		}
		r.Pieces = append(r.Pieces, p)
	}
	for _, e := range entriesAmong(items, method) {
		if e.CreatedAt.In(zone).Year() == year {
			r.Methods = append(r.Methods, e)
		}
	}
	for _, e := range entriesAmong(items, identity) {
		if kernel.Date(e.Value("start")).Year() == year || kernel.Date(e.Value("end")).Year() == year {
			r.Statuses = append(r.Statuses, e)
		}
	}
	for _, e := range entriesAmong(items, note) {
		if kernel.Date(e.Value("start")).Year() == year {
			r.Notes[e.Value("about")] = append(r.Notes[e.Value("about")], e)
		}
	}
	return r, nil
}

// Social is a musette with others: what they said, what they may see.
type Social struct {
	Now      time.Time
	Attested []*Activity
	Open     []gate.Grant
	Contacts int
}

// Social looks at the actor's musette with others.
func (s *Service) Social(ctx context.Context) (*Social, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	all, err := activitiesAmong(items)
	if err != nil {
		return nil, err
	}
	grants, err := s.Gate.Grants(ctx)
	if err != nil {
		return nil, err
	}
	so := &Social{Now: s.DB.Now(), Contacts: len(entriesAmong(items, contact))}
	for _, a := range all {
		if a.Provenance.Source == gate.Attested {
			so.Attested = append(so.Attested, a)
		}
	}
	for _, g := range grants {
		if g.Open(so.Now) {
			so.Open = append(so.Open, g)
		}
	}
	return so, nil
}
