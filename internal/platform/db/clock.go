package db

import (
	"sync/atomic"
	"time"
)

// steady is the machine's clock, except that it never goes back while the program
// runs: what has ended stays ended, and what waits for a moment is not put off by
// days because somebody set the clock right.
type steady struct{ anchor atomic.Pointer[anchor] }

// anchor is a moment that was certain: what it was, and when it was read.
type anchor struct{ was, read time.Time }

func newSteady() *steady {
	s := &steady{}
	t := time.Now()
	s.anchor.Store(&anchor{t, t})
	return s
}

func (s *steady) now() time.Time {
	t := time.Now()
	a := s.anchor.Load()
	on, ahead := steadily(a.was, t.Sub(a.read), t)
	if ahead {
		s.anchor.Store(&anchor{t, t})
	}
	return on
}

// notBefore makes time go on from was when the machine's clock is behind it.
func (s *steady) notBefore(was time.Time) {
	if t := time.Now(); was.After(t) {
		s.anchor.Store(&anchor{was, t})
	}
}

// steadily is the time some while after was, or what the clock says if that is
// later: then it has been set forward, or the machine has slept.
func steadily(was time.Time, while time.Duration, clock time.Time) (now time.Time, ahead bool) {
	was, clock = was.Round(0), clock.Round(0) // the clocks, not the monotonic readings
	if on := was.Add(while); !clock.After(on) {
		return on, false
	}
	return clock, true
}

// mostBehind is how far behind the last writing a clock may be and still be the one
// that is wrong: beyond, an earlier clock was far ahead.
const mostBehind = 31 * 24 * time.Hour

// Resume is told at start when the database was last written. When the machine's
// clock is behind that, time goes on from there rather than once more; behind says by
// how much. It does so up to a month, the longest that most doors stay open.
func (d *DB) Resume(last time.Time) (behind time.Duration) {
	behind = last.Sub(d.Now())
	if d.steady != nil && behind > 0 && behind < mostBehind {
		d.steady.notBefore(last)
	}
	return max(behind, 0)
}
