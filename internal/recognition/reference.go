package recognition

import (
	"context"

	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/platform/i18n"
)

// Standing is what a reference leads to now.
type Standing struct {
	Ref
	Scheme  taxonomy.Scheme
	Kind    taxonomy.Kind // 0 when the referential is not here
	Version string        // of the referential it stands in; empty when it is not here
	Old     bool          // only an older version has it
	Now     *Ref          // what replaced it; nil if nothing did
}

// Standing reads references; one whose referential is not imported keeps the name it
// was chosen under.
func (s *Service) standing(ctx context.Context, refs []Ref) ([]Standing, error) {
	var all []Standing
	for _, r := range refs {
		st := Standing{Ref: r, Scheme: r.scheme()}
		f, ok, err := s.Library.Resolve(st.Scheme, r.URI)
		if err != nil {
			return nil, err
		}
		if ok {
			st.Kind, st.Version, st.Old = f.Concept.Kind, f.Book.Version, !f.Current
			if f.Now != nil {
				now := refOf(f.Now, i18n.Lang(ctx))
				st.Now = &now
			}
		}
		all = append(all, st)
	}
	return all, nil
}

// refOf refers to a concept by its name in a language.
func refOf(c *taxonomy.Concept, lang string) Ref {
	return Ref{URI: c.URI, Label: c.Label(lang), Code: c.Code}
}

// named refers to an entry that is on the shelf, by its name in a language, and says
// what it is.
//
// Invalid when nothing has this URI.
func (s *Service) named(uri, lang string) (Ref, taxonomy.Kind, error) {
	f, ok, err := s.Library.Resolve(taxonomy.SchemeOf(uri), uri)
	if err != nil {
		return Ref{}, 0, err
	}
	if !ok {
		return Ref{}, 0, errNoRef
	}
	return refOf(f.Concept, lang), f.Concept.Kind, nil
}

// notices are the sentences of attribution that the licences of what is referred to
// ask to show beside it.
func notices(refs []Ref) []string {
	var all []string
	seen := map[string]bool{}
	for _, r := range refs {
		if n := r.scheme().Notice(); n != "" && !seen[n] {
			seen[n] = true
			all = append(all, n)
		}
	}
	return all
}

// replace puts what replaced a reference in its place.
func (c *Saying) replace(was string, now Ref) {
	for i := range c.Refs {
		if c.Refs[i].URI == was {
			c.Refs[i] = now
		}
	}
}
