package intake

import (
	"slices"
	"strings"
	"time"
)

// component is an event, a task or a journal entry of a calendar being read.
type component struct {
	kind  string
	line  int
	lines []contentLine
	inner int // depth of alarms and other parts within
}

// calendar reads an iCalendar file (RFC 5545). Events, journal entries and tasks
// that were done become activities; a task still to be done, a cancelled event
// and a busy time are named and left out.
func (s *sink) calendar(text string) error {
	s.found(FormatCalendar)
	var open *component
	err := eachContentLine(text, func(c contentLine, bad bool) error {
		if c.line%1024 == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		switch {
		case s.full:
			return errEnough
		case bad:
			s.skip(s.at(c.line), "intake.line_unreadable")
		case c.name == "BEGIN" && open == nil:
			switch kind := strings.ToUpper(c.value); kind {
			case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY":
				open = &component{kind: kind, line: c.line}
			}
		case open == nil:
		case c.name == "BEGIN":
			open.inner++
		case c.name == "END" && open.inner > 0:
			open.inner--
		case c.name == "END":
			s.component(open)
			open = nil
		case open.inner == 0 && len(open.lines) < 500:
			open.lines = append(open.lines, c)
		}
		return nil
	})
	if err == nil && open != nil {
		s.skip(s.at(open.line), "intake.truncated")
	}
	return unlessEnough(err)
}

func (c *component) get(name string) (contentLine, bool) {
	for _, l := range c.lines {
		if l.name == name {
			return l, true
		}
	}
	return contentLine{}, false
}

func (c *component) text(name string) string {
	l, _ := c.get(name)
	return l.text()
}

func (s *sink) component(c *component) {
	w := s.at(c.line)
	status := strings.ToUpper(c.text("STATUS"))
	title := c.text("SUMMARY")
	if title == "" {
		title, _, _ = strings.Cut(c.text("DESCRIPTION"), "\n")
		title = firstRunes(title, maxTitle)
	}
	switch {
	case c.kind == "VFREEBUSY":
		s.skip(w, "intake.calendar.busy")
	case status == "CANCELLED":
		s.skip(w, "intake.calendar.cancelled", "title", quote(title))
	case c.kind == "VTODO" && status != "COMPLETED" && c.text("COMPLETED") == "":
		s.skip(w, "intake.calendar.todo", "title", quote(title))
	case c.text("RECURRENCE-ID") != "":
		s.skip(w, "intake.calendar.repeated", "title", quote(title))
	default:
		s.event(c, title, w)
	}
}

func (s *sink) event(c *component, title string, w Where) {
	e := Entry{
		Kind: KindActivity, Type: TypeOther, Title: title, Narrative: c.text("DESCRIPTION"), Place: c.text("LOCATION"),
		Organisation: c.text("X-MUSETTE-ORGANISATION"), Purpose: c.text("X-MUSETTE-PURPOSE"), Where: w,
	}
	if typ := strings.ToLower(c.text("X-MUSETTE-KIND")); slices.Contains(ActivityTypes, typ) {
		e.Type = typ // our own calendars say it, see package export
	}
	if looksHTML(e.Narrative) {
		e.Narrative = htmlText(e.Narrative)
	}
	var people []string
	for _, l := range c.lines {
		switch l.name {
		case "CATEGORIES":
			e.Tags = append(e.Tags, l.list()...)
		case "ATTENDEE":
			if name := l.param("CN"); name != "" && !strings.Contains(name, "@") && len(people) < maxList {
				people = append(people, name)
			}
		case "URL":
			e.URL = l.value
		}
	}
	if e.WithWhom = c.text("X-MUSETTE-WITH-WHOM"); e.WithWhom == "" {
		e.WithWhom = strings.Join(people, ", ")
	}
	if e.Place == "" {
		e.Place = c.text("X-MUSETTE-PLACE")
	}
	s.eventDates(&e, c)
	s.add(e)
}

func looksHTML(t string) bool {
	l := strings.ToLower(t)
	return strings.Contains(l, "<br") || strings.Contains(l, "</a>") || strings.Contains(l, "<p>") || strings.Contains(l, "<html")
}

// eventDates reads beginning and end. The end of a whole-day event is the day
// after its last (RFC 5545, 3.6.1).
func (s *sink) eventDates(e *Entry, c *component) {
	if c.text("X-MUSETTE-KIND") != "" { // our own calendars say the dates as they are known
		from, _ := plainDate(c.text("X-MUSETTE-START"))
		to, _ := plainDate(c.text("X-MUSETTE-END"))
		e.Start, e.End = from.text, to.text
		return
	}
	startLine, has := c.get("DTSTART")
	if !has {
		for _, name := range []string{"COMPLETED", "DUE", "DTSTAMP"} {
			if startLine, has = c.get(name); has {
				break
			}
		}
	}
	if !has {
		return
	}
	start, whole, ok := s.instant(startLine)
	if !ok {
		s.warn(s.at(startLine.line), "intake.date_unreadable", "text", quote(startLine.value))
		return
	}
	e.Start = start.Format(time.DateOnly)
	end := start
	if l, has := c.get("DTEND"); has {
		if t, _, ok := s.instant(l); ok && t.After(start) {
			end = t
		} else if !ok {
			s.warn(s.at(l.line), "intake.date_unreadable", "text", quote(l.value))
		}
	} else if d := c.text("DURATION"); d != "" {
		if h, ok := isoHours(d); ok && h < 24*366*50 {
			end = start.Add(time.Duration(h * float64(time.Hour)))
		}
	}
	if whole {
		end = end.AddDate(0, 0, -1)
	} else if hours := end.Sub(start).Hours(); hours > 0 && hours <= 24 {
		e.fact(factHours, hoursText(hours))
	}
	e.End = max(e.Start, end.Format(time.DateOnly)) // an unknown end would say "still going on"
	if rule, has := c.get("RRULE"); has {
		s.repetition(e, rule)
	}
}

// repetition keeps a repeated event as one activity that ends when the rule says.
func (s *sink) repetition(e *Entry, rule contentLine) {
	e.fact(factRecurrence, rule.value)
	s.warn(e.Where, "intake.calendar.series", "title", quote(e.Title))
	for _, part := range strings.Split(rule.value, ";") {
		if until, ok := strings.CutPrefix(strings.ToUpper(part), "UNTIL="); ok {
			if t, _, ok := s.instant(contentLine{value: until}); ok {
				e.End = t.Format(time.DateOnly)
			}
		}
	}
}

// instant reads DATE and DATE-TIME values (RFC 5545, 3.3.4 and 3.3.5). A time with
// a zone of its own keeps the date it has there; a time in UTC takes the date of
// the person's zone.
func (s *sink) instant(l contentLine) (t time.Time, wholeDay, ok bool) {
	v := strings.TrimSpace(l.value)
	for _, layout := range []string{"20060102T150405Z", "20060102T150405", "20060102T1504", "20060102", "20060102Z", "2006-01-02", "2006-01-02T15:04:05Z"} {
		t, err := time.Parse(layout, v)
		if err != nil {
			continue
		}
		if t.Year() < 1000 {
			return t, false, false
		}
		if strings.HasSuffix(layout, "05Z") {
			t = t.In(s.opt.Zone)
		}
		return t, !strings.Contains(layout, "T"), true
	}
	return time.Time{}, false, false
}
