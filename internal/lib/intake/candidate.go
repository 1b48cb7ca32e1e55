package intake

import "strings"

// candidate reads the export of Europass since 2020: a Candidate of HR-XML 3 with
// the additions of OAGIS and EURES (Europass XML document elements, /Candidate).
// The names of elements are local names; descriptions are HTML.
func (s *sink) candidate(root node) error {
	profile := root.at("CandidateProfile")
	s.candidatePerson(root.at("CandidatePerson"), profile)
	for _, employer := range profile.at("EmploymentHistory", "EmployerHistory").each() {
		for _, position := range employer.at("PositionHistory").each() {
			s.candidatePosition(employer, position)
		}
	}
	for _, n := range profile.at("EducationHistory", "EducationOrganizationAttendance").each() {
		s.candidateEducation(n)
	}
	for _, part := range candidateParts {
		for _, n := range profile.at(part.list, part.item).each() {
			s.candidatePart(n, part.kind, part.typ)
		}
	}
	for _, n := range profile.at("Licenses", "License").each() {
		s.add(Entry{
			Kind: KindDocument, Type: TypeLicence, Title: n.any("LicenseTypeCode", "LicenseName", "Title").text(), Where: s.on(n),
		})
	}
	s.candidateSkills(root.at("CandidatePerson"), profile)
	return s.ctx.Err()
}

// candidateParts are the sections that share a shape: title, description, period.
var candidateParts = []struct {
	list, item string
	kind       Kind
	typ        string
}{
	{"Projects", "Project", KindActivity, TypeProject},
	{"VoluntaryWorks", "VoluntaryWork", KindActivity, TypeVolunteering},
	{"SocialAndPoliticalActivities", "SocialAndPoliticalActivity", KindActivity, TypeMandate},
	{"ConferencesAndSeminars", "ConferenceAndSeminar", KindActivity, TypeLearning},
	{"CreativeWorks", "CreativeWork", KindActivity, TypeProject},
	{"NetworksAndMemberships", "NetworkAndMembership", KindDocument, TypeMembership},
	{"Certifications", "Certification", KindDocument, TypeCertificate},
	{"CourseCertifications", "CourseCertification", KindDocument, TypeCertificate},
	{"HonoursAndAwards", "HonourAndAward", KindDocument, TypeAward},
	{"PublicationHistory", "Publication", KindDocument, TypePublication},
}

func (s *sink) candidatePerson(p, profile node) {
	if !p.there() {
		return
	}
	name := joined(" ", p.at("PersonName", "GivenName").text(), p.at("PersonName", "FamilyName").text())
	e := Entry{
		Kind: KindProfile, Title: name, Narrative: htmlText(profile.at("ExecutiveSummary").text()), Where: s.on(p),
		Card: &Card{Name: name, Born: s.date(&Entry{Where: s.on(p)}, p.at("BirthDate"))},
	}
	for _, c := range p.at("Communication").each() {
		uri := c.at("URI").text()
		switch channel := strings.ToLower(c.at("ChannelCode").text()); {
		case c.at("Address").there():
			a := c.at("Address")
			e.Place = a.at("CityName").text()
			e.Card.Address = joined(", ", a.any("AddressLine", "StreetName").text(), a.at("PostalCode").text(), e.Place)
			e.Card.Country = a.at("CountryCode").text()
		case channel == "email":
			e.Card.Emails = append(e.Card.Emails, uri)
		case channel == "telephone":
			number := c.at("DialNumber").text()
			if country := c.at("CountryDialing").text(); country != "" {
				number = "+" + strings.TrimPrefix(country, "+") + " " + number
			}
			e.Card.Phones = append(e.Card.Phones, number)
		case uri != "":
			e.Card.Links = append(e.Card.Links, uri)
		}
	}
	s.add(e)
}

// candidatePeriod reads {StartDate: {FormattedDateTime}, EndDate, CurrentIndicator}.
func (s *sink) candidatePeriod(e *Entry, p node) {
	day := func(n node) string {
		if d := n.at("FormattedDateTime"); d.there() {
			return s.date(e, d)
		}
		return s.date(e, n)
	}
	e.Start = day(p.at("StartDate"))
	if current := p.any("CurrentIndicator", "Ongoing").truth(); current == nil || !*current {
		e.End = day(p.at("EndDate"))
	}
}

