package gate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// LoanAsk is what an owner lends to a room, so that somebody else can do one thing
// with it there: write a recommendation, sit on a jury.
type LoanAsk struct {
	Room    string          // works with what is lent, and may read the bodies of its own items
	Items   []kernel.ItemID // may be none: an errand without anything to read
	Files   bool            // the files of pieces too, made again without metadata
	To      To              // a circle need not have her among its members: a jury
	Purpose string
	Until   string // a day (its end, in her zone) or a moment, RFC 3339
	Answers int    // items that may be left in her musette
	Page    string // "/peers/answer/": where the room receives who holds the link; the token follows
	Inside  string // "/peers/asked/": where it receives a person or a circle; the id of the loan follows
}

// Loan is what SealLoan prepared for PutLoan.
type Loan struct {
	ID    kernel.GrantID
	Token string // of a link
	URL   string // of a link: the room's page with the token
	Until time.Time

	draft draft
}

const (
	lentMost    = 500 // items of one loan
	answersMost = 50
)

var (
	errLoanItem    = kernel.NewFault(kernel.Invalid, "gate.loan.item").On("items")
	errLoanMany    = kernel.NewFault(kernel.Invalid, "gate.loan.too_many").On("items")
	errLoanAnswers = kernel.NewFault(kernel.Invalid, "gate.loan.answers").On("answers")
	errNotLoan     = errors.New("gate: a pass that borrows nothing was used to read what is lent")
)

// SealLoan prepares a loan of the owner's, outside the transaction.
//
// Invalid with the member at fault: an item that is not hers or is never shared,
// somebody who is not known here, no purpose, no end.
func (s *Service) SealLoan(ctx context.Context, p Pass, ask LoanAsk) (Loan, error) {
	owner, err := p.own()
	if err != nil {
		return Loan{}, err
	}
	if ask.Room == "" || ask.Room == room {
		return Loan{}, errors.New("gate: a loan names the room that works with it")
	}
	if ask.Answers < 0 || ask.Answers > answersMost {
		return Loan{}, errLoanAnswers.With("max", answersMost)
	}
	if len(ask.Items) > lentMost {
		return Loan{}, errLoanMany.With("max", lentMost)
	}
	m, err := s.all(ctx, owner)
	if err != nil {
		return Loan{}, err
	}
	for _, id := range ask.Items {
		if it, ok := m.item(id); !ok || it.View.Never || it.Room == room {
			return Loan{}, errLoanItem
		}
	}
	d, err := s.draft(ctx, owner, ask.To, ask.Purpose, ask.Until)
	if err != nil {
		return Loan{}, err
	}
	d.body.Room, d.body.Files, d.body.Page, d.body.Inside = ask.Room, ask.Files, ask.Page, ask.Inside
	d.body.Items = dropTwice(ask.Items)
	d.body.Fields = append([]string{"name", "title"}, Fields...)
	if ask.Files {
		d.body.Fields = append(d.body.Fields, "files")
	}
	d.record.room, d.record.answers = ask.Room, ask.Answers
	if d.record.sealed, err = s.sealGrant(ctx, owner, d.record.id, d.body); err != nil {
		return Loan{}, err
	}
	l := Loan{ID: d.record.id, Token: d.body.Token, Until: d.record.until.Time, draft: d}
	if l.Token != "" {
		l.URL = s.linkURL(d.body)
	}
	return l, nil
}

