package badge_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/badge"
	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/baking"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/testkit/house"
)

// town is a house with a circle of ada (who looks after it) and bob.
type town struct{ h *house.House }

const circle = "cir_reliure"

func (c town) Mine(ctx context.Context) ([]badge.Circle, error) {
	switch kernel.ActorFrom(ctx).Person {
	case "ada":
		return []badge.Circle{{ID: circle, Name: "Atelier de reliure", Owner: true}}, nil
	case "bob", "eve":
		return []badge.Circle{{ID: circle, Name: "Atelier de reliure"}}, nil
	}
	return nil, nil
}

func (c town) Members(context.Context, kernel.CircleID) ([]badge.Member, error) {
	return []badge.Member{{Person: "ada", Name: "Ada"}, {Person: "bob", Name: "Bob"}, {Person: "eve", Name: "Eve"}}, nil
}

func (c town) Names(ctx context.Context, ids []kernel.PersonID) (map[kernel.PersonID]string, error) {
	return c.h.Names(ctx, ids)
}

func (c town) PersonByHandle(_ context.Context, handle string) (kernel.PersonID, error) {
	if slices.Contains([]string{"ada", "bob", "eve", "mallory"}, handle) {
		return kernel.PersonID(handle), nil
	}
	return "", kernel.NewFault(kernel.NotFound, "test.nobody")
}

var (
	byCircle = badge.By{Kind: badge.KindCircle, ID: circle}
	byAda    = badge.By{Kind: badge.KindPerson, ID: "ada"}
)

func design() badge.Design {
	return badge.Design{
		Name: "Coudre un cahier", Description: "Coudre un cahier à la main.", Criteria: "Un cahier entier, montré à l'atelier.", Type: "Competency", Months: 24,
		Alignments: []badge.Alignment{{URL: "http://data.europa.eu/esco/skill/1", Name: "relier", Framework: "ESCO", Type: "ext:ESCOSkill"}},
	}
}

func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func want(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// only is what the issuer sees of the one award of an achievement.
func only(t *testing.T, s *badge.Service, ctx context.Context, id badge.AchievementID) badge.Award { //nolint:revive // t first in tests
	t.Helper()
	all := must[[]badge.Award](t)(s.AwardsOf(ctx, id))
	if len(all) != 1 {
		t.Fatalf("%d awards", len(all))
	}
	return all[0]
}

func held(t *testing.T, s *badge.Service, ctx context.Context) []badge.Holding { //nolint:revive // t first in tests
	t.Helper()
	want(t, s.Collect(ctx))
	return must[[]badge.Holding](t)(s.Credentials(ctx))
}

func TestABadgeIsSignedOnceItsRecipientAccepts(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *badge.Service) {
		s.Circles, s.People = town{h}, town{h}
		ada, bob, eve := h.As(t, "ada"), h.As(t, "bob"), h.As(t, "eve")
		id := must[badge.AchievementID](t)(s.MakeAchievement(ada, byCircle, design()))
		if _, err := s.OfferMembers(bob, id, []kernel.PersonID{"eve"}, badge.Words{}, false); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a member who does not look after the circle awards: %v", err)
		}
		must[[]badge.Award](t)(s.OfferMembers(ada, id, []kernel.PersonID{"bob"}, badge.Words{Evidence: "Un cahier de 96 pages", Note: "Bravo"}, false))
		w := only(t, s, ada, id)
		if w.State != badge.Offered || len(held(t, s, bob)) != 0 {
			t.Fatalf("before he answers: %s", w.State)
		}
		if err := s.Accept(eve, w.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("eve accepts for bob: %v", err)
		}
		want(t, s.Accept(bob, w.ID))
		if err := s.Accept(bob, w.ID); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("accepted twice: %v", err)
		}
		all := held(t, s, bob)
		if len(all) != 1 || all[0].View.Provenance.Source != gate.Attested || all[0].View.Title != "Coudre un cahier" {
			t.Fatalf("bob holds %+v", all)
		}
		hold, r, err := s.Credential(bob, all[0].ID)
		want(t, err)
		if !r.Valid || len(r.Checks) == 0 || r.Issuer.Name != "Circle cir_reliure" {
			t.Fatalf("%+v", r)
		}
		if strings.Contains(string(hold.Text), "Bravo") {
			t.Error("the note to bob is in the badge")
		}
		for name, text := range map[string]string{"jwt": hold.JWT, "sd-jwt": hold.SDJWT} {
			if r := credential.Verify([]byte(text), credential.Options{At: s.DB.Now(), With: own(t, s, []byte(text))}); !r.Valid {
				t.Errorf("%s: %+v", name, r.Checks)
			}
		}
		part := must[string](t)(hold.Part([]string{"/evidence"}))
		shown := credential.Verify([]byte(part), credential.Options{At: s.DB.Now(), With: own(t, s, []byte(part))})
		if !strings.Contains(string(must[[]byte](t)(json.Marshal(shown.Credential))), "96 pages") || strings.Contains(string(must[[]byte](t)(json.Marshal(shown.Credential))), "Un cahier entier") {
			t.Errorf("a part shows %v", shown.Credential)
		}
		if got := shown.Get(credential.CheckProof); got.OK == nil || !*got.OK {
			t.Errorf("a part: %+v", shown.Checks)
		}
		for _, svg := range []bool{false, true} {
			baked := must[[]byte](t)(hold.Baked(r, svg))
			if text := must[string](t)(baking.Unbake(baked)); text != string(hold.Text) {
				t.Errorf("svg %v: something else is baked in", svg)
			}
		}
		record := must[[]byte](t)(s.Record(bob, []kernel.ItemID{all[0].ID}, "Relevé"))
		if r := credential.Verify(record, credential.Options{At: s.DB.Now(), With: own(t, s, record)}); !r.Valid || len(r.Inner) != 1 {
			t.Errorf("record: %+v", r.Checks)
		}
	})
}

