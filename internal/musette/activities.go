package musette

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// AddActivity keeps what a person says of an activity.
//
// Invalid with every field at fault; TooMany beyond her quota.
func (s *Service) AddActivity(ctx context.Context, c Content) (*Activity, error) {
	if err := c.Check(false); err != nil {
		return nil, err
	}
	it, err := c.item(kernel.NewID[kernel.ItemID](activityPrefix, s.DB.Now()), 0, declared)
	if err != nil {
		return nil, err
	}
	made, err := s.put(ctx, it)
	if err != nil {
		return nil, err
	}
	return activityOf(&made)
}

// AddActivities keeps several activities at once, all or none. The faults of the
// n-th are those of Check, each field preceded by its number: "2.title".
func (s *Service) AddActivities(ctx context.Context, all []Content) error {
	items := make([]gate.Item, len(all))
	var wrong []error
	for i := range all {
		wrong = append(wrong, numbered(i+1, all[i].Check(false)))
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	for i := range all {
		var err error
		if items[i], err = all[i].item(kernel.NewID[kernel.ItemID](activityPrefix, s.DB.Now()), 0, declared); err != nil {
			return err
		}
	}
	_, err := s.put(ctx, items...)
	return err
}

// numbered points the faults of the n-th of several at its own fields.
func numbered(n int, err error) error {
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // what Check joined, and nothing else
	if !ok {
		return err
	}
	var all []error
	for _, e := range joined.Unwrap() {
		if f, ok := errors.AsType[*kernel.Fault](e); ok {
			e = f.On(strconv.Itoa(n) + "." + f.Field)
		}
		all = append(all, e)
	}
	return errors.Join(all...)
}

// declared is the provenance of what a person says herself.
var declared = gate.Provenance{Source: gate.Declared}

// Activity opens one activity of the actor. NotFound if she has none with this id.
func (s *Service) Activity(ctx context.Context, id kernel.ItemID) (*Activity, error) {
	if !has(id, activityPrefix) {
		return nil, errNoItem
	}
	it, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	return activityOf(&it)
}

// ReviseActivity replaces version of an activity by what she says now. What it was
// stays in its history. An activity whose start was unknown may stay so.
//
// Invalid with every field at fault; Conflict if another version is there.
func (s *Service) ReviseActivity(ctx context.Context, id kernel.ItemID, version int64, c Content) (*Activity, error) {
	was, err := s.Activity(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := c.Check(was.Start == ""); err != nil {
		return nil, err
	}
	it, err := c.item(id, version, revised(was.Provenance))
	if err != nil {
		return nil, err
	}
	it.View.Facts = was.Returned
	now, err := s.put(ctx, it)
	if err != nil {
		return nil, err
	}
	return activityOf(&now)
}

// revised is where an item comes from once its owner has changed it. What others
// attested was the words they saw.
func revised(p gate.Provenance) gate.Provenance {
	if p.Source == gate.Attested {
		return gate.Provenance{Source: gate.Declared}
	}
	return p
}

// RemoveActivity deletes an activity and its history; with pieces, its evidence too,
// which otherwise stays among her pieces. version 0 deletes whatever is there.
//
// NotFound if there is none; Conflict if another version is there.
func (s *Service) RemoveActivity(ctx context.Context, id kernel.ItemID, version int64, withPieces bool) error {
	if !has(id, activityPrefix) {
		return errNoItem
	}
	if !withPieces {
		return s.remove(ctx, nothing, versioned{id, version})
	}
	pieces, err := s.PiecesOf(ctx, id)
	if err != nil {
		return err
	}
	return s.removePieces(ctx, pieces, versioned{id, version})
}

// Activities lists the activities of the actor, newest first: at most limit of them,
// from where cursor says. next is the cursor of what follows, "" at the end.
//
// Invalid if the cursor is not one of ours.
func (s *Service) Activities(ctx context.Context, cursor string, limit int) (page []*Activity, next string, err error) {
	after, err := s.place(cursor)
	if err != nil {
		return nil, "", err
	}
	all, err := s.sorted(ctx)
	if err != nil {
		return nil, "", err
	}
	from := 0
	if after != nil {
		from = following(all, after)
	}
	page = all[from:min(len(all), from+limit)]
	if from+limit < len(all) {
		next = s.cursor(page[len(page)-1])
	}
	return page, next, nil
}

// following is where, in a sorted list, what comes after a begins, whether or not a
// is in the list.
func following(all []*Activity, a *Activity) int {
	n, _ := slices.BinarySearchFunc(all, a, func(b, a *Activity) int {
		if newerFirst(b, a) <= 0 {
			return -1
		}
		return 1
	})
	return n
}

// sorted is every activity of the actor, newest first. The activities are shared
// between requests: they are read, never changed.
func (s *Service) sorted(ctx context.Context) ([]*Activity, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	return activitiesAmong(items)
}

// activitiesAmong finds the activities of a list and sorts them.
func activitiesAmong(items []gate.Item) ([]*Activity, error) {
	all := make([]*Activity, 0, len(items))
	for i := range items {
		if !has(items[i].ID, activityPrefix) {
			continue
		}
		a, err := shared(&items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	slices.SortFunc(all, newerFirst)
	return all, nil
}

// shared reads an activity once for as long as its item stays in memory.
func shared(it *gate.Item) (*Activity, error) {
	r, ok := it.Memo(func() any {
		a, err := activityOf(it)
		return read{a, err}
	}).(read)
	if !ok {
		return activityOf(it)
	}
	return r.activity, r.err
}

// read is what is remembered of an item.
type read struct {
	activity *Activity
	err      error
}

var errCursor = kernel.NewFault(kernel.Invalid, "musette.cursor").On("cursor")

const cursorPurpose = "musette.cursor"

// cursor names the place right after a, whether or not a is still there then. It is
// sealed: an address holds nothing of what a person wrote.
func (s *Service) cursor(a *Activity) string {
	return base64.RawURLEncoding.EncodeToString(s.Gate.Keys.SealText(cursorPurpose, []byte(string(a.Start)+" "+string(a.ID))))
}

// place reads a cursor; nil is the beginning.
func (s *Service) place(cursor string) (*Activity, error) {
	if cursor == "" {
		return nil, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, errCursor.Because(err)
	}
	plain, err := s.Gate.Keys.OpenText(cursorPurpose, sealed)
	if err != nil {
		return nil, errCursor.Because(err)
	}
	start, id, ok := strings.Cut(string(plain), " ")
	if !ok {
		return nil, errCursor
	}
	return &Activity{ID: kernel.ItemID(id), start: max(0, ordinal(kernel.Date(start)))}, nil
}
