package jsonld

import (
	"reflect"
	"strings"
)

// definer makes the terms of one context (API, 4.2).
type definer struct {
	r         *run
	c         *activeContext // being made
	m         object
	l         local
	protected bool
	done      map[string]bool // present: begun; true: finished
}

// define is Create Term Definition (API, 4.2.2).
func (d *definer) define(name string) error {
	if finished, begun := d.done[name]; begun {
		if finished {
			return nil
		}
		return refuse(ErrContext, "the term "+name+" is defined by itself")
	}
	if name == "" {
		return refuse(ErrContext, "a term without name")
	}
	if err := d.r.spend(1); err != nil {
		return err
	}
	d.done[name] = false
	defer func() { d.done[name] = true }()
	v := d.m[name]
	if name == "@type" {
		if !typeMayBe(v) {
			return refuse(ErrContext, "redefinition of @type")
		}
	} else if isKeyword(name) {
		return refuse(ErrContext, "redefinition of "+name)
	} else if looksLikeKeyword(name) {
		return nil // step 5: reserved; a document that uses it is refused
	}
	old := d.c.terms[name]
	delete(d.c.terms, name)
	t, err := d.term(name, v)
	if err != nil || t == nil {
		return err
	}
	if old != nil && old.protected && !d.l.override {
		if !sameTerm(old, t) {
			return refuse(ErrProtected, name)
		}
		t = old
	}
	d.c.terms[name] = t
	return nil
}

// typeMayBe: @type may only be given the container @set and protection (step 4).
func typeMayBe(v any) bool {
	m, ok := v.(object)
	if !ok || len(m) == 0 {
		return false
	}
	for k, e := range m {
		if !(k == "@container" && e == "@set" || k == "@protected") {
			return false
		}
	}
	return true
}

// sameTerm compares what two definitions mean, but for protection (step 27.1).
func sameTerm(a, b *term) bool {
	x, y := *a, *b
	x.protected, y.protected = true, true
	x.base, y.base = "", ""
	x.static, y.static = false, false
	sx, sy := x.scoped, y.scoped
	x.scoped, y.scoped = nil, nil
	return x == y && reflect.DeepEqual(sx, sy)
}

// term reads a definition; nil means that the term stays undefined.
func (d *definer) term(name string, v any) (*term, error) {
	simple := false
	var m object
	switch x := v.(type) {
	case nil:
		m = object{"@id": nil}
	case string:
		m, simple = object{"@id": x}, true
	case object:
		m = x
	default:
		return nil, refuse(ErrContext, "the definition of "+name)
	}
	for k := range m {
		switch k {
		case "@id", "@reverse", "@container", "@context", "@direction", "@index", "@language", "@nest", "@prefix", "@protected", "@type":
		default:
			return nil, refuse(ErrContext, "the definition of "+name+" has "+k)
		}
	}
	t := &term{protected: d.protected, base: d.l.base, static: d.l.static}
	if v, ok := m["@protected"]; ok {
		if t.protected, ok = v.(bool); !ok {
			return nil, refuse(ErrContext, "@protected of "+name)
		}
	}
	if err := d.typ(t, name, m); err != nil {
		return nil, err
	}
	if ok, err := d.mapping(t, name, m, simple); err != nil || !ok {
		return nil, err
	}
	return t, d.rest(t, name, m)
}

// typ reads the type mapping (steps 12 and 13).
func (d *definer) typ(t *term, name string, m object) error {
	v, ok := m["@type"]
	if !ok {
		return nil
	}
	s, ok := v.(string)
	if !ok {
		return refuse(ErrContext, "@type of "+name)
	}
	s, err := d.iri(s)
	if err != nil {
		return err
	}
	switch s {
	case "@id", "@vocab", "@json", "@none":
	default:
		if !absolute(s) {
			return refuse(ErrContext, "@type of "+name)
		}
	}
	t.typ = s
	return nil
}

// iri expands an IRI of the context, defining what it needs first (API, 5.2 steps 4 and 6.3).
func (d *definer) iri(s string) (string, error) {
	if isKeyword(s) || looksLikeKeyword(s) {
		return d.r.expandIRI(d.c, s, true, false), nil
	}
	if _, ok := d.m[s]; ok && !d.done[s] {
		if err := d.define(s); err != nil {
			return "", err
		}
	}
	if prefix, suffix, ok := strings.Cut(s, ":"); ok && prefix != "" && prefix != "_" && !strings.HasPrefix(suffix, "//") {
		if _, ok := d.m[prefix]; ok && !d.done[prefix] {
			if err := d.define(prefix); err != nil {
				return "", err
			}
		}
	}
	return d.r.expandIRI(d.c, s, true, false), nil
}

// mapping finds what IRI a term stands for (steps 14 to 18). It says false when the
// term stays undefined.
func (d *definer) mapping(t *term, name string, m object, simple bool) (bool, error) {
	if v, ok := m["@reverse"]; ok {
		return d.reverse(t, name, m, v)
	}
	id, has := m["@id"]
	switch {
	case has && id == nil:
		return true, nil
	case has && id != name:
		return d.explicit(t, name, id, simple)
	case strings.IndexByte(name, ':') > 0:
		iri, err := d.compact(name)
		t.iri = iri
		return true, err
	case strings.Contains(name, "/"):
		t.iri = d.r.expandIRI(d.c, name, true, false)
		if !absolute(t.iri) {
			return false, refuse(ErrContext, "no meaning for the term "+name)
		}
	case name == "@type":
		t.iri = "@type"
	case d.c.hasVocab:
		t.iri = d.c.vocab + name
	default:
		return false, refuse(ErrContext, "no meaning for the term "+name)
	}
	return true, nil
}

