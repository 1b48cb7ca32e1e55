package signing

import (
	"context"
	"crypto/ed25519"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
)

// Migrations of keys and status lists.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of signing.
//
//go:embed messages/*.json
var Messages embed.FS

// Kinds of signers.
const (
	KindPerson   = "person"
	KindCircle   = "circle"
	KindInstance = "instance"
)

// Signer names who signs. The instance has no ID.
type Signer struct{ Kind, ID string }

// OfPerson names a person as a signer.
func OfPerson(id kernel.PersonID) Signer { return Signer{KindPerson, string(id)} }

// OfCircle names a circle as a signer.
func OfCircle(id kernel.CircleID) Signer { return Signer{KindCircle, string(id)} }

// OfInstance names the instance as a signer.
func OfInstance() Signer { return Signer{Kind: KindInstance} }

// Service is what may be asked of signing.
type Service struct {
	DB   *db.DB
	Gate *gate.Service
	Keys *seal.Keys
	Base string // address of the instance, as --base-url, without a slash at the end

	lists lists
	house instanceKey
}

var (
	errNoDocument = kernel.NewFault(kernel.NotFound, "signing.no_document")
	errNoList     = kernel.NewFault(kernel.NotFound, "signing.no_list")
	errNoEntry    = kernel.NewFault(kernel.NotFound, "signing.no_entry")
)

