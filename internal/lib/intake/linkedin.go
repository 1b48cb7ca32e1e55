package intake

import (
	"archive/zip"
	"path"
	"strings"
)

// row is a line of a table by column name.
type row struct {
	Where
	cells map[string]string
}

func (r row) get(names ...string) string {
	for _, n := range names {
		if v := strings.TrimSpace(r.cells[n]); v != "" {
			return v
		}
	}
	return ""
}

// linkedInSheet says how a file of a LinkedIn export is read. Names of files and
// columns are those of the export, English whatever the person's language.
type linkedInSheet struct {
	name   string   // of the file, lower case
	header []string // columns that must all be there
	sole   bool     // the header alone is enough to know the file outside an export
	read   func(*sink, row)
}

var linkedInSheets = []linkedInSheet{
	{"positions.csv", []string{"Company Name", "Title", "Started On"}, true, (*sink).linkedInPosition},
	{"education.csv", []string{"School Name"}, true, (*sink).linkedInEducation},
	{"volunteering.csv", []string{"Company Name", "Role"}, true, (*sink).linkedInVolunteering},
	{"volunteering experiences.csv", []string{"Company Name", "Role"}, true, (*sink).linkedInVolunteering},
	{"projects.csv", []string{"Title"}, false, (*sink).linkedInProject},
	{"organizations.csv", []string{"Name"}, false, (*sink).linkedInOrganization},
	{"courses.csv", []string{"Name"}, false, (*sink).linkedInCourse},
	{"learning.csv", []string{"Content Title"}, true, (*sink).linkedInLearning},
	{"certifications.csv", []string{"Name"}, false, (*sink).linkedInCertification},
	{"honors.csv", []string{"Title"}, false, (*sink).linkedInHonor},
	{"publications.csv", []string{"Name"}, false, (*sink).linkedInPublication},
	{"patents.csv", []string{"Title"}, false, (*sink).linkedInPatent},
	{"test_scores.csv", []string{"Name"}, false, (*sink).linkedInScore},
	{"testscores.csv", []string{"Name"}, false, (*sink).linkedInScore},
	{"recommendations_received.csv", []string{"First Name", "Last Name", "Text"}, true, (*sink).linkedInReference},
	{"skills.csv", []string{"Name"}, false, (*sink).linkedInSkill},
	{"languages.csv", []string{"Name"}, false, (*sink).linkedInLanguage},
	{"connections.csv", []string{"First Name", "Last Name", "Connected On"}, true, (*sink).linkedInConnection},
	{"profile.csv", []string{"First Name", "Last Name", "Headline"}, true, (*sink).linkedInProfile},
}

// linkedInFile is how a file of an export is read; nil when it is not used.
func linkedInFile(name string) *linkedInSheet {
	base := strings.ToLower(path.Base(name))
	for i := range linkedInSheets {
		if linkedInSheets[i].name == base {
			return &linkedInSheets[i]
		}
	}
	return nil
}

// isLinkedIn reports whether an archive is an export: two files have names of one.
func isLinkedIn(z *zip.Reader) bool {
	n := 0
	for _, f := range z.File {
		if linkedInFile(f.Name) != nil {
			n++
		}
	}
	return n >= 2
}

// linkedInHeader recognises a file of an export that comes alone.
func linkedInHeader(head []record) (of *linkedInSheet, at int) {
	for at, r := range head {
		for i := range linkedInSheets {
			if s := &linkedInSheets[i]; s.sole && hasAll(r.cells, s.header) {
				return s, at
			}
		}
	}
	return nil, 0
}

func hasAll(cells, names []string) bool {
	for _, n := range names {
		found := false
		for _, c := range cells {
			found = found || strings.TrimSpace(c) == n
		}
		if !found {
			return false
		}
	}
	return true
}

// linkedInFile reads a file of an export. Some begin with a note above the header.
func (s *sink) linkedInFile(raw string, of *linkedInSheet) error {
	text, how := decodeText(raw)
	if how.binary {
		return refuse("intake.unknown_format")
	}
	s.sayDecoding(how)
	all := rows(func(yield func(record) error) error { return eachRecord(text, ',', yield) })
	head, err := headOf(all)
	if err != nil {
		return err
	}
	for _, r := range head {
		if hasAll(r.cells, of.header) {
			return s.linkedInRows(all, r, of)
		}
	}
	return refuse("intake.columns_unknown", "columns", strings.Join(of.header, " | "))
}

