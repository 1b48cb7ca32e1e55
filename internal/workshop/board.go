package workshop

import (
	"context"
	"math"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/foresight"
	"digiwork/internal/platform/db"
)

// Board is what everybody at a table sees.
type Board struct {
	Table
	Seats   []Taken // a line a role, in the order of the table
	Ideas   []Idea
	Reveal  bool
	Play    Play // once it is revealed
	Written int  // seats that have entered something in this round
}

// Taken says how many play a role.
type Taken struct {
	Role  Role
	Seats int
	Names []string // where the table allows them
}

// Play is what the entries say, role by role.
type Play struct {
	Positions [][]Cell // role by stake
	Pressures [][]Cell // role by role
	Words     [][]string
	Result    *foresight.MactorResult // nil while too little was entered
}

// Cell is what the seats of a role entered: how many, their mean, and how far they lie
// apart.
type Cell struct {
	N        int
	Mean     float64
	Min, Max int
}

// Board is the table for whoever sits at it (key), leads it, or may read the
// expedition.
func (s *Service) Board(ctx context.Context, table, key string) (Board, error) {
	q := s.DB.Read()
	t, err := tableByID(ctx, q, table)
	if err != nil {
		return Board{}, err
	}
	seat := Seat{}
	if key != "" {
		seat, err = seatByKey(ctx, q, table, held(table, key))
		if err != nil && kernel.KindOf(err) != kernel.NotFound {
			return Board{}, err
		}
	}
	if seat.ID == "" && deskOf(ctx) == "" {
		if err := s.Expeditions.May(ctx, t.Expedition, read); err != nil {
			return Board{}, err
		}
	}
	return s.board(ctx, q, t, seat.ID)
}

func (s *Service) board(ctx context.Context, q db.Querier, t Table, seat string) (Board, error) {
	b := Board{Table: t, Reveal: t.Revealed()}
	seats, err := seatsOf(ctx, q, t.ID)
	if err != nil {
		return b, err
	}
	entries, err := entriesOf(ctx, q, t.ID)
	if err != nil {
		return b, err
	}
	if b.Ideas, err = ideasOf(ctx, q, t.ID, seat); err != nil {
		return b, err
	}
	for _, r := range t.Roles {
		line := Taken{Role: r}
		line.Role.Secret = "" // hers alone
		for _, at := range seats {
			if at.Role == r.ID {
				line.Seats++
				if at.Name != "" {
					line.Names = append(line.Names, at.Name)
				}
			}
		}
		b.Seats = append(b.Seats, line)
	}
	round, _ := t.Entering()
	wrote := map[string]bool{}
	for _, e := range entries {
		if e.Round == round {
			wrote[e.Seat] = true
		}
	}
	b.Written = len(wrote)
	if b.Reveal {
		b.Play = play(t, seats, entries)
	}
	return b, nil
}

// play gathers entries by role: of each seat the last round counts.
func play(t Table, seats []Seat, entries []Entry) Play {
	role := map[string]int{}
	at := map[string]int{}
	for i, r := range t.Roles {
		at[r.ID] = i
	}
	for _, s := range seats {
		role[s.ID] = at[s.Role]
	}
	stake := map[string]int{}
	for i, k := range t.Stakes {
		stake[k.ID] = i
	}
	type slot struct {
		seat   string
		kind   Kind
		target string
	}
	last := map[slot]Entry{}
	var order []slot
	for _, e := range entries { // by seat, kind, target and round
		k := slot{e.Seat, e.Kind, e.Target}
		if was, ok := last[k]; !ok {
			order = append(order, k)
			last[k] = e
		} else if e.Round > was.Round {
			last[k] = e
		}
	}
	p := Play{Positions: cells(len(t.Roles), len(t.Stakes)), Pressures: cells(len(t.Roles), len(t.Roles)), Words: make([][]string, len(t.Roles))}
	for _, k := range order {
		e := last[k]
		i := role[e.Seat]
		switch e.Kind {
		case Position:
			p.Positions[i][stake[e.Target]].add(e.Value)
		case Pressure:
			p.Pressures[i][at[e.Target]].add(e.Value)
		case Words:
			if e.Words != "" {
				p.Words[i] = append(p.Words[i], e.Words)
			}
		}
	}
	p.Result = analyse(t, p)
	return p
}

func cells(rows, columns int) [][]Cell {
	all := make([][]Cell, rows)
	for i := range all {
		all[i] = make([]Cell, columns)
	}
	return all
}

func (c *Cell) add(v int) {
	if c.N == 0 {
		c.Min, c.Max = v, v
	}
	c.Mean = (c.Mean*float64(c.N) + float64(v)) / float64(c.N+1)
	c.N++
	c.Min, c.Max = min(c.Min, v), max(c.Max, v)
}

// analyse runs MACTOR on the means of the roles; a cell nobody filled counts as 0. Nil
// while no role has said anything of another, or of a stake.
func analyse(t Table, p Play) *foresight.MactorResult {
	in := foresight.MactorInput{}
	some := [2]bool{}
	matrix := func(of [][]Cell, k int) [][]float64 {
		m := make([][]float64, len(of))
		for i := range of {
			m[i] = make([]float64, len(of[i]))
			for j, c := range of[i] {
				m[i][j] = c.Mean
				some[k] = some[k] || c.N > 0
			}
		}
		return m
	}
	in.MID, in.MAO = matrix(p.Pressures, 0), matrix(p.Positions, 1)
	if !some[0] || !some[1] {
		return nil
	}
	for _, r := range t.Roles {
		in.Actors = append(in.Actors, r.Title)
	}
	for _, k := range t.Stakes {
		in.Objectives = append(in.Objectives, k.Title)
	}
	out, err := foresight.MACTOR(in)
	if err != nil || math.IsNaN(out.R[0]) { // nobody presses on anybody yet
		return nil
	}
	return out
}

// Mine is what a seat sees of itself.
type Mine struct {
	Seat    Seat
	Role    Role // with its secret aim
	Entries map[Kind]map[string]Entry
}

// Mine gives the seat a key holds, and what it entered last. NotFound for a device that
// holds none.
func (s *Service) Mine(ctx context.Context, table, key string) (Table, Mine, error) {
	q := s.DB.Read()
	t, err := tableByID(ctx, q, table)
	if err != nil {
		return t, Mine{}, err
	}
	seat, err := seatByKey(ctx, q, table, held(table, key))
	if err != nil {
		return t, Mine{}, err
	}
	m := Mine{Seat: seat, Entries: map[Kind]map[string]Entry{Position: {}, Pressure: {}, Words: {}}}
	m.Role, _ = t.role(seat.Role)
	all, err := entriesOf(ctx, q, table)
	for _, e := range all {
		if e.Seat == seat.ID && e.Round >= m.Entries[e.Kind][e.Target].Round {
			m.Entries[e.Kind][e.Target] = e
		}
	}
	return t, m, err
}
