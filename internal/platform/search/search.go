// Package search finds shared material by its words, French or English. Nothing
// personal ever comes here: what is in an index can be read by whoever reads the
// database.
//
// # Words
//
// An entry is the text of one thing, under an id inside a space ("expedition:exp_…").
// Who may search a space is decided by the caller.
//
// # How
//
// Texts and questions go through one analyser (lib/french), in both languages, so
// that "infirmières" finds "infirmier" on both engines alike; SQLite looks the terms
// up in FTS5, PostgreSQL in tsvector('simple').
package search

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/binary"
	"slices"
	"strings"

	"digiwork/internal/lib/french"
	"digiwork/internal/platform/db"
)

// Migrations of the one table.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// most bounds the terms kept of one text, and those of one question.
const (
	mostTerms    = 20_000
	mostQuestion = 32
)

// Terms is what a text is found by. To analyse is the dear part of Put: whoever puts
// many texts at once does it before the transaction, then calls PutTerms.
func Terms(text string) string { return strings.Join(termsOf(text, mostTerms), " ") }

// Put makes text findable under id in space, instead of what stood there.
func Put(ctx context.Context, tx *db.Tx, space, id, text string) error {
	return PutTerms(ctx, tx, space, id, Terms(text))
}

// PutTerms is Put for a text whose Terms are known.
func PutTerms(ctx context.Context, tx *db.Tx, space, id, terms string) error {
	_, err := tx.ExecContext(ctx, `
		insert into search_entry (num, space, id, terms) values ($1, $2, $3, $4)
		on conflict (space, id) do update set terms = excluded.terms`, number(space, id), space, id, terms)
	return err
}

// Drop makes id findable no more.
func Drop(ctx context.Context, tx *db.Tx, space, id string) error {
	_, err := tx.ExecContext(ctx, `delete from search_entry where space = $1 and id = $2`, space, id)
	return err
}

// DropSpace empties a space.
func DropSpace(ctx context.Context, tx *db.Tx, space string) error {
	_, err := tx.ExecContext(ctx, `delete from search_entry where space = $1`, space)
	return err
}

// Find gives the ids of a space whose texts hold every word of the question, the last
// word also as a beginning; the most telling first, at most limit. A question without
// any word that carries meaning finds nothing.
func Find(ctx context.Context, d *db.DB, space, question string, limit int) ([]string, error) {
	groups := groupsOf(question)
	if len(groups) == 0 {
		return nil, nil
	}
	if d.Dialect == db.Postgres {
		return db.All(ctx, d.Read(), db.Scan[string], `
			select id from search_entry
			where to_tsvector('simple', terms) @@ to_tsquery('simple', $1) and space = $2
			order by ts_rank(to_tsvector('simple', terms), to_tsquery('simple', $3), 1) desc, id limit $4`,
			postgresQuery(groups), space, postgresQuery(groups), limit)
	}
	type hit struct {
		id   string
		rank float64
	}
	hits, err := db.All(ctx, d.Read(), func(rows *sql.Rows) (h hit, err error) { return h, rows.Scan(&h.id, &h.rank) }, `
		select e.id, f.rank from ftsentry f join search_entry e on e.num = f.rowid
		where ftsentry match $1 and e.space = $2 order by f.rank, e.id limit $3`, sqliteQuery(groups), space, limit)
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.id
	}
	return ids, err
}

// Matches reports whether a text holds every word of the question, as Find would.
func Matches(text, question string) bool {
	groups := groupsOf(question)
	terms := termsOf(text, mostTerms)
	for i, g := range groups {
		if !slices.ContainsFunc(terms, func(t string) bool {
			return slices.ContainsFunc(g, func(asked string) bool {
				return t == asked || i == len(groups)-1 && strings.HasPrefix(t, asked)
			})
		}) {
			return false
		}
	}
	return len(groups) > 0
}

// number is the row of an entry: the first 63 bits of a digest, the same on both
// engines, so that an index by row survives a restore.
func number(space, id string) int64 {
	sum := sha256.Sum256([]byte(space + "\x00" + id))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1) //nolint:gosec // 63 bits
}

// termsOf are the terms of a text in both languages. The x before each makes any term
// a plain word to both engines.
func termsOf(text string, most int) []string {
	fr, en := french.Analyser{Lang: french.French}, french.Analyser{Lang: french.English}
	terms := fr.Terms(nil, text)
	seen := map[string]bool{}
	for _, t := range terms {
		seen[t] = true
	}
	for _, t := range en.Terms(nil, text) {
		if !seen[t] {
			terms = append(terms, t)
		}
	}
	if len(terms) > most {
		terms = terms[:most]
	}
	for i, t := range terms {
		terms[i] = "x" + t
	}
	return terms
}

// groupsOf are the words of a question, each as its terms in either language.
func groupsOf(question string) [][]string {
	var groups [][]string
	fr := french.Analyse(question, french.French)
	en := french.Analyse(question, french.English)
	at := map[int][]string{}
	var starts []int
	for _, t := range append(fr, en...) {
		if at[t.Start] == nil {
			starts = append(starts, t.Start)
		}
		if term := "x" + t.Term; !slices.Contains(at[t.Start], term) {
			at[t.Start] = append(at[t.Start], term)
		}
	}
	slices.Sort(starts)
	for _, s := range starts {
		groups = append(groups, at[s])
	}
	// A stop word of one language is a word of the other: where some words stand in
	// both, only they count.
	both := slices.DeleteFunc(slices.Clone(starts), func(s int) bool { return !has(fr, s) || !has(en, s) })
	if len(both) > 0 && len(both) < len(starts) {
		groups = groups[:0]
		for _, s := range both {
			groups = append(groups, at[s])
		}
	}
	if len(groups) > mostQuestion {
		groups = groups[:mostQuestion]
	}
	return groups
}

func has(tokens []french.Token, start int) bool {
	return slices.ContainsFunc(tokens, func(t french.Token) bool { return t.Start == start })
}

// postgresQuery is (a | b) & c:*; terms hold letters and digits only.
func postgresQuery(groups [][]string) string { return written(groups, " | ", ":*", " & ", "") }

// sqliteQuery is ("a" OR "b") AND "c"*.
func sqliteQuery(groups [][]string) string { return written(groups, " OR ", " *", " AND ", `"`) }

func written(groups [][]string, or, prefix, and, quote string) string {
	parts := make([]string, len(groups))
	for i, g := range groups {
		terms := make([]string, len(g))
		for j, t := range g {
			terms[j] = quote + t + quote
			if i == len(groups)-1 {
				terms[j] += prefix
			}
		}
		parts[i] = "(" + strings.Join(terms, or) + ")"
	}
	return strings.Join(parts, and)
}
