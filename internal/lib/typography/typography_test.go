package typography

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFrench(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Qui regarde ?":                      "Qui regarde\u202f?",
		"Attention ; lisez":                  "Attention\u202f; lisez",
		"Voici : un lien":                    "Voici\u00a0: un lien",
		"« Pour moi »":                       "«\u00a0Pour moi\u00a0»",
		"« {name} » ?":                       "«\u00a0{name}\u00a0»\u202f?",
		"\"cité\"":                           "«\u00a0cité\u00a0»",
		"25 Mo au plus":                      "25\u00a0Mo au plus",
		"{size} Mo, {n} membres":             "{size}\u00a0Mo, {n} membres",
		"à 14 h 05, le 1er mars, le 23 juin": "à 14\u00a0h\u00a005, le 1er\u00a0mars, le 23\u00a0juin",
		"1 214 personnes en 2019 2020":       "1\u00a0214 personnes en 2019 2020",
		"12 345 678 octets":                  "12\u00a0345\u00a0678\u00a0octets",
		"l'outil d'Élodie, rock 'n roll":     "l’outil d’Élodie, rock 'n roll",
		"l'{name}":                           "l’{name}",
		"http://a.fr :8080 14:05":            "http://a.fr :8080 14:05",
		"Quoi ?!":                            "Quoi\u202f?!",
		"":                                   "",
		"Rien":                               "Rien",
		"3 habitants, 3 h de travail":        "3 habitants, 3\u00a0h de travail",
		"10 000 lignes":                      "10\u00a0000 lignes",
		"de 2019 à 2021, 100 % et 3 €, 12 1234": "de 2019 à 2021, 100\u00a0% et 3\u00a0€, 12 1234",
	} {
		if got := French(in); got != want {
			t.Errorf("French(%q)\n got %+q\nwant %+q", in, got, want)
		}
	}
}

func TestEnglish(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`Don't say "yes" (or "no").`: "Don’t say “yes” (or “no”).",
		"Who looks?":                 "Who looks?",
		"25 MB at most":              "25\u00a0MB at most",
		`Show "{name}" until then`:   "Show “{name}” until then",
		"the person's words : odd":   "the person’s words : odd",
	} {
		if got := English(in); got != want {
			t.Errorf("English(%q)\n got %+q\nwant %+q", in, got, want)
		}
	}
}

// Setting twice changes nothing more, and the words stay the same.
func TestSettingIsStable(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`[a-zé «»:;!?'"0-9{}%h€.,-]{0,40}`)
	rapid.Check(t, func(t *rapid.T) {
		s := text.Draw(t, "s")
		for name, f := range map[string]func(string) string{"French": French, "English": English} {
			once := f(s)
			if twice := f(once); twice != once {
				t.Fatalf("%s(%q) = %+q, then %+q", name, s, once, twice)
			}
		}
	})
}
