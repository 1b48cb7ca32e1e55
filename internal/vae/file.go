package vae

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Variant is how a file is put together.
type Variant string

// The variants of the model of 2025.
const (
	Alone       Variant = "alone"
	Accompanied Variant = "accompanied" // by an architecte accompagnateur de parcours
)

// File is what a person puts together for one certification.
type File struct {
	ID        kernel.ItemID `json:"-"`
	Version   int64         `json:"-"`
	CreatedAt time.Time     `json:"-"`
	UpdatedAt time.Time     `json:"-"`

	Certification Certification `json:"certification"`
	Referential   string        `json:"referential,omitempty"` // of an organisation, by its id
	Aimed         []string      `json:"aimed"`                 // blocs, by their ids
	Variant       Variant       `json:"variant"`
	Steps         []Step        `json:"steps,omitempty"`  // what became of the dossier of feasibility
	Remind        bool          `json:"remind,omitempty"` // she asked to be reminded of the days ahead
	Gained        []Gained      `json:"gained,omitempty"`
	Handed        []Handed      `json:"handed,omitempty"` // copies given to juries
	Opened        []Opened      `json:"opened,omitempty"` // loans to companions
}

// Gained is a bloc obtained already: it needs not be shown again.
type Gained struct {
	Bloc   string        `json:"bloc"`
	On     kernel.Date   `json:"on,omitempty"`
	By     string        `json:"by,omitempty"` // the jury here that granted it
	Result kernel.ItemID `json:"result,omitempty"`
}

// Handed is a frozen copy given to a jury.
type Handed struct {
	Grant  kernel.GrantID  `json:"grant"`
	Jury   kernel.CircleID `json:"jury"`
	SHA256 string          `json:"sha256"`
	At     time.Time       `json:"at"`
}

// Opened is what a companion may read until it ends.
type Opened struct {
	Grant kernel.GrantID  `json:"grant"`
	Items []kernel.ItemID `json:"items"` // parts
}

var (
	errVariant = kernel.NewFault(kernel.Invalid, "vae.variant.form").On("variant")
	errStale   = kernel.NewFault(kernel.Conflict, "vae.stale")
)

// Blocs are those the file aims at, in the order of the certification.
func (f *File) Blocs() []Bloc { return f.Certification.chosen(f.Aimed) }

// has reports whether a bloc was obtained already.
func (f *File) has(bloc string) bool {
	return slices.ContainsFunc(f.Gained, func(g Gained) bool { return g.Bloc == bloc })
}

// aim sets what the file aims at, with everything that is wrong about it.
func (f *File) aim(c Certification, blocs []string, v Variant) error {
	if err := c.Check(); err != nil {
		return err
	}
	f.Certification, f.Variant, f.Aimed = c, v, nil
	for _, b := range c.chosen(blocs) {
		if !f.has(b.ID) {
			f.Aimed = append(f.Aimed, b.ID)
		}
	}
	switch {
	case v != Alone && v != Accompanied:
		return errVariant
	case len(f.Aimed) == 0:
		return errNoBlocOfIt
	}
	return nil
}

func (f *File) item() gate.Item {
	return gate.Item{ID: f.ID, Room: room, Version: f.Version, View: gate.View{
		Kind: kindFile, Title: f.Certification.Title, Provenance: declared,
	}}
}

func fileOf(it gate.Item) (*File, error) {
	f := &File{ID: it.ID, Version: it.Version, CreatedAt: it.CreatedAt, UpdatedAt: it.UpdatedAt}
	return f, read(it, f)
}

// Begin makes a file. Blocs of the same certification that earlier results granted are
// counted as gained and are not aimed at again.
func (s *Service) Begin(ctx context.Context, c Certification, blocs []string, v Variant, referential string) (kernel.ItemID, error) {
	p, err := s.own(ctx)
	if err != nil {
		return "", err
	}
	results, err := s.results(ctx, p)
	if err != nil {
		return "", err
	}
	f := &File{ID: kernel.NewID[kernel.ItemID]("vae", s.DB.Now()), Referential: referential}
	f.Gained = gainedBefore(c, results)
	if err := f.aim(c, blocs, v); err != nil {
		return "", err
	}
	if made, done, err := once.Before(ctx, s.DB); err != nil || done {
		return kernel.ItemID(made), err
	}
	return f.ID, s.put(ctx, p, f.item(), f)
}

