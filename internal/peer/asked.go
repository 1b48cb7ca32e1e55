package peer

import (
	"context"
	"slices"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
)

// Door leads to a request: by its link, by name, or from a guest's own page.
type Door func(ctx context.Context) (gate.Pass, error)

// ByLink is the door of whoever holds a link.
func (s *Service) ByLink(token string) Door {
	return func(ctx context.Context) (gate.Pass, error) { return s.Gate.BorrowByLink(ctx, token, Room) }
}

// ByGrant is the door of a person who was asked by name.
func (s *Service) ByGrant(id kernel.GrantID) Door {
	return func(ctx context.Context) (gate.Pass, error) { return s.Gate.Borrow(ctx, id, Room) }
}

// Asked is a request as the person asked sees it: the activity and nothing else.
type Asked struct {
	By          string // who asks
	Until       time.Time
	State       State
	Activity    gate.View
	Competences []Competence
	Message     string
	Lang        string
	Self        bool // the actor asks herself: there is nothing to answer

	pass     gate.Pass
	errand   gate.Errand
	activity kernel.ItemID // as it is named for the loan
	subject  string
	request  kernel.ItemID
}

// Open reads what a door leads to; the gate has noted it.
//
// NotFound or Gone, in the same words, once it is answered, withdrawn or over.
func (s *Service) Open(ctx context.Context, door Door) (Asked, error) {
	pass, err := door(ctx)
	if err != nil {
		return Asked{}, err
	}
	e := s.Gate.Errand(pass)
	row, err := requestByGrant(ctx, s.DB.Read(), e.Grant)
	if err != nil {
		return Asked{}, gate.ErrEnded.Because(err)
	}
	items, err := s.Gate.Lent(ctx, pass)
	if err != nil {
		return Asked{}, err
	}
	a := Asked{
		By: e.OwnerName, Until: e.Until, State: row.State, Self: kernel.ActorFrom(ctx).Person == e.Owner,
		pass: pass, errand: e, request: row.ID,
	}
	for _, it := range items {
		if it.Room != Room {
			a.Activity, a.activity = it.View, it.ID
			continue
		}
		b, err := decode[requestBody](it)
		if err != nil {
			return Asked{}, err
		}
		a.Competences, a.Message, a.Lang, a.subject = b.Competences, b.Message, b.Lang, b.Subject
	}
	if a.activity == "" || a.subject == "" {
		return Asked{}, gate.ErrEnded // its owner deleted the activity meanwhile
	}
	return a, nil
}

// AskedOfMe lists what the actor was asked by name and has not answered.
func (s *Service) AskedOfMe(ctx context.Context) ([]gate.Errand, error) {
	if _, err := may(ctx, "read"); err != nil {
		return nil, err
	}
	return s.Gate.LoansToMe(ctx, Room)
}

// settle moves a request in one transaction, once.
func (s *Service) settle(ctx context.Context, door Door, to State) error {
	if _, done, err := once.Before(ctx, s.DB); err != nil || done {
		return err
	}
	a, err := s.Open(ctx, door)
	if err != nil {
		return err
	}
	if a.Self {
		return errSelf
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := moveRequest(ctx, tx, a.errand.Grant, to); err != nil {
			return "", err
		}
		if to != Declined {
			return string(a.errand.Grant), nil
		}
		return string(a.errand.Grant), s.Gate.EndLoan(ctx, tx, a.pass)
	})
	return err
}

// Later says that an answer may come, without a date. The request stays open.
func (s *Service) Later(ctx context.Context, door Door) error { return s.settle(ctx, door, Later) }

// Decline says no, without a reason: the request closes, and the same person cannot
// ask again.
func (s *Service) Decline(ctx context.Context, door Door) error {
	return s.settle(ctx, door, Declined)
}

// Say answers a request: what the actor saw, in her words, signed with her own key.
// It returns the id under which she keeps it.
//
// Unauthenticated for a visitor; Invalid with the field at fault; Conflict if it was
// answered meanwhile.
func (s *Service) Say(ctx context.Context, door Door, answer Answer) (kernel.ItemID, error) {
	if made, done, err := once.Before(ctx, s.DB); err != nil || done {
		return kernel.ItemID(made), err
	}
	actor, err := may(ctx, "write")
	if err != nil {
		return "", err
	}
	mine, err := s.Gate.Own(ctx)
	if err != nil {
		return "", err
	}
	a, err := s.Open(ctx, door)
	if err != nil {
		return "", err
	}
	if a.Self {
		return "", errSelf
	}
	who, err := s.author(ctx, actor, mine, &answer)
	if err != nil {
		return "", err
	}
	if answer, err = answer.checked(len(a.Competences)); err != nil {
		return "", err
	}
	w, err := s.write(ctx, a, mine, who, answer)
	if err != nil {
		return "", err
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) { return string(w.row.AuthorItem), s.putWord(ctx, tx, a, w) })
	return kernel.ItemID(made), err
}

