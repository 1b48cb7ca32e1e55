package skills

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// Command is the command "skills suggest": a text in, competences out; with
// Batch, one JSON object a line in and one a line out.
type Command struct {
	Shelf  taxonomy.Shelf
	Title  string
	Lang   string // of the text; guessed when empty
	Want   string // "skill", "occupation" or "" for both
	Scheme string // "esco", "rome" or "" for all
	Limit  int
	JSON   bool
	Batch  bool
	Speak  string // language of the answer to a person
}

// Misuse says that the command was asked for what it does not do.
type Misuse struct{ Option, Value string }

func (m *Misuse) Error() string { return fmt.Sprintf("--%s: %q is not known", m.Option, m.Value) }

// Say words it for a person.
func (m *Misuse) Say(lang string) string {
	choice := map[string]string{"want": "skill, occupation", "scheme": "esco, rome", "lang": "fr, en", "limit": fmt.Sprintf("1–%d", maxLimit)}[m.Option]
	if lang == french.English {
		return fmt.Sprintf("--%s does not take %q. It takes: %s.", m.Option, m.Value, choice)
	}
	return fmt.Sprintf("--%s ne connaît pas « %s ». Choix possibles : %s.", m.Option, m.Value, choice)
}

// ErrLines is returned after a batch in which some lines could not be read; each
// has its line in the answer, with the reason.
var ErrLines = errors.New("some lines of the batch could not be read")

// Run reads the text, or the batch, and writes the answer.
func (c Command) Run(in io.Reader, out io.Writer) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	e, err := Open(c.Shelf)
	if err != nil {
		return err
	}
	if c.Batch {
		return e.batch(q, in, out)
	}
	text, err := io.ReadAll(io.LimitReader(in, maxText))
	if err != nil {
		return err
	}
	q.Text = strings.ToValidUTF8(string(text), " ")
	found := e.Suggest(q)
	if c.JSON {
		return json.NewEncoder(out).Encode(answer{Suggestions: found, Notices: Notices(found)})
	}
	return c.print(found, out)
}

// answer is the JSON of one text.
type answer struct {
	Suggestions []Suggestion `json:"suggestions"`
	Notices     []string     `json:"notices"`
}

// Notices are the sentences of attribution that the licences of what is
// suggested ask to show beside it.
func Notices(found []Suggestion) []string {
	all := []string{}
	for _, s := range found {
		if n := s.Scheme.Notice(); n != "" && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

func (c Command) query() (Query, error) {
	q := Query{Title: c.Title, Lang: c.Lang, Limit: c.Limit, Scheme: taxonomy.Scheme(c.Scheme)}
	switch c.Want {
	case "", "skill", "occupation":
		q.Want = wanted[c.Want]
	default:
		return q, &Misuse{"want", c.Want}
	}
	switch q.Scheme {
	case "", taxonomy.ESCO, taxonomy.ROME:
	default:
		return q, &Misuse{"scheme", c.Scheme}
	}
	switch c.Lang {
	case "", french.French, french.English:
	default:
		return q, &Misuse{"lang", c.Lang}
	}
	if c.Limit < 0 || c.Limit > maxLimit {
		return q, &Misuse{"limit", fmt.Sprint(c.Limit)}
	}
	return q, nil
}

var wanted = map[string]taxonomy.Kind{"skill": taxonomy.Skill, "occupation": taxonomy.Occupation}

// print writes suggestions for a person.
func (c Command) print(found []Suggestion, out io.Writer) error {
	none, because, words := "Rien de reconnu dans ce texte. Essayez avec vos propres mots pour ce que vous avez fait : un verbe, un objet, un outil.", "parce que",
		map[string]string{"skill": "compétence", "occupation": "métier"}
	if c.Speak == french.English {
		none, because, words = "Nothing was recognised in this text. Try your own words for what you did: a verb, an object, a tool.", "because",
			map[string]string{"skill": "competence", "occupation": "trade"}
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(out, none)
		return err
	}
	for i, s := range found {
		name := strings.ToUpper(string(s.Scheme))
		if s.Code != "" {
			name += " " + s.Code
		}
		if _, err := fmt.Fprintf(out, "%2d. %s (%s, %s)\n    %s: %s\n    %s\n", i+1, s.Label, words[s.Kind], name, because, strings.Join(s.Because, ", "), s.URI); err != nil {
			return err
		}
	}
	for _, n := range Notices(found) {
		if _, err := fmt.Fprintln(out, n); err != nil {
			return err
		}
	}
	return nil
}

// maxLine bounds a line of a batch.
const maxLine = 4 << 20

// asked is a line of a batch; what it does not say is as the command says.
type asked struct {
	ID    json.RawMessage `json:"id"`
	Title string          `json:"title"`
	Text  string          `json:"text"`
	Lang  string          `json:"lang"`
}

type answered struct {
	ID          json.RawMessage `json:"id"`
	Suggestions []Suggestion    `json:"suggestions"`
	Error       string          `json:"error,omitempty"`
}

// batch answers each line with a line, in order, even when there is nothing to
// suggest or the line cannot be read. Empty lines are passed over.
func (e *Engine) batch(q Query, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	var bad error
	for lines.Scan() {
		raw := bytes.TrimSpace(lines.Bytes())
		if len(raw) == 0 {
			continue
		}
		var a asked
		reply := answered{ID: json.RawMessage("null"), Suggestions: []Suggestion{}}
		if err := json.Unmarshal(raw, &a); err != nil {
			reply.Error, bad = err.Error(), ErrLines
		} else {
			one := q
			one.Text = a.Text
			if a.Title != "" {
				one.Title = a.Title
			}
			if a.Lang != "" {
				one.Lang = a.Lang
			}
			reply.Suggestions = e.Suggest(one)
		}
		if len(a.ID) > 0 {
			reply.ID = a.ID
		}
		if err := enc.Encode(reply); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), w.Flush(), bad)
}
