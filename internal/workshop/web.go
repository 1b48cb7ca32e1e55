package workshop

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// Frames gives pages their place inside an expedition, and requests the guest code
// their browser holds.
type Frames interface {
	Enter(r *http.Request) *http.Request
	Page(ctx context.Context, id kernel.ExpeditionID, title string) (web.Page, error)
}

// Pages registers the HTML routes: those of who leads, inside the expedition, and those
// of whoever sits at a table.
func (s *Service) Pages(m *web.Mux) {
	page := func(pattern string, h web.Handler) {
		m.Page(pattern, func(w http.ResponseWriter, r *http.Request) error { return h(w, s.enter(r)) })
	}
	page("GET /expeditions/{id}/tables", s.listTables)
	page("POST /expeditions/{id}/tables", s.openTable)
	page("GET /expeditions/{id}/tables/{table}", s.showDesk)
	page("POST /expeditions/{id}/tables/{table}/move", s.moveTable)
	page("POST /expeditions/{id}/tables/{table}/close", s.closeTable)
	page("POST /expeditions/{id}/tables/{table}/minutes", s.saveMinutes)
	page("POST /expeditions/{id}/tables/{table}/paper", s.enterPaper)
	page("POST /expeditions/{id}/tables/{table}/carry/{idea}", s.carryIdea)
	page("POST /expeditions/{id}/tables/{table}/handover", s.handOver)
	page("GET /expeditions/{id}/tables/{table}/print", s.printTable)
	page("GET /expeditions/{id}/tables/{table}/file", s.giveTable)
	page("GET /tables/join", s.askCode)
	page("POST /tables/join", s.takeCode)
	page("GET /tables/{table}", s.showSeat)
	page("POST /tables/{table}/seat", s.takeSeat)
	page("POST /tables/{table}/entries", s.saveEntries)
	page("POST /tables/{table}/ideas", s.keepIdea)
	page("POST /tables/{table}/dots", s.saveDots)
	page("POST /tables/{table}/forget", s.forgetSeat)
	page("GET /tables/{table}/desk/{key}", s.takeDesk)
	page("GET /tables/{table}/live", s.live)
}

const (
	keyCookie  = "table_key"  // holds the seats of a browser
	deskCookie = "table_desk" // leads the table that was handed over
	keyDays    = 30
)

// enter gives a request what its browser holds: a guest code of the expedition, a
// desk's key.
func (s *Service) enter(r *http.Request) *http.Request {
	r = s.Frames.Enter(r)
	if c, err := r.Cookie(deskCookie); err == nil {
		r = r.WithContext(WithDesk(r.Context(), c.Value))
	}
	return r
}

