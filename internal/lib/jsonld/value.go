package jsonld

import (
	"math"
	"strconv"
	"strings"

	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/rdfc"
)

// property says the values of one property.
func (r *run) property(c *activeContext, t *term, predicate string, v any, s, g rdfc.Term, reverse bool) error {
	if t != nil && t.typ == "@json" {
		o, err := jsonLiteral(v)
		if err != nil {
			return err
		}
		return r.say(s, predicate, o, g, reverse)
	}
	if t != nil && t.container != 0 {
		m, isMap := v.(object)
		switch {
		case isMap && t.container&containerLanguage != 0:
			return r.languageMap(c, predicate, m, s, g, reverse)
		case isMap && t.container&(containerIndex|containerID|containerType) != 0:
			return r.keyedMap(c, t, predicate, m, s, g, reverse)
		case t.container&containerList != 0 && !(isMap && r.has(c, m, "@list")):
			if v == nil {
				return nil
			}
			o, err := r.list(c, t, v, g)
			if err != nil {
				return err
			}
			if reverse {
				return refuse(ErrInvalid, "a list as value of a reverse property")
			}
			return r.say(s, predicate, o, g, false)
		}
	}
	return each(v, func(e any) error { return r.item(c, place{term: t}, predicate, e, s, g, reverse) })
}

func (r *run) has(c *activeContext, m object, keyword string) bool {
	for k := range m {
		if r.name(c, k) == keyword {
			return true
		}
	}
	return false
}

// item says one value of a property.
func (r *run) item(c *activeContext, at place, predicate string, v any, s, g rdfc.Term, reverse bool) error {
	t := at.term
	m, ok := v.(object)
	if !ok {
		var err error
		if t != nil && t.hasScoped {
			if c, err = r.applyScoped(c, t, true, true); err != nil {
				return err
			}
		}
		o, ok, err := r.scalar(c, t, v)
		if err != nil || !ok {
			return err
		}
		return r.say(s, predicate, o, g, reverse)
	}
	for k, e := range m {
		switch r.name(c, k) {
		case "@list":
			if reverse {
				return refuse(ErrInvalid, "a list as value of a reverse property")
			}
		case "@set":
			if len(m) > 1 {
				return refuse(ErrInvalid, "@set beside something else")
			}
			return each(e, func(e any) error { return r.item(c, at, predicate, e, s, g, reverse) })
		}
	}
	if t != nil && t.container&containerGraph != 0 && !at.fromMap {
		graph := r.blank()
		if err := r.say(s, predicate, graph, g, reverse); err != nil {
			return err
		}
		_, _, err := r.node(c, at, m, graph)
		return err
	}
	o, ok, err := r.node(c, at, m, g)
	if err != nil || !ok {
		return err
	}
	return r.say(s, predicate, o, g, reverse)
}

// isGraph says whether an object is a graph already.
func (r *run) isGraph(c *activeContext, m object) bool {
	graph := false
	for k := range m {
		switch r.name(c, k) {
		case "@graph":
			graph = true
		case "@id", "@index":
		default:
			if k != "@context" {
				return false
			}
		}
	}
	return graph
}

// listObject reads {"@list": …}.
func (r *run) listObject(c *activeContext, at place, list []member, g rdfc.Term) (rdfc.Term, bool, error) {
	var v any
	for _, e := range list {
		switch e.iri {
		case "@list":
			v = e.value
		case "@index":
			if err := r.indexed(e.value); err != nil {
				return rdfc.Term{}, false, err
			}
		default:
			return rdfc.Term{}, false, refuse(ErrInvalid, "@list beside "+e.name)
		}
	}
	o, err := r.list(c, at.term, v, g)
	return o, true, err
}

// list says the cells of a list and gives its head (API, 8.4).
func (r *run) list(c *activeContext, t *term, v any, g rdfc.Term) (rdfc.Term, error) {
	if r.limits.Depth--; r.limits.Depth < 0 {
		return rdfc.Term{}, refuse(ErrLimit, "lists inside each other without end")
	}
	defer func() { r.limits.Depth++ }()
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	end := rdfc.Term{Kind: rdfc.IRI, Value: rdf + "nil"}
	head, last := end, rdfc.Term{}
	for _, e := range items {
		o, ok, err := r.listItem(c, t, e, g)
		if err != nil {
			return head, err
		}
		if !ok {
			continue
		}
		cell := r.blank()
		if last.Kind == rdfc.None {
			head = cell
		} else if err := r.say(last, rdf+"rest", cell, g, false); err != nil {
			return head, err
		}
		if err := r.say(cell, rdf+"first", o, g, false); err != nil {
			return head, err
		}
		last = cell
	}
	if last.Kind == rdfc.None {
		return head, nil
	}
	return head, r.say(last, rdf+"rest", end, g, false)
}

func (r *run) listItem(c *activeContext, t *term, e any, g rdfc.Term) (rdfc.Term, bool, error) {
	switch x := e.(type) {
	case nil:
		return rdfc.Term{}, false, nil
	case []any:
		o, err := r.list(c, t, x, g)
		return o, true, err
	case object:
		return r.node(c, place{term: t}, x, g)
	}
	if t != nil && t.hasScoped {
		var err error
		if c, err = r.applyScoped(c, t, true, true); err != nil {
			return rdfc.Term{}, false, err
		}
	}
	return r.scalar(c, t, e)
}

