package intake

import (
	"fmt"
	"strconv"
)

// Kind says what an Entry is.
type Kind string

// The kinds of entries.
const (
	KindActivity Kind = "activity" // something she did or does
	KindContact  Kind = "contact"  // somebody she works with
	KindTool     Kind = "tool"
	KindDocument Kind = "document" // a certificate, an award, a publication, a reference…
	KindProfile  Kind = "profile"  // herself, as the file describes her
	KindPiece    Kind = "piece"    // bytes to keep as they are: a badge, a credential
	KindSkill    Kind = "skill"
	KindLanguage Kind = "language"
)

// Types of an activity.
const (
	TypeJob          = "job"
	TypeMission      = "mission"
	TypeVolunteering = "volunteering"
	TypeCare         = "care"
	TypeLearning     = "learning"
	TypeMandate      = "mandate"
	TypeProject      = "project"
	TypeOther        = "other"
)

// ActivityTypes lists the types of an activity in the order people expect them.
var ActivityTypes = []string{
	TypeJob, TypeMission, TypeVolunteering, TypeCare, TypeLearning, TypeMandate, TypeProject, TypeOther,
}

// Types of documents and pieces.
const (
	TypeCertificate = "certificate"
	TypeAward       = "award"
	TypePublication = "publication"
	TypeReference   = "reference"
	TypePatent      = "patent"
	TypeScore       = "score"
	TypeNote        = "note"
	TypeMembership  = "membership"
	TypeLicence     = "licence"
	TypeBadge       = "badge"
	TypeCredential  = "credential"
	TypeEndorsement = "endorsement"
)

// StatusPlatform is the one status this package concludes by itself: independent
// work through a platform in the sense of article L7341-1. Elsewhere a status is
// kept as typed.
const StatusPlatform = "platform"

// Entry is one thing a file told. Fields that do not apply are zero.
type Entry struct {
	Kind  Kind
	Type  string // within the kind: job, mission… for an activity
	Title string

	// Start and End are 2019, 2019-03 or 2019-03-02; empty is unknown, or still
	// going on.
	Start, End   string
	Organisation string
	Place        string
	WithWhom     string
	Purpose      string
	Paid         *bool
	Status       string
	HoursPerWeek float64
	Narrative    string
	Tools        []string
	Methods      []string
	Tags         []string
	URL          string
	Facts        []Fact

	Card  *Card  // for contacts and the profile
	Piece *Piece // for pieces

	Where Where
	// Key is the same each time the same thing arrives: two entries of one Key are
	// one thing. See KeyOf.
	Key string
}

// Fact is a figure or a short text under a name, for instance distance_km = 4.2.
// Names are listed in FactNames and said by the messages intake.fact.NAME.
type Fact struct {
	Name  string
	Value string
}

// Card is how a person can be reached.
type Card struct {
	Name, Role             string
	Emails, Phones         []string
	Address, Country, Born string
	Links                  []string
}

// Piece is a file to keep byte for byte.
type Piece struct {
	Name  string // as the file was called
	Media string // image/png, application/json…
	Raw   []byte
}

// Where says where in the file something stands. The zero Where is the file as a
// whole. Part is a file of an archive or a sheet, Line counts from 1, Path names
// a member: work[3].startDate.
type Where struct {
	Part string
	Line int
	Path string
}

// String is for machines and logs, the same in every language: Positions.csv:L4.
func (w Where) String() string {
	s := w.Part
	add := func(t string) {
		if s != "" {
			s += ":"
		}
		s += t
	}
	if w.Line > 0 {
		add("L" + strconv.Itoa(w.Line))
	}
	if w.Path != "" {
		add(w.Path)
	}
	return s
}

// Note is the sentence for people.
func (w Where) Note() Note {
	switch {
	case w.Part != "" && w.Line > 0:
		return Note{"intake.where.part_line", []any{"part", w.Part, "line", w.Line}}
	case w.Part != "" && w.Path != "":
		return Note{"intake.where.part_path", []any{"part", w.Part, "path", w.Path}}
	case w.Part != "":
		return Note{"intake.where.part", []any{"part", w.Part}}
	case w.Line > 0:
		return Note{"intake.where.line", []any{"line", w.Line}}
	case w.Path != "":
		return Note{"intake.where.path", []any{"path", w.Path}}
	}
	return Note{"intake.where.file", nil}
}

// Note is a sentence to say: the key of a message, and name, value pairs that
// fill its holes.
type Note struct {
	Key  string
	Args []any
}

// String is for logs and failing tests.
func (n Note) String() string { return fmt.Sprint(append([]any{n.Key}, n.Args...)...) }

// Skip is something that was not taken.
type Skip struct {
	Where Where
	Why   Note
}

// Warning is a reserve about something that was taken.
type Warning struct {
	Where Where
	What  Note
}

// fact adds a fact whose value is known.
func (e *Entry) fact(name, value string) {
	if value != "" {
		e.Facts = append(e.Facts, Fact{name, value})
	}
}

// Fact is the value under name, empty when the file did not say.
func (e Entry) Fact(name string) string {
	for _, f := range e.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// Names of facts.
const (
	factAchievement  = "achievement"
	factArea         = "area"
	factArticle      = "article"
	factCompletion   = "completion"
	factConnectedOn  = "connected_on"
	factContractDate = "contract_date"
	factCPF          = "training_account"
	factCourses      = "courses"
	factDegree       = "degree"
	factDistance     = "distance_km"
	factExpires      = "expires"
	factHours        = "hours"
	factIncomeNet    = "income_net"
	factInsurance    = "accident_insurance"
	factLevel        = "level"
	factNature       = "nature"
	factNumber       = "number"
	factPeriodEnd    = "period_end"
	factPeriodStart  = "period_start"
	factRatingCount  = "ratings"
	factRatingMean   = "rating_mean"
	factRatings      = "rating_detail"
	factRecurrence   = "recurrence"
	factRegistration = "registration"
	factScore        = "score"
	factServices     = "services"
	factSlots        = "slots"
	factStatements   = "statements"
	factSuccess      = "success"
	factTraining     = "training_contribution"
	factVAE          = "vae"
	factVerb         = "verb"
)

// FactNames lists every name a Fact of this package may have.
var FactNames = []string{
	factAchievement, factArea, factArticle, factCPF, factCompletion, factConnectedOn, factContractDate,
	factCourses, factDegree, factDistance, factExpires, factHours, factIncomeNet, factInsurance, factLevel,
	factNature, factNumber, factPeriodEnd, factPeriodStart, factRatingCount, factRatingMean, factRatings,
	factRecurrence, factRegistration, factScore, factServices, factSlots, factStatements, factSuccess,
	factTraining, factVAE, factVerb,
}
