package musette

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
	"digiwork/internal/platform/db"

	"github.com/fxamacker/cbor/v2"
)

// pastRoom keeps the journal and the grants of the instances a musette came from:
// to be read, never to be opened again.
const pastRoom = "past"

// Past is the journal and the grants of an instance the musette came from.
type Past struct {
	Journal string `cbor:"1,keyasint"`
	Grants  string `cbor:"2,keyasint"`
}

// opened is a bag that was read: its files by path below data/, and what is wrong.
type openedBag struct {
	files    map[string]*zip.File
	findings []string
}

const (
	bagFilesMost = 20_000
	bagFileMost  = 64 << 20 // bytes of one file, unpacked
)

// openBag opens a ZIP and checks every file against the manifests.
func openBag(ctx context.Context, r io.ReaderAt, size int64) (*openedBag, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not a ZIP that can be read: %w", err)
	}
	if len(z.File) > bagFilesMost {
		return nil, fmt.Errorf("more than %d files", bagFilesMost)
	}
	b := &openedBag{files: map[string]*zip.File{}}
	all := map[string]*zip.File{}
	root := rootOf(z)
	for _, f := range z.File {
		name := strings.TrimPrefix(f.Name, root)
		if strings.HasSuffix(name, "/") {
			continue
		}
		if path.Clean("/"+name) != "/"+name {
			return nil, fmt.Errorf("a file is called %q, which leads elsewhere", clip(f.Name, 80))
		}
		if all[name] != nil {
			return nil, fmt.Errorf("two files are called %q", clip(f.Name, 80))
		}
		all[name] = f
		if p, ok := strings.CutPrefix(name, "data/"); ok {
			b.files[p] = f
		}
	}
	if all["bagit.txt"] == nil || b.files["musette.json"] == nil {
		return nil, errors.New("no bagit.txt or no data/musette.json: this is not a musette's archive")
	}
	for _, name := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"} {
		if err := b.verify(ctx, all, name); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// rootOf is the one folder in which some programs wrap a bag, with its slash.
func rootOf(z *zip.Reader) string {
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "bagit.txt") && strings.Count(f.Name, "/") <= 1 {
			return strings.TrimSuffix(f.Name, "bagit.txt")
		}
	}
	return ""
}

// verify compares the files a manifest lists with their digests, and looks for
// files no manifest lists.
func (b *openedBag) verify(ctx context.Context, all map[string]*zip.File, manifest string) error {
	if all[manifest] == nil {
		b.findings = append(b.findings, manifest+" is missing")
		return nil
	}
	raw, err := readZip(all[manifest], bagFileMost)
	if err != nil {
		return fmt.Errorf("%s: %w", manifest, err)
	}
	listed := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		if err := ctx.Err(); err != nil {
			return err
		}
		digest, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			continue
		}
		listed[name] = true
		f := all[name]
		if f == nil {
			b.findings = append(b.findings, name+" is missing")
			continue
		}
		if got, err := digestOf(f); err != nil || got != digest {
			b.findings = append(b.findings, name+" was altered")
		}
	}
	if strings.HasPrefix(manifest, "tag") {
		return lines.Err()
	}
	for name := range b.files {
		if !listed["data/"+name] {
			b.findings = append(b.findings, "data/"+name+" is not in the manifest")
		}
	}
	return lines.Err()
}

func digestOf(f *zip.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, io.LimitReader(r, bagFileMost+1))
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, r.Close())
}

// readZip unpacks a file of at most most bytes, whatever its header says.
func readZip(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, most+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if int64(len(raw)) > most {
		return nil, fmt.Errorf("%s is larger than %d MiB", f.Name, most>>20)
	}
	return raw, nil
}

// CheckReport is what looking at an archive found.
type CheckReport struct {
	Valid    bool     `json:"valid"`
	Items    int      `json:"items"`
	Files    int      `json:"files"`
	Findings []string `json:"findings"`
}

