package gate

import (
	"context"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

var (
	errAnswered    = kernel.NewFault(kernel.Gone, "gate.answered")
	errAnswerLink  = kernel.NewFault(kernel.Invalid, "gate.answer.link")
	errAnswerFull  = kernel.NewFault(kernel.Unavailable, "gate.answer.full")
	errAnswerTwice = errors.New("gate: an answer is a new item")
)

// SealDeposit prepares an answer: a new item for the owner's musette, in the loan's
// room, attested by whoever borrowed, unless the room says that nothing vouches for who
// that is: then it is Declared. Its links name items by the ids made for the
// loan; the owner finds her own there. Put counts it and writes the journal's line.
//
// Gone when no answer is awaited any more; Invalid for a link to what is not lent.
func (s *Service) SealDeposit(ctx context.Context, p Pass, it Item) (Sealed, error) {
	g, err := p.loan()
	if err != nil {
		return Sealed{}, err
	}
	if g.record.answers < 1 {
		return Sealed{}, errAnswered
	}
	if it.Version != 0 {
		return Sealed{}, errAnswerTwice
	}
	_, ids, err := s.lent(ctx, g)
	if err != nil {
		return Sealed{}, err
	}
	if it.View.Links, err = trueLinks(it.View.Links, ids); err != nil {
		return Sealed{}, err
	}
	it.Room = g.record.room
	it.View.Blob = nil // a reference would name a file of hers
	if it.View.Provenance.At = s.DB.Now(); it.View.Provenance.Source != Declared {
		it.View.Provenance.Source = Attested
	}
	sealed, err := s.seal(ctx, g.record.owner, it)
	sealed.answer = g
	return sealed, err
}

// trueLinks turns ids made for a loan into the owner's own.
func trueLinks(links []kernel.ItemID, ids map[kernel.ItemID]kernel.ItemID) ([]kernel.ItemID, error) {
	back := make(map[kernel.ItemID]kernel.ItemID, len(ids))
	for own, made := range ids {
		back[made] = own
	}
	var all []kernel.ItemID
	for _, l := range links {
		own, ok := back[l]
		if !ok {
			return nil, errAnswerLink
		}
		all = append(all, own)
	}
	return all, nil
}

// putAnswer is Put for a deposit: it proves in the same transaction that the loan is
// open and waits for it. How full her musette is, is not told to others.
func (s *Service) putAnswer(ctx context.Context, tx *db.Tx, sealed Sealed) (Item, error) {
	g := sealed.answer
	if err := takeAnswer(ctx, tx, g.record.owner, g.record.id); err != nil {
		return Item{}, err
	}
	if err := s.note(ctx, tx, g.record.owner, entry{grant: g.record.id, what: whatDeposit, who: g.who}); err != nil {
		return Item{}, err
	}
	sealed.answer = nil
	it, err := s.Put(ctx, tx, sealed)
	if kernel.KindOf(err) == kernel.TooMany {
		return Item{}, errAnswerFull.Because(err)
	}
	return it, err
}

// EndLoan closes a loan that was answered, in the transaction of the last answer and
// after it: from then on it reads as ended.
func (s *Service) EndLoan(ctx context.Context, tx *db.Tx, p Pass) error {
	g, err := p.loan()
	if err != nil {
		return err
	}
	return endGrant(ctx, tx, g.record.owner, g.record.id)
}
