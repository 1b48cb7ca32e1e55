package expedition

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/foresight"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

// Method is how a vote is counted.
type Method string

// The methods.
const (
	Approval  Method = "approval"  // each ballot approves as many options as it likes
	Judgement Method = "judgement" // each ballot gives every option a grade: majority judgement
)

// Grades of majority judgement, from 0, the worst.
const gradeCount = 5

const (
	mostLinks   = 1000 // of one vote
	mostAtOnce  = 200  // links made by one request
	mostOptions = 60
	stepSize    = 5 // new ballots before counts are published again
)

// Vote is a secret ballot on scenarios.
type Vote struct {
	ID         string
	Expedition kernel.ExpeditionID
	Question   string
	Method     Method
	Steps      bool // counts are published at each five new ballots too, not only at closing
	Options    []Option
	Seed       string // breaks ties; shown before the first ballot
	Published  *Tally // nil until counts are published
	Result     string // the card that closed it; "" while it is open
}

// Option is a scenario as it was when the vote opened.
type Option struct {
	Card   string `json:"card"`
	Title  string `json:"title"`
	Slogan string `json:"slogan,omitempty"`
}

// Tally is the counts of ballots: for approval one number an option, for judgement
// one for each grade, from the worst.
type Tally struct {
	Ballots int     `json:"ballots"`
	Counts  [][]int `json:"counts"`
}

// Turnout is what only who leads sees while a vote is open.
type Turnout struct{ Links, Spent int }

var (
	errNoVote      = kernel.NewFault(kernel.NotFound, "expedition.vote.not_found")
	errVoteMethod  = kernel.NewFault(kernel.Invalid, "expedition.vote.method").On("method")
	errVoteOptions = kernel.NewFault(kernel.Invalid, "expedition.vote.options").On("options").With("max", mostOptions)
	errVoteName    = kernel.NewFault(kernel.Invalid, "expedition.title.missing").On("question")
	errVoteLong    = kernel.NewFault(kernel.Invalid, "expedition.too_long").On("question").With("max", maxTitle)
	errLinks       = kernel.NewFault(kernel.Invalid, "expedition.vote.links").On("links").With("max", mostAtOnce)
	errManyLinks   = kernel.NewFault(kernel.Invalid, "expedition.vote.links.many").On("links").With("max", mostLinks)
	errSpent       = kernel.NewFault(kernel.Gone, "expedition.vote.spent")
	errShut        = kernel.NewFault(kernel.Gone, "expedition.vote.shut")
	errBallot      = kernel.NewFault(kernel.Invalid, "expedition.vote.ballot")
	errKeep        = kernel.NewFault(kernel.Invalid, "expedition.vote.keep").On("keep")
)

// VoteDraft is what is typed of a vote.
type VoteDraft struct {
	Question string
	Method   Method
	Steps    bool
	Options  []string // ids of scenarios
}

// OpenVote opens a vote on scenarios, for who leads. The seed that will break ties is
// drawn now and shown from the first page on.
func (s *Service) OpenVote(ctx context.Context, id kernel.ExpeditionID, d VoteDraft) (string, error) {
	b, err := s.Open(ctx, id)
	if err != nil {
		return "", err
	}
	if err := s.May(ctx, id, Lead); err != nil {
		return "", err
	}
	v, err := d.vote(b)
	if err != nil {
		return "", err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, err := s.enter(ctx, tx, id, Lead); err != nil {
			return "", err
		}
		v.ID = kernel.NewID[string]("vot", tx.Now)
		return v.ID, insertVote(ctx, tx, v, tx.Now)
	})
}

