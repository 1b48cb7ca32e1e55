package baking

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Namespaces of the elements that hold a credential.
const (
	space   = "https://purl.imsglobal.org/ob/v3p0" // OB 3.0, 5.3.2
	space2  = "http://openbadges.org"              // OB 2.0, Baking
	element = "credential"
)

const (
	maxDepth  = 200
	maxTokens = 500_000
)

// holder is an element of an SVG that holds a credential, and where it stands.
type holder struct {
	text       string
	start, end int64
}

// read is what an SVG holds, and where its root element begins to hold something.
type read struct {
	holders []holder
	inside  int64
	closed  bool // the root element has no inside
}

func isHolder(n xml.Name) bool {
	return n.Space == space && n.Local == element || n.Space == space2 && n.Local == "assertion"
}

// readSVG reads an SVG once. Entities that XML does not define itself are refused, so
// nothing can grow while it is read.
func readSVG(picture []byte) (r read, err error) {
	if len(picture) > maxSVG {
		return r, ErrLimit
	}
	d := xml.NewDecoder(bytes.NewReader(picture))
	depth, tokens := 0, 0
	root := false
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r, fmt.Errorf("%w: %w", ErrPicture, err)
		}
		if tokens++; tokens > maxTokens {
			return r, ErrLimit
		}
		switch x := token.(type) {
		case xml.Directive:
			if bytes.Contains(x, []byte("[")) || bytes.Contains(x, []byte("ENTITY")) {
				return r, fmt.Errorf("%w: it defines entities", ErrPicture)
			}
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return r, ErrLimit
			}
			if !root {
				if x.Name.Local != "svg" {
					return r, fmt.Errorf("%w: its root is %.40s", ErrPicture, x.Name.Local)
				}
				root, r.inside = true, d.InputOffset()
				r.closed = bytes.HasSuffix(bytes.TrimRight(picture[before:r.inside], " "), []byte("/>"))
			}
			if isHolder(x.Name) {
				h, err := readHolder(d, x)
				if err != nil {
					return r, err
				}
				h.start, h.end = before, d.InputOffset()
				r.holders = append(r.holders, h)
				depth--
			}
		case xml.EndElement:
			depth--
		}
	}
	if !root {
		return r, fmt.Errorf("%w: no svg element", ErrPicture)
	}
	return r, nil
}

// readHolder reads to the end of the element: the attribute verify holds a token or an
// address, the text inside holds JSON.
func readHolder(d *xml.Decoder, start xml.StartElement) (h holder, err error) {
	var verify string
	for _, a := range start.Attr {
		if a.Name.Space == "" && a.Name.Local == "verify" {
			verify = a.Value
		}
	}
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return h, fmt.Errorf("%w: %w", ErrPicture, err)
		}
		switch x := token.(type) {
		case xml.CharData:
			if text.Len()+len(x) > maxCredential {
				return h, ErrLimit
			}
			text.Write(x)
		case xml.StartElement:
			return h, fmt.Errorf("%w: an element inside the credential", ErrPicture)
		case xml.EndElement:
			// OB 2.0 puts an address in verify and the assertion inside; what stands
			// inside says more.
			if h.text = strings.TrimSpace(text.String()); h.text == "" {
				h.text = verify
			}
			if h.text == "" {
				return h, fmt.Errorf("%w: an empty credential", ErrPicture)
			}
			return h, nil
		}
	}
}

func unbakeSVG(picture []byte) ([]string, error) {
	r, err := readSVG(picture)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, h := range r.holders {
		found = append(found, h.text)
	}
	return found, nil
}

// bakeSVG writes the credential as the first thing in the picture (OB 3.0, 5.3.2.1).
func bakeSVG(picture []byte, credential string) ([]byte, error) {
	r, err := readSVG(picture)
	if err != nil {
		return nil, err
	}
	if r.closed {
		return nil, fmt.Errorf("%w: there is no inside", ErrPicture)
	}
	var b bytes.Buffer
	b.Write(picture[:r.inside])
	b.WriteString(`<openbadges:credential xmlns:openbadges="` + space + `"`)
	if strings.HasPrefix(strings.TrimSpace(credential), "{") {
		// "]]>" can only stand inside a text of JSON, where its last sign may be escaped.
		b.WriteString(`><![CDATA[` + strings.ReplaceAll(credential, "]]>", `]]\u003e`) + `]]></openbadges:credential>`)
	} else {
		b.WriteString(` verify="`)
		if err := xml.EscapeText(&b, []byte(credential)); err != nil {
			return nil, fmt.Errorf("write: %w", err)
		}
		b.WriteString(`"/>`)
	}
	at := r.inside
	for _, h := range r.holders {
		b.Write(picture[at:h.start])
		at = h.end
	}
	b.Write(picture[at:])
	return b.Bytes(), nil
}
