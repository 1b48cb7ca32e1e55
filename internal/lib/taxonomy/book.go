package taxonomy

import (
	"cmp"
	"slices"
)

// Scheme names a referential, as the command line does.
type Scheme string

// The schemes that can be imported.
const (
	ESCO      Scheme = "esco"
	ROME      Scheme = "rome"
	RomeESCO  Scheme = "rome-esco" // the crosswalk between the two
	RNCP      Scheme = "rncp"      // and RS
	Formacode Scheme = "formacode"
)

// Schemes lists them.
var Schemes = []Scheme{ESCO, ROME, RomeESCO, RNCP, Formacode}

// Notice is the sentence of attribution that the licence of a scheme asks to
// show, in the language it is given in; empty when none is asked.
func (s Scheme) Notice() string {
	switch s {
	case ESCO, RomeESCO:
		return "This service uses the ESCO classification of the European Commission."
	case ROME:
		return "Source : France Travail, ROME 4.0 (Licence Ouverte 2.0)."
	case RNCP:
		return "Source : France compétences, RNCP et RS (Licence Ouverte 2.0)."
	case Formacode:
		return "Formacode : Centre Inffo."
	}
	return ""
}

// Kind says what a concept is. Stored: the numbers never change.
type Kind uint8

// The kinds.
const (
	Skill         Kind = iota + 1 // a competence, a knowledge, a way of being
	Occupation                    // a trade
	Title                         // a job title, that names an occupation (ROME: appellation)
	Group                         // of occupations or of skills
	Certification                 // of RNCP or RS
	Bloc                          // of competences, in a certification
	Field                         // of training (Formacode)
)

var kindNames = [...]string{"", "skill", "occupation", "title", "group", "certification", "bloc", "field"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// Role says how good a label is.
type Role uint8

// The roles, the best first.
const (
	Preferred   Role = iota + 1
	Alternative      // as good a name
	Hidden           // found by, not shown
)

// Label is a name of a concept.
type Label struct {
	Lang string // "fr", "en"
	Role Role
	Text string
}

// Note is a text about a concept: its description or definition.
type Note struct{ Lang, Text string }

// Fact is one more thing known of a concept; names are those of facts.go.
type Fact struct{ Name, Value string }

// Relation says how a concept stands to another. Stored: the numbers never change.
type Relation uint8

// The relations, read "the concept … the other".
const (
	Essential   Relation = iota + 1 // occupation needs skill
	Optional                        // occupation may need skill
	Broader                         // is narrower than the other
	TitleOf                         // title names occupation
	PartOf                          // bloc of certification
	ReplacedBy                      // old, the other takes its place
	Related                         // stands near
	Exact                           // the same thing in another scheme
	Close                           // nearly the same
	BroadMatch                      // the other is wider
	NarrowMatch                     // the other is narrower
)

// Link ties a concept to another of the same book, by its place in it.
type Link struct {
	To       int32
	Relation Relation
}

// Ref ties a concept to one of another book.
type Ref struct {
	URI      string
	Relation Relation
}

// Concept is one entry of a book.
type Concept struct {
	URI    string // as the scheme names it; see uri.go for the schemes without one
	Code   string // short code people use: M1203, 2654.1.7, RNCP37191BC02
	Kind   Kind
	Nature string // the scheme's own word: "knowledge", "transversal", "RNCP"
	Closed bool   // no longer in force
	Labels []Label
	Notes  []Note
	Facts  []Fact
	Links  []Link
	Refs   []Ref
}

// Label is the name to show in a language: the preferred one, else that of
// another language, else the code.
func (c *Concept) Label(lang string) string {
	best, score := c.Code, -1
	for _, l := range c.Labels {
		s := 0
		if l.Lang == lang {
			s += 4
		}
		if l.Role == Preferred {
			s += 2
		}
		if l.Lang == "fr" || l.Lang == "en" {
			s++
		}
		if l.Role != Hidden && s > score {
			best, score = l.Text, s
		}
	}
	return best
}

// Note is the description in a language, or none.
func (c *Concept) Note(lang string) string {
	for _, n := range c.Notes {
		if n.Lang == lang {
			return n.Text
		}
	}
	return ""
}

// Fact is the values known under a name.
func (c *Concept) Fact(name string) []string {
	var all []string
	for _, f := range c.Facts {
		if f.Name == name {
			all = append(all, f.Value)
		}
	}
	return all
}

// Names of facts.
const (
	FactLevel      = "level"      // of qualification: NIV3 … NIV8
	FactUntil      = "until"      // end of registration, YYYY-MM-DD
	FactCertifier  = "certifier"  // who grants it
	FactAccess     = "access"     // a way to it: "Par expérience" is VAE
	FactSpeciality = "speciality" // NSF code and name
	FactReuse      = "reuse"      // ESCO: transversal, cross-sector, sector-specific, occupation-specific
	FactRegulated  = "regulated"  // the trade is regulated
	FactTheme      = "theme"      // family or axis in its scheme
)

// Book is one version of one scheme. It is read-only once made.
type Book struct {
	Scheme   Scheme
	Version  string // "1.1.1", "v460", "2024-02-22"
	Langs    []string
	Sources  []Source
	Digest   string // of the content, hex
	Concepts []Concept
}

// Source is a file that a book was read from.
type Source struct {
	Name string `json:"name"`
	Rows int    `json:"rows"`
}

// Find is the place of a URI among the concepts, or of a code when nothing has that URI.
func (b *Book) Find(uri string) (int, bool) {
	if i, ok := slices.BinarySearchFunc(b.Concepts, uri, func(c Concept, u string) int { return cmp.Compare(c.URI, u) }); ok {
		return i, true
	}
	if u := codeURI(b.Scheme, uri); u != "" {
		return slices.BinarySearchFunc(b.Concepts, u, func(c Concept, u string) int { return cmp.Compare(c.URI, u) })
	}
	return 0, false
}

// Linked calls yield with each concept tied to the one at i by a relation.
func (b *Book) Linked(i int, r Relation, yield func(to int) bool) {
	for _, l := range b.Concepts[i].Links {
		if l.Relation == r && !yield(int(l.To)) {
			return
		}
	}
}

// Count is the number of concepts of each kind.
func (b *Book) Count() map[Kind]int {
	n := map[Kind]int{}
	for i := range b.Concepts {
		n[b.Concepts[i].Kind]++
	}
	return n
}
