package musette

import (
	"errors"
	"fmt"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
)

// planner decides what becomes of each entry of a file.
type planner struct {
	s     *Service
	from  gate.Provenance
	known *existing
	out   *Imported
	keys  map[string]kernel.ItemID // of this file

	items  []gate.Item     // to create, or to replace when Version is not 0
	pieces []*intake.Piece // bytes to keep with the item of the same place, or nil
	fields map[string]string
}

// titlesMost is how much of what would be created a preview names.
const titlesMost = 12

// take plans one entry: kept, merged into what is there, or skipped with a reason.
func (p *planner) take(e *intake.Entry) {
	if e.Kind == intake.KindProfile {
		p.takeProfile(e)
		return
	}
	if p.from.Format == string(intake.FormatPlatform) && e.Kind == intake.KindActivity && p.takeReturned(e) {
		return
	}
	if id, ok := p.known.byKey[e.Key]; ok && p.known.items[id] != nil {
		p.skip(e, "musette.import.again")
		return
	}
	if _, ok := p.keys[e.Key]; ok {
		p.skip(e, "musette.import.twice")
		return
	}
	if same := p.known.alike(e); same != nil {
		p.merge(e, same)
		return
	}
	it, piece, err := p.item(e)
	if err != nil {
		p.refuse(e, err)
		return
	}
	p.keys[e.Key] = it.ID
	p.items, p.pieces = append(p.items, it), append(p.pieces, piece)
	p.out.Created[plural(e.Kind)]++
	if len(p.out.Titles) < titlesMost {
		p.out.Titles = append(p.out.Titles, it.View.Title)
	}
	p.known.add(&p.items[len(p.items)-1])
}

func plural(k intake.Kind) string {
	switch k {
	case intake.KindActivity:
		return "activities"
	case intake.KindSkill, intake.KindLanguage:
		return "skills"
	case intake.KindContact, intake.KindTool, intake.KindDocument, intake.KindPiece, intake.KindProfile:
	}
	return string(k) + "s"
}

func (p *planner) skip(e *intake.Entry, key string) {
	p.out.Skipped = append(p.out.Skipped, Remark{e.Where.Note(), intake.Note{Key: key, Args: []any{"title", e.Title}}})
}

// refuse says why an entry cannot be kept, in the words of the form that would
// refuse it.
func (p *planner) refuse(e *intake.Entry, err error) {
	note := intake.Note{Key: "musette.import.refused", Args: []any{"title", e.Title}}
	if f, ok := errors.AsType[*kernel.Fault](err); ok {
		note = intake.Note{Key: f.Key, Args: f.Args}
	}
	p.out.Skipped = append(p.out.Skipped, Remark{e.Where.Note(), note})
}

// item makes the item of an entry.
func (p *planner) item(e *intake.Entry) (gate.Item, *intake.Piece, error) {
	switch e.Kind {
	case intake.KindActivity:
		it, err := p.activity(e)
		return it, nil, err
	case intake.KindPiece:
		pc := &Piece{ID: p.id(piecePrefix), About: About{Title: clip(e.Title, titleMost), Date: kernel.Date(e.Start), Author: clip(e.Organisation, lineMost)}, Provenance: p.from}
		it, err := pc.item()
		return it, e.Piece, err
	case intake.KindContact, intake.KindTool, intake.KindDocument, intake.KindSkill, intake.KindLanguage, intake.KindProfile:
	}
	en := p.entry(e)
	if err := en.Check(); err != nil {
		return gate.Item{}, nil, err
	}
	return en.item(), nil, nil
}

func (p *planner) id(prefix string) kernel.ItemID {
	return kernel.NewID[kernel.ItemID](prefix, p.s.DB.Now())
}

// activity fits an entry into the limits of an activity: what is longer is cut,
// with a word about it.
func (p *planner) activity(e *intake.Entry) (gate.Item, error) {
	c := Content{
		Title: e.Title, Kind: Kind(e.Type), Start: kernel.Date(e.Start), End: kernel.Date(e.End), Organisation: e.Organisation,
		Place: e.Place, WithWhom: e.WithWhom, Purpose: e.Purpose, Paid: e.Paid, Status: e.Status, HoursPerWeek: e.HoursPerWeek,
		Narrative: e.Narrative, Tools: e.Tools, Methods: e.Methods, Tags: e.Tags,
	}
	if !IsActivity(e.Type) {
		c.Kind = Other
	}
	p.fit(e, &c)
	if err := c.Check(true); err != nil {
		return gate.Item{}, err
	}
	it, err := c.item(p.id(activityPrefix), 0, p.from)
	for _, f := range e.Facts {
		it.View.Facts = append(it.View.Facts, gate.Fact{Name: f.Name, Text: clip(f.Value, storyMost)})
	}
	if e.URL != "" {
		it.View.Facts = append(it.View.Facts, gate.Fact{Name: "url", Text: clip(e.URL, linkMost)})
	}
	return it, err
}

