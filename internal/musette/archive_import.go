package musette

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/bagit"
	"digiwork/internal/lib/intake"
	"digiwork/internal/platform/db"

	"github.com/fxamacker/cbor/v2"
)

// One transaction of an archive writes at most this much.
const (
	archiveBatchRows  = 256
	archiveBatchBytes = 4 << 20
	archiveBatchFiles = 16
)

// archiveImport is one archive on its way into the vault.
type archiveImport struct {
	s     *Service
	pass  gate.Pass
	bag   *bagit.Bag
	out   *Imported
	keys  Unlock
	dry   bool
	there map[kernel.ItemID]bool // before, or earlier in this run
	again int                    // items that were there already
	batch archiveBatch
}

// archiveBatch is what the next transaction writes.
type archiveBatch struct {
	items []gate.Item
	pasts [][]gate.Item
	refs  []string // files that wait to be kept with them
	rows  int
	bytes int64
}

// importArchive brings back a musette: ids, provenance, history and files. Digests
// are compared before anything is written; what is there already stays; grants and
// journal come as a past. It writes in batches: what was written before a crash is
// passed over by the next try.
func (s *Service) importArchive(ctx context.Context, pass gate.Pass, r io.ReaderAt, size int64, dry bool, keys Unlock, out *Imported) error {
	in := &archiveImport{s: s, pass: pass, out: out, dry: dry, keys: keys, there: map[kernel.ItemID]bool{}}
	var err error
	if in.bag, err = bagit.Open(ctx, r, size, bagLimits); err != nil {
		in.refuse("musette.archive.refused", "why", err.Error())
		return ctx.Err()
	}
	c := checker{bag: in.bag, rooms: s.Rooms}
	if len(in.bag.Findings) == 0 {
		if err := c.items(); err != nil {
			in.refuse("musette.archive.refused", "why", err.Error())
			return ctx.Err()
		}
	}
	if found := append(in.bag.Findings, c.findings...); len(found) > 0 {
		in.refuse("musette.archive.altered", "why", strings.Join(found[:min(3, len(found))], "; "))
		return nil
	}
	secrets, err := in.unlock()
	if err != nil {
		in.refuse("musette.archive.keys_first")
		return nil //nolint:nilerr // said in the report
	}
	return in.run(ctx, secrets)
}

// refuse says why nothing of the archive is kept.
func (in *archiveImport) refuse(key string, args ...any) {
	in.out.Skipped = append(in.out.Skipped, Remark{intake.Note{Key: "intake.where.file"}, intake.Note{Key: key, Args: args}})
}

func (in *archiveImport) warn(key string, args ...any) {
	in.out.Warnings = append(in.out.Warnings, Remark{intake.Note{Key: "intake.where.file"}, intake.Note{Key: key, Args: args}})
}

func (in *archiveImport) run(ctx context.Context, secrets []archiveItem) error {
	items, err := in.s.Gate.Everything(ctx, in.pass)
	if err != nil {
		return err
	}
	for i := range items {
		in.there[items[i].ID] = true
	}
	if err := in.keepPast(ctx); err != nil {
		return err
	}
	r, err := in.bag.Open("musette.json")
	if err != nil {
		return err
	}
	err = readJSON(r, func(a *archiveItem) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return in.take(ctx, a)
	})
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	for i := range secrets {
		if err := in.take(ctx, &secrets[i]); err != nil {
			return err
		}
	}
	if in.again > 0 {
		in.refuse("musette.archive.there", "n", in.again)
	}
	return in.flush(ctx)
}

// take plans one item: created with its history, or passed over.
func (in *archiveImport) take(ctx context.Context, a *archiveItem) error {
	if in.there[a.ID] {
		return in.passOver(ctx, a)
	}
	now, past, err := in.open(a)
	if err != nil {
		in.out.Skipped = append(in.out.Skipped, Remark{
			intake.Note{Key: "intake.where.file"},
			intake.Note{Key: "musette.archive.unread", Args: []any{"title", firstOf(a.Title, string(a.ID)), "why", err.Error()}},
		})
		return nil //nolint:nilerr // one item that this program cannot read does not refuse the others
	}
	in.there[a.ID] = true
	if a.lost > 0 {
		in.warn("musette.archive.history", "title", firstOf(a.Title, string(a.ID)), "n", a.lost)
	}
	in.count(a)
	if in.dry {
		return nil
	}
	b := &in.batch
	if b.rows+1+len(past) > archiveBatchRows || b.bytes+a.size > archiveBatchBytes || len(b.refs) >= archiveBatchFiles {
		if err := in.flush(ctx); err != nil {
			return err
		}
	}
	if err := in.hold(ctx, a, &now, past); err != nil {
		return err
	}
	b.items, b.pasts = append(b.items, now), append(b.pasts, past)
	b.rows, b.bytes = b.rows+1+len(past), b.bytes+a.size
	return nil
}

