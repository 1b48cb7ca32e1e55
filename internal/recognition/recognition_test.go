package recognition

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

// open is the room in a fresh house, without any referential.
func open(t testing.TB, where string) (*house.House, *Service) {
	t.Helper()
	h := house.Open(t, where)
	l := taxonomy.Open(taxonomy.Shelf{Dir: filepath.Join(t.TempDir(), "taxonomy")})
	return h, &Service{DB: h.DB, Gate: h.Gate, Library: l, Source: &skills.Source{Library: l}, Doors: []Door{{Path: home, Key: "recognition.nav.home"}, {Path: mapAt, Key: "recognition.nav.map"}}}
}

// keeps puts an item of another room into somebody's musette.
func keeps(t testing.TB, h *house.House, who kernel.PersonID, id, room string, v gate.View) kernel.ItemID {
	t.Helper()
	ctx := h.As(t, who)
	pass, err := h.Gate.Own(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := h.Gate.Seal(ctx, pass, gate.Item{ID: kernel.ItemID(id), Room: room, View: v})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Write(ctx, func(tx *db.Tx) error { _, err := h.Gate.Put(ctx, tx, sealed); return err }); err != nil {
		t.Fatal(err)
	}
	return kernel.ItemID(id)
}

// treasurer keeps an association's accounts, with a piece.
func treasurer(t testing.TB, h *house.House) (activity, piece kernel.ItemID) {
	t.Helper()
	activity = keeps(t, h, "ada", "act_1", musetteRoom, gate.View{Kind: "volunteering", Title: "Trésorière du Jardin", Start: "2021-09", Text: "Je tiens les comptes de l'association. Je prépare le budget et je le présente à l'assemblée.", Provenance: declared})
	piece = keeps(t, h, "ada", "pce_1", musetteRoom, gate.View{Kind: "piece", Title: "Rapport financier", Links: []kernel.ItemID{activity}, Provenance: declared})
	return activity, piece
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestATellingIsTakenUpWhereItWasLeft(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		activity, _ := treasurer(t, h)
		ctx := h.As(t, "ada")
		id, err := s.BeginTelling(ctx, "La clôture de 2024", activity)
		must(t, err)
		must(t, s.Answer(ctx, id, 1, 0, "Un soir de janvier."))
		must(t, s.Answer(ctx, id, 2, 2, "J'ai pointé chaque relevé."))
		tell, err := s.Telling(ctx, id)
		must(t, err)
		if tell.Next() != 1 || tell.Of != activity || tell.Story() != "Un soir de janvier.\n\nJ'ai pointé chaque relevé." {
			t.Errorf("next %d, of %s, story %q", tell.Next(), tell.Of, tell.Story())
		}
		if err := s.Answer(ctx, id, 1, 1, "Depuis une autre fenêtre"); !errors.Is(err, errStale) {
			t.Errorf("an old window answers: %v", err)
		}
		if err := s.Answer(ctx, id, 3, 1, strings.Repeat("é", answerMost+1)); !errors.Is(err, errAnswerLong) {
			t.Errorf("a long answer: %v", err)
		}
		if _, err := s.BeginTelling(ctx, " ", "act_none"); !errors.Is(err, errTellTitle) || !errors.Is(err, errNoActivity) {
			t.Errorf("no title, no activity: %v", err)
		}
		if _, err := s.Telling(h.As(t, "eve"), id); !errors.Is(err, errNoItem) {
			t.Errorf("eve reads it: %v", err)
		}
		must(t, s.RemoveTelling(ctx, id))
		if _, err := s.Telling(ctx, id); !errors.Is(err, errNoItem) {
			t.Errorf("it is still there: %v", err)
		}
	})
}

