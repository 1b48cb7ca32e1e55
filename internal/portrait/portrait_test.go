package portrait

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

// open is the room in a fresh house.
func open(t testing.TB, where string) (*house.House, *Service) {
	t.Helper()
	h := house.Open(t, where, db.Steps{Context: "portrait", Files: Migrations})
	h.Gate.Plain = func(_ context.Context, r io.Reader) ([]byte, string, error) {
		raw, err := io.ReadAll(r)
		return raw, "image/png", err
	}
	return h, &Service{DB: h.DB, Gate: h.Gate, Keys: h.Keys, Base: "http://localhost:8080", Doors: []Door{{home, "portrait.nav"}}}
}

// keeps puts an item into somebody's musette.
func keeps(t testing.TB, h *house.House, who kernel.PersonID, it gate.Item) kernel.ItemID {
	t.Helper()
	ctx := h.As(t, who)
	pass, err := h.Gate.Own(ctx)
	must(t, err)
	sealed, err := h.Gate.Seal(ctx, pass, it)
	must(t, err)
	must(t, h.DB.Write(ctx, func(tx *db.Tx) error { _, err := h.Gate.Put(ctx, tx, sealed); return err }))
	return it.ID
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shows furnishes a musette, makes a face of it and opens a link.
func shows(t testing.TB, h *house.House) (gate.Face, gate.Grant) {
	t.Helper()
	ctx := h.As(t, "ada")
	must(t, h.Gate.SaveProfile(ctx, gate.Profile{Fields: map[string]string{"name": "Élodie Marchetti", "headline": "Trésorière, et jardinière", "about": "Je range ce qui traîne.", "email": "elodie@example.org", "city": "Saint-Avre", "languages": "français, italien", "phone": "06 00 00 00 00"}}))
	unpaid, attested := false, gate.Provenance{Source: gate.Attested, By: "Sandrine Roux"}
	ids := []kernel.ItemID{
		keeps(t, h, "ada", gate.Item{ID: "act_1", Room: "musette", View: gate.View{Kind: "volunteering", Title: "Trésorière", Start: "2021-09", Organisation: "Le Jardin des Rives", Place: "Saint-Avre", Purpose: "Que le jardin paie ses factures", Text: "Je tiens les comptes.\nJe présente le budget à l’assemblée.", Paid: &unpaid, Hours: 3, Tags: []string{"comptes"}, Provenance: gate.Provenance{Source: gate.Declared}}}),
		keeps(t, h, "ada", gate.Item{ID: "act_2", Room: "musette", View: gate.View{Kind: "job", Title: "Cheffe d’équipe", Start: "2015-02-03", End: "2020", Organisation: "Les Serres", Provenance: gate.Provenance{Source: gate.Imported}}}),
		keeps(t, h, "ada", gate.Item{ID: "act_3", Room: "musette", View: gate.View{Kind: "learning", Title: "Comptabilité associative", Start: "2022", End: "2022", Organisation: "Université populaire", Provenance: gate.Provenance{Source: gate.Declared}}}),
		keeps(t, h, "ada", gate.Item{ID: "cpt_1", Room: "recognition", View: gate.View{Kind: "competence", Title: "Tenir une caisse", Status: "seule depuis quatre ans", Tags: []string{"ROME M1203 Comptable"}, Provenance: gate.Provenance{Source: gate.Declared}}}),
		keeps(t, h, "ada", gate.Item{ID: "rec_1", Room: "peer", View: gate.View{Kind: "recommendation", Title: "Parole de Sandrine", Text: "J’ai vu les comptes remis d’aplomb.", Provenance: attested}}),
		keeps(t, h, "ada", gate.Item{ID: "bdg_1", Room: "badge", View: gate.View{Kind: "credential", Title: "Trésorerie", Start: "2024-05", Provenance: gate.Provenance{Source: gate.Attested, By: "Les Rives"}}}),
		keeps(t, h, "ada", gate.Item{ID: "tol_1", Room: "musette", View: gate.View{Kind: "tool", Title: "Un tableur", Provenance: gate.Provenance{Source: gate.Declared}}}),
	}
	keeps(t, h, "ada", gate.Item{ID: "act_9", Room: "musette", View: gate.View{Kind: "job", Title: "Ce que je ne montre pas", Start: "2010", Provenance: gate.Provenance{Source: gate.Declared}}})
	f, err := h.Gate.SaveFace(ctx, gate.Face{Name: "Pour une association", Language: "fr", Shows: gate.Shows{Profile: []string{"name", "headline", "about", "email", "city", "languages"}, Activities: gate.Choice{IDs: ids}}})
	must(t, err)
	g, err := h.Gate.Grant(ctx, gate.Ask{Face: f.ID, To: gate.To{Link: true}, Purpose: "Candidature au conseil", Until: h.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly)})
	must(t, err)
	return f, g
}

