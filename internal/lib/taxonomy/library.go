package taxonomy

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

// Library lends the books of a shelf: the newest of each scheme, opened when first
// asked for and kept, and older ones, read when a reference asks for them. One
// serves a whole process; it notices what another one imports.
type Library struct {
	Shelf Shelf

	mu      sync.Mutex
	changed time.Time // of the folder, when it was last listed
	listed  bool
	entries []Entry
	books   map[Scheme]*Book
	found   map[reference]foundIn
}

type reference struct {
	scheme Scheme
	uri    string
}

type foundIn struct {
	Found
	ok bool
}

// foundMost bounds how many answers of Resolve are kept.
const foundMost = 10_000

// Open is a library on a shelf. Nothing is read yet.
func Open(s Shelf) *Library { return &Library{Shelf: s} }

// Entries lists what stands on the shelf, newest version of each scheme first. It
// is read-only.
func (l *Library) Entries() ([]Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.look()
	return l.entries, err
}

// Book is the newest book of a scheme, or nil. Our own list is always there.
func (l *Library) Book(s Scheme) (*Book, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.look(); err != nil {
		return nil, err
	}
	return l.book(s)
}

// Resolve reads a reference made to a scheme, whatever version it was made to: in
// the newest book, else in the newest older one that has it.
func (l *Library) Resolve(s Scheme, uri string) (Found, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.look(); err != nil {
		return Found{}, false, err
	}
	ref := reference{s, uri}
	if f, ok := l.found[ref]; ok {
		return f.Found, f.ok, nil
	}
	f, ok, err := l.resolve(s, uri)
	if err != nil {
		return Found{}, false, err
	}
	if len(l.found) >= foundMost {
		clear(l.found)
	}
	l.found[ref] = foundIn{f, ok}
	return f, ok, nil
}

// look lists the folder again if something was put there since, and forgets the
// books that are no longer the newest.
func (l *Library) look() error {
	info, err := os.Stat(l.Shelf.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if l.books == nil {
			l.books, l.found = map[Scheme]*Book{}, map[reference]foundIn{}
		}
		return nil
	case err != nil:
		return err
	case l.listed && info.ModTime().Equal(l.changed):
		return nil
	}
	all, err := l.Shelf.List()
	if err != nil {
		return err
	}
	kept := map[Scheme]*Book{}
	for s, b := range l.books {
		if s == Starter || slices.ContainsFunc(all, func(e Entry) bool { return e.Current && e.Scheme == s && e.Digest == b.Digest }) {
			kept[s] = b
		}
	}
	l.entries, l.books, l.found = all, kept, map[reference]foundIn{}
	l.changed, l.listed = info.ModTime(), true
	return nil
}

// book opens the newest book of a scheme.
func (l *Library) book(s Scheme) (*Book, error) {
	if b := l.books[s]; b != nil {
		return b, nil
	}
	b, err := l.open(s)
	if b != nil {
		l.books[s] = b
	}
	return b, err
}

func (l *Library) open(s Scheme) (*Book, error) {
	if s == Starter {
		return StarterList()
	}
	for _, e := range l.entries {
		if e.Scheme == s && e.Current {
			return l.Shelf.Open(s, e.Version)
		}
	}
	return nil, nil
}

// Found is what a reference leads to.
type Found struct {
	Concept *Concept
	Book    *Book    // where it stands
	Current bool     // in the newest book of its scheme
	Now     *Concept // what replaced it in the newest book; nil if nothing did
	Why     string   // of that
}

// resolve is Resolve, to be kept.
func (l *Library) resolve(s Scheme, uri string) (Found, bool, error) {
	now, err := l.book(s)
	if now == nil || err != nil {
		return Found{}, false, err
	}
	if i, ok := now.Find(uri); ok {
		f := Found{Concept: &now.Concepts[i], Book: now, Current: true}
		for to := range l.followed(now, i) {
			f.Now, f.Why = &now.Concepts[to], "declared"
		}
		return f, true, nil
	}
	for _, e := range l.entries {
		if e.Scheme != s || e.Current {
			continue
		}
		old, err := l.Shelf.Open(s, e.Version)
		if err != nil {
			return Found{}, false, err
		}
		if i, ok := old.Find(uri); ok {
			f := Found{Concept: &old.Concepts[i], Book: old}
			if to, why := successor(old, now, i, names(now)); to >= 0 {
				f.Now, f.Why = &now.Concepts[to], why
			}
			return f, true, nil
		}
	}
	return Found{}, false, nil
}

// followed walks along what replaced what inside a book, to the end of the chain.
func (l *Library) followed(b *Book, i int) func(func(int) bool) {
	return func(yield func(int) bool) {
		seen := map[int]bool{i: true}
		for {
			next := -1
			b.Linked(i, ReplacedBy, func(to int) bool { next = to; return false })
			if next < 0 || seen[next] || !yield(next) {
				return
			}
			seen[next] = true
			i = next
		}
	}
}
