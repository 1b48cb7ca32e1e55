package expedition

import (
	"context"
	"embed"
	"fmt"
	"sync"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

// SampleID names the example that comes with the program: DigiWork, 2013-2015. Facts,
// names and short titles are Fing's, from the sources cited; all prose is ours, and
// marked as interpretation where Fing's text is not known.
const SampleID kernel.ExpeditionID = "digiwork-2013-2015"

func sample(id kernel.ExpeditionID) bool { return id == SampleID }

//go:embed sample/*.json
var sampleFiles embed.FS

// samples are the books of the example by language. They are shared by all readers
// and never written to.
var samples = sync.OnceValue(func() map[string]*Book {
	books := map[string]*Book{}
	for _, lang := range []string{"fr", "en"} {
		raw, err := sampleFiles.ReadFile("sample/" + lang + ".json")
		if err != nil {
			panic(err) // it is part of the program
		}
		f, err := (&Service{}).ReadFile(raw)
		if err != nil {
			panic(fmt.Sprintf("the example in %s: %v", lang, err))
		}
		books[lang] = f.book()
	}
	return books
})

// book is a file as the example is read.
func (f File) book() *Book {
	cards := make([]Card, len(f.Cards))
	var ties []tieRow
	for i, c := range f.Cards {
		cards[i] = Card{ID: c.ID, Kind: c.Kind, Place: i + 1, Title: c.Title, Fields: c.Fields, Ties: map[string][]string{}, Version: 1}
		for _, t := range KindOf(c.Kind).Ties {
			for _, target := range c.Ties[t.Name] {
				ties = append(ties, tieRow{c.ID, t.Name, target})
			}
		}
	}
	x := Expedition{ID: SampleID, Name: f.Name, Question: f.Question, Lang: f.Lang, Licence: f.Licence, Origin: f.Origin, Visibility: Public, Version: 1}
	return newBook(x, cards, ties, func(Card) bool { return true })
}

// sampleBook is the example in the reader's language.
func sampleBook(ctx context.Context) *Book {
	if i18n.Lang(ctx) == "en" {
		return samples()["en"]
	}
	return samples()["fr"]
}
