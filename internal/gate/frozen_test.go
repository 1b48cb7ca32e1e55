package gate_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
	"digiwork/internal/testkit/house"
)

// freeze lends a copy of content to the jury.
func freeze(t *testing.T, h *house.House, content []byte) gate.Loan {
	t.Helper()
	ada := h.As(t, "ada")
	l, err := h.Gate.SealLoan(ada, own(t, h, ada), gate.LoanAsk{
		Room: "vae", To: gate.To{Circle: "cir_jury"}, Purpose: "pour le jury", Until: h.DB.Now().AddDate(0, 0, 7).Format(time.DateOnly),
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := h.Gate.SealFrozen(ada, own(t, h, ada), l, content)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(content); f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != int64(len(content)) {
		t.Errorf("%+v", f)
	}
	if err := h.DB.Write(ada, func(tx *db.Tx) error {
		if _, err := h.Gate.PutLoan(ada, tx, l); err != nil {
			return err
		}
		return h.Gate.PutFrozen(ada, tx, f)
	}); err != nil {
		t.Fatal(err)
	}
	return l
}

func readCopy(t *testing.T, h *house.House, person kernel.PersonID, id kernel.GrantID) ([]byte, gate.Frozen, error) {
	t.Helper()
	ctx := h.As(t, person)
	p, err := h.Gate.Borrow(ctx, id, "vae")
	if err != nil {
		return nil, gate.Frozen{}, err
	}
	return h.Gate.ReadFrozen(ctx, p)
}

func decideOn(t *testing.T, h *house.House, person kernel.PersonID, id kernel.GrantID) error {
	t.Helper()
	ctx := h.As(t, person)
	p, err := h.Gate.Borrow(ctx, id, "vae")
	if err != nil {
		return err
	}
	return h.DB.Write(ctx, func(tx *db.Tx) error { return h.Gate.KeepFrozen(ctx, tx, p) })
}

func keysOfCopies(t *testing.T, h *house.House) int {
	t.Helper()
	n, err := db.One(t.Context(), h.Keys.DB.Read(), db.Scan[int], `select count(*) from seal_key where owner like 'frozen/%'`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAFrozenCopyComesBackByteForByte(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "bob", "eve")
		for _, n := range []int{0, 1, 256 << 10, 700_001} {
			want := make([]byte, n)
			for i := range want {
				want[i] = byte(rand.IntN(256))
			}
			l := freeze(t, h, want)
			got, f, err := readCopy(t, h, "bob", l.ID)
			if err != nil || !bytes.Equal(got, want) || f.Circle != "cir_jury" || !f.Kept.IsZero() || f.Made.IsZero() {
				t.Errorf("%d bytes: %d came back, %+v, %v", n, len(got), f, err)
			}
			if _, _, err := readCopy(t, h, "mallory", l.ID); !errors.Is(err, gate.ErrNever) {
				t.Errorf("a stranger: %v", err)
			}
		}
		ada := h.As(t, "ada")
		if _, err := h.Gate.SealLoan(ada, own(t, h, ada), gate.LoanAsk{Room: "vae", To: gate.To{Person: "bob"}, Purpose: "x", Until: "2099-01-01"}); err == nil {
			t.Error("a loan until 2099")
		}
		toBob, err := h.Gate.SealLoan(ada, own(t, h, ada), gate.LoanAsk{Room: "vae", To: gate.To{Person: "bob"}, Purpose: "x", Until: h.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Gate.SealFrozen(ada, own(t, h, ada), toBob, nil); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("a copy for one person: %v", err)
		}
		bob := h.As(t, "bob")
		if _, err := h.Gate.SealFrozen(bob, own(t, h, bob), toBob, nil); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a copy on somebody else's loan: %v", err)
		}
	})
}

func TestACopyGoesWithAWithdrawalBeforeTheDecision(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "bob")
		l := freeze(t, h, []byte("dossier"))
		bob := h.As(t, "bob")
		p, err := h.Gate.Borrow(bob, l.ID, "vae") // reading when she withdraws
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := h.Gate.Withdraw(h.As(t, "ada"), l.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := h.Gate.ReadFrozen(bob, p); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("a reading under way: %v", err)
		}
		if err := h.DB.Write(bob, func(tx *db.Tx) error { return h.Gate.KeepFrozen(bob, tx, p) }); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("a decision after the withdrawal: %v", err)
		}
		if _, _, err := readCopy(t, h, "bob", l.ID); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("afterwards: %v", err)
		}
		if n := keysOfCopies(t, h); n != 0 {
			t.Errorf("%d keys of copies are left", n)
		}
		for _, q := range []string{`select count(*) from gate_frozen`, `select count(*) from gate_frozen_chunk`} {
			if n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], q); err != nil || n != 0 {
				t.Errorf("%s = %d, %v", q, n, err)
			}
		}
	})
}

