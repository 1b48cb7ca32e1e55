package vae

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Part is one part of a dossier, with a version of its own.
type Part struct {
	ID        kernel.ItemID   `json:"-"`
	Version   int64           `json:"-"` // 0 when nothing was written yet
	UpdatedAt time.Time       `json:"-"`
	Picks     []kernel.ItemID `json:"-"` // pieces of the musette, in their order

	Code   string            `json:"code"`
	Bloc   string            `json:"bloc,omitempty"` // it is about
	Values map[string]string `json:"values,omitempty"`
}

// Kind is the code before its first dot.
func (p *Part) Kind() string {
	kind, _, _ := strings.Cut(p.Code, ".")
	return kind
}

// Words counts what was written in it.
func (p *Part) Words(f *File) int {
	n := 0
	for _, d := range f.fields(p.Code, p.Bloc) {
		if d.Input == Lines {
			n += countWords(p.Values[d.Name])
		}
	}
	return n
}

const partsMost = 400

var (
	errPartMany = kernel.NewFault(kernel.TooMany, "vae.part.many").With("max", partsMost)
	errPiece    = kernel.NewFault(kernel.Invalid, "vae.part.piece").On("pieces")
	partCode    = regexp.MustCompile(`^[a-z]+(\.[A-Za-z0-9_-]{1,40})?$`)
)

// partID is the id of a part: the same code of the same file is the same item, so that
// two windows cannot write it twice.
func partID(file kernel.ItemID, code string) kernel.ItemID {
	sum := sha256.Sum256([]byte(string(file) + "\x00" + code))
	return kernel.ItemID("vpt_" + hex.EncodeToString(sum[:16]))
}

func (p *Part) item(file *File) gate.Item {
	title := file.Certification.Title
	return gate.Item{ID: p.ID, Room: room, Version: p.Version, View: gate.View{
		Kind: kindPart, Title: title, Links: append([]kernel.ItemID{file.ID}, p.Picks...), Provenance: declared,
	}}
}

func partOf(it gate.Item) (*Part, error) {
	p := &Part{ID: it.ID, Version: it.Version, UpdatedAt: it.UpdatedAt}
	if len(it.View.Links) > 1 {
		p.Picks = it.View.Links[1:]
	}
	return p, read(it, p)
}

// parts reads what belongs to a file: its parts in any order, its comments newest first.
func (s *Service) parts(ctx context.Context, p gate.Pass, file kernel.ItemID) ([]*Part, []Comment, error) {
	items, err := s.Gate.List(ctx, p, room)
	if err != nil {
		return nil, nil, err
	}
	var all []*Part
	var said []Comment
	for _, it := range items {
		if !slices.Contains(it.View.Links, file) {
			continue
		}
		switch it.View.Kind {
		case kindPart:
			part, err := partOf(it)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, part)
		case kindComment:
			c, err := commentOf(it)
			if err != nil {
				return nil, nil, err
			}
			said = append(said, c)
		}
	}
	slices.Reverse(said)
	return all, said, nil
}

// sort puts the parts in the order of the dossiers: by shape, by bloc, by age.
func (w *Whole) sort() {
	order := func(p *Part) (kind, bloc int) {
		kind = slices.IndexFunc(shapes, func(sh shape) bool { return sh.kind == p.Kind() })
		bloc = slices.IndexFunc(w.Certification.Blocs, func(b Bloc) bool { return b.ID == p.Bloc })
		return kind, bloc
	}
	slices.SortStableFunc(w.Parts, func(a, b *Part) int {
		x, xb := order(a)
		y, yb := order(b)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(xb, yb), strings.Compare(a.Code, b.Code))
	})
}

// part finds a part by its code; one that nobody wrote yet is empty, when the file may
// have it.
func (w *Whole) part(code string) (*Part, bool) {
	if i := slices.IndexFunc(w.Parts, func(p *Part) bool { return p.Code == code }); i >= 0 {
		return w.Parts[i], true
	}
	sh := shapeOf(code)
	if sh == nil || !partCode.MatchString(code) || !w.may(sh) {
		return nil, false
	}
	p := &Part{ID: partID(w.ID, code), Code: code}
	switch sh.kind {
	case "bloc":
		p.Bloc = keyOf(code)
		if !slices.Contains(w.Aimed, p.Bloc) {
			return nil, false
		}
	case "told", "post", "experience":
		return nil, false // begun by Add
	}
	return p, true
}

