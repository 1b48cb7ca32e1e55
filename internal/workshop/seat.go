package workshop

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Seat is a part somebody plays. Which device holds it is known by the digest of a
// key, until the table closes.
type Seat struct {
	ID    string
	Role  string
	Name  string // typed by who sits there, where the table allows names
	Paper bool   // typed back by whoever leads
}

// Kind of an entry.
type Kind string

// The kinds.
const (
	Position Kind = "position" // on a stake, -4 against to +4 for
	Pressure Kind = "pressure" // on another role, 0 none to 4 its existence
	Words    Kind = "words"    // "as a nurse I…"
)

// Entry is something a seat entered. A seat's last round counts.
type Entry struct {
	Seat   string
	Round  int
	Kind   Kind
	Target string // id of a stake or a role; empty for words
	Value  int
	Words  string
}

const (
	mostPosition = 4
	mostPressure = 4
)

var (
	errRole     = kernel.NewFault(kernel.Invalid, "workshop.role").On("role")
	errFull     = kernel.NewFault(kernel.TooMany, "workshop.full").With("max", mostSeats)
	errSeatName = kernel.NewFault(kernel.Invalid, "workshop.seat_name").On("seat_name")
	errNoSeat   = kernel.NewFault(kernel.NotFound, "workshop.no_seat")
	errNotNow   = kernel.NewFault(kernel.Conflict, "workshop.not_now")
	errValue    = kernel.NewFault(kernel.Invalid, "workshop.value")
	errWords    = kernel.NewFault(kernel.Invalid, "workshop.words").On("words").With("max", mostWords)
	errIdea     = kernel.NewFault(kernel.Invalid, "workshop.idea").On("idea").With("max", mostWords)
	errIdeas    = kernel.NewFault(kernel.TooMany, "workshop.ideas").With("max", mostIdeas)
	errNoIdea   = kernel.NewFault(kernel.NotFound, "workshop.no_idea")
)

// NewKey is a key for a device: it holds the seats of one browser.
func NewKey() string { return rand.Text() }

// held is the digest under which a key is known at one table only: two tables cannot
// tell that one device sat at both.
func held(table, key string) string { return digest(table + "\x00" + key) }

// seatID says nothing of when somebody sat down.
func seatID() string { return "sea_" + strings.ToLower(rand.Text()) }

// Sit takes a seat in a role, or changes the role of the seat the key holds, as long as
// it has entered nothing.
func (s *Service) Sit(ctx context.Context, table, key, role, name string) error {
	name = strings.Join(strings.Fields(name), " ")
	if utf8.RuneCountInString(name) > 60 {
		return errSeatName
	}
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := tableByID(ctx, tx, table)
		if err != nil {
			return "", err
		}
		if t.Phase == Closed {
			return "", errClosed
		}
		if _, ok := t.role(role); !ok {
			return "", errRole
		}
		if !t.Named {
			name = ""
		}
		seat, err := seatByKey(ctx, tx, table, held(table, key))
		if err == nil {
			if err := clearEntries(ctx, tx, table, seat.ID, seat.Role, role); err != nil {
				return "", err
			}
			return seat.ID, moveSeat(ctx, tx, table, seat.ID, role, name)
		}
		if kernel.KindOf(err) != kernel.NotFound {
			return "", err
		}
		return s.addSeat(ctx, tx, t, Seat{Role: role, Name: name}, held(table, key))
	})
	return err
}

func (s *Service) addSeat(ctx context.Context, tx *db.Tx, t Table, seat Seat, key string) (string, error) {
	n, err := countSeats(ctx, tx, t.ID)
	if err != nil {
		return "", err
	}
	if n >= mostSeats {
		return "", errFull
	}
	seat.ID = seatID()
	return seat.ID, insertSeat(ctx, tx, t.ID, seat, key)
}

// Enter writes what a seat enters, in the round the table is in. Entries it does not
// name stay as they were.
func (s *Service) Enter(ctx context.Context, table, key string, entries []Entry) error {
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := tableByID(ctx, tx, table)
		if err != nil {
			return "", err
		}
		round, ok := t.Entering()
		if !ok {
			return "", errNotNow
		}
		seat, err := seatByKey(ctx, tx, table, held(table, key))
		if err != nil {
			return "", err
		}
		return seat.ID, writeEntries(ctx, tx, t, seat, round, entries)
	})
	return err
}

