package intake

import (
	"fmt"
	"strconv"
	"strings"
)

// learner reads a Europass document of version 3 (Cedefop, Europass XML schema
// v3.4), as XML or as the JSON of the same model: the element names are the same,
// lists stand in an element ending in List or directly, and a date is
// {year, month: "--03", day: "---02"}.
func (s *sink) learner(root node) error {
	in := root.any("SkillsPassport", "LearnerInfo")
	if in.has("LearnerInfo") {
		in = in.at("LearnerInfo")
	}
	s.learnerProfile(in)
	for _, n := range listOf(in, "WorkExperience") {
		s.learnerWork(n)
	}
	for _, n := range listOf(in, "Education") {
		s.learnerEducation(n)
	}
	for _, n := range listOf(in, "Achievement") {
		s.learnerAchievement(n)
	}
	s.learnerSkills(in.at("Skills"))
	return s.ctx.Err()
}

// listOf gives the elements under name, be they in a NameList or not.
func listOf(n node, name string) []node {
	if list := n.at(name + "List"); list.there() {
		if list.has(name) {
			return list.at(name).each()
		}
		return list.each()
	}
	return n.at(name).each()
}

// label is the text of a coded value: {Code, Label}, or a text.
func label(n node) string {
	for _, d := range []node{n.at("Label"), n.at("Description", "Label"), n.at("Description"), n} {
		if t := strings.TrimSpace(d.text()); t != "" {
			return t
		}
	}
	return ""
}

func (s *sink) learnerProfile(in node) {
	id := in.at("Identification")
	if !id.there() {
		return
	}
	name := joined(" ", id.at("PersonName", "FirstName").text(), id.at("PersonName", "Surname").text())
	contact := id.at("ContactInfo")
	address := contact.at("Address", "Contact")
	e := Entry{
		Kind: KindProfile, Title: name, Where: s.on(id), Place: address.at("Municipality").text(),
		Narrative: htmlText(label(in.at("Headline", "Description"))),
		Card: &Card{
			Name: name, Role: label(in.at("Headline", "Description")),
			Address: joined(", ", address.at("AddressLine").text(), address.at("PostalCode").text(), address.at("Municipality").text()),
			Country: label(address.at("Country")), Born: s.learnerDate(id.at("Demographics", "Birthdate"), s.on(id)),
		},
	}
	if e.Narrative == e.Card.Role {
		e.Narrative = ""
	}
	for _, m := range contact.at("Email").each() {
		e.Card.Emails = append(e.Card.Emails, contactText(m))
	}
	for _, m := range listOf(contact, "Telephone") {
		e.Card.Phones = append(e.Card.Phones, contactText(m))
	}
	for _, m := range listOf(contact, "Website") {
		e.Card.Links = append(e.Card.Links, contactText(m))
	}
	s.add(e)
}

func contactText(n node) string {
	if t := n.at("Contact").text(); t != "" {
		return t
	}
	return n.text()
}

// learnerDate reads {Year: 2020, Month: "--01", Day: "---15"}.
func (s *sink) learnerDate(n node, w Where) string {
	if !n.isObject() {
		return s.dateText(w, n.text(), dayFirst)
	}
	part := func(names ...string) int {
		t := strings.TrimLeft(strings.TrimSpace(n.any(names...).text()), "-")
		v, err := strconv.Atoi(t)
		if err != nil || v < 0 {
			return 0
		}
		return v
	}
	y, m, d := part("Year", "year"), part("Month", "month"), part("Day", "day")
	if m == 0 {
		d = 0
	}
	if y == 0 {
		return ""
	}
	if !validDate(y, m, d) {
		s.warn(w, "intake.date_unreadable", "text", fmt.Sprintf("%d %d %d", y, m, d))
		if validDate(y, m, 0) {
			return dateText(y, m, 0)
		}
		return ""
	}
	return dateText(y, m, d)
}

func (s *sink) learnerPeriod(e *Entry, p node) {
	e.Start = s.learnerDate(p.at("From"), e.Where)
	if current := p.at("Current").truth(); current == nil || !*current {
		e.End = s.learnerDate(p.at("To"), e.Where)
	}
}

func organisation(n node) (name, place, url string) {
	a := n.at("ContactInfo", "Address", "Contact")
	return label(n.at("Name")), joined(", ", a.at("Municipality").text(), label(a.at("Country"))),
		contactText(n.at("ContactInfo", "Website"))
}

