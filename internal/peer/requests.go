package peer

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/mail"
)

// Requests lists what the actor asked, newest first.
func (s *Service) Requests(ctx context.Context) ([]Request, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := requestsOf(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return nil, err
	}
	items, err := s.Gate.List(ctx, pass, Room)
	if err != nil {
		return nil, err
	}
	grants, err := s.Gate.Grants(ctx)
	if err != nil {
		return nil, err
	}
	titles, err := s.titles(ctx, pass)
	if err != nil {
		return nil, err
	}
	var all []Request
	for _, row := range rows {
		i := slices.IndexFunc(items, func(it gate.Item) bool { return it.ID == row.ID })
		if i < 0 {
			continue // she deleted it: what is left keeps whoever said no from being asked again
		}
		r, err := s.request(row, items[i], grants)
		if err != nil {
			return nil, err
		}
		r.Title = titles[r.Activity]
		all = append(all, r)
	}
	return all, s.letters(ctx, rows, all)
}

// request puts together what three places know of one.
func (s *Service) request(row requestRow, it gate.Item, grants []gate.Grant) (Request, error) {
	b, err := decode[requestBody](it)
	if err != nil {
		return Request{}, err
	}
	r := Request{
		ID: row.ID, Grant: row.Grant, Competences: b.Competences, Name: b.Name, Mail: b.Mail, Person: row.Person,
		Message: b.Message, Lang: b.Lang, State: row.State, MadeAt: row.MadeAt.Time, StateAt: row.StateAt.Time,
		Until: row.EndsAt.Time, whom: row.Whom,
	}
	if len(it.View.Links) > 0 {
		r.Activity = it.View.Links[0]
	}
	if row.State != Waiting && row.State != Later {
		return r, nil
	}
	i := slices.IndexFunc(grants, func(g gate.Grant) bool { return g.ID == row.Grant })
	switch {
	case i < 0 || !grants[i].Withdrawn.IsZero():
		r.State = Withdrawn
	case !row.waits(s.DB.Now()):
		r.State = Over
	default:
		r.URL = grants[i].URL
	}
	return r, nil
}

// letters says what became of the letters of requests that still wait.
func (s *Service) letters(ctx context.Context, rows []requestRow, all []Request) error {
	byID := map[kernel.ItemID]string{}
	var ids []string
	for _, row := range rows {
		if row.Letter != "" {
			byID[row.ID], ids = row.Letter, append(ids, row.Letter)
		}
	}
	if len(ids) == 0 || s.Post == nil {
		return nil
	}
	states, err := s.Post.States(ctx, ids)
	for i := range all {
		if letter := byID[all[i].ID]; letter != "" {
			all[i].Letter = states[letter]
		}
	}
	return err
}

// titles are those of the owner's activities.
func (s *Service) titles(ctx context.Context, pass gate.Pass) (map[kernel.ItemID]string, error) {
	all, err := s.activities(ctx, pass)
	titles := make(map[kernel.ItemID]string, len(all))
	for _, it := range all {
		titles[it.ID] = it.View.Title
	}
	return titles, err
}

// activities are what the owner may ask about, the most recent first.
func (s *Service) activities(ctx context.Context, pass gate.Pass) ([]gate.Item, error) {
	items, err := s.Gate.Everything(ctx, pass)
	if err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(items, func(it gate.Item) bool {
		return it.View.Never || !slices.Contains(gate.ActivityKinds, it.View.Kind)
	})
	slices.SortStableFunc(items, func(a, b gate.Item) int { return strings.Compare(b.View.Start, a.View.Start) })
	return items, nil
}

// Request is one of the actor's requests.
func (s *Service) Request(ctx context.Context, id kernel.ItemID) (Request, error) {
	all, err := s.Requests(ctx)
	if err != nil {
		return Request{}, err
	}
	for _, r := range all {
		if r.ID == id {
			return r, nil
		}
	}
	return Request{}, errNoRequest
}

// Withdraw closes a request at once: its link shows nothing any more. Doing it twice
// is harmless.
func (s *Service) Withdraw(ctx context.Context, id kernel.ItemID) error {
	if _, err := may(ctx, "share"); err != nil {
		return err
	}
	r, err := s.Request(ctx, id)
	if err != nil {
		return err
	}
	if !r.Open() {
		return nil
	}
	return s.Gate.Withdraw(ctx, r.Grant)
}

// Mailed reports whether a letter carries the request.
func (r Request) Mailed() bool { return r.Mail != "" && r.Letter != "" && r.Letter != mail.Refused }

// Askable is what a request can be made of: the activities of the actor, the
// competences she named, and the people she shares a circle with.
func (s *Service) Askable(ctx context.Context) (activities, competences []gate.Item, friends map[kernel.PersonID]string, err error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, nil, nil, err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	items, err := s.Gate.Everything(ctx, pass)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, it := range items {
		if it.View.Kind == kindCompetence && !it.View.Never {
			competences = append(competences, it)
		}
	}
	if activities, err = s.activities(ctx, pass); err != nil {
		return nil, nil, nil, err
	}
	friends, err = s.Companions.Companions(ctx, a.Person)
	return activities, competences, friends, err
}

// kindCompetence is the View.Kind of a competence somebody named. A fact of it whose
// name is an address is its place in a referential.
const kindCompetence = "competence"

// competenceOf reads a competence from its view.
func competenceOf(v gate.View) Competence {
	c := Competence{Name: v.Title}
	for _, f := range v.Facts {
		if strings.Contains(f.Name, ":") {
			c.URL = f.Name
			break
		}
	}
	return c
}
