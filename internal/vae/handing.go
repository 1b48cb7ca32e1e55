package vae

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/platform/db"
)

var (
	errNothing    = kernel.NewFault(kernel.Conflict, "vae.hand.nothing")
	errHeavy      = kernel.NewFault(kernel.TooLarge, "vae.hand.heavy").With("max", handedMost>>20)
	errNoJury     = kernel.NewFault(kernel.Invalid, "vae.hand.jury").On("jury")
	errUnderstood = kernel.NewFault(kernel.Invalid, "vae.hand.understood").On("understood")
)

const handedMost = 30 << 20 // bytes of a copy with its annexes

// Signed is the dossier as a credential of the person about herself, signed with her
// key: who has it can verify that no word was changed.
func (s *Service) Signed(ctx context.Context, w *Whole, d Dossier) (Copy, []byte, error) {
	by, err := s.Signers.Person(ctx, w.pass)
	if err != nil {
		return Copy{}, nil, err
	}
	c := w.copyOf(ctx, d, s.DB.Now())
	c.DID = by.ID
	raw, err := sign(c, by)
	return c, raw, err
}

// The context of terms that no other context defines, VCDM 2.0, B.
const undefinedTerms = "https://www.w3.org/ns/credentials/undefined-terms/v2"

func sign(c Copy, by credential.Issuer) ([]byte, error) {
	words, err := object(c)
	if err != nil {
		return nil, err
	}
	out, err := credential.IssueObject(map[string]any{
		"@context":          []any{credential.ContextV2, undefinedTerms},
		"type":              []any{"VerifiableCredential", "ValidationFile"},
		"issuer":            by.ID,
		"validFrom":         c.At.Format(time.RFC3339),
		"credentialSubject": map[string]any{"id": by.ID, "file": words},
	}, by, credential.IssueOptions{At: c.At, Suites: []string{integrity.EdDSAJCS}})
	return out.Text, err
}

// object is a value as JSON has it.
func object(v any) (m map[string]any, err error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return m, json.Unmarshal(raw, &m)
}

// readSigned reads what sign made, and says whether the proof holds.
func readSigned(raw []byte, at time.Time) (c Copy, report credential.Report, err error) {
	report = credential.Verify(raw, credential.Options{At: at})
	var doc struct {
		Subject struct {
			File Copy `json:"file"`
		} `json:"credentialSubject"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return c, report, fmt.Errorf("read a copy: %w", err)
	}
	return doc.Subject.File, report, nil
}

const signedName = "dossier.json"

// pack puts the signed dossier and the files of its annexes, byte for byte, into one
// archive: what a jury receives and what its digest is of.
func (s *Service) pack(ctx context.Context, w *Whole, c Copy, signed []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name string, r io.Reader) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: c.At})
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, r); err != nil {
			return err
		}
		if out.Len() > handedMost {
			return errHeavy
		}
		return nil
	}
	if err := add(signedName, bytes.NewReader(signed)); err != nil {
		return nil, err
	}
	for _, a := range c.Annexes {
		if a.File == "" {
			continue
		}
		i := slices.IndexFunc(w.Pieces, func(q Piece) bool { return q.ID == a.piece })
		r, err := s.Gate.Blob(ctx, w.pass, *w.Pieces[i].Blob)
		if err != nil {
			return nil, err
		}
		if err := add(a.File, r); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// fileNames gives annexes with a file their name in the archive.
func (c *Copy) fileNames() {
	for i := range c.Annexes {
		a := &c.Annexes[i]
		if a.SHA256 == "" {
			continue
		}
		ext, ok := extensions[a.Media]
		if !ok {
			ext = ".bin"
		}
		a.File = fmt.Sprintf("annexes/%02d%s", a.Number, ext)
	}
}

// extensions are those of the kinds of files people join.
var extensions = map[string]string{
	"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "text/plain": ".txt", "text/csv": ".csv",
	"application/vnd.oasis.opendocument.text": ".odt", "application/vnd.oasis.opendocument.spreadsheet": ".ods",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}

// Hand gives a jury a frozen copy of the dossier of validation. The consent page said
// that the copy closes when it is withdrawn before the decision, and stays with the
// certifier after it.
func (s *Service) Hand(ctx context.Context, file kernel.ItemID, jury kernel.CircleID, purpose, until string, understood bool) error {
	w, err := s.Whole(ctx, file)
	if err != nil {
		return err
	}
	var wrong []error
	if jury == "" {
		wrong = append(wrong, errNoJury)
	}
	if !understood {
		wrong = append(wrong, errUnderstood)
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	if len(w.of("told")) == 0 {
		return errNothing
	}
	names, err := s.Circles.Names(ctx, []kernel.CircleID{jury})
	if err != nil {
		return err
	}
	if names[jury] == "" {
		return errNoJury
	}
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	by, err := s.Signers.Person(ctx, w.pass)
	if err != nil {
		return err
	}
	c := w.copyOf(ctx, Validation, s.DB.Now())
	c.DID = by.ID
	c.fileNames()
	signed, err := sign(c, by)
	if err != nil {
		return err
	}
	raw, err := s.pack(ctx, w, c, signed)
	if err != nil {
		return err
	}
	loan, err := s.Gate.SealLoan(ctx, w.pass, gate.LoanAsk{Room: room, To: gate.To{Circle: jury}, Purpose: purpose, Until: until, Answers: 1})
	if err != nil {
		return err
	}
	frozen, err := s.Gate.SealFrozen(ctx, w.pass, loan, raw)
	if err != nil {
		return err
	}
	w.Handed = append(w.Handed, Handed{Grant: loan.ID, Jury: jury, SHA256: frozen.SHA256, At: s.DB.Now()})
	return s.put(ctx, w.pass, w.item(), w.File, func(tx *db.Tx) error {
		if _, err := s.Gate.PutLoan(ctx, tx, loan); err != nil {
			return err
		}
		if err := s.Gate.PutFrozen(ctx, tx, frozen); err != nil {
			return err
		}
		return insertSession(ctx, tx, session{grant: loan.ID, circle: jury, owner: w.pass.Owner(), sha256: frozen.SHA256})
	})
}

// bundle is a frozen copy opened.
type bundle struct {
	Copy   Copy
	Report credential.Report
	files  map[string]*zip.File
	signed []byte
}

func openBundle(raw []byte, at time.Time) (*bundle, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("open a copy: %w", err)
	}
	b := &bundle{files: map[string]*zip.File{}}
	for _, f := range z.File {
		b.files[f.Name] = f
	}
	if b.signed, err = b.file(signedName); err != nil {
		return nil, err
	}
	b.Copy, b.Report, err = readSigned(b.signed, at)
	return b, err
}

// file reads a file of the copy.
func (b *bundle) file(name string) ([]byte, error) {
	f, ok := b.files[name]
	if !ok {
		return nil, errNotFoundVAE
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, handedMost*4))
	return raw, errors.Join(err, r.Close())
}

// annex reads the file of an annex by its number, and says whether it is the one whose
// digest was signed.
func (b *bundle) annex(number int) (a Annex, raw []byte, same bool, err error) {
	i := slices.IndexFunc(b.Copy.Annexes, func(a Annex) bool { return a.Number == number && a.File != "" })
	if i < 0 {
		return a, nil, false, errNotFoundVAE
	}
	a = b.Copy.Annexes[i]
	raw, err = b.file(path.Clean(a.File))
	sum := sha256.Sum256(raw)
	return a, raw, hex.EncodeToString(sum[:]) == a.SHA256, err
}