// own is what the instance serves, gathered as a verifier would.
func own(t *testing.T, s *badge.Service, text []byte) *credential.Library {
	t.Helper()
	l := &credential.Library{}
	seen := map[string]bool{}
	for todo := credential.Needs(text); len(todo) > 0; {
		address := todo[0]
		todo = todo[1:]
		if seen[address] {
			continue
		}
		seen[address] = true
		doc, ok, err := s.Signing.Find(t.Context(), address)
		want(t, err)
		if ok {
			want(t, l.AddDocument(address, doc, time.Time{}))
			todo = append(todo, credential.Needs(doc)...)
		}
	}
	return l
}

func TestABadgeIsSuspendedRevokedAndExpires(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *badge.Service) {
		s.Circles, s.People = town{h}, town{h}
		for _, by := range []badge.By{byCircle, byAda} {
			ada, bob := h.As(t, "ada"), h.As(t, "bob")
			id := must[badge.AchievementID](t)(s.MakeAchievement(ada, by, design()))
			must[[]badge.Award](t)(s.OfferMembers(ada, id, []kernel.PersonID{"bob"}, badge.Words{}, false))
			w := only(t, s, ada, id)
			want(t, s.Accept(bob, w.ID))
			if by == byAda { // a person signs herself
				if got := only(t, s, ada, id).State; got != badge.Agreed {
					t.Fatalf("before ada signs: %s", got)
				}
				if err := s.Sign(bob, w.ID); kernel.KindOf(err) != kernel.NotFound {
					t.Errorf("bob signs in ada's name: %v", err)
				}
				want(t, s.Sign(ada, w.ID))
			}
			all := held(t, s, bob)
			verdict := func() badge.Verdict {
				_, r, err := s.Credential(bob, all[0].ID)
				want(t, err)
				return badge.VerdictOf(r)
			}
			if got := verdict(); got != badge.Valid {
				t.Fatalf("%s: %s", by.Kind, got)
			}
			if err := s.Mark(ada, w.ID, statuslist.Suspension, true, " "); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("without a reason: %v", err)
			}
			want(t, s.Mark(ada, w.ID, statuslist.Suspension, true, "À revoir"))
			if got := verdict(); got != badge.Suspended {
				t.Errorf("%s: %s, want suspended", by.Kind, got)
			}
			want(t, s.Mark(ada, w.ID, statuslist.Suspension, false, ""))
			if got := verdict(); got != badge.Valid {
				t.Errorf("%s: %s, want valid again", by.Kind, got)
			}
			h.DB.SetClock(func() time.Time { return time.Now().AddDate(3, 0, 0) })
			if got := verdict(); got != badge.Expired {
				t.Errorf("%s: %s, want expired", by.Kind, got)
			}
			h.DB.SetClock(time.Now)
			want(t, s.Mark(ada, w.ID, statuslist.Revocation, true, "Erreur de personne"))
			if got := verdict(); got != badge.Revoked {
				t.Errorf("%s: %s, want revoked", by.Kind, got)
			}
			if err := s.Mark(ada, w.ID, statuslist.Suspension, true, "encore"); kernel.KindOf(err) != kernel.Conflict {
				t.Errorf("a revoked badge is suspended: %v", err)
			}
		}
	})
}

