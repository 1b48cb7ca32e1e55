package signing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/platform/db"
)

// listPath is where lists are served.
const listPath = "/status/"

// listYears is how long a signed list counts. A verifier that can ask again does so
// sooner (listTTL); who cannot, because the issuer left or its server is gone, still
// has the last word of its issuer, with the date of it.
const listYears = 10

// listTTL is how long a verifier may keep a list, in milliseconds.
const listTTL = 5 * 60 * 1000

// places of a list: a power of two, which scatter needs.
const places = statuslist.MinEntries

// listID names a list: lst_…
type listID string

// list is a status list as it is stored.
type list struct {
	id      listID
	who     Signer
	issuer  string
	purpose string
	number  int64
	used    int64
	version int64
	bits    string
	signed  string
}

func (s *Service) address(id listID) string { return s.Base + listPath + string(id) }

// scatter gives the n-th credential of a list its place: each place once, in an order
// that only the instance can tell (Bitstring Status List 1.0, 6.4: an index that
// rises would tell when a credential was made).
func (s *Service) scatter(id listID, n int64) int {
	d := s.Keys.Digest("status", string(id))
	a := binary.BigEndian.Uint64(d)*4 + 1 // odd, so that the step visits every place
	b := binary.BigEndian.Uint64(d[8:])
	x := (a*uint64(n) + b) % places
	x ^= x >> 7 // both steps can be undone: no place is given twice
	x = (x * (b | 1)) % places
	return int(x)
}

// Reserve takes a place for one credential in a list of each purpose, and gives the
// entries to put into its credentialStatus. by is the signer's issuer, which signs
// the list too.
func (s *Service) Reserve(ctx context.Context, tx *db.Tx, kind, id string, by credential.Issuer, purposes ...string) ([]any, error) {
	who := Signer{kind, id}
	var entries []any
	for _, purpose := range purposes {
		l, err := s.openList(ctx, tx, who, by, purpose)
		if err != nil {
			return nil, fmt.Errorf("reserve a status: %w", err)
		}
		entries = append(entries, statuslist.NewEntry(s.address(l.id), purpose, s.scatter(l.id, l.used-1)))
	}
	return entries, nil
}

// openList takes a place in the newest list, or in a new one when that is full.
func (s *Service) openList(ctx context.Context, tx *db.Tx, who Signer, by credential.Issuer, purpose string) (list, error) {
	for range 3 {
		l, ok, err := takePlace(ctx, tx, who, by.ID, purpose)
		if err != nil || ok {
			return l, err
		}
		number, err := lastNumber(ctx, tx, who, by.ID, purpose)
		if err != nil {
			return l, err
		}
		bits, err := statuslist.New(places).Encode()
		if err != nil {
			return l, err
		}
		l = list{id: kernel.NewID[listID]("lst", tx.Now), who: who, issuer: by.ID, purpose: purpose, number: number + 1, version: 1, bits: bits}
		if who.Kind == KindPerson {
			if l.signed, err = s.sign(l, by, tx.Now); err != nil {
				return l, err
			}
		}
		if err := insertList(ctx, tx, l); err != nil {
			return l, err
		}
	}
	return list{}, errors.New("no list could be opened")
}

// sign signs a list.
func (s *Service) sign(l list, by credential.Issuer, now time.Time) (string, error) {
	bits, err := statuslist.Decode(l.bits)
	if err != nil {
		return "", err
	}
	const form = "2006-01-02T15:04:05Z"
	doc, err := statuslist.Credential(s.address(l.id), by.ID, l.purpose, bits, now.UTC().Format(form), now.UTC().AddDate(listYears, 0, 0).Format(form))
	if err != nil {
		return "", err
	}
	doc["credentialSubject"].(map[string]any)["ttl"] = float64(listTTL) //nolint:forcetypeassert // made one line above
	signed, err := credential.IssueObject(doc, by, credential.IssueOptions{At: now})
	if err != nil {
		return "", fmt.Errorf("sign a list: %w", err)
	}
	return string(signed.Text), nil
}

// List is a status list as served. NotFound if there is none.
func (s *Service) List(ctx context.Context, id string) ([]byte, error) {
	l, err := listByID(ctx, s.DB.Read(), listID(id))
	if err != nil {
		return nil, err
	}
	if l.signed != "" {
		return []byte(l.signed), nil
	}
	if text, ok := s.lists.get(l, s.DB.Now()); ok {
		return text, nil
	}
	by, err := s.issuerNamed(ctx, l.who, l.issuer)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", id, err)
	}
	text, err := s.sign(l, by, s.DB.Now())
	if err != nil {
		return nil, err
	}
	s.lists.put(l, []byte(text), s.DB.Now())
	return []byte(text), nil
}

// lists are those signed in the last minute; used only while their version stands.
type lists struct {
	mu  sync.Mutex
	all map[listID]signedList
}

type signedList struct {
	version int64
	text    []byte
	at      time.Time
}

const (
	listsMost = 256
	listsFor  = time.Minute
)

