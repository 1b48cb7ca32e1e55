package expedition

import (
	"errors"
	"fmt"
	urlpath "path"
	"slices"
	"strings"
	"sync"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// ballot opens a vote on so many scenarios and gives tokens of its links.
func (w *town) vote(t testing.TB, d VoteDraft, scenarios, links int) (id kernel.ExpeditionID, vote string, tokens []string) {
	t.Helper()
	id = w.of(t, "nurses", Private)
	for i := range scenarios {
		d.Options = append(d.Options, w.add(t, id, "scenario", fmt.Sprintf("Scénario %d", i+1)))
	}
	d.Question = "Lesquels garder ?"
	vote, err := w.OpenVote(w.as(t, "ada"), id, d)
	if err != nil {
		t.Fatal(err)
	}
	urls, err := w.MakeLinks(w.as(t, "ada"), id, vote, links)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range urls {
		tokens = append(tokens, urlpath.Base(u))
	}
	return id, vote, tokens
}

// raw reads the rows of a table in the order in which they lie.
func (w *town) raw(t *testing.T, sqlite, postgres string) []string {
	t.Helper()
	query := sqlite
	if w.DB.Dialect == db.Postgres {
		query = postgres
	}
	rows, err := db.All(t.Context(), w.DB.Read(), db.Scan[string], query)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Whoever reads the tables learns how many voted and what was voted, and nothing that
// ties one to the other: the order of rows follows their content, on both engines,
// whatever the order in which people came.
func TestABallotAndItsLinkHaveNothingInCommon(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		_, _, tokens := w.vote(t, VoteDraft{Method: Approval}, 3, 12)
		choices := [][]int{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 0}, {0, 1, 1}, {1, 0, 1}, {0, 0, 0}, {1, 1, 1}, {0, 1, 0}}
		for i, c := range choices {
			r, err := once.New(fmt.Sprintf("key-%d", i), "POST /s/vote")
			if err != nil {
				t.Fatal(err)
			}
			ctx := once.With(w.as(t, "bob"), r) // a request that carries a key leaves no record of it
			if err := w.Cast(ctx, tokens[i], c); err != nil {
				t.Fatal(err)
			}
		}
		links := w.raw(t, `select digest from expedition_link order by rowid`, `select digest from expedition_link order by ctid`)
		ballots := w.raw(t, `select choices from expedition_ballot order by rowid`, `select choices from expedition_ballot order by ctid`)
		if len(links) != 12 || !slices.IsSorted(links) {
			t.Errorf("links lie in an order that tells: %v", links)
		}
		if len(ballots) != 9 || !slices.IsSorted(ballots) {
			t.Errorf("ballots lie in an order that tells: %v", ballots)
		}
		spent := w.raw(t, `select digest from expedition_link where spent order by rowid`, `select digest from expedition_link where spent order by ctid`)
		if len(spent) != 9 || !slices.IsSorted(spent) {
			t.Errorf("spent links lie in an order that tells: %v", spent)
		}
		if w.DB.Dialect == db.Postgres { // nor does the transaction that wrote them
			for _, q := range []string{`select distinct xmin::text from expedition_link`, `select distinct xmin::text from expedition_ballot`} {
				if n := len(w.raw(t, "", q)); n != 1 {
					t.Errorf("%s gives %d transactions, want one for all rows", q, n)
				}
			}
		}
		if n := w.raw(t, `select item from once_key where item like 'vot%' or person = 'bob'`, `select item from once_key where item like 'vot%' or person = 'bob'`); len(n) > 0 {
			t.Errorf("the request left a record: %v", n)
		}
		columns := w.raw(t, `select group_concat(name) from pragma_table_info('expedition_ballot')`,
			`select string_agg(column_name, ',' order by ordinal_position) from information_schema.columns where table_schema = current_schema() and table_name = 'expedition_ballot'`)
		if columns[0] != "vote_id,place,choices" {
			t.Errorf("a ballot has columns %v", columns)
		}
	})
}

