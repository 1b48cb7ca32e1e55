package gate

import (
	"context"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
)

// opened is what a grant's pass knows.
type opened struct {
	record grantRecord
	body   grantBody
	who    string // for the journal
	name   string // of the owner, for who borrows
}

// Shown is a face as its recipient sees it. It holds nothing that depends on the
// rest of the musette: no id, version, time or count of hers.
type Shown struct {
	Grant    kernel.GrantID `json:"-"`
	Purpose  string         `json:"purpose"`
	Until    time.Time      `json:"until"`
	Language string         `json:"language"`
	Title    string         `json:"title"`
	Profile  []ShownFact    `json:"profile"`
	Items    []ShownItem    `json:"activities"`
}

// ShownFact is a field of the profile.
type ShownFact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// ShownItem is an activity on a face. Its ID is made for this grant alone.
type ShownItem struct {
	ID           string       `json:"id"`
	Kind         string       `json:"kind"`
	Title        string       `json:"title"`
	Start        *string      `json:"start,omitempty"`
	End          *string      `json:"end,omitempty"`
	Organisation string       `json:"organisation,omitempty"`
	Place        string       `json:"place,omitempty"`
	WithWhom     string       `json:"with_whom,omitempty"`
	Purpose      string       `json:"purpose,omitempty"`
	Status       string       `json:"status,omitempty"`
	Paid         *bool        `json:"paid,omitempty"`
	Hours        float64      `json:"hours_per_week,omitempty"`
	Text         string       `json:"narrative,omitempty"`
	Tags         []string     `json:"tags,omitempty"`
	Source       string       `json:"provenance"`
	By           string       `json:"attested_by,omitempty"`
	Pieces       []ShownPiece `json:"pieces,omitempty"`

	item *Item
}

// ShownPiece is a piece of evidence on a face.
type ShownPiece struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Media string `json:"media,omitempty"`

	original bool
	blob     *Blob
}

// ByLink opens a grant by the token of its link.
//
// ErrNever for a token that never was, ErrEnded once withdrawn or expired.
func (s *Service) ByLink(ctx context.Context, token string) (Pass, error) {
	rows, err := grantsBehind(ctx, s.DB.Read(), linkDoor(strings.ToLower(token)))
	if err != nil {
		return Pass{}, err
	}
	if len(rows) == 0 || rows[0].room != "" {
		return Pass{}, ErrNever
	}
	return s.passByLink(ctx, rows[0])
}

// passByLink is the pass of who holds a link; trying one that is over is noted.
func (s *Service) passByLink(ctx context.Context, r grantRecord) (Pass, error) {
	p, err := s.passFor(ctx, r, whoLink)
	if errors.Is(err, ErrEnded) {
		return Pass{}, errors.Join(err, s.refuse(ctx, r))
	}
	return p, err
}

// refuse notes that somebody tried a link that is over.
func (s *Service) refuse(ctx context.Context, r grantRecord) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.note(ctx, tx, r.owner, entry{grant: r.id, what: whatRefused, who: whoLink})
	})
}

// ByGrant opens a grant made to the actor or to a circle she belongs to.
//
// NotFound for anybody else.
func (s *Service) ByGrant(ctx context.Context, id kernel.GrantID) (Pass, error) {
	rows, err := s.doors(ctx)
	if err != nil {
		return Pass{}, err
	}
	for _, r := range rows {
		if r.id == id && r.room == "" {
			return s.passFor(ctx, r, string(kernel.ActorFrom(ctx).Person))
		}
	}
	return Pass{}, ErrNever
}

// doors lists every grant that leads to the actor.
func (s *Service) doors(ctx context.Context) ([]grantRecord, error) {
	me, err := s.Own(ctx)
	if err != nil {
		return nil, err
	}
	all, err := grantsBehind(ctx, s.DB.Read(), "p:"+string(me.Owner()))
	if err != nil {
		return nil, err
	}
	circles, err := s.Circles.CirclesOf(ctx, me.Owner())
	if err != nil {
		return nil, err
	}
	for _, c := range circles {
		rows, err := grantsBehind(ctx, s.DB.Read(), "c:"+string(c))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.owner == me.Owner() {
				continue
			}
			if r.room != "" {
				all = append(all, r) // lent to whoever sits there: a jury has no candidate among its members
				continue
			}
			// A circle sees only what its present members show it.
			in, err := s.Circles.Belongs(ctx, c, r.owner)
			if err != nil {
				return nil, err
			}
			if in {
				all = append(all, r)
			}
		}
	}
	return all, nil
}

