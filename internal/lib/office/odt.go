package office

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MediaODT is the media type of OpenDocument text.
const MediaODT = "application/vnd.oasis.opendocument.text"

// ODT writes the document as OpenDocument text.
func ODT(d Document) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	// Part 2, 3.3: the media type comes first and is not compressed.
	for i, f := range []struct{ name, text string }{
		{"mimetype", MediaODT},
		{"META-INF/manifest.xml", manifest},
		{"meta.xml", meta(d)},
		{"styles.xml", styles(d.Lang)},
		{"content.xml", content(d)},
	} {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if i == 0 {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

const (
	prolog     = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	namespaces = ` xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"` +
		` xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"` +
		` xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" office:version="1.3"`
	manifest = prolog + `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">` +
		`<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="` + MediaODT + `"/>` +
		`<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>` +
		`<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>` +
		`<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/></manifest:manifest>`
)

func meta(d Document) string {
	return prolog + `<office:document-meta` + namespaces + `><office:meta><dc:title>` + escaped(d.Title) + `</dc:title><dc:creator>` +
		escaped(d.Author) + `</dc:creator><dc:language>` + escaped(d.Lang) + `</dc:language><dc:date>` +
		d.At.UTC().Format(time.RFC3339) + `</dc:date></office:meta></office:document-meta>`
}

// styles are those of a word processor, by their usual names, so that a table of
// contents can be made and looks can be changed there.
func styles(lang string) string {
	country := map[string]string{"fr": "FR", "en": "GB"}[lang]
	var b strings.Builder
	b.WriteString(prolog + `<office:document-styles` + namespaces + `><office:styles>`)
	fmt.Fprintf(&b, `<style:default-style style:family="paragraph"><style:text-properties fo:font-size="11pt" fo:font-family="Liberation Sans, Arial, sans-serif" fo:language="%s" fo:country="%s"/></style:default-style>`, escaped(lang), country)
	b.WriteString(`<style:style style:name="Standard" style:family="paragraph" style:class="text"><style:paragraph-properties fo:margin-bottom="0.25cm" fo:line-height="130%"/></style:style>`)
	b.WriteString(`<style:style style:name="Note" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-size="9pt"/></style:style>`)
	b.WriteString(`<style:style style:name="Title" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-size="22pt" fo:font-weight="bold"/></style:style>`)
	for i, size := range []string{"17pt", "14pt", "12pt"} {
		n := strconv.Itoa(i + 1)
		b.WriteString(`<style:style style:name="Heading_20_` + n + `" style:display-name="Heading ` + n + `" style:family="paragraph" style:parent-style-name="Standard" style:default-outline-level="` + n + `">` +
			`<style:paragraph-properties fo:margin-top="0.5cm" fo:keep-with-next="always"/><style:text-properties fo:font-size="` + size + `" fo:font-weight="bold"/></style:style>`)
	}
	b.WriteString(`</office:styles><office:automatic-styles><style:page-layout style:name="pm1"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="2cm"/></style:page-layout></office:automatic-styles>`)
	b.WriteString(`<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="pm1"/></office:master-styles></office:document-styles>`)
	return b.String()
}

func content(d Document) string {
	var b strings.Builder
	b.WriteString(prolog + `<office:document-content` + namespaces + `><office:automatic-styles>` +
		`<style:style style:name="Break" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:break-before="page"/></style:style>` +
		`<style:style style:name="Strong" style:family="paragraph" style:parent-style-name="Standard"><style:text-properties fo:font-weight="bold"/></style:style>` +
		`<style:style style:name="Cell" style:family="table-cell"><style:table-cell-properties fo:padding="0.1cm" fo:border="0.5pt solid #888888"/></style:style>` +
		`</office:automatic-styles><office:body><office:text>`)
	paragraph(&b, "Title", d.Title)
	for _, k := range d.Blocks {
		switch {
		case k.Heading != nil:
			n := strconv.Itoa(min(max(k.Heading.Level, 1), 3))
			b.WriteString(`<text:h text:style-name="Heading_20_` + n + `" text:outline-level="` + n + `">` + escaped(k.Heading.Text) + `</text:h>`)
		case k.List != nil:
			b.WriteString(`<text:list>`)
			for _, s := range k.List {
				b.WriteString(`<text:list-item>`)
				paragraph(&b, "Standard", s)
				b.WriteString(`</text:list-item>`)
			}
			b.WriteString(`</text:list>`)
		case k.Table != nil:
			table(&b, k.Table)
		case k.Break:
			paragraph(&b, "Break", "")
		case k.Note != "":
			paragraph(&b, "Note", k.Note)
		default:
			for p := range strings.SplitSeq(k.Text, "\n\n") {
				paragraph(&b, "Standard", p)
			}
		}
	}
	b.WriteString(`</office:text></office:body></office:document-content>`)
	return b.String()
}

func paragraph(b *strings.Builder, style, text string) {
	b.WriteString(`<text:p text:style-name="` + style + `">`)
	for i, line := range strings.Split(strings.Trim(text, "\n"), "\n") {
		if i > 0 {
			b.WriteString(`<text:line-break/>`)
		}
		b.WriteString(escaped(line))
	}
	b.WriteString(`</text:p>`)
}

func table(b *strings.Builder, t *Table) {
	b.WriteString(`<table:table><table:table-column table:number-columns-repeated="` + strconv.Itoa(len(t.Heads)) + `"/><table:table-header-rows>`)
	row(b, "Strong", t.Heads)
	b.WriteString(`</table:table-header-rows>`)
	for _, r := range t.Rows {
		row(b, "Standard", r)
	}
	b.WriteString(`</table:table>`)
}

func row(b *strings.Builder, style string, cells []string) {
	b.WriteString(`<table:table-row>`)
	for _, c := range cells {
		b.WriteString(`<table:table-cell table:style-name="Cell" office:value-type="string">`)
		paragraph(b, style, c)
		b.WriteString(`</table:table-cell>`)
	}
	b.WriteString(`</table:table-row>`)
}

// escaped is text as XML holds it. What XML cannot hold becomes U+FFFD.
func escaped(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return "" // a buffer never fails
	}
	return b.String()
}
