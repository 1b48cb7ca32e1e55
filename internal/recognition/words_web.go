package recognition

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// activityOptions offers what a telling may belong to, and nothing first.
func activityOptions(ctx context.Context, done Carriers, chosen string) []web.Option {
	all := []web.Option{{Text: i18n.T(ctx, "recognition.tell.activity.none")}}
	for _, c := range done {
		all = append(all, web.Option{Value: string(c.ID), Text: c.Title, Chosen: string(c.ID) == chosen})
	}
	return all
}

// carrierOptions offers what a competence may show in.
func carrierOptions(ctx context.Context, offered Carriers, chosen []kernel.ItemID) []web.Option {
	var all []web.Option
	for _, c := range offered {
		o := web.Option{Value: string(c.ID), Text: c.Title, Chosen: slices.Contains(chosen, c.ID)}
		if c.Start != "" || c.End != "" {
			o.Help = i18n.Period(ctx, c.Start, c.End)
		}
		all = append(all, o)
	}
	return all
}

func refOptions(refs []Ref) []web.Option {
	var all []web.Option
	for _, r := range refs {
		o := web.Option{Value: r.URI, Text: r.Label, Chosen: true}
		if o.Help = r.tag(); o.Help == o.Text {
			o.Help = ""
		}
		all = append(all, o)
	}
	return all
}

func competenceAction(f *competenceForm) templ.SafeURL {
	if f.ID == "" {
		return competencesAt
	}
	return templ.SafeURL(competencePath(f.ID))
}

// schemeName is how people call a referential.
func schemeName(s taxonomy.Scheme) string {
	switch s {
	case taxonomy.RomeESCO:
		return "ESCO – ROME"
	case taxonomy.RNCP:
		return "RNCP, RS"
	case taxonomy.Formacode:
		return "Formacode"
	case taxonomy.ESCO, taxonomy.ROME, taxonomy.Starter:
	}
	return strings.ToUpper(string(s))
}

// whence says what a suggestion is, and where it is from.
func whence(ctx context.Context, s skills.Suggestion) string {
	if s.Scheme == taxonomy.Starter {
		return i18n.T(ctx, "recognition.from_starter")
	}
	name := schemeName(s.Scheme)
	if s.Code != "" {
		name += " " + s.Code
	}
	return i18n.T(ctx, "recognition.from", "what", i18n.T(ctx, "recognition.kind_"+s.Kind), "where", name)
}

// standingWords say where a reference stands now.
func standingWords(ctx context.Context, r Standing) string {
	if r.Scheme == taxonomy.Starter {
		return i18n.T(ctx, "recognition.from_starter")
	}
	name := schemeName(r.Scheme)
	if r.Code != "" {
		name += " " + r.Code
	}
	switch {
	case r.Version == "":
		return i18n.T(ctx, "recognition.reference.away", "where", name)
	case r.Old:
		return i18n.T(ctx, "recognition.reference.old", "where", name, "version", r.Version)
	}
	return i18n.T(ctx, "recognition.reference.now", "where", name, "version", r.Version)
}

func tradeNames(ctx context.Context, refs []Ref) string {
	var names []string
	for _, r := range refs {
		names = append(names, strings.TrimSpace(r.Label+" "+r.Code))
	}
	return i18n.List(ctx, names...)
}

func voiceLine(ctx context.Context, v Voice) string {
	if v.By == "" {
		return v.Title
	}
	return i18n.T(ctx, "recognition.voice.line", "title", v.Title, "who", v.By)
}

func bookName(b taxonomy.Entry) string { return schemeName(b.Scheme) + " " + b.Version }

// bookCounts says how many of each kind a book holds.
func bookCounts(ctx context.Context, b taxonomy.Entry) string {
	var parts []string
	for _, k := range []taxonomy.Kind{taxonomy.Skill, taxonomy.Occupation, taxonomy.Title, taxonomy.Group, taxonomy.Certification, taxonomy.Bloc, taxonomy.Field} {
		if n := b.Counts[k.String()]; n > 0 {
			parts = append(parts, i18n.N(ctx, "recognition.count_"+k.String(), n))
		}
	}
	return i18n.List(ctx, parts...)
}
