package taxonomy

import (
	"bufio"
	"encoding/json"
	"errors"
	"strings"
)

// The tables of RefRomeCsv (ROME 4.0). They exist in French only.
var romeTables = []shape{
	{columns: []string{"code_rome", "libelle_appellation_long"}, row: romeTitle},
	{columns: []string{"code_rome", "libelle_rome", "code_fiche_metier"}, row: romeTrade},
	{columns: []string{"libelle_macro_competence", "code_ogr_competence", "libelle_competence"}, row: romeCompetenceTree},
	{columns: []string{"code_ogr", "libelle_competence"}, row: romeCompetence},
	{columns: []string{"code_ogr_savoir", "libelle_savoir"}, row: romeKnowledge},
	{columns: []string{"code_rome", "libelle_type_texte", "libelle_texte"}, row: romeText},
	{columns: []string{"code_rome", "code_rome_cible"}, row: romeMobility},
	{columns: []string{"code_rome", "code_ogr", "coeur_metier"}, row: romeNeeds},
}

func (d *draft) trade(code string) (*entry, error) {
	if !romeCode.MatchString(code) {
		return nil, nil
	}
	e, err := d.entry(d.intern(RomeURI(code)), Occupation)
	if e != nil {
		e.Code = d.intern(code)
	}
	return e, err
}

func (d *draft) ogr(number string, k Kind) (*entry, error) {
	if !digits.MatchString(number) {
		return nil, nil
	}
	e, err := d.entry(d.intern(OgrURI(number)), k)
	if e != nil {
		e.Code = number
	}
	return e, err
}

func romeTrade(d *draft, t *table, _ string) error {
	e, err := d.trade(t.get("code_rome"))
	if e == nil {
		return err
	}
	e.name("fr", Preferred, t.get("libelle_rome"))
	if t.get("emploi_reglemente") == "O" {
		e.fact(FactRegulated, "yes")
	}
	if parent := t.get("code_rome_parent"); parent != e.Code && romeCode.MatchString(parent) {
		return e.link(d.intern(RomeURI(parent)), Broader)
	}
	return nil
}

func romeTitle(d *draft, t *table, _ string) error {
	trade, err := d.trade(t.get("code_rome"))
	if trade == nil {
		return err
	}
	e, err := d.ogr(t.get("code_ogr"), Title)
	if e == nil {
		return err
	}
	e.name("fr", Preferred, t.get("libelle_appellation_long"))
	e.name("fr", Alternative, t.get("libelle_appellation_court"))
	e.nature(strings.ToLower(t.get("classification")))
	if t.get("peu_usite") == "O" {
		e.Closed = true
	}
	return e.link(trade.URI, TitleOf)
}

func romeCompetenceTree(d *draft, t *table, _ string) error {
	e, err := d.ogr(t.get("code_ogr_competence"), Skill)
	if e == nil {
		return err
	}
	e.name("fr", Preferred, t.get("libelle_competence"))
	e.fact(FactTheme, t.get("domaine_competence"))
	macro, err := d.ogr(t.get("code_ogr_macro_competence"), Skill)
	if macro == nil {
		return err
	}
	macro.name("fr", Preferred, t.get("libelle_macro_competence"))
	return e.link(macro.URI, Broader)
}

func romeCompetence(d *draft, t *table, _ string) error {
	e, err := d.ogr(t.get("code_ogr"), Skill)
	if e == nil {
		return err
	}
	e.name("fr", Preferred, t.get("libelle_competence"))
	e.note("fr", t.get("definition"))
	e.nature(t.get("nature"))
	macro, err := d.ogr(t.get("code_ogr_macro_comp"), Skill)
	if macro == nil || macro.URI == e.URI {
		return err
	}
	return e.link(macro.URI, Broader)
}

func romeKnowledge(d *draft, t *table, _ string) error {
	e, err := d.ogr(t.get("code_ogr_savoir"), Skill)
	if e == nil {
		return err
	}
	e.name("fr", Preferred, t.get("libelle_savoir"))
	e.nature("savoir")
	e.fact(FactTheme, t.get("categorie_savoir"))
	return nil
}

func romeText(d *draft, t *table, _ string) error {
	e, err := d.trade(t.get("code_rome"))
	if e == nil {
		return err
	}
	if strings.EqualFold(t.get("libelle_type_texte"), "definition") {
		e.note("fr", strings.TrimSpace(e.Note("fr")+"\n"+t.get("libelle_texte")))
	}
	return nil
}

