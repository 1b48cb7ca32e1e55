package badge

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"digiwork/internal/platform/db"
)

func scanAchievement(rows *sql.Rows) (a Achievement, err error) {
	var alignments string
	var made, retired db.Time
	err = rows.Scan(&a.ID, &a.By.Kind, &a.By.ID, &a.Version, &a.Name, &a.Description, &a.Criteria, &a.Type, &alignments, &a.Months, &a.Picture, &a.Claim, &made, &retired)
	if err == nil {
		err = json.Unmarshal([]byte(alignments), &a.Alignments)
	}
	a.MadeAt, a.Retired = made.Time, retired.Time
	return a, err
}

func insertAchievement(ctx context.Context, tx *db.Tx, a Achievement) error {
	alignments, err := json.Marshal(a.Alignments)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into badge_achievement (id, kind, holder, version, name, description, criteria, type, alignments, months, picture, claim, made_at, retired_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, '')`,
		a.ID, a.By.Kind, a.By.ID, a.Version, a.Name, a.Description, a.Criteria, a.Type, string(alignments), a.Months, a.Picture, db.At(a.MadeAt))
	return err
}

func updateAchievement(ctx context.Context, tx *db.Tx, a Achievement) error {
	alignments, err := json.Marshal(a.Alignments)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `
		update badge_achievement set version = version + 1, name = $1, description = $2, criteria = $3, type = $4, alignments = $5, months = $6, picture = $7
		where id = $8 and version = $9`,
		a.Name, a.Description, a.Criteria, a.Type, string(alignments), a.Months, a.Picture, a.ID, a.Version)
	return db.Changed(res, err, errStale)
}

func setClaim(ctx context.Context, tx *db.Tx, id AchievementID, claim string) error {
	_, err := tx.ExecContext(ctx, `update badge_achievement set claim = $1 where id = $2`, claim, id)
	return err
}

func achievementByID(ctx context.Context, q db.Querier, id AchievementID) (Achievement, error) {
	a, err := db.One(ctx, q, scanAchievement, `
		select id, kind, holder, version, name, description, criteria, type, alignments, months, picture, claim, made_at, retired_at
		from badge_achievement where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return a, errNone
	}
	return a, err
}

func achievementByClaim(ctx context.Context, q db.Querier, door string) (Achievement, error) {
	a, err := db.One(ctx, q, scanAchievement, `
		select id, kind, holder, version, name, description, criteria, type, alignments, months, picture, claim, made_at, retired_at
		from badge_achievement where claim = $1 and claim <> '' limit 1`, door)
	if errors.Is(err, sql.ErrNoRows) {
		return a, errNone
	}
	return a, err
}

func achievementsOf(ctx context.Context, q db.Querier, by By) ([]Achievement, error) {
	return db.All(ctx, q, scanAchievement, `
		select id, kind, holder, version, name, description, criteria, type, alignments, months, picture, claim, made_at, retired_at
		from badge_achievement where kind = $1 and holder = $2 order by id desc`, by.Kind, by.ID)
}

func countAchievements(ctx context.Context, q db.Querier, by By) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from badge_achievement where kind = $1 and holder = $2`, by.Kind, by.ID)
}
