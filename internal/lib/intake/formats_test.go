package intake

import (
	"os"
	"strings"
	"testing"
	"time"

	"digiwork/internal/testkit/shared"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// entry is the one entry of a title.
func entry(t testing.TB, r *Report, title string) Entry {
	t.Helper()
	for _, e := range r.Entries {
		if e.Title == title {
			return e
		}
	}
	var titles []string
	for _, e := range r.Entries {
		titles = append(titles, e.Title)
	}
	t.Fatalf("%s: no %q among %q; skipped %v", r.Name, title, titles, r.Skipped)
	return Entry{}
}

func skipped(r *Report, key string) (n int) {
	for _, s := range r.Skipped {
		if s.Why.Key == key {
			n++
		}
	}
	return n
}

func warned(r *Report, key string) (n int) {
	for _, w := range r.Warnings {
		if w.What.Key == key {
			n++
		}
	}
	return n
}

// want is what an entry must be, field by field; blank fields are not compared.
type want struct {
	kind                              Kind
	typ, start, end, org, place, with string
}

func (w want) check(t testing.TB, e Entry) {
	t.Helper()
	got := want{e.Kind, e.Type, e.Start, e.End, e.Organisation, e.Place, e.WithWhom}
	if w.place == "" {
		got.place = ""
	}
	if w.with == "" {
		got.with = ""
	}
	if got != w {
		t.Errorf("%q: got %+v, want %+v", e.Title, got, w)
	}
}

func TestJSONResume(t *testing.T) {
	r := read(t, "cv.json", shared.Read(t, "imports/json-resume/sample.resume.json"))
	if r.Format != FormatJSONResume || r.Count(KindActivity) != 4 || r.Count(KindDocument) != 3 || len(r.Skipped) != 0 {
		t.Errorf("%s, %d activities, skipped %v", r.Format, r.Count(KindActivity), r.Skipped)
	}
	want{KindActivity, TypeJob, "2013-12-01", "2014-12-01", "Pied Piper", "Palo Alto, CA", ""}.check(t, entry(t, r, "CEO/President"))
	teacher := entry(t, r, "Teacher")
	want{KindActivity, TypeVolunteering, "2012-01-01", "2013-01-01", "CoderDojo", "", ""}.check(t, teacher)
	if teacher.Paid == nil || *teacher.Paid || !strings.Contains(teacher.Narrative, "\n- Awarded") {
		t.Errorf("volunteering is unpaid and keeps its highlights: %+v", teacher)
	}
	if p := entry(t, r, "Richard Hendriks"); p.Kind != KindProfile || p.Card.Emails[0] != "richard.hendriks@mail.com" {
		t.Errorf("profile %+v", p.Card)
	}
}

func TestEuropassInItsThreeForms(t *testing.T) {
	r := read(t, "x", shared.Read(t, "imports/europass/europass-3.4-sample.json"))
	want{KindActivity, TypeJob, "2020-01-15", "2024-10-12", "Tech Innovation B.V.", "Amsterdam, Netherlands", ""}.check(t, entry(t, r, "Software Developer"))

	r = read(t, "x", sample(t, "europass-3.xml"))
	if r.Format != FormatEuropass || len(r.Skipped) != 0 || len(r.Warnings) != 1 {
		t.Errorf("%s skipped %v warned %v", r.Format, r.Skipped, r.Warnings)
	}
	want{KindActivity, TypeJob, "2012-04", "", "Atelier du Quai", "Lille, France", ""}.check(t, entry(t, r, "Menuisière"))
	want{KindActivity, TypeJob, "2003", "2012-03-31", "Atelier du Quai", "", ""}.check(t, entry(t, r, "Aide-menuisière"))
	want{KindActivity, TypeLearning, "2001", "2003", "Lycée des Arts", "", ""}.check(t, entry(t, r, "CAP menuiserie"))
	want{KindActivity, TypeProject, "", "", "", "", ""}.check(t, entry(t, r, "Un théâtre de marionnettes pour le quartier"))
	if e := entry(t, r, "Menuisière"); e.Narrative != "Fabrication et pose." {
		t.Errorf("narrative %q", e.Narrative)
	}
	if p := entry(t, r, "Zoë van 't Hoff"); p.Card.Born != "1979-02-28" || p.Card.Phones[0] != "+33 6 00 00 00 06" {
		t.Errorf("profile %+v", p.Card)
	}
	if entry(t, r, "Ponçage").Kind != KindSkill || entry(t, r, "néerlandais").Fact(factLevel) != "B1 B2" {
		t.Error("skills")
	}

	r = read(t, "x", sample(t, "europass-2020.xml"))
	if r.Format != FormatEuropass || len(r.Skipped) != 0 {
		t.Errorf("%s skipped %v", r.Format, r.Skipped)
	}
	want{KindActivity, TypeJob, "2008-09-01", "2019-06-30", "Hôpital imaginaire", "Nantes", ""}.check(t, entry(t, r, "Infirmière de bloc"))
	want{KindActivity, TypeJob, "2019-07", "", "Hôpital imaginaire", "Saint-Nazaire", ""}.check(t, entry(t, r, "Formatrice interne"))
	want{KindActivity, TypeLearning, "2005", "2008", "Institut de formation fictif", "", ""}.check(t, entry(t, r, "Diplôme d'État d'infirmière"))
	want{KindActivity, TypeVolunteering, "2015-11", "2018-03", "", "", ""}.check(t, entry(t, r, "Maraudes"))
	if e := entry(t, r, "Infirmière de bloc"); e.Narrative != "- Instrumentation\n- Accueil des élèves" {
		t.Errorf("narrative %q", e.Narrative)
	}
	p := entry(t, r, "Élise-Anaïs de La Tour d'Auvergne")
	if p.Card.Phones[0] != "+33 600000005" || p.Card.Address != "1 place Fictive, 44000, Nantes" || p.Narrative != "Infirmière, puis formatrice." {
		t.Errorf("profile %q %+v", p.Narrative, p.Card)
	}
	if entry(t, r, "eng").Fact(factLevel) != "B2" || entry(t, r, "B").Type != TypeLicence {
		t.Error("languages and licences")
	}
}

func TestLinkedInSample(t *testing.T) {
	r := read(t, "Basic.zip", shared.Read(t, "imports/linkedin-synthetic/Basic_LinkedInDataExport_synthetic.zip"))
	if r.Format != FormatLinkedIn || len(r.Entries) != 12 || len(r.Skipped) != 0 {
		t.Errorf("%s, %d entries, skipped %v", r.Format, len(r.Entries), r.Skipped)
	}
	e := entry(t, r, "Cheffe d'équipe")
	want{KindActivity, TypeJob, "2019-03", "", "Entrepôts Fictifs SA", "Saint-Priest", ""}.check(t, e)
	if e.Where.String() != "Positions.csv:L2" {
		t.Errorf("where %s", e.Where)
	}
}

func TestTablesWithAccentsFromTwoCenturies(t *testing.T) {
	r := read(t, "x", sample(t, "activites-cp1252.csv"))
	if r.Format != FormatCSV || len(r.Entries) != 4 {
		t.Fatalf("%s %d entries, skipped %v", r.Format, len(r.Entries), r.Skipped)
	}
	e := entry(t, r, "Aide à domicile")
	want{KindActivity, TypeJob, "2019-03-01", "2020-12-31", "Les Bleuets", "Nîmes", ""}.check(t, e)
	if e.HoursPerWeek != 17.5 || e.Paid == nil || !*e.Paid || e.Narrative != "Accompagner, écouter ;\ncuisiner." || len(e.Tools) != 2 {
		t.Errorf("%+v", e)
	}
	want{KindActivity, TypeVolunteering, "2018-09", "", "Club d’échecs", "", ""}.check(t, entry(t, r, "Trésorière"))
	want{KindActivity, TypeCare, "2017", "2018", "", "", ""}.check(t, entry(t, r, "Soin de ma mère"))
	odd := entry(t, r, "Séminaire")
	want{KindActivity, TypeOther, "2019-12-13", "", "", "", ""}.check(t, odd)
	if odd.Tags[0] != "conférence" || odd.Where.Line != 7 {
		t.Errorf("the unknown type is kept, the line is 7: %+v", odd)
	}
	for _, key := range []string{"intake.encoding_mixed", "intake.kind_unknown", "intake.paid_unreadable", "intake.hours_unreadable"} {
		if warned(r, key) != 1 {
			t.Errorf("%s said %d times", key, warned(r, key))
		}
	}
}

func TestTablesInEnglishWithMonthsFirst(t *testing.T) {
	r := read(t, "x", sample(t, "activities.csv"))
	if warned(r, "intake.dates_month_first") != 1 {
		t.Errorf("warned %v", r.Warnings)
	}
	e := entry(t, r, "Warehouse lead")
	want{KindActivity, TypeJob, "2019-03-25", "2020-12-31", "Imaginary Stores", "", ""}.check(t, e)
	if e.Narrative != "Favourite colour : blue" || len(e.Tools) != 2 {
		t.Errorf("a column we do not know is kept: %+v", e)
	}
	want{KindActivity, TypeVolunteering, "2018-04-05", "", "Sing Together", "", ""}.check(t, entry(t, r, "Choir treasurer"))
}

func TestTablesInEveryEncoding(t *testing.T) {
	text := "Activité\tDébut\r\nÉlagage\t2019\r\n"
	for name, raw := range map[string][]byte{
		"UTF-8":           []byte(text),
		"UTF-8 with mark": []byte("\ufeff" + text),
		"UTF-16":          utf16le("\ufeff" + text),
		"UTF-16 bare":     utf16le(text),
	} {
		want{KindActivity, TypeOther, "2019", "", "", "", ""}.check(t, entry(t, read(t, name, raw), "Élagage"))
	}
}

func utf16le(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return b
}

func TestAGuillemetAfterAnAccentStaysOne(t *testing.T) {
	r := read(t, "x", []byte("Activit\xe9;D\xe9but\n\xab\xa0CAF\xc9\xa0\xbb;2019\n"))
	entry(t, r, "«\u00a0CAFÉ\u00a0»")
}

func TestOneDateMeansItIsOver(t *testing.T) {
	r := read(t, "x", []byte("Date;Activité\n02/03/2019;Atelier\n"))
	want{KindActivity, TypeOther, "2019-03-02", "2019-03-02", "", "", ""}.check(t, entry(t, r, "Atelier"))
	r = read(t, "x", []byte("Début;Activité\n02/03/2019;Atelier\n"))
	want{KindActivity, TypeOther, "2019-03-02", "", "", "", ""}.check(t, entry(t, r, "Atelier"))
	r = read(t, "x", []byte("Période;Activité\n2015-2018;Atelier\n"))
	want{KindActivity, TypeOther, "2015", "2018", "", "", ""}.check(t, entry(t, r, "Atelier"))
}

func TestTablesOfContactsAndSkills(t *testing.T) {
	r := read(t, "x", []byte("Prénom;Nom;Courriel;Téléphone;Société\nJean-Noël;D’Arc;jn@exemple.invalid;06 00 00 00 09;Scierie\n"))
	e := entry(t, r, "Jean-Noël D’Arc")
	if e.Kind != KindContact || e.Card.Emails[0] != "jn@exemple.invalid" || e.Organisation != "Scierie" {
		t.Errorf("%+v", e)
	}
	r = read(t, "x", []byte("Compétence\nSoudure\nAccueil\n"))
	if len(r.Entries) != 2 || r.Entries[0].Kind != KindSkill {
		t.Errorf("%+v", r.Entries)
	}
}

func TestCalendar(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	raw := sample(t, "agenda.ics")
	r, err := Read(t.Context(), "x", strings.NewReader(string(raw)), int64(len(raw)), Options{Zone: paris})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, r)
	e := entry(t, r, "Chantier participatif à la ferme")
	want{KindActivity, TypeOther, "2024-06-10", "2024-06-12", "", "Die", "Awa Exemple"}.check(t, e)
	if strings.Contains(e.Narrative, "rappel") || len(e.Tags) != 2 {
		t.Errorf("an alarm is not the event: %+v", e)
	}
	e = entry(t, r, "Permanence de la guilde")
	want{KindActivity, TypeOther, "2024-09-05", "2025-06-26", "", "", ""}.check(t, e)
	if e.Fact(factHours) != "1.5" {
		t.Errorf("%v", e.Facts)
	}
	want{KindActivity, TypeOther, "2024-09-06", "2024-09-06", "", "", ""}.check(t, entry(t, r, "Garde de nuit"))
	want{KindActivity, TypeOther, "2024-03-01", "2024-03-01", "", "", ""}.check(t, entry(t, r, "Repeindre le local"))
	for _, key := range []string{"intake.calendar.repeated", "intake.calendar.cancelled", "intake.line_unreadable", "intake.truncated"} {
		if skipped(r, key) != 1 {
			t.Errorf("%s said %d times in %v", key, skipped(r, key), r.Skipped)
		}
	}
}

