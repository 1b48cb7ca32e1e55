package musette

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"

	"github.com/fxamacker/cbor/v2"
)

// importRoom is where the vault keeps what was imported from where: which keys of
// which file became which items. It is nobody else's, and shown as history.
const importRoom = "import"

const (
	importPrefix   = "imp"
	pendingPrefix  = "pnd"
	importFileMost = 25 << 20  // bytes of one file
	importMost     = 100 << 20 // bytes of all files of a call
	importFiles    = 50        // files of a call
	importBatch    = 400       // items written in one transaction
	importWait     = time.Hour // a preview waits for its confirmation
)

var (
	errImportNone    = kernel.NewFault(kernel.Invalid, "musette.import.none").On("files")
	errImportFiles   = kernel.NewFault(kernel.Invalid, "musette.import.files").On("files").With("max", importFiles)
	errImportLarge   = kernel.NewFault(kernel.TooLarge, "musette.import.large").On("files")
	errImportPending = kernel.NewFault(kernel.Gone, "musette.import.pending")
)

// Incoming is a file that came in: in the vault already, sealed, waiting.
type Incoming struct {
	Name string    `cbor:"1,keyasint"`
	Blob gate.Blob `cbor:"2,keyasint"`
}

// Imported is what came, or would come, of one file.
type Imported struct {
	Name     string         `cbor:"1,keyasint"`
	Format   string         `cbor:"2,keyasint"`
	Created  map[string]int `cbor:"3,keyasint"` // by plural of what: activities, contacts…
	Merged   int            `cbor:"4,keyasint"`
	Skipped  []Remark       `cbor:"5,keyasint"`
	Warnings []Remark       `cbor:"6,keyasint"`
	NotGiven []string       `cbor:"7,keyasint"` // ids of what the law promises and the file lacks
	Stripped int            `cbor:"8,keyasint"` // traces of customers left out
	Titles   []string       `cbor:"9,keyasint"` // some of what is created, for the preview
}

// Remark is a sentence about a place in a file.
type Remark struct {
	Where intake.Note `cbor:"1,keyasint"`
	What  intake.Note `cbor:"2,keyasint"`
}

// Hold takes a file in, sealed as it comes, until it is imported or an hour has
// passed.
//
// TooLarge above 25 MiB.
func (s *Service) Hold(ctx context.Context, name string, r io.Reader) (Incoming, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return Incoming{}, err
	}
	b, err := s.Gate.HoldBlob(ctx, pass, r, importFileMost, s.DB.Now().Add(importWait))
	if kernel.KindOf(err) == kernel.TooLarge {
		return Incoming{}, errImportLarge.With("max", importFileMost>>20).Because(err)
	}
	if r := once.From(ctx); r != nil && err == nil { // what the request says, whatever borders it has
		if _, err := io.WriteString(r, b.SHA256+" "+name+"\n"); err != nil {
			return Incoming{}, err
		}
	}
	return Incoming{Name: fileName(name), Blob: b}, err
}

// Import keeps what files hold, and says what was created, merged and skipped, and
// why. The same file again creates nothing. With dry it only says what would be.
//
// What a file holds never makes it fail: what is refused stands in the report.
// Everything of a file is written in batches; what was written before a crash is
// found again by the next try.
//
// id names the outcome, for Outcome; it is empty with dry.
func (s *Service) Import(ctx context.Context, files []Incoming, dry bool) (id kernel.ItemID, all []Imported, err error) {
	switch {
	case len(files) == 0:
		return "", nil, errImportNone
	case len(files) > importFiles:
		return "", nil, errImportFiles
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return "", nil, err
	}
	if !dry {
		made, done, err := once.Before(ctx, s.DB)
		if err != nil {
			return "", nil, err
		}
		if done {
			all, err = s.Outcome(ctx, kernel.ItemID(made))
			return kernel.ItemID(made), all, err
		}
	}
	for _, f := range files {
		one, err := s.importOne(ctx, pass, f, dry)
		if err != nil {
			return "", nil, err
		}
		all = append(all, one)
	}
	if dry {
		return "", all, nil
	}
	id, err = s.keepOutcome(ctx, all)
	return id, all, err
}