// key is the key of a browser, "" when it has none.
func key(r *http.Request) string {
	c, err := r.Cookie(keyCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *Service) setCookie(w http.ResponseWriter, name, value string, days int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: days * 86400, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

func idOf(r *http.Request) kernel.ExpeditionID { return kernel.ExpeditionID(r.PathValue("id")) }

// Path is the page of the tables of an expedition, or of one of them.
func Path(id kernel.ExpeditionID, rest ...string) string {
	p := "/expeditions/" + url.PathEscape(string(id)) + "/tables"
	for _, r := range rest {
		p += "/" + url.PathEscape(r)
	}
	return p
}

func seatPath(table string, rest ...string) string {
	p := "/tables/" + url.PathEscape(table)
	for _, r := range rest {
		p += "/" + url.PathEscape(r)
	}
	return p
}

func again(form url.Values) templ.Component {
	if form == nil {
		return web.SubmitOnce()
	}
	return web.SubmitAgain(form.Get("idempotency_key"))
}

// act reads a form, does what it asks for, and goes to.
func act(w http.ResponseWriter, r *http.Request, to, said string, do func(ctx context.Context, form url.Values) error) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := do(r.Context(), form); err != nil {
		return err
	}
	return web.SeeOther(w, r, to, said)
}

func number(form url.Values, name string) int64 {
	n, err := strconv.ParseInt(form.Get(name), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

type listView struct {
	ID        kernel.ExpeditionID
	Tables    []Table
	Actors    []Card
	Scenarios []Card
	May       bool
	Form      url.Values
	Refused   web.Refusals
}

func (s *Service) listTables(w http.ResponseWriter, r *http.Request) error {
	return s.renderList(w, r, nil, nil)
}

func (s *Service) renderList(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	v := listView{ID: id, Form: form, Refused: refused, May: s.Expeditions.May(ctx, id, edit) == nil}
	var err error
	if v.Tables, err = s.Tables(ctx, id); err != nil {
		return err
	}
	if v.Actors, err = s.Expeditions.Cards(ctx, id, "actor"); err != nil {
		return err
	}
	if v.Scenarios, err = s.Expeditions.Cards(ctx, id, "scenario"); err != nil {
		return err
	}
	if form == nil {
		v.Form = url.Values{"roles": {rolesOf(v.Actors)}}
	}
	page, err := s.Frames.Page(ctx, id, i18n.T(ctx, "workshop.title"))
	if err != nil {
		return err
	}
	page.Lede, page.Refused = i18n.T(ctx, "workshop.lede"), len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(page, listPage(v)))
}

// rolesOf proposes the actors of the expedition as roles.
func rolesOf(actors []Card) string {
	var b strings.Builder
	for _, a := range actors[:min(len(actors), mostRoles)] {
		b.WriteString(strings.ReplaceAll(a.Title, ":", ",") + "\n")
	}
	return b.String()
}

// scriptOf is the script of a table of 45 minutes, in the language of who opens it.
func scriptOf(ctx context.Context) []Step {
	var script []Step
	for _, s := range []struct {
		key     string
		minutes int
		phase   Phase
	}{{"welcome", 5, Gather}, {"silent", 10, Silent}, {"reveal", 10, Reveal}, {"argue", 8, Reveal}, {"revise", 5, Revise}, {"keep", 7, Revise}} {
		script = append(script, Step{Title: i18n.T(ctx, "workshop.script."+s.key), Words: i18n.T(ctx, "workshop.script."+s.key+".words"), Minutes: s.minutes, Phase: s.phase})
	}
	return script
}

func (s *Service) openTable(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	made, err := s.Open(r.Context(), idOf(r), Draft{
		Name: form.Get("name"), Scenario: form.Get("scenario"), Roles: form.Get("roles"), Stakes: form.Get("stakes"), Named: form.Get("named") == "yes", Script: scriptOf(r.Context()),
	})
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderList(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path(idOf(r), made), "workshop.opened")
}

type deskView struct {
	Board   Board
	Lead    bool
	Code    string
	Join    string // the address a phone opens
	Desk    string // the address that hands the table over, just made
	Form    url.Values
	Refused web.Refusals
}

func (s *Service) showDesk(w http.ResponseWriter, r *http.Request) error {
	return s.renderDesk(w, r, "", nil, nil)
}

func (s *Service) renderDesk(w http.ResponseWriter, r *http.Request, desk string, form url.Values, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	t, err := s.lead(ctx, s.DB.Read(), id, r.PathValue("table"))
	v := deskView{Desk: desk, Form: form, Refused: refused, Lead: err == nil}
	if err != nil && (t.ID == "" || t.Expedition != id) {
		return err
	}
	if v.Board, err = s.Board(ctx, t.ID, ""); err != nil {
		return err
	}
	if v.Lead {
		if v.Code, err = s.Code(t); err != nil {
			return err
		}
		v.Join = s.Base + "/tables/join?code=" + v.Code
	}
	page, err := s.Frames.Page(ctx, id, t.Name)
	if err != nil && deskOf(ctx) != "" && v.Lead {
		page, err = web.Page{Title: t.Name, Room: "expedition"}, nil // a desk handed over to somebody outside
	}
	if err != nil {
		return err
	}
	page.Live, page.Refused = true, len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(page, deskPage(v, s.drawn(ctx, v.Board))))
}

func (s *Service) moveTable(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, Path(idOf(r), r.PathValue("table")), "workshop.moved", func(ctx context.Context, form url.Values) error {
		return s.Move(ctx, idOf(r), r.PathValue("table"), Phase(form.Get("phase")), int(number(form, "step")), number(form, "version"))
	})
}

func (s *Service) closeTable(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, Path(idOf(r), r.PathValue("table")), "workshop.ended", func(ctx context.Context, _ url.Values) error {
		return s.Close(ctx, idOf(r), r.PathValue("table"))
	})
}

