package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
)

// Frozen is a copy that cannot change, lent to a circle: what a jury decides upon.
// It lies under a random key of its own, so that destroying the key destroys the
// copy, and so that a kept copy stays readable when its owner leaves.
type Frozen struct {
	Loan   kernel.GrantID
	Circle kernel.CircleID
	SHA256 string // hexadecimal, of the content
	Size   int64  // in bytes
	Made   time.Time
	Kept   time.Time // zero until a decision kept it

	row frozenRecord
}

// The states of a frozen copy.
const (
	frozenOpen    = "open"    // it goes when the loan ends or is withdrawn
	frozenKept    = "kept"    // it belongs to the circle
	frozenDropped = "dropped" // its key is about to be destroyed
)

const (
	frozenMost     = 32 << 20 // bytes of one copy
	frozenOpenMost = 20       // copies of one person that no decision kept yet
)

var (
	errFrozenBig    = kernel.NewFault(kernel.TooLarge, "gate.frozen.too_big")
	errFrozenMany   = kernel.NewFault(kernel.TooMany, "gate.frozen.too_many")
	errFrozenCircle = kernel.NewFault(kernel.Invalid, "gate.frozen.circle").On("to")
	errNoFrozen     = kernel.NewFault(kernel.NotFound, "gate.frozen.none")
)

// frozenBody is sealed with each copy, under its own key.
type frozenBody struct {
	SHA256  string    `cbor:"1,keyasint"`
	Size    int64     `cbor:"2,keyasint"`
	Purpose string    `cbor:"3,keyasint"`
	Until   time.Time `cbor:"4,keyasint"`
}

// keyOwner is the name under which the key of a copy is kept.
func keyOwner(id kernel.GrantID) string { return "frozen/" + string(id) }

// SealFrozen seals content under a new random key, to go with a loan to a circle. It
// writes the sealed chunks; PutFrozen makes them visible. Chunks and key of a copy
// that was never put are swept.
//
// TooLarge above 32 MiB; Invalid unless the loan is to a circle.
func (s *Service) SealFrozen(ctx context.Context, p Pass, loan Loan, content []byte) (Frozen, error) {
	owner, err := p.own()
	if err != nil {
		return Frozen{}, err
	}
	r := loan.draft.record
	switch {
	case r.owner != owner:
		return Frozen{}, errNotOwner
	case r.kind != "circle":
		return Frozen{}, errFrozenCircle
	case len(content) > frozenMost:
		return Frozen{}, errFrozenBig
	}
	if err := s.Keys.Create(ctx, keyOwner(r.id)); err != nil {
		return Frozen{}, err
	}
	key, err := s.Keys.Of(ctx, keyOwner(r.id))
	if err != nil {
		return Frozen{}, err
	}
	sum := sha256.Sum256(content)
	body := frozenBody{hex.EncodeToString(sum[:]), int64(len(content)), loan.draft.body.Purpose, r.until.Time}
	raw, err := encoding.Marshal(body)
	if err != nil {
		return Frozen{}, err
	}
	f := Frozen{Loan: r.id, Circle: kernel.CircleID(r.recipient), SHA256: body.SHA256, Size: body.Size}
	f.row = frozenRecord{id: r.id, owner: owner, circle: f.Circle, room: r.room, sealed: key.Seal(frozenPlace(r.id, -1), raw)}
	for part := range slices.Chunk(content, chunk) {
		n := f.row.chunks
		sealed := key.Seal(frozenPlace(r.id, n), part)
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return insertFrozenChunk(ctx, tx, r.id, n, sealed) }); err != nil {
			return Frozen{}, err
		}
		f.row.chunks++
	}
	return f, nil
}

// frozenPlace is the additional data of a chunk, -1 for what is known of the copy.
func frozenPlace(id kernel.GrantID, n int64) string {
	return "frozen\x00" + string(id) + "\x00" + strconv.FormatInt(n, 10)
}

