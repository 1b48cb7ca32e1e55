package seal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"digiwork/internal/platform/db"
)

// Migrations of the tables of keys; they belong in the keys half.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// pepper is the owner of the instance's own data key.
const pepper = "instance"

const (
	cacheFor  = time.Minute // opened data keys are kept in memory
	cacheMost = 4096        // at most so many
	batch     = 200         // keys wrapped again in one transaction
)

// ErrNoKey says that an owner has no data key: erased, or never known.
var ErrNoKey = errors.New("seal: this owner has no key")

// Keys gives the data key of each owner. Many goroutines may use it.
type Keys struct {
	DB *db.DB // the keys half

	mu     sync.Mutex
	ring   *ring
	opened map[string]opened
	pepper *DataKey
}

type opened struct {
	key *DataKey
	at  time.Time
}

// Open reads the key file at path and proves that it opens the keys in d, whose
// tables exist. A new database gets a new file. made tells that a file was made:
// the operator must be told to copy it.
//
// ErrNoFile and ErrWrongFile are returned before anything is written.
func Open(ctx context.Context, d *db.DB, path string) (k *Keys, made bool, err error) {
	k = &Keys{DB: d, opened: map[string]opened{}}
	used, err := db.One(ctx, d.Read(), db.Scan[int], `select count(*) from seal_key`)
	if err != nil {
		return nil, false, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && used == 0 {
		if err := (&ring{path: path}).add(d.Now()); err != nil {
			return nil, false, err
		}
		made = true
	}
	if k.ring, err = readRing(path); err != nil {
		return nil, false, err
	}
	if used == 0 {
		if err := k.Create(ctx, pepper); err != nil {
			return nil, false, err
		}
	}
	if k.pepper, err = k.load(ctx, pepper); err != nil {
		return nil, false, err
	}
	return k, made, nil
}

// Create makes the data key of owner. It does nothing when there is one.
func (k *Keys) Create(ctx context.Context, owner string) error {
	raw := make([]byte, 32)
	rand.Read(raw) //nolint:errcheck,gosec // never fails since Go 1.24
	if err := k.reread(); err != nil {
		return err
	}
	k.mu.Lock()
	a := k.ring.active()
	k.mu.Unlock()
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			insert into seal_key (owner, key_id, wrapped, made_at)
			select $1, $2, $3, $4 where not exists (select 1 from seal_tombstone where owner = $1)
			on conflict do nothing`,
			owner, a.id, wrap(a, owner, raw), db.At(tx.Now))
		return err
	})
}

// Of gives the data key of owner, or ErrNoKey. The caller has read in the same
// request that the owner still exists: a key may stay in memory for a minute.
func (k *Keys) Of(ctx context.Context, owner string) (*DataKey, error) {
	now := time.Now()
	k.mu.Lock()
	o, ok := k.opened[owner]
	k.mu.Unlock()
	if ok && now.Sub(o.at) < cacheFor {
		return o.key, nil
	}
	key, err := k.load(ctx, owner)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	if len(k.opened) >= cacheMost {
		k.trim(now)
	}
	k.opened[owner] = opened{key, now}
	k.mu.Unlock()
	return key, nil
}

// trim drops what is old, and if that is not enough, some others.
func (k *Keys) trim(now time.Time) {
	for owner, o := range k.opened {
		if now.Sub(o.at) >= cacheFor || len(k.opened) > cacheMost*3/4 {
			delete(k.opened, owner)
		}
	}
}

type row struct {
	owner, id string
	wrapped   []byte
}

func scanRow(rows *sql.Rows) (r row, err error) {
	return r, rows.Scan(&r.owner, &r.id, &r.wrapped)
}

func (k *Keys) load(ctx context.Context, owner string) (*DataKey, error) {
	r, err := db.One(ctx, k.DB.Read(), scanRow, `select owner, key_id, wrapped from seal_key where owner = $1`, owner)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, err
	}
	raw, err := k.unwrap(r)
	if err != nil {
		return nil, err
	}
	return newDataKey(raw)
}

// unwrap opens a wrapped key. A key id that is not known may have been added by
// another process since: the file is read again.
func (k *Keys) unwrap(r row) ([]byte, error) {
	k.mu.Lock()
	ik, ok := k.ring.byID(r.id)
	k.mu.Unlock()
	if !ok {
		if err := k.reread(); err != nil {
			return nil, err
		}
		k.mu.Lock()
		ik, ok = k.ring.byID(r.id)
		k.mu.Unlock()
	}
	if !ok || len(r.wrapped) < 12 {
		return nil, fmt.Errorf("%s: %w", k.ring.path, ErrWrongFile)
	}
	raw, err := ik.aead.Open(nil, r.wrapped[:12], r.wrapped[12:], []byte("wrap\x00"+r.owner))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.ring.path, ErrWrongFile)
	}
	return raw, nil
}

func wrap(ik instanceKey, owner string, raw []byte) []byte {
	out := make([]byte, 12, 12+len(raw)+16)
	rand.Read(out) //nolint:errcheck,gosec // never fails since Go 1.24
	return ik.aead.Seal(out, out, raw, []byte("wrap\x00"+owner))
}

func (k *Keys) reread() error {
	r, err := readRing(k.ring.path)
	if err != nil {
		return err
	}
	k.mu.Lock()
	k.ring = r
	k.mu.Unlock()
	return nil
}

// Destroy removes the data key of owner for ever and leaves a tombstone. When it
// returns, the key is neither in the file nor in its log. It may be repeated.
func (k *Keys) Destroy(ctx context.Context, owner string) error {
	err := k.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from seal_key where owner = $1`, owner); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `insert into seal_tombstone (owner, at) values ($1, $2) on conflict do nothing`,
			owner, db.At(tx.Now))
		return err
	})
	if err != nil {
		return err
	}
	k.mu.Lock()
	delete(k.opened, owner)
	k.mu.Unlock()
	return k.DB.Checkpoint(ctx)
}

