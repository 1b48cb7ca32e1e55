package account

import (
	"net/netip"
	"sync"
	"time"

	"digiwork/internal/kernel"
)

// limit is how often something may be tried: burst times at once, then once a pause.
type limit struct {
	burst int
	pause time.Duration
}

var (
	perAccount = limit{burst: 10, pause: time.Minute}
	perAddress = limit{burst: 40, pause: 15 * time.Second}
	signUps    = limit{burst: 30, pause: time.Minute}
)

// mostKeys bounds the memory of a throttle.
const mostKeys = 50_000

// throttle slows down who tries too often. It keeps one moment a key: when the key
// has paid for all it took (the generic cell rate algorithm of ITU-T I.371). It is
// in memory: what must not be guessed is long enough without it.
type throttle struct {
	mu   sync.Mutex
	paid map[string]time.Time
}

// take counts one try and says how long to wait before it; zero is go on.
func (t *throttle) take(now time.Time, key string, l limit) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paid == nil {
		t.paid = map[string]time.Time{}
	}
	paid := t.paid[key]
	if paid.Before(now) {
		paid = now
	}
	paid = paid.Add(l.pause)
	if wait := paid.Sub(now) - time.Duration(l.burst)*l.pause; wait > 0 {
		return wait
	}
	if len(t.paid) >= mostKeys {
		t.trim(now)
	}
	t.paid[key] = paid
	return 0
}

// forget lets a key begin anew: it was no guessing.
func (t *throttle) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.paid, key)
}

// giveBack returns one try to a key that others may share.
func (t *throttle) giveBack(key string, l limit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if paid, ok := t.paid[key]; ok {
		t.paid[key] = paid.Add(-l.pause)
	}
}

// trim drops what is paid, and some others when that is not enough.
func (t *throttle) trim(now time.Time) {
	for key, paid := range t.paid {
		if !paid.After(now) || len(t.paid) > mostKeys*3/4 {
			delete(t.paid, key)
		}
	}
}

// tooMany says how long to wait.
func tooMany(wait time.Duration) error {
	minutes := int((wait + time.Minute - 1) / time.Minute)
	return kernel.NewFault(kernel.TooMany, "account.too_many").On("name").With("minutes", minutes).After(wait)
}

// addressKey is a visitor's address as far as a limit may tell it: the whole of
// IPv4, the first 64 bits of IPv6, which are one household.
func addressKey(what string, a netip.Addr) string {
	if !a.IsValid() {
		return what + " ?"
	}
	if a.Is6() && !a.Is4In6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return what + " " + p.String()
		}
	}
	return what + " " + a.Unmap().String()
}
