package export

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/lib/intake"
)

// Calendar writes the activities among the entries as an iCalendar file (RFC
// 5545): a whole-day event each, from the first day its beginning covers to the
// last day its end covers; one that still goes on stands on its first day; one
// without a date is a journal entry. What a calendar has no word for stands in
// properties of our own (3.8.8.2), which intake.Read takes back.
//
// The stamps that the format asks for are the day the activity began, so that the
// same entries always give the same bytes.
func Calendar(w io.Writer, entries []intake.Entry) error {
	c := &calendar{w: bufio.NewWriter(w), seen: map[string]int{}}
	c.line("BEGIN:VCALENDAR")
	c.line("VERSION:2.0")
	c.line("PRODID:-//DigiWork//Musette//FR")
	c.line("CALSCALE:GREGORIAN")
	for i := range entries {
		if entries[i].Kind == intake.KindActivity {
			c.event(&entries[i])
		}
	}
	c.line("END:VCALENDAR")
	return c.w.Flush() // a bufio.Writer keeps its first error
}

type calendar struct {
	w    *bufio.Writer
	seen map[string]int
}

// never is the stamp of an activity without a date.
const never = "19700101T000000Z"

func (c *calendar) event(e *intake.Entry) {
	start, dated := firstDay(e.Start)
	kind, stamp := "VJOURNAL", never
	if dated {
		kind, stamp = "VEVENT", start.Format("20060102")+"T000000Z"
	}
	c.line("BEGIN:" + kind)
	c.line("UID:" + c.uid(e))
	c.line("DTSTAMP:" + stamp)
	if dated {
		c.line("DTSTART;VALUE=DATE:" + start.Format("20060102"))
		if last, ok := lastDay(e.End); ok && !last.Before(start) {
			c.line("DTEND;VALUE=DATE:" + last.AddDate(0, 0, 1).Format("20060102")) // 3.6.1: the day after
		}
	}
	c.text("SUMMARY", e.Title)
	c.text("DESCRIPTION", e.Narrative)
	if kind == "VEVENT" {
		c.text("LOCATION", e.Place)
		c.line("TRANSP:TRANSPARENT")
	} else {
		c.text("X-MUSETTE-PLACE", e.Place)
	}
	if len(e.Tags) > 0 {
		tags := make([]string, len(e.Tags))
		for i, t := range e.Tags {
			tags[i] = escape(t)
		}
		c.line("CATEGORIES:" + strings.Join(tags, ","))
	}
	if e.URL != "" {
		c.line("URL:" + e.URL)
	}
	c.text("X-MUSETTE-KIND", e.Type)
	c.text("X-MUSETTE-START", e.Start)
	c.text("X-MUSETTE-END", e.End)
	c.text("X-MUSETTE-ORGANISATION", e.Organisation)
	c.text("X-MUSETTE-WITH-WHOM", e.WithWhom)
	c.text("X-MUSETTE-PURPOSE", e.Purpose)
	c.line("END:" + kind)
}

// uid names an event: the key of the activity, and a number when it comes again.
func (c *calendar) uid(e *intake.Entry) string {
	key := e.Key
	if key == "" {
		key = intake.KeyOf(e)
	}
	c.seen[key]++
	if n := c.seen[key]; n > 1 {
		return fmt.Sprintf("%s-%d", key, n)
	}
	return key
}

func (c *calendar) text(name, value string) {
	if value != "" {
		c.line(name + ":" + escape(value))
	}
}

// escape is the TEXT of 3.3.11.
func escape(t string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(t)
}

// line writes a line folded at 75 bytes (3.1), between characters.
func (c *calendar) line(t string) {
	const most = 75
	for limit := most; len(t) > limit; limit = most - 1 {
		cut := limit
		for !utf8.RuneStart(t[cut]) {
			cut--
		}
		c.write(t[:cut] + "\r\n ")
		t = t[cut:]
	}
	c.write(t + "\r\n")
}

func (c *calendar) write(t string) {
	_, _ = c.w.WriteString(t) //nolint:errcheck // Flush gives the first error
}

// firstDay is the first day a date covers.
func firstDay(d string) (time.Time, bool) {
	if len(d) > len(time.DateOnly) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly[:len(d)], d)
	return t, err == nil && d != ""
}

// lastDay is the last day a date covers.
func lastDay(d string) (time.Time, bool) {
	t, ok := firstDay(d)
	switch len(d) {
	case 4:
		t = t.AddDate(1, 0, -1)
	case 7:
		t = t.AddDate(0, 1, -1)
	}
	return t, ok
}
