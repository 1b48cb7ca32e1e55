package musette

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
	"digiwork/internal/platform/once"
)

const (
	importPrefix   = "imp"
	pendingPrefix  = "pnd"
	importFileMost = 25 << 20  // bytes of one file
	importMost     = 100 << 20 // bytes of all files of a call
	importFiles    = 50        // files of a call
	importBatch    = 400       // items written in one transaction
	importWait     = time.Hour // a preview waits for its confirmation
)

var (
	errImportNone    = kernel.NewFault(kernel.Invalid, "musette.import.none").On("files")
	errImportFiles   = kernel.NewFault(kernel.Invalid, "musette.import.files").On("files").With("max", importFiles)
	errImportLarge   = kernel.NewFault(kernel.TooLarge, "musette.import.large").On("files")
	errImportPending = kernel.NewFault(kernel.Gone, "musette.import.pending")
)

// Imported is what came, or would come, of one file.
type Imported struct {
	Name     string         `cbor:"1,keyasint"`
	Format   string         `cbor:"2,keyasint"`
	Created  map[string]int `cbor:"3,keyasint"` // by plural of what: activities, contacts…
	Merged   int            `cbor:"4,keyasint"`
	Skipped  []Remark       `cbor:"5,keyasint"`
	Warnings []Remark       `cbor:"6,keyasint"`
	NotGiven []string       `cbor:"7,keyasint"`            // ids of what the law promises and the file lacks
	Stripped int            `cbor:"8,keyasint"`            // traces of customers left out
	Titles   []string       `cbor:"9,keyasint"`            // some of what is created, for the preview
	KeysShut bool           `cbor:"10,keyasint,omitempty"` // the passphrase did not bring back signing keys
}

// Remark is a sentence about a place in a file.
type Remark struct {
	Where intake.Note `cbor:"1,keyasint"`
	What  intake.Note `cbor:"2,keyasint"`
}

// Import keeps what files hold, and says what was created, merged and skipped, and
// why. The same file again creates nothing. With dry it only says what would be.
//
// What a file holds never makes it fail: what is refused stands in the report.
// Everything of a file is written in batches; what was written before a crash is
// found again by the next try.
//
// id names the outcome, for Outcome; it is empty with dry.
func (s *Service) Import(ctx context.Context, files []Incoming, dry bool) (id kernel.ItemID, all []Imported, err error) {
	switch {
	case len(files) == 0:
		return "", nil, errImportNone
	case len(files) > importFiles:
		return "", nil, errImportFiles
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return "", nil, err
	}
	if !dry {
		made, done, err := once.Before(ctx, s.DB)
		if err != nil {
			return "", nil, err
		}
		if done {
			all, err = s.Outcome(ctx, kernel.ItemID(made))
			return kernel.ItemID(made), all, err
		}
	}
	for _, f := range files {
		one, err := s.importOne(ctx, pass, f, dry)
		if err != nil {
			return "", nil, err
		}
		all = append(all, one)
	}
	if dry {
		return "", all, nil
	}
	id, err = s.keepOutcome(ctx, all)
	return id, all, err
}

// FormatOf tells the format of a file from its content.
func (s *Service) FormatOf(ctx context.Context, f Incoming) (string, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return "", err
	}
	file, size, err := s.incoming(ctx, pass, f)
	if err != nil {
		return "", err
	}
	report, err := intake.Read(ctx, f.Name, file, size, intake.Options{})
	if err != nil {
		return "", err
	}
	return string(report.Format), nil
}

// importOne reads one file and keeps what it holds.
func (s *Service) importOne(ctx context.Context, pass gate.Pass, f Incoming, dry bool) (Imported, error) {
	file, size, err := s.incoming(ctx, pass, f)
	if err != nil {
		return Imported{}, err
	}
	actor := kernel.ActorFrom(ctx)
	report, err := intake.Read(ctx, f.Name, file, size, intake.Options{Lang: actor.Lang, Zone: actor.Location()})
	if err != nil {
		return Imported{}, err
	}
	out := reported(f.Name, report)
	if report.Format == intake.FormatMusette {
		return out, s.importArchive(ctx, pass, file, size, dry, f.unlock(), &out)
	}
	known, err := s.known(ctx, pass)
	if err != nil {
		return Imported{}, err
	}
	p := planner{s: s, from: gate.Provenance{Source: gate.Imported, Format: out.Format, File: f.Name, At: s.DB.Now()}, known: known, out: &out, keys: map[string]kernel.ItemID{}}
	for i := range report.Entries {
		p.take(&report.Entries[i])
	}
	if dry {
		return out, nil
	}
	if f.Blob.SHA256 == "" {
		if f.Blob.SHA256, err = digestOf(file, size); err != nil {
			return out, err
		}
	}
	return out, s.carryOut(ctx, pass, f, &p)
}

// reported is what the reader of a file says, before anything is compared with what
// the musette holds.
func reported(name string, r *intake.Report) Imported {
	out := Imported{Name: name, Format: string(r.Format), Created: map[string]int{}, Stripped: r.Stripped}
	for _, sk := range r.Skipped {
		out.Skipped = append(out.Skipped, Remark{sk.Where.Note(), sk.Why})
	}
	for _, w := range r.Warnings {
		out.Warnings = append(out.Warnings, Remark{w.Where.Note(), w.What})
	}
	for _, n := range r.NotGiven {
		out.NotGiven = append(out.NotGiven, n.ID)
	}
	return out
}

func digestOf(r io.ReaderAt, size int64) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, io.NewSectionReader(r, 0, size))
	return hex.EncodeToString(sum.Sum(nil)), err
}
