package app

import (
	"context"
	"time"

	"digiwork/internal/account"
	"digiwork/internal/musette"
)

// quiet lets the musette show and change the quiet hours that account keeps.
type quiet struct{ s *account.Service }

const everyDay = account.Weekdays(127)

// QuietHours implements musette.QuietKeeper.
func (q quiet) QuietHours(ctx context.Context) (musette.Quiet, error) {
	me, err := q.s.Me(ctx)
	if err != nil || !me.Quiet.On {
		return musette.Quiet{}, err
	}
	out := musette.Quiet{Silent: me.Quiet.Days == everyDay, From: int(me.Quiet.From), To: int(me.Quiet.To)}
	for d := range out.Days {
		out.Days[d] = me.Quiet.Days.Has(time.Weekday(d)) //nolint:gosec // seven days
	}
	return out, nil
}

// KeepQuiet implements musette.QuietKeeper.
func (q quiet) KeepQuiet(ctx context.Context, want musette.Quiet) error {
	me, err := q.s.Me(ctx)
	if err != nil {
		return err
	}
	p := account.Profile{Handle: me.Handle, Name: me.Name, Mail: me.Mail, Lang: me.Lang, Zone: me.Zone, Theme: me.Theme, Quiet: me.Quiet}
	p.Quiet = account.Quiet{From: account.Clock(want.From), To: account.Clock(want.To)}
	for d, quiet := range want.Days {
		if quiet {
			p.Quiet.Days = p.Quiet.Days.With(time.Weekday(d)) //nolint:gosec // seven days
		}
	}
	if want.Silent {
		p.Quiet.Days = everyDay
	}
	p.Quiet.On = p.Quiet.Days != 0 || want.From != want.To
	_, err = q.s.SaveProfile(ctx, me.Version, p)
	return err
}
