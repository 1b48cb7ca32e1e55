package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

// Format is what a file turned out to be.
type Format string

// The formats.
const (
	FormatUnknown    Format = "unknown"
	FormatArchive    Format = "archive" // a ZIP of files, each read by itself
	FormatBadge      Format = "open-badge"
	FormatCSV        Format = "csv"
	FormatCalendar   Format = "icalendar"
	FormatCards      Format = "vcard"
	FormatEuropass   Format = "europass"
	FormatJSONResume Format = "json-resume"
	FormatLinkedIn   Format = "linkedin"
	FormatMusette    Format = "musette" // detected here, read by the caller
	FormatPlatform   Format = "platform-d7342-6"
	FormatXAPI       Format = "xapi"
	FormatXLSX       Format = "xlsx"
)

// Options adapt the reading to the person.
type Options struct {
	// Lang chooses among names a file gives in several languages; French when empty.
	Lang string
	// Zone turns instants into calendar dates; UTC when nil.
	Zone *time.Location
}

// Report is what came of a file.
type Report struct {
	Name     string
	Format   Format
	Entries  []Entry
	Skipped  []Skip
	Warnings []Warning
	// NotGiven lists what article D7342-6 promises and the file of the platform
	// does not hold. It is nil for every other format.
	NotGiven []LegalItem
	// Stripped counts the names, addresses and other traces of customers left out.
	Stripped int

	moreSkips, moreWarnings int
}

// Refused reports whether nothing at all was taken from the file.
func (r *Report) Refused() bool {
	return len(r.Entries) == 0 && len(r.Skipped) > 0 && r.Format != FormatMusette
}

// Count is the number of entries of a kind.
func (r *Report) Count(k Kind) int {
	n := 0
	for i := range r.Entries {
		if r.Entries[i].Kind == k {
			n++
		}
	}
	return n
}

// refusal stops the reading of a file with a sentence for the person.
type refusal struct {
	where Where
	note  Note
}

func (r *refusal) Error() string { return r.where.String() + " " + r.note.String() }

func refuse(key string, args ...any) error { return &refusal{note: Note{key, args}} }

func refuseAt(w Where, key string, args ...any) error { return &refusal{w, Note{key, args}} }

// Read reads a file of size bytes. What the file holds never makes it fail: what
// is refused stands in the Report. The error is a context that ended or a reader
// that failed.
//
// Read keeps at most one file in memory, and holds on to r only until it returns.
func Read(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) (*Report, error) {
	rep := &Report{Name: name, Format: FormatUnknown}
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	if opt.Lang == "" {
		opt.Lang = "fr"
	}
	s := &sink{ctx: ctx, rep: rep, opt: opt, seen: map[string]Where{}, ordinal: map[string]int{}}
	if err := s.file(name, r, size); err != nil {
		return nil, err
	}
	s.finish()
	return rep, nil
}

// file reads one file into the sink; a refusal becomes a Skip.
func (s *sink) file(name string, r io.ReaderAt, size int64) error {
	err := s.fileOf(name, r, size)
	var no *refusal
	if errors.As(err, &no) {
		if no.where.Part == "" {
			no.where.Part = s.part
		}
		s.skipAt(no.where, no.note.Key, no.note.Args...)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path.Base(name), err)
	}
	return nil
}

func (s *sink) fileOf(name string, r io.ReaderAt, size int64) error {
	if size <= 0 {
		return refuse("intake.empty")
	}
	head, err := readString(r, min(size, 512))
	if err != nil {
		return err
	}
	if magicOf(head) == magicZip {
		return s.zip(name, r, size)
	}
	if size > MaxFile {
		return refuse("intake.too_large", "max", MaxFile>>20)
	}
	raw, err := readString(r, size)
	if err != nil {
		return err
	}
	return s.bytes(name, raw)
}

// readString reads size bytes from the start of r, without holding them twice; a
// file that turns out shorter is no error.
func readString(r io.ReaderAt, size int64) (string, error) {
	var b strings.Builder
	b.Grow(int(size))
	_, err := io.Copy(&b, io.NewSectionReader(r, 0, size))
	return b.String(), err
}

// bytes reads a file that is no archive.
func (s *sink) bytes(name string, raw string) error {
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	switch magicOf(raw) {
	case magicPNG:
		return s.pngBadge(name, raw)
	case magicPicture:
		return refuse("intake.picture")
	case magicPDF:
		return refuse("intake.pdf")
	case magicOLE:
		return refuse("intake.old_office")
	case magicPacked:
		return refuse("intake.packed")
	case magicZip:
		return refuse("intake.zip.nested")
	case magicNone:
	}
	text, how := decodeText(raw)
	if how.binary {
		return refuse("intake.unknown_format")
	}
	return s.text(name, raw, text, how)
}

// text reads a text; raw are the bytes it came from.
func (s *sink) text(name string, raw string, text string, how decoding) error {
	start := strings.TrimLeft(text, " \t\r\n")
	switch {
	case start == "":
		return refuse("intake.empty")
	case start[0] == '{' || start[0] == '[':
		return s.json(name, raw, text)
	case start[0] == '<':
		return s.xml(name, raw, start)
	case hasPrefixFold(start, "BEGIN:VCALENDAR"):
		s.sayDecoding(how)
		return s.calendar(text)
	case hasPrefixFold(start, "BEGIN:VCARD"):
		s.sayDecoding(how)
		return s.cards(text)
	case looksLikeJWT(start):
		return s.jwt(name, raw, strings.TrimSpace(start))
	}
	return s.table(text, how)
}

func (s *sink) sayDecoding(how decoding) {
	if how.legacyLines > 0 {
		s.warn(Where{Part: s.part, Line: how.firstLegacy}, "intake.encoding_mixed", "lines", how.legacyLines)
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
