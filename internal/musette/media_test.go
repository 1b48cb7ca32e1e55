package musette

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestAFileIsWhatItBeginsLikeNotWhatItIsCalled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ begins, name, want string }{
		{"\x89PNG\r\n\x1a\n....", "photo.jpg", "image/png"},
		{"\xff\xd8\xff\xe0", "a", "image/jpeg"},
		{"GIF89a", "a.gif", "image/gif"},
		{"RIFF....WEBPVP8 ", "a.webp", "image/webp"},
		{"....ftypheic", "a.heic", "image/heic"},
		{"....ftypisom", "a.mp4", "video/mp4"},
		{"%PDF-1.7", "a.txt", "application/pdf"},
		{"PK\x03\x04....", "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"PK\x03\x04....", "a.odt", "application/vnd.oasis.opendocument.text"},
		{"PK\x03\x04....", "a.zip", "application/zip"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "application/msword"},
		{"nom;prénom\n", "a.csv", "text/csv"},
		{"BMX, courses et entraînements", "a.txt", "text/plain"},
		{"<svg xmlns='x'><script/></svg>", "a.svg", "image/svg+xml"},
		{"Du texte, sans fin " + strings.Repeat("é", 400), "", "text/plain"},
		{"\x00\x01\x02", "plan.dwg", "application/octet-stream"},
		{"", "a.txt", "text/plain"},
	} {
		begins := []byte(c.begins)
		got, ok := mediaOf(begins[:min(len(begins), sniffed)], c.name)
		if !ok || got != c.want {
			t.Errorf("%.12q called %q is %q, %v; want %q", c.begins, c.name, got, ok, c.want)
		}
	}
	for _, c := range []struct{ begins, name string }{
		{"MZ\x90\x00", "rapport.pdf"}, {"\x7fELF", "a"}, {"\xca\xfe\xba\xbe", "A.class"}, {"\xcf\xfa\xed\xfe", "a"}, {"bonjour", "facture.PDF.EXE"}, {"@echo off", "a.bat"},
	} {
		if got, ok := mediaOf([]byte(c.begins), c.name); ok {
			t.Errorf("%q called %q is taken as %q", c.begins, c.name, got)
		}
	}
}

func TestTheNameOfAFileHasNoFolderAndNoTricks(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"Rapport 2025.pdf": "Rapport 2025.pdf", `C:\Users\ada\a.txt`: "a.txt", "../../etc/passwd": "passwd", ".htaccess": "htaccess", "é\u202etxt.exe": "étxt.exe", " a\x00b\n.txt ": "ab.txt", "": "",
	} {
		if got := fileName(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		got := fileName(rapid.String().Draw(t, "given"))
		if strings.ContainsAny(got, "/\\\x00\r\n") || !utf8.ValidString(got) || utf8.RuneCountInString(got) > fileNameMost || strings.HasPrefix(got, ".") {
			t.Fatalf("%q", got)
		}
	})
}