// PutFrozen makes a copy visible, in the transaction of PutLoan and after it.
//
// TooMany when 20 copies of hers wait for a decision.
func (s *Service) PutFrozen(ctx context.Context, tx *db.Tx, f Frozen) error {
	if _, err := grantRow(ctx, tx, f.row.owner, f.row.id); err != nil {
		return err
	}
	n, err := openFrozen(ctx, tx, f.row.owner)
	if err != nil {
		return err
	}
	if n >= frozenOpenMost {
		return errFrozenMany.With("max", frozenOpenMost)
	}
	return insertFrozen(ctx, tx, f.row)
}

// frozenCopy is what a pass knows of a kept copy.
type frozenCopy struct {
	row  frozenRecord
	body frozenBody
	name string // of the owner; empty when she has left
}

func (c *frozenCopy) errand() Errand {
	return Errand{
		Grant: c.row.id, Room: c.row.room, Owner: c.row.owner, OwnerName: c.name, To: To{Circle: c.row.circle},
		Purpose: c.body.Purpose, Until: c.body.Until, Frozen: true,
	}
}

// borrowKept opens a copy that a decision kept, for a member of its circle; why is
// what to answer when there is none. If the owner is still here, she reads it in her
// journal.
func (s *Service) borrowKept(ctx context.Context, id kernel.GrantID, room string, why error) (Pass, error) {
	me, err := s.Own(ctx)
	if err != nil {
		return Pass{}, err
	}
	row, err := frozenRow(ctx, s.DB.Read(), id)
	if errors.Is(err, errNoFrozen) || err == nil && (row.state != frozenKept || row.room != room) {
		return Pass{}, why
	}
	if err != nil {
		return Pass{}, err
	}
	in, err := s.Circles.Belongs(ctx, row.circle, me.Owner())
	if err != nil {
		return Pass{}, err
	}
	if !in {
		return Pass{}, why
	}
	return s.passKept(ctx, row, me.Owner())
}

// passKept is the pass of a member on a copy that stays with her circle.
func (s *Service) passKept(ctx context.Context, row frozenRecord, who kernel.PersonID) (Pass, error) {
	c := &frozenCopy{row: row}
	var err error
	if c.body, err = s.openCopy(ctx, row); err != nil {
		return Pass{}, err
	}
	if row.owner != "" {
		names, err := s.People.Names(ctx, []kernel.PersonID{row.owner})
		if err != nil {
			return Pass{}, err
		}
		c.name = names[row.owner]
		err = s.DB.Write(ctx, func(tx *db.Tx) error {
			return s.note(ctx, tx, row.owner, entry{grant: row.id, what: whatLoan, who: string(who)})
		})
		if err != nil {
			return Pass{}, err
		}
	}
	return Pass{&pass{ctx: ctx, owner: row.owner, kept: c}}, nil
}

func (s *Service) openCopy(ctx context.Context, row frozenRecord) (b frozenBody, err error) {
	key, err := s.Keys.Of(ctx, keyOwner(row.id))
	if errors.Is(err, seal.ErrNoKey) {
		return b, ErrEnded.Because(err)
	}
	if err != nil {
		return b, err
	}
	raw, err := key.Open(frozenPlace(row.id, -1), row.sealed)
	if err != nil {
		return b, err
	}
	return b, decoding.Unmarshal(raw, &b)
}

// frozen is the id of the loan whose copy a borrowed pass may read.
func (p Pass) frozen() (kernel.GrantID, error) {
	p.Owner() // panics on a pass nobody gave
	if p.p.kept != nil && p.p.ctx.Err() == nil {
		return p.p.kept.row.id, nil
	}
	g, err := p.loan()
	if err != nil {
		return "", err
	}
	return g.record.id, nil
}

