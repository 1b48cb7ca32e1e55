package intake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// KeyOf is the natural key of an entry: what it is called, with whom and since
// when, without case, accents or punctuation. What may still grow (the end, the
// narrative, the facts) is left out, so that a job that has ended since the last
// import keeps its key. A piece is its bytes; a contact its first address, or the
// name and the organisation.
func KeyOf(e *Entry) string {
	parts := []string{string(e.Kind), e.Type, Fold(e.Title), Fold(e.Organisation), e.Start}
	switch e.Kind {
	case KindPiece:
		if e.Piece != nil {
			sum := sha256.Sum256(e.Piece.Raw)
			return string(KindPiece) + "-" + hex.EncodeToString(sum[:12])
		}
	case KindContact:
		parts = []string{string(e.Kind), Fold(e.Title), Fold(e.Organisation)}
		if e.Card != nil && len(e.Card.Emails) > 0 {
			parts = []string{string(e.Kind), strings.ToLower(e.Card.Emails[0])}
		}
	case KindProfile:
		parts = []string{string(e.Kind), Fold(e.Title)}
	case KindSkill, KindTool, KindLanguage:
		parts = []string{string(e.Kind), Fold(e.Title)}
	case KindActivity, KindDocument:
	}
	return string(e.Kind) + "-" + digest(parts...)
}

// contentOf tells entries of one natural key apart.
func contentOf(e *Entry) string {
	paid := "?"
	if e.Paid != nil {
		paid = fmt.Sprint(*e.Paid)
	}
	parts := []string{
		e.Title, e.Organisation, e.End, e.Place, e.WithWhom, e.Purpose, paid, e.Status, e.Narrative, e.URL,
		fmt.Sprint(e.HoursPerWeek), fmt.Sprint(len(e.Tools), e.Tools), fmt.Sprint(len(e.Methods), e.Methods),
		fmt.Sprint(len(e.Tags), e.Tags), fmt.Sprint(e.Facts),
	}
	if e.Card != nil {
		parts = append(parts, fmt.Sprint(*e.Card))
	}
	return digest(parts...)
}

