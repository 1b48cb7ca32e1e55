package account

import (
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Somebody signs in while she is being erased, perhaps from another browser: the
// erasure wins, and she gets the sentence of every refused sign-in.
func TestSigningInLosesAgainstTheErasure(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		for range 5 {
			id := h.add(t, "ada", false)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if _, err := h.SignIn(t.Context(), "ada", goodPassword, netip.Addr{}, Visit{}); err != nil && kernel.KindOf(err) == kernel.Internal {
						t.Errorf("signing in: %v", err)
					}
					if _, err := h.open(t.Context(), id, ByPassword, Visit{}); err != nil && !errors.Is(err, errRefused) {
						t.Errorf("opening a session: %v", err)
					}
				})
			}
			wg.Go(func() {
				if _, err := h.Erase(t.Context(), id); err != nil {
					t.Errorf("erasing: %v", err)
				}
			})
			wg.Wait()
			left, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `select count(*) from account_session where person_id = $1`, id)
			if err != nil || left != 0 {
				t.Errorf("%d sessions of nobody are left, %v", left, err)
			}
		}
	})
}

// The same, stopped at the worst moment: the erasure has deleted her and is not yet
// durable when the session is added.
func TestASessionAddedDuringAnErasureIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		if h.DB.Dialect != db.Postgres {
			return // SQLite has one writer: nothing runs beside an erasure
		}
		id := h.add(t, "ada", false)
		opened := make(chan error, 1)
		err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
			if err := removePerson(t.Context(), tx, id); err != nil {
				return err
			}
			me, err := db.One(t.Context(), tx, db.Scan[int], `select pg_backend_pid()`)
			if err != nil {
				return err
			}
			go func() {
				_, err := h.open(t.Context(), id, ByPassword, Visit{})
				opened <- err
			}()
			for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
				waits, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `select count(*) from pg_stat_activity where $1 = any(pg_blocking_pids(pid))`, me)
				if err != nil || waits > 0 {
					return err
				}
			}
			return errors.New("nobody waits for the erasure")
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-opened; !errors.Is(err, errRefused) {
			t.Errorf("the session: %v, want %v", err, errRefused)
		}
	})
}
