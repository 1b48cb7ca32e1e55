package gate

import (
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// Pages are the room: what is open, who looked, the faces, and what visitors see.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /portillon", s.showGate)
	m.Page("GET /portillon/journal", s.showJournal)
	m.Page("GET /portillon/journal.csv", s.takeJournal)
	m.Page("GET /portillon/profile", s.showProfile)
	m.Page("POST /portillon/profile", s.saveProfile)
	m.Page("GET /portillon/faces", s.showFaces)
	m.Page("GET /portillon/faces/new", s.newFace)
	m.Page("POST /portillon/faces", s.saveNewFace)
	m.Page("POST /portillon/faces/preview", s.previewFace)
	m.Page("GET /portillon/faces/{id}", s.editFace)
	m.Page("POST /portillon/faces/{id}", s.saveFace)
	m.Page("POST /portillon/faces/{id}/delete", s.dropFace)
	m.Page("GET /portillon/grants/new", s.newGrant)
	m.Page("POST /portillon/grants", s.saveGrant)
	m.Page("GET /portillon/grants/{id}", s.showGrant)
	m.Page("POST /portillon/grants/{id}/withdraw", s.withdraw)
	m.Page("POST /portillon/grants/{id}/accept", s.accept)
	m.Page("GET /portillon/grants/{id}/receipt", s.takeReceipt)
	m.Page("GET /portillon/received", s.showToMe)
	m.Page("GET /portillon/received/{id}", s.showReceived)
	m.Page("GET /portillon/received/{id}/pieces/{piece}", s.takeReceivedPiece)
	s.countPages(m)
	m.Page("GET /s/{token}", s.visit)
	m.Page("GET /s/{token}/pieces/{piece}", s.takePiece)
}

func subnav(ctx context.Context) []web.Link {
	return []web.Link{
		{Path: "/portillon", Text: i18n.T(ctx, "gate.nav.open")},
		{Path: "/portillon/faces", Text: i18n.T(ctx, "gate.nav.faces")},
		{Path: "/portillon/profile", Text: i18n.T(ctx, "gate.nav.profile")},
		{Path: "/portillon/received", Text: i18n.T(ctx, "gate.received")},
		{Path: "/portillon/counts", Text: i18n.T(ctx, "gate.counts.title")},
		{Path: "/portillon/journal", Text: i18n.T(ctx, "gate.nav.journal")},
	}
}

func frame(ctx context.Context, title, lede string) web.Page {
	return web.Page{Title: title, Lede: lede, Room: "portillon", Subnav: subnav(ctx)}
}

// gateView is what the first page of the room shows.
type gateView struct {
	Open, Past []Grant
	Received   []Received
	Lent       []Errand // to me
	Counts     []Count  // open, and not answered yet
	Lines      []web.Line
	Now        time.Time
}

func (s *Service) showGate(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	grants, err := s.Grants(ctx)
	if err != nil {
		return err
	}
	v := gateView{Now: s.DB.Now()}
	for _, g := range grants {
		if g.Open(v.Now) {
			v.Open = append(v.Open, g)
		} else {
			v.Past = append(v.Past, g)
		}
	}
	if v.Received, v.Lent, err = s.toMe(ctx); err != nil {
		return err
	}
	if v.Counts, err = s.waitingCounts(ctx); err != nil {
		return err
	}
	lines, _, err := s.Journal(ctx, "", 10)
	if err != nil {
		return err
	}
	v.Lines = said(ctx, lines, grants)
	return web.Render(w, r, http.StatusOK, web.Layout(frame(ctx, i18n.T(ctx, "gate.title"), i18n.T(ctx, "gate.lede")), gatePage(v)))
}

// toMe lists what others show the actor, and what they lend her.
func (s *Service) toMe(ctx context.Context) ([]Received, []Errand, error) {
	shown, err := s.ShownToMe(ctx)
	if err != nil {
		return nil, nil, err
	}
	lent, err := s.LoansToMe(ctx, "")
	return shown, lent, err
}

// waitingCounts lists the open counts the actor has not answered.
func (s *Service) waitingCounts(ctx context.Context) ([]Count, error) {
	counts, err := s.Counts(ctx, "")
	now := s.DB.Now()
	return slices.DeleteFunc(counts, func(c Count) bool { return c.State != CountOpen || c.Over(now) || c.Mine != "" }), err
}

