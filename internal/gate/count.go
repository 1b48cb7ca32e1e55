package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Count is a collective fact in the making: a circle asks its members to be counted,
// for a purpose and until an end. Each sees her own row first and says yes, no or
// nothing; nobody learns who said what. At the end, what may be published is, once,
// and what people gave is deleted.
type Count struct {
	ID         string
	Circle     kernel.CircleID
	CircleName string
	Purpose    string   // the circle's words, in clear
	Questions  []string // codes, of Questions
	Words      []string // the circle's, for the question about words
	Made       time.Time
	Until      time.Time
	State      string // one of the states below
	Settled    time.Time
	People     int // counted; zero unless published
	Tallies    []Tally

	Mine  string // what the actor said: "yes", "no" or nothing
	Keeps bool   // the actor is an owner of the circle
}

// The states of a count.
const (
	CountOpen      = "open"
	CountPublished = "published"
	CountShort     = "short"   // fewer than five people: nothing is published
	CountHeld      = "held"    // too close to an earlier one: nothing is published
	CountDropped   = "dropped" // given up by the circle
)

// Over reports whether the end has come.
func (c Count) Over(now time.Time) bool { return !now.Before(c.Until) }

// CountAsk is what an owner of a circle asks.
type CountAsk struct {
	Circle    kernel.CircleID
	Purpose   string
	Questions []string
	Words     []string
	Until     string
}

const (
	wordsMost    = 20
	wordMost     = 40
	countDays    = 90
	settleTries  = 4
	whoCount     = "count"   // in the journal: the addition itself
	whatCounted  = "counted" // in the journal: her row was added
	saidYes      = "yes"
	saidNo       = "no"
	countsListed = 100 // counts of one circle that are listed
)

var (
	errNoCount       = kernel.NewFault(kernel.NotFound, "gate.count.none")
	errNotKeeper     = kernel.NewFault(kernel.Forbidden, "gate.count.not_keeper")
	errCountOpen     = kernel.NewFault(kernel.Conflict, "gate.count.one_open")
	errCountOver     = kernel.NewFault(kernel.Conflict, "gate.count.over")
	errCountEarly    = kernel.NewFault(kernel.Conflict, "gate.count.early")
	errCountAsks     = kernel.NewFault(kernel.Invalid, "gate.count.questions").On("questions")
	errCountWords    = kernel.NewFault(kernel.Invalid, "gate.count.words").On("words")
	errCountLong     = kernel.NewFault(kernel.Invalid, "gate.count.until_long").On("until")
	errRowMoved      = kernel.NewFault(kernel.Conflict, "gate.count.row_moved").On("row")
	errCountPurpose  = kernel.NewFault(kernel.Invalid, "gate.count.purpose").On("purpose")
	errContributions = errors.New("gate: contributions changed while they were added up")
)

// OpenCount asks the members of a circle to be counted. What is asked does not change
// afterwards: people say yes to what they saw.
//
// NotFound for who is no member, Forbidden for who is no owner; Invalid with the member
// at fault; Conflict while another count of the circle is open.
func (s *Service) OpenCount(ctx context.Context, ask CountAsk) (Count, error) {
	if err := s.keeper(ctx, ask.Circle); err != nil {
		return Count{}, err
	}
	c, err := s.countAsked(ctx, ask)
	if err != nil {
		return Count{}, err
	}
	var made string
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return c.ID, insertCount(ctx, tx, c) })
		return err
	})
	if err != nil {
		return Count{}, err
	}
	return s.CountByID(ctx, made)
}

// countAsked checks what is asked.
func (s *Service) countAsked(ctx context.Context, ask CountAsk) (c Count, err error) {
	now := s.DB.Now()
	c = Count{ID: kernel.NewID[string]("cnt", now), Circle: ask.Circle, Purpose: strings.TrimSpace(ask.Purpose)}
	if c.Purpose == "" || utf8.RuneCountInString(c.Purpose) > purposeMost || strings.ContainsRune(c.Purpose, 0) {
		return c, errCountPurpose.With("max", purposeMost)
	}
	for _, q := range questions { // in their order, whatever that of the form
		if slices.Contains(ask.Questions, q.code) {
			c.Questions = append(c.Questions, q.code)
		}
	}
	if len(c.Questions) == 0 || slices.ContainsFunc(ask.Questions, func(code string) bool { _, ok := questionOf(code); return !ok }) {
		return c, errCountAsks
	}
	if slices.Contains(c.Questions, askWords) {
		if c.Words, err = countWords(ask.Words); err != nil {
			return c, err
		}
	}
	if c.Until, err = parseUntil(ask.Until, now, kernel.ActorFrom(ctx).Location()); err != nil {
		return c, err
	}
	if c.Until.After(now.AddDate(0, 0, countDays)) {
		return c, errCountLong.With("days", countDays)
	}
	return c, nil
}

