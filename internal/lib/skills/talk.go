package skills

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"

	"digiwork/internal/lib/french"
)

//go:embed talk.txt
var talkFile string

// talk is what in an advertisement is not about the work (talk.txt).
type talk struct {
	words, company  map[string]bool
	phrases, people phraseBook
}

// phraseBook is phrases by their first word, each followed by a space.
type phraseBook map[string][]string

func (b phraseBook) add(phrase string) {
	first, _, _ := strings.Cut(phrase, " ")
	b[first] = append(b[first], phrase+" ")
}

// in says whether a text of words between single spaces has one of the phrases.
func (b phraseBook) in(words string) bool {
	words += " "
	for words != "" {
		first, rest, _ := strings.Cut(words, " ")
		for _, p := range b[first] {
			if strings.HasPrefix(words, p) {
				return true
			}
		}
		words = rest
	}
	return false
}

var theTalk = sync.OnceValue(func() *talk {
	t := &talk{words: map[string]bool{}, company: map[string]bool{}, phrases: phraseBook{}, people: phraseBook{}}
	for line := range strings.Lines(talkFile) {
		kind, entry, _ := strings.Cut(strings.TrimSpace(line), " ")
		entry = strings.TrimSpace(entry)
		switch kind {
		case "word":
			t.words[entry] = true
		case "company":
			t.company[onlyWords(entry)] = true
		case "phrase":
			t.phrases.add(onlyWords(entry))
		case "person":
			t.people.add(onlyWords(entry))
		}
	}
	return t
})

// onlyWords is the folded words of s between single spaces.
func onlyWords(s string) string {
	return strings.Join(strings.FieldsFunc(french.Fold(s), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r > 0x7F && r != '’' && r != '«' && r != '»' && r != '·' && r != '•' && r != '–' && r != '—')
	}), " ")
}

// blanks are the marks that stand for what was taken out of a text.
var blanks = regexp.MustCompile(`<[A-Z_ ]{2,30}>`)

const maxHeadingWords = 6

// work gives the parts of a text that may speak of the work done: neither
// headings, nor what stands under a heading that announces the company, nor
// sentences by which it speaks of itself. What stands after the colon of a
// heading is kept.
func (t *talk) work(text string, all []part) []part {
	kept := all[:0:0]
	company := false
	for _, p := range all {
		said := text[p.start:p.end]
		if before, _, ok := strings.Cut(said, ":"); ok && t.heading(before) {
			company = t.company[onlyWords(before)]
			p.start += len(before) + 1
			said = text[p.start:p.end]
		}
		words := onlyWords(said)
		switch {
		case words == "":
			continue
		case t.heading(said):
			company = t.company[words]
			continue
		case company:
			continue
		}
		if t.phrases.in(words) && !t.people.in(words) {
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// heading says whether a short line is made of words of headings only.
func (t *talk) heading(line string) bool {
	words := onlyWords(line)
	if t.company[words] {
		return true
	}
	n := 0
	for w := range strings.FieldsSeq(words) {
		if n++; n > maxHeadingWords {
			return false
		}
		if !t.words[w] && !french.Stop(w, french.French) && !french.Stop(w, french.English) && len(w) > 1 {
			return false
		}
	}
	return n > 0
}
