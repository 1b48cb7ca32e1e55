package peer

import (
	"context"
	"database/sql"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertWord(ctx context.Context, tx *db.Tx, w wordRow) error {
	_, err := tx.ExecContext(ctx, `
		insert into peer_word (id, author, author_item, subject, subject_item, made_at, revoked_at)
		values ($1, $2, $3, $4, $5, $6, '')`,
		w.ID, w.Author, w.AuthorItem, w.Subject, w.SubjectItem, w.MadeAt)
	return err
}

func scanWord(rows *sql.Rows) (w wordRow, err error) {
	return w, rows.Scan(&w.ID, &w.Author, &w.AuthorItem, &w.Subject, &w.SubjectItem, &w.MadeAt, &w.RevokedAt)
}

func wordsAbout(ctx context.Context, q db.Querier, subject kernel.PersonID) ([]wordRow, error) {
	return db.All(ctx, q, scanWord, `
		select id, author, author_item, subject, subject_item, made_at, revoked_at
		from peer_word where subject = $1`, subject)
}

func wordsBy(ctx context.Context, q db.Querier, author kernel.PersonID) ([]wordRow, error) {
	return db.All(ctx, q, scanWord, `
		select id, author, author_item, subject, subject_item, made_at, revoked_at
		from peer_word where author = $1`, author)
}

// standing lists the words of author about subject that were not taken back.
func standing(ctx context.Context, q db.Querier, author, subject kernel.PersonID) ([]wordRow, error) {
	return db.All(ctx, q, scanWord, `
		select id, author, author_item, subject, subject_item, made_at, revoked_at
		from peer_word where author = $1 and subject = $2 and revoked_at = ''`, author, subject)
}

func revokedAbout(ctx context.Context, q db.Querier, subject kernel.PersonID) ([]kernel.ItemID, error) {
	return db.All(ctx, q, db.Scan[kernel.ItemID], `
		select subject_item from peer_word where subject = $1 and subject_item <> '' and revoked_at <> ''`, subject)
}

func countStanding(ctx context.Context, q db.Querier, author kernel.PersonID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `
		select count(*) from peer_word where author = $1 and revoked_at = ''`, author)
}

func revokeWord(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `update peer_word set revoked_at = $1 where id = $2 and revoked_at = ''`, db.At(tx.Now), id)
	return err
}

// forgetItem notes that the subject of a word keeps it no more.
func forgetItem(ctx context.Context, tx *db.Tx, subject kernel.PersonID, item kernel.ItemID) error {
	_, err := tx.ExecContext(ctx, `
		update peer_word set subject_item = '' where subject = $1 and subject_item = $2`, subject, item)
	return err
}

// forgetWords unties a person from words she wrote and words about her; a tie that
// holds nobody any more goes.
func forgetWords(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	if _, err := tx.ExecContext(ctx, `update peer_word set author = '', author_item = '' where author = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `update peer_word set subject = '', subject_item = '' where subject = $1`, person); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `delete from peer_word where author = '' and subject = ''`)
	return err
}
