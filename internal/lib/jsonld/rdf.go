package jsonld

import (
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/lib/rdfc"
)

const (
	xsd = "http://www.w3.org/2001/XMLSchema#"
	rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
)

// Quads turns a document into quads: expansion and deserialization in one pass
// (API, 5.1 and 8.1). Labels of blank nodes are new ones.
func (p *Processor) Quads(doc any) ([]rdfc.Quad, error) {
	r := &run{p: p, out: make([]rdfc.Quad, 0, 48)}
	if err := r.read(doc); err != nil {
		return nil, err
	}
	return r.out, nil
}

// Check refuses what Quads would refuse, and makes no quads.
func (p *Processor) Check(doc any) error {
	return (&run{p: p, silent: true}).read(doc)
}

// read reads a document. Members of an object have no order; after a refusal, a second,
// ordered reading makes the same document be refused for the same reason each time.
func (r *run) read(doc any) error {
	err := r.start(doc)
	if err != nil {
		r.ordered = true
		err = r.start(doc)
	}
	return err
}

func (r *run) start(doc any) error {
	r.out, r.said, r.blanks, r.labels = r.out[:0], 0, 0, nil
	r.limits = r.p.Limits
	if r.limits.Depth == 0 {
		r.limits.Depth = DefaultLimits.Depth
	}
	if r.limits.Quads == 0 {
		r.limits.Quads = DefaultLimits.Quads
	}
	if r.limits.Work == 0 {
		r.limits.Work = DefaultLimits.Work
	}
	return r.top(r.p.initial(), doc)
}

// run is the work on one document.
type run struct {
	p       *Processor
	ordered bool
	limits  Limits // what is left of them
	silent  bool   // nothing is written to out
	out     []rdfc.Quad
	said    int
	blanks  int
	labels  map[string]string // the document's own labels
}

func (r *run) spend(n int) error {
	if r.limits.Work -= n; r.limits.Work < 0 {
		return refuse(ErrLimit, "its own contexts ask for too much work")
	}
	return nil
}

// lost refuses data that no quad would say.
func (r *run) lost(what string) error { return r.orGoOn(refuse(ErrDropped, what)) }

// orGoOn gives the error, except in conformance tests of the lossy behaviour.
func (r *run) orGoOn(err error) error {
	if r.p.tolerate {
		return nil
	}
	return err
}

func (r *run) top(c *activeContext, doc any) error {
	switch x := doc.(type) {
	case []any:
		for _, e := range x {
			if err := r.top(c, e); err != nil {
				return err
			}
		}
		return nil
	case object:
		_, _, err := r.node(c, place{top: true}, x, rdfc.Term{})
		return err
	}
	return r.lost("a value that belongs to nothing")
}

func (r *run) blank() rdfc.Term {
	label := "b" + strconv.Itoa(r.blanks)
	r.blanks++
	return rdfc.Term{Kind: rdfc.Blank, Value: label}
}

// reference is the term for an IRI or for a label of the document.
func (r *run) reference(iri string) rdfc.Term {
	if !isBlank(iri) {
		return rdfc.Term{Kind: rdfc.IRI, Value: iri}
	}
	label, ok := r.labels[iri]
	if !ok {
		label = r.blank().Value
		if r.labels == nil {
			r.labels = map[string]string{}
		}
		r.labels[iri] = label
	}
	return rdfc.Term{Kind: rdfc.Blank, Value: label}
}

// say writes a quad. A predicate is an IRI; a literal cannot be a subject.
func (r *run) say(s rdfc.Term, predicate string, o, g rdfc.Term, reverse bool) error {
	if reverse {
		if o.Kind == rdfc.Literal {
			return refuse(ErrInvalid, "a value of a reverse property that is no node")
		}
		s, o = o, s
	}
	if !isIRI(predicate) {
		return r.lost("the property " + predicate)
	}
	if r.said++; r.said > r.limits.Quads {
		return refuse(ErrLimit, "too many statements")
	}
	if r.silent {
		return nil
	}
	r.out = append(r.out, rdfc.Quad{S: s, P: rdfc.Term{Kind: rdfc.IRI, Value: predicate}, O: o, G: g})
	return nil
}

// place is where an object stands.
type place struct {
	term    *term // of the property whose value it is
	fromMap bool  // it stands under a key of an index, id or type map
	top     bool
}

// member is one member of an object with its expanded name, in its context.
type member struct {
	name, iri string
	value     any
	c         *activeContext
}

// members expands the names of an object.
func (r *run) members(c *activeContext, m object) []member {
	list := make([]member, 0, len(m))
	for k, v := range m {
		if k == "@context" {
			continue
		}
		list = append(list, member{k, r.name(c, k), v, c})
	}
	if r.ordered {
		slices.SortFunc(list, func(a, b member) int { return strings.Compare(a.name, b.name) })
	}
	return list
}