// dropTwice keeps the first of equal ids, in their order.
func dropTwice(ids []kernel.ItemID) []kernel.ItemID {
	var all []kernel.ItemID
	for _, id := range ids {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// PutLoan opens a prepared loan in the caller's transaction.
//
// TooMany beyond 500 grants open at once.
func (s *Service) PutLoan(ctx context.Context, tx *db.Tx, l Loan) (kernel.GrantID, error) {
	return l.ID, putGrant(ctx, tx, l.draft)
}

// BorrowByLink opens what is lent to whoever holds a link; the line in the owner's
// journal is durable before this returns.
//
// ErrNever for a token that never was, or that another room receives; ErrEnded once
// withdrawn, expired or answered.
func (s *Service) BorrowByLink(ctx context.Context, token, room string) (Pass, error) {
	rows, err := grantsBehind(ctx, s.DB.Read(), linkDoor(strings.ToLower(token)))
	if err != nil {
		return Pass{}, err
	}
	if len(rows) == 0 || room == "" || rows[0].room != room {
		return Pass{}, ErrNever
	}
	p, err := s.passByLink(ctx, rows[0])
	if err != nil {
		return Pass{}, err
	}
	return p, s.borrowed(ctx, p)
}

// Borrow opens what is lent to the actor or to a circle she belongs to; the line in
// the owner's journal is durable before this returns. A frozen copy that was kept is
// borrowed by the same id, for as long as the circle lasts.
//
// ErrNever for anybody else, ErrEnded once withdrawn, expired or answered.
func (s *Service) Borrow(ctx context.Context, id kernel.GrantID, room string) (Pass, error) {
	rows, err := s.doors(ctx)
	if err != nil {
		return Pass{}, err
	}
	var p Pass
	err = ErrNever
	for _, r := range rows {
		if r.id == id && room != "" && r.room == room {
			p, err = s.passFor(ctx, r, string(kernel.ActorFrom(ctx).Person))
			break
		}
	}
	if errors.Is(err, ErrNever) || errors.Is(err, ErrEnded) {
		return s.borrowKept(ctx, id, room, err)
	}
	if err != nil {
		return Pass{}, err
	}
	return p, s.borrowed(ctx, p)
}

// borrowed writes the journal's line and learns whose things they are.
func (s *Service) borrowed(ctx context.Context, p Pass) error {
	g := p.p.grant
	names, err := s.People.Names(ctx, []kernel.PersonID{g.record.owner})
	if err != nil {
		return err
	}
	g.name = names[g.record.owner]
	return s.record(ctx, g, whatLoan)
}

// loan is the grant of a pass that borrows.
func (p Pass) loan() (*opened, error) {
	p.Owner() // panics on a pass nobody gave
	switch {
	case p.p.ctx.Err() != nil:
		return nil, errOver
	case p.p.kept != nil:
		return nil, ErrEnded
	case p.p.grant == nil || p.p.grant.record.room == "":
		return nil, errNotLoan
	}
	return p.p.grant, nil
}

// Errand is what who borrows knows of a loan.
type Errand struct {
	Grant     kernel.GrantID
	Room      string
	Owner     kernel.PersonID // for the room's rules, never for a page; empty when she has left
	OwnerName string          // empty when she has left
	To        To
	Purpose   string
	Until     time.Time
	Path      string // of the room's page for a person or a circle; empty when the room named none
	Files     bool
	Answers   int // that may still be left
	Frozen    bool
}

// Errand says what a borrowed pass is for.
func (s *Service) Errand(p Pass) Errand {
	p.Owner() // panics on a pass nobody gave
	switch {
	case p.p.kept != nil:
		return p.p.kept.errand()
	case p.p.grant == nil:
		return Errand{}
	}
	return p.p.grant.errand()
}

func (g *opened) errand() Errand {
	path := ""
	if g.body.Inside != "" && g.record.kind != "link" {
		path = g.body.Inside + string(g.record.id)
	}
	return Errand{
		Path: path, Grant: g.record.id, Room: g.record.room, Owner: g.record.owner, OwnerName: g.name, To: g.record.to(),
		Purpose: g.body.Purpose, Until: g.record.until.Time, Files: g.body.Files, Answers: g.record.answers,
	}
}

func (r grantRecord) to() To {
	switch r.kind {
	case "link":
		return To{Link: true}
	case "person":
		return To{Person: kernel.PersonID(r.recipient)}
	}
	return To{Circle: kernel.CircleID(r.recipient)}
}

// LoansToMe lists what is lent now to the actor or to her circles for the work of a
// room ("" for all rooms), newest first. Nothing of what is lent is read.
func (s *Service) LoansToMe(ctx context.Context, room string) ([]Errand, error) {
	rows, err := s.doors(ctx)
	if err != nil {
		return nil, err
	}
	now, all := s.DB.Now(), []Errand{}
	var owners []kernel.PersonID
	for _, r := range rows {
		if r.room == "" || room != "" && r.room != room || stillOpen(r, now) != nil {
			continue
		}
		b, err := s.openGrant(ctx, r)
		if kernel.KindOf(err) == kernel.Gone {
			continue // erased between two reads
		}
		if err != nil {
			return nil, err
		}
		all = append(all, (&opened{record: r, body: b}).errand())
		owners = append(owners, r.owner)
	}
	names, err := s.People.Names(ctx, owners)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].OwnerName = names[all[i].Owner]
	}
	slices.SortFunc(all, func(a, b Errand) int { return strings.Compare(string(b.Grant), string(a.Grant)) })
	return all, nil
}

