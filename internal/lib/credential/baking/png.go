package baking

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"unicode/utf8"
)

var pngHead = []byte("\x89PNG\r\n\x1a\n")

// Keywords of the texts that hold a credential.
const (
	keyword  = "openbadgecredential" // OB 3.0, 5.3.1.1
	keyword2 = "openbadges"          // OB 2.0, Baking
)

const maxChunks = 100_000

// chunk is a part of a PNG (PNG, 5.3).
type chunk struct {
	typ  string
	data []byte
	raw  []byte // with length, type and sum
}

// chunks reads a PNG to its end. Sums are checked.
func chunks(picture []byte) ([]chunk, error) {
	rest := picture[len(pngHead):]
	var all []chunk
	for len(rest) > 0 {
		if len(rest) < 12 || len(all) == maxChunks {
			return nil, fmt.Errorf("%w: a broken part", ErrPicture)
		}
		n := int(binary.BigEndian.Uint32(rest))
		if n < 0 || n > len(rest)-12 {
			return nil, fmt.Errorf("%w: a broken part", ErrPicture)
		}
		c := chunk{typ: string(rest[4:8]), data: rest[8 : 8+n], raw: rest[:12+n]}
		if crc32.ChecksumIEEE(rest[4:8+n]) != binary.BigEndian.Uint32(rest[8+n:]) {
			return nil, fmt.Errorf("%w: a wrong sum", ErrPicture)
		}
		if len(all) == 0 && c.typ != "IHDR" {
			return nil, fmt.Errorf("%w: no header", ErrPicture)
		}
		all = append(all, c)
		if c.typ == "IEND" {
			return all, nil // what follows the end is no part of the picture
		}
		rest = rest[12+n:]
	}
	return nil, fmt.Errorf("%w: no end", ErrPicture)
}

func unbakePNG(picture []byte) ([]string, error) {
	all, err := chunks(picture)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, c := range all {
		if !c.holds() {
			continue
		}
		text, err := c.text()
		if err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, nil
}

// holds says whether a chunk is a text with one of our keywords.
func (c chunk) holds() bool {
	if c.typ != "iTXt" && c.typ != "tEXt" && c.typ != "zTXt" {
		return false
	}
	name, _, ok := bytes.Cut(c.data, []byte{0})
	return ok && (string(name) == keyword || string(name) == keyword2)
}

// text is the text of a chunk (PNG, 11.3.3).
func (c chunk) text() (string, error) {
	_, rest, _ := bytes.Cut(c.data, []byte{0})
	packed := false
	switch c.typ {
	case "iTXt":
		if len(rest) < 2 || rest[0] > 1 || rest[1] != 0 {
			return "", fmt.Errorf("%w: a broken text", ErrPicture)
		}
		packed, rest = rest[0] == 1, rest[2:]
		for range 2 { // language and translated keyword
			var ok bool
			if _, rest, ok = bytes.Cut(rest, []byte{0}); !ok {
				return "", fmt.Errorf("%w: a broken text", ErrPicture)
			}
		}
	case "zTXt":
		if len(rest) < 1 || rest[0] != 0 {
			return "", fmt.Errorf("%w: a broken text", ErrPicture)
		}
		packed, rest = true, rest[1:]
	}
	if packed {
		z, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			return "", fmt.Errorf("%w: a broken text", ErrPicture)
		}
		if rest, err = io.ReadAll(io.LimitReader(z, maxCredential+1)); err != nil {
			return "", fmt.Errorf("%w: a broken text", ErrPicture)
		}
	}
	if len(rest) > maxCredential {
		return "", ErrLimit
	}
	if !utf8.Valid(rest) {
		return "", fmt.Errorf("%w: a text that is not UTF-8", ErrPicture)
	}
	return string(rest), nil
}

// bakePNG writes the credential after the header and leaves out older ones.
func bakePNG(picture []byte, credential string) ([]byte, error) {
	all, err := chunks(picture)
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(picture)+len(credential)+64), pngHead...)
	for i, c := range all {
		if !c.holds() {
			out = append(out, c.raw...)
		}
		if i == 0 {
			// keyword, end, not packed, method 0, no language, no translated keyword
			out = appendChunk(out, "iTXt", keyword+"\x00\x00\x00\x00\x00"+credential)
		}
	}
	return out, nil
}

func appendChunk(b []byte, typ, data string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(data))) //nolint:gosec // bounded by maxCredential
	start := len(b)
	b = append(b, typ...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}