// web gives host and port of the instance when identifiers may stand under its name:
// https, and a name rather than a number.
func (s *Service) web() (host string, ok bool) {
	u, err := url.Parse(s.Base)
	if err != nil || u.Scheme != "https" || u.Hostname() == "localhost" {
		return "", false
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil || net.ParseIP(u.Hostname()) != nil {
		return "", false
	}
	return u.Host, u.Host != ""
}

// identifier is the did:web of a circle or the instance, or "" where there is none.
func (s *Service) identifier(who Signer) string {
	host, ok := s.web()
	switch {
	case !ok:
		return ""
	case who.Kind == KindCircle:
		return did.Web(host, "c", who.ID)
	}
	return did.Web(host)
}

// held is a key of a circle or the instance.
type held struct {
	number int64
	key    ed25519.PrivateKey
}

func fragment(number int64) string { return "key-" + strconv.FormatInt(number, 10) }

// issuer is the signer with a key: under did:web where there is one.
func (s *Service) issuer(who Signer, k held) (credential.Issuer, error) {
	if id := s.identifier(who); id != "" {
		return credential.Issuer{ID: id, Key: k.key, Method: id + "#" + fragment(k.number)}, nil
	}
	return credential.KeyIssuer(k.key)
}

// Circle is the issuer of a circle; its key is made at first use. The caller has
// checked that the actor may sign for it.
func (s *Service) Circle(ctx context.Context, id kernel.CircleID) (credential.Issuer, error) {
	return s.shared(ctx, OfCircle(id))
}

// instanceKey keeps the issuer of the instance for a second: it signs thousands of
// times in one, and a new key is noticed in the next.
type instanceKey struct {
	mu sync.Mutex
	by credential.Issuer
	at time.Time
}

// Instance is the issuer of the instance itself; its key is made at first use.
func (s *Service) Instance(ctx context.Context) (credential.Issuer, error) {
	h := &s.house
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := time.Now(); now.Sub(h.at) >= time.Second {
		by, err := s.shared(ctx, OfInstance())
		if err != nil {
			return by, err
		}
		h.by, h.at = by, now
	}
	return h.by, nil
}

// shared is the issuer of a circle or the instance.
func (s *Service) shared(ctx context.Context, who Signer) (credential.Issuer, error) {
	keys, err := s.keysOf(ctx, s.DB.Read(), who)
	if err == nil && len(keys) == 0 {
		err = s.DB.Write(ctx, func(tx *db.Tx) error { return s.addKey(ctx, tx, who, 1) })
		if err == nil {
			keys, err = s.keysOf(ctx, s.DB.Read(), who)
		}
	}
	if err != nil {
		return credential.Issuer{}, fmt.Errorf("key of a %s: %w", who.Kind, err)
	}
	return s.issuer(who, keys[len(keys)-1])
}

// Renew gives a circle or the instance a new key to sign with; those before are kept.
// The caller has checked that the actor may.
func (s *Service) Renew(ctx context.Context, tx *db.Tx, who Signer) error {
	keys, err := s.keysOf(ctx, tx, who)
	if err != nil {
		return err
	}
	next := int64(1)
	if n := len(keys); n > 0 {
		next = keys[n-1].number + 1
	}
	return s.addKey(ctx, tx, who, next)
}

// addKey makes the key of a number, unless somebody just did.
func (s *Service) addKey(ctx context.Context, tx *db.Tx, who Signer, number int64) error {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	text, err := did.Multikey(public)
	if err != nil {
		return err
	}
	sealed := s.Keys.SealText(purposeOf(who, number), private.Seed())
	return insertKey(ctx, tx, who, number, text, base64.StdEncoding.EncodeToString(sealed))
}

func purposeOf(who Signer, number int64) string {
	return "signing\x00" + who.Kind + "\x00" + who.ID + "\x00" + strconv.FormatInt(number, 10)
}

// keysOf opens the keys of a circle or the instance, oldest first.
func (s *Service) keysOf(ctx context.Context, q db.Querier, who Signer) ([]held, error) {
	rows, err := keyRows(ctx, q, who)
	if err != nil {
		return nil, err
	}
	all := make([]held, len(rows))
	for i, r := range rows {
		raw, err := base64.StdEncoding.DecodeString(r.sealed)
		if err != nil {
			return nil, err
		}
		seed, err := s.Keys.OpenText(purposeOf(who, r.number), raw)
		if err != nil {
			return nil, fmt.Errorf("open a key: %w", err)
		}
		all[i] = held{r.number, ed25519.NewKeyFromSeed(seed)}
	}
	return all, nil
}

// issuerNamed is the circle or the instance under an identifier it has or had.
func (s *Service) issuerNamed(ctx context.Context, who Signer, id string) (credential.Issuer, error) {
	keys, err := s.keysOf(ctx, s.DB.Read(), who)
	if err != nil {
		return credential.Issuer{}, err
	}
	for i := len(keys) - 1; i >= 0; i-- {
		if strings.HasPrefix(id, "did:web:") {
			return credential.Issuer{ID: id, Key: keys[i].key, Method: id + "#" + fragment(keys[i].number)}, nil
		}
		if by, err := credential.KeyIssuer(keys[i].key); err != nil || by.ID == id {
			return by, err
		}
	}
	return credential.Issuer{}, errors.New("no key of this identifier is held")
}

// Document is the DID document of the instance or of a circle, as served, with the
// keys it has and had: the newest first. NotFound when identifiers do not stand under
// the name of the instance, or nobody signed yet.
func (s *Service) Document(ctx context.Context, who Signer) ([]byte, error) {
	id := s.identifier(who)
	if id == "" {
		return nil, errNoDocument
	}
	keys, err := s.keysOf(ctx, s.DB.Read(), who)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 && who.Kind == KindInstance {
		if _, err := s.Instance(ctx); err != nil {
			return nil, err
		}
		keys, err = s.keysOf(ctx, s.DB.Read(), who)
	}
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errNoDocument
	}
	var entries []did.Entry
	for i := len(keys) - 1; i >= 0; i-- {
		entries = append(entries, did.Entry{Fragment: fragment(keys[i].number), Key: keys[i].key.Public(), Login: i == len(keys)-1})
	}
	doc, err := did.Make(id, entries)
	if err != nil {
		return nil, err
	}
	return ijson.Canonical(doc)
}

// Find gives a document of this instance by its address or identifier, as if fetched:
// a DID document or a status list. False when it is none of ours.
func (s *Service) Find(ctx context.Context, address string) ([]byte, bool, error) {
	if id, ok := strings.CutPrefix(address, s.Base+listPath); ok {
		text, err := s.List(ctx, id)
		return found(text, err)
	}
	if address == "" || !strings.HasPrefix(address, "did:web:") {
		return nil, false, nil
	}
	own := s.identifier(OfInstance())
	if own == "" {
		return nil, false, nil
	}
	if address == own {
		return found(s.Document(ctx, OfInstance()))
	}
	if id, ok := strings.CutPrefix(address, own+":c:"); ok {
		return found(s.Document(ctx, Signer{KindCircle, id}))
	}
	return nil, false, nil
}

// found turns what is not there into a plain no.
func found(text []byte, err error) ([]byte, bool, error) {
	if kernel.KindOf(err) == kernel.NotFound {
		return nil, false, nil
	}
	return text, err == nil, err
}
