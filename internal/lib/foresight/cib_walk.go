package foresight

// walker follows global succession inside a part, keeping the impact balance in
// step.
type walker struct {
	p       *part
	z       []int // present variants
	next    []int
	balance []int32
}

func newWalker(p *part) *walker {
	return &walker{p: p, z: make([]int, len(p.count)), next: make([]int, len(p.count)), balance: make([]int32, len(p.base))}
}

// place goes to a scenario.
func (w *walker) place(z []int) {
	copy(w.z, z)
	copy(w.balance, w.p.base)
	for i, x := range z {
		add(w.balance, w.p.impact[w.p.offset[i]+x])
	}
}

// look computes the next scenario without going there; false at a fixed point.
func (w *walker) look() bool {
	moved := false
	offset := w.p.offset
	for i, x := range w.z {
		own := w.balance[offset[i]:offset[i+1]]
		best, at := own[x], x
		for y, v := range own {
			if v > best {
				best, at = v, y
			}
		}
		w.next[i] = at
		moved = moved || at != x
	}
	return moved
}

// advance goes to the scenario that look found.
func (w *walker) advance() {
	changes := 0
	for i, x := range w.z {
		if w.next[i] != x {
			changes++
		}
	}
	if 2*changes >= len(w.z) {
		w.place(w.next)
		return
	}
	for i, x := range w.z {
		if y := w.next[i]; y != x {
			replace(w.balance, w.p.impact[w.p.offset[i]+x], w.p.impact[w.p.offset[i]+y])
		}
	}
	copy(w.z, w.next)
}

func add(into, row []int32) {
	into = into[:len(row)]
	for c, v := range row {
		into[c] += v
	}
}

func replace(into, old, now []int32) {
	old, now = old[:len(into)], now[:len(into)]
	for c := range into {
		into[c] += now[c] - old[c]
	}
}
