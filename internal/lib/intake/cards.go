package intake

import (
	"strings"
)

// card is a vCard being read.
type card struct {
	line  int
	inner int
	lines []contentLine
}

// cards reads an address book: vCard 4.0 (RFC 6350), 3.0 (RFC 2426) and 2.1.
func (s *sink) cards(text string) error {
	s.found(FormatCards)
	var open *card
	err := eachContentLine(text, func(c contentLine, bad bool) error {
		if c.line%1024 == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		switch {
		case s.full:
			return errEnough
		case bad:
			if open == nil || !photoLine(open) {
				s.skip(s.at(c.line), "intake.line_unreadable")
			}
		case c.name == "BEGIN" && strings.EqualFold(strings.TrimSpace(c.value), "VCARD"):
			if open != nil {
				if open.inner > 0 || len(open.lines) == 0 {
					open.inner++ // an AGENT of version 2.1
					return nil
				}
				s.skip(s.at(open.line), "intake.truncated") // the end of the last one is missing
			}
			open = &card{line: c.line}
		case open == nil:
		case c.name == "END" && open.inner > 0:
			open.inner--
		case c.name == "END":
			s.contact(open)
			open = nil
		case c.name == "AGENT" && strings.TrimSpace(c.value) == "":
			open.inner++
		case open.inner == 0 && len(open.lines) < 500:
			switch c.name {
			case "PHOTO", "LOGO", "SOUND", "KEY":
				c.value = "" // bytes are not kept
			}
			open.lines = append(open.lines, c)
		}
		return nil
	})
	if err == nil && open != nil {
		s.skip(s.at(open.line), "intake.truncated")
	}
	return unlessEnough(err)
}

// photoLine reports whether the last line read was of bytes: version 2.1 lets
// them run on without a fold.
func photoLine(c *card) bool {
	if len(c.lines) == 0 {
		return false
	}
	switch c.lines[len(c.lines)-1].name {
	case "PHOTO", "LOGO", "SOUND", "KEY":
		return true
	}
	return false
}

func (s *sink) contact(c *card) {
	e := Entry{Kind: KindContact, Card: &Card{}, Where: s.at(c.line)}
	var structured string
	for _, l := range c.lines {
		switch l.name {
		case "KIND", "X-ADDRESSBOOKSERVER-KIND":
			if strings.EqualFold(l.text(), "group") {
				s.skip(e.Where, "intake.cards.group")
				return
			}
		case "FN":
			if e.Card.Name == "" {
				e.Card.Name = l.text()
			}
		case "N":
			structured = nameOf(l.fields())
		case "ORG":
			if e.Organisation == "" {
				e.Organisation = joined(", ", l.fields()...)
			}
		case "TITLE", "ROLE":
			e.Card.Role = joined(", ", e.Card.Role, l.text())
		case "EMAIL":
			e.Card.Emails = append(e.Card.Emails, strings.TrimPrefix(l.text(), "mailto:"))
		case "TEL":
			e.Card.Phones = append(e.Card.Phones, strings.TrimPrefix(l.text(), "tel:"))
		case "ADR":
			if e.Card.Address == "" {
				e.Card.Address, e.Place, e.Card.Country = addressOf(l.fields())
			}
		case "URL":
			if e.URL == "" {
				e.URL = l.text()
			} else {
				e.Card.Links = append(e.Card.Links, l.text())
			}
		case "NOTE":
			e.Narrative = joined("\n", e.Narrative, l.text())
		case "CATEGORIES":
			e.Tags = append(e.Tags, l.list()...)
		}
	}
	if e.Card.Name == "" {
		e.Card.Name = structured
	}
	if e.Title = e.Card.Name; e.Title == "" {
		e.Title = e.Organisation
	}
	if e.Title == "" && len(e.Card.Emails) > 0 {
		e.Title = e.Card.Emails[0]
	}
	s.add(e)
}

// nameOf makes a name of family; given; additional; prefixes; suffixes.
func nameOf(f []string) string {
	f = append(f, make([]string, 5)...)
	return joined(" ", f[3], f[1], f[2], f[0], f[4])
}

// addressOf makes one line, the town and the country of box; extended; street;
// town; region; code; country.
func addressOf(f []string) (line, town, country string) {
	f = append(f, make([]string, 7)...)
	return joined(", ", f[0], f[1], f[2], joined(" ", f[5], f[3]), f[4]), f[3], f[6]
}
