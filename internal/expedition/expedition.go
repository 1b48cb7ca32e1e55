package expedition

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/search"
)

// Visibility says who reads an expedition besides those who have a role in it.
type Visibility string

// The visibilities.
const (
	Private  Visibility = "private"  // its circle, or its person
	Partners Visibility = "partners" // and the circles of its partners
	Public   Visibility = "public"   // and everybody, without an account
)

// Visibilities are all of them, from the narrowest.
var Visibilities = []Visibility{Private, Partners, Public}

// Licences are those a cahier may be published under, "" for none chosen.
var Licences = []string{"", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "etalab-2.0"}

const (
	maxName     = 120
	maxQuestion = 2000
	maxOrigin   = 300
	mostOwn     = 200 // expeditions of one person, or of one circle
)

// Expedition is the frame of one: its cards stand in a Book.
type Expedition struct {
	ID         kernel.ExpeditionID
	Circle     kernel.CircleID // it belongs to; "" when to a person
	Person     kernel.PersonID // it belongs to; "" when to a circle
	Name       string
	Question   string
	Lang       string // "fr" or "en": of its material
	Visibility Visibility
	Licence    string
	Origin     string // what it was forked from, in words; "" for none
	Version    int64
	MadeAt     time.Time

	codeDigest string
	codeSealed string
}

// Sample reports whether this is the example that comes with the program.
func (x Expedition) Sample() bool { return sample(x.ID) }

// Draft is what is typed of an expedition.
type Draft struct {
	Name, Question, Lang string
	Visibility           Visibility
	Licence              string
	Circle               kernel.CircleID // at its making only; "" for the actor's own
}

var (
	errName       = kernel.NewFault(kernel.Invalid, "expedition.name.missing").On("name")
	errNameLong   = kernel.NewFault(kernel.Invalid, "expedition.too_long").On("name").With("max", maxName)
	errQuestion   = kernel.NewFault(kernel.Invalid, "expedition.too_long").On("question").With("max", maxQuestion)
	errLang       = kernel.NewFault(kernel.Invalid, "expedition.lang.form").On("lang")
	errVisibility = kernel.NewFault(kernel.Invalid, "expedition.visibility.form").On("visibility")
	errLicence    = kernel.NewFault(kernel.Invalid, "expedition.licence.form").On("licence")
	errCircle     = kernel.NewFault(kernel.Invalid, "expedition.circle.form").On("circle")
	errStale      = kernel.NewFault(kernel.Conflict, "expedition.stale")
	errMany       = kernel.NewFault(kernel.TooMany, "expedition.too_many").With("max", mostOwn)
)

// oneLine is s without line ends and with single spaces.
func oneLine(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && !unicode.IsSpace(c) {
			return -1
		}
		return c
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// clean is the draft as it is kept, or everything that is wrong with it.
func (d Draft) clean() (Draft, error) {
	var wrong []error
	d.Name, d.Question = oneLine(d.Name), strings.TrimSpace(d.Question)
	if d.Name == "" {
		wrong = append(wrong, errName)
	}
	if utf8.RuneCountInString(d.Name) > maxName {
		wrong = append(wrong, errNameLong)
	}
	if utf8.RuneCountInString(d.Question) > maxQuestion {
		wrong = append(wrong, errQuestion)
	}
	if d.Lang != "fr" && d.Lang != "en" {
		wrong = append(wrong, errLang)
	}
	if !slices.Contains(Visibilities, d.Visibility) {
		wrong = append(wrong, errVisibility)
	}
	if !slices.Contains(Licences, d.Licence) {
		wrong = append(wrong, errLicence)
	}
	return d, errors.Join(wrong...)
}

// Create makes an expedition, with the four axes to rename when axes are given.
//
// Invalid on the fields of the draft; TooMany beyond what one owner may have.
func (s *Service) Create(ctx context.Context, d Draft) (kernel.ExpeditionID, error) {
	a, err := signed(ctx, "write")
	if err != nil {
		return "", err
	}
	if d, err = d.clean(); err != nil {
		return "", err
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		x, err := s.newFrame(ctx, tx, a, d)
		if err != nil {
			return "", err
		}
		return string(x.ID), nil
	})
	return kernel.ExpeditionID(made), err
}

