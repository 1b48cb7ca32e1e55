package taxonomy

import (
	"bufio"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"
)

// The tables of the open-data export of France compétences; their key is the
// number of the certification.
var rncpTables = []shape{
	{columns: []string{"Numero_Fiche", "Intitule", "Nomenclature_Europe_Niveau"}, row: rncpStandard},
	{columns: []string{"Numero_Fiche", "Bloc_Competences_Code", "Bloc_Competences_Libelle"}, row: rncpBloc},
	{columns: []string{"Numero_Fiche", "Codes_Rome_Code"}, row: rncpRome},
	{columns: []string{"Numero_Fiche", "Formacode_Code"}, row: rncpFormacode},
	{columns: []string{"Numero_Fiche", "Nsf_Code", "Nsf_Intitule"}, row: rncpFact(FactSpeciality, "Nsf_Intitule")},
	{columns: []string{"Numero_Fiche", "Nom_Certificateur"}, row: rncpFact(FactCertifier, "Nom_Certificateur")},
	{columns: []string{"Numero_Fiche", "Si_Jury"}, row: rncpFact(FactAccess, "Si_Jury")},
	{columns: []string{"Numero_Fiche", "Ancienne_Certification", "Nouvelle_Certification"}, row: rncpReplaced},
	{columns: []string{"Code RNCP", "Nom la certification"}, row: rncpPlain},
}

func (d *draft) certification(number string) (*entry, error) {
	uri := CertificationURI(number)
	if uri == "" {
		return nil, nil
	}
	e, err := d.entry(d.intern(uri), Certification)
	if e != nil {
		e.Code = d.intern(number)
		e.nature(strings.TrimRight(number, "0123456789"))
	}
	return e, err
}

func rncpStandard(d *draft, t *table, _ string) error {
	e, err := d.certification(t.get("Numero_Fiche"))
	if e == nil {
		return err
	}
	e.name("fr", Preferred, t.get("Intitule"))
	e.Closed = strings.EqualFold(t.get("Actif"), "INACTIVE")
	e.fact(FactLevel, t.get("Nomenclature_Europe_Niveau"))
	e.fact(FactUntil, isoDate(t.get("Date_Fin_Enregistrement")))
	e.fact(FactTheme, t.get("Abrege_Intitule"))
	return nil
}

// isoDate turns 31/12/2026 into 2026-12-31; anything else into nothing.
func isoDate(s string) string {
	if len(s) >= 10 && s[2] == '/' && s[5] == '/' {
		return s[6:10] + "-" + s[3:5] + "-" + s[:2]
	}
	if len(s) >= 10 && s[4] == '-' && s[7] == '-' {
		return s[:10]
	}
	return ""
}

func rncpBloc(d *draft, t *table, _ string) error {
	_, err := d.bloc(t.get("Numero_Fiche"), t.get("Bloc_Competences_Code"), t.get("Bloc_Competences_Libelle"))
	return err
}

func (d *draft) bloc(number, code, label string) (*entry, error) {
	owner, err := d.certification(number)
	if owner == nil {
		return nil, err
	}
	uri := BlocURI(code)
	if uri == "" {
		return nil, nil
	}
	e, err := d.entry(uri, Bloc)
	if err != nil {
		return nil, err
	}
	e.Code = code
	e.name("fr", Preferred, label)
	return e, e.link(owner.URI, PartOf)
}

func rncpRome(d *draft, t *table, _ string) error {
	e, err := d.certification(t.get("Numero_Fiche"))
	if code := t.get("Codes_Rome_Code"); e != nil && romeCode.MatchString(code) {
		e.ref(d.intern(RomeURI(code)), Related)
	}
	return err
}

func rncpFormacode(d *draft, t *table, _ string) error {
	e, err := d.certification(t.get("Numero_Fiche"))
	if code := t.get("Formacode_Code"); e != nil && digits.MatchString(code) {
		e.ref(d.intern(FormacodeURI(code)), Related)
	}
	return err
}

func rncpFact(name, column string) func(*draft, *table, string) error {
	return func(d *draft, t *table, _ string) error {
		e, err := d.certification(t.get("Numero_Fiche"))
		if e != nil {
			e.fact(name, t.get(column))
		}
		return err
	}
}

func rncpReplaced(d *draft, t *table, _ string) error {
	number, older, newer := t.get("Numero_Fiche"), t.get("Ancienne_Certification"), t.get("Nouvelle_Certification")
	for _, pair := range [][2]string{{number, newer}, {older, number}} {
		from, err := d.certification(pair[0])
		if err != nil {
			return err
		}
		to := CertificationURI(pair[1])
		if from == nil || to == "" {
			continue
		}
		if err := from.link(d.intern(to), ReplacedBy); err != nil {
			return err
		}
	}
	return nil
}

