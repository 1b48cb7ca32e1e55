package web

import (
	"container/list"
	"context"
	"hash/maphash"
	"math"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"digiwork/internal/kernel"
)

// Limiter lets each key through at a rate, with a burst: a token bucket a key. It
// keeps digests of keys, not keys, and at most MaxKeys of them; the one not seen for
// longest is forgotten first.
type Limiter struct {
	every time.Duration // one token
	burst float64
	clock func() time.Time
	seed  maphash.Seed

	mu      sync.Mutex
	buckets map[uint64]*list.Element
	recent  *list.List // of *bucket, the last seen first
}

// MaxKeys bounds what a Limiter remembers: about 10 MiB.
const MaxKeys = 100_000

type bucket struct {
	key    uint64
	tokens float64
	at     time.Time
}

// NewLimiter allows burst at once and one more every so often. The clock is
// injected; time.Now in the program.
func NewLimiter(burst int, every time.Duration, clock func() time.Time) *Limiter {
	return &Limiter{every: every, burst: float64(burst), clock: clock, seed: maphash.MakeSeed(), buckets: map[uint64]*list.Element{}, recent: list.New()}
}

// errTooMany is refined with the time to wait.
var errTooMany = kernel.NewFault(kernel.TooMany, "web.error.too_many")

// Take uses up one token of key. Without one left, it is a TooMany fault that says
// how long to wait.
func (l *Limiter) Take(key string) error {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(maphash.String(l.seed, key), now)
	if gone := now.Sub(b.at); gone > 0 {
		b.tokens = math.Min(l.burst, b.tokens+float64(gone)/float64(l.every))
		b.at = now
	}
	if b.tokens < 1 {
		return errTooMany.After(time.Duration((1 - b.tokens) * float64(l.every)))
	}
	b.tokens--
	return nil
}

// Forgive gives back all tokens of key: after a right password.
func (l *Limiter) Forgive(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.buckets[maphash.String(l.seed, key)]; ok {
		e.Value.(*bucket).tokens = l.burst //nolint:forcetypeassert // the list holds buckets only
	}
}

func (l *Limiter) bucket(key uint64, now time.Time) *bucket {
	if e, ok := l.buckets[key]; ok {
		l.recent.MoveToFront(e)
		return e.Value.(*bucket) //nolint:forcetypeassert // the list holds buckets only
	}
	if l.recent.Len() >= MaxKeys {
		oldest := l.recent.Back()
		delete(l.buckets, l.recent.Remove(oldest).(*bucket).key) //nolint:forcetypeassert // the list holds buckets only
	}
	b := &bucket{key: key, tokens: l.burst, at: now}
	l.buckets[key] = l.recent.PushFront(b)
	return b
}

// Guard refuses what goes beyond the limit, by the client's address.
func (l *Limiter) Guard(s *Site) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := l.Take(ClientKey(r.Context())); err != nil {
				s.Fail(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// ClientKey is the client's address for a Limiter: the whole of an IPv4 address, the
// network (/64) of an IPv6 one, since a household has 2^64 of those.
func ClientKey(ctx context.Context) string {
	a := Client(ctx)
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	if a == (netip.Addr{}) {
		return "unknown"
	}
	return a.String()
}

// MaxAtOnce is how many requests of one person run at the same time.
const MaxAtOnce = 64

// Crowd bounds how many requests of one person run at the same time.
type Crowd struct {
	most int
	mu   sync.Mutex
	here map[kernel.PersonID]int
}

// NewCrowd lets most requests of each person run at once.
func NewCrowd(most int) *Crowd { return &Crowd{most: most, here: map[kernel.PersonID]int{}} }

// Guard refuses what is one too many. Visitors are not counted: they have no name,
// and limits of rate where they can do something.
func (c *Crowd) Guard(s *Site) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			who := kernel.ActorFrom(r.Context()).Person
			if who == "" {
				next.ServeHTTP(w, r)
				return
			}
			if !c.enter(who) {
				s.Fail(w, r, errTooMany.After(time.Second))
				return
			}
			defer c.leave(who)
			next.ServeHTTP(w, r)
		})
	}
}

func (c *Crowd) enter(who kernel.PersonID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.here[who] >= c.most {
		return false
	}
	c.here[who]++
	return true
}

func (c *Crowd) leave(who kernel.PersonID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.here[who]--; c.here[who] <= 0 {
		delete(c.here, who)
	}
}
