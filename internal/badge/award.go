package badge

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

// AwardID names an award: awd_…
type AwardID string

// State is how far an award has come.
type State string

// States. A badge is signed once both sides have agreed, and not before.
const (
	Offered   State = "offered"   // waits for its recipient
	Claimed   State = "claimed"   // waits for its issuer's review
	Agreed    State = "agreed"    // waits for the signature of a person, or for others of a group
	Signed    State = "signed"    // waits to be taken by its recipient
	Held      State = "held"      // in her musette
	Declined  State = "declined"  // by its recipient
	Refused   State = "refused"   // by its issuer
	Withdrawn State = "withdrawn" // by its issuer, before it was signed
)

// Award is an achievement on its way to a person.
type Award struct {
	ID          AwardID
	Achievement AchievementID
	Person      kernel.PersonID // "" until somebody comes by the link, and once she has left
	Team        string          // awards of one group have the same; "" for one person
	State       State
	Words       Words
	Entries     string // places in status lists, JSON
	MadeAt      time.Time
	EndsAt      time.Time
	Revoked     time.Time
	Suspended   time.Time

	door string
}

// Words are what an award says besides its achievement. They are sealed, and most of
// them destroyed once the badge is taken.
type Words struct {
	Label      string `json:"label,omitempty"`    // how the issuer calls the recipient
	Note       string `json:"note,omitempty"`     // of the issuer, to the recipient
	Evidence   string `json:"evidence,omitempty"` // what was seen
	Link       string `json:"link,omitempty"`     // to evidence elsewhere
	Holder     string `json:"holder,omitempty"`   // identifier of the recipient
	Credential string `json:"credential,omitempty"`
	JWT        string `json:"jwt,omitempty"`
	SDJWT      string `json:"sd_jwt,omitempty"`
	Reason     string `json:"reason,omitempty"` // why it was refused, revoked or suspended
	Token      string `json:"token,omitempty"`  // of the link of an offer
}

const (
	offerDays = 90
	mostAt    = 500 // awards in one go
	maxNote   = 1000
)

var (
	errNobody   = kernel.NewFault(kernel.Invalid, "badge.award.nobody").On("to")
	errTooMany  = kernel.NewFault(kernel.Invalid, "badge.award.many").On("to").With("max", mostAt)
	errMember   = kernel.NewFault(kernel.Invalid, "badge.award.member").On("to")
	errLink     = kernel.NewFault(kernel.Invalid, "badge.award.link").On("link")
	errMoved    = kernel.NewFault(kernel.Conflict, "badge.award.moved")
	errReason   = kernel.NewFault(kernel.Invalid, "badge.reason.missing").On("reason")
	errEvidence = kernel.NewFault(kernel.Invalid, "badge.evidence.missing").On("evidence")
	errOver     = kernel.NewFault(kernel.Gone, "badge.award.over")
	errAsked    = kernel.NewFault(kernel.Conflict, "badge.claim.already")
)

// clean checks what was typed of an award.
func (w *Words) clean() error {
	w.Note, w.Evidence, w.Link = strings.TrimSpace(w.Note), strings.TrimSpace(w.Evidence), strings.TrimSpace(w.Link)
	w.Label = strings.Join(strings.Fields(oneLine(w.Label)), " ")
	for _, c := range []struct {
		field, text string
		max         int
	}{{"note", w.Note, maxNote}, {"evidence", w.Evidence, maxText}, {"to", w.Label, maxName}} {
		if utf8.RuneCountInString(c.text) > c.max {
			return kernel.NewFault(kernel.Invalid, "badge.text.long").On(c.field).With("max", c.max)
		}
	}
	if w.Link != "" && (!strings.HasPrefix(w.Link, "https://") && !strings.HasPrefix(w.Link, "http://") || len(w.Link) > 500 || strings.ContainsAny(w.Link, " \n\"<>")) {
		return errLink
	}
	return nil
}

func (s *Service) sealWords(id AwardID, w Words) (string, error) {
	raw, err := json.Marshal(w)
	return base64.StdEncoding.EncodeToString(s.Keys.SealText("badge.award\x00"+string(id), raw)), err
}

