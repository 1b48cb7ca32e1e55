package recognition

import (
	"context"
	"slices"
	"strings"
)

// Map is what carries each competence, and what is missing on either side.
type Map struct {
	Rows   []Row
	Shown  Carriers // activities and others that carry at least one, newest first
	Bare   []Row    // told: no piece and no voice that is vouched for
	Unsaid []Unsaid // proved: somebody vouches for it, and she never told it
	Unused Carriers // with evidence, carrying no competence
}

// Row is a competence and what carries it.
type Row struct {
	*Competence
	Done   Carriers // activities it shows in
	Pieces Carriers
	Voices []Voice
}

// Unsaid is a competence that a voice vouches for and that she never told.
type Unsaid struct {
	Ref
	Voice Voice
}

// Proved reports whether a piece, or a voice that is vouched for, stands behind it.
func (r *Row) Proved() bool {
	return len(r.Pieces) > 0 || slices.ContainsFunc(r.Voices, func(v Voice) bool { return v.Source != Told })
}

// Sources are the provenances of a competence, hers first. They are named, never
// counted.
func (r *Row) Sources() []Source {
	all := []Source{Told}
	for _, p := range []Source{Peers, Seal} {
		if slices.ContainsFunc(r.Voices, func(v Voice) bool { return v.Source == p }) {
			all = append(all, p)
		}
	}
	return all
}

// Map reads the actor's.
func (s *Service) Map(ctx context.Context) (*Map, error) {
	all, err := s.Competences(ctx)
	if err != nil {
		return nil, err
	}
	carriers, err := s.Carriers(ctx)
	if err != nil {
		return nil, err
	}
	voices, err := s.voices(ctx)
	if err != nil {
		return nil, err
	}
	return mapOf(all, carriers, voices), nil
}

// mapOf puts competences beside what carries them.
func mapOf(all []*Competence, carriers Carriers, voices []Voice) *Map {
	m := &Map{}
	for _, c := range all {
		r := Row{Competence: c}
		for _, k := range carriers {
			switch {
			case !slices.Contains(c.Links, k.ID):
			case k.Piece:
				r.Pieces = append(r.Pieces, k)
			default:
				r.Done = append(r.Done, k)
			}
		}
		for _, v := range voices {
			if v.speaksOf(c) {
				r.Voices = append(r.Voices, v)
			}
		}
		m.Rows = append(m.Rows, r)
		if !r.Proved() {
			m.Bare = append(m.Bare, r)
		}
	}
	carries := func(k Carrier) bool {
		return slices.ContainsFunc(all, func(c *Competence) bool { return slices.Contains(c.Links, k.ID) })
	}
	for _, k := range carriers.Done() {
		switch {
		case carries(k):
			m.Shown = append(m.Shown, k)
		case len(carriers.PiecesOf(k.ID)) > 0:
			m.Unused = append(m.Unused, k)
		}
	}
	m.Unsaid = unsaid(all, voices)
	return m
}

// unsaid lists what voices vouch for that no competence says, each once.
func unsaid(all []*Competence, voices []Voice) []Unsaid {
	var found []Unsaid
	for _, v := range voices {
		if v.Source == Told {
			continue
		}
		names := v.named()
		if len(names) <= v.speaksOfHers() {
			continue
		}
		for _, r := range names {
			told := slices.ContainsFunc(all, func(c *Competence) bool {
				return r.URI != "" && c.Has(r.URI) || strings.EqualFold(strings.TrimSpace(c.Title), strings.TrimSpace(r.Label))
			})
			already := slices.ContainsFunc(found, func(u Unsaid) bool { return u.Label == r.Label })
			if !told && !already {
				found = append(found, Unsaid{r, v})
			}
		}
	}
	return found
}
