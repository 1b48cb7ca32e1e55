package expedition

import (
	"context"

	"digiwork/internal/kernel"
)

// SampleID names the example that comes with the program.
const SampleID kernel.ExpeditionID = "digiwork-2013-2015"

func sample(id kernel.ExpeditionID) bool { return id == SampleID }

// sampleBook is the example in the reader's language.
func sampleBook(_ context.Context) *Book {
	return newBook(Expedition{ID: SampleID, Visibility: Public, Lang: "fr"}, nil, nil, nil)
}
