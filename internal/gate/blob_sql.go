package gate

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

type blobRecord struct {
	upload string
	chunks int64
	until  string
}

func scanBlob(rows *sql.Rows) (b blobRecord, err error) {
	return b, rows.Scan(&b.upload, &b.chunks, &b.until)
}

func blobRow(ctx context.Context, q db.Querier, owner kernel.PersonID, ref string) (blobRecord, error) {
	b, err := db.One(ctx, q, scanBlob, `select upload, chunks, until from gate_blob where owner = $1 and ref = $2`, owner, ref)
	if errors.Is(err, sql.ErrNoRows) {
		return b, errNoFile
	}
	return b, err
}

func insertBlob(ctx context.Context, tx *db.Tx, owner kernel.PersonID, ref, upload string, chunks int64, until time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into gate_blob (owner, ref, upload, chunks, until, made_at) values ($1, $2, $3, $4, $5, $6)`,
		owner, ref, upload, chunks, db.At(until), db.At(tx.Now))
	return err
}

func keepBlob(ctx context.Context, tx *db.Tx, owner kernel.PersonID, ref string, until time.Time) error {
	_, err := tx.ExecContext(ctx, `update gate_blob set until = $1 where owner = $2 and ref = $3`, db.At(until), owner, ref)
	return err
}

func waitingBlobs(ctx context.Context, q db.Querier, owner kernel.PersonID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from gate_blob where owner = $1 and until <> ''`, owner)
}

func deleteBlob(ctx context.Context, tx *db.Tx, owner kernel.PersonID, ref string) error {
	_, err := tx.ExecContext(ctx, `delete from gate_blob where owner = $1 and ref = $2`, owner, ref)
	return err
}

func insertChunk(ctx context.Context, tx *db.Tx, owner kernel.PersonID, upload string, n int64, sealed []byte) error {
	_, err := tx.ExecContext(ctx, `
		insert into gate_chunk (owner, upload, n, sealed) values ($1, $2, $3, $4)`, owner, upload, n, sealed)
	return err
}

func chunkRow(ctx context.Context, q db.Querier, owner kernel.PersonID, upload string, n int64) ([]byte, error) {
	return db.One(ctx, q, db.Scan[[]byte], `
		select sealed from gate_chunk where owner = $1 and upload = $2 and n = $3`, owner, upload, n)
}

func deleteUpload(ctx context.Context, tx *db.Tx, owner kernel.PersonID, upload string) error {
	_, err := tx.ExecContext(ctx, `delete from gate_chunk where owner = $1 and upload = $2`, owner, upload)
	return err
}

// sweepBatch removes some of what is over and says how much; zero means all is done.
func sweepBatch(ctx context.Context, tx *db.Tx, now, uploadsBefore time.Time) (int, error) {
	if _, err := tx.ExecContext(ctx, `delete from gate_blob where until <> '' and until < $1`, db.At(now)); err != nil {
		return 0, err
	}
	// An upload's id begins with its time of birth: ids sort by it.
	old := kernel.NewID[string]("upl", uploadsBefore)
	lost, err := db.All(ctx, tx, scanUpload, `
		select distinct c.owner, c.upload from gate_chunk c
		where c.upload < $1 and not exists (
			select 1 from gate_blob b where b.owner = c.owner and b.upload = c.upload)
		limit 16`, old)
	if err != nil {
		return 0, err
	}
	for _, l := range lost {
		if err := deleteUpload(ctx, tx, l.owner, l.upload); err != nil {
			return 0, err
		}
	}
	return len(lost), nil
}

type upload struct {
	owner  kernel.PersonID
	upload string
}

func scanUpload(rows *sql.Rows) (u upload, err error) { return u, rows.Scan(&u.owner, &u.upload) }
