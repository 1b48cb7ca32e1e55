package workshop

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Named gives tables by their ids, or all for nil. The caller has checked that the
// actor may read.
func (s *Service) Named(ctx context.Context, id kernel.ExpeditionID, ids []string) ([]Table, error) {
	all, err := tablesOf(ctx, s.DB.Read(), id)
	if ids == nil {
		return all, err
	}
	return slices.DeleteFunc(all, func(t Table) bool { return !slices.Contains(ids, t.ID) }), err
}

// Shown are the tables that were revealed, oldest first. The caller has checked that
// the actor may read.
func (s *Service) Shown(ctx context.Context, id kernel.ExpeditionID) ([]Board, error) {
	all, err := tablesOf(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	var out []Board
	for _, t := range all {
		if !t.Revealed() {
			continue
		}
		b, err := s.board(ctx, s.DB.Read(), t, "")
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// parcel is a table in the file of an expedition: once revealed, with its entries by
// seat, which nothing ties to a device; names are not in it.
type parcel struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Scenario string  `json:"scenario,omitempty"`
	Roles    []Role  `json:"roles"`
	Stakes   []Stake `json:"stakes"`
	Script   []Step  `json:"script,omitempty"`
	Minutes  string  `json:"minutes,omitempty"`
	Seats    []sheet `json:"seats,omitempty"`
	Ideas    []kept  `json:"ideas,omitempty"`
}

type sheet struct {
	Role    string  `json:"role"`
	Entries []entry `json:"entries"`
}

type entry struct {
	Round  int    `json:"round"`
	Kind   Kind   `json:"kind"`
	Target string `json:"target,omitempty"`
	Value  int    `json:"value,omitempty"`
	Words  string `json:"words,omitempty"`
}

type kept struct {
	Words string `json:"words"`
	Card  string `json:"card,omitempty"`
}

// Export is what the file of an expedition holds of its tables; nil for none.
func (s *Service) Export(ctx context.Context, id kernel.ExpeditionID) (json.RawMessage, error) {
	all, err := tablesOf(ctx, s.DB.Read(), id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	slices.Reverse(all)
	var out []parcel
	for _, t := range all {
		p := parcel{ID: t.ID, Name: t.Name, Scenario: t.Scenario, Roles: t.Roles, Stakes: t.Stakes, Script: t.Script, Minutes: t.Minutes}
		if t.Revealed() {
			if p.Seats, err = s.sheets(ctx, t); err != nil {
				return nil, err
			}
		}
		ideas, err := ideasOf(ctx, s.DB.Read(), t.ID, "")
		if err != nil {
			return nil, err
		}
		for _, d := range ideas {
			p.Ideas = append(p.Ideas, kept{d.Words, d.Card})
		}
		out = append(out, p)
	}
	return json.Marshal(out)
}

// sheets are the entries of a table, seat by seat, in an order that says nothing.
func (s *Service) sheets(ctx context.Context, t Table) ([]sheet, error) {
	seats, err := seatsOf(ctx, s.DB.Read(), t.ID)
	if err != nil {
		return nil, err
	}
	entries, err := entriesOf(ctx, s.DB.Read(), t.ID)
	if err != nil {
		return nil, err
	}
	var out []sheet
	for _, seat := range seats {
		one := sheet{Role: seat.Role, Entries: []entry{}}
		for _, e := range entries {
			if e.Seat == seat.ID {
				one.Entries = append(one.Entries, entry{e.Round, e.Kind, e.Target, e.Value, e.Words})
			}
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b sheet) int { return strings.Compare(sorted(a), sorted(b)) })
	return out, nil
}

func sorted(s sheet) string {
	raw, err := json.Marshal(s)
	if err != nil {
		return s.Role // cannot be: texts and numbers
	}
	return string(raw)
}

// Import takes back what Export gave: tables that are over.
func (s *Service) Import(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, raw json.RawMessage) error {
	var all []parcel
	if err := json.Unmarshal(raw, &all); err != nil {
		return errValue.Because(err)
	}
	if len(all) > mostTables {
		return errMany
	}
	for _, p := range all {
		t := Table{
			ID: kernel.NewID[string]("tbl", tx.Now), Expedition: id, Name: p.Name, Scenario: p.Scenario, Roles: p.Roles, Stakes: p.Stakes, Script: p.Script,
			Minutes: p.Minutes, Phase: Closed, Since: tx.Now, Version: 1,
		}
		if _, err := tableByID(ctx, tx, p.ID); kernel.KindOf(err) == kernel.NotFound {
			t.ID = p.ID // ids stay where nothing else here has them
		}
		if len(p.Seats) > mostSeats || len(p.Ideas) > mostIdeas || len(p.Roles) > mostRoles || len(p.Stakes) > mostStakes {
			return errMany
		}
		if err := insertTable(ctx, tx, t); err != nil {
			return err
		}
		for _, one := range p.Seats {
			seat, err := s.addSeat(ctx, tx, t, Seat{Role: one.Role, Paper: true}, "")
			if err != nil {
				return err
			}
			for _, e := range one.Entries {
				if err := writeEntries(ctx, tx, t, Seat{ID: seat, Role: one.Role}, e.Round, []Entry{{Kind: e.Kind, Target: e.Target, Value: e.Value, Words: e.Words}}); err != nil {
					return err
				}
			}
		}
		for i, d := range p.Ideas {
			idea := "ide_" + strings.TrimPrefix(seatID(), "sea_")
			if err := insertIdea(ctx, tx, t.ID, idea, i, d.Words); err != nil {
				return err
			}
			if err := setCard(ctx, tx, t.ID, idea, d.Card); err != nil {
				return err
			}
		}
	}
	return nil
}
