package musette

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/text/unicode/norm"
)

// keysPath is where sealed signing keys lie in an archive.
const keysPath = keysFolder + "/keys.json"

// What keys.json says of itself, and how it is sealed: argon2id (RFC 9106) makes a key
// of the passphrase, XChaCha20-Poly1305 seals with it. The figures are the second
// recommended option of RFC 9106, 4, with one lane.
const (
	keysFormat  = "digiwork-keys"
	keysVersion = 1
	keysCipher  = "XChaCha20-Poly1305"
	keysKDF     = "argon2id"
	keysPasses  = 3
	keysMemory  = 64 << 10 // KiB
	keysLanes   = 1
	keysSalt    = 16 // bytes

	keysMost       = 8 << 20   // bytes of keys.json
	keysMemoryMost = 128 << 10 // KiB that a file from elsewhere may ask for
	keysPassesMost = 20
)

// PassphraseLeast is how many characters the passphrase of an archive has at least.
const PassphraseLeast = 12

var (
	errPassphraseShort = kernel.NewFault(kernel.Invalid, "musette.keys.short").On("passphrase").With("min", PassphraseLeast)
	errPassphraseWrong = kernel.NewFault(kernel.Invalid, "musette.archive.keys_wrong").On("passphrase")
)

// sealedKeys is keys.json.
type sealedKeys struct {
	Cipher  string        `json:"cipher"`
	Format  string        `json:"format"`
	KDF     keyDerivation `json:"kdf"`
	Nonce   []byte        `json:"nonce"`
	Sealed  []byte        `json:"sealed"`
	Version int           `json:"version"`
}

type keyDerivation struct {
	Lanes     uint8  `json:"lanes"`
	MemoryKiB uint32 `json:"memory_kib"`
	Name      string `json:"name"`
	Passes    uint32 `json:"passes"`
	Salt      []byte `json:"salt"`
}

// bound is the additional data: a file of another version opens nowhere.
func (k *sealedKeys) bound() []byte { return fmt.Appendf(nil, "%s %d", k.Format, k.Version) }

func (k *keyDerivation) key(passphrase string) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(passphrase)), k.Salt, k.Passes, k.MemoryKiB, k.Lanes, chacha20poly1305.KeySize)
}

func checkPassphrase(passphrase string) error {
	if utf8.RuneCountInString(passphrase) < PassphraseLeast {
		return errPassphraseShort
	}
	return nil
}

// sealKeys seals items of the secret room by a passphrase.
func sealKeys(items []archiveItem, passphrase string) ([]byte, error) {
	plain, err := asTyped(items)
	if err != nil {
		return nil, err
	}
	k := sealedKeys{
		Cipher: keysCipher, Format: keysFormat, Version: keysVersion, Nonce: random(chacha20poly1305.NonceSizeX),
		KDF: keyDerivation{Name: keysKDF, Passes: keysPasses, MemoryKiB: keysMemory, Lanes: keysLanes, Salt: random(keysSalt)},
	}
	aead, err := chacha20poly1305.NewX(k.KDF.key(passphrase))
	if err != nil {
		return nil, err
	}
	k.Sealed = aead.Seal(nil, k.Nonce, plain, k.bound())
	return json.MarshalIndent(k, "", "  ")
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// openKeys opens what sealKeys sealed.
//
// errPassphraseWrong when the passphrase does not open it.
func openKeys(raw []byte, passphrase string) ([]archiveItem, error) {
	var k sealedKeys
	if err := json.Unmarshal(raw, &k); err != nil {
		return nil, err
	}
	d := k.KDF
	switch {
	case k.Format != keysFormat, k.Version != keysVersion, k.Cipher != keysCipher, d.Name != keysKDF, len(k.Nonce) != chacha20poly1305.NonceSizeX:
		return nil, errors.New("sealed in a way this program does not know")
	case d.Passes < 1, d.Passes > keysPassesMost, d.Lanes < 1, d.Lanes > 16, d.MemoryKiB < 8*uint32(d.Lanes), d.MemoryKiB > keysMemoryMost, len(d.Salt) < 8:
		return nil, errors.New("sealed with figures beyond the limits")
	}
	aead, err := chacha20poly1305.NewX(d.key(passphrase))
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, k.Nonce, k.Sealed, k.bound())
	if err != nil {
		return nil, errPassphraseWrong.Because(err)
	}
	var items []archiveItem
	if err := json.Unmarshal(plain, &items); err != nil {
		return nil, err
	}
	for i := range items {
		it := &items[i]
		if it.Room != secretRoom || it.Content != nil || it.File != nil {
			return nil, fmt.Errorf("%q is no key", clip(string(it.ID), 80))
		}
		if err := it.checkForm(); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// Unlock says how the signing keys of an archive come back.
type Unlock struct {
	Passphrase string // "" leaves them in the archive
	OrNothing  bool   // keys that do not come back refuse the whole archive
}

// unlock opens the signing keys of the archive. What keeps them from coming back is
// said; it is an error only when the rest is not wanted without them.
func (in *archiveImport) unlock() ([]archiveItem, error) {
	if !in.bag.Has(keysPath) {
		if in.keys.Passphrase != "" {
			in.warn("musette.archive.keys_none")
		}
		return nil, nil
	}
	if in.keys.Passphrase == "" {
		in.warn("musette.archive.keys_stay")
		return nil, nil
	}
	raw, err := in.bag.Read(keysPath, keysMost)
	var items []archiveItem
	if err == nil {
		items, err = openKeys(raw, in.keys.Passphrase)
	}
	switch {
	case err == nil:
		return items, nil
	case errors.Is(err, errPassphraseWrong):
		in.out.KeysShut = true
		in.warn("musette.archive.keys_wrong")
	default:
		in.out.KeysShut = true
		in.warn("musette.archive.keys_refused", "why", err.Error())
	}
	if in.keys.OrNothing {
		return nil, err
	}
	return nil, nil
}

// keysOf are the private keys of a musette, with their history.
func (s *Service) keysOf(ctx context.Context, pass gate.Pass) ([]archiveItem, error) {
	items, err := s.Gate.List(ctx, pass, secretRoom)
	if err != nil {
		return nil, err
	}
	all := make([]archiveItem, 0, len(items))
	opaque := &Service{Gate: s.Gate} // a key is never put into words
	for i := range items {
		a, err := opaque.withHistory(ctx, pass, &items[i], newBesides())
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}