func (s *sink) linkedInRows(all rows, head record, of *linkedInSheet) error {
	names := make([]string, len(head.cells))
	for i, n := range head.cells {
		names[i] = strings.TrimSpace(n)
	}
	return unlessEnough(all(func(r record) error {
		switch {
		case r.line <= head.line:
			return nil
		case s.full:
			return errEnough
		case r.line%1024 == 0 && s.ctx.Err() != nil:
			return s.ctx.Err()
		}
		line := row{s.at(r.line), make(map[string]string, len(names))}
		for i, c := range r.cells {
			if i < len(names) {
				line.cells[names[i]] = c
			}
		}
		if r.broken {
			s.warn(line.Where, "intake.quote_open")
		}
		of.read(s, line)
		return nil
	}))
}

// linkedInDates reads the two dates of a line, "Mar 2019" or "2011".
func (s *sink) linkedInDates(e *Entry, start, end string) Entry {
	e.Start = s.dateText(e.Where, start, monthFirst)
	e.End = s.dateText(e.Where, end, monthFirst)
	return *e
}

func (s *sink) linkedInPosition(r row) {
	e := Entry{
		Kind: KindActivity, Type: TypeJob, Title: r.get("Title", "Company Name"), Organisation: r.get("Company Name"),
		Place: r.get("Location"), Narrative: r.get("Description"), Where: r.Where,
	}
	s.add(s.linkedInDates(&e, r.get("Started On"), r.get("Finished On")))
}

func (s *sink) linkedInEducation(r row) {
	e := Entry{
		Kind: KindActivity, Type: TypeLearning, Title: r.get("Degree Name", "School Name"), Organisation: r.get("School Name"),
		Narrative: joined("\n", r.get("Notes"), r.get("Activities")), Where: r.Where,
	}
	s.add(s.linkedInDates(&e, r.get("Start Date"), r.get("End Date")))
}

func (s *sink) linkedInVolunteering(r row) {
	e := Entry{
		Kind: KindActivity, Type: TypeVolunteering, Title: r.get("Role", "Company Name"), Organisation: r.get("Company Name"),
		Purpose: r.get("Cause"), Narrative: r.get("Description"), Paid: new(bool), Where: r.Where,
	}
	s.add(s.linkedInDates(&e, r.get("Started On"), r.get("Finished On")))
}

func (s *sink) linkedInProject(r row) {
	e := Entry{
		Kind: KindActivity, Type: TypeProject, Title: r.get("Title"), Narrative: r.get("Description"),
		URL: r.get("Url", "URL"), Where: r.Where,
	}
	s.add(s.linkedInDates(&e, r.get("Started On"), r.get("Finished On")))
}

func (s *sink) linkedInOrganization(r row) {
	e := Entry{
		Kind: KindDocument, Type: TypeMembership, Title: joined(", ", r.get("Name"), r.get("Position")),
		Organisation: r.get("Name"), Narrative: r.get("Description"), Where: r.Where,
	}
	s.add(s.linkedInDates(&e, r.get("Started On"), r.get("Finished On")))
}

func (s *sink) linkedInCourse(r row) {
	e := Entry{Kind: KindActivity, Type: TypeLearning, Title: r.get("Name"), Where: r.Where}
	e.fact(factNumber, r.get("Number"))
	s.add(e)
}

func (s *sink) linkedInLearning(r row) {
	e := Entry{
		Kind: KindActivity, Type: TypeLearning, Title: r.get("Content Title"), Narrative: r.get("Content Description"),
		Organisation: "LinkedIn Learning", Where: r.Where,
	}
	done := r.get("Content Completed At (if completed)", "Content Last Watched Date (if viewed)")
	if done == "N/A" {
		done = r.get("Content Last Watched Date (if viewed)")
	}
	s.add(s.linkedInDates(&e, done, done))
}

func (s *sink) linkedInCertification(r row) {
	e := Entry{
		Kind: KindDocument, Type: TypeCertificate, Title: r.get("Name"), Organisation: r.get("Authority"),
		URL: r.get("Url", "URL"), Where: r.Where,
	}
	e.Start = s.dateText(r.Where, r.get("Started On"), monthFirst)
	e.fact(factExpires, s.dateText(r.Where, r.get("Finished On"), monthFirst))
	e.fact(factNumber, r.get("License Number"))
	s.add(e)
}