// CheckArchive looks at an archive without any instance: digests, form, and that
// every file an item speaks of is there.
func CheckArchive(ctx context.Context, r io.ReaderAt, size int64) CheckReport {
	report := CheckReport{Findings: []string{}}
	b, err := openBag(ctx, r, size)
	if err != nil {
		report.Findings = append(report.Findings, err.Error())
		return report
	}
	report.Findings = append(report.Findings, b.findings...)
	raw, err := readZip(b.files["musette.json"], archiveJSONMost)
	if err != nil {
		report.Findings = append(report.Findings, err.Error())
		return report
	}
	a, err := decodeArchive(raw)
	if err != nil {
		report.Findings = append(report.Findings, err.Error())
		return report
	}
	report.Items, report.Files = len(a.Items), len(b.files)
	for _, it := range a.Items {
		if f := it.File; f != nil && b.files[f.Path] == nil {
			report.Findings = append(report.Findings, fmt.Sprintf("the file of %s is missing: %s", it.ID, f.Path))
		}
	}
	report.Valid = len(report.Findings) == 0
	return report
}

// importArchive brings back a musette: ids, provenance, history and files. What is
// there already stays; grants and journal come as a past.
func (s *Service) importArchive(ctx context.Context, pass gate.Pass, r io.ReaderAt, size int64, dry bool, out *Imported) error {
	refuse := func(key string, args ...any) {
		out.Skipped = append(out.Skipped, Remark{intake.Note{Key: "intake.where.file"}, intake.Note{Key: key, Args: args}})
	}
	b, err := openBag(ctx, r, size)
	if err != nil {
		refuse("musette.archive.refused", "why", err.Error())
		return ctx.Err()
	}
	if len(b.findings) > 0 {
		refuse("musette.archive.altered", "why", strings.Join(b.findings[:min(3, len(b.findings))], "; "))
		return nil
	}
	raw, err := readZip(b.files["musette.json"], archiveJSONMost)
	if err != nil {
		refuse("musette.archive.refused", "why", err.Error())
		return nil //nolint:nilerr // said in the report
	}
	a, err := decodeArchive(raw)
	if err != nil {
		refuse("musette.archive.refused", "why", err.Error())
		return nil //nolint:nilerr // said in the report
	}
	in := archiveImport{s: s, pass: pass, bag: b, out: out, dry: dry}
	return in.run(ctx, a)
}

// archiveImport is one archive on its way into the vault.
type archiveImport struct {
	s    *Service
	pass gate.Pass
	bag  *openedBag
	out  *Imported
	dry  bool
	new  bool // something was created
}

func (in *archiveImport) run(ctx context.Context, a *archive) error {
	there := map[kernel.ItemID]bool{}
	items, err := in.s.Gate.Everything(ctx, in.pass)
	if err != nil {
		return err
	}
	for i := range items {
		there[items[i].ID] = true
	}
	for i := range a.Items {
		it := &a.Items[i]
		if there[it.ID] {
			in.out.Skipped = append(in.out.Skipped, Remark{intake.Note{Key: "intake.where.file"}, intake.Note{Key: "musette.import.again", Args: []any{"title", it.Title}}})
			continue
		}
		if !in.dry {
			if err := in.keep(ctx, it); err != nil {
				return err
			}
		}
		in.new = true
		in.out.Created[pluralOf(it)]++
		if len(in.out.Titles) < titlesMost && it.Title != "" {
			in.out.Titles = append(in.out.Titles, it.Title)
		}
	}
	if in.dry || !in.new {
		return nil
	}
	return in.keepPast(ctx)
}

func pluralOf(it *archiveItem) string {
	switch {
	case it.Room == room && IsActivity(it.Kind):
		return "activities"
	case strings.HasSuffix(it.Kind, "s"):
		return it.Kind + "es"
	}
	return it.Kind + "s"
}

