package gate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
	"digiwork/internal/testkit/house"
)

// lend opens a loan of ctx's person for a week.
func lend(t *testing.T, h *house.House, ctx context.Context, ask gate.LoanAsk) gate.Loan { //nolint:revive // t first
	t.Helper()
	l, err := tryLend(t, h, ctx, ask)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func tryLend(t *testing.T, h *house.House, ctx context.Context, ask gate.LoanAsk) (gate.Loan, error) { //nolint:revive // t first
	t.Helper()
	if ask.Room == "" {
		ask.Room = "peer"
	}
	if ask.Purpose == "" {
		ask.Purpose = "pour une recommandation"
	}
	if ask.Until == "" {
		ask.Until = h.DB.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	}
	l, err := h.Gate.SealLoan(ctx, own(t, h, ctx), ask)
	if err != nil {
		return l, err
	}
	return l, h.DB.Write(ctx, func(tx *db.Tx) error {
		id, err := h.Gate.PutLoan(ctx, tx, l)
		if id != l.ID {
			t.Errorf("put %s, sealed %s", id, l.ID)
		}
		return err
	})
}

// byLink borrows as somebody without an account.
func byLink(t *testing.T, h *house.House, l gate.Loan) (context.Context, gate.Pass) {
	t.Helper()
	ctx := h.As(t, "")
	p, err := h.Gate.BorrowByLink(ctx, l.Token, "peer")
	if err != nil {
		t.Fatal(err)
	}
	return ctx, p
}

func deposit(h *house.House, ctx context.Context, p gate.Pass, it gate.Item) error { //nolint:revive // as keep
	it.ID = kernel.NewID[kernel.ItemID]("rec", h.DB.Now())
	sealed, err := h.Gate.SealDeposit(ctx, p, it)
	if err != nil {
		return err
	}
	return h.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := h.Gate.Put(ctx, tx, sealed)
		return err
	})
}

func ids(items ...gate.Item) []kernel.ItemID {
	var all []kernel.ItemID
	for _, it := range items {
		all = append(all, it.ID)
	}
	return all
}

func TestALoanLendsExactlyWhatItSays(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		work := keep(t, h, ada, job("Comptes du Jardin", "2021"))
		keep(t, h, ada, job("Secret", "2020"))
		note := gate.Item{Room: "peer", View: gate.View{Kind: "competence", Title: "Tenir une caisse", Links: []kernel.ItemID{work.ID, "act_secret"}}, Body: []byte("of the room itself")}
		note.View.Facts = []gate.Fact{{Name: "source", Text: "intime"}}
		mine := keep(t, h, ada, note)
		l := lend(t, h, ada, gate.LoanAsk{Items: ids(mine, work, mine), To: gate.To{Link: true}, Page: "/peers/answer/"})
		if l.URL != "http://localhost:8080/peers/answer/"+l.Token || len(l.Token) < 20 {
			t.Errorf("url %q, token %q", l.URL, l.Token)
		}
		ctx, p := byLink(t, h, l)
		items, err := h.Gate.Lent(ctx, p)
		if err != nil || len(items) != 2 {
			t.Fatalf("%+v, %v", items, err)
		}
		if string(items[0].Body) != "of the room itself" || items[1].Body != nil {
			t.Errorf("bodies %q and %q: only the room reads its own", items[0].Body, items[1].Body)
		}
		if got := items[0].View.Links; len(got) != 1 || got[0] != items[1].ID {
			t.Errorf("links %v, want the one lent item %s", got, items[1].ID)
		}
		raw, err := json.Marshal(items)
		if err != nil {
			t.Fatal(err)
		}
		for _, never := range []string{"Secret", string(work.ID), string(mine.ID), "act_secret", "intime", `"ada"`, string(l.ID), "20" + work.CreatedAt.Format("06-01-02T")} {
			if strings.Contains(string(raw), never) {
				t.Errorf("the loan tells %q: %s", never, raw)
			}
		}
		if items[1].View.Organisation != "Atelier" || items[1].Version != 0 || !items[1].CreatedAt.IsZero() {
			t.Errorf("%+v", items[1])
		}
		e := h.Gate.Errand(p)
		if e.OwnerName != "Name of ada" || e.Purpose != "pour une recommandation" || e.Room != "peer" || e.Grant != l.ID || e.Owner != "ada" || !e.To.Link {
			t.Errorf("%+v", e)
		}
	})
}

