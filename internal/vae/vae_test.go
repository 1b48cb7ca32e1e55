package vae

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

// world is a house with a VAE in it; ada is a candidate, bob presides a jury, eve sits
// on it, mallory is a stranger.
type world struct {
	*house.House
	*Service
	t       *testing.T
	catalog *i18n.Catalog
	keys    map[string]ed25519.PrivateKey
	who     map[kernel.CircleID][]kernel.PersonID // members, the first in charge
	sent    []kernel.PersonID                     // reminders
	quiet   bool                                  // nothing may reach anybody now
}

func open(t *testing.T, where string) *world {
	t.Helper()
	w := &world{t: t, keys: map[string]ed25519.PrivateKey{}, who: map[kernel.CircleID][]kernel.PersonID{}, catalog: &i18n.Catalog{}}
	w.House = house.Open(t, where, db.Steps{Context: "vae", Files: Migrations})
	if err := errors.Join(w.catalog.Add("vae", Messages), w.catalog.Add("web", web.Messages), w.catalog.Add("gate", gate.Messages)); err != nil {
		t.Fatal(err)
	}
	w.Service = &Service{DB: w.House.DB, Gate: w.House.Gate, Register: register(t, "testdata/rncp.xml"), Circles: w, People: w.House, Signers: signers{w}, Notices: notices{w}}
	w.circle("cir_jury", "bob", "eve")
	return w
}

func (w *world) circle(id kernel.CircleID, members ...kernel.PersonID) {
	w.Circle(id, members...)
	w.who[id] = members
}

// as is the context of a person, in French.
func (w *world) as(person kernel.PersonID) context.Context {
	return i18n.With(w.As(w.t, person), w.catalog)
}

// Mine implements Circles.
func (w *world) Mine(ctx context.Context) ([]Circle, error) {
	var all []Circle
	for id, members := range w.who {
		for i, m := range members {
			if m == kernel.ActorFrom(ctx).Person {
				all = append(all, Circle{ID: id, Name: "Circle " + string(id), Owner: i == 0})
			}
		}
	}
	return all, nil
}

// Names implements Circles.
func (w *world) Names(ctx context.Context, ids []kernel.CircleID) (map[kernel.CircleID]string, error) {
	all := map[kernel.CircleID]string{}
	for _, id := range ids {
		if _, ok := w.who[id]; ok {
			all[id] = "Circle " + string(id)
		}
	}
	return all, nil
}

// Ready implements Notices.
func (w *world) Ready(context.Context, kernel.PersonID) (now, later bool, err error) {
	return !w.quiet, true, nil
}

// notices note who is reminded: Service has a method Remind of its own.
type notices struct{ *world }

// Remind implements Notices.
func (n notices) Remind(_ context.Context, _ *db.Tx, person kernel.PersonID) error {
	n.sent = append(n.sent, person)
	return nil
}

func (w *world) issuer(name string) (credential.Issuer, error) {
	if w.keys[name] == nil {
		w.keys[name] = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(len(w.keys) + 1)}, 32))
	}
	return credential.KeyIssuer(w.keys[name])
}

// signers sign for people and circles: a house has a method Circle of its own.
type signers struct{ *world }

// Person implements Signers.
func (s signers) Person(_ context.Context, p gate.Pass) (credential.Issuer, error) {
	return s.issuer(string(p.Owner()))
}

// Circle implements Signers.
func (s signers) Circle(_ context.Context, id kernel.CircleID) (credential.Issuer, error) {
	return s.issuer(string(id))
}

// Reserve implements Signers.
func (s signers) Reserve(context.Context, *db.Tx, kernel.CircleID, credential.Issuer) ([]any, error) {
	return []any{map[string]any{"id": "http://localhost:8080/status/1#1", "type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1", "statusListCredential": "http://localhost:8080/status/1"}}, nil
}