func (s *Service) passFor(ctx context.Context, r grantRecord, who string) (Pass, error) {
	if err := stillOpen(r, s.DB.Now()); err != nil {
		return Pass{}, err
	}
	b, err := s.openGrant(ctx, r)
	if kernel.KindOf(err) == kernel.Gone {
		return Pass{}, ErrEnded.Because(err)
	}
	if err != nil {
		return Pass{}, err
	}
	return Pass{&pass{ctx: ctx, owner: r.owner, grant: &opened{record: r, body: b, who: who}}}, nil
}

func stillOpen(r grantRecord, now time.Time) error {
	if !r.withdrawn.IsZero() || !now.Before(r.until.Time) {
		return ErrEnded
	}
	return nil
}

// Received is a grant somebody opened for the actor.
type Received struct {
	ID      kernel.GrantID
	Owner   kernel.PersonID
	Name    string // of the owner
	Purpose string
	Until   time.Time
}

// ShownToMe lists what others show the actor now, newest first.
func (s *Service) ShownToMe(ctx context.Context) ([]Received, error) {
	rows, err := s.doors(ctx)
	if err != nil {
		return nil, err
	}
	now, all := s.DB.Now(), []Received{}
	var owners []kernel.PersonID
	for _, r := range rows {
		if r.room != "" || stillOpen(r, now) != nil {
			continue
		}
		b, err := s.openGrant(ctx, r)
		if err != nil {
			return nil, err
		}
		all = append(all, Received{ID: r.id, Owner: r.owner, Purpose: b.Purpose, Until: r.until.Time})
		owners = append(owners, r.owner)
	}
	names, err := s.People.Names(ctx, owners)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Name = names[all[i].Owner]
	}
	slices.SortFunc(all, func(a, b Received) int { return strings.Compare(string(b.ID), string(a.ID)) })
	return all, nil
}

// record notes a visit and proves, in the same transaction, that the grant is
// still open: what is answered after it is in the journal.
func (s *Service) record(ctx context.Context, g *opened, what string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := grantRow(ctx, tx, g.record.owner, g.record.id)
		if errors.Is(err, errNoGrant) {
			return ErrEnded
		}
		if err != nil {
			return err
		}
		if err := stillOpen(r, tx.Now); err != nil {
			return err
		}
		return s.note(ctx, tx, r.owner, entry{grant: r.id, what: what, who: g.who})
	})
}

// face is the grant of a pass that shows a face.
func (p Pass) face() (*opened, error) {
	p.Owner() // panics on a pass nobody gave
	if p.p.grant == nil || p.p.grant.record.room != "" || p.p.ctx.Err() != nil {
		return nil, errOver
	}
	return p.p.grant, nil
}

// Show gives the face a grant's pass opens; the visit is in the journal before.
func (s *Service) Show(ctx context.Context, p Pass) (Shown, error) {
	g, err := p.face()
	if err != nil {
		return Shown{}, err
	}
	shown, err := s.shown(ctx, g.record.owner, g.record, g.body)
	if err != nil {
		return Shown{}, err
	}
	return shown, s.record(ctx, g, whatFace)
}

// Piece opens a piece of evidence a face shows, by the id made for the grant; the
// visit is in the journal before. original says that the owner ticked to send the
// file as it is; otherwise the caller sends it again without metadata.
func (s *Service) Piece(ctx context.Context, p Pass, id string) (r *BlobReader, original bool, err error) {
	g, err := p.face()
	if err != nil {
		return nil, false, err
	}
	shown, err := s.shown(ctx, g.record.owner, g.record, g.body)
	if err != nil {
		return nil, false, err
	}
	for _, it := range shown.Items {
		for _, pc := range it.Pieces {
			if pc.ID != id || pc.blob == nil {
				continue
			}
			if err := s.record(ctx, g, whatPiece); err != nil {
				return nil, false, err
			}
			r, err := s.blob(ctx, g.record.owner, *pc.blob)
			return r, pc.original, err
		}
	}
	return nil, false, ErrNever
}

