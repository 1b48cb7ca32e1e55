package ijson

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits bound what Decode reads. A zero field takes the value of DefaultLimits.
type Limits struct {
	Bytes  int // length of the text
	Depth  int // objects and arrays inside each other
	Values int // values of all kinds, names of members included
}

// DefaultLimits fit a credential with an embedded picture: 4 MiB, 64 levels, 200,000 values.
var DefaultLimits = Limits{Bytes: 4 << 20, Depth: 64, Values: 200_000}

var (
	// ErrSyntax is text that is not JSON.
	ErrSyntax = errors.New("not JSON")
	// ErrUnsafe is JSON that two readers may understand differently (RFC 7493).
	ErrUnsafe = errors.New("ambiguous JSON")
	// ErrLimit is JSON larger, deeper or longer than allowed.
	ErrLimit = errors.New("JSON beyond the limits")
)

// Error says what is wrong and at which byte. It wraps ErrSyntax, ErrUnsafe or ErrLimit.
type Error struct {
	Offset int
	What   string
	Kind   error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%v at byte %d: %s", e.Kind, e.Offset, e.What)
}

// Unwrap gives the kind.
func (e *Error) Unwrap() error { return e.Kind }

// Decode reads one JSON text and nothing after it.
func Decode(text []byte, limits Limits) (any, error) {
	if limits.Bytes == 0 {
		limits.Bytes = DefaultLimits.Bytes
	}
	if limits.Depth == 0 {
		limits.Depth = DefaultLimits.Depth
	}
	if limits.Values == 0 {
		limits.Values = DefaultLimits.Values
	}
	d := decoder{text: string(text), depth: limits.Depth, values: limits.Values}
	if len(text) > limits.Bytes {
		return nil, d.fail(ErrLimit, "longer than %d bytes", limits.Bytes)
	}
	d.space()
	v, err := d.value()
	if err != nil {
		return nil, err
	}
	d.space()
	if d.at < len(d.text) {
		return nil, d.fail(ErrSyntax, "something follows the value")
	}
	return v, nil
}

// Object is Decode for a text that must be an object.
func Object(text []byte, limits Limits) (map[string]any, error) {
	v, err := Decode(text, limits)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, &Error{What: "the text is not an object", Kind: ErrSyntax}
	}
	return m, nil
}

// decoder reads by slices of one string, so that most values cost no copy.
type decoder struct {
	text   string
	at     int
	depth  int // levels left
	values int // values left
}

func (d *decoder) fail(kind error, what string, args ...any) error {
	return &Error{Offset: d.at, What: fmt.Sprintf(what, args...), Kind: kind}
}

func (d *decoder) space() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

func (d *decoder) value() (any, error) {
	if d.values--; d.values < 0 {
		return nil, d.fail(ErrLimit, "too many values")
	}
	if d.at >= len(d.text) {
		return nil, d.fail(ErrSyntax, "a value is missing")
	}
	switch c := d.text[d.at]; {
	case c == '"':
		return d.str()
	case c == '{':
		return d.object()
	case c == '[':
		return d.array()
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	case c == 't':
		return true, d.word("true")
	case c == 'f':
		return false, d.word("false")
	case c == 'n':
		return nil, d.word("null")
	}
	return nil, d.fail(ErrSyntax, "no value starts with %q", d.text[d.at])
}

func (d *decoder) word(w string) error {
	if len(d.text)-d.at < len(w) || d.text[d.at:d.at+len(w)] != w {
		return d.fail(ErrSyntax, "%s expected", w)
	}
	d.at += len(w)
	return nil
}

func (d *decoder) enter() error {
	d.at++
	if d.depth--; d.depth < 0 {
		return d.fail(ErrLimit, "too deep")
	}
	d.space()
	return nil
}

func (d *decoder) object() (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	m := make(map[string]any, 8)
	if d.peek('}') {
		d.depth++
		return m, nil
	}
	for {
		if d.at >= len(d.text) || d.text[d.at] != '"' {
			return nil, d.fail(ErrSyntax, "the name of a member expected")
		}
		if d.values--; d.values < 0 {
			return nil, d.fail(ErrLimit, "too many values")
		}
		name, err := d.str()
		if err != nil {
			return nil, err
		}
		d.space()
		if !d.peek(':') {
			return nil, d.fail(ErrSyntax, "a colon expected")
		}
		d.space()
		before := len(m)
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		if m[name] = v; len(m) == before {
			return nil, d.fail(ErrUnsafe, "the name %q stands twice in an object", name)
		}
		d.space()
		if d.peek(',') {
			d.space()
			continue
		}
		if !d.peek('}') {
			return nil, d.fail(ErrSyntax, "a comma or the end of an object expected")
		}
		d.depth++
		return m, nil
	}
}

