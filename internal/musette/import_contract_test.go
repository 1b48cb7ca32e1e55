package musette

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/testkit/house"
)

func imported(t *testing.T, s *Service, ctx context.Context, name, text string) Imported {
	t.Helper()
	_, all, err := s.Import(ctx, []Incoming{{Name: name, Local: &Local{File: strings.NewReader(text), Size: int64(len(text))}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// returnedBy is a file of article D7342-6 with one job a day, until a day of a month.
func returnedBy(registration, contract, month string, jobs int, area string) string {
	text := "Plateforme;Roulévite\nNuméro d'immatriculation (SIREN);" + registration + "\nDate du contrat;" + contract + "\nNature des prestations;Livraison de repas\nZone géographique;" + area +
		"\n\nDate;Durée (min);Distance (km);Revenu net de commission (€)\n"
	for day := range jobs {
		text += fmt.Sprintf("%s-%02d;30;2;10,00\n", month, day+1)
	}
	return text
}

// A newer file of a platform replaces the figures of the one before, by the number of
// the contract; what she wrote herself stays, and the history keeps what was.
func TestANewerFileOfAPlatformReplacesItsFigures(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada := h.As(t, "ada")
		first := returnedBy("123 456 789", "2022-03-12", "2024-01", 10, "Lyon")
		if got := imported(t, s, ada, "janvier.csv", first); got.Format != "platform-d7342-6" || got.Created["activities"] != 1 {
			t.Fatalf("first: %+v", got)
		}
		all, _, err := s.Activities(ada, "", 10)
		if err != nil || len(all) != 1 {
			t.Fatal(len(all), err)
		}
		a := all[0]
		c := Content{Title: "À vélo, par tous les temps", Kind: a.Kind, Start: a.Start, Organisation: "Roulévite (Lyon)", Place: a.Place, Paid: a.Paid, Status: a.Status, Narrative: "Ce que j'en dis."}
		if a, err = s.ReviseActivity(ada, a.ID, a.Version, c); err != nil {
			t.Fatal(err)
		}
		second := returnedBy("123-456-789", "2022-03-12", "2024-06", 25, "Lyon et Villeurbanne")
		got := imported(t, s, ada, "juin.csv", second)
		if len(got.Created) > 0 || got.Merged != 1 || !warned(got, "musette.import.updated") {
			t.Errorf("second: %+v", got)
		}
		now, past, err := s.History(ada, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"services": "25", "income_net": "250.00", "period_end": "2024-06-25"} {
			if got := factOf(&now.View, name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		if now.View.Title != c.Title || now.View.Text != c.Narrative || now.View.Organisation != c.Organisation || now.View.Place != "Lyon et Villeurbanne" {
			t.Errorf("her own words: %+v", now.View)
		}
		if p := now.View.Provenance; p.Source != gate.Imported || p.File != "juin.csv" {
			t.Errorf("provenance %+v", p)
		}
		if len(past) != 2 || factOf(&past[0].View, "services") != "10" || past[0].View.Provenance.File != "janvier.csv" {
			t.Errorf("the history holds %d versions: %+v", len(past), past)
		}
		for _, again := range []string{second, first} { // the same, and an older one
			if got := imported(t, s, ada, "encore.csv", again); len(got.Created) > 0 || got.Merged > 0 || len(got.Skipped) != 1 {
				t.Errorf("again: %+v", got)
			}
		}
		if now, _, err = s.History(ada, a.ID); err != nil || factOf(&now.View, "services") != "25" {
			t.Errorf("an older file took the figures back: %v", err)
		}
		if got := imported(t, s, ada, "autre.csv", returnedBy("123 456 789", "2023-09-01", "2024-06", 1, "Lyon")); got.Created["activities"] != 1 {
			t.Errorf("another contract: %+v", got)
		}
	})
}

// What she had typed before the file came gets its figures, and stays hers.
func TestAFileOfAPlatformCompletesWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada := h.As(t, "ada")
		a, err := s.AddActivity(ada, Content{Title: "Livraison de repas", Kind: Mission, Start: "2022-03", Organisation: "Roulévite"})
		if err != nil {
			t.Fatal(err)
		}
		got := imported(t, s, ada, "a.csv", returnedBy("123 456 789", "2022-03-12", "2024-01", 10, "Lyon"))
		if len(got.Created) > 0 || got.Merged != 1 {
			t.Errorf("report: %+v", got)
		}
		now, _, err := s.History(ada, a.ID)
		if err != nil || factOf(&now.View, "services") != "10" || now.View.Provenance.Source != gate.Declared || now.View.Start != "2022-03" {
			t.Errorf("%v %+v", err, now.View)
		}
	})
}
