package musette

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// itemPages are the pages that every thing of a musette has: to read it, change it,
// delete it, and read and restore what it was.
func (s *Service) itemPages(m *web.Mux) {
	m.Page("GET /musette/items/{id}", s.showItem)
	m.Page("GET /musette/items/{id}/edit", s.editItem)
	m.Page("POST /musette/items/{id}", s.saveItem)
	m.Page("GET /musette/items/{id}/delete", s.askDelete)
	m.Page("POST /musette/items/{id}/delete", s.deleteItem)
	m.Page("GET /musette/items/{id}/versions/{version}", s.showVersion)
	m.Page("POST /musette/items/{id}/versions/{version}", s.restoreVersion)
}

func itemID(r *http.Request) kernel.ItemID { return kernel.ItemID(r.PathValue("id")) }

// itemView is what the page of a thing shows.
type itemView struct {
	thing
	Past   []version
	Used   []web.Link        // activities that name this method or tool
	Known  map[string]string // path of each method and tool, by folded name
	Pieces []*Piece
	Bears  bool // it may have pieces of evidence
	Piece  *Piece
	Letter *letterView
	Origin string // where it was imported from
	Mark   templ.Component
	Note   string // a caution of the pack about pieces
	Doors  Doors

	Returned []web.Fact // figures of the file an activity was imported from
	ShownBy  []ShownBy
}

// version is a line of a history.
type version struct {
	Number  int64
	At      time.Time
	Changed string // names of the fields
}

// returned says the figures of the file an activity was imported from.
func returned(ctx context.Context, it gate.Item) []web.Fact {
	if !IsActivity(it.View.Kind) {
		return nil
	}
	var all []web.Fact
	for _, f := range it.View.Facts {
		key := "intake.fact." + f.Name
		if f.Name == "url" {
			key = "musette.returned.url"
		}
		all = append(all, web.Fact{Term: i18n.T(ctx, key), Text: f.Text})
	}
	return all
}

func (s *Service) showItem(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), itemID(r)
	now, past, err := s.History(ctx, id)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	say := newSpeech(ctx, pack)
	v, err := s.itemView(ctx, say, &now, past)
	if err != nil {
		return err
	}
	page := inside(v.Name, web.Link{Path: v.Up, Text: v.UpText})
	page.Under = web.Mark(provenance(v.Provenance))
	if v.Letter != nil {
		page.Under = nil
	}
	return web.Render(w, r, http.StatusOK, web.Layout(page, itemPage(v)))
}

func (s *Service) itemView(ctx context.Context, say *speech, now *gate.Item, past []gate.Item) (*itemView, error) {
	t, err := say.thing(now)
	if err != nil {
		return nil, err
	}
	v := &itemView{thing: t, Origin: origin(ctx, now), Doors: s.Doors, Returned: returned(ctx, *now)}
	if v.Past, err = say.past(t, past); err != nil {
		return nil, err
	}
	if s.Doors.Faces != "" {
		if v.ShownBy, err = s.ShownBy(ctx, now); err != nil {
			return nil, err
		}
	}
	switch shape := shapeOf(now.ID); {
	case has(now.ID, activityPrefix), shape != nil && !shape.Never:
		v.Bears = true
		if err := s.connect(ctx, v); err != nil {
			return nil, err
		}
		if v.Pieces, err = s.PiecesOf(ctx, now.ID); err != nil {
			return nil, err
		}
		if w, ok := say.pack.Notes[kindPiece]; ok {
			v.Note = w.In(say.lang)
		}
	case has(now.ID, piecePrefix):
		v.Piece, err = pieceOf(now)
	case has(now.ID, letterPrefix):
		v.Letter, err = s.letterView(ctx, now)
	}
	return v, err
}

// connect finds the methods and tools that an activity names, or the activities that
// name a method or a tool: a recipe goes from one job to the next.
func (s *Service) connect(ctx context.Context, v *itemView) error {
	items, err := s.all(ctx)
	if err != nil {
		return err
	}
	if has(v.ID, activityPrefix) {
		v.Known = map[string]string{}
		for _, shape := range []*Shape{method, tool} {
			for _, e := range entriesAmong(items, shape) {
				v.Known[shape.Name+fold(e.Name())] = itemPath(e.ID)
			}
		}
		return nil
	}
	shape := shapeOf(v.ID)
	if shape != method && shape != tool {
		return nil
	}
	all, err := activitiesAmong(items)
	if err != nil {
		return err
	}
	for _, a := range all {
		names := a.Methods
		if shape == tool {
			names = a.Tools
		}
		if slices.ContainsFunc(names, func(n string) bool { return fold(n) == fold(v.Name) }) {
			v.Used = append(v.Used, web.Link{Path: itemPath(a.ID), Text: a.Title})
		}
	}
	return nil
}

// known is the page of a method or a tool by its name, "" if none is kept.
func (v *itemView) known(shape *Shape, name string) string { return v.Known[shape.Name+fold(name)] }

// origin says where an item was imported from, and whether it was changed since.
func origin(ctx context.Context, it *gate.Item) string {
	p := it.View.Provenance
	if p.Source != gate.Imported {
		return ""
	}
	said := i18n.T(ctx, "musette.origin", "file", p.File, "day", i18n.FullDay(ctx, p.At))
	if it.Version > 1 {
		said += " " + i18n.T(ctx, "musette.origin.changed")
	}
	return said
}

// past says what each version changed, newest first; the first of all is not there:
// it changed nothing.
func (say *speech) past(now thing, items []gate.Item) ([]version, error) {
	after := now
	var all []version
	for i := range items {
		before, err := say.thing(&items[i])
		if err != nil {
			return nil, err
		}
		var names []string
		for _, c := range changes(before.Lines, after.Lines) {
			names = append(names, strings.ToLower(c.Label))
		}
		all = append(all, version{Number: before.Version, At: after.UpdatedAt, Changed: i18n.List(say.ctx, names...)})
		after = before
	}
	return all, nil
}

