package musette

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"digiwork/internal/lib/typography"
)

// A Pack is the vocabulary of a country or of a trade: statuses, kinds of papers and
// of workplaces, its own words for some kinds of activity and some fields. Packs are
// data: to add one, add a file to packs/.
type Pack struct {
	ID         string            `json:"id"`
	Base       string            `json:"base"` // the pack whose words come after its own; "" for none
	Name       Words             `json:"name"`
	About      Words             `json:"about"`
	Statuses   []Term            `json:"statuses"`
	Documents  []Term            `json:"documents"`
	Workplaces []Term            `json:"workplaces"`
	Kinds      map[Kind]Words    `json:"kinds"`
	Labels     map[string]Words  `json:"labels"` // of fields, by name
	Notes      map[string]Words  `json:"notes"`  // cautions, by place: "piece"
	terms      map[string]*Words // every status, paper and workplace by list and id
}

// Words are the same thing said in each language.
type Words struct {
	FR string `json:"fr"`
	EN string `json:"en"`
}

// In gives the words of a language.
func (w Words) In(lang string) string {
	if lang == "en" {
		return w.EN
	}
	return w.FR
}

// Term is a word of a vocabulary with the id that is kept.
type Term struct {
	ID string `json:"id"`
	Words
}

// defaultPack is the vocabulary of who has not chosen one.
const defaultPack = "fr"

//go:embed packs/*.json
var packFiles embed.FS

var packs = sync.OnceValue(func() map[string]*Pack {
	all, err := readPacks(packFiles)
	if err != nil {
		panic(err) // the files are built into the program, and a test reads them
	}
	return all
})

// PackByID is a pack, or the default one if there is none of this id.
func PackByID(id string) *Pack {
	if p, ok := packs()[id]; ok {
		return p
	}
	return packs()[defaultPack]
}

// Packs lists the packs, the default first.
func Packs() []*Pack {
	var all []*Pack
	for _, p := range packs() {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Pack) int {
		switch {
		case a.ID == b.ID:
			return 0
		case a.ID == defaultPack:
			return -1
		case b.ID == defaultPack:
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// readPacks reads every file of packs/ and puts the words of a base after its own.
func readPacks(fsys fs.FS) (map[string]*Pack, error) {
	names, err := fs.Glob(fsys, "packs/*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]*Pack{}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		p := &Pack{}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(p); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if p.ID == "" || all[p.ID] != nil || "packs/"+p.ID+".json" != name {
			return nil, fmt.Errorf("%s: its id must be the name of the file", name)
		}
		all[p.ID] = p
	}
	for _, p := range all {
		if err := p.extend(all); err != nil {
			return nil, fmt.Errorf("pack %s: %w", p.ID, err)
		}
	}
	for _, p := range all {
		if err := p.set(); err != nil {
			return nil, fmt.Errorf("pack %s: %w", p.ID, err)
		}
	}
	return all, nil
}

// extend adds the words of its base. A base has none itself: two levels are enough.
func (p *Pack) extend(all map[string]*Pack) error {
	if p.Base == "" {
		return nil
	}
	base := all[p.Base]
	if base == nil || base.Base != "" {
		return fmt.Errorf("base %q is no pack of its own", p.Base)
	}
	p.Statuses = slices.Concat(p.Statuses, base.Statuses)
	p.Documents = slices.Concat(p.Documents, base.Documents)
	p.Workplaces = slices.Concat(p.Workplaces, base.Workplaces)
	return nil
}

// set gives every word its typography and its place in the index.
func (p *Pack) set() error {
	p.terms = map[string]*Words{}
	both := func(w *Words) error {
		if strings.TrimSpace(w.FR) == "" || strings.TrimSpace(w.EN) == "" {
			return fmt.Errorf("%+v is not said in both languages", *w)
		}
		w.FR, w.EN = typography.French(w.FR), typography.English(w.EN)
		return nil
	}
	p.Statuses, p.Documents, p.Workplaces = slices.Clone(p.Statuses), slices.Clone(p.Documents), slices.Clone(p.Workplaces)
	for list, terms := range map[string][]Term{vocStatuses: p.Statuses, vocDocuments: p.Documents, vocWorkplaces: p.Workplaces} {
		for i := range terms {
			if err := both(&terms[i].Words); err != nil {
				return err
			}
			if key := list + "/" + terms[i].ID; terms[i].ID == "" || p.terms[key] != nil {
				return fmt.Errorf("the id %q of %s is missing or there twice", terms[i].ID, list)
			}
			p.terms[list+"/"+terms[i].ID] = &terms[i].Words
		}
	}
	for kind := range p.Kinds {
		if !IsActivity(string(kind)) {
			return fmt.Errorf("%q is no kind of activity", kind)
		}
	}
	if err := errorsOf(p.Labels, both); err != nil {
		return err
	}
	if err := errorsOf(p.Notes, both); err != nil {
		return err
	}
	if err := errorsOf(p.Kinds, both); err != nil {
		return err
	}
	if err := both(&p.Name); err != nil {
		return err
	}
	return both(&p.About)
}

func errorsOf[K comparable](words map[K]Words, both func(*Words) error) error {
	for k, w := range words {
		if err := both(&w); err != nil {
			return err
		}
		words[k] = w
	}
	return nil
}

// The vocabularies of a pack.
const (
	vocStatuses   = "statuses"
	vocDocuments  = "documents"
	vocWorkplaces = "workplaces"
)

// list is one vocabulary.
func (p *Pack) list(vocabulary string) []Term {
	switch vocabulary {
	case vocStatuses:
		return p.Statuses
	case vocDocuments:
		return p.Documents
	}
	return p.Workplaces
}

// term says a word of a vocabulary; what the pack does not know is said as it is: it
// may be another pack's word, or a person's own.
func (p *Pack) term(vocabulary, id, lang string) string {
	if w, ok := p.terms[vocabulary+"/"+id]; ok {
		return w.In(lang)
	}
	for _, other := range packs() {
		if w, ok := other.terms[vocabulary+"/"+id]; ok {
			return w.In(lang)
		}
	}
	return id
}
