package portrait

import (
	"context"
	"encoding/json"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

// europass is a Europass CV: the JSON of the model of the Europass XML schema 3.4
// (Cedefop). The model has no place for a provenance: its word ends each text.
type europass struct {
	Document europassDocument `json:"DocumentInfo"`
	Learner  europassLearner  `json:"LearnerInfo"`
}

type europassDocument struct {
	Type      string `json:"DocumentType"`
	Generator string `json:"Generator"`
	Version   string `json:"XSDVersion"`
}

type europassLearner struct {
	Identification europassIdentification `json:"Identification"`
	Headline       *europassHeadline      `json:"Headline,omitempty"`
	Work           []europassWork         `json:"WorkExperience,omitempty"`
	Education      []europassEducation    `json:"Education,omitempty"`
	Skills         *europassSkills        `json:"Skills,omitempty"`
	Achievements   []europassAchievement  `json:"Achievement,omitempty"`
}

type europassIdentification struct {
	Name    europassName     `json:"PersonName"`
	Contact *europassContact `json:"ContactInfo,omitempty"`
}

// europassName has the whole name in one place: people's names do not all come in two.
type europassName struct {
	First   string `json:"FirstName"`
	Surname string `json:"Surname"`
}

type europassContact struct {
	Address   *europassAddress `json:"Address,omitempty"`
	Email     *contactText     `json:"Email,omitempty"`
	Telephone []contactText    `json:"Telephone,omitempty"`
	Website   []contactText    `json:"Website,omitempty"`
}

type europassAddress struct {
	Contact struct {
		Municipality string `json:"Municipality"`
	} `json:"Contact"`
}

type contactText struct {
	Contact string `json:"Contact"`
}

type label struct {
	Label string `json:"Label"`
}

type coded struct {
	Code  string `json:"Code"`
	Label string `json:"Label"`
}

type europassHeadline struct {
	Type        coded `json:"Type"`
	Description label `json:"Description"`
}

type europassPeriod struct {
	From    *europassDate `json:"From,omitempty"`
	To      *europassDate `json:"To,omitempty"`
	Current bool          `json:"Current,omitempty"`
}

// europassDate writes months and days as XML Schema does: --03, ---02.
type europassDate struct {
	Year  int    `json:"Year"`
	Month string `json:"Month,omitempty"`
	Day   string `json:"Day,omitempty"`
}

type europassOrganisation struct {
	Name    string           `json:"Name,omitempty"`
	Contact *europassContact `json:"ContactInfo,omitempty"`
}

type europassWork struct {
	Period     *europassPeriod       `json:"Period,omitempty"`
	Position   label                 `json:"Position"`
	Activities string                `json:"Activities"`
	Employer   *europassOrganisation `json:"Employer,omitempty"`
}

type europassEducation struct {
	Period       *europassPeriod       `json:"Period,omitempty"`
	Title        string                `json:"Title"`
	Activities   string                `json:"Activities"`
	Organisation *europassOrganisation `json:"Organisation,omitempty"`
}

type europassAchievement struct {
	Title       coded           `json:"Title"`
	Description string          `json:"Description"`
	Period      *europassPeriod `json:"Period,omitempty"`
}

type europassSkills struct {
	Job        *europassSkill `json:"JobRelated,omitempty"`
	Linguistic *europassSkill `json:"Other,omitempty"`
}

type europassSkill struct {
	Description string `json:"Description"`
}

// Europass writes the portrait as a Europass CV. ctx says the language of words.
func (p *Portrait) Europass(ctx context.Context) ([]byte, error) {
	doc := europass{Document: europassDocument{"Europass CV", "DigiWork", "V3.4"}}
	e := &doc.Learner
	e.Identification = europassIdentification{europassName{First: p.Name}, p.europassContact()}
	if words := strings.TrimSpace(p.Headline + "\n\n" + p.About); words != "" {
		e.Headline = &europassHeadline{coded{"personal_statement", i18n.T(ctx, "portrait.about")}, label{words}}
	}
	for _, l := range p.part(Done) {
		e.Work = append(e.Work, europassWork{l.europassPeriod(), label{l.Title}, l.europassText(ctx), l.europassPlace()})
	}
	for _, l := range p.part(Learnt) {
		e.Education = append(e.Education, europassEducation{l.europassPeriod(), l.Title, l.europassText(ctx), l.europassPlace()})
	}
	e.Skills = p.europassSkills(ctx)
	for _, kind := range []struct {
		part PartName
		code string
	}{{Credentials, "certifications"}, {Voices, "references"}, {Other, "other"}} {
		for _, l := range p.part(kind.part) {
			e.Achievements = append(e.Achievements, europassAchievement{
				coded{kind.code, i18n.T(ctx, "portrait.part_"+string(kind.part))}, l.Title + "\n" + l.europassText(ctx), l.europassPeriod(),
			})
		}
	}
	return json.MarshalIndent(doc, "", "  ")
}

func (p *Portrait) europassContact() *europassContact {
	c := &europassContact{}
	some := false
	if city := p.contact("city"); city != "" {
		c.Address, some = &europassAddress{}, true
		c.Address.Contact.Municipality = city
	}
	if m := p.contact("email"); m != "" {
		c.Email, some = &contactText{m}, true
	}
	if t := p.contact("phone"); t != "" {
		c.Telephone, some = []contactText{{t}}, true
	}
	if w := p.contact("website"); w != "" {
		c.Website, some = []contactText{{w}}, true
	}
	if !some {
		return nil
	}
	return c
}

func (p *Portrait) europassSkills(ctx context.Context) *europassSkills {
	s := &europassSkills{}
	var can []string
	for _, l := range p.part(Can) {
		words := l.Title
		if l.Status != "" {
			words += ", " + l.Status
		}
		can = append(can, words+" ("+l.mark(ctx)+")")
	}
	if len(can) > 0 {
		s.Job = &europassSkill{strings.Join(can, "\n")}
	}
	if languages := p.contact("languages"); languages != "" {
		s.Linguistic = &europassSkill{languages}
	}
	if *s == (europassSkills{}) {
		return nil
	}
	return s
}

// europassText is what is said of a line, and where it comes from.
func (l *Line) europassText(ctx context.Context) string {
	var parts []string
	for _, t := range []string{l.Purpose, l.Text, l.mark(ctx)} {
		if t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, "\n\n")
}

// mark is the word of where a line comes from, with who attests.
func (l *Line) mark(ctx context.Context) string {
	word := i18n.T(ctx, "portrait.source_"+string(l.Source))
	if l.By != "" {
		return i18n.T(ctx, "portrait.mark_by", "mark", word, "who", l.By)
	}
	return word
}

func (l *Line) europassPlace() *europassOrganisation {
	if l.Organisation+l.Place == "" {
		return nil
	}
	o := &europassOrganisation{Name: l.Organisation}
	if l.Place != "" {
		a := &europassAddress{}
		a.Contact.Municipality = l.Place
		o.Contact = &europassContact{Address: a}
	}
	return o
}

func (l *Line) europassPeriod() *europassPeriod {
	from, to := dateParts(l.start()), dateParts(l.end())
	if from == nil && to == nil {
		return nil
	}
	return &europassPeriod{from, to, to == nil}
}

func dateParts(d kernel.Date) *europassDate {
	if d == "" {
		return nil
	}
	e := &europassDate{Year: d.Year()}
	if len(d) >= len("2019-03") {
		e.Month = "--" + string(d[5:7])
	}
	if len(d) == len("2019-03-02") {
		e.Day = "---" + string(d[8:10])
	}
	return e
}
