package watch

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/fold"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/search"
)

// State is where a signal stands.
type State string

// The states.
const (
	New   State = "new"
	Kept  State = "kept"
	Aside State = "aside"
)

// States in the order of the page.
var States = []State{New, Kept, Aside}

// Grade says what kind of signal it is, in the words of the method.
type Grade string

// The grades. A signal may have none.
const (
	Weak        Grade = "weak"
	Trend       Grade = "trend"
	Break       Grade = "break"
	Controversy Grade = "controversy"
)

// Grades in the order of the page.
var Grades = []Grade{Weak, Trend, Break, Controversy}

// Signal is something found at an address.
type Signal struct {
	ID        string
	Lead      string   // the signal it repeats; empty for a lead
	Why       fold.Why // by what it repeats it
	Feed      string   // id of the feed that brought it; empty when somebody did
	Address   string
	Title     string
	Author    string
	Published kernel.Date // as precise as it is known; may be empty
	Text      string
	State     State
	Grade     Grade
	Axis      string // id of an axis or theme of the map
	Tags      []string
	Note      string
	SeenAt    time.Time
	KeptAt    time.Time
	Version   int64

	print fold.Print
	by    kernel.PersonID
}

// Host is the site of its address.
func (g Signal) Host() string {
	u, err := url.Parse(g.Address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// Bounds of what is typed and kept.
const (
	mostTitle   = 300
	mostAuthor  = 200
	mostNote    = 4000
	mostText    = 200_000
	mostTags    = 12
	mostTag     = 60
	mostSignals = 50_000 // of one expedition
	mostAddress = 2000
)

var (
	errNoSignal = kernel.NewFault(kernel.NotFound, "watch.no_signal")
	errAddress  = kernel.NewFault(kernel.Invalid, "watch.address").On("address")
	errTitle    = kernel.NewFault(kernel.Invalid, "watch.title.fault").On("title")
	errNote     = kernel.NewFault(kernel.Invalid, "watch.note").On("note")
	errTags     = kernel.NewFault(kernel.Invalid, "watch.tags").On("tags")
	errGrade    = kernel.NewFault(kernel.Invalid, "watch.grade").On("grade")
	errAxis     = kernel.NewFault(kernel.Invalid, "watch.axis").On("axis")
	errState    = kernel.NewFault(kernel.Invalid, "watch.state").On("state")
	errStale    = kernel.NewFault(kernel.Conflict, "watch.stale").On("version")
	errMany     = kernel.NewFault(kernel.TooMany, "watch.many").With("max", mostSignals)
)

const signalPrefix = "sig"

// Draft is what somebody types of a signal.
type Draft struct {
	Address, Title, Author, Note string
	Published                    kernel.Date
	State                        State
	Grade                        Grade
	Axis                         string
	Tags                         []string
	Version                      int64
}

// check cleans a draft and finds what is wrong in it.
func (d *Draft) check() error {
	var wrong []error
	d.Address, d.Title, d.Author, d.Note = strings.TrimSpace(d.Address), oneLine(d.Title), oneLine(d.Author), strings.TrimSpace(d.Note)
	if _, err := fold.Canonical(d.Address); err != nil || len(d.Address) > mostAddress {
		wrong = append(wrong, errAddress)
	}
	if utf8.RuneCountInString(d.Title) > mostTitle || utf8.RuneCountInString(d.Author) > mostAuthor {
		wrong = append(wrong, errTitle.With("max", mostTitle))
	}
	if utf8.RuneCountInString(d.Note) > mostNote {
		wrong = append(wrong, errNote.With("max", mostNote))
	}
	d.Tags = cleanTags(d.Tags)
	if len(d.Tags) > mostTags || slices.ContainsFunc(d.Tags, func(t string) bool { return utf8.RuneCountInString(t) > mostTag }) {
		wrong = append(wrong, errTags.With("max", mostTags, "length", mostTag))
	}
	if d.Grade != "" && !slices.Contains(Grades, d.Grade) {
		wrong = append(wrong, errGrade)
	}
	if !slices.Contains(States, d.State) {
		wrong = append(wrong, errState)
	}
	return errors.Join(wrong...)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func cleanTags(tags []string) []string {
	var out []string
	for _, t := range tags {
		if t = oneLine(t); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// Add keeps what somebody found. What its page says (title, author, date, text) is
// looked for afterwards, where she left it open. made is the signal, or the one that
// it repeats.
func (s *Service) Add(ctx context.Context, id kernel.ExpeditionID, d Draft) (made string, err error) {
	d.State = Kept
	if err := d.check(); err != nil {
		return "", err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, watch); err != nil {
			return "", err
		}
		if err := s.knownAxis(ctx, id, d.Axis); err != nil {
			return "", err
		}
		g := Signal{
			ID: kernel.NewID[string](signalPrefix, tx.Now), Address: d.Address, Title: d.Title, Author: d.Author, Published: d.Published, Note: d.Note,
			State: Kept, Grade: d.Grade, Axis: d.Axis, Tags: d.Tags, SeenAt: tx.Now, KeptAt: tx.Now, Version: 1, by: kernel.ActorFrom(ctx).Person,
		}
		if g.Title == "" {
			g.Title = g.Address
		}
		leads, err := s.bring(ctx, tx, id, []Signal{g})
		if err != nil {
			return "", err
		}
		if err := s.Jobs.Add(ctx, tx, jobs.Job{Kind: kindPage, Subject: g.ID}); err != nil {
			return "", err
		}
		return leads[0], nil
	})
}

func (s *Service) knownAxis(ctx context.Context, id kernel.ExpeditionID, axis string) error {
	if axis == "" {
		return nil
	}
	axes, err := s.Expeditions.Axes(ctx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(axes, func(a Axis) bool { return a.ID == axis }) {
		return errAxis
	}
	return nil
}

// bring writes new signals, each folded under what it repeats, and gives the lead of
// each. The caller has checked that the actor may.
func (s *Service) bring(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, all []Signal) (leads []string, err error) {
	index, n, err := s.index(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if n+len(all) > mostSignals {
		return nil, errMany
	}
	for _, g := range all {
		if g.print == 0 {
			g.print = fold.PrintOf(g.Text)
		}
		g.Lead, g.Why = index.Add(g.entry())
		if err := insertSignal(ctx, tx, id, g); err != nil {
			return nil, err
		}
		lead := g.ID
		if g.Lead != "" {
			lead = g.Lead
			if g.State == Kept { // somebody keeps what a feed had brought
				if err := keepLead(ctx, tx, id, lead); err != nil {
					return nil, err
				}
			}
		}
		if err := s.findable(ctx, tx, id, lead); err != nil {
			return nil, err
		}
		leads = append(leads, lead)
	}
	return leads, nil
}

// index is what is known already, in the order in which it came.
func (s *Service) index(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) (*fold.Index, int, error) {
	if err := takeTurn(ctx, tx, id); err != nil {
		return nil, 0, err
	}
	index := &fold.Index{}
	pairs, err := apartPairs(ctx, tx, id)
	if err != nil {
		return nil, 0, err
	}
	for _, p := range pairs {
		index.Apart(p[0], p[1])
	}
	known, err := knownSignals(ctx, tx, id)
	if err != nil {
		return nil, 0, err
	}
	for _, g := range known {
		index.Restore(g.entry(), g.Lead)
	}
	return index, len(known), nil
}

func (g Signal) entry() fold.Entry {
	e := fold.Entry{ID: g.ID, Addresses: []string{g.Address}, Title: g.Title, Print: g.print}
	if len(g.Published) == len(time.DateOnly) { // a year alone says nothing of a week
		e.At = g.Published.First()
	}
	return e
}

// findable puts the words of a lead and its sources where they are searched.
func (s *Service) findable(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, lead string) error {
	cluster, err := clusterOf(ctx, tx, id, lead)
	if err != nil {
		return err
	}
	var words strings.Builder
	for _, g := range cluster {
		words.WriteString(wordsOf(g))
	}
	return search.Put(ctx, tx, space(id), lead, words.String())
}

// wordsOf are the words by which a signal is found.
func wordsOf(g Signal) string {
	return strings.Join([]string{g.Title, g.Author, g.Note, strings.Join(g.Tags, " "), g.Host(), g.Text, ""}, "\n")
}

func space(id kernel.ExpeditionID) string { return "watch:" + string(id) }

// Mark writes what somebody thinks of a signal: state, grade, axis, tags, note, and
// the words of its title.
func (s *Service) Mark(ctx context.Context, id kernel.ExpeditionID, signal string, d Draft) error {
	if err := d.check(); err != nil {
		return err
	}
	if d.Title == "" {
		return errTitle.With("max", mostTitle)
	}
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		g, err := s.own(ctx, tx, id, signal)
		if err != nil {
			return "", err
		}
		if d.Axis != g.Axis {
			if err := s.knownAxis(ctx, id, d.Axis); err != nil {
				return "", err
			}
		}
		if g.State != Kept && d.State == Kept {
			g.KeptAt = tx.Now
		}
		g.Title, g.Author, g.Published, g.Address = d.Title, d.Author, d.Published, d.Address
		g.State, g.Grade, g.Axis, g.Tags, g.Note, g.Version = d.State, d.Grade, d.Axis, d.Tags, d.Note, d.Version
		if err := updateSignal(ctx, tx, id, g); err != nil {
			return "", err
		}
		return signal, s.findable(ctx, tx, id, signal)
	})
	return err
}

// Sort keeps a signal or sets it aside, from a list, whatever its version.
func (s *Service) Sort(ctx context.Context, id kernel.ExpeditionID, signal string, to State) error {
	if !slices.Contains(States, to) {
		return errState
	}
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		g, err := s.own(ctx, tx, id, signal)
		if err != nil {
			return "", err
		}
		if to == Kept && g.State != Kept {
			g.KeptAt = tx.Now
		}
		g.State = to
		return signal, updateSignal(ctx, tx, id, g)
	})
	return err
}

// own is a lead that the actor may change.
func (s *Service) own(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, signal string) (Signal, error) {
	if err := s.Expeditions.May(ctx, id, watch); err != nil {
		return Signal{}, err
	}
	return signalByID(ctx, tx, id, signal)
}

// Unfold takes a source away from what it was folded under, for good.
func (s *Service) Unfold(ctx context.Context, id kernel.ExpeditionID, source string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		g, err := s.own(ctx, tx, id, source)
		if err != nil {
			return "", err
		}
		if g.Lead == "" {
			return source, nil
		}
		lead := g.Lead
		cluster, err := clusterOf(ctx, tx, id, lead)
		if err != nil {
			return "", err
		}
		for _, other := range cluster {
			if other.ID != source {
				if err := insertApart(ctx, tx, id, source, other.ID); err != nil {
					return "", err
				}
			}
		}
		if err := setLead(ctx, tx, id, source, "", ""); err != nil {
			return "", err
		}
		return source, errors.Join(s.findable(ctx, tx, id, lead), s.findable(ctx, tx, id, source))
	})
	return err
}

