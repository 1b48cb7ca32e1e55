package account

import (
	"context"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

// sql changes the database behind everybody's back.
func (h *home) sql(t testing.TB, text string, args ...any) error {
	t.Helper()
	return h.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), text, args...)
		return err
	})
}

func TestTheIdentityOfASessionChangesAtSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada, bob := h.add(t, "ada", false), h.add(t, "bob", false)
		first := h.in(t, "ada")
		for _, planted := range []string{first.Reveal(), "planted-by-somebody", ""} {
			session, err := h.SignIn(t.Context(), "bob", goodPassword, netip.Addr{}, Visit{Cookie: planted})
			if err != nil {
				t.Fatal(err)
			}
			if session.Reveal() == planted || h.who(t, session) != bob {
				t.Errorf("signed in with %q", planted)
			}
		}
		if who := h.who(t, first); who != "" {
			t.Errorf("the cookie brought along is still %s's", who)
		}
		if h.who(t, h.in(t, "ada")) != ada {
			t.Error("another session of hers")
		}
	})
}

func TestSessionsEndByThemselves(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada := h.add(t, "ada", false)
		idle, used := h.in(t, "ada"), h.in(t, "ada")
		const day = 24 * time.Hour
		h.pass(13 * day)
		if h.who(t, used) != ada {
			t.Error("a session ended after 13 days")
		}
		if err := h.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.pass(day)
		if h.who(t, idle) != "" {
			t.Error("a browser left alone for 14 days is still in")
		}
		for past := 14; past < 90; past += 12 {
			if h.who(t, used) != ada {
				t.Fatalf("a session in use ended after %d days", past)
			}
			if err := h.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.pass(12 * day)
		}
		if h.who(t, used) != "" {
			t.Error("a session lasts for ever")
		}
		if err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `select count(*) from account_session`); n != 0 || err != nil {
			t.Errorf("%d sessions are kept, %v", n, err)
		}
	})
}

func TestUsingASessionWritesNothingWithinTenMinutes(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		session := h.in(t, "ada")
		used := func() time.Time {
			t.Helper()
			all, err := h.Sessions(h.as(t, session))
			if err != nil || len(all) != 1 {
				t.Fatalf("%v, %v", all, err)
			}
			return all[0].UsedAt
		}
		start := used()
		h.pass(usedEvery - time.Second)
		h.who(t, session)
		if err := h.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := used(); !got.Equal(start) {
			t.Errorf("written after %s", got.Sub(start))
		}
		h.pass(time.Second)
		h.who(t, session)
		if got := used(); !got.Equal(start) {
			t.Error("written by the request itself")
		}
		if err := h.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := used(); got.Sub(start) != usedEvery {
			t.Errorf("written after %s, want %s", got.Sub(start), usedEvery)
		}
	})
}

func TestClosingASessionClosesItOnEveryProcessAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		h.add(t, "eve", false)
		here, there, third := h.in(t, "ada"), h.in(t, "ada"), h.in(t, "ada")
		eve := h.in(t, "eve")
		other := h.twin(t)
		if other.who(t, there) == "" {
			t.Fatal("the other process does not know the session")
		}
		sessions, err := h.Sessions(h.as(t, there))
		if err != nil || len(sessions) != 3 || sessions[0].Device != (Device{"Firefox", "Linux"}) || sessions[0].How != ByPassword {
			t.Fatalf("%+v, %v", sessions, err)
		}
		at := slices.IndexFunc(sessions, func(s Session) bool { return s.Here })
		if err := h.CloseSession(h.as(t, eve), sessions[at].ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger closes it: %v", err)
		}
		if err := h.CloseSession(h.as(t, here), sessions[at].ID); err != nil {
			t.Fatal(err)
		}
		if h.who(t, there) != "" || other.who(t, there) != "" {
			t.Error("it is still open")
		}
		if err := h.CloseOtherSessions(h.as(t, here)); err != nil {
			t.Fatal(err)
		}
		if other.who(t, third) != "" || other.who(t, here) == "" || other.who(t, eve) == "" {
			t.Error("all her others, and nobody else's")
		}
		if err := h.SignOut(t.Context(), Visit{Cookie: here.Reveal()}); err != nil || other.who(t, here) != "" {
			t.Errorf("signed out: %v", err)
		}
		if err := h.SignOut(t.Context(), Visit{}); err != nil {
			t.Errorf("signed out twice: %v", err)
		}
	})
}

