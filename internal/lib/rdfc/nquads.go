package rdfc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const xsdString = "http://www.w3.org/2001/XMLSchema#string"

// AppendQuad adds a quad in canonical N-Quads (RDFC-1.0, 5); name gives the label to
// write for the label of a blank node.
func AppendQuad(b []byte, q *Quad, name func(string) string) []byte {
	b = append(appendTerm(b, &q.S, name), ' ')
	b = append(appendTerm(b, &q.P, name), ' ')
	b = append(appendTerm(b, &q.O, name), ' ')
	if q.G.Kind != None {
		b = append(appendTerm(b, &q.G, name), ' ')
	}
	return append(b, '.', '\n')
}

func appendTerm(b []byte, t *Term, name func(string) string) []byte {
	switch t.Kind {
	case IRI:
		b = append(b, '<')
		b = append(b, t.Value...)
		return append(b, '>')
	case Blank:
		b = append(b, '_', ':')
		return append(b, name(t.Value)...)
	}
	b = append(b, '"')
	b = appendText(b, t.Value)
	b = append(b, '"')
	switch {
	case t.Language != "":
		b = append(b, '@')
		b = append(b, t.Language...)
	case t.Datatype != "" && t.Datatype != xsdString:
		b = append(b, '^', '^', '<')
		b = append(b, t.Datatype...)
		b = append(b, '>')
	}
	return b
}

// appendText escapes what canonical N-Quads escape and nothing else.
func appendText(b []byte, s string) []byte {
	const hexDigits = "0123456789ABCDEF"
	last := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c != 0x7f {
			continue
		}
		b = append(b, s[last:i]...)
		last = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(b, s[last:]...)
}

// ErrSyntax is text that is not N-Quads.
var ErrSyntax = errors.New("not N-Quads")

// Parse reads N-Quads (RDF 1.1 N-Quads), at most limit quads.
func Parse(text string, limit int) ([]Quad, error) {
	var quads []Quad
	number := 0
	for line := range strings.Lines(text) {
		number++
		p := parser{rest: strings.TrimRight(line, "\r\n")}
		if p.space(); p.rest == "" || p.rest[0] == '#' {
			continue
		}
		if len(quads) == limit {
			return nil, fmt.Errorf("%w: more than %d quads", ErrSyntax, limit)
		}
		q, err := p.quad()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		quads = append(quads, q)
	}
	return quads, nil
}

type parser struct{ rest string }

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " \t") }

func (p *parser) quad() (q Quad, err error) {
	if q.S, err = p.term(); err != nil {
		return q, err
	}
	if q.P, err = p.term(); err != nil {
		return q, err
	}
	if q.O, err = p.term(); err != nil {
		return q, err
	}
	if p.space(); p.rest != "" && p.rest[0] != '.' {
		if q.G, err = p.term(); err != nil {
			return q, err
		}
	}
	if q.S.Kind == Literal || q.P.Kind != IRI || q.G.Kind == Literal {
		return q, fmt.Errorf("%w: a term of the wrong kind", ErrSyntax)
	}
	p.space()
	end, ok := strings.CutPrefix(p.rest, ".")
	if end = strings.TrimLeft(end, " \t"); !ok || end != "" && end[0] != '#' {
		return q, fmt.Errorf("%w: a full stop expected", ErrSyntax)
	}
	return q, nil
}

func (p *parser) term() (Term, error) {
	p.space()
	switch {
	case strings.HasPrefix(p.rest, "<"):
		iri, err := p.iri()
		return Term{Kind: IRI, Value: iri}, err
	case strings.HasPrefix(p.rest, "_:"):
		end := strings.IndexAny(p.rest, " \t<\"")
		if end < 0 {
			end = len(p.rest)
		}
		label := strings.TrimRight(p.rest[2:end], ".")
		p.rest = p.rest[2+len(label):]
		if label == "" {
			return Term{}, fmt.Errorf("%w: a label expected", ErrSyntax)
		}
		return Term{Kind: Blank, Value: label}, nil
	case strings.HasPrefix(p.rest, `"`):
		return p.literal()
	}
	return Term{}, fmt.Errorf("%w: a term expected", ErrSyntax)
}

func (p *parser) iri() (string, error) {
	end := strings.IndexByte(p.rest, '>')
	if end < 0 {
		return "", fmt.Errorf("%w: an IRI has no end", ErrSyntax)
	}
	iri, err := unescape(p.rest[1:end], false)
	p.rest = p.rest[end+1:]
	return iri, err
}

func (p *parser) literal() (t Term, err error) {
	end := 1
	for end < len(p.rest) && p.rest[end] != '"' {
		if p.rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.rest) {
		return t, fmt.Errorf("%w: a literal has no end", ErrSyntax)
	}
	t.Kind = Literal
	if t.Value, err = unescape(p.rest[1:end], true); err != nil {
		return t, err
	}
	p.rest = p.rest[end+1:]
	switch {
	case strings.HasPrefix(p.rest, "@"):
		end := strings.IndexAny(p.rest, " \t.")
		if end < 2 {
			return t, fmt.Errorf("%w: a language expected", ErrSyntax)
		}
		t.Language, p.rest = p.rest[1:end], p.rest[end:]
	case strings.HasPrefix(p.rest, "^^<"):
		p.rest = p.rest[2:]
		if t.Datatype, err = p.iri(); err != nil {
			return t, err
		}
		if t.Datatype == xsdString {
			t.Datatype = ""
		}
	}
	return t, nil
}

var escapes = map[byte]byte{'t': '\t', 'b': '\b', 'n': '\n', 'r': '\r', 'f': '\f', '"': '"', '\'': '\'', '\\': '\\'}

// unescape reads the escapes of a literal, or of an IRI, which has only the numeric ones.
func unescape(s string, literal bool) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return "", fmt.Errorf("%w: an escape has no end", ErrSyntax)
		}
		if c, ok := escapes[s[i]]; ok && literal {
			b.WriteByte(c)
			continue
		}
		n := map[byte]int{'u': 4, 'U': 8}[s[i]]
		if n == 0 || i+n >= len(s) {
			return "", fmt.Errorf("%w: no such escape", ErrSyntax)
		}
		v, err := strconv.ParseUint(s[i+1:i+1+n], 16, 32)
		if err != nil || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
			return "", fmt.Errorf("%w: no such character", ErrSyntax)
		}
		b.WriteRune(rune(v))
		i += n
	}
	return b.String(), nil
}
