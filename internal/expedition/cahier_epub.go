package expedition

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"strings"
	"text/template"
)

// epubLeaf is a page of an EPUB, which is XML: every text goes through x.
type epubLeaf struct{ leaf }

// Identifier is made of the content: equal cahiers have equal ones.
func (l epubLeaf) Identifier() string {
	sum := sha256.Sum256(l.cahier.File)
	return "urn:sha256:" + hex.EncodeToString(sum[:])
}

// Modified is the moment of the content.
func (l epubLeaf) Modified() string { return l.stamp().Format("2006-01-02T15:04:05Z") }

func escaped(s string) (string, error) {
	var out strings.Builder
	err := xml.EscapeText(&out, []byte(s))
	return out.String(), err
}

var epubTemplates = template.Must(template.New("epub").Funcs(template.FuncMap{
	"x": escaped, "inc": func(i int) int { return i + 1 },
}).ParseFS(cahierFiles, "cahier/*.xhtml", "cahier/*.opf"))

func (l epubLeaf) render(name string) ([]byte, error) {
	var out bytes.Buffer
	err := epubTemplates.ExecuteTemplate(&out, name, l)
	return out.Bytes(), err
}
