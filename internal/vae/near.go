package vae

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"
)

// Known is something a person says she did or knows how to do: a competence she
// named, or an activity she told.
type Known struct {
	ID         kernel.ItemID
	Title      string
	Text       string
	Competence bool            // she named it as a competence
	Activities []kernel.ItemID // that carry it; itself, for an activity
	Carried    []string        // titles of the other activities that carry it
	Pieces     []string        // titles of what proves it or its activities
	Attested   []string        // who recognised it
}

// Nearness says how close what she says is to what a bloc asks. It is read from words
// alone, and says nothing of her.
type Nearness string

// The nearnesses.
const (
	Has     Nearness = "has"
	Partly  Nearness = "partly"
	Missing Nearness = "missing"
)

// Reason is why a competence of a bloc looks near: what she said, and the words both
// share, as she wrote them.
type Reason struct {
	Known *Known
	Words []string
	cover float64
}

// Near is one competence of a bloc beside what she says.
type Near struct {
	Competence
	Nearness Nearness
	Because  []Reason // the closest first, at most three
}

// Thresholds: the part of the words of a competence, weighed, that one thing she says
// must hold. Chosen on the cases of near_test.go.
const (
	coverHas    = 0.5
	coverPartly = 0.22
	sayLeast    = 1.1 // weight of the words shared: one word of everyday work is no reason
	massMost    = 7.0 // a long competence is met when seven words of weight are
	becauseMost = 3
)

// near compares each competence of a bloc with all she says.
func near(b Bloc, known []Known) []Near {
	points := b.points()
	all := make([]Near, len(points))
	said := make([]words, len(known))
	for i := range known {
		said[i] = wordsOf(known[i].Title + " " + known[i].Text)
	}
	for i, k := range points {
		all[i] = nearOne(k, known, said)
	}
	return all
}

func nearOne(k Competence, known []Known, said []words) Near {
	n := Near{Competence: k, Nearness: Missing}
	asked := wordsOf(k.Text)
	mass := math.Min(asked.mass(), massMost)
	for i := range known {
		met := said[i].also(asked)
		if !says(met) {
			continue
		}
		if cover := met.mass() / mass; cover >= coverPartly {
			n.Because = append(n.Because, Reason{Known: &known[i], Words: met.list, cover: cover})
		}
	}
	slices.SortStableFunc(n.Because, func(p, q Reason) int {
		return cmp.Or(cmp.Compare(q.cover, p.cover), cmp.Compare(rank(p.Known), rank(q.Known)))
	})
	n.Because = n.Because[:min(becauseMost, len(n.Because))]
	if len(n.Because) > 0 {
		n.Nearness = Partly
		if n.Because[0].cover >= coverHas {
			n.Nearness = Has
		}
	}
	return n
}

// rank puts competences she named before activities.
func rank(k *Known) int {
	if k.Competence {
		return 0
	}
	return 1
}

// words are the meaningful words of a text: terms, and how the text spells them.
type words struct {
	terms []string
	list  []string
}

func wordsOf(text string) words {
	var w words
	for _, t := range french.Analyse(text, french.Guess(text)) {
		if !slices.Contains(w.terms, t.Term) {
			w.terms, w.list = append(w.terms, t.Term), append(w.list, strings.ToLower(text[t.Start:t.End]))
		}
	}
	return w
}

// also are the words of w that the other has too.
func (w words) also(other words) words {
	var met words
	for i, t := range w.terms {
		if slices.Contains(other.terms, t) {
			met.terms, met.list = append(met.terms, t), append(met.list, w.list[i])
		}
	}
	return met
}

func (w words) mass() float64 {
	sum := 0.0
	for _, t := range w.terms {
		sum += weightOf(t)
	}
	return sum
}

func common(said, asked string) words { return wordsOf(said).also(wordsOf(asked)) }

// says reports whether shared words are a reason to show.
func says(met words) bool { return met.mass() >= sayLeast }

// everyday are words that every referential and every account of work is full of:
// alone they tell nothing.
var everyday = func() map[string]bool {
	all := map[string]bool{}
	for _, t := range french.Analyse(`
		réaliser assurer effectuer mettre œuvre participer utiliser gérer organiser faire élaborer définir identifier
		analyser adapter appliquer respecter prendre compte permettre garantir contribuer proposer suivre communiquer
		activité action travail projet équipe client clientèle service entreprise structure situation professionnel
		compétence outil moyen besoin objectif objet cadre contexte domaine niveau type ensemble différent demande
		règle réglementation procédure qualité sécurité information document technique méthode résultat personne
		interne externe nouveau bon chaque jour année temps association`, french.French) {
		all[t.Term] = true
	}
	for _, t := range french.Analyse(`
		make carry ensure manage organise use apply identify analyse adapt take account allow contribute propose follow
		activity action work project team client customer service company situation professional skill tool means need
		aim frame context field level type whole different request rule procedure quality safety information document
		technique method result person internal external new good each day year time association`, french.English) {
		all[t.Term] = true
	}
	return all
}()

// weightOf is how much a term tells.
func weightOf(term string) float64 {
	switch {
	case everyday[term]:
		return 0.3
	case len(term) < 3:
		return 0.5
	}
	return 1
}

// rarity is the inverse document frequency of a term.
func rarity(in, of int) float64 { return math.Log(1 + float64(of)/float64(in)) }

func distinct(terms []string) []string {
	slices.Sort(terms)
	return slices.Compact(terms)
}