// EnterPaper types back a sheet of paper: a seat nobody's device holds.
func (s *Service) EnterPaper(ctx context.Context, id kernel.ExpeditionID, table, role string, entries []Entry) error {
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := s.change(ctx, tx, id, table)
		if err != nil {
			return "", err
		}
		if _, ok := t.role(role); !ok {
			return "", errRole
		}
		round, ok := t.Entering()
		if !ok {
			round = 1
		}
		made, err := s.addSeat(ctx, tx, t, Seat{Role: role, Paper: true}, "")
		if err != nil {
			return "", err
		}
		return made, writeEntries(ctx, tx, t, Seat{ID: made, Role: role}, round, entries)
	})
	return err
}

func writeEntries(ctx context.Context, tx *db.Tx, t Table, seat Seat, round int, entries []Entry) error {
	for _, e := range entries {
		if err := e.check(t, seat); err != nil {
			return err
		}
		e.Seat, e.Round = seat.ID, round
		if err := putEntry(ctx, tx, t.ID, e); err != nil {
			return err
		}
	}
	return nil
}

// check finds what is wrong with an entry of a seat.
func (e *Entry) check(t Table, seat Seat) error {
	switch e.Kind {
	case Position:
		if e.Value < -mostPosition || e.Value > mostPosition || !slices.ContainsFunc(t.Stakes, func(k Stake) bool { return k.ID == e.Target }) {
			return errValue.On("position." + e.Target)
		}
	case Pressure:
		if _, ok := t.role(e.Target); !ok || e.Target == seat.Role || e.Value < 0 || e.Value > mostPressure {
			return errValue.On("pressure." + e.Target)
		}
	case Words:
		e.Words, e.Target = strings.TrimSpace(e.Words), ""
		if utf8.RuneCountInString(e.Words) > mostWords {
			return errWords
		}
	default:
		return errValue
	}
	return nil
}

// Forget removes the seat a key holds, with all it entered, until the table closes.
func (s *Service) Forget(ctx context.Context, table, key string) error {
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		seat, err := seatByKey(ctx, tx, table, held(table, key))
		if err != nil {
			return "", err
		}
		return seat.ID, deleteSeat(ctx, tx, table, seat.ID)
	})
	return err
}

// Idea is a tension the table keeps, in its own words.
type Idea struct {
	ID    string
	Words string
	Dots  int
	Card  string // id of the tension in the expedition, once it is there
	Mine  bool   // the seat that looks has put a dot on it
}

// Keep writes an idea down. Whoever leads may, and any seat once all is revealed.
func (s *Service) Keep(ctx context.Context, table, key, words string) error {
	words = strings.Join(strings.Fields(words), " ")
	if words == "" || utf8.RuneCountInString(words) > mostWords {
		return errIdea
	}
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := tableByID(ctx, tx, table)
		switch {
		case err != nil:
			return "", err
		case t.Phase == Closed:
			return "", errClosed
		}
		if _, err := seatByKey(ctx, tx, table, held(table, key)); err != nil || !t.Revealed() {
			if _, err := s.lead(ctx, tx, t.Expedition, table); err != nil {
				return "", errNotNow.Because(err)
			}
		}
		n, err := countIdeas(ctx, tx, table)
		if err != nil {
			return "", err
		}
		if n >= mostIdeas {
			return "", errIdeas
		}
		id := "ide_" + strings.ToLower(rand.Text())
		return id, insertIdea(ctx, tx, table, id, n, words)
	})
	return err
}

// Dot puts the dot of a seat on an idea, or takes it back.
func (s *Service) Dot(ctx context.Context, table, key, idea string, on bool) error {
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := tableByID(ctx, tx, table)
		switch {
		case err != nil:
			return "", err
		case t.Phase == Closed:
			return "", errClosed
		}
		seat, err := seatByKey(ctx, tx, table, held(table, key))
		if err != nil {
			return "", err
		}
		if on {
			return idea, insertDot(ctx, tx, table, idea, seat.ID)
		}
		return idea, deleteDot(ctx, tx, table, idea, seat.ID)
	})
	return err
}

// Carry gives an idea to the expedition as a tension, seen at this table.
func (s *Service) Carry(ctx context.Context, id kernel.ExpeditionID, table, idea string) error {
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := s.lead(ctx, tx, id, table)
		if err != nil {
			return "", err
		}
		ideas, err := ideasOf(ctx, tx, table, "")
		if err != nil {
			return "", err
		}
		i := slices.IndexFunc(ideas, func(d Idea) bool { return d.ID == idea })
		if i < 0 {
			return "", errNoIdea
		}
		if ideas[i].Card != "" {
			return ideas[i].Card, nil
		}
		card, err := s.Expeditions.KeepTension(ctx, tx, id, table, t.Scenario, ideas[i].Words)
		if err != nil {
			return "", err
		}
		return card, setCard(ctx, tx, table, idea, card)
	})
	return err
}
