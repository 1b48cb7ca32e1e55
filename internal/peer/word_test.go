package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// given has bob answer a request of ada's by name, and gives the id of his word.
func (w *town) given(from, to kernel.PersonID) kernel.ItemID {
	w.t.Helper()
	ask := w.ask("")
	ask.Activity, ask.Person = w.activity(from, "Tenir la caisse"), to
	q, err := w.Send(w.as(from), ask)
	if err != nil {
		w.t.Fatal(err)
	}
	id, err := w.Say(w.as(to), w.ByGrant(q.Grant), answer())
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestSomebodyOfACircleIsAskedByName(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		ask := w.ask("")
		ask.Person = "eve"
		if _, err := w.Send(w.as("ada"), ask); !errors.Is(err, errPerson) {
			t.Errorf("eve shares no circle: %v", err)
		}
		ask.Person = "bob"
		q, err := w.Send(w.as("ada"), ask)
		if err != nil || q.URL != "" || q.Name != "Name of bob" {
			t.Fatalf("%+v, %v", q, err)
		}
		asked, err := w.AskedOfMe(w.as("bob"))
		if err != nil || len(asked) != 1 || asked[0].OwnerName != "Name of ada" {
			t.Fatalf("%+v, %v", asked, err)
		}
		for _, who := range []kernel.PersonID{"eve", "ada", ""} {
			if _, err := w.Say(w.as(who), w.ByGrant(q.Grant), answer()); err == nil {
				t.Errorf("%q answers for bob", who)
			}
		}
		said := answer()
		said.Name = "Quelqu'un d'autre" // an account signs with its own name
		if _, err := w.Say(w.as("bob"), w.ByGrant(q.Grant), said); err != nil {
			t.Fatal(err)
		}
		words, err := w.Words(w.as("ada"))
		if err != nil || len(words) != 1 || words[0].Name != "Name of bob" || words[0].Identity != ByAccount {
			t.Fatalf("%+v, %v", words, err)
		}
		w.verify(t, words[0], "bob", true)
		w.onFace(t, words[0], gate.Attested, "Écrit depuis un compte")
		if asked, err := w.AskedOfMe(w.as("bob")); err != nil || len(asked) != 0 {
			t.Errorf("answered, it waits: %+v, %v", asked, err)
		}
	})
}

func TestNobodyRecommendsHerself(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		_, link := w.asked("Rosa")
		if a, err := w.Open(w.as("ada"), w.ByLink(link)); err != nil || !a.Self {
			t.Errorf("%+v, %v", a, err)
		}
		for name, do := range map[string]func(context.Context, Door) error{
			"say":   func(ctx context.Context, d Door) error { _, err := w.Say(ctx, d, answer()); return err },
			"later": w.Later, "decline": w.Decline,
		} {
			if err := do(w.as("ada"), w.ByLink(link)); !errors.Is(err, errSelf) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Two people who recommend each other: both words say so, on faces too, until one of
// them takes hers back.
func TestWhatGoesBothWaysSaysSo(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.given("ada", "bob")
		w.onFace(t, w.first("ada"), gate.Attested, "Vu de ses propres yeux")
		if w.first("ada").Both {
			t.Error("bob alone wrote")
		}
		hers := w.given("bob", "ada")
		for _, who := range []kernel.PersonID{"ada", "bob"} {
			if !w.first(who).Both {
				t.Errorf("the word about %s does not say that it goes both ways", who)
			}
		}
		w.onFace(t, w.first("ada"), gate.Attested, "Chacun des deux a recommandé")
		wrote, err := w.Wrote(w.as("bob"))
		if err != nil || len(wrote) != 1 || !wrote[0].Both {
			t.Errorf("%+v, %v", wrote, err)
		}
		if err := w.Revoke(w.as("ada"), hers); err != nil {
			t.Fatal(err)
		}
		if w.first("ada").Both {
			t.Error("taken back, it still goes both ways")
		}
		items, err := w.Gate.Preview(w.as("ada"), gate.Face{Name: "F", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{w.first("ada").ID}}}})
		if err != nil || strings.Contains(plain(items.Items[0].Text), "Chacun") {
			t.Errorf("%+v, %v", items, err)
		}
	})
}

func (w *town) first(who kernel.PersonID) Received {
	w.t.Helper()
	words, err := w.Words(w.as(who))
	if err != nil || len(words) == 0 {
		w.t.Fatalf("%d words, %v", len(words), err)
	}
	return words[0]
}

