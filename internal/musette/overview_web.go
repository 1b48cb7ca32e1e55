package musette

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/timeline"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// rowMost is how many activities one page lists.
const rowMost = 200

func (s *Service) showOverview(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, err := filterOf(q)
	if err != nil {
		return err
	}
	return s.overview(w, r, look{Filter: f, AsTable: q.Get("as") == "table", After: q.Get("after")})
}

// look is how somebody wants to see her musette.
type look struct {
	Filter  Filter
	AsTable bool
	After   string // cursor
	Year    string // as typed
	Refused web.Refusals
}

// searchOverview takes the filters. What is not a person's word goes into the
// address, so that the page can be kept; a word never does.
func (s *Service) searchOverview(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	l := look{AsTable: form.Get("as") == "table", Year: strings.TrimSpace(form.Get("year"))}
	if l.Year != "" {
		form.Set("from", l.Year)
		form.Set("to", l.Year)
	}
	l.Filter, err = filterOf(form)
	l.Filter.Words = strings.TrimSpace(form.Get("words"))
	if l.Refused = web.Refused(errors.Join(err, text("words", l.Filter.Words, lineMost))); len(l.Refused) > 0 {
		l.Filter.From, l.Filter.To = 0, 0
		return s.overview(w, r, l)
	}
	pack, err := s.pack(r.Context())
	if err != nil {
		return err
	}
	if _, known := pack.terms[vocStatuses+"/"+l.Filter.Status]; l.Filter.Words == "" && (l.Filter.Status == "" || known) {
		return web.SeeOther(w, r, home+l.Filter.query(l.AsTable))
	}
	return s.overview(w, r, l)
}

var errYear = kernel.NewFault(kernel.Invalid, "musette.year.form").On("year")

// filterOf reads everything of a filter but its words.
func filterOf(q url.Values) (f Filter, err error) {
	f = Filter{Kind: Kind(q.Get("kind")), Status: q.Get("status"), Paid: q.Get("paid")}
	if f.Kind != "" && !IsActivity(string(f.Kind)) {
		return f, errKind
	}
	if f.Paid != "yes" && f.Paid != "no" {
		f.Paid = ""
	}
	for name, year := range map[string]*int{"from": &f.From, "to": &f.To} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1000 || n > 9999 {
			return f, errYear
		}
		*year = n
	}
	return f, nil
}

