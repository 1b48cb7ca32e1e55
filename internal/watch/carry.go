package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/fold"
	"digiwork/internal/lib/outline"
	"digiwork/internal/lib/reference"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/search"
)

// Arrival says what a file brought.
type Arrival struct {
	Format  string // opml, bookmarks, csl, bibtex
	Feeds   int    // followed from now on
	Signals int    // new ones
	Known   int    // that were there already
	Skipped int    // without an address of a page
}

const mostFile = 16 << 20

var (
	errFile     = kernel.NewFault(kernel.Invalid, "watch.file").On("files")
	errFileMuch = kernel.NewFault(kernel.TooLarge, "watch.file.large").On("files")
	errFileNone = kernel.NewFault(kernel.Invalid, "watch.file.none").On("files")
)

// Take reads a file people carry from one tool to another: OPML, bookmarks of a
// browser, CSL-JSON, BibTeX. Which it is shows by itself. Feeds are followed; other
// addresses become kept signals, their folders and tags the tags.
//
// Invalid with the reason when it is none of these.
func (s *Service) Take(ctx context.Context, id kernel.ExpeditionID, raw []byte) (Arrival, error) {
	if len(raw) == 0 {
		return Arrival{}, errFileNone
	}
	if len(raw) > mostFile {
		return Arrival{}, errFileMuch
	}
	if err := s.Expeditions.May(ctx, id, watch); err != nil {
		return Arrival{}, err
	}
	a, feeds, signals, err := open(raw)
	if err != nil {
		return a, err
	}
	by := kernel.ActorFrom(ctx).Person
	for from := 0; from < len(signals) || from == 0; from += batch {
		part := signals[from:min(from+batch, len(signals))]
		first := from == 0
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			came := Arrival{}
			if first {
				if err := s.followAll(ctx, tx, id, feeds, &came); err != nil {
					return err
				}
			}
			if err := s.takeSignals(ctx, tx, id, part, by, &came); err != nil {
				return err
			}
			tx.AfterCommit(func() { a.Feeds, a.Signals, a.Known = a.Feeds+came.Feeds, a.Signals+came.Signals, a.Known+came.Known })
			return nil
		})
		if err != nil {
			return a, err
		}
	}
	return a, nil
}

func (s *Service) followAll(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, feeds []Feed, came *Arrival) error {
	known, err := feedsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, f := range known {
		seen[f.Address] = true
	}
	for _, f := range feeds {
		if seen[f.Address] {
			came.Known++
			continue
		}
		seen[f.Address] = true
		if _, err := s.follow(ctx, tx, id, f); err != nil {
			return err
		}
		came.Feeds++
	}
	return nil
}

// takeSignals brings what is not there by its own address already: a file that is
// taken twice brings nothing.
func (s *Service) takeSignals(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, part []Signal, by kernel.PersonID, came *Arrival) error {
	known, err := knownSignals(ctx, tx, id)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, g := range known {
		seen[canonical(g.Address)] = true
	}
	var fresh []Signal
	for _, g := range part {
		if c := canonical(g.Address); seen[c] {
			came.Known++
			continue
		} else {
			seen[c] = true
		}
		g.ID, g.SeenAt, g.KeptAt, g.State, g.Version, g.by = kernel.NewID[string](signalPrefix, tx.Now), tx.Now, tx.Now, Kept, 1, by
		fresh = append(fresh, g)
	}
	came.Signals += len(fresh)
	_, err = s.bring(ctx, tx, id, fresh)
	return err
}

func canonical(address string) string {
	c, err := fold.Canonical(address)
	if err != nil {
		return address
	}
	return c
}

// open tells the formats apart and reads.
func open(raw []byte) (a Arrival, feeds []Feed, signals []Signal, err error) {
	head := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF")), " \t\r\n")
	switch {
	case bytes.Contains(bytes.ToUpper(raw[:min(len(raw), 1024)]), []byte("NETSCAPE-BOOKMARK-FILE")):
		l, err := outline.ReadBookmarks(bytes.NewReader(raw))
		return fromOutline("bookmarks", l, err)
	case bytes.HasPrefix(head, []byte("<")):
		l, err := outline.ReadOPML(bytes.NewReader(raw))
		return fromOutline("opml", l, err)
	case bytes.HasPrefix(head, []byte("[")), bytes.HasPrefix(head, []byte("{")):
		works, _, err := reference.ReadCSL(bytes.NewReader(raw))
		return fromWorks("csl", works, err)
	}
	works, _, err := reference.ReadBibTeX(bytes.NewReader(raw))
	return fromWorks("bibtex", works, err)
}