// ledger is what an import leaves: which key became which item.
type ledger struct {
	Keys   map[string]kernel.ItemID `cbor:"2,keyasint,omitempty"`
	File   string                   `cbor:"3,keyasint,omitempty"`
	Format string                   `cbor:"4,keyasint,omitempty"`
	SHA256 string                   `cbor:"5,keyasint,omitempty"`
}

// Outcome gives what came of an import that was carried out.
func (s *Service) Outcome(ctx context.Context, id kernel.ItemID) ([]Imported, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	it, err := s.Gate.Get(ctx, pass, id)
	if kernel.KindOf(err) == kernel.NotFound || err == nil && (it.Room != pendingRoom || it.View.Kind != "outcome") {
		return nil, errNoItem
	}
	if err != nil {
		return nil, err
	}
	var all []Imported
	if err := cbor.Unmarshal(it.Body, &all); err != nil {
		return nil, unreadable(id, err)
	}
	return all, nil
}

// remarksMost is how many remarks about a file an outcome keeps.
const remarksMost = 500

// keepOutcome writes what came of a call, under its idempotency key if it has one.
func (s *Service) keepOutcome(ctx context.Context, all []Imported) (kernel.ItemID, error) {
	short := slices.Clone(all)
	for i := range short {
		short[i].Skipped = short[i].Skipped[:min(len(short[i].Skipped), remarksMost)]
		short[i].Warnings = short[i].Warnings[:min(len(short[i].Warnings), remarksMost)]
	}
	body, err := cbor.Marshal(short)
	if err != nil {
		return "", err
	}
	it, err := s.put(ctx, gate.Item{
		ID: kernel.NewID[kernel.ItemID](importPrefix, s.DB.Now()), Room: pendingRoom,
		View: gate.View{Kind: "outcome", Never: true, Provenance: declared}, Body: body,
	})
	return it.ID, err
}

func ledgerItem(id kernel.ItemID, l ledger) (gate.Item, error) {
	body, err := cbor.Marshal(l)
	return gate.Item{ID: id, Room: importRoom, View: gate.View{Kind: "import", Title: l.File, Never: true, Provenance: declared}, Body: body}, err
}

// importOne reads one file and keeps what it holds.
func (s *Service) importOne(ctx context.Context, pass gate.Pass, f Incoming, dry bool) (Imported, error) {
	blob, err := s.Gate.Blob(ctx, pass, f.Blob)
	if err != nil {
		return Imported{}, err
	}
	actor := kernel.ActorFrom(ctx)
	report, err := intake.Read(ctx, f.Name, blob, f.Blob.Size, intake.Options{Lang: actor.Lang, Zone: actor.Location()})
	if err != nil {
		return Imported{}, err
	}
	out := Imported{Name: f.Name, Format: string(report.Format), Created: map[string]int{}, Stripped: report.Stripped}
	for _, sk := range report.Skipped {
		out.Skipped = append(out.Skipped, Remark{sk.Where.Note(), sk.Why})
	}
	for _, w := range report.Warnings {
		out.Warnings = append(out.Warnings, Remark{w.Where.Note(), w.What})
	}
	for _, n := range report.NotGiven {
		out.NotGiven = append(out.NotGiven, n.ID)
	}
	if report.Format == intake.FormatMusette {
		return out, s.importArchive(ctx, pass, blob, f.Blob.Size, dry, &out)
	}
	known, err := s.known(ctx, pass)
	if err != nil {
		return Imported{}, err
	}
	p := planner{s: s, from: gate.Provenance{Source: gate.Imported, Format: out.Format, File: f.Name, At: s.DB.Now()}, known: known, out: &out, keys: map[string]kernel.ItemID{}}
	for i := range report.Entries {
		p.take(&report.Entries[i])
	}
	if dry {
		return out, nil
	}
	return out, s.carryOut(ctx, pass, f, &p)
}

