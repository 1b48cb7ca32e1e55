package vae

import (
	"slices"
	"strings"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/testkit/shared"

	"pgregory.net/rapid"
)

func known(title, text string) Known {
	return Known{ID: kernel.ItemID("act_" + title), Title: title, Text: text}
}

// What a person says, what a bloc asks, and how near people find them.
func TestProximityIsWhatPeopleWouldSay(t *testing.T) {
	accounts := known("Trésorière d’une association", "Je tenais la comptabilité, je saisissais les factures, je préparais le budget annuel et je rapprochais les relevés bancaires.")
	market := known("Vente au marché", "J’accueillais les clients, je tenais la caisse et je préparais l’étal.")
	for _, c := range []struct {
		asked string
		want  Nearness
		words []string
		by    string
	}{
		{"Saisir les factures et tenir la comptabilité", Has, []string{"comptabilité", "saisissais", "factures"}, accounts.Title},
		{"Préparer le budget annuel de la structure", Has, []string{"préparais", "budget", "annuel"}, accounts.Title},
		{"Effectuer le rapprochement des relevés bancaires et justifier les écarts de trésorerie auprès de la direction", Partly, []string{"relevés", "bancaires"}, accounts.Title},
		{"Accueillir les clients et encaisser", Has, []string{"accueillais", "clients"}, market.Title},
		{"Gérer les activités du service et participer à la qualité", Missing, nil, ""},
		{"Souder des pièces métalliques à l’arc", Missing, nil, ""},
		{"Participer aux réunions d’équipe", Missing, nil, ""},
	} {
		got := near(Bloc{Competences: []Competence{{ID: "c1", Text: c.asked}}}, []Known{accounts, market})[0]
		if got.Nearness != c.want {
			t.Errorf("%q is %s, want %s (%v)", c.asked, got.Nearness, c.want, got.Because)
			continue
		}
		if c.want == Missing {
			continue
		}
		if got.Because[0].Known.Title != c.by {
			t.Errorf("%q: by %q, want %q", c.asked, got.Because[0].Known.Title, c.by)
		}
		for _, w := range c.words {
			if !slices.Contains(got.Because[0].Words, w) {
				t.Errorf("%q: words %v lack %q", c.asked, got.Because[0].Words, w)
			}
		}
	}
}

// Whatever is compared, what is said near has a reason, and its words stand in what
// the person wrote.
func TestNothingIsNearWithoutWords(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("aeicmprst éœ'-.,\n")), 0, 60, -1)
	rapid.Check(t, func(t *rapid.T) {
		k := known(text.Draw(t, "title"), text.Draw(t, "text"))
		n := near(Bloc{ID: "b1", Title: text.Draw(t, "bloc"), Competences: lines(text.Draw(t, "competences"))}, []Known{k})
		for _, c := range n {
			if (c.Nearness == Missing) != (len(c.Because) == 0) {
				t.Fatalf("%s with %d reasons", c.Nearness, len(c.Because))
			}
			for _, r := range c.Because {
				if len(r.Words) == 0 {
					t.Fatal("a reason without words")
				}
				for _, w := range r.Words {
					if !strings.Contains(strings.ToLower(k.Title+" "+k.Text), w) {
						t.Fatalf("%q was not written", w)
					}
				}
			}
		}
	})
}

func TestLinesOfABloc(t *testing.T) {
	got := lines("Compétences attestées :\n- Tenir la comptabilité ;\n  • Établir un budget\n1. Classer\n\n2) Classer\nC1.2 Rendre compte,\n")
	want := []string{"Tenir la comptabilité", "Établir un budget", "Classer", "C1.2 Rendre compte"}
	if len(got) != len(want) {
		t.Fatalf("%d lines: %v", len(got), got)
	}
	for i, w := range want {
		if got[i].Text != w {
			t.Errorf("line %d is %q, want %q", i, got[i].Text, w)
		}
	}
}

