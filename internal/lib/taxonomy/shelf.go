package taxonomy

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// Shelf is the folder where the books stand, one file a version of a scheme. It
// is made when the first book is put there. Several processes may read it while
// one imports.
type Shelf struct{ Dir string }

// Entry is a book on the shelf, without what it holds.
type Entry struct {
	Scheme  Scheme         `json:"scheme"`
	Version string         `json:"version"`
	Current bool           `json:"current"` // the newest of its scheme: what suggestions are made from
	Langs   []string       `json:"langs"`
	Counts  map[string]int `json:"counts"`
	Sources []Source       `json:"sources"`
	Notice  string         `json:"notice"`
	Digest  string         `json:"digest"`
}

const extension = ".taxonomy"

// undated is the version of files that tell none.
const undated = "0"

var fileName = regexp.MustCompile(`^(esco|rome|rome-esco|rncp|formacode)@([0-9A-Za-z.-]{1,40})\.taxonomy$`)

func (s Shelf) path(scheme Scheme, version string) string {
	return filepath.Join(s.Dir, string(scheme)+"@"+version+extension)
}

// List gives the books, newest version of each scheme first.
func (s Shelf) List() ([]Entry, error) {
	files, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Entry
	for _, f := range files {
		if !fileName.MatchString(f.Name()) {
			continue
		}
		h, err := readHead(filepath.Join(s.Dir, f.Name()))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		all = append(all, Entry{Scheme: h.Scheme, Version: h.Version, Langs: h.Langs, Counts: h.Counts,
			Sources: h.Sources, Notice: h.Scheme.Notice(), Digest: h.Digest})
	}
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(slices.Index(Schemes, a.Scheme), slices.Index(Schemes, b.Scheme)), compareVersions(b.Version, a.Version))
	})
	for i := range all {
		all[i].Current = i == 0 || all[i-1].Scheme != all[i].Scheme
	}
	return all, nil
}

func readHead(name string) (head, error) {
	f, err := os.Open(name) //nolint:gosec // a file of the shelf
	if err != nil {
		return head{}, err
	}
	defer f.Close() //nolint:errcheck // read only
	r := bufio.NewReader(f)
	var raw []byte
	for range 2 {
		line, err := r.ReadSlice('\n')
		raw = append(raw, line...)
		for errors.Is(err, bufio.ErrBufferFull) && len(raw) < maxCell {
			line, err = r.ReadSlice('\n')
			raw = append(raw, line...)
		}
		if err != nil {
			return head{}, errDamaged
		}
	}
	h, _, err := decodeHead(raw)
	return h, err
}

// Open reads a book whole.
func (s Shelf) Open(scheme Scheme, version string) (*Book, error) {
	name := s.path(scheme, version)
	if !fileName.MatchString(filepath.Base(name)) {
		return nil, &Refusal{Reason: Missing, File: filepath.Base(name)}
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, &Refusal{Reason: Missing, File: filepath.Base(name), Err: err}
	}
	if info.Size() > maxFile {
		return nil, &Refusal{Reason: TooLarge, File: filepath.Base(name)}
	}
	raw, err := os.ReadFile(name) //nolint:gosec // a file of the shelf
	if err != nil {
		return nil, &Refusal{Reason: Missing, File: filepath.Base(name), Err: err}
	}
	b, err := decode(raw)
	if err != nil {
		return nil, &Refusal{Reason: Damaged, File: filepath.Base(name), Err: err}
	}
	return b, nil
}

// Current reads the newest book of a scheme; nil when there is none.
func (s Shelf) Current(scheme Scheme) (*Book, error) {
	all, err := s.List()
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.Scheme == scheme && e.Current {
			return s.Open(scheme, e.Version)
		}
	}
	return nil, nil
}

// Report says what an import did.
type Report struct {
	Entry
	Added    int       `json:"added"`    // concepts that were not there
	Kept     int       `json:"kept"`     // concepts of the version before that are gone from this one, still readable there
	Replaced []Replace `json:"replaced"` // what took the place of some of those
}

// Replace is a concept that another took the place of.
type Replace struct {
	Old   string `json:"old"`
	Label string `json:"label"`
	New   string `json:"new"`
	Why   string `json:"why"` // "declared", "same name", "same titles"
}

// Import reads official files into the book of their version: the one their
// names tell, else version, else the newest on the shelf of that scheme. What
// the book held stays. Nothing changes unless all files could be read.
func (s Shelf) Import(scheme Scheme, version string, paths []string) (Report, error) {
	if !slices.Contains(Schemes, scheme) {
		return Report{}, &Refusal{Reason: Unknown, Detail: string(scheme)}
	}
	unlock, err := s.lock()
	if err != nil {
		return Report{}, err
	}
	defer unlock()
	books, err := s.List()
	if err != nil {
		return Report{}, err
	}
	books = slices.DeleteFunc(books, func(e Entry) bool { return e.Scheme != scheme })
	inside, err := namesIn(paths)
	if err != nil {
		return Report{}, err
	}
	version = cmp.Or(version, versionIn(scheme, inside))
	if version == "" && len(books) > 0 {
		version = books[0].Version
	}
	d, before, err := s.draft(scheme, cmp.Or(version, undated))
	if err != nil {
		return Report{}, err
	}
	if err := d.read(paths); err != nil {
		return Report{}, err
	}
	if !fileName.MatchString(filepath.Base(s.path(scheme, d.version))) {
		return Report{}, &Refusal{Reason: Damaged, Detail: "version " + d.version}
	}
	return s.put(d.book(), before, books)
}

// draft continues the book of a version, or begins it; before is how many
// concepts it holds.
func (s Shelf) draft(scheme Scheme, version string) (d *draft, before int, err error) {
	if _, err := os.Stat(s.path(scheme, version)); errors.Is(err, fs.ErrNotExist) {
		return newDraft(scheme, version), 0, nil
	}
	old, err := s.Open(scheme, version)
	if err != nil {
		return nil, 0, err
	}
	return reopen(old), len(old.Concepts), nil
}

// put writes a book on the shelf and compares it with the version before.
func (s Shelf) put(b *Book, before int, books []Entry) (Report, error) {
	raw, err := encode(b)
	if err != nil {
		return Report{}, err
	}
	if err := s.write(s.path(b.Scheme, b.Version), raw); err != nil {
		return Report{}, err
	}
	rep := Report{Entry: Entry{Scheme: b.Scheme, Version: b.Version, Langs: b.Langs, Sources: b.Sources,
		Notice: b.Scheme.Notice(), Digest: b.Digest, Counts: map[string]int{}}, Added: len(b.Concepts) - before}
	for k, n := range b.Count() {
		rep.Counts[k.String()] = n
	}
	rep.Current = len(books) == 0 || compareVersions(b.Version, books[0].Version) >= 0
	for _, e := range books {
		if compareVersions(e.Version, b.Version) < 0 {
			old, err := s.Open(e.Scheme, e.Version)
			if err != nil {
				return rep, err
			}
			rep.Replaced, rep.Kept = replacements(old, b)
			break
		}
	}
	return rep, nil
}

// write replaces a file at once, durably.
func (s Shelf) write(name string, raw []byte) error {
	tmp := name + "." + rand.Text()
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // public referentials
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return nil
}
