package recognition

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// Source is who stands behind something said. It names a source, never a rank.
type Source string

// The sources.
const (
	Told  Source = "told"  // the person says so
	Peers Source = "peers" // somebody who saw it signed
	Seal  Source = "seal"  // an organisation signed, and it can be verified
)

// Voice is what somebody else says: a recommendation, a credential.
type Voice struct {
	ID     kernel.ItemID
	Title  string
	By     string // who says it, in the words of its item
	Source Source // Peers, Seal, or Told when nothing vouches for who says it

	links []kernel.ItemID
	about []gate.Fact
}

// Kinds of items that are voices, and states in which they no longer speak.
const (
	kindRecommendation = "recommendation"
	kindCredential     = "credential"
	factCompetence     = "competence" // names a competence without a referential
)

var silent = []string{"withdrawn", "revoked", "hidden"}

// voices lists what others say of the actor: items of the rooms peer and badge whose
// view says attested are vouched for.
func (s *Service) voices(ctx context.Context) ([]Voice, error) {
	var all []Voice
	for _, from := range []struct {
		room, kind string
		source     Source
	}{{peerRoom, kindRecommendation, Peers}, {badgeRoom, kindCredential, Seal}} {
		items, err := s.list(ctx, from.room)
		if err != nil {
			return nil, err
		}
		for i := range items {
			v := &items[i].View
			if v.Kind != from.kind || slices.Contains(silent, v.Status) {
				continue
			}
			voice := Voice{ID: items[i].ID, Title: v.Title, By: v.Provenance.By, Source: Told, links: v.Links, about: v.Facts}
			if v.Provenance.Source == gate.Attested {
				voice.Source = from.source
			}
			all = append(all, voice)
		}
	}
	return all, nil
}

// named lists the competences a voice names, as references; one without a
// referential has no URI.
func (v *Voice) named() []Ref {
	var all []Ref
	for _, f := range v.about {
		switch {
		case f.Name == factCompetence:
			all = append(all, Ref{Label: f.Text})
		case strings.Contains(f.Name, ":"):
			all = append(all, Ref{URI: f.Name, Label: f.Text})
		}
	}
	return all
}

// speaksOf reports whether a voice speaks of a competence: it names it, or, naming
// none, is about an activity or piece the competence shows in.
func (v *Voice) speaksOf(c *Competence) bool {
	if slices.Contains(v.links, c.ID) {
		return true
	}
	names := v.named()
	for _, r := range names {
		if r.URI != "" && c.Has(r.URI) || strings.EqualFold(strings.TrimSpace(r.Label), strings.TrimSpace(c.Title)) {
			return true
		}
	}
	if len(names) > 0 || v.speaksOfHers() > 0 {
		return false
	}
	return slices.ContainsFunc(v.links, func(id kernel.ItemID) bool { return slices.Contains(c.Links, id) })
}

// speaksOfHers is how many of her competences a voice is linked to.
func (v *Voice) speaksOfHers() int {
	n := 0
	for _, id := range v.links {
		if strings.HasPrefix(string(id), competencePrefix) {
			n++
		}
	}
	return n
}
