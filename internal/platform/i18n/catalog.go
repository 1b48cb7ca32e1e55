package i18n

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
)

// Catalog holds the messages of all contexts. It is read-only once built.
type Catalog struct {
	byLang map[string]*lexicon

	mu      sync.Mutex
	missing map[string]bool
}

// lexicon is one language of a catalog.
type lexicon struct {
	messages map[string]*message
	counted  map[string]*counted
}

// message is a text cut at its holes: len(pieces) == len(holes)+1.
type message struct {
	text   string
	pieces []string
	holes  []hole
}

// hole is the name between the braces.
type hole string

// counted is a message that depends on a number.
type counted struct{ zero, one, other *message }

// ErrMessages says that the two languages of a context do not match, or that a
// file holds what it may not.
var ErrMessages = errors.New("messages")

// Add reads messages/fr.json and messages/en.json of one context: flat objects
// whose keys start with the context's name. Both languages must have the same
// keys with the same holes, and counted messages both forms.
func (c *Catalog) Add(context string, fsys fs.FS) error {
	if c.byLang == nil {
		c.byLang = map[string]*lexicon{}
		for _, lang := range Langs {
			c.byLang[lang] = &lexicon{messages: map[string]*message{}, counted: map[string]*counted{}}
		}
	}
	var first map[string]*message
	for _, lang := range Langs {
		read, err := read(context, lang, fsys)
		if err != nil {
			return err
		}
		if first == nil {
			first = read
		} else if err := same(first, read); err != nil {
			return fmt.Errorf("%w of %s: %w", ErrMessages, context, err)
		}
		maps.Copy(c.byLang[lang].messages, read)
		if err := count(c.byLang[lang].counted, read); err != nil {
			return fmt.Errorf("%w of %s, %s: %w", ErrMessages, context, lang, err)
		}
	}
	return nil
}

func read(context, lang string, fsys fs.FS) (map[string]*message, error) {
	raw, err := fs.ReadFile(fsys, "messages/"+lang+".json")
	if err != nil {
		return nil, err
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		return nil, fmt.Errorf("%w of %s, %s: %w", ErrMessages, context, lang, err)
	}
	set := typography.French
	if lang == "en" {
		set = typography.English
	}
	read := make(map[string]*message, len(texts))
	for key, text := range texts {
		if !strings.HasPrefix(key, context+".") {
			return nil, fmt.Errorf("%w of %s, %s: key %q belongs to another context", ErrMessages, context, lang, key)
		}
		if strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("%w of %s, %s: key %q says nothing", ErrMessages, context, lang, key)
		}
		read[key] = parse(set(text))
	}
	return read, nil
}

// parse cuts a text at its holes: {lower_snake} names.
func parse(text string) *message {
	m := &message{text: text}
	rest := text
	for {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			break
		}
		size := strings.IndexByte(rest[open:], '}')
		if size < 0 {
			break
		}
		m.pieces = append(m.pieces, rest[:open])
		m.holes = append(m.holes, hole(rest[open+1:open+size]))
		rest = rest[open+size+1:]
	}
	m.pieces = append(m.pieces, rest)
	return m
}

// same compares keys and holes of two languages.
func same(fr, en map[string]*message) error {
	for _, key := range slices.Sorted(maps.Keys(fr)) {
		other, ok := en[key]
		if !ok {
			return fmt.Errorf("%q is missing in English", key)
		}
		a, b := slices.Sorted(slices.Values(fr[key].holes)), slices.Sorted(slices.Values(other.holes))
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			return fmt.Errorf("%q has holes %v in French and %v in English", key, a, b)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		if _, ok := fr[key]; !ok {
			return fmt.Errorf("%q is missing in French", key)
		}
	}
	return nil
}

// count gathers the forms of the messages that depend on a number.
func count(into map[string]*counted, messages map[string]*message) error {
	for key, m := range messages {
		base, ok := strings.CutSuffix(key, ".other")
		if !ok {
			continue
		}
		one, ok := messages[base+".one"]
		if !ok {
			return fmt.Errorf("%q has no form %q", key, base+".one")
		}
		into[base] = &counted{zero: messages[base+".zero"], one: one, other: m}
	}
	return nil
}

// Keys lists the keys of one language.
func (c *Catalog) Keys(lang string) []string {
	return slices.Sorted(maps.Keys(c.lexicon(lang).messages))
}

// Text is one message of one language, set but unfilled; "" if there is none.
func (c *Catalog) Text(lang, key string) string {
	if m, ok := c.lexicon(lang).messages[key]; ok {
		return m.text
	}
	return ""
}

// Missing lists keys that were asked for and do not exist. A test that has seen
// every page checks that it is empty.
func (c *Catalog) Missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.missing))
}

// miss remembers a key; a hundred are enough to see what is wrong.
func (c *Catalog) miss(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.missing == nil {
		c.missing = map[string]bool{}
	}
	if len(c.missing) < 100 {
		c.missing[key] = true
	}
}

func (c *Catalog) lexicon(lang string) *lexicon {
	if l, ok := c.byLang[lang]; ok {
		return l
	}
	return mute.lexicon
}

func sprint(x any) string { return fmt.Sprint(x) }

// zones keeps the locations already read: reading one costs a file.
var zones sync.Map

func location(a kernel.Actor) *time.Location {
	if l, ok := zones.Load(a.Zone); ok {
		return l.(*time.Location) //nolint:forcetypeassert // only locations are stored, three lines below
	}
	l := a.Location()
	if l.String() == a.Zone || a.Zone == "" { // an unknown zone is not kept: a name costs memory
		zones.Store(a.Zone, l)
	}
	return l
}
