package musette

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"digiwork/internal/kernel"
)

// jsonWriter writes musette.json item by item: members sorted, text as typed, the
// same bytes for the same musette.
type jsonWriter struct {
	w    io.Writer
	some bool // an item was written
}

func beginJSON(w io.Writer) (*jsonWriter, error) {
	head, err := asTyped(archiveContext)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("{\n  \"@context\": ")
	if err := json.Indent(&out, head, "  ", "  "); err != nil {
		return nil, err
	}
	fmt.Fprintf(&out, ",\n  \"format\": %q,\n  \"items\": [", archiveFormat)
	_, err = w.Write(out.Bytes())
	return &jsonWriter{w: w}, err
}

func (j *jsonWriter) item(a *archiveItem) error {
	raw, err := asTyped(a)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if j.some {
		out.WriteByte(',')
	}
	j.some = true
	out.WriteString("\n    ")
	if err := json.Indent(&out, raw, "    ", "  "); err != nil {
		return err
	}
	_, err = j.w.Write(out.Bytes())
	return err
}

func (j *jsonWriter) end() error {
	after := "\n  ]"
	if !j.some {
		after = "]"
	}
	_, err := fmt.Fprintf(j.w, "%s,\n  \"version\": %d\n}\n", after, archiveVersion)
	return err
}

// readJSON reads musette.json item by item, strictly enough to keep it: known format,
// ids that are ids and come once, versions that rise. Everything before the end may
// have been visited when it fails.
func readJSON(r io.Reader, visit func(*archiveItem) error) error {
	d := &jsonReader{ration: &ration{r: r}, seen: map[kernel.ItemID]bool{}, visit: visit}
	d.dec = json.NewDecoder(d.ration)
	if err := d.document(); err != nil {
		return fmt.Errorf("musette.json: %w", err)
	}
	return nil
}

type jsonReader struct {
	*ration
	dec     *json.Decoder
	seen    map[kernel.ItemID]bool
	visit   func(*archiveItem) error
	format  string
	version int
}

// ration gives bytes as long as the value that is read may have some.
type ration struct {
	r    io.Reader
	left int64
}

var errRation = errors.New("a value is too long")

// Read implements io.Reader.
func (r *ration) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errRation
	}
	n, err := r.r.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	return n, err
}

// value reads one value of at most archiveValueMost bytes.
func (d *jsonReader) value(v any) error {
	d.left = archiveValueMost
	return d.dec.Decode(v)
}

// members visits the members of an object, or the elements of an array.
func (d *jsonReader) members(open json.Delim, visit func(name string) error) error {
	d.left = archiveValueMost
	t, err := d.dec.Token()
	if err != nil {
		return err
	}
	if t != open {
		return fmt.Errorf("found %.40q where %q was expected", fmt.Sprint(t), open.String())
	}
	for d.dec.More() {
		name := ""
		if open == '{' {
			d.left = archiveValueMost
			t, err := d.dec.Token()
			if err != nil {
				return err
			}
			name, _ = t.(string)
		}
		if err := visit(name); err != nil {
			return err
		}
		d.left = archiveValueMost
	}
	_, err = d.dec.Token()
	return err
}

func (d *jsonReader) document() error {
	known := false
	err := d.members('{', func(name string) error {
		switch name {
		case "format":
			known = true
			return d.value(&d.format)
		case "version":
			return d.value(&d.version)
		case "items":
			return d.members('[', func(string) error { return d.item() })
		}
		var other json.RawMessage
		return d.value(&other)
	})
	switch {
	case err != nil:
		return err
	case !known || d.format != archiveFormat:
		return fmt.Errorf("its format is %.40q, not %q", d.format, archiveFormat)
	case d.version > archiveVersion:
		return fmt.Errorf("version %d was written by a newer program", d.version)
	}
	return nil
}

// item reads one item, its history version by version.
func (d *jsonReader) item() error {
	members := map[string]json.RawMessage{}
	var past versions
	from := d.dec.InputOffset()
	err := d.members('{', func(name string) error {
		if name == "history" {
			past = versions{}
			return d.members('[', func(string) error { return d.earlier(&past) })
		}
		var raw json.RawMessage
		if err := d.value(&raw); err != nil {
			return err
		}
		if members[name] = raw; d.dec.InputOffset()-from-past.read > archiveValueMost {
			return errRation
		}
		return nil
	})
	n := len(d.seen) + 1
	if err != nil {
		return fmt.Errorf("item %d: %w", n, err)
	}
	whole, err := json.Marshal(members)
	if err != nil {
		return fmt.Errorf("item %d: %w", n, err)
	}
	it := archiveItem{}
	if err := json.Unmarshal(whole, &it); err != nil {
		return fmt.Errorf("item %d: %w", n, err)
	}
	it.History, it.size, it.lost = past.all, d.dec.InputOffset()-from, past.lost
	switch err := it.check(); {
	case err != nil:
		return fmt.Errorf("item %d: %w", n, err)
	case d.seen[it.ID]:
		return fmt.Errorf("two items are called %s", it.ID)
	case n > archiveItemsMost:
		return fmt.Errorf("more than %d items", archiveItemsMost)
	}
	d.seen[it.ID] = true
	return d.visit(&it)
}