func (d VoteDraft) vote(b *Book) (Vote, error) {
	v := Vote{Expedition: b.ID, Question: oneLine(d.Question), Method: d.Method, Steps: d.Steps, Seed: rand.Text()}
	var wrong []error
	if v.Question == "" {
		wrong = append(wrong, errVoteName)
	}
	if utf8.RuneCountInString(v.Question) > maxTitle {
		wrong = append(wrong, errVoteLong)
	}
	if d.Method != Approval && d.Method != Judgement {
		wrong = append(wrong, errVoteMethod)
	}
	for _, c := range b.Of("scenario") {
		if slices.Contains(d.Options, c.ID) {
			v.Options = append(v.Options, Option{c.ID, c.Title, c.Fields["slogan"]})
		}
	}
	if len(v.Options) < 2 || len(v.Options) > mostOptions {
		wrong = append(wrong, errVoteOptions)
	}
	return v, errors.Join(wrong...)
}

// Votes lists the votes of an expedition to who may read it, newest first.
func (s *Service) Votes(ctx context.Context, b *Book) ([]Vote, error) {
	if b.Sample() {
		return nil, nil
	}
	return votesOf(ctx, s.DB.Read(), b.ID)
}

// Vote gives a vote to who may read its expedition; turnout to who leads.
func (s *Service) Vote(ctx context.Context, b *Book, vote string) (Vote, Turnout, error) {
	v, err := voteByID(ctx, s.DB.Read(), b.ID, vote)
	if err != nil || !b.May(Lead) {
		return v, Turnout{}, err
	}
	links, err := linksOf(ctx, s.DB.Read(), vote)
	t := Turnout{Links: len(links)}
	for _, l := range links {
		if l.spent {
			t.Spent++
		}
	}
	return v, t, err
}

// MakeLinks makes links that each take one ballot. They are given once: only their
// digests are kept.
func (s *Service) MakeLinks(ctx context.Context, id kernel.ExpeditionID, vote string, n int) ([]string, error) {
	if n < 1 || n > mostAtOnce {
		return nil, errLinks
	}
	var urls []string
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		urls = nil // a transaction may be tried again
		v, err := s.openVote(ctx, tx, id, vote)
		if err != nil {
			return err
		}
		links, err := linksOf(ctx, tx, v.ID)
		if err != nil {
			return err
		}
		if len(links)+n > mostLinks {
			return errManyLinks
		}
		for range n {
			token, digest := secret.NewToken()
			links = append(links, link{linkText(digest), false})
			urls = append(urls, strings.TrimSuffix(s.Base, "/")+"/s/vote/"+token.Reveal())
		}
		return writeLinks(ctx, tx, v.ID, links)
	})
	return urls, err
}

// openVote is a vote that who leads may still act on, with its turn taken.
func (s *Service) openVote(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, vote string) (Vote, error) {
	if _, _, err := s.enter(ctx, tx, id, Lead); err != nil {
		return Vote{}, err
	}
	if err := voteTurn(ctx, tx, vote); err != nil {
		return Vote{}, err
	}
	v, err := voteByID(ctx, tx, id, vote)
	if err == nil && v.Result != "" {
		err = errShut
	}
	return v, err
}

func linkText(digest []byte) string { return base64.RawURLEncoding.EncodeToString(digest) }

// Booth is a vote as the bearer of a link sees it.
type Booth struct {
	Vote
	Name  string // of the expedition
	Spent bool
}

// Booth shows a vote to the bearer of a link; client is who asks, for the limit.
// NotFound for a link that never was.
func (s *Service) Booth(ctx context.Context, client, token string) (Booth, error) {
	vote, spent, err := voteByLink(ctx, s.DB.Read(), linkText(secret.Digest(token)))
	if errors.Is(err, errNoVote) { // a whole room may vote from one address: only misses count
		err = cmp.Or(s.knock(client), err)
	}
	if err != nil {
		return Booth{}, err
	}
	v, err := anyVote(ctx, s.DB.Read(), vote)
	if err != nil {
		return Booth{}, err
	}
	names, err := expeditionNames(ctx, s.DB.Read(), []kernel.ExpeditionID{v.Expedition})
	return Booth{v, names[v.Expedition], spent}, err
}