// Tombstones lists who was erased, for a restore to forget them again.
func (k *Keys) Tombstones(ctx context.Context) ([]string, error) {
	return db.All(ctx, k.DB.Read(), db.Scan[string], `select owner from seal_tombstone order by owner`)
}

// AddKey puts a new active key into the file; its id is returned.
func (k *Keys) AddKey() (id string, err error) {
	if err := k.reread(); err != nil {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.ring.add(k.DB.Now()); err != nil {
		return "", err
	}
	return k.ring.active().id, nil
}

// Rotate wraps every data key by the active instance key, in small batches, and
// says how many it changed. It may be stopped and started again at any time.
func (k *Keys) Rotate(ctx context.Context) (int, error) {
	if err := k.reread(); err != nil {
		return 0, err
	}
	k.mu.Lock()
	active := k.ring.active()
	k.mu.Unlock()
	total := 0
	for {
		n := 0
		err := k.DB.Write(ctx, func(tx *db.Tx) error {
			rows, err := db.All(ctx, tx, scanRow, `
				select owner, key_id, wrapped from seal_key where key_id <> $1 order by owner limit $2`, active.id, batch)
			if err != nil {
				return err
			}
			for _, r := range rows {
				raw, err := k.unwrap(r)
				if err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, `update seal_key set key_id = $1, wrapped = $2 where owner = $3`,
					active.id, wrap(active, r.owner, raw), r.owner); err != nil {
					return err
				}
			}
			n = len(rows)
			return nil
		})
		if err != nil {
			return total, err
		}
		if total += n; n == 0 {
			return total, k.DB.Checkpoint(ctx)
		}
	}
}

// Retire takes key id out of the file once nothing is wrapped by it.
func (k *Keys) Retire(ctx context.Context, id string) error {
	if err := k.reread(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ring.active().id == id {
		return ErrLastKey
	}
	if _, ok := k.ring.byID(id); !ok {
		return fmt.Errorf("%s holds no key %s", k.ring.path, id)
	}
	n, err := db.One(ctx, k.DB.Read(), db.Scan[int], `select count(*) from seal_key where key_id = $1`, id)
	if err != nil {
		return err
	}
	if n > 0 {
		return ErrKeyInUse
	}
	kept := k.ring.keys[:0]
	for _, key := range k.ring.keys {
		if key.id != id {
			kept = append(kept, key)
		}
	}
	k.ring.keys = kept
	return k.ring.write()
}

// Ring lists the ids of the key file, the active one last, with how many data
// keys each wraps.
func (k *Keys) Ring(ctx context.Context) ([]RingKey, error) {
	if err := k.reread(); err != nil {
		return nil, err
	}
	k.mu.Lock()
	keys := k.ring.keys
	k.mu.Unlock()
	var all []RingKey
	for i, key := range keys {
		n, err := db.One(ctx, k.DB.Read(), db.Scan[int], `select count(*) from seal_key where key_id = $1`, key.id)
		if err != nil {
			return nil, err
		}
		all = append(all, RingKey{ID: key.id, Made: key.made, Wraps: n, Active: i == len(keys)-1})
	}
	return all, nil
}

// RingKey is an instance key as doctor shows it: never the key itself.
type RingKey struct {
	ID     string
	Made   string // day
	Wraps  int    // data keys it protects
	Active bool
}

// SealText seals a text of the instance, such as a mail address.
func (k *Keys) SealText(purpose string, plain []byte) []byte {
	return k.pepper.Seal("text\x00"+purpose, plain)
}

// OpenText opens what SealText sealed for the same purpose.
func (k *Keys) OpenText(purpose string, sealed []byte) ([]byte, error) {
	return k.pepper.Open("text\x00"+purpose, sealed)
}

// Digest is a keyed digest, to look a text up without storing it.
func (k *Keys) Digest(purpose, text string) []byte {
	h := k.pepper.MAC(purpose)
	h.Write([]byte(text)) //nolint:errcheck,gosec // a hash never fails
	return h.Sum(nil)
}

// Sweep removes data keys whose owner never came to exist: a sign-up that failed
// between making the key and the account. known says who exists; only keys older
// than an hour are looked at.
func (k *Keys) Sweep(ctx context.Context, known func(context.Context, string) (bool, error)) (int, error) {
	owners, err := db.All(ctx, k.DB.Read(), db.Scan[string], `
		select owner from seal_key where made_at < $1 and owner <> $2`, db.At(k.DB.Now().Add(-time.Hour)), pepper)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, owner := range owners {
		ok, err := known(ctx, owner)
		if err != nil {
			return n, err
		}
		if ok {
			continue
		}
		if err := k.Destroy(ctx, owner); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
