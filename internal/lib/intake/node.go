package intake

import (
	"encoding/json"
	"strconv"
	"strings"
)

// node is a value of a JSON document, or of an XML one seen as JSON, and the path
// to it. Looking into what is not there gives the empty node: files of the world
// put a text where a list was promised, and the other way round.
type node struct {
	v    any // nil, bool, json.Number, string, []any or map[string]any
	path string
}

// at is the member under the names, one within the other.
func (n node) at(names ...string) node {
	for _, name := range names {
		m, ok := n.v.(map[string]any)
		if !ok {
			if list, isList := n.v.([]any); isList && len(list) == 1 {
				m, ok = list[0].(map[string]any)
			}
		}
		if !ok {
			return node{path: n.path + "." + name}
		}
		path := name
		if n.path != "" {
			path = n.path + "." + name
		}
		n = node{m[name], path}
	}
	return n
}

// any is the first of the members that is there.
func (n node) any(names ...string) node {
	for _, name := range names {
		if m := n.at(name); m.there() {
			return m
		}
	}
	return node{path: n.path}
}

// there reports whether the value is something: not null, not an empty text.
func (n node) there() bool {
	switch v := n.v.(type) {
	case nil:
		return false
	case string:
		return strings.TrimSpace(v) != ""
	}
	return true
}

// has reports whether an object has a member of the name, even null.
func (n node) has(name string) bool {
	m, ok := n.v.(map[string]any)
	if !ok {
		return false
	}
	_, ok = m[name]
	return ok
}

// each gives the elements of a list; a value alone is a list of itself.
func (n node) each() []node {
	list, ok := n.v.([]any)
	if !ok {
		if !n.there() {
			return nil
		}
		return []node{n}
	}
	out := make([]node, len(list))
	for i, v := range list {
		out[i] = node{v, n.path + "[" + strconv.Itoa(i) + "]"}
	}
	return out
}

// text is the value as typed: a text, a number, true or false. Of an XML element
// with attributes it is the text inside, of a list the first element's.
func (n node) text() string {
	switch v := n.v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case map[string]any:
		s, _ := v[xmlText].(string)
		return s
	case []any:
		if len(v) > 0 {
			return node{v: v[0]}.text()
		}
	}
	return ""
}

// texts is the list of texts of a list, or the one text.
func (n node) texts() []string {
	var out []string
	for _, e := range n.each() {
		if t := strings.TrimSpace(e.text()); t != "" {
			out = append(out, t)
		}
	}
	return out
}

func (n node) isObject() bool { _, ok := n.v.(map[string]any); return ok }

func (n node) isList() bool { _, ok := n.v.([]any); return ok }

// truth is true or false when the value says so.
func (n node) truth() *bool {
	b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(n.text())))
	if err != nil {
		return nil
	}
	return &b
}