func romeMobility(d *draft, t *table, _ string) error {
	from, err := d.trade(t.get("code_rome"))
	if from == nil {
		return err
	}
	to, err := d.trade(t.get("code_rome_cible"))
	if to == nil {
		return err
	}
	return from.link(to.URI, Related)
}

// romeNeeds ties a trade to a competence; those at its core are essential.
func romeNeeds(d *draft, t *table, _ string) error {
	from, err := d.trade(t.get("code_rome"))
	if from == nil {
		return err
	}
	number := t.get("code_ogr")
	if !digits.MatchString(number) {
		return nil
	}
	return from.link(d.intern(OgrURI(number)), core(t.get("coeur_metier")))
}

func core(cell string) Relation {
	switch strings.ToLower(cell) {
	case "", "n", "non", "0", "false", "null":
		return Optional
	}
	return Essential
}

// romeSheet is one element of unix_fiche_emploi_metier: what we keep of it.
type romeSheet struct {
	Rome struct {
		Code  string `json:"code_rome"`
		Label string `json:"intitule"`
	} `json:"rome"`
	Titles []struct {
		Label string `json:"libelle"`
		Short string `json:"libelle_court"`
		Code  number `json:"code_ogr"`
	} `json:"appellations"`
	Definition  string `json:"definition"`
	Competences struct {
		KnowHow struct {
			Stakes []romeGroup `json:"enjeux"`
		} `json:"savoir_faire"`
		Being struct {
			Stakes []romeGroup `json:"enjeux"`
		} `json:"savoir_etre_professionnel"`
		Knowledge struct {
			Categories []romeGroup `json:"categories"`
		} `json:"savoirs"`
	} `json:"competences"`
}

type romeGroup struct {
	Label string `json:"libelle"`
	Items []struct {
		Label string `json:"libelle"`
		Code  number `json:"code_ogr"`
		Core  any    `json:"coeur_metier"`
	} `json:"items"`
}

// number is written as a number or as text, according to the release.
type number string

func (n *number) UnmarshalJSON(raw []byte) error {
	*n = number(strings.Trim(string(raw), `"`))
	return nil
}

// readRomeJSON reads the sheets of RefRomeJson, one at a time.
func readRomeJSON(d *draft, name string, r *bufio.Reader) (int, error) {
	limit := &pieceLimit{r: r, name: name}
	dec := json.NewDecoder(limit)
	if open, err := dec.Token(); err != nil || open != json.Delim('[') {
		return 0, nil // another file of the archive
	}
	rows := 0
	for dec.More() {
		var s romeSheet
		if err := dec.Decode(&s); err != nil {
			if _, wrong := errors.AsType[*json.UnmarshalTypeError](err); wrong && rows == 0 {
				return 0, nil
			}
			return rows, err
		}
		limit.reset()
		e, err := d.trade(s.Rome.Code)
		if err != nil {
			return rows, err
		}
		if e == nil {
			continue
		}
		rows++
		if err := d.sheet(e, &s); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func (d *draft) sheet(e *entry, s *romeSheet) error {
	e.name("fr", Preferred, s.Rome.Label)
	e.note("fr", s.Definition)
	for _, t := range s.Titles {
		title, err := d.ogr(string(t.Code), Title)
		if err != nil {
			return err
		}
		if title == nil {
			continue
		}
		title.name("fr", Preferred, t.Label)
		title.name("fr", Alternative, t.Short)
		if err := title.link(e.URI, TitleOf); err != nil {
			return err
		}
	}
	c := &s.Competences
	for _, part := range []struct {
		nature string
		groups []romeGroup
	}{{"savoir-faire", c.KnowHow.Stakes}, {"savoir-être", c.Being.Stakes}, {"savoir", c.Knowledge.Categories}} {
		for _, g := range part.groups {
			if err := d.sheetGroup(e, part.nature, g); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *draft) sheetGroup(trade *entry, nature string, g romeGroup) error {
	for _, item := range g.Items {
		skill, err := d.ogr(string(item.Code), Skill)
		if err != nil {
			return err
		}
		if skill == nil {
			continue
		}
		skill.name("fr", Preferred, item.Label)
		skill.nature(nature)
		skill.fact(FactTheme, g.Label)
		cell, _ := item.Core.(string)
		if yes, ok := item.Core.(bool); ok && yes {
			cell = "oui"
		}
		if err := trade.link(skill.URI, core(cell)); err != nil {
			return err
		}
	}
	return nil
}
