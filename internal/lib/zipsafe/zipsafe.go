// Package zipsafe lists ZIP archives that come from strangers, within bounds: what a
// forged directory makes a reader build, and what the files unpack to, are bounded
// before anything is unpacked.
package zipsafe

import (
	"archive/zip"
	"errors"
	"io"
)

// Why an archive is refused.
var (
	ErrBroken = errors.New("not a ZIP that can be read")
	ErrMany   = errors.New("too many files in the ZIP")
	ErrLarge  = errors.New("the ZIP unpacks to too much")
	ErrBomb   = errors.New("the ZIP unpacks to much more than its size")
)

// Listing bounds the listing of an archive.
type Listing struct {
	Directory int64 // bytes read to list it
	Files     int
}

// Unpacking bounds what the files of an archive say they unpack to.
type Unpacking struct {
	Bytes uint64 // in all
	Ratio uint64 // unpacked for one packed byte…
	Floor uint64 // …counted from this unpacked size on
	Each  bool   // the ratio holds for each file, too
}

// List lists the files of an archive of size bytes. The names are as they stand: the
// caller judges each.
//
// ErrMany beyond the bounds; ErrBroken when it is no ZIP.
func List(r io.ReaderAt, size int64, most Listing) (*zip.Reader, error) {
	b := &budget{r, most.Directory}
	z, err := zip.NewReader(b, size)
	switch {
	case errors.Is(err, errBudget):
		return nil, ErrMany
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, errors.Join(ErrBroken, err)
	case len(z.File) > most.Files:
		return nil, ErrMany
	}
	b.left = -1
	return z, nil
}

// Check compares what the files say of themselves with most. A file that unpacks to
// more than it says is for the reader to cut.
//
// ErrLarge or ErrBomb beyond the bounds.
func Check(z *zip.Reader, most Unpacking) error {
	var packed, unpacked uint64
	for _, f := range z.File {
		packed += f.CompressedSize64
		unpacked += f.UncompressedSize64
		if most.Each && most.swells(f.CompressedSize64, f.UncompressedSize64) {
			return ErrBomb
		}
		if f.UncompressedSize64 > most.Bytes || unpacked > most.Bytes {
			return ErrLarge
		}
	}
	if most.swells(packed, unpacked) {
		return ErrBomb
	}
	return nil
}

func (u Unpacking) swells(packed, unpacked uint64) bool {
	return unpacked > u.Floor && unpacked/max(packed, 1) > u.Ratio
}

// budget is a ReaderAt that stops after a number of bytes; left < 0 is no limit.
type budget struct {
	r    io.ReaderAt
	left int64
}

var errBudget = errors.New("archive directory too large")

// ReadAt implements io.ReaderAt.
func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			b.left = 0
			return 0, errBudget
		}
	}
	return b.r.ReadAt(p, off)
}