// long are the lines that are told at length, below the facts.
func (t *thing) long() []line {
	return slices.DeleteFunc(slices.Clone(t.Lines), func(l line) bool { return !l.Long || l.Text == "" })
}

// facts are the short lines but the title.
func (t *thing) facts() []web.Fact {
	var all []web.Fact
	for _, l := range t.Lines {
		if l.Long || l.Name == "title" || l.Text == "" {
			continue
		}
		f := web.Fact{Term: l.Label, Text: l.Text}
		if isLink(l.Text) {
			f.Body = outside(l.Text)
		}
		all = append(all, f)
	}
	return all
}

func (s *Service) editItem(w http.ResponseWriter, r *http.Request) error {
	switch id := itemID(r); {
	case has(id, activityPrefix):
		return s.editActivity(w, r, id)
	case has(id, piecePrefix):
		return s.editPiece(w, r, id)
	case has(id, letterPrefix):
		return s.editLetter(w, r, id)
	default:
		return s.editEntry(w, r, id)
	}
}

func (s *Service) saveItem(w http.ResponseWriter, r *http.Request) error {
	switch id := itemID(r); {
	case has(id, activityPrefix):
		return s.saveActivity(w, r, id)
	case has(id, piecePrefix):
		return s.savePiece(w, r, id)
	case has(id, letterPrefix):
		return s.saveLetter(w, r, id)
	default:
		return s.saveEntry(w, r, id)
	}
}

// deleteView is the question before something is deleted.
type deleteView struct {
	thing
	Versions int
	Pieces   int
	Files    int // pieces that are files
}

func (s *Service) askDelete(w http.ResponseWriter, r *http.Request) error {
	return s.deletePage(w, r, http.StatusOK)
}

func (s *Service) deletePage(w http.ResponseWriter, r *http.Request, status int) error {
	ctx, id := r.Context(), itemID(r)
	now, past, err := s.History(ctx, id)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	t, err := newSpeech(ctx, pack).thing(&now)
	if err != nil {
		return err
	}
	v := deleteView{thing: t, Versions: len(past)}
	if has(id, activityPrefix) {
		pieces, err := s.PiecesOf(ctx, id)
		if err != nil {
			return err
		}
		v.Pieces = len(pieces)
	}
	page := inside(i18n.T(ctx, "musette.delete.title", "name", t.Name), web.Link{Path: itemPath(id), Text: t.Name})
	page.Refused = status != http.StatusOK
	return web.Render(w, r, status, web.Layout(page, deletePage(v, status == http.StatusConflict)))
}

func (s *Service) deleteItem(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	id := itemID(r)
	number, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil || number < 1 {
		return errStale.Because(err)
	}
	up := home
	switch shape := shapeOf(id); {
	case has(id, activityPrefix):
		err = s.RemoveActivity(ctx, id, number, form.Get("with_pieces") == "1")
	case has(id, piecePrefix):
		up, err = piecesAt, s.RemovePiece(ctx, id, number)
	case has(id, letterPrefix):
		up, err = lettersAt, s.RemoveLetter(ctx, id, number)
	case shape != nil:
		up, err = keptPath+"/"+shape.Name, s.RemoveEntry(ctx, id, number)
	default:
		return errNoItem
	}
	if errors.Is(err, errStale) {
		return s.deletePage(w, r, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, up, "musette.deleted")
}

func versionNumber(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil || n < 1 {
		return 0, errNoVersion
	}
	return n, nil
}

func (s *Service) showVersion(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), itemID(r)
	number, err := versionNumber(r)
	if err != nil {
		return err
	}
	now, was, err := s.Was(ctx, id, number)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	say := newSpeech(ctx, pack)
	after, err := say.thing(&now)
	if err != nil {
		return err
	}
	before, err := say.thing(&was)
	if err != nil {
		return err
	}
	page := inside(i18n.T(ctx, "musette.version.title", "day", i18n.FullDay(ctx, was.UpdatedAt)), web.Link{Path: itemPath(id), Text: after.Name})
	page.Lede = i18n.T(ctx, "musette.version.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, versionPage(before, after, changes(before.Lines, after.Lines))))
}

func (s *Service) restoreVersion(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	id := itemID(r)
	number, err := versionNumber(r)
	if err != nil {
		return err
	}
	current, err := strconv.ParseInt(form.Get("current"), 10, 64)
	if err != nil {
		return errStale.Because(err)
	}
	if err := s.Restore(ctx, id, number, current); err != nil {
		return err
	}
	return web.SeeOther(w, r, itemPath(id), "musette.restored")
}

// splitLines cuts a text at its line ends.
func splitLines(text string) []string { return strings.Split(text, "\n") }

// splitParagraphs cuts a text at its empty lines.
func splitParagraphs(text string) []string {
	var all []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.Trim(p, "\n"); strings.TrimSpace(p) != "" {
			all = append(all, p)
		}
	}
	return all
}

// steps are the lines of a recipe, one a step.
func steps(text string) []string {
	return entries(text, "\n")
}

// openTo says to whom a pass is open, and until when.
func openTo(ctx context.Context, g gate.Grant) string {
	until := i18n.FullDay(ctx, g.Until)
	switch {
	case g.To.Link:
		return i18n.T(ctx, "musette.shown.link", "until", until)
	case g.ToName == "":
		return i18n.T(ctx, "musette.shown.left", "until", until)
	}
	return i18n.T(ctx, "musette.shown.to", "name", g.ToName, "until", until)
}
