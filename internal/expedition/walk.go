package expedition

import "slices"

// deepest is how far a walk goes; the longest chain of kinds has twelve steps.
const deepest = 16

// Trace is something met on a walk, with what it led to, nearer to the start.
type Trace struct {
	Card *Card
	Item *Item
	To   []*Card
}

// Walk follows the ties of c back to where it came from: trial, track, territory,
// tension, scenario, signal, address. First stands c, then what it came from, each
// thing once, as far back as its longest way.
func (b *Book) Walk(c *Card) [][]Trace {
	depth, order := map[string]int{c.ID: 0}, []string{c.ID}
	to := map[string][]*Card{}
	for queue := []*Card{c}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, t := range KindOf(at.Kind).Ties {
			if !t.Up {
				continue
			}
			for _, target := range at.Ties[t.Name] {
				was, met := depth[target]
				if !met {
					order = append(order, target)
				}
				if !slices.Contains(to[target], at) {
					to[target] = append(to[target], at)
				}
				if d := depth[at.ID] + 1; d > was && d <= deepest {
					depth[target] = d
					if next := b.byID[target]; next != nil {
						queue = append(queue, next)
					}
				}
			}
		}
	}
	layers := make([][]Trace, deepest+1)
	for _, target := range order {
		t := Trace{Card: b.byID[target], To: to[target]}
		if it, ok := b.items[target]; t.Card == nil && ok {
			t.Item = &it
		}
		if t.Card != nil || t.Item != nil {
			layers[depth[target]] = append(layers[depth[target]], t)
		}
	}
	return slices.DeleteFunc(layers, func(l []Trace) bool { return len(l) == 0 })
}

// Address is where something met on a walk comes from, "" if nowhere.
func (t Trace) Address() string {
	if t.Item != nil {
		return t.Item.URL
	}
	return t.Card.Fields["address"]
}

// Addresses are the addresses a walk ends at, each once.
func Addresses(walk [][]Trace) []string {
	var all []string
	for _, layer := range walk {
		for _, t := range layer {
			if a := t.Address(); a != "" && !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// Ends are the cards a reader may want to walk back from: trials, then tracks.
func (b *Book) Ends() []*Card {
	return append(b.Of("trial"), b.Of("track")...)
}
