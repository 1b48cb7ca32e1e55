package badge

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// awardRow is an award as it is stored.
type awardRow struct {
	Award
	sealed string
}

func scanAward(rows *sql.Rows) (r awardRow, err error) {
	var made, ends, revoked, suspended db.Time
	err = rows.Scan(&r.ID, &r.Achievement, &r.Person, &r.door, &r.Team, &r.State, &r.sealed, &r.Entries, &made, &ends, &revoked, &suspended)
	r.MadeAt, r.EndsAt, r.Revoked, r.Suspended = made.Time, ends.Time, revoked.Time, suspended.Time
	return r, err
}

func insertAward(ctx context.Context, tx *db.Tx, w Award, sealed string) error {
	_, err := tx.ExecContext(ctx, `
		insert into badge_award (id, achievement_id, person_id, door, team, state, sealed, entries, made_at, ends_at, revoked_at, suspended_at)
		values ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, '', '')`,
		w.ID, w.Achievement, w.Person, w.door, w.Team, w.State, sealed, db.At(w.MadeAt), db.At(w.EndsAt))
	return err
}

// updateAward keeps an award that still is in one of the states from.
func updateAward(ctx context.Context, tx *db.Tx, w Award, sealed string, from []State) error {
	var b db.Build
	b.Add(`update badge_award set state = `).Value(w.State).Add(`, sealed = `).Value(sealed).Add(`, entries = `).Value(w.Entries)
	b.Add(`, revoked_at = `).Value(db.At(w.Revoked)).Add(`, suspended_at = `).Value(db.At(w.Suspended))
	b.Add(` where id = `).Value(w.ID).Add(` and state in `)
	db.List(&b, from)
	res, err := tx.ExecContext(ctx, b.SQL(), b.Args()...)
	return db.Changed(res, err, errMoved)
}

func one(r awardRow, err error) (Award, string, error) {
	if errors.Is(err, sql.ErrNoRows) {
		err = errNone
	}
	return r.Award, r.sealed, err
}

func awardByID(ctx context.Context, q db.Querier, id AwardID) (Award, string, error) {
	return one(db.One(ctx, q, scanAward, `
		select id, achievement_id, person_id, door, team, state, sealed, entries, made_at, ends_at, revoked_at, suspended_at
		from badge_award where id = $1`, id))
}

func awardByDoor(ctx context.Context, q db.Querier, door string) (Award, string, error) {
	return one(db.One(ctx, q, scanAward, `
		select id, achievement_id, person_id, door, team, state, sealed, entries, made_at, ends_at, revoked_at, suspended_at
		from badge_award where door = $1 and door <> '' limit 1`, door))
}

func awardsOf(ctx context.Context, q db.Querier, person kernel.PersonID) ([]awardRow, error) {
	return db.All(ctx, q, scanAward, `
		select id, achievement_id, person_id, door, team, state, sealed, entries, made_at, ends_at, revoked_at, suspended_at
		from badge_award where person_id = $1 order by id desc limit 1000`, person)
}

func awardsFor(ctx context.Context, q db.Querier, id AchievementID) ([]awardRow, error) {
	return db.All(ctx, q, scanAward, `
		select id, achievement_id, person_id, door, team, state, sealed, entries, made_at, ends_at, revoked_at, suspended_at
		from badge_award where achievement_id = $1 order by id desc limit 2000`, id)
}

// teamAwards takes the awards of a group, in the order of their ids: whoever agrees at
// the same moment waits.
func teamAwards(ctx context.Context, tx *db.Tx, team string) ([]awardRow, error) {
	return db.All(ctx, tx, scanAward, `
		update badge_award set team = team where team = $1
		returning id, achievement_id, person_id, door, team, state, sealed, entries, made_at, ends_at, revoked_at, suspended_at`, team)
}

// takeAward gives an offer with a link its recipient; the link opens nothing any more.
func takeAward(ctx context.Context, tx *db.Tx, id AwardID, person kernel.PersonID) error {
	res, err := tx.ExecContext(ctx, `
		update badge_award set person_id = $1, door = '' where id = $2 and person_id = '' and state = 'offered'`, person, id)
	return db.Changed(res, err, errOver)
}

// waiting counts what a person has under way of an achievement.
func waiting(ctx context.Context, tx *db.Tx, id AchievementID, person kernel.PersonID) (int, error) {
	return db.One(ctx, tx, db.Scan[int], `
		select count(*) from badge_award
		where achievement_id = $1 and person_id = $2 and state in ('offered', 'claimed', 'agreed', 'signed')`, id, person)
}

func endAwards(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update badge_award set state = 'withdrawn', sealed = '', door = '' where state in ('offered', 'claimed') and ends_at < $1`, db.At(now))
	return err
}

// countGiven counts the badges a person signed that are with their holders.
func countGiven(ctx context.Context, q db.Querier, person kernel.PersonID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `
		select count(*) from badge_award w join badge_achievement a on a.id = w.achievement_id
		where a.kind = 'person' and a.holder = $1 and w.state in ('signed', 'held')`, person)
}

// forgetPerson removes what a person designed, and her name from what she received.
func forgetPerson(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	if _, err := tx.ExecContext(ctx, `
		delete from badge_award where achievement_id in (select id from badge_achievement where kind = 'person' and holder = $1)`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from badge_achievement where kind = 'person' and holder = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		delete from badge_award where person_id = $1 and state not in ('signed', 'held')`, person); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		update badge_award set person_id = '', sealed = '', state = 'held' where person_id = $1`, person)
	return err
}
