package taxonomy

import (
	"fmt"
	"io"
)

// Bounds on what is read. The largest official file is the XML export of RNCP,
// about 1.3 GiB once inflated; the widest cell a description of some kilobytes.
const (
	maxInflated = 4 << 30 // bytes of all files of one import together
	maxEntries  = 10_000  // files in an archive or folder
	maxCell     = 1 << 20 // bytes of one cell
	maxPiece    = 8 << 20 // bytes of one element of JSON or XML, markup included
	maxColumns  = 256
	maxConcepts = 1 << 20
	maxLabels   = 256 // of one concept
	maxLinks    = 1 << 22
	maxFile     = 1 << 30 // bytes of a book on disk
)

// Reason says why files were refused.
type Reason string

// The reasons.
const (
	Unknown   Reason = "unknown_scheme" // no such scheme
	Missing   Reason = "missing_file"   // cannot be opened
	Damaged   Reason = "damaged"        // is not what it says it is
	TooLarge  Reason = "too_large"      // beyond a bound of this package
	NothingIn Reason = "nothing_found"  // holds no table of that scheme
	Busy      Reason = "busy"           // another import is under way
)

// Refusal is why an import did not happen. Nothing was changed.
type Refusal struct {
	Reason Reason
	File   string // where
	Row    int    // from 1, 0 when it does not apply
	Detail string // for the log
	Err    error
}

func (r *Refusal) Error() string {
	s := string(r.Reason)
	if r.File != "" {
		s += ": " + r.File
	}
	if r.Row > 0 {
		s += fmt.Sprintf(", row %d", r.Row)
	}
	if r.Detail != "" {
		s += ": " + r.Detail
	}
	if r.Err != nil {
		s += ": " + r.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// pieceLimit refuses an element of JSON or XML that is too long to be held. It is
// told where each begins.
type pieceLimit struct {
	r    io.Reader
	name string
	run  int
}

func (l *pieceLimit) reset() { l.run = 0 }

func (l *pieceLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.run += n; l.run > maxPiece {
		return 0, &Refusal{Reason: TooLarge, File: l.name, Detail: "element"}
	}
	return n, err
}
