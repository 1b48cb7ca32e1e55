package statuslist_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/lib/multibase"
)

func TestBitsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := statuslist.New(0)
		on := map[int]bool{}
		for range rapid.IntRange(0, 20).Draw(t, "changes") {
			i, v := rapid.IntRange(0, l.Len()-1).Draw(t, "index"), rapid.Bool().Draw(t, "value")
			if err := l.Set(i, v); err != nil {
				t.Fatal(err)
			}
			on[i] = v
		}
		text, err := l.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := statuslist.Decode(text)
		if err != nil || back.Len() != l.Len() {
			t.Fatal(err)
		}
		for i, v := range on {
			if got, err := back.Get(i, 1); err != nil || (got == 1) != v {
				t.Fatalf("bit %d is %d (%v)", i, got, err)
			}
		}
	})
}

// Bitstring Status List 1.0, 3.4: the first entry is the left-most bit.
func TestTheFirstEntryIsTheHighestBit(t *testing.T) {
	raw := make([]byte, statuslist.MinEntries/8)
	raw[0], raw[1] = 0b1000_0010, 0b0100_0000
	l, err := statuslist.Decode(pack(t, raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ index, size, want int }{{0, 1, 1}, {1, 1, 0}, {6, 1, 1}, {9, 1, 1}, {0, 2, 2}, {3, 2, 2}, {4, 2, 1}, {0, 4, 8}, {1, 4, 2}} {
		if got, err := l.Get(c.index, c.size); err != nil || got != c.want {
			t.Errorf("entry %d of %d bits is %d (%v), want %d", c.index, c.size, got, err, c.want)
		}
	}
	for _, bad := range [][2]int{{-1, 1}, {statuslist.MinEntries, 1}, {statuslist.MinEntries / 2, 2}, {0, 0}, {0, 9}} {
		if _, err := l.Get(bad[0], bad[1]); !errors.Is(err, statuslist.ErrRange) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if err := l.Set(l.Len(), true); !errors.Is(err, statuslist.ErrRange) {
		t.Errorf("beyond the end: %v", err)
	}
}

func pack(t testing.TB, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return multibase.EncodeURL(b.Bytes())
}

func TestListsThatAreNoneAreRefused(t *testing.T) {
	good := pack(t, make([]byte, statuslist.MinEntries/8))
	if _, err := statuslist.Decode(good); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":     "",
		"alphabet":  "z" + good[1:],
		"not gzip":  multibase.EncodeURL([]byte("not gzip")),
		"cut":       multibase.EncodeURL([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0}),
		"too short": pack(t, make([]byte, statuslist.MinEntries/8-1)),
		"a bomb":    pack(t, make([]byte, 200<<20)),
	} {
		start := time.Now()
		if _, err := statuslist.Decode(bad); !errors.Is(err, statuslist.ErrList) {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: refused in %v", name, time.Since(start))
	}
}

func TestAnEntryIsReadInItsList(t *testing.T) {
	l := statuslist.New(0)
	if err := l.Set(94567, true); err != nil {
		t.Fatal(err)
	}
	list, err := statuslist.Credential("https://a.example/status/3", "did:web:a.example", statuslist.Revocation, l, "2026-01-01T00:00:00Z", "")
	if err != nil {
		t.Fatal(err)
	}
	for index, want := range map[int]int{94567: 1, 94568: 0} {
		e, err := statuslist.ParseEntry(statuslist.NewEntry("https://a.example/status/3", statuslist.Revocation, index))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Read(list); err != nil || got != want {
			t.Errorf("entry %d is %d (%v), want %d", index, got, err, want)
		}
	}
	e, err := statuslist.ParseEntry(statuslist.NewEntry("https://a.example/status/3", statuslist.Suspension, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Read(list); !errors.Is(err, statuslist.ErrPurpose) {
		t.Errorf("another purpose: %v", err)
	}
	if _, err := e.Read(map[string]any{}); !errors.Is(err, statuslist.ErrList) {
		t.Errorf("no list: %v", err)
	}
	for name, v := range map[string]any{
		"statusPurpose": nil, "statusListCredential": 1.0, "statusListIndex": "-1", "statusSize": 0.0,
	} {
		m := statuslist.NewEntry("https://a.example/status/3", statuslist.Revocation, 1)
		m[name] = v
		if _, err := statuslist.ParseEntry(m); !errors.Is(err, statuslist.ErrEntry) {
			t.Errorf("%s %v: %v", name, v, err)
		}
	}
	m := statuslist.NewEntry("https://a.example/status/3", statuslist.Revocation, 1)
	m["statusListIndex"] = 23.0
	if e, err := statuslist.ParseEntry(m); err != nil || e.Index != 23 {
		t.Errorf("a number as index: %v %v", e, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(pack(f, make([]byte, statuslist.MinEntries/8)))
	f.Add("uH4sI")
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := statuslist.Decode(text); err == nil && l.Len() < statuslist.MinEntries {
			t.Fatal("a short list")
		}
	})
}
