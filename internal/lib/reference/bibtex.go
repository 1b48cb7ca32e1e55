package reference

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

// ErrNotBibTeX says that a file is not BibTeX, at which line, and why.
var ErrNotBibTeX = errors.New("not BibTeX")

// kinds of BibTeX and what CSL calls them.
var kinds = map[string]string{
	"article": "article-journal", "book": "book", "booklet": "pamphlet", "inbook": "chapter", "incollection": "chapter",
	"inproceedings": "paper-conference", "conference": "paper-conference", "proceedings": "book", "manual": "report",
	"mastersthesis": "thesis", "phdthesis": "thesis", "thesis": "thesis", "techreport": "report", "report": "report",
	"online": "webpage", "electronic": "webpage", "misc": "document", "unpublished": "manuscript",
}

// fields of BibTeX that a Work has a place for.
var fields = map[string]bool{
	"title": true, "author": true, "editor": true, "journal": true, "journaltitle": true, "booktitle": true, "publisher": true,
	"institution": true, "school": true, "organization": true, "address": true, "location": true, "year": true, "month": true,
	"date": true, "url": true, "doi": true, "isbn": true, "pages": true, "volume": true, "number": true, "issue": true,
	"language": true, "langid": true, "abstract": true, "note": true, "howpublished": true, "keywords": true,
}

// ReadBibTeX reads the works of a file. left counts the fields that a Work has no
// place for, by their names.
//
// ErrNotBibTeX with the line, ErrTooLarge.
func ReadBibTeX(r io.Reader) (works []Work, left map[string]int, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	switch {
	case err != nil:
		return nil, nil, err
	case len(raw) > mostBytes:
		return nil, nil, ErrTooLarge
	}
	if !validUTF8(raw) { // older than UTF-8: what French machines wrote then
		e, _ := charset.Lookup("windows-1252")
		if raw, err = e.NewDecoder().Bytes(raw); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrNotBibTeX, err)
		}
	}
	p := parser{s: string(raw), strings: maps.Clone(months)}
	left = map[string]int{}
	for {
		kind, id, values, err := p.entry()
		if err != nil {
			return nil, nil, fmt.Errorf("%w: line %d: %w", ErrNotBibTeX, 1+strings.Count(p.s[:min(p.at, len(p.s))], "\n"), err)
		}
		if kind == "" {
			break
		}
		if len(works) >= mostWorks {
			return nil, nil, ErrTooLarge
		}
		for f := range values {
			if !fields[f] {
				left[clean(f)]++
			}
		}
		works = append(works, work(kind, id, values))
	}
	if len(works) == 0 {
		return nil, nil, fmt.Errorf("%w: no reference is in it", ErrNotBibTeX)
	}
	return works, left, nil
}

func work(kind, id string, v map[string]string) Work {
	first := func(names ...string) string {
		for _, n := range names {
			if s := clean(plain(v[n])); s != "" {
				return s
			}
		}
		return ""
	}
	w := Work{
		ID: clean(id), Kind: kinds[kind], Title: first("title"), Container: first("journal", "journaltitle", "booktitle"),
		Publisher: first("publisher", "institution", "school", "organization"), Place: first("address", "location"),
		DOI: first("doi"), ISBN: first("isbn"), Pages: strings.ReplaceAll(first("pages"), "--", "-"), Volume: first("volume"), Issue: first("number", "issue"),
		Language: first("language", "langid"), Abstract: first("abstract"), Note: first("note", "howpublished"),
	}
	if w.Kind == "" {
		w.Kind = "document"
	}
	for _, n := range []string{"url", "howpublished"} {
		if w.Address == "" {
			w.Address = address(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(v[n]), `\url{`), "}"))
		}
	}
	w.Issued = date{Raw: first("date")}.String()
	if w.Issued == "" {
		w.Issued = date{Parts: [][]any{{first("year"), first("month")}}}.String()
	}
	people := v["author"]
	if people == "" {
		people = v["editor"]
	}
	for _, n := range splitNames(people) {
		w.Authors = append(w.Authors, bibName(n))
	}
	for k := range strings.FieldsFuncSeq(v["keywords"], func(r rune) bool { return r == ',' || r == ';' }) {
		if k = clean(plain(k)); k != "" {
			w.Keywords = append(w.Keywords, k)
		}
	}
	return w
}