// The same answer sent twice is one; sent by two windows, one wins.
func TestAnAnswerCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		_, link := w.asked("Rosa")
		say := func(key string) (kernel.ItemID, error) {
			t.Helper()
			req, err := once.New(key, "POST /p/"+link)
			if err != nil {
				t.Fatal(err)
			}
			return w.Say(once.With(w.as("bob"), req), w.ByLink(link), answer())
		}
		first, err := say("a")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := say("a"); err != nil || again != first {
			t.Errorf("the same again: %s, %v", again, err)
		}
		if _, err := say("b"); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("another: %v", err)
		}
		words, err := w.Words(w.as("ada"))
		if err != nil || len(words) != 1 {
			t.Errorf("%d words, %v", len(words), err)
		}
		send := func() (Request, error) {
			req, err := once.New("send", "POST /reveler/peers/new")
			if err != nil {
				t.Fatal(err)
			}
			return w.Send(once.With(w.as("ada"), req), w.ask("Rémi"))
		}
		one, err := send()
		if err != nil {
			t.Fatal(err)
		}
		if two, err := send(); err != nil || two.ID != one.ID {
			t.Errorf("sent twice: %s and %s, %v", one.ID, two.ID, err)
		}
	})
}

// A refused request leaves nothing in the vault of who asked.
func TestARefusedRequestLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		for _, bad := range []func(*Ask){
			func(a *Ask) { a.Until = "2001-01-01" }, func(a *Ask) { a.Until = "demain" }, func(a *Ask) { a.Activity = "act_none" }, func(a *Ask) { a.Name = "" },
		} {
			ask := w.ask("Rosa")
			bad(&ask)
			if _, err := w.Send(w.as("ada"), ask); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("%v", err)
			}
		}
		pass, err := w.Gate.Own(w.as("ada"))
		if err != nil {
			t.Fatal(err)
		}
		items, err := w.Gate.List(w.as("ada"), pass, Room)
		if err != nil || len(items) != 0 {
			t.Errorf("%d items, %v", len(items), err)
		}
	})
}

// leave erases a person as account does: this context's rows, then the gate's.
func (w *town) leave(person kernel.PersonID) {
	w.t.Helper()
	err := w.DB.Write(w.t.Context(), func(tx *db.Tx) error {
		_, stays, err := w.Leave(w.t.Context(), tx, person)
		if err == nil && person == "bob" && stays["peer.leaving.words"] != 1 {
			w.t.Errorf("stays: %v", stays)
		}
		if err == nil {
			_, err = w.Gate.Leave(w.t.Context(), tx, person)
		}
		return err
	})
	if err == nil {
		err = w.Gate.Forget(w.t.Context(), person)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestWhatStaysWhenEitherLeaves(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.given("ada", "bob")
		goes, stays, err := w.Leaves(t.Context(), "bob")
		if err != nil || stays["peer.leaving.words"] != 1 || goes["peer.leaving.requests"] != 0 {
			t.Errorf("%v %v, %v", goes, stays, err)
		}
		w.leave("bob")
		word := w.first("ada")
		if word.Name != "Name of bob" || !word.Revoked.IsZero() {
			t.Errorf("%+v", word)
		}
		w.verify(t, word, "bob", true)
	})
	each(t, func(t *testing.T, w *town) {
		id := w.given("ada", "bob")
		_, link := w.asked("Rosa")
		page := w.guest(link)
		w.leave("ada")
		wrote, err := w.Wrote(w.as("bob"))
		if err != nil || len(wrote) != 1 || wrote[0].About != "" || wrote[0].Words == "" {
			t.Errorf("%+v, %v", wrote, err)
		}
		if err := w.Revoke(w.as("bob"), id); err != nil {
			t.Errorf("revoke: %v", err)
		}
		if _, err := w.Open(w.as(""), w.ByLink(link)); err == nil {
			t.Error("her request still opens")
		}
		if g, err := w.Guest(w.enter(gate.Credential{Guest: page})); err != nil || g.State != Over {
			t.Errorf("%+v, %v", g, err)
		}
	})
}