func (c *lists) get(l list, now time.Time) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.all[l.id]
	return k.text, ok && k.version == l.version && now.Sub(k.at) < listsFor
}

func (c *lists) put(l list, text []byte, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= listsMost {
		c.all = map[listID]signedList{}
	}
	c.all[l.id] = signedList{l.version, text, now}
}

// Mark sets or clears what an entry says, for a credential that a circle or the
// instance signed. NotFound if the entry is not one of its own.
func (s *Service) Mark(ctx context.Context, tx *db.Tx, kind, id string, entry map[string]any, on bool) error {
	l, e, err := s.entry(ctx, tx, Signer{kind, id}, entry)
	if err != nil {
		return err
	}
	if l.bits, err = flip(l.bits, e.Index, on); err != nil {
		return err
	}
	return updateList(ctx, tx, l)
}

// Marker gives what marks credentials that the person of a pass signed, inside a
// transaction: her keys are opened before it. Her list is signed again each time.
func (s *Service) Marker(ctx context.Context, p gate.Pass) (func(ctx context.Context, tx *db.Tx, entry map[string]any, on bool) error, error) {
	own, err := s.own(ctx, p)
	if err != nil {
		return nil, err
	}
	who := OfPerson(p.Owner())
	return func(ctx context.Context, tx *db.Tx, entry map[string]any, on bool) error {
		l, e, err := s.entry(ctx, tx, who, entry)
		if err != nil {
			return err
		}
		by, ok := own[l.issuer]
		if !ok {
			return errNoEntry
		}
		if l.bits, err = flip(l.bits, e.Index, on); err != nil {
			return err
		}
		if l.signed, err = s.sign(l, by, tx.Now); err != nil {
			return err
		}
		return updateList(ctx, tx, l)
	}, nil
}

// entry finds the list of an entry and takes its turn on it.
func (s *Service) entry(ctx context.Context, tx *db.Tx, who Signer, entry map[string]any) (list, statuslist.Entry, error) {
	e, err := statuslist.ParseEntry(entry)
	if err != nil {
		return list{}, e, errNoEntry.Because(err)
	}
	id, ok := strings.CutPrefix(e.Credential, s.Base+listPath)
	if !ok {
		return list{}, e, errNoEntry
	}
	l, err := takeList(ctx, tx, listID(id))
	if err == nil && (l.who != who || l.purpose != e.Purpose) {
		err = errNoEntry
	}
	return l, e, err
}

func flip(bits string, index int, on bool) (string, error) {
	b, err := statuslist.Decode(bits)
	if err != nil {
		return "", err
	}
	if err := b.Set(index, on); err != nil {
		return "", errNoEntry.Because(err)
	}
	return b.Encode()
}

// State reads what an entry of ours says now.
func (s *Service) State(ctx context.Context, entry map[string]any) (bool, error) {
	e, err := statuslist.ParseEntry(entry)
	if err != nil {
		return false, errNoEntry.Because(err)
	}
	id, ok := strings.CutPrefix(e.Credential, s.Base+listPath)
	if !ok {
		return false, errNoEntry
	}
	l, err := listByID(ctx, s.DB.Read(), listID(id))
	if err != nil {
		return false, err
	}
	b, err := statuslist.Decode(l.bits)
	if err != nil {
		return false, err
	}
	v, err := b.Get(e.Index, 1)
	return v != 0, err
}

// Leave signs the lists of a person who is erased a last time, for ten years, and
// keeps them without her name. Where her keys cannot be opened the lists stand as she
// signed them last, which was for ten years too.
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (lists int, err error) {
	all, err := listsOf(ctx, tx, OfPerson(person))
	if err != nil || len(all) == 0 {
		return 0, err
	}
	p, err := s.Gate.Own(ctx)
	var own map[string]credential.Issuer
	if err == nil && p.Owner() == person {
		if own, err = s.own(ctx, p); err != nil {
			return 0, err
		}
	}
	for _, l := range all {
		if by, ok := own[l.issuer]; ok {
			if l.signed, err = s.sign(l, by, tx.Now); err != nil {
				return 0, err
			}
		}
		if err := orphanList(ctx, tx, l); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// ListsOf counts the lists of a person: what stays of her signing when she leaves.
func (s *Service) ListsOf(ctx context.Context, person kernel.PersonID) (int, error) {
	all, err := listsOf(ctx, s.DB.Read(), OfPerson(person))
	return len(all), err
}

// Purposes that a badge of ours can be marked for.
var Purposes = []string{statuslist.Revocation, statuslist.Suspension}

// EntryFor picks the entry of a purpose among those of a credential.
func EntryFor(status any, purpose string) (map[string]any, bool) {
	entries, ok := status.([]any)
	if !ok {
		entries = []any{status}
	}
	i := slices.IndexFunc(entries, func(e any) bool {
		m, ok := e.(map[string]any)
		return ok && m["statusPurpose"] == purpose
	})
	if i < 0 {
		return nil, false
	}
	return entries[i].(map[string]any), true //nolint:forcetypeassert // found as one
}
