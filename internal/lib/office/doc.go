// Package office writes a plain document (headings, paragraphs, lists, tables) as
// OpenDocument text, which word processors open and change, and as PDF.
//
// Both hold the same words in the same order. The same Document gives the same bytes.
//
// Sources: OASIS OpenDocument 1.3, part 3 (schema); ISO 32000 by go-pdf/fpdf, with the
// Go fonts (golang.org/x/image/font/gofont, BSD licence) embedded.
package office

import "time"

// Document is what is written, from top to bottom.
type Document struct {
	Title  string
	Author string
	Lang   string // "fr" or "en"
	Foot   string // at the foot of each page of the PDF, before its number
	At     time.Time
	Blocks []Block
}

// Block is one thing of a document: exactly one member is set.
type Block struct {
	Heading *Heading
	Text    string   // a paragraph; line breaks are kept
	Note    string   // a paragraph in small letters
	List    []string // with bullets
	Table   *Table
	Break   bool // what follows begins a page
}

// Heading is a title in the text; Level is 1, 2 or 3.
type Heading struct {
	Level int
	Text  string
}

// Table has a row of heads and rows of cells, as many in each.
type Table struct {
	Heads  []string
	Rows   [][]string
	Widths []int // of the columns, parts of the whole; equal when nil
}

// Head appends a heading.
func (d *Document) Head(level int, text string) {
	d.Blocks = append(d.Blocks, Block{Heading: &Heading{level, text}})
}

// Say appends a paragraph, unless it is empty.
func (d *Document) Say(text string) {
	if text != "" {
		d.Blocks = append(d.Blocks, Block{Text: text})
	}
}

// Note appends a paragraph in small letters, unless it is empty.
func (d *Document) Note(text string) {
	if text != "" {
		d.Blocks = append(d.Blocks, Block{Note: text})
	}
}

// List appends a list, unless it is empty.
func (d *Document) List(items []string) {
	if len(items) > 0 {
		d.Blocks = append(d.Blocks, Block{List: items})
	}
}

// Table appends a table, unless it has no rows.
func (d *Document) Table(t Table) {
	if len(t.Rows) > 0 {
		d.Blocks = append(d.Blocks, Block{Table: &t})
	}
}

// Break begins a page.
func (d *Document) Break() { d.Blocks = append(d.Blocks, Block{Break: true}) }
