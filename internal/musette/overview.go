package musette

import (
	"context"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"
	"digiwork/internal/lib/timeline"
)

// Filter chooses activities. Its zero value chooses all of them.
type Filter struct {
	Kind     Kind
	Status   string
	Paid     string // "yes", "no", or "" for both and for what was not said
	From, To int    // years, both included; 0 is open
	Words    string // in any of its texts, by stem, without accents or case
}

// Any reports whether the filter leaves something out.
func (f Filter) Any() bool { return f != Filter{} }

// admits reports whether an activity is chosen by all but its words.
func (f Filter) admits(a *Activity, today int) bool {
	switch {
	case f.Kind != "" && a.Kind != f.Kind,
		f.Status != "" && a.Status != f.Status,
		f.Paid == "yes" && !a.IsPaid(),
		f.Paid == "no" && (a.Paid == nil || *a.Paid):
		return false
	case f.From == 0 && f.To == 0:
		return true
	case a.start == 0:
		return false
	case f.To != 0 && a.start/10000 > f.To:
		return false
	}
	end := a.end
	if end == 0 {
		end = max(today, a.start)
	}
	return f.From == 0 || end/10000 >= f.From
}

// texts appends everything she wrote about an activity, to be searched.
func (a *Activity) texts(parts []string) []string {
	parts = append(parts, a.Title, a.Organisation, a.Place, a.WithWhom, a.Purpose, a.Narrative)
	return append(append(append(parts, a.Tools...), a.Methods...), a.Tags...)
}

// Overview is a musette at a glance.
type Overview struct {
	Filter    Filter
	Today     time.Time
	Total     int                   // activities, whatever the filter
	Ongoing   int                   // of them
	First     int                   // year of the earliest, 0 if none has a date
	Last      int                   // year of the latest end
	Statuses  []string              // said of any of them, sorted
	Shown     []*Activity           // what the filter chooses, newest first
	Undated   int                   // of them, at the end
	Pieces    map[kernel.ItemID]int // how many each activity has
	Elsewhere []Found               // what else holds the words
}

// Found is a thing that is no activity and holds the words searched for.
type Found struct {
	ID    kernel.ItemID
	Shape *Shape // nil for a piece
	Name  string
}

// Overview looks at the whole musette of the actor through a filter.
func (s *Service) Overview(ctx context.Context, f Filter) (*Overview, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	all, err := activitiesAmong(items)
	if err != nil {
		return nil, err
	}
	o := &Overview{Filter: f, Today: s.today(ctx), Total: len(all), Pieces: pieceCounts(items)}
	o.summarise(all)
	o.choose(all, kernel.ActorFrom(ctx).Lang)
	if strings.TrimSpace(f.Words) != "" {
		o.Elsewhere = elsewhere(items, french.NewMatcher(f.Words, kernel.ActorFrom(ctx).Lang))
	}
	return o, nil
}

func (o *Overview) summarise(all []*Activity) {
	statuses := map[string]bool{}
	for _, a := range all {
		if a.Ongoing(o.Today) {
			o.Ongoing++
		}
		if a.Status != "" && !statuses[a.Status] {
			statuses[a.Status] = true
			o.Statuses = append(o.Statuses, a.Status)
		}
		if a.start == 0 {
			continue
		}
		if year := a.start / 10000; o.First == 0 || year < o.First {
			o.First = year
		}
		o.Last = max(o.Last, a.start/10000, a.end/10000)
	}
	if o.Ongoing > 0 {
		o.Last = max(o.Last, o.Today.Year())
	}
	slices.Sort(o.Statuses)
}

func (o *Overview) choose(all []*Activity, lang string) {
	if !o.Filter.Any() {
		o.Shown = all
	} else {
		var m *french.Matcher
		if strings.TrimSpace(o.Filter.Words) != "" {
			m = french.NewMatcher(o.Filter.Words, lang)
		}
		today := dayNumber(o.Today)
		var parts []string
		for _, a := range all {
			if !o.Filter.admits(a, today) {
				continue
			}
			if parts = a.texts(parts[:0]); m == nil || m.Match(parts...) {
				o.Shown = append(o.Shown, a)
			}
		}
	}
	for i := len(o.Shown) - 1; i >= 0 && o.Shown[i].start == 0; i-- {
		o.Undated++
	}
}

