package foresight

// digraph is the list of successors of each node.
type digraph [][]int

func digraphOf(m [][]float64) digraph {
	g := make(digraph, len(m))
	for i, row := range m {
		for j, v := range row {
			if v != 0 {
				g[i] = append(g[i], j)
			}
		}
	}
	return g
}

// strong is the partition into strongly connected components: the number of
// each node's component, and their members. A component comes after those it
// leads to.
//
// Source: R. Tarjan, Depth-first search and linear graph algorithms, SIAM J.
// Computing 1 (1972) 146-160.
func (g digraph) strong() (of []int, members [][]int) {
	n := len(g)
	of = make([]int, n)
	index, low := make([]int, n), make([]int, n)
	onStack := make([]bool, n)
	var stack []int
	next := 0
	var visit func(v int)
	visit = func(v int) {
		next++
		index[v], low[v] = next, next
		stack = append(stack, v)
		onStack[v] = true
		for _, w := range g[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if onStack[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		var component []int
		for {
			w := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			onStack[w] = false
			of[w] = len(members)
			component = append(component, w)
			if w == v {
				break
			}
		}
		members = append(members, component)
	}
	for v := range n {
		if index[v] == 0 {
			visit(v)
		}
	}
	return of, members
}

// loopFree says whether no path comes back to where it started.
func (g digraph) loopFree() bool {
	_, members := g.strong()
	if len(members) < len(g) {
		return false
	}
	for v, out := range g {
		for _, w := range out {
			if v == w {
				return false
			}
		}
	}
	return true
}

// period is the least common multiple, over the components that have a loop, of
// the greatest common divisor of their loop lengths: 1 means that powers settle,
// more that they may turn for ever. It is 0 without any loop.
func (g digraph) period() int {
	of, members := g.strong()
	period := 0
	for _, component := range members {
		gcd := 0
		depth := map[int]int{component[0]: 0}
		queue := []int{component[0]}
		for len(queue) > 0 {
			v := queue[0]
			queue = queue[1:]
			for _, w := range g[v] {
				if of[w] != of[v] {
					continue
				}
				if d, seen := depth[w]; seen {
					gcd = greatestDivisor(gcd, depth[v]+1-d)
				} else {
					depth[w] = depth[v] + 1
					queue = append(queue, w)
				}
			}
		}
		if gcd == 0 {
			continue
		}
		if period == 0 {
			period = 1
		}
		if period = period / greatestDivisor(period, gcd) * gcd; period > 1<<20 {
			return 1 << 20
		}
	}
	return period
}

func greatestDivisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		return -a
	}
	return a
}
