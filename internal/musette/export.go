package musette

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
	"digiwork/internal/lib/intake/export"
	"digiwork/internal/platform/i18n"
)

// Export writes everything of the actor's musette as one ZIP that is also a BagIt
// bag (RFC 8493): readable without the program, importable by another instance.
// What is written is a function of the musette, apart from bag-info.txt, journal.csv
// and grants.csv.
func (s *Service) Export(ctx context.Context, w io.Writer) error {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	content, err := s.contentOf(ctx, pass)
	if err != nil {
		return err
	}
	b := newBag(w)
	if err := s.writePayload(ctx, pass, b, content); err != nil {
		return err
	}
	return b.close(s.DB.Now())
}

// content is a musette opened to be written.
type content struct {
	archive archive
	items   []gate.Item
	profile gate.Profile
}

func (s *Service) contentOf(ctx context.Context, pass gate.Pass) (*content, error) {
	items, err := s.Gate.Everything(ctx, pass)
	if err != nil {
		return nil, err
	}
	c := &content{archive: archive{Context: archiveContext, Format: archiveFormat, Version: archiveVersion, Items: []archiveItem{}}}
	for i := range items {
		if !exported(items[i].Room) {
			continue
		}
		c.items = append(c.items, items[i])
		a, err := toArchive(&items[i])
		if err != nil {
			return nil, err
		}
		if items[i].Version > 1 {
			if a.History, err = s.past(ctx, pass, items[i].ID); err != nil {
				return nil, err
			}
		}
		c.archive.Items = append(c.archive.Items, a)
	}
	c.profile, err = s.Gate.Profile(ctx)
	return c, err
}

// past is the history of an item, oldest first.
func (s *Service) past(ctx context.Context, pass gate.Pass, id kernel.ItemID) ([]archiveItem, error) {
	versions, err := s.Gate.Versions(ctx, pass, id)
	if err != nil {
		return nil, err
	}
	var all []archiveItem
	for i := range slices.Backward(versions) {
		a, err := toArchive(&versions[i])
		if err != nil {
			return nil, err
		}
		a.ID, a.Room = "", ""
		all = append(all, a)
	}
	return all, nil
}

func (s *Service) writePayload(ctx context.Context, pass gate.Pass, b *bag, c *content) error {
	raw, err := c.archive.encode()
	if err != nil {
		return err
	}
	if err := b.add("data/musette.json", raw); err != nil {
		return err
	}
	for _, write := range []func(context.Context, *bag, *content) error{s.writeReadme, s.writeOthers, s.writeJournal, s.writeGrants} {
		if err := write(ctx, b, c); err != nil {
			return err
		}
	}
	return s.writeFiles(ctx, pass, b, c)
}

// writeReadme writes the page that opens by itself, in the person's language.
func (s *Service) writeReadme(ctx context.Context, b *bag, c *content) error {
	var page bytes.Buffer
	if err := archivePage(readmeOf(ctx, c)).Render(ctx, &page); err != nil {
		return err
	}
	return b.add("data/README.html", page.Bytes())
}

// writeOthers writes what other programs read: JSON Resume, CSV, iCalendar.
func (s *Service) writeOthers(_ context.Context, b *bag, c *content) error {
	entries, profile := entriesOf(c)
	var resume, table, calendar bytes.Buffer
	if err := export.JSONResume(&resume, profile, entries); err != nil {
		return err
	}
	if err := export.CSV(&table, entries); err != nil {
		return err
	}
	if err := export.Calendar(&calendar, entries); err != nil {
		return err
	}
	for _, f := range []struct {
		path string
		raw  []byte
	}{{"data/jsonresume.json", resume.Bytes()}, {"data/activities.csv", table.Bytes()}, {"data/calendar.ics", calendar.Bytes()}} {
		if err := b.add(f.path, f.raw); err != nil {
			return err
		}
	}
	return nil
}

// entriesOf puts a musette into the neutral words files are written from. Contacts
// and notes are not for others: they are in musette.json alone.
func entriesOf(c *content) ([]intake.Entry, intake.Entry) {
	var all []intake.Entry
	for _, it := range c.items {
		kind, ok := entryKind(it.View.Kind)
		if it.Room != room || !ok || it.View.Never {
			continue
		}
		v := it.View
		e := intake.Entry{
			Kind: kind, Type: v.Kind, Title: v.Title, Start: v.Start, End: v.End, Organisation: v.Organisation, Place: v.Place,
			WithWhom: v.WithWhom, Purpose: v.Purpose, Paid: v.Paid, Status: v.Status, HoursPerWeek: v.Hours, Narrative: v.Text, Tags: v.Tags,
		}
		for _, f := range v.Facts {
			switch f.Name {
			case "type":
				e.Type = f.Text
			case "url":
				e.URL = f.Text
			}
		}
		if a, err := activityOf(&it); err == nil && kind == intake.KindActivity {
			e.Tools, e.Methods = a.Tools, a.Methods
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b intake.Entry) int { return strings.Compare(b.Start, a.Start) })
	f := c.profile.Fields
	card := &intake.Card{Name: f["name"], Role: f["headline"]}
	for to, text := range map[*[]string]string{&card.Emails: f["email"], &card.Phones: f["phone"], &card.Links: f["website"]} {
		if text != "" {
			*to = []string{text}
		}
	}
	return all, intake.Entry{Kind: intake.KindProfile, Title: f["name"], Purpose: f["headline"], Narrative: f["about"], Place: f["city"], URL: f["website"], Card: card}
}

