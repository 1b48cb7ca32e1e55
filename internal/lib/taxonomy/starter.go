package taxonomy

import (
	"bufio"
	_ "embed"
	"strings"
)

// Starter is the scheme of the list that the program knows before anything is
// imported. It is ours, and small: a help to begin, not a referential.
const Starter Scheme = "starter"

//go:embed starter.csv
var starterFile string

// starterURN begins the references to our own list.
const starterURN = "urn:digiwork:competence:"

var starterTables = []shape{{columns: []string{"id", "fr", "en", "fr_also", "en_also"}, row: starterRow}}

func starterRow(d *draft, t *table, _ string) error {
	e, err := d.entry(starterURN+t.get("id"), Skill)
	if err != nil {
		return err
	}
	e.Code = t.get("id")
	for _, lang := range [...]string{"fr", "en"} {
		e.name(lang, Preferred, t.get(lang))
		e.names(lang, Alternative, t.get(lang+"_also"))
	}
	return nil
}

// StarterList is our own list of competences, in French and in English.
func StarterList() (*Book, error) {
	d := newDraft(Starter, "1")
	if _, err := d.readFile(reader{tables: starterTables}, "starter.csv", bufio.NewReader(strings.NewReader(starterFile))); err != nil {
		return nil, err
	}
	b := d.book()
	_, err := encode(b)
	return b, err
}