func (s *Service) showToMe(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	shown, lent, err := s.toMe(ctx)
	if err != nil {
		return err
	}
	page := frame(ctx, i18n.T(ctx, "gate.received"), i18n.T(ctx, "gate.received.lede"))
	return web.Render(w, r, http.StatusOK, web.Layout(page, receivedPage(shown, lent)))
}

// said puts the journal into sentences.
func said(ctx context.Context, lines []Line, grants []Grant) []web.Line {
	names := map[kernel.GrantID]string{}
	for _, g := range grants {
		names[g.ID] = nameOf(ctx, g)
	}
	var all []web.Line
	for _, l := range lines {
		all = append(all, web.Line{At: l.Last, Said: lineSaid(l, names[l.Grant]), Refused: l.What == whatRefused})
	}
	return all
}

func (s *Service) showJournal(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	lines, next, err := s.Journal(ctx, r.URL.Query().Get("cursor"), 50)
	if err != nil {
		return err
	}
	grants, err := s.Grants(ctx)
	if err != nil {
		return err
	}
	page := frame(ctx, i18n.T(ctx, "gate.journal.title"), i18n.T(ctx, "gate.journal.lede"))
	return web.Render(w, r, http.StatusOK, web.Layout(page, journalPage(said(ctx, lines, grants), next)))
}

// takeJournal gives the whole journal as a file, written line by line.
func (s *Service) takeJournal(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := s.Own(ctx); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="journal.csv"`)
	return s.WriteJournal(ctx, csv.NewWriter(w))
}

// WriteJournal writes the actor's journal, newest first, with a head.
func (s *Service) WriteJournal(ctx context.Context, out *csv.Writer) error {
	if err := out.Write([]string{"first_at", "last_at", "count", "grant", "who", "what"}); err != nil {
		return err
	}
	for cursor := ""; ; {
		lines, next, err := s.Journal(ctx, cursor, 200)
		if err != nil {
			return err
		}
		for _, l := range lines {
			who := l.Name
			if !l.somebody() {
				who = l.Who
			}
			row := []string{l.First.Format(time.RFC3339), l.Last.Format(time.RFC3339), strconv.FormatInt(l.Count, 10), string(l.Grant), cell(who), l.What}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			out.Flush()
			return out.Error()
		}
	}
}

// WriteGrants writes what the actor opened, newest first, with a head.
func (s *Service) WriteGrants(ctx context.Context, out *csv.Writer) error {
	grants, err := s.Grants(ctx)
	if err != nil {
		return err
	}
	if err := out.Write([]string{"id", "face", "to", "purpose", "made_at", "until", "withdrawn_at", "looks", "room", "lent"}); err != nil {
		return err
	}
	for _, g := range grants {
		to, withdrawn := g.ToName, ""
		if g.To.Link {
			to = whoLink
		}
		if !g.Withdrawn.IsZero() {
			withdrawn = g.Withdrawn.Format(time.RFC3339)
		}
		row := []string{string(g.ID), cell(g.FaceName), cell(to), cell(g.Purpose), g.Made.Format(time.RFC3339), g.Until.Format(time.RFC3339), withdrawn, strconv.FormatInt(g.Looks, 10), g.Room, cell(strings.Join(g.Lent, "; "))}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell keeps a spreadsheet from running what a person chose as her name.
func cell(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t' || s[0] == '\r') {
		return "'" + s
	}
	return s
}

func (s *Service) showProfile(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Profile(r.Context())
	if err != nil {
		return err
	}
	return s.profileForm(w, r, http.StatusOK, p, nil, "")
}

func (s *Service) profileForm(w http.ResponseWriter, r *http.Request, code int, p Profile, refused web.Refusals, key string) error {
	ctx := r.Context()
	page := frame(ctx, i18n.T(ctx, "gate.profile.title"), i18n.T(ctx, "gate.profile.lede"))
	page.Refused = len(refused) > 0
	return web.Render(w, r, code, web.Layout(page, profilePage(p, refused, key)))
}
