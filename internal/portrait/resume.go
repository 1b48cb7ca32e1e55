package portrait

import (
	"context"
	"encoding/json"
	"net/mail"
	"net/url"

	"digiwork/internal/platform/i18n"
)

// resumeSchema is the address by which a JSON Resume says what it is.
const resumeSchema = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"

// resume is a JSON Resume, schema 1.0.0. The schema allows additions: provenance, in
// every entry, says where it comes from.
type resume struct {
	Schema       string              `json:"$schema"`
	Basics       resumeBasics        `json:"basics"`
	Work         []resumeWork        `json:"work,omitempty"`
	Volunteer    []resumeWork        `json:"volunteer,omitempty"`
	Education    []resumeEducation   `json:"education,omitempty"`
	Projects     []resumeProject     `json:"projects,omitempty"`
	Certificates []resumeCertificate `json:"certificates,omitempty"`
	Skills       []resumeSkill       `json:"skills,omitempty"`
	Languages    []resumeLanguage    `json:"languages,omitempty"`
	References   []resumeReference   `json:"references,omitempty"`
}

// provenance is where an entry comes from: a code, its word in the language of the
// face, and who attests.
type provenance struct {
	Source Source `json:"source"`
	Label  string `json:"label"`
	By     string `json:"by,omitempty"`
}

type resumeBasics struct {
	Name     string          `json:"name,omitempty"`
	Label    string          `json:"label,omitempty"`
	Email    string          `json:"email,omitempty"`
	Phone    string          `json:"phone,omitempty"`
	URL      string          `json:"url,omitempty"`
	Summary  string          `json:"summary,omitempty"`
	Location *resumeLocation `json:"location,omitempty"`
}

type resumeLocation struct {
	City string `json:"city"`
}

// resumeWork is paid work, or volunteering where Organization stands for Name.
type resumeWork struct {
	Name         string     `json:"name,omitempty"`
	Organization string     `json:"organization,omitempty"`
	Position     string     `json:"position"`
	Location     string     `json:"location,omitempty"`
	Description  string     `json:"description,omitempty"`
	Start        string     `json:"startDate,omitempty"`
	End          string     `json:"endDate,omitempty"`
	Summary      string     `json:"summary,omitempty"`
	Provenance   provenance `json:"provenance"`
}

type resumeEducation struct {
	Institution string     `json:"institution,omitempty"`
	Area        string     `json:"area"`
	Start       string     `json:"startDate,omitempty"`
	End         string     `json:"endDate,omitempty"`
	Summary     string     `json:"summary,omitempty"`
	Provenance  provenance `json:"provenance"`
}

// resumeProject is also a mandate, care, or anything else: its type says which.
type resumeProject struct {
	Name        string     `json:"name"`
	Entity      string     `json:"entity,omitempty"`
	Description string     `json:"description,omitempty"`
	Roles       []string   `json:"roles,omitempty"`
	Keywords    []string   `json:"keywords,omitempty"`
	Start       string     `json:"startDate,omitempty"`
	End         string     `json:"endDate,omitempty"`
	Type        string     `json:"type,omitempty"`
	Provenance  provenance `json:"provenance"`
}

type resumeCertificate struct {
	Name       string     `json:"name"`
	Date       string     `json:"date,omitempty"`
	Issuer     string     `json:"issuer,omitempty"`
	Provenance provenance `json:"provenance"`
}

// resumeSkill has the person's own words as its level: there is no scale.
type resumeSkill struct {
	Name       string     `json:"name"`
	Level      string     `json:"level,omitempty"`
	Keywords   []string   `json:"keywords,omitempty"`
	Provenance provenance `json:"provenance"`
}

type resumeLanguage struct {
	Language string `json:"language"`
}

type resumeReference struct {
	Name       string     `json:"name"`
	Reference  string     `json:"reference,omitempty"`
	Provenance provenance `json:"provenance"`
}

// JSONResume writes the portrait as a JSON Resume. ctx says the language of words.
func (p *Portrait) JSONResume(ctx context.Context) ([]byte, error) {
	r := resume{Schema: resumeSchema, Basics: p.basics()}
	if l := p.contact("languages"); l != "" {
		r.Languages = []resumeLanguage{{l}}
	}
	for _, part := range p.Parts {
		for i := range part.Lines {
			r.add(ctx, part.Name, &part.Lines[i])
		}
	}
	return json.MarshalIndent(r, "", "  ")
}

func (p *Portrait) basics() resumeBasics {
	b := resumeBasics{Name: p.Name, Label: p.Headline, Summary: p.About, Phone: p.contact("phone")}
	if a, err := mail.ParseAddress(p.contact("email")); err == nil {
		b.Email = a.Address
	}
	if u, err := url.Parse(p.contact("website")); err == nil && u.Host != "" {
		b.URL = u.String()
	}
	if city := p.contact("city"); city != "" {
		b.Location = &resumeLocation{city}
	}
	return b
}

func (r *resume) add(ctx context.Context, part PartName, l *Line) {
	from := l.provenance(ctx)
	start, end := resumeDate(l.start()), resumeDate(l.end())
	switch {
	case l.Kind == "job" || l.Kind == "mission":
		r.Work = append(r.Work, resumeWork{Name: l.Organisation, Position: l.Title, Location: l.Place, Description: l.Purpose, Start: start, End: end, Summary: l.Text, Provenance: from})
	case l.Kind == "volunteering":
		r.Volunteer = append(r.Volunteer, resumeWork{Organization: l.Organisation, Position: l.Title, Location: l.Place, Description: l.Purpose, Start: start, End: end, Summary: l.Text, Provenance: from})
	case part == Learnt:
		r.Education = append(r.Education, resumeEducation{l.Organisation, l.Title, start, end, l.Text, from})
	case part == Can:
		r.Skills = append(r.Skills, resumeSkill{l.Title, l.Status, l.Tags, from})
	case part == Credentials:
		r.Certificates = append(r.Certificates, resumeCertificate{l.Title, start, l.By, from})
	case part == Voices:
		r.References = append(r.References, resumeReference{l.Title, l.Text, from})
	default:
		one := resumeProject{Name: l.Title, Entity: l.Organisation, Description: l.Text, Keywords: l.Tags, Start: start, End: end, Type: l.Kind, Provenance: from}
		if l.Purpose != "" {
			one.Roles = []string{l.Purpose}
		}
		r.Projects = append(r.Projects, one)
	}
}

func (l *Line) provenance(ctx context.Context) provenance {
	return provenance{l.Source, i18n.T(ctx, "portrait.source_"+string(l.Source)), l.By}
}

// resumeDate is a date the schema allows: its years begin with 1 or 2.
func resumeDate[T ~string](d T) string {
	if d == "" || d[0] != '1' && d[0] != '2' {
		return ""
	}
	return string(d)
}