// fit cuts what is longer than a musette holds.
func (p *planner) fit(e *intake.Entry, c *Content) {
	was := fmt.Sprint(*c)
	if strings.TrimSpace(c.Title) == "" {
		c.Title = c.Organisation
	}
	c.Title, c.Narrative, c.Status = clip(c.Title, titleMost), clip(c.Narrative, storyMost), clip(c.Status, statusMost)
	for _, t := range []*string{&c.Organisation, &c.Place, &c.WithWhom, &c.Purpose} {
		*t = clip(*t, lineMost)
	}
	for _, list := range []*[]string{&c.Tools, &c.Methods, &c.Tags} {
		*list = (*list)[:min(len(*list), listMost)]
		for i := range *list {
			(*list)[i] = clip((*list)[i], wordMost)
		}
	}
	if start, end := ordinal(c.Start), ordinal(c.End); start > 0 && end > 0 && c.End.Last().Before(c.Start.First()) {
		c.End = ""
	}
	if c.HoursPerWeek < 0 || c.HoursPerWeek > hoursMost || c.HoursPerWeek != c.HoursPerWeek { //nolint:gocritic // NaN is not itself
		c.HoursPerWeek = 0
	}
	if fmt.Sprint(*c) != was {
		p.out.Warnings = append(p.out.Warnings, Remark{e.Where.Note(), intake.Note{Key: "musette.import.fitted", Args: []any{"title", c.Title}}})
	}
}

// clip cuts a text after most characters.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "�")
	if len(s) <= most {
		return s
	}
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

// entry puts an entry of a file into a shape of the musette.
func (p *planner) entry(e *intake.Entry) *Entry {
	shape := map[intake.Kind]*Shape{intake.KindContact: contact, intake.KindTool: tool, intake.KindDocument: document, intake.KindSkill: skill, intake.KindLanguage: skill}[e.Kind]
	en := &Entry{ID: p.id(shape.Prefix), Shape: shape, Provenance: p.from, Values: make([]string, len(shape.Fields))}
	values := map[string]string{
		"title": e.Title, "organisation": e.Organisation, "start": e.Start, "end": e.End, "place": e.Place, "narrative": e.Narrative,
		"type": e.Type, "url": e.URL, "level": e.Fact("level"), "use": e.Purpose,
	}
	if e.Kind == intake.KindLanguage {
		values["type"] = "language"
	}
	if c := e.Card; c != nil {
		values["role"] = c.Role
		if len(c.Emails) > 0 {
			values["mail"] = c.Emails[0]
		}
		if len(c.Phones) > 0 {
			values["phone"] = c.Phones[0]
		}
		if values["place"] == "" {
			values["place"] = c.Address
		}
	}
	for i, f := range shape.Fields {
		v := clip(strings.TrimSpace(values[f.Name]), f.Most())
		if f.check(v) != nil && !f.Required {
			v = "" // a doubtful address or date is left out rather than the whole
		}
		en.Values[i] = v
	}
	return en
}

// merge fills what is empty in an item with what the file says. Nothing that is
// there is ever replaced.
func (p *planner) merge(e *intake.Entry, same *known) {
	p.keys[e.Key] = same.item.ID
	if e.Kind != intake.KindActivity || same.item.Version == 0 {
		p.skip(e, "musette.import.there")
		return
	}
	it := *same.item
	if !fill(&it.View, e) {
		p.skip(e, "musette.import.there")
		return
	}
	p.out.Merged++
	same.item = &it
	p.items, p.pieces = append(p.items, it), append(p.pieces, nil)
}

// fill reports whether anything of v was empty that e says.
func fill(v *gate.View, e *intake.Entry) bool {
	changed := false
	set := func(to *string, from string, most int) {
		if *to == "" && from != "" {
			*to, changed = clip(from, most), true
		}
	}
	set(&v.End, e.End, 10)
	set(&v.Organisation, e.Organisation, lineMost)
	set(&v.Place, e.Place, lineMost)
	set(&v.WithWhom, e.WithWhom, lineMost)
	set(&v.Purpose, e.Purpose, lineMost)
	set(&v.Status, e.Status, statusMost)
	set(&v.Text, e.Narrative, storyMost)
	if v.Paid == nil && e.Paid != nil {
		v.Paid, changed = e.Paid, true
	}
	if v.Start != "" && v.End != "" && kernel.Date(v.End).Last().Before(kernel.Date(v.Start).First()) {
		v.End = ""
	}
	return changed
}

// takeProfile fills what is empty in what the person says of herself.
func (p *planner) takeProfile(e *intake.Entry) {
	if p.fields == nil {
		p.fields = map[string]string{}
	}
	c := intake.Card{}
	if e.Card != nil {
		c = *e.Card
	}
	first := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[0]
	}
	changed := false
	for name, text := range map[string]string{
		"name": firstOf(c.Name, e.Title), "headline": firstOf(c.Role, e.Purpose), "about": e.Narrative, "email": first(c.Emails),
		"phone": first(c.Phones), "city": firstOf(e.Place, c.Address), "website": firstOf(e.URL, first(c.Links)),
	} {
		if text != "" && p.known.profile.Fields[name] == "" && p.fields[name] == "" {
			p.fields[name], changed = clip(text, 2000), true
		}
	}
	if !changed {
		p.skip(e, "musette.import.there")
		return
	}
	p.out.Merged++
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