// Everything somebody wrote can be taken back at once; what was written about her
// stays, and goes both ways no more.
func TestEverythingCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.given("ada", "bob")
		w.now = w.now.Add(time.Minute)
		w.given("ada", "bob")
		w.now = w.now.Add(time.Minute)
		w.given("bob", "ada")
		for range 2 {
			if err := w.RevokeAll(w.as("bob")); err != nil {
				t.Fatal(err)
			}
		}
		words, err := w.Words(w.as("ada"))
		if err != nil || len(words) != 2 || words[0].Revoked.IsZero() || words[1].Revoked.IsZero() {
			t.Errorf("%d words, %v", len(words), err)
		}
		w.verify(t, words[0], "bob", false)
		if about := w.first("bob"); !about.Revoked.IsZero() || about.Both {
			t.Errorf("about bob: %+v", about.Said)
		}
		if err := w.RevokeAll(w.as("")); kernel.KindOf(err) != kernel.Unauthenticated {
			t.Errorf("a visitor: %v", err)
		}
	})
}

func TestAWordCanBeDiscarded(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.given("ada", "bob")
		word := w.first("ada")
		if err := w.Discard(w.as("bob"), word.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("by somebody else: %v", err)
		}
		if err := w.Discard(w.as("ada"), word.ID); err != nil {
			t.Fatal(err)
		}
		if words, err := w.Words(w.as("ada")); err != nil || len(words) != 0 {
			t.Errorf("%+v, %v", words, err)
		}
		if err := w.Revoke(w.as("bob"), id); err != nil {
			t.Errorf("discarded, it cannot be taken back: %v", err)
		}
	})
}

// Nothing of what is asked and answered lies in the tables in clear.
func TestTablesHoldNoWords(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		ask := w.ask("Rosa Benali 7391")
		ask.Message, ask.Competences = "Les graines du 7391", []Competence{{Name: "Souder 7391"}}
		q, err := w.Send(w.as("ada"), ask)
		if err != nil {
			t.Fatal(err)
		}
		page := w.guest(q.URL[strings.LastIndex(q.URL, "/")+1:])
		said := answer()
		said.Name, said.Words, said.Relation, said.Competences = "Rosa Benali 7391", "Juste, 7391", "voisine 7391", []int{0}
		if _, err := w.Say(w.enter(gate.Credential{Guest: page}), w.ByGuest, said); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := w.DB.Dump(t.Context(), &out, append([]db.Steps{{Context: "gate", Files: gate.Migrations}, {Context: "once", Files: once.Migrations}}, steps...)...); err != nil {
			t.Fatal(err)
		}
		if out.Len() < 1000 {
			t.Fatalf("a dump of %d bytes", out.Len())
		}
		for _, word := range []string{"7391", "Rosa", "Benali", page, q.URL[strings.LastIndex(q.URL, "/")+1:]} {
			if strings.Contains(out.String(), word) {
				t.Errorf("the database holds %q", word)
			}
		}
	})
}

// What travels in an archive comes back byte for byte, with the credential and its
// status list beside it.
func TestEverythingTravels(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.given("ada", "bob")
		w.given("bob", "ada")
		pass, err := w.Gate.Own(w.as("ada"))
		if err != nil {
			t.Fatal(err)
		}
		items, err := w.Gate.List(w.as("ada"), pass, Room)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, it := range items {
			kinds = append(kinds, string(it.ID[:3]))
			words, files, err := Archive{}.Pack(it)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(words)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				f.Since = f.Since.In(time.FixedZone("", 3600)).UTC()
			}
			body, err := Archive{}.Unpack(it, raw, files)
			if err != nil || !bytes.Equal(body, it.Body) {
				t.Errorf("%s: %v\n%x\n%x", it.ID, err, body, it.Body)
			}
			for _, id := range []string{"bob", "ada"} {
				if bytes.Contains(raw, []byte(`"`+id+`"`)) {
					t.Errorf("%s names a person of this instance: %s", it.ID, raw)
				}
			}
			if isOf(it.ID, receivedPrefix) && (len(files) != 2 || !bytes.Contains(files[credentialFile].Text, []byte("EndorsementCredential")) || files[listFile].Address == "") {
				t.Errorf("files: %v", files)
			}
		}
		slices.Sort(kinds)
		if !slices.Equal(kinds, []string{"rec", "req", "wrt"}) {
			t.Errorf("kinds: %v", kinds)
		}
		if _, _, err := (Archive{}).Pack(gate.Item{ID: "xyz_1", Room: Room}); err == nil {
			t.Error("an item that is none of ours is packed")
		}
	})
}
