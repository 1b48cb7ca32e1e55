package peer

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/lib/typography"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/mail"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

var steps = []db.Steps{
	{Context: "peer", Files: Migrations}, {Context: "jobs", Files: jobs.Migrations}, {Context: "mail", Files: mail.Migrations},
}

// town is a peer service with people who may use it.
type town struct {
	*Service
	t       *testing.T
	house   *house.House
	signer  *signer
	catalog *i18n.Catalog
	now     time.Time
}

// doors recognise people by their id, and guests by their page.
type doors struct {
	*house.House
	guests *Service
}

// Recognise implements gate.Sessions.
func (d doors) Recognise(ctx context.Context, c gate.Credential) (kernel.Actor, error) {
	if c.Guest != "" {
		return d.guests.Recognise(ctx, c)
	}
	a, err := d.House.Recognise(ctx, c)
	if !a.IsVisitor() {
		a.Name = "Name of " + string(a.Person)
	}
	return a, err
}

// circle is where ada and bob know each other.
type circle struct{}

// Companions implements Companions.
func (circle) Companions(_ context.Context, person kernel.PersonID) (map[kernel.PersonID]string, error) {
	switch person {
	case "ada":
		return map[kernel.PersonID]string{"bob": "Name of bob"}, nil
	case "bob":
		return map[kernel.PersonID]string{"ada": "Name of ada"}, nil
	}
	return nil, nil
}

// signer signs with keys in memory, and keeps one list a person.
type signer struct {
	mu      sync.Mutex
	keys    map[kernel.PersonID]credential.Issuer
	places  int
	revoked []string
}

// Person implements Signer.
func (s *signer) Person(_ context.Context, p gate.Pass) (credential.Issuer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if by, ok := s.keys[p.Owner()]; ok {
		return by, nil
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return credential.Issuer{}, err
	}
	by, err := credential.KeyIssuer(key)
	s.keys[p.Owner()] = by
	return by, err
}

const listAddress = "http://localhost:8080/status/"

// Reserve implements Signer.
func (s *signer) Reserve(_ context.Context, _ *db.Tx, author kernel.PersonID, _ credential.Issuer) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places++
	return statuslist.NewEntry(listAddress+string(author), statuslist.Revocation, s.places), nil
}

// List implements Signer.
func (s *signer) List(_ context.Context, address string) ([]byte, error) {
	return []byte(`{"id":"` + address + `"}`), nil
}

// Revoker implements Signer.
func (s *signer) Revoker(_ context.Context, p gate.Pass) (Revoke, error) {
	own := listAddress + string(p.Owner())
	return func(_ context.Context, _ *db.Tx, status map[string]any) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if status["statusListCredential"] != own {
			return errors.New("somebody else's place")
		}
		s.revoked = append(s.revoked, status["statusListIndex"].(string))
		return nil
	}, nil
}

// library is what a verifier has: the list of author, signed by her.
func (s *signer) library(t *testing.T, author kernel.PersonID, at time.Time) *credential.Library {
	t.Helper()
	bits := statuslist.New(0)
	for _, place := range s.revoked {
		n, err := strconv.Atoi(place)
		if err != nil {
			t.Fatal(err)
		}
		if err := bits.Set(n, true); err != nil {
			t.Fatal(err)
		}
	}
	address := listAddress + string(author)
	doc, err := statuslist.Credential(address, s.keys[author].ID, statuslist.Revocation, bits, at.UTC().Format(time.RFC3339), "")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := credential.IssueObject(doc, s.keys[author], credential.IssueOptions{At: at})
	if err != nil {
		t.Fatal(err)
	}
	var l credential.Library
	if err := l.AddDocument(address, signed.Text, at); err != nil {
		t.Fatal(err)
	}
	return &l
}