// Ask chooses signals of a list.
type Ask struct {
	State State  // "" for all
	Grade Grade  // "" for all
	Axis  string // "" for all, "-" for those without
	Tag   string
	Words string
	After string // cursor of a page; "" for the first
}

// page is how many signals a page shows.
const page = 50

// List gives the leads that answer, newest first, each with how many sources carried
// it; next is the cursor of the page that follows, "" at the end. Found by words, the
// best come first, on one page.
func (s *Service) List(ctx context.Context, id kernel.ExpeditionID, ask Ask) (all []Listed, next string, err error) {
	if err := s.Expeditions.May(ctx, id, read); err != nil {
		return nil, "", err
	}
	var found []string
	if strings.TrimSpace(ask.Words) != "" {
		if found, err = search.Find(ctx, s.DB, space(id), ask.Words, 4*page); err != nil || len(found) == 0 {
			return nil, "", err
		}
	}
	all, err = listed(ctx, s.DB.Read(), id, ask, found)
	if err != nil {
		return nil, "", err
	}
	if found != nil {
		slices.SortFunc(all, func(a, b Listed) int { return slices.Index(found, a.ID) - slices.Index(found, b.ID) })
		return all[:min(len(all), page)], "", nil
	}
	if len(all) > page {
		all = all[:page]
		next = all[page-1].ID
	}
	return all, next, nil
}