// keep puts something into a musette.
func (w *world) keep(person kernel.PersonID, it gate.Item) kernel.ItemID {
	w.t.Helper()
	ctx := w.as(person)
	p, err := w.House.Gate.Own(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	sealed, err := w.House.Gate.Seal(ctx, p, it)
	if err == nil {
		err = w.House.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := w.House.Gate.Put(ctx, tx, sealed)
			return err
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return it.ID
}

// piece keeps a file as a piece of an activity.
func (w *world) piece(person kernel.PersonID, id, of kernel.ItemID, title string, content []byte) {
	w.t.Helper()
	ctx := w.as(person)
	p, err := w.House.Gate.Own(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := w.House.Gate.PutBlob(ctx, p, bytes.NewReader(content), 1<<20)
	if err != nil {
		w.t.Fatal(err)
	}
	b.Media = "application/pdf"
	w.keep(person, gate.Item{ID: id, Room: "musette", View: gate.View{Kind: "piece", Title: title, Links: []kernel.ItemID{of}, Blob: &b, Provenance: declared}})
}

// begun is a file of ada's on both blocs of the sample, with an activity and a piece.
func (w *world) begun() kernel.ItemID {
	w.t.Helper()
	w.keep("ada", gate.Item{ID: "act_1", Room: "musette", View: gate.View{Kind: "volunteering", Title: "Trésorière d’une association", Organisation: "Les Amis du jardin", Start: "2019", End: "2023-06",
		Text: "J’ai tenu la comptabilité, saisi les factures et préparé le budget annuel.", Provenance: declared}})
	w.piece("ada", "pce_1", "act_1", "Compte de résultat 2022", []byte("%PDF-1.7 compte"))
	c, _, ok, err := w.Register.Certification("RNCP90001")
	if err != nil || !ok {
		w.t.Fatal(ok, err)
	}
	id, err := w.Begin(w.as("ada"), c, []string{"RNCP90001BC01", "RNCP90001BC02"}, Alone, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) whole(person kernel.PersonID, id kernel.ItemID) *Whole {
	w.t.Helper()
	f, err := w.Whole(w.as(person), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) save(file kernel.ItemID, code string, version int64, values map[string]string, picks ...kernel.ItemID) {
	w.t.Helper()
	if err := w.Save(w.as("ada"), file, code, version, values, picks); err != nil {
		w.t.Fatalf("save %s: %v", code, err)
	}
}

// told adds an activity told for a bloc, with something on its first competence.
func (w *world) told(file kernel.ItemID, bloc string) string {
	w.t.Helper()
	code, err := w.Service.Add(w.as("ada"), file, "told", bloc, "act_1")
	if err != nil {
		w.t.Fatal(err)
	}
	f := w.whole("ada", file)
	p, _ := f.part(code)
	b, _ := f.Certification.bloc(bloc)
	values := map[string]string{"title": p.Values["title"], "did": p.Values["did"], howField(b.Competences[0].ID): "Je saisissais chaque facture le jour même, et je la rapprochais du relevé."}
	w.save(file, code, p.Version, values, p.Picks...)
	return code
}

func soon(w *world) string { return string(day(w.House.DB.Now().AddDate(0, 1, 0))) }

// From a file to a bloc: told, commented, frozen, deliberated, decided, granted, and
// reused in the next file.
func TestAFileGoesFromThePersonToTheJuryAndBack(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		ada, bob, eve := w.as("ada"), w.as("bob"), w.as("eve")
		id := w.begun()
		if err := w.Hand(ada, id, "cir_jury", "obtenir le bloc 1", soon(w), true); !errors.Is(err, errNothing) {
			t.Errorf("a file with nothing in it is handed over: %v", err)
		}
		code := w.told(id, "RNCP90001BC01")

		// the companion reads what is opened, and no more
		w.save(id, "intro", 0, map[string]string{"words": "Une introduction que personne ne lit."})
		if err := w.Open(ada, id, []string{code}, gate.To{Person: "mallory"}, "relire", soon(w)); err != nil {
			t.Fatal(err)
		}
		grant := w.whole("ada", id).Opened[0].Grant
		l, err := w.Lent(w.as("mallory"), grant)
		if err != nil || len(l.Parts) != 1 || l.Parts[0].Code != code {
			t.Fatalf("the companion reads %+v, %v", l, err)
		}
		if _, err := w.Lent(eve, grant); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger reads it: %v", err)
		}
		if err := w.Say(w.as("mallory"), grant, code, "  "); !errors.Is(err, errComment) {
			t.Errorf("an empty comment: %v", err)
		}
		if err := w.Say(w.as("mallory"), grant, "intro", "x"); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a comment on what is not opened: %v", err)
		}
		if err := w.Say(w.as("mallory"), grant, code, "Dites combien de factures."); err != nil {
			t.Fatal(err)
		}
		if c := w.whole("ada", id).Comments; len(c) != 1 || c[0].Part != code || c[0].By != "mallory" {
			t.Errorf("comments: %+v", c)
		}

		// the jury reads what was frozen, whatever is written later
		if err := w.Hand(ada, id, "cir_jury", "obtenir le bloc 1", soon(w), false); !errors.Is(err, errUnderstood) {
			t.Errorf("handed over without consent: %v", err)
		}
		if err := w.Hand(ada, id, "cir_jury", "obtenir le bloc 1", soon(w), true); err != nil {
			t.Fatal(err)
		}
		jury := w.whole("ada", id).Handed[0].Grant
		w.save(id, "intro", 1, map[string]string{"words": "Changée depuis."})
		sit, err := w.Sitting(eve, jury)
		if err != nil {
			t.Fatal(err)
		}
		if sit.Frozen.SHA256 != w.whole("ada", id).Handed[0].SHA256 || len(sit.Copy.Annexes) != 1 {
			t.Errorf("the copy: %+v", sit.Frozen)
		}
		for _, c := range sit.Report.Checks {
			if c.OK != nil && !*c.OK {
				t.Errorf("the signature of the copy: %+v", c)
			}
		}
		if raw, err := json.Marshal(sit.Copy); err != nil || bytes.Contains(raw, []byte("Changée depuis")) || bytes.Contains(raw, []byte("act_1")) || bytes.Contains(raw, []byte("pce_1")) || bytes.Contains(raw, []byte("vae_")) {
			t.Errorf("the copy holds what it should not: %s", raw)
		}
		if a, raw, same, err := sit.annex(1); err != nil || !same || string(raw) != "%PDF-1.7 compte" || a.File != "annexes/01.pdf" {
			t.Errorf("annex: %+v %q %v %v", a, raw, same, err)
		}
		if _, err := w.Sitting(w.as("mallory"), jury); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger sits on the jury: %v", err)
		}
		w.deliberate(jury)

		// the result is in her vault, signed, and reused
		p, err := w.House.Gate.Own(ada)
		if err != nil {
			t.Fatal(err)
		}
		results, err := w.results(ada, p)
		if err != nil || len(results) != 1 || results[0].Outcome != Partial {
			t.Fatalf("results: %+v %v", results, err)
		}
		g := results[0].Blocs[0]
		report := credential.Verify(g.Credential, credential.Options{At: time.Now()})
		for _, c := range report.Checks {
			if c.OK != nil && !*c.OK {
				t.Errorf("the bloc's credential: %+v", c)
			}
		}
		if !bytes.Contains(g.Credential, []byte("RNCP90001BC01")) || len(results[0].Blocs[1].Credential) > 0 {
			t.Errorf("credentials: %s, %s", g.Credential, results[0].Blocs[1].Credential)
		}
		c, _, _, err := w.Register.Certification("RNCP90001")
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Begin(ada, c, []string{"RNCP90001BC01", "RNCP90001BC02"}, Alone, "")
		if err != nil {
			t.Fatal(err)
		}
		if f := w.whole("ada", again); len(f.Gained) != 1 || len(f.Aimed) != 1 || f.Aimed[0] != "RNCP90001BC02" || f.Gained[0].By == "" {
			t.Errorf("the next file: %+v", f.File)
		}

		// after the decision the jury keeps the copy; the loan is over for the rest
		if err := w.Close(ada, id, jury); err != nil {
			t.Fatal(err)
		}
		if sit, err := w.Sitting(bob, jury); err != nil || sit.Outcome != Partial {
			t.Errorf("the certifier lost its copy: %v", err)
		}
	})
}

