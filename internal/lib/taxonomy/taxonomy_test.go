package taxonomy

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/testkit/shared"
)

// Small files in the official forms; what they say is invented.
const (
	escoOccupations = "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,hiddenLabels,status,description,code\r\n" +
		"Occupation,http://data.europa.eu/esco/occupation/o1,7999,luthier d’essai/luthière d’essai,\"luthière d’essai\nfacteur d’essai\",,released,\"Les luthiers d’essai, \"\"toujours\"\"\ncalmes.\",7999.1\r\n" +
		"Occupation,http://data.europa.eu/esco/occupation/o2,7999,accordeur d’essai,,,released,,7999.2\r\n"
	escoSkills = "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,description\n" +
		"KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/s1,skill/competence,transversal,tune a test,tuning tests,,released,Tune.\n" +
		"KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/s2,knowledge,sector-specific,wood of tests,,,released,\n"
	escoSkillsFr  = "conceptUri,preferredLabel,altLabels\nhttp://data.europa.eu/esco/skill/s1,accorder un essai,régler un essai|ajuster un essai\n"
	escoRelations = "occupationUri,relationType,skillType,skillUri\n" +
		"http://data.europa.eu/esco/occupation/o1,essential,,http://data.europa.eu/esco/skill/s1\n" +
		"http://data.europa.eu/esco/occupation/o1,optional,,http://data.europa.eu/esco/skill/s2\n" +
		"http://data.europa.eu/esco/occupation/o1,optional,,http://data.europa.eu/esco/skill/absent\n"
	romeCodes = "\"code_rome\",\"code_fiche_metier\",\"code_ogr\",\"libelle_rome\",\"emploi_reglemente\",\"code_rome_parent\"\n" +
		"\"Z1001\",\"1\",\"1\",\"Luthier / Luthière d'essai\",\"\",\"Z1001\"\n\"Z1002\",\"2\",\"2\",\"Accordeur / Accordeuse\",\"O\",\"Z1001\"\n"
	romeTitles = "\"code_ogr\",\"libelle_appellation_long\",\"libelle_appellation_court\",\"code_rome\",\"classification\"\n" +
		"\"101\",\"Facteur / Factrice d'essai\",\"Facteur(trice) d'essai\",\"Z1001\",\"SYNONYME\"\n\"102\",\"Accordeur / Accordeuse d'essai\",\"\",\"Z1002\",\"PRINCIPALE\"\n"
	romeJSON = `[{"rome":{"code_rome":"Z1001","intitule":"Luthier"},"definition":"Fait des essais.","appellations":[{"libelle":"Essayeur","code_ogr":103}],
		"competences":{"savoir_faire":{"enjeux":[{"libelle":"Production","items":[{"libelle":"Raboter un essai","code_ogr":"501","coeur_metier":"Principale"}]}]},
		"savoirs":{"categories":[{"libelle":"Matières","items":[{"libelle":"Bois d'essai","code_ogr":502,"coeur_metier":null}]}]}}}]`
	crosswalk = "Mapping project name,ESSAI\nMapping project version,V1\n\nclassification 1 ID,classification 1 prefered label,classification 2 ID,classification 2 prefered label,mapping relation\n" +
		"http://data.europa.eu/esco/occupation/o1,luthier d’essai,101,Facteur,skos:exactMatch\n"
	rncpStandardCSV = "\"Id_Fiche\";\"Numero_Fiche\";\"Intitule\";\"Abrege_Intitule\";\"Nomenclature_Europe_Niveau\";\"Date_Fin_Enregistrement\";\"Actif\"\n" +
		"\"1\";\"RNCP90001\";\"Luthier d'essai\";\"TP\";\"NIV4\";\"31/12/2027\";\"ACTIVE\"\n\"2\";\"RNCP90002\";\"Ancien luthier d'essai\";;\"NIV4\";;\"INACTIVE\"\n"
	rncpBlocsCSV    = "\"Numero_Fiche\";\"Bloc_Competences_Code\";\"Bloc_Competences_Libelle\"\n\"RNCP90001\";\"RNCP90001BC01\";\"Accorder ; régler\"\n"
	rncpReplacedCSV = "\"Numero_Fiche\";\"Ancienne_Certification\";\"Nouvelle_Certification\"\n\"RNCP90002\";;\"RNCP90001\"\n\"RNCP90001\";\"RNCP90002\";\n"
	rncpXML         = `<?xml version="1.0" encoding="UTF-8"?><FICHES><FICHE><NUMERO_FICHE>RNCP90001</NUMERO_FICHE><INTITULE>Luthier d'essai</INTITULE>
		<BLOCS_COMPETENCES><BLOC_COMPETENCES><CODE>RNCP90001BC01</CODE><LIBELLE>Accorder</LIBELLE><LISTE_COMPETENCES>&lt;p&gt;Tendre une corde&lt;/p&gt;&lt;p&gt;&amp;Eacute;couter&lt;/p&gt;</LISTE_COMPETENCES></BLOC_COMPETENCES></BLOCS_COMPETENCES></FICHE></FICHES>`
	formacode = "\uFEFFCode du Terme;Descripteur en majuscules;Descripteur en typo riche;Champ sémantique;Synonymes;TG (Terme Générique);TS (Termes Spécifiques);TA (Termes Associés)\n" +
		"90054;LUTHERIE;Lutherie d'essai;900 ESSAIS;facture d'essai###lutherie;;Accord d'essai - 90061;\n90061;ACCORD;Accord d'essai;900 ESSAIS;;Lutherie d'essai - 90054;;\n"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func zipped(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for n, content := range files {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, name, buf.String())
}

func gzipped(t *testing.T, name, content string) string {
	t.Helper()
	var buf bytes.Buffer
	g := gzip.NewWriter(&buf)
	if _, err := g.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, name, buf.String())
}

