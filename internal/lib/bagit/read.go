package bagit

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"digiwork/internal/lib/zipsafe"
)

// Bag is a bag that was opened and whose digests were compared.
type Bag struct {
	Findings []string // what does not hold, in words; empty for a whole bag

	all     map[string]*zip.File // by path in the bag
	digests map[string]string    // of the payload, by path in the bag
}

// Limits bound a bag.
type Limits struct {
	zipsafe.Listing
	zipsafe.Unpacking
	File int64 // bytes of one file, unpacked
}

// ErrNone says that a ZIP is no bag.
var ErrNone = errors.New("no bagit.txt: this is not a bag")

// manifestMost is the size of the largest manifest that is read, in bytes.
const manifestMost = 32 << 20

// Is reports whether a ZIP looks like a bag that holds a file of the payload.
func Is(z *zip.Reader, holds string) bool {
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return isDeclaration(f.Name) })
	if i < 0 {
		return false
	}
	wanted := strings.TrimSuffix(z.File[i].Name, declaration) + payload + holds
	return slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == wanted })
}

// Open opens a bag of size bytes and compares every file with its digest, one at a
// time. What does not hold stands in Findings.
//
// An error when it is no bag, or beyond the limits.
func Open(ctx context.Context, r io.ReaderAt, size int64, most Limits) (*Bag, error) {
	z, err := zipsafe.List(r, size, most.Listing)
	if err != nil {
		return nil, err
	}
	if err := zipsafe.Check(z, most.Unpacking); err != nil {
		return nil, err
	}
	b := &Bag{all: map[string]*zip.File{}, digests: map[string]string{}}
	if err := b.list(z); err != nil {
		return nil, err
	}
	for _, name := range []string{manifest, tagManifest} {
		if err := b.verify(ctx, name, most.File); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// list finds the files of the bag: each named once, none that leads elsewhere.
func (b *Bag) list(z *zip.Reader) error {
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return isDeclaration(f.Name) })
	if i < 0 {
		return ErrNone
	}
	root := strings.TrimSuffix(z.File[i].Name, declaration)
	for _, f := range z.File {
		name := strings.TrimPrefix(f.Name, root)
		switch {
		case strings.HasSuffix(name, "/"):
			continue
		case path.Clean("/"+name) != "/"+name || strings.Contains(name, `\`):
			return fmt.Errorf("a file is called %.80q, which leads elsewhere", f.Name)
		case b.all[name] != nil:
			return fmt.Errorf("two files are called %.80q", f.Name)
		}
		b.all[name] = f
	}
	return nil
}

// verify compares the files a manifest lists with their digests, and looks for files
// of the payload that no manifest lists.
func (b *Bag) verify(ctx context.Context, list string, most int64) error {
	if b.all[list] == nil {
		b.find("%s is missing", list)
		return nil
	}
	raw, err := b.read(list, manifestMost)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		// RFC 8493, 2.1.3: digest, white space (coreutils write two spaces or a space and a star), path
		digest, name, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if name = strings.TrimLeft(name, " *"); !ok {
			continue
		}
		if listed[name] {
			b.find("%s is listed twice in %s", name, list)
			continue
		}
		listed[name] = true
		if b.all[name] == nil {
			b.find("%s is missing", name)
			continue
		}
		got, err := b.digest(name, most)
		switch {
		case errors.Is(err, errTooLarge):
			return err
		case err != nil || got != strings.ToLower(digest):
			b.find("%s was altered", name)
		}
		b.digests[name] = got
	}
	if list == tagManifest {
		return nil
	}
	for name := range b.all {
		if strings.HasPrefix(name, payload) && !listed[name] {
			b.find("%s is not in the manifest", name)
		}
	}
	return nil
}

// findingsMost is how many findings are said one by one.
const findingsMost = 100

func (b *Bag) find(format string, args ...any) {
	if len(b.Findings) < findingsMost {
		b.Findings = append(b.Findings, fmt.Sprintf(format, args...))
	}
}

var errTooLarge = errors.New("too large")

func (b *Bag) digest(name string, most int64) (string, error) {
	r, err := b.all[name].Open()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(r, most+1))
	if n > most {
		err = fmt.Errorf("%.80s: %w, more than %d MiB", name, errTooLarge, most>>20)
	}
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, r.Close())
}

func (b *Bag) read(name string, most int64) ([]byte, error) {
	r, err := b.all[name].Open()
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, most+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("%.80s: %w", name, err)
	}
	if int64(len(raw)) > most {
		return nil, fmt.Errorf("%.80s: %w, more than %d MiB", name, errTooLarge, most>>20)
	}
	return raw, nil
}

// Has reports whether a file of the payload is there; path is below data/.
func (b *Bag) Has(path string) bool { return b.all[payload+path] != nil }

// SHA256 is the digest of a file of the payload, "" when it is not listed.
func (b *Bag) SHA256(path string) string { return b.digests[payload+path] }

// Read reads a file of the payload of at most most bytes.
func (b *Bag) Read(path string, most int64) ([]byte, error) {
	if !b.Has(path) {
		return nil, fmt.Errorf("%.80s is missing", path)
	}
	return b.read(payload+path, most)
}

// Open opens a file of the payload.
func (b *Bag) Open(path string) (io.ReadCloser, error) {
	if !b.Has(path) {
		return nil, fmt.Errorf("%.80s is missing", path)
	}
	r, err := b.all[payload+path].Open()
	if err != nil {
		return nil, err
	}
	return file{bufio.NewReaderSize(r, 64<<10), r}, nil
}

type file struct {
	io.Reader
	io.Closer
}

// Files are the paths of the payload, sorted.
func (b *Bag) Files() []string {
	var all []string
	for name := range b.all {
		if p, ok := strings.CutPrefix(name, payload); ok {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return all
}