func (s *Service) openWords(id AwardID, sealed string) (w Words, err error) {
	if sealed == "" {
		return w, nil
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return w, err
	}
	if raw, err = s.Keys.OpenText("badge.award\x00"+string(id), raw); err != nil {
		return w, err
	}
	return w, json.Unmarshal(raw, &w)
}

// To is who an award is for: a person of this instance, or, by a link of her own,
// somebody who is not there yet, called Label.
type To struct {
	Person kernel.PersonID
	Words
}

// Offer awards an achievement: each recipient is asked first, and the badge is signed
// when she accepts. A group gets one badge, signed when everybody has accepted.
//
// Invalid on "to" for nobody, or somebody who is not of the circle that issues.
func (s *Service) Offer(ctx context.Context, id AchievementID, to []To, group bool) ([]Award, error) {
	if len(to) == 0 {
		return nil, errNobody
	}
	if len(to) > mostAt {
		return nil, errTooMany
	}
	for i := range to {
		if err := to[i].clean(); err != nil {
			return nil, err
		}
		if to[i].Person == "" && to[i].Label == "" {
			return nil, errNobody
		}
	}
	var made []Award
	_, err := s.change(ctx, id, func(tx *db.Tx, a Achievement) (string, error) {
		made = nil
		if !a.Retired.IsZero() {
			return "", errRetired
		}
		team := ""
		if group && len(to) > 1 {
			team = string(kernel.NewID[AwardID]("grp", tx.Now))
		}
		for _, t := range to {
			w := Award{
				ID: kernel.NewID[AwardID]("awd", tx.Now), Achievement: id, Person: t.Person, Team: team, State: Offered, Words: t.Words,
				MadeAt: tx.Now, EndsAt: tx.Now.AddDate(0, 0, offerDays),
			}
			if t.Person == "" {
				token, _ := secret.NewToken()
				w.Words.Token, w.door = token.Reveal(), s.door(token.Reveal())
			}
			if err := s.insert(ctx, tx, w); err != nil {
				return "", err
			}
			made = append(made, w)
		}
		return string(id), nil
	})
	return made, err
}

// OfferMembers is Offer to members of the circle that issues, or to people by their
// handles.
func (s *Service) OfferMembers(ctx context.Context, id AchievementID, people []kernel.PersonID, w Words, group bool) ([]Award, error) {
	a, err := s.OwnAchievement(ctx, id)
	if err != nil {
		return nil, err
	}
	members, err := s.Recipients(ctx, a)
	if err != nil {
		return nil, err
	}
	var to []To
	for _, p := range people {
		i := slices.IndexFunc(members, func(m Member) bool { return m.Person == p })
		if i < 0 {
			return nil, errMember
		}
		t := To{p, w}
		t.Label = members[i].Name
		to = append(to, t)
	}
	return s.Offer(ctx, id, to, group)
}

// Recipients are the people an achievement can be awarded to by ticking their names:
// members of the circle that issues, or of the circles of the person who does.
func (s *Service) Recipients(ctx context.Context, a Achievement) ([]Member, error) {
	circles, err := s.Circles.Mine(ctx)
	if err != nil {
		return nil, err
	}
	var all []Member
	for _, c := range circles {
		if a.By.Kind == KindCircle && string(c.ID) != a.By.ID {
			continue
		}
		some, err := s.Circles.Members(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			if a.By != (By{KindPerson, string(m.Person)}) && !slices.ContainsFunc(all, func(x Member) bool { return x.Person == m.Person }) {
				all = append(all, m)
			}
		}
	}
	return all, nil
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, w Award) error {
	sealed, err := s.sealWords(w.ID, w.Words)
	if err != nil {
		return err
	}
	return insertAward(ctx, tx, w, sealed)
}

// save keeps the state and words of an award, if it still is in one of states.
func (s *Service) save(ctx context.Context, tx *db.Tx, w Award, from ...State) error {
	sealed, err := s.sealWords(w.ID, w.Words)
	if err != nil {
		return err
	}
	return updateAward(ctx, tx, w, sealed, from)
}

