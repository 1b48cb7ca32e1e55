package watch

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/feed"
	"digiwork/internal/lib/fold"
	"digiwork/internal/lib/webpage"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/outbound"
)

// Feed is an address that brings signals by itself.
type Feed struct {
	ID      string
	Address string
	Title   string
	Site    string
	Problem string // why the last question failed: the end of a key, watch.problem.*; empty when it did not
	AskedAt time.Time
	NextAt  time.Time

	expedition     kernel.ExpeditionID
	etag, modified string
	pause          time.Duration
}

const (
	feedPrefix = "fed"
	mostFeeds  = 500 // of one expedition

	kindFeed = "watch.feed"
	kindPage = "watch.page"

	shortPause = 30 * time.Minute // between two questions to a feed that changes
	longPause  = 24 * time.Hour   // to one that does not
	batch      = 200              // entries of a feed that one transaction writes
)

var (
	errFeed      = kernel.NewFault(kernel.Invalid, "watch.feed.address").On("address")
	errFeedTwice = kernel.NewFault(kernel.Conflict, "watch.feed.twice").On("address")
	errFeedMany  = kernel.NewFault(kernel.TooMany, "watch.feed.many").With("max", mostFeeds)
	errNoFeed    = kernel.NewFault(kernel.NotFound, "watch.no_feed")
)

// Follow adds a feed, or the feed that a page points to: which it is shows when it is
// asked for the first time, at once.
func (s *Service) Follow(ctx context.Context, id kernel.ExpeditionID, address string) (string, error) {
	address = strings.TrimSpace(address)
	if _, err := fold.Canonical(address); err != nil || len(address) > mostAddress {
		return "", errFeed
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, watch); err != nil {
			return "", err
		}
		return s.follow(ctx, tx, id, Feed{Address: address, Title: address})
	})
}

func (s *Service) follow(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, f Feed) (string, error) {
	n, err := countFeeds(ctx, tx, id)
	if err != nil {
		return "", err
	}
	if n >= mostFeeds {
		return "", errFeedMany
	}
	f.ID, f.expedition, f.pause, f.NextAt = kernel.NewID[string](feedPrefix, tx.Now), id, shortPause, tx.Now.Add(shortPause)
	if err := insertFeed(ctx, tx, f); err != nil {
		return "", err
	}
	return f.ID, s.Jobs.Add(ctx, tx, jobs.Job{Kind: kindFeed, Subject: f.ID})
}

// Feeds lists what an expedition follows, by title.
func (s *Service) Feeds(ctx context.Context, id kernel.ExpeditionID) ([]Feed, error) {
	if err := s.Expeditions.May(ctx, id, read); err != nil {
		return nil, err
	}
	return feedsOf(ctx, s.DB.Read(), id)
}

// Unfollow removes a feed; what it brought stays.
func (s *Service) Unfollow(ctx context.Context, id kernel.ExpeditionID, feed string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, watch); err != nil {
			return "", err
		}
		return feed, deleteFeed(ctx, tx, id, feed)
	})
	return err
}

// Refresh asks every feed of an expedition soon.
func (s *Service) Refresh(ctx context.Context, id kernel.ExpeditionID) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, watch); err != nil {
			return "", err
		}
		feeds, err := feedsOf(ctx, tx, id)
		if err != nil {
			return "", err
		}
		for _, f := range feeds {
			if tx.Now.Sub(f.AskedAt) < time.Minute { // asked just now
				continue
			}
			if err := s.Jobs.Add(ctx, tx, jobs.Job{Kind: kindFeed, Subject: f.ID}); err != nil {
				return "", err
			}
		}
		return string(id), nil
	})
	return err
}

// askDue asks the feeds whose time has come.
func (s *Service) askDue(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		due, err := dueFeeds(ctx, tx, db.At(tx.Now))
		if err != nil {
			return err
		}
		for _, feed := range due {
			if err := s.Jobs.Add(ctx, tx, jobs.Job{Kind: kindFeed, Subject: feed}); err != nil {
				return err
			}
		}
		return putOff(ctx, tx, due, db.At(tx.Now.Add(shortPause)))
	})
}

// Sites asks sites of the web.
type Sites interface {
	// Ask asks for what changed at an address since etag and modified, of the media
	// types accept. Its error is of the way there, not of what the site says.
	Ask(ctx context.Context, address, etag, modified, accept string) (Answer, error)
}

// Answer is what a site said.
type Answer struct {
	Status         Status
	Kind           string // its media type
	Body           []byte // at most 8 MiB
	ETag, Modified string
	Wait           time.Duration // it asked to be left alone
	Address        string        // after redirections
}