func TestATellingCanNeverBeShown(t *testing.T) {
	h, s := open(t, filepath.Join(t.TempDir(), "r.db"))
	ctx := h.As(t, "ada")
	id, err := s.BeginTelling(ctx, "Pour moi", "")
	must(t, err)
	_, err = h.Gate.SaveFace(ctx, gate.Face{Name: "F", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{id}}}})
	if kernel.KindOf(err) != kernel.Invalid {
		t.Errorf("a face takes a telling: %v", err)
	}
	made, err := s.Keep(ctx, []Saying{{Title: "Tenir les comptes", Links: []kernel.ItemID{id}}})
	must(t, err)
	f, err := h.Gate.SaveFace(ctx, gate.Face{Name: "F", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{made}}}})
	must(t, err)
	shown, err := h.Gate.Preview(ctx, f)
	must(t, err)
	if len(shown.Items) != 1 || shown.Items[0].Title != "Tenir les comptes" || shown.Items[0].Kind != kindCompetence {
		t.Errorf("the face shows %+v", shown.Items)
	}
}

func TestSuggestionsSayWhichWordsLedThere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		activity, _ := treasurer(t, h)
		ctx := h.As(t, "ada")
		f, err := s.Find(ctx, activity)
		must(t, err)
		if !f.Small || len(f.Skills) == 0 {
			t.Fatalf("%+v", f)
		}
		first := f.Skills[0]
		if first.URI != "urn:digiwork:competence:accounts" || len(first.Lines) == 0 || first.Kept {
			t.Fatalf("first is %+v", first)
		}
		var led []string
		for _, stretch := range first.Lines[0] {
			if stretch.Led {
				led = append(led, stretch.Text)
			}
		}
		if !slices.Contains(led, "comptes") {
			t.Errorf("the words are %q in %+v", led, first.Lines)
		}
		_, err = s.Keep(ctx, []Saying{{Title: "Je tiens la caisse", Level: "seule depuis quatre ans", Refs: []Ref{{URI: first.URI, Label: first.Label}}, Links: f.Links, Because: first.Because}})
		must(t, err)
		again, err := s.Find(ctx, activity)
		must(t, err)
		if !again.Skills[0].Kept {
			t.Error("what she kept is offered again as new")
		}
		if _, err := s.Find(ctx, "act_none"); !errors.Is(err, errNoItem) {
			t.Errorf("something that is not there: %v", err)
		}
		if _, err := s.Find(h.As(t, "bob"), activity); !errors.Is(err, errNoItem) {
			t.Errorf("bob looks into it: %v", err)
		}
	})
}

// With a referential, everyday words are offered beside its own, and trades with their
// codes; what is chosen of both is kept with the trades noted.
func TestEverydayWordsStandBesideAReferential(t *testing.T) {
	h, s := open(t, filepath.Join(t.TempDir(), "r.db"))
	data := filepath.Join("..", "lib", "skills", "testdata")
	for _, scheme := range []taxonomy.Scheme{taxonomy.ESCO, taxonomy.ROME} {
		_, err := s.Library.Shelf.Import(scheme, "", []string{filepath.Join(data, string(scheme))})
		must(t, err)
	}
	id := keeps(t, h, "ada", "act_2", musetteRoom, gate.View{Kind: "job", Title: "Luthière", Start: "2019", Text: "J'ai tenu les comptes de l'atelier.", Provenance: declared})
	f, err := s.Find(h.As(t, "ada"), id)
	must(t, err)
	if f.Small || len(f.Plain) == 0 || f.Plain[0].URI != "urn:digiwork:competence:accounts" {
		t.Errorf("everyday words: %+v", f.Plain)
	}
	if i := slices.IndexFunc(f.Trades, func(h Hint) bool { return h.Code == "Z1001" }); i < 0 {
		t.Errorf("trades: %+v", f.Trades)
	}
	if !slices.Equal(f.Notices, []string{taxonomy.ROME.Notice(), taxonomy.ESCO.Notice()}) {
		t.Errorf("notices %q", f.Notices)
	}
	if got := f.because("urn:digiwork:competence:accounts"); !slices.Contains(got, "comptes") {
		t.Errorf("because %q", got)
	}
}

