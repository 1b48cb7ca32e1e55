package expedition

// Step is one step of a walk backwards: a card, or an item of a sibling context, and
// what it came from.
type Step struct {
	Tie   string // by which the step before led here; "" for the first
	Card  *Card
	Item  *Item
	From  []Step
	Again bool // it stands higher on the way already: its own steps are not repeated
}

// deepest is how far a walk goes; the longest chain of kinds has twelve steps.
const deepest = 16

// Walk follows the ties of c back to where it came from: trial, track, territory,
// tension, scenario, signal, address.
func (b *Book) Walk(c *Card) Step {
	w := walker{b, map[string]bool{}}
	return w.step("", c, deepest)
}

type walker struct {
	*Book
	seen map[string]bool
}

func (w *walker) step(tie string, c *Card, left int) Step {
	s := Step{Tie: tie, Card: c}
	k := KindOf(c.Kind)
	if k == nil || left == 0 {
		return s
	}
	if w.seen[c.ID] {
		s.Again = w.rests(c)
		return s
	}
	w.seen[c.ID] = true
	for _, t := range k.Ties {
		if !t.Up {
			continue
		}
		for _, target := range c.Ties[t.Name] {
			if to := w.byID[target]; to != nil {
				s.From = append(s.From, w.step(t.Name, to, left-1))
			} else if it, ok := w.items[target]; ok {
				s.From = append(s.From, Step{Tie: t.Name, Item: &it})
			}
		}
	}
	return s
}

// rests reports whether a card has something behind it.
func (w *walker) rests(c *Card) bool {
	for _, t := range KindOf(c.Kind).Ties {
		if t.Up && len(c.Ties[t.Name]) > 0 {
			return true
		}
	}
	return false
}

// Addresses are the addresses a walk ends at, in order, each once.
func (s Step) Addresses() []string {
	var all []string
	seen := map[string]bool{}
	var visit func(Step)
	visit = func(s Step) {
		address := ""
		switch {
		case s.Item != nil:
			address = s.Item.URL
		case s.Card != nil:
			address = s.Card.Fields["address"]
		}
		if address != "" && !seen[address] {
			seen[address] = true
			all = append(all, address)
		}
		for _, f := range s.From {
			visit(f)
		}
	}
	visit(s)
	return all
}

// Ends are the cards a reader may want to walk back from: trials, then tracks.
func (b *Book) Ends() []*Card {
	return append(b.Of("trial"), b.Of("track")...)
}