// A borrowed pass opens nothing but its loan, and nothing else opens the loan.
func TestABorrowedPassDoesOnlyWhatItsLoanSays(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		a := keep(t, h, ada, job("A", "2021"))
		l := lend(t, h, ada, gate.LoanAsk{Items: ids(a), To: gate.To{Link: true}})
		g := open(t, h, ada, gate.Shows{Activities: gate.Choice{IDs: ids(a)}}, gate.To{Link: true})
		ctx, p := byLink(t, h, l)
		refused := map[string]error{}
		_, refused["get"] = h.Gate.Get(ctx, p, a.ID)
		_, refused["list"] = h.Gate.List(ctx, p, "musette")
		_, refused["everything"] = h.Gate.Everything(ctx, p)
		_, refused["versions"] = h.Gate.Versions(ctx, p, a.ID)
		_, refused["seal"] = h.Gate.Seal(ctx, p, a)
		_, refused["blob"] = h.Gate.PutBlob(ctx, p, strings.NewReader("x"), 10)
		_, refused["lend on"] = h.Gate.SealLoan(ctx, p, gate.LoanAsk{Room: "peer", Items: ids(a), To: gate.To{Link: true}, Purpose: "x", Until: "2099-01-01"})
		_, refused["freeze"] = h.Gate.SealFrozen(ctx, p, l, []byte("x"))
		_, refused["answer nobody asked for"] = h.Gate.SealDeposit(ctx, p, gate.Item{ID: "rec_1"})
		_, refused["show"] = h.Gate.Show(ctx, p)
		_, _, refused["piece"] = h.Gate.Piece(ctx, p, "x")
		_, _, refused["file"] = h.Gate.LentFile(ctx, p, "x")
		_, _, refused["copy"] = h.Gate.ReadFrozen(ctx, p)
		refused["delete"] = h.DB.Write(ctx, func(tx *db.Tx) error { return h.Gate.Delete(ctx, tx, p, a.ID, 0) })
		_, refused["a face's link at a room"] = h.Gate.BorrowByLink(ctx, token(g), "peer")
		_, refused["a loan's link at a face"] = h.Gate.ByLink(ctx, l.Token)
		_, refused["another room"] = h.Gate.BorrowByLink(ctx, l.Token, "vae")
		_, refused["no room"] = h.Gate.BorrowByLink(ctx, l.Token, "")
		_, refused["by id without an account"] = h.Gate.Borrow(ctx, l.ID, "peer")
		_, refused["by id as a stranger"] = h.Gate.Borrow(h.As(t, "eve"), l.ID, "peer")
		_, refused["by id as a received face"] = h.Gate.ByGrant(h.As(t, "eve"), l.ID)
		shown, err := h.Gate.ByLink(ctx, token(g))
		if err != nil {
			t.Fatal(err)
		}
		_, refused["lent by a face"] = h.Gate.Lent(ctx, shown)
		_, refused["deposit by a face"] = h.Gate.SealDeposit(ctx, shown, gate.Item{ID: "rec_1"})
		_, refused["lent by the owner's pass"] = h.Gate.Lent(ada, own(t, h, ada))
		for what, err := range refused {
			if err == nil {
				t.Errorf("%s is possible", what)
			}
		}
		if got, err := h.Gate.Get(ada, own(t, h, ada), a.ID); err != nil || got.Version != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		later, end := context.WithCancel(h.As(t, ""))
		kept, err := h.Gate.BorrowByLink(later, l.Token, "peer")
		if err != nil {
			t.Fatal(err)
		}
		end()
		if _, err := h.Gate.Lent(ctx, kept); err == nil {
			t.Error("a borrowed pass outlived its request")
		}
	})
}

