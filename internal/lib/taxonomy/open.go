package taxonomy

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// opener walks through the files of an import: folders, archives, gzip, plain.
type opener struct {
	left    int64 // bytes that may still be inflated
	entries int
	visit   func(name string, r *bufio.Reader) error
	list    func(name string) // when set, names are told and nothing is read
}

// open visits every file under p. Names keep what stands above the file, since
// an archive or folder may be what tells the version or the language.
func (o *opener) open(p string) error {
	info, err := os.Stat(p)
	if err != nil {
		return &Refusal{Reason: Missing, File: p, Err: err}
	}
	if !info.IsDir() {
		return o.file(p)
	}
	return filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return &Refusal{Reason: Missing, File: name, Err: err}
		}
		if !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		return o.file(name)
	})
}

func (o *opener) file(name string) error {
	f, err := os.Open(name) //nolint:gosec // the operator names the files
	if err != nil {
		return &Refusal{Reason: Missing, File: name, Err: err}
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return &Refusal{Reason: Missing, File: name, Err: err}
	}
	return o.content(name, f, info.Size())
}

// content visits an archive or a single file.
func (o *opener) content(name string, r io.ReaderAt, size int64) error {
	head := make([]byte, 4)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return &Refusal{Reason: Missing, File: name, Err: err}
	}
	if bytes.HasPrefix(head[:n], []byte("PK\x03\x04")) {
		return o.archive(name, r, size)
	}
	return o.stream(name, io.NewSectionReader(r, 0, size))
}

func (o *opener) archive(name string, r io.ReaderAt, size int64) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return &Refusal{Reason: Damaged, File: name, Err: err}
	}
	for _, e := range z.File {
		if e.FileInfo().IsDir() || !e.FileInfo().Mode().IsRegular() {
			continue
		}
		inner := name + "!" + strings.ToValidUTF8(path.Clean("/"+e.Name), "?")
		rc, err := e.Open()
		if err != nil {
			return &Refusal{Reason: Damaged, File: inner, Err: err}
		}
		err = o.stream(inner, rc)
		if cerr := rc.Close(); err == nil && cerr != nil {
			err = &Refusal{Reason: Damaged, File: inner, Err: cerr}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stream takes gzip off and visits what it holds.
func (o *opener) stream(name string, r io.Reader) error {
	if o.entries++; o.entries > maxEntries {
		return &Refusal{Reason: TooLarge, File: name, Detail: fmt.Sprintf("more than %d files", maxEntries)}
	}
	if o.list != nil {
		o.list(name)
		return nil
	}
	br := bufio.NewReaderSize(&budget{o: o, name: name, r: r}, 64<<10)
	if head, _ := br.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		gz, err := gzip.NewReader(br)
		if err != nil {
			return &Refusal{Reason: Damaged, File: name, Err: err}
		}
		br = bufio.NewReaderSize(&budget{o: o, name: name, r: gz}, 64<<10)
	}
	return o.visit(name, bufio.NewReaderSize(&utf8Reader{r: br}, 64<<10))
}

// budget refuses to inflate more than an import may.
type budget struct {
	o    *opener
	name string
	r    io.Reader
}

func (b *budget) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.o.left -= int64(n); b.o.left < 0 {
		return 0, &Refusal{Reason: TooLarge, File: b.name, Detail: "inflated size"}
	}
	return n, err
}

// utf8Reader gives UTF-8 whatever comes in: bytes that are not UTF-8 are read as
// Windows-1252, since the official archives of ROME mix both inside one file.
type utf8Reader struct {
	r    *bufio.Reader
	wait []byte // decoded, not yet given
}

func (u *utf8Reader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(u.wait) > 0 {
			c := copy(p[n:], u.wait)
			u.wait, n = u.wait[c:], n+c
			continue
		}
		buffered, err := u.r.Peek(max(1, u.r.Buffered()))
		if len(buffered) == 0 {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		plain := 0
		for plain < len(buffered) && plain < len(p)-n && buffered[plain] < utf8.RuneSelf {
			plain++
		}
		n += copy(p[n:], buffered[:plain])
		if _, err := u.r.Discard(plain); err != nil {
			return n, err
		}
		if plain < len(buffered) && n < len(p) {
			if u.wait, err = u.rune(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// rune takes the next character, of several bytes in either encoding.
func (u *utf8Reader) rune() ([]byte, error) {
	head, _ := u.r.Peek(utf8.UTFMax)
	if r, n := utf8.DecodeRune(head); r != utf8.RuneError || n > 1 {
		_, err := u.r.Discard(n)
		return []byte(string(r)), err
	}
	_, err := u.r.Discard(1)
	return []byte(string(windows1252(head[0]))), err
}

// high are the characters of Windows-1252 from 0x80 to 0x9F; elsewhere it is Latin-1.
var high = []rune("€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ")

func windows1252(b byte) rune {
	if 0x80 <= b && b <= 0x9F {
		return high[b-0x80]
	}
	return rune(b)
}