func TestSomebodyAsksWithEvidenceAndIsReviewed(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *badge.Service) {
		s.Circles, s.People = town{h}, town{h}
		ada, bob, mallory := h.As(t, "ada"), h.As(t, "bob"), h.As(t, "mallory")
		id := must[badge.AchievementID](t)(s.MakeAchievement(ada, byCircle, design()))
		link := must[string](t)(s.OpenClaims(ada, id))
		token := link[strings.LastIndexByte(link, '/')+1:]
		if _, err := s.Ask(bob, token, badge.Words{}); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("without evidence: %v", err)
		}
		must[badge.AwardID](t)(s.Ask(bob, token, badge.Words{Evidence: "J'ai cousu trois cahiers"}))
		if _, err := s.Ask(bob, token, badge.Words{Evidence: "encore"}); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("asked twice: %v", err)
		}
		w := only(t, s, ada, id)
		want(t, s.Sign(ada, w.ID))
		if all := held(t, s, bob); len(all) != 1 {
			t.Errorf("bob holds %d", len(all))
		}
		refused := must[badge.AwardID](t)(s.Ask(mallory, token, badge.Words{Evidence: "Rien"}))
		want(t, s.Refuse(ada, refused, "Rien n'est montré"))
		got, _, err := s.Mine(mallory, refused)
		want(t, err)
		if got.State != badge.Refused || got.Words.Reason == "" || got.Words.Evidence != "" {
			t.Errorf("mallory reads %+v", got)
		}
		want(t, s.CloseClaims(ada, id))
		if _, err := s.ClaimPage(bob, token); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("closed: %v", err)
		}
	})
}

func TestAGroupGetsOneBadgeWhenAllHaveAnswered(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *badge.Service) {
		s.Circles, s.People = town{h}, town{h}
		ada, bob, eve := h.As(t, "ada"), h.As(t, "bob"), h.As(t, "eve")
		id := must[badge.AchievementID](t)(s.MakeAchievement(ada, byCircle, design()))
		made := must[[]badge.Award](t)(s.OfferMembers(ada, id, []kernel.PersonID{"bob", "eve"}, badge.Words{}, true))
		want(t, s.Accept(bob, made[0].ID))
		if len(held(t, s, bob)) != 0 {
			t.Fatal("signed before eve has answered")
		}
		want(t, s.Accept(eve, made[1].ID))
		his, hers := held(t, s, bob), held(t, s, eve)
		if len(his) != 1 || len(hers) != 1 || string(his[0].Text) != string(hers[0].Text) {
			t.Fatalf("bob holds %d, eve %d", len(his), len(hers))
		}
		_, r, err := s.Credential(eve, hers[0].ID)
		want(t, err)
		if subjects, _ := r.Subject.([]any); !r.Valid || len(subjects) != 2 {
			t.Errorf("%d subjects, %+v", len(subjects), r.Checks)
		}
	})
}