// Lent gives exactly the items that are lent, in the order in which the owner named
// them: with ids made for the loan, no version and no time, the view filtered as on a
// face, and the body only of items of the loan's own room. What was deleted since, or
// may never be shared any more, is left out.
func (s *Service) Lent(ctx context.Context, p Pass) ([]Item, error) {
	g, err := p.loan()
	if err != nil {
		return nil, err
	}
	items, ids, err := s.lent(ctx, g)
	if err != nil {
		return nil, err
	}
	all := make([]Item, len(items))
	for i, it := range items {
		all[i] = Item{ID: ids[it.ID], Room: it.Room, View: lentView(it, g.body.Files, ids)}
		if it.Room == g.record.room {
			all[i].Body = it.Body
		}
	}
	return all, nil
}

// LentFile gives the file of a piece that is lent, made again without metadata; the
// line in the owner's journal is durable before.
//
// NotFound when it is not lent with files, Unsupported for what is no image.
func (s *Service) LentFile(ctx context.Context, p Pass, item kernel.ItemID) (raw []byte, media string, err error) {
	g, err := p.loan()
	if err != nil {
		return nil, "", err
	}
	items, ids, err := s.lent(ctx, g)
	if err != nil {
		return nil, "", err
	}
	for _, it := range items {
		if ids[it.ID] != item || !g.body.Files || it.View.Blob == nil {
			continue
		}
		if err := s.record(ctx, g, whatFile); err != nil {
			return nil, "", err
		}
		b, err := s.blob(ctx, g.record.owner, *it.View.Blob)
		if err != nil {
			return nil, "", err
		}
		raw, media, err = s.Plain(ctx, b)
		if err != nil {
			return nil, "", errNotPlain.Because(err)
		}
		return raw, media, nil
	}
	return nil, "", ErrNever
}

// lent opens the items of a loan that is still open, with the ids made for it.
func (s *Service) lent(ctx context.Context, g *opened) ([]*Item, map[kernel.ItemID]kernel.ItemID, error) {
	if err := s.stillLent(ctx, s.DB.Read(), g); err != nil {
		return nil, nil, err
	}
	m, err := s.all(ctx, g.record.owner)
	if errors.Is(err, errNoVault) {
		return nil, nil, ErrEnded.Because(err)
	}
	if err != nil {
		return nil, nil, err
	}
	key, err := s.key(ctx, g.record.owner)
	if err != nil {
		return nil, nil, err
	}
	items, ids := lentOf(m, g.body), map[kernel.ItemID]kernel.ItemID{}
	for _, it := range items {
		ids[it.ID] = kernel.ItemID(derived(key, g.record.id, it.ID))
	}
	return items, ids, nil
}

// stillLent reads again that a loan is open.
func (s *Service) stillLent(ctx context.Context, q db.Querier, g *opened) error {
	r, err := grantRow(ctx, q, g.record.owner, g.record.id)
	if errors.Is(err, errNoGrant) {
		return ErrEnded
	}
	if err != nil {
		return err
	}
	return stillOpen(r, s.DB.Now())
}

// lentOf finds the items of a loan that are still there and may be shared.
func lentOf(m *musette, b grantBody) []*Item {
	var all []*Item
	for _, id := range b.Items {
		if it, ok := m.item(id); ok && !it.View.Never {
			all = append(all, it)
		}
	}
	return all
}

// lentView is what a face without hidden fields would show of an item, its links to
// other items of the loan, and the kind of its file when files are lent.
func lentView(it *Item, files bool, ids map[kernel.ItemID]kernel.ItemID) View {
	v, si := it.View, Face{}.show(it)
	out := View{
		Kind: si.Kind, Title: si.Title, Start: v.Start, End: v.End, Organisation: si.Organisation, Place: si.Place,
		WithWhom: si.WithWhom, Purpose: si.Purpose, Status: si.Status, Text: si.Text, Paid: si.Paid, Hours: si.Hours,
		Tags: slices.Clone(si.Tags), Provenance: Provenance{Source: si.Source, By: si.By},
	}
	for _, id := range v.Links {
		if other, ok := ids[id]; ok {
			out.Links = append(out.Links, other)
		}
	}
	if files && v.Blob != nil {
		out.Blob = &Blob{Media: v.Blob.Media}
	}
	return out
}