func tokenOf(g gate.Grant) string {
	_, token, _ := strings.Cut(g.URL, "/s/")
	return token
}

func TestAVisitorSeesExactlyTheFaceAndIsNoted(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		f, g := shows(t, h)
		visitor := h.As(t, "")
		p, err := s.ByLink(visitor, tokenOf(g))
		must(t, err)
		own, err := s.Own(h.As(t, "ada"), f.ID)
		must(t, err)
		var parts []string
		for i, part := range p.Parts {
			parts = append(parts, string(part.Name))
			if len(part.Lines) != len(own.Parts[i].Lines) {
				t.Errorf("the preview differs in %s", part.Name)
			}
		}
		if !slices.Equal(parts, []string{"can", "done", "learnt", "credentials", "voices", "other"}) || p.Name != "Élodie Marchetti" || p.contact("phone") != "" {
			t.Errorf("%v, %q, phone %q", parts, p.Name, p.contact("phone"))
		}
		done := p.part(Done)
		if len(done) != 2 || done[0].Title != "Trésorière" || done[1].Source != Imported || p.part(Voices)[0].Source != Peers || p.part(Credentials)[0].Source != Seal || p.part(Can)[0].Source != Told {
			t.Errorf("%+v", p.Parts)
		}
		lines, _, err := h.Gate.Journal(h.As(t, "ada"), "", 10)
		must(t, err)
		if len(lines) != 1 || lines[0].Grant != g.ID || lines[0].Count != 1 {
			t.Errorf("the journal has %+v", lines)
		}
		must(t, h.Gate.Withdraw(h.As(t, "ada"), g.ID))
		if _, err := s.ByLink(visitor, tokenOf(g)); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("a withdrawn link gives %v", err)
		}
		if _, err := s.ByLink(visitor, "never"); !errors.Is(err, gate.ErrNever) {
			t.Errorf("a link that never was gives %v", err)
		}
		if _, err := s.Own(h.As(t, "bob"), f.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("bob sees ada's face: %v", err)
		}
	})
}

func TestAnAddressLivesAsLongAsItsLink(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		_, g := shows(t, h)
		ada := h.As(t, "ada")
		for _, name := range []string{"", "é", "ab", "-abc", "a_b", "admin", strings.Repeat("a", 41)} {
			if err := s.TakeAddress(ada, name, g.ID); !errors.Is(err, errAddress) {
				t.Errorf("%q is taken: %v", name, err)
			}
		}
		if err := s.TakeAddress(h.As(t, "bob"), "elodie", g.ID); !errors.Is(err, errGrant) {
			t.Errorf("bob's address leads to ada's link: %v", err)
		}
		must(t, s.TakeAddress(ada, "Elodie", g.ID))
		token, err := s.Follow(h.As(t, ""), "elodie")
		if err != nil || token != tokenOf(g) {
			t.Fatalf("%q, %v", token, err)
		}
		must(t, s.TakeAddress(ada, "elodie-m", g.ID))
		if _, err := s.Follow(ada, "elodie"); !errors.Is(err, gate.ErrNever) {
			t.Errorf("the name before still leads somewhere: %v", err)
		}
		if a, has, err := s.Address(ada); err != nil || !has || a.Name != "elodie-m" || strings.Contains(a.sealed, token) {
			t.Errorf("%+v, %v, %v", a, has, err)
		}
		must(t, h.Gate.Withdraw(ada, g.ID))
		token, err = s.Follow(ada, "elodie-m")
		must(t, err)
		if _, err := s.ByLink(h.As(t, ""), token); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("the address outlives its link: %v", err)
		}
		must(t, h.DB.Write(ada, func(tx *db.Tx) error { return s.Leave(ada, tx, "ada") }))
		if _, err := s.Follow(ada, "elodie-m"); !errors.Is(err, gate.ErrNever) {
			t.Errorf("the address outlives its owner: %v", err)
		}
	})
}

func TestSomebodyElsesNameIsNotTaken(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		_, g := shows(t, h)
		must(t, s.TakeAddress(h.As(t, "ada"), "elodie", g.ID))
		bob := h.As(t, "bob")
		f, err := h.Gate.SaveFace(bob, gate.Face{Name: "F", Language: "en"})
		must(t, err)
		his, err := h.Gate.Grant(bob, gate.Ask{Face: f.ID, To: gate.To{Link: true}, Purpose: "x", Until: h.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly)})
		must(t, err)
		if err := s.TakeAddress(bob, "elodie", his.ID); !errors.Is(err, errTaken) {
			t.Errorf("bob takes ada's name: %v", err)
		}
	})
}