// Status is the kind of an answer.
type Status string

// The kinds of answers. Others count as Strange.
const (
	Fine      Status = "fine"
	Unchanged Status = "unchanged"
	Gone      Status = "gone"
	NotFound  Status = "not_found"
	Refused   Status = "refused"
	Busy      Status = "busy"
	Strange   Status = "answer"
)

// problemOf says in a word why nothing came: the end of a key of our messages. It
// never holds words of the site.
func problemOf(err error) string {
	switch {
	case errors.Is(err, outbound.ErrPrivate):
		return "inside"
	case errors.Is(err, outbound.ErrLarge), errors.Is(err, feed.ErrTooLarge), errors.Is(err, webpage.ErrTooLarge):
		return "large"
	case errors.Is(err, feed.ErrNotFeed):
		return "not_feed"
	}
	return "no_answer"
}

// fetchFeed is the job that asks one feed.
func (s *Service) fetchFeed(ctx context.Context, id string) error {
	f, err := feedByID(ctx, s.DB.Read(), id)
	if errors.Is(err, errNoFeed) {
		return nil // it was removed meanwhile
	}
	if err != nil {
		return err
	}
	u, err := url.Parse(f.Address)
	if err != nil {
		return jobs.Permanent(err)
	}
	if wait := s.hosts.take(u.Host, s.DB.Now()); wait > 0 {
		return s.DB.Write(ctx, func(tx *db.Tx) error {
			return s.Jobs.Add(ctx, tx, jobs.Job{Kind: kindFeed, Subject: id, At: tx.Now.Add(wait)})
		})
	}
	a, err := s.Sites.Ask(ctx, f.Address, f.etag, f.modified, "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/html;q=0.5, */*;q=0.1")
	switch {
	case err != nil:
		return s.failed(ctx, f, problemOf(err), 0)
	case a.Status == Unchanged:
		return s.calm(ctx, f)
	case a.Status != Fine:
		return s.failed(ctx, f, string(a.Status), a.Wait)
	}
	got, err := feed.Parse(a.Body, a.Address)
	if errors.Is(err, feed.ErrNotFeed) {
		if page, e := webpage.Read(a.Body, a.Kind, a.Address); e == nil && len(page.Feeds) > 0 && page.Feeds[0].Address != f.Address {
			return s.instead(ctx, f, page.Feeds[0].Address)
		}
	}
	if err != nil {
		return s.failed(ctx, f, problemOf(err), 0)
	}
	return s.arrive(ctx, f, a, got)
}

// failed notes a problem and asks less often: twice the pause, a day at most, and not
// before the site allows.
func (s *Service) failed(ctx context.Context, f Feed, problem string, wait time.Duration) error {
	f.Problem, f.pause = problem, min(2*f.pause, longPause)
	return s.asked(ctx, f, max(f.pause, wait))
}

// calm notes that nothing changed.
func (s *Service) calm(ctx context.Context, f Feed) error {
	f.Problem, f.pause = "", min(f.pause*3/2, longPause)
	return s.asked(ctx, f, f.pause)
}

func (s *Service) asked(ctx context.Context, f Feed, pause time.Duration) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		f.AskedAt, f.NextAt = tx.Now, tx.Now.Add(pause)
		return updateFeed(ctx, tx, f)
	})
}

// instead follows the feed that a page points to.
func (s *Service) instead(ctx context.Context, f Feed, address string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		f.Address, f.NextAt, f.AskedAt = address, tx.Now, tx.Now
		err := moveFeed(ctx, tx, f)
		if errors.Is(err, errFeedTwice) {
			return deleteFeed(ctx, tx, f.expedition, f.ID)
		}
		if err != nil {
			return err
		}
		return s.Jobs.Add(ctx, tx, jobs.Job{Kind: kindFeed, Subject: f.ID, At: tx.Now.Add(perHost)})
	})
}