// existing is what the musette holds already, indexed to find what is the same.
type existing struct {
	byKey   map[string]kernel.ItemID // from the ledgers; the item may be gone
	items   map[kernel.ItemID]*gate.Item
	byTitle map[string][]*known // folded title
	byPlace map[string][]*known // folded organisation and start
	profile gate.Profile
}

// known is an item that may be the same as an entry.
type known struct {
	entry intake.Entry
	item  *gate.Item
}

func (s *Service) known(ctx context.Context, pass gate.Pass) (*existing, error) {
	e := &existing{byKey: map[string]kernel.ItemID{}, items: map[kernel.ItemID]*gate.Item{}, byTitle: map[string][]*known{}, byPlace: map[string][]*known{}}
	items, err := s.Gate.List(ctx, pass, room)
	if err != nil {
		return nil, err
	}
	for i := range items {
		e.add(&items[i])
	}
	ledgers, err := s.Gate.List(ctx, pass, importRoom)
	if err != nil {
		return nil, err
	}
	for i := range ledgers {
		var l ledger
		if err := cbor.Unmarshal(ledgers[i].Body, &l); err != nil {
			return nil, unreadable(ledgers[i].ID, err)
		}
		for key, id := range l.Keys {
			e.byKey[key] = id
		}
	}
	e.profile, err = s.Gate.Profile(ctx)
	return e, err
}

func (e *existing) add(it *gate.Item) {
	e.items[it.ID] = it
	kind, ok := entryKind(it.View.Kind)
	if !ok {
		return
	}
	v := it.View
	k := &known{item: it, entry: intake.Entry{Kind: kind, Title: v.Title, Start: v.Start, End: v.End, Organisation: v.Organisation, Place: v.Place}}
	switch kind {
	case intake.KindActivity:
		k.entry.Type = v.Kind
	case intake.KindContact:
		k.entry.Card = &intake.Card{Name: v.Title}
		for _, f := range v.Facts {
			if f.Name == "mail" {
				k.entry.Card.Emails = []string{f.Text}
			}
		}
	case intake.KindDocument, intake.KindSkill, intake.KindLanguage:
		for _, f := range v.Facts {
			if f.Name == "type" {
				k.entry.Type = f.Text
			}
		}
	case intake.KindTool, intake.KindPiece, intake.KindProfile:
	}
	title := intake.Fold(v.Title)
	e.byTitle[title] = append(e.byTitle[title], k)
	if v.Organisation != "" {
		place := intake.Fold(v.Organisation) + "\x00" + v.Start
		e.byPlace[place] = append(e.byPlace[place], k)
	}
}

// candidatesMost bounds how many items an entry is compared with.
const candidatesMost = 50

// alike finds what the musette holds that is probably the same as e.
func (x *existing) alike(e *intake.Entry) *known {
	if e.Kind == intake.KindPiece || e.Kind == intake.KindProfile {
		return nil
	}
	for _, all := range [][]*known{x.byTitle[intake.Fold(e.Title)], x.byPlace[intake.Fold(e.Organisation)+"\x00"+e.Start]} {
		for _, k := range all[:min(len(all), candidatesMost)] {
			if intake.Alike(&k.entry, e) {
				return k
			}
		}
	}
	return nil
}

// entryKind is what an item of the vault would be in a file.
func entryKind(kind string) (intake.Kind, bool) {
	switch {
	case IsActivity(kind):
		return intake.KindActivity, true
	case kind == contact.Name:
		return intake.KindContact, true
	case kind == tool.Name:
		return intake.KindTool, true
	case kind == document.Name:
		return intake.KindDocument, true
	case kind == skill.Name:
		return intake.KindSkill, true
	}
	return "", false
}