// deliberate has eve and bob speak, and bob decide: the first bloc, not the second.
func (w *world) deliberate(jury kernel.GrantID) {
	t := w.t
	t.Helper()
	bob, eve := w.as("bob"), w.as("eve")
	sit, err := w.Sitting(bob, jury)
	if err != nil {
		t.Fatal(err)
	}
	d := Decision{Reason: "Le budget reste à montrer."}
	for i, b := range sit.Copy.Certification.Blocs {
		for _, k := range b.points() {
			d.Words = append(d.Words, Opinion{About: k.ID, Word: map[bool]string{true: "yes", false: "no"}[i == 0], Reason: "Vu au dossier."})
		}
		d.Blocs = append(d.Blocs, Granted{Bloc: b.ID, Granted: i == 0, Reason: "Voir les compétences."})
	}
	if err := w.Opine(eve, jury, []Opinion{{About: d.Words[0].About, Word: "yes"}}); !errors.Is(err, errReason) {
		t.Errorf("an opinion without a reason: %v", err)
	}
	if err := w.Opine(eve, jury, d.Words[:1]); err != nil {
		t.Fatal(err)
	}
	if err := w.Decide(eve, jury, d); !errors.Is(err, errNotHead) {
		t.Errorf("a member decides alone: %v", err)
	}
	if err := w.Decide(bob, jury, Decision{Words: d.Words[1:], Blocs: d.Blocs}); !errors.Is(err, errWord) {
		t.Errorf("a decision without a word on a competence: %v", err)
	}
	if err := w.Decide(bob, jury, d); err != nil {
		t.Fatal(err)
	}
	if err := w.Decide(bob, jury, d); !errors.Is(err, errDecided) {
		t.Errorf("decided twice: %v", err)
	}
	if err := w.Opine(eve, jury, d.Words[:1]); !errors.Is(err, errDecided) {
		t.Errorf("an opinion after the decision: %v", err)
	}
	if sit, err = w.Sitting(eve, jury); err != nil || len(sit.Opinions) != len(d.Words)+len(d.Blocs)+1 {
		t.Errorf("what was said: %+v %v", sit.Opinions, err)
	}
}