func (s *Service) saveMinutes(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.Write(r.Context(), idOf(r), r.PathValue("table"), form.Get("minutes"), number(form, "version"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderDesk(w, r, "", form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path(idOf(r), r.PathValue("table")), "workshop.kept")
}

func (s *Service) enterPaper(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.EnterPaper(r.Context(), idOf(r), r.PathValue("table"), form.Get("role"), entriesIn(form))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderDesk(w, r, "", form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path(idOf(r), r.PathValue("table")), "workshop.typed")
}

func (s *Service) carryIdea(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, Path(idOf(r), r.PathValue("table")), "workshop.carried", func(ctx context.Context, _ url.Values) error {
		return s.Carry(ctx, idOf(r), r.PathValue("table"), r.PathValue("idea"))
	})
}

func (s *Service) handOver(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	desk, err := s.HandOver(r.Context(), idOf(r), r.PathValue("table"))
	if err != nil {
		return err
	}
	return s.renderDesk(w, r, s.Base+seatPath(r.PathValue("table"), "desk", desk), nil, nil)
}

// takeDesk keeps a desk's key in the browser that opened its address.
func (s *Service) takeDesk(w http.ResponseWriter, r *http.Request) error {
	t, err := s.TakeDesk(r.Context(), r.PathValue("table"), r.PathValue("key"))
	if err != nil {
		return err
	}
	s.setCookie(w, deskCookie, r.PathValue("key"), 2)
	return web.SeeOther(w, r, Path(t.Expedition, t.ID), "workshop.yours")
}

func (s *Service) printTable(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), idOf(r)
	t, err := s.lead(ctx, s.DB.Read(), id, r.PathValue("table"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Layout(web.Page{Title: t.Name, Room: "expedition", Up: web.Link{Path: Path(id, t.ID), Text: t.Name}}, printPage(t)))
}

// giveTable writes what a table said, at any moment: what is not revealed is not in it.
func (s *Service) giveTable(w http.ResponseWriter, r *http.Request) error {
	t, err := tableOf(s, r)
	if err != nil {
		return err
	}
	b, err := s.Board(r.Context(), t.ID, "")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="table.json"`)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(Record(b))
}

// tableOf is a table of the expedition in the address.
func tableOf(s *Service, r *http.Request) (Table, error) {
	all, err := s.Tables(r.Context(), idOf(r))
	if err != nil {
		return Table{}, err
	}
	for _, t := range all {
		if t.ID == r.PathValue("table") {
			return t, nil
		}
	}
	return Table{}, errNoTable
}

func (s *Service) askCode(w http.ResponseWriter, r *http.Request) error {
	return renderJoin(w, r, r.URL.Query().Get("code"), nil)
}

func renderJoin(w http.ResponseWriter, r *http.Request, typed string, refused web.Refusals) error {
	page := web.Page{Title: i18n.T(r.Context(), "workshop.join.title"), Lede: i18n.T(r.Context(), "workshop.join.lede"), Room: "expedition", Refused: len(refused) > 0}
	return web.Render(w, r, refused.Status(), web.Layout(page, joinPage(typed, refused)))
}

func (s *Service) takeCode(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	table, err := s.Join(r.Context(), web.ClientKey(r.Context()), form.Get("code"))
	if refused := web.Refused(err); len(refused) > 0 {
		return renderJoin(w, r, form.Get("code"), refused)
	}
	if err != nil {
		return err
	}
	// The browser holds the code until it has a seat: it may look at the table.
	s.setCookie(w, "table_code", cleanCode(form.Get("code")), 1)
	return web.SeeOther(w, r, seatPath(table), "")
}

type seatView struct {
	Table   Table
	Mine    *Mine
	Board   Board
	Form    url.Values
	Refused web.Refusals
}

func (s *Service) showSeat(w http.ResponseWriter, r *http.Request) error {
	return s.renderSeat(w, r, nil, nil)
}

// seated loads a table for a browser that sits there, or holds its code.
func (s *Service) seated(r *http.Request) (Table, *Mine, error) {
	table := r.PathValue("table")
	if k := key(r); k != "" {
		t, mine, err := s.Mine(r.Context(), table, k)
		if err == nil {
			return t, &mine, nil
		}
		if kernel.KindOf(err) != kernel.NotFound {
			return t, nil, err
		}
	}
	c, err := r.Cookie("table_code")
	if err != nil {
		return Table{}, nil, errNoTable
	}
	t, err := s.Opened(r.Context(), table, c.Value)
	return t, nil, err
}

func (s *Service) renderSeat(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	t, mine, err := s.seated(r)
	if err != nil {
		return err
	}
	v := seatView{Table: t, Mine: mine, Form: form, Refused: refused}
	if mine != nil {
		if v.Board, err = s.board(ctx, s.DB.Read(), t, mine.Seat.ID); err != nil {
			return err
		}
	}
	page := web.Page{Title: t.Name, Room: "expedition", Live: mine != nil, Refused: len(refused) > 0}
	return web.Render(w, r, refused.Status(), web.Layout(page, seatPage(v, s.drawn(ctx, v.Board))))
}

func (s *Service) takeSeat(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if _, _, err := s.seated(r); err != nil {
		return err
	}
	k := key(r)
	if k == "" {
		k = NewKey()
		s.setCookie(w, keyCookie, k, keyDays)
	}
	err = s.Sit(r.Context(), r.PathValue("table"), k, form.Get("role"), form.Get("seat_name"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderSeat(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, seatPath(r.PathValue("table")), "workshop.seated")
}

// entriesIn reads the fields position.STAKE, pressure.ROLE and words of a form. A
// field left empty says nothing.
func entriesIn(form url.Values) []Entry {
	var all []Entry
	for name := range form {
		kind, target, _ := strings.Cut(name, ".")
		value := strings.TrimSpace(form.Get(name))
		switch Kind(kind) {
		case Position, Pressure:
			if value == "" {
				continue
			}
			n, err := strconv.Atoi(value)
			if err != nil {
				n = 99 // refused with the field's name
			}
			all = append(all, Entry{Kind: Kind(kind), Target: target, Value: n})
		case Words:
			all = append(all, Entry{Kind: Words, Words: value})
		}
	}
	return all
}

func (s *Service) saveEntries(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.Enter(r.Context(), r.PathValue("table"), key(r), entriesIn(form))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderSeat(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, seatPath(r.PathValue("table")), "workshop.entered")
}

func (s *Service) keepIdea(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	table, to := r.PathValue("table"), seatPath(r.PathValue("table"))
	fromDesk := form.Get("desk") != ""
	if fromDesk {
		to = Path(kernel.ExpeditionID(form.Get("desk")), table)
	}
	err = s.Keep(r.Context(), table, key(r), form.Get("idea"))
	if refused := web.Refused(err); len(refused) > 0 && !fromDesk {
		return s.renderSeat(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, to, "workshop.kept")
}

func (s *Service) saveDots(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, seatPath(r.PathValue("table")), "workshop.kept", func(ctx context.Context, form url.Values) error {
		chosen := map[string]bool{}
		for _, idea := range form["dots"] {
			chosen[idea] = true
		}
		for _, idea := range form["seen"] {
			if err := s.Dot(ctx, r.PathValue("table"), key(r), idea, chosen[idea]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) forgetSeat(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := s.Forget(r.Context(), r.PathValue("table"), key(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/tables/join", "workshop.forgotten")
}

// live sends the board each time it changes, until the table closes: 204 tells the
// browser that nothing more will come.
func (s *Service) live(w http.ResponseWriter, r *http.Request) error {
	table := r.PathValue("table")
	if b, err := s.Board(r.Context(), table, key(r)); err != nil {
		return err
	} else if b.Phase == Closed {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	changed := s.Live.Subscribe(r.Context(), table)
	return web.Live(w, r, changed, func(ctx context.Context, after string) ([]web.News, error) {
		b, err := s.Board(ctx, table, key(r))
		if err != nil {
			return nil, err
		}
		turn := strconv.FormatInt(b.Turn, 10)
		if turn == after {
			return nil, nil
		}
		return []web.News{{ID: turn, Body: s.drawn(ctx, b)}}, nil
	})
}

// drawn is the board as it looks, the same for everybody in a language: it is drawn
// once for each turn of the table.
func (s *Service) drawn(ctx context.Context, b Board) templ.Component {
	if b.ID == "" {
		return templ.NopComponent
	}
	name := b.ID + " " + i18n.Lang(ctx)
	s.boards.mu.Lock()
	last, ok := s.boards.last[name]
	s.boards.mu.Unlock()
	if ok && last.turn == b.Turn {
		return written(last.html)
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var buf bytes.Buffer
		if err := boardPart(b).Render(ctx, &buf); err != nil {
			return err
		}
		s.boards.mu.Lock()
		if s.boards.last == nil || len(s.boards.last) >= mostBoards {
			s.boards.last = map[string]drawnBoard{}
		}
		s.boards.last[name] = drawnBoard{b.Turn, buf.String()}
		s.boards.mu.Unlock()
		_, err := w.Write(buf.Bytes())
		return err
	})
}

func written(html string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, html)
		return err
	})
}
