package french

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func terms(text, lang string) string {
	var out []string
	for _, t := range Analyse(text, lang) {
		out = append(out, t.Term)
	}
	return strings.Join(out, " ")
}

func TestFormsOfOneWordHaveOneTerm(t *testing.T) {
	for _, group := range []string{
		"infirmier infirmière infirmiers INFIRMIÈRES infirmiere infirmier(ère) infirmier·ère infirmier-ère infirmier/ière infirmier.e.s",
		"vendeur vendeuse vendeuses vendeur(se) vendeur·euse vendeur/euse vendeur.se vendeur·se·s",
		"ingénieur ingénieure ingénieur(e) ingénieur(e)s INGENIEURE ingénieur·e·s",
		"directeur directrice directeur·rice directeur/trice directeurs directrices",
		"boulanger boulangère boulangere boulangers",
		"technicien technicienne technicien(ne) technicien·ne·s technicien-ne",
		"agent agente agent(e) agent·e·s agents",
		"chargé chargée charge chargés chargé(e)s chargé·e·s chargé-e",
		"cheffe chef chefs cheffes chef·fe", "maître maîtresse", "hôte hôtesse", "conseiller conseillère conseillers",
		"sportif sportive sportifs sportif·ve", "heureux heureuse heureuses", "jeu jeux", "lieu lieux", "travail travaux",
		"professionnel professionnelle professionnel·le·s", "œuvre oeuvre ŒUVRES", "aménagement amenagement amenagements",
		"tenir tenu tenue tiens tenais tient tenus", "entretenir entretien entretenu", "vendre vendu vends vendait vendue", "prendre pris prenais prend",
		"construire construit construisait construite", "écrire écrit écrivais", "recevoir reçu reçue", "ouvrir ouvert ouverte", "peindre peint peinte",
		"mettre mis mettait", "suivre suivi suivait", "coudre cousu", "résoudre résolu", "produit produits produire", "transmettre transmis",
		"patient patiente patients", "responsabilité responsabilite responsabilités", "auteur autrice auteure", "animer animé animation animateur animatrice",
	} {
		words := strings.Fields(group)
		want := terms(words[0], French)
		for _, w := range words[1:] {
			if got := terms(w, French); got != want {
				t.Errorf("%s → %q, but %s → %q", w, got, words[0], want)
			}
		}
	}
	for _, group := range []string{
		"organise organize organising organization organisations", "colour color colours", "analyse analyze analysing",
		"centre center", "programme program programmes", "behaviour behavior", "manage managing managed", "supervise supervision",
		"keep kept keeps keeping", "teach taught teaching", "build built building", "write wrote written writing", "lead led leading", "sell sold",
		"driver drivers driver's driver’s",
	} {
		words := strings.Fields(group)
		want := terms(words[0], English)
		for _, w := range words[1:] {
			if got := terms(w, English); got != want {
				t.Errorf("%s → %q, but %s → %q", w, got, words[0], want)
			}
		}
	}
}

func TestWordsAreSplitAsRead(t *testing.T) {
	for text, want := range map[string]string{
		"L’accueil d'enfants, qu'ils jusqu'ici":         "accueil|enfants|ils|ici",
		"Aujourd’hui l'aide-soignante":                  "aujourdhui|aide|soignante",
		"e-mail et E-commerce":                          "email|et|ecommerce",
		"S.A.V. puis R.H, fin.":                         "sav|puis|rh|fin",
		"C++, C#, permis B. Au revoir":                  "c++|c#|permis|b|au|revoir",
		"ingénieur(e)s (h/f) vendeur / vendeuse":        "ingenieurs:ingenieur|h|f|vendeur|vendeuse",
		"et/ou donne-le fin.Le a.Le employé.e.s.":       "et|ou|donne|le|fin|le|a|le|employe",
		"collaborateur(s) chef-d'œuvre m² ﬁn":           "collaborateur|chef|oeuvre|m2|fin",
		"e\u0301cole na\u00EFve coop\u00ADe\u0301rer":   "ecole|naive|cooperer",
		"a\xffb \xe2\x80 don't it's rock'n'roll 'cité'": "a|b|don|it|rock|roll|cite",
		"O'Neil presqu’île":                             "o|neil|ile",
		"":                                              "",
	} {
		var got []string
		w := split(text, nil)
		for w.next() {
			got = append(got, string(w.buf))
			if w.start >= w.end || w.end > len(text) {
				t.Errorf("%q: word %q at %d-%d", text, w.buf, w.start, w.end)
			}
		}
		want = strings.ReplaceAll(want, "ingenieurs:", "")
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("%q → %s, want %s", text, g, want)
		}
	}
}