func (s *Service) writeJournal(ctx context.Context, b *bag, _ *content) error {
	var out bytes.Buffer
	if err := s.Gate.WriteJournal(ctx, csv.NewWriter(&out)); err != nil {
		return err
	}
	past, err := s.pasts(ctx)
	if err != nil {
		return err
	}
	for _, p := range past {
		out.WriteString(withoutHead(p.Journal))
	}
	return b.add("data/journal.csv", out.Bytes())
}

func (s *Service) writeGrants(ctx context.Context, b *bag, _ *content) error {
	var out bytes.Buffer
	if err := s.Gate.WriteGrants(ctx, csv.NewWriter(&out)); err != nil {
		return err
	}
	past, err := s.pasts(ctx)
	if err != nil {
		return err
	}
	for _, p := range past {
		out.WriteString(withoutHead(p.Grants))
	}
	return b.add("data/grants.csv", out.Bytes())
}

// withoutHead drops the first line of a table.
func withoutHead(table string) string {
	_, rest, _ := strings.Cut(table, "\n")
	return rest
}

// writeFiles writes each file once, byte for byte.
func (s *Service) writeFiles(ctx context.Context, pass gate.Pass, b *bag, c *content) error {
	done := map[string]bool{}
	for i := range c.items {
		it := &c.items[i]
		if it.View.Blob == nil || done[filePath(it)] {
			continue
		}
		done[filePath(it)] = true
		r, err := s.Gate.Blob(ctx, pass, *it.View.Blob)
		if err != nil {
			return err
		}
		if err := b.copy("data/"+filePath(it), r); err != nil {
			return err
		}
	}
	return nil
}

// bag writes a ZIP whose files are listed with their digests as they come.
type bag struct {
	zip      *zip.Writer
	manifest []string // of the payload
	tags     []string // of the rest
	bytes    int64
	files    int
}

func newBag(w io.Writer) *bag { return &bag{zip: zip.NewWriter(w)} }

// when is the date of every file of an archive: the content has its own dates, and
// the same musette gives the same bytes.
var when = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (b *bag) add(path string, raw []byte) error { return b.copy(path, bytes.NewReader(raw)) }

func (b *bag) copy(path string, r io.Reader) error {
	h := &zip.FileHeader{Name: path, Method: zip.Deflate, Modified: when}
	w, err := b.zip.CreateHeader(h)
	if err != nil {
		return err
	}
	digest := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, digest), r)
	if err != nil {
		return err
	}
	b.list(path, digest, n)
	return nil
}

func (b *bag) list(path string, digest hash.Hash, n int64) {
	line := hex.EncodeToString(digest.Sum(nil)) + "  " + path + "\n"
	if strings.HasPrefix(path, "data/") {
		b.manifest, b.bytes, b.files = append(b.manifest, line), b.bytes+n, b.files+1
		return
	}
	b.tags = append(b.tags, line)
}

// close writes what makes the ZIP a bag, RFC 8493, 2.1 and 2.2.
func (b *bag) close(now time.Time) error {
	slices.Sort(b.manifest)
	info := fmt.Sprintf("Bagging-Date: %s\nBag-Software-Agent: DigiWork\nPayload-Oxum: %d.%d\n", now.Format(time.DateOnly), b.bytes, b.files)
	for _, f := range []struct{ path, text string }{
		{"bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
		{"bag-info.txt", info},
		{"manifest-sha256.txt", strings.Join(b.manifest, "")},
	} {
		if err := b.add(f.path, []byte(f.text)); err != nil {
			return err
		}
	}
	slices.Sort(b.tags)
	if err := b.add("tagmanifest-sha256.txt", []byte(strings.Join(b.tags, ""))); err != nil {
		return err
	}
	return b.zip.Close()
}

// readme is what the page of an archive tells.
type readme struct {
	Name       string
	Activities []*Activity
	Others     []readmeList
	Files      []gate.Item
}

type readmeList struct {
	Shape   *Shape
	Entries []*Entry
}

// readmeOf arranges a musette for the page that opens by itself.
func readmeOf(ctx context.Context, c *content) readme {
	r := readme{Name: c.profile.Fields["name"]}
	if r.Name == "" {
		r.Name = kernel.ActorFrom(ctx).Name
	}
	lists := map[*Shape]*readmeList{}
	for i := range c.items {
		it := &c.items[i]
		if it.Room != room {
			continue
		}
		if IsActivity(it.View.Kind) {
			if a, err := activityOf(it); err == nil {
				r.Activities = append(r.Activities, a)
			}
			continue
		}
		if it.View.Blob != nil {
			r.Files = append(r.Files, *it)
			continue
		}
		if e, ok := entryOf(it); ok {
			if lists[e.Shape] == nil {
				lists[e.Shape] = &readmeList{Shape: e.Shape}
			}
			lists[e.Shape].Entries = append(lists[e.Shape].Entries, e)
		}
	}
	slices.SortFunc(r.Activities, newerFirst)
	for _, shape := range Shapes {
		if l := lists[shape]; l != nil {
			r.Others = append(r.Others, *l)
		}
	}
	return r
}

// ExportName is what the file of an export is called.
func ExportName(ctx context.Context) string { return i18n.T(ctx, "musette.export.file") }
