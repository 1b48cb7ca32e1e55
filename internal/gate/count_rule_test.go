package gate

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// tables lists every way to put people into cells.
func tables(people, cells int) [][]int {
	if cells == 1 {
		return [][]int{{people}}
	}
	var all [][]int
	for first := range people + 1 {
		for _, rest := range tables(people-first, cells-1) {
			all = append(all, append([]int{first}, rest...))
		}
	}
	return all
}

// shownOf is what the world sees of a table.
func shownOf(n []int, hidden []bool) string {
	s := ""
	for i := range n {
		if hidden[i] {
			s += "- "
		} else {
			s += fmt.Sprint(n[i], " ")
		}
	}
	return s
}

// Whoever knows the rule, the number of people and all that is shown, and tries every
// table that gives just that, cannot say of any cell below five how many are in it.
func TestNobodyWorksOutASmallCellOfAPartition(t *testing.T) {
	t.Parallel()
	shown := 0
	for cells := 2; cells <= 4; cells++ {
		for people := fewest; people <= 26; people++ {
			seen := map[string][][]int{}
			for _, n := range tables(people, cells) {
				what := shownOf(n, hidePartition(n))
				seen[what] = append(seen[what], n)
			}
			for what, alike := range seen {
				for i := range cells {
					least, most := people, 0
					for _, n := range alike {
						least, most = min(least, n[i]), max(most, n[i])
					}
					if least == most && least < fewest {
						t.Fatalf("%d people in %d cells, shown %q: cell %d holds %d", people, cells, what, i, least)
					}
				}
				if what != fmt.Sprint() && len(what) > 2*cells {
					shown++
				}
			}
		}
	}
	if shown < 100 {
		t.Errorf("only %d tables show a figure of two digits: the rule hides everything", shown)
	}
}

func TestSmallCellsAreHiddenWithTheNextSmallest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    []int
		want string
	}{
		{[]int{12, 9, 8}, "12 9 8 "},         // nothing is small
		{[]int{20, 9, 12, 3}, "20 - 12 - "},  // 3 goes with 9
		{[]int{20, 12, 4, 4}, "20 - - - "},   // two small ones take the next along all the same
		{[]int{30, 0, 0, 0}, "- - - - "},     // everybody alike: nothing is said of anybody
		{[]int{12, 0, 0, 5}, "- - - - "},     // 5 alone would tell that the others hold 0
		{[]int{12, 0, 0, 9}, "12 - - - "},    // 9 may hide up to four
		{[]int{6, 4, 6, 30}, "- - - 30 "},    // 6 and 4: the six that is shown would tell the other
		{[]int{5, 5, 5}, "5 5 5 "},           // just enough
		{[]int{4, 1}, "- - "},                // nothing else to hide behind
		{[]int{40, 30, 20, 1}, "40 30 - - "}, // a large one hides a small one
		{[]int{5, 5, 5, 0}, "- - - - "},      // three times the least there is
		{[]int{100, 50, 1, 1, 1, 7}, "100 50 - - - - "},
	} {
		if got := shownOf(c.n, hidePartition(c.n)); got != c.want {
			t.Errorf("%v shows %q, want %q", c.n, got, c.want)
		}
	}
	for _, c := range []struct {
		n      []int
		people int
		want   string
	}{
		{[]int{12, 9, 8}, 20, "12 9 8 "},
		{[]int{12, 9, 2}, 20, "12 - - "},
		{[]int{16, 9, 8}, 20, "- 9 - "}, // four are not in the first
		{[]int{20, 0}, 20, "- - "},
		{[]int{15, 5}, 20, "15 5 "},
	} {
		if got := shownOf(c.n, hideSeveral(c.n, c.people)); got != c.want {
			t.Errorf("%v of %d shows %q, want %q", c.n, c.people, got, c.want)
		}
	}
}

// crowd is a circle in which each person has a fixed row.
type crowd map[string]Row

func (c crowd) counted(names []string) []counted {
	var all []counted
	for _, n := range names {
		all = append(all, counted{digest: n, row: c[n]})
	}
	return all
}

// published gives what the rule lets out of a count of names after the earlier ones.
func (c crowd) published(asked []string, names []string, earlier []past) (Count, past) {
	k := Count{Questions: asked, Words: []string{"tableur", "soudure"}}
	k.add(c.counted(names), earlier)
	p := past{who: map[string]bool{}, tallies: k.Tallies}
	for _, n := range names {
		p.who[n] = true
	}
	return k, p
}