// Listed is a signal in a list.
type Listed struct {
	Signal
	Sources int // besides its own
}

// Show is a signal with its sources and notes.
type Show struct {
	Signal
	Sources []Signal // folded under it
	Notes   []Note
}

// Show opens a signal. A source opens the lead it was folded under.
func (s *Service) Show(ctx context.Context, id kernel.ExpeditionID, signal string) (Show, error) {
	if err := s.Expeditions.May(ctx, id, read); err != nil {
		return Show{}, err
	}
	g, err := signalByID(ctx, s.DB.Read(), id, signal)
	if err != nil {
		return Show{}, err
	}
	if g.Lead != "" {
		signal = g.Lead
	}
	cluster, err := clusterOf(ctx, s.DB.Read(), id, signal)
	if err != nil {
		return Show{}, err
	}
	v := Show{}
	for _, c := range cluster {
		if c.ID == signal {
			v.Signal = c
		} else {
			v.Sources = append(v.Sources, c)
		}
	}
	v.Notes, err = notesOf(ctx, s.DB.Read(), id, signal)
	return v, err
}

// Counts says how many signals stand in each state.
func (s *Service) Counts(ctx context.Context, id kernel.ExpeditionID) (map[State]int, error) {
	return countStates(ctx, s.DB.Read(), id)
}
