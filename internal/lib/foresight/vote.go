package foresight

import "slices"

// Bounds of votes.
const (
	maxOptions = 500
	maxGrades  = 20
	maxBallots = 100_000_000
)

// Standing is the place of an option.
type Standing struct {
	Option int
	Place  int  // from 1; options that only the draw separates still have places of their own
	Drawn  bool // the draw separated it from a neighbour
}

// MajorityVote is a count of grades.
//
// Counts[o][g] is how many ballots gave grade g to option o; grade 0 is the
// worst. Ballots is how many were cast: an option that a ballot left out gets the
// worst grade, as the method requires every option to be judged by all.
type MajorityVote struct {
	Options []string
	Grades  int
	Counts  [][]int
	Ballots int
	Seed    string // published; breaks ties that the grades leave
}

// MajorityOutcome ranks options by their grades.
type MajorityOutcome struct {
	Counts  [][]int // with the grades of ballots that left an option out
	Grade   []int   // per option: the majority grade, the lower median
	Ranking []Standing
}

// MajorityJudgement ranks options by majority judgement. The majority grade is
// the highest grade that more than half of the ballots agree to give at least (the
// lower median). Options with the same one are compared by taking that grade out
// once from each and looking again, until they differ. What is left, options with
// the very same counts, is drawn by lot (see Seed), reproducibly.
//
// Source: M. Balinski and R. Laraki, Majority Judgment (MIT Press, 2010), ch. 1
// and 12.
func MajorityJudgement(v MajorityVote) (*MajorityOutcome, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	o := &MajorityOutcome{}
	for _, row := range v.Counts {
		full := append([]int(nil), row...)
		given := 0
		for _, n := range row {
			given += n
		}
		full[0] += v.Ballots - given
		o.Counts = append(o.Counts, full)
		o.Grade = append(o.Grade, gradeAt(full, (v.Ballots-1)/2))
	}
	o.Ranking = stand(len(v.Options),
		func(a, b int) int { return compareGrades(o.Counts[a], o.Counts[b], v.Ballots) },
		func(a, b int) int { return drawn(v.Seed, v.Options[a], v.Options[b]) })
	return o, nil
}

func (v MajorityVote) check() error {
	if err := checkOptions(v.Options); err != nil {
		return err
	}
	if v.Grades < 2 || v.Grades > maxGrades {
		return refuse("grades", "foresight.vote.grades", "got", v.Grades, "max", maxGrades)
	}
	if v.Ballots < 1 || v.Ballots > maxBallots {
		return refuse("ballots", "foresight.vote.ballots", "got", v.Ballots, "max", maxBallots)
	}
	if len(v.Counts) != len(v.Options) {
		return refuse("counts", "foresight.grid.rows", "got", len(v.Counts), "want", len(v.Options))
	}
	for i, row := range v.Counts {
		wrong := &InputError{Key: "foresight.vote.counts", Field: "counts", Row: i + 1,
			Args: []any{"row_name", v.Options[i], "grades", v.Grades, "ballots", v.Ballots}}
		if len(row) != v.Grades {
			return wrong
		}
		total := 0
		for _, n := range row {
			if n < 0 || n > v.Ballots-total {
				return wrong
			}
			total += n
		}
	}
	return nil
}

// gradeAt is the grade at a place, from 0, of all grades sorted from the worst.
func gradeAt(counts []int, place int) int {
	g, _, _ := runAt(counts, place)
	return g
}

// runAt is the grade at a place, and between which places that grade runs.
func runAt(counts []int, place int) (grade, first, last int) {
	for g, n := range counts {
		if place < first+n {
			return g, first, first + n - 1
		}
		first += n
	}
	return len(counts) - 1, first, first
}

// compareGrades is negative when a stands before b. Of n sorted grades the lower
// median is at m = (n-1)/2; taking it out again and again visits m, then m-1, m+1,
// m-2, m+2, … when n is odd, and m, m+1, m-1, m+2, m-2, … when n is even. Runs of
// the same grade are stepped over at once.
func compareGrades(a, b []int, n int) int {
	m := (n - 1) / 2
	if x, y := gradeAt(a, m), gradeAt(b, m); x != y {
		return y - x
	}
	down, up := -1, 1
	if n%2 == 0 {
		down, up = up, down
	}
	for j := 1; j <= n/2; {
		stride := n
		for _, side := range []int{down, up} {
			place := m + side*j
			if place < 0 || place >= n {
				continue
			}
			x, firstA, lastA := runAt(a, place)
			y, firstB, lastB := runAt(b, place)
			if x != y {
				return y - x
			}
			if side < 0 {
				stride = min(stride, place-max(firstA, firstB)+1)
			} else {
				stride = min(stride, min(lastA, lastB)-place+1)
			}
		}
		j += stride
	}
	return 0
}

// stand ranks options by a comparison, then by lot.
func stand(options int, compare, lots func(a, b int) int) []Standing {
	order := make([]int, options)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := compare(a, b); c != 0 {
			return c
		}
		return lots(a, b)
	})
	ranking := make([]Standing, options)
	for at, o := range order {
		ranking[at] = Standing{Option: o, Place: at + 1}
		if at > 0 && compare(order[at-1], o) == 0 {
			ranking[at].Drawn, ranking[at-1].Drawn = true, true
		}
	}
	return ranking
}

// ApprovalVote is a count of approvals: how many of the ballots approve each
// option. The seed is published and breaks ties.
type ApprovalVote struct {
	Options   []string
	Approvals []int
	Ballots   int
	Seed      string
}

// Approval ranks options by the number of ballots that approve them; equals are
// drawn by lot, reproducibly.
//
// Source: S. J. Brams and P. C. Fishburn, Approval voting, American Political
// Science Review 72 (1978) 831-847.
func Approval(v ApprovalVote) ([]Standing, error) {
	if err := checkOptions(v.Options); err != nil {
		return nil, err
	}
	if v.Ballots < 0 || v.Ballots > maxBallots {
		return nil, refuse("ballots", "foresight.vote.ballots", "got", v.Ballots, "max", maxBallots)
	}
	if len(v.Approvals) != len(v.Options) {
		return nil, refuse("approvals", "foresight.list.size", "got", len(v.Approvals), "want", len(v.Options))
	}
	for i, n := range v.Approvals {
		if n < 0 || n > v.Ballots {
			return nil, &InputError{Key: "foresight.vote.approvals", Field: "approvals", Column: i + 1,
				Args: []any{"column_name", v.Options[i], "got", n, "ballots", v.Ballots}}
		}
	}
	return stand(len(v.Options),
		func(a, b int) int { return v.Approvals[b] - v.Approvals[a] },
		func(a, b int) int { return drawn(v.Seed, v.Options[a], v.Options[b]) }), nil
}