func refused(err error) error {
	if errors.Is(err, outline.ErrTooLarge) || errors.Is(err, reference.ErrTooLarge) {
		return errFileMuch.Because(err)
	}
	return errFile.Because(err)
}

func fromOutline(format string, l outline.List, err error) (Arrival, []Feed, []Signal, error) {
	if err != nil {
		return Arrival{}, nil, nil, refused(err)
	}
	a := Arrival{Format: format, Skipped: l.Skipped}
	var feeds []Feed
	var signals []Signal
	for _, line := range l.Lines {
		if line.Feed != "" {
			if len(line.Feed) <= mostAddress {
				feeds = append(feeds, Feed{Address: line.Feed, Title: cut(line.Title, mostTitle), Site: cut(line.Address, mostAddress)})
			}
			continue
		}
		g := Signal{Address: line.Address, Title: cut(line.Title, mostTitle), Note: cut(line.Note, mostNote), Tags: cleanTags(append(slices.Clone(line.Folders), line.Tags...))}
		signals = append(signals, g)
	}
	return tidy(a, feeds, signals)
}

func fromWorks(format string, works []reference.Work, err error) (Arrival, []Feed, []Signal, error) {
	if err != nil {
		return Arrival{}, nil, nil, refused(err)
	}
	a := Arrival{Format: format}
	var signals []Signal
	for _, w := range works {
		address := w.Address
		if address == "" && w.DOI != "" {
			address = "https://doi.org/" + w.DOI
		}
		if address == "" {
			a.Skipped++
			continue
		}
		var names []string
		for _, n := range w.Authors {
			names = append(names, n.String())
		}
		signals = append(signals, Signal{
			Address: address, Title: cut(w.Title, mostTitle), Author: cut(joinNames(names), mostAuthor), Published: kernel.Date(w.Issued),
			Text: cut(w.Abstract, mostText), Note: cut(w.Note, mostNote), Tags: cleanTags(w.Keywords),
		})
	}
	return tidy(a, nil, signals)
}

func joinNames(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}

// tidy leaves out what has no address of a page, and cuts what is too long.
func tidy(a Arrival, feeds []Feed, signals []Signal) (Arrival, []Feed, []Signal, error) {
	kept := signals[:0]
	for _, g := range signals {
		if _, err := fold.Canonical(g.Address); err != nil || len(g.Address) > mostAddress {
			a.Skipped++
			continue
		}
		if g.Title == "" {
			g.Title = g.Address
		}
		g.Tags = slices.DeleteFunc(g.Tags, func(t string) bool { return len([]rune(t)) > mostTag })
		g.Tags = g.Tags[:min(len(g.Tags), mostTags)]
		if _, err := kernel.ParseDate(string(g.Published)); err != nil {
			g.Published = ""
		}
		kept = append(kept, g)
	}
	return a, feeds, kept, nil
}

// mostGiven bounds what one file gives.
const mostGiven = 10_000

