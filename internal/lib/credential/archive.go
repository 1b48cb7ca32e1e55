package credential

import (
	"slices"
	"strings"
	"time"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/ijson"
)

// Document is something that a credential needs to be verified, as found at an address
// at a time.
type Document struct {
	Address string
	Text    []byte
	Since   time.Time
}

// Needs lists the addresses of what a verification of a credential may ask for:
// contexts, the documents of issuers, the documents of keys, status lists; those of the
// credentials inside too. Identifiers that contain their own key need nothing.
func Needs(input []byte) []string {
	v := start(Options{})
	if !v.read(input) {
		return nil
	}
	return v.allNeeds()
}

// NeedsObject is Needs for a credential or presentation decoded strictly (ijson).
func NeedsObject(doc map[string]any) []string {
	v := start(Options{})
	v.take(doc)
	return v.allNeeds()
}

func (v *verification) allNeeds() []string {
	var all []string
	v.needs(0, &all)
	slices.Sort(all)
	return slices.Compact(all)
}

func (v *verification) needs(depth int, all *[]string) {
	add := func(s string) {
		if s != "" && !strings.HasPrefix(s, "did:key:") && !strings.HasPrefix(s, "did:jwk:") {
			*all = append(*all, s)
		}
	}
	for _, c := range textsOf(v.doc["@context"]) {
		add(c)
	}
	add(v.party().ID)
	for _, p := range asList(v.doc["proof"]) {
		if m, ok := p.(object); ok {
			method, _ := m["verificationMethod"].(string)
			add(did.Base(method))
		}
	}
	if v.token != nil && strings.Contains(v.token.Text("kid"), ":") {
		add(did.Base(v.token.Text("kid")))
	}
	for _, s := range asList(v.doc["credentialStatus"]) {
		if m, ok := s.(object); ok {
			address, _ := m["statusListCredential"].(string)
			if hasType(m, "1EdTechRevocationList") {
				address, _ = m["id"].(string)
			}
			add(address)
		}
	}
	if v.format == FormatOB2 {
		v.needs2(add)
	}
	if depth >= maxInside {
		return
	}
	v.each(v.doc, 0, func(inner any) {
		s := v.sub()
		if *v.budget--; *v.budget < 0 {
			return
		}
		switch x := inner.(type) {
		case string:
			if !s.readToken(strings.TrimSpace(x)) {
				return
			}
		case object:
			s.take(x)
		}
		s.needs(depth+1, all)
	})
}

// needs2 lists what a badge of Open Badges 2.0 refers to.
func (v *verification) needs2(add func(string)) {
	for _, name := range []string{"id", "badge", "issuer"} {
		address, _ := v.doc[name].(string)
		add(address)
	}
	how, _ := v.doc["verification"].(object)
	creator, _ := how["creator"].(string)
	add(creator)
}

// Find gives the text of a document of the library, or of a pinned context.
func (l *Library) Find(address string) (Document, bool) {
	if found := l.find(address); len(found) > 0 {
		return Document{address, found[0].text, found[0].source.Since}, true
	}
	if doc, err := l.load(address); err == nil {
		text, err := ijson.Canonical(doc)
		return Document{Address: address, Text: text}, err == nil
	}
	return Document{}, false
}

// WriteSources writes the list of documents of an archive (SourcesFile), by the names of
// their files. Library.Add reads it. A document without date counts as known at now.
func WriteSources(documents map[string]Document, now time.Time) ([]byte, error) {
	list := []any{}
	names := make([]string, 0, len(documents))
	for name := range documents {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d := documents[name]
		since := d.Since
		if since.IsZero() {
			since = now
		}
		list = append(list, object{"address": d.Address, "file": name, "known_at": since.UTC().Format(time.RFC3339)})
	}
	return ijson.Canonical(object{"documents": list})
}