// planner decides what becomes of each entry of a file.
type planner struct {
	s     *Service
	from  gate.Provenance
	known *existing
	out   *Imported
	keys  map[string]kernel.ItemID // of this file

	items  []gate.Item     // to create, or to replace when Version is not 0
	pieces []*intake.Piece // bytes to keep with the item of the same place, or nil
	fields map[string]string
}

// titlesMost is how much of what would be created a preview names.
const titlesMost = 12

// take plans one entry: kept, merged into what is there, or skipped with a reason.
func (p *planner) take(e *intake.Entry) {
	if e.Kind == intake.KindProfile {
		p.takeProfile(e)
		return
	}
	if id, ok := p.known.byKey[e.Key]; ok && p.known.items[id] != nil {
		p.skip(e, "musette.import.again")
		return
	}
	if _, ok := p.keys[e.Key]; ok {
		p.skip(e, "musette.import.twice")
		return
	}
	if same := p.known.alike(e); same != nil {
		p.merge(e, same)
		return
	}
	it, piece, err := p.item(e)
	if err != nil {
		p.refuse(e, err)
		return
	}
	p.keys[e.Key] = it.ID
	p.items, p.pieces = append(p.items, it), append(p.pieces, piece)
	p.out.Created[plural(e.Kind)]++
	if len(p.out.Titles) < titlesMost {
		p.out.Titles = append(p.out.Titles, it.View.Title)
	}
	p.known.add(&p.items[len(p.items)-1])
}

func plural(k intake.Kind) string {
	switch k {
	case intake.KindActivity:
		return "activities"
	case intake.KindSkill, intake.KindLanguage:
		return "skills"
	case intake.KindContact, intake.KindTool, intake.KindDocument, intake.KindPiece, intake.KindProfile:
	}
	return string(k) + "s"
}

func (p *planner) skip(e *intake.Entry, key string) {
	p.out.Skipped = append(p.out.Skipped, Remark{e.Where.Note(), intake.Note{Key: key, Args: []any{"title", e.Title}}})
}

// refuse says why an entry cannot be kept, in the words of the form that would
// refuse it.
func (p *planner) refuse(e *intake.Entry, err error) {
	note := intake.Note{Key: "musette.import.refused", Args: []any{"title", e.Title}}
	if f, ok := errors.AsType[*kernel.Fault](err); ok {
		note = intake.Note{Key: f.Key, Args: f.Args}
	}
	p.out.Skipped = append(p.out.Skipped, Remark{e.Where.Note(), note})
}

// item makes the item of an entry.
func (p *planner) item(e *intake.Entry) (gate.Item, *intake.Piece, error) {
	switch e.Kind {
	case intake.KindActivity:
		it, err := p.activity(e)
		return it, nil, err
	case intake.KindPiece:
		pc := &Piece{ID: p.id(piecePrefix), About: About{Title: clip(e.Title, titleMost), Date: kernel.Date(e.Start), Author: clip(e.Organisation, lineMost)}, Provenance: p.from}
		it, err := pc.item()
		return it, e.Piece, err
	case intake.KindContact, intake.KindTool, intake.KindDocument, intake.KindSkill, intake.KindLanguage, intake.KindProfile:
	}
	en := p.entry(e)
	if err := en.Check(); err != nil {
		return gate.Item{}, nil, err
	}
	return en.item(), nil, nil
}

func (p *planner) id(prefix string) kernel.ItemID {
	return kernel.NewID[kernel.ItemID](prefix, p.s.DB.Now())
}