func TestAListSaysWhatBecameOfEachLine(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *badge.Service) {
		s.Circles, s.People = town{h}, town{h}
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		id := must[badge.AchievementID](t)(s.MakeAchievement(ada, byCircle, design()))
		rows := must[[]badge.Row](t)(s.OfferList(ada, id, []byte("\xef\xbb\xbfIdentifiant;Nom;Preuve;Lien\r\nbob;Bob;Cahier;\r\nnobody;N;;\r\n;Zoé;;ftp://x\r\n;Léa;\"Un, deux\";https://example.org/x\r\nbob;Bob;;\r\n;;;\r\n")))
		var why []string
		for _, r := range rows {
			why = append(why, r.Why)
		}
		if !slices.Equal(why, []string{"", "badge.csv.unknown", "badge.csv.address", "", "badge.csv.twice"}) || rows[0].Line != 2 || rows[3].Link == "" || rows[0].Link != "" {
			t.Fatalf("%+v", rows)
		}
		if _, err := s.OfferList(ada, id, []byte("a;b\n1;2\n")); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("no known column: %v", err)
		}
		token := rows[3].Link[strings.LastIndexByte(rows[3].Link, '/')+1:]
		mine := must[badge.AwardID](t)(s.TakeOffer(bob, token))
		if _, err := s.TakeOffer(h.As(t, "eve"), token); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("the link serves twice: %v", err)
		}
		want(t, s.Accept(bob, mine))
		if all := held(t, s, bob); len(all) != 1 {
			t.Errorf("bob holds %d", len(all))
		}
	})
}

func TestABadgeIsShownByALinkUntilItsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *badge.Service) {
		s.Circles, s.People = town{h}, town{h}
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		id := must[badge.AchievementID](t)(s.MakeAchievement(ada, byCircle, design()))
		must[[]badge.Award](t)(s.OfferMembers(ada, id, []kernel.PersonID{"bob"}, badge.Words{}, false))
		w := only(t, s, ada, id)
		want(t, s.Accept(bob, w.ID))
		all := held(t, s, bob)
		link := must[string](t)(s.Share(bob, all[0].ID, "Pour un emploi", time.Now().AddDate(0, 0, 7).Format(time.DateOnly)))
		token := link[strings.LastIndexByte(link, '/')+1:]
		visitor := h.As(t, "")
		hold, r, errand, err := s.Shown(visitor, token)
		want(t, err)
		if !r.Valid || errand.Purpose != "Pour un emploi" || string(hold.Text) != string(all[0].Text) {
			t.Errorf("shown %+v", errand)
		}
		want(t, s.Mark(ada, w.ID, statuslist.Revocation, true, "Erreur"))
		if _, r, _, err = s.Shown(visitor, token); err != nil || badge.VerdictOf(r) != badge.Revoked {
			t.Errorf("verified on view: %s, %v", badge.VerdictOf(r), err)
		}
		h.DB.SetClock(func() time.Time { return time.Now().AddDate(0, 0, 9) })
		if _, _, _, err := s.Shown(visitor, token); err == nil {
			t.Error("the link still opens after its end")
		}
		h.DB.SetClock(time.Now)
	})
}

// elsewhere is a part of the web that answers with what a test put there.
type elsewhere map[string][]byte

func (e elsewhere) Fetch(_ context.Context, address string, _ int64) ([]byte, error) {
	if raw, ok := e[address]; ok {
		return raw, nil
	}
	return nil, context.DeadlineExceeded
}

func TestWhatComesFromElsewhereIsKeptWithWhatVerifiesIt(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *badge.Service) {
		s.Circles, s.People = town{h}, town{h}
		// Another instance issues; ours knows nothing but what it serves.
		_, there := open(t, t.TempDir()+"/there.db")
		answer := must[[]byte](t)(signedElsewhere(there))
		web := elsewhere{"https://digiwork.example/.well-known/did.json": must[[]byte](t)(document(there))}
		s.Base = "https://here.example"
		s.Signing = keysAt(h, s.Base)
		s.Web = web
		bob := h.As(t, "bob")
		id := must[kernel.ItemID](t)(s.Import(bob, answer))
		if _, err := s.Import(bob, answer); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("imported twice: %v", err)
		}
		clear(web) // its server is gone
		hold, r, err := s.Credential(bob, id)
		want(t, err)
		if !r.Valid || len(hold.Docs) == 0 || r.Get(credential.CheckIssuer).Code != "issuer.known" {
			t.Errorf("without its issuer: %+v", r.Checks)
		}
		if hold.View.Provenance.Source != gate.Attested {
			t.Errorf("provenance %+v", hold.View.Provenance)
		}
		for name, bad := range map[string]string{"text": "bonjour", "a number": "7", "an object": "{}", "an address": "https://nowhere.example/x"} {
			if _, err := s.Import(bob, []byte(bad)); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
