package peer

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"

	"golang.org/x/text/unicode/norm"
)

const (
	maxName     = 80   // runes, as all below
	maxRelation = 200  // how somebody knows somebody
	maxWords    = 4000 // what she saw
)

// Sight says how somebody knows what she writes.
type Sight string

// The two ways of knowing.
const (
	FirstHand Sight = "seen"  // she was there
	Reported  Sight = "heard" // others told her, or she saw what came of it
)

// Identity says what this program knows of who wrote a word.
type Identity string

// What is known of an author.
const (
	ByAccount Identity = "account" // an account of this instance
	ByAddress Identity = "address" // a code mailed to her address came back
	Unchecked Identity = "none"    // the link was handed over by the subject herself
)

// Answer is what somebody says she saw.
type Answer struct {
	Name        string // of a guest; an account brings its own
	Relation    string
	Start, End  kernel.Date
	Sight       Sight
	Competences []int // places in the request's list: some, not all
	Words       string
}

var (
	errName     = kernel.NewFault(kernel.Invalid, "peer.answer.name").On("name").With("max", maxName)
	errRelation = kernel.NewFault(kernel.Invalid, "peer.answer.relation").On("relation").With("max", maxRelation)
	errDates    = kernel.NewFault(kernel.Invalid, "peer.answer.dates").On("end")
	errSight    = kernel.NewFault(kernel.Invalid, "peer.answer.sight").On("sight")
	errPicked   = kernel.NewFault(kernel.Invalid, "peer.answer.competences").On("competences")
	errWords    = kernel.NewFault(kernel.Invalid, "peer.answer.words").On("words").With("max", maxWords)
)

// checked is the answer cleaned, or every refusal at once. asked is how many
// competences the request names.
func (a Answer) checked(asked int) (Answer, error) {
	var errs []error
	wrong := func(bad bool, err error) {
		if bad {
			errs = append(errs, err)
		}
	}
	a.Name, a.Relation, a.Words = oneLine(a.Name), oneLine(a.Relation), strings.TrimSpace(norm.NFC.String(a.Words))
	wrong(outside(a.Name, maxName), errName)
	wrong(outside(a.Relation, maxRelation), errRelation)
	wrong(a.Start != "" && a.End != "" && a.Start.First().After(a.End.Last()), errDates)
	wrong(a.Sight != FirstHand && a.Sight != Reported, errSight)
	wrong(outside(a.Words, maxWords), errWords)
	slices.Sort(a.Competences)
	a.Competences = slices.Compact(a.Competences)
	wrong(slices.ContainsFunc(a.Competences, func(i int) bool { return i < 0 || i >= asked }), errPicked)
	return a, errors.Join(errs...)
}

// oneLine is a text without line breaks and spaces around.
func oneLine(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// outside reports whether a text is empty or longer than most runes.
func outside(s string, most int) bool { return s == "" || utf8.RuneCountInString(s) > most }