func TestABadCookieIsAVisitorAndABadBearerIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		for _, cookie := range []string{"", "x", strings.Repeat("a", 5000)} {
			if a, err := h.Recognise(t.Context(), gate.Credential{Cookie: cookie}); err != nil || !a.IsVisitor() {
				t.Errorf("%.10q: %+v, %v", cookie, a, err)
			}
		}
		_, err := h.Recognise(t.Context(), gate.Credential{Bearer: "x"})
		refused(t, "a bearer", err, errBearer)
	})
}

// What lies in the database opens no door and tells no secret.
func TestAStolenDatabaseOpensNoDoor(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		const address, tokenName, newPassword = "ada.secrete@exemple.fr", "Mon-programme-a-moi", "phrase plantée exprès"
		ada, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "ada", Name: "Ada", Mail: address, Password: newPassword})
		if err != nil {
			t.Fatal(err)
		}
		session, err := h.SignIn(t.Context(), "ada", newPassword, netip.Addr{}, Visit{Agent: firefox})
		if err != nil {
			t.Fatal(err)
		}
		ctx := h.as(t, session)
		_, token, err := h.CreateToken(ctx, NewToken{Name: tokenName, Scopes: []string{"all"}})
		if err != nil {
			t.Fatal(err)
		}
		codes, err := h.NewCodes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		invitation, _, err := h.Invite(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		lost, _, err := h.LostLink(t.Context(), ada)
		if err != nil {
			t.Fatal(err)
		}
		dump := h.dump(t)
		if !strings.Contains(dump, "Ada") {
			t.Fatal("the dump is not one: it does not hold what is shared")
		}
		for what, word := range map[string]string{
			"password": newPassword, "address": address, "the local part": "ada.secrete", "token": token.Reveal(), "cookie": session.Reveal(),
			"name of the token": tokenName, "code": codes[0], "code, plain": plainCode(codes[0]), "browser": "rv:140",
			"invitation": invitation[strings.LastIndexByte(invitation, '/')+1:], "link": lost[strings.LastIndexByte(lost, '/')+1:],
		} {
			if strings.Contains(dump, word) {
				t.Errorf("%s lies in the database", what)
			}
		}
		stored, err := db.All(t.Context(), h.DB.Read(), db.Scan[string], `
			select digest from account_session union all select digest from account_token union all
			select digest from account_code union all select digest from account_link`)
		if err != nil || len(stored) < 14 {
			t.Fatalf("%d digests, %v", len(stored), err)
		}
		for _, d := range stored {
			if h.who(t, secret.New(d)) != "" {
				t.Error("a digest opens a session")
			}
			if _, err := h.Recognise(t.Context(), gate.Credential{Bearer: d}); err == nil {
				t.Error("a digest is a token")
			}
			if _, err := h.EnterLink(t.Context(), d); err == nil {
				t.Error("a digest is a link")
			}
		}
	})
}

// dump is everything the content database holds: the bytes of the file and of its
// log, or every row.
func (h *home) dump(t testing.TB) string {
	t.Helper()
	if !db.IsPostgres(h.where) {
		var all []byte
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(h.where + suffix)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, raw...)
		}
		return string(all)
	}
	tables, err := db.All(t.Context(), h.DB.Read(), db.Scan[string], `
		select table_name from information_schema.tables where table_schema = current_schema()`)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, table := range tables {
		rows, err := db.All(t.Context(), h.DB.Read(), db.Scan[string], `select cast(x as text) from `+table+` x`)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(strings.Join(rows, "\n"))
	}
	return all.String()
}

func BenchmarkRecognise(b *testing.B) {
	h := build(b, b.TempDir()+"/bench.db")
	h.add(b, "ada", false)
	c := gate.Credential{Cookie: h.in(b, "ada").Reveal()}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if a, err := h.Recognise(ctx, c); err != nil || a.IsVisitor() {
			b.Fatal(a, err)
		}
	}
}
