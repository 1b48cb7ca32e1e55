package musette

import (
	"context"
	"io"
	"slices"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"

	"github.com/fxamacker/cbor/v2"
)

// Incoming is a file that came in: in the vault already, sealed, waiting; or lying on
// the machine of who imports it.
type Incoming struct {
	Name  string    `cbor:"1,keyasint"`
	Blob  gate.Blob `cbor:"2,keyasint"`
	Local *Local    `cbor:"-"`
}

// Local is a file that is read where it lies. It may be an archive of any size.
type Local struct {
	File io.ReaderAt
	Size int64
	Keys Unlock
}

// incoming opens a file that came in.
func (s *Service) incoming(ctx context.Context, pass gate.Pass, f Incoming) (io.ReaderAt, int64, error) {
	if f.Local != nil {
		return f.Local.File, f.Local.Size, nil
	}
	b, err := s.Gate.Blob(ctx, pass, f.Blob)
	return b, f.Blob.Size, err
}

func (f Incoming) unlock() Unlock {
	if f.Local == nil {
		return Unlock{}
	}
	return f.Local.Keys
}

// Hold takes a file in, sealed as it comes, until it is imported or an hour has
// passed.
//
// TooLarge above 25 MiB.
func (s *Service) Hold(ctx context.Context, name string, r io.Reader) (Incoming, error) {
	return s.hold(ctx, name, r, importFileMost)
}

func (s *Service) hold(ctx context.Context, name string, r io.Reader, most int64) (Incoming, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return Incoming{}, err
	}
	b, err := s.Gate.HoldBlob(ctx, pass, r, most, s.DB.Now().Add(importWait))
	if kernel.KindOf(err) == kernel.TooLarge {
		return Incoming{}, errImportLarge.With("max", most>>20).Because(err)
	}
	if r := once.From(ctx); r != nil && err == nil { // what the request says, whatever borders it has
		if _, err := io.WriteString(r, b.SHA256+" "+name+"\n"); err != nil {
			return Incoming{}, err
		}
	}
	return Incoming{Name: fileName(name), Blob: b}, err
}

// pending is a preview that waits: which files, and until when.
type pending struct {
	Files []Incoming `cbor:"1,keyasint"`
	Until time.Time  `cbor:"2,keyasint"`
}

// Wait keeps a preview's files together until they are confirmed; its id goes into
// the form.
func (s *Service) Wait(ctx context.Context, files []Incoming) (kernel.ItemID, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return "", err
	}
	body, err := cbor.Marshal(pending{files, s.DB.Now().Add(importWait)})
	if err != nil {
		return "", err
	}
	id := kernel.NewID[kernel.ItemID](pendingPrefix, s.DB.Now())
	sealed, err := s.Gate.Seal(ctx, pass, gate.Item{ID: id, Room: pendingRoom, View: gate.View{Kind: "pending", Never: true, Provenance: declared}, Body: body})
	if err != nil {
		return "", err
	}
	old, err := s.Gate.List(ctx, pass, pendingRoom)
	if err != nil {
		return "", err
	}
	return id, s.DB.Write(ctx, func(tx *db.Tx) error {
		for i := range old { // what was never confirmed
			if s.DB.Now().Sub(old[i].CreatedAt) > importWait {
				if err := s.Gate.Delete(ctx, tx, pass, old[i].ID, 0); err != nil && kernel.KindOf(err) != kernel.NotFound {
					return err
				}
			}
		}
		_, err := s.Gate.Put(ctx, tx, sealed)
		return err
	})
}

// pendingRoom is where previews wait; nothing of it is exported.
const pendingRoom = "pending"

// Waiting gives the files of a preview.
//
// Gone when it was confirmed, dropped or forgotten.
func (s *Service) Waiting(ctx context.Context, id kernel.ItemID) ([]Incoming, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	it, err := s.Gate.Get(ctx, pass, id)
	if kernel.KindOf(err) == kernel.NotFound || err == nil && it.Room != pendingRoom {
		return nil, errImportPending
	}
	if err != nil {
		return nil, err
	}
	var p pending
	if err := cbor.Unmarshal(it.Body, &p); err != nil {
		return nil, unreadable(id, err)
	}
	if !p.Until.After(s.DB.Now()) {
		return nil, errImportPending
	}
	return p.Files, nil
}

// Drop forgets a preview and its files. What was confirmed in between stays.
func (s *Service) Drop(ctx context.Context, id kernel.ItemID) error {
	files, err := s.Waiting(ctx, id)
	if err != nil {
		return err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.dropHeld(ctx, tx, pass, files); err != nil {
			return err
		}
		return s.Gate.Delete(ctx, tx, pass, id, 0)
	})
}

// forget drops files that were taken in and are not wanted.
func (s *Service) forget(ctx context.Context, pass gate.Pass, files []Incoming) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.dropHeld(ctx, tx, pass, files) })
}

func (s *Service) dropHeld(ctx context.Context, tx *db.Tx, pass gate.Pass, files []Incoming) error {
	for _, f := range files {
		if err := s.Gate.DropHeld(ctx, tx, pass, f.Blob.Ref); err != nil {
			return err
		}
	}
	return nil
}

// Outcome gives what came of an import that was carried out.
func (s *Service) Outcome(ctx context.Context, id kernel.ItemID) ([]Imported, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	it, err := s.Gate.Get(ctx, pass, id)
	if kernel.KindOf(err) == kernel.NotFound || err == nil && (it.Room != pendingRoom || it.View.Kind != "outcome") {
		return nil, errNoItem
	}
	if err != nil {
		return nil, err
	}
	var all []Imported
	if err := cbor.Unmarshal(it.Body, &all); err != nil {
		return nil, unreadable(id, err)
	}
	return all, nil
}

// remarksMost is how many remarks about a file an outcome keeps.
const remarksMost = 500

// keepOutcome writes what came of a call, under its idempotency key if it has one.
func (s *Service) keepOutcome(ctx context.Context, all []Imported) (kernel.ItemID, error) {
	short := slices.Clone(all)
	for i := range short {
		short[i].Skipped = short[i].Skipped[:min(len(short[i].Skipped), remarksMost)]
		short[i].Warnings = short[i].Warnings[:min(len(short[i].Warnings), remarksMost)]
	}
	body, err := cbor.Marshal(short)
	if err != nil {
		return "", err
	}
	it, err := s.put(ctx, gate.Item{
		ID: kernel.NewID[kernel.ItemID](importPrefix, s.DB.Now()), Room: pendingRoom,
		View: gate.View{Kind: "outcome", Never: true, Provenance: declared}, Body: body,
	})
	return it.ID, err
}
