package watch

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/annotation"
	"digiwork/internal/platform/db"
)

// Note is a passage of a signal's text, with what was said of it.
type Note struct {
	ID     string
	Signal string
	annotation.Selector
	Lost   bool // its words are not in the text any more
	Body   string
	MadeAt time.Time

	by kernel.PersonID
}

const (
	notePrefix = "nte"
	mostNotes  = 500 // of one signal
	mostQuote  = 2000
)

var (
	errQuote     = kernel.NewFault(kernel.Invalid, "watch.quote").On("quote")
	errQuoteWhat = kernel.NewFault(kernel.Invalid, "watch.quote.which").On("quote")
	errBody      = kernel.NewFault(kernel.Invalid, "watch.body").On("body")
	errNotesMany = kernel.NewFault(kernel.TooMany, "watch.notes.many").With("max", mostNotes)
	errNoNote    = kernel.NewFault(kernel.NotFound, "watch.no_note")
)

// Highlight keeps a passage, given by its words, and what is said of it, which may be
// nothing. Invalid on "quote" when the words are not in the text, or there twice.
func (s *Service) Highlight(ctx context.Context, id kernel.ExpeditionID, signal, quote, body string) error {
	quote, body = strings.TrimSpace(strings.ReplaceAll(quote, "\r", "")), strings.TrimSpace(body)
	switch {
	case quote == "" || utf8.RuneCountInString(quote) > mostQuote:
		return errQuote
	case utf8.RuneCountInString(body) > mostNote:
		return errBody.With("max", mostNote)
	}
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		g, err := s.own(ctx, tx, id, signal)
		if err != nil {
			return "", err
		}
		notes, err := notesOf(ctx, tx, id, signal)
		if err != nil {
			return "", err
		}
		if len(notes) >= mostNotes {
			return "", errNotesMany
		}
		sel, err := passage(g.Text, quote)
		if err != nil {
			return "", err
		}
		n := Note{ID: kernel.NewID[string](notePrefix, tx.Now), Signal: signal, Selector: sel, Body: body, MadeAt: tx.Now, by: kernel.ActorFrom(ctx).Person}
		return n.ID, insertNote(ctx, tx, id, n)
	})
	return err
}

// passage finds the words somebody copied; a copy may have lost line ends.
func passage(text, quote string) (annotation.Selector, error) {
	at := strings.Index(text, quote)
	if at < 0 {
		if sel, err := annotation.Anchor(annotation.Selector{Exact: quote, Start: -1}, text); err == nil {
			return sel, nil
		}
		return annotation.Selector{}, errQuote
	}
	if strings.Contains(text[at+1:], quote) {
		return annotation.Selector{}, errQuoteWhat
	}
	start := utf8.RuneCountInString(text[:at])
	return annotation.Select(text, start, start+utf8.RuneCountInString(quote))
}

// Unhighlight removes a note.
func (s *Service) Unhighlight(ctx context.Context, id kernel.ExpeditionID, signal, note string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, err := s.own(ctx, tx, id, signal); err != nil {
			return "", err
		}
		return note, deleteNote(ctx, tx, id, signal, note)
	})
	return err
}

// anchorAgain finds the passages of a signal in its text as it is now.
func (s *Service) anchorAgain(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, g Signal) error {
	notes, err := notesOf(ctx, tx, id, g.ID)
	if err != nil {
		return err
	}
	for _, n := range notes {
		sel, err := annotation.Anchor(n.Selector, g.Text)
		if n.Lost = err != nil; !n.Lost {
			n.Selector = sel
		}
		if err := moveNote(ctx, tx, id, n); err != nil {
			return err
		}
	}
	return nil
}

// Part is a stretch of text, said of by notes or by none.
type Part struct {
	Text  string
	Notes []int // positions in the list of notes
}

// Parts cuts a text where its notes begin and end.
func Parts(text string, notes []Note) []Part {
	r := []rune(text)
	ends := map[int]bool{0: true, len(r): true}
	for _, n := range notes {
		if !n.Lost && n.Start >= 0 && n.End <= len(r) {
			ends[n.Start], ends[n.End] = true, true
		}
	}
	var parts []Part
	from := 0
	for i := 1; i <= len(r); i++ {
		if !ends[i] {
			continue
		}
		p := Part{Text: string(r[from:i])}
		for k, n := range notes {
			if !n.Lost && n.Start <= from && i <= n.End {
				p.Notes = append(p.Notes, k)
			}
		}
		parts, from = append(parts, p), i
	}
	return parts
}

// Annotations are the notes of a signal as W3C Web Annotations, an AnnotationPage of
// JSON-LD. Who said what is not in it.
func Annotations(v Show) map[string]any {
	items := []any{}
	for i, n := range v.Notes {
		a := map[string]any{
			"id": "#" + n.ID, "type": "Annotation", "motivation": "highlighting",
			"target": map[string]any{"source": v.Address, "selector": []any{
				map[string]any{"type": "TextQuoteSelector", "exact": n.Exact, "prefix": n.Prefix, "suffix": n.Suffix},
				map[string]any{"type": "TextPositionSelector", "start": n.Start, "end": n.End},
			}},
		}
		if n.Body != "" {
			a["motivation"] = "commenting"
			a["body"] = map[string]any{"type": "TextualBody", "value": v.Notes[i].Body, "format": "text/plain"}
		}
		items = append(items, a)
	}
	return map[string]any{"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationPage", "items": items}
}
