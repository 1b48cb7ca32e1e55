package gate

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A moment comes back exactly: an archive of it is the same on every instance.
func TestMomentsComeBackExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms")).UTC()
		raw, err := encoding.Marshal(plain{View: View{Provenance: Provenance{At: at}}})
		if err != nil {
			t.Fatal(err)
		}
		var back plain
		if err := decoding.Unmarshal(raw, &back); err != nil || !back.View.Provenance.At.Equal(at) {
			t.Fatalf("%v became %v, %v", at, back.View.Provenance.At, err)
		}
		raw, err = encoding.Marshal(plain{})
		if err != nil || len(raw) > 16 {
			t.Fatalf("an empty item takes %d bytes, %v", len(raw), err)
		}
	})
}
