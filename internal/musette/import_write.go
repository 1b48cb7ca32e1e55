package musette

import (
	"bytes"
	"context"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"

	"github.com/fxamacker/cbor/v2"
)

// importRoom is where the vault keeps what was imported from where: which keys of
// which file became which items. It is nobody else's, and shown as history.
const importRoom = "import"

// ledger is what an import leaves: which key became which item.
type ledger struct {
	Keys   map[string]kernel.ItemID `cbor:"2,keyasint,omitempty"`
	File   string                   `cbor:"3,keyasint,omitempty"`
	Format string                   `cbor:"4,keyasint,omitempty"`
	SHA256 string                   `cbor:"5,keyasint,omitempty"`
}

func ledgerItem(id kernel.ItemID, l ledger) (gate.Item, error) {
	body, err := cbor.Marshal(l)
	return gate.Item{ID: id, Room: importRoom, View: gate.View{Kind: "import", Title: l.File, Never: true, Provenance: declared}, Body: body}, err
}

// carryOut writes what was planned: pieces first, then items in batches, each batch
// with the keys it made, so that a crash in between is taken up by the next try.
func (s *Service) carryOut(ctx context.Context, pass gate.Pass, f Incoming, p *planner) error {
	if err := s.saveFields(ctx, pass, p); err != nil {
		return err
	}
	byID := map[kernel.ItemID][]string{}
	for key, id := range p.keys {
		byID[id] = append(byID[id], key)
	}
	for start := 0; start < len(p.items); start += importBatch {
		end := min(start+importBatch, len(p.items))
		if err := s.writeBatch(ctx, pass, f, p, byID, start, end); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) saveFields(ctx context.Context, pass gate.Pass, p *planner) error {
	if len(p.fields) == 0 {
		return nil
	}
	pr := p.known.profile
	fields := map[string]string{}
	for k, v := range pr.Fields {
		fields[k] = v
	}
	for k, v := range p.fields {
		fields[k] = v
	}
	sealed, err := s.Gate.SealProfile(ctx, pass, gate.Profile{Version: pr.Version, Fields: fields})
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := s.Gate.Put(ctx, tx, sealed)
		return err
	})
}

func (s *Service) writeBatch(ctx context.Context, pass gate.Pass, f Incoming, p *planner, byID map[kernel.ItemID][]string, start, end int) error {
	l := ledger{Keys: map[string]kernel.ItemID{}, File: f.Name, Format: p.out.Format, SHA256: f.Blob.SHA256}
	var sealed []gate.Sealed
	var refs []string
	for i := start; i < end; i++ {
		it := p.items[i]
		if pc := p.pieces[i]; pc != nil {
			held, err := s.Gate.HoldBlob(ctx, pass, bytes.NewReader(pc.Raw), importFileMost, s.DB.Now().Add(importWait))
			if err != nil {
				return err
			}
			held.Name, held.Media = fileName(pc.Name), pc.Media
			it.View.Blob = &held
			refs = append(refs, held.Ref)
		}
		for _, key := range byID[it.ID] {
			l.Keys[key] = it.ID
		}
		one, err := s.Gate.Seal(ctx, pass, it)
		if err != nil {
			return err
		}
		sealed = append(sealed, one)
	}
	note, err := ledgerItem(kernel.NewID[kernel.ItemID](importPrefix, s.DB.Now()), l)
	if err != nil {
		return err
	}
	last, err := s.Gate.Seal(ctx, pass, note)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, ref := range refs {
			if err := s.Gate.KeepBlob(ctx, tx, pass, ref); err != nil {
				return err
			}
		}
		for _, one := range append(sealed, last) {
			if _, err := s.Gate.Put(ctx, tx, one); err != nil {
				return moved(err)
			}
		}
		return nil
	})
}