// may reports whether the file has parts of a shape in its variant.
func (f *File) may(sh *shape) bool { return sh.only == "" || sh.only == f.Variant }

// of are the parts of a kind, in their order.
func (w *Whole) of(kind string) []*Part {
	var all []*Part
	for _, p := range w.Parts {
		if p.Kind() == kind {
			all = append(all, p)
		}
	}
	return all
}

// Save writes a part, if nobody wrote it meanwhile. Fields it does not ask are dropped.
//
// NotFound for a part the file does not have; Conflict for another version than the
// one written from; Invalid on the fields at fault.
func (s *Service) Save(ctx context.Context, file kernel.ItemID, code string, version int64, values map[string]string, picks []kernel.ItemID) error {
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	w, err := s.Whole(ctx, file)
	if err != nil {
		return err
	}
	p, ok := w.part(code)
	if !ok {
		return errNotFoundVAE
	}
	if p.Version != version {
		return errStale
	}
	next, err := w.fill(p, values, picks)
	if err != nil {
		return err
	}
	if p.Version == 0 && len(w.Parts) >= partsMost {
		return errPartMany
	}
	err = s.put(ctx, w.pass, next.item(w.File), next)
	if kernel.KindOf(err) == kernel.Conflict {
		return errStale.Because(err)
	}
	return err
}

// fill is the part with other values, checked.
func (w *Whole) fill(p *Part, values map[string]string, picks []kernel.ItemID) (*Part, error) {
	next := *p
	next.Values, next.Picks = map[string]string{}, nil
	fields := w.fields(p.Code, p.Bloc)
	for _, d := range fields {
		v := strings.TrimSpace(values[d.Name])
		if d.Input == Day && v != "" {
			if day, err := kernel.ParseDate(v); err == nil {
				v = string(day)
			}
		}
		if v != "" {
			next.Values[d.Name] = v
		}
	}
	// What was said of a competence that is not in the list now comes back with it.
	for name, v := range p.Values {
		asked := slices.ContainsFunc(fields, func(d Field) bool { return d.Name == name })
		if !asked && (strings.HasPrefix(name, "claim.") || strings.HasPrefix(name, "how.")) {
			next.Values[name] = v
		}
	}
	if err := checkAll(fields, next.Values); err != nil {
		return nil, err
	}
	if !shapeOf(p.Code).pieces {
		return &next, nil
	}
	for _, id := range picks {
		if !slices.ContainsFunc(w.Pieces, func(q Piece) bool { return q.ID == id }) {
			return nil, errPiece
		}
		if !slices.Contains(next.Picks, id) {
			next.Picks = append(next.Picks, id)
		}
	}
	return &next, nil
}

// Add begins a part of which a file has several: an experience or the presentation of
// a post, from an activity of the musette or from nothing; an activity told for a bloc.
func (s *Service) Add(ctx context.Context, file kernel.ItemID, kind, bloc string, activity kernel.ItemID) (code string, err error) {
	w, err := s.Whole(ctx, file)
	if err != nil {
		return "", err
	}
	if made, done, err := once.Before(ctx, s.DB); err != nil || done {
		return w.codeOf(kernel.ItemID(made)), err
	}
	sh := shapeOf(kind + ".x")
	if sh == nil || sh.kind == "bloc" || !w.may(sh) {
		return "", errNotFoundVAE
	}
	if len(w.Parts) >= partsMost {
		return "", errPartMany
	}
	p := &Part{Code: kind + "." + strings.TrimPrefix(kernel.NewID[string]("x", s.DB.Now()), "x_"), Values: map[string]string{}}
	if kind == "told" {
		if _, ok := w.Certification.bloc(bloc); !ok {
			return "", errNoBlocOfIt
		}
		p.Bloc = bloc
	}
	if activity != "" {
		from, err := s.activity(ctx, w.pass, activity)
		if err != nil {
			return "", err
		}
		maps.Copy(p.Values, begun(kind, from))
		if sh.pieces {
			for _, q := range w.Pieces {
				if slices.Contains(q.Of, activity) {
					p.Picks = append(p.Picks, q.ID)
				}
			}
		}
	}
	p.ID = partID(w.ID, p.Code)
	return p.Code, s.put(ctx, w.pass, p.item(w.File), p)
}

