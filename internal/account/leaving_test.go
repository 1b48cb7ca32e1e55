package account

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

// room is another context that keeps a line of a person.
type room struct {
	d    *db.DB
	fail error
	left int
}

func (r *room) Leaves(context.Context, kernel.PersonID) (goes, stays map[string]int, err error) {
	return map[string]int{"account.leaving.grants": 2}, map[string]int{"account.leaving.invitations": 3}, r.fail
}

func (r *room) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error) {
	if _, err := tx.ExecContext(ctx, `delete from account_setting where name = $1`, "room of "+string(person)); err != nil {
		return nil, nil, err
	}
	tx.AfterCommit(func() { r.left++ })
	return map[string]int{"account.leaving.grants": 2}, map[string]int{"account.leaving.invitations": 3}, r.fail
}

// keep puts an item into the musette of a session's person.
func (h *home) keep(t testing.TB, session secret.Text) kernel.ItemID {
	t.Helper()
	ctx := h.as(t, session)
	pass, err := h.Gate.Own(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id := kernel.NewID[kernel.ItemID]("act", h.DB.Now())
	sealed, err := h.Gate.Seal(ctx, pass, gate.Item{ID: id, Room: "musette", View: gate.View{Title: "Livraisons"}})
	if err != nil {
		t.Fatal(err)
	}
	err = h.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := h.Gate.Put(ctx, tx, sealed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// full is a person with one of everything, and what opens her account.
type full struct {
	id      kernel.PersonID
	session secret.Text
	token   secret.Text
	codes   []string
	invite  string
	lost    string
	device  *device
}

func (h *home) full(t testing.TB, handle string) full {
	t.Helper()
	f := full{id: h.add(t, handle, false)}
	f.session = h.in(t, handle)
	h.in(t, handle)
	ctx := h.as(t, f.session)
	f.token, _ = h.token(t, ctx, "all")
	var err error
	if f.codes, err = h.NewCodes(again(t, ctx, "codes")); err != nil {
		t.Fatal(err)
	}
	if f.invite, _, err = h.Invite(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if f.lost, _, err = h.LostLink(t.Context(), f.id); err != nil {
		t.Fatal(err)
	}
	f.device = h.addKey(t, ctx)
	h.keep(t, f.session)
	return f
}

// remains counts the rows of this context and of the gate that name a person.
func (h *home) remains(t testing.TB, id kernel.PersonID) int {
	t.Helper()
	n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `
		select (select count(*) from account_person where id = $1) + (select count(*) from account_session where person_id = $2)
			+ (select count(*) from account_token where person_id = $3) + (select count(*) from account_passkey where person_id = $4)
			+ (select count(*) from account_code where person_id = $5) + (select count(*) from account_link where person_id = $6)
			+ (select count(*) from once_key where person = $7) + (select count(*) from gate_item where owner = $8)
			+ (select count(*) from gate_journal where owner = $9) + (select count(*) from account_setting where name = $10)`,
		id, id, id, id, id, id, id, id, id, "room of "+string(id))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func tallyOf(all []Tally, key string) int {
	for _, t := range all {
		if t.Key == key {
			return t.N
		}
	}
	return 0
}

func TestWhoLeavesIsGone(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		ada, eve := h.full(t, "ada"), h.full(t, "eve")
		r := &room{d: h.DB}
		h.Leavers = []Leaver{r, LeaveFunc(func(context.Context, *db.Tx, kernel.PersonID) error { return nil })}
		if err := h.DB.Write(t.Context(), func(tx *db.Tx) error { return setSetting(t.Context(), tx, "room of "+string(ada.id), "x") }); err != nil {
			t.Fatal(err)
		}
		twin := h.twin(t)
		if twin.who(t, ada.session) != ada.id { // its memory is warm
			t.Fatal("the other process does not know her")
		}
		before := h.remains(t, eve.id)
		ctx := h.as(t, ada.session)
		d, err := h.Departing(ctx)
		if err != nil || tallyOf(d.Goes, keyItems) != 1 || tallyOf(d.Goes, keySessions) != 2 || tallyOf(d.Stays, keyInvitations) != 3 || d.LastOwner {
			t.Fatalf("%+v, %v", d, err)
		}
		receipt, err := h.EraseMe(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]int{keyItems: 1, keySessions: 2, keyTokens: 1, keyPasskeys: 1, keyInvitations: 1, keyGrants: 2} {
			if got := tallyOf(receipt.Gone, key); got != want {
				t.Errorf("%s: %d, want %d", key, got, want)
			}
		}
		if receipt.Person != ada.id || receipt.ForgottenAt.IsZero() || tallyOf(receipt.Stays, keyInvitations) != 3 || r.left != 1 {
			t.Errorf("receipt %+v", receipt)
		}
		if n := h.remains(t, ada.id); n != 0 {
			t.Errorf("%d rows of hers remain", n)
		}
		if n := h.remains(t, eve.id); n != before {
			t.Errorf("somebody else has %d rows, had %d", n, before)
		}
		for _, process := range []*home{h, twin} {
			process.shut(t, ada)
		}
		if names, err := h.Names(t.Context(), []kernel.PersonID{ada.id}); names[ada.id] != "" || err != nil {
			t.Errorf("her name is %q, %v", names[ada.id], err)
		}
		if h.who(t, eve.session) != eve.id {
			t.Error("somebody else was signed out")
		}
		if _, err := h.Keys.Of(t.Context(), string(ada.id)); err == nil {
			t.Error("her key opens still")
		}
		if dead, err := h.Keys.Tombstones(t.Context()); err != nil || len(dead) != 1 || dead[0] != string(ada.id) {
			t.Errorf("tombstones %v, %v", dead, err)
		}
		if _, err := h.EraseMe(ctx); !faultIn(err, errLeft) {
			t.Errorf("a second time, from a request that was under way: %v", err)
		}
		if left := h.departed(t); len(left) != 1 || left[ada.id] {
			t.Errorf("departures %v", left)
		}
		h.add(t, "ada", false) // the handle is free again
	})
}

// shut checks that nothing of f opens anything.
func (h *home) shut(t testing.TB, f full) {
	t.Helper()
	if who := h.who(t, f.session); who != "" {
		t.Errorf("the cookie is %s's", who)
	}
	_, err := h.Recognise(t.Context(), gate.Credential{Bearer: f.token.Reveal()})
	refused(t, "the token", err, errBearer)
	_, err = h.SignIn(t.Context(), "ada", goodPassword, netip.Addr{}, Visit{})
	refused(t, "the password", err, errRefused)
	_, err = h.SignInByCode(t.Context(), "ada", f.codes[0], netip.Addr{}, Visit{})
	refused(t, "a code", err, errCodeRefused)
	_, err = h.signIn(t, t.Context(), f.device)
	refused(t, "the passkey", err, errPasskey)
	_, err = h.EnterLink(t.Context(), tokenOfURL(f.lost))
	refused(t, "the link", err, errLinkOver)
	up := newcomer("x")
	up.Token = tokenOfURL(f.invite)
	refused(t, "the invitation", h.Door(t.Context(), up), errLinkOver)
}

// departed says of everybody who left whether the erasure is still under way.
func (h *home) departed(t testing.TB) map[kernel.PersonID]bool {
	t.Helper()
	all, err := db.All(t.Context(), h.DB.Read(), db.Scan[kernel.PersonID], `select person_id from account_departure`)
	if err != nil {
		t.Fatal(err)
	}
	under, err := departing(t.Context(), h.DB.Read())
	if err != nil {
		t.Fatal(err)
	}
	left := map[kernel.PersonID]bool{}
	for _, id := range all {
		left[id] = false
	}
	for _, id := range under {
		left[id] = true
	}
	return left
}

func TestAnErasureIsWholeOrNothing(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		ada := h.full(t, "ada")
		before := h.remains(t, ada.id)
		broken := errors.New("the last context breaks")
		h.Leavers = []Leaver{&room{d: h.DB}, &room{d: h.DB, fail: broken}}
		if _, err := h.EraseMe(h.as(t, ada.session)); !errors.Is(err, broken) {
			t.Fatalf("err = %v", err)
		}
		if n := h.remains(t, ada.id); n != before || len(h.departed(t)) != 0 {
			t.Errorf("%d rows remain of %d; departures %v", n, before, h.departed(t))
		}
		if _, err := h.Keys.Of(t.Context(), string(ada.id)); err != nil {
			t.Errorf("her key is gone: %v", err)
		}
		h.Leavers = nil
		if _, err := h.EraseMe(h.as(t, ada.session)); err != nil {
			t.Errorf("then it goes on: %v", err)
		}
	})
}