func TestCardsOfThreeVersions(t *testing.T) {
	r := read(t, "x", sample(t, "carnet.vcf"))
	if r.Format != FormatCards || len(r.Entries) != 3 {
		t.Fatalf("%s, %d entries, skipped %v", r.Format, len(r.Entries), r.Skipped)
	}
	e := entry(t, r, "Nguyễn Thị Ánh")
	if e.Organisation != "Coopérative du Port, Atelier" || e.Card.Emails[0] != "anh@exemple.invalid" || e.Card.Phones[0] != "+33-6-00-00-00-07" ||
		e.Card.Address != "4 rue du Port, 29200 Brest" || e.Narrative != "Rencontrée au salon, en 2021.\nTravaille le bois." || len(e.Tags) != 2 {
		t.Errorf("%+v %+v", e, e.Card)
	}
	if e := entry(t, r, "Dr. Sean O'Connor"); e.Narrative != "une ligne repliée" || e.Card.Emails[0] != "sean@exemple.invalid" {
		t.Errorf("%+v %+v", e, e.Card)
	}
	if e := entry(t, r, "Ægir Œdipe"); e.Narrative != "Très bon soudeur" || e.Card.Phones[0] != "06 00 00 00 08" {
		t.Errorf("%+v %+v", e, e.Card)
	}
	if skipped(r, "intake.cards.group") != 1 || skipped(r, "intake.truncated") != 1 || len(r.Skipped) != 2 {
		t.Errorf("skipped %v", r.Skipped)
	}
}

