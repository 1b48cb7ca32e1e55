package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/mail/mailtest"
	"digiwork/internal/platform/seal"
	"digiwork/internal/testkit"
)

var (
	content = []db.Steps{{Context: "jobs", Files: jobs.Migrations}, {Context: "mail", Files: Migrations}}
	wrapped = db.Steps{Context: "seal", Files: seal.Migrations}
)

// office is a post with what it stands on.
type office struct {
	*Post
	log *bytes.Buffer
	now *atomic.Int64
}

// open makes an office on the database at where. Two on one place are two processes.
func open(t *testing.T, where, keyFile string, s Settings) *office {
	t.Helper()
	d := testkit.Open(t, where, db.Content, content...)
	keys, _, err := seal.Open(t.Context(), testkit.Open(t, where, db.Keys, wrapped), keyFile)
	if err != nil {
		t.Fatal(err)
	}
	now := &atomic.Int64{}
	now.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano())
	d.SetClock(func() time.Time { return time.Unix(0, now.Load()) })
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	p := &Post{DB: d, Keys: keys, Jobs: jobs.New(d, logger), Settings: s, Log: logger}
	p.Register()
	return &office{p, &log, now}
}

func (o *office) pass(d time.Duration) { o.now.Add(int64(d)) }

// each runs f on both engines with an office that writes to server.
func each(t *testing.T, server *mailtest.Server, f func(t *testing.T, o *office)) {
	t.Helper()
	t.Run("engines", func(t *testing.T) { // the server outlives the parallel engines
		testkit.Each(t, func(t *testing.T, where string) {
			f(t, open(t, where, filepath.Join(t.TempDir(), "k"), to(server)))
		})
	})
}

func to(server *mailtest.Server) Settings {
	return Settings{Host: "127.0.0.1", Port: server.Port, From: "DigiWork <maison@ysole.example>", TLS: Plain}
}

func (o *office) put(t *testing.T, l Letter) (id string, err error) {
	t.Helper()
	s, err := o.Seal(l)
	if err != nil {
		return "", err
	}
	err = o.DB.Write(t.Context(), func(tx *db.Tx) error {
		id, err = o.Put(t.Context(), tx, s)
		return err
	})
	return id, err
}

