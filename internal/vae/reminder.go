package vae

import (
	"context"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Notices write to people who asked for it, outside their quiet hours. Another context
// provides them.
type Notices interface {
	// Ready reports whether something may reach a person now; later is false when it
	// never will: she proved no address, or has left.
	Ready(ctx context.Context, person kernel.PersonID) (now, later bool, err error)
	// Remind sends the reminder, which names neither a file nor a date.
	Remind(ctx context.Context, tx *db.Tx, person kernel.PersonID) error
}

// remindBefore is how long before a day its reminder leaves.
const remindBefore = 14 * 24 * time.Hour

// remindersAtOnce bounds one sweep; the next goes on.
const remindersAtOnce = 200

// Remind switches the reminders of a file on or off. They are off unless asked for.
func (s *Service) Remind(ctx context.Context, id kernel.ItemID, version int64, on bool) error {
	return s.step(ctx, id, version, func(f *File) error {
		f.Remind = on
		return nil
	})
}

// replan replaces the reminders of a file by those of its days ahead.
func (s *Service) replan(ctx context.Context, tx *db.Tx, person kernel.PersonID, f *File) error {
	if err := deleteReminders(ctx, tx, person, f.ID); err != nil || !f.Remind {
		return err
	}
	today := day(tx.Now)
	for _, d := range f.Dues(today) {
		if d.On >= today {
			if err := insertReminder(ctx, tx, person, f.ID, d.On); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sweep sends the reminders whose day is near; each leaves once.
func (s *Service) Sweep(ctx context.Context) error {
	all, err := remindersDue(ctx, s.DB.Read(), day(s.DB.Now().Add(remindBefore)), remindersAtOnce)
	if err != nil {
		return err
	}
	for _, r := range all {
		now, later, err := s.Notices.Ready(ctx, r.person)
		if err != nil {
			return err
		}
		if !now && later {
			continue // her quiet hours
		}
		err = s.DB.Write(ctx, func(tx *db.Tx) error {
			taken, err := takeReminder(ctx, tx, r)
			if err != nil || !taken || !now {
				return err
			}
			return s.Notices.Remind(ctx, tx, r.person)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