// Cast puts a ballot in and spends the link, for whoever holds it. Nothing that names
// both is written: no time, no key of the request, no event. A link that comes back
// after its ballot gets Gone and changes nothing.
//
// choices are the grades of judgement in the order of the options, or for approval 1
// for each option approved.
func (s *Service) Cast(ctx context.Context, token string, choices []int) error {
	digest := linkText(secret.Digest(token))
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		vote, _, err := voteByLink(ctx, tx, digest)
		if err != nil {
			return err
		}
		if err := voteTurn(ctx, tx, vote); err != nil {
			return err
		}
		v, err := anyVote(ctx, tx, vote)
		if err != nil {
			return err
		}
		if v.Result != "" {
			return errShut
		}
		ballot, err := v.ballot(choices)
		if err != nil {
			return err
		}
		if err := spend(ctx, tx, vote, digest); err != nil {
			return err
		}
		ballots, err := ballotsOf(ctx, tx, vote)
		if err != nil {
			return err
		}
		ballots = append(ballots, ballot)
		slices.Sort(ballots)
		if err := writeBallots(ctx, tx, vote, ballots); err != nil {
			return err
		}
		return v.publishStep(ctx, tx, ballots)
	})
}

// spend marks a link as spent, writing all links of the vote again in their order.
func spend(ctx context.Context, tx *db.Tx, vote, digest string) error {
	links, err := linksOf(ctx, tx, vote)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(links, func(l link) bool { return l.digest == digest })
	if i < 0 || links[i].spent {
		return errSpent
	}
	links[i].spent = true
	return writeLinks(ctx, tx, vote, links)
}

// ballot is the text that is kept of choices: the same for all who choose the same.
func (v Vote) ballot(choices []int) (string, error) {
	if len(choices) != len(v.Options) {
		return "", errBallot
	}
	most := 1
	if v.Method == Judgement {
		most = gradeCount - 1
	}
	parts := make([]string, len(choices))
	for i, c := range choices {
		if c < 0 || c > most {
			return "", errBallot
		}
		parts[i] = strconv.Itoa(c)
	}
	return strings.Join(parts, ","), nil
}

// publishStep publishes counts when five ballots have come since the last time.
func (v Vote) publishStep(ctx context.Context, tx *db.Tx, ballots []string) error {
	last := 0
	if v.Published != nil {
		last = v.Published.Ballots
	}
	if !v.Steps || len(ballots) < last+stepSize {
		return nil
	}
	t, err := v.tally(ballots)
	if err != nil {
		return err
	}
	return publish(ctx, tx, v.ID, t, "")
}

// tally counts ballots.
func (v Vote) tally(ballots []string) (Tally, error) {
	t := Tally{Ballots: len(ballots), Counts: make([][]int, len(v.Options))}
	for i := range t.Counts {
		t.Counts[i] = make([]int, 1)
		if v.Method == Judgement {
			t.Counts[i] = make([]int, gradeCount)
		}
	}
	for _, b := range ballots {
		parts := strings.Split(b, ",")
		if len(parts) != len(v.Options) {
			return t, fmt.Errorf("a ballot of vote %s has %d choices", v.ID, len(parts))
		}
		for i, p := range parts {
			n, err := strconv.Atoi(p)
			if err != nil || n < 0 || v.Method == Judgement && n >= gradeCount {
				return t, fmt.Errorf("a ballot of vote %s cannot be read", v.ID)
			}
			if v.Method == Judgement {
				t.Counts[i][n]++
			} else {
				t.Counts[i][0] += n
			}
		}
	}
	return t, nil
}

// Ranked is an option with its place.
type Ranked struct {
	Option
	Place  int
	Drawn  bool  // only the draw separates it from a neighbour
	Counts []int // approvals, or ballots for each grade from the worst
	Grade  int   // of judgement: the majority grade
}

