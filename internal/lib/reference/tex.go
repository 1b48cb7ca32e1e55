package reference

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// parser walks through a BibTeX file.
type parser struct {
	s       string
	at      int
	strings map[string]string // of @string, by folded name
}

var months = map[string]string{
	"jan": "1", "feb": "2", "mar": "3", "apr": "4", "may": "5", "jun": "6", "jul": "7", "aug": "8", "sep": "9", "oct": "10", "nov": "11", "dec": "12",
}

var (
	errNoEnd   = errors.New("an entry does not end")
	errNoValue = errors.New("a field has no value")
	errNoName  = errors.New("a name is missing")
)

// entry gives the next entry that is a work; kind is "" at the end of the file.
func (p *parser) entry() (kind, id string, values map[string]string, err error) {
	for {
		i := strings.IndexByte(p.s[p.at:], '@') // what stands between entries is a comment
		if i < 0 {
			return "", "", nil, nil
		}
		p.at += i + 1
		kind = strings.ToLower(p.word())
		p.space()
		if p.at >= len(p.s) || p.s[p.at] != '{' && p.s[p.at] != '(' {
			continue // an @ in a comment
		}
		end := byte('}')
		if p.s[p.at] == '(' {
			end = ')'
		}
		p.at++
		switch kind {
		case "comment", "preamble":
			if err := p.skip(end); err != nil {
				return "", "", nil, err
			}
		case "string":
			_, defined, err := p.fields(end, false)
			if err != nil {
				return "", "", nil, err
			}
			for n, v := range defined {
				p.strings[n] = v
			}
		default:
			id, values, err = p.fields(end, true)
			return kind, id, values, err
		}
	}
}

// fields reads "id, name = value, …" up to end.
func (p *parser) fields(end byte, named bool) (id string, values map[string]string, err error) {
	if named {
		i := strings.IndexAny(p.s[p.at:], ",\n"+string(end))
		if i < 0 {
			return "", nil, errNoEnd
		}
		id = strings.TrimSpace(p.s[p.at : p.at+i])
		p.at += i
	}
	values = map[string]string{}
	for {
		p.space()
		for p.at < len(p.s) && p.s[p.at] == ',' {
			p.at++
			p.space()
		}
		if p.at >= len(p.s) {
			return "", nil, errNoEnd
		}
		if p.s[p.at] == end {
			p.at++
			return id, values, nil
		}
		name := strings.ToLower(p.word())
		if name == "" {
			return "", nil, errNoName
		}
		p.space()
		if p.at >= len(p.s) || p.s[p.at] != '=' {
			return "", nil, errNoValue
		}
		p.at++
		v, err := p.value()
		if err != nil {
			return "", nil, err
		}
		values[name] = v
	}
}

// value reads pieces joined by #: in braces, in quotes, a number, or a name.
func (p *parser) value() (string, error) {
	var b strings.Builder
	for {
		p.space()
		if p.at >= len(p.s) {
			return "", errNoEnd
		}
		switch c := p.s[p.at]; {
		case c == '{' || c == '"':
			piece, err := p.quoted(c)
			if err != nil {
				return "", err
			}
			b.WriteString(piece)
		default:
			w := p.word()
			if w == "" {
				return "", errNoValue
			}
			if v, ok := p.strings[strings.ToLower(w)]; ok {
				w = v
			}
			b.WriteString(w)
		}
		p.space()
		if p.at >= len(p.s) || p.s[p.at] != '#' {
			return b.String(), nil
		}
		p.at++
	}
}

// quoted reads up to the brace or the quotation mark that closes.
func (p *parser) quoted(open byte) (string, error) {
	p.at++
	depth := 0
	for i := p.at; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '\\':
			i++
		case c == '{':
			depth++
		case open == '{' && c == '}' && depth == 0, open == '"' && c == '"' && depth == 0:
			v := p.s[p.at:i]
			p.at = i + 1
			return v, nil
		case c == '}':
			depth--
		}
	}
	return "", errNoEnd
}

// skip goes behind the end of an entry nobody reads.
func (p *parser) skip(end byte) error {
	depth := 0
	for ; p.at < len(p.s); p.at++ {
		switch c := p.s[p.at]; {
		case c == end && depth == 0:
			p.at++
			return nil
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
	}
	return errNoEnd
}

func (p *parser) space() {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		case '%': // a comment up to the end of the line
			if i := strings.IndexByte(p.s[p.at:], '\n'); i >= 0 {
				p.at += i
			} else {
				p.at = len(p.s)
			}
		default:
			return
		}
	}
}

func (p *parser) word() string {
	from := p.at
	for p.at < len(p.s) && !strings.ContainsRune(" \t\n\r{}(),=\"#%@", rune(p.s[p.at])) {
		p.at++
	}
	return p.s[from:p.at]
}

// accents of TeX and the mark Unicode puts after the letter.
var accents = map[byte]string{'\'': "\u0301", '`': "\u0300", '^': "\u0302", '"': "\u0308", '~': "\u0303", 'c': "\u0327", 'v': "\u030C", '=': "\u0304", '.': "\u0307", 'u': "\u0306", 'H': "\u030B", 'r': "\u030A", 'k': "\u0328"}

// letters that TeX names.
var letters = map[string]string{
	"oe": "œ", "OE": "Œ", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "i": "ı", "j": "ȷ",
	"og": "«", "fg": "»", "textendash": "–", "textemdash": "—", "ldots": "…", "dots": "…", "textquoteright": "’", "textbackslash": `\`, "textasciitilde": "~",
}

// plain reads the TeX of a value: accents, letters that have a name, signs that are
// escaped; braces and commands go, what they hold stays.
func plain(s string) string {
	if !strings.ContainsAny(s, `\{}~-`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '{' || c == '}':
			i++
		case c == '~':
			b.WriteByte(' ')
			i++
		case strings.HasPrefix(s[i:], "---"):
			b.WriteString("—")
			i += 3
		case c == '\\' && i+1 < len(s):
			said, n := command(s[i+1:])
			b.WriteString(said)
			i += 1 + n
		default:
			b.WriteByte(c)
			i++
		}
	}
	return norm.NFC.String(b.String())
}

// command reads what follows a backslash, and how many bytes it is.
func command(s string) (said string, n int) {
	for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z') {
		n++
	}
	name := s[:n]
	if l, ok := letters[name]; ok {
		if strings.HasPrefix(s[n:], "{}") {
			n += 2
		} else if strings.HasPrefix(s[n:], " ") {
			n++
		}
		return l, n
	}
	mark, isAccent := "", false
	if n == 1 {
		mark, isAccent = accents[s[0]]
	} else if n == 0 && s != "" {
		mark, isAccent = accents[s[0]]
		n = 1
	}
	if isAccent {
		for n < len(s) && (s[n] == ' ' || s[n] == '{') {
			n++
		}
		if strings.HasPrefix(s[n:], `\i`) || strings.HasPrefix(s[n:], `\j`) { // the dot goes with an accent
			return s[n+1:n+2] + mark, n + 2
		}
		if n < len(s) {
			r, size := utf8.DecodeRuneInString(s[n:])
			return string(r) + mark, n + size
		}
		return "", n
	}
	if name == "" && s != "" { // \& \% \_ \$ \# \{
		r, size := utf8.DecodeRuneInString(s)
		return string(r), size
	}
	return "", n // \emph, \textit: what they hold follows
}

// escape writes a value so that plain reads it again.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `~`, `\textasciitilde{}`, `&`, `\&`, `%`, `\%`, `#`, `\#`, `_`, `\_`, `$`, `\$`, "---", "-{}-{}-").Replace(s)
}