// flat puts the members of @nest beside the others (API, 5.1.2 step 14).
func (r *run) flat(list []member) ([]member, error) {
	nested := false
	for i := range list {
		nested = nested || list[i].iri == "@nest"
	}
	if !nested {
		return list, nil
	}
	if r.limits.Depth--; r.limits.Depth < 0 {
		return nil, refuse(ErrLimit, "@nest without end")
	}
	defer func() { r.limits.Depth++ }()
	var all []member
	for _, e := range list {
		if e.iri != "@nest" {
			all = append(all, e)
			continue
		}
		inner, err := r.nested(e)
		if err != nil {
			return nil, under(e.name, err)
		}
		all = append(all, inner...)
	}
	return all, nil
}

// nested lists the members inside one @nest.
func (r *run) nested(e member) ([]member, error) {
	c := e.c
	if t := c.terms[e.name]; t != nil && t.hasScoped {
		var err error
		if c, err = r.applyScoped(c, t, true, true); err != nil {
			return nil, err
		}
	}
	var all []member
	err := each(e.value, func(v any) error {
		m, ok := v.(object)
		if !ok || r.has(c, m, "@value") {
			return refuse(ErrInvalid, "@nest without object")
		}
		inner, err := r.flat(r.members(c, m))
		all = append(all, inner...)
		return err
	})
	return all, err
}

// name expands the name of a member.
func (r *run) name(c *activeContext, k string) string {
	if t, ok := c.terms[k]; ok {
		return t.iri
	}
	return r.expandIRI(c, k, true, false)
}

// node reads an object: a node, a value, a list. It gives the term that stands for it,
// or false when it stands for nothing.
func (r *run) node(c *activeContext, at place, m object, g rdfc.Term) (rdfc.Term, bool, error) {
	if r.limits.Depth--; r.limits.Depth < 0 {
		return rdfc.Term{}, false, refuse(ErrLimit, "objects inside each other without end")
	}
	defer func() { r.limits.Depth++ }()
	c, types, err := r.contextOf(c, at, m)
	if err != nil {
		return rdfc.Term{}, false, err
	}
	list, err := r.flat(r.members(c, m))
	if err != nil {
		return rdfc.Term{}, false, err
	}
	var id *member
	for i := range list {
		switch e := &list[i]; e.iri {
		case "@value":
			return r.valueObject(types, list)
		case "@list":
			return r.listObject(c, at, list, g)
		case "@set":
			return rdfc.Term{}, false, refuse(ErrInvalid, "@set in the place of one value")
		case "@id":
			if id != nil {
				return rdfc.Term{}, false, refuse(ErrInvalid, "two identifiers")
			}
			id = e
		}
	}
	if len(list) == 1 && list[0].iri == "@language" {
		return rdfc.Term{}, false, r.lost("a language without text")
	}
	s, ok, err := r.subject(c, id)
	if err != nil || !ok {
		return s, false, err
	}
	if err := r.statements(types, at, list, s, g); err != nil {
		return s, false, err
	}
	return s, true, nil
}

// contextOf finds the context of an object's members, and that of its types
// (API, 5.1.2 steps 7 to 11).
func (r *run) contextOf(c *activeContext, at place, m object) (members, types *activeContext, err error) {
	if c.previous != nil && !at.fromMap && !r.keepsScope(c, m) {
		c = c.previous
	}
	if t := at.term; t != nil && t.hasScoped {
		if c, err = r.applyScoped(c, t, true, true); err != nil {
			return nil, nil, err
		}
	}
	if own, ok := m["@context"]; ok {
		if c, err = r.apply(c, own, local{propagate: true, base: r.p.Base}); err != nil {
			return nil, nil, under("@context", err)
		}
	}
	types = c
	for _, name := range r.typesOf(types, m) {
		if t := types.terms[name]; t != nil && t.hasScoped {
			if c, err = r.applyScoped(c, t, false, false); err != nil {
				return nil, nil, err
			}
		}
	}
	return c, types, nil
}

// keepsScope says whether an object is a value or a bare reference, which do not end a
// type-scoped context (API, 5.1.2 step 7).
func (r *run) keepsScope(c *activeContext, m object) bool {
	for k := range m {
		if iri := r.name(c, k); iri == "@value" || iri == "@id" && len(m) == 1 {
			return true
		}
	}
	return false
}