func TestOffsetsAreBytesOfTheText(t *testing.T) {
	text := "Les ingénieur(e)s de l’École"
	var got []string
	for _, tok := range Analyse(text, French) {
		got = append(got, text[tok.Start:tok.End])
	}
	if g := strings.Join(got, "|"); g != "ingénieur(e)s|École" {
		t.Errorf("got %s", g)
	}
}

func TestStopWordsCarryNothing(t *testing.T) {
	if got := terms("de la et l'à aux qu’est-ce que c'est", French); got != "" {
		t.Errorf("French: %q", got)
	}
	if got := terms("the of and it's to be", English); got != "" {
		t.Errorf("English: %q", got)
	}
}

func TestLanguageIsGuessed(t *testing.T) {
	for text, want := range map[string]string{
		"Je tiens les comptes de l'association":         French,
		"I have kept the accounts of a charity":         English,
		"comptable":                                     French,
		"We are looking for a nurse with 3 years of it": English,
	} {
		if got := Guess(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// typed draws texts as people type them: real endings, accents, marks, joints.
func typed() *rapid.Generator[string] {
	pieces := strings.Fields("tenu kept taught conduit pris recu in fir mi er ère ier ière eur euse trice teur ation ement é ée ées e es s ent ons ez aux al al eux if ive " +
		"ité ite enu ien pris duit kept taught ences ogie ist ique able ress ss ch qu y œ ç à ï ing ed ly ies ise ization our 3 b c z")
	joints := []string{"", "", "", "", "", "", " ", " ", " ", "'", "’", "-", "/", ".", "·", "(e)", "(e)s", "·e·s", "++", "#", ", ", "\u0301", "\xff", "É", "L'", " de ", " les "}
	return rapid.Map(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom(pieces).Draw(t, "piece") + rapid.SampledFrom(joints).Draw(t, "joint")
	}), 0, 40), func(s []string) string { return strings.Join(s, "") })
}

// plainMatch is the definition of a match, word by word.
func plainMatch(query, text, lang string) (bool, []Span) {
	type word struct {
		folded string
		span   Span
	}
	list := func(s string) (all []word) {
		w := split(s, nil)
		for w.next() {
			all = append(all, word{string(w.buf), Span{w.start, w.end}})
		}
		return all
	}
	var asked []word
	for _, q := range list(query) {
		if !Stop(q.folded, lang) {
			asked = append(asked, q)
		}
	}
	if len(asked) == 0 {
		asked = list(query)
	}
	found := map[int]bool{}
	var spans []Span
	for _, w := range list(text) {
		hit := false
		for i, q := range asked {
			if strings.HasPrefix(w.folded, q.folded) || Stem(w.folded, lang) == Stem(q.folded, lang) {
				found[i], hit = true, true
			}
		}
		if hit {
			spans = append(spans, w.span)
		}
	}
	if len(found) < len(asked) {
		return false, nil
	}
	return true, spans
}

func TestMatcherEqualsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := typed().Draw(t, "text")
		lang := rapid.SampledFrom([]string{French, English}).Draw(t, "lang")
		query := typed().Draw(t, "query")
		if rapid.Bool().Draw(t, "from the text") {
			if w := strings.Fields(text); len(w) > 0 {
				query = rapid.SampledFrom(w).Draw(t, "word")
				query = strings.ToUpper(query[:rapid.IntRange(1, len(query)).Draw(t, "cut")])
			}
		}
		m := NewMatcher(query, lang)
		match, spans := plainMatch(query, text, lang)
		if len(m.words) == maxWanted {
			t.Skip("more words than are asked for")
		}
		if got := m.Match(text); got != match {
			t.Fatalf("Match(%q, %q) = %v, want %v", query, text, got, match)
		}
		got := m.Find(text)
		if len(got) != len(spans) {
			t.Fatalf("Find(%q, %q) = %v, want %v", query, text, got, spans)
		}
		for i := range got {
			if got[i] != spans[i] {
				t.Fatalf("Find(%q, %q) = %v, want %v", query, text, got, spans)
			}
		}
	})
}

func TestATermAndItsWordsBeginAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := split(typed().Draw(t, "text"), nil)
		lang := rapid.SampledFrom([]string{French, English}).Draw(t, "lang")
		for w.next() {
			term := Stem(string(w.buf), lang)
			if term == "" {
				t.Fatalf("%q has no term", w.buf)
			}
			if head := headOf(term, lang); head == "" || !bytes.HasPrefix(w.buf, []byte(head)) {
				t.Fatalf("%q has the term %q", w.buf, term)
			}
		}
	})
}

// plainFold is the definition of a folded word: lower case, no marks, ligatures apart.
func TestFoldKeepsLettersOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		f := Fold(s)
		if Fold(f) != f {
			t.Fatalf("Fold(%q) = %q, folded again %q", s, f, Fold(f))
		}
		for _, r := range f {
			if unicode.Is(unicode.Mn, r) {
				t.Fatalf("Fold(%q) = %q keeps a mark", s, f)
			}
		}
		if utf8.ValidString(s) && !utf8.ValidString(f) {
			t.Fatalf("Fold(%q) = %q", s, f)
		}
	})
	for s, want := range map[string]string{"ÉLÈVE": "eleve", "Œuvre, ﬁn!": "oeuvre, fin!", "naïve": "naive", "ascii": "ascii", "Straße": "strasse"} {
		if got := Fold(s); got != want {
			t.Errorf("Fold(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestMatchingDoesNotAllocatePerWord(t *testing.T) {
	text := strings.Repeat("Les habitantes du quartier proposent d'aménager un jardin partagé près de l'école élémentaire. ", 20)
	m := NewMatcher("jardinage ecoles", French)
	m.Match(text)
	if n := testing.AllocsPerRun(10, func() { m.Match(text) }); n > 0 {
		t.Errorf("%v allocations to match a text", n)
	}
}

func BenchmarkMatcher(b *testing.B) {
	var texts []string
	words := strings.Fields("Les habitantes du quartier proposent d'aménager un jardin partagé près de l'école élémentaire atelier comptabilité association bénévole budget réunion trésorière équipe artisan accueil")
	for i := range 5000 {
		var t strings.Builder
		for k := range 60 {
			t.WriteString(words[(i*7+k*k)%len(words)])
			t.WriteByte(' ')
		}
		texts = append(texts, t.String())
	}
	for _, query := range []string{"infirmier", "art", "comptable trésorier", "écoles", "a"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				m := NewMatcher(query, French)
				for _, t := range texts {
					m.Match(t)
				}
			}
		})
	}
}

func TestAbbreviationsAreTypedAsTheyAreLookedUp(t *testing.T) {
	n := 0
	for key, long := range abbreviations() {
		n++
		lang, short, _ := strings.Cut(key, " ")
		if Fold(short) != short || Stop(short, lang) {
			t.Errorf("%s is never met", key)
		}
		if len(Analyse(long, lang)) == 0 {
			t.Errorf("%s stands for nothing", key)
		}
	}
	if n < 80 || Expand("rh", French) != "ressources humaines" || Expand("rh", English) != "" {
		t.Errorf("%d abbreviations, rh → %q", n, Expand("rh", French))
	}
}

func TestIrregularFormsAreFoundByTheMatcher(t *testing.T) {
	for lang, v := range irregulars() {
		if len(v.reading) < 50 {
			t.Errorf("%s: %d forms", lang, len(v.reading))
		}
		for form := range v.reading {
			term := Stem(form, lang)
			if head := headOf(term, lang); head == "" || !strings.HasPrefix(form, head) || !strings.HasPrefix(term, head) {
				t.Errorf("%s has the term %s, which begins with %q", form, term, head)
			}
		}
	}
	for query, text := range map[string]string{"tenir": "j'ai tenu", "comprendre": "compris", "prendre": "elle prenait", "mettre": "mis en page"} {
		if !NewMatcher(query, French).Match(text) {
			t.Errorf("%q is not found in %q", query, text)
		}
	}
	if !NewMatcher("teach", English).Match("she taught") {
		t.Error("teach is not found in taught")
	}
}
