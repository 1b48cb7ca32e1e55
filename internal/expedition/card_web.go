package expedition

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) cardPages(page func(string, web.Handler)) {
	page("GET /expeditions/{id}/new/{kind}", s.newCard)
	page("POST /expeditions/{id}/new/{kind}", s.addCard)
	page("GET /expeditions/{id}/cards/{card}", s.showCard)
	page("GET /expeditions/{id}/cards/{card}/edit", s.editCard)
	page("POST /expeditions/{id}/cards/{card}", s.saveCard)
	page("GET /expeditions/{id}/cards/{card}/remove", s.askRemove)
	page("POST /expeditions/{id}/cards/{card}/remove", s.removeCard)
	page("POST /expeditions/{id}/cards/{card}/move", s.moveCard)
	page("POST /expeditions/{id}/cards/{card}/release", s.releaseOwn)
	page("POST /expeditions/{id}/cards/{card}/remarks", s.addRemark)
	page("GET /expeditions/{id}/cards/{card}/history", s.showHistory)
	page("POST /expeditions/{id}/cards/{card}/history/{version}", s.restoreCard)
	page("GET /expeditions/{id}/walk/{card}", s.showWalk)
}

// one is the book of a page and the card it is about.
func (s *Service) one(r *http.Request) (*Book, *Card, error) {
	b, err := s.open(r)
	if err != nil {
		return nil, nil, err
	}
	c := b.Card(r.PathValue("card"))
	if c == nil || KindOf(c.Kind) == nil {
		return nil, nil, errNoCard
	}
	return b, c, nil
}

// entryOf reads the form of a card: its fields and ties by their names.
func entryOf(k *Kind, form url.Values) Entry {
	e := Entry{Title: form.Get("title"), Fields: map[string]string{}, Ties: map[string][]string{}, Circle: kernel.CircleID(form.Get("circle"))}
	for _, f := range k.Fields {
		if f.Input != Hidden {
			e.Fields[f.Name] = form.Get(f.Name)
		}
	}
	for _, t := range k.Ties {
		e.Ties[t.Name] = form["tie."+t.Name]
	}
	return e
}

// formOf is the form of a card as it stands.
func formOf(c *Card) url.Values {
	form := url.Values{"title": {c.Title}}
	for name, v := range c.Fields {
		form.Set(name, v)
	}
	for name, targets := range c.Ties {
		form["tie."+name] = targets
	}
	return form
}

func (s *Service) newCard(w http.ResponseWriter, r *http.Request) error {
	return s.renderNew(w, r, nil, nil)
}

// offered is a kind that people may add by its form.
func offered(name string) (*Kind, error) {
	k := KindOf(name)
	if k == nil || k.Shut {
		return nil, errNoKind
	}
	return k, nil
}

func (s *Service) renderNew(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	b, err := s.open(r)
	if err != nil {
		return err
	}
	k, err := offered(r.PathValue("kind"))
	if err != nil {
		return err
	}
	if err := s.May(ctx, b.ID, k.Add); err != nil {
		return err
	}
	if form == nil {
		form = r.URL.Query() // ties may be given by the link that led here
	}
	v, err := s.formView(ctx, b, k, nil, form, refused)
	if err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.kind."+k.Name+".add"))
	p.Refused, p.Index = len(refused) > 0, false
	return web.Render(w, r, refused.Status(), web.Layout(p, cardForm(v)))
}

// cardFormView is the form of a card, new when Card is nil.
type cardFormView struct {
	Book    *Book
	Kind    *Kind
	Card    *Card
	Form    url.Values
	Offer   map[string][]Item // of sibling contexts, by the name of their part
	Circles []Circle          // the card may be private to
	Refused web.Refusals
}

func (s *Service) formView(ctx context.Context, b *Book, k *Kind, c *Card, form url.Values, refused web.Refusals) (cardFormView, error) {
	v := cardFormView{Book: b, Kind: k, Card: c, Form: form, Offer: map[string][]Item{}, Refused: refused}
	if k.Own && c == nil {
		var err error
		if v.Circles, err = s.circles(ctx, b.Circles); err != nil {
			return v, err
		}
	}
	if !slices.ContainsFunc(k.Ties, func(t Tie) bool { return t.Parts }) {
		return v, nil
	}
	for _, p := range s.Parts {
		items, err := p.Items(ctx, b.ID, nil)
		if err != nil {
			return v, err
		}
		v.Offer[p.Name()] = items
	}
	return v, nil
}