// Rank orders the options of a vote by its tally, ties drawn by the published seed.
func Rank(method Method, options []Option, t Tally, seed string) ([]Ranked, error) {
	if t.Ballots == 0 {
		return nil, nil
	}
	names := make([]string, len(options))
	for i, o := range options {
		names[i] = o.Title + " (" + o.Card + ")"
	}
	var standings []foresight.Standing
	var grades []int
	if method == Judgement {
		out, err := foresight.MajorityJudgement(foresight.MajorityVote{Options: names, Grades: gradeCount, Counts: t.Counts, Ballots: t.Ballots, Seed: seed})
		if err != nil {
			return nil, err
		}
		standings, grades = out.Ranking, out.Grade
	} else {
		approvals := make([]int, len(t.Counts))
		for i, c := range t.Counts {
			approvals[i] = c[0]
		}
		var err error
		if standings, err = foresight.Approval(foresight.ApprovalVote{Options: names, Approvals: approvals, Ballots: t.Ballots, Seed: seed}); err != nil {
			return nil, err
		}
	}
	all := make([]Ranked, len(standings))
	for i, st := range standings {
		all[i] = Ranked{Option: options[st.Option], Place: st.Place, Drawn: st.Drawn, Counts: t.Counts[st.Option]}
		if grades != nil {
			all[i].Grade = grades[st.Option]
		}
	}
	return all, nil
}

// Ranking orders the options by the counts that are published; nil before.
func (v Vote) Ranking() ([]Ranked, error) {
	if v.Published == nil {
		return nil, nil
	}
	return Rank(v.Method, v.Options, *v.Published, v.Seed)
}

// CloseVote ends a vote: the counts are published, and a card keeps the ranking, the
// first keep scenarios as kept, the others as left aside.
func (s *Service) CloseVote(ctx context.Context, id kernel.ExpeditionID, vote string, keep int) (string, error) {
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		v, err := s.openVote(ctx, tx, id, vote)
		if err != nil {
			return "", err
		}
		if keep < 0 || keep > len(v.Options) {
			return "", errKeep
		}
		ballots, err := ballotsOf(ctx, tx, vote)
		if err != nil {
			return "", err
		}
		t, err := v.tally(ballots)
		if err != nil {
			return "", err
		}
		e, err := v.result(t, keep, tx.Now)
		if err != nil {
			return "", err
		}
		heads, err := cardHeads(ctx, tx, id)
		if err != nil {
			return "", err
		}
		for name, targets := range e.Ties { // a scenario removed meanwhile has its place in the counts only
			e.Ties[name] = slices.DeleteFunc(targets, func(c string) bool { return heads[c].kind != "scenario" })
		}
		card, err := s.AddIn(ctx, tx, id, "result", e)
		if err != nil {
			return "", err
		}
		return card, publish(ctx, tx, vote, t, card)
	})
}

// result is the card that keeps a closed vote.
func (v Vote) result(t Tally, keep int, now time.Time) (Entry, error) {
	ranked, err := Rank(v.Method, v.Options, t, v.Seed)
	if err != nil {
		return Entry{}, err
	}
	counts, err := json.Marshal(struct {
		Options []Option `json:"options"`
		Tally
	}{v.Options, t})
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Title: v.Question, Ties: map[string][]string{}, Fields: map[string]string{
		"method": string(v.Method), "ballots": strconv.Itoa(t.Ballots), "counts": string(counts), "seed": v.Seed, "date": now.Format(time.DateOnly),
	}}
	for i, r := range ranked {
		e.Ties["ranking"] = append(e.Ties["ranking"], r.Card)
		if i < keep {
			e.Ties["kept"] = append(e.Ties["kept"], r.Card)
		} else {
			e.Ties["rejected"] = append(e.Ties["rejected"], r.Card)
		}
	}
	return e, nil
}

// Outcome reads a result card back into its ranking; nil when only the names of what
// was kept are known.
func (c *Card) Outcome() ([]Ranked, error) {
	if c.Fields["counts"] == "" {
		return nil, nil
	}
	var kept struct {
		Options []Option `json:"options"`
		Tally
	}
	if err := json.Unmarshal([]byte(c.Fields["counts"]), &kept); err != nil {
		return nil, fmt.Errorf("counts of result %s: %w", c.ID, err)
	}
	return Rank(Method(c.Fields["method"]), kept.Options, kept.Tally, c.Fields["seed"])
}

// atoi is a number of a form; 0, which no form takes for one, if it is none.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