func TestWithdrawnBeforeTheDecisionACopyCloses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		id := w.begun()
		w.told(id, "RNCP90001BC01")
		w.circle("cir_own", "bob", "ada")
		for _, circle := range []kernel.CircleID{"cir_jury", "cir_own"} {
			if err := w.Hand(w.as("ada"), id, circle, "essai", soon(w), true); err != nil {
				t.Fatal(err)
			}
		}
		h := w.whole("ada", id).Handed
		if _, err := w.Sitting(w.as("ada"), h[1].Grant); !errors.Is(err, errOwnFile) {
			t.Errorf("somebody sits on her own file: %v", err)
		}
		if err := w.Close(w.as("ada"), id, h[0].Grant); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Sitting(w.as("bob"), h[0].Grant); kernel.KindOf(err) != kernel.Gone {
			t.Errorf("a withdrawn copy is read: %v", err)
		}
		if _, err := w.Sitting(w.as("bob"), h[1].Grant); err != nil {
			t.Errorf("the other one: %v", err)
		}
		// When she leaves, what was not decided goes, and juries keep their words.
		err := w.House.DB.Write(t.Context(), func(tx *db.Tx) error { return forgetPerson(t.Context(), tx, "ada") })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sessionByGrant(t.Context(), w.House.DB.Read(), h[1].Grant); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("her undecided copy stays: %v", err)
		}
	})
}

// Two windows: the second is told, and nothing of either is lost.
func TestTwoWindowsNeverOverwriteEachOther(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		id := w.begun()
		w.save(id, "intro", 0, map[string]string{"words": "un"})
		if err := w.Save(w.as("ada"), id, "intro", 0, map[string]string{"words": "deux"}, nil); !errors.Is(err, errStale) {
			t.Errorf("the first window is overwritten: %v", err)
		}
		w.save(id, "intro", 1, map[string]string{"words": "deux"})
		w.save(id, "conclusion", 0, map[string]string{"words": "fin"}) // another part is not in the way
		past, err := w.Versions(w.as("ada"), w.whole("ada", id), "intro")
		if err != nil || len(past) != 1 || past[0].Values["words"] != "un" {
			t.Errorf("versions: %+v %v", past, err)
		}
		if _, err := w.Whole(w.as("bob"), id); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger opens a file: %v", err)
		}
	})
}