// countWords checks the words a circle asks about, and keeps the first of equal ones.
func countWords(words []string) ([]string, error) {
	var all []string
	for _, w := range words {
		w = strings.Join(strings.Fields(w), " ")
		if w == "" || slices.ContainsFunc(all, func(o string) bool { return folded(o) == folded(w) }) {
			continue
		}
		if utf8.RuneCountInString(w) > wordMost || strings.ContainsRune(w, 0) {
			return nil, errCountWords.With("most", wordsMost, "max", wordMost)
		}
		all = append(all, w)
	}
	if len(all) == 0 || len(all) > wordsMost {
		return nil, errCountWords.With("most", wordsMost, "max", wordMost)
	}
	return all, nil
}

// keeper proves that the actor is an owner of a circle.
func (s *Service) keeper(ctx context.Context, circle kernel.CircleID) error {
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	in, err := s.Circles.Belongs(ctx, circle, p.Owner())
	if err != nil {
		return err
	}
	if !in {
		return errNoCount
	}
	owns, err := s.Circles.Owns(ctx, circle, p.Owner())
	if err != nil || owns {
		return err
	}
	return errNotKeeper
}

// CountByID is a count of a circle of the actor's.
//
// NotFound for anybody else.
func (s *Service) CountByID(ctx context.Context, id string) (Count, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return Count{}, err
	}
	c, err := countRow(ctx, s.DB.Read(), id)
	if err != nil {
		return Count{}, err
	}
	in, err := s.Circles.Belongs(ctx, c.Circle, p.Owner())
	if err != nil {
		return Count{}, err
	}
	if !in {
		return Count{}, errNoCount
	}
	all, err := s.forReader(ctx, p, []Count{c})
	if err != nil {
		return Count{}, err
	}
	return all[0], nil
}

// Counts lists the counts of the actor's circles, newest first; of one circle when it
// is named.
//
// NotFound for a circle she does not belong to.
func (s *Service) Counts(ctx context.Context, circle kernel.CircleID) ([]Count, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return nil, err
	}
	circles, err := s.Circles.CirclesOf(ctx, p.Owner())
	if err != nil {
		return nil, err
	}
	if circle != "" {
		if !slices.Contains(circles, circle) {
			return nil, errNoCount
		}
		circles = []kernel.CircleID{circle}
	}
	var all []Count
	for _, id := range circles {
		counts, err := countsOf(ctx, s.DB.Read(), id)
		if err != nil {
			return nil, err
		}
		all = append(all, counts...)
	}
	slices.SortFunc(all, func(a, b Count) int { return strings.Compare(b.ID, a.ID) })
	return s.forReader(ctx, p, all)
}

// forReader adds what the actor said, the names of circles and whether she keeps them.
func (s *Service) forReader(ctx context.Context, p Pass, counts []Count) ([]Count, error) {
	owner, err := p.own()
	if err != nil {
		return nil, err
	}
	given, err := contributionsOf(ctx, s.DB.Read(), owner)
	if err != nil {
		return nil, err
	}
	var circles []kernel.CircleID
	keeps := map[kernel.CircleID]bool{}
	for _, c := range counts {
		if _, ok := keeps[c.Circle]; ok {
			continue
		}
		circles = append(circles, c.Circle)
		if keeps[c.Circle], err = s.Circles.Owns(ctx, c.Circle, owner); err != nil {
			return nil, err
		}
	}
	names, err := s.Circles.CircleNames(ctx, circles)
	if err != nil {
		return nil, err
	}
	for i := range counts {
		c := &counts[i]
		c.CircleName, c.Keeps = names[c.Circle], keeps[c.Circle]
		if g, ok := given[c.ID]; ok {
			said, err := s.openContribution(ctx, g)
			if err != nil {
				return nil, err
			}
			c.Mine = said.Said
		}
	}
	return counts, nil
}

