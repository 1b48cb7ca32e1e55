package foresight

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// naiveOrder compares two sets of grades as the book does: take the majority
// grade, compare, remove it once from each, go on.
func naiveOrder(a, b []int) int {
	x, y := expand(a), expand(b)
	for len(x) > 0 {
		m := (len(x) - 1) / 2
		if x[m] != y[m] {
			return y[m] - x[m]
		}
		x, y = slices.Delete(x, m, m+1), slices.Delete(y, m, m+1)
	}
	return 0
}

func expand(counts []int) []int {
	var all []int
	for g, n := range counts {
		for range n {
			all = append(all, g)
		}
	}
	return all
}

// ballots draws a count of grades.
func ballots(t *rapid.T) MajorityVote {
	v := MajorityVote{
		Grades: rapid.IntRange(2, 6).Draw(t, "grades"), Ballots: rapid.IntRange(1, 15).Draw(t, "ballots"),
		Seed: rapid.StringN(0, 8, -1).Draw(t, "seed"),
	}
	for o := range rapid.IntRange(1, 5).Draw(t, "options") {
		v.Options = append(v.Options, fmt.Sprint("option ", o+1))
		row := make([]int, v.Grades)
		for range rapid.IntRange(0, v.Ballots).Draw(t, "judged") {
			row[rapid.IntRange(0, v.Grades-1).Draw(t, "grade")]++
		}
		v.Counts = append(v.Counts, row)
	}
	return v
}

func TestMajorityJudgementRemovesMediansOneByOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := ballots(rt)
		o, err := MajorityJudgement(v)
		if err != nil {
			rt.Fatal(err)
		}
		for at, s := range o.Ranking {
			if s.Place != at+1 || gradeAt(o.Counts[s.Option], (v.Ballots-1)/2) != o.Grade[s.Option] {
				rt.Fatalf("ranking %+v", o.Ranking)
			}
			if at == 0 {
				continue
			}
			before := o.Ranking[at-1]
			c := naiveOrder(o.Counts[before.Option], o.Counts[s.Option])
			if c > 0 || (c == 0) != slices.Equal(o.Counts[before.Option], o.Counts[s.Option]) {
				rt.Fatalf("%v stands before %v", o.Counts[before.Option], o.Counts[s.Option])
			}
			if c == 0 && (!s.Drawn || !before.Drawn || drawn(v.Seed, v.Options[before.Option], v.Options[s.Option]) >= 0) {
				rt.Fatalf("tie without a draw: %+v", o.Ranking)
			}
		}
	})
}

func TestDrawDependsOnSeedAndNameOnly(t *testing.T) {
	options := []string{"Guilde", "Clairière", "Ouvrage", "Table"}
	order := func(options []string, seed string) []string {
		standing, err := Approval(ApprovalVote{Options: options, Approvals: make([]int, len(options)), Ballots: 3, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return mapped(standing, func(s Standing) string { return options[s.Option] })
	}
	first := order(options, "14 November, sum of the lottery")
	turned := slices.Clone(options)
	slices.Reverse(turned)
	if again := order(turned, "14 November, sum of the lottery"); !slices.Equal(first, again) {
		t.Errorf("%v, then %v", first, again)
	}
	differs := false
	for seed := range 20 {
		differs = differs || !slices.Equal(first, order(options, fmt.Sprint(seed)))
	}
	if !differs {
		t.Error("twenty seeds give one order")
	}
	// The draw is pinned: a published result can be checked again in ten years.
	if want := []string{"Clairière", "Ouvrage", "Guilde", "Table"}; !slices.Equal(order(options, "demain"), want) {
		t.Errorf("order for the seed demain = %q", order(options, "demain"))
	}
}

func TestApprovalCounts(t *testing.T) {
	standing, err := Approval(ApprovalVote{Options: []string{"a", "b", "c"}, Approvals: []int{2, 5, 2}, Ballots: 5, Seed: "s"})
	if err != nil {
		t.Fatal(err)
	}
	if standing[0].Option != 1 || standing[0].Drawn || !standing[1].Drawn || !standing[2].Drawn {
		t.Errorf("standing %+v", standing)
	}
}

func TestImpossibleCountsAreRefused(t *testing.T) {
	for name, v := range map[string]MajorityVote{
		"no option":     {Grades: 5, Ballots: 1},
		"twice":         {Options: []string{"a", "a"}, Grades: 2, Ballots: 1, Counts: [][]int{{1, 0}, {1, 0}}},
		"one grade":     {Options: []string{"a"}, Grades: 1, Ballots: 1, Counts: [][]int{{1}}},
		"no ballot":     {Options: []string{"a"}, Grades: 2, Counts: [][]int{{0, 0}}},
		"too many":      {Options: []string{"a"}, Grades: 2, Ballots: 2, Counts: [][]int{{2, 1}}},
		"negative":      {Options: []string{"a"}, Grades: 2, Ballots: 2, Counts: [][]int{{-1, 1}}},
		"missing grade": {Options: []string{"a"}, Grades: 2, Ballots: 2, Counts: [][]int{{1}}},
		"missing row":   {Options: []string{"a"}, Grades: 2, Ballots: 2},
	} {
		if _, err := MajorityJudgement(v); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	for name, v := range map[string]ApprovalVote{
		"too many": {Options: []string{"a"}, Approvals: []int{3}, Ballots: 2},
		"size":     {Options: []string{"a"}, Ballots: 2},
		"negative": {Options: []string{"a"}, Approvals: []int{0}, Ballots: -1},
		"twice":    {Options: []string{"a", "a"}, Approvals: []int{0, 0}, Ballots: 1},
	} {
		if _, err := Approval(v); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
