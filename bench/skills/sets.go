package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
)

// query is a text and the URIs that are right for it.
type query struct {
	text  string
	right map[string]bool
}

// set is queries of one kind.
type set struct {
	queries []query
	asked   map[string]bool // occupations whose own text is a query
}

// row is a line of the table.
type row struct {
	what, figure, floor, aim string
	queries                  int
	ours, plain              float64
}

// measures asks everything.
func (b *bench) measures() ([]row, error) {
	titles, err := b.titles()
	if err != nil {
		return nil, err
	}
	texts, err := b.occupationTexts()
	if err != nil {
		return nil, err
	}
	var rows []row
	add := func(what string, s set, ask func(string) []skills.Suggestion, plain *plain, figures ...[3]string) {
		ours, theirs := b.measure(s.queries, ask), b.measure(s.queries, plain.ask)
		for _, f := range figures {
			rows = append(rows, row{what, f[0], f[1], f[2], ours.n, ours.by(f[0]), theirs.by(f[0])})
		}
	}
	title := func(e *skills.Engine, scheme taxonomy.Scheme) func(string) []skills.Suggestion {
		return func(t string) []skills.Suggestion {
			return e.Suggest(skills.Query{Title: t, Lang: "fr", Want: taxonomy.Occupation, Scheme: scheme})
		}
	}
	text := func(e *skills.Engine, lang string) func(string) []skills.Suggestion {
		return func(t string) []skills.Suggestion {
			return e.Suggest(skills.Query{Text: t, Lang: lang, Want: taxonomy.Skill, Scheme: taxonomy.ESCO})
		}
	}
	mrr := [3]string{"MRR", "0.81", "0.88"}
	esco := newPlain("fr", taxonomy.Occupation, b.esco)
	add("French title → ESCO occupation", titles, title(b.engine, taxonomy.ESCO), esco, mrr)
	add("  of these, the half that weights were not fitted on", odd(titles), title(b.engine, taxonomy.ESCO), esco, mrr)
	alone := skills.Build(b.esco)
	add("  with ESCO alone imported", titles, title(alone, taxonomy.ESCO), esco, mrr)
	near := b.nearTitles()
	add("job title close to an occupation, not the same", near, title(b.engine, taxonomy.ESCO), esco, [3]string{"MRR"})
	add("  with ESCO alone imported", near, title(alone, taxonomy.ESCO), esco, [3]string{"MRR"})
	book, held := b.heldOut()
	add("job title taken out of ROME → its ROME code", held, title(skills.Build(b.esco, book), taxonomy.ROME), newPlain("fr", taxonomy.Occupation, book), [3]string{"hit@1"})
	add("ESCO occupation → ROME code", b.toRome(), title(b.engine, taxonomy.ROME), newPlain("fr", taxonomy.Occupation, b.rome), [3]string{"hit@1", "0.66", "0.72"})
	words := newPlain("en", taxonomy.Skill, b.esco)
	for _, name := range []string{"house", "tech"} {
		s, err := b.sentences(name)
		if err != nil {
			return nil, err
		}
		add("English sentence → ESCO skill, "+name, s, text(b.engine, "en"), words, [3]string{"MRR", "0.27-0.36", "0.45"}, [3]string{"recall@10", "0.35-0.46", "0.55"})
	}
	own := skills.Build(without(b.esco, texts.asked), b.rome)
	add("French occupation text → essential skills", texts, text(own, "fr"), newPlain("fr", taxonomy.Skill, b.esco), [3]string{"hit@10", "0.69", "0.80"}, [3]string{"MRR"})
	talk, err := b.talk(text(b.engine, "en"))
	return append(rows, talk...), err
}

// figures are means over queries.
type figures struct {
	n                        int
	mrr, first, within, find float64
}

func (f figures) by(name string) float64 {
	return map[string]float64{"MRR": f.mrr, "hit@1": f.first, "hit@10": f.within, "recall@10": f.find}[name] / float64(max(1, f.n))
}

func (b *bench) measure(queries []query, ask func(string) []skills.Suggestion) figures {
	var f figures
	for i, q := range queries {
		if b.short && i%10 != 0 {
			continue
		}
		f.n++
		found := 0
		for rank, s := range ask(q.text) {
			if rank >= 10 || !q.right[s.URI] {
				continue
			}
			if found++; found == 1 {
				f.mrr += 1 / float64(rank+1)
				f.within++
				if rank == 0 {
					f.first++
				}
			}
		}
		f.find += float64(found) / float64(len(q.right))
	}
	return f
}

func odd(s set) set {
	var o set
	for i, q := range s.queries {
		if i%2 == 1 {
			o.queries = append(o.queries, q)
		}
	}
	return o
}