// codeOf is the code of a part by its id, "" when it was removed since.
func (w *Whole) codeOf(id kernel.ItemID) string {
	for _, p := range w.Parts {
		if p.ID == id {
			return p.Code
		}
	}
	return ""
}

// begun is what an activity of the musette already tells of a part.
func begun(kind string, v gate.View) map[string]string {
	all := map[string]string{"title": v.Title}
	set := func(name, value string) {
		if value != "" {
			all[name] = value
		}
	}
	switch kind {
	case "experience":
		set("organisation", v.Organisation)
		set("start", v.Start)
		set("words", v.Text)
		set("duration", durationOf(kernel.Date(v.Start), kernel.Date(v.End)))
		set("frame", frames[v.Kind])
	case "post":
		set("structure", v.Organisation)
	case "told":
		set("context", strings.TrimSpace(strings.Join([]string{v.Organisation, v.Place}, "\n")))
		set("did", v.Text)
	}
	return all
}

// frames are the frames of experience of the kinds of activities.
var frames = map[string]string{"job": "job", "mission": "self", "volunteering": "volunteering", "care": "care", "mandate": "mandate", "learning": "internship", "project": "else", "other": "else"}

// durationOf is the class of a period whose both ends are known.
func durationOf(start, end kernel.Date) string {
	if start.First().IsZero() || end.Last().IsZero() {
		return ""
	}
	years := end.Last().Sub(start.First()).Hours() / 24 / 365.25
	for i, most := range []float64{1, 3, 5, 10} {
		if years < most {
			return vocabularies["duration"][i]
		}
	}
	return "over10"
}

// Drop removes a part of which a file has several.
func (s *Service) Drop(ctx context.Context, file kernel.ItemID, code string) error {
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	w, err := s.Whole(ctx, file)
	if err != nil {
		return err
	}
	p, ok := w.part(code)
	if !ok || p.Version == 0 || !shapeOf(code).many {
		return errNotFoundVAE
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			return string(p.ID), s.Gate.Delete(ctx, tx, w.pass, p.ID, 0)
		})
		return err
	})
}

// Versions are the earlier versions of a part, newest first.
func (s *Service) Versions(ctx context.Context, w *Whole, code string) ([]*Part, error) {
	p, ok := w.part(code)
	if !ok || p.Version == 0 {
		return nil, errNotFoundVAE
	}
	items, err := s.Gate.Versions(ctx, w.pass, p.ID)
	if err != nil {
		return nil, err
	}
	all := make([]*Part, len(items))
	for i, it := range items {
		if all[i], err = partOf(it); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// lasting are the parts that are the same from one file to the next.
var lasting = []string{"identity", "situation", "diplomas"}

// elsewhere is what the person wrote last in the same part of another file, when the
// part is one that lasts; nil when there is none.
func (s *Service) elsewhere(ctx context.Context, f *File, code string) (*Part, error) {
	if !slices.Contains(lasting, code) {
		return nil, nil
	}
	p, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	items, err := s.Gate.List(ctx, p, room)
	if err != nil {
		return nil, err
	}
	var last *Part
	for _, it := range items {
		if it.View.Kind != kindPart || slices.Contains(it.View.Links, f.ID) {
			continue
		}
		part, err := partOf(it)
		if err != nil {
			return nil, err
		}
		if part.Code == code && (last == nil || part.UpdatedAt.After(last.UpdatedAt)) {
			last = part
		}
	}
	return last, nil
}
