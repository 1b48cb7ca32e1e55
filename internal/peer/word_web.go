package peer

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// wordsView is the first page: what was said, and what was asked.
type wordsView struct {
	Words []Received
	Open  []Request
	Past  []Request
	Asked []gate.Errand
}

func (s *Service) showWords(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v wordsView
	var err error
	if v.Words, err = s.Words(ctx); err != nil {
		return err
	}
	requests, err := s.Requests(ctx)
	if err != nil {
		return err
	}
	for _, q := range requests {
		if q.Open() {
			v.Open = append(v.Open, q)
		} else {
			v.Past = append(v.Past, q)
		}
	}
	if v.Asked, err = s.AskedOfMe(ctx); err != nil {
		return err
	}
	page := s.frame(ctx, i18n.T(ctx, "peer.words.title"), i18n.T(ctx, "peer.words.lede"))
	return web.Render(w, r, http.StatusOK, web.Layout(page, wordsPage(v)))
}

func (s *Service) showWord(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	word, err := s.Word(ctx, itemOf(r))
	if err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "peer.word.title", "name", word.Name), "", home, "peer.nav.words")
	return web.Render(w, r, http.StatusOK, web.Layout(page, wordPage(word, s.Verify)))
}

// takeCredential hands out the signed form of a word, as a file any verifier reads.
func (s *Service) takeCredential(w http.ResponseWriter, r *http.Request) error {
	raw, err := s.Credential(r.Context(), itemOf(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vc+ld+json")
	w.Header().Set("Content-Disposition", `attachment; filename="recommendation.json"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // a reader who left needs no answer
	return nil
}

func (s *Service) askDiscard(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	word, err := s.Word(ctx, itemOf(r))
	if err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "peer.discard.title", "name", word.Name), "", at("words", word.ID, ""), "peer.word.back")
	return web.Render(w, r, http.StatusOK, web.Layout(page, web.Confirm(web.Confirmation{
		DoesIcon: "warn", DoesTitle: i18n.T(ctx, "peer.discard.does"),
		Does:      []string{i18n.T(ctx, "peer.discard.does.gone"), i18n.T(ctx, "peer.discard.does.faces")},
		KeepsIcon: "lock", KeepsTitle: i18n.T(ctx, "peer.discard.keeps"),
		Keeps:  []string{i18n.T(ctx, "peer.discard.keeps.author")},
		Action: at("words", word.ID, "/delete"), Do: i18n.T(ctx, "peer.discard.do"), Stop: true,
		Instead: web.Link{Path: at("words", word.ID, ""), Text: i18n.T(ctx, "peer.discard.not")},
	})))
}

func (s *Service) discardWord(w http.ResponseWriter, r *http.Request) error {
	if err := s.Discard(r.Context(), itemOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, home, "peer.discard.done")
}

func (s *Service) showWritten(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	words, err := s.Wrote(ctx)
	if err != nil {
		return err
	}
	asked, err := s.AskedOfMe(ctx)
	if err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "peer.written.title"), i18n.T(ctx, "peer.written.lede"), home, "peer.nav.words")
	return web.Render(w, r, http.StatusOK, web.Layout(page, writtenPage(words, asked)))
}

func (s *Service) askRevoke(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	word, err := s.WroteOne(ctx, itemOf(r))
	if err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "peer.revoke.title"), "", writtenPath, "peer.nav.written")
	return web.Render(w, r, http.StatusOK, web.Layout(page, revokePage(word, at("written", word.ID, "/revoke"), writtenPath)))
}

func (s *Service) revokeWord(w http.ResponseWriter, r *http.Request) error {
	if err := s.Revoke(r.Context(), itemOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, writtenPath, "peer.revoke.done")
}

func (s *Service) askRevokeAll(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	words, err := s.Wrote(ctx)
	if err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "peer.revoke.all"), "", writtenPath, "peer.nav.written")
	c := revocation(ctx, i18n.N(ctx, "peer.revoke.all.does", stillStand(words)), writtenPath+"/revoke", writtenPath)
	return web.Render(w, r, http.StatusOK, web.Layout(page, web.Confirm(c)))
}

func (s *Service) revokeAll(w http.ResponseWriter, r *http.Request) error {
	if err := s.RevokeAll(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, writtenPath, "peer.revoke.done")
}

// stillStand counts the words that were not taken back.
func stillStand(words []Written) int {
	n := 0
	for _, w := range words {
		if w.Revoked.IsZero() {
			n++
		}
	}
	return n
}

// revocation asks before words are taken back; told is what their subjects learn.
func revocation(ctx context.Context, told, action, back string) web.Confirmation {
	return web.Confirmation{
		DoesIcon: "warn", DoesTitle: i18n.T(ctx, "peer.revoke.does"),
		Does:      []string{i18n.T(ctx, "peer.revoke.does.status"), i18n.T(ctx, "peer.revoke.does.faces"), told},
		KeepsIcon: "lock", KeepsTitle: i18n.T(ctx, "peer.revoke.keeps"),
		Keeps:  []string{i18n.T(ctx, "peer.revoke.keeps.copy"), i18n.T(ctx, "peer.revoke.keeps.why")},
		Action: action, Do: i18n.T(ctx, "peer.revoke.do"), Stop: true,
		Instead: web.Link{Path: back, Text: i18n.T(ctx, "peer.revoke.not")},
	}
}

// aboutName is the name of a person, or what stands for one who has left.
func aboutName(ctx context.Context, name string) string {
	if name == "" {
		return i18n.T(ctx, "peer.somebody_left")
	}
	return name
}

// periodSaid is when it was; "" when nobody said.
func periodSaid(ctx context.Context, s Said) string {
	if s.Start == "" && s.End == "" {
		return ""
	}
	return i18n.Period(ctx, s.Start, s.End)
}

// weightFacts are what a reader weighs a word by, each with its name.
func weightFacts(ctx context.Context, s Said, both bool) []web.Fact {
	facts := []web.Fact{
		{Term: i18n.T(ctx, "peer.fact.who"), Text: s.Name},
		{Term: i18n.T(ctx, "peer.fact.relation"), Text: s.Relation},
		{Term: i18n.T(ctx, "peer.fact.when"), Text: periodSaid(ctx, s)},
		{Term: i18n.T(ctx, "peer.fact.sight"), Text: i18n.T(ctx, "peer.sight."+string(s.Sight))},
		{Term: i18n.T(ctx, "peer.fact.identity"), Text: s.known(ctx)},
	}
	if both {
		facts = append(facts, web.Fact{Term: i18n.T(ctx, "peer.fact.both"), Text: i18n.T(ctx, "peer.both")})
	}
	if len(s.Competences) > 0 {
		facts = append(facts, web.Fact{Term: i18n.T(ctx, "peer.fact.competences"), Text: i18n.List(ctx, names(s.Competences)...)})
	}
	return facts
}

func names(all []Competence) []string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = c.Name
	}
	return texts
}

// grantPath is where somebody answers who was asked by name.
func grantPath(id kernel.GrantID) string { return home + "/asked/" + string(id) }

// wordLine is one line about a word: how, on what, when.
func wordLine(ctx context.Context, w Received) string {
	parts := []string{w.Relation}
	if w.Title != "" {
		parts = append(parts, w.Title)
	}
	return strings.Join(append(parts, i18n.FullDay(ctx, w.At)), " · ")
}

func writtenLine(ctx context.Context, w Written) string {
	said := []string{i18n.T(ctx, "peer.sight."+string(w.Sight)), w.known(ctx)}
	if w.Both {
		said = append(said, i18n.T(ctx, "peer.both"))
	}
	return i18n.FullDay(ctx, w.At) + " · " + strings.Join(said, " ")
}

// wordFacts adds to the weight of a word what it is about.
func wordFacts(ctx context.Context, w Received) []web.Fact {
	facts := weightFacts(ctx, w.Said, w.Both)
	if w.Title != "" {
		facts = append(facts, web.Fact{Term: i18n.T(ctx, "peer.fact.activity"), Text: w.Title})
	}
	return append(facts, web.Fact{Term: i18n.T(ctx, "peer.fact.at"), Text: i18n.FullDay(ctx, w.At)})
}

// revokePath is where a word is taken back: in the rooms, or on a guest's page.
func revokePath(base string, id kernel.ItemID) string {
	if base == home {
		return at("written", id, "/revoke")
	}
	return base + "/words/" + url.PathEscape(string(id)) + "/revoke"
}
