package seal

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

var (
	// ErrNoFile says that the key file is not there.
	ErrNoFile = errors.New("the instance key file is missing; without it nothing can be read. Put the copy you kept in its place, with mode 0600")
	// ErrWrongFile says that the key file belongs to another instance.
	ErrWrongFile = errors.New("the instance key file does not open this database; it belongs to another instance or was replaced. Put the right copy in its place")
	// ErrKeyInUse says that a key still wraps something.
	ErrKeyInUse = errors.New("this key still protects people; run digiwork keys rotate first")
	// ErrLastKey says that a ring is never left empty.
	ErrLastKey = errors.New("the active key cannot be retired; add another first")
)

// instanceKey is one line of the key file.
type instanceKey struct {
	id   string
	made string
	raw  []byte
	aead cipher.AEAD
}

// ring is what the key file holds. The last key is the active one.
type ring struct {
	path string
	keys []instanceKey
}

const header = `# Instance keys of DigiWork. Without this file nothing in the database can be read.
# Keep a copy of it somewhere else than your backups, readable by you alone.
`

func readRing(path string) (*ring, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the operator's own path
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrNoFile)
	}
	if err != nil {
		return nil, err
	}
	r := &ring{path: path}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 3 {
			return nil, fmt.Errorf("%s, line %d: a key is written: id date base64", path, n)
		}
		key, err := base64.StdEncoding.DecodeString(f[2])
		if err != nil || len(key) != 32 {
			return nil, fmt.Errorf("%s, line %d: not a key of 32 bytes in base64", path, n)
		}
		a, err := newAEAD(key)
		if err != nil {
			return nil, err
		}
		r.keys = append(r.keys, instanceKey{f[0], f[1], key, a})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(r.keys) == 0 {
		return nil, fmt.Errorf("%s holds no key: %w", path, ErrNoFile)
	}
	return r, nil
}

// add makes a new key and writes the file: whole, durable, mode 0600, or not at all.
func (r *ring) add(now time.Time) error {
	key := make([]byte, 32)
	rand.Read(key) //nolint:errcheck,gosec // never fails since Go 1.24
	a, err := newAEAD(key)
	if err != nil {
		return err
	}
	id := "k" + strings.ToLower(rand.Text()[:10])
	r.keys = append(r.keys, instanceKey{id, now.UTC().Format(time.DateOnly), key, a})
	return r.write()
}

func (r *ring) write() (err error) {
	if err := os.MkdirAll(filepath.Dir(r.path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(r.path), ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	var b strings.Builder
	b.WriteString(header)
	for _, k := range r.keys {
		fmt.Fprintf(&b, "%s %s %s\n", k.id, k.made, base64.StdEncoding.EncodeToString(k.raw))
	}
	_, err = f.WriteString(b.String())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), r.path)
}

func (r *ring) active() instanceKey { return r.keys[len(r.keys)-1] }

func (r *ring) byID(id string) (instanceKey, bool) {
	for _, k := range r.keys {
		if k.id == id {
			return k, true
		}
	}
	return instanceKey{}, false
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}
