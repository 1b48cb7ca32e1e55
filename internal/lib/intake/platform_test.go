package intake

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func legalIDs(r *Report) (ids []string) {
	for _, l := range r.NotGiven {
		ids = append(ids, l.ID)
	}
	return ids
}

// everything is all a report says, to look for what must not be in it.
func everything(t *testing.T, r *Report) string {
	t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestAFileReturnedByAPlatform(t *testing.T) {
	r := read(t, "x", sample(t, "plateforme.csv"))
	if r.Format != FormatPlatform || len(r.Entries) != 1 {
		t.Fatalf("%s, %d entries, skipped %v", r.Format, len(r.Entries), r.Skipped)
	}
	e := r.Entries[0]
	want{KindActivity, TypeMission, "2022-03-12", "", "Livraisons Imaginaires", "Lyon et Villeurbanne", ""}.check(t, e)
	if e.Title != "Livraison de repas à vélo" || e.Paid == nil || !*e.Paid || e.Status != StatusPlatform {
		t.Errorf("%+v", e)
	}
	for name, value := range map[string]string{
		factRegistration: "000 000 001", factContractDate: "2022-03-12", factServices: "3", factHours: "1.22", factDistance: "3.1",
		factIncomeNet: "19.35", factRatingCount: "3", factRatingMean: "4", factArea: "Lyon et Villeurbanne", factArticle: "D7342-6",
		factPeriodStart: "2023-03-04", factPeriodEnd: "2024-03-02", factSlots: "18-22 h, 11-14 h",
	} {
		if e.Fact(name) != value {
			t.Errorf("%s = %q, want %q", name, e.Fact(name), value)
		}
	}
	if got := legalIDs(r); !slices.Equal(got, []string{"training_contribution", "training_account", "vae", "accident_insurance"}) {
		t.Errorf("not given: %v", got)
	}
	// 3 names, 3 telephones, 3 addresses, 2 comments
	if r.Stripped != 11 {
		t.Errorf("stripped %d", r.Stripped)
	}
	all := everything(t, r)
	for _, trace := range []string{"Jeanne", "Martin", "Durand", "Ali Ben", "06 00", "+33", "Lilas", "Parc", "Rambaud", "Merci", "froid", "Awa"} {
		if strings.Contains(all, trace) {
			t.Errorf("%q is still in the report", trace)
		}
	}
}

func TestAFileReturnedByAPlatformInJSON(t *testing.T) {
	r := read(t, "x", sample(t, "platform.json"))
	if r.Format != FormatPlatform || len(r.Entries) != 1 {
		t.Fatalf("%s, %d entries, skipped %v", r.Format, len(r.Entries), r.Skipped)
	}
	e := r.Entries[0]
	want{KindActivity, TypeMission, "2021-09-01", "", "Imaginary Rides", "Bordeaux", ""}.check(t, e)
	for name, value := range map[string]string{
		factRegistration: "SIREN 000 000 002", factServices: "812", factHours: "640.5", factDistance: "8.4", factIncomeNet: "15230.55",
		factSlots: "06:00-10:00, 17:00-21:00", factNature: "Passenger transport", factRatingCount: "2", factRatingMean: "4.5", factRatings: "4: 1; 5: 1",
	} {
		if e.Fact(name) != value {
			t.Errorf("%s = %q, want %q", name, e.Fact(name), value)
		}
	}
	all := everything(t, r)
	for _, trace := range []string{"Chris", "Dana", "Old Rider", "+336", "rue Fictive", "Sam"} {
		if strings.Contains(all, trace) {
			t.Errorf("%q is still in the report", trace)
		}
	}
	if r.Stripped != 4+1+3 {
		t.Errorf("stripped %d", r.Stripped)
	}
}

func TestWhatAPlatformDidNotGiveIsListed(t *testing.T) {
	r := read(t, "x", []byte("Donnée;Valeur\nSIREN;000 000 003\nDate de début du contrat;2020\nNombre de courses;12\n"))
	if r.Format != FormatPlatform {
		t.Fatalf("%s %v", r.Format, r.Skipped)
	}
	got := legalIDs(r)
	for _, id := range []string{"income_net", "ratings", "hours", "slots", "area", "distance", "nature"} {
		if !slices.Contains(got, id) {
			t.Errorf("%s was not given, and is not listed in %v", id, got)
		}
	}
	for _, id := range []string{"registration", "contract_date", "services"} {
		if slices.Contains(got, id) {
			t.Errorf("%s was given", id)
		}
	}
	for _, l := range r.NotGiven {
		if l.Article != "D7342-6" || !strings.HasPrefix(l.Item, "II, ") || l.Key != "intake.legal."+l.ID {
			t.Errorf("%+v", l)
		}
	}
	if len(LegalItems()) != 14 {
		t.Errorf("%d items", len(LegalItems()))
	}
}

func TestCustomersStayOutUnderWhateverName(t *testing.T) {
	for _, column := range []string{
		"Client", "Nom client", "customer_name", "customerName", "Passager", "Adresse de prise en charge", "Pickup address", "Téléphone",
		"E-mail du client", "Destinataire", "Point de retrait", "Commentaire", "Review comment", "Colonne inconnue",
	} {
		text := "Date;Revenu net de commission;Distance (km);Durée (min);" + column + "\n02/03/2024;7,5;3;20;Prune Secrète\n03/03/2024;8;3;22;Prune Secrète\n"
		r := read(t, column, []byte(text))
		if r.Format != FormatPlatform || len(r.Entries) != 1 {
			t.Errorf("%s: %s %v", column, r.Format, r.Skipped)
			continue
		}
		if strings.Contains(everything(t, r), "Prune") {
			t.Errorf("%s: the customer is in the report", column)
		}
	}
}

func TestWordsThatNameACustomerElsewhereAreLeftOut(t *testing.T) {
	text := "Date;Revenu net de commission;Nature de la course;Zone;Client;Durée (min)\n" +
		"02/03/2024;7,5;Course pour Prune Secrète;14 rue des Lilas;Prune Secrète;10\n03/03/2024;7,5;Course;Lyon 3e;Prune Secrète;10\n"
	r := read(t, "x", []byte(text))
	all := everything(t, r)
	if strings.Contains(all, "Prune") || strings.Contains(all, "Lilas") || r.Stripped != 4 {
		t.Errorf("stripped %d: %s", r.Stripped, all)
	}
	if e := r.Entries[0]; e.Fact(factNature) != "Course" || e.Fact(factArea) != "Lyon 3e" || e.Fact(factServices) != "2" {
		t.Errorf("%v", e.Facts)
	}
}

func TestMarksAloneAreNoActivitiesOfCustomers(t *testing.T) {
	r := read(t, "evaluations.csv", []byte("Date;Note;Client;Commentaire\n02/03/2024;5;Prune Secrète;Bravo\n03/03/2024;4/5;Prune Secrète;\n"))
	if r.Format != FormatPlatform || len(r.Entries) != 1 || r.Entries[0].Fact(factRatingMean) != "4.5" || strings.Contains(everything(t, r), "Prune") {
		t.Errorf("%s %s", r.Format, everything(t, r))
	}
	// The neighbour: a list of missions with notes of one's own.
	r = read(t, "missions.csv", []byte("Date;Mission;Client;Note\n02/03/2024;Traduction;Éditions du Quai;livré\n"))
	if r.Format != FormatCSV || r.Entries[0].Organisation != "Éditions du Quai" {
		t.Errorf("%s %+v", r.Format, r.Entries)
	}
}

func TestALineGoneWrongLetsNoNameThrough(t *testing.T) {
	text := "Date;Revenu net de commission;Nature de la course;Zone;Client;Durée (min)\n" +
		"02/03/2024;7,5;Course;Lyon;Prune Secrète;10\n" +
		"03/03/2024;7,5;Course;Lyon;x;Prune Secrète;10\n" +
		"Prune Secrète;7,5;Course;Lyon;x;10\n" +
		"04/03/2024;Prune Secrète;Course;Lyon;x;10\n" +
		"05/03/2024;7;Course;\"Lyon;x;Prune Secrète\n"
	r := read(t, "x", []byte(text))
	if strings.Contains(everything(t, r), "Prune") {
		t.Errorf("%s", everything(t, r))
	}
	if skipped(r, "intake.platform.line_shifted") != 2 || r.Entries[0].Fact(factServices) != "3" {
		t.Errorf("%v %v", r.Skipped, r.Entries[0].Facts)
	}
}

func TestAnArchiveReturnedByAPlatformIsOneActivity(t *testing.T) {
	r := read(t, "retour.zip", zipOf(t,
		"1-evaluations.csv", "Date;Note;Client\n02/03/2024;5;Prune Secrète\n",
		"2-synthese.csv", string(sample(t, "plateforme.csv")),
		"LISEZMOI.txt", "Vos données.\n"))
	if r.Format != FormatPlatform || len(r.Entries) != 1 || strings.Contains(everything(t, r), "Prune") {
		t.Fatalf("%s %d entries %v", r.Format, len(r.Entries), r.Skipped)
	}
	if e := r.Entries[0]; e.Organisation != "Livraisons Imaginaires" || e.Fact(factRatingCount) != "4" {
		t.Errorf("%+v", e)
	}
}
