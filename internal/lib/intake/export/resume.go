package export

import (
	"encoding/json"
	"io"
	"net/mail"
	"net/url"
	"strings"

	"digiwork/internal/lib/intake"
)

// schema is the address by which a JSON Resume says what it is.
const schema = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"

type resume struct {
	Schema       string        `json:"$schema"`
	Basics       *basics       `json:"basics,omitempty"`
	Work         []work        `json:"work,omitempty"`
	Volunteer    []work        `json:"volunteer,omitempty"`
	Education    []education   `json:"education,omitempty"`
	Projects     []project     `json:"projects,omitempty"`
	Awards       []award       `json:"awards,omitempty"`
	Certificates []certificate `json:"certificates,omitempty"`
	Publications []publication `json:"publications,omitempty"`
	Skills       []skill       `json:"skills,omitempty"`
	Languages    []language    `json:"languages,omitempty"`
	References   []reference   `json:"references,omitempty"`
}

type basics struct {
	Name     string    `json:"name,omitempty"`
	Label    string    `json:"label,omitempty"`
	Email    string    `json:"email,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	URL      string    `json:"url,omitempty"`
	Summary  string    `json:"summary,omitempty"`
	Location *location `json:"location,omitempty"`
}

type location struct {
	Address     string `json:"address,omitempty"`
	City        string `json:"city,omitempty"`
	CountryCode string `json:"countryCode,omitempty"`
}

// work is a job, a mission or volunteering. Kind, which the schema allows as an
// addition, says mission where there is no other word for it.
type work struct {
	Name         string `json:"name,omitempty"`
	Organization string `json:"organization,omitempty"`
	Position     string `json:"position,omitempty"`
	Location     string `json:"location,omitempty"`
	Description  string `json:"description,omitempty"`
	URL          string `json:"url,omitempty"`
	Start        string `json:"startDate,omitempty"`
	End          string `json:"endDate,omitempty"`
	Summary      string `json:"summary,omitempty"`
	Kind         string `json:"kind,omitempty"`
}

type education struct {
	Institution string   `json:"institution,omitempty"`
	Area        string   `json:"area,omitempty"`
	URL         string   `json:"url,omitempty"`
	Start       string   `json:"startDate,omitempty"`
	End         string   `json:"endDate,omitempty"`
	Score       string   `json:"score,omitempty"`
	Courses     []string `json:"courses,omitempty"`
	Summary     string   `json:"summary,omitempty"`
}

// project is also a mandate, care, or anything else: its type says which.
type project struct {
	Name        string   `json:"name,omitempty"`
	Entity      string   `json:"entity,omitempty"`
	Description string   `json:"description,omitempty"`
	Roles       []string `json:"roles,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
	URL         string   `json:"url,omitempty"`
	Start       string   `json:"startDate,omitempty"`
	End         string   `json:"endDate,omitempty"`
	Type        string   `json:"type,omitempty"`
}

type award struct {
	Title   string `json:"title,omitempty"`
	Date    string `json:"date,omitempty"`
	Awarder string `json:"awarder,omitempty"`
	Summary string `json:"summary,omitempty"`
}

type certificate struct {
	Name   string `json:"name,omitempty"`
	Date   string `json:"date,omitempty"`
	Issuer string `json:"issuer,omitempty"`
	URL    string `json:"url,omitempty"`
}

type publication struct {
	Name      string `json:"name,omitempty"`
	Publisher string `json:"publisher,omitempty"`
	Date      string `json:"releaseDate,omitempty"`
	URL       string `json:"url,omitempty"`
	Summary   string `json:"summary,omitempty"`
}

type skill struct {
	Name     string   `json:"name,omitempty"`
	Level    string   `json:"level,omitempty"`
	Keywords []string `json:"keywords,omitempty"`
}

type language struct {
	Language string `json:"language,omitempty"`
	Fluency  string `json:"fluency,omitempty"`
}

type reference struct {
	Name      string `json:"name,omitempty"`
	Reference string `json:"reference,omitempty"`
}