func TestStatementsBecomeOneActivityEach(t *testing.T) {
	r := read(t, "x", sample(t, "statements.json"))
	e := entry(t, r, "Souder en sécurité")
	want{KindActivity, TypeLearning, "2023-02-01", "2023-02-14", "", "", ""}.check(t, e)
	if e.Fact(factScore) != "17/20" || e.Fact(factHours) != "3.5" || e.Fact(factVerb) != "commencé, terminé" || e.Fact(factStatements) != "2" {
		t.Errorf("%v", e.Facts)
	}
	if len(r.Entries) != 1 || skipped(r, "intake.xapi.voided") != 2 || skipped(r, "intake.xapi.incomplete") != 1 {
		t.Errorf("%d entries, skipped %v", len(r.Entries), r.Skipped)
	}
}

func TestBadgesAreKeptByteForByte(t *testing.T) {
	for name, title := range map[string]string{
		"ob30/simple.json": "Teamwork", "ob30/simple-json.png": "Teamwork", "ob30/simple-json.svg": "Teamwork",
		"ob30/simple-jwt.png": "Teamwork", "ob20/basic-assertion.json": "robotics-badge", "ob20/simple.jwt": "robotics-badge",
		"ob30/velocity.jwt": "Velocity Network Board Member 2022",
	} {
		raw := shared.Read(t, "open-badges/"+name)
		r := read(t, name, raw)
		e := entry(t, r, title)
		if r.Format != FormatBadge || e.Type != TypeBadge || string(e.Piece.Raw) != string(raw) || e.Start == "" {
			t.Errorf("%s: %s %s %q", name, r.Format, e.Type, e.Start)
		}
	}
	two := "[" + string(shared.Read(t, "open-badges/ob30/simple.json")) + ", " + string(shared.Read(t, "open-badges/ob20/basic-assertion.json")) + "]"
	if r := read(t, "wallet.json", []byte(two)); r.Count(KindPiece) != 2 {
		t.Errorf("a list of two badges: %v", r.Skipped)
	}
	for _, name := range []string{"ob20/assets/badgeclass1.json", "ob20/assets/issuer1.json", "ob20/assets/robotics-badge.png"} {
		if r := read(t, name, shared.Read(t, "open-badges/"+name)); !r.Refused() {
			t.Errorf("%s is no badge received", name)
		}
	}
}

func TestOnlyTheContentDecides(t *testing.T) {
	r := read(t, "photo.png", sample(t, "carnet.vcf"))
	if r.Format != FormatCards {
		t.Errorf("a card called photo.png is %s", r.Format)
	}
}