// reverse reads a reverse property (step 14).
func (d *definer) reverse(t *term, name string, m object, v any) (bool, error) {
	s, ok := v.(string)
	_, id := m["@id"]
	_, nest := m["@nest"]
	if !ok || id || nest {
		return false, refuse(ErrContext, "@reverse of "+name)
	}
	if looksLikeKeyword(s) {
		return false, nil
	}
	iri, err := d.iri(s)
	if err != nil {
		return false, err
	}
	if !absolute(iri) && !isBlank(iri) {
		return false, refuse(ErrContext, "@reverse of "+name)
	}
	if v, ok := m["@container"]; ok && v != nil && v != "@set" && v != "@index" {
		return false, refuse(ErrContext, "@container of the reverse "+name)
	}
	t.iri, t.reverse = iri, true
	return true, nil
}

// explicit reads the @id of a term (step 16).
func (d *definer) explicit(t *term, name string, id any, simple bool) (bool, error) {
	s, ok := id.(string)
	if !ok {
		return false, refuse(ErrContext, "@id of "+name)
	}
	if !isKeyword(s) && looksLikeKeyword(s) {
		return false, nil
	}
	iri, err := d.iri(s)
	if err != nil {
		return false, err
	}
	if !isKeyword(iri) && !absolute(iri) && !isBlank(iri) || iri == "@context" {
		return false, refuse(ErrContext, "@id of "+name)
	}
	t.iri = iri
	if strings.IndexByte(name[1:], ':') >= 0 && !strings.HasSuffix(name, ":") || strings.Contains(name, "/") {
		// step 16.4: such a term must mean what it says
		same, err := d.compact(name)
		if err != nil {
			return false, err
		}
		if same != iri {
			return false, refuse(ErrContext, "another meaning for "+name)
		}
	}
	if simple && !strings.ContainsAny(name, ":/") && (isBlank(iri) || endsAsPrefix(iri)) {
		t.prefix = true
	}
	return true, nil
}

func endsAsPrefix(iri string) bool {
	switch iri[len(iri)-1] {
	case ':', '/', '?', '#', '[', ']', '@':
		return true
	}
	return false
}

// compact expands a term that looks like a compact IRI (step 17).
func (d *definer) compact(name string) (string, error) {
	prefix, suffix, _ := strings.Cut(name, ":")
	if _, ok := d.m[prefix]; ok && prefix != name {
		if err := d.define(prefix); err != nil {
			return "", err
		}
	}
	if t := d.c.terms[prefix]; t != nil && prefix != name && !strings.HasPrefix(suffix, "//") {
		return t.iri + suffix, nil
	}
	return d.r.expandIRI(d.c, name, true, false), nil
}

// rest reads what else a definition says (steps 19 to 26).
func (d *definer) rest(t *term, name string, m object) error {
	if err := t.containers(name, m); err != nil {
		return err
	}
	if v, ok := m["@index"]; ok {
		s, isText := v.(string)
		if t.container&containerIndex == 0 || !isText || isKeyword(s) {
			return refuse(ErrContext, "@index of "+name)
		}
		t.index = s
	}
	if v, ok := m["@context"]; ok {
		t.scoped, t.hasScoped = v, true
	}
	_, typed := m["@type"]
	if v, ok := m["@language"]; ok && !typed {
		s, ok := languageOf(v)
		if !ok {
			return refuse(ErrContext, "@language of "+name)
		}
		t.language, t.hasLanguage = s, true
	}
	if v, ok := m["@direction"]; ok && !typed {
		s, ok := directionOf(v)
		if !ok {
			return refuse(ErrContext, "@direction of "+name)
		}
		t.direction, t.hasDirection = s, true
	}
	if v, ok := m["@nest"]; ok {
		s, ok := v.(string)
		if !ok || isKeyword(s) && s != "@nest" {
			return refuse(ErrContext, "@nest of "+name)
		}
		t.nest = s
	}
	if v, ok := m["@prefix"]; ok {
		b, ok := v.(bool)
		if !ok || strings.ContainsAny(name, ":/") || b && isKeyword(t.iri) {
			return refuse(ErrContext, "@prefix of "+name)
		}
		t.prefix = b
	}
	return nil
}

var containerNames = map[string]container{
	"@set": containerSet, "@list": containerList, "@language": containerLanguage, "@index": containerIndex,
	"@id": containerID, "@type": containerType, "@graph": containerGraph,
}

// containers reads @container (step 19).
func (t *term) containers(name string, m object) error {
	v, ok := m["@container"]
	if !ok {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, e := range list {
		s, _ := e.(string)
		c, ok := containerNames[s]
		if !ok {
			return refuse(ErrContext, "@container of "+name)
		}
		t.container |= c
	}
	without := t.container &^ containerSet
	switch without {
	case 0, containerLanguage, containerIndex, containerID, containerType,
		containerGraph, containerGraph | containerIndex, containerGraph | containerID:
	case containerList:
		if t.container != containerList {
			return refuse(ErrContext, "@container of "+name)
		}
	default:
		return refuse(ErrContext, "@container of "+name)
	}
	if t.container&containerType != 0 {
		switch t.typ {
		case "":
			t.typ = "@id"
		case "@id", "@vocab":
		default:
			return refuse(ErrContext, "@type of "+name)
		}
	}
	return nil
}
