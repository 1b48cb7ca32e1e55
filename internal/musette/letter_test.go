package musette

import (
	"strings"
	"testing"
	"time"

	"digiwork/internal/kernel"

	"pgregory.net/rapid"
)

func dayOf(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAMonthEndsAsTheRegulationSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sent    kernel.Date
		outcome Outcome
		want    string
	}{
		{"2026-03-05", Unanswered, "2026-04-07"}, // Sunday 5 April is Easter, Monday is a holiday
		{"2026-09-01", Unanswered, "2026-10-01"},
		{"2026-08-31", Unanswered, "2026-09-30"}, // no 31 September
		{"2026-01-31", Unanswered, "2026-03-02"}, // Saturday 28 February
		{"2024-01-29", Unanswered, "2024-02-29"},
		{"2026-10-01", Unanswered, "2026-11-02"}, // Sunday 1 November, a holiday
		{"2026-10-11", Unanswered, "2026-11-12"}, // Armistice Day
		{"2026-04-14", Unanswered, "2026-05-15"}, // Ascension
		{"2026-04-25", Unanswered, "2026-05-26"}, // Whit Monday
		{"2026-09-01", Longer, "2026-12-01"},
		{"2026-11-30", Longer, "2027-03-01"}, // Sunday 28 February
		{"2026-12-25", Unanswered, "2027-01-25"},
	} {
		q := Request{Sent: c.sent, Outcome: c.outcome}
		if got := q.Due().Format(time.DateOnly); got != c.want {
			t.Errorf("received on %s (%q): due on %s, want %s", c.sent, c.outcome, got, c.want)
		}
	}
}

func TestEasterIsAlwaysASundayOfSpring(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]string{1583: "04-10", 1961: "04-02", 2000: "04-23", 2008: "03-23", 2011: "04-24", 2038: "04-25"} {
		if got := easter(year).Format("01-02"); got != want {
			t.Errorf("Easter %d is %s, want %s", year, got, want)
		}
	}
	for year := 1583; year < 2600; year++ {
		e := easter(year)
		if e.Weekday() != time.Sunday || e.Before(time.Date(year, 3, 22, 0, 0, 0, 0, time.UTC)) || e.After(time.Date(year, 4, 25, 0, 0, 0, 0, time.UTC)) {
			t.Fatalf("Easter %d on %s", year, e.Format(time.RFC1123))
		}
	}
}

func TestTheDueDayIsAWorkingDayAfterAboutAMonth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sent := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 20_000).Draw(t, "day"))
		q := Request{Sent: kernel.Date(sent.Format(time.DateOnly))}
		due := q.Due()
		if n := days(sent, due); n < 28 || n > 36 {
			t.Fatalf("%s: due %d days later", q.Sent, n)
		}
		if w := due.Weekday(); w == time.Saturday || w == time.Sunday || holiday(due) {
			t.Fatalf("%s: due on %s", q.Sent, due.Format(time.RFC1123))
		}
	})
}

func TestALetterStandsWhereItsDaysSay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		q     Request
		today string
		want  State
	}{
		"not sent":            {Request{}, "2026-10-01", Draft},
		"on the last day":     {Request{Sent: "2026-09-01"}, "2026-10-01", Waiting},
		"the day after":       {Request{Sent: "2026-09-01"}, "2026-10-02", Late},
		"two months more":     {Request{Sent: "2026-09-01", Outcome: Longer}, "2026-10-02", Waiting},
		"and they are over":   {Request{Sent: "2026-09-01", Outcome: Longer}, "2026-12-02", Late},
		"everything came":     {Request{Sent: "2026-09-01", Outcome: Whole}, "2027-01-01", Done},
		"a part came":         {Request{Sent: "2026-09-01", Outcome: Partial}, "2026-09-02", Short},
		"refused":             {Request{Sent: "2026-09-01", Outcome: Refused}, "2026-09-02", Short},
		"answered, not noted": {Request{Sent: "2026-09-01", Answered: "2026-09-20"}, "2026-10-20", Late},
	} {
		if got := c.q.State(dayOf(t, c.today)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestALetterSaysWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	fine := Request{To: "Roulévite", Rights: []Right{Access}, Language: "fr", Sender: "Ada"}
	if err := fine.Check(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Request){
		"to: musette.field.missing":                 func(q *Request) { q.To = " " },
		"rights: musette.letter.rights.missing":     func(q *Request) { q.Rights = nil },
		"language: musette.letter.language.unknown": func(q *Request) { q.Language = "de" },
		"sender: musette.field.missing":             func(q *Request) { q.Sender = "" },
		"sent: musette.letter.day":                  func(q *Request) { q.Sent = "2026-09" },
		"answered: musette.letter.answered_before":  func(q *Request) { q.Sent, q.Answered = "2026-09-02", "2026-09-01" },
		"sent: musette.letter.not_sent":             func(q *Request) { q.Outcome = Whole },
		"outcome: musette.letter.outcome.unknown":   func(q *Request) { q.Sent, q.Outcome = "2026-09-02", "lost" },
		"detail: musette.text.long":                 func(q *Request) { q.Detail = strings.Repeat("x", storyMost+1) },
	} {
		q := fine
		change(&q)
		if got := fields(q.Check()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestALetterIsWrittenSentAndFollowed(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		form := st.visit(t, "ada", "en", "/musette/letters").is(200).says("No request").click("Write a request").is(200).sound()
		if form.value("language") != "en" || form.value("sender") != "ada" {
			t.Errorf("the form begins with %q, %q", form.value("language"), form.value("sender"))
		}
		form.press("Write the letter", "to", "", "detail", "my ratings").is(422).sound().says("Something is missing here", "my ratings")
		letter := form.press("Write the letter", "to", "Roulévite", "address", "dpo@roulevite.example", "rights", "access", "rights", "platform", "language", "fr",
			"sender", "Ada Marchetti\n3 rue des Halles", "reference", "compte 42", "detail", "les messages du support").is(200).sound()
		letter.says("Ready, not sent yet", "Le 24 novembre 2026", "article 15 du Règlement (UE) 2016/679", "L7342-7", "compte 42", "les messages du support", "un mois à compter de la réception")
		letter.hides("article 20")
		if n := strings.Count(letter.Body.String(), `lang="fr"`); n == 0 {
			t.Error("the letter does not say which language it is in")
		}
		refused := letter.press("Note it", "sent", "novembre 2026").is(422).sound().says("The exact day is needed")
		if refused.value("sent") != "novembre 2026" {
			t.Error("what was typed is lost")
		}
		letter.press("Note it", "sent", "15/10/2026").is(200).says("The answer was due on 16 November 2026: 8 days late", "cnil.fr", "Le 15 octobre 2026")
		st.visit(t, "ada", "fr", "/musette/letters").is(200).says("8 jours de retard")
		late := st.visit(t, "ada", "en", letter.path)
		late.press("Note it", "sent", "2026-10-15", "outcome", "longer").is(200).says("The answer is due on 15 January 2027: 52 days are left")
		letter.press("Note it", "sent", "2026-10-15", "idempotency_key", "").is(409).says("has changed since you opened it")
		st.visit(t, "ada", "en", letter.path).press("Note it", "outcome", "whole", "answered", "2026-11-20").is(200).says("They answered everything", "Import the file")
	})
}
