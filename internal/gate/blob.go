package gate

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
)

// Blob names a file kept in the vault.
type Blob struct {
	Ref    string `cbor:"1,keyasint"` // keyed digest of the content, for this owner only
	SHA256 string `cbor:"2,keyasint"` // hexadecimal, of the content
	Size   int64  `cbor:"3,keyasint"` // in bytes
	Media  string `cbor:"4,keyasint,omitempty"`
	Name   string `cbor:"5,keyasint,omitempty"`
}

const (
	chunk       = 256 << 10 // bytes of content in a sealed chunk
	waitingMost = 64        // files of one person that wait for a confirmation
)

var (
	errFileBig = kernel.NewFault(kernel.TooLarge, "gate.file_too_big")
	errWaiting = kernel.NewFault(kernel.TooMany, "gate.files_waiting")
	errNoFile  = kernel.NewFault(kernel.NotFound, "gate.no_file")
)

// PutBlob keeps what r gives, byte for byte, at most most bytes, sealed chunk by
// chunk as it comes. The same content of the same person is kept once.
//
// TooLarge beyond most, TooMany beyond her quota. When r fails nothing is kept.
func (s *Service) PutBlob(ctx context.Context, p Pass, r io.Reader, most int64) (Blob, error) {
	return s.putBlob(ctx, p, r, most, time.Time{})
}

// HoldBlob is PutBlob for a file that waits for a confirmation: it is forgotten
// at until.
func (s *Service) HoldBlob(ctx context.Context, p Pass, r io.Reader, most int64, until time.Time) (Blob, error) {
	return s.putBlob(ctx, p, r, most, until)
}

func (s *Service) putBlob(ctx context.Context, p Pass, r io.Reader, most int64, until time.Time) (Blob, error) {
	owner, err := p.own()
	if err != nil {
		return Blob{}, err
	}
	key, err := s.key(ctx, owner)
	if err != nil {
		return Blob{}, err
	}
	upload := kernel.NewID[string]("upl", s.DB.Now())
	b, chunks, err := s.putChunks(ctx, owner, key, upload, r, most)
	if err != nil {
		return Blob{}, errors.Join(err, s.dropUpload(ctx, owner, upload))
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		was, err := blobRow(ctx, tx, owner, b.Ref)
		if errors.Is(err, errNoFile) {
			return s.newBlob(ctx, tx, owner, b.Ref, blobRecord{upload: upload, chunks: chunks}, until)
		}
		if err != nil {
			return err
		}
		if err := deleteUpload(ctx, tx, owner, upload); err != nil {
			return err
		}
		return s.waitBlob(ctx, tx, owner, b.Ref, was, until)
	})
	if err != nil {
		return Blob{}, errors.Join(err, s.dropUpload(ctx, owner, upload))
	}
	return b, nil
}

// newBlob writes the one row that makes a file visible. Files that wait do not
// count against the quota, but only so many may wait.
func (s *Service) newBlob(ctx context.Context, tx *db.Tx, owner kernel.PersonID, ref string, b blobRecord, until time.Time) error {
	if until.IsZero() {
		if err := s.spend(ctx, tx, owner, 0, int(b.chunks*chunk)); err != nil {
			return err
		}
	} else if n, err := waitingBlobs(ctx, tx, owner); err != nil || n >= waitingMost {
		return errors.Join(err, errWaiting)
	}
	return insertBlob(ctx, tx, owner, ref, b.upload, b.chunks, until)
}

// waitBlob changes how long a file stays; a zero until keeps it.
func (s *Service) waitBlob(ctx context.Context, tx *db.Tx, owner kernel.PersonID, ref string, was blobRecord, until time.Time) error {
	if was.until == "" {
		return nil
	}
	if until.IsZero() {
		if err := s.spend(ctx, tx, owner, 0, int(was.chunks*chunk)); err != nil {
			return err
		}
	}
	return keepBlob(ctx, tx, owner, ref, until)
}

// KeepBlob keeps a file that was held.
func (s *Service) KeepBlob(ctx context.Context, tx *db.Tx, p Pass, ref string) error {
	owner, err := p.own()
	if err != nil {
		return err
	}
	was, err := blobRow(ctx, tx, owner, ref)
	if err != nil {
		return err
	}
	return s.waitBlob(ctx, tx, owner, ref, was, time.Time{})
}