func (s *sink) linkedInHonor(r row) {
	e := Entry{Kind: KindDocument, Type: TypeAward, Title: r.get("Title"), Narrative: r.get("Description"), Where: r.Where}
	s.add(s.linkedInDates(&e, r.get("Issued On"), ""))
}

func (s *sink) linkedInPublication(r row) {
	e := Entry{
		Kind: KindDocument, Type: TypePublication, Title: r.get("Name"), Organisation: r.get("Publisher"),
		Narrative: r.get("Description"), URL: r.get("Url", "URL"), Where: r.Where,
	}
	s.add(s.linkedInDates(&e, r.get("Published On"), ""))
}

func (s *sink) linkedInPatent(r row) {
	e := Entry{
		Kind: KindDocument, Type: TypePatent, Title: r.get("Title"), Narrative: r.get("Description"),
		URL: r.get("Url", "URL"), Where: r.Where,
	}
	e.fact(factNumber, r.get("Patent Number", "Application Number"))
	s.add(s.linkedInDates(&e, r.get("Issued On", "Filed On"), ""))
}

func (s *sink) linkedInScore(r row) {
	e := Entry{Kind: KindDocument, Type: TypeScore, Title: r.get("Name"), Narrative: r.get("Description"), Where: r.Where}
	e.fact(factScore, r.get("Score"))
	s.add(s.linkedInDates(&e, r.get("Test Date"), ""))
}

func (s *sink) linkedInReference(r row) {
	if strings.EqualFold(r.get("Status"), "HIDDEN") {
		s.skip(r.Where, "intake.linkedin.hidden")
		return
	}
	name := joined(" ", r.get("First Name"), r.get("Last Name"))
	e := Entry{
		Kind: KindDocument, Type: TypeReference, Title: name, WithWhom: name, Organisation: r.get("Company"),
		Purpose: r.get("Job Title"), Narrative: r.get("Text"), Where: r.Where,
	}
	s.add(s.linkedInDates(&e, r.get("Creation Date"), ""))
}

func (s *sink) linkedInSkill(r row) {
	s.add(Entry{Kind: KindSkill, Title: r.get("Name"), Where: r.Where})
}

func (s *sink) linkedInLanguage(r row) {
	e := Entry{Kind: KindLanguage, Title: r.get("Name"), Where: r.Where}
	e.fact(factLevel, r.get("Proficiency"))
	s.add(e)
}

func (s *sink) linkedInConnection(r row) {
	e := Entry{
		Kind: KindContact, Title: joined(" ", r.get("First Name"), r.get("Last Name")), Organisation: r.get("Company"),
		URL: r.get("URL"), Where: r.Where, Card: &Card{Role: r.get("Position")},
	}
	e.Card.Name = e.Title
	if m := r.get("Email Address"); m != "" {
		e.Card.Emails = []string{m}
	}
	if e.Title == "" {
		s.skip(r.Where, "intake.linkedin.nameless") // people who have left leave an empty line
		return
	}
	e.fact(factConnectedOn, s.dateText(r.Where, r.get("Connected On"), monthFirst))
	s.add(e)
}

func (s *sink) linkedInProfile(r row) {
	name := joined(" ", r.get("First Name"), r.get("Last Name"))
	e := Entry{
		Kind: KindProfile, Title: name, Narrative: r.get("Summary"), Place: r.get("Geo Location"), Where: r.Where,
		Card: &Card{
			Name: name, Role: r.get("Headline"), Address: joined(" ", r.get("Address"), r.get("Zip Code")),
			Born: s.dateText(r.Where, r.get("Birth Date"), monthFirst),
		},
	}
	if industry := r.get("Industry"); industry != "" {
		e.Tags = []string{industry}
	}
	for _, site := range strings.Split(strings.Trim(r.get("Websites"), "[]"), ",") {
		if _, address, ok := strings.Cut(site, ":"); ok && strings.HasPrefix(address, "http") {
			e.Card.Links = append(e.Card.Links, address)
		} else if webAddress(site) != "" {
			e.Card.Links = append(e.Card.Links, site)
		}
	}
	s.add(e)
}
