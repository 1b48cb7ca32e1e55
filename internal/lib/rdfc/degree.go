package rdfc

import (
	"encoding/hex"
	"slices"
)

// digest is the hash of what was written since the last Reset, in hexadecimal.
func (s *state) digest() string {
	return hex.EncodeToString(s.hash.Sum(s.sum[:0]))
}

// hashFirst is Hash First Degree Quads (RDFC-1.0, 4.6).
func (s *state) hashFirst(id string) string {
	if h, ok := s.first[id]; ok {
		return h
	}
	quads := s.quadsOf[id]
	lines := make([]string, len(quads))
	for i, q := range quads {
		s.buf = AppendQuad(s.buf[:0], q, func(other string) string {
			if other == id {
				return "a"
			}
			return "z"
		})
		lines[i] = string(s.buf)
	}
	slices.Sort(lines)
	s.hash.Reset()
	for _, l := range lines {
		s.buf = append(s.buf[:0], l...)
		s.hash.Write(s.buf)
	}
	h := s.digest()
	s.first[id] = h
	return h
}

// hashRelated is Hash Related Blank Node (RDFC-1.0, 4.7).
func (s *state) hashRelated(related string, q *Quad, is *issuer, position byte) string {
	b := append(s.buf[:0], position)
	if position != 'g' {
		b = append(b, '<')
		b = append(b, q.P.Value...)
		b = append(b, '>')
	}
	s.buf = b
	var id string
	if l, ok := s.canon.label[related]; ok {
		id = "_:" + l
	} else if l, ok := is.label[related]; ok {
		id = "_:" + l
	} else {
		id = s.first[related]
	}
	s.buf = append(s.buf, id...)
	s.hash.Reset()
	s.hash.Write(s.buf)
	return s.digest()
}

// hashNDegree is Hash N-Degree Quads (RDFC-1.0, 4.8).
func (s *state) hashNDegree(id string, is *issuer) (string, *issuer, error) {
	related, err := s.related(id, is)
	if err != nil {
		return "", nil, err
	}
	var data []byte
	for _, h := range sortedKeys(related) {
		data = append(data, h...)
		path, chosen, err := s.shortest(related[h], is)
		if err != nil {
			return "", nil, err
		}
		data = append(data, path...)
		is = chosen
	}
	s.hash.Reset()
	s.hash.Write(data)
	return s.digest(), is, nil
}

// related groups the blank neighbours of id by the hash of their relation (4.8 step 3).
func (s *state) related(id string, is *issuer) (map[string][]string, error) {
	if err := s.spend(1 + len(s.quadsOf[id])); err != nil {
		return nil, err
	}
	groups := map[string][]string{}
	add := func(t *Term, q *Quad, position byte) {
		if t.Kind == Blank && t.Value != id {
			h := s.hashRelated(t.Value, q, is, position)
			groups[h] = append(groups[h], t.Value)
		}
	}
	for _, q := range s.quadsOf[id] {
		add(&q.S, q, 's')
		add(&q.O, q, 'o')
		add(&q.G, q, 'g')
	}
	return groups, nil
}

// shortest tries every order of a group that makes a difference, and keeps the one
// with the smallest path (4.8 step 5).
func (s *state) shortest(group []string, is *issuer) (string, *issuer, error) {
	var best string
	var chosen *issuer
	err := s.orders(group, func(order []string) error {
		path, after, err := s.path(order, is, best)
		if err != nil {
			return err
		}
		if after != nil && (chosen == nil || path < best) {
			best, chosen = path, after
		}
		return nil
	})
	return best, chosen, err
}

// path is the path of one order (4.8 step 5.4); no issuer comes back once it is known
// to be worse than best.
func (s *state) path(order []string, is *issuer, best string) (string, *issuer, error) {
	if err := s.spend(len(order) + len(is.order)/16 + 1); err != nil {
		return "", nil, err
	}
	is = is.clone()
	var path []byte
	worse := func() bool {
		return best != "" && len(path) >= len(best) && string(path) > best
	}
	var inner []string
	for _, id := range order {
		path = append(path, "_:"...)
		if l, ok := s.canon.label[id]; ok {
			path = append(path, l...)
		} else {
			if _, ok := is.label[id]; !ok {
				inner = append(inner, id)
			}
			path = append(path, is.issue(id)...)
		}
		if worse() {
			return "", nil, nil
		}
	}
	for _, id := range inner {
		h, after, err := s.hashNDegree(id, is)
		if err != nil {
			return "", nil, err
		}
		path = append(path, "_:"...)
		path = append(path, is.issue(id)...)
		path = append(path, '<')
		path = append(path, h...)
		path = append(path, '>')
		is = after
		if worse() {
			return "", nil, nil
		}
	}
	return string(path), is, nil
}

// orders calls f with each order of the group, twins in one order only.
func (s *state) orders(group []string, f func([]string) error) error {
	slices.Sort(group)
	if len(group) == 1 {
		return f(group)
	}
	class, err := s.twins(group)
	if err != nil {
		return err
	}
	order := make([]string, 0, len(group))
	used := make([]bool, len(group))
	var next func() error
	next = func() error {
		if len(order) == len(group) {
			return f(order)
		}
		tried := make(map[int]bool, len(group))
		for i, id := range group {
			if used[i] || tried[class[i]] {
				continue
			}
			tried[class[i]] = true
			used[i], order = true, append(order, id)
			if err := next(); err != nil {
				return err
			}
			used[i], order = false, order[:len(order)-1]
		}
		return nil
	}
	return next()
}

// twins gives the same class to blank nodes whose quads are the same when each is
// called by one name: exchanging two such nodes leaves the dataset as it is.
func (s *state) twins(group []string) ([]int, error) {
	class := make([]int, len(group))
	seen := make(map[string]int, len(group))
	for i, id := range group {
		if err := s.spend(len(s.quadsOf[id])); err != nil {
			return nil, err
		}
		lines := make([]string, 0, len(s.quadsOf[id]))
		for _, q := range s.quadsOf[id] {
			// "!" is no label that a document can have.
			s.buf = AppendQuad(s.buf[:0], q, func(other string) string {
				if other == id {
					return "!"
				}
				return other
			})
			lines = append(lines, string(s.buf))
		}
		slices.Sort(lines)
		s.hash.Reset()
		for _, l := range lines {
			s.hash.Write([]byte(l))
		}
		h := s.digest()
		if _, ok := seen[h]; !ok {
			seen[h] = i
		}
		class[i] = seen[h]
	}
	return class, nil
}
