package musette

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/bagit"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/intake"
	"digiwork/internal/lib/intake/export"
	"digiwork/internal/platform/i18n"
)

// Export writes everything of the actor's musette as one ZIP that is also a BagIt
// bag (RFC 8493): readable without the program, importable by another instance.
// What is written is a function of the musette, apart from bag-info.txt, journal.csv
// and grants.csv. Private keys are not in it.
func (s *Service) Export(ctx context.Context, w io.Writer) error {
	_, err := s.export(ctx, w, "")
	return err
}

// ExportWithKeys is Export with the private keys of the actor, sealed by a
// passphrase; it says how many there are.
//
// Invalid if the passphrase is shorter than PassphraseLeast.
func (s *Service) ExportWithKeys(ctx context.Context, w io.Writer, passphrase string) (keys int, err error) {
	if err := checkPassphrase(passphrase); err != nil {
		return 0, err
	}
	return s.export(ctx, w, passphrase)
}

func (s *Service) export(ctx context.Context, w io.Writer, passphrase string) (keys int, err error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return 0, err
	}
	c, err := s.contentOf(ctx, pass)
	if err != nil {
		return 0, err
	}
	b := bagit.NewWriter(w)
	if err := s.writePayload(ctx, pass, b, c); err != nil {
		return 0, err
	}
	if passphrase != "" {
		if keys, err = s.writeKeys(ctx, pass, b, passphrase); err != nil {
			return 0, err
		}
	}
	return keys, b.Close(s.DB.Now(), "DigiWork")
}

// content is a musette opened to be written.
type content struct {
	items   []gate.Item // by room, then by id
	profile gate.Profile
	beside  *besides
}

func (s *Service) contentOf(ctx context.Context, pass gate.Pass) (*content, error) {
	items, err := s.Gate.Everything(ctx, pass)
	if err != nil {
		return nil, err
	}
	c := &content{beside: newBesides()}
	for i := range items {
		if exported(items[i].Room) {
			c.items = append(c.items, items[i])
		}
	}
	slices.SortFunc(c.items, func(x, y gate.Item) int {
		return cmp.Or(strings.Compare(x.Room, y.Room), strings.Compare(string(x.ID), string(y.ID)))
	})
	c.profile, err = s.Gate.Profile(ctx)
	return c, err
}

func (s *Service) writePayload(ctx context.Context, pass gate.Pass, b *bagit.Writer, c *content) error {
	err := b.Write("musette.json", func(w io.Writer) error { return s.writeItems(ctx, pass, w, c) })
	if err != nil {
		return err
	}
	for _, write := range []func(context.Context, *bagit.Writer, *content) error{s.writeReadme, s.writeOthers, s.writeJournal, s.writeGrants} {
		if err := write(ctx, b, c); err != nil {
			return err
		}
	}
	return s.writeBeside(ctx, pass, b, c.beside)
}

// writeItems writes musette.json, one item at a time.
func (s *Service) writeItems(ctx context.Context, pass gate.Pass, w io.Writer, c *content) error {
	out := bufio.NewWriterSize(w, 64<<10)
	j, err := beginJSON(out)
	if err != nil {
		return err
	}
	for i := range c.items {
		a, err := s.withHistory(ctx, pass, &c.items[i], c.beside)
		if err != nil {
			return err
		}
		if err := j.item(&a); err != nil {
			return err
		}
	}
	return errors.Join(j.end(), out.Flush())
}

// withHistory puts an item and its earlier versions, oldest first, into words.
func (s *Service) withHistory(ctx context.Context, pass gate.Pass, it *gate.Item, beside *besides) (archiveItem, error) {
	a, err := s.inWords(it, beside)
	if err != nil || it.Version == 1 {
		return a, err
	}
	versions, err := s.Gate.Versions(ctx, pass, it.ID)
	if err != nil {
		return a, err
	}
	for i := range slices.Backward(versions) {
		h, err := s.inWords(&versions[i], beside)
		if err != nil {
			return a, err
		}
		h.ID, h.Room = "", ""
		a.History = append(a.History, h)
	}
	return a, nil
}

// writeReadme writes the page that opens by itself, in the person's language.
func (s *Service) writeReadme(ctx context.Context, b *bagit.Writer, c *content) error {
	var page bytes.Buffer
	if err := archivePage(readmeOf(ctx, c)).Render(ctx, &page); err != nil {
		return err
	}
	return b.Add("README.html", page.Bytes())
}

// writeOthers writes what other programs read: JSON Resume, CSV, iCalendar.
func (s *Service) writeOthers(_ context.Context, b *bagit.Writer, c *content) error {
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
	}{{"jsonresume.json", resume.Bytes()}, {"activities.csv", table.Bytes()}, {"calendar.ics", calendar.Bytes()}} {
		if err := b.Add(f.path, f.raw); err != nil {
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

func (s *Service) writeJournal(ctx context.Context, b *bagit.Writer, _ *content) error {
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
	return b.Add("journal.csv", out.Bytes())
}

func (s *Service) writeGrants(ctx context.Context, b *bagit.Writer, _ *content) error {
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
	return b.Add("grants.csv", out.Bytes())
}

// withoutHead drops the first line of a table.
func withoutHead(table string) string {
	_, rest, _ := strings.Cut(table, "\n")
	return rest
}

// writeBeside writes what lies beside musette.json: the files of pieces byte for byte,
// what rooms wrote, and the list of what verifies credentials.
func (s *Service) writeBeside(ctx context.Context, pass gate.Pass, b *bagit.Writer, beside *besides) error {
	for _, path := range slices.Sorted(maps.Keys(beside.blobs)) {
		r, err := s.Gate.Blob(ctx, pass, *beside.blobs[path])
		if err != nil {
			return err
		}
		if err := b.Copy(path, r); err != nil {
			return err
		}
	}
	sources := documents{}
	for _, path := range slices.Sorted(maps.Keys(beside.texts)) {
		d := beside.texts[path]
		if d.Address != "" {
			sources[strings.TrimPrefix(path, credentialsFolder+"/")] = d
		}
		if err := b.Add(path, d.Text); err != nil {
			return err
		}
	}
	raw, err := credential.WriteSources(sources, bagit.Epoch)
	if err != nil {
		return err
	}
	return b.Add(sourcesPath, raw)
}

// writeKeys seals the private keys of the musette into it.
func (s *Service) writeKeys(ctx context.Context, pass gate.Pass, b *bagit.Writer, passphrase string) (int, error) {
	keys, err := s.keysOf(ctx, pass)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	raw, err := sealKeys(keys, passphrase)
	if err != nil {
		return 0, err
	}
	return len(keys), b.Add(keysPath, raw)
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