func imported(t *testing.T, s Shelf, scheme Scheme, paths ...string) Report {
	t.Helper()
	rep, err := s.Import(scheme, "", paths)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func concept(t *testing.T, s Shelf, scheme Scheme, uri string) *Concept {
	t.Helper()
	b, err := s.Current(scheme)
	if err != nil || b == nil {
		t.Fatalf("%s: %v, %v", scheme, b, err)
	}
	i, ok := b.Find(uri)
	if !ok {
		t.Fatalf("%s is not in %s", uri, scheme)
	}
	return &b.Concepts[i]
}

func TestEscoComesInAnyForm(t *testing.T) {
	s := Shelf{Dir: filepath.Join(t.TempDir(), "shelf")}
	rep := imported(t, s, ESCO,
		zipped(t, "ESCO dataset - v1.1.1 - classification - en - csv.zip", map[string]string{"skills_en.csv": escoSkills, "notes.txt": "conceptUri, preferredLabel in prose"}),
		gzipped(t, "occupations_fr.csv.gz", escoOccupations), write(t, "skills_fr_labels.csv", escoSkillsFr), write(t, "relations.csv", escoRelations))
	if rep.Version != "1.1.1" || rep.Counts["occupation"] != 2 || rep.Counts["skill"] != 2 || !rep.Current || rep.Notice == "" {
		t.Errorf("report %+v", rep)
	}
	if len(rep.Sources) != 4 {
		t.Errorf("sources %v", rep.Sources)
	}
	o := concept(t, s, ESCO, "http://data.europa.eu/esco/occupation/o1")
	if o.Label("fr") != "luthier d’essai/luthière d’essai" || o.Kind != Occupation || o.Code != "7999.1" {
		t.Errorf("occupation %+v", o)
	}
	if want := "Les luthiers d’essai, \"toujours\"\ncalmes."; o.Note("fr") != want {
		t.Errorf("note %q, want %q", o.Note("fr"), want)
	}
	if len(o.Links) != 2 || o.Links[0].Relation != Essential || o.Links[1].Relation != Optional {
		t.Errorf("links %v", o.Links)
	}
	k := concept(t, s, ESCO, "http://data.europa.eu/esco/skill/s1")
	if k.Label("fr") != "accorder un essai" || k.Label("en") != "tune a test" || k.Label("de") == "" || len(k.Labels) != 5 {
		t.Errorf("skill %+v", k)
	}
	if k.Note("en") != "Tune." || k.Fact(FactReuse)[0] != "transversal" {
		t.Errorf("skill %+v", k)
	}
}

func TestImportingAgainAddsAndLosesNothing(t *testing.T) {
	s := Shelf{Dir: t.TempDir()}
	first := imported(t, s, ESCO, write(t, "esco-1.1.1-occupations_fr.csv", escoOccupations))
	second := imported(t, s, ESCO, write(t, "skills_en.csv", escoSkills)) // tells no version: goes with the newest
	if first.Version != second.Version || second.Added != 2 || second.Counts["occupation"] != 2 {
		t.Errorf("first %+v, second %+v", first, second)
	}
	renamed := strings.ReplaceAll(escoSkillsFr, "accorder un essai", "mettre un essai au ton")
	imported(t, s, ESCO, write(t, "skills_fr.csv", escoSkillsFr))
	third := imported(t, s, ESCO, write(t, "skills_fr.csv", renamed))
	k := concept(t, s, ESCO, "http://data.europa.eu/esco/skill/s1")
	if k.Label("fr") != "mettre un essai au ton" || !slices.Contains(k.Labels, Label{"fr", Alternative, "accorder un essai"}) {
		t.Errorf("labels %v", k.Labels)
	}
	again := imported(t, s, ESCO, write(t, "skills_fr.csv", renamed))
	if again.Added != 0 || again.Digest != third.Digest {
		t.Errorf("the same file twice: %+v", again)
	}
}

func TestVersionsStandSideBySide(t *testing.T) {
	s := Shelf{Dir: t.TempDir()}
	imported(t, s, ROME, write(t, "unix_referentiel_code_rome_v459_utf8.csv", romeCodes), write(t, "unix_referentiel_appellation_v459_utf8.csv", romeTitles))
	moved := strings.ReplaceAll(strings.ReplaceAll(romeCodes, "Z1001", "Z2001"), "Luthier / Luthière d'essai", "Artisan d'essai")
	rep := imported(t, s, ROME, zipped(t, "RefRomeCsv.zip", map[string]string{
		"unix_referentiel_code_rome_v460_utf8.csv":   moved,
		"unix_referentiel_appellation_v460_utf8.csv": strings.ReplaceAll(romeTitles, "Z1001", "Z2001"),
	}))
	if rep.Version != "v460" || rep.Kept != 1 || len(rep.Replaced) != 1 || rep.Replaced[0].New != RomeURI("Z2001") || rep.Replaced[0].Why != "same titles" {
		t.Errorf("report %+v", rep)
	}
	l := Open(s)
	f, ok, err := l.Resolve(ROME, "Z1001")
	if err != nil || !ok || f.Current || f.Concept.Label("fr") != "Luthier / Luthière d'essai" || f.Now == nil || f.Now.Code != "Z2001" {
		t.Errorf("Z1001 leads to %+v, %v, %v", f, ok, err)
	}
	if f, ok, err := l.Resolve(ROME, "Z1002"); err != nil || !ok || !f.Current || f.Now != nil {
		t.Errorf("Z1002 leads to %+v, %v, %v", f, ok, err)
	}
	if _, ok, err := l.Resolve(ROME, "Z9999"); ok || err != nil {
		t.Errorf("Z9999 is found: %v", err)
	}
	list, err := l.Entries()
	if err != nil || len(list) != 2 || list[0].Version != "v460" || !list[0].Current || list[1].Current {
		t.Errorf("list %+v, %v", list, err)
	}
}

func TestALibraryNoticesWhatIsImported(t *testing.T) {
	s := Shelf{Dir: filepath.Join(t.TempDir(), "later")}
	l := Open(s)
	if b, err := l.Book(ROME); b != nil || err != nil {
		t.Fatalf("an empty shelf has %v, %v", b, err)
	}
	if b, err := l.Book(Starter); err != nil || len(b.Concepts) == 0 {
		t.Fatalf("our own list: %v, %v", b, err)
	}
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	imported(t, s, ROME, write(t, "unix_referentiel_code_rome_v459_utf8.csv", romeCodes))
	first, err := l.Book(ROME)
	if err != nil || first == nil || first.Version != "v459" {
		t.Fatalf("%v, %v", first, err)
	}
	if again, err := l.Book(ROME); err != nil || again != first {
		t.Errorf("the book was read twice: %v", err)
	}
	imported(t, s, ROME, write(t, "unix_referentiel_code_rome_v460_utf8.csv", strings.ReplaceAll(romeCodes, "Z1001", "Z2001")))
	if now, err := l.Book(ROME); err != nil || now.Version != "v460" {
		t.Errorf("the new version was not noticed: %v", err)
	}
	if f, ok, err := l.Resolve(ROME, RomeURI("Z1001")); err != nil || !ok || f.Current || f.Book.Version != "v459" {
		t.Errorf("the old reference leads to %+v, %v, %v", f, ok, err)
	}
}

func TestRomeSheetsAndMixedEncodings(t *testing.T) {
	s := Shelf{Dir: t.TempDir()}
	latin := strings.ReplaceAll(romeJSON, "Fait des essais.", "Fait des pi\xe8ces \x96 et des « pièces ».")
	imported(t, s, ROME, write(t, "unix_fiche_emploi_metier_v461_utf8.json", latin))
	trade := concept(t, s, ROME, "Z1001")
	if trade.Note("fr") != "Fait des pièces – et des « pièces »." {
		t.Errorf("note %q", trade.Note("fr"))
	}
	if len(trade.Links) != 2 || trade.Links[0].Relation != Essential {
		t.Errorf("links %v", trade.Links)
	}
	if k := concept(t, s, ROME, "501"); k.Kind != Skill || k.Nature != "savoir-faire" {
		t.Errorf("competence %+v", k)
	}
	if title := concept(t, s, ROME, "103"); title.Kind != Title {
		t.Errorf("title %+v", title)
	}
}

func TestCrosswalkRncpAndFormacode(t *testing.T) {
	s := Shelf{Dir: t.TempDir()}
	imported(t, s, RomeESCO, write(t, "esco_rome_mapping_2023-06-07.csv", crosswalk))
	if c := concept(t, s, RomeESCO, "http://data.europa.eu/esco/occupation/o1"); !slices.Equal(c.Refs, []Ref{{OgrURI("101"), Exact}}) {
		t.Errorf("refs %v", c.Refs)
	}
	imported(t, s, RNCP, zipped(t, "export-fiches-csv-2024-02-22.zip", map[string]string{"a.csv": rncpStandardCSV, "Blocs_De_Comp\x82tences.csv": rncpBlocsCSV, "c.csv": rncpReplacedCSV}))
	imported(t, s, RNCP, write(t, "export-fiches-rncp-v4-1-2024-02-22.xml", rncpXML))
	bloc := concept(t, s, RNCP, "RNCP90001BC01")
	if bloc.Kind != Bloc || bloc.Note("fr") != "Tendre une corde\nÉcouter" || bloc.Links[0].Relation != PartOf {
		t.Errorf("bloc %+v", bloc)
	}
	cert := concept(t, s, RNCP, "RNCP90001")
	if cert.Fact(FactUntil)[0] != "2027-12-31" || cert.Nature != "RNCP" || cert.Closed {
		t.Errorf("certification %+v", cert)
	}
	l := Open(s)
	if f, ok, err := l.Resolve(RNCP, "RNCP90002"); err != nil || !ok || !f.Concept.Closed || f.Now == nil || f.Now.Code != "RNCP90001" {
		t.Errorf("RNCP90002 leads to %+v, %v, %v", f, ok, err)
	}
	imported(t, s, Formacode, write(t, "formacodes-v14.csv", formacode))
	if c := concept(t, s, Formacode, "90061"); len(c.Links) != 1 || c.Links[0].Relation != Broader {
		t.Errorf("field %+v", c)
	}
}

func TestWhatCannotBeReadIsRefusedAndChangesNothing(t *testing.T) {
	s := Shelf{Dir: t.TempDir()}
	imported(t, s, ESCO, write(t, "esco-1.1.1_fr.csv", escoOccupations))
	before, err := s.Open(ESCO, "1.1.1")
	if err != nil {
		t.Fatal(err)
	}
	good := write(t, "skills_en.csv", escoSkills)
	for _, c := range []struct {
		name   string
		scheme Scheme
		path   string
		want   Reason
	}{
		{"another scheme", "onet", good, Unknown},
		{"no such file", ESCO, filepath.Join(t.TempDir(), "absent.csv"), Missing},
		{"no table in it", ESCO, write(t, "x.csv", "a,b\n1,2\n"), NothingIn},
		{"a table of another scheme", ROME, good, NothingIn},
		{"a cut archive", ESCO, write(t, "x.zip", "PK\x03\x04 and no more"), Damaged},
		{"a cut gzip", ESCO, write(t, "x.csv.gz", "\x1f\x8b\x08\x00"), Damaged},
		{"a cell without end", ESCO, write(t, "x.csv", "conceptUri,preferredLabel\nhttp://data.europa.eu/esco/skill/x,\""+strings.Repeat("x", maxCell+1)), TooLarge},
		{"an element without end", RNCP, write(t, "x.xml", "<FICHES><FICHE><INTITULE>"+strings.Repeat("x", maxPiece+1<<20)), TooLarge},
	} {
		paths := []string{good, c.path}
		if c.want == NothingIn {
			paths = paths[1:]
		}
		_, err := s.Import(c.scheme, "", paths)
		r, ok := errors.AsType[*Refusal](err)
		if !ok || r.Reason != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	after, err := s.Open(ESCO, "1.1.1")
	if err != nil || after.Digest != before.Digest {
		t.Errorf("the book changed: %v", err)
	}
}

func TestADamagedBookIsNotRead(t *testing.T) {
	s := Shelf{Dir: t.TempDir()}
	imported(t, s, ESCO, write(t, "esco-1.1.1_fr.csv", escoOccupations))
	name := s.path(ESCO, "1.1.1")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(ESCO, "1.1.1"); !errors.Is(err, errDamaged) {
		t.Errorf("got %v", err)
	}
}

func TestOneImportAtATime(t *testing.T) {
	s := Shelf{Dir: t.TempDir()}
	unlock, err := s.lock()
	if err != nil {
		t.Fatal(err)
	}
	p := write(t, "esco-1.1.1_fr.csv", escoOccupations)
	if _, err := s.Import(ESCO, "", []string{p}); err == nil {
		t.Error("two imports at once")
	}
	unlock()
	imported(t, s, ESCO, p)
}

func TestVersionsAndLanguagesAreReadFromNames(t *testing.T) {
	for _, c := range []struct {
		scheme        Scheme
		name, v, lang string
	}{
		{ESCO, "ESCO dataset - v1.2.0 - classification - fr - csv.zip!/skills_fr.csv", "1.2.0", "fr"},
		{ESCO, "in/fr-1.1.1/ISCOGroups_fr.csv.gz", "1.1.1", "fr"},
		{ESCO, "esco-1.1.1-classification-en-csv.zip!/occupations_en.csv", "1.1.1", "en"},
		{ROME, "RefRomeCsv.zip!/unix_item_v460_utf8.csv", "v460", "fr"},
		{Formacode, "formacodes-v14.csv.gz", "v14", "fr"},
		{RNCP, "export_fiches_CSV_Standard_2024_02_22.csv", "2024-02-22", "fr"},
		{ESCO, "skills_fr_labels.csv.gz", "", "fr"},
	} {
		if v := versionIn(c.scheme, []string{c.name}); v != c.v {
			t.Errorf("%s: version %q, want %q", c.name, v, c.v)
		}
		if l := langOf(c.name); l != c.lang {
			t.Errorf("%s: language %q, want %q", c.name, l, c.lang)
		}
	}
	for _, pair := range [][2]string{{"1.1.1", "1.2"}, {"v460", "v1000"}, {"", "0"}, {"2024-02-22", "2024-11-01"}, {"1.2", "1.2.1"}} {
		if compareVersions(pair[0], pair[1]) >= 0 || compareVersions(pair[1], pair[0]) <= 0 {
			t.Errorf("%q does not come before %q", pair[0], pair[1])
		}
	}
}

// The counts are those that the publishers give.
func TestTheOfficialFilesAreReadWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 8 MB of archives")
	}
	s := Shelf{Dir: t.TempDir()}
	esco := imported(t, s, ESCO, shared.Path(t, "esco"))
	if esco.Version != "1.1.1" || esco.Counts["occupation"] != 3007 || esco.Counts["skill"] != 13896 {
		t.Errorf("ESCO %+v", esco)
	}
	b, err := s.Current(ESCO)
	if err != nil {
		t.Fatal(err)
	}
	needs := 0
	for i := range b.Concepts {
		for _, l := range b.Concepts[i].Links {
			if l.Relation == Essential || l.Relation == Optional {
				needs++
			}
		}
	}
	if needs != 123855-67 { // 67 rows are about an occupation that the package does not have
		t.Errorf("%d relations of occupations to skills", needs)
	}
	rome := imported(t, s, ROME, shared.Path(t, "rome"))
	if rome.Version != "v460" || rome.Counts["occupation"] != 1584 || rome.Counts["title"] != 13120 {
		t.Errorf("ROME %+v", rome)
	}
	walk := imported(t, s, RomeESCO, shared.Path(t, "rome"))
	if walk.Counts["occupation"] != 1915 {
		t.Errorf("crosswalk %+v", walk)
	}
	rncp := imported(t, s, RNCP, shared.Path(t, "vae-certifications/export-fiches-csv-2024-02-22.zip"))
	if rncp.Counts["bloc"] != 6 || rncp.Counts["certification"] != 9 {
		t.Errorf("RNCP %+v", rncp)
	}
	fields := imported(t, s, Formacode, shared.Path(t, "vae-certifications/formacodes-v14.csv.gz"))
	if fields.Counts["field"] < 2775 {
		t.Errorf("Formacode %+v", fields)
	}
}

