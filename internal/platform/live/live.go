// Package live tells whoever waits for it that something changed: in this process
// and in every other that runs on the same database.
//
// A topic is an id, never a word of anybody; what changed is read from the database
// by who was woken, under the rules of its use case. A wake-up says "look again". One
// may come for nothing; several may come as one; none is lost.
package live

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/background"
	"digiwork/internal/platform/db"
)

// again is the pause before listening again to a database that went away.
const again = 500 * time.Millisecond

var topicForm = regexp.MustCompile(`^[a-z0-9_.-]{1,200}$`)

// Hub brings wake-ups to who waits for them.
type Hub struct {
	db   *db.DB
	log  *slog.Logger
	self string // marks what this process said itself

	mu     sync.Mutex
	closed bool
	topics map[string]map[chan struct{}]struct{}
}

// New makes a hub on d. Before Start it brings what its own process says.
func New(d *db.DB, log *slog.Logger) *Hub {
	return &Hub{db: d, log: log, self: kernel.NewID[string]("hub", d.Now()), topics: map[string]map[chan struct{}]struct{}{}}
}

// Start listens to the other processes until ctx ends.
func (h *Hub) Start(ctx context.Context, g *background.Group) {
	g.Go(ctx, "live", func(ctx context.Context) error {
		said := false
		for ctx.Err() == nil {
			err := h.db.Listen(ctx, h.wanted, func(payload string) {
				said = false
				h.heard(payload)
			})
			if err != nil && !said {
				said = true
				h.log.WarnContext(ctx, "live updates from other processes wait for the database", "err", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(again):
			}
		}
		return nil
	})
}

// Notify wakes, once tx is durable, who subscribed to topic in any process.
func (h *Hub) Notify(ctx context.Context, tx *db.Tx, topic string) error {
	if !topicForm.MatchString(topic) {
		return fmt.Errorf("live: a topic is an id, not %d characters", len(topic))
	}
	tx.AfterCommit(func() { h.wake(topic) })
	return h.db.Signal(ctx, tx, h.self+" "+topic)
}

// Subscribe gives a channel that receives after each change of topic. It is closed
// when ctx ends or the program stops. Subscribe first, then read what there is.
func (h *Hub) Subscribe(ctx context.Context, topic string) <-chan struct{} {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(c)
		return c
	}
	if h.topics[topic] == nil {
		h.topics[topic] = map[chan struct{}]struct{}{}
	}
	h.topics[topic][c] = struct{}{}
	context.AfterFunc(ctx, func() { h.leave(topic, c) })
	return c
}

func (h *Hub) leave(topic string, c chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, here := h.topics[topic][c]; !here {
		return // Close was first
	}
	delete(h.topics[topic], c)
	if len(h.topics[topic]) == 0 {
		delete(h.topics, topic)
	}
	close(c)
}

// Close ends all subscriptions, so that a server that stops waits for none of them.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, all := range h.topics {
		for c := range all {
			close(c)
		}
	}
	clear(h.topics)
}

func (h *Hub) wanted() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.topics) > 0
}

// heard takes what the database brings: everything may have changed, or one topic.
func (h *Hub) heard(payload string) {
	from, topic, _ := strings.Cut(payload, " ")
	switch {
	case payload == "":
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, all := range h.topics {
			nudge(all)
		}
	case from != h.self:
		h.wake(topic)
	}
}

func (h *Hub) wake(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	nudge(h.topics[topic])
}

func nudge(all map[chan struct{}]struct{}) {
	for c := range all {
		select {
		case c <- struct{}{}:
		default: // a wake-up waits there already
		}
	}
}