// scalar is the term for a value that is no object (API, 5.3).
func (r *run) scalar(c *activeContext, t *term, v any) (rdfc.Term, bool, error) {
	typ := ""
	if t != nil {
		typ = t.typ
	}
	s, isText := v.(string)
	if !isText {
		switch typ {
		case "@id", "@vocab", "@none":
			typ = ""
		}
		return r.native(v, typ)
	}
	switch typ {
	case "@id", "@vocab":
		iri := r.expandIRI(c, s, typ == "@vocab", true)
		if isBlank(iri) || isIRI(iri) {
			return r.reference(iri), true, nil
		}
		return rdfc.Term{}, false, r.orGoOn(refuse(kindOf(iri), s))
	case "", "@none":
		o := rdfc.Term{Kind: rdfc.Literal, Value: s, Language: c.language}
		if t != nil && t.hasLanguage {
			o.Language = t.language
		}
		if o.Language != "" && !wellFormedLanguage(o.Language) {
			return o, false, r.lost("the language " + o.Language)
		}
		return o, true, nil
	}
	return rdfc.Term{Kind: rdfc.Literal, Value: s, Datatype: typ}, true, nil
}

// native is the literal for a value of JSON (API, 8.6).
func (r *run) native(v any, typ string) (rdfc.Term, bool, error) {
	o := rdfc.Term{Kind: rdfc.Literal, Datatype: typ}
	standard := ""
	switch x := v.(type) {
	case string:
		o.Value = x
		return o, true, nil
	case bool:
		o.Value, standard = strconv.FormatBool(x), xsd+"boolean"
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1e21 && typ != xsd+"double" {
			o.Value, standard = strconv.FormatFloat(x+0, 'f', 0, 64), xsd+"integer" // x+0: no "-0"
			break
		}
		o.Value, standard = double(x), xsd+"double"
		if back, err := strconv.ParseFloat(o.Value, 64); err != nil || back != x {
			if err := r.lost("the last digits of " + strconv.FormatFloat(x, 'g', -1, 64)); err != nil {
				return o, false, err
			}
		}
	default:
		return o, false, refuse(ErrInvalid, "a value of an unknown kind")
	}
	if typ == "" {
		o.Datatype = standard
	}
	return o, true, nil
}

// double is the canonical form of xsd:double (API, 8.6 step 8).
func double(x float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'E', 15, 64), "E")
	mantissa = strings.TrimRight(mantissa, "0")
	if strings.HasSuffix(mantissa, ".") {
		mantissa += "0"
	}
	negative := strings.HasPrefix(exponent, "-")
	if exponent = strings.TrimLeft(exponent, "+-0"); exponent == "" {
		exponent = "0"
	} else if negative {
		exponent = "-" + exponent
	}
	return mantissa + "E" + exponent
}

func jsonLiteral(v any) (rdfc.Term, error) {
	b, err := ijson.Canonical(v)
	if err != nil {
		return rdfc.Term{}, refuse(ErrInvalid, "a value that is no JSON")
	}
	return rdfc.Term{Kind: rdfc.Literal, Value: string(b), Datatype: rdf + "JSON"}, nil
}

// valueObject is the literal for {"@value": …} (API, 5.1.2 step 14 and 8.6).
func (r *run) valueObject(types *activeContext, list []member) (rdfc.Term, bool, error) {
	var v any
	var typ, language string
	typed, tagged := false, false
	for _, e := range list {
		var ok bool
		switch e.iri {
		case "@value":
			v = e.value
		case "@type":
			if e.value == nil {
				continue
			}
			s, isText := e.value.(string)
			if !isText {
				return rdfc.Term{}, false, under(e.name, refuse(ErrInvalid, "the type of a value"))
			}
			typ, typed = r.expandIRI(types, s, true, true), true
			if typ != "@json" && !isIRI(typ) {
				return rdfc.Term{}, false, under(e.name, refuse(ErrInvalid, "the type of a value: "+s))
			}
		case "@language":
			if language, ok = languageOf(e.value); !ok {
				return rdfc.Term{}, false, under(e.name, refuse(ErrInvalid, "a language that is no text"))
			}
			tagged = e.value != nil
		case "@direction":
			if _, ok := directionOf(e.value); !ok {
				return rdfc.Term{}, false, under(e.name, refuse(ErrInvalid, "a direction is ltr or rtl"))
			}
			tagged = tagged || e.value != nil
		case "@index":
			if err := r.indexed(e.value); err != nil {
				return rdfc.Term{}, false, err
			}
		default:
			return rdfc.Term{}, false, under(e.name, refuse(ErrInvalid, "a value with properties"))
		}
	}
	if typed && tagged {
		return rdfc.Term{}, false, refuse(ErrInvalid, "a value with a type and a language")
	}
	if typ == "@json" {
		o, err := jsonLiteral(v)
		return o, true, err
	}
	return r.literal(v, typ, language, tagged)
}

func (r *run) literal(v any, typ, language string, tagged bool) (rdfc.Term, bool, error) {
	switch v.(type) {
	case nil:
		return rdfc.Term{}, false, r.lost("a value that is null")
	case object, []any:
		return rdfc.Term{}, false, refuse(ErrInvalid, "a value that is not one value")
	}
	if !tagged {
		return r.native(v, typ)
	}
	s, ok := v.(string)
	if !ok {
		return rdfc.Term{}, false, refuse(ErrInvalid, "a language without text")
	}
	if language != "" && !wellFormedLanguage(language) {
		return rdfc.Term{}, false, r.lost("the language " + language)
	}
	return rdfc.Term{Kind: rdfc.Literal, Value: s, Language: language}, true, nil
}