func TestAKeptCopyStaysWithItsCircle(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "bob")
		l := freeze(t, h, []byte("dossier"))
		for range 2 {
			if err := decideOn(t, h, "bob", l.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := decideOn(t, h, "mallory", l.ID); !errors.Is(err, gate.ErrNever) {
			t.Errorf("a stranger decides: %v", err)
		}
		ada := h.As(t, "ada")
		lines, _, err := h.Gate.Journal(ada, "", 10)
		kept := int64(0)
		for _, line := range lines {
			if line.What == "kept" {
				kept += line.Count
			}
		}
		if err != nil || kept != 1 {
			t.Errorf("the journal says it was kept %d times: %+v, %v", kept, lines, err)
		}
		if g, err := h.Gate.GrantByID(ada, l.ID); err != nil || !g.Kept || !g.Frozen {
			t.Errorf("%+v, %v", g, err)
		}
		if err := h.Gate.Withdraw(ada, l.ID); err != nil {
			t.Fatal(err)
		}
		if got, f, err := readCopy(t, h, "bob", l.ID); err != nil || string(got) != "dossier" || f.Kept.IsZero() {
			t.Errorf("withdrawn after the decision: %q, %+v, %v", got, f, err)
		}
		left, err := leave(t, h, "ada")
		if err != nil || left.Copies != 1 {
			t.Errorf("%+v, %v", left, err)
		}
		later := time.Now().Add(300 * 24 * time.Hour)
		h.DB.SetClock(func() time.Time { return later })
		h.Keys.DB.SetClock(func() time.Time { return later })
		if err := h.Gate.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Keys.Sweep(t.Context(), h.Gate.Known); err != nil {
			t.Fatal(err)
		}
		got, _, err := readCopy(t, h, "bob", l.ID)
		if err != nil || string(got) != "dossier" {
			t.Errorf("she left: %q, %v", got, err)
		}
		bob := h.As(t, "bob")
		p, err := h.Gate.Borrow(bob, l.ID, "vae")
		if err != nil {
			t.Fatal(err)
		}
		if e := h.Gate.Errand(p); e.Owner != "" || e.OwnerName != "" || e.Purpose != "pour le jury" || !e.Frozen {
			t.Errorf("%+v", e)
		}
		if _, err := h.Gate.Lent(bob, p); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("the loan itself is over: %v", err)
		}
		if _, err := h.Gate.SealDeposit(bob, p, gate.Item{}); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("an answer to nobody: %v", err)
		}
		if _, err := h.Gate.Borrow(bob, l.ID, "peer"); !errors.Is(err, gate.ErrNever) {
			t.Errorf("another room: %v", err)
		}
		h.Circle("cir_jury", "eve")
		if _, _, err := readCopy(t, h, "bob", l.ID); !errors.Is(err, gate.ErrNever) {
			t.Errorf("bob left the jury: %v", err)
		}
	})
}