func TestACompetenceIsHerWordsAndComesBackAsItWas(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		activity, piece := treasurer(t, h)
		ctx := h.As(t, "ada")
		said := Saying{
			Title: "Je tiens la caisse", Level: "seule depuis quatre ans", Text: "Relevé par relevé.", Because: []string{"comptes"},
			Refs:  []Ref{{URI: "http://data.europa.eu/esco/skill/x", Label: "tenir la comptabilité"}, {URI: taxonomy.RomeURI("M1203"), Label: "Comptable", Code: "M1203"}},
			Links: []kernel.ItemID{activity, piece},
		}
		id, err := s.Keep(ctx, []Saying{said, {Title: "Présenter un budget"}})
		must(t, err)
		c, err := s.Competence(ctx, id)
		must(t, err)
		if c.Title != said.Title || c.Level != said.Level || c.Text != said.Text || !slices.Equal(c.Refs, said.Refs) || !slices.Equal(c.Links, said.Links) || !slices.Equal(c.Because, said.Because) {
			t.Errorf("kept %+v", c.Saying)
		}
		if all, err := s.Competences(ctx); err != nil || len(all) != 2 || all[1].Title != "Présenter un budget" {
			t.Errorf("%v, %v", all, err)
		}
		must(t, s.Revise(ctx, id, 1, Saying{Title: "Tenir la caisse"}))
		if err := s.Revise(ctx, id, 1, Saying{Title: "Autre"}); !errors.Is(err, errStale) {
			t.Errorf("an old window revises: %v", err)
		}
		for _, c := range []struct {
			wrong Saying
			want  error
		}{
			{Saying{Title: " "}, errNoTitle},
			{Saying{Title: "T", Links: []kernel.ItemID{"act_none"}}, errLinks},
			{Saying{Title: "T", Links: []kernel.ItemID{"tel_none"}}, errLinks},
			{Saying{Title: "T", Level: strings.Repeat("a", levelMost+1)}, errLevelLong},
		} {
			if _, err := s.Keep(ctx, []Saying{c.wrong}); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v, want %v", c.wrong, err, c.want)
			}
		}
		if _, err := s.Keep(h.As(t, "eve"), []Saying{{Title: "T", Links: []kernel.ItemID{activity}}}); !errors.Is(err, errLinks) {
			t.Errorf("eve links ada's activity: %v", err)
		}
	})
}

func TestTheMapKeepsThreeSourcesApart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		activity, piece := treasurer(t, h)
		ctx := h.As(t, "ada")
		_, err := s.Keep(ctx, []Saying{
			{Title: "Tenir les comptes", Links: []kernel.ItemID{activity, piece}},
			{Title: "Présenter un budget", Refs: []Ref{{URI: "urn:digiwork:competence:budget", Label: "préparer et suivre un budget"}}, Links: []kernel.ItemID{activity}},
			{Title: "Accueillir"},
		})
		must(t, err)
		said := gate.Provenance{Source: gate.Attested, By: "Sandrine Roux"}
		keeps(t, h, "ada", "rec_1", peerRoom, gate.View{Kind: kindRecommendation, Title: "Parole de Sandrine", Links: []kernel.ItemID{activity}, Facts: []gate.Fact{{Name: "urn:digiwork:competence:budget", Text: "préparer et suivre un budget"}}, Provenance: said})
		keeps(t, h, "ada", "rec_2", peerRoom, gate.View{Kind: kindRecommendation, Title: "Parole non vérifiée", Facts: []gate.Fact{{Name: factCompetence, Text: "accueillir"}}, Provenance: declared})
		keeps(t, h, "ada", "rec_3", peerRoom, gate.View{Kind: kindRecommendation, Title: "Retirée", Status: "withdrawn", Links: []kernel.ItemID{activity}, Provenance: said})
		keeps(t, h, "ada", "bdg_1", badgeRoom, gate.View{Kind: kindCredential, Title: "Badge", Facts: []gate.Fact{{Name: factCompetence, Text: "Animer une réunion"}}, Provenance: gate.Provenance{Source: gate.Attested, By: "Les Rives"}})
		m, err := s.Map(ctx)
		must(t, err)
		sources := func(i int) string {
			var all []string
			for _, p := range m.Rows[i].Sources() {
				all = append(all, string(p))
			}
			return strings.Join(all, " ")
		}
		if got := []string{sources(0), sources(1), sources(2)}; !slices.Equal(got, []string{"told", "told peers", "told"}) {
			t.Errorf("sources %v", got)
		}
		if len(m.Bare) != 1 || m.Bare[0].Title != "Accueillir" {
			t.Errorf("told and not proved: %+v", m.Bare)
		}
		if len(m.Unsaid) != 1 || m.Unsaid[0].Label != "Animer une réunion" || m.Unsaid[0].Voice.Source != Seal {
			t.Errorf("proved and not told: %+v", m.Unsaid)
		}
		if len(m.Shown) != 1 || len(m.Unused) != 0 {
			t.Errorf("shown %+v, unused %+v", m.Shown, m.Unused)
		}
	})
}