// keep writes one item with its history and its file.
func (in *archiveImport) keep(ctx context.Context, a *archiveItem) error {
	now, err := a.item()
	if err != nil {
		return err
	}
	var past []gate.Item
	for i := range a.History {
		h := &a.History[i]
		h.ID, h.Room = a.ID, a.Room
		it, err := h.item()
		if err != nil {
			return err
		}
		past = append(past, it)
	}
	refs, err := in.files(ctx, a, &now, past)
	if err != nil {
		return err
	}
	return in.s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, ref := range refs {
			if err := in.s.Gate.KeepBlob(ctx, tx, in.pass, ref); err != nil {
				return err
			}
		}
		return in.s.Gate.PutHistory(ctx, tx, in.pass, past, now)
	})
}

// files puts the file of a piece into the vault and points the item and its earlier
// versions at it; its preview is drawn again.
func (in *archiveImport) files(ctx context.Context, a *archiveItem, now *gate.Item, past []gate.Item) (refs []string, err error) {
	if a.File == nil {
		return nil, nil
	}
	f := in.bag.files[a.File.Path]
	if f == nil {
		return nil, nil // said by the check of the bag
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	until := in.s.DB.Now().Add(importWait)
	b, err := in.s.Gate.HoldBlob(ctx, in.pass, r, bagFileMost, until)
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	b.Media, b.Name = a.File.Media, a.File.Name
	refs = append(refs, b.Ref)
	now.View.Blob = &b
	for i := range past {
		if h := a.History[i].File; h != nil && h.SHA256 == b.SHA256 {
			past[i].View.Blob = &b
		}
	}
	if !isImage(b.Media) {
		return refs, nil
	}
	preview, err := in.s.preview(ctx, in.pass, b, until)
	if err != nil || preview == nil {
		return refs, nil //nolint:nilerr // a piece without a preview is whole
	}
	now.Body, err = cbor.Marshal(pieceRest{Preview: preview})
	return append(refs, preview.Ref), err
}

// keepPast keeps the journal and grants of the instance the archive came from.
func (in *archiveImport) keepPast(ctx context.Context) error {
	var p Past
	for name, to := range map[string]*string{"journal.csv": &p.Journal, "grants.csv": &p.Grants} {
		f := in.bag.files[name]
		if f == nil {
			continue
		}
		raw, err := readZip(f, pastMost)
		if err != nil {
			return nil //nolint:nilerr // a journal too long to keep does not refuse a life
		}
		*to = string(raw)
	}
	if strings.Count(p.Journal, "\n") <= 1 && strings.Count(p.Grants, "\n") <= 1 {
		return nil
	}
	body, err := cbor.Marshal(p)
	if err != nil {
		return err
	}
	_, err = in.s.putAlone(ctx, gate.Item{ID: kernel.NewID[kernel.ItemID]("pst", in.s.DB.Now()), Room: pastRoom, View: gate.View{Kind: "past", Never: true, Provenance: declared}, Body: body})
	return err
}

// pastMost is how much of a journal is kept, in bytes.
const pastMost = 100 << 10

// putAlone writes an item without the idempotency key of the request.
func (s *Service) putAlone(ctx context.Context, it gate.Item) (gate.Item, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return it, err
	}
	sealed, err := s.Gate.Seal(ctx, pass, it)
	if err != nil {
		return it, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		it, err = s.Gate.Put(ctx, tx, sealed)
		return err
	})
	return it, err
}

// pasts lists the journals and grants of instances the musette came from.
func (s *Service) pasts(ctx context.Context) ([]Past, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	items, err := s.Gate.List(ctx, pass, pastRoom)
	if err != nil {
		return nil, err
	}
	all := make([]Past, len(items))
	for i := range items {
		if err := cbor.Unmarshal(items[i].Body, &all[i]); err != nil {
			return nil, unreadable(items[i].ID, err)
		}
	}
	return all, nil
}