func TestACopyWithoutDecisionGoesWithItsOwnerOrItsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "bob")
		freeze(t, h, []byte("first"))
		later := time.Now().Add(30 * 24 * time.Hour)
		h.DB.SetClock(func() time.Time { return later })
		if err := h.Gate.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := keysOfCopies(t, h); n != 0 {
			t.Errorf("the loan ended without a decision: %d keys", n)
		}
		l := freeze(t, h, []byte("second"))
		if left, err := leave(t, h, "ada"); err != nil || left.Copies != 0 {
			t.Errorf("%+v, %v", left, err)
		}
		if n := keysOfCopies(t, h); n != 0 {
			t.Errorf("she left: %d keys", n)
		}
		if _, _, err := readCopy(t, h, "bob", l.ID); !errors.Is(err, gate.ErrNever) {
			t.Errorf("she left: %v", err)
		}
	})
}

// A crash between key, chunks and row leaves nothing for long; a crash between the
// withdrawal and the destruction of the key does not save the copy.
func TestWhatACrashLeavesOfACopyIsSwept(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "bob")
		ada := h.As(t, "ada")
		l, err := h.Gate.SealLoan(ada, own(t, h, ada), gate.LoanAsk{Room: "vae", To: gate.To{Circle: "cir_jury"}, Purpose: "x", Until: h.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Gate.SealFrozen(ada, own(t, h, ada), l, []byte("never put")); err != nil {
			t.Fatal(err)
		}
		stays := freeze(t, h, []byte("stays"))
		goes := freeze(t, h, []byte("goes"))
		if err := h.DB.Write(ada, func(tx *db.Tx) error { // the transaction of a withdrawal, alone
			_, err := tx.ExecContext(ada, `update gate_frozen set state = 'dropped' where id = $1`, goes.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readCopy(t, h, "bob", goes.ID); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("before the key is destroyed: %v", err)
		}
		later := time.Now().Add(3 * time.Hour)
		h.DB.SetClock(func() time.Time { return later })
		h.Keys.DB.SetClock(func() time.Time { return later })
		if err := h.Gate.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Keys.Sweep(t.Context(), h.Gate.Known); err != nil {
			t.Fatal(err)
		}
		if n := keysOfCopies(t, h); n != 1 {
			t.Errorf("%d keys of copies, want 1", n)
		}
		if n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `select count(*) from gate_frozen_chunk`); err != nil || n != 1 {
			t.Errorf("%d chunks, want 1: %v", n, err)
		}
		if got, _, err := readCopy(t, h, "bob", stays.ID); err != nil || string(got) != "stays" {
			t.Errorf("%q, %v", got, err)
		}
		if known, err := h.Gate.Known(t.Context(), "frozen/"+string(goes.ID)); err != nil || known {
			t.Errorf("known: %v, %v", known, err)
		}
	})
}

// Two copies swapped, or two chunks of one, do not open.
func TestSwappedCopiesDoNotOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "bob")
		a, b := freeze(t, h, bytes.Repeat([]byte("a"), 300<<10)), freeze(t, h, bytes.Repeat([]byte("b"), 300<<10))
		for name, q := range map[string]string{
			"another copy's chunk": `update gate_frozen_chunk set sealed = (select o.sealed from gate_frozen_chunk o where o.id = $1 and o.n = 0) where id = $2 and n = 0`,
			"a chunk missing":      `update gate_frozen set chunks = 1 where id <> $1 and id = $2`,
		} {
			if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), q, a.ID, b.ID)
				return err
			}); err != nil {
				t.Fatal(name, err)
			}
			if _, _, err := readCopy(t, h, "bob", b.ID); !errors.Is(err, seal.ErrSealed) {
				t.Errorf("%s opened: %v", name, err)
			}
		}
		if _, _, err := readCopy(t, h, "bob", a.ID); err != nil {
			t.Errorf("the other: %v", err)
		}
	})
}