// gainedBefore finds the blocs of a certification that results granted: the same code
// of bloc, or, without codes, the same title in a certification of the same title.
func gainedBefore(c Certification, results []Result) []Gained {
	var all []Gained
	for _, b := range c.Blocs {
		for _, r := range results {
			i := slices.IndexFunc(r.Blocs, func(g Granted) bool {
				was, ok := r.Certification.bloc(g.Bloc)
				return ok && g.Granted && (b.Code != "" && was.Code == b.Code || b.Code == "" && was.Title == b.Title && r.Certification.Title == c.Title)
			})
			if i >= 0 {
				all = append(all, Gained{Bloc: b.ID, On: r.On, By: r.Jury, Result: r.ID})
				break
			}
		}
	}
	return all
}

// Change sets what a file aims at, if nobody changed it meanwhile. gained are blocs she
// says she obtained elsewhere, by the place of a bloc in c; those that results here
// granted count anyway. blocs are places too.
func (s *Service) Change(ctx context.Context, id kernel.ItemID, version int64, c Certification, blocs, gained []int, v Variant) error {
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	p, f, err := s.file(ctx, id)
	if err != nil {
		return err
	}
	if f.Version != version {
		return errStale
	}
	results, err := s.results(ctx, p)
	if err != nil {
		return err
	}
	c.inherit(f.Certification)
	f.Gained = gainedBefore(c, results)
	for i, b := range c.Blocs {
		if slices.Contains(gained, i) && !f.has(b.ID) {
			f.Gained = append(f.Gained, Gained{Bloc: b.ID})
		}
	}
	var aimed []string
	for i, b := range c.Blocs {
		if slices.Contains(blocs, i) {
			aimed = append(aimed, b.ID)
		}
	}
	if err := f.aim(c, aimed, v); err != nil {
		return err
	}
	return s.put(ctx, p, f.item(), f)
}

// file opens a file of the actor's.
func (s *Service) file(ctx context.Context, id kernel.ItemID) (gate.Pass, *File, error) {
	p, err := s.own(ctx)
	if err != nil {
		return p, nil, err
	}
	it, err := s.Gate.Get(ctx, p, id)
	if kernel.KindOf(err) == kernel.NotFound || err == nil && (it.Room != room || it.View.Kind != kindFile) {
		return p, nil, errNotFoundVAE.Because(err)
	}
	if err != nil {
		return p, nil, err
	}
	f, err := fileOf(it)
	return p, f, err
}

// Files lists the actor's files, the one changed last first.
func (s *Service) Files(ctx context.Context) ([]*File, error) {
	p, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	items, err := s.Gate.List(ctx, p, room)
	if err != nil {
		return nil, err
	}
	var all []*File
	for _, it := range items {
		if it.View.Kind != kindFile {
			continue
		}
		f, err := fileOf(it)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *File) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), strings.Compare(string(b.ID), string(a.ID)))
	})
	return all, nil
}

// Whole is a file with all that belongs to it.
type Whole struct {
	*File
	Parts    []*Part
	Comments []Comment
	Known    []Known
	Pieces   []Piece

	pass gate.Pass
}

// Whole opens a file of the actor's with all that belongs to it.
func (s *Service) Whole(ctx context.Context, id kernel.ItemID) (*Whole, error) {
	p, f, err := s.file(ctx, id)
	if err != nil {
		return nil, err
	}
	w := &Whole{File: f, pass: p}
	if w.Parts, w.Comments, err = s.parts(ctx, p, id); err != nil {
		return nil, err
	}
	w.sort()
	w.Known, w.Pieces, err = s.known(ctx, p)
	return w, err
}

// Delete removes a file with its parts and the comments on them, and closes what was
// open of it. What juries kept stays with them; results stay.
func (s *Service) Delete(ctx context.Context, id kernel.ItemID) error {
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	p, f, err := s.file(ctx, id)
	if err != nil {
		return err
	}
	items, err := s.Gate.List(ctx, p, room)
	if err != nil {
		return err
	}
	goes := []kernel.ItemID{id}
	for _, it := range items {
		if (it.View.Kind == kindPart || it.View.Kind == kindComment) && slices.Contains(it.View.Links, id) {
			goes = append(goes, it.ID)
		}
	}
	var loans []kernel.GrantID
	for _, o := range f.Opened {
		loans = append(loans, o.Grant)
	}
	for _, h := range f.Handed {
		loans = append(loans, h.Grant)
	}
	for _, grant := range loans {
		// Each is its own write: the key of the request serves the last one, below.
		if err := s.Gate.Withdraw(once.With(ctx, nil), grant); err != nil && kernel.KindOf(err) != kernel.NotFound {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			for _, item := range goes {
				if err := s.Gate.Delete(ctx, tx, p, item, 0); err != nil {
					return "", err
				}
			}
			return string(id), deleteReminders(ctx, tx, p.Owner(), id)
		})
		return err
	})
}
