package jsonld

import (
	"sync"
	"sync/atomic"
)

// object is a JSON object.
type object = map[string]any

// container is what a term's value may hold (API, 4.2.2 step 19).
type container uint8

const (
	containerSet container = 1 << iota
	containerList
	containerLanguage
	containerIndex
	containerID
	containerType
	containerGraph
)

// term is a term definition.
type term struct {
	iri          string // "" when the term is mapped to nothing
	typ          string
	container    container
	scoped       any // the property- or type-scoped context
	hasScoped    bool
	static       bool // the definition comes from a pinned context
	protected    bool
	prefix       bool
	reverse      bool
	language     string
	direction    string
	hasLanguage  bool
	hasDirection bool
	index        string
	nest         string
	base         string // address of the context that defines it
}

// activeContext is what names mean at one place of a document. It never changes once
// it is made.
type activeContext struct {
	terms     map[string]*term
	vocab     string
	hasVocab  bool
	language  string
	direction string
	base      string
	hasBase   bool
	previous  *activeContext // what to go back to when a type-scoped context ends

	// A static context was made from pinned contexts only: what they make of it is kept.
	static bool
	made   sync.Map // made[step] is the *activeContext that the step leads to
}

// step names what was applied to a static context.
type step struct {
	address   string // of a pinned context, or "null"
	term      *term  // whose scoped context was applied
	propagate bool
	override  bool
}

// maxMade bounds what a Processor keeps. Pinned contexts lead to a few hundred
// combinations; documents can name more.
const maxMade = 4096

// local says how a local context is to be applied.
type local struct {
	base      string // its relative addresses are relative to this
	propagate bool
	override  bool // protected terms may be redefined: property-scoped contexts (API, 4.1.2)
	static    bool
	remote    bool // @base has no effect
	depth     int  // contexts that name contexts
}

const (
	maxContextDepth = 16
	maxContexts     = 64 // in one list
)

// Processor turns documents into quads. It may be used by several goroutines; its
// fields may not change once it is used.
type Processor struct {
	// Load gives the document of a context, an object with "@context", always the same
	// for an address and never changed afterwards.
	Load func(address string) (any, error)
	// Base resolves relative references; without it they are refused.
	Base string
	// Limits; DefaultLimits where zero.
	Limits Limits

	once sync.Once
	root *activeContext
	made atomic.Int64
	// tolerate lets the conformance tests go on where data is lost, as JSON-LD does.
	tolerate bool
}

// Limits bound the work on one document.
type Limits struct {
	Depth int // objects inside each other
	Quads int
	Work  int // definitions of terms copied or made for the document's own contexts
}

// DefaultLimits are far above what credentials need.
var DefaultLimits = Limits{Depth: 64, Quads: 50_000, Work: 500_000}

// initial is the context of a document before it says anything.
func (p *Processor) initial() *activeContext {
	p.once.Do(func() {
		p.root = &activeContext{terms: map[string]*term{}, static: true, base: p.Base, hasBase: p.Base != ""}
	})
	return p.root
}

// clone is c with its own terms.
func (r *run) clone(c *activeContext) (*activeContext, error) {
	if err := r.spend(len(c.terms) + 1); err != nil {
		return nil, err
	}
	n := &activeContext{
		terms: make(map[string]*term, len(c.terms)+8), vocab: c.vocab, hasVocab: c.hasVocab,
		language: c.language, direction: c.direction, base: c.base, hasBase: c.hasBase, previous: c.previous,
	}
	for k, t := range c.terms {
		n.terms[k] = t
	}
	return n, nil
}

