package badge

import (
	"context"
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/secret"
)

// AchievementID names an achievement: ach_…
type AchievementID string

// By is who issues: a person or a circle.
type By struct{ Kind, ID string }

// Achievement is what a badge says, whoever receives it.
type Achievement struct {
	ID      AchievementID
	By      By
	Version int64
	Design
	Claim   string // keyed digest of the link by which people ask for it; "" when closed
	MadeAt  time.Time
	Retired time.Time
}

// Design is what its issuer decides of an achievement.
type Design struct {
	Name        string
	Description string
	Criteria    string
	Type        string // of OB 3.0: "Competency", "Membership"…
	Alignments  []Alignment
	Months      int    // it counts for; 0 for ever
	Picture     string // PNG in base64; "" for one that the program draws
}

// Alignment ties an achievement to an entry of a referential.
type Alignment struct {
	URL, Name, Code, Framework, Type string
}

// Types of achievements offered, of OB 3.0's list.
var Types = []string{"Competency", "Badge", "Certificate", "CommunityService", "Membership", "Course"}

const (
	maxName       = 120
	maxText       = 4000
	maxAlignments = 20
	maxMonths     = 600
	maxPicture    = 64 << 10
	maxDesigns    = 500 // of one issuer
)

var (
	errNone        = kernel.NewFault(kernel.NotFound, "badge.not_found")
	errSignIn      = kernel.NewFault(kernel.Unauthenticated, "badge.sign_in")
	errScope       = kernel.NewFault(kernel.Forbidden, "badge.scope")
	errNotOwner    = kernel.NewFault(kernel.Forbidden, "badge.not_owner")
	errStale       = kernel.NewFault(kernel.Conflict, "badge.stale").On("name")
	errNameMissing = kernel.NewFault(kernel.Invalid, "badge.name.missing").On("name")
	errNameLong    = kernel.NewFault(kernel.Invalid, "badge.name.long").On("name").With("max", maxName)
	errDescription = kernel.NewFault(kernel.Invalid, "badge.description.missing").On("description")
	errCriteria    = kernel.NewFault(kernel.Invalid, "badge.criteria.missing").On("criteria")
	errType        = kernel.NewFault(kernel.Invalid, "badge.type.form").On("type")
	errMonths      = kernel.NewFault(kernel.Invalid, "badge.months.form").On("months").With("max", maxMonths)
	errAlignments  = kernel.NewFault(kernel.Invalid, "badge.alignments.many").On("alignments").With("max", maxAlignments)
	errIssuer      = kernel.NewFault(kernel.Invalid, "badge.issuer.form").On("issuer")
	errDesigns     = kernel.NewFault(kernel.TooMany, "badge.many").With("max", maxDesigns)
	errRetired     = kernel.NewFault(kernel.Conflict, "badge.retired")
)

// clean puts a design into the form in which it is kept, or says what is wrong.
func (d *Design) clean() error {
	d.Name = strings.Join(strings.Fields(d.Name), " ")
	d.Description, d.Criteria = strings.TrimSpace(d.Description), strings.TrimSpace(d.Criteria)
	switch {
	case d.Name == "":
		return errNameMissing
	case utf8.RuneCountInString(d.Name) > maxName:
		return errNameLong
	case d.Description == "":
		return errDescription
	case d.Criteria == "":
		return errCriteria
	case !slices.Contains(Types, d.Type):
		return errType
	case d.Months < 0 || d.Months > maxMonths:
		return errMonths
	case len(d.Alignments) > maxAlignments:
		return errAlignments
	}
	for field, text := range map[string]string{"description": d.Description, "criteria": d.Criteria} {
		if utf8.RuneCountInString(text) > maxText {
			return kernel.NewFault(kernel.Invalid, "badge.text.long").On(field).With("max", maxText)
		}
	}
	return nil
}

var (
	romeCode = regexp.MustCompile(`^[A-N][0-9]{4}$`)
	rncpCode = regexp.MustCompile(`^(RNCP|RS)([0-9]{2,6})(BC[0-9]{2})?$`)
)