func (b *bench) open(name string) (io.ReadCloser, error) {
	f, err := os.Open(filepath.Join(b.data, "skills-extraction", name))
	if err != nil || !strings.HasSuffix(name, ".gz") {
		return f, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

// jsonLines decodes a file of one value a line.
func jsonLines[T any](b *bench, name string, each func(T)) error {
	r, err := b.open(name)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // read only
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		each(v)
	}
	return s.Err()
}

func (b *bench) titles() (set, error) {
	var s set
	err := jsonLines(b, "melo-fr-rome-to-esco.jsonl.gz", func(v struct {
		Query    string   `json:"query"`
		Relevant []string `json:"relevant"`
	}) {
		s.queries = append(s.queries, query{v.Query, of(v.Relevant...)})
	})
	return s, err
}

func of(uris ...string) map[string]bool {
	m := map[string]bool{}
	for _, u := range uris {
		m[u] = true
	}
	return m
}

func (b *bench) occupationTexts() (set, error) {
	s := set{asked: map[string]bool{}}
	err := jsonLines(b, "fr-esco-occupation-descriptions.jsonl.gz", func(v struct {
		URI       string                 `json:"uri"`
		Text      string                 `json:"text"`
		Essential []struct{ URI string } `json:"essential"`
	}) {
		q := query{v.Text, map[string]bool{}}
		for _, e := range v.Essential {
			q.right[e.URI] = true
		}
		s.asked[v.URI] = true
		s.queries = append(s.queries, q)
	})
	return s, err
}

// without is a book with the descriptions of some concepts taken out.
func without(book *taxonomy.Book, asked map[string]bool) *taxonomy.Book {
	c := *book
	c.Concepts = slices.Clone(book.Concepts)
	for i := range c.Concepts {
		if asked[c.Concepts[i].URI] {
			c.Concepts[i].Notes = nil
		}
	}
	return &c
}

// sentences reads annotated sentences: the competences of one are those of all
// its rows that name one.
func (b *bench) sentences(name string) (set, error) {
	byLabel := map[string]string{}
	for i := range b.esco.Concepts {
		if c := &b.esco.Concepts[i]; c.Kind == taxonomy.Skill {
			byLabel[strings.ToLower(c.Label("en"))] = c.URI
		}
	}
	r, err := b.open(name + "_validation_annotations.csv")
	if err != nil {
		return set{}, err
	}
	defer r.Close() //nolint:errcheck // read only
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return set{}, err
	}
	var s set
	at := map[string]int{}
	for _, row := range rows[1:] {
		uri := byLabel[strings.ToLower(row[3])]
		if uri == "" {
			continue
		}
		i, ok := at[row[0]]
		if !ok {
			i = len(s.queries)
			at[row[0]] = i
			s.queries = append(s.queries, query{row[0], map[string]bool{}})
		}
		s.queries[i].right[uri] = true
	}
	return s, nil
}

// nearTitles are job titles of ROME that the crosswalk holds close to an
// occupation of ESCO and the same as none: another vocabulary.
func (b *bench) nearTitles() set {
	right := map[string]map[string]bool{}
	same := map[string]bool{}
	var order []string
	for i := range b.walk.Concepts {
		for _, r := range b.walk.Concepts[i].Refs {
			same[r.URI] = same[r.URI] || r.Relation == taxonomy.Exact
			if r.Relation != taxonomy.Close {
				continue
			}
			if right[r.URI] == nil {
				right[r.URI] = map[string]bool{}
				order = append(order, r.URI)
			}
			right[r.URI][b.walk.Concepts[i].URI] = true
		}
	}
	var s set
	for n, uri := range order {
		if t, ok := b.rome.Find(uri); ok && !same[uri] && n%5 == 0 {
			s.queries = append(s.queries, query{b.rome.Concepts[t].Label("fr"), right[uri]})
		}
	}
	return s
}

// toRome are occupations of ESCO with the trades of ROME that have a job title
// the crosswalk ties to them, closely or loosely.
func (b *bench) toRome() set {
	var s set
	for i := range b.walk.Concepts {
		q := query{right: map[string]bool{}}
		for _, r := range b.walk.Concepts[i].Refs {
			if t, ok := b.rome.Find(r.URI); ok {
				b.rome.Linked(t, taxonomy.TitleOf, func(to int) bool { q.right[b.rome.Concepts[to].URI] = true; return true })
			}
		}
		if e, ok := b.esco.Find(b.walk.Concepts[i].URI); ok && len(q.right) > 0 {
			q.text = b.esco.Concepts[e].Label("fr")
			s.queries = append(s.queries, q)
		}
	}
	return s
}

// heldOut takes every tenth synonym out of ROME and asks for its trade.
func (b *bench) heldOut() (*taxonomy.Book, set) {
	book := *b.rome
	book.Concepts = slices.Clone(b.rome.Concepts)
	var s set
	n := 0
	for i := range book.Concepts {
		c := &book.Concepts[i]
		if c.Kind != taxonomy.Title || c.Nature != "synonyme" {
			continue
		}
		if n++; n%10 != 0 {
			continue
		}
		q := query{c.Label("fr"), map[string]bool{}}
		book.Linked(i, taxonomy.TitleOf, func(to int) bool { q.right[book.Concepts[to].URI] = true; return true })
		s.queries = append(s.queries, q)
		c.Kind = taxonomy.Group
	}
	return &book, s
}

// talk is how often lines of advertisements suggest something: those in which
// annotators marked a competence, and those in which they marked none.
func (b *bench) talk(ask func(string) []skills.Suggestion) ([]row, error) {
	var said, asked [2]int
	n := 0
	err := jsonLines(b, "skillspan-dev.json.gz", func(v struct {
		Tokens    []string `json:"tokens"`
		Skill     []string `json:"tags_skill"`
		Knowledge []string `json:"tags_knowledge"`
	}) {
		if n++; b.short && n%10 != 0 {
			return
		}
		marked := 0
		for _, tag := range slices.Concat(v.Skill, v.Knowledge) {
			if tag != "O" {
				marked = 1
			}
		}
		asked[marked]++
		if len(ask(strings.Join(v.Tokens, " "))) > 0 {
			said[marked]++
		}
	})
	return []row{
		{what: "lines of ads with a competence, answered", figure: "share", queries: asked[1], ours: float64(said[1]) / float64(max(1, asked[1]))},
		{what: "lines of ads without any, answered all the same", figure: "share", queries: asked[0], ours: float64(said[0]) / float64(max(1, asked[0]))},
	}, err
}