// newFrame writes an empty expedition of the actor or of a circle of hers.
func (s *Service) newFrame(ctx context.Context, tx *db.Tx, a kernel.Actor, d Draft) (Expedition, error) {
	x := Expedition{
		ID: kernel.NewID[kernel.ExpeditionID]("exp", tx.Now), Name: d.Name, Question: d.Question, Lang: d.Lang,
		Visibility: d.Visibility, Licence: d.Licence, Version: 1, MadeAt: tx.Now,
	}
	if d.Circle == "" {
		x.Person = a.Person
	} else {
		belongs, err := s.Circles.Belongs(ctx, d.Circle, a.Person)
		if err != nil {
			return x, err
		}
		if !belongs {
			return x, errCircle
		}
		x.Circle = d.Circle
	}
	n, err := countOwned(ctx, tx, x.Circle, x.Person)
	if err != nil {
		return x, err
	}
	if n >= mostOwn {
		return x, errMany
	}
	if err := insertExpedition(ctx, tx, x); err != nil {
		return x, fmt.Errorf("make expedition: %w", err)
	}
	if x.Circle != "" { // who makes it leads it, owner of the circle or not
		err = putRole(ctx, tx, x.ID, a.Person, Facilitator)
	}
	return x, err
}

// Reframe replaces what was typed of an expedition, for who leads it. The circle of
// the draft is not looked at. Conflict when version is not the current one.
func (s *Service) Reframe(ctx context.Context, id kernel.ExpeditionID, version int64, d Draft) error {
	d, invalid := d.clean()
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		x, _, err := s.enter(ctx, tx, id, Lead)
		if err != nil {
			return "", err
		}
		if invalid != nil {
			return "", invalid // said to who may change it, so that a stranger learns nothing
		}
		x.Name, x.Question, x.Lang, x.Visibility, x.Licence = d.Name, d.Question, d.Lang, d.Visibility, d.Licence
		x.Version = version
		return string(id), updateExpedition(ctx, tx, x)
	})
	return err
}

// Delete removes an expedition with everything in it, for who leads it.
func (s *Service) Delete(ctx context.Context, id kernel.ExpeditionID) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, err := s.enter(ctx, tx, id, Lead); err != nil {
			return "", err
		}
		return string(id), s.remove(ctx, tx, id)
	})
	return err
}

func (s *Service) remove(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	for _, p := range s.Parts {
		if err := p.Drop(ctx, tx, id); err != nil {
			return err
		}
	}
	if err := search.DropSpace(ctx, tx, space(id)); err != nil {
		return err
	}
	return deleteExpedition(ctx, tx, id)
}

// View is an expedition in a list.
type View struct {
	Expedition
	Owner string // the name of its circle or person; "" when she has left
}

// Lists are the expeditions somebody may open: those she belongs to, and the public
// ones of others, newest first.
type Lists struct{ Mine, Public []View }

// mostListed is how many public expeditions are listed.
const mostListed = 100

// List gives the actor's lists; a visitor gets the public ones.
func (s *Service) List(ctx context.Context) (Lists, error) {
	a := kernel.ActorFrom(ctx)
	var l Lists
	if !a.IsVisitor() {
		if !a.May("read") {
			return l, errScope.With("scope", "read")
		}
		circles, err := s.Circles.CirclesOf(ctx, a.Person)
		if err != nil {
			return l, err
		}
		mine, err := expeditionsOf(ctx, s.DB.Read(), a.Person, circles)
		if err != nil {
			return l, err
		}
		if l.Mine, err = s.views(ctx, mine); err != nil {
			return l, err
		}
	}
	public, err := publicExpeditions(ctx, s.DB.Read(), mostListed)
	if err != nil {
		return l, err
	}
	public = slices.DeleteFunc(public, func(x Expedition) bool {
		return slices.ContainsFunc(l.Mine, func(v View) bool { return v.ID == x.ID })
	})
	l.Public, err = s.views(ctx, public)
	return l, err
}

func (s *Service) views(ctx context.Context, all []Expedition) ([]View, error) {
	var circles []kernel.CircleID
	var people []kernel.PersonID
	for _, x := range all {
		if x.Circle != "" {
			circles = append(circles, x.Circle)
		} else {
			people = append(people, x.Person)
		}
	}
	ofCircles, err := s.Circles.CircleNames(ctx, circles)
	if err != nil {
		return nil, err
	}
	ofPeople, err := s.People.Names(ctx, people)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(all))
	for i, x := range all {
		views[i] = View{x, ofCircles[x.Circle] + ofPeople[x.Person]} // one of the two is ""
	}
	return views, nil
}

// Names gives the names of expeditions, for sibling contexts that have decided that
// the reader may know them. Unknown ids are left out.
func (s *Service) Names(ctx context.Context, ids []kernel.ExpeditionID) (map[kernel.ExpeditionID]string, error) {
	return expeditionNames(ctx, s.DB.Read(), ids)
}

// view is one expedition as lists show it.
func (s *Service) view(ctx context.Context, id kernel.ExpeditionID) (View, error) {
	x, _, err := s.enter(ctx, s.DB.Read(), id, Edit)
	if err != nil {
		return View{}, err
	}
	all, err := s.views(ctx, []Expedition{x})
	if err != nil {
		return View{}, err
	}
	return all[0], nil
}
