package watch

import (
	"context"
	"embed"
	"sync"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/once"
)

// Migrations of signals, feeds, notes and reviews.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of watch.
//
//go:embed messages/*.json
var Messages embed.FS

// Expeditions says who may what, and what the map looks like.
type Expeditions interface {
	May(ctx context.Context, id kernel.ExpeditionID, act string) error
	Names(ctx context.Context, ids []kernel.ExpeditionID) (map[kernel.ExpeditionID]string, error)
	Axes(ctx context.Context, id kernel.ExpeditionID) ([]Axis, error)
}

// Axis is an axis of the map, or a theme under one.
type Axis struct{ ID, Title string }

// The acts an expedition allows.
const (
	read  = "read"
	watch = "watch"
)

// Mailbox says where a person's letters go.
type Mailbox interface {
	MailOf(ctx context.Context, person kernel.PersonID) (address, lang string, ok bool, err error)
}

// Service is what may be asked of watch.
type Service struct {
	DB          *db.DB
	Expeditions Expeditions
	Jobs        *jobs.Runner
	Post        *mail.Post // nil: reviews are not sent by mail
	Mailbox     Mailbox
	Sites       Sites
	Base        string // address of the instance, without a slash at the end
	Frames      Frames

	hosts hosts
}

// Register says who does the jobs of this context, before the runner starts.
func (s *Service) Register() {
	s.Jobs.On(kindFeed, s.fetchFeed)
	s.Jobs.On(kindPage, s.fetchPage)
	s.Jobs.Every("watch.due", 5*time.Minute, s.askDue)
}

// hosts remembers when a host may be asked again.
type hosts struct {
	mu   sync.Mutex
	next map[string]time.Time
}

// take reserves a moment for a host: how long to wait, zero for now.
func (h *hosts) take(host string, now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if wait := h.next[host].Sub(now); wait > 0 {
		return wait
	}
	if h.next == nil || len(h.next) > 1000 {
		h.next = map[string]time.Time{}
	}
	h.next[host] = now.Add(perHost)
	return 0
}

// perHost is the least time between two questions to one host.
const perHost = 2 * time.Second

// do runs f in a transaction, once for the idempotency key of the request, and
// gives the id of what it made or changed.
func (s *Service) do(ctx context.Context, f func(tx *db.Tx) (string, error)) (made string, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return f(tx) })
		return err
	})
	return made, err
}

// Drop removes what an expedition that is deleted gathered.
func (s *Service) Drop(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	return deleteAll(ctx, tx, id)
}

// Leave takes a person's name from what she found and said; the words stay with the
// expedition.
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	return forgetPerson(ctx, tx, person)
}
