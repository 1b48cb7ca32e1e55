//go:build unix

package taxonomy

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lock lets one import at a time write on the shelf, among all processes; the
// system frees it when a process dies.
func (s Shelf) lock() (unlock func(), err error) {
	if err := os.MkdirAll(s.Dir, 0o755); err != nil { //nolint:gosec // public referentials
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(s.Dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // as above
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil { //nolint:gosec // a descriptor
		return nil, errors.Join(&Refusal{Reason: Busy, File: s.Dir, Err: err}, f.Close())
	}
	return func() { _ = f.Close() }, nil // closing frees the lock; nothing was written
}