// Preview is what a face would show, for its owner, from the same code.
func (s *Service) Preview(ctx context.Context, f Face) (Shown, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return Shown{}, err
	}
	m, err := s.all(ctx, p.Owner())
	if err != nil {
		return Shown{}, err
	}
	return s.arrange(ctx, p.Owner(), m, f, f.picks(m), "preview")
}

func (s *Service) shown(ctx context.Context, owner kernel.PersonID, r grantRecord, b grantBody) (Shown, error) {
	m, err := s.all(ctx, owner)
	if errors.Is(err, errNoVault) {
		return Shown{}, ErrEnded.Because(err)
	}
	if err != nil {
		return Shown{}, err
	}
	it, ok := m.item(b.Face)
	if !ok {
		return Shown{}, ErrEnded
	}
	f, err := faceOf(*it)
	if err != nil {
		return Shown{}, err
	}
	picked, _ := f.split(m, b)
	shown, err := s.arrange(ctx, owner, m, f, picked, r.id)
	shown.Grant, shown.Purpose, shown.Until = r.id, b.Purpose, r.until.Time
	return shown, err
}

// arrange makes what a face shows of the items it picked: newest first, hidden
// fields left out, ids made for the grant.
func (s *Service) arrange(ctx context.Context, owner kernel.PersonID, m *musette, f Face, picked []*Item, grant kernel.GrantID) (Shown, error) {
	key, err := s.key(ctx, owner)
	if err != nil {
		return Shown{}, err
	}
	out := Shown{Language: f.Language, Title: f.Name, Items: make([]ShownItem, 0, len(picked)), Profile: []ShownFact{}}
	if out.Profile, err = s.profileFor(ctx, owner, m, f); err != nil {
		return Shown{}, err
	}
	for _, it := range picked {
		si := f.show(it)
		si.ID = derived(key, grant, it.ID)
		si.Pieces = f.pieces(m, it.ID, func(id kernel.ItemID) string { return derived(key, grant, id) })
		out.Items = append(out.Items, si)
	}
	slices.SortFunc(out.Items, func(a, b ShownItem) int {
		if c := strings.Compare(b.item.View.Start, a.item.View.Start); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

// derived is the id of an item under one grant: nobody can follow it to another.
func derived(key *seal.DataKey, grant kernel.GrantID, id kernel.ItemID) string {
	h := key.MAC("shown id")
	h.Write([]byte(string(grant) + "\x00" + string(id))) //nolint:errcheck,gosec // a hash never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:15]))
}

func (f Face) show(it *Item) ShownItem {
	v := it.View
	hidden := func(field string) bool { return slices.Contains(f.Hides, field) }
	text := func(field, t string) string {
		if hidden(field) {
			return ""
		}
		return t
	}
	si := ShownItem{
		Kind: v.Kind, Title: v.Title, Source: v.Provenance.Source, item: it,
		Organisation: text("organisation", v.Organisation), Place: text("place", v.Place),
		WithWhom: text("with_whom", v.WithWhom), Purpose: text("purpose", v.Purpose),
		Status: text("status", v.Status), Text: text("text", v.Text),
	}
	if !hidden("dates") {
		si.Start, si.End = some(v.Start), some(v.End)
	}
	if !hidden("paid") {
		si.Paid = v.Paid
	}
	if !hidden("hours") {
		si.Hours = v.Hours
	}
	if !hidden("tags") {
		si.Tags = v.Tags
	}
	if v.Provenance.Source == Attested {
		si.By = v.Provenance.By
	}
	return si
}

func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// pieces lists the evidence of an activity that the face shows.
func (f Face) pieces(m *musette, of kernel.ItemID, id func(kernel.ItemID) string) []ShownPiece {
	var all []ShownPiece
	for _, pid := range f.Shows.Pieces {
		it, ok := m.item(pid)
		if !ok || it.View.Never || !slices.Contains(it.View.Links, of) {
			continue
		}
		p := ShownPiece{ID: id(pid), Title: it.View.Title, blob: it.View.Blob, original: slices.Contains(f.Shows.Originals, pid)}
		if p.blob != nil {
			p.Media = p.blob.Media
		}
		all = append(all, p)
	}
	return all
}
