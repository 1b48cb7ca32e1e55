package main

import (
	"cmp"
	"math"
	"slices"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
)

// plain is the fastest simple program to compare with: BM25 over all the labels
// of a concept as one text, with the words folded and stemmed.
type plain struct {
	read  french.Analyser
	uris  []string
	posts map[string]map[int]float64 // term → place → count
	size  []float64
	mean  float64
}

// newPlain indexes the concepts of one kind in one language.
func newPlain(lang string, kind taxonomy.Kind, book *taxonomy.Book) *plain {
	p := &plain{read: french.Analyser{Lang: lang}, posts: map[string]map[int]float64{}}
	at := map[int]int{}
	add := func(c int, l taxonomy.Label) {
		if l.Lang != lang {
			return
		}
		for _, t := range p.read.Terms(nil, l.Text) {
			if p.posts[t] == nil {
				p.posts[t] = map[int]float64{}
			}
			p.posts[t][c]++
			p.size[c]++
		}
	}
	for i := range book.Concepts {
		if c := &book.Concepts[i]; c.Kind == kind {
			at[i] = len(p.uris)
			p.uris, p.size = append(p.uris, c.URI), append(p.size, 0)
			for _, l := range c.Labels {
				add(at[i], l)
			}
		}
	}
	for i := range book.Concepts {
		if c := &book.Concepts[i]; c.Kind == taxonomy.Title && kind == taxonomy.Occupation {
			book.Linked(i, taxonomy.TitleOf, func(to int) bool {
				for _, l := range c.Labels {
					add(at[to], l)
				}
				return true
			})
		}
	}
	for _, s := range p.size {
		p.mean += s / float64(len(p.size))
	}
	return p
}

// ask ranks by BM25 with k = 1.2 and b = 0.75.
func (p *plain) ask(text string) []skills.Suggestion {
	score := map[int]float64{}
	seen := map[string]bool{}
	for _, t := range p.read.Terms(nil, text) {
		if seen[t] {
			continue
		}
		seen[t] = true
		df := float64(len(p.posts[t]))
		idf := math.Log(1 + (float64(len(p.uris))-df+0.5)/(df+0.5))
		for c, n := range p.posts[t] {
			score[c] += idf * n * 2.2 / (n + 1.2*(0.25+0.75*p.size[c]/p.mean))
		}
	}
	var all []skills.Suggestion
	for c, s := range score {
		all = append(all, skills.Suggestion{URI: p.uris[c], Score: s})
	}
	slices.SortFunc(all, func(a, b skills.Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.URI, b.URI))
	})
	return all[:min(len(all), 10)]
}
