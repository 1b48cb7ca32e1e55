package jsonld

import (
	"slices"

	"digiwork/internal/lib/rdfc"
)

// keys lists the keys of a map, in order when the reading is ordered.
func (r *run) keys(m object) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	if r.ordered {
		slices.Sort(list)
	}
	return list
}

// languageMap says the texts of a language map (API, 5.1.2 step 13.7).
func (r *run) languageMap(c *activeContext, predicate string, m object, s, g rdfc.Term, reverse bool) error {
	for _, k := range r.keys(m) {
		language, ok := languageOf(k)
		if k == "@none" || r.name(c, k) == "@none" {
			language = ""
		} else if !ok || !wellFormedLanguage(language) {
			if err := r.lost("the language " + k); err != nil {
				return under(k, err)
			}
		}
		err := each(m[k], func(v any) error {
			text, ok := v.(string)
			if !ok {
				return refuse(ErrInvalid, "a text expected")
			}
			return r.say(s, predicate, rdfc.Term{Kind: rdfc.Literal, Value: text, Language: language}, g, reverse)
		})
		if err != nil {
			return under(k, err)
		}
	}
	return nil
}

// keyedMap says the values of an index, id or type map (API, 5.1.2 step 13.8).
func (r *run) keyedMap(c *activeContext, t *term, predicate string, m object, s, g rdfc.Term, reverse bool) error {
	for _, k := range r.keys(m) {
		kc := c
		if t.container&(containerID|containerType) != 0 && c.previous != nil {
			kc = c.previous
		}
		if t.container&containerType != 0 {
			if kt := kc.terms[k]; kt != nil && kt.hasScoped {
				var err error
				if kc, err = r.applyScoped(kc, kt, false, false); err != nil {
					return under(k, err)
				}
			}
		}
		e := entry{t: t, key: k, predicate: predicate, s: s, g: g, reverse: reverse}
		if err := each(m[k], func(v any) error { return r.entry(kc, e, v) }); err != nil {
			return under(k, err)
		}
	}
	return nil
}

// entry is one key of a keyed map and what its values belong to.
type entry struct {
	t         *term
	key       string
	predicate string
	s, g      rdfc.Term
	reverse   bool
}

// entry says one value that stands under a key.
func (r *run) entry(c *activeContext, e entry, v any) error {
	at := place{term: e.t, fromMap: true}
	plain := e.t.container&containerIndex != 0 && e.t.index == ""
	none := e.key == "@none" || r.name(c, e.key) == "@none"
	if plain && !none {
		if err := r.lost("a key of an index"); err != nil {
			return err
		}
	}
	m, ok := v.(object)
	if !ok {
		if plain {
			return r.item(c, at, e.predicate, v, e.s, e.g, e.reverse)
		}
		text, isText := v.(string)
		if !isText || e.t.container&containerID != 0 || e.t.typ != "@id" && e.t.typ != "@vocab" {
			return refuse(ErrInvalid, "an object expected")
		}
		m = object{"@id": r.expandIRI(c, text, e.t.typ == "@vocab", true)}
	}
	if e.t.container&containerGraph != 0 && !r.isGraph(c, m) {
		return r.graphEntry(c, at, e, m, none)
	}
	if plain || none {
		return r.item(c, at, e.predicate, m, e.s, e.g, e.reverse)
	}
	n, err := r.withKey(c, e, m)
	if err != nil {
		return err
	}
	return r.item(c, at, e.predicate, n, e.s, e.g, e.reverse)
}

// graphEntry says a value that is a graph named or indexed by its key.
func (r *run) graphEntry(c *activeContext, at place, e entry, m object, none bool) error {
	graph := r.blank()
	if e.t.container&containerID != 0 && !none {
		iri := r.expandIRI(c, e.key, false, true)
		if !isBlank(iri) && !isIRI(iri) {
			return r.orGoOn(refuse(kindOf(iri), e.key))
		}
		graph = r.reference(iri)
	}
	if err := r.say(e.s, e.predicate, graph, e.g, e.reverse); err != nil {
		return err
	}
	if e.t.index != "" && !none {
		it := c.terms[e.t.index]
		if err := r.item(c, place{term: it}, r.name(c, e.t.index), e.key, graph, e.g, false); err != nil {
			return err
		}
	}
	_, _, err := r.node(c, at, m, graph)
	return err
}

// withKey writes what the key says into a copy of the value.
func (r *run) withKey(c *activeContext, e entry, m object) (object, error) {
	n := make(object, len(m)+1)
	for k, v := range m {
		n[k] = v
	}
	add := func(name string) {
		list := []any{e.key}
		switch old := n[name].(type) {
		case nil:
		case []any:
			list = append(list, old...)
		default:
			list = append(list, old)
		}
		n[name] = list
	}
	switch {
	case e.t.container&containerID != 0:
		if !r.has(c, m, "@id") {
			n["@id"] = e.key
			return n, nil
		}
		return n, r.lost("a key beside an identifier")
	case e.t.container&containerType != 0:
		for k, v := range m {
			if k != "@type" && r.name(c, k) == "@type" {
				delete(n, k)
				n["@type"] = v
			}
		}
		add("@type")
	default:
		if r.has(c, m, "@value") {
			return nil, refuse(ErrInvalid, "a value under a property-valued index")
		}
		add(e.t.index)
	}
	return n, nil
}