// rncpPlain reads a plain list of certifications with their RNCP codes.
func rncpPlain(d *draft, t *table, _ string) error {
	number := t.get("Code RNCP")
	if digits.MatchString(number) {
		number = "RNCP" + number
	}
	e, err := d.certification(number)
	if e == nil {
		return err
	}
	e.name("fr", Preferred, t.get("Nom la certification"))
	e.note("fr", t.get("Description de la certification"))
	if level := t.get("Niveau de diplôme"); digits.MatchString(level) {
		e.fact(FactLevel, "NIV"+level)
	}
	return nil
}

// fiche is an element of the XML export: what we keep of it.
type fiche struct {
	Number   string   `xml:"NUMERO_FICHE"`
	Label    string   `xml:"INTITULE"`
	Short    string   `xml:"ABREGE>INTITULE"`
	Level    string   `xml:"NOMENCLATURE_EUROPE>NIVEAU"`
	Active   string   `xml:"ACTIF"`
	Until    string   `xml:"DATE_FIN_ENREGISTREMENT"`
	Aims     string   `xml:"ACTIVITES_VISEES"`
	Shows    string   `xml:"CAPACITES_ATTESTEES"`
	Issuers  []string `xml:"CERTIFICATEURS>CERTIFICATEUR>NOM_CERTIFICATEUR"`
	Trades   []string `xml:"CODES_ROME>ROME>CODE"`
	Fields   []string `xml:"FORMACODES>FORMACODE>CODE"`
	Replaces []string `xml:"ANCIENNE_CERTIFICATION>CERTIFICATION>NUMERO_FICHE"`
	Replaced []string `xml:"NOUVELLE_CERTIFICATION>CERTIFICATION>NUMERO_FICHE"`
	Blocs    []struct {
		Code        string `xml:"CODE"`
		Label       string `xml:"LIBELLE"`
		Competences string `xml:"LISTE_COMPETENCES"`
	} `xml:"BLOCS_COMPETENCES>BLOC_COMPETENCES"`
}

// readRncpXML reads the XML export, one certification at a time: it alone says
// which competences a bloc is made of.
func readRncpXML(d *draft, name string, r *bufio.Reader) (int, error) {
	limit := &pieceLimit{r: r, name: name}
	dec := xml.NewDecoder(limit)
	dec.Strict = false
	dec.Entity = xml.HTMLEntity
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // already UTF-8
	rows := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "FICHE" {
			continue
		}
		limit.reset()
		var f fiche
		if err := dec.DecodeElement(&f, &start); err != nil {
			return rows, err
		}
		rows++
		if err := d.fiche(&f); err != nil {
			return rows, err
		}
		limit.reset()
	}
}

func (d *draft) fiche(f *fiche) error {
	e, err := d.certification(strings.TrimSpace(f.Number))
	if e == nil {
		return err
	}
	e.name("fr", Preferred, f.Label)
	e.note("fr", plain(strings.TrimSpace(f.Aims+"\n"+f.Shows)))
	e.Closed = strings.EqualFold(strings.TrimSpace(f.Active), "Non") || strings.EqualFold(strings.TrimSpace(f.Active), "INACTIVE")
	e.fact(FactLevel, f.Level)
	e.fact(FactUntil, isoDate(strings.TrimSpace(f.Until)))
	e.fact(FactTheme, f.Short)
	for _, n := range f.Issuers {
		e.fact(FactCertifier, n)
	}
	for _, code := range f.Trades {
		if romeCode.MatchString(code) {
			e.ref(d.intern(RomeURI(code)), Related)
		}
	}
	for _, code := range f.Fields {
		if digits.MatchString(code) {
			e.ref(d.intern(FormacodeURI(code)), Related)
		}
	}
	for _, n := range f.Replaced {
		if err := e.link(CertificationURI(strings.TrimSpace(n)), ReplacedBy); err != nil {
			return err
		}
	}
	for _, n := range f.Replaces {
		older, err := d.certification(strings.TrimSpace(n))
		if err != nil {
			return err
		}
		if older == nil {
			continue
		}
		if err := older.link(e.URI, ReplacedBy); err != nil {
			return err
		}
	}
	for _, b := range f.Blocs {
		bloc, err := d.bloc(e.Code, strings.TrimSpace(b.Code), plain(b.Label))
		if err != nil {
			return err
		}
		if bloc != nil {
			bloc.note("fr", plain(b.Competences))
		}
	}
	return nil
}

var (
	lineTag = regexp.MustCompile(`(?i)<(?:br|/p|/li|/div|/tr|p|li|div|tr)\b[^<>]{0,200}>`)
	anyTag  = regexp.MustCompile(`<[a-zA-Z/!][^<>]{0,500}>`)
	blank   = regexp.MustCompile(`[ \t\x{A0}]+`)
	lines   = regexp.MustCompile(`\s*\n\s*`)
)

// plain takes the tags of a description away and keeps its lines.
func plain(s string) string {
	s = lineTag.ReplaceAllString(s, "\n")
	s = html.UnescapeString(anyTag.ReplaceAllString(s, ""))
	return strings.TrimSpace(lines.ReplaceAllString(blank.ReplaceAllString(s, " "), "\n"))
}
