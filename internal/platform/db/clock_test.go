package db

import (
	"path/filepath"
	"testing"
	"time"
)

func TestTimeNeverGoesBackNorStandsStill(t *testing.T) {
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		clock time.Time
		want  time.Time
	}{
		"as always":          {start.Add(time.Minute), start.Add(time.Minute)},
		"set back by days":   {start.AddDate(0, 0, -3), start.Add(time.Minute)},
		"set back a little":  {start.Add(59 * time.Second), start.Add(time.Minute)},
		"set forward":        {start.AddDate(0, 0, 3), start.AddDate(0, 0, 3)},
		"woken from a sleep": {start.Add(8 * time.Hour), start.Add(8 * time.Hour)},
	} {
		if got, _ := steadily(start, time.Minute, c.clock); !got.Equal(c.want) {
			t.Errorf("%s: a minute after %v it is %v, want %v", name, start, got, c.want)
		}
	}
}

func TestTimeGoesOnFromTheLastWriting(t *testing.T) {
	for name, c := range map[string]struct {
		last  time.Duration // from now
		floor bool
	}{
		"written before": {-time.Hour, false}, "the clock is behind": {72 * time.Hour, true}, "another clock was years ahead": {20 * 365 * 24 * time.Hour, false},
	} {
		d, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), Content)
		if err != nil {
			t.Fatal(err)
		}
		before := d.Now()
		last := before.Add(c.last)
		behind := d.Resume(last)
		if got := behind > time.Minute; got != (c.last > 0) {
			t.Errorf("%s: behind by %v", name, behind)
		}
		var wrote time.Time
		if err := d.Write(t.Context(), func(tx *Tx) error { wrote = tx.Now; return nil }); err != nil {
			t.Fatal(err)
		}
		if got := !wrote.Before(last); c.floor && !got {
			t.Errorf("%s: written at %v, before %v", name, wrote, last)
		}
		if !c.floor && wrote.Sub(before) > time.Hour {
			t.Errorf("%s: written at %v, the clock says %v", name, wrote, before)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
