package account

import (
	"net/netip"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func TestTriesAreSlowedAndTimeForgives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var th throttle
		l := limit{burst: 3, pause: time.Minute}
		for i := range 3 {
			if wait := th.take(time.Now(), "ada", l); wait != 0 {
				t.Errorf("try %d waits %s", i+1, wait)
			}
		}
		if wait := th.take(time.Now(), "ada", l); wait != time.Minute {
			t.Errorf("the fourth waits %s", wait)
		}
		if wait := th.take(time.Now(), "bob", l); wait != 0 {
			t.Errorf("somebody else waits %s", wait)
		}
		time.Sleep(time.Minute)
		if wait := th.take(time.Now(), "ada", l); wait != 0 {
			t.Errorf("a minute later it waits %s", wait)
		}
		if wait := th.take(time.Now(), "ada", l); wait != time.Minute {
			t.Errorf("and then %s", wait)
		}
		th.giveBack("ada", l)
		if wait := th.take(time.Now(), "ada", l); wait != 0 {
			t.Errorf("a try given back: %s", wait)
		}
		th.forget("ada")
		for range 3 {
			if wait := th.take(time.Now(), "ada", l); wait != 0 {
				t.Errorf("after forgetting: %s", wait)
			}
		}
	})
}

// However tries are spread, no span holds more than the burst and one a pause.
func TestNoSpreadOfTriesGetsMoreThrough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := limit{burst: rapid.IntRange(1, 5).Draw(t, "burst"), pause: time.Second}
		var th throttle
		start := time.Unix(1_000_000, 0)
		now, through := start, 0
		for range rapid.IntRange(1, 60).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "ms")) * time.Millisecond)
			wait := th.take(now, "k", l)
			if wait == 0 {
				through++
			} else if again := th.take(now.Add(wait), "k", l); again != 0 {
				t.Fatalf("waiting %s was not enough", wait)
			} else {
				now, through = now.Add(wait), through+1
			}
		}
		if most := l.burst + int(now.Sub(start)/l.pause); through > most {
			t.Errorf("%d got through in %s, at most %d may", through, now.Sub(start), most)
		}
	})
}

func TestAThrottleForgetsRatherThanGrow(t *testing.T) {
	t.Parallel()
	var th throttle
	now := time.Unix(1_000_000, 0)
	for i := range mostKeys + 10 {
		th.take(now, strconv.Itoa(i), perAccount)
	}
	if n := len(th.paid); n > mostKeys {
		t.Errorf("%d keys are kept", n)
	}
}

func TestAHouseholdIsOneAddress(t *testing.T) {
	t.Parallel()
	key := func(s string) string { return addressKey("in", netip.MustParseAddr(s)) }
	if key("2001:db8:1:2::1") != key("2001:db8:1:2:ffff::9") || key("2001:db8:1:2::1") == key("2001:db8:1:3::1") {
		t.Error("IPv6 is not told apart by its first 64 bits")
	}
	if key("192.0.2.1") == key("192.0.2.2") || key("192.0.2.1") != key("::ffff:192.0.2.1") {
		t.Error("IPv4 is not told apart by the whole")
	}
	if addressKey("in", netip.Addr{}) == key("192.0.2.1") {
		t.Error("an unknown address is somebody's")
	}
}