// query is the filter as the query of an address; it holds no words.
func (f Filter) query(asTable bool) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" {
			q.Set(name, value)
		}
	}
	set("kind", string(f.Kind))
	set("status", f.Status)
	set("paid", f.Paid)
	set("from", strconv.Itoa(f.From))
	set("to", strconv.Itoa(f.To))
	if asTable {
		q.Set("as", "table")
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// overviewView is what the first page of the room shows.
type overviewView struct {
	*Overview
	Rows     []row
	Undated  []row
	Chart    *timeline.Chart
	Caption  string
	Statuses []web.Option
	Kinds    []web.Option
	Zooms    []zoom
	look
	Next  string // path of what follows, "" at the end
	Doors Doors
}

// row is one activity of the list. It is said when it is written, in the reader's
// language.
type row struct {
	*Activity
	say    *speech
	n      int    // its place in the page, from 1
	pieces int    // how many it has
	facts  string // said in place of its own facts, if any
}

// zoom is one step closer, or back.
type zoom struct {
	Path, Text, Said string
	Current          bool
}

func (s *Service) overview(w http.ResponseWriter, r *http.Request, l look) error {
	ctx, f := r.Context(), l.Filter
	o, err := s.Overview(ctx, f)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	v := overviewView{Overview: o, look: l, Doors: s.Doors}
	from, err := s.from(o.Shown, l.After)
	if err != nil {
		return err
	}
	say := newSpeech(ctx, pack)
	page := o.Shown[from:min(len(o.Shown), from+rowMost)]
	if from+rowMost < len(o.Shown) {
		v.Next = home + f.query(l.AsTable)
		v.Next += sep(v.Next) + "after=" + s.cursor(page[len(page)-1])
	}
	if f.Words != "" { // a list found by a word has no address of its own
		v.Next = ""
	}
	rows := say.rows(page, o.Pieces)
	dated := slices.IndexFunc(page, func(a *Activity) bool { return a.start == 0 })
	if dated < 0 {
		dated = len(page)
	}
	v.Rows, v.Undated = rows[:dated], rows[dated:]
	v.draw(say, from)
	v.options(ctx, say)
	lay := s.frame(ctx, i18n.T(ctx, "musette.title"))
	lay.Lede, lay.Refused = lede(ctx, o), len(l.Refused) > 0
	return web.Render(w, r, l.Refused.Status(), web.Layout(lay, overviewPage(&v)))
}

func sep(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

// from is where in a sorted list what follows a cursor begins.
func (s *Service) from(all []*Activity, cursor string) (int, error) {
	after, err := s.place(cursor)
	if err != nil || after == nil {
		return 0, err
	}
	return following(all, after), nil
}

func lede(ctx context.Context, o *Overview) string {
	switch {
	case o.Total == 0:
		return ""
	case o.First == 0:
		return i18n.N(ctx, "musette.lede.undated", o.Total)
	}
	return i18n.N(ctx, "musette.lede", o.Total, "year", o.First, "ongoing", i18n.N(ctx, "musette.lede.ongoing", o.Ongoing))
}

// draw prepares the timeline. A bar leads to its line in the list when it is on this
// page, otherwise to the activity.
func (v *overviewView) draw(say *speech, from int) {
	drawn := v.Drawn()
	if len(drawn) == 0 {
		return
	}
	today := timeline.DayOf(v.Today)
	bars := make([]timeline.Bar, len(drawn))
	for i, a := range drawn {
		bars[i] = a.bar(today)
		bars[i].Note = say.note(a)
		if n := i - from; n >= 0 && n < len(v.Rows) {
			bars[i].Href = "#" + v.Rows[n].anchor()
		} else {
			bars[i].Href = itemPath(a.ID)
		}
	}
	w := v.Window(bars)
	v.Chart = timeline.New(bars, w, timeline.Words{
		Title:  i18n.N(say.ctx, "musette.chart", len(drawn), "from", w.From.Year(), "to", w.To.Year()),
		Months: shortMonths(say.ctx),
	})
	if dated := len(v.Shown) - v.Overview.Undated; dated > len(drawn) {
		v.Caption = i18n.N(say.ctx, "musette.chart.most", dated-len(drawn), "max", barMost)
	}
}

// options are the choices of the filter and the steps of the zoom.
func (v *overviewView) options(ctx context.Context, say *speech) {
	v.Kinds = []web.Option{{Text: i18n.T(ctx, "musette.filter.all")}}
	for _, k := range Kinds {
		v.Kinds = append(v.Kinds, web.Option{Value: string(k), Text: say.kind(k), Chosen: k == v.look.Filter.Kind})
	}
	v.Statuses = []web.Option{{Text: i18n.T(ctx, "musette.filter.all")}}
	for _, st := range v.Overview.Statuses {
		v.Statuses = append(v.Statuses, web.Option{Value: st, Text: say.status(st), Chosen: st == v.look.Filter.Status})
	}
	if v.look.Filter.Words != "" {
		return
	}
	at := v.look.Filter
	if at.From != 0 || at.To != 0 {
		all := at
		all.From, all.To = 0, 0
		v.Zooms = append(v.Zooms, zoom{Path: home + all.query(v.AsTable), Text: i18n.T(ctx, "musette.zoom.all"), Said: i18n.T(ctx, "musette.zoom.all")})
	}
	if at.From != 0 && at.From == at.To {
		up := at
		up.From, up.To = at.From/10*10, at.From/10*10+9
		v.Zooms = append(v.Zooms, v.zoom(ctx, up))
	}
	for _, span := range v.Overview.Zooms() {
		f := at
		f.From, f.To = span.From, span.To
		v.Zooms = append(v.Zooms, v.zoom(ctx, f))
	}
}

func (v *overviewView) zoom(ctx context.Context, f Filter) zoom {
	z := zoom{Path: home + f.query(v.AsTable), Text: strconv.Itoa(f.From), Current: f == v.look.Filter}
	if f.To != f.From {
		z.Text += "–" + strconv.Itoa(f.To)
	}
	z.Said = i18n.T(ctx, "musette.zoom.to", "years", z.Text)
	return z
}

// path is this page shown the other way.
func (v *overviewView) other() string { return home + v.look.Filter.query(!v.AsTable) }

func (v *overviewView) year() string {
	if len(v.Refused) > 0 {
		return v.Year
	}
	if v.look.Filter.From != 0 && v.look.Filter.From == v.look.Filter.To {
		return strconv.Itoa(v.look.Filter.From)
	}
	return ""
}

var drawings = sync.Pool{New: func() any { return new([]byte) }}

// drawing is the timeline at one size.
func drawing(c *timeline.Chart, size timeline.Size) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b := drawings.Get().(*[]byte) //nolint:forcetypeassert // the pool's own
		*b = c.Append((*b)[:0], size)
		_, err := w.Write(*b)
		drawings.Put(b)
		return err
	})
}

// provenance is the mark of an item.
func provenance(p gate.Provenance) web.Provenance {
	switch p.Source {
	case gate.Imported:
		return web.Imported
	case gate.Attested:
		return web.Peers
	}
	return web.Told
}

// oneKey is what a found thing is, in a word.
func (f Found) oneKey() string {
	if f.Shape == nil {
		return "musette.piece.one_of"
	}
	return f.Shape.OneKey
}
