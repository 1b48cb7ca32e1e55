package taxonomy

import "strings"

// The tables of the ESCO download package. Collections (digital, green, …) and
// plain lists of labels have the columns of skills or occupations, or fewer.
var escoTables = []shape{
	{columns: []string{"occupationUri", "relationType", "skillUri"}, row: escoNeeds},
	{columns: []string{"originalSkillUri", "relationType", "relatedSkillUri"}, row: escoSkillSkill},
	{columns: []string{"conceptUri", "broaderUri"}, row: escoBroader},
	{columns: []string{"Level 0 URI", "Level 1 URI"}, row: escoHierarchy},
	{columns: []string{"conceptUri", "preferredLabel"}, row: escoConcept},
}

const (
	escoPrefix   = "http://data.europa.eu/esco/"
	maxURI       = 512
	regulatedRow = "regulated-professions/"
)

func escoURI(s string) string {
	if len(s) > maxURI || !strings.HasPrefix(s, escoPrefix) {
		return ""
	}
	return s
}

func escoKind(conceptType, uri string) Kind {
	switch {
	case conceptType == "Occupation" || strings.HasPrefix(uri, escoPrefix+"occupation/"):
		return Occupation
	case strings.HasSuffix(conceptType, "Group") || strings.HasPrefix(uri, escoPrefix+"isco/") || strings.HasPrefix(uri, escoPrefix+"isced-f/"):
		return Group
	}
	return Skill
}

func escoConcept(d *draft, t *table, lang string) error {
	uri := escoURI(t.get("conceptUri"))
	if uri == "" {
		return nil
	}
	e, err := d.entry(uri, 0)
	if err != nil {
		return err
	}
	if k := escoKind(t.get("conceptType"), uri); e.Kind == 0 || t.get("conceptType") != "" {
		e.Kind = k
	}
	if code := t.get("code"); code != "" {
		e.Code = code
	}
	e.nature(t.get("skillType"))
	e.Closed = e.Closed || t.get("status") == "obsolete" || t.get("status") == "deprecated"
	e.name(lang, Preferred, t.get("preferredLabel"))
	e.names(lang, Alternative, t.get("altLabels"))
	e.names(lang, Hidden, t.get("hiddenLabels"))
	e.note(lang, firstOf(t.get("description"), t.get("definition")))
	e.fact(FactReuse, t.get("reuseLevel"))
	if note := t.get("regulatedProfessionNote"); strings.Contains(note, regulatedRow) && !strings.Contains(note, "unregulated") {
		e.fact(FactRegulated, "yes")
	}
	if g := t.get("iscoGroup"); g != "" {
		if err := e.link(escoPrefix+"isco/C"+g, Broader); err != nil {
			return err
		}
	}
	for uri := range strings.SplitSeq(t.get("broaderConceptUri"), " | ") {
		if err := e.link(escoURI(strings.TrimSpace(uri)), Broader); err != nil {
			return err
		}
	}
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func escoNeeds(d *draft, t *table, _ string) error {
	from, to := escoURI(t.get("occupationUri")), escoURI(t.get("skillUri"))
	if from == "" || to == "" {
		return nil
	}
	r := Optional
	if t.get("relationType") == "essential" {
		r = Essential
	}
	e, err := d.entry(from, Occupation)
	if err != nil {
		return err
	}
	return e.link(d.intern(to), r)
}

func escoSkillSkill(d *draft, t *table, _ string) error {
	from, to := escoURI(t.get("originalSkillUri")), escoURI(t.get("relatedSkillUri"))
	if from == "" || to == "" {
		return nil
	}
	e, err := d.entry(from, Skill)
	if err != nil {
		return err
	}
	return e.link(d.intern(to), Related)
}

func escoBroader(d *draft, t *table, _ string) error {
	from, to := escoURI(t.get("conceptUri")), escoURI(t.get("broaderUri"))
	if from == "" || to == "" {
		return nil
	}
	e, err := d.entry(from, escoKind(t.get("conceptType"), from))
	if err != nil {
		return err
	}
	return e.link(d.intern(to), Broader)
}

func escoHierarchy(d *draft, t *table, lang string) error {
	above := ""
	for _, level := range [...]string{"Level 0", "Level 1", "Level 2", "Level 3"} {
		uri := escoURI(t.get(level + " URI"))
		if uri == "" {
			break
		}
		e, err := d.entry(uri, Group)
		if err != nil {
			return err
		}
		e.Kind = Group
		if code := t.get(level + " code"); code != "" {
			e.Code = code
		}
		e.name(lang, Preferred, t.get(level+" preferred term"))
		if err := e.link(above, Broader); err != nil {
			return err
		}
		above = uri
	}
	return nil
}