// identity is what this program knows of an author.
type identity struct {
	Identity Identity
	Domain   string // of the address that was proven
}

// author says who answers: an account brings the name she chose, a guest what she
// typed and whether her address was proven.
func (s *Service) author(ctx context.Context, actor kernel.Actor, mine gate.Pass, answer *Answer) (identity, error) {
	if !isGuest(actor.Person) {
		answer.Name = actor.Name
		return identity{Identity: ByAccount}, nil
	}
	g, err := s.guestItem(ctx, mine)
	if err != nil {
		return identity{}, err
	}
	if g.body.Proven {
		return identity{Identity: ByAddress, Domain: domainOf(g.body.Mail)}, nil
	}
	return identity{Identity: Unchecked}, nil
}

// written is a word ready to be put.
type written struct {
	row    wordRow
	theirs gate.Sealed   // the deposit in the subject's vault
	mine   gate.Sealed   // what the author keeps
	both   []gate.Sealed // words of the subject about the author, which now go both ways
}

// write reserves a place in the author's list, signs, and seals both sides.
func (s *Service) write(ctx context.Context, a Asked, mine gate.Pass, who identity, answer Answer) (written, error) {
	by, err := s.Signer.Person(ctx, mine)
	if err != nil {
		return written{}, err
	}
	var status map[string]any
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		status, err = s.Signer.Reserve(ctx, tx, mine.Owner(), by)
		return err
	})
	if err != nil {
		return written{}, err
	}
	now := s.DB.Now()
	said := answer.said(a.Competences, who, i18n.Lang(ctx))
	d := draft{
		ID: newURN(), Name: i18n.T(ctx, "peer.word.title", "name", said.Name), Author: said.Name, Known: said.known(ctx), Subject: a.subject,
		Activity: a.Activity.Title, Answer: answer, Endorsed: said.Competences, Status: status,
	}
	signed, err := d.sign(by, now)
	if err != nil {
		return written{}, err
	}
	w := written{row: wordRow{
		ID: d.ID, Author: mine.Owner(), AuthorItem: kernel.NewID[kernel.ItemID](writtenPrefix, now),
		Subject: a.errand.Owner, SubjectItem: kernel.NewID[kernel.ItemID](receivedPrefix, now), MadeAt: db.At(now),
	}}
	return w, s.sealWord(ctx, a, mine, said, signed, status, &w)
}

func (s *Service) sealWord(ctx context.Context, a Asked, mine gate.Pass, said Said, signed []byte, status map[string]any, w *written) error {
	back, err := standing(ctx, s.DB.Read(), w.row.Subject, w.row.Author)
	if err != nil {
		return err
	}
	address, _ := status["statusListCredential"].(string)
	list, err := s.Signer.List(ctx, address)
	if err != nil {
		return err
	}
	body, err := encode(receivedBody{
		ID: w.row.ID, Said: said, Request: a.request, Both: len(back) > 0, Credential: signed, List: list, ListAt: w.row.MadeAt.Time, ListURL: address,
	})
	if err != nil {
		return err
	}
	view := said.view(ctx, len(back) > 0)
	view.Links = []kernel.ItemID{a.activity}
	if w.theirs, err = s.Gate.SealDeposit(ctx, a.pass, gate.Item{ID: w.row.SubjectItem, View: view, Body: body}); err != nil {
		return err
	}
	if body, err = encode(writtenBody{ID: w.row.ID, Said: said, Status: flat(status)}); err != nil {
		return err
	}
	w.mine, err = s.Gate.Seal(ctx, mine, gate.Item{
		ID: w.row.AuthorItem, Room: Room, Body: body,
		View: gate.View{Never: true, Text: said.Words, Provenance: gate.Provenance{Source: gate.Declared}},
	})
	if err != nil {
		return err
	}
	w.both, err = s.sealBoth(ctx, mine, back, true)
	return err
}

// putWord writes both sides, closes the request and keeps the tie between them.
func (s *Service) putWord(ctx context.Context, tx *db.Tx, a Asked, w written) error {
	if err := moveRequest(ctx, tx, a.errand.Grant, Answered); err != nil {
		return err
	}
	for _, sealed := range append([]gate.Sealed{w.theirs, w.mine}, w.both...) {
		if _, err := s.Gate.Put(ctx, tx, sealed); err != nil {
			return err
		}
	}
	if err := s.Gate.EndLoan(ctx, tx, a.pass); err != nil {
		return err
	}
	return insertWord(ctx, tx, w.row)
}

// said is what an answer becomes: the competences it names, by their names.
func (a Answer) said(asked []Competence, who identity, lang string) Said {
	said := Said{
		Name: a.Name, Relation: a.Relation, Start: a.Start, End: a.End, Sight: a.Sight, Words: a.Words,
		Identity: who.Identity, Domain: who.Domain, Lang: lang,
		Competences: []Competence{},
	}
	for i, c := range asked {
		if slices.Contains(a.Competences, i) {
			said.Competences = append(said.Competences, c)
		}
	}
	return said
}
