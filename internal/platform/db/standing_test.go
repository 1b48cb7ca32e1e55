package db_test

import (
	"slices"
	"testing"

	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"
)

// A program may work with tables of the step before, when its context says so; what
// it does not say it cannot.
func TestStandingOfOlderTables(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		can := steps("x", "a", "b")
		can.Least = 1
		cannot := steps("y", "d", "e")
		if _, err := d.Migrate(t.Context(), steps("y", "d")); err != nil {
			t.Fatal(err)
		}
		now, err := d.Standing(t.Context(), can, cannot, steps("z", "c"))
		if err != nil {
			t.Fatal(err)
		}
		if now.Fresh || !now.Behind() || !slices.Equal(now.Older, []string{"x"}) || !slices.Equal(now.TooOld, []string{"y"}) || !slices.Equal(now.Absent, []string{"z"}) {
			t.Errorf("standing %+v", now)
		}
		if _, err := d.Migrate(t.Context(), can, cannot, steps("z", "c")); err != nil {
			t.Fatal(err)
		}
		if now, err = d.Standing(t.Context(), can, cannot, steps("z", "c")); err != nil || now.Behind() || now.Fresh {
			t.Errorf("after the upgrade %+v %v", now, err)
		}
	}, steps("x", "a"))
}