// versions are the earlier versions of an item, the newest of them when there are
// more than memory and one transaction hold.
type versions struct {
	all    []archiveItem // oldest first
	read   int64         // bytes in the file
	weight int64         // bytes in memory
	lost   int           // the oldest, left in the archive
}

// earlier reads one earlier version.
func (d *jsonReader) earlier(v *versions) error {
	from := d.dec.InputOffset()
	var h archiveItem
	if err := d.value(&h); err != nil {
		return err
	}
	if h.Import != nil {
		return errors.New("an import with a history")
	}
	if err := h.checkLists(); err != nil {
		return err
	}
	n := d.dec.InputOffset() - from
	h.size = n + h.lists()
	v.all, v.read, v.weight = append(v.all, h), v.read+n, v.weight+h.size
	for len(v.all) > archiveVersionsMost || v.weight > archiveItemMost {
		v.weight -= v.all[0].size
		v.all[0] = archiveItem{}
		v.all = v.all[1:]
		v.lost++
	}
	return nil
}

// lists is about what the lists of a version take in memory beside their text.
func (a *archiveItem) lists() int64 {
	n := len(a.Tools) + len(a.Methods) + len(a.Tags) + 2*len(a.Facts) + len(a.itemIDs())
	if a.Face != nil {
		n += len(a.Face.Hides) + len(a.Face.Shows.Profile)
	}
	return int64(n) * 24
}

// check refuses what cannot be kept as it stands.
func (a *archiveItem) check() error {
	switch {
	case a.Room == "" || len(a.Room) > 40 || !exported(a.Room):
		return fmt.Errorf("%.80s: %q is no room", a.ID, clip(a.Room, 40))
	}
	return a.checkForm()
}

// checkForm is check for an item of any room.
func (a *archiveItem) checkForm() error {
	switch {
	case !isID(string(a.ID)):
		return fmt.Errorf("%q is no id", clip(string(a.ID), 80))
	case a.Version < 1:
		return fmt.Errorf("%s: version %d", a.ID, a.Version)
	}
	if err := a.checkLists(); err != nil {
		return fmt.Errorf("%s: %w", a.ID, err)
	}
	last := int64(0)
	for i := range a.History {
		h := &a.History[i]
		if h.Version <= last || h.Version >= a.Version || len(h.History) > 0 {
			return fmt.Errorf("%s: its history is out of order", a.ID)
		}
		last = h.Version
		h.ID, h.Room = a.ID, a.Room
	}
	return nil
}

// checkLists refuses lists of nothing, which would take much more memory than their
// size in the file, files without digest and text that no page shows.
func (a *archiveItem) checkLists() error {
	for _, list := range [][]string{a.Tools, a.Methods, a.Tags} {
		if slices.Contains(list, "") {
			return errors.New("an empty word in a list")
		}
	}
	if f := a.Face; f != nil && (slices.Contains(f.Hides, "") || slices.Contains(f.Shows.Profile, "")) {
		return errors.New("a face with an empty word")
	}
	for _, id := range a.itemIDs() {
		if !isID(string(id)) {
			return fmt.Errorf("a link to %q, which is no id", clip(string(id), 80))
		}
	}
	for _, f := range a.Facts {
		if f.Name == "" {
			return errors.New("a fact without a name")
		}
	}
	for _, f := range a.digests() {
		if len(f.sha256) != 64 {
			return fmt.Errorf("the file %q has no digest", clip(f.path, 80))
		}
	}
	for _, s := range []string{a.Title, a.Organisation, a.Place, a.WithWhom, a.Purpose, a.Status, a.Narrative} {
		if strings.ContainsRune(s, 0) {
			return errors.New("text with a NUL character")
		}
	}
	return nil
}

// itemIDs are the items an item speaks of.
func (a *archiveItem) itemIDs() []kernel.ItemID {
	if a.Face == nil {
		return a.Links
	}
	sh := a.Face.Shows
	return slices.Concat(a.Links, sh.Activities.IDs, sh.Items, sh.Pieces, sh.Originals)
}

// digest is what an item says of a file beside it.
type digest struct{ path, sha256 string }

// digests are the files an item speaks of, without those of its history.
func (a *archiveItem) digests() []digest {
	var all []digest
	if a.File != nil {
		all = append(all, digest{a.File.Path, a.File.SHA256})
	}
	for _, f := range a.Files {
		all = append(all, digest{f.Path, f.SHA256})
	}
	return all
}

// isID reports whether s has the form of an id: three letters, an underscore,
// letters and digits.
func isID(s string) bool {
	if len(s) < 5 || len(s) > 60 || s[3] != '_' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i != 3 && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