// Give writes what was kept, or the feeds, in a format of Formats.
func (s *Service) Give(ctx context.Context, w io.Writer, id kernel.ExpeditionID, format string) error {
	if err := s.Expeditions.May(ctx, id, read); err != nil {
		return err
	}
	names, err := s.Expeditions.Names(ctx, []kernel.ExpeditionID{id})
	if err != nil {
		return err
	}
	if format == "opml" {
		feeds, err := feedsOf(ctx, s.DB.Read(), id)
		if err != nil {
			return err
		}
		l := outline.List{Title: names[id]}
		for _, f := range feeds {
			l.Lines = append(l.Lines, outline.Line{Title: f.Title, Feed: f.Address, Address: f.Site})
		}
		return outline.WriteOPML(w, l)
	}
	signals, err := allSignals(ctx, s.DB.Read(), id, Kept, mostGiven)
	if err != nil {
		return err
	}
	if format == "bookmarks" {
		l := outline.List{Title: names[id]}
		for _, g := range signals {
			l.Lines = append(l.Lines, outline.Line{Title: g.Title, Address: g.Address, Tags: g.Tags, Note: g.Note, Added: g.KeptAt})
		}
		return outline.WriteBookmarks(w, l)
	}
	var works []reference.Work
	for _, g := range signals {
		k := reference.Work{ID: g.ID, Kind: "webpage", Title: g.Title, Issued: string(g.Published), Address: g.Address, Container: g.Host(), Note: g.Note, Keywords: g.Tags}
		if g.Author != "" {
			k.Authors = []reference.Name{{Literal: g.Author}}
		}
		works = append(works, k)
	}
	if format == "csl" {
		return reference.WriteCSL(w, works)
	}
	return reference.WriteBibTeX(w, works)
}

// Formats that Give writes, with their media type and the end of the file's name.
var Formats = map[string]struct{ Media, Name string }{
	"opml":      {"text/x-opml; charset=utf-8", "feeds.opml"},
	"bookmarks": {"text/html; charset=utf-8", "signals.html"},
	"csl":       {"application/vnd.citationstyles.csl+json", "signals.json"},
	"bibtex":    {"application/x-bibtex; charset=utf-8", "signals.bib"},
}

// parcel is the watch in the file of an expedition: no person, no time of writing.
type parcel struct {
	Signals []carriedSignal `json:"signals"`
	Feeds   []carriedFeed   `json:"feeds,omitempty"`
	Notes   []carriedNote   `json:"notes,omitempty"`
	Reviews []carriedReview `json:"reviews,omitempty"`
	Apart   [][2]string     `json:"apart,omitempty"`
}

type carriedSignal struct {
	ID        string      `json:"id"`
	Lead      string      `json:"repeats,omitempty"`
	Why       fold.Why    `json:"by,omitempty"`
	Address   string      `json:"address"`
	Title     string      `json:"title"`
	Author    string      `json:"author,omitempty"`
	Published kernel.Date `json:"published,omitempty"`
	Text      string      `json:"text,omitempty"`
	State     State       `json:"state"`
	Grade     Grade       `json:"grade,omitempty"`
	Axis      string      `json:"axis,omitempty"`
	Tags      []string    `json:"tags,omitempty"`
	Note      string      `json:"note,omitempty"`
}

type carriedFeed struct {
	Address string `json:"address"`
	Title   string `json:"title"`
	Site    string `json:"site,omitempty"`
}

type carriedNote struct {
	ID     string `json:"id"`
	Signal string `json:"signal"`
	Exact  string `json:"exact"`
	Prefix string `json:"prefix,omitempty"`
	Suffix string `json:"suffix,omitempty"`
	Start  int    `json:"start"`
	End    int    `json:"end"`
	Lost   bool   `json:"lost,omitempty"`
	Body   string `json:"body,omitempty"`
}

type carriedReview struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Words   string   `json:"words,omitempty"`
	Signals []string `json:"signals"`
}