func open(t *testing.T, where string) *town {
	t.Helper()
	h := house.Open(t, where, steps...)
	c := &i18n.Catalog{}
	for name, err := range map[string]error{"peer": c.Add("peer", Messages), "mail": c.Add("mail", mail.Messages), "gate": c.Add("gate", gate.Messages)} {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	w := &town{t: t, house: h, catalog: c, signer: &signer{keys: map[kernel.PersonID]credential.Issuer{}}, now: time.Date(2037, 3, 24, 9, 0, 0, 0, time.UTC)}
	w.Service = &Service{
		DB: h.DB, Gate: h.Gate, Keys: h.Keys, Base: "http://localhost:8080", SignIn: "/sign-in", Signer: w.signer, People: h, Companions: circle{},
	}
	w.Depart = func(ctx context.Context, tx *db.Tx, guest kernel.PersonID) error {
		_, _, err := w.Leave(ctx, tx, guest)
		return err
	}
	h.Gate.Sessions = doors{h, w.Service}
	h.Gate.Fallen = map[string]gate.Fallen{Room: w.Service}
	h.DB.SetClock(func() time.Time { return w.now })
	return w
}

func each(t *testing.T, f func(t *testing.T, w *town)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) { f(t, open(t, where)) })
}

// as is the context of a request of person, "" for a visitor.
func (w *town) as(person kernel.PersonID) context.Context {
	w.t.Helper()
	return w.enter(gate.Credential{Bearer: string(person)})
}

func (w *town) enter(c gate.Credential) context.Context {
	w.t.Helper()
	ctx, err := w.Gate.Enter(w.t.Context(), c)
	if err != nil {
		w.t.Fatal(err)
	}
	return i18n.With(ctx, w.catalog)
}

const secretWork = "Réparer la serre du 7391"

