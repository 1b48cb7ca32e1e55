package bagit

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Writer writes a bag: its files are listed with their digests as they come.
type Writer struct {
	zip      *zip.Writer
	manifest []string // of the payload
	tags     []string // of the rest
	bytes    int64
	files    int
}

// NewWriter begins a bag. Close ends it.
func NewWriter(w io.Writer) *Writer { return &Writer{zip: zip.NewWriter(w)} }

// Add writes a file of the payload; path is below data/.
func (w *Writer) Add(path string, raw []byte) error { return w.Copy(path, bytes.NewReader(raw)) }

// Copy writes a file of the payload as it is read.
func (w *Writer) Copy(path string, r io.Reader) error {
	return w.Write(path, func(to io.Writer) error {
		_, err := io.Copy(to, r)
		return err
	})
}

// Write writes a file of the payload as fill makes it.
func (w *Writer) Write(path string, fill func(io.Writer) error) error {
	line, n, err := w.file(payload+path, fill)
	w.manifest, w.bytes, w.files = append(w.manifest, line), w.bytes+n, w.files+1
	return err
}

func (w *Writer) file(path string, fill func(io.Writer) error) (line string, n int64, err error) {
	to, err := w.zip.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: Epoch})
	if err != nil {
		return "", 0, err
	}
	sum := sha256.New()
	count := &counter{}
	err = fill(io.MultiWriter(to, sum, count))
	return hex.EncodeToString(sum.Sum(nil)) + "  " + path + "\n", count.n, err
}

type counter struct{ n int64 }

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// Close writes what makes the ZIP a bag (RFC 8493, 2.1 and 2.2), made at now by
// software, and ends it.
func (w *Writer) Close(now time.Time, software string) error {
	slices.Sort(w.manifest)
	info := fmt.Sprintf("Bagging-Date: %s\nBag-Software-Agent: %s\nPayload-Oxum: %d.%d\n", now.Format(time.DateOnly), software, w.bytes, w.files)
	for _, f := range []struct{ path, text string }{{declaration, declared}, {infoFile, info}, {manifest, strings.Join(w.manifest, "")}} {
		if err := w.tag(f.path, f.text); err != nil {
			return err
		}
	}
	slices.Sort(w.tags)
	if err := w.tag(tagManifest, strings.Join(w.tags, "")); err != nil {
		return err
	}
	return w.zip.Close()
}

func (w *Writer) tag(path, text string) error {
	line, _, err := w.file(path, func(to io.Writer) error {
		_, err := io.WriteString(to, text)
		return err
	})
	w.tags = append(w.tags, line)
	return err
}