// A crash after the transaction, before her key is destroyed: the next start does it.
func TestAnErasureThatWasInterruptedIsTakenUpAgain(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		ada := h.full(t, "ada")
		if _, err := h.leave(t.Context(), ada.id); err != nil { // and then the process dies
			t.Fatal(err)
		}
		if left := h.departed(t); !left[ada.id] {
			t.Fatalf("departures %v", left)
		}
		next := h.twin(t)
		if _, err := next.Keys.Of(t.Context(), string(ada.id)); err != nil {
			t.Fatalf("the crash came too late for this test: %v", err)
		}
		h.pass(time.Hour)
		for range 2 { // taking up what is done changes nothing
			if err := next.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if left := h.departed(t); left[ada.id] || len(left) != 1 {
			t.Errorf("departures %v", left)
		}
		if _, err := next.Keys.Of(t.Context(), string(ada.id)); err == nil {
			t.Error("her key opens still")
		}
		at, err := db.One(t.Context(), h.DB.Read(), db.Scan[string], `select forgotten_at from account_departure`)
		if err != nil || !strings.HasPrefix(at, "2026-11-23T10:00") {
			t.Errorf("forgotten at %s, %v", at, err)
		}
	})
}

// The key cannot be destroyed now: she has left all the same, and is told the truth.
func TestAReceiptDoesNotPromiseWhatIsStillToBeDone(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		ada := h.full(t, "ada")
		ctx := h.as(t, ada.session)
		tombstones := func(text string) {
			t.Helper()
			err := h.Keys.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), text)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		tombstones(`alter table seal_tombstone rename to seal_elsewhere`)
		receipt, err := h.EraseMe(ctx)
		if err != nil || !receipt.ForgottenAt.IsZero() || receipt.Person != ada.id {
			t.Fatalf("%+v, %v", receipt, err)
		}
		if !strings.Contains(h.log.String(), "erasure will be resumed") || !h.departed(t)[ada.id] {
			t.Errorf("log %q, departures %v", h.log, h.departed(t))
		}
		if err := h.Resume(t.Context()); err == nil || !h.departed(t)[ada.id] {
			t.Errorf("it cannot be done yet: %v", err)
		}
		tombstones(`alter table seal_elsewhere rename to seal_tombstone`)
		if err := h.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h.departed(t)[ada.id] {
			t.Error("nobody took it up")
		}
	})
}