// spokenPortrait is a portrait in the language of its face.
func spokenPortrait(t testing.TB) (*Portrait, context.Context) {
	t.Helper()
	h, s := open(t, filepath.Join(t.TempDir(), "p.db"))
	f, _ := shows(t, h)
	c := &i18n.Catalog{}
	must(t, c.Add("portrait", Messages))
	p, err := s.Own(h.As(t, "ada"), f.ID)
	must(t, err)
	return p, i18n.In(i18n.With(t.Context(), c), "fr")
}

// What leaves as a file comes back through our own importers, with its provenance.
func TestFilesAreReadByOurOwnImporters(t *testing.T) {
	p, ctx := spokenPortrait(t)
	for name, write := range map[string]func(context.Context) ([]byte, error){"resume.json": p.JSONResume, "europass.json": p.Europass} {
		raw, err := write(ctx)
		must(t, err)
		var any map[string]json.RawMessage
		must(t, json.Unmarshal(raw, &any))
		report, err := intake.Read(ctx, name, bytes.NewReader(raw), int64(len(raw)), intake.Options{Lang: "fr"})
		must(t, err)
		titles := map[string]bool{}
		for _, e := range report.Entries {
			titles[e.Title] = true
		}
		if len(report.Skipped) > 0 {
			t.Errorf("%s: %+v", name, report.Skipped)
		}
		for _, want := range []string{"Élodie Marchetti", "Trésorière", "Cheffe d’équipe", "Comptabilité associative"} {
			if !titles[want] {
				t.Errorf("%s does not give back %q: %v", name, want, titles)
			}
		}
		for _, want := range []string{"reconnu par des pairs", "garanti", "déclaré", "Sandrine Roux", "Tenir une caisse", "seule depuis quatre ans"} {
			if !bytes.Contains(raw, []byte(want)) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
		for _, no := range []string{"06 00 00 00 00", "Ce que je ne montre pas", "act_1"} {
			if bytes.Contains(raw, []byte(no)) {
				t.Errorf("%s says %q", name, no)
			}
		}
	}
}

func TestThePDFHasItsFontAndHidesWhatTheFaceHides(t *testing.T) {
	p, ctx := spokenPortrait(t)
	p.About = "Œuvre 😀 d’« essai »\u202f! " + strings.Repeat("Une ligne de plus. ", 400)
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	raw, err := p.PDF(ctx, at)
	must(t, err)
	again, err := p.PDF(ctx, at)
	must(t, err)
	if !bytes.HasPrefix(raw, []byte("%PDF-")) || !bytes.Contains(raw, []byte("/FontFile2")) || !bytes.Contains(raw, []byte("/Lang")) {
		t.Error("no PDF with its font and language")
	}
	if !bytes.Equal(raw, again) {
		t.Error("the same portrait at the same moment gives two files")
	}
}

func TestTheCodeOfACardIsTheAddress(t *testing.T) {
	c, err := encode("http://localhost:8080/folio/elodie")
	must(t, err)
	dark := map[[2]int]bool{}
	for rect := range strings.SplitSeq(strings.TrimSuffix(c.Path, "z"), "z") {
		var x, y, run, back int
		if _, err := fmt.Sscanf(rect, "M%d %dh%dv1h-%d", &x, &y, &run, &back); err != nil || run != back || x < quiet || y < quiet || x+run > c.Size-quiet {
			t.Fatalf("%q: %v", rect, err)
		}
		for i := range run {
			dark[[2]int{x + i, y}] = true
		}
	}
	// The three finder patterns, ISO/IEC 18004 6.3.3: seven dark squares on their edges.
	far := c.Size - quiet - 7
	for _, corner := range [][2]int{{quiet, quiet}, {far, quiet}, {quiet, far}} {
		for i := range 7 {
			if !dark[[2]int{corner[0] + i, corner[1]}] || !dark[[2]int{corner[0], corner[1] + i}] {
				t.Fatalf("no finder pattern at %v", corner)
			}
		}
	}
	if _, err := encode(strings.Repeat("a", 5000)); err == nil {
		t.Error("a code of 5,000 characters")
	}
}

func TestAFaceShownByNameIsTakenByThatPersonAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		f, _ := shows(t, h)
		ada := h.As(t, "ada")
		g, err := h.Gate.Grant(ada, gate.Ask{Face: f.ID, To: gate.To{Person: "bob"}, Purpose: "x", Until: h.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly)})
		must(t, err)
		if p, err := s.ByGrant(h.As(t, "bob"), g.ID); err != nil || p.Name != "Élodie Marchetti" {
			t.Errorf("bob is shown %+v, %v", p, err)
		}
		for _, who := range []kernel.PersonID{"eve", "ada"} {
			if _, err := s.ByGrant(h.As(t, who), g.ID); kernel.KindOf(err) != kernel.NotFound {
				t.Errorf("%s is shown it: %v", who, err)
			}
		}
		must(t, h.Gate.Withdraw(ada, g.ID))
		if _, err := s.ByGrant(h.As(t, "bob"), g.ID); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("after the withdrawal: %v", err)
		}
	})
}