// openAward reads the words of a stored award.
func (s *Service) openAward(w Award, sealed string, err error) (Award, error) {
	if err != nil {
		return w, err
	}
	w.Words, err = s.openWords(w.ID, sealed)
	return w, err
}

// ClaimPage is the achievement behind a link by which people ask for it.
func (s *Service) ClaimPage(ctx context.Context, token string) (Achievement, error) {
	return achievementByClaim(ctx, s.DB.Read(), s.door(token))
}

// Ask asks for an achievement by its link, with evidence. The actor agrees to the
// badge by asking; the issuer reviews.
func (s *Service) Ask(ctx context.Context, token string, w Words) (AwardID, error) {
	a, err := s.ClaimPage(ctx, token)
	if err != nil {
		return "", err
	}
	actor, err := may(ctx, "write")
	if err != nil {
		return "", err
	}
	w.Label = actor.Name
	if err := w.clean(); err != nil {
		return "", err
	}
	if w.Evidence == "" {
		return "", errEvidence
	}
	if w.Holder, err = s.holder(ctx); err != nil {
		return "", err
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		n, err := waiting(ctx, tx, a.ID, actor.Person)
		if err != nil {
			return "", err
		}
		if n > 0 {
			return "", errAsked
		}
		award := Award{ID: kernel.NewID[AwardID]("awd", tx.Now), Achievement: a.ID, Person: actor.Person, State: Claimed, Words: w, MadeAt: tx.Now, EndsAt: tx.Now.AddDate(1, 0, 0)}
		return string(award.ID), s.insert(ctx, tx, award)
	})
	return AwardID(made), err
}

// holder is the identifier of the actor as a recipient: her own key's.
func (s *Service) holder(ctx context.Context) (string, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return "", err
	}
	by, err := s.Signing.Person(ctx, pass)
	return by.ID, err
}

// OfferBy opens an offer that has a link of its own. Gone once it was taken or ended.
func (s *Service) OfferBy(ctx context.Context, token string) (Award, Achievement, error) {
	w, sealed, err := awardByDoor(ctx, s.DB.Read(), s.door(token))
	if w, err = s.openAward(w, sealed, err); err != nil {
		return w, Achievement{}, err
	}
	if w.State != Offered || !s.now().Before(w.EndsAt) {
		return w, Achievement{}, errOver
	}
	a, err := achievementByID(ctx, s.DB.Read(), w.Achievement)
	return w, a, err
}

// TakeOffer makes the actor the recipient of an offer that has a link.
func (s *Service) TakeOffer(ctx context.Context, token string) (AwardID, error) {
	actor, err := may(ctx, "write")
	if err != nil {
		return "", err
	}
	w, _, err := s.OfferBy(ctx, token)
	if err != nil {
		return "", err
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		return string(w.ID), takeAward(ctx, tx, w.ID, actor.Person)
	})
	return AwardID(made), err
}

// Mine gives an award to its recipient. NotFound for anybody else.
func (s *Service) Mine(ctx context.Context, id AwardID) (Award, Achievement, error) {
	actor, err := may(ctx, "read")
	if err != nil {
		return Award{}, Achievement{}, err
	}
	w, sealed, err := awardByID(ctx, s.DB.Read(), id)
	if w, err = s.openAward(w, sealed, err); err == nil && w.Person != actor.Person {
		err = errNone
	}
	if err != nil {
		return Award{}, Achievement{}, err
	}
	a, err := achievementByID(ctx, s.DB.Read(), w.Achievement)
	return w, a, err
}

// Waiting lists what waits for the actor: offers to her, and what she asked for.
func (s *Service) Waiting(ctx context.Context) ([]Award, map[AchievementID]Achievement, error) {
	actor, err := may(ctx, "read")
	if err != nil {
		return nil, nil, err
	}
	rows, err := awardsOf(ctx, s.DB.Read(), actor.Person)
	if err != nil {
		return nil, nil, err
	}
	var all []Award
	about := map[AchievementID]Achievement{}
	for _, r := range rows {
		if r.State == Held || r.State == Declined || r.State == Withdrawn {
			continue
		}
		w, err := s.openAward(r.Award, r.sealed, nil)
		if err != nil {
			return nil, nil, err
		}
		if _, ok := about[w.Achievement]; !ok {
			if about[w.Achievement], err = achievementByID(ctx, s.DB.Read(), w.Achievement); err != nil {
				return nil, nil, err
			}
		}
		all = append(all, w)
	}
	return all, about, nil
}