// action is where the form is posted.
func (v cardFormView) action() string {
	if v.Card == nil {
		return path(v.Book.ID, "new", v.Kind.Name)
	}
	return path(v.Book.ID, "cards", v.Card.ID)
}

// options are the cards and items a tie may lead to.
func (v cardFormView) options(ctx context.Context, t Tie) []web.Option {
	chosen := v.Form["tie."+t.Name]
	var all []web.Option
	add := func(id, text string) {
		all = append(all, web.Option{Value: id, Text: text, Chosen: slices.Contains(chosen, id)})
	}
	for _, kind := range t.To {
		for _, c := range v.Book.Of(kind) {
			if v.Card != nil && c.ID == v.Card.ID {
				continue
			}
			text := c.Title
			if len(t.To) > 1 {
				text = term(ctx, i18n.T(ctx, "expedition.kind."+kind)) + " " + text
			}
			add(c.ID, text)
		}
	}
	if !t.Parts {
		return all
	}
	for _, target := range chosen { // kept even when it is not among those offered
		if it, ok := v.Book.Item(target); ok && !v.offers(target) {
			add(target, term(ctx, it.Kind)+" "+it.Title)
		}
	}
	for name, items := range v.Offer {
		for _, it := range items {
			add(name+":"+it.ID, term(ctx, it.Kind)+" "+it.Title)
		}
	}
	return all
}

func (v cardFormView) offers(target string) bool {
	for name, items := range v.Offer {
		if slices.ContainsFunc(items, func(it Item) bool { return name+":"+it.ID == target }) {
			return true
		}
	}
	return false
}

func (s *Service) addCard(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	k, err := offered(r.PathValue("kind"))
	if err != nil {
		return err
	}
	card, err := s.Add(r.Context(), idOf(r), k.Name, entryOf(k, form))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderNew(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", card), "expedition.card.added")
}

func (s *Service) showCard(w http.ResponseWriter, r *http.Request) error {
	return s.renderCard(w, r, nil, nil)
}

func (s *Service) renderCard(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	b, c, err := s.one(r)
	if err != nil {
		return err
	}
	by, err := s.writer(ctx, b, c)
	if err != nil {
		return err
	}
	special, err := s.special(r, b, c)
	if err != nil {
		return err
	}
	p := frame(ctx, b, c.Title)
	p.Up = web.Link{Path: path(b.ID, KindOf(c.Kind).Page), Text: i18n.T(ctx, "expedition.page."+KindOf(c.Kind).Page)}
	p.Under, p.Refused = cardMarks(b, c), len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(p, cardPage(b, c, by, special, form, refused)))
}

// writer is the name of who wrote a card last; "" where nobody is to be named.
func (s *Service) writer(ctx context.Context, b *Book, c *Card) (string, error) {
	if c.By == "" || !b.May(Speak) {
		return "", nil
	}
	names, err := s.People.Names(ctx, []kernel.PersonID{c.By})
	return names[c.By], err
}

func (s *Service) editCard(w http.ResponseWriter, r *http.Request) error {
	return s.renderEdit(w, r, nil, nil)
}

func (s *Service) renderEdit(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	b, c, err := s.one(r)
	if err != nil {
		return err
	}
	if !b.Mine(ctx, c) {
		return s.mayNot(ctx, b)
	}
	if form == nil {
		form = formOf(c)
	}
	v, err := s.formView(ctx, b, KindOf(c.Kind), c, form, refused)
	if err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.card.edit.title", "title", c.Title))
	p.Up = web.Link{Path: path(b.ID, "cards", c.ID), Text: c.Title}
	p.Refused, p.Index = len(refused) > 0, false
	return web.Render(w, r, refused.Status(), web.Layout(p, cardForm(v)))
}

// mayNot is why a card cannot be changed by who may read it.
func (s *Service) mayNot(ctx context.Context, b *Book) error {
	if err := s.May(ctx, b.ID, Edit); err != nil {
		return err
	}
	return errRole
}

