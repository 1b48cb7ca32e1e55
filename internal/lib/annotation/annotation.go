// Package annotation keeps a highlight on the words it was made for, also after the
// text around them has changed.
//
// A Selector says a passage in two ways, as W3C Web Annotation does: by its words
// with what stands before and after (TextQuoteSelector, section 4.2.4 of the Web
// Annotation Data Model) and by its position (TextPositionSelector, 4.2.5).
// Positions count characters (Unicode code points) from 0, the end excluded, as the
// model asks.
//
// Anchor finds the passage again: where it was, else where its words stand now,
// else where nearly its words stand in nearly its surroundings. A passage that
// cannot be found is said to be lost, never guessed.
package annotation

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// around is how many characters of the surroundings a selector keeps on each side.
const around = 32

// Selector is a passage of a text.
type Selector struct {
	Exact  string `json:"exact"`
	Prefix string `json:"prefix,omitempty"`
	Suffix string `json:"suffix,omitempty"`
	Start  int    `json:"start"`
	End    int    `json:"end"`
}

// ErrRange says that a passage is empty or outside the text.
var ErrRange = errors.New("the passage is not inside the text")

// ErrLost says that a passage is not in the text any more.
var ErrLost = errors.New("the passage is not in the text any more")

// Select makes the selector of the characters start to end of text, end excluded.
//
// ErrRange if there is none.
func Select(text string, start, end int) (Selector, error) {
	r := []rune(text)
	if start < 0 || end > len(r) || start >= end {
		return Selector{}, ErrRange
	}
	return Selector{
		Exact: string(r[start:end]), Start: start, End: end,
		Prefix: string(r[max(0, start-around):start]), Suffix: string(r[end:min(len(r), end+around)]),
	}, nil
}

// Anchor gives the passage of s in text as it is now: a selector made anew.
//
// ErrLost if it is not there, or if it is there several times and nothing tells
// which one.
func Anchor(s Selector, text string) (Selector, error) {
	r := []rune(text)
	if s.Start >= 0 && s.End <= len(r) && s.Start < s.End && string(r[s.Start:s.End]) == s.Exact {
		return Select(text, s.Start, s.End)
	}
	if s.Exact == "" {
		return Selector{}, ErrLost
	}
	if at, ok := byWords(s, text); ok {
		return Select(text, at, at+utf8.RuneCountInString(s.Exact))
	}
	if start, end, ok := near(s, r); ok {
		return Select(text, start, end)
	}
	return Selector{}, ErrLost
}

// byWords finds the words of s, where their surroundings fit best. Two places that
// fit alike are told apart by which is nearer to where it was.
func byWords(s Selector, text string) (at int, ok bool) {
	best, ties := -1, 0
	runes := 0 // characters before the byte we are at
	for from, rest := 0, text; ; {
		i := strings.Index(rest, s.Exact)
		if i < 0 {
			break
		}
		runes += utf8.RuneCountInString(rest[:i])
		from += i
		fit := common(reverse(text[:from]), reverse(s.Prefix)) + common(text[from+len(s.Exact):], s.Suffix)
		switch {
		case fit > best:
			best, at, ties = fit, runes, 1
		case fit == best:
			ties++
			if abs(runes-s.Start) < abs(at-s.Start) {
				at = runes
			}
		}
		_, n := utf8.DecodeRuneInString(text[from:])
		from, rest = from+n, text[from+n:]
		runes++
	}
	if best < 0 || ties > 1 && best == 0 && s.Prefix+s.Suffix != "" {
		return 0, false
	}
	return at, true
}

// near finds a passage of about the length of s whose words changed a little: at
// most a fifth of its characters (edit distance, Sellers 1980: the pattern may begin
// anywhere). Short passages must be found as they are.
func near(s Selector, text []rune) (start, end int, ok bool) {
	const shortest, longest = 16, 1000 // characters of a passage that may have changed
	want := []rune(s.Exact)
	if len(want) < shortest || len(want) > longest {
		return 0, 0, false
	}
	budget := len(want) / 5
	// cost[j] is the least number of changes that make the first j characters of want
	// from some passage that ends here; from[j] is where that passage begins.
	cost, from := make([]int, len(want)+1), make([]int, len(want)+1)
	for j := range cost {
		cost[j] = j
	}
	best, again := budget+1, false
	for i, c := range text {
		diagonal, begun := cost[0], from[0]
		cost[0], from[0] = 0, i+1
		for j := 1; j <= len(want); j++ {
			least, origin := diagonal, begun // keep or replace
			if want[j-1] != c {
				least++
			}
			diagonal, begun = cost[j], from[j]
			if diagonal+1 < least { // c is new
				least, origin = diagonal+1, begun
			}
			if cost[j-1]+1 < least { // want[j-1] is gone
				least, origin = cost[j-1]+1, from[j-1]
			}
			cost[j], from[j] = least, origin
		}
		switch d := cost[len(want)]; {
		case d < best:
			best, again = d, false
			start, end = from[len(want)], i+1
		case d == best && best <= budget && from[len(want)] >= end:
			again = true // as good elsewhere: nothing tells which
		}
	}
	return start, end, best <= budget && !again && start < end
}

// common is how many characters two texts share from their beginning.
func common(a, b string) int {
	n := 0
	for i, c := range b {
		d, size := utf8.DecodeRuneInString(a[min(i, len(a)):])
		if size == 0 || c != d {
			break
		}
		n++
	}
	return n
}

// reverse turns the last characters of a text around, as many as surroundings keep.
func reverse(s string) string {
	var b strings.Builder
	for n := 0; s != "" && n < around; n++ {
		c, size := utf8.DecodeLastRuneInString(s)
		b.WriteRune(c)
		s = s[:len(s)-size]
	}
	return b.String()
}

func abs(n int) int { return max(n, -n) }
