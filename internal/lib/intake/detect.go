package intake

import (
	"strings"
)

// magic is a family of files recognised by its first bytes.
type magic int

const (
	magicNone magic = iota
	magicZip
	magicPNG
	magicPicture
	magicPDF
	magicOLE
	magicPacked
)

var magics = []struct {
	prefix string
	is     magic
}{
	{"PK\x03\x04", magicZip},
	{"PK\x05\x06", magicZip}, // an archive of nothing
	{"\x89PNG\r\n\x1a\n", magicPNG},
	{"\xff\xd8\xff", magicPicture},
	{"GIF87a", magicPicture},
	{"GIF89a", magicPicture},
	{"%PDF-", magicPDF},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", magicOLE}, // .xls, .doc: [MS-CFB] 2.2
	{"\x1f\x8b", magicPacked},
	{"7z\xbc\xaf\x27\x1c", magicPacked},
	{"Rar!\x1a\x07", magicPacked},
	{"BZh", magicPacked},
	{"\xfd7zXZ\x00", magicPacked},
}

func magicOf(raw string) magic {
	for _, m := range magics {
		if strings.HasPrefix(raw, m.prefix) {
			return m.is
		}
	}
	if len(raw) >= 12 && raw[:4] == "RIFF" && raw[8:12] == "WEBP" {
		return magicPicture
	}
	return magicNone
}

// looksLikeJWT reports whether s is three dot-separated base64url parts, the
// first of which is an object (RFC 7515, 7.1), perhaps with the disclosures of an
// SD-JWT behind it.
func looksLikeJWT(s string) bool {
	s = strings.TrimSpace(s)
	jws, _, _ := strings.Cut(s, "~")
	parts := strings.Split(jws, ".")
	if len(parts) != 3 || !strings.HasPrefix(parts[0], "ey") {
		return false
	}
	for _, p := range parts {
		if strings.Trim(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=") != "" {
			return false
		}
	}
	return true
}
