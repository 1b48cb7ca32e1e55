package badge

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/did"
)

const (
	sourceMost   = 512 << 10        // bytes of a document of somebody else's
	sourceFor    = 5 * time.Minute  // it is kept
	missingFor   = 30 * time.Second // it is not asked for again
	sourcesMost  = 128              // are kept: 64 MiB at the very most
	sourcesEach  = 8                // are fetched for one credential
	sourcesRound = 3                // a list names its issuer, an issuer its key
)

// sources keeps the documents of other issuers for a while: one verification after
// another asks for the same.
type sources struct {
	mu  sync.Mutex
	all map[string]source
}

type source struct {
	text []byte // nil: it was not to be had
	at   time.Time
}

func (c *sources) get(address string, now time.Time) (source, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.all[address]
	keep := sourceFor
	if k.text == nil {
		keep = missingFor
	}
	return k, ok && now.Sub(k.at) < keep
}

func (c *sources) put(address string, k source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]source{}
	}
	for a, old := range c.all {
		if len(c.all) < sourcesMost {
			break
		}
		if k.at.Sub(old.at) >= sourceFor || len(c.all) >= sourcesMost {
			delete(c.all, a)
		}
	}
	c.all[address] = k
}

// gather puts what a verification may ask for into a library: what the person holds
// already (kept, may be nil), what this instance serves and, if fetch, what others
// publish. Contexts are pinned and never fetched. What cannot be had is left out: the
// verification says so.
func (s *Service) gather(ctx context.Context, needs []string, kept []credential.Document, fetch bool) (*credential.Library, []credential.Document, error) {
	l := &credential.Library{}
	var found []credential.Document
	add := func(d credential.Document, since time.Time) error {
		found = append(found, d)
		return l.AddDocument(d.Address, d.Text, since)
	}
	seen, left := map[string]bool{}, sourcesEach
	for range sourcesRound {
		var more []string
		for _, address := range needs {
			if seen[address] {
				continue
			}
			seen[address] = true
			if _, err := credential.PinnedContext(address); !errors.Is(err, credential.ErrContextUnknown) {
				continue
			}
			d, fresh, err := s.document(ctx, address, fetch && left > 0)
			if err != nil {
				return nil, nil, err
			}
			if !fresh {
				d = keptDocument(kept, address)
			} else if fetch {
				left--
			}
			if d.Text == nil {
				continue
			}
			since := time.Time{} // fresh: it is what stands there now
			if !fresh {
				since = d.Since
			}
			if add(d, since) == nil { // what is no source is as good as absent
				more = append(more, credential.Needs(d.Text)...)
			}
		}
		if needs = more; len(needs) == 0 {
			break
		}
	}
	return l, found, nil
}

func keptDocument(kept []credential.Document, address string) credential.Document {
	for _, d := range kept {
		if d.Address == address {
			return d
		}
	}
	return credential.Document{}
}

// document finds a document as it stands now: our own, or another's when fetch.
func (s *Service) document(ctx context.Context, address string, fetch bool) (credential.Document, bool, error) {
	now := s.now()
	d := credential.Document{Address: address, Since: now}
	text, ok, err := s.Signing.Find(ctx, address)
	if err != nil || ok {
		d.Text = text
		return d, ok, err
	}
	if s.Web == nil || !fetch {
		return d, false, nil
	}
	k, ok := s.sources.get(address, now)
	if !ok {
		k = source{at: now}
		place := address
		if strings.HasPrefix(address, "did:") {
			if place, err = did.WebAddress(address); err != nil {
				return d, false, nil //nolint:nilerr // not an identifier that can be looked up
			}
		}
		if strings.HasPrefix(place, "https://") || strings.HasPrefix(place, "http://") {
			if k.text, err = s.Web.Fetch(ctx, place, sourceMost); err != nil {
				k.text = nil // whatever the reason, it is not at hand
			}
		}
		s.sources.put(address, k)
	}
	d.Text, d.Since = k.text, k.at
	return d, k.text != nil, nil
}
