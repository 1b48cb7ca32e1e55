package musette

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"

	"github.com/fxamacker/cbor/v2"
)

// pastRoom keeps the journal and the grants of the instances a musette came from:
// to be read, never to be opened again.
const pastRoom = "past"

// Past is a part of the journal and of the grants of an instance the musette came
// from, as tables with their heads.
type Past struct {
	Journal string `cbor:"1,keyasint"`
	Grants  string `cbor:"2,keyasint"`
}

const (
	pastPrefix = "pst"
	pastMost   = 100 << 10 // bytes of each table in one item
	pastsMost  = 200       // items of one archive
)

// keepPast keeps the journal and the grants of the instance the archive came from,
// in as many items as it takes. Their ids are told by what they hold: the same
// archive again finds them there.
func (in *archiveImport) keepPast(ctx context.Context) error {
	if in.dry {
		return nil
	}
	journal, err := in.table("journal.csv")
	if err != nil {
		return err
	}
	grants, err := in.table("grants.csv")
	if err != nil {
		return err
	}
	digest := hexDigest([]byte(in.bag.SHA256("journal.csv")), []byte(in.bag.SHA256("grants.csv")))
	for i := range max(len(journal), len(grants)) {
		id := kernel.ItemID(fmt.Sprintf("%s_%s%04d", pastPrefix, digest[:24], i))
		if in.there[id] {
			continue
		}
		var p Past
		if i < len(journal) {
			p.Journal = journal[i]
		}
		if i < len(grants) {
			p.Grants = grants[i]
		}
		body, err := cbor.Marshal(p)
		if err != nil {
			return err
		}
		sealed, err := in.s.Gate.Seal(ctx, in.pass, gate.Item{ID: id, Room: pastRoom, View: gate.View{Kind: "past", Never: true, Provenance: declared}, Body: body})
		if err != nil {
			return err
		}
		if err := in.s.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := in.s.Gate.Put(ctx, tx, sealed)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// table reads a table of an archive in parts of at most pastMost bytes, each with its
// head. A table without lines has no part; one that is none is left where it is.
func (in *archiveImport) table(path string) ([]string, error) {
	if !in.bag.Has(path) {
		return nil, nil
	}
	r, err := in.bag.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // only read
	lines := csv.NewReader(io.LimitReader(r, pastMost*pastsMost))
	lines.FieldsPerRecord = -1
	head, err := lines.Read()
	if err != nil {
		return nil, nil //nolint:nilerr // no table
	}
	var parts []string
	var part bytes.Buffer
	end := func() {
		if part.Len() > 0 {
			parts = append(parts, csvLine(head)+part.String())
			part.Reset()
		}
	}
	for {
		record, err := lines.Read()
		if err != nil {
			end()
			if !errors.Is(err, io.EOF) {
				in.warn("musette.archive.past", "file", path)
			}
			return parts, nil
		}
		line := csvLine(record)
		if part.Len()+len(line) > pastMost {
			end()
		}
		if len(line) <= pastMost {
			part.WriteString(line)
		}
	}
}

func csvLine(record []string) string {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(record) //nolint:errcheck // into memory
	w.Flush()
	return out.String()
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