// digest is 96 bits of SHA-256 over the parts, each with its length.
func digest(parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = append(append(strconv.AppendInt(b, int64(len(p)), 10), ':'), p...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// Fold is a text reduced to what makes it the same word for a reader: lower case,
// without accents, with everything that is neither letter nor digit made one
// space. A text without any letter or digit stays as it is.
func Fold(t string) string {
	if f := fold(t); f != "" {
		return f
	}
	return strings.TrimSpace(t)
}

func fold(t string) string {
	var b strings.Builder
	b.Grow(len(t))
	gap := false
	put := func(r rune) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
	}
	ascii := true
	for i := range len(t) {
		if t[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if !ascii {
		t = ligatures.Replace(norm.NFKD.String(t))
	}
	for _, r := range t {
		put(r)
	}
	return b.String()
}

// ligatures are letters that Unicode does not decompose and people do.
var ligatures = strings.NewReplacer("œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae", "ß", "ss", "ø", "o", "Ø", "o", "ł", "l", "Ł", "l")

// legalForms are words that say under which law an organisation lives, not which
// one it is.
var legalForms = []string{
	"sa", "sas", "sasu", "sarl", "eurl", "scop", "scic", "snc", "sci", "gmbh", "ag", "bv", "b v", "nv", "inc",
	"ltd", "llc", "plc", "corp", "co", "association", "asso", "asbl", "groupe", "group", "company", "societe",
}

// Alike reports whether two entries are probably one thing told twice, for
// instance a job in a LinkedIn export and in a spreadsheet: same kind, names that
// agree, organisations that agree, beginnings that agree as far as both say them.
// It is symmetric; equal entries are alike. Alike is a question for the person:
// only an equal Key is certain.
func Alike(a, b *Entry) bool {
	if a.Kind != b.Kind {
		return false
	}
	if a.Key != "" && a.Key == b.Key {
		return true
	}
	switch a.Kind {
	case KindActivity:
		return alikeActivities(a, b)
	case KindContact, KindProfile:
		return alikeCards(a, b)
	case KindDocument:
		return a.Type == b.Type && Fold(a.Title) == Fold(b.Title) && sameDate(a.Start, b.Start) &&
			(a.Organisation == "" || b.Organisation == "" || sameOrganisation(a.Organisation, b.Organisation))
	case KindPiece:
		return a.Piece != nil && b.Piece != nil && bytes.Equal(a.Piece.Raw, b.Piece.Raw) || a == b
	case KindSkill, KindTool, KindLanguage:
	}
	return Fold(a.Title) == Fold(b.Title)
}

func alikeActivities(a, b *Entry) bool {
	if (a.Type == TypeLearning) != (b.Type == TypeLearning) {
		return false
	}
	titles := Fold(a.Title) == Fold(b.Title)
	if a.Organisation == "" || b.Organisation == "" {
		// Without an organisation, only a name and a month both know are enough.
		return titles && len(a.Start) >= 7 && len(b.Start) >= 7 && a.Start[:7] == b.Start[:7]
	}
	return sameOrganisation(a.Organisation, b.Organisation) && sameDate(a.Start, b.Start) &&
		(titles || sameTitle(a.Title, b.Title))
}

// sameDate reports whether two dates agree as far as both go; unknown agrees with
// unknown only.
func sameDate(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

func sameOrganisation(a, b string) bool { return organisationWords(a) == organisationWords(b) }

func organisationWords(t string) string {
	words := strings.Fields(Fold(t))
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(legalForms, w) })
	if len(kept) == 0 {
		kept = words
	}
	return strings.Join(kept, " ")
}

// sameTitle reports whether at least half of all the words of two titles are in
// both (Jaccard index of their word sets ≥ 1/2).
func sameTitle(a, b string) bool {
	wa, wb := strings.Fields(Fold(a)), strings.Fields(Fold(b))
	slices.Sort(wa)
	slices.Sort(wb)
	wa, wb = slices.Compact(wa), slices.Compact(wb)
	both := 0
	for _, w := range wa {
		if _, ok := slices.BinarySearch(wb, w); ok {
			both++
		}
	}
	return both > 0 && 2*both >= len(wa)+len(wb)-both
}

func alikeCards(a, b *Entry) bool {
	if a.Card != nil && b.Card != nil {
		for _, m := range a.Card.Emails {
			if slices.ContainsFunc(b.Card.Emails, func(o string) bool { return strings.EqualFold(m, o) }) {
				return true
			}
		}
	}
	return Fold(a.Title) == Fold(b.Title) &&
		(a.Organisation == "" || b.Organisation == "" || sameOrganisation(a.Organisation, b.Organisation))
}

// Merge completes what is known with what arrives: it fills what is missing and
// makes a date finer (2019 becomes 2019-03); it never replaces what stands. The
// second result says whether anything was added. Key, Where and Piece stay.
func Merge(known, arriving Entry) (Entry, bool) {
	out := known
	grew := false
	fill := func(p *string, v string) {
		if *p == "" && v != "" {
			*p, grew = v, true
		}
	}
	finer := func(p *string, v string) {
		if len(v) > len(*p) && strings.HasPrefix(v, *p) {
			*p, grew = v, true
		}
	}
	finer(&out.Start, arriving.Start)
	finer(&out.End, arriving.End)
	fill(&out.Organisation, arriving.Organisation)
	fill(&out.Place, arriving.Place)
	fill(&out.WithWhom, arriving.WithWhom)
	fill(&out.Purpose, arriving.Purpose)
	fill(&out.Status, arriving.Status)
	fill(&out.Narrative, arriving.Narrative)
	fill(&out.URL, arriving.URL)
	if out.Paid == nil && arriving.Paid != nil {
		out.Paid, grew = arriving.Paid, true
	}
	if out.HoursPerWeek == 0 && arriving.HoursPerWeek != 0 {
		out.HoursPerWeek, grew = arriving.HoursPerWeek, true
	}
	union := func(p *[]string, more []string) {
		for _, t := range more {
			if !slices.Contains(*p, t) && len(*p) < maxList {
				*p, grew = append(slices.Clip(*p), t), true
			}
		}
	}
	union(&out.Tools, arriving.Tools)
	union(&out.Methods, arriving.Methods)
	union(&out.Tags, arriving.Tags)
	for _, f := range arriving.Facts {
		if out.Fact(f.Name) == "" && len(out.Facts) < maxFacts {
			out.Facts, grew = append(slices.Clip(out.Facts), f), true
		}
	}
	if out.Card != nil && arriving.Card != nil {
		c := *out.Card
		fill(&c.Role, arriving.Card.Role)
		fill(&c.Address, arriving.Card.Address)
		fill(&c.Country, arriving.Card.Country)
		union(&c.Emails, arriving.Card.Emails)
		union(&c.Phones, arriving.Card.Phones)
		union(&c.Links, arriving.Card.Links)
		out.Card = &c
	}
	return out, grew
}
