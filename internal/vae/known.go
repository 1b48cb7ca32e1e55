package vae

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// Piece is a piece of evidence of the musette.
type Piece struct {
	ID      kernel.ItemID
	Of      []kernel.ItemID
	Title   string
	Date    kernel.Date
	Author  string
	Address string
	Blob    *gate.Blob
}

// What the room reads of others: their names, and the kinds their views say.
const (
	musetteRoom     = "musette"
	recognitionRoom = "recognition"
)

// attesters are the rooms whose items say that others recognise something.
var attesters = []string{"peer", "badge", room}

// silent are the statuses of attestations that are not shown.
var silent = []string{"withdrawn", "revoked", "hidden"}

// known reads what the person did, knows how to do and can show: activities and pieces
// of her musette, competences of hers, and who recognised them. Views only.
func (s *Service) known(ctx context.Context, p gate.Pass) ([]Known, []Piece, error) {
	mine, err := s.Gate.List(ctx, p, musetteRoom)
	if err != nil {
		return nil, nil, err
	}
	can, err := s.Gate.List(ctx, p, recognitionRoom)
	if err != nil {
		return nil, nil, err
	}
	var all []Known
	var pieces []Piece
	for _, it := range can {
		if it.View.Kind == "competence" {
			all = append(all, Known{ID: it.ID, Title: it.View.Title, Text: it.View.Text, Competence: true})
		}
	}
	for _, it := range mine {
		switch v := it.View; {
		case v.Kind == "piece":
			pieces = append(pieces, pieceOf(it))
		case v.Kind == "skill":
			all = append(all, Known{ID: it.ID, Title: v.Title, Text: v.Text, Competence: true})
		case isActivity(it.ID):
			all = append(all, Known{ID: it.ID, Title: v.Title, Text: strings.Join([]string{v.Purpose, v.Text, strings.Join(v.Tags, " ")}, " "), Activities: []kernel.ItemID{it.ID}})
		}
	}
	tie(all, pieces, can)
	return all, pieces, s.recognised(ctx, p, all, can)
}

// isActivity reports whether an item is an activity of the musette, by its id.
func isActivity(id kernel.ItemID) bool { return strings.HasPrefix(string(id), "act_") }

func pieceOf(it gate.Item) Piece {
	q := Piece{ID: it.ID, Of: it.View.Links, Title: it.View.Title, Date: kernel.Date(it.View.Start), Blob: it.View.Blob}
	for _, f := range it.View.Facts {
		switch f.Name {
		case "author":
			q.Author = f.Text
		case "url":
			q.Address = f.Text
		}
	}
	return q
}

// tie links competences to the activities and pieces that carry them.
func tie(all []Known, pieces []Piece, can []gate.Item) {
	titles := map[kernel.ItemID]string{}
	for _, k := range all {
		titles[k.ID] = k.Title
	}
	for i := range all {
		k := &all[i]
		var named []kernel.ItemID // by the competence itself
		for _, it := range can {
			if it.ID == k.ID {
				named = it.View.Links
			}
		}
		for _, l := range named {
			if isActivity(l) && titles[l] != "" {
				k.Activities, k.Carried = append(k.Activities, l), append(k.Carried, titles[l])
			}
		}
		for _, q := range pieces {
			of := func(id kernel.ItemID) bool { return id == k.ID || slices.Contains(k.Activities, id) }
			if slices.Contains(named, q.ID) || slices.ContainsFunc(q.Of, of) {
				k.Pieces = append(k.Pieces, q.Title)
			}
		}
	}
}

// recognised adds who recognised what: an attestation counts for the competence or the
// activity it names, by id, by a reference the competence has, or by its words.
func (s *Service) recognised(ctx context.Context, p gate.Pass, all []Known, can []gate.Item) error {
	refs := map[string]kernel.ItemID{}
	for _, it := range can {
		for _, f := range it.View.Facts {
			refs[f.Name] = it.ID
		}
	}
	for _, name := range attesters {
		items, err := s.Gate.List(ctx, p, name)
		if err != nil {
			return err
		}
		for _, it := range items {
			v := it.View
			if v.Provenance.Source != gate.Attested || slices.Contains(silent, v.Status) || v.Kind == kindComment {
				continue
			}
			about := slices.Clone(v.Links)
			for _, f := range v.Facts {
				if id, ok := refs[f.Name]; ok {
					about = append(about, id)
				}
			}
			for i := range all {
				k := &all[i]
				named := slices.ContainsFunc(v.Facts, func(f gate.Fact) bool { return f.Name == "competence" && f.Text == k.Title })
				if (named || slices.Contains(about, k.ID)) && !slices.Contains(k.Attested, v.Provenance.By) {
					k.Attested = append(k.Attested, v.Provenance.By)
				}
			}
		}
	}
	return nil
}

// activity is the view of an activity of the actor's.
func (s *Service) activity(ctx context.Context, p gate.Pass, id kernel.ItemID) (gate.View, error) {
	it, err := s.Gate.Get(ctx, p, id)
	if err == nil && (it.Room != musetteRoom || !isActivity(id)) {
		err = errNotFoundVAE
	}
	return it.View, err
}