func TestAnOldReferenceStaysAliveAndSaysWhatReplacedIt(t *testing.T) {
	h, s := open(t, filepath.Join(t.TempDir(), "r.db"))
	ctx := h.As(t, "ada")
	dir := filepath.Join("..", "lib", "skills", "testdata", "rome")
	_, err := s.Library.Shelf.Import(taxonomy.ROME, "", []string{dir})
	must(t, err)
	ref, kind, err := s.named(taxonomy.RomeURI("Z1001"), "fr")
	must(t, err)
	if kind != taxonomy.Occupation || ref.Code != "Z1001" {
		t.Fatalf("%+v is a %v", ref, kind)
	}
	standing, err := s.standing(ctx, []Ref{ref, {URI: taxonomy.RomeURI("Z9999"), Label: "Jadis"}})
	must(t, err)
	if standing[0].Old || standing[0].Version == "" || standing[1].Version != "" || standing[1].Label != "Jadis" {
		t.Errorf("standing %+v", standing)
	}
	if _, _, err := s.named("urn:digiwork:competence:none", "fr"); !errors.Is(err, errNoRef) {
		t.Errorf("a reference to nothing: %v", err)
	}
	said := Saying{Refs: []Ref{ref}}
	said.replace(ref.URI, Ref{URI: "new"})
	if said.Refs[0].URI != "new" || notices([]Ref{ref, ref})[0] != taxonomy.ROME.Notice() || len(notices([]Ref{ref, ref})) != 1 {
		t.Errorf("%+v", said)
	}
}

func TestTheDrawingHoldsItsWordsAtEachWidth(t *testing.T) {
	activity := Carrier{ID: "act_1", Title: "Une activité au nom bien plus long que la place qu'on lui laisse sur un téléphone"}
	m := mapOf([]*Competence{{ID: "cpt_1", Saying: Saying{Title: "Anticonstitutionnellementvôtre en un seul très long mot", Links: []kernel.ItemID{"act_1"}}}, {ID: "cpt_2", Saying: Saying{Title: "Deux"}}}, Carriers{activity}, nil)
	for _, width := range []int{narrow, mid, wide} {
		d := m.draw(width)
		if len(d.Left) != 1 || len(d.Right) != 2 || len(d.Threads) != 1 {
			t.Fatalf("%d: %+v", width, d)
		}
		for _, n := range slices.Concat(d.Left, d.Right) {
			for i, line := range n.Lines {
				long := int(float64(len([]rune(line))) * glyph)
				if n.Text[i] < 0 || n.Text[i] > d.Height || n.X > width/2 && n.X+long > width+15 {
					t.Errorf("%d: %q at %d,%d of %d is outside", width, line, n.X, n.Text[i], d.Height)
				}
			}
		}
	}
}

func TestRepeatedSendingKeepsOnce(t *testing.T) {
	h, s := open(t, filepath.Join(t.TempDir(), "r.db"))
	ctx := h.As(t, "ada")
	first, err := s.Keep(once1(t, ctx), []Saying{{Title: "Une"}})
	must(t, err)
	second, err := s.Keep(once1(t, ctx), []Saying{{Title: "Une"}})
	must(t, err)
	all, err := s.Competences(ctx)
	must(t, err)
	if first != second || len(all) != 1 {
		t.Errorf("%s, %s, %d kept", first, second, len(all))
	}
}

// once1 is a request with the same idempotency key each time.
func once1(t testing.TB, ctx context.Context) context.Context {
	t.Helper()
	r, err := once.New("same-key", "POST /reveler/competences")
	must(t, err)
	return once.With(ctx, r)
}