// typesOf lists the types of an object in the order in which their contexts apply:
// by name of member, then by name of type (API, 5.1.2 step 11).
func (r *run) typesOf(c *activeContext, m object) []string {
	var keys []string
	for k := range m {
		if r.name(c, k) == "@type" {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var all []string
	for _, k := range keys {
		from := len(all)
		switch x := m[k].(type) {
		case string:
			all = append(all, x)
		case []any:
			for _, e := range x {
				if s, ok := e.(string); ok {
					all = append(all, s)
				}
			}
		}
		slices.Sort(all[from:])
	}
	return all
}

// subject is the term of a node.
func (r *run) subject(c *activeContext, id *member) (rdfc.Term, bool, error) {
	if id == nil {
		return r.blank(), true, nil
	}
	s, ok := id.value.(string)
	if !ok {
		err := refuse(ErrInvalid, "an identifier that is no text")
		if id.value == nil {
			err = r.orGoOn(err)
		}
		return rdfc.Term{}, false, under(id.name, err)
	}
	iri := r.expandIRI(c, s, false, true)
	if isBlank(iri) || isIRI(iri) {
		return r.reference(iri), true, nil
	}
	return rdfc.Term{}, false, under(id.name, r.orGoOn(refuse(kindOf(iri), s)))
}

// kindOf says what is wrong with text that is no IRI.
func kindOf(iri string) error {
	if absolute(iri) {
		return ErrInvalid
	}
	return ErrRelative
}

// statements says what the members of a node say.
func (r *run) statements(types *activeContext, at place, list []member, s, g rdfc.Term) error {
	for i := range list {
		e := &list[i]
		var err error
		switch {
		case e.iri != "" && e.iri[0] == '@':
			err = r.keyword(types, at, list, e, s, g)
		case !absolute(e.iri) && !isBlank(e.iri):
			err = r.lost(e.name)
		default:
			t := e.c.terms[e.name]
			err = r.property(e.c, t, e.iri, e.value, s, g, t != nil && t.reverse)
		}
		if err != nil {
			return under(e.name, err)
		}
	}
	return nil
}

// keyword says what a keyword of a node says (API, 5.1.2 step 13.4).
func (r *run) keyword(types *activeContext, at place, list []member, e *member, s, g rdfc.Term) error {
	switch e.iri {
	case "@id":
		return nil
	case "@type":
		return each(e.value, func(v any) error { return r.typ(types, v, s, g) })
	case "@graph":
		if at.top && onlyGraph(list) {
			s = g // the default graph
		}
		return r.inside(e.c, e.value, s)
	case "@included":
		return r.included(e.c, e.value, g)
	case "@reverse":
		return r.reversed(e.c, e.value, s, g)
	case "@index":
		return r.indexed(e.value)
	}
	return r.lost(e.name)
}

func onlyGraph(list []member) bool {
	for _, e := range list {
		if e.iri != "@graph" {
			return false
		}
	}
	return true
}

// inside reads the nodes of a graph.
func (r *run) inside(c *activeContext, v any, g rdfc.Term) error {
	return each(v, func(e any) error {
		m, ok := e.(object)
		if !ok || r.has(c, m, "@value") || r.has(c, m, "@list") {
			return r.lost("a value that belongs to nothing")
		}
		for k, e := range m {
			if r.name(c, k) == "@set" {
				return r.inside(c, e, g)
			}
		}
		_, _, err := r.node(c, place{}, m, g)
		return err
	})
}

// included reads the nodes of @included (API, 5.1.2 step 13.4.6).
func (r *run) included(c *activeContext, v any, g rdfc.Term) error {
	return each(v, func(e any) error {
		m, ok := e.(object)
		if !ok || r.has(c, m, "@value") || r.has(c, m, "@list") {
			return refuse(ErrInvalid, "@included is for nodes")
		}
		_, _, err := r.node(c, place{}, m, g)
		return err
	})
}

// indexed refuses an index: RDF cannot say it.
func (r *run) indexed(v any) error {
	if _, ok := v.(string); !ok {
		return refuse(ErrInvalid, "an index that is no text")
	}
	return r.lost("@index")
}

// typ says one type of a node.
func (r *run) typ(types *activeContext, v any, s, g rdfc.Term) error {
	name, ok := v.(string)
	if !ok {
		return refuse(ErrInvalid, "a type that is no text")
	}
	iri := r.expandIRI(types, name, true, true)
	if !isIRI(iri) && !isBlank(iri) {
		return r.lost("the type " + name)
	}
	return r.say(s, rdf+"type", r.reference(iri), g, false)
}

// reversed reads @reverse (API, 5.1.2 step 13.4.13).
func (r *run) reversed(c *activeContext, v any, s, g rdfc.Term) error {
	m, ok := v.(object)
	if !ok {
		return refuse(ErrInvalid, "@reverse without object")
	}
	for _, e := range r.members(c, m) {
		if isKeyword(e.iri) {
			return refuse(ErrInvalid, e.iri+" in @reverse")
		}
		if !absolute(e.iri) && !isBlank(e.iri) {
			if err := r.lost(e.name); err != nil {
				return under(e.name, err)
			}
			continue
		}
		t := c.terms[e.name]
		if err := r.property(c, t, e.iri, e.value, s, g, t == nil || !t.reverse); err != nil {
			return under(e.name, err)
		}
	}
	return nil
}

// each calls f with the values of v, which may be lists inside lists. Null is no value.
func each(v any, f func(any) error) error {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		for _, e := range x {
			if err := each(e, f); err != nil {
				return err
			}
		}
		return nil
	}
	return f(v)
}
