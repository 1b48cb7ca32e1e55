package zipsafe

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func zipOf(t *testing.T, contents ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, content := range contents {
		f, err := w.Create(fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestListingIsBounded(t *testing.T) {
	three := zipOf(t, "a", "b", "c")
	for _, c := range []struct {
		raw  []byte
		most Listing
		want error
	}{
		{three, Listing{Directory: 1 << 20, Files: 3}, nil},
		{three, Listing{Directory: 1 << 20, Files: 2}, ErrMany},
		{three, Listing{Directory: 100, Files: 3}, ErrMany},
		{three[:40], Listing{Directory: 1 << 20, Files: 3}, ErrBroken},
	} {
		if _, err := List(bytes.NewReader(c.raw), int64(len(c.raw)), c.most); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.most, err, c.want)
		}
	}
}

func TestUnpackingIsBounded(t *testing.T) {
	noise := strings.Repeat("0123456789", 10)
	for _, c := range []struct {
		contents []string
		most     Unpacking
		want     error
	}{
		{[]string{strings.Repeat("a", 1000), noise}, Unpacking{Bytes: 2000, Ratio: 10, Floor: 2000}, nil},
		{[]string{strings.Repeat("a", 1000), noise}, Unpacking{Bytes: 999, Ratio: 10, Floor: 2000}, ErrLarge},
		{[]string{strings.Repeat("a", 5000), noise}, Unpacking{Bytes: 9000, Ratio: 10, Floor: 2000}, ErrBomb},
		{[]string{strings.Repeat("a", 5000), noise}, Unpacking{Bytes: 9000, Ratio: 1000, Floor: 2000}, nil},
		{[]string{strings.Repeat("a", 5000), strings.Repeat("b", 100)}, Unpacking{Bytes: 9000, Ratio: 150, Floor: 2000, Each: true}, ErrBomb},
		{[]string{strings.Repeat("a", 5000), strings.Repeat("b", 100)}, Unpacking{Bytes: 9000, Ratio: 150, Floor: 2000}, nil},
	} {
		raw := zipOf(t, c.contents...)
		z, err := List(bytes.NewReader(raw), int64(len(raw)), Listing{Directory: 1 << 20, Files: 10})
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(z, c.most); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.most, err, c.want)
		}
	}
}