func TestALoanIsRefusedWithTheMemberAtFault(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		his := keep(t, h, bob, job("B", "2021"))
		never := keep(t, h, ada, gate.Item{View: gate.View{Kind: "note", Never: true}})
		face, err := h.Gate.SaveFace(ada, gate.Face{Name: "F", Language: "fr"})
		if err != nil {
			t.Fatal(err)
		}
		link := gate.To{Link: true}
		for name, c := range map[string]struct {
			ask   gate.LoanAsk
			field string
		}{
			"somebody else's item": {gate.LoanAsk{Items: ids(his), To: link}, "items"},
			"a note":               {gate.LoanAsk{Items: ids(never), To: link}, "items"},
			"a face":               {gate.LoanAsk{Items: []kernel.ItemID{face.ID}, To: link}, "items"},
			"the profile":          {gate.LoanAsk{Items: []kernel.ItemID{"prf_me"}, To: link}, "items"},
			"too many":             {gate.LoanAsk{Items: make([]kernel.ItemID, 501), To: link}, "items"},
			"nobody":               {gate.LoanAsk{}, "to"},
			"two":                  {gate.LoanAsk{To: gate.To{Link: true, Person: "bob"}}, "to"},
			"herself":              {gate.LoanAsk{To: gate.To{Person: "ada"}}, "to"},
			"a stranger":           {gate.LoanAsk{To: gate.To{Person: "nobody"}}, "to"},
			"no purpose":           {gate.LoanAsk{To: link, Purpose: "  "}, "purpose"},
			"yesterday":            {gate.LoanAsk{To: link, Until: "2001-01-01"}, "until"},
			"answers below zero":   {gate.LoanAsk{To: link, Answers: -1}, "answers"},
			"too many answers":     {gate.LoanAsk{To: link, Answers: 51}, "answers"},
		} {
			_, err := tryLend(t, h, ada, c.ask)
			if f, ok := errors.AsType[*kernel.Fault](err); !ok || f.Kind != kernel.Invalid || f.Field != c.field {
				t.Errorf("%s: %v, want a refusal on %s", name, err, c.field)
			}
		}
		if _, err := tryLend(t, h, ada, gate.LoanAsk{Room: "gate", To: link}); err == nil {
			t.Error("the gate's own room borrows")
		}
	})
}

func TestAWithdrawnLoanEndsAtOnceEverywhere(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		a := keep(t, h, ada, job("A", "2021"))
		other := &gate.Service{DB: h.DB, Keys: h.Keys, Sessions: h, Circles: h, People: h} // another process
		l := lend(t, h, ada, gate.LoanAsk{Items: ids(a), To: gate.To{Link: true}, Answers: 2})
		ctx := h.As(t, "")
		p, err := other.BorrowByLink(ctx, l.Token, "peer")
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := other.SealDeposit(ctx, p, gate.Item{ID: "rec_1", View: gate.View{Kind: "recommendation"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Gate.Withdraw(ada, l.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Lent(ctx, p); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("a visit under way reads on: %v", err)
		}
		err = h.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := other.Put(ctx, tx, sealed)
			return err
		})
		if kernel.KindOf(err) != kernel.Gone {
			t.Errorf("an answer under way arrives: %v", err)
		}
		for _, s := range []*gate.Service{h.Gate, other} {
			if _, err := s.BorrowByLink(ctx, l.Token, "peer"); !errors.Is(err, gate.ErrEnded) {
				t.Errorf("withdrawn: %v", err)
			}
		}
		if _, err := h.Gate.BorrowByLink(ctx, "never", "peer"); !errors.Is(err, gate.ErrNever) {
			t.Errorf("a link that never was: %v", err)
		}
		lines, _, err := h.Gate.Journal(ada, "", 10)
		refused := int64(0)
		for _, line := range lines {
			if line.What == "refused" {
				refused += line.Count
			}
		}
		if err != nil || refused != 2 {
			t.Errorf("two tries after the end, the journal says %d: %+v, %v", refused, lines, err)
		}
	})
}