// ParseAlignments reads one alignment a line: an address or a code (ROME, RNCP, RS),
// then the name of what it stands for.
//
// Invalid on "alignments", with the line.
func ParseAlignments(text string) ([]Alignment, error) {
	var all []Alignment
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		target, name, _ := strings.Cut(line, " ")
		a := Alignment{Name: strings.TrimSpace(name)}
		code := strings.ToUpper(target)
		rncp := rncpCode.FindStringSubmatch(code)
		switch u, err := url.Parse(target); {
		case romeCode.MatchString(code):
			a.Code, a.Framework, a.Type = code, "ROME", "ext:ROMECode"
			a.URL = "https://candidat.francetravail.fr/metierscope/fiche-metier/" + code
		case rncp != nil:
			a.Code, a.Framework, a.Type = code, "France compétences", "ext:RNCPBloc"
			if rncp[3] == "" {
				a.Type = "ext:RNCPCertification"
			}
			a.URL = "https://www.francecompetences.fr/recherche/" + strings.ToLower(rncp[1]) + "/" + rncp[2] + "/"
		case err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
			a.URL, a.Type = target, "ext:Reference"
			if u.Host == "data.europa.eu" && strings.HasPrefix(u.Path, "/esco/") {
				a.Framework, a.Type = "ESCO", "ext:ESCOSkill"
				if strings.HasPrefix(u.Path, "/esco/occupation/") {
					a.Type = "ext:ESCOOccupation"
				}
			}
		default:
			return nil, kernel.NewFault(kernel.Invalid, "badge.alignments.form").On("alignments").With("line", n+1)
		}
		if a.Name == "" {
			a.Name = target
		}
		all = append(all, a)
	}
	return all, nil
}

// AlignmentLines writes alignments as ParseAlignments reads them.
func AlignmentLines(all []Alignment) string {
	lines := make([]string, len(all))
	for i, a := range all {
		target := a.URL
		if a.Code != "" {
			target = a.Code
		}
		lines[i] = target + " " + a.Name
	}
	return strings.Join(lines, "\n")
}

// may is the signed-in actor, if her session or token carries scope.
func may(ctx context.Context, scope string) (kernel.Actor, error) {
	a := kernel.ActorFrom(ctx)
	switch {
	case a.IsVisitor():
		return a, errSignIn
	case !a.May(scope):
		return a, errScope
	}
	return a, nil
}

// issues is nil when the actor may issue for by: herself, or a circle she looks after.
// For who does not belong there is nothing.
func (s *Service) issues(ctx context.Context, by By, scope string) error {
	a, err := may(ctx, scope)
	if err != nil {
		return err
	}
	switch by.Kind {
	case KindPerson:
		if by.ID == string(a.Person) {
			return nil
		}
	case KindCircle:
		c, err := s.Circles.Mine(ctx)
		if err != nil {
			return err
		}
		for _, mine := range c {
			if string(mine.ID) == by.ID && mine.Owner {
				return nil
			} else if string(mine.ID) == by.ID {
				return errNotOwner
			}
		}
	}
	return errNone
}

// Issuers are those the actor may issue for, herself first, with their names.
func (s *Service) Issuers(ctx context.Context) ([]By, map[By]string, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, nil, err
	}
	self := By{KindPerson, string(a.Person)}
	all, names := []By{self}, map[By]string{self: a.Name}
	circles, err := s.Circles.Mine(ctx)
	for _, c := range circles {
		if c.Owner {
			by := By{KindCircle, string(c.ID)}
			all, names[by] = append(all, by), c.Name
		}
	}
	return all, names, err
}

// MakeAchievement keeps a new achievement of an issuer.
//
// Invalid with the field; Forbidden or NotFound for whom the actor may not issue.
func (s *Service) MakeAchievement(ctx context.Context, by By, d Design) (AchievementID, error) {
	if err := s.issues(ctx, by, "write"); err != nil {
		if kernel.KindOf(err) == kernel.NotFound {
			return "", errIssuer
		}
		return "", err
	}
	if err := d.clean(); err != nil {
		return "", err
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		n, err := countAchievements(ctx, tx, by)
		if err != nil {
			return "", err
		}
		if n >= maxDesigns {
			return "", errDesigns
		}
		a := Achievement{ID: kernel.NewID[AchievementID]("ach", tx.Now), By: by, Version: 1, Design: d, MadeAt: tx.Now}
		return string(a.ID), insertAchievement(ctx, tx, a)
	})
	return AchievementID(made), err
}

// Achievement is public: whoever reads a badge may read what it stands for.
func (s *Service) Achievement(ctx context.Context, id AchievementID) (Achievement, error) {
	return achievementByID(ctx, s.DB.Read(), id)
}

