package french

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold is s in lower case, without accents, with ligatures taken apart
// (œ, æ, ß, ﬁ). Everything that is neither letter nor digit stays as it is.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	var buf [16]byte
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteByte(s[i])
		case unicode.Is(unicode.Mn, r):
		case wordRune(r):
			b.Write(appendFolded(buf[:0], r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func folded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// asciiFold is the folded form of each ASCII letter or digit, 0 for the others.
var asciiFold = func() (t [utf8.RuneSelf]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case 'A' <= c && c <= 'Z':
			t[c] = c + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			t[c] = c
		}
	}
	return t
}()

// latinFold is the same for the runes below 0x180, where nearly all accented
// letters of French lie: asked for first, because it is five times as fast.
var latinFold = func() (t [0x180]string) {
	for r := rune(utf8.RuneSelf); r < rune(len(t)); r++ {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			t[r] = string(appendDecomposed(nil, r))
		}
	}
	return t
}()

// wordRune says whether a word may hold r, marks put aside.
func wordRune(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return asciiFold[r] != 0
	case r < rune(len(latinFold)):
		return latinFold[r] != ""
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

// appendFolded appends the folded form of a wordRune.
func appendFolded(dst []byte, r rune) []byte {
	switch {
	case r < utf8.RuneSelf:
		return append(dst, asciiFold[r])
	case r < rune(len(latinFold)):
		return append(dst, latinFold[r]...)
	}
	return appendDecomposed(dst, r)
}

// apart are the letters that Unicode does not decompose and French readers do.
var apart = map[rune]string{
	'œ': "oe", 'Œ': "oe", 'æ': "ae", 'Æ': "ae", 'ß': "ss", 'ẞ': "ss",
	'ø': "o", 'Ø': "o", 'đ': "d", 'Đ': "d", 'ł': "l", 'Ł': "l", 'ı': "i",
	'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ħ': "h", 'Ħ': "h",
}

func appendDecomposed(dst []byte, r rune) []byte {
	before := len(dst)
	for _, d := range norm.NFKD.String(string(r)) {
		if s, ok := apart[d]; ok {
			dst = append(dst, s...)
		} else if unicode.IsLetter(d) || unicode.IsNumber(d) {
			dst = utf8.AppendRune(dst, unicode.ToLower(d))
		}
	}
	if len(dst) == before { // a letter made of marks only: keep it rather than lose the word
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
	}
	return dst
}