// activity fits an entry into the limits of an activity: what is longer is cut,
// with a word about it.
func (p *planner) activity(e *intake.Entry) (gate.Item, error) {
	c := Content{
		Title: e.Title, Kind: Kind(e.Type), Start: kernel.Date(e.Start), End: kernel.Date(e.End), Organisation: e.Organisation,
		Place: e.Place, WithWhom: e.WithWhom, Purpose: e.Purpose, Paid: e.Paid, Status: e.Status, HoursPerWeek: e.HoursPerWeek,
		Narrative: e.Narrative, Tools: e.Tools, Methods: e.Methods, Tags: e.Tags,
	}
	if !IsActivity(e.Type) {
		c.Kind = Other
	}
	p.fit(e, &c)
	if err := c.Check(true); err != nil {
		return gate.Item{}, err
	}
	it, err := c.item(p.id(activityPrefix), 0, p.from)
	for _, f := range e.Facts {
		it.View.Facts = append(it.View.Facts, gate.Fact{Name: f.Name, Text: clip(f.Value, storyMost)})
	}
	if e.URL != "" {
		it.View.Facts = append(it.View.Facts, gate.Fact{Name: "url", Text: clip(e.URL, linkMost)})
	}
	return it, err
}

// fit cuts what is longer than a musette holds.
func (p *planner) fit(e *intake.Entry, c *Content) {
	was := fmt.Sprint(*c)
	if strings.TrimSpace(c.Title) == "" {
		c.Title = c.Organisation
	}
	c.Title, c.Narrative, c.Status = clip(c.Title, titleMost), clip(c.Narrative, storyMost), clip(c.Status, statusMost)
	for _, t := range []*string{&c.Organisation, &c.Place, &c.WithWhom, &c.Purpose} {
		*t = clip(*t, lineMost)
	}
	for _, list := range []*[]string{&c.Tools, &c.Methods, &c.Tags} {
		*list = (*list)[:min(len(*list), listMost)]
		for i := range *list {
			(*list)[i] = clip((*list)[i], wordMost)
		}
	}
	if start, end := ordinal(c.Start), ordinal(c.End); start > 0 && end > 0 && c.End.Last().Before(c.Start.First()) {
		c.End = ""
	}
	if c.HoursPerWeek < 0 || c.HoursPerWeek > hoursMost || c.HoursPerWeek != c.HoursPerWeek { //nolint:gocritic // NaN is not itself
		c.HoursPerWeek = 0
	}
	if fmt.Sprint(*c) != was {
		p.out.Warnings = append(p.out.Warnings, Remark{e.Where.Note(), intake.Note{Key: "musette.import.fitted", Args: []any{"title", c.Title}}})
	}
}

// clip cuts a text after most characters.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "�")
	if len(s) <= most {
		return s
	}
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

// entry puts an entry of a file into a shape of the musette.
func (p *planner) entry(e *intake.Entry) *Entry {
	shape := map[intake.Kind]*Shape{intake.KindContact: contact, intake.KindTool: tool, intake.KindDocument: document, intake.KindSkill: skill, intake.KindLanguage: skill}[e.Kind]
	en := &Entry{ID: p.id(shape.Prefix), Shape: shape, Provenance: p.from, Values: make([]string, len(shape.Fields))}
	values := map[string]string{
		"title": e.Title, "organisation": e.Organisation, "start": e.Start, "end": e.End, "place": e.Place, "narrative": e.Narrative,
		"type": e.Type, "url": e.URL, "level": e.Fact("level"), "use": e.Purpose,
	}
	if e.Kind == intake.KindLanguage {
		values["type"] = "language"
	}
	if c := e.Card; c != nil {
		values["role"] = c.Role
		if len(c.Emails) > 0 {
			values["mail"] = c.Emails[0]
		}
		if len(c.Phones) > 0 {
			values["phone"] = c.Phones[0]
		}
		if values["place"] == "" {
			values["place"] = c.Address
		}
	}
	for i, f := range shape.Fields {
		v := clip(strings.TrimSpace(values[f.Name]), f.Most())
		if f.check(v) != nil && !f.Required {
			v = "" // a doubtful address or date is left out rather than the whole
		}
		en.Values[i] = v
	}
	return en
}

