package portrait

import (
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/taxonomy"
)

// Portrait is a face sorted as a CV reads. It holds nothing the face does not show.
type Portrait struct {
	Language string
	Name     string
	Headline string
	About    string
	Contacts []gate.ShownFact // mail, telephone, town, page, languages, as far as shown
	Parts    []Part
	Purpose  string
	Until    time.Time // zero in a preview
}

// Part is a heading of a CV with what stands under it.
type Part struct {
	Name  PartName
	Lines []Line
}

// PartName names a part; the heading is the message portrait.part_NAME.
type PartName string

// The parts, in their order.
const (
	Can         PartName = "can"         // competences
	Done        PartName = "done"        // activities, paid or not
	Learnt      PartName = "learnt"      // learning
	Credentials PartName = "credentials" // of organisations
	Voices      PartName = "voices"      // of peers
	Other       PartName = "other"
)

var partNames = []PartName{Can, Done, Learnt, Credentials, Voices, Other}

// Source is who stands behind a line. It names a source, never a rank.
type Source string

// The sources.
const (
	Told     Source = "told"     // the person says so
	Imported Source = "imported" // a file of hers says so
	Peers    Source = "peers"    // somebody who saw it signed
	Seal     Source = "seal"     // an organisation signed, and it can be verified
)

// Line is one thing a face shows.
type Line struct {
	gate.ShownItem
	Source Source
}

// start and end are its dates; empty when the face hides them.
func (l *Line) start() kernel.Date { return date(l.Start) }
func (l *Line) end() kernel.Date   { return date(l.End) }

func date(d *string) kernel.Date {
	if d == nil {
		return ""
	}
	return kernel.Date(*d)
}

// portraitOf sorts what a face shows; the order of the face is kept inside each part.
func portraitOf(s gate.Shown) *Portrait {
	p := &Portrait{Language: s.Language, Purpose: s.Purpose, Until: s.Until}
	for _, f := range s.Profile {
		switch f.Name {
		case "name":
			p.Name = f.Text
		case "headline":
			p.Headline = f.Text
		case "about":
			p.About = f.Text
		default:
			p.Contacts = append(p.Contacts, f)
		}
	}
	for _, name := range partNames {
		part := Part{Name: name}
		for _, it := range s.Items {
			if partOf(it.Kind) == name {
				part.Lines = append(part.Lines, Line{it, sourceOf(it)})
			}
		}
		if len(part.Lines) > 0 {
			p.Parts = append(p.Parts, part)
		}
	}
	return p
}

// partOf is where a kind of item stands.
func partOf(kind string) PartName {
	switch {
	case kind == "learning":
		return Learnt
	case slices.Contains(gate.ActivityKinds, kind):
		return Done
	}
	switch kind {
	case "competence", "skill":
		return Can
	case "credential":
		return Credentials
	case "recommendation":
		return Voices
	}
	return Other
}

// sourceOf is who stands behind an item: what is attested is a peer's word in a
// recommendation, an organisation's elsewhere.
func sourceOf(it gate.ShownItem) Source {
	switch {
	case it.Source == gate.Imported:
		return Imported
	case it.Source != gate.Attested:
		return Told
	case it.Kind == "recommendation":
		return Peers
	}
	return Seal
}

// contact is a field of the profile, or empty.
func (p *Portrait) contact(name string) string {
	for _, c := range p.Contacts {
		if c.Name == name {
			return c.Text
		}
	}
	return ""
}

// notices are the sentences of attribution that the licences of referentials ask to
// show where their entries are named.
func (p *Portrait) notices() []string {
	var all []string
	for _, s := range []taxonomy.Scheme{taxonomy.ESCO, taxonomy.ROME} {
		named := func(tag string) bool { return strings.HasPrefix(tag, strings.ToUpper(string(s))+" ") }
		if slices.ContainsFunc(p.part(Can), func(l Line) bool { return slices.ContainsFunc(l.Tags, named) }) {
			all = append(all, s.Notice())
		}
	}
	return all
}

// part gives the lines of a part.
func (p *Portrait) part(name PartName) []Line {
	for _, part := range p.Parts {
		if part.Name == name {
			return part.Lines
		}
	}
	return nil
}
