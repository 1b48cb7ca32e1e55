package expedition

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
)

// Deed is a step of a plan with its days.
type Deed struct {
	What     string
	From, To time.Time // the last day counts
}

// usual is how long a step takes when it does not say.
const usual = 14 // days

var lasting = regexp.MustCompile(`(?i)\s*\((\d{1,3})\s*(j|jours?|d|days?|sem|semaines?|w|weeks?|mois|months?)\)`)

// Plan gives dates to steps, one after the other from begin. A step says how long it
// takes in brackets: (30 j), (2 semaines), (1 month).
func Plan(steps []string, begin time.Time) []Deed {
	var all []Deed
	for _, s := range steps {
		days := usual
		if m := lasting.FindStringSubmatch(s); m != nil {
			n, err := strconv.Atoi(m[1])
			if err == nil && n > 0 {
				days = inDays(n, m[2], begin)
			}
			s = strings.TrimSpace(strings.Replace(s, m[0], "", 1))
		}
		end := begin.AddDate(0, 0, days-1)
		all = append(all, Deed{s, begin, end})
		begin = end.AddDate(0, 0, 1)
	}
	return all
}

func inDays(n int, unit string, begin time.Time) int {
	switch strings.ToLower(unit)[0] {
	case 's', 'w':
		return 7 * n
	case 'm':
		return int(begin.AddDate(0, n, 0).Sub(begin).Hours()/24 + 0.5)
	}
	return n
}

// Adapt is a track as a trial somewhere, from a day on, with what is still to be
// filled in left empty: the hypothesis, and who agreed.
func (c *Card) Adapt(place string, begin time.Time) (Entry, []Deed) {
	deeds := Plan(Lines(c.Fields["steps"]), begin)
	e := Entry{Title: c.Title, Ties: map[string][]string{"track": {c.ID}}, Fields: map[string]string{
		"place": place, "begin": begin.Format(time.DateOnly), "indicators": c.Fields["indicators"], "stop": c.Fields["stop"], "ecology": c.Fields["ecology"],
	}}
	if place != "" {
		e.Title = short(c.Title+", "+place, maxTitle)
	}
	var plan []string
	for _, d := range deeds {
		plan = append(plan, d.From.Format(time.DateOnly)+" : "+d.What)
		e.Fields["sunset"] = d.To.Format(time.DateOnly)
	}
	e.Fields["plan"] = strings.Join(plan, "\n")
	return e, deeds
}

// AdaptTrack makes the trial of a track at a place.
func (s *Service) AdaptTrack(ctx context.Context, id kernel.ExpeditionID, track, place string, begin kernel.Date) (string, error) {
	b, err := s.Open(ctx, id)
	if err != nil {
		return "", err
	}
	c := b.Card(track)
	if c == nil || c.Kind != "track" {
		return "", errNoCard
	}
	if begin == "" {
		return "", errDay.On("begin")
	}
	e, _ := c.Adapt(oneLine(place), begin.First())
	return s.Add(ctx, id, "trial", e)
}

// The states of a trial by its dates.
const (
	Announced = "announced"
	Running   = "running"
	Over      = "over"
	Undated   = "undated"
)

// State says where a trial stands on a day.
func (c *Card) State(day time.Time) string {
	begin, end := kernel.Date(c.Fields["begin"]), kernel.Date(c.Fields["sunset"])
	switch {
	case begin == "":
		return Undated
	case day.Before(begin.First()):
		return Announced
	case end != "" && !day.Before(end.Last().AddDate(0, 0, 1)):
		return Over
	}
	return Running
}