func TestAnswersAreCountedAndAttested(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		a, secret := keep(t, h, ada, job("A", "2021")), keep(t, h, ada, job("S", "2020"))
		l := lend(t, h, ada, gate.LoanAsk{Items: ids(a), To: gate.To{Link: true}, Answers: 2})
		ctx, p := byLink(t, h, l)
		lent, err := h.Gate.Lent(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		forged := gate.View{Kind: "recommendation", Title: "Elle tient parole", Links: ids(lent...), Provenance: gate.Provenance{Source: gate.Imported, By: "Bruno"}, Blob: &gate.Blob{Ref: "x"}}
		if err := deposit(h, ctx, p, gate.Item{Room: "musette", View: forged, Body: []byte("words")}); err != nil {
			t.Fatal(err)
		}
		for _, link := range []kernel.ItemID{a.ID, secret.ID} { // true ids are not for borrowers to know
			if err := deposit(h, ctx, p, gate.Item{View: gate.View{Links: []kernel.ItemID{link}}}); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("an answer speaks of %s: %v", link, err)
			}
		}
		items, err := h.Gate.List(ada, own(t, h, ada), "peer")
		if err != nil || len(items) != 1 {
			t.Fatalf("%+v, %v", items, err)
		}
		v := items[0].View
		if v.Provenance.Source != gate.Attested || v.Provenance.By != "Bruno" || len(v.Links) != 1 || v.Links[0] != a.ID || v.Blob != nil || string(items[0].Body) != "words" {
			t.Errorf("%+v", v)
		}
		// Many answer at once: two are awaited, one came.
		var wg sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for range 6 {
			wg.Go(func() {
				if err := deposit(h, ctx, p, gate.Item{}); err == nil {
					mu.Lock()
					taken++
					mu.Unlock()
				} else if kernel.KindOf(err) != kernel.Gone {
					t.Errorf("refused by %v", err)
				}
			})
		}
		wg.Wait()
		if taken != 1 {
			t.Errorf("%d answers were taken where one was awaited", taken)
		}
		if g, err := h.Gate.GrantByID(ada, l.ID); err != nil || g.Answers != 0 || g.Room != "peer" || len(g.Lent) != 1 || g.Lent[0] != "A" {
			t.Errorf("%+v, %v", g, err)
		}
		lines, _, err := h.Gate.Journal(ada, "", 10)
		deposits := int64(0)
		for _, line := range lines {
			if line.What == "deposit" {
				deposits += line.Count
			}
		}
		if err != nil || deposits != 2 {
			t.Errorf("two answers came, the journal says %d: %v", deposits, err)
		}
	})
}

func TestAnAnsweredLoanCloses(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		l := lend(t, h, ada, gate.LoanAsk{To: gate.To{Person: "bob"}, Answers: 5})
		p, err := h.Gate.Borrow(bob, l.ID, "peer")
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := h.Gate.SealDeposit(bob, p, gate.Item{ID: "rec_last", View: gate.View{Kind: "recommendation", Title: "Fin"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.DB.Write(bob, func(tx *db.Tx) error {
			if _, err := h.Gate.Put(bob, tx, sealed); err != nil {
				return err
			}
			return h.Gate.EndLoan(bob, tx, p)
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Gate.Borrow(bob, l.ID, "peer"); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("answered: %v", err)
		}
		if _, err := h.Gate.SealDeposit(bob, p, gate.Item{ID: "rec_more"}); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("one more answer: %v", err)
		}
		if g, err := h.Gate.GrantByID(ada, l.ID); err != nil || g.Open(h.DB.Now()) || !g.Withdrawn.IsZero() {
			t.Errorf("the owner withdrew nothing: %+v, %v", g, err)
		}
		if err := h.DB.Write(ada, func(tx *db.Tx) error { return h.Gate.EndLoan(ada, tx, own(t, h, ada)) }); err == nil {
			t.Error("an own pass ends a loan that it does not name")
		}
	})
}

// How full her musette is, is her own business.
func TestAFullMusetteIsNotToldToOthers(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		h.Gate.Limits = gate.Limits{Items: 1, Bytes: 1 << 20}
		keep(t, h, ada, job("A", "2021"))
		ctx, p := byLink(t, h, lend(t, h, ada, gate.LoanAsk{To: gate.To{Link: true}, Answers: 1}))
		err := deposit(h, ctx, p, gate.Item{})
		if f, ok := errors.AsType[*kernel.Fault](err); !ok || f.Kind != kernel.Unavailable || f.Key != "gate.answer.full" || len(f.Args) != 0 {
			t.Errorf("%v", err)
		}
		h.Gate.Limits = gate.Limits{}
		if err := deposit(h, ctx, p, gate.Item{}); err != nil {
			t.Errorf("a refused answer was counted: %v", err)
		}
	})
}

