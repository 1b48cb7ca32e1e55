package musette

import (
	"slices"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
)

// A platform returns the figures of a contract again and again (article D7342-6): a
// newer file replaces the figures of the one before, where it gave them.

// contractOf is what tells the contract of an item or an entry: the registration and
// the day of the contract.
type contractOf struct{ organisation, registration, day string }

func contractIn(fact func(name string) string, organisation string) contractOf {
	return contractOf{intake.Fold(organisation), intake.Fold(fact("registration")), fact("contract_date")}
}

// same reports whether two contracts are one, as far as both say which: numbers that
// agree and days that do not differ; or, without a number, one day with one platform.
func (c contractOf) same(d contractOf) bool {
	if c.registration != "" && d.registration != "" {
		return c.registration == d.registration && (c.day == d.day || c.day == "" || d.day == "")
	}
	return c.day != "" && c.day == d.day && c.organisation != "" && c.organisation == d.organisation
}

func factOf(v *gate.View, name string) string {
	i := slices.IndexFunc(v.Facts, func(f gate.Fact) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	return v.Facts[i].Text
}

// takeReturned plans an entry of a platform whose contract is known already. done is
// false when it is not.
func (p *planner) takeReturned(e *intake.Entry) (done bool) {
	same := p.known.contract(e)
	if same == nil {
		return false
	}
	p.keys[e.Key] = same.item.ID
	if same.item.Version == 0 {
		p.skip(e, "musette.import.twice")
		return true
	}
	it := *same.item
	it.View.Facts = slices.Clone(it.View.Facts)
	was := it.View
	replaced, filled := replaceFacts(&it.View, e), fill(&it.View, e)
	if !replaced && !filled {
		p.skip(e, "musette.import.again")
		return true
	}
	if replaced && was.Provenance.Source == gate.Imported {
		it.View.Provenance = p.from
	}
	if replaced && len(was.Facts) > 0 {
		p.out.Warnings = append(p.out.Warnings, Remark{e.Where.Note(), intake.Note{Key: "musette.import.updated", Args: []any{"title", it.View.Title}}})
	}
	p.out.Merged++
	same.item = &it
	p.items, p.pieces = append(p.items, it), append(p.pieces, nil)
	return true
}

// contract finds the activity of an entry's contract: by the number and the day, or
// what an earlier file made of the same entry.
func (x *existing) contract(e *intake.Entry) *known {
	wanted := contractIn(e.Fact, e.Organisation)
	for _, k := range x.contracts {
		if wanted.same(contractIn(func(name string) string { return factOf(&k.item.View, name) }, k.item.View.Organisation)) {
			return k
		}
	}
	if it := x.items[x.byKey[e.Key]]; it != nil && IsActivity(it.View.Kind) {
		for _, k := range x.byTitle[intake.Fold(it.View.Title)] {
			if k.item.ID == it.ID {
				return k
			}
		}
	}
	return x.alike(e)
}

// replaceFacts puts the figures of an entry in the place of those that an earlier file
// gave; figures it does not give stay. A text that still is what the earlier file said
// follows. The figures of a file older than what is there only fill what is missing.
func replaceFacts(v *gate.View, e *intake.Entry) (changed bool) {
	older := e.Fact("period_end") != "" && e.Fact("period_end") < factOf(v, "period_end")
	area := factOf(v, "area")
	for _, f := range e.Facts {
		text := clip(f.Value, storyMost)
		i := slices.IndexFunc(v.Facts, func(was gate.Fact) bool { return was.Name == f.Name })
		switch {
		case i < 0:
			v.Facts, changed = append(v.Facts, gate.Fact{Name: f.Name, Text: text}), true
		case !older && v.Facts[i].Text != text:
			v.Facts[i].Text, changed = text, true
		}
	}
	if older {
		return changed
	}
	if v.Place != "" && v.Place == clip(area, lineMost) && e.Place != "" && e.Place != v.Place {
		v.Place, changed = clip(e.Place, lineMost), true
	}
	if e.End != "" && e.End != v.End && v.Provenance.Source == gate.Imported && !kernel.Date(e.End).Last().Before(kernel.Date(v.Start).First()) {
		v.End, changed = e.End, true
	}
	return changed
}
