package intake

import (
	"slices"
	"strings"
)

var resumeSections = []string{
	"work", "volunteer", "education", "projects", "awards", "certificates", "publications", "skills",
	"languages", "interests", "references",
}

// isResume reports whether a document is a JSON Resume: it says so, describes a
// person, or has two of the sections.
func isResume(root node) bool {
	if !root.isObject() {
		return false
	}
	if schema := root.at("$schema").text(); strings.Contains(schema, "resume") {
		return true
	}
	n := 0
	for _, name := range resumeSections {
		if root.at(name).isList() {
			n++
		}
	}
	return root.at("basics").isObject() || n >= 2 || root.at("work").isList()
}

// resume reads a JSON Resume, schema 1.x (jsonresume.org/schema): work and
// volunteer name an organisation and a position, older files "company".
func (s *sink) resume(root node) error {
	s.basics(root.at("basics"), root.at("interests"))
	for _, section := range []struct {
		name, typ string
		read      func(node, string)
	}{
		{"work", TypeJob, s.resumeWork},
		{"volunteer", TypeVolunteering, s.resumeWork},
		{"education", TypeLearning, s.resumeEducation},
		{"projects", TypeProject, s.resumeProject},
		{"awards", TypeAward, s.resumeDocument},
		{"certificates", TypeCertificate, s.resumeDocument},
		{"publications", TypePublication, s.resumeDocument},
		{"references", TypeReference, s.resumeDocument},
		{"skills", "", s.resumeSkill},
		{"languages", "", s.resumeLanguage},
	} {
		for _, n := range root.at(section.name).each() {
			if err := s.ctx.Err(); err != nil {
				return err
			}
			if !n.isObject() {
				s.skip(s.on(n), "intake.wrong_shape")
				continue
			}
			section.read(n, section.typ)
		}
	}
	return nil
}

func (s *sink) basics(b, interests node) {
	if !b.isObject() {
		return
	}
	place := b.at("location")
	e := Entry{
		Kind: KindProfile, Title: b.at("name").text(), Narrative: b.at("summary").text(), Where: s.on(b),
		Place: joined(", ", place.at("city").text(), place.at("region").text()), URL: b.any("url", "website").text(),
		Card: &Card{
			Name: b.at("name").text(), Role: b.at("label").text(), Country: place.at("countryCode").text(),
			Address: joined(", ", place.at("address").text(), place.at("postalCode").text(), place.at("city").text()),
			Emails:  b.at("email").texts(), Phones: b.at("phone").texts(),
		},
	}
	for _, p := range b.at("profiles").each() {
		e.Card.Links = append(e.Card.Links, p.any("url", "username").text())
	}
	for _, i := range interests.each() {
		e.Tags = append(e.Tags, i.any("name").text())
		e.Tags = append(e.Tags, i.at("keywords").texts()...)
	}
	s.add(e)
}

func (s *sink) resumeWork(n node, typ string) {
	e := Entry{
		Kind: KindActivity, Type: typ, Where: s.on(n),
		Organisation: n.any("name", "organization", "company").text(), Title: n.at("position").text(),
		Place: placeText(n.at("location")), URL: n.any("url", "website").text(),
		Narrative: narrative(n.at("summary").text(), n.at("highlights").texts()),
		Purpose:   n.at("description").text(),
	}
	if k := n.at("kind").text(); slices.Contains(ActivityTypes, k) {
		e.Type = k // our own exports say it, see package export
	}
	if e.Type == TypeVolunteering {
		e.Paid = new(bool)
	}
	if e.Title == "" {
		e.Title = e.Organisation
	}
	s.period(&e, n.at("startDate"), n.at("endDate"))
	s.add(e)
}

func (s *sink) resumeEducation(n node, typ string) {
	e := Entry{
		Kind: KindActivity, Type: typ, Where: s.on(n),
		Organisation: n.any("institution").text(), URL: n.any("url", "website").text(),
		Title:     joined(", ", n.at("studyType").text(), n.at("area").text()),
		Narrative: n.at("summary").text(),
	}
	if e.Title == "" {
		e.Title = e.Organisation
	}
	e.fact(factScore, n.any("score", "gpa").text())
	e.fact(factCourses, strings.Join(n.at("courses").texts(), "; "))
	s.period(&e, n.at("startDate"), n.at("endDate"))
	s.add(e)
}

func (s *sink) resumeProject(n node, typ string) {
	e := Entry{
		Kind: KindActivity, Type: typ, Where: s.on(n),
		Title: n.at("name").text(), Organisation: n.at("entity").text(), URL: n.any("url", "website").text(),
		Narrative: narrative(n.any("description", "summary").text(), n.at("highlights").texts()),
		Tags:      n.at("keywords").texts(), Purpose: strings.Join(n.at("roles").texts(), ", "),
	}
	if k := n.at("type").text(); slices.Contains(ActivityTypes, k) {
		e.Type = k
	}
	s.period(&e, n.at("startDate"), n.at("endDate"))
	s.add(e)
}

func (s *sink) resumeDocument(n node, typ string) {
	e := Entry{
		Kind: KindDocument, Type: typ, Where: s.on(n),
		Title:        n.any("title", "name").text(),
		Organisation: n.any("awarder", "issuer", "publisher").text(),
		Narrative:    n.any("summary", "reference").text(), URL: n.any("url", "website").text(),
	}
	if typ == TypeReference {
		e.WithWhom = n.at("name").text()
	}
	s.period(&e, n.any("date", "releaseDate"), node{})
	s.add(e)
}

func (s *sink) resumeSkill(n node, _ string) {
	e := Entry{Kind: KindSkill, Title: n.at("name").text(), Tags: n.at("keywords").texts(), Where: s.on(n)}
	e.fact(factLevel, n.at("level").text())
	s.add(e)
}

func (s *sink) resumeLanguage(n node, _ string) {
	e := Entry{Kind: KindLanguage, Title: n.any("language", "name").text(), Where: s.on(n)}
	e.fact(factLevel, n.any("fluency", "level").text())
	s.add(e)
}

// period reads the two dates of an entry and says which could not be read.
func (s *sink) period(e *Entry, start, end node) {
	e.Start = s.date(e, start)
	e.End = s.date(e, end)
}

func (s *sink) date(e *Entry, n node) string {
	return s.dateText(e.Where, n.text(), dayFirst)
}

func (s *sink) dateText(w Where, typed string, order dayOrder) string {
	if strings.TrimSpace(typed) == "" {
		return ""
	}
	d, ok := readDate(typed, order, s.opt.Zone)
	if !ok {
		s.warn(w, "intake.date_unreadable", "text", quote(typed))
	}
	return d.text
}

// narrative is a summary with its highlights below, one a line.
func narrative(summary string, highlights []string) string {
	if len(highlights) == 0 {
		return summary
	}
	lines := "- " + strings.Join(highlights, "\n- ")
	if strings.TrimSpace(summary) == "" {
		return lines
	}
	return summary + "\n\n" + lines
}

func placeText(n node) string {
	if n.isObject() {
		return joined(", ", n.at("city").text(), n.at("region").text(), n.at("countryCode").text())
	}
	return n.text()
}

// joined joins what is not blank.
func joined(sep string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}