// Export is what the file of an expedition holds of its watch; nil for nothing.
func (s *Service) Export(ctx context.Context, id kernel.ExpeditionID) (json.RawMessage, error) {
	signals, err := allSignals(ctx, s.DB.Read(), id, "", mostSignals)
	if err != nil {
		return nil, err
	}
	feeds, err := feedsOf(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	notes, err := allNotes(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	reviews, err := reviewsOf(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	p := parcel{}
	if p.Apart, err = apartPairs(ctx, s.DB.Read(), id); err != nil {
		return nil, err
	}
	if len(signals)+len(feeds)+len(reviews) == 0 {
		return nil, nil
	}
	slices.SortFunc(signals, func(a, b Signal) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	for _, g := range signals {
		p.Signals = append(p.Signals, carriedSignal{g.ID, g.Lead, g.Why, g.Address, g.Title, g.Author, g.Published, g.Text, g.State, g.Grade, g.Axis, g.Tags, g.Note})
	}
	slices.SortFunc(feeds, func(a, b Feed) int { return bytes.Compare([]byte(a.Address), []byte(b.Address)) })
	for _, f := range feeds {
		p.Feeds = append(p.Feeds, carriedFeed{f.Address, f.Title, f.Site})
	}
	for _, n := range notes {
		p.Notes = append(p.Notes, carriedNote{n.ID, n.Signal, n.Exact, n.Prefix, n.Suffix, n.Start, n.End, n.Lost, n.Body})
	}
	slices.SortFunc(reviews, func(a, b Review) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	for _, r := range reviews {
		p.Reviews = append(p.Reviews, carriedReview{r.ID, r.Title, r.Words, r.signals})
	}
	return json.Marshal(p)
}

// Import takes back what Export gave. Feeds are followed again.
func (s *Service) Import(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, raw json.RawMessage) error {
	var p parcel
	if err := json.Unmarshal(raw, &p); err != nil {
		return errFile.Because(err)
	}
	if len(p.Signals) > mostSignals || len(p.Feeds) > mostFeeds {
		return errFileMuch
	}
	kept := time.Time{}
	for _, c := range p.Signals {
		if c.State == Kept {
			kept = tx.Now
		}
		d := Draft{Address: c.Address, Title: c.Title, Author: c.Author, Note: c.Note, State: c.State, Grade: c.Grade, Tags: c.Tags}
		if err := d.check(); err != nil {
			return err
		}
		if _, err := kernel.ParseDate(string(c.Published)); err != nil {
			return errFile.Because(err)
		}
		g := Signal{
			ID: c.ID, Lead: c.Lead, Why: c.Why, Address: c.Address, Title: c.Title, Author: c.Author, Published: c.Published, Text: cut(c.Text, mostText),
			State: c.State, Grade: c.Grade, Axis: c.Axis, Tags: d.Tags, Note: c.Note, SeenAt: tx.Now, KeptAt: kept, Version: 1, print: fold.PrintOf(c.Text),
		}
		if err := insertSignal(ctx, tx, id, g); err != nil {
			return err
		}
	}
	if err := findAll(ctx, tx, id, p.Signals); err != nil {
		return err
	}
	for _, pair := range p.Apart {
		if err := insertApart(ctx, tx, id, pair[0], pair[1]); err != nil {
			return err
		}
	}
	for _, c := range p.Notes {
		n := Note{ID: c.ID, Signal: c.Signal, Lost: c.Lost, Body: c.Body, MadeAt: tx.Now}
		n.Exact, n.Prefix, n.Suffix, n.Start, n.End = c.Exact, c.Prefix, c.Suffix, c.Start, c.End
		if err := insertNote(ctx, tx, id, n); err != nil {
			return err
		}
	}
	for _, c := range p.Reviews {
		if err := insertReview(ctx, tx, id, Review{ID: c.ID, Title: c.Title, Words: c.Words, MadeAt: tx.Now, signals: c.Signals}); err != nil {
			return err
		}
	}
	var feeds []Feed
	for _, c := range p.Feeds {
		feeds = append(feeds, Feed{Address: c.Address, Title: c.Title, Site: c.Site})
	}
	return s.followAll(ctx, tx, id, feeds, &Arrival{})
}

// findAll puts the words of each cluster where they are searched.
func findAll(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, all []carriedSignal) error {
	words := map[string]string{}
	var leads []string
	for _, c := range all {
		lead := c.Lead
		if lead == "" {
			lead = c.ID
			leads = append(leads, lead)
		}
		words[lead] += wordsOf(Signal{Title: c.Title, Author: c.Author, Note: c.Note, Tags: c.Tags, Address: c.Address, Text: c.Text})
	}
	for _, lead := range leads {
		if err := search.Put(ctx, tx, space(id), lead, words[lead]); err != nil {
			return err
		}
	}
	return nil
}

// Leads are kept signals by their ids, or the latest two hundred for nil ids: what a
// card may lean on. The caller has checked that the actor may read.
func (s *Service) Leads(ctx context.Context, id kernel.ExpeditionID, ids []string) ([]Signal, error) {
	if ids == nil {
		return allSignals(ctx, s.DB.Read(), id, Kept, 200)
	}
	return signalsByID(ctx, s.DB.Read(), id, ids)
}