func TestErasureAsksWhoIsThere(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		ada := h.full(t, "ada")
		_, reader := h.token(t, h.as(t, ada.session), "read")
		_, err := h.EraseMe(reader)
		refused(t, "a token without the scope", err, errScope)
		_, err = h.EraseMe(t.Context())
		refused(t, "a visitor", err, errSignIn)
		h.pass(fresh)
		_, err = h.EraseMe(h.as(t, ada.session))
		refused(t, "a browser that was left open", err, errFresh)
		if _, err := h.EraseMe(h.with(t, gate.Credential{Bearer: ada.token.Reveal()})); err != nil {
			t.Errorf("a token with the scope: %v", err)
		}
		eve := h.full(t, "eve")
		if _, err := h.Erase(t.Context(), eve.id); err != nil {
			t.Errorf("the command line: %v", err)
		}
		if n := h.remains(t, eve.id); n != 0 {
			t.Errorf("%d rows remain, the operator's line among them", n)
		}
		d, err := h.Departing(h.as(t, h.in(t, "keeper")))
		if err != nil || d.LastOwner {
			t.Errorf("the last of all: %+v, %v", d, err)
		}
		h.add(t, "bob", false)
		if d, err = h.Departing(h.as(t, h.in(t, "keeper"))); err != nil || !d.LastOwner {
			t.Errorf("the last owner among others: %+v, %v", d, err)
		}
	})
}

// Signing in while one is erased ends in one of the two, never in a row of nobody.
func TestComingInWhileLeavingLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		twin := h.twin(t)
		for range 5 {
			ada := h.full(t, "ada")
			done := make(chan error, 8)
			for i := range cap(done) {
				who := []*home{h, twin}[i%2]
				go func() {
					_, err := who.open(context.Background(), ada.id, ByPassword, Visit{})
					if kernel.KindOf(err) == kernel.Unauthenticated {
						err = nil
					}
					done <- err
				}()
			}
			if _, err := h.EraseMe(h.as(t, ada.session)); err != nil {
				t.Fatal(err)
			}
			for range cap(done) {
				if err := <-done; err != nil && !strings.Contains(err.Error(), "foreign key") && !strings.Contains(err.Error(), "FOREIGN KEY") {
					t.Error(err)
				}
			}
			if n := h.remains(t, ada.id); n != 0 {
				t.Errorf("%d rows remain", n)
			}
		}
	})
}