func TestLoansToMeAreThoseOfMyselfAndMyCircles(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "bob", "eve")
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		a := keep(t, h, ada, job("A", "2021"))
		toBob := lend(t, h, ada, gate.LoanAsk{Items: ids(a), To: gate.To{Person: "bob"}})
		toJury := lend(t, h, ada, gate.LoanAsk{Room: "vae", Items: ids(a), To: gate.To{Circle: "cir_jury"}}) // no member herself
		lend(t, h, ada, gate.LoanAsk{Items: ids(a), To: gate.To{Link: true}})
		gone := lend(t, h, ada, gate.LoanAsk{Items: ids(a), To: gate.To{Person: "bob"}})
		if err := h.Gate.Withdraw(ada, gone.ID); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			person kernel.PersonID
			room   string
			want   []kernel.GrantID
		}{
			{"bob", "peer", []kernel.GrantID{toBob.ID}}, {"bob", "vae", []kernel.GrantID{toJury.ID}},
			{"bob", "", []kernel.GrantID{toJury.ID, toBob.ID}}, {"eve", "", []kernel.GrantID{toJury.ID}},
			{"ada", "", nil}, {"mallory", "", nil},
		} {
			got, err := h.Gate.LoansToMe(h.As(t, c.person), c.room)
			var found []kernel.GrantID
			for _, e := range got {
				found = append(found, e.Grant)
				if e.OwnerName != "Name of ada" || e.Purpose == "" {
					t.Errorf("%+v", e)
				}
			}
			if err != nil || fmt.Sprint(found) != fmt.Sprint(c.want) {
				t.Errorf("%s in %q: %v, %v; want %v", c.person, c.room, found, err, c.want)
			}
		}
		if got, err := h.Gate.ShownToMe(bob); err != nil || len(got) != 0 {
			t.Errorf("loans are listed as faces: %+v, %v", got, err)
		}
		h.Circle("cir_jury", "eve") // bob leaves the jury
		if _, err := h.Gate.Borrow(bob, toJury.ID, "vae"); !errors.Is(err, gate.ErrNever) {
			t.Errorf("bob left the jury and borrows: %v", err)
		}
		lines, _, err := h.Gate.Journal(ada, "", 10)
		if err != nil || len(lines) != 0 {
			t.Errorf("listing loans reads nothing: %+v, %v", lines, err)
		}
	})
}

// plain stands in for the program's own maker of images: what matters is that files
// go through it.
func plain(_ context.Context, r io.Reader) ([]byte, string, error) {
	m, err := png.Decode(r)
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	err = png.Encode(&out, m)
	return out.Bytes(), "image/png", err
}

func TestFilesAreLentOnlyWhenTheLoanSaysSo(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Gate.Plain = plain
		ada := h.As(t, "ada")
		var raw bytes.Buffer
		if err := png.Encode(&raw, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
			t.Fatal(err)
		}
		raw.WriteString("hidden place of the photograph")
		file := func(name string, r io.Reader) gate.Item {
			b, err := h.Gate.PutBlob(ada, own(t, h, ada), r, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			b.Media, b.Name = "image/png", name
			return keep(t, h, ada, gate.Item{View: gate.View{Kind: "piece", Title: name, Blob: &b}})
		}
		picture, paper := file("photo", &raw), file("papier", strings.NewReader("no image"))
		for _, files := range []bool{false, true} {
			ctx, p := byLink(t, h, lend(t, h, ada, gate.LoanAsk{Items: ids(picture, paper), Files: files, To: gate.To{Link: true}}))
			lent, err := h.Gate.Lent(ctx, p)
			if err != nil || len(lent) != 2 {
				t.Fatal(lent, err)
			}
			if b := lent[0].View.Blob; (b != nil) != files || b != nil && (b.Ref != "" || b.SHA256 != "" || b.Name != "" || b.Size != 0) {
				t.Errorf("files %v: blob %+v", files, b)
			}
			got, media, err := h.Gate.LentFile(ctx, p, lent[0].ID)
			if files && (err != nil || media != "image/png" || len(got) == 0 || bytes.Contains(got, []byte("hidden"))) {
				t.Errorf("%q, %s, %v", got, media, err)
			}
			if !files && kernel.KindOf(err) != kernel.NotFound {
				t.Errorf("a file that is not lent: %v", err)
			}
			if _, _, err := h.Gate.LentFile(ctx, p, lent[1].ID); files && kernel.KindOf(err) != kernel.Unsupported {
				t.Errorf("what is no image leaves as it is: %v", err)
			}
			if _, _, err := h.Gate.LentFile(ctx, p, picture.ID); kernel.KindOf(err) != kernel.NotFound {
				t.Errorf("by her own id: %v", err)
			}
		}
	})
}