// apply gives the context after a local context (API, 4.1.2).
func (r *run) apply(c *activeContext, raw any, l local) (*activeContext, error) {
	if m, ok := raw.(object); ok {
		if v, ok := m["@propagate"]; ok {
			b, ok := v.(bool)
			if !ok {
				return nil, refuse(ErrContext, "@propagate")
			}
			l.propagate = b
		}
	}
	list, ok := raw.([]any)
	if !ok {
		return r.applyOne(c, raw, l)
	}
	if len(list) > maxContexts {
		return nil, refuse(ErrLimit, "too many contexts")
	}
	if len(list) == 0 && !l.propagate {
		return r.unchanged(c)
	}
	var err error
	for _, e := range list {
		if c, err = r.applyOne(c, e, l); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// unchanged is c, to be gone back to from c.
func (r *run) unchanged(c *activeContext) (*activeContext, error) {
	n, err := r.clone(c)
	if err == nil && n.previous == nil {
		n.previous = c
	}
	return n, err
}

// applyScoped applies the scoped context of a term.
func (r *run) applyScoped(c *activeContext, t *term, propagate, override bool) (*activeContext, error) {
	l := local{base: t.base, propagate: propagate, override: override, static: t.static, remote: t.static}
	if !c.static || !t.static {
		return r.apply(c, t.scoped, l)
	}
	return r.keep(c, step{term: t, propagate: propagate, override: override}, func() (*activeContext, error) {
		return r.apply(c, t.scoped, l)
	})
}

// keep makes a context once for each static context and step.
func (r *run) keep(c *activeContext, s step, makeIt func() (*activeContext, error)) (*activeContext, error) {
	if n, ok := c.made.Load(s); ok {
		return n.(*activeContext), nil
	}
	n, err := makeIt()
	if err != nil {
		return nil, err
	}
	if n != c && r.p.made.Add(1) <= maxMade {
		n.static = true
		c.made.Store(s, n)
	}
	return n, nil
}

// applyOne applies one element of a local context.
func (r *run) applyOne(c *activeContext, raw any, l local) (*activeContext, error) {
	switch x := raw.(type) {
	case nil:
		makeIt := func() (*activeContext, error) { return r.reset(c, l) }
		if !c.static {
			return makeIt()
		}
		return r.keep(c, step{address: "null", propagate: l.propagate, override: l.override}, makeIt)
	case string:
		address := resolve(l.base, x)
		makeIt := func() (*activeContext, error) { return r.remote(c, address, l) }
		if !c.static {
			return makeIt()
		}
		return r.keep(c, step{address: address, propagate: l.propagate, override: l.override}, makeIt)
	case object:
		return r.inline(c, x, l)
	}
	return nil, refuse(ErrContext, "a context is an address or an object")
}

// reset is the null context (API, 4.1.2 step 5.1).
func (r *run) reset(c *activeContext, l local) (*activeContext, error) {
	if !l.override {
		for name, t := range c.terms {
			if t.protected {
				return nil, refuse(ErrProtected, name)
			}
		}
	}
	root := r.p.initial()
	n := &activeContext{terms: map[string]*term{}, base: root.base, hasBase: root.hasBase}
	if !l.propagate {
		if n.previous = c.previous; n.previous == nil {
			n.previous = c
		}
	}
	return n, nil
}

// remote is a context given by its address (API, 4.1.2 step 5.2).
func (r *run) remote(c *activeContext, address string, l local) (*activeContext, error) {
	in, err := r.load(address, l)
	if err != nil {
		return nil, err
	}
	n, err := r.apply(c, in, local{
		base: address, propagate: true, override: l.override, static: true, remote: true, depth: l.depth + 1,
	})
	if err != nil {
		return nil, err
	}
	if !l.propagate && n.previous == nil {
		if n == c || n.static {
			if n, err = r.clone(n); err != nil {
				return nil, err
			}
		}
		n.previous = c
	}
	return n, nil
}

// load gives what stands under "@context" in a pinned document.
func (r *run) load(address string, l local) (any, error) {
	if l.depth >= maxContextDepth {
		return nil, refuse(ErrLimit, "contexts that name contexts without end")
	}
	doc, err := r.p.Load(address)
	if err != nil {
		return nil, refuse(ErrUnknownContext, address)
	}
	m, ok := doc.(object)
	if !ok {
		return nil, refuse(ErrContext, address)
	}
	in, ok := m["@context"]
	if !ok {
		return nil, refuse(ErrContext, address)
	}
	return in, nil
}

// inline is a context given as an object (API, 4.1.2 steps 5.3 to 5.14).
func (r *run) inline(c *activeContext, m object, l local) (*activeContext, error) {
	m, err := r.imported(m, l)
	if err != nil {
		return nil, err
	}
	n, err := r.clone(c)
	if err != nil {
		return nil, err
	}
	if !l.propagate && n.previous == nil {
		n.previous = c
	}
	if err := r.settings(n, m, l); err != nil {
		return nil, err
	}
	d := definer{r: r, c: n, m: m, l: l, done: make(map[string]bool, len(m))}
	if v, ok := m["@protected"]; ok {
		if d.protected, ok = v.(bool); !ok {
			return nil, refuse(ErrContext, "@protected")
		}
	}
	for name := range m {
		if isSetting(name) {
			continue
		}
		if err := d.define(name); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func isSetting(name string) bool {
	switch name {
	case "@base", "@direction", "@import", "@language", "@propagate", "@protected", "@version", "@vocab":
		return true
	}
	return false
}

// imported adds what @import brings (API, 4.1.2 step 5.6). The pinned context is
// copied, never written to.
func (r *run) imported(m object, l local) (object, error) {
	v, ok := m["@import"]
	if !ok {
		return m, nil
	}
	s, ok := v.(string)
	if !ok {
		return nil, refuse(ErrContext, "@import")
	}
	in, err := r.load(resolve(l.base, s), l)
	if err != nil {
		return nil, err
	}
	from, ok := in.(object)
	if _, again := from["@import"]; !ok || again {
		return nil, refuse(ErrContext, "@import of "+s)
	}
	if err := r.spend(len(from) + len(m)); err != nil {
		return nil, err
	}
	all := make(object, len(from)+len(m))
	for k, e := range from {
		all[k] = e
	}
	for k, e := range m {
		if k != "@import" {
			all[k] = e
		}
	}
	return all, nil
}

// settings reads the keywords of a context (API, 4.1.2 steps 5.5 to 5.11).
func (r *run) settings(c *activeContext, m object, l local) error {
	if v, ok := m["@version"]; ok && v != 1.1 {
		return refuse(ErrContext, "@version")
	}
	if v, ok := m["@base"]; ok && !l.remote {
		switch x := v.(type) {
		case nil:
			c.base, c.hasBase = "", false
		case string:
			if c.hasBase {
				x = resolve(c.base, x)
			}
			if !absolute(x) {
				return refuse(ErrContext, "@base "+x)
			}
			c.base, c.hasBase = x, true
		default:
			return refuse(ErrContext, "@base")
		}
	}
	if v, ok := m["@vocab"]; ok {
		switch x := v.(type) {
		case nil:
			c.vocab, c.hasVocab = "", false
		case string:
			s := r.expandIRI(c, x, true, true)
			if !absolute(s) && !isBlank(s) && s != "" {
				return refuse(ErrContext, "@vocab "+x)
			}
			c.vocab, c.hasVocab = s, true
		default:
			return refuse(ErrContext, "@vocab")
		}
	}
	if v, ok := m["@language"]; ok {
		s, ok := languageOf(v)
		if !ok {
			return refuse(ErrContext, "@language")
		}
		c.language = s
	}
	if v, ok := m["@direction"]; ok {
		s, ok := directionOf(v)
		if !ok {
			return refuse(ErrContext, "@direction")
		}
		c.direction = s
	}
	return nil
}