// activity keeps one in somebody's musette.
func (w *town) activity(person kernel.PersonID, title string) kernel.ItemID {
	w.t.Helper()
	ctx := w.as(person)
	pass, err := w.Gate.Own(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	id := kernel.NewID[kernel.ItemID]("act", w.now)
	sealed, err := w.Gate.Seal(ctx, pass, gate.Item{ID: id, Room: "musette", View: gate.View{Kind: "volunteering", Title: title, Start: "2019", Provenance: gate.Provenance{Source: gate.Declared}}})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.DB.Write(ctx, func(tx *db.Tx) error { _, err := w.Gate.Put(ctx, tx, sealed); return err }); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *town) ask(name string) Ask {
	w.t.Helper()
	return Ask{
		Activity: w.activity("ada", secretWork), Competences: []Competence{{Name: "Souder"}, {Name: "Tenir un budget", URL: "http://data.europa.eu/esco/skill/1"}},
		Name: name, Lang: "fr", Until: w.now.AddDate(0, 0, 30).Format(time.DateOnly),
	}
}

// asked sends one request of ada's by link, and gives the token of its link.
func (w *town) asked(name string) (Request, string) {
	w.t.Helper()
	q, err := w.Send(w.as("ada"), w.ask(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return q, q.URL[strings.LastIndex(q.URL, "/")+1:]
}

// guest makes a guest of whoever holds a link, and gives the token of her page.
func (w *town) guest(link string) string {
	w.t.Helper()
	path, err := w.Become(w.as(""), link)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimPrefix(path, guestPath)
}

func answer() Answer {
	return Answer{Name: "Rosa Benali", Relation: "nous tenions la caisse", Start: "2019", End: "2021", Sight: FirstHand, Competences: []int{1}, Words: "La caisse tombait juste."}
}

func plain(s string) string { return typography.Plain(s) }

// A guest answers by a link; ada has her word, signed, and shown as told by herself,
// because nobody knows who the guest is. The guest takes it back.
func TestAGuestSaysWhatSheSawAndTakesItBack(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		q, link := w.asked("Rosa")
		seen, err := w.Open(w.as(""), w.ByLink(link))
		if err != nil || seen.Activity.Title != secretWork || len(seen.Competences) != 2 || seen.By != "Name of ada" {
			t.Fatalf("%+v, %v", seen, err)
		}
		page := w.guest(link)
		me := func() context.Context { return w.enter(gate.Credential{Guest: page}) }
		if _, err := w.Say(me(), w.ByGuest, answer()); err != nil {
			t.Fatal(err)
		}
		words, err := w.Words(w.as("ada"))
		if err != nil || len(words) != 1 {
			t.Fatalf("%+v, %v", words, err)
		}
		word := words[0]
		if word.Words != "La caisse tombait juste." || word.Identity != Unchecked || word.Title != secretWork || len(word.Competences) != 1 || word.Competences[0].Name != "Tenir un budget" {
			t.Errorf("%+v", word)
		}
		again, err := w.Request(w.as("ada"), q.ID)
		if err != nil || again.State != Answered || again.URL != "" {
			t.Errorf("%+v, %v", again, err)
		}
		if _, err := w.Open(w.as(""), w.ByLink(link)); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("answered, it shows: %v", err)
		}
		w.verify(t, word, guestOf(t, w, page), true)
		w.onFace(t, word, gate.Declared, "Identité non vérifiée")

		g, err := w.Guest(me())
		if err != nil || len(g.Written) != 1 || g.Written[0].About != "Name of ada" {
			t.Fatalf("%+v, %v", g, err)
		}
		if err := w.Revoke(me(), g.Written[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Revoke(me(), g.Written[0].ID); err != nil {
			t.Errorf("twice: %v", err)
		}
		word, err = w.Word(w.as("ada"), word.ID)
		if err != nil || word.Revoked.IsZero() {
			t.Errorf("%+v, %v", word, err)
		}
		w.verify(t, word, guestOf(t, w, page), false)
		w.onFace(t, word, "", "")
	})
}

func guestOf(t *testing.T, w *town, page string) kernel.PersonID {
	t.Helper()
	a, err := w.Recognise(t.Context(), gate.Credential{Guest: page})
	if err != nil || !isGuest(a.Person) {
		t.Fatal(a, err)
	}
	return a.Person
}

// verify asks our own verifier, with the list of the author at hand.
func (w *town) verify(t *testing.T, word Received, author kernel.PersonID, stands bool) {
	t.Helper()
	raw, err := w.Credential(w.as("ada"), word.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := credential.Verify(raw, credential.Options{At: w.now.Add(time.Minute), With: w.signer.library(t, author, w.now), Lang: "fr"})
	status := r.Get(credential.CheckStatus)
	if r.Valid != stands || status.OK == nil || *status.OK != stands || !slices.Contains(r.Type, "EndorsementCredential") {
		t.Errorf("valid %v: %+v", r.Valid, r.Checks)
	}
	if r.Issuer.ID != w.signer.keys[author].ID || r.Issuer.Name != word.Name {
		t.Errorf("signed by %+v", r.Issuer)
	}
	changed := strings.Replace(string(raw), "tombait juste", "tombait bien", 1)
	if credential.Verify([]byte(changed), credential.Options{At: w.now.Add(time.Minute), With: w.signer.library(t, author, w.now)}).Valid {
		t.Error("other words verify too")
	}
}

// onFace puts a word on a face of ada's: its source, and a sentence that stands there
// with it; "" when nothing may be shown.
func (w *town) onFace(t *testing.T, word Received, source, says string) {
	t.Helper()
	shown, err := w.Gate.Preview(w.as("ada"), gate.Face{Name: "F", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{word.ID}}}})
	if err != nil {
		t.Fatal(err)
	}
	if source == "" {
		if len(shown.Items) != 0 {
			t.Errorf("taken back, and shown: %+v", shown.Items)
		}
		return
	}
	if len(shown.Items) != 1 || shown.Items[0].Source != source || !strings.Contains(plain(shown.Items[0].Text), says) {
		t.Errorf("shown: %+v", shown.Items)
	}
}
