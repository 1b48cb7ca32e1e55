package gate

import (
	"cmp"
	"context"
	"slices"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func profileOptions(ctx context.Context, ff faceForm) []web.Option {
	var all []web.Option
	for _, name := range ProfileFields {
		all = append(all, web.Option{Value: name, Text: i18n.T(ctx, "gate.profile."+name), Chosen: slices.Contains(ff.Face.Shows.Profile, name)})
	}
	return all
}

// itemOptions offers the activities.
func itemOptions(ctx context.Context, ff faceForm) []web.Option {
	var all []web.Option
	for _, it := range ff.Items {
		if slices.Contains(ActivityKinds, it.View.Kind) {
			all = append(all, itemOption(ctx, ff, it))
		}
	}
	return all
}

func itemOption(ctx context.Context, ff faceForm, it Item) web.Option {
	return web.Option{Value: string(it.ID), Text: it.View.Title, Help: itemHelp(ctx, it.View), Chosen: has(ff.Face.Shows.Activities.IDs, it.ID) || has(ff.Face.Shows.Items, it.ID)}
}

// others offers what is no activity, one group for each kind, in the order of their
// names: what a room keeps shows here as soon as it may be shared.
func others(ctx context.Context, ff faceForm) []web.Group {
	by := map[string]*web.Group{}
	for _, it := range ff.Items {
		kind := it.View.Kind
		if slices.Contains(ActivityKinds, kind) {
			continue
		}
		if by[kind] == nil {
			by[kind] = &web.Group{Name: otherField + kind, Legend: kindName(ctx, kind)}
		}
		by[kind].Options = append(by[kind].Options, itemOption(ctx, ff, it))
	}
	var all []web.Group
	for _, g := range by {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b web.Group) int { return cmp.Or(cmp.Compare(a.Legend, b.Legend), cmp.Compare(a.Name, b.Name)) })
	return all
}

// otherField begins the names of the fields that others makes.
const otherField = "other-"

// kindName is what items of a kind are called; a kind that has no name here is other.
func kindName(ctx context.Context, kind string) string {
	if key := "gate.items_" + kind; i18n.Has(ctx, key) {
		return i18n.T(ctx, key)
	}
	return i18n.T(ctx, "gate.items.else")
}

func anyChosen(groups []web.Group) bool {
	return slices.ContainsFunc(groups, func(g web.Group) bool {
		return slices.ContainsFunc(g.Options, func(o web.Option) bool { return o.Chosen })
	})
}

func itemHelp(ctx context.Context, v View) string {
	var parts []string
	if slices.Contains(ActivityKinds, v.Kind) {
		parts = append(parts, i18n.T(ctx, "gate.kind_"+v.Kind))
	}
	if v.Start != "" || v.End != "" {
		parts = append(parts, i18n.Period(ctx, kernel.Date(v.Start), kernel.Date(v.End)))
	}
	if v.Paid != nil {
		parts = append(parts, paidWord(ctx, *v.Paid))
	}
	if v.Provenance.Source == Attested && v.Provenance.By != "" {
		parts = append(parts, i18n.T(ctx, "gate.attested_by", "name", v.Provenance.By))
	}
	return joined(parts)
}

func kindOptions(ctx context.Context, ff faceForm) []web.Option {
	var chosen []string
	if r := ff.Face.Shows.Activities.Rule; r != nil {
		chosen = r.Kinds
	}
	var all []web.Option
	for _, k := range ActivityKinds {
		all = append(all, web.Option{Value: k, Text: i18n.T(ctx, "gate.kind_"+k), Chosen: slices.Contains(chosen, k)})
	}
	return all
}

func exceptOptions(ctx context.Context, ff faceForm) []web.Option {
	var all []web.Option
	for _, it := range ff.Items {
		if slices.Contains(ActivityKinds, it.View.Kind) {
			all = append(all, web.Option{Value: string(it.ID), Text: it.View.Title, Help: itemHelp(ctx, it.View), Chosen: slices.Contains(ff.Face.Hides, string(it.ID))})
		}
	}
	return all
}

func fieldOptions(ctx context.Context, ff faceForm) []web.Option {
	var all []web.Option
	for _, f := range Fields {
		all = append(all, web.Option{Value: f, Text: i18n.T(ctx, "gate.field."+f), Chosen: !slices.Contains(ff.Face.Hides, f)})
	}
	return all
}

func pieceOptions(_ context.Context, ff faceForm, chosen []kernel.ItemID) []web.Option {
	var all []web.Option
	for _, it := range ff.Pieces {
		all = append(all, web.Option{Value: string(it.ID), Text: it.View.Title, Chosen: has(chosen, it.ID)})
	}
	return all
}

// factLine is one line of facts under the title of an activity.
func factLine(ctx context.Context, it ShownItem) string {
	var parts []string
	if slices.Contains(ActivityKinds, it.Kind) {
		parts = append(parts, i18n.T(ctx, "gate.kind_"+it.Kind))
	} else if key := "gate.item_" + it.Kind; i18n.Has(ctx, key) {
		parts = append(parts, i18n.T(ctx, key))
	}
	for _, t := range []string{it.Organisation, it.Place, it.WithWhom} {
		if t != "" {
			parts = append(parts, t)
		}
	}
	if it.Hours > 0 {
		parts = append(parts, i18n.T(ctx, "gate.hours", "n", i18n.Decimal(ctx, it.Hours, 1)))
	}
	if it.By != "" {
		parts = append(parts, i18n.T(ctx, "gate.attested_by", "name", it.By))
	}
	return joined(parts)
}

func joined(parts []string) string {
	s := ""
	for i, p := range parts {
		if i > 0 {
			s += ", "
		}
		s += p
	}
	return s
}

func paidWord(ctx context.Context, paid bool) string {
	if paid {
		return i18n.T(ctx, "gate.paid")
	}
	return i18n.T(ctx, "gate.unpaid")
}