// MyRow is exactly what a count would take of the actor, made from her musette now, and
// its fingerprint for Answer.
func (s *Service) MyRow(ctx context.Context, c Count) (Row, string, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return nil, "", err
	}
	m, err := s.all(ctx, p.Owner())
	if err != nil {
		return nil, "", err
	}
	var views []View
	for _, items := range m.rooms {
		for _, it := range items {
			views = append(views, it.View)
		}
	}
	today, err := time.Parse(time.DateOnly, s.DB.Now().In(kernel.ActorFrom(ctx).Location()).Format(time.DateOnly))
	if err != nil {
		return nil, "", err
	}
	row := rowOf(views, c.Questions, c.Words, today)
	return row, row.print(), nil
}

// contribution is what a person said of one count, sealed under her own key.
type contribution struct {
	Said string `cbor:"1,keyasint"`
	Row  Row    `cbor:"2,keyasint,omitempty"`
}

// Answer keeps what the actor says of a count until its end: yes gives her row as she
// saw it (seen is its fingerprint), no gives nothing. The last word counts.
//
// Conflict when her row is not the one she saw any more, or the end has come.
func (s *Service) Answer(ctx context.Context, id string, yes bool, seen string) error {
	c, err := s.CountByID(ctx, id)
	if err != nil {
		return err
	}
	if c.State != CountOpen || c.Over(s.DB.Now()) {
		return errCountOver
	}
	said := contribution{Said: saidNo}
	if yes {
		row, print, err := s.MyRow(ctx, c)
		if err != nil {
			return err
		}
		if print != seen {
			return errRowMoved
		}
		said = contribution{Said: saidYes, Row: row}
	}
	owner := kernel.ActorFrom(ctx).Person
	key, err := s.key(ctx, owner)
	if err != nil {
		return err
	}
	raw, err := encoding.Marshal(said)
	if err != nil {
		return err
	}
	sealed := key.Seal(contributionPlace(owner, id), raw)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			now, err := countRow(ctx, tx, id)
			if err != nil {
				return "", err
			}
			if now.State != CountOpen || now.Over(tx.Now) {
				return "", errCountOver
			}
			return id, putContribution(ctx, tx, contributionRecord{owner: owner, count: id, sealed: sealed})
		})
		return err
	})
}

// TakeBack forgets what the actor said, until publication. Doing it twice is harmless.
//
// Conflict once the count was published: what was added up cannot be taken out.
func (s *Service) TakeBack(ctx context.Context, id string) error {
	c, err := s.CountByID(ctx, id)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			now, err := countRow(ctx, tx, c.ID)
			if err != nil {
				return "", err
			}
			if now.State != CountOpen {
				return "", errCountOver
			}
			return id, deleteContribution(ctx, tx, kernel.ActorFrom(ctx).Person, id)
		})
		return err
	})
}

// DropCount gives an open count up: what people said is deleted, nothing is published.
//
// Forbidden for who is no owner of the circle.
func (s *Service) DropCount(ctx context.Context, id string) error {
	c, err := s.CountByID(ctx, id)
	if err != nil {
		return err
	}
	if !c.Keeps {
		return errNotKeeper
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			if err := settleCount(ctx, tx, Count{ID: id, State: CountDropped}, ""); err != nil {
				return "", err
			}
			return id, deleteContributions(ctx, tx, id)
		})
		return err
	})
}

func contributionPlace(owner kernel.PersonID, count string) string {
	return "count\x00" + string(owner) + "\x00" + count
}

func (s *Service) openContribution(ctx context.Context, r contributionRecord) (c contribution, err error) {
	key, err := s.key(ctx, r.owner)
	if err != nil {
		return c, err
	}
	raw, err := key.Open(contributionPlace(r.owner, r.count), r.sealed)
	if err != nil {
		return c, fmt.Errorf("contribution to %s: %w", r.count, err)
	}
	return c, decoding.Unmarshal(raw, &c)
}

// marshalTallies writes what is published.
func marshalTallies(all []Tally) (string, error) {
	raw, err := json.Marshal(all)
	return string(raw), err
}