// merge fills what is empty in an item with what the file says. Nothing that is
// there is ever replaced.
func (p *planner) merge(e *intake.Entry, same *known) {
	p.keys[e.Key] = same.item.ID
	if e.Kind != intake.KindActivity || same.item.Version == 0 {
		p.skip(e, "musette.import.there")
		return
	}
	it := *same.item
	if !fill(&it.View, e) {
		p.skip(e, "musette.import.there")
		return
	}
	p.out.Merged++
	same.item = &it
	p.items, p.pieces = append(p.items, it), append(p.pieces, nil)
}

// fill reports whether anything of v was empty that e says.
func fill(v *gate.View, e *intake.Entry) bool {
	changed := false
	set := func(to *string, from string, most int) {
		if *to == "" && from != "" {
			*to, changed = clip(from, most), true
		}
	}
	set(&v.End, e.End, 10)
	set(&v.Organisation, e.Organisation, lineMost)
	set(&v.Place, e.Place, lineMost)
	set(&v.WithWhom, e.WithWhom, lineMost)
	set(&v.Purpose, e.Purpose, lineMost)
	set(&v.Status, e.Status, statusMost)
	set(&v.Text, e.Narrative, storyMost)
	if v.Paid == nil && e.Paid != nil {
		v.Paid, changed = e.Paid, true
	}
	if v.Start != "" && v.End != "" && kernel.Date(v.End).Last().Before(kernel.Date(v.Start).First()) {
		v.End = ""
	}
	return changed
}

// takeProfile fills what is empty in what the person says of herself.
func (p *planner) takeProfile(e *intake.Entry) {
	if p.fields == nil {
		p.fields = map[string]string{}
	}
	c := intake.Card{}
	if e.Card != nil {
		c = *e.Card
	}
	first := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[0]
	}
	changed := false
	for name, text := range map[string]string{
		"name": firstOf(c.Name, e.Title), "headline": firstOf(c.Role, e.Purpose), "about": e.Narrative, "email": first(c.Emails),
		"phone": first(c.Phones), "city": firstOf(e.Place, c.Address), "website": firstOf(e.URL, first(c.Links)),
	} {
		if text != "" && p.known.profile.Fields[name] == "" && p.fields[name] == "" {
			p.fields[name], changed = clip(text, 2000), true
		}
	}
	if !changed {
		p.skip(e, "musette.import.there")
		return
	}
	p.out.Merged++
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// carryOut writes what was planned: pieces first, then items in batches, each batch
// with the keys it made, so that a crash in between is taken up by the next try.
func (s *Service) carryOut(ctx context.Context, pass gate.Pass, f Incoming, p *planner) error {
	if err := s.saveFields(ctx, pass, p); err != nil {
		return err
	}
	byID := map[kernel.ItemID][]string{}
	for key, id := range p.keys {
		byID[id] = append(byID[id], key)
	}
	for start := 0; start < len(p.items); start += importBatch {
		end := min(start+importBatch, len(p.items))
		if err := s.writeBatch(ctx, pass, f, p, byID, start, end); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) saveFields(ctx context.Context, pass gate.Pass, p *planner) error {
	if len(p.fields) == 0 {
		return nil
	}
	pr := p.known.profile
	fields := map[string]string{}
	for k, v := range pr.Fields {
		fields[k] = v
	}
	for k, v := range p.fields {
		fields[k] = v
	}
	sealed, err := s.Gate.SealProfile(ctx, pass, gate.Profile{Version: pr.Version, Fields: fields})
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := s.Gate.Put(ctx, tx, sealed)
		return err
	})
}