// arrive writes what a feed brought that was not there, in batches; the feed itself
// is noted last, so that what was cut is asked for again.
func (s *Service) arrive(ctx context.Context, f Feed, a Answer, got feed.Feed) error {
	brought, err := broughtBy(ctx, s.DB.Read(), f.expedition, f.ID)
	if err != nil {
		return err
	}
	var fresh []Signal
	for _, e := range got.Entries {
		if e.Address == "" || brought[e.Address] {
			continue
		}
		brought[e.Address] = true
		fresh = append(fresh, signalOf(f, e))
	}
	for from := 0; from < len(fresh); from += batch {
		part := fresh[from:min(from+batch, len(fresh))]
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			now := tx.Now
			for i := range part {
				part[i].ID = kernel.NewID[string](signalPrefix, now)
				part[i].SeenAt = now
			}
			_, err := s.bring(ctx, tx, f.expedition, part)
			return err
		})
		if kernel.KindOf(err) == kernel.TooMany {
			return s.failed(ctx, f, "full", 0)
		}
		if err != nil {
			return fmt.Errorf("entries of feed %s: %w", f.ID, err)
		}
	}
	f.Problem, f.etag, f.modified = "", a.ETag, a.Modified
	if f.pause = shortPause; len(fresh) == 0 {
		f.pause = min(f.pause*3/2, longPause)
	}
	if got.Title != "" && (f.Title == "" || f.Title == f.Address) {
		f.Title = cut(got.Title, mostTitle)
	}
	f.Site = got.Address
	return s.asked(ctx, f, max(f.pause, a.Wait))
}

func signalOf(f Feed, e feed.Entry) Signal {
	g := Signal{
		Feed: f.ID, Address: cut(e.Address, mostAddress), Title: cut(e.Title, mostTitle), Author: cut(e.Author, mostAuthor), Text: cut(e.Text, mostText),
		State: New, Version: 1,
	}
	if g.Title == "" {
		g.Title = cut(oneLine(e.Text), 80)
	}
	if g.Title == "" {
		g.Title = g.Address
	}
	at := e.Published
	if at.IsZero() {
		at = e.Updated
	}
	if !at.IsZero() && at.Year() > 1000 && at.Year() < 9999 {
		g.Published = kernel.Date(at.Format(time.DateOnly))
	}
	g.print = fold.PrintOf(g.Text)
	return g
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// fetchPage is the job that reads the page of a signal: what nobody typed, and its
// text where the page allows. A page that cannot be read changes nothing.
func (s *Service) fetchPage(ctx context.Context, signal string) error {
	id, err := signalOfJob(ctx, s.DB.Read(), signal)
	if errors.Is(err, errNoSignal) {
		return nil
	}
	if err != nil {
		return err
	}
	g, err := signalByID(ctx, s.DB.Read(), id, signal)
	if err != nil {
		return err
	}
	u, err := url.Parse(g.Address)
	if err != nil {
		return jobs.Permanent(err)
	}
	if wait := s.hosts.take(u.Host, s.DB.Now()); wait > 0 {
		return s.DB.Write(ctx, func(tx *db.Tx) error {
			return s.Jobs.Add(ctx, tx, jobs.Job{Kind: kindPage, Subject: signal, At: tx.Now.Add(wait)})
		})
	}
	a, err := s.Sites.Ask(ctx, g.Address, "", "", "text/html, application/xhtml+xml")
	if err != nil || a.Status != Fine {
		return nil //nolint:nilerr // the address stays as it was typed; asking again is hers
	}
	page, err := webpage.Read(a.Body, a.Kind, a.Address)
	if err != nil {
		return nil //nolint:nilerr // not a page: a PDF, a picture
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.fill(ctx, tx, id, signal, page) })
}

func (s *Service) fill(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, signal string, page webpage.Page) error {
	g, err := signalByID(ctx, tx, id, signal)
	if errors.Is(err, errNoSignal) {
		return nil
	}
	if err != nil {
		return err
	}
	if g.Title == g.Address && page.Title != "" {
		g.Title = cut(page.Title, mostTitle)
	}
	if g.Author == "" {
		g.Author = cut(page.Author, mostAuthor)
	}
	if g.Published == "" && !page.Published.IsZero() && page.Published.Year() > 1000 {
		g.Published = kernel.Date(page.Published.Format(time.DateOnly))
	}
	if !page.NoArchive && page.Text != "" {
		g.Text = cut(page.Text, mostText)
		g.print = fold.PrintOf(g.Text)
	}
	if err := fillSignal(ctx, tx, id, g); err != nil {
		return err
	}
	if err := s.anchorAgain(ctx, tx, id, g); err != nil {
		return err
	}
	lead := g.ID
	if g.Lead != "" {
		lead = g.Lead
	}
	return s.findable(ctx, tx, id, lead)
}

// Reread asks the page of a signal again.
func (s *Service) Reread(ctx context.Context, id kernel.ExpeditionID, signal string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, err := s.own(ctx, tx, id, signal); err != nil {
			return "", err
		}
		return signal, s.Jobs.Add(ctx, tx, jobs.Job{Kind: kindPage, Subject: signal})
	})
	return err
}