// ReadFrozen opens the copy that goes with a borrowed pass, byte for byte what was
// sealed. The line in the owner's journal was written when it was borrowed.
//
// NotFound when the loan has none; ErrEnded once it was withdrawn before it was kept.
func (s *Service) ReadFrozen(ctx context.Context, p Pass) ([]byte, Frozen, error) {
	id, err := p.frozen()
	if err != nil {
		return nil, Frozen{}, err
	}
	if p.p.kept == nil {
		if err := s.stillLent(ctx, s.DB.Read(), p.p.grant); err != nil {
			return nil, Frozen{}, err
		}
	}
	row, err := frozenRow(ctx, s.DB.Read(), id)
	if err == nil && row.state == frozenDropped {
		err = ErrEnded
	}
	if err != nil {
		return nil, Frozen{}, err
	}
	body, err := s.openCopy(ctx, row)
	if err != nil {
		return nil, Frozen{}, err
	}
	content, err := s.frozenContent(ctx, row, body)
	return content, Frozen{
		Loan: row.id, Circle: row.circle, SHA256: body.SHA256, Size: body.Size, Made: row.made.Time, Kept: row.keptAt.Time, row: row,
	}, err
}

func (s *Service) frozenContent(ctx context.Context, row frozenRecord, body frozenBody) ([]byte, error) {
	key, err := s.Keys.Of(ctx, keyOwner(row.id))
	if err != nil {
		return nil, err
	}
	content := make([]byte, 0, body.Size)
	for n := range row.chunks {
		sealed, err := frozenChunk(ctx, s.DB.Read(), row.id, n)
		if err != nil {
			return nil, err
		}
		part, err := key.Open(frozenPlace(row.id, n), sealed)
		if err != nil {
			return nil, fmt.Errorf("copy of %s: %w", row.id, err)
		}
		content = append(content, part...)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != body.SHA256 {
		return nil, fmt.Errorf("copy of %s: %w", row.id, seal.ErrSealed)
	}
	return content, nil
}

// KeepFrozen keeps the copy with the circle for good, after its decision: the owner
// reads it in her journal, and neither a withdrawal nor her leaving takes it back.
// Who may decide is the room's rule. Doing it twice is harmless.
func (s *Service) KeepFrozen(ctx context.Context, tx *db.Tx, p Pass) error {
	if _, err := p.frozen(); err != nil {
		return err
	}
	if p.p.kept != nil {
		return nil
	}
	g := p.p.grant
	if err := s.stillLent(ctx, tx, g); err != nil {
		return err
	}
	row, err := frozenRow(ctx, tx, g.record.id)
	if err != nil || row.state == frozenKept {
		return err
	}
	if err := keepFrozen(ctx, tx, g.record.id); err != nil {
		return err
	}
	return s.note(ctx, tx, g.record.owner, entry{grant: g.record.id, what: whatKept, who: g.who})
}

// bury destroys the keys of the copies of owner that were dropped ("" for whoever's):
// it comes after the transaction that dropped them, and may be repeated.
func (s *Service) bury(ctx context.Context, owner kernel.PersonID) error {
	ids, err := droppedFrozen(ctx, s.DB.Read(), owner)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.Keys.Destroy(ctx, keyOwner(id)); err != nil {
			return err
		}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return deleteFrozen(ctx, tx, id) }); err != nil {
			return err
		}
	}
	return nil
}

// sweepFrozen drops copies whose loan ended before a decision, and forgets chunks of
// copies that were never put.
func (s *Service) sweepFrozen(ctx context.Context) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		ended, err := endedFrozen(ctx, tx, tx.Now)
		if err != nil {
			return err
		}
		for _, e := range ended {
			if err := dropFrozen(ctx, tx, e.owner, e.id); err != nil {
				return err
			}
		}
		return deleteLostChunks(ctx, tx, kernel.NewID[kernel.GrantID]("grt", tx.Now.Add(-uploadMost)))
	})
	if err != nil {
		return err
	}
	return s.bury(ctx, "")
}

// knownFrozen reports whether the key named keyOwner serves a copy that is there. A
// copy that was restored from before its key was destroyed is not.
func (s *Service) knownFrozen(ctx context.Context, keyOwner string) (bool, error) {
	row, err := frozenRow(ctx, s.DB.Read(), kernel.GrantID(strings.TrimPrefix(keyOwner, "frozen/")))
	if errors.Is(err, errNoFrozen) || err == nil && row.state == frozenDropped {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = s.Keys.Of(ctx, keyOwner)
	if errors.Is(err, seal.ErrNoKey) {
		return false, nil
	}
	return err == nil, err
}
