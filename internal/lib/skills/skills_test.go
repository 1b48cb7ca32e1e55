package skills

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/testkit/shared"
)

const (
	luthier  = "http://data.europa.eu/esco/occupation/t-luthier"
	goatherd = "http://data.europa.eu/esco/occupation/t-goatherd"
	tune     = "http://data.europa.eu/esco/skill/t-tune"
	varnish  = "http://data.europa.eu/esco/skill/t-varnish"
	books    = "http://data.europa.eu/esco/skill/t-books"
	cheese   = "http://data.europa.eu/esco/skill/t-cheese"
)

// shelf imports the small invented referentials of testdata.
func shelf(t testing.TB, schemes ...taxonomy.Scheme) taxonomy.Shelf {
	t.Helper()
	s := taxonomy.Shelf{Dir: t.TempDir()}
	for _, scheme := range schemes {
		if _, err := s.Import(scheme, "", []string{filepath.Join("testdata", string(scheme))}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func engine(t testing.TB, schemes ...taxonomy.Scheme) *Engine {
	t.Helper()
	e, err := Open(shelf(t, schemes...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func uris(all []Suggestion) []string {
	var list []string
	for _, s := range all {
		list = append(list, s.URI)
	}
	return list
}

func TestATitleLeadsToItsTradeWhateverItsFormOrReferential(t *testing.T) {
	e := engine(t, taxonomy.ESCO, taxonomy.ROME)
	for title, want := range map[string]string{
		"luthière": luthier, "LUTHIER": luthier, "luthier(ère)": luthier, "Factrice d'instruments à cordes": luthier,
		"Luthier H/F - CDI (75)": luthier, "Apprenti luthier": luthier, "éleveuse de chèvre": goatherd, "eleveur de chevvres": goatherd,
		"archetier": luthier, // ROME alone has this name: the bridge leads to ESCO
	} {
		got := e.Suggest(Query{Title: title, Lang: "fr", Want: taxonomy.Occupation, Scheme: taxonomy.ESCO})
		if len(got) == 0 || got[0].URI != want {
			t.Errorf("%s leads to %v", title, uris(got))
			continue
		}
		if len(got[0].Because) == 0 || got[0].Score <= 0 || got[0].Score > 1 {
			t.Errorf("%s: %+v", title, got[0])
		}
	}
	if got := e.Suggest(Query{Title: "violin makers", Want: taxonomy.Occupation, Scheme: taxonomy.ROME}); len(got) == 0 || got[0].Code != "Z1001" {
		t.Errorf("violin makers leads to %+v", got)
	}
}

func TestATextLeadsToCompetencesAndSaysByWhichWords(t *testing.T) {
	e := engine(t, taxonomy.ESCO)
	text := "J'ai verni le bois de plusieurs tables, et accordé des instruments à cordes."
	got := e.Suggest(Query{Text: text, Want: taxonomy.Skill})
	for uri, words := range map[string]string{varnish: "verni bois", tune: "accordé instruments cordes"} {
		i := slices.IndexFunc(got, func(s Suggestion) bool { return s.URI == uri })
		if i < 0 {
			t.Errorf("%s is not among %v", uri, uris(got))
			continue
		}
		var marked []string
		for _, w := range got[i].Words {
			marked = append(marked, text[w.Start:w.End])
		}
		if strings.Join(marked, " ") != words || strings.Join(got[i].Because, " ") != words {
			t.Errorf("%s because of %q, marked %q", uri, got[i].Because, marked)
		}
	}
	if got := e.Suggest(Query{Text: "I have varnished surfaces and tuned strings.", Want: taxonomy.Skill}); len(got) < 2 || got[0].Label != "apply varnish" && got[0].Label != "tune string instruments" {
		t.Errorf("in English: %+v", got)
	}
}

func TestEverydayWordsLeadToTheCompetence(t *testing.T) {
	e := engine(t, taxonomy.ESCO)
	for _, text := range []string{"J'ai tenu les comptes d'une association pendant quatre ans.", "I have kept an association's accounts for four years."} {
		if got := e.Suggest(Query{Text: text, Want: taxonomy.Skill}); len(got) == 0 || got[0].URI != books {
			t.Errorf("%s leads to %v", text, uris(got))
		}
	}
}

func TestATradeLeadsToWhatItNeedsReRankedByTheWordsOfTheText(t *testing.T) {
	e := engine(t, taxonomy.ESCO)
	alone := e.Suggest(Query{Title: "chevrier", Lang: "fr", Want: taxonomy.Skill})
	if len(alone) < 3 || !slices.Contains(alone[0].Because, "éleveur de chèvres/éleveuse de chèvres") {
		t.Fatalf("a goatherd needs %+v", alone)
	}
	told := e.Suggest(Query{Title: "chevrier", Text: "Je fabrique le fromage de la ferme.", Lang: "fr", Want: taxonomy.Skill})
	if told[0].URI != cheese || !slices.Contains(told[0].Because, "fromage") {
		t.Errorf("with cheese in the text: %+v", told[0])
	}
	if got := e.Suggest(Query{Text: "Luthière de formation, je répare des violons.", Want: taxonomy.Skill}); !slices.Contains(uris(got), tune) {
		t.Errorf("a text that says the trade leads to %v", uris(got))
	}
	if got := e.Suggest(Query{Text: "Mon voisin connaît un luthier.", Want: taxonomy.Skill}); slices.Contains(uris(got), tune) {
		t.Errorf("a trade of someone else leads to %v", uris(got))
	}
}

func TestHeadingsAndCompanyTalkSuggestNothing(t *testing.T) {
	e := engine(t, taxonomy.ESCO, taxonomy.ROME)
	for _, text := range []string{
		"Compétences requises :", "Profil recherché", "Job description:", "About us\nWe tune string instruments since 1900.\n",
		"Notre entreprise, leader du vernis, fabrique du fromage depuis 1900.", "We offer cheese making classes and a competitive salary.",
		"Qui sommes-nous ?\nUne fabrique de fromage qui conseille ses clients.\n", "<ORGANIZATION> <LOCATION>", "", "...", "\x00\xff",
	} {
		if got := e.Suggest(Query{Text: text}); len(got) > 0 {
			t.Errorf("%q suggests %v, because of %v", text, uris(got), got[0].Because)
		}
	}
	ad := "Qui sommes-nous ?\nUne fabrique de fromage.\nVos missions :\n- accorder des instruments à cordes"
	if got := e.Suggest(Query{Text: ad, Want: taxonomy.Skill}); !slices.Equal(uris(got), []string{tune}) {
		t.Errorf("an advertisement suggests %v", uris(got))
	}
}

func TestBeforeAnyImportTheStarterListIsThere(t *testing.T) {
	e := engine(t)
	for text, want := range map[string]string{"J'ai organisé un festival": "event", "I repair bicycles": "bike-repair", "aide aux devoirs": "homework"} {
		got := e.Suggest(Query{Text: text})
		if len(got) == 0 || got[0].Code != want || got[0].Scheme != taxonomy.Starter {
			t.Errorf("%s leads to %+v", text, got)
		}
	}
}

func TestOneEngineServesUntilSomethingIsImported(t *testing.T) {
	sh := taxonomy.Shelf{Dir: t.TempDir()}
	src := &Source{Library: taxonomy.Open(sh)}
	first, err := src.Engine()
	if err != nil || first.Size()[taxonomy.ESCO] != 0 || first.Size()[taxonomy.Starter] == 0 {
		t.Fatalf("before any import: %v, %v", first.Size(), err)
	}
	if again, err := src.Engine(); err != nil || again != first {
		t.Errorf("a second engine was made: %v", err)
	}
	if _, err := sh.Import(taxonomy.ESCO, "", []string{filepath.Join("testdata", "esco")}); err != nil {
		t.Fatal(err)
	}
	if now, err := src.Engine(); err != nil || now.Size()[taxonomy.ESCO] == 0 {
		t.Errorf("what was imported is not known: %v", err)
	}
}

func TestLimitsAreKept(t *testing.T) {
	e := engine(t, taxonomy.ESCO)
	text := "Accorder des cordes, vernir du bois, conseiller des clients, tenir la comptabilité, traire et soigner des chèvres, fabriquer du fromage."
	if got := e.Suggest(Query{Text: text, Limit: 2}); len(got) != 2 {
		t.Errorf("%d suggestions", len(got))
	}
	if got := e.Suggest(Query{Text: strings.Repeat(text, 5000)}); len(got) == 0 || len(got) > DefaultLimit {
		t.Errorf("%d suggestions for a long text", len(got))
	}
	if got := e.Suggest(Query{Title: strings.Repeat("luthier ", 5000), Limit: 1 << 30}); len(got) == 0 || len(got) > maxLimit {
		t.Errorf("%d suggestions for a long title", len(got))
	}
}

func TestTheSameTextGivesTheSameAnswer(t *testing.T) {
	s := shelf(t, taxonomy.ESCO, taxonomy.ROME)
	built, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	index, err := filepath.Glob(filepath.Join(s.Dir, "index@*.skills"))
	if err != nil || len(index) != 1 {
		t.Fatalf("index files %v, %v", index, err)
	}
	read, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(built.encode(), read.encode()) {
		t.Error("an index changes when it is written and read")
	}
	words := strings.Fields("luthier luthière chèvres fromage accordé cordes vernis bois clients comptes 'é (e) · \n - violin makers keep books goats")
	rapid.Check(t, func(t *rapid.T) {
		q := Query{Text: strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 30).Draw(t, "text"), " "),
			Title: strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 4).Draw(t, "title"), " "),
			Lang:  rapid.SampledFrom([]string{"", "fr", "en"}).Draw(t, "lang")}
		a, b := built.Suggest(q), read.Suggest(q)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("built %v, read %v", a, b)
		}
		for i, s := range a {
			if i > 0 && s.rank > a[i-1].rank {
				t.Fatalf("%v comes after %v", s, a[i-1])
			}
			if len(s.Because) == 0 {
				t.Fatalf("%v says no reason", s)
			}
			for _, w := range s.Words {
				if w.Start >= w.End || w.End > len(q.Text) {
					t.Fatalf("%v marks %v", s, w)
				}
			}
		}
	})
}

func TestADamagedOrOldIndexIsMadeAgain(t *testing.T) {
	s := shelf(t, taxonomy.ESCO)
	if _, err := Open(s); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(s.Dir, "index@*.skills"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	whole := slices.Clone(raw)
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(names[0], raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(names[0]); err != nil || !bytes.Equal(again, whole) {
		t.Errorf("the index was not made again: %v", err)
	}
	if _, err := s.Import(taxonomy.ROME, "", []string{"testdata/rome"}); err != nil {
		t.Fatal(err)
	}
	e, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	if e.Size()[taxonomy.ROME] == 0 {
		t.Error("the books changed and the index did not")
	}
	if _, err := os.Stat(names[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old index is still there: %v", err)
	}
}

func TestTheCommandAnswersEveryLineInOrder(t *testing.T) {
	s := shelf(t, taxonomy.ESCO, taxonomy.ROME)
	in := `{"id":"a","title":"luthière","lang":"fr"}
{"id":2,"text":"rien de tout cela"}

not json
{"id":"d","text":"I make cheese","lang":"en"}
`
	var out bytes.Buffer
	err := Command{Shelf: s, Batch: true, Want: "occupation", Scheme: "esco"}.Run(strings.NewReader(in), &out)
	if !errors.Is(err, ErrLines) {
		t.Errorf("got %v", err)
	}
	var ids []string
	dec := json.NewDecoder(&out)
	for dec.More() {
		var a answered
		if err := dec.Decode(&a); err != nil {
			t.Fatal(err)
		}
		if a.Suggestions == nil {
			t.Errorf("%s: no list", a.ID)
		}
		if string(a.ID) == `"a"` && (len(a.Suggestions) == 0 || a.Suggestions[0].URI != luthier || a.Suggestions[0].Kind != "occupation") {
			t.Errorf("a: %+v", a.Suggestions)
		}
		ids = append(ids, string(a.ID))
	}
	if want := []string{`"a"`, "2", "null", `"d"`}; !slices.Equal(ids, want) {
		t.Errorf("ids %v, want %v", ids, want)
	}
}

func TestTheCommandSpeaksToPeopleAndToPrograms(t *testing.T) {
	s := shelf(t, taxonomy.ESCO)
	var people, doc, none bytes.Buffer
	if err := (Command{Shelf: s, Speak: "fr", Lang: "fr"}).Run(strings.NewReader("accorder des instruments à cordes"), &people); err != nil {
		t.Fatal(err)
	}
	if p := people.String(); !strings.Contains(p, "accorder des instruments à cordes") || !strings.Contains(p, "ESCO classification of the European Commission") {
		t.Errorf("people: %s", p)
	}
	if err := (Command{Shelf: s, JSON: true}).Run(strings.NewReader("accorder des instruments à cordes"), &doc); err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(doc.Bytes(), &a); err != nil || len(a.Suggestions) == 0 || a.Suggestions[0].URI != tune || len(a.Notices) != 1 {
		t.Errorf("document: %s, %v", doc.String(), err)
	}
	if err := (Command{Shelf: s, JSON: true}).Run(strings.NewReader(""), &none); err != nil || strings.TrimSpace(none.String()) != `{"suggestions":[],"notices":[]}` {
		t.Errorf("nothing: %s, %v", none.String(), err)
	}
	for _, c := range []Command{{Want: "job"}, {Scheme: "onet"}, {Lang: "de"}, {Limit: -1}} {
		c.Shelf = s
		err := c.Run(strings.NewReader(""), &none)
		m, ok := errors.AsType[*Misuse](err)
		if !ok || m.Say("fr") == m.Say("en") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestSuggestionsStayAboveWhatPlainSearchFinds(t *testing.T) {
	if testing.Short() {
		t.Skip("imports all of ESCO")
	}
	s := taxonomy.Shelf{Dir: t.TempDir()}
	if _, err := s.Import(taxonomy.ESCO, "", []string{shared.Path(t, "esco")}); err != nil {
		t.Fatal(err)
	}
	e, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"J'ai tenu les comptes d'une association pendant quatre ans.":            "comptabilité",
		"Je garde des enfants le mercredi et je les aide à faire leurs devoirs.": "aider des enfants à faire leurs devoirs",
		"J'ai développé un site web et géré la base de données.":                 "gérer une base de données",
		"I led a team and wrote the minutes of meetings.":                        "lead a team",
		"Je répare des vélos dans un atelier associatif.":                        "réparer des bicyclettes",
	} {
		found := slices.ContainsFunc(e.Suggest(Query{Text: text, Want: taxonomy.Skill, Limit: 5}), func(s Suggestion) bool { return s.Label == want })
		if !found {
			t.Errorf("%q does not lead to %q", text, want)
		}
	}
}

func FuzzSuggest(f *testing.F) {
	e := engine(f, taxonomy.ESCO, taxonomy.ROME)
	f.Add("luthier(ère) H/F", "J'ai accordé · des • instruments : à cordes\n<X> - fromage", "fr")
	f.Add("", "We offer:\ncheese", "en")
	f.Fuzz(func(t *testing.T, title, text, lang string) {
		for _, s := range e.Suggest(Query{Title: title, Text: text, Lang: lang}) {
			for _, w := range s.Words {
				if w.Start < 0 || w.Start >= w.End || w.End > len(text) {
					t.Fatalf("marks %v of %d bytes", w, len(text))
				}
			}
		}
	})
}

func FuzzDecodeIndex(f *testing.F) {
	e := engine(f, taxonomy.ESCO)
	raw := e.encode()
	tables := raw[len(format)+len(e.digest)+32:]
	f.Add(tables)
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := decodeTables(in, "")
		if err != nil {
			return
		}
		e.Suggest(Query{Title: "luthier", Text: "accorder des instruments à cordes", Lang: "fr"})
	})
}
