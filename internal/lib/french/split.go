package french

import (
	"unicode"
	"unicode/utf8"
)

// words walks through the words of a text without allocating: after each next,
// text[start:end] is the word as typed and buf its folded form, valid until the
// next call.
//
//	l'accueil        → accueil                (elision dropped)
//	aujourd'hui      → aujourd'hui            (one word)
//	driver's         → driver
//	aide-soignante   → aide, soignante
//	e-mail, S.A.V.   → email, sav
//	C++, C#          → c++, c#
//	ingénieur(e)s    → ingenieur              (the whole span)
type words struct {
	text       string
	start, end int
	buf        []byte
	wanted     *[256]uint64 // when set, words whose first byte has 0 there may be passed over
}

// split begins a walk; room is where words are folded, given back grown in buf.
func split(text string, room []byte) words { return words{text: text, buf: room} }

// wordRoom holds nearly every word.
const wordRoom = 48

// next moves to the next word.
func (w *words) next() bool {
	pos := w.end
	w.buf = w.buf[:0]
	for {
		pos = w.skip(pos)
		if pos == len(w.text) {
			w.start, w.end = pos, pos
			return false
		}
		if w.wanted != nil {
			if end := w.unwanted(pos); end > pos {
				pos = end
				continue
			}
		}
		w.start = pos
		pos = w.read(pos)
		if pos == len(w.text) || w.text[pos] == ' ' {
			w.end = pos
			return true
		}
		n := apostrophe(w.text[pos:])
		if n == 0 || !startsWord(w.text[pos+n:]) {
			w.end = w.tail(pos)
			return true
		}
		if elided(w.buf) {
			pos += n
			w.buf = w.buf[:0]
			continue
		}
		w.end = w.afterApostrophe(pos, n)
		return true
	}
}

// unwanted is the end of a plain word at pos that begins with an unwanted byte,
// or pos when the word must be read: only words that a space ends are surely whole.
func (w *words) unwanted(pos int) int {
	if c := w.text[pos]; c >= utf8.RuneSelf || w.wanted[asciiFold[c]] != 0 {
		return pos
	}
	end := pos + 1
	for end < len(w.text) && w.text[end] < utf8.RuneSelf && asciiFold[w.text[end]] != 0 {
		end++
	}
	if end < len(w.text) && w.text[end] != ' ' && w.text[end] != ',' && w.text[end] != '\n' {
		return pos
	}
	return end
}

// skip is the place of the first word at or after pos.
func (w *words) skip(pos int) int {
	for pos < len(w.text) {
		if c := w.text[pos]; c < utf8.RuneSelf {
			if asciiFold[c] != 0 {
				return pos
			}
			pos++
			continue
		}
		r, n := utf8.DecodeRuneInString(w.text[pos:])
		if wordRune(r) && !(r == utf8.RuneError && n == 1) {
			return pos
		}
		pos += n
	}
	return pos
}

// read folds letters, digits and marks from pos into buf, and gives their end.
func (w *words) read(pos int) int {
	for pos < len(w.text) {
		if c := w.text[pos]; c < utf8.RuneSelf {
			f := asciiFold[c]
			if f == 0 {
				return pos
			}
			w.buf = append(w.buf, f)
			pos++
			continue
		}
		r, n := utf8.DecodeRuneInString(w.text[pos:])
		switch {
		case r == utf8.RuneError:
			return pos
		case wordRune(r):
			w.buf = appendFolded(w.buf, r)
		case !unicode.Is(unicode.Mn, r) && r != softHyphen:
			return pos
		}
		pos += n
	}
	return pos
}

const softHyphen = '\u00AD'

// tail takes in what belongs to the word just read but is not letters.
func (w *words) tail(pos int) int {
	rest := w.text[pos:]
	switch {
	case rest[0] == '-' && len(w.buf) == 1 && w.buf[0] == 'e' && startsWord(rest[1:]): // e-mail
		return w.read(pos + 1)
	case rest[0] == '.' && len(w.buf) == 1:
		return w.acronym(pos)
	case len(rest) > 1 && rest[:2] == "++" && !startsWord(rest[2:]):
		w.buf = append(w.buf, "++"...)
		return pos + 2
	case rest[0] == '#' && len(w.buf) == 1:
		w.buf = append(w.buf, '#')
		return pos + 1
	}
	return pos + inclusive(len(w.buf), rest)
}

// acronym reads the letters of S.A.V. as one word.
func (w *words) acronym(pos int) int {
	for pos+1 < len(w.text) && w.text[pos] == '.' {
		c := w.text[pos+1]
		if c >= utf8.RuneSelf || asciiFold[c] == 0 || startsWord(w.text[pos+2:]) {
			break
		}
		w.buf = append(w.buf, asciiFold[c])
		pos += 2
	}
	if len(w.buf) > 1 && pos < len(w.text) && w.text[pos] == '.' {
		pos++
	}
	return pos
}

// afterApostrophe ends a word that an apostrophe of n bytes at pos follows and
// that is not an elision: aujourd'hui is one word, an English 's or n't falls.
func (w *words) afterApostrophe(pos, n int) int {
	before := len(w.buf)
	end := w.read(pos + n)
	switch string(w.buf[before:]) {
	case "hui":
		return end
	case "s", "t", "re", "ve", "ll", "d", "m":
		w.buf = w.buf[:before]
		return end
	}
	w.buf = w.buf[:before]
	return pos
}

func startsWord(s string) bool {
	if s == "" {
		return false
	}
	if s[0] < utf8.RuneSelf {
		return asciiFold[s[0]] != 0
	}
	r, n := utf8.DecodeRuneInString(s)
	return wordRune(r) && !(r == utf8.RuneError && n == 1)
}

// apostrophe is the length of the apostrophe that s starts with, or 0.
func apostrophe(s string) int {
	switch {
	case s[0] == '\'', s[0] == '`':
		return 1
	case len(s) >= 3 && s[0] == 0xE2 && s[1] == 0x80 && (s[2] == 0x99 || s[2] == 0x98): // ’ ‘
		return 3
	case len(s) >= 2 && s[0] == 0xCA && (s[1] == 0xBC || s[1] == 0xB9): // ʼ ʹ
		return 2
	case len(s) >= 2 && s[0] == 0xC2 && s[1] == 0xB4: // ´
		return 2
	}
	return 0
}

func elided(w []byte) bool {
	switch string(w) {
	case "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu":
		return true
	}
	return false
}