// splitNames splits at " and " outside braces.
func splitNames(s string) (names []string) {
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth--
		case depth == 0 && strings.HasPrefix(s[i:], " and "):
			names, from = append(names, s[from:i]), i+5
			i += 4
		}
	}
	names = append(names, s[from:])
	names = slices.DeleteFunc(names, func(n string) bool { return strings.TrimSpace(n) == "" || n == "others" })
	return names[:min(len(names), mostNames)]
}

// bibName reads "Family, Given", "Given Family", or a body in braces.
func bibName(s string) Name {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
		return Name{Literal: clean(plain(s))}
	}
	s = clean(plain(s))
	if family, given, ok := strings.Cut(s, ","); ok {
		return Name{Family: strings.TrimSpace(family), Given: strings.TrimSpace(given)}
	}
	i := strings.LastIndex(s, " ")
	if i < 0 {
		return Name{Literal: s}
	}
	for j := strings.LastIndex(s[:i], " "); j > 0 && strings.ToLower(s[j+1:i]) == s[j+1:i]; j = strings.LastIndex(s[:i], " ") {
		i = j // de, van, von belong to the family name
	}
	return Name{Family: s[i+1:], Given: s[:i]}
}

func validUTF8(raw []byte) bool { return strings.ToValidUTF8(string(raw), "") == string(raw) }

// WriteBibTeX writes works as BibTeX in UTF-8, braces around each value.
func WriteBibTeX(w io.Writer, works []Work) error {
	var b strings.Builder
	used := map[string]int{}
	for _, k := range works {
		kind := "misc"
		for _, bib := range []string{"article", "book", "incollection", "inproceedings", "phdthesis", "techreport", "online", "unpublished"} {
			if kinds[bib] == k.Kind {
				kind = bib
			}
		}
		fmt.Fprintf(&b, "@%s{%s,\n", kind, key(k, used))
		field := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, "  %s = {%s},\n", name, escape(value))
			}
		}
		var names []string
		for _, n := range k.Authors {
			switch {
			case n.Literal != "":
				names = append(names, "{"+escape(n.Literal)+"}")
			case n.Given == "":
				names = append(names, "{"+escape(n.Family)+"}")
			default:
				names = append(names, escape(n.Family)+", "+escape(n.Given))
			}
		}
		if len(names) > 0 {
			fmt.Fprintf(&b, "  author = {%s},\n", strings.Join(names, " and "))
		}
		field("title", k.Title)
		if kind == "article" {
			field("journal", k.Container)
		} else {
			field("booktitle", k.Container)
		}
		field("publisher", k.Publisher)
		field("address", k.Place)
		field("date", k.Issued)
		field("year", k.Issued[:min(4, len(k.Issued))])
		field("url", k.Address)
		field("doi", k.DOI)
		field("isbn", k.ISBN)
		field("pages", k.Pages)
		field("volume", k.Volume)
		field("number", k.Issue)
		field("language", k.Language)
		field("abstract", k.Abstract)
		field("note", k.Note)
		field("keywords", strings.Join(k.Keywords, ", "))
		b.WriteString("}\n\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// key is the name of a work in the file: its own where BibTeX can say it.
func key(k Work, used map[string]int) string {
	id := strings.Map(func(r rune) rune {
		if r < '!' || r > '~' || strings.ContainsRune(`{}(),"#%~\=@'`, r) {
			return -1
		}
		return r
	}, k.ID)
	if id == "" {
		id = "work"
	}
	used[id]++
	if n := used[id]; n > 1 {
		return id + "-" + strconv.Itoa(n)
	}
	return id
}
