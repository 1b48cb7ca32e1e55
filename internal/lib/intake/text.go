package intake

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decoding says how bytes became text.
type decoding struct {
	legacyLines int // lines that were not UTF-8
	firstLegacy int // the first of them, counted from 1
	binary      bool
}

// decodeText turns bytes into UTF-8 text: UTF-8 or UTF-16 with or without a byte
// order mark, Windows-1252, and files in which lines of both stand side by side,
// as spreadsheets filled over the years have them.
func decodeText(raw string) (string, decoding) {
	switch {
	case strings.HasPrefix(raw, "\xef\xbb\xbf"):
		raw = raw[3:]
	case strings.HasPrefix(raw, "\xff\xfe"), looksUTF16(raw, 1):
		return decodeUTF16(raw, unicode.LittleEndian)
	case strings.HasPrefix(raw, "\xfe\xff"), looksUTF16(raw, 0):
		return decodeUTF16(raw, unicode.BigEndian)
	}
	if isBinary(raw) {
		return "", decoding{binary: true}
	}
	if utf8.ValidString(raw) {
		return raw, decoding{}
	}
	var b strings.Builder
	b.Grow(len(raw) + len(raw)/8)
	var how decoding
	for n := 1; len(raw) > 0; n++ {
		end := strings.IndexByte(raw, '\n') + 1
		if end == 0 {
			end = len(raw)
		}
		if line := raw[:end]; utf8.ValidString(line) {
			b.WriteString(line)
		} else {
			how.legacyLines++
			if how.firstLegacy == 0 {
				how.firstLegacy = n
			}
			decodeLegacy(&b, line)
		}
		raw = raw[end:]
	}
	return b.String(), how
}

// decodeLegacy reads a line that is not UTF-8 as Windows-1252, but for the
// sequences that are unmistakably UTF-8 in the languages of this house: accented
// Latin letters (lead bytes C2, C3, C5), typographic signs (E2) and emoji (F0).
// The line "É »" of a French spreadsheet, C9 A0 BB, is not one of them.
func decodeLegacy(b *strings.Builder, line string) {
	for len(line) > 0 {
		c := line[0]
		if c == 0xC2 || c == 0xC3 || c == 0xC5 || c == 0xE2 || c == 0xF0 {
			if r, n := utf8.DecodeRuneInString(line); r != utf8.RuneError {
				b.WriteRune(r)
				line = line[n:]
				continue
			}
		}
		b.WriteRune(charmap.Windows1252.DecodeByte(c))
		line = line[1:]
	}
}

func decodeUTF16(raw string, order unicode.Endianness) (string, decoding) {
	out, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().String(raw)
	if err != nil {
		return "", decoding{binary: true}
	}
	return out, decoding{}
}

// looksUTF16 reports whether nearly every byte at the given parity is zero, as in
// Western text in UTF-16 without a mark.
func looksUTF16(raw string, parity int) bool {
	head := raw[:min(len(raw), 256)&^1]
	if len(head) < 4 {
		return false
	}
	zeros, others := 0, 0
	for i := range len(head) {
		switch c := head[i]; {
		case c == 0 && i%2 == parity:
			zeros++
		case c == 0:
			others++
		}
	}
	return others == 0 && zeros*10 >= len(head)/2*9
}

// isBinary reports whether the bytes are no text: one in twenty of the first 4 KiB
// is a control character, and some are zero or the whole is not UTF-8.
func isBinary(raw string) bool {
	head := raw[:min(len(raw), 4096)]
	bad := 0
	for i := range len(head) {
		if c := head[i]; c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			bad++
		}
	}
	return bad*20 > len(head) && (strings.IndexByte(head, 0) >= 0 || !utf8.ValidString(head))
}
