// Package reference reads and writes bibliographic references: CSL-JSON 1.0, which
// Zotero and Pandoc speak, and BibTeX, which laboratories keep.
//
// A Work holds what a reader needs to find the thing again. Members of CSL-JSON and
// fields of BibTeX that it has no place for are counted in what Read returns, not
// lost in silence.
//
// Sources: the CSL-JSON schema 1.0.2 (citationstyles.org); BibTeX as in O. Patashnik,
// BibTeXing, 1988, with the accents of TeX that files of French laboratories hold.
package reference

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Work is something that was published.
type Work struct {
	ID        string // as the file names it
	Kind      string // of CSL: article-journal, book, chapter, report, webpage, thesis…
	Title     string
	Authors   []Name
	Container string // the journal, the book of a chapter
	Publisher string
	Place     string
	Issued    string // 2019, 2019-03 or 2019-03-02; empty when nobody says
	Address   string // http or https
	DOI       string
	ISBN      string
	Pages     string
	Volume    string
	Issue     string
	Language  string
	Abstract  string
	Note      string
	Keywords  []string
}

// Name is a person, or a body that has one name.
type Name struct{ Family, Given, Literal string }

// String is the name in the order of its language.
func (n Name) String() string {
	if n.Literal != "" {
		return n.Literal
	}
	return strings.TrimSpace(n.Given + " " + n.Family)
}

// Bounds of what is read.
const (
	mostBytes = 16 << 20
	mostWorks = 10_000
	mostText  = 20_000 // characters of one field
	mostNames = 500
)

// ErrTooLarge says that a file is larger than any library somebody imports: 16 MiB
// or 10,000 works.
var ErrTooLarge = errors.New("the list of references is too large")

// clean is text on one line, within bounds.
func clean(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > mostText && utf8.RuneCountInString(s) > mostText {
		s = string([]rune(s)[:mostText])
	}
	return s
}

// address is s if it is the address of a page.
func address(s string) string {
	s = clean(s)
	if l := strings.ToLower(s); strings.HasPrefix(l, "http://") || strings.HasPrefix(l, "https://") {
		return s
	}
	return ""
}
