package foresight

// rankBits are the low bits of a walker's balance. They rank equal variants, so
// that the greatest number of a descriptor is the variant that succession takes:
// no branch has to be guessed in the innermost loop.
const (
	rankBits = 7 // above maxVariants
	rankKeep = 1<<rankBits - 1
)

// walker follows global succession inside a part, keeping the impact balance in
// step. Entry c of the balance is the impact balance of a variant, shifted, with
// a rank in the low bits: the first variant of a descriptor ranks highest. Moves
// are shifted too, so that they leave the ranks alone.
type walker struct {
	p       *part
	z       []int // present variants
	next    []int
	balance []int64
	start   []int64   // balance without any descriptor
	row     [][]int64 // what each variant adds
	turn    [][]int64 // what going on to the next variant changes, the last going on to the first
}

func newWalker(p *part) *walker {
	w := &walker{p: p, z: make([]int, len(p.count)), next: make([]int, len(p.count))}
	w.balance = make([]int64, len(p.base))
	for i := range p.count {
		for y, c := 0, p.offset[i]; c < p.offset[i+1]; y, c = y+1, c+1 {
			w.start = append(w.start, int64(p.base[c])<<rankBits+int64(rankKeep-1-y))
			w.row = append(w.row, mapped(p.impact[c], func(v int32) int64 { return int64(v) << rankBits }))
		}
	}
	for i := range p.count {
		for c := p.offset[i]; c < p.offset[i+1]; c++ {
			to := c + 1
			if to == p.offset[i+1] {
				to = p.offset[i]
			}
			turn := append([]int64(nil), w.row[to]...)
			for t, v := range w.row[c] {
				turn[t] -= v
			}
			w.turn = append(w.turn, turn)
		}
	}
	return w
}

// place goes to a scenario.
func (w *walker) place(z []int) {
	copy(w.z, z)
	copy(w.balance, w.start)
	for i, x := range z {
		add(w.balance, w.row[w.p.offset[i]+x])
	}
}

// look computes the next scenario without going there; false at a fixed point.
func (w *walker) look() bool {
	moved := 0
	c := 0
	for i, x := range w.z {
		end := c + w.p.count[i]
		own := w.balance[c:end]
		best := own[x] | rankKeep // among equals the present variant ranks above all
		for _, v := range own {
			best = max(best, v)
		}
		y := x
		if rank := int(best & rankKeep); rank != rankKeep {
			y = rankKeep - 1 - rank
		}
		w.next[i] = y
		moved |= x ^ y
		c = end
	}
	return moved != 0
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
			old, now := w.row[w.p.offset[i]+x], w.row[w.p.offset[i]+y]
			old, now = old[:len(w.balance)], now[:len(w.balance)]
			for c := range w.balance {
				w.balance[c] += now[c] - old[c]
			}
		}
	}
	copy(w.z, w.next)
}

// tick goes to the scenario with the next signature.
func (w *walker) tick() {
	for i, c := range w.p.count {
		add(w.balance, w.turn[w.p.offset[i]+w.z[i]])
		if w.z[i]++; w.z[i] < c {
			return
		}
		w.z[i] = 0
	}
}

// add adds a row of the same length.
func add(into, row []int64) {
	into = into[:len(row)]
	for len(row) >= 4 && len(into) >= 4 {
		into[0] += row[0]
		into[1] += row[1]
		into[2] += row[2]
		into[3] += row[3]
		into, row = into[4:], row[4:]
	}
	for c, v := range row {
		into[c] += v
	}
}
