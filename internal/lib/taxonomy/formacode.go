package taxonomy

import (
	"regexp"
	"strings"
)

// The export of Formacode: terms, with synonyms and what stands above, below and
// beside; another file lists the large domains.
var formacodeTables = []shape{
	{columns: []string{"Code du Terme", "Descripteur en typo riche"}, row: formacodeTerm},
}

var termCode = regexp.MustCompile(` - ([0-9]{4,6})$`)

func formacodeTerm(d *draft, t *table, _ string) error {
	code := t.get("Code du Terme")
	if !digits.MatchString(code) {
		return nil
	}
	e, err := d.entry(FormacodeURI(code), Field)
	if err != nil {
		return err
	}
	e.Code = code
	e.name("fr", Preferred, t.get("Descripteur en typo riche"))
	for _, column := range [...]string{"Synonymes", "Synonymes métier", "ex-synonyme V-1"} {
		e.names("fr", Alternative, strings.ReplaceAll(t.get(column), "###", "\n"))
	}
	e.note("fr", t.get("NE (Note d’Explication)"))
	e.fact(FactTheme, t.get("Champ sémantique"))
	for _, list := range []struct {
		column   string
		relation Relation
	}{{"TG (Terme Générique)", Broader}, {"TA (Termes Associés)", Related}} {
		for item := range strings.SplitSeq(t.get(list.column), "###") {
			if m := termCode.FindStringSubmatch(strings.TrimSpace(item)); m != nil {
				if err := e.link(FormacodeURI(m[1]), list.relation); err != nil {
					return err
				}
			}
		}
	}
	return d.formacodeBelow(e, t.get("TS (Termes Spécifiques)"))
}

// formacodeBelow ties the specific terms listed in a cell to the term above them.
func (d *draft) formacodeBelow(above *entry, cell string) error {
	for item := range strings.SplitSeq(cell, "###") {
		m := termCode.FindStringSubmatch(strings.TrimSpace(item))
		if m == nil {
			continue
		}
		e, err := d.entry(FormacodeURI(m[1]), Field)
		if err != nil {
			return err
		}
		if err := e.link(above.URI, Broader); err != nil {
			return err
		}
	}
	return nil
}