// Whoever borrows, in whichever way, the journal counts it: one line's count for each
// request that borrowed, one for each file.
func TestEveryBorrowingIsInTheJournal(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Gate.Plain = func(context.Context, io.Reader) ([]byte, string, error) { return []byte("x"), "image/png", nil }
		h.Circle("cir_jury", "bob")
		ada := h.As(t, "ada")
		b, err := h.Gate.PutBlob(ada, own(t, h, ada), strings.NewReader("evidence"), 100)
		if err != nil {
			t.Fatal(err)
		}
		pc := keep(t, h, ada, gate.Item{View: gate.View{Kind: "piece", Title: "P", Blob: &b}})
		ask := gate.LoanAsk{Items: ids(pc), Files: true}
		var loans []gate.Loan
		for _, to := range []gate.To{{Link: true}, {Person: "eve"}, {Circle: "cir_jury"}} {
			ask.To = to
			loans = append(loans, lend(t, h, ada, ask))
		}
		reads := int64(0)
		for range 40 {
			n := rand.IntN(3)
			ctx := h.As(t, []kernel.PersonID{"", "eve", "bob"}[n])
			var p gate.Pass
			if n == 0 {
				p, err = h.Gate.BorrowByLink(ctx, loans[0].Token, "peer")
			} else {
				p, err = h.Gate.Borrow(ctx, loans[n].ID, "peer")
			}
			if err != nil {
				t.Fatal(err)
			}
			reads++
			lent, err := h.Gate.Lent(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			if rand.IntN(2) == 0 {
				if _, _, err := h.Gate.LentFile(ctx, p, lent[0].ID); err != nil {
					t.Fatal(err)
				}
				reads++
			}
		}
		lines, _, err := h.Gate.Journal(ada, "", 200)
		if err != nil {
			t.Fatal(err)
		}
		said := int64(0)
		for _, l := range lines {
			said += l.Count
		}
		if said != reads {
			t.Errorf("the journal says %d, there were %d", said, reads)
		}
		grants, err := h.Gate.Grants(ada)
		looks := int64(0)
		for _, g := range grants {
			looks += g.Looks
		}
		if err != nil || looks != 40 {
			t.Errorf("the owner's list says %d looks, there were 40: %v", looks, err)
		}
	})
}

// Who changes what is in clear in the database turns no loan into a face, nor the loan
// of one room into that of another.
func TestALoanMovedToAnotherRoomDoesNotOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		l := lend(t, h, ada, gate.LoanAsk{To: gate.To{Link: true}})
		for _, to := range []string{"vae", ""} {
			if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), `update gate_grant set room = $1 where id = $2`, to, l.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			var err error
			if to == "" {
				_, err = h.Gate.ByLink(h.As(t, ""), l.Token)
			} else {
				_, err = h.Gate.BorrowByLink(h.As(t, ""), l.Token, to)
			}
			if !errors.Is(err, seal.ErrSealed) {
				t.Errorf("moved to %q: %v", to, err)
			}
		}
	})
}

func TestALoanIsInTheReceiptAndGoesWithItsOwner(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		a := keep(t, h, ada, job("A", "2021"))
		l := lend(t, h, ada, gate.LoanAsk{Items: ids(a), To: gate.To{Person: "bob"}})
		r, err := h.Gate.Receipt(ada, l.ID)
		if err != nil || r.Processing[0].Purposes[0] != "pour une recommandation" || r.Parties[1].ID != "bob" || len(r.Processing[0].PII) == 0 {
			t.Errorf("%+v, %v", r, err)
		}
		left, err := leave(t, h, "ada")
		if err != nil || left.Grants != 1 {
			t.Errorf("%+v, %v", left, err)
		}
		if _, err := h.Gate.Borrow(bob, l.ID, "peer"); !errors.Is(err, gate.ErrNever) {
			t.Errorf("she left: %v", err)
		}
		if got, err := h.Gate.LoansToMe(bob, ""); err != nil || len(got) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func leave(t *testing.T, h *house.House, person kernel.PersonID) (left gate.Left, err error) {
	t.Helper()
	err = h.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
		left, err = h.Gate.Leave(t.Context(), tx, person)
		return err
	})
	if err != nil {
		return left, err
	}
	return left, h.Gate.Forget(t.Context(), person)
}