func (d *decoder) array() (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	list := []any{}
	if d.peek(']') {
		d.depth++
		return list, nil
	}
	for {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		d.space()
		if d.peek(',') {
			d.space()
			continue
		}
		if !d.peek(']') {
			return nil, d.fail(ErrSyntax, "a comma or the end of an array expected")
		}
		d.depth++
		return list, nil
	}
}

// peek steps over c if it comes next.
func (d *decoder) peek(c byte) bool {
	if d.at < len(d.text) && d.text[d.at] == c {
		d.at++
		return true
	}
	return false
}

// maxInteger is the largest whole number that every reader keeps (RFC 7493, 2.2).
const maxInteger = 1<<53 - 1

func (d *decoder) number() (any, error) {
	start, whole := d.at, true
	d.peek('-')
	switch {
	case d.peek('0'):
	case d.digits() == 0:
		return nil, d.fail(ErrSyntax, "a digit expected")
	}
	if d.peek('.') {
		whole = false
		if d.digits() == 0 {
			return nil, d.fail(ErrSyntax, "a digit expected")
		}
	}
	if d.at < len(d.text) && (d.text[d.at] == 'e' || d.text[d.at] == 'E') {
		whole = false
		d.at++
		if !d.peek('+') {
			d.peek('-')
		}
		if d.digits() == 0 {
			return nil, d.fail(ErrSyntax, "a digit expected")
		}
	}
	f, err := strconv.ParseFloat(d.text[start:d.at], 64)
	if err != nil {
		return nil, d.fail(ErrUnsafe, "the number %.40s is too large", d.text[start:d.at])
	}
	if whole && math.Abs(f) > maxInteger {
		return nil, d.fail(ErrUnsafe, "the whole number %.40s is not kept exactly by every reader", d.text[start:d.at])
	}
	return f, nil
}

func (d *decoder) digits() int {
	start := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at - start
}

// str reads a string; d.at stands on its first quotation mark.
func (d *decoder) str() (string, error) {
	d.at++
	start := d.at
	for d.at < len(d.text) {
		c := d.text[d.at]
		switch {
		case c == '"':
			d.at++
			return d.text[start : d.at-1], nil
		case c == '\\':
			return d.escaped(start)
		case c < 0x20:
			return "", d.fail(ErrSyntax, "a control character in a string")
		case c < utf8.RuneSelf:
			d.at++
		default:
			if err := d.rune(); err != nil {
				return "", err
			}
		}
	}
	return "", d.fail(ErrSyntax, "a string has no end")
}

// rune steps over one character that is not ASCII.
func (d *decoder) rune() error {
	r, n := utf8.DecodeRuneInString(d.text[d.at:])
	if r == utf8.RuneError && n < 2 {
		return d.fail(ErrUnsafe, "bytes that are not UTF-8")
	}
	d.at += n
	return nil
}

// escaped reads the rest of a string that has an escape at d.at.
func (d *decoder) escaped(start int) (string, error) {
	out := append(make([]byte, 0, d.at-start+32), d.text[start:d.at]...)
	for d.at < len(d.text) {
		c := d.text[d.at]
		switch {
		case c == '"':
			d.at++
			return string(out), nil
		case c < 0x20:
			return "", d.fail(ErrSyntax, "a control character in a string")
		case c != '\\':
			from := d.at
			if c < utf8.RuneSelf {
				d.at++
			} else if err := d.rune(); err != nil {
				return "", err
			}
			out = append(out, d.text[from:d.at]...)
		default:
			r, err := d.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return "", d.fail(ErrSyntax, "a string has no end")
}

var short = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (d *decoder) escape() (rune, error) {
	if d.at+1 >= len(d.text) {
		return 0, d.fail(ErrSyntax, "an escape has no end")
	}
	c := d.text[d.at+1]
	d.at += 2
	if c != 'u' {
		r, ok := short[c]
		if !ok {
			return 0, d.fail(ErrSyntax, "no such escape")
		}
		return r, nil
	}
	r, err := d.hex()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if !d.peek('\\') || !d.peek('u') {
		return 0, d.fail(ErrUnsafe, "half of a surrogate pair")
	}
	low, err := d.hex()
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, d.fail(ErrUnsafe, "half of a surrogate pair")
	}
	return r, nil
}

func (d *decoder) hex() (rune, error) {
	if len(d.text)-d.at < 4 {
		return 0, d.fail(ErrSyntax, "four hexadecimal digits expected")
	}
	var r rune
	for range 4 {
		c := d.text[d.at]
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, d.fail(ErrSyntax, "four hexadecimal digits expected")
		}
		d.at++
	}
	return r, nil
}
