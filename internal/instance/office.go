package instance

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/once"
)

var errMode = kernel.NewFault(kernel.Invalid, "instance.registration.form").On("registration")

// Overview is the first page of the office.
type Overview struct {
	Counts       Counts
	Registration string
	Backups      []Backup
	Jobs         jobs.State
	Mail         bool
}

// fewBackups is how many are listed.
const fewBackups = 10

// Overview counts. NotFound for who does not keep the instance.
func (s *Service) Overview(ctx context.Context) (o Overview, err error) {
	if _, err = keeper(ctx); err != nil {
		return o, err
	}
	if o.Counts, err = s.People.Count(ctx); err != nil {
		return o, fmt.Errorf("count people: %w", err)
	}
	if o.Registration, err = s.Doors.Registration(ctx); err != nil {
		return o, fmt.Errorf("read registration: %w", err)
	}
	if o.Backups, err = s.Backups.List(ctx); err != nil {
		return o, fmt.Errorf("list backups: %w", err)
	}
	o.Backups = o.Backups[:min(len(o.Backups), fewBackups)]
	o.Mail = s.Post.Configured()
	o.Jobs, err = s.Jobs.State(ctx)
	return o, err
}

// SetRegistration decides who may make an account. NotFound for who does not keep
// the instance; Invalid on "registration".
func (s *Service) SetRegistration(ctx context.Context, mode string) error {
	if _, err := keeper(ctx); err != nil {
		return err
	}
	if !slices.Contains(Modes, mode) {
		return errMode
	}
	return s.Doors.SetRegistration(ctx, mode)
}

// BackUp makes a backup now and gives its name. NotFound for who does not keep the
// instance.
func (s *Service) BackUp(ctx context.Context) (string, error) {
	if _, err := keeper(ctx); err != nil {
		return "", err
	}
	return s.once(ctx, func() (string, error) { return s.Backups.Now(ctx) })
}

// TryMail sends a test letter and says in a sentence what is wrong if it does not
// leave. NotFound for who does not keep the instance; Invalid on "email".
func (s *Service) TryMail(ctx context.Context, address string) error {
	if _, err := keeper(ctx); err != nil {
		return err
	}
	_, err := s.once(ctx, func() (string, error) { return "sent", s.Post.Try(ctx, address) })
	return err
}

// RetryJobs lets jobs that were given up be tried again, and says how many. NotFound
// for who does not keep the instance.
func (s *Service) RetryJobs(ctx context.Context) (n int64, err error) {
	if _, err := keeper(ctx); err != nil {
		return 0, err
	}
	return s.Jobs.Retry(ctx) // repeating it changes nothing
}

// Examine asks doctor. NotFound for who does not keep the instance.
func (s *Service) Examine(ctx context.Context) ([]Finding, error) {
	if _, err := keeper(ctx); err != nil {
		return nil, err
	}
	return s.Health.Check(ctx)
}

// Shown lists the settings of the program as it runs, without secrets. NotFound for
// who does not keep the instance.
func (s *Service) Shown(ctx context.Context) ([]Setting, error) {
	if _, err := keeper(ctx); err != nil {
		return nil, err
	}
	shown := slices.Clone(s.Settings)
	for i := range shown {
		if shown[i].Secret {
			shown[i].Value = ""
		}
	}
	return shown, nil
}

// errNotYet undoes the look whether something was done before.
var errNotYet = errors.New("instance: not done yet")

// once runs what cannot be in a transaction, once for the idempotency key of the
// request. When the same request comes twice at the same moment it may run twice:
// a backup too many harms nobody. When run fails nothing is remembered.
func (s *Service) once(ctx context.Context, run func() (string, error)) (made string, err error) {
	if once.From(ctx) == nil {
		return run()
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return "", errNotYet })
		return err
	})
	if !errors.Is(err, errNotYet) {
		return made, err
	}
	made, err = run()
	if err != nil {
		return "", err
	}
	now := made
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return now, nil })
		return err
	})
	return made, err
}

// onEmail points a refusal of the post at the field it is about, so that the form
// comes back with it.
func onEmail(err error) error {
	if f, ok := errors.AsType[*kernel.Fault](err); ok && (f.Kind == kernel.Unavailable || f.Kind == kernel.TooMany) {
		return f.On("email")
	}
	return err
}
