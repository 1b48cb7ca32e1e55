package vae

import (
	"context"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Leaving counts what Leave would do now: copies that go, and copies that juries keep.
func (s *Service) Leaving(ctx context.Context, person kernel.PersonID) (open, decided int, err error) {
	return countSessions(ctx, s.DB.Read(), person)
}

// Leave takes a person out of what juries hold, in the transaction that erases her:
// copies without a decision go, the others stay without her id; what she said as a
// member of a jury stays under "a person who has left".
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (open, decided int, err error) {
	if open, decided, err = countSessions(ctx, tx, person); err != nil {
		return 0, 0, err
	}
	if err := deleteAllReminders(ctx, tx, person); err != nil {
		return 0, 0, err
	}
	return open, decided, forgetPerson(ctx, tx, person)
}