func (s *sink) learnerWork(n node) {
	e := Entry{
		Kind: KindActivity, Type: TypeJob, Title: label(n.at("Position")), Where: s.on(n),
		Narrative: htmlText(label(n.at("Activities"))),
	}
	e.Organisation, e.Place, e.URL = organisation(n.at("Employer"))
	if sector := label(n.at("Employer", "Sector")); sector != "" {
		e.Tags = append(e.Tags, sector)
	}
	if e.Title == "" {
		e.Title = e.Organisation
	}
	s.learnerPeriod(&e, n.at("Period"))
	s.add(e)
}

func (s *sink) learnerEducation(n node) {
	e := Entry{
		Kind: KindActivity, Type: TypeLearning, Title: label(n.at("Title")), Where: s.on(n),
		Narrative: htmlText(label(n.any("Activities", "Skills"))),
	}
	e.Organisation, e.Place, e.URL = organisation(n.at("Organisation"))
	e.fact(factLevel, label(n.at("Level")))
	if field := label(n.at("Field")); field != "" {
		e.Tags = append(e.Tags, field)
	}
	if e.Title == "" {
		e.Title = e.Organisation
	}
	s.learnerPeriod(&e, n.at("Period"))
	s.add(e)
}

// achievementTypes maps the codes of Europass achievements; another one stays an
// activity of its own.
var achievementTypes = map[string]struct {
	kind Kind
	typ  string
}{
	"publications":    {KindDocument, TypePublication},
	"honors_awards":   {KindDocument, TypeAward},
	"certifications":  {KindDocument, TypeCertificate},
	"memberships":     {KindDocument, TypeMembership},
	"references":      {KindDocument, TypeReference},
	"projects":        {KindActivity, TypeProject},
	"courses":         {KindActivity, TypeLearning},
	"conferences":     {KindActivity, TypeLearning},
	"seminars":        {KindActivity, TypeLearning},
	"workshops":       {KindActivity, TypeLearning},
	"presentations":   {KindActivity, TypeOther},
	"volunteering":    {KindActivity, TypeVolunteering},
	"signature_notes": {KindDocument, TypeNote},
}

func (s *sink) learnerAchievement(n node) {
	text := htmlText(label(n.at("Description")))
	is, known := achievementTypes[n.at("Title", "Code").text()]
	if !known {
		is.kind, is.typ = KindActivity, TypeOther
	}
	e := Entry{Kind: is.kind, Type: is.typ, Title: label(n.at("Title")), Narrative: text, Where: s.on(n)}
	if first, rest, more := strings.Cut(text, "\n"); more || len(text) <= maxTitle {
		e.fact(factAchievement, e.Title)
		e.Title, e.Narrative = first, strings.TrimSpace(rest)
	}
	s.learnerPeriod(&e, n.at("Period"))
	s.add(e)
}

func (s *sink) learnerSkills(n node) {
	for _, l := range listOf(n.at("Linguistic"), "MotherTongue") {
		e := Entry{Kind: KindLanguage, Title: label(l.at("Description")), Where: s.on(l)}
		e.fact(factLevel, "C2+")
		s.add(e)
	}
	for _, l := range listOf(n.at("Linguistic"), "ForeignLanguage") {
		e := Entry{Kind: KindLanguage, Title: label(l.at("Description")), Where: s.on(l)}
		p := l.at("ProficiencyLevel")
		var levels []string
		for _, name := range []string{"Listening", "Reading", "SpokenInteraction", "SpokenProduction", "Writing"} {
			levels = append(levels, p.at(name).text())
		}
		e.fact(factLevel, joined(" ", levels...))
		s.add(e)
	}
	for _, name := range []string{"Communication", "Organisational", "JobRelated", "Computer", "Other"} {
		d := n.at(name)
		for _, t := range splitSkills(htmlText(label(d.at("Description")))) {
			s.add(Entry{Kind: KindSkill, Title: t, Tags: []string{name}, Where: s.on(d)})
		}
		for _, c := range listOf(d, "Certificate") {
			s.add(Entry{Kind: KindDocument, Type: TypeCertificate, Title: label(c.at("Title")), Where: s.on(c)})
		}
	}
	for _, l := range listOf(n.at("Driving", "Description"), "Licence") {
		s.add(Entry{Kind: KindDocument, Type: TypeLicence, Title: l.text(), Where: s.on(l)})
	}
}

// splitSkills splits a text that lists skills, by lines, semicolons, bullets or
// commas; a sentence stays whole.
func splitSkills(t string) []string {
	parts := strings.FieldsFunc(t, func(r rune) bool { return r == '\n' || r == ';' || r == '•' || r == '|' })
	if len(parts) == 1 && strings.Count(t, ",") >= 2 {
		parts = strings.Split(t, ",")
	}
	var out []string
	for _, p := range parts {
		if p = strings.Trim(p, " \t-–*·."); p != "" {
			out = append(out, p)
		}
	}
	return out
}