func (s *Service) writeBatch(ctx context.Context, pass gate.Pass, f Incoming, p *planner, byID map[kernel.ItemID][]string, start, end int) error {
	l := ledger{Keys: map[string]kernel.ItemID{}, File: f.Name, Format: p.out.Format, SHA256: f.Blob.SHA256}
	var sealed []gate.Sealed
	var refs []string
	for i := start; i < end; i++ {
		it := p.items[i]
		if pc := p.pieces[i]; pc != nil {
			held, err := s.Gate.HoldBlob(ctx, pass, bytes.NewReader(pc.Raw), importFileMost, s.DB.Now().Add(importWait))
			if err != nil {
				return err
			}
			held.Name, held.Media = fileName(pc.Name), pc.Media
			it.View.Blob = &held
			refs = append(refs, held.Ref)
		}
		for _, key := range byID[it.ID] {
			l.Keys[key] = it.ID
		}
		one, err := s.Gate.Seal(ctx, pass, it)
		if err != nil {
			return err
		}
		sealed = append(sealed, one)
	}
	note, err := ledgerItem(kernel.NewID[kernel.ItemID](importPrefix, s.DB.Now()), l)
	if err != nil {
		return err
	}
	last, err := s.Gate.Seal(ctx, pass, note)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, ref := range refs {
			if err := s.Gate.KeepBlob(ctx, tx, pass, ref); err != nil {
				return err
			}
		}
		for _, one := range append(sealed, last) {
			if _, err := s.Gate.Put(ctx, tx, one); err != nil {
				return moved(err)
			}
		}
		return nil
	})
}

// pending is a preview that waits: which files, and until when.
type pending struct {
	Files []Incoming `cbor:"1,keyasint"`
	Until time.Time  `cbor:"2,keyasint"`
}

// Wait keeps a preview's files together until they are confirmed; its id goes into
// the form.
func (s *Service) Wait(ctx context.Context, files []Incoming) (kernel.ItemID, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return "", err
	}
	body, err := cbor.Marshal(pending{files, s.DB.Now().Add(importWait)})
	if err != nil {
		return "", err
	}
	id := kernel.NewID[kernel.ItemID](pendingPrefix, s.DB.Now())
	sealed, err := s.Gate.Seal(ctx, pass, gate.Item{ID: id, Room: pendingRoom, View: gate.View{Kind: "pending", Never: true, Provenance: declared}, Body: body})
	if err != nil {
		return "", err
	}
	old, err := s.Gate.List(ctx, pass, pendingRoom)
	if err != nil {
		return "", err
	}
	return id, s.DB.Write(ctx, func(tx *db.Tx) error {
		for i := range old { // what was never confirmed
			if s.DB.Now().Sub(old[i].CreatedAt) > importWait {
				if err := s.Gate.Delete(ctx, tx, pass, old[i].ID, 0); err != nil && kernel.KindOf(err) != kernel.NotFound {
					return err
				}
			}
		}
		_, err := s.Gate.Put(ctx, tx, sealed)
		return err
	})
}

// pendingRoom is where previews wait; nothing of it is exported.
const pendingRoom = "pending"

// Waiting gives the files of a preview.
//
// Gone when it was confirmed, dropped or forgotten.
func (s *Service) Waiting(ctx context.Context, id kernel.ItemID) ([]Incoming, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	it, err := s.Gate.Get(ctx, pass, id)
	if kernel.KindOf(err) == kernel.NotFound || err == nil && it.Room != pendingRoom {
		return nil, errImportPending
	}
	if err != nil {
		return nil, err
	}
	var p pending
	if err := cbor.Unmarshal(it.Body, &p); err != nil {
		return nil, unreadable(id, err)
	}
	if !p.Until.After(s.DB.Now()) {
		return nil, errImportPending
	}
	return p.Files, nil
}

// Drop forgets a preview and its files. What was confirmed in between stays.
func (s *Service) Drop(ctx context.Context, id kernel.ItemID) error {
	files, err := s.Waiting(ctx, id)
	if err != nil {
		return err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, f := range files {
			if err := s.Gate.DropHeld(ctx, tx, pass, f.Blob.Ref); err != nil {
				return err
			}
		}
		return s.Gate.Delete(ctx, tx, pass, id, 0)
	})
}