// JSONResume writes a résumé of the profile and the entries, valid against the
// schema of jsonresume.org. Contacts, tools and pieces have no place in it.
func JSONResume(w io.Writer, profile intake.Entry, entries []intake.Entry) error {
	r := resume{Schema: schema, Basics: basicsOf(&profile)}
	for i := range entries {
		switch e := &entries[i]; e.Kind {
		case intake.KindActivity:
			r.activity(e)
		case intake.KindDocument:
			r.document(e)
		case intake.KindSkill:
			r.Skills = append(r.Skills, skill{e.Title, e.Fact("level"), e.Tags})
		case intake.KindLanguage:
			r.Languages = append(r.Languages, language{e.Title, e.Fact("level")})
		case intake.KindContact, intake.KindPiece, intake.KindProfile, intake.KindTool:
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(&r)
}

func basicsOf(p *intake.Entry) *basics {
	b := basics{Name: p.Title, Label: p.Purpose, Summary: p.Narrative, URL: address(p.URL)}
	l := location{City: p.Place}
	if c := p.Card; c != nil {
		if b.Name == "" {
			b.Name = c.Name
		}
		if b.Label == "" {
			b.Label = c.Role
		}
		for _, m := range c.Emails {
			if a, err := mail.ParseAddress(m); err == nil && b.Email == "" {
				b.Email = a.Address
			}
		}
		if len(c.Phones) > 0 {
			b.Phone = c.Phones[0]
		}
		l.Address, l.CountryCode = c.Address, c.Country
	}
	if l != (location{}) {
		b.Location = &l
	}
	if b == (basics{}) {
		return nil
	}
	return &b
}

func (r *resume) activity(e *intake.Entry) {
	start, end := date(e.Start), date(e.End)
	switch e.Type {
	case intake.TypeJob, intake.TypeMission:
		w := work{
			Name: e.Organisation, Position: e.Title, Location: e.Place, Description: e.Purpose, URL: address(e.URL),
			Start: start, End: end, Summary: e.Narrative,
		}
		if e.Type != intake.TypeJob {
			w.Kind = e.Type
		}
		r.Work = append(r.Work, w)
	case intake.TypeVolunteering:
		r.Volunteer = append(r.Volunteer, work{
			Organization: e.Organisation, Position: e.Title, Location: e.Place, Description: e.Purpose, URL: address(e.URL),
			Start: start, End: end, Summary: e.Narrative,
		})
	case intake.TypeLearning:
		ed := education{
			Institution: e.Organisation, Area: e.Title, URL: address(e.URL), Start: start, End: end,
			Score: e.Fact("score"), Summary: e.Narrative,
		}
		if c := e.Fact("courses"); c != "" {
			ed.Courses = strings.Split(c, "; ")
		}
		r.Education = append(r.Education, ed)
	default:
		p := project{
			Name: e.Title, Entity: e.Organisation, Description: e.Narrative, Keywords: e.Tags, URL: address(e.URL),
			Start: start, End: end, Type: e.Type,
		}
		if e.Purpose != "" {
			p.Roles = []string{e.Purpose}
		}
		r.Projects = append(r.Projects, p)
	}
}

func (r *resume) document(e *intake.Entry) {
	switch e.Type {
	case intake.TypeAward:
		r.Awards = append(r.Awards, award{e.Title, date(e.Start), e.Organisation, e.Narrative})
	case intake.TypePublication, intake.TypePatent:
		r.Publications = append(r.Publications, publication{e.Title, e.Organisation, date(e.Start), address(e.URL), e.Narrative})
	case intake.TypeReference:
		r.References = append(r.References, reference{e.Title, e.Narrative})
	case intake.TypeNote:
	default:
		r.Certificates = append(r.Certificates, certificate{e.Title, date(e.Start), e.Organisation, address(e.URL)})
	}
}

// date is a date the schema allows: its years begin with 1 or 2.
func date(d string) string {
	if d == "" || d[0] != '1' && d[0] != '2' {
		return ""
	}
	return d
}

// address is an address as RFC 3986 writes it, or nothing.
func address(t string) string {
	u, err := url.Parse(t)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	for _, r := range u.Host {
		if r >= 0x80 {
			return ""
		}
	}
	return u.String()
}