// The same form sent twice counts once, and gets the first outcome.
func TestAFormSentTwiceCountsOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		id := w.begun()
		again := func(key string) context.Context {
			r, err := once.New(key, "POST /x")
			if err != nil {
				t.Fatal(err)
			}
			return once.With(w.as("ada"), r)
		}
		for range 2 {
			if err := w.Save(again("save"), id, "intro", 0, map[string]string{"words": "un"}, nil); err != nil {
				t.Errorf("saved twice: %v", err)
			}
			if code, err := w.Service.Add(again("add"), id, "told", "RNCP90001BC01", ""); err != nil || !strings.HasPrefix(code, "told.") {
				t.Errorf("added twice: %q %v", code, err)
			}
			if err := w.Record(again("step"), id, 1, Step{State: Sent, On: "2026-01-02"}); err != nil {
				t.Errorf("noted twice: %v", err)
			}
			if err := w.Hand(again("hand"), id, "cir_jury", "essai", soon(w), true); err != nil {
				t.Errorf("handed twice: %v", err)
			}
		}
		f := w.whole("ada", id)
		if p, _ := f.part("intro"); p.Version != 1 || len(f.of("told")) != 1 || len(f.Steps) != 1 || len(f.Handed) != 1 {
			t.Errorf("version %d, %d told, %d steps, %d handed", p.Version, len(f.of("told")), len(f.Steps), len(f.Handed))
		}
		for range 2 {
			if err := w.Delete(again("delete"), id); err != nil {
				t.Errorf("deleted twice: %v", err)
			}
		}
		if _, err := w.Whole(w.as("ada"), id); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a deleted file: %v", err)
		}
		if _, err := w.Sitting(w.as("bob"), f.Handed[0].Grant); kernel.KindOf(err) != kernel.Gone {
			t.Errorf("its copy before a jury: %v", err)
		}
		p, err := w.House.Gate.Own(w.as("ada"))
		if err != nil {
			t.Fatal(err)
		}
		if left, err := w.House.Gate.List(w.as("ada"), p, room); err != nil || len(left) != 0 {
			t.Errorf("%d items stay of a deleted file, %v", len(left), err)
		}
	})
}

// What was said of a competence that left the list comes back with it.
func TestAClaimSurvivesAnotherList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		id := w.begun()
		f := w.whole("ada", id)
		first := f.Certification.Blocs[0]
		gone := first.Competences[0]
		w.save(id, "bloc.RNCP90001BC01", 0, map[string]string{"words": "x", claimField(gone.ID): "yes"})
		other := f.Certification
		other.Blocs = []Bloc{{ID: first.ID, Code: first.Code, Title: first.Title, Competences: lines("Autre chose")}, other.Blocs[1]}
		if err := w.Change(w.as("ada"), id, f.Version, other, []int{0, 1}, nil, Accompanied); err != nil {
			t.Fatal(err)
		}
		w.save(id, "bloc.RNCP90001BC01", 1, map[string]string{"words": "y"})
		other.Blocs[0].Competences = lines(strings.Join([]string{"Autre chose", gone.Text}, "\n"))
		f = w.whole("ada", id)
		other.Blocs[0].Competences[1].ID = gone.ID
		if p, _ := f.part("bloc.RNCP90001BC01"); p.Values[claimField(gone.ID)] != "yes" {
			t.Errorf("the claim was lost: %+v", p.Values)
		}
		if f.Variant != Accompanied || len(f.of("opinion")) != 0 {
			t.Errorf("%+v", f.File)
		}
	})
}

func TestReferentialsAreKeptByTheirCircle(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		c := Certification{Title: "Accueillir", Blocs: []Bloc{{Title: "Ouvrir le lieu", Competences: lines("Préparer la salle")}}}
		if _, err := w.Keep(w.as("eve"), Referential{Circle: "cir_jury", Certification: c}); !errors.Is(err, errNotKeeper) {
			t.Errorf("a member writes the referential: %v", err)
		}
		if _, err := w.Keep(w.as("mallory"), Referential{Circle: "cir_jury", Certification: c}); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger writes the referential: %v", err)
		}
		id, err := w.Keep(w.as("bob"), Referential{Circle: "cir_jury", Certification: c})
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := w.Referential(w.as("eve"), id)
		if err != nil || r.Certification.Blocs[0].Competences[0].ID == "" {
			t.Fatalf("%+v %v", r, err)
		}
		if _, _, err := w.Referential(w.as("mallory"), id); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger reads it: %v", err)
		}
		r.Certification.Title = "Accueillir au local"
		if _, err := w.Keep(w.as("bob"), r); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Keep(w.as("bob"), r); !errors.Is(err, errStale) {
			t.Errorf("an older version is kept: %v", err)
		}
	})
}