// OwnAchievement is Achievement for who may issue it.
func (s *Service) OwnAchievement(ctx context.Context, id AchievementID) (Achievement, error) {
	if _, err := may(ctx, "read"); err != nil {
		return Achievement{}, err
	}
	a, err := achievementByID(ctx, s.DB.Read(), id)
	if err == nil {
		err = s.issues(ctx, a.By, "read")
	}
	return a, err
}

// Achievements lists those the actor may issue, by issuer.
func (s *Service) Achievements(ctx context.Context) ([]Achievement, error) {
	issuers, _, err := s.Issuers(ctx)
	if err != nil {
		return nil, err
	}
	var all []Achievement
	for _, by := range issuers {
		some, err := achievementsOf(ctx, s.DB.Read(), by)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// change runs f on an achievement that the actor may issue, in a transaction.
func (s *Service) change(ctx context.Context, id AchievementID, f func(tx *db.Tx, a Achievement) (string, error)) (string, error) {
	a, err := s.OwnAchievement(ctx, id)
	if err != nil {
		return "", err
	}
	if err := s.issues(ctx, a.By, "write"); err != nil {
		return "", err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) { return f(tx, a) })
}

// RewriteAchievement changes the design for badges to come; those signed keep theirs.
// An empty picture keeps the one there is.
//
// Conflict when version is not the present one.
func (s *Service) RewriteAchievement(ctx context.Context, id AchievementID, version int64, d Design) error {
	if err := d.clean(); err != nil {
		return err
	}
	_, err := s.change(ctx, id, func(tx *db.Tx, a Achievement) (string, error) {
		if d.Picture == "" {
			d.Picture = a.Picture
		}
		a.Design, a.Version = d, version
		return string(id), updateAchievement(ctx, tx, a)
	})
	return err
}

// OpenClaims makes a new link by which people ask for the achievement; a link before
// it opens nothing any more. CloseClaims closes it.
func (s *Service) OpenClaims(ctx context.Context, id AchievementID) (address string, err error) {
	token, _ := secret.NewToken()
	_, err = s.change(ctx, id, func(tx *db.Tx, a Achievement) (string, error) {
		return string(id), setClaim(ctx, tx, id, s.door(token.Reveal()))
	})
	return s.Base + "/badges/claim/" + token.Reveal(), err
}

// CloseClaims closes the link by which people ask for the achievement.
func (s *Service) CloseClaims(ctx context.Context, id AchievementID) error {
	_, err := s.change(ctx, id, func(tx *db.Tx, _ Achievement) (string, error) {
		return string(id), setClaim(ctx, tx, id, "")
	})
	return err
}

// door is how the token of a link is kept.
func (s *Service) door(token string) string {
	return base64.RawURLEncoding.EncodeToString(s.Keys.Digest("badge.door", strings.ToUpper(token)))
}

// do runs f in a transaction, once for the idempotency key of the request.
func (s *Service) do(ctx context.Context, f func(tx *db.Tx) (string, error)) (made string, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return f(tx) })
		return err
	})
	return made, err
}

// document is the achievement inside a credential (OB 3.0, B.1.2).
func (s *Service) achievementDocument(a Achievement) map[string]any {
	doc := map[string]any{
		"id": s.Base + "/badges/" + string(a.ID), "type": []any{"Achievement"}, "achievementType": a.Type,
		"name": a.Name, "description": a.Description, "criteria": map[string]any{"narrative": a.Criteria},
		"image": map[string]any{"id": a.pictureURL(), "type": "Image"},
	}
	var alignments []any
	for _, l := range a.Alignments {
		m := map[string]any{"type": []any{"Alignment"}, "targetName": l.Name, "targetUrl": l.URL, "targetType": l.Type}
		if l.Code != "" {
			m["targetCode"] = l.Code
		}
		if l.Framework != "" {
			m["targetFramework"] = l.Framework
		}
		alignments = append(alignments, m)
	}
	if alignments != nil {
		doc["alignment"] = alignments
	}
	return doc
}

// pictureURL is the picture, inside the badge: it is there when nobody serves it.
func (a Achievement) pictureURL() string {
	if a.Picture != "" {
		return "data:image/png;base64," + a.Picture
	}
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(Draw(string(a.ID), a.Name))
}

// oneLine is a text without control characters, for a table or a file name.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// until is the end of what is awarded at a time.
func (a Achievement) until(at time.Time) time.Time {
	if a.Months == 0 {
		return time.Time{}
	}
	return at.AddDate(0, a.Months, 0)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
