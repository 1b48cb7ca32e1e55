package gate

import (
	"container/list"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/seal"
)

const (
	keptFor   = time.Minute // opened content stays in memory
	keptBytes = 48 << 20    // of all people together
)

// List opens all items of a room, in the order of their ids. The slice is shared
// between requests: it is read, never changed.
func (s *Service) List(ctx context.Context, p Pass, room string) ([]Item, error) {
	owner, err := p.own()
	if err != nil {
		return nil, err
	}
	all, err := s.all(ctx, owner)
	if err != nil {
		return nil, err
	}
	return all.rooms[room], nil
}

// Everything opens all items of all rooms, in the order of their ids: what an
// export writes.
func (s *Service) Everything(ctx context.Context, p Pass) ([]Item, error) {
	owner, err := p.own()
	if err != nil {
		return nil, err
	}
	m, err := s.all(ctx, owner)
	if err != nil {
		return nil, err
	}
	var all []Item
	for _, items := range m.rooms {
		all = append(all, items...)
	}
	slices.SortFunc(all, func(a, b Item) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return all, nil
}

// all opens everything of a musette. What is in memory serves only if the
// revision read now is the one it was opened at.
func (s *Service) all(ctx context.Context, owner kernel.PersonID) (*musette, error) {
	o, err := ownerRow(ctx, s.DB.Read(), owner)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if m := s.kept.get(owner, o.revision, now); m != nil {
		return s.standing(ctx, m)
	}
	rows, err := itemRows(ctx, s.DB.Read(), owner)
	if err != nil {
		return nil, err
	}
	key, err := s.key(ctx, owner)
	if err != nil {
		return nil, err
	}
	m := &musette{owner: owner, revision: o.revision, at: now, rooms: map[string][]Item{}, byID: make(map[kernel.ItemID]slot, len(rows))}
	items, err := openAll(rows, key, owner)
	if err != nil {
		return nil, err
	}
	for i, it := range items {
		it.memo = &atomic.Value{}
		m.byID[it.ID] = slot{it.Room, len(m.rooms[it.Room])}
		m.rooms[it.Room] = append(m.rooms[it.Room], it)
		m.bytes += 2*len(rows[i].sealed) + 512
	}
	s.kept.put(m)
	return s.standing(ctx, m)
}

// openTogether is how many rows make it worth opening them on several processors.
const openTogether = 512

// openAll opens rows, on all processors when they are many: a musette of thousands
// of items is waited for by somebody.
func openAll(rows []row, key *seal.DataKey, owner kernel.PersonID) ([]Item, error) {
	items := make([]Item, len(rows))
	hands := 1
	if len(rows) >= openTogether {
		hands = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, hands)
	var wg sync.WaitGroup
	for h := range hands {
		wg.Go(func() {
			for i := h * len(rows) / hands; i < (h+1)*len(rows)/hands && errs[h] == nil; i++ {
				items[i], errs[h] = rows[i].open(key, owner)
			}
		})
	}
	wg.Wait()
	return items, errors.Join(errs...)
}

// musette is the opened content of one person.
type musette struct {
	owner    kernel.PersonID
	revision int64
	at       time.Time
	bytes    int
	rooms    map[string][]Item
	byID     map[kernel.ItemID]slot
}

type slot struct {
	room string
	n    int
}

// item finds an item by its id.
func (m *musette) item(id kernel.ItemID) (*Item, bool) {
	at, ok := m.byID[id]
	if !ok {
		return nil, false
	}
	return &m.rooms[at.room][at.n], true
}

// kept holds opened musettes for a minute, the most recently read first, within
// a bound of memory.
type kept struct {
	mu    sync.Mutex
	order list.List // of *musette, newest in front
	by    map[kernel.PersonID]*list.Element
	bytes int
}

func (k *kept) get(owner kernel.PersonID, revision int64, now time.Time) *musette {
	k.mu.Lock()
	defer k.mu.Unlock()
	e := k.by[owner]
	if e == nil {
		return nil
	}
	m := e.Value.(*musette)
	if m.revision != revision || now.Sub(m.at) >= keptFor {
		k.drop(e)
		return nil
	}
	k.order.MoveToFront(e)
	return m
}

func (k *kept) put(m *musette) {
	if m.bytes > keptBytes/4 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil {
		k.by = map[kernel.PersonID]*list.Element{}
	}
	if e := k.by[m.owner]; e != nil {
		k.drop(e)
	}
	k.by[m.owner] = k.order.PushFront(m)
	for k.bytes += m.bytes; k.bytes > keptBytes; {
		k.drop(k.order.Back())
	}
}

func (k *kept) drop(e *list.Element) {
	m := k.order.Remove(e).(*musette)
	delete(k.by, m.owner)
	k.bytes -= m.bytes
}

// forget drops what is in memory of owner.
func (k *kept) forget(owner kernel.PersonID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e := k.by[owner]; e != nil {
		k.drop(e)
	}
}

// sweep drops what is older than a minute, so that it does not stay for want of
// another visit.
func (k *kept) sweep(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for e := k.order.Back(); e != nil; {
		before := e.Prev()
		if now.Sub(e.Value.(*musette).at) >= keptFor {
			k.drop(e)
		}
		e = before
	}
}
