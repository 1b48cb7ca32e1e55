package skills

import (
	"strings"
	"sync"

	"digiwork/internal/lib/taxonomy"
)

// Source lends the engine of a library: one for a whole process, made when first
// asked for, and made again when something is imported.
type Source struct {
	Library *taxonomy.Library

	mu       sync.Mutex
	of       string // digests of the books it was made from
	engine   *Engine
	everyday *Engine
}

// Everyday is the engine of our own list alone: competences in everyday words, whatever
// is imported.
func (s *Source) Everyday() *Engine {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.everyday == nil {
		s.everyday = Build(everyday())
	}
	return s.everyday
}

// Engine is the engine of the newest books.
func (s *Source) Engine() (*Engine, error) {
	all, err := s.Library.Entries()
	if err != nil {
		return nil, err
	}
	var of strings.Builder
	for _, e := range all {
		if e.Current {
			of.WriteString(e.Digest)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine != nil && s.of == of.String() {
		return s.engine, nil
	}
	e, err := Open(s.Library.Shelf)
	if err != nil {
		return nil, err
	}
	s.engine, s.of = e, of.String()
	return e, nil
}