func (s *Service) putChunks(ctx context.Context, owner kernel.PersonID, key *seal.DataKey, upload string, r io.Reader, most int64) (Blob, int64, error) {
	sum, mac := sha256.New(), key.MAC("blob")
	buf := make([]byte, chunk)
	var size, n int64
	for {
		got, err := io.ReadFull(r, buf)
		if got > 0 {
			if size += int64(got); size > most {
				return Blob{}, 0, errFileBig.With("max", most)
			}
			sum.Write(buf[:got]) //nolint:errcheck,gosec // a hash never fails
			mac.Write(buf[:got]) //nolint:errcheck,gosec // a hash never fails
			sealed := key.Seal(chunkPlace(owner, upload, n), buf[:got])
			if err := s.DB.Write(ctx, func(tx *db.Tx) error { return insertChunk(ctx, tx, owner, upload, n, sealed) }); err != nil {
				return Blob{}, 0, err
			}
			n++
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && got < len(buf) {
			if errors.Is(err, io.ErrUnexpectedEOF) && !atEnd(r) {
				return Blob{}, 0, fmt.Errorf("read a file: %w", err)
			}
			break
		}
		if err != nil {
			return Blob{}, 0, fmt.Errorf("read a file: %w", err)
		}
	}
	return Blob{
		Ref:    base64.RawURLEncoding.EncodeToString(mac.Sum(nil)),
		SHA256: hex.EncodeToString(sum.Sum(nil)),
		Size:   size,
	}, n, nil
}

// atEnd tells a short last chunk from a body that broke off: both look the same
// to io.ReadFull, and only the second goes on failing.
func atEnd(r io.Reader) bool {
	var one [1]byte
	n, err := r.Read(one[:])
	return n == 0 && errors.Is(err, io.EOF)
}

func chunkPlace(owner kernel.PersonID, upload string, n int64) string {
	return "chunk\x00" + string(owner) + "\x00" + upload + "\x00" + strconv.FormatInt(n, 10)
}

func (s *Service) dropUpload(ctx context.Context, owner kernel.PersonID, upload string) error {
	return s.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return deleteUpload(ctx, tx, owner, upload) })
}

// DropBlob removes a file. The caller knows that no item speaks of it any more.
func (s *Service) DropBlob(ctx context.Context, tx *db.Tx, p Pass, ref string) error {
	owner, err := p.own()
	if err != nil {
		return err
	}
	b, err := blobRow(ctx, tx, owner, ref)
	if errors.Is(err, errNoFile) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := deleteUpload(ctx, tx, owner, b.upload); err != nil {
		return err
	}
	if err := deleteBlob(ctx, tx, owner, ref); err != nil || b.until != "" {
		return err
	}
	return touchOwner(ctx, tx, owner, 0, -int(b.chunks*chunk), Limits{Items: 1 << 60, Bytes: 1 << 60})
}

// DropHeld forgets a file that waits for a confirmation; one that was kept since
// stays.
func (s *Service) DropHeld(ctx context.Context, tx *db.Tx, p Pass, ref string) error {
	owner, err := p.own()
	if err != nil {
		return err
	}
	b, err := blobRow(ctx, tx, owner, ref)
	if errors.Is(err, errNoFile) || err == nil && b.until == "" {
		return nil
	}
	if err != nil {
		return err
	}
	return s.DropBlob(ctx, tx, p, ref)
}

// Blob opens a file of the owner for reading.
func (s *Service) Blob(ctx context.Context, p Pass, b Blob) (*BlobReader, error) {
	owner, err := p.own()
	if err != nil {
		return nil, err
	}
	return s.blob(ctx, owner, b)
}

func (s *Service) blob(ctx context.Context, owner kernel.PersonID, b Blob) (*BlobReader, error) {
	row, err := blobRow(ctx, s.DB.Read(), owner, b.Ref)
	if err != nil {
		return nil, err
	}
	if row.chunks != (b.Size+chunk-1)/chunk {
		return nil, fmt.Errorf("file %s of %s: %w", b.Ref, owner, seal.ErrSealed)
	}
	key, err := s.key(ctx, owner)
	if err != nil {
		return nil, err
	}
	br := &BlobReader{Blob: b, s: s, ctx: ctx, owner: owner, key: key, upload: row.upload, at: -1}
	br.SectionReader = io.NewSectionReader(chunks{br}, 0, b.Size)
	return br, nil
}

// BlobReader reads a file of the vault, opening one chunk at a time. It serves
// one goroutine.
type BlobReader struct {
	*io.SectionReader
	Blob Blob

	s      *Service
	ctx    context.Context // the request it serves
	owner  kernel.PersonID
	key    *seal.DataKey
	upload string
	at     int64 // the chunk that is open
	plain  []byte
}

// chunks reads at any place of the file.
type chunks struct{ b *BlobReader }

// ReadAt implements io.ReaderAt.
func (c chunks) ReadAt(p []byte, off int64) (int, error) {
	b, done := c.b, 0
	for done < len(p) {
		at := off + int64(done)
		if at >= b.Blob.Size {
			return done, io.EOF
		}
		if n := at / chunk; n != b.at {
			sealed, err := chunkRow(b.ctx, b.s.DB.Read(), b.owner, b.upload, n)
			if err != nil {
				return done, err
			}
			if b.plain, err = b.key.Open(chunkPlace(b.owner, b.upload, n), sealed); err != nil {
				return done, err
			}
			b.at = n
		}
		got := copy(p[done:], b.plain[min(at%chunk, int64(len(b.plain))):])
		if got == 0 {
			return done, seal.ErrSealed // a chunk shorter than the size says
		}
		done += got
	}
	return done, nil
}

// sweepBlobs forgets files whose wait is over and chunks nobody speaks of: left
// by a crash in the middle of an upload, or by an erasure.
func (s *Service) sweepBlobs(ctx context.Context) error {
	for {
		n := 0
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = sweepBatch(ctx, tx, tx.Now, tx.Now.Add(-uploadMost))
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// uploadMost is how long an upload may last before its chunks count as lost.
const uploadMost = 2 * time.Hour