func FuzzImport(f *testing.F) {
	for _, seed := range []string{escoOccupations, escoSkills, escoRelations, romeCodes, romeTitles, romeJSON, crosswalk, rncpStandardCSV, rncpXML, formacode} {
		for i := range Schemes {
			f.Add(uint8(i), []byte(seed)) //nolint:gosec // five schemes
		}
	}
	f.Fuzz(func(t *testing.T, scheme uint8, raw []byte) {
		d := newDraft(Schemes[int(scheme)%len(Schemes)], "1")
		o := opener{left: 1 << 24, visit: func(name string, r *bufio.Reader) error {
			_, err := d.readFile(readers[d.scheme], name, r)
			return named(err, name)
		}}
		err := o.content("file", bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			if _, ok := errors.AsType[*Refusal](err); !ok {
				t.Fatalf("an error that is no refusal: %v", err)
			}
			return
		}
		first, err := encode(d.book())
		if err != nil {
			t.Fatal(err)
		}
		b, err := decode(first)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := encode(reopen(b).book()); err != nil || !bytes.Equal(again[len(magic):], first[len(magic):]) {
			t.Fatalf("a book changes when it is written again: %v", err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	d := newDraft(ESCO, "1")
	e, err := d.entry("http://data.europa.eu/esco/skill/s", Skill)
	if err != nil {
		f.Fatal(err)
	}
	e.name("fr", Preferred, "essai")
	raw, err := encode(d.book())
	if err != nil {
		f.Fatal(err)
	}
	_, body, err := decodeHead(raw)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw[body:])
	f.Fuzz(func(t *testing.T, body []byte) {
		r := &unpacker{in: body} // below the digest, which a fuzzer cannot pass
		r.readTexts()
		all := make([]Concept, r.count(8))
		for i := range all {
			r.concept(&all[i], len(all))
		}
		if r.bad {
			return
		}
		for i := range all {
			for _, l := range all[i].Links {
				if int(l.To) >= len(all) || l.To < 0 {
					t.Fatalf("a link leads out of the book: %v", l)
				}
			}
		}
	})
}

func TestTheStarterListIsWholeInBothLanguages(t *testing.T) {
	b, err := StarterList()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(b.Concepts); n < 140 {
		t.Errorf("%d competences", n)
	}
	names := map[string]string{}
	for i := range b.Concepts {
		c := &b.Concepts[i]
		count := map[string]int{}
		for _, l := range c.Labels {
			count[l.Lang]++
			if l.Role != Preferred {
				continue
			}
			if other, twice := names[l.Lang+l.Text]; twice {
				t.Errorf("%s and %s have one name, %q", other, c.Code, l.Text)
			}
			names[l.Lang+l.Text] = c.Code
		}
		if count["fr"] == 0 || count["en"] == 0 || len(c.Labels) < 3 {
			t.Errorf("%s: labels %v", c.Code, c.Labels)
		}
	}
}

func TestEveryRefusalIsSaidInBothLanguages(t *testing.T) {
	for _, reason := range []Reason{Unknown, Missing, Damaged, TooLarge, NothingIn, Busy} {
		fr, en := (&Refusal{Reason: reason, File: "x.csv", Row: 3}).Say("fr"), (&Refusal{Reason: reason, File: "x.csv", Row: 3}).Say("en")
		if fr == "" || en == "" || fr == en || strings.Contains(fr+en, "%!") {
			t.Errorf("%s: %q, %q", reason, fr, en)
		}
	}
}

func TestCommandsSpeakToPeopleAndToPrograms(t *testing.T) {
	s := Shelf{Dir: t.TempDir()}
	var empty, list, people, doc bytes.Buffer
	if err := s.RunList(&empty, "fr", false); err != nil || !strings.Contains(empty.String(), "Aucun référentiel") {
		t.Errorf("empty: %q, %v", empty.String(), err)
	}
	p := write(t, "esco-1.1.1_fr.csv", escoOccupations)
	if err := s.RunImport(&people, "fr", false, ESCO, "", []string{p}); err != nil || !strings.Contains(people.String(), "esco 1.1.1 (fr): occupation 2") {
		t.Errorf("people: %q, %v", people.String(), err)
	}
	if err := s.RunImport(&doc, "fr", true, ESCO, "", []string{p}); err != nil {
		t.Fatal(err)
	}
	var rep Report
	if err := json.Unmarshal(doc.Bytes(), &rep); err != nil || rep.Version != "1.1.1" || rep.Added != 0 {
		t.Errorf("document: %s, %v", doc.String(), err)
	}
	if err := s.RunList(&list, "en", true); err != nil {
		t.Fatal(err)
	}
	var all struct{ Taxonomies []Entry }
	if err := json.Unmarshal(list.Bytes(), &all); err != nil || len(all.Taxonomies) != 1 || !all.Taxonomies[0].Current {
		t.Errorf("list: %s, %v", list.String(), err)
	}
}