func (s *Service) saveCard(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	_, c, err := s.one(r)
	if err != nil {
		return err
	}
	err = s.Change(ctx, idOf(r), c.ID, version(form), entryOf(KindOf(c.Kind), form))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderEdit(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", c.ID), "expedition.card.saved")
}

func (s *Service) askRemove(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, c, err := s.one(r)
	if err != nil {
		return err
	}
	if !b.Mine(ctx, c) {
		return s.mayNot(ctx, b)
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.card.remove.title", "title", c.Title))
	p.Up, p.Index = web.Link{Path: path(b.ID, "cards", c.ID), Text: c.Title}, false
	return web.Render(w, r, http.StatusOK, web.Layout(p, removePage(b, c)))
}

func (s *Service) removeCard(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	_, c, err := s.one(r)
	if err != nil {
		return err
	}
	if err := s.Remove(r.Context(), idOf(r), c.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), KindOf(c.Kind).Page), "expedition.card.removed")
}

func (s *Service) moveCard(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, c, err := s.one(r)
	if err != nil {
		return err
	}
	if err := s.Move(r.Context(), idOf(r), c.ID, form.Get("down") != ""); err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), KindOf(c.Kind).Page), "expedition.card.moved")
}

func (s *Service) releaseOwn(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	card := r.PathValue("card")
	if err := s.Release(r.Context(), idOf(r), card); err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", card), "expedition.card.released")
}

func (s *Service) addRemark(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	card := r.PathValue("card")
	_, err = s.Add(r.Context(), idOf(r), "remark", Entry{
		Fields: map[string]string{"text": form.Get("text")}, Ties: map[string][]string{"about": {card}},
	})
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderCard(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", card), "expedition.remark.added")
}

func (s *Service) showHistory(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, c, err := s.one(r)
	if err != nil {
		return err
	}
	past, err := s.Past(ctx, b, c.ID)
	if err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.history.title", "title", c.Title))
	p.Up, p.Index = web.Link{Path: path(b.ID, "cards", c.ID), Text: c.Title}, false
	return web.Render(w, r, http.StatusOK, web.Layout(p, historyPage(b, c, past)))
}

func (s *Service) restoreCard(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	past, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil {
		return errNoCard.Because(err)
	}
	card := r.PathValue("card")
	err = s.Restore(r.Context(), idOf(r), card, past, version(form))
	if errors.Is(err, errMoved) {
		err = errStale // there is no field to come back to
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", card), "expedition.card.restored")
}

func (s *Service) showWalk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, c, err := s.one(r)
	if err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.walk.of", "title", c.Title))
	p.Up = web.Link{Path: path(b.ID, "cards", c.ID), Text: c.Title}
	p.Lede = i18n.T(ctx, "expedition.walk.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(p, walkPage(b, b.Walk(c))))
}

// nameOr is a name, or the words for somebody who has left.
func nameOr(ctx context.Context, name string) string {
	if name == "" {
		return i18n.T(ctx, "expedition.left")
	}
	return name
}

// fieldID keeps ids of fields apart from those of the page.
func tieField(t Tie) string { return "tie." + t.Name }

// stepCounts says how much stands on a page.
func stepCounts(ctx context.Context, b *Book, step string) string {
	var parts []string
	for _, k := range KindsOn(step) {
		if n := len(b.Of(k.Name)); n > 0 {
			parts = append(parts, i18n.N(ctx, "expedition.kind."+k.Name+".n", n))
		}
	}
	if len(parts) == 0 {
		return i18n.T(ctx, "expedition.step.empty")
	}
	return strings.Join(parts, ", ")
}

// summary is a line about a card in a list.
func summary(ctx context.Context, c *Card) string {
	for _, name := range []string{"slogan", "alias", "one_side", "author", "date", "question", "problem", "hypothesis", "text", "acts", "gains"} {
		v := c.Fields[name]
		switch {
		case v == "" || (KindOf(c.Kind).Said && KindOf(c.Kind).Fields[0].Name == name):
			continue
		case name == "one_side":
			return v + " / " + c.Fields["other_side"]
		case name == "date":
			return i18n.Date(ctx, kernel.Date(v))
		}
		if r := []rune(oneLine(v)); len(r) > 220 {
			return string(r[:220]) + "…"
		}
		return v
	}
	return ""
}
