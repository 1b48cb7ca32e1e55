package taxonomy

import "strings"

// A crosswalk of the ESCO portal: fifteen lines about itself, then pairs.
var crosswalkTables = []shape{
	{columns: []string{"classification 1 ID", "classification 2 ID", "mapping relation"}, row: crosswalkPair, late: true},
}

func crosswalkPair(d *draft, t *table, _ string) error {
	uri, number := escoURI(t.get("classification 1 ID")), t.get("classification 2 ID")
	if uri == "" || !digits.MatchString(number) && !romeCode.MatchString(number) {
		return nil
	}
	e, err := d.entry(uri, Occupation)
	if err != nil {
		return err
	}
	e.name("fr", Preferred, t.get("classification 1 prefered label"))
	to := OgrURI(number)
	if romeCode.MatchString(number) {
		to = RomeURI(number)
	}
	e.ref(to, matchRelation(t.get("mapping relation")))
	return nil
}

func matchRelation(s string) Relation {
	switch strings.TrimPrefix(s, "skos:") {
	case "exactMatch":
		return Exact
	case "closeMatch":
		return Close
	case "broadMatch":
		return BroadMatch
	case "narrowMatch":
		return NarrowMatch
	}
	return Related
}