func TestALinkTakesOneBallotHoweverManyTry(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, vote, tokens := w.vote(t, VoteDraft{Method: Judgement}, 2, 2)
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() { errs[i] = w.Cast(t.Context(), tokens[0], []int{4, 1}) })
		}
		wg.Wait()
		taken := 0
		for _, err := range errs {
			if err == nil {
				taken++
			} else if !errors.Is(err, errSpent) {
				t.Error(err)
			}
		}
		_, turnout, err := w.Vote(w.as(t, "ada"), w.book(t, "ada", id), vote)
		if taken != 1 || err != nil || turnout.Spent != 1 {
			t.Errorf("%d taken, %+v, %v", taken, turnout, err)
		}
		for name, c := range map[string]struct {
			token   string
			choices []int
			want    kernel.Kind
		}{
			"a link that never was": {"never", []int{1, 1}, kernel.NotFound},
			"too few grades":        {tokens[1], []int{1}, kernel.Invalid},
			"a grade beyond":        {tokens[1], []int{5, 0}, kernel.Invalid},
			"a grade below":         {tokens[1], []int{-1, 0}, kernel.Invalid},
		} {
			if err := w.Cast(t.Context(), c.token, c.choices); kernel.KindOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestCountsArePublishedByFives(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, vote, tokens := w.vote(t, VoteDraft{Method: Approval, Steps: true}, 2, 12)
		for i, token := range tokens {
			if err := w.Cast(t.Context(), token, []int{1, i % 2}); err != nil {
				t.Fatal(err)
			}
			v, _, err := w.Vote(w.as(t, "bob"), w.book(t, "bob", id), vote)
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			if v.Published != nil {
				got = v.Published.Ballots
			}
			if want := (i + 1) / 5 * 5; got != want {
				t.Errorf("after %d ballots, %d are published, want %d", i+1, got, want)
			}
		}
	})
}

func TestAVoteClosesWithWhatWasKeptAndWhatWasLeft(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, vote, tokens := w.vote(t, VoteDraft{Method: Approval}, 3, 6)
		for _, token := range tokens[:4] {
			if err := w.Cast(t.Context(), token, []int{0, 1, 1}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Cast(t.Context(), tokens[4], []int{1, 0, 1}); err != nil {
			t.Fatal(err)
		}
		if v, _, err := w.Vote(w.as(t, "bob"), w.book(t, "bob", id), vote); err != nil || v.Published != nil {
			t.Errorf("counts before closing: %+v, %v", v.Published, err)
		}
		if _, err := w.CloseVote(w.as(t, "bob"), id, vote, 1); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("bob closes it: %v", err)
		}
		card, err := w.CloseVote(w.as(t, "ada"), id, vote, 1)
		if err != nil {
			t.Fatal(err)
		}
		b := w.book(t, "bob", id)
		r := b.Card(card)
		ranked, err := r.Outcome()
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, o := range ranked {
			order = append(order, fmt.Sprintf("%s %d", o.Title, o.Counts[0]))
		}
		if want := "Scénario 3 5, Scénario 2 4, Scénario 1 1"; strings.Join(order, ", ") != want {
			t.Errorf("ranked %v, want %v", order, want)
		}
		if kept, left := b.To(r, "kept"), b.To(r, "rejected"); len(kept) != 1 || kept[0].Title != "Scénario 3" || len(left) != 2 {
			t.Errorf("kept %v, left %v", kept, left)
		}
		if err := w.Cast(t.Context(), tokens[5], []int{1, 1, 1}); !errors.Is(err, errShut) {
			t.Errorf("a ballot after closing: %v", err)
		}
		forged := Entry{Title: "Autre", Fields: map[string]string{"counts": "{}", "ballots": "99", "reveals": "R"}, Ties: map[string][]string{"kept": r.Ties["kept"]}}
		if err := w.Change(w.as(t, "ada"), id, card, 1, forged); err != nil {
			t.Fatal(err)
		}
		if now := w.book(t, "bob", id).Card(card); now.Fields["counts"] != r.Fields["counts"] || now.Fields["ballots"] != "5" || now.Fields["reveals"] != "R" || len(now.Ties["ranking"]) != 3 {
			t.Errorf("counts were rewritten: %v", now.Fields)
		}
		if _, err := w.CloseVote(w.as(t, "ada"), id, vote, 2); !errors.Is(err, errShut) {
			t.Errorf("closed twice: %v", err)
		}
	})
}

func TestTiesAreDrawnTheSameByAnyone(t *testing.T) {
	options := []Option{{Card: "a", Title: "A"}, {Card: "b", Title: "B"}, {Card: "c", Title: "C"}}
	tally := Tally{Ballots: 4, Counts: [][]int{{2}, {2}, {2}}}
	first, err := Rank(Approval, options, tally, "seed")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(options)
	again, err := Rank(Approval, options, tally, "seed")
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		if first[i].Card != again[i].Card || !first[i].Drawn {
			t.Errorf("place %d: %+v, then %+v", i+1, first[i], again[i])
		}
	}
}
