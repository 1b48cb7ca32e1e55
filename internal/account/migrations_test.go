package account

import (
	"testing"
	"testing/fstest"
	"time"

	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"
)

// Whoever was signed in before the upgrade is after it.
func TestSessionsOutliveTheUpgrade(t *testing.T) {
	t.Parallel()
	first, err := Migrations.ReadFile("migrations/0001_account.sql")
	if err != nil {
		t.Fatal(err)
	}
	before := db.Steps{Context: "account", Files: fstest.MapFS{"migrations/0001_account.sql": &fstest.MapFile{Data: first}}}
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		was := sessionRow{Digest: "d", ID: "ses_1", Person: "per_1", How: ByPassword, Device: "firefox", SignedAt: db.At(now), UsedAt: db.At(now), EndsAt: db.At(now.Add(time.Hour))}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := insertPerson(t.Context(), tx, personRow{Person: Person{ID: "per_1", Handle: "ada", Name: "Ada", Lang: "fr", Zone: defaultZone, Quiet: quietAtFirst}}); err != nil {
				return err
			}
			return insertSession(t.Context(), tx, was)
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := d.Migrate(t.Context(), db.Steps{Context: "account", Files: Migrations}); err != nil || n == 0 {
			t.Fatalf("%d steps, %v", n, err)
		}
		rows, err := sessionsOf(t.Context(), d.Read(), "per_1")
		if err != nil || len(rows) != 1 || rows[0] != was {
			t.Errorf("after the upgrade %+v, %v, want %+v", rows, err, was)
		}
		was.Digest, was.ID, was.How = "e", "ses_2", ByOpenID
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return insertSession(t.Context(), tx, was) }); err != nil {
			t.Errorf("a session by the provider: %v", err)
		}
		was.Digest, was.ID, was.How = "f", "ses_3", "magic"
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return insertSession(t.Context(), tx, was) }); err == nil {
			t.Error("a session may come in by anything")
		}
	}, before)
}
