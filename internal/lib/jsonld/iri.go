package jsonld

import "strings"

// isKeyword says whether s is a keyword of JSON-LD 1.1.
func isKeyword(s string) bool {
	if s == "" || s[0] != '@' {
		return false
	}
	switch s {
	case "@base", "@container", "@context", "@default", "@direction", "@embed", "@explicit", "@graph", "@id",
		"@import", "@included", "@index", "@json", "@language", "@list", "@nest", "@none", "@omitDefault",
		"@prefix", "@preserve", "@propagate", "@protected", "@requireAll", "@reverse", "@set", "@type", "@value",
		"@version", "@vocab":
		return true
	}
	return false
}

// looksLikeKeyword says whether s is "@" and letters: reserved (JSON-LD, 1.7).
func looksLikeKeyword(s string) bool {
	if len(s) < 2 || s[0] != '@' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func isBlank(s string) bool { return strings.HasPrefix(s, "_:") }

// absolute says whether s has a scheme (RFC 3986, 3.1).
func absolute(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return c == ':' && i > 0
		}
	}
	return false
}

// isIRI says whether s can stand in N-Quads: absolute, without characters that no IRI has.
func isIRI(s string) bool {
	if !absolute(s) {
		return false
	}
	fragment := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c <= ' ' || c == 0x7f || c == '#' && fragment:
			return false
		case c == '#':
			fragment = true
		case c == '<' || c == '>' || c == '"' || c == '{' || c == '}' || c == '|' || c == '\\' || c == '^' || c == '`':
			return false
		}
	}
	return true
}

// expandIRI is IRI Expansion with a finished context (API, 5.2). "" means nothing.
func (r *run) expandIRI(c *activeContext, s string, vocab, relative bool) string {
	if isKeyword(s) {
		return s
	}
	if looksLikeKeyword(s) {
		return ""
	}
	if t, ok := c.terms[s]; ok && (vocab || isKeyword(t.iri)) {
		return t.iri
	}
	if i := strings.IndexByte(s, ':'); i > 0 {
		prefix, suffix := s[:i], s[i+1:]
		if prefix == "_" || strings.HasPrefix(suffix, "//") {
			return s
		}
		if t := c.terms[prefix]; t != nil && t.iri != "" && t.prefix {
			return t.iri + suffix
		}
		if absolute(s) {
			return s
		}
	}
	if vocab && c.hasVocab {
		return c.vocab + s
	}
	if relative && c.hasBase {
		return resolve(c.base, s)
	}
	return s
}

// reference is a URI reference in its five parts (RFC 3986, appendix B).
type reference struct {
	scheme, authority, path, query, fragment string
	hasAuthority, hasQuery, hasFragment      bool
}

func split(s string) (r reference) {
	if absolute(s) {
		r.scheme, s, _ = strings.Cut(s, ":")
	}
	s, r.fragment, r.hasFragment = strings.Cut(s, "#")
	s, r.query, r.hasQuery = strings.Cut(s, "?")
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		r.hasAuthority = true
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			i = len(rest)
		}
		r.authority, s = rest[:i], rest[i:]
	}
	r.path = s
	return r
}

func (r reference) String() string {
	var b strings.Builder
	if r.scheme != "" {
		b.WriteString(r.scheme)
		b.WriteByte(':')
	}
	if r.hasAuthority {
		b.WriteString("//")
		b.WriteString(r.authority)
	}
	b.WriteString(r.path)
	if r.hasQuery {
		b.WriteByte('?')
		b.WriteString(r.query)
	}
	if r.hasFragment {
		b.WriteByte('#')
		b.WriteString(r.fragment)
	}
	return b.String()
}

// resolve resolves a reference against a base (RFC 3986, 5.2.2).
func resolve(base, ref string) string {
	if base == "" || absolute(ref) {
		return ref
	}
	b, r := split(base), split(ref)
	r.scheme = b.scheme
	switch {
	case r.hasAuthority:
		r.path = withoutDots(r.path)
		return r.String()
	case r.path == "":
		r.path = b.path
		if !r.hasQuery {
			r.query, r.hasQuery = b.query, b.hasQuery
		}
	case strings.HasPrefix(r.path, "/"):
		r.path = withoutDots(r.path)
	default:
		if b.hasAuthority && b.path == "" {
			r.path = "/" + r.path
		} else {
			r.path = b.path[:strings.LastIndexByte(b.path, '/')+1] + r.path
		}
		r.path = withoutDots(r.path)
	}
	r.authority, r.hasAuthority = b.authority, b.hasAuthority
	return r.String()
}

// withoutDots removes "." and ".." from a path (RFC 3986, 5.2.4).
func withoutDots(path string) string {
	var out []string
	segments := strings.Split(path, "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			if len(out) > 1 || len(out) == 1 && out[0] != "" {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, s)
		}
	}
	return strings.Join(out, "/")
}

// languageOf reads a language: a well-formed tag in lower case, or "" for null
// (API, 5.1.2 step 13.4.8; BCP 47, 2.2.9).
func languageOf(v any) (string, bool) {
	if v == nil {
		return "", true
	}
	s, ok := v.(string)
	if !ok {
		return "", false
	}
	return strings.ToLower(s), true
}

func wellFormedLanguage(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i, part := range strings.Split(s, "-") {
		if len(part) == 0 || len(part) > 8 {
			return false
		}
		for j := range len(part) {
			c := part[j] | 0x20
			if letter := c >= 'a' && c <= 'z'; !letter && (i == 0 || part[j] < '0' || part[j] > '9') {
				return false
			}
		}
	}
	return true
}

// directionOf reads a base direction, or "" for null.
func directionOf(v any) (string, bool) {
	if v == nil {
		return "", true
	}
	s, ok := v.(string)
	return s, ok && (s == "ltr" || s == "rtl")
}
