package recognition

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"
	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
)

// Find is what a telling or an activity suggests.
type Find struct {
	ID      kernel.ItemID // of what was read
	Title   string
	Post    string // title of a job or activity, where there is one
	Text    string
	Plain   []Hint // of our own list, in everyday words, beside those of referentials
	Skills  []Hint
	Trades  []Hint
	Notices []string        // attribution, where a licence asks for it
	Links   []kernel.ItemID // what a competence kept from here shows in
	Small   bool            // nothing is imported: only our starter list suggests
}

// Hint is a suggestion as a person reads it.
type Hint struct {
	skills.Suggestion
	Lines []Excerpt // of her text, where its words are
	Kept  bool      // one of her competences names it already
}

// Excerpt is a line of a text with the words that led to a suggestion.
type Excerpt []Stretch

// Stretch is a part of a line; Led says that it is one of those words.
type Stretch struct {
	Text string
	Led  bool
}

// How many competences and trades are offered at once.
const (
	plainMost  = 8
	skillsMost = 20
	tradesMost = 5
)

// Find reads a telling of the actor's, or something of her musette, and suggests
// competences and trades. Nothing is kept.
//
// NotFound if she has nothing with this id.
func (s *Service) Find(ctx context.Context, id kernel.ItemID) (*Find, error) {
	f, err := s.told(ctx, id)
	if err != nil {
		return nil, err
	}
	mine, err := s.Competences(ctx)
	if err != nil {
		return nil, err
	}
	e, err := s.Source.Engine()
	if err != nil {
		return nil, err
	}
	ask := func(e *skills.Engine, want taxonomy.Kind, limit int) ([]Hint, error) {
		found, err := suggest(ctx, e, skills.Query{Title: f.Post, Text: f.Text, Want: want, Limit: limit})
		var all []Hint
		for _, one := range found {
			h := Hint{Suggestion: one, Lines: excerpts(f.Text, one.Words)}
			for _, c := range mine {
				h.Kept = h.Kept || c.Has(one.URI)
			}
			all = append(all, h)
		}
		f.Notices = append(f.Notices, skills.Notices(found)...)
		return all, err
	}
	if f.Skills, err = ask(e, taxonomy.Skill, skillsMost); err != nil {
		return nil, err
	}
	if f.Trades, err = ask(e, taxonomy.Occupation, tradesMost); err != nil {
		return nil, err
	}
	if f.Small = e.Size()[taxonomy.ESCO]+e.Size()[taxonomy.ROME] == 0; !f.Small {
		if f.Plain, err = ask(s.Source.Everyday(), taxonomy.Skill, plainMost); err != nil {
			return nil, err
		}
	}
	f.Notices = distinct(f.Notices)
	return f, nil
}

// told is the text of a telling or of a thing of the musette.
func (s *Service) told(ctx context.Context, id kernel.ItemID) (*Find, error) {
	all, err := s.Carriers(ctx)
	if err != nil {
		return nil, err
	}
	if isTelling(id) {
		t, err := s.Telling(ctx, id)
		if err != nil {
			return nil, err
		}
		f := &Find{ID: id, Title: t.Title, Text: t.Story(), Links: []kernel.ItemID{t.ID}}
		if c, ok := all.Find(t.Of); ok {
			f.Links, f.Post = append(f.Links, t.Of), c.Title
		}
		return f, nil
	}
	c, ok := all.Find(id)
	if !ok || c.Piece {
		return nil, errNoItem
	}
	return &Find{ID: id, Title: c.Title, Post: c.Title, Text: c.Text, Links: []kernel.ItemID{id}}, nil
}

// turns bounds how many texts are read at once: reading is all work, and what waits
// keeps nothing.
var turns = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))

// Suggest reads a text and proposes competences and trades.
func (s *Service) Suggest(ctx context.Context, q skills.Query) ([]skills.Suggestion, error) {
	e, err := s.Source.Engine()
	if err != nil {
		return nil, err
	}
	return suggest(ctx, e, q)
}

func suggest(ctx context.Context, e *skills.Engine, q skills.Query) ([]skills.Suggestion, error) {
	select {
	case turns <- struct{}{}:
		defer func() { <-turns }()
		return e.Suggest(q), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Bounds of an excerpt.
const (
	linesMost   = 2
	excerptMost = 160 // bytes on either side of the words
)

// excerpts are the lines of a text in which words stand, with these words set apart.
func excerpts(text string, words []french.Span) []Excerpt {
	var all []Excerpt
	for i := 0; i < len(words) && len(all) < linesMost; {
		start, end := lineAround(text, words[i])
		var line Excerpt
		at := start
		for ; i < len(words) && words[i].Start >= at && words[i].End <= end; i++ {
			line = append(line, Stretch{Text: text[at:words[i].Start]}, Stretch{text[words[i].Start:words[i].End], true})
			at = words[i].End
		}
		if at == start { // a word before the ones read: never twice
			i++
			continue
		}
		all = append(all, append(line, Stretch{Text: text[at:end]}))
	}
	return all
}

// lineAround is the sentence a word stands in, cut at a readable length.
func lineAround(text string, w french.Span) (start, end int) {
	stop := func(r rune) bool { return r == '\n' || r == '.' || r == '!' || r == '?' || r == ';' }
	start = strings.LastIndexFunc(text[:w.Start], stop) + 1
	if w.Start-start > excerptMost {
		start = w.Start - excerptMost
		start += strings.IndexFunc(text[start:], unicode.IsSpace)
	}
	for start < w.Start && (unicode.IsSpace(rune(text[start])) || !utf8.RuneStart(text[start])) {
		start++
	}
	end = len(text)
	if i := strings.IndexFunc(text[w.End:], stop); i >= 0 {
		end = w.End + i
	}
	if end-w.End > excerptMost {
		end = w.End + strings.LastIndexFunc(text[w.End:w.End+excerptMost], unicode.IsSpace)
	}
	return start, max(end, w.End)
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