// passOver leaves an item as it is. Only what a person says of herself is the same
// item in every musette: what is empty in it is filled.
func (in *archiveImport) passOver(ctx context.Context, a *archiveItem) error {
	if a.Room != gateRoom || a.Kind != kindProfile {
		if a.Room != importRoom {
			in.again++
		}
		return nil
	}
	pr, err := in.s.Gate.Profile(ctx)
	if err != nil {
		return err
	}
	filled := false
	for _, f := range a.Facts {
		if pr.Fields[f.Name] == "" {
			pr.Fields[f.Name], filled = f.Text, true
		}
	}
	if !filled {
		in.again++
		return nil
	}
	sealed, err := in.s.Gate.SealProfile(ctx, in.pass, pr)
	if kernel.KindOf(err) == kernel.Invalid { // said elsewhere, by other rules
		in.again++
		return nil
	}
	if err != nil {
		return err
	}
	if in.out.Merged++; in.dry {
		return nil
	}
	return in.s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := in.s.Gate.Put(ctx, tx, sealed)
		return err
	})
}

// How the gate marks what a person says of herself.
const (
	gateRoom    = "gate"
	kindProfile = "profile"
)

// count says what is created. What the program keeps of imports is nothing a person
// made.
func (in *archiveImport) count(a *archiveItem) {
	if a.Room == importRoom {
		return
	}
	in.out.Created[pluralOf(a)]++
	if len(in.out.Titles) < titlesMost && a.Title != "" {
		in.out.Titles = append(in.out.Titles, a.Title)
	}
}

func pluralOf(it *archiveItem) string {
	switch {
	case it.Room == room && IsActivity(it.Kind):
		return "activities"
	case it.Room == secretRoom:
		return "keys"
	case strings.HasSuffix(it.Kind, "s"):
		return it.Kind + "es"
	}
	return it.Kind + "s"
}

// open makes the items of the vault again: the item, and what it was before.
func (in *archiveImport) open(a *archiveItem) (now gate.Item, past []gate.Item, err error) {
	one := func(a *archiveItem) (gate.Item, error) {
		files, err := wordsOf(in.bag, a)
		if err != nil {
			return gate.Item{}, err
		}
		return a.item(in.s.Rooms, files)
	}
	if now, err = one(a); err != nil {
		return now, nil, err
	}
	for i := range a.History {
		it, err := one(&a.History[i])
		if err != nil {
			return now, nil, err
		}
		past = append(past, it)
	}
	return now, past, nil
}

// hold puts the files of an item and of its earlier versions into the vault, where
// they wait to be kept with it; the preview of a picture is drawn again.
func (in *archiveImport) hold(ctx context.Context, a *archiveItem, now *gate.Item, past []gate.Item) error {
	held := map[string]gate.Blob{}
	for i := range a.History {
		if err := in.holdOne(ctx, a.History[i].File, &past[i], held); err != nil {
			return err
		}
	}
	if err := in.holdOne(ctx, a.File, now, held); err != nil {
		return err
	}
	if now.Room != room || now.View.Kind != kindPiece || a.File == nil || !isImage(a.File.Media) {
		return nil
	}
	preview, err := in.s.preview(ctx, in.pass, *now.View.Blob, in.s.DB.Now().Add(importWait))
	if err != nil || preview == nil {
		return ctx.Err() // a piece without a preview is whole
	}
	in.batch.refs = append(in.batch.refs, preview.Ref)
	now.Body, err = cbor.Marshal(pieceRest{Preview: preview})
	return err
}

func (in *archiveImport) holdOne(ctx context.Context, f *archiveFile, it *gate.Item, held map[string]gate.Blob) error {
	if f == nil {
		return nil
	}
	b, ok := held[f.Path]
	if !ok {
		r, err := in.bag.Open(f.Path)
		if err != nil {
			return err
		}
		b, err = in.s.Gate.HoldBlob(ctx, in.pass, r, archiveFileMost, in.s.DB.Now().Add(importWait))
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
		if b.SHA256 != f.SHA256 {
			return fmt.Errorf("%.120s changed while it was read", f.Path)
		}
		held[f.Path] = b
		in.batch.refs = append(in.batch.refs, b.Ref)
	}
	b.Media, b.Name = f.Media, f.Name
	it.View.Blob = &b
	return nil
}

// flush writes what was planned, in one transaction.
func (in *archiveImport) flush(ctx context.Context) error {
	b := in.batch
	in.batch = archiveBatch{}
	if len(b.items) == 0 {
		return nil
	}
	return in.s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, ref := range b.refs {
			if err := in.s.Gate.KeepBlob(ctx, tx, in.pass, ref); err != nil {
				return err
			}
		}
		for i := range b.items {
			if err := in.s.Gate.PutHistory(ctx, tx, in.pass, b.pasts[i], b.items[i]); err != nil {
				return moved(err)
			}
		}
		return nil
	})
}