func candidatePlace(n node) string {
	a := n.at("OrganizationContact", "Communication", "Address")
	return joined(", ", n.any("City", "CityName").text(), a.any("CityName", "City").text())
}

func (s *sink) candidatePosition(employer, n node) {
	e := Entry{
		Kind: KindActivity, Type: TypeJob, Where: s.on(n),
		Organisation: employer.at("OrganizationName").text(), Title: n.at("PositionTitle").text(),
		Narrative: htmlText(n.at("Description").text()), Place: candidatePlace(n),
	}
	if e.Place == "" {
		e.Place = candidatePlace(employer)
	}
	if e.Title == "" {
		e.Title = e.Organisation
	}
	s.candidatePeriod(&e, n.at("EmploymentPeriod"))
	s.add(e)
}

func (s *sink) candidateEducation(n node) {
	degree := n.at("EducationDegree")
	e := Entry{
		Kind: KindActivity, Type: TypeLearning, Where: s.on(n), Organisation: n.at("OrganizationName").text(),
		Title: degree.at("DegreeName").text(), Place: candidatePlace(n),
	}
	if e.Title == "" {
		e.Title = n.any("ProgramName", "DegreeName").text()
	}
	if e.Title == "" {
		e.Title = e.Organisation
	}
	e.Narrative = htmlText(joined("\n", n.at("Description").text(), degree.at("OccupationalSkillsCovered").text()))
	e.fact(factLevel, n.at("EducationLevelCode").text())
	e.fact(factScore, degree.at("FinalGrade", "ScoreText").text())
	s.candidatePeriod(&e, n.at("AttendancePeriod"))
	s.add(e)
}

func (s *sink) candidatePart(n node, kind Kind, typ string) {
	e := Entry{
		Kind: kind, Type: typ, Where: s.on(n), Title: n.any("Title", "CertificationName", "FormattedPublicationDescription").text(),
		Organisation: n.any("OrganizationName", "IssuingAuthorityName", "IssuingAuthority", "Organization").text(),
		Place:        n.any("City", "Place").text(), URL: n.any("Link", "URI").text(),
		Narrative: htmlText(n.at("Description").text()),
	}
	if typ == TypeVolunteering {
		e.Paid = new(bool)
	}
	for _, name := range []string{"Period", "EmploymentPeriod", "AttendancePeriod", "EffectiveTimePeriod"} {
		if n.at(name).there() {
			s.candidatePeriod(&e, n.at(name))
		}
	}
	if e.Start == "" {
		if e.Start = s.date(&e, n.any("Date", "Year", "FirstIssuedDate")); e.Start == "" {
			s.candidatePeriod(&e, n)
		}
	}
	s.add(e)
}

func (s *sink) candidateSkills(person, profile node) {
	if native := person.at("PrimaryLanguageCode"); native.there() {
		for _, n := range native.each() {
			e := Entry{Kind: KindLanguage, Title: n.text(), Where: s.on(n)}
			e.fact(factLevel, "C2+")
			s.add(e)
		}
	}
	competencies := append(profile.at("PersonQualifications", "PersonCompetency").each(),
		profile.at("Skills", "PersonCompetency").each()...)
	for _, group := range profile.at("Skills", "SkillsGroup").each() {
		competencies = append(competencies, group.at("PersonCompetency").each()...)
	}
	for _, n := range competencies {
		taxonomy := strings.ToLower(n.at("TaxonomyID").text())
		e := Entry{Kind: KindSkill, Title: n.any("CompetencyName", "CompetencyID").text(), Where: s.on(n)}
		if taxonomy == "language" {
			e.Kind = KindLanguage
		} else if taxonomy != "" {
			e.Tags = []string{taxonomy}
		}
		var levels []string
		for _, d := range n.at("CompetencyDimension").each() {
			levels = append(levels, d.at("Score", "ScoreText").text())
		}
		e.fact(factLevel, joined(" ", levels...))
		s.add(e)
	}
	for _, group := range profile.at("DigitalSkills", "DigitalSkillsGroup").each() {
		for _, n := range group.at("DigitalSkill").each() {
			s.add(Entry{Kind: KindSkill, Title: n.text(), Where: s.on(n)})
		}
	}
	for _, n := range profile.at("HobbiesAndInterests", "HobbyOrInterest").each() {
		s.add(Entry{Kind: KindSkill, Title: n.at("Title").text(), Tags: []string{"interest"}, Where: s.on(n)})
	}
}
