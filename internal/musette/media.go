package musette

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sniffed is how much of a file tells what it is, in bytes.
const sniffed = 512

// signature is how files of a kind begin.
type signature struct {
	at    int
	bytes string
	media string // "" is a program, which is not taken
}

// signatures of the kinds we name, and of programs. A file that begins like none of
// them is kept as it is: the evidence of a trade has the formats of the trade.
var signatures = []signature{
	{0, "\x89PNG\r\n\x1a\n", "image/png"},
	{0, "\xff\xd8\xff", "image/jpeg"},
	{0, "GIF87a", "image/gif"},
	{0, "GIF89a", "image/gif"},
	{8, "WEBP", "image/webp"},
	{0, "II*\x00", "image/tiff"},
	{0, "MM\x00*", "image/tiff"},
	{0, "BM", "image/bmp"},
	{4, "ftypheic", "image/heic"},
	{4, "ftypavif", "image/avif"},
	{4, "ftypM4A", "audio/mp4"},
	{4, "ftypqt", "video/quicktime"},
	{4, "ftyp", "video/mp4"},
	{0, "\x1aE\xdf\xa3", "video/webm"},
	{0, "ID3", "audio/mpeg"},
	{0, "\xff\xfb", "audio/mpeg"},
	{0, "OggS", "audio/ogg"},
	{8, "WAVE", "audio/wav"},
	{0, "fLaC", "audio/flac"},
	{0, "%PDF-", "application/pdf"},
	{0, "{\\rtf", "application/rtf"},
	{0, "PK\x03\x04", "application/zip"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"},
	{0, "MZ", ""},                        // Windows
	{0, "\x7fELF", ""},                   // Linux
	{0, "\xfe\xed\xfa\xce", ""},          // macOS, in its four forms
	{0, "\xfe\xed\xfa\xcf", ""},          //
	{0, "\xce\xfa\xed\xfe", ""},          //
	{0, "\xcf\xfa\xed\xfe", ""},          //
	{0, "\xca\xfe\xba\xbe", ""},          // macOS for several machines, Java
	{0, "dex\n", ""},                     // Android
	{0, "L\x00\x00\x00\x01\x14\x02", ""}, // a Windows shortcut
}

// refusedEndings are names by which a double click runs a file, whatever it holds.
var refusedEndings = []string{".exe", ".msi", ".com", ".scr", ".bat", ".cmd", ".lnk", ".hta", ".vbs", ".pif"}

// named are the kinds that a signature cannot tell from their container or from text.
var named = map[string]string{
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text",
	".ods":  "application/vnd.oasis.opendocument.spreadsheet",
	".odp":  "application/vnd.oasis.opendocument.presentation",
	".epub": "application/epub+zip",
	".doc":  "application/msword",
	".xls":  "application/vnd.ms-excel",
	".ppt":  "application/vnd.ms-powerpoint",
	".csv":  "text/csv",
	".md":   "text/markdown",
	".json": "application/json",
	".ics":  "text/calendar",
	".vcf":  "text/vcard",
	".svg":  "image/svg+xml",
	".html": "text/html",
	".htm":  "text/html",
	".xml":  "application/xml",
}

// containers are the kinds whose ending says more than their signature.
var containers = []string{"application/zip", "application/x-ole-storage", "text/plain"}

// mediaOf says what a file is by how it begins and what it is called; ok is false
// for a program.
func mediaOf(begins []byte, name string) (media string, ok bool) {
	ending := strings.ToLower(path.Ext(name))
	if slices.Contains(refusedEndings, ending) {
		return "", false
	}
	media = "application/octet-stream"
	if isText(begins) {
		media = "text/plain"
	}
	for _, s := range signatures {
		if len(begins) >= s.at && bytes.HasPrefix(begins[s.at:], []byte(s.bytes)) && (s.bytes != "BM" || media != "text/plain") {
			media = s.media
			break
		}
	}
	if media == "" {
		return "", false
	}
	if more, known := named[ending]; known && slices.Contains(containers, media) {
		media = more
	}
	return media, true
}

// isText reports whether a file begins as a text does: UTF-8 without control signs,
// whose last character may be cut.
func isText(begins []byte) bool {
	if len(begins) == sniffed {
		for i := 0; i < utf8.UTFMax-1 && !utf8.Valid(begins); i++ {
			begins = begins[:len(begins)-1]
		}
	}
	if !utf8.Valid(begins) {
		return false
	}
	return bytes.IndexFunc(begins, func(c rune) bool {
		return c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b
	}) < 0
}

// isImage reports whether we draw a preview of such a file.
func isImage(media string) bool {
	switch media {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}

const fileNameMost = 180

// fileName is the name of an uploaded file without its folders and without signs
// that no file name should hold.
func fileName(given string) string {
	given = given[strings.LastIndexAny(given, `/\`)+1:]
	given = strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == utf8.RuneError || unicode.Is(unicode.Bidi_Control, c) {
			return -1
		}
		return c
	}, given))
	if r := []rune(given); len(r) > fileNameMost {
		ending := []rune(path.Ext(given))
		if len(ending) > 10 {
			ending = nil
		}
		given = string(r[:fileNameMost-len(ending)]) + string(ending)
	}
	return strings.TrimLeft(given, ".")
}
