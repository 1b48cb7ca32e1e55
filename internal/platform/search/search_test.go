package search_test

import (
	"fmt"
	"slices"
	"testing"

	"digiwork/internal/platform/db"
	"digiwork/internal/platform/search"
	"digiwork/internal/testkit"
)

var steps = db.Steps{Context: "search", Files: search.Migrations}

func put(t *testing.T, d *db.DB, space string, texts map[string]string) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		for id, text := range texts {
			if err := search.Put(t.Context(), tx, space, id, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWordsAreFoundInTheirOtherForms(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		texts := map[string]string{
			"1": "Les infirmières écrivent leurs plannings à plusieurs",
			"2": "Nurses write their schedules together, and share networks",
			"3": "Réseaux interpersonnels d’activités, 2013",
			"4": "Un planning imposé par l'aménagement du temps",
		}
		put(t, d, "a", texts)
		put(t, d, "b", map[string]string{"1": "Une infirmière ailleurs"})
		for question, want := range map[string][]string{
			"infirmier":           {"1"},
			"INFIRMIERE planning": {"1"},
			"nurse schedule":      {"2"},
			"réseau":              {"3"},
			"amenagement":         {"4"},
			"planning":            {"1", "4"},
			"interperso":          {"3"},
			"2013":                {"3"},
			"le la les":           nil,
			"":                    nil,
			`") OR a*  '`:         nil,
			"infirmier absent":    nil,
		} {
			got, err := search.Find(t.Context(), d, "a", question, 10)
			slices.Sort(got)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%q finds %v, %v; want %v", question, got, err, want)
			}
			for id, text := range texts {
				if search.Matches(text, question) != slices.Contains(want, id) {
					t.Errorf("%q and %q without a database: not as with one", question, text)
				}
			}
		}
	}, steps)
}

func TestWhatChangedOrWentIsFoundNoMore(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		put(t, d, "a", map[string]string{"1": "horaires", "2": "horaires", "3": "horaires"})
		put(t, d, "b", map[string]string{"1": "horaires"})
		put(t, d, "a", map[string]string{"1": "salaires"})
		find := func(space, question string, want ...string) {
			t.Helper()
			got, err := search.Find(t.Context(), d, space, question, 10)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%q in %s finds %v, %v; want %v", question, space, got, err, want)
			}
		}
		find("a", "horaires", "2", "3")
		find("a", "salaire", "1")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := search.Drop(t.Context(), tx, "a", "2"); err != nil {
				return err
			}
			return search.DropSpace(t.Context(), tx, "b")
		})
		if err != nil {
			t.Fatal(err)
		}
		find("a", "horaires", "3")
		find("b", "horaires")
	}, steps)
}

func TestManyAreFoundUpToTheLimit(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		texts := map[string]string{}
		for i := range 300 {
			texts[fmt.Sprintf("%03d", i)] = fmt.Sprintf("signal %d du travail", i)
		}
		put(t, d, "a", texts)
		got, err := search.Find(t.Context(), d, "a", "travail", 20)
		if err != nil || len(got) != 20 {
			t.Errorf("%d found, %v", len(got), err)
		}
	}, steps)
}