// Decline says no to an offer. Nothing of it remains but that it was made.
func (s *Service) Decline(ctx context.Context, id AwardID) error {
	w, _, err := s.Mine(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		w.State, w.Words = Declined, Words{Label: w.Words.Label}
		return string(id), s.save(ctx, tx, w, Offered, Claimed, Agreed)
	})
	return err
}

// AwardsOf lists the awards of an achievement to who may issue it, newest first.
func (s *Service) AwardsOf(ctx context.Context, id AchievementID) ([]Award, error) {
	if _, err := s.OwnAchievement(ctx, id); err != nil {
		return nil, err
	}
	rows, err := awardsFor(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	all := make([]Award, len(rows))
	for i, r := range rows {
		if all[i], err = s.openAward(r.Award, r.sealed, nil); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// ForIssuer gives an award to who may decide about it.
func (s *Service) ForIssuer(ctx context.Context, id AwardID) (Award, Achievement, error) {
	if _, err := may(ctx, "read"); err != nil {
		return Award{}, Achievement{}, err
	}
	w, sealed, err := awardByID(ctx, s.DB.Read(), id)
	if w, err = s.openAward(w, sealed, err); err != nil {
		return w, Achievement{}, err
	}
	a, err := s.OwnAchievement(ctx, w.Achievement)
	return w, a, err
}

// decide runs f on an award that the actor may decide about, with its achievement.
func (s *Service) decide(ctx context.Context, id AwardID, f func(tx *db.Tx, w Award) error) error {
	w, sealed, err := awardByID(ctx, s.DB.Read(), id)
	if w, err = s.openAward(w, sealed, err); err != nil {
		return err
	}
	a, err := achievementByID(ctx, s.DB.Read(), w.Achievement)
	if err != nil {
		return err
	}
	if err := s.issues(ctx, a.By, "write"); err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) { return string(id), f(tx, w) })
	return err
}

// Refuse says no to somebody who asked, with a reason that she reads.
func (s *Service) Refuse(ctx context.Context, id AwardID, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > maxNote {
		return errReason
	}
	return s.decide(ctx, id, func(tx *db.Tx, w Award) error {
		w.State, w.Words = Refused, Words{Label: w.Words.Label, Reason: reason}
		return s.save(ctx, tx, w, Claimed)
	})
}

// TakeBack withdraws an offer that was not accepted yet.
func (s *Service) TakeBack(ctx context.Context, id AwardID) error {
	return s.decide(ctx, id, func(tx *db.Tx, w Award) error {
		w.State, w.Words = Withdrawn, Words{Label: w.Words.Label}
		return s.save(ctx, tx, w, Offered, Agreed)
	})
}

// Sweep ends offers that nobody answered and claims that nobody reviewed.
func (s *Service) Sweep(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return endAwards(ctx, tx, tx.Now) })
}

// Leave removes what badge keeps of a person who leaves: what she designed, and what
// waited for her. Badges that others gave her may still be revoked by them; badges
// that she gave stay with their holders, and their status with the lists she signed.
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (designs, given int, err error) {
	given, err = countGiven(ctx, tx, person)
	if err != nil {
		return 0, 0, err
	}
	designs, err = countAchievements(ctx, tx, By{KindPerson, string(person)})
	if err != nil {
		return 0, 0, err
	}
	return designs, given, forgetPerson(ctx, tx, person)
}

// Leaves counts what Leave would remove, and what would stay with others.
func (s *Service) Leaves(ctx context.Context, person kernel.PersonID) (designs, given int, err error) {
	given, err = countGiven(ctx, s.DB.Read(), person)
	if err != nil {
		return 0, 0, err
	}
	designs, err = countAchievements(ctx, s.DB.Read(), By{KindPerson, string(person)})
	return designs, given, err
}
