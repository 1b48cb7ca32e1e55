package circle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Kind says what a circle is.
type Kind string

// The kinds.
const (
	Guild        Kind = "guild"
	Organisation Kind = "organisation"
	Team         Kind = "team"
	Territory    Kind = "territory"
	Jury         Kind = "jury"
	Expedition   Kind = "expedition"
)

// Kinds are all kinds, in the order in which they are offered.
var Kinds = []Kind{Team, Organisation, Guild, Territory, Jury, Expedition}

const (
	maxName = 120 // characters

	mostCircles = 200 // that one person belongs to
)

// Circle is a collective.
type Circle struct {
	ID      kernel.CircleID
	Name    string
	Kind    Kind
	Version int64
	MadeAt  time.Time
}

var (
	errNoCircle    = kernel.NewFault(kernel.NotFound, "circle.not_found")
	errNameMissing = kernel.NewFault(kernel.Invalid, "circle.name.missing").On("name")
	errNameLong    = kernel.NewFault(kernel.Invalid, "circle.name.long").With("max", maxName).On("name")
	errNameLine    = kernel.NewFault(kernel.Invalid, "circle.name.line").On("name")
	errKind        = kernel.NewFault(kernel.Invalid, "circle.kind.form").On("kind")
	errStale       = kernel.NewFault(kernel.Conflict, "circle.stale")
	errCircles     = kernel.NewFault(kernel.TooMany, "circle.too_many").With("max", mostCircles)
)

// cleanName is a name as it is kept: one line, single spaces.
func cleanName(typed string) (string, error) {
	if strings.ContainsFunc(typed, func(c rune) bool { return unicode.IsControl(c) && !unicode.IsSpace(c) }) {
		return "", errNameLine
	}
	name := strings.Join(strings.Fields(typed), " ")
	switch {
	case name == "":
		return "", errNameMissing
	case utf8.RuneCountInString(name) > maxName:
		return "", errNameLong
	}
	return name, nil
}

// View is a circle as one of its members sees it.
type View struct {
	Circle
	Role    Role // the actor's own
	Members int
	Owners  int
}

// Create makes a circle whose first owner is the actor.
//
// Invalid on "name" or "kind"; TooMany beyond what one person may belong to.
func (s *Service) Create(ctx context.Context, name string, kind Kind) (View, error) {
	a, err := may(ctx, "write")
	if err != nil {
		return View{}, err
	}
	if name, err = cleanName(name); err != nil {
		return View{}, err
	}
	if !slices.Contains(Kinds, kind) {
		return View{}, errKind
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := roomForOneMore(ctx, tx, a.Person); err != nil {
			return "", err
		}
		c := Circle{ID: kernel.NewID[kernel.CircleID]("cir", tx.Now), Name: name, Kind: kind, Version: 1, MadeAt: tx.Now}
		if err := insertCircle(ctx, tx, c); err != nil {
			return "", fmt.Errorf("make circle: %w", err)
		}
		return string(c.ID), insertMember(ctx, tx, Member{c.ID, a.Person, Owner, tx.Now})
	})
	if err != nil {
		return View{}, err
	}
	return s.show(ctx, kernel.CircleID(made), a.Person)
}

func roomForOneMore(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	n, err := countCirclesOf(ctx, tx, person)
	if err == nil && n >= mostCircles {
		err = errCircles
	}
	return err
}

// Rename gives the circle another name, if nobody changed it meanwhile.
//
// NotFound for who does not belong; Forbidden for who is not an owner; Conflict if
// version is not the current one; Invalid on "name".
func (s *Service) Rename(ctx context.Context, id kernel.CircleID, version int64, name string) (View, error) {
	a, err := may(ctx, "write")
	if err != nil {
		return View{}, err
	}
	clean, invalid := cleanName(name)
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, err := ownedBy(ctx, tx, id, a.Person); err != nil {
			return "", err
		}
		if invalid != nil {
			return "", invalid // said to who may rename, so that a stranger learns nothing
		}
		return string(id), renameCircle(ctx, tx, id, version, clean)
	})
	if err != nil {
		return View{}, err
	}
	return s.show(ctx, id, a.Person)
}

// Show gives a circle to one of its members. NotFound for anybody else.
func (s *Service) Show(ctx context.Context, id kernel.CircleID) (View, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return View{}, err
	}
	return s.show(ctx, id, a.Person)
}

func (s *Service) show(ctx context.Context, id kernel.CircleID, person kernel.PersonID) (View, error) {
	m, err := memberOf(ctx, s.DB.Read(), id, person)
	if err != nil {
		return View{}, err
	}
	c, err := circleByID(ctx, s.DB.Read(), id)
	if err != nil {
		return View{}, err
	}
	n, err := countMembers(ctx, s.DB.Read(), id)
	return View{Circle: c, Role: m.Role, Members: n.members, Owners: n.owners}, err
}

// Current is Show for who may change a circle but perhaps not read others: what is
// told beside a stale version.
func (s *Service) Current(ctx context.Context, id kernel.CircleID) (View, error) {
	a, err := may(ctx, "write")
	if err != nil {
		return View{}, err
	}
	return s.show(ctx, id, a.Person)
}

// Mine lists the circles of the actor, oldest first, at most limit after cursor.
// next is empty at the end.
func (s *Service) Mine(ctx context.Context, cursor string, limit int) (views []View, next string, err error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, "", err
	}
	all, err := circlesOf(ctx, s.DB.Read(), a.Person, kernel.CircleID(cursor), limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(all) > limit {
		all, next = all[:limit], string(all[limit-1].ID)
	}
	ids := make([]kernel.CircleID, len(all))
	for i, v := range all {
		ids[i] = v.ID
	}
	counts, err := countEach(ctx, s.DB.Read(), ids)
	for i, v := range all {
		all[i].Members, all[i].Owners = counts[v.ID].members, counts[v.ID].owners
	}
	return all, next, err
}

// do runs f in a transaction, once for the idempotency key of the request, and
// gives the id of what it made or changed.
func (s *Service) do(ctx context.Context, f func(tx *db.Tx) (string, error)) (made string, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return f(tx) })
		return err
	})
	return made, err
}