// aCircle draws three groups: those who stay, those who go out and those who come in.
// In each group all, none or some are in a cell, so that a group betrays itself as
// often as it can.
func aCircle(t *rapid.T) (c crowd, stay, gone, come []string) {
	c = crowd{}
	habits := rapid.SampledFrom([]string{"all", "none", "some", "some"})
	bands := rapid.SliceOfN(rapid.SampledFrom([]string{"under_10", "under_35"}), 1, 3)
	group := func(name string, least, most int) (names []string) {
		hours := bands.Draw(t, name+" hours")
		habit := map[string]string{}
		for _, k := range []string{"job", "care", "tableur"} {
			habit[k] = habits.Draw(t, name+" "+k)
		}
		for i := range rapid.IntRange(least, most).Draw(t, name) {
			id := fmt.Sprint(name, i)
			row := Row{"hours": {hours[i%len(hours)]}, "kinds": {}, askWords: {}}
			for k, h := range habit {
				if h == "all" || h == "some" && i%2 == 0 {
					question := "kinds"
					if k == "tableur" {
						question = askWords
					}
					row[question] = append(row[question], k)
				}
			}
			c[id], names = row, append(names, id)
		}
		return names
	}
	return c, group("stays", 8, 30), group("goes", 3, 9), group("comes", 3, 9)
}

// Two counts of one circle, one subtracted from the other, tell no cell of fewer than
// five people among those who came in or went out: whoever knows everybody who was
// counted in each still has two answers for it.
func TestSubtractingTwoCountsTellsNoSmallCell(t *testing.T) {
	t.Parallel()
	pairs, kept := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c, stay, gone, come := aCircle(t)
		asked := []string{"kinds", "hours", askWords}
		var earlier []past
		for _, who := range [][]string{slices.Concat(stay, gone), slices.Concat(stay, come), slices.Concat(gone, come)} {
			k, p := c.published(asked, who, earlier)
			if k.State != CountPublished {
				if len(k.Tallies) != 0 || k.People != 0 {
					t.Fatalf("%s, and it says %+v", k.State, k)
				}
				kept++
				continue
			}
			if len(who) < fewest {
				t.Fatalf("%d people were published", len(who))
			}
			for _, old := range earlier {
				pairs++
				in, out := old.moved(p.who)
				if in < fewest || out < fewest {
					t.Fatalf("%d in and %d out were published", in, out)
				}
				subtract(t, old, p)
			}
			earlier = append(earlier, p)
		}
	})
	if pairs == 0 || kept == 0 {
		t.Errorf("%d pairs were published, %d counts were not: both must be tried", pairs, kept)
	}
}

// subtract is the attack: it knows both sets of people and both publications, and asks
// of each cell how many of the people who came in, and how many of those who went out,
// can be in it.
func subtract(t *rapid.T, old, now past) {
	in, out := old.moved(now.who)
	for i, tally := range now.tallies {
		q, _ := questionOf(tally.Question)
		was := old.tallies[i]
		if q.one {
			subtractPartition(t, was, tally, len(old.who), len(now.who), in, out)
			continue
		}
		for j, cell := range tally.Cells {
			if cell.Hidden || was.Cells[j].Hidden {
				continue
			}
			d := cell.People - was.Cells[j].People
			answers := 0
			for came := range in + 1 {
				if went := came - d; went >= 0 && went <= out {
					answers++
				}
			}
			if answers < 2 {
				t.Fatalf("%s: of %d in and %d out, the difference %d in %s leaves %d answer", tally.Question, in, out, d, cell.Name, answers)
			}
		}
	}
}

// subtractPartition tries every way in which those who came in and went out can lie in
// the cells that both publications show, and in the rest.
func subtractPartition(t *rapid.T, was, now Tally, before, after, in, out int) {
	var d []int
	rest := after - before
	for j, cell := range now.Cells {
		if !cell.Hidden && !was.Cells[j].Hidden {
			d = append(d, cell.People-was.Cells[j].People)
			rest -= d[len(d)-1]
		}
	}
	if len(d) == 0 {
		return
	}
	d = append(d, rest)
	found := make([]map[int]bool, len(d))
	for i := range found {
		found[i] = map[int]bool{}
	}
	for _, came := range tables(in, len(d)) {
		fits, went := true, 0
		for i := range d {
			if came[i] < d[i] {
				fits = false
			}
			went += came[i] - d[i]
		}
		if !fits || went != out {
			continue
		}
		for i := range d {
			found[i][came[i]] = true
		}
	}
	for i := range found {
		if len(found[i]) == 1 {
			t.Fatalf("hours: %d in, %d out, differences %v: cell %d of those who came in is known", in, out, d, i)
		}
	}
}

// What was published is the truth about those who were counted, wherever it shows.
func TestWhatIsPublishedIsTrue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, stay, gone, _ := aCircle(t)
		names := slices.Concat(stay, gone)
		k, _ := c.published([]string{"kinds", "hours"}, names, nil)
		for _, tally := range k.Tallies {
			for _, cell := range tally.Cells {
				n := 0
				for _, name := range names {
					if slices.Contains(c[name][tally.Question], cell.Name) {
						n++
					}
				}
				if cell.Hidden && cell.People != 0 || !cell.Hidden && (cell.People != n || n < fewest) {
					t.Fatalf("%+v, %d people", cell, n)
				}
			}
		}
	})
}
