package reference

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrNotCSL says that a file is not CSL-JSON, and why.
var ErrNotCSL = errors.New("not CSL-JSON")

// item is a Work as CSL-JSON has it.
type item struct {
	ID        any    `json:"id"`
	Kind      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Authors   []name `json:"author,omitempty"`
	Editors   []name `json:"editor,omitempty"`
	Container string `json:"container-title,omitempty"`
	Publisher string `json:"publisher,omitempty"`
	Place     string `json:"publisher-place,omitempty"`
	Issued    *date  `json:"issued,omitempty"`
	Address   string `json:"URL,omitempty"`
	DOI       string `json:"DOI,omitempty"`
	ISBN      string `json:"ISBN,omitempty"`
	Pages     string `json:"page,omitempty"`
	Volume    any    `json:"volume,omitempty"`
	Issue     any    `json:"issue,omitempty"`
	Language  string `json:"language,omitempty"`
	Abstract  string `json:"abstract,omitempty"`
	Note      string `json:"note,omitempty"`
	Keywords  string `json:"keyword,omitempty"`
}

type name struct {
	Family  string `json:"family,omitempty"`
	Given   string `json:"given,omitempty"`
	Literal string `json:"literal,omitempty"`
	Before  string `json:"non-dropping-particle,omitempty"`
}

type date struct {
	Parts   [][]any `json:"date-parts,omitempty"`
	Raw     string  `json:"raw,omitempty"`
	Literal string  `json:"literal,omitempty"`
}

// members are those a Work has a place for.
var members = map[string]bool{
	"id": true, "type": true, "title": true, "author": true, "editor": true, "container-title": true, "publisher": true,
	"publisher-place": true, "issued": true, "URL": true, "DOI": true, "ISBN": true, "page": true, "volume": true,
	"issue": true, "language": true, "abstract": true, "note": true, "keyword": true,
}

// ReadCSL reads a list of works, or one. left counts the members of CSL-JSON that a
// Work has no place for, by their names.
//
// ErrNotCSL with the reason, ErrTooLarge.
func ReadCSL(r io.Reader) (works []Work, left map[string]int, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	switch {
	case err != nil:
		return nil, nil, err
	case len(raw) > mostBytes:
		return nil, nil, ErrTooLarge
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		var one map[string]json.RawMessage
		if json.Unmarshal(raw, &one) != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrNotCSL, err)
		}
		items = []json.RawMessage{raw}
		if inside, ok := one["items"]; ok { // as Zotero's API wraps them
			if err := json.Unmarshal(inside, &items); err != nil {
				return nil, nil, fmt.Errorf("%w: items: %w", ErrNotCSL, err)
			}
		}
	}
	if len(items) > mostWorks {
		return nil, nil, ErrTooLarge
	}
	left = map[string]int{}
	for i, raw := range items {
		var it item
		var all map[string]json.RawMessage
		if err := errors.Join(json.Unmarshal(raw, &it), json.Unmarshal(raw, &all)); err != nil {
			return nil, nil, fmt.Errorf("%w: the work number %d: %w", ErrNotCSL, i+1, err)
		}
		if it.Kind == "" && it.Title == "" {
			return nil, nil, fmt.Errorf("%w: the work number %d has neither type nor title", ErrNotCSL, i+1)
		}
		for m := range all {
			if !members[m] {
				left[clean(m)]++
			}
		}
		works = append(works, it.work())
	}
	return works, left, nil
}

func (it item) work() Work {
	w := Work{
		ID: clean(text(it.ID)), Kind: clean(it.Kind), Title: clean(it.Title), Container: clean(it.Container), Publisher: clean(it.Publisher),
		Place: clean(it.Place), Address: address(it.Address), DOI: clean(it.DOI), ISBN: clean(it.ISBN), Pages: clean(it.Pages),
		Volume: clean(text(it.Volume)), Issue: clean(text(it.Issue)), Language: clean(it.Language), Abstract: clean(it.Abstract), Note: clean(it.Note),
	}
	authors := it.Authors
	if len(authors) == 0 {
		authors = it.Editors
	}
	for _, n := range authors[:min(len(authors), mostNames)] {
		w.Authors = append(w.Authors, Name{Family: clean(n.Before + " " + n.Family), Given: clean(n.Given), Literal: clean(n.Literal)})
	}
	if it.Issued != nil {
		w.Issued = it.Issued.String()
	}
	for k := range strings.FieldsFuncSeq(it.Keywords, func(r rune) bool { return r == ',' || r == ';' }) {
		if k = clean(k); k != "" {
			w.Keywords = append(w.Keywords, k)
		}
	}
	return w
}

// text is a text or a number as text.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// String is the date as 2019, 2019-03 or 2019-03-02, the first of a range.
func (d date) String() string {
	var parts []any
	if len(d.Parts) > 0 {
		parts = d.Parts[0]
	} else {
		for p := range strings.SplitSeq(clean(d.Raw+d.Literal), "-") {
			parts = append(parts, p)
		}
	}
	out := ""
	for i, p := range parts[:min(len(parts), 3)] {
		n, err := strconv.Atoi(strings.TrimSpace(text(p)))
		switch {
		case err != nil || n <= 0 || n > 9999 || i > 0 && n > []int{0, 12, 31}[i]:
			return out
		case i == 0:
			out = fmt.Sprintf("%04d", n)
		default:
			out += fmt.Sprintf("-%02d", n)
		}
	}
	return out
}

// WriteCSL writes works as CSL-JSON.
func WriteCSL(w io.Writer, works []Work) error {
	items := make([]item, len(works))
	for i, k := range works {
		items[i] = item{
			ID: k.ID, Kind: k.Kind, Title: k.Title, Container: k.Container, Publisher: k.Publisher, Place: k.Place, Address: k.Address,
			DOI: k.DOI, ISBN: k.ISBN, Pages: k.Pages, Language: k.Language, Abstract: k.Abstract, Note: k.Note, Keywords: strings.Join(k.Keywords, ", "),
		}
		if items[i].Kind == "" {
			items[i].Kind = "document"
		}
		if k.Volume != "" {
			items[i].Volume = k.Volume
		}
		if k.Issue != "" {
			items[i].Issue = k.Issue
		}
		for _, n := range k.Authors {
			items[i].Authors = append(items[i].Authors, name{Family: n.Family, Given: n.Given, Literal: n.Literal})
		}
		if k.Issued != "" {
			var parts []any
			for p := range strings.SplitSeq(k.Issued, "-") {
				n, err := strconv.Atoi(p)
				if err != nil {
					return fmt.Errorf("the date %q of %q: %w", k.Issued, k.Title, err)
				}
				parts = append(parts, n)
			}
			items[i].Issued = &date{Parts: [][]any{parts}}
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(items)
}
