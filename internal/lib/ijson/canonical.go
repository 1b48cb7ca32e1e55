package ijson

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrValue is a value that JSON cannot hold: another Go type, NaN, broken UTF-8, or
// nesting without end.
var ErrValue = errors.New("value that JSON cannot hold")

// Canonical is the canonical form of v (RFC 8785).
func Canonical(v any) ([]byte, error) { return Append(make([]byte, 0, 1024), v) }

// maxAppend is deeper than anything Decode gives; it stops values that contain themselves.
const maxAppend = 1000

// Append adds the canonical form of v to b (RFC 8785, 3.2).
func Append(b []byte, v any) ([]byte, error) { return appendValue(b, v, maxAppend) }

func appendValue(b []byte, v any, depth int) ([]byte, error) {
	if depth == 0 {
		return nil, ErrValue
	}
	switch x := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, x), nil
	case string:
		return appendString(b, x)
	case float64:
		return AppendNumber(b, x)
	case []any:
		return appendArray(b, x, depth)
	case map[string]any:
		return appendObject(b, x, depth)
	}
	return nil, ErrValue
}

func appendArray(b []byte, list []any, depth int) ([]byte, error) {
	var err error
	b = append(b, '[')
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, e, depth-1); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendObject(b []byte, m map[string]any, depth int) ([]byte, error) {
	var room [16]string
	names := room[:0]
	plain := true
	for name := range m {
		names = append(names, name)
		for i := 0; i < len(name) && plain; i++ {
			plain = name[i] < 0xee
		}
	}
	if plain {
		slices.Sort(names)
	} else {
		slices.SortFunc(names, compareUTF16)
	}
	var err error
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendString(b, name); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, m[name], depth-1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// compareUTF16 orders names by UTF-16 code units (RFC 8785, 3.2.3). It differs from the
// order of bytes only above U+E000, which UTF-8 starts with 0xee.
func compareUTF16(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

const hexDigits = "0123456789abcdef"

// appendString escapes what must be and nothing else (RFC 8785, 3.2.2.2).
func appendString(b []byte, s string) ([]byte, error) {
	b = append(b, '"')
	last := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				return nil, ErrValue
			}
			i += n - 1
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
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
	b = append(b, s[last:]...)
	return append(b, '"'), nil
}

// AppendNumber writes f as ECMAScript does (RFC 8785, 3.2.2.3).
func AppendNumber(b []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, ErrValue
	}
	if f == 0 {
		return append(b, '0'), nil // also for -0
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64), nil
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	// Go writes at least two digits of exponent, ECMAScript only the needed ones.
	if i := slices.Index(b[start:], 'e') + start; b[i+2] == '0' {
		b = slices.Delete(b, i+2, i+3)
	}
	return b, nil
}

// Clone is a deep copy of v, so that one may be changed without the other.
func Clone(v any) any {
	switch x := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(x))
		for k, e := range x {
			m[k] = Clone(e)
		}
		return m
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = Clone(e)
		}
		return list
	}
	return v
}
