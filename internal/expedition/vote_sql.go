package expedition

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertVote(ctx context.Context, tx *db.Tx, v Vote, now time.Time) error {
	options, err := asText(v.Options)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into expedition_vote (id, expedition_id, question, method, steps, options, seed, published, result_card, turn, made_at)
		values ($1, $2, $3, $4, $5, $6, $7, '', '', 0, $8)`,
		v.ID, v.Expedition, v.Question, v.Method, v.Steps, options, v.Seed, db.At(now))
	return err
}

func scanVote(rows *sql.Rows) (v Vote, err error) {
	var options, published string
	if err := rows.Scan(&v.ID, &v.Expedition, &v.Question, &v.Method, &v.Steps, &options, &v.Seed, &published, &v.Result); err != nil {
		return v, err
	}
	if published != "" {
		v.Published = &Tally{}
		if err := json.Unmarshal([]byte(published), v.Published); err != nil {
			return v, err
		}
	}
	return v, json.Unmarshal([]byte(options), &v.Options)
}

func votesOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]Vote, error) {
	return db.All(ctx, q, scanVote, `
		select id, expedition_id, question, method, steps, options, seed, published, result_card
		from expedition_vote where expedition_id = $1 order by id desc`, id)
}

func voteByID(ctx context.Context, q db.Querier, id kernel.ExpeditionID, vote string) (Vote, error) {
	v, err := anyVote(ctx, q, vote)
	if err == nil && v.Expedition != id {
		err = errNoVote
	}
	return v, err
}

// anyVote is a vote whatever its expedition, for who holds a link.
func anyVote(ctx context.Context, q db.Querier, vote string) (Vote, error) {
	v, err := db.One(ctx, q, scanVote, `
		select id, expedition_id, question, method, steps, options, seed, published, result_card
		from expedition_vote where id = $1`, vote)
	if errors.Is(err, sql.ErrNoRows) {
		return v, errNoVote
	}
	return v, err
}

// voteTurn makes everybody else who counts on this vote wait.
func voteTurn(ctx context.Context, tx *db.Tx, vote string) error {
	res, err := tx.ExecContext(ctx, `update expedition_vote set turn = turn + 1 where id = $1`, vote)
	return db.Changed(res, err, errNoVote)
}

// publish writes counts, and the card that closes the vote if there is one.
func publish(ctx context.Context, tx *db.Tx, vote string, t Tally, card string) error {
	raw, err := asText(t)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update expedition_vote set published = $1, result_card = $2 where id = $3`, raw, card, vote)
	return err
}

// link is one link by its digest.
type link struct {
	digest string
	spent  bool
}

func voteByLink(ctx context.Context, q db.Querier, digest string) (vote string, spent bool, err error) {
	type held struct {
		vote  string
		spent bool
	}
	h, err := db.One(ctx, q, func(rows *sql.Rows) (h held, err error) { return h, rows.Scan(&h.vote, &h.spent) }, `
		select vote_id, spent from expedition_link where digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, errNoVote
	}
	return h.vote, h.spent, err
}

func linksOf(ctx context.Context, q db.Querier, vote string) ([]link, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (l link, err error) { return l, rows.Scan(&l.digest, &l.spent) }, `
		select digest, spent from expedition_link where vote_id = $1 order by digest`, vote)
}

// batch is how many rows one insert takes.
const batch = 200

// writeLinks writes all links of a vote again, in the order of their digests.
func writeLinks(ctx context.Context, tx *db.Tx, vote string, links []link) error {
	slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.digest, b.digest) })
	if _, err := tx.ExecContext(ctx, `delete from expedition_link where vote_id = $1`, vote); err != nil {
		return err
	}
	for chunk := range slices.Chunk(links, batch) {
		var b db.Build
		b.Add(`insert into expedition_link (vote_id, digest, spent) values `)
		for i, l := range chunk {
			if i > 0 {
				b.Add(`, `)
			}
			b.Add(`(`).Value(vote).Add(`, `).Value(l.digest).Add(`, `).Value(l.spent).Add(`)`)
		}
		if _, err := tx.ExecContext(ctx, b.SQL(), b.Args()...); err != nil {
			return err
		}
	}
	return nil
}

func ballotsOf(ctx context.Context, q db.Querier, vote string) ([]string, error) {
	return db.All(ctx, q, db.Scan[string], `select choices from expedition_ballot where vote_id = $1 order by place`, vote)
}

// writeBallots writes all ballots of a vote again, in the order given.
func writeBallots(ctx context.Context, tx *db.Tx, vote string, ballots []string) error {
	if _, err := tx.ExecContext(ctx, `delete from expedition_ballot where vote_id = $1`, vote); err != nil {
		return err
	}
	at := 0
	for chunk := range slices.Chunk(ballots, batch) {
		var b db.Build
		b.Add(`insert into expedition_ballot (vote_id, place, choices) values `)
		for i, choices := range chunk {
			if i > 0 {
				b.Add(`, `)
			}
			at++
			b.Add(`(`).Value(vote).Add(`, `).Value(at).Add(`, `).Value(choices).Add(`)`)
		}
		if _, err := tx.ExecContext(ctx, b.SQL(), b.Args()...); err != nil {
			return err
		}
	}
	return nil
}
