package signing_test

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/platform/db"
	"digiwork/internal/signing"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

const named = "https://digiwork.example"

func each(t *testing.T, base string, f func(t *testing.T, h *house.House, s *signing.Service)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) {
		h := house.Open(t, where, db.Steps{Context: "signing", Files: signing.Migrations})
		f(t, h, &signing.Service{DB: h.DB, Gate: h.Gate, Keys: h.Keys, Base: base})
	})
}

func pass(t *testing.T, h *house.House, ctx context.Context) gate.Pass { //nolint:revive // t first in tests
	t.Helper()
	p, err := h.Gate.Own(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// signed gives a small credential with a place in lists.
func signed(t *testing.T, s *signing.Service, who signing.Signer, by credential.Issuer) (text []byte, status []any) {
	t.Helper()
	err := s.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
		status, err = s.Reserve(t.Context(), tx, who.Kind, who.ID, by, signing.Purposes...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := credential.IssueObject(map[string]any{
		"@context": []any{credential.ContextV2}, "type": []any{"VerifiableCredential"},
		"credentialSubject": map[string]any{"id": "urn:example:holder"}, "credentialStatus": status,
	}, by, credential.IssueOptions{At: s.DB.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return c.Text, status
}

// verify answers with what the instance itself serves, and nothing else.
func verify(t *testing.T, s *signing.Service, text []byte) credential.Report {
	t.Helper()
	l := &credential.Library{}
	for _, address := range credential.Needs(text) {
		doc, ok, err := s.Find(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			if err := l.AddDocument(address, doc, time.Time{}); err != nil {
				t.Fatal(err)
			}
			for _, more := range credential.Needs(doc) { // who signed a list
				if doc, ok, err := s.Find(t.Context(), more); err != nil {
					t.Fatal(err)
				} else if ok {
					if err := l.AddDocument(more, doc, time.Time{}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	return credential.Verify(text, credential.Options{At: s.DB.Now(), With: l, Lang: "en"})
}

func check(t *testing.T, r credential.Report, name, code string) {
	t.Helper()
	if got := r.Get(name); got.Code != code {
		t.Errorf("%s = %s (%s), want %s", name, got.Code, got.Detail, code)
	}
}

func mark(t *testing.T, s *signing.Service, f func(tx *db.Tx) error) error {
	t.Helper()
	return s.DB.Write(t.Context(), f)
}

func markOwn(t *testing.T, s *signing.Service, ctx context.Context, tx *db.Tx, p gate.Pass, entry map[string]any, on bool) error { //nolint:revive // t first in tests
	t.Helper()
	f, err := s.Marker(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	return f(ctx, tx, entry, on)
}

func TestWhatEverybodySignsVerifies(t *testing.T) {
	for _, base := range []string{named, "http://localhost:8080", "https://127.0.0.1"} {
		t.Run(base, func(t *testing.T) {
			each(t, base, func(t *testing.T, h *house.House, s *signing.Service) {
				ctx := h.As(t, "ada")
				person, err := s.Person(ctx, pass(t, h, ctx))
				if err != nil {
					t.Fatal(err)
				}
				circle, err := s.Circle(ctx, "cir_1")
				if err != nil {
					t.Fatal(err)
				}
				instance, err := s.Instance(ctx)
				if err != nil {
					t.Fatal(err)
				}
				want := [3]string{"did:key:", "did:key:", "did:key:"}
				if base == named {
					want = [3]string{"did:key:", "did:web:digiwork.example:c:cir_1", "did:web:digiwork.example"}
				}
				for i, c := range []struct {
					who signing.Signer
					by  credential.Issuer
				}{{signing.OfPerson("ada"), person}, {signing.OfCircle("cir_1"), circle}, {signing.OfInstance(), instance}} {
					if !strings.HasPrefix(c.by.ID, want[i]) {
						t.Errorf("%s signs as %s, want %s", c.who.Kind, c.by.ID, want[i])
					}
					text, _ := signed(t, s, c.who, c.by)
					if r := verify(t, s, text); !r.Valid {
						t.Errorf("%s: %+v", c.who.Kind, r.Checks)
					}
				}
				again, err := s.Person(ctx, pass(t, h, ctx))
				if err != nil || again.ID != person.ID {
					t.Errorf("the second time she is %s, %v", again.ID, err)
				}
			})
		})
	}
}

func TestAReplacedKeyStillCounts(t *testing.T) {
	each(t, named, func(t *testing.T, h *house.House, s *signing.Service) {
		ctx := h.As(t, "ada")
		who := signing.OfCircle("cir_1")
		before, err := s.Circle(ctx, "cir_1")
		if err != nil {
			t.Fatal(err)
		}
		old, status := signed(t, s, who, before)
		if err := mark(t, s, func(tx *db.Tx) error { return s.Renew(ctx, tx, who) }); err != nil {
			t.Fatal(err)
		}
		after, err := s.Circle(ctx, "cir_1")
		if err != nil || after.Method == before.Method || after.ID != before.ID {
			t.Fatalf("after a new key: %+v, %v", after, err)
		}
		if r := verify(t, s, old); !r.Valid {
			t.Errorf("signed by the old key: %+v", r.Checks)
		}
		entry, ok := signing.EntryFor(status, statuslist.Revocation)
		if !ok {
			t.Fatal("no entry")
		}
		if err := mark(t, s, func(tx *db.Tx) error { return s.Mark(ctx, tx, who.Kind, who.ID, entry, true) }); err != nil {
			t.Fatal(err)
		}
		check(t, verify(t, s, old), credential.CheckStatus, "status.revoked")

		p := pass(t, h, ctx)
		first, err := s.Person(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		hers, status := signed(t, s, signing.OfPerson("ada"), first)
		h.DB.SetClock(func() time.Time { return time.Now().Add(time.Minute) })
		sealed, err := s.SealKey(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		if err := mark(t, s, func(tx *db.Tx) error { _, err := h.Gate.Put(ctx, tx, sealed); return err }); err != nil {
			t.Fatal(err)
		}
		if now, err := s.Person(ctx, p); err != nil || now.ID == first.ID {
			t.Fatalf("still %s, %v", now.ID, err)
		}
		if r := verify(t, s, hers); !r.Valid {
			t.Errorf("signed by her old key: %+v", r.Checks)
		}
		entry, _ = signing.EntryFor(status, statuslist.Suspension)
		if err := mark(t, s, func(tx *db.Tx) error { return markOwn(t, s, ctx, tx, p, entry, true) }); err != nil {
			t.Fatal(err)
		}
		check(t, verify(t, s, hers), credential.CheckStatus, "status.suspended")
		if err := mark(t, s, func(tx *db.Tx) error { return markOwn(t, s, ctx, tx, p, entry, false) }); err != nil {
			t.Fatal(err)
		}
		check(t, verify(t, s, hers), credential.CheckStatus, "status.ok")
	})
}

func TestNobodyMarksWhatAnotherSigned(t *testing.T) {
	each(t, named, func(t *testing.T, h *house.House, s *signing.Service) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		by, err := s.Person(ada, pass(t, h, ada))
		if err != nil {
			t.Fatal(err)
		}
		text, status := signed(t, s, signing.OfPerson("ada"), by)
		if _, err := s.Person(bob, pass(t, h, bob)); err != nil {
			t.Fatal(err)
		}
		entry, _ := signing.EntryFor(status, statuslist.Revocation)
		for name, f := range map[string]func(tx *db.Tx) error{
			"bob":        func(tx *db.Tx) error { return markOwn(t, s, bob, tx, pass(t, h, bob), entry, true) },
			"a circle":   func(tx *db.Tx) error { return s.Mark(bob, tx, signing.KindCircle, "cir_2", entry, true) },
			"elsewhere":  func(tx *db.Tx) error { return s.Mark(bob, tx, signing.KindInstance, "", moved(entry), true) },
			"no entry":   func(tx *db.Tx) error { return s.Mark(bob, tx, signing.KindInstance, "", map[string]any{}, true) },
			"other kind": func(tx *db.Tx) error { return markOwn(t, s, ada, tx, pass(t, h, ada), repurposed(entry), true) },
		} {
			if err := mark(t, s, f); kernel.KindOf(err) != kernel.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if r := verify(t, s, text); !r.Valid {
			t.Errorf("after all that: %+v", r.Checks)
		}
	})
}

func moved(entry map[string]any) map[string]any {
	e := maps.Clone(entry)
	e["statusListCredential"] = "https://elsewhere.example/status/lst_1"
	return e
}

func repurposed(entry map[string]any) map[string]any {
	e := maps.Clone(entry)
	e["statusPurpose"] = "suspension"
	return e
}

func TestListsOfWhoLeftAreServedOn(t *testing.T) {
	each(t, named, func(t *testing.T, h *house.House, s *signing.Service) {
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		h.DB.SetClock(func() time.Time { return start })
		ctx := h.As(t, "ada")
		p := pass(t, h, ctx)
		by, err := s.Person(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		good, _ := signed(t, s, signing.OfPerson("ada"), by)
		bad, status := signed(t, s, signing.OfPerson("ada"), by)
		entry, _ := signing.EntryFor(status, statuslist.Revocation)
		if err := mark(t, s, func(tx *db.Tx) error { return markOwn(t, s, ctx, tx, p, entry, true) }); err != nil {
			t.Fatal(err)
		}
		left := start.AddDate(9, 0, 0)
		h.DB.SetClock(func() time.Time { return left })
		if err := mark(t, s, func(tx *db.Tx) error {
			n, err := s.Leave(ctx, tx, "ada")
			if n != 2 {
				t.Errorf("%d lists stay, want 2", n)
			}
			if err != nil {
				return err
			}
			_, err = h.Gate.Leave(ctx, tx, "ada")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := h.Gate.Forget(ctx, "ada"); err != nil {
			t.Fatal(err)
		}
		late := left.AddDate(9, 11, 0)
		h.DB.SetClock(func() time.Time { return late })
		if r := verify(t, s, good); !r.Valid {
			t.Errorf("almost ten years after she left: %+v", r.Checks)
		}
		check(t, verify(t, s, bad), credential.CheckStatus, "status.revoked")
		h.DB.SetClock(func() time.Time { return left.AddDate(10, 0, 1) })
		check(t, verify(t, s, good), credential.CheckStatus, "status.old")
		if n, err := s.ListsOf(t.Context(), "ada"); err != nil || n != 0 {
			t.Errorf("%d lists still name her, %v", n, err)
		}
	})
}

func TestPlacesAreTakenOnceAndTellNoOrder(t *testing.T) {
	each(t, named, func(t *testing.T, h *house.House, s *signing.Service) {
		by, err := s.Instance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen, rising, last := map[string]bool{}, 0, ""
		for range 40 {
			_, status := signed(t, s, signing.OfInstance(), by)
			e, _ := signing.EntryFor(status, statuslist.Revocation)
			id := e["id"].(string)
			if seen[id] {
				t.Errorf("%s was given twice", id)
			}
			if seen[id] = true; len(id) > len(last) || len(id) == len(last) && id > last {
				rising++
			}
			last = id
		}
		if rising > 35 {
			t.Errorf("places rise %d times of 40: they tell when each was signed", rising)
		}
	})
}

func TestEveryPlaceIsGivenOnce(t *testing.T) {
	where := filepath.Join(t.TempDir(), "a.db")
	h := house.Open(t, where, db.Steps{Context: "signing", Files: signing.Migrations})
	s := &signing.Service{DB: h.DB, Gate: h.Gate, Keys: h.Keys, Base: named}
	seen := make([]bool, statuslist.MinEntries)
	for n := range int64(statuslist.MinEntries) {
		i := signing.Scatter(s, "lst_1", n)
		if seen[i] {
			t.Fatalf("place %d is given twice", i)
		}
		seen[i] = true
	}
}

func TestDocumentsKeepOldKeys(t *testing.T) {
	each(t, named, func(t *testing.T, h *house.House, s *signing.Service) {
		ctx := h.As(t, "ada")
		if _, err := s.Document(ctx, signing.OfCircle("cir_1")); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("before anything was signed: %v", err)
		}
		if _, err := s.Circle(ctx, "cir_1"); err != nil {
			t.Fatal(err)
		}
		if err := mark(t, s, func(tx *db.Tx) error { return s.Renew(ctx, tx, signing.OfCircle("cir_1")) }); err != nil {
			t.Fatal(err)
		}
		raw, err := s.Document(ctx, signing.OfCircle("cir_1"))
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			ID                              string
			VerificationMethod              []any
			AssertionMethod, Authentication []string
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		if doc.ID != "did:web:digiwork.example:c:cir_1" || len(doc.AssertionMethod) != 2 || len(doc.Authentication) != 1 || doc.Authentication[0] != doc.ID+"#key-2" {
			t.Errorf("document = %s", raw)
		}
	})
}