// What was said of a competence stays with it when the list changes around it.
func TestACompetenceKeepsItsIDWhenTheListChanges(t *testing.T) {
	before := Certification{Title: "T", Blocs: []Bloc{{Title: "A", Competences: lines("un\ndeux")}, {Title: "B", Competences: lines("trois")}}}
	before.inherit(Certification{})
	after := Certification{Title: "T", Blocs: []Bloc{{ID: before.Blocs[1].ID, Title: "B bis", Competences: lines("quatre\ntrois")}, {Title: "A", Competences: lines("deux")}}}
	after.inherit(before)
	if got, want := after.Blocs[0].Competences[1].ID, before.Blocs[1].Competences[0].ID; got != want {
		t.Errorf("trois is %s, was %s", got, want)
	}
	if got, want := after.Blocs[1].Competences[0].ID, before.Blocs[0].Competences[1].ID; got != want {
		t.Errorf("deux is %s, was %s", got, want)
	}
	ids := map[string]bool{}
	for _, b := range after.Blocs {
		for _, k := range append(b.Competences, Competence{ID: b.ID}) {
			if ids[k.ID] {
				t.Errorf("%s twice", k.ID)
			}
			ids[k.ID] = true
		}
	}
	if n := after.Blocs[0].Competences[0].ID; n == before.Blocs[0].Competences[0].ID {
		t.Errorf("a new competence took the id %s of one that is gone", n)
	}
}

// register is a small register of our own, in the form of the official export.
func register(t *testing.T, files ...string) *Register {
	t.Helper()
	shelf := taxonomy.Shelf{Dir: t.TempDir()}
	if _, err := shelf.Import(taxonomy.RNCP, "2024-02-22", files); err != nil {
		t.Fatal(err)
	}
	return &Register{Books: taxonomy.Open(shelf)}
}

func TestTheRegisterIsSearchedAndRead(t *testing.T) {
	r := register(t, "testdata/rncp.xml")
	for words, want := range map[string]string{"RNCP 90001": "RNCP90001", "90001": "", "rncp90001": "RNCP90001", "comptable association": "RNCP90001", "animatrice": "RNCP90002", "plombier": ""} {
		got, err := r.Search(words, 10)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0].Code != want) {
			t.Errorf("%q finds %v, want %q", words, got, want)
		}
	}
	c, l, ok, err := r.Certification("RNCP90001")
	if err != nil || !ok || len(c.Blocs) != 2 || c.Blocs[0].Code != "RNCP90001BC01" || len(c.Blocs[0].Competences) != 3 || l.Level != "5" {
		t.Fatalf("%+v %+v %v %v", c, l, ok, err)
	}
	if _, _, ok, err := r.Certification("RNCP1"); ok || err != nil {
		t.Errorf("a certification nobody imported: %v %v", ok, err)
	}
	old, err := r.Search("RNCP90000", 1)
	if err != nil || len(old) != 1 || !old[0].Closed || old[0].ReplacedBy != "RNCP90001" {
		t.Errorf("a certification that was replaced: %+v %v", old, err)
	}
	all, err := r.Closest([]Known{known("Trésorière", "J’ai tenu les comptes et le budget d’une association pendant quatre ans.")}, 5)
	if err != nil || len(all) == 0 || all[0].Of.Code != "RNCP90001" || len(all[0].Words) == 0 {
		t.Errorf("closest: %+v %v", all, err)
	}
}

// The export of France compétences itself.
func TestTheOfficialExportIsRead(t *testing.T) {
	r := register(t, shared.Path(t, "vae-certifications/export-fiches-csv-2024-02-22.zip"))
	got, err := r.Search("extincteurs", 10)
	if err != nil || len(got) != 1 || got[0].Code != "RNCP509" || !got[0].Closed || !got[0].Experience {
		t.Fatalf("%+v %v", got, err)
	}
	c, _, ok, err := r.Certification("RNCP509")
	if err != nil || !ok || len(c.Blocs) < 5 || c.Blocs[0].Code != "RNCP509BC01" || c.Certifier == "" {
		t.Errorf("%+v %v %v", c, ok, err)
	}
	for _, b := range c.Blocs { // the export lists no competences: the bloc stands for itself
		if p := b.points(); len(p) != 1 || p[0].ID != b.ID {
			t.Errorf("points of %s: %v", b.Code, p)
		}
	}
}