func pieceCounts(items []gate.Item) map[kernel.ItemID]int {
	var counts map[kernel.ItemID]int
	for i := range items {
		if !has(items[i].ID, piecePrefix) {
			continue
		}
		if counts == nil {
			counts = map[kernel.ItemID]int{}
		}
		for _, id := range items[i].View.Links {
			counts[id]++
		}
	}
	return counts
}

// elsewhereMost is how many other things a search names.
const elsewhereMost = 30

func elsewhere(items []gate.Item, m *french.Matcher) []Found {
	var found []Found
	var parts []string
	for i := range items {
		it := &items[i]
		shape := shapeOf(it.ID)
		if shape == nil && !has(it.ID, piecePrefix) {
			continue
		}
		v := &it.View
		parts = append(parts[:0], v.Title, v.Organisation, v.Place, v.Text)
		for _, f := range v.Facts {
			parts = append(parts, f.Text)
		}
		if !m.Match(parts...) {
			continue
		}
		name := v.Title
		if shape != nil {
			if e, ok := entryOf(it); ok {
				name = e.Name()
			}
		}
		if found = append(found, Found{it.ID, shape, name}); len(found) == elsewhereMost {
			break
		}
	}
	return found
}

// barMost is how many bars one timeline draws: more would be a wall.
const barMost = 300

// Drawn says which of the chosen activities are on the timeline: those with a date,
// the newest first, at most barMost.
func (o *Overview) Drawn() []*Activity {
	dated := o.Shown[:len(o.Shown)-o.Undated]
	return dated[:min(len(dated), barMost)]
}

// Window is the years the timeline shows.
func (o *Overview) Window(bars []timeline.Bar) timeline.Window {
	w := timeline.Around(bars, timeline.DayOf(o.Today))
	if o.Filter.From != 0 {
		w.From = timeline.FirstDay(o.Filter.From)
	}
	if o.Filter.To != 0 {
		w.To = timeline.LastDay(o.Filter.To)
	}
	w.To = max(w.To, w.From)
	return w
}

// bar is the activity as it is drawn; it has a start.
func (a *Activity) bar(today timeline.Day) timeline.Bar {
	b := timeline.Bar{Label: a.Title, Start: firstDay(a.start)}
	switch {
	case a.end != 0:
		b.End = max(b.Start, lastDay(a.End, a.end))
	default:
		b.End, b.GoesOn = max(b.Start, today), true
	}
	switch {
	case a.Paid == nil:
		b.Texture = timeline.Outline
	case !*a.Paid:
		b.Texture = timeline.Hatched
	}
	return b
}

// firstDay is the day of an ordinal.
func firstDay(n int) timeline.Day {
	return timeline.DayNumber(n/10000, n/100%100, n%100)
}

// lastDay is the last day a date covers, whose ordinal is n.
func lastDay(d kernel.Date, n int) timeline.Day {
	switch len(d) {
	case 4:
		return timeline.DayNumber(n/10000, 12, 31)
	case 7:
		return timeline.DayNumber(n/10000, n/100%100, daysIn(n/10000, n/100%100))
	}
	return firstDay(n)
}

// A Span is some years, both included.
type Span struct{ From, To int }

// Zooms are the steps closer: the decades of the life, and within ten years or fewer
// its single years.
func (o *Overview) Zooms() []Span {
	if o.First == 0 {
		return nil
	}
	from, to := o.Filter.From, o.Filter.To
	if from != 0 && to != 0 && to-from < 10 {
		from, to = from/10*10, from/10*10+9
		var years []Span
		for y := max(from, o.First); y <= min(to, o.Last); y++ {
			years = append(years, Span{y, y})
		}
		return years
	}
	var decades []Span
	for y := o.First / 10 * 10; y <= o.Last && len(decades) < 12; y += 10 {
		decades = append(decades, Span{y, y + 9})
	}
	if len(decades) < 2 {
		return nil
	}
	return decades
}