func (o *office) mustPut(t *testing.T, l Letter) string {
	t.Helper()
	id, err := o.put(t, l)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *office) run(t *testing.T) int {
	t.Helper()
	n, err := o.Jobs.RunDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (o *office) state(t *testing.T, id string) State {
	t.Helper()
	states, err := o.States(t.Context(), []string{id})
	if err != nil {
		t.Fatal(err)
	}
	return states[id]
}

// arrived are the letters of one test's address: engines share a server.
func arrived(t *testing.T, server *mailtest.Server, address string) (mine []mailtest.Letter) {
	t.Helper()
	for _, l := range server.Letters(t) {
		if l.To == address {
			mine = append(mine, l)
		}
	}
	return mine
}

func address() string { return strings.ToLower(rand.Text()[:12]) + "@ysole.example" }

func letter(to string) Letter {
	return Letter{To: to, Lang: "fr", Subject: "Invitation à la guilde", Text: "Bonjour,\n\nvoici le lien : https://x.example/é\n", Person: "per_ada"}
}

func TestLetterLeavesAsWrittenAndIsForgotten(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	each(t, server, func(t *testing.T, o *office) {
		to := address()
		id := o.mustPut(t, letter(to))
		if got := o.state(t, id); got != Waiting {
			t.Errorf("before leaving: %s", got)
		}
		o.run(t)
		got := arrived(t, server, to)
		if len(got) != 1 {
			t.Fatalf("%d letters arrived", len(got))
		}
		l, want := got[0], letter(to)
		if l.Subject != want.Subject || strings.TrimSpace(strings.ReplaceAll(l.Text, "\r\n", "\n")) != strings.TrimSpace(want.Text) {
			t.Errorf("arrived as %q, %q", l.Subject, l.Text)
		}
		if l.From != "maison@ysole.example" || l.MessageID != id+"@ysole.example" {
			t.Errorf("from %s, id %s", l.From, l.MessageID)
		}
		if l.Header["Auto-Submitted"][0] != "auto-generated" || l.Header["Content-Language"][0] != "fr" {
			t.Errorf("headers %v", l.Header)
		}
		machine, err := os.Hostname()
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range l.Header {
			if name == "User-Agent" || name == "X-Mailer" {
				t.Errorf("the letter says what wrote it: %s %v", name, values)
			}
			if name != "Received" && strings.Contains(strings.Join(values, " "), machine) {
				t.Errorf("the letter names this machine: %s %v", name, values)
			}
		}
		if got := o.state(t, id); got != Left {
			t.Errorf("after leaving: %s", got)
		}
		if n, err := db.One(t.Context(), o.DB.Read(), db.Scan[int], `select count(*) from mail_letter`); err != nil || n != 0 {
			t.Errorf("%d letters kept, %v", n, err)
		}
		o.pass(time.Hour)
		o.run(t)
		if n := len(arrived(t, server, to)); n != 1 {
			t.Errorf("%d letters an hour later", n)
		}
	})
}

func TestLetterOfAFailedUseCaseDoesNotLeave(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	each(t, server, func(t *testing.T, o *office) {
		to, no := address(), errors.New("no")
		s, err := o.Seal(letter(to))
		if err != nil {
			t.Fatal(err)
		}
		err = o.DB.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := o.Put(t.Context(), tx, s); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		o.run(t)
		if n := len(arrived(t, server, to)); n != 0 {
			t.Errorf("%d letters left", n)
		}
	})
}

func TestWaitingLetterIsSealed(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		o := open(t, where, filepath.Join(t.TempDir(), "k"), Settings{Host: "127.0.0.1", Port: 1, From: "a@b.example", TLS: Plain})
		to := "zelie.planted@ysole.example"
		id := o.mustPut(t, Letter{To: to, Lang: "fr", Subject: "Sujetplanted", Text: "Motplanted"})
		o.run(t) // nobody listens: it fails, and logs
		for _, column := range []string{
			`select id from mail_letter`, `select person from mail_letter`, `select sealed from mail_letter`,
			`select address_digest from mail_trace`, `select subject from jobs_job`,
		} {
			rows, err := db.All(t.Context(), o.DB.Read(), db.Scan[[]byte], column) //nolint:rowserrcheck // All checks
			if err != nil || len(rows) == 0 {
				t.Fatalf("%s: %d rows, %v", column, len(rows), err)
			}
			for _, raw := range rows {
				if bytes.Contains(bytes.ToLower(raw), []byte("planted")) {
					t.Errorf("%s shows %q", column, raw)
				}
			}
		}
		if !db.IsPostgres(where) {
			files, err := filepath.Glob(filepath.Join(filepath.Dir(where), "*"))
			if err != nil || len(files) == 0 {
				t.Fatalf("%v, %v", files, err)
			}
			for _, name := range files {
				raw, err := os.ReadFile(name)
				if err != nil || bytes.Contains(bytes.ToLower(raw), []byte("planted")) {
					t.Errorf("%s shows words, %v", name, err)
				}
			}
		}
		log := o.log.String()
		if !strings.Contains(log, id) || strings.Contains(strings.ToLower(log), "planted") {
			t.Errorf("the log has no id, or has words: %s", log)
		}
		// Swapped with another row, it does not open.
		other := o.mustPut(t, Letter{To: "b@ysole.example", Subject: "b", Text: "b"})
		a, err := letterByID(t.Context(), o.DB.Read(), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Keys.OpenText(purpose(id), a.sealed); err != nil {
			t.Errorf("in its place: %v", err)
		}
		if _, err := o.Keys.OpenText(purpose(other), a.sealed); !errors.Is(err, seal.ErrSealed) {
			t.Errorf("in another place: %v", err)
		}
	})
}

func TestServerThatIsBusyGetsTheLetterLater(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "--enable-chaos")
	testkit.Each(t, func(t *testing.T, where string) {
		server := server
		if db.IsPostgres(where) {
			server = mailtest.Start(t, "--enable-chaos") // engines must not share a mood
		}
		o := open(t, where, filepath.Join(t.TempDir(), "k"), to(server))
		to := address()
		id := o.mustPut(t, letter(to))
		server.Refuse(t, 451)
		for range 3 {
			o.run(t)
			o.pass(time.Hour)
		}
		if got := o.state(t, id); got != Waiting || len(arrived(t, server, to)) != 0 {
			t.Fatalf("while the server is busy: %s", got)
		}
		server.Refuse(t, 0)
		o.run(t)
		if got := o.state(t, id); got != Left || len(arrived(t, server, to)) != 1 {
			t.Errorf("once it is free: %s, %d arrived", got, len(arrived(t, server, to)))
		}
	})
}

func TestRefusedLetterLosesItsWordsAndIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, "--smtp-allowed-recipients", `^open`)
	each(t, server, func(t *testing.T, o *office) {
		shut, free := address(), "open"+address()
		if strings.HasPrefix(shut, "open") {
			shut = "shut" + shut
		}
		id, ok := o.mustPut(t, letter(shut)), o.mustPut(t, letter(free))
		o.run(t)
		if got := o.state(t, id); got != Refused {
			t.Errorf("refused letter is %s", got)
		}
		if got := o.state(t, ok); got != Left || len(arrived(t, server, free)) != 1 {
			t.Errorf("its neighbour is %s", got)
		}
		l, err := letterByID(t.Context(), o.DB.Read(), id)
		if err != nil || len(l.sealed) != 0 {
			t.Errorf("%d sealed bytes are kept, %v", len(l.sealed), err)
		}
		o.pass(7 * time.Hour)
		if s, err := o.Jobs.State(t.Context()); err != nil || s != (jobs.State{}) {
			t.Errorf("jobs left: %+v, %v", s, err)
		}
		if log := o.log.String(); strings.Contains(log, shut) || !strings.Contains(log, "code=550") {
			t.Errorf("log: %s", log)
		}
	})
}

// The process dies after the server took the letter and before the queue knows.
func TestCrashLetsALetterLeaveTwiceNeverZeroTimes(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	t.Run("engines", func(t *testing.T) {
		testkit.Each(t, func(t *testing.T, where string) {
			key := filepath.Join(t.TempDir(), "k")
			dying, heir := open(t, where, key, to(server)), open(t, where, key, to(server))
			before, after := address(), address()
			dying.mustPut(t, letter(before)) // killed before it could do anything
			id := dying.mustPut(t, letter(after))
			l := letter(after)
			if err := dying.deliver(t.Context(), id, words{l.To, l.Lang, l.Subject, l.Text}); err != nil {
				t.Fatal(err)
			} // killed here
			heir.run(t)
			if n := len(arrived(t, server, before)); n != 1 {
				t.Errorf("%d letters after a crash before leaving; want 1", n)
			}
			twice := arrived(t, server, after)
			if len(twice) != 2 || twice[0].MessageID != twice[1].MessageID {
				t.Errorf("%d letters after a crash after leaving; want 2 with one Message-ID: %v", len(twice), twice)
			}
		})
	})
}

func TestNobodyIsFlooded(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		o := open(t, where, filepath.Join(t.TempDir(), "k"), Settings{Host: "127.0.0.1", Port: 1, From: "a@b.example", TLS: Plain})
		o.Limits = Limits{AddressHour: 2, AddressDay: 3, OwnHour: 2, PersonDay: 5, AllHour: 100}
		refused := func(l Letter) time.Duration {
			t.Helper()
			_, err := o.put(t, l)
			f, ok := errors.AsType[*kernel.Fault](err)
			if !ok || f.Kind != kernel.TooMany {
				t.Fatalf("a letter too many: %v", err)
			}
			return f.Wait
		}
		to := address()
		o.mustPut(t, letter(to))
		o.pass(10 * time.Minute)
		o.mustPut(t, letter(strings.ToUpper(to[:3])+to[3:])) // the same address
		if wait := refused(letter(to)); wait != 50*time.Minute {
			t.Errorf("wait %v; want 50 minutes", wait)
		}
		own := letter(to)
		own.Own = true
		o.mustPut(t, own) // what others sent does not silence a notice
		o.mustPut(t, own)
		refused(own)
		o.pass(51 * time.Minute)
		o.mustPut(t, letter(to))
		o.pass(2 * time.Hour)
		if wait := refused(letter(to)); wait < 20*time.Hour {
			t.Errorf("the day's limit waits %v", wait)
		}
		// Ada has asked for three letters and two notices; Bob's are not hers.
		bobs := letter(address())
		bobs.Person = "per_bob"
		o.mustPut(t, bobs)
		refused(letter(address()))
		o.pass(22 * time.Hour)
		o.mustPut(t, letter(address()))
		o.pass(24 * time.Hour)
		o.mustPut(t, letter(to))
		if err := o.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := db.One(t.Context(), o.DB.Read(), db.Scan[int], `select count(*) from mail_trace`); err != nil || n != 2 {
			t.Errorf("%d traces after the sweep, %v; want those of the last day", n, err)
		}
	})
}

func TestMessagesAreSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	each(t, server, func(t *testing.T, o *office) {
		o.Catalog = &i18n.Catalog{}
		if err := o.Catalog.Add("mail", Messages); err != nil {
			t.Fatal(err)
		}
		o.Limits = Limits{AddressHour: 1, AddressDay: 1, OwnHour: 1, PersonDay: 9, AllHour: 9}
		to := address()
		say := func(how func(context.Context, *db.Tx, kernel.PersonID, string, string, string, ...any) error, lang string) error {
			return o.DB.Write(t.Context(), func(tx *db.Tx) error {
				return how(t.Context(), tx, "per_ada", to, lang, "mail.try")
			})
		}
		if err := errors.Join(say(o.Send, "fr"), say(o.Notify, "en")); err != nil {
			t.Fatal(err)
		}
		for _, how := range []func(context.Context, *db.Tx, kernel.PersonID, string, string, string, ...any) error{o.Send, o.Notify} {
			if err := say(how, "fr"); kernel.KindOf(err) != kernel.TooMany {
				t.Errorf("one too many: %v", err)
			}
		}
		o.run(t)
		subjects := map[string]string{}
		for _, l := range arrived(t, server, to) {
			subjects[l.Header["Content-Language"][0]] = l.Subject
		}
		if len(subjects) != 2 || subjects["fr"] != "Essai d’envoi depuis DigiWork" || subjects["en"] != "Test email from DigiWork" {
			t.Errorf("arrived: %v", subjects)
		}
	})
}

func TestQuietHoursHoldALetterBack(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	each(t, server, func(t *testing.T, o *office) {
		to := address()
		l := letter(to)
		l.NotBefore = o.DB.Now().Add(8 * time.Hour)
		o.mustPut(t, l)
		o.pass(8*time.Hour - time.Second)
		o.run(t)
		if n := len(arrived(t, server, to)); n != 0 {
			t.Fatalf("%d letters left during quiet hours", n)
		}
		o.pass(time.Second)
		o.run(t)
		if n := len(arrived(t, server, to)); n != 1 {
			t.Errorf("%d letters after them", n)
		}
	})
}

func TestLettersOfAPersonGoWithHer(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	each(t, server, func(t *testing.T, o *office) {
		hers, others := letter(address()), letter(address())
		others.Person = "per_bob"
		o.mustPut(t, hers)
		o.mustPut(t, others)
		err := o.DB.Write(t.Context(), func(tx *db.Tx) error {
			return errors.Join(o.Leave(t.Context(), tx, "per_ada"), o.Leave(t.Context(), tx, ""), o.Jobs.Leave(t.Context(), tx, "per_ada"))
		})
		if err != nil {
			t.Fatal(err)
		}
		o.run(t)
		if a, b := len(arrived(t, server, hers.To)), len(arrived(t, server, others.To)); a != 0 || b != 1 {
			t.Errorf("%d letters of hers and %d of another's left", a, b)
		}
		if n, err := db.One(t.Context(), o.DB.Read(), db.Scan[int], `select count(*) from mail_trace where person = 'per_ada'`); err != nil || n != 0 {
			t.Errorf("%d traces of her, %v", n, err)
		}
	})
}

func TestOldLettersAreForgotten(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		o := open(t, where, filepath.Join(t.TempDir(), "k"), Settings{Host: "127.0.0.1", Port: 1, From: "a@b.example", TLS: Plain})
		old := o.mustPut(t, letter(address()))
		o.pass(13 * 24 * time.Hour)
		recent := o.mustPut(t, letter(address()))
		o.pass(2 * 24 * time.Hour)
		if err := o.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if o.state(t, old) == Waiting || o.state(t, recent) != Waiting {
			t.Errorf("old %s, recent %s", o.state(t, old), o.state(t, recent))
		}
	})
}

func TestWithoutServerNothingIsQueued(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		o := open(t, where, filepath.Join(t.TempDir(), "k"), Settings{})
		if o.Configured() {
			t.Error("mail is on")
		}
		if _, err := o.Seal(letter(address())); kernel.KindOf(err) != kernel.Unavailable {
			t.Errorf("sealing says %v", err)
		}
		if err := o.Try(t.Context(), address()); kernel.KindOf(err) != kernel.Unavailable {
			t.Errorf("trying says %v", err)
		}
	})
}
