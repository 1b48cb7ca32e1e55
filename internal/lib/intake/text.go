package intake

import (
	"bytes"
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
func decodeText(raw []byte) (string, decoding) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), looksUTF16(raw, 1):
		return decodeUTF16(raw, unicode.LittleEndian)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")), looksUTF16(raw, 0):
		return decodeUTF16(raw, unicode.BigEndian)
	}
	if isBinary(raw) {
		return "", decoding{binary: true}
	}
	if utf8.Valid(raw) {
		return string(raw), decoding{}
	}
	var b strings.Builder
	b.Grow(len(raw) + len(raw)/8)
	var how decoding
	for n := 1; len(raw) > 0; n++ {
		end := bytes.IndexByte(raw, '\n') + 1
		if end == 0 {
			end = len(raw)
		}
		if line := raw[:end]; utf8.Valid(line) {
			b.Write(line)
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
func decodeLegacy(b *strings.Builder, line []byte) {
	for len(line) > 0 {
		c := line[0]
		if c == 0xC2 || c == 0xC3 || c == 0xC5 || c == 0xE2 || c == 0xF0 {
			if r, n := utf8.DecodeRune(line); r != utf8.RuneError {
				b.WriteRune(r)
				line = line[n:]
				continue
			}
		}
		b.WriteRune(charmap.Windows1252.DecodeByte(c))
		line = line[1:]
	}
}

func decodeUTF16(raw []byte, order unicode.Endianness) (string, decoding) {
	out, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(raw)
	if err != nil {
		return "", decoding{binary: true}
	}
	return string(out), decoding{}
}

// looksUTF16 reports whether nearly every byte at the given parity is zero, as in
// Western text in UTF-16 without a mark.
func looksUTF16(raw []byte, parity int) bool {
	head := raw[:min(len(raw), 256)&^1]
	if len(head) < 4 {
		return false
	}
	zeros, others := 0, 0
	for i, c := range head {
		switch {
		case c == 0 && i%2 == parity:
			zeros++
		case c == 0:
			others++
		}
	}
	return others == 0 && zeros*10 >= len(head)/2*9
}

// isBinary reports whether the bytes are no text: more than one in twenty of the
// first 4 KiB is a control character.
func isBinary(raw []byte) bool {
	head := raw[:min(len(raw), 4096)]
	bad := 0
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			bad++
		}
	}
	return bad*20 > len(head)
}
