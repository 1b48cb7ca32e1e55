package multibase_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"digiwork/internal/lib/multibase"
)

// The vectors of the base58 draft, and the header of a did:key of Ed25519.
func TestKnownText(t *testing.T) {
	for text, want := range map[string]string{
		"z2NEpo7TZRRrLZSi2U": "48656c6c6f20576f726c6421",
		"z11233QC4":          "0000287fb4cd",
		"z":                  "",
		"z1":                 "00",
		"uSGVsbG8gV29ybGQh":  "48656c6c6f20576f726c6421",
		"u":                  "",
		"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2": "ed01",
	} {
		got, err := multibase.Decode(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if strings.HasPrefix(text, "z6Mk") {
			if len(got) != 34 || got[0] != 0xed || got[1] != 1 {
				t.Errorf("%s: %x", text, got)
			}
			continue
		}
		if hex.EncodeToString(got) != want {
			t.Errorf("%s: %x, want %s", text, got, want)
		}
	}
}

func TestOtherSpellingsAreRefused(t *testing.T) {
	for bad, good := range map[string]string{
		"":                             "z",
		"f00":                          "z1",
		"z0":                           "z1",
		"zl":                           "zm",
		"uQQ==":                        "uQQ",
		"uQR":                          "uQQ",
		"uQ\nQ":                        "uQQ",
		"u+/8":                         "u-_8",
		"z" + strings.Repeat("2", 513): "z" + strings.Repeat("2", 512),
	} {
		if _, err := multibase.Decode(bad); !errors.Is(err, multibase.ErrText) {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := multibase.Decode(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestDigestSaysItsFunction(t *testing.T) {
	sum := bytes.Repeat([]byte{7}, 32)
	code, got, err := multibase.Digest(multibase.EncodeURL(append([]byte{0x12, 32}, sum...)))
	if err != nil || code != multibase.SHA256 || !bytes.Equal(got, sum) {
		t.Errorf("got %x %x %v", code, got, err)
	}
	for _, bad := range [][]byte{nil, {0x12}, append([]byte{0x12, 31}, sum...), append([]byte{0x13, 32}, sum...), sum} {
		if _, _, err := multibase.Digest(multibase.Encode(bad)); err == nil {
			t.Errorf("%x is taken for a multihash", bad)
		}
	}
	if _, _, err := multibase.Digest("!"); err == nil {
		t.Error("any text is taken for a multihash")
	}
}

func TestBytesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 120).Draw(t, "bytes")
		for _, text := range []string{multibase.Encode(b), multibase.EncodeURL(b)} {
			got, err := multibase.Decode(text)
			if err != nil || !bytes.Equal(got, b) {
				t.Fatalf("%x becomes %s, %x (%v)", b, text, got, err)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add("z11233QC4")
	f.Add("uSGVsbG8")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := multibase.Decode(text)
		if err != nil {
			return
		}
		back := multibase.Encode(b)
		if text[0] == 'u' {
			back = multibase.EncodeURL(b)
		}
		if back != text {
			t.Fatalf("%q and %q are the same bytes", text, back)
		}
	})
}
