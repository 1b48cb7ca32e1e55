package intake

import (
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// contentLine is a line of a calendar or a card: name;param=value:value, unfolded
// (RFC 5545, 3.1; RFC 6350, 3.3).
type contentLine struct {
	line   int    // where it begins, from 1
	name   string // upper case, without group
	params map[string][]string
	value  string
}

// param is the first value of a parameter.
func (c contentLine) param(name string) string {
	if v := c.params[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// eachContentLine unfolds a text and gives its lines. A line without a colon is
// given with bad true. Folds are CRLF or LF and one blank; in cards of version
// 2.1, a quoted-printable value goes on after an equals sign.
func eachContentLine(text string, yield func(c contentLine, bad bool) error) error {
	for n := 1; text != ""; {
		line, rest := cutLine(text)
		begin, whole, printable := n, []byte(line), isPrintable(line)
		for n++; rest != ""; n++ {
			next, after := cutLine(rest)
			if printable && len(whole) > 0 && whole[len(whole)-1] == '=' {
				whole = whole[:len(whole)-1]
			} else if next != "" && (next[0] == ' ' || next[0] == '\t') {
				next = next[1:]
			} else {
				break
			}
			if len(whole) < maxFoldedLine {
				whole = append(whole, next...)
			}
			rest = after
		}
		text = rest
		unfolded := string(whole)
		if strings.TrimSpace(unfolded) == "" {
			continue
		}
		c, ok := parseContentLine(unfolded)
		c.line = begin
		if err := yield(c, !ok); err != nil {
			return err
		}
	}
	return nil
}

// isPrintable reports whether a line is in the quoted-printable encoding of vCard
// 2.1, in which a line that goes on ends with an equals sign.
func isPrintable(line string) bool {
	head, _, ok := strings.Cut(line, ":")
	return ok && strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
}

func cutLine(text string) (line, rest string) {
	i := strings.IndexByte(text, '\n')
	if i < 0 {
		return text, ""
	}
	return strings.TrimSuffix(text[:i], "\r"), text[i+1:]
}

// parseContentLine splits a line. Parameter values may be in quotes, with commas
// between several.
func parseContentLine(line string) (contentLine, bool) {
	c := contentLine{params: map[string][]string{}}
	i := strings.IndexAny(line, ";:")
	if i <= 0 {
		return c, false
	}
	name := strings.ToUpper(strings.TrimSpace(line[:i]))
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		name = name[dot+1:]
	}
	c.name = name
	for line[i] == ';' {
		rest := line[i+1:]
		end := endOfParam(rest)
		if end < 0 {
			return c, false
		}
		key, values, named := strings.Cut(rest[:end], "=")
		if !named { // vCard 2.1: TEL;HOME:…
			key, values = "TYPE", key
			if u := strings.ToUpper(values); u == "QUOTED-PRINTABLE" || u == "BASE64" {
				key = "ENCODING"
			}
		}
		key = strings.ToUpper(strings.TrimSpace(key))
		for _, v := range strings.Split(values, ",") {
			if len(c.params[key]) < 20 && len(c.params) < 50 {
				c.params[key] = append(c.params[key], strings.Trim(strings.TrimSpace(v), `"`))
			}
		}
		i += 1 + end
	}
	c.value = line[i+1:]
	return c, true
}

// endOfParam is where the next ; or : outside quotes stands.
func endOfParam(s string) int {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case !quoted && (s[i] == ';' || s[i] == ':'):
			return i
		}
	}
	return -1
}

// text is the value as text: decoded, without escapes.
func (c contentLine) text() string { return unescapeText(c.decoded()) }

// fields splits a structured value at its semicolons: N, ORG, ADR.
func (c contentLine) fields() []string {
	return splitEscaped(c.decoded(), ';')
}

// list splits a value at its commas: CATEGORIES, NICKNAME.
func (c contentLine) list() []string {
	return splitEscaped(c.decoded(), ',')
}

// decoded undoes the encodings of vCard 2.1.
func (c contentLine) decoded() string {
	v := c.value
	switch strings.ToUpper(c.param("ENCODING")) {
	case "QUOTED-PRINTABLE":
		if raw, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(v))); err == nil {
			v = string(raw)
		}
		if charset := strings.ToUpper(c.param("CHARSET")); charset == "ISO-8859-1" || charset == "WINDOWS-1252" || !utf8.ValidString(v) {
			if t, err := charmap.Windows1252.NewDecoder().String(v); err == nil {
				v = t
			}
		}
	case "B", "BASE64":
		if raw, err := base64.StdEncoding.DecodeString(v); err == nil && utf8.Valid(raw) {
			v = string(raw)
		}
	}
	return v
}

// unescapeText undoes \n, \, \; and \\ (RFC 5545, 3.3.11).
func unescapeText(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n', 'N':
			b.WriteByte('\n')
		case ',', ';', '\\', ':', '"':
			b.WriteByte(s[i])
		default:
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// splitEscaped splits at a sign that no backslash precedes, and unescapes.
func splitEscaped(s string, sep byte) []string {
	var out []string
	from := 0
	for i := 0; i < len(s) && len(out) < maxList; i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			out = append(out, strings.TrimSpace(unescapeText(s[from:i])))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(unescapeText(s[min(from, len(s)):])))
}
