package peer

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// Of a musette, who is asked sees the activity named and nothing else.
func TestARequestShowsTheActivityItNamesAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.activity("ada", "Autre chose du 7391")
		_, link := w.asked("Rosa")
		a, err := w.Open(w.as(""), w.ByLink(link))
		if err != nil {
			t.Fatal(err)
		}
		items, err := w.Gate.Lent(w.as(""), a.pass)
		if err != nil || len(items) != 2 {
			t.Fatalf("%+v, %v", items, err)
		}
		for _, it := range items {
			if strings.Contains(it.View.Title, "Autre") || len(it.View.Provenance.By) > 0 {
				t.Errorf("shown: %+v", it.View)
			}
		}
		w.now = w.now.AddDate(0, 0, 31)
		if _, err := w.Open(w.as(""), w.ByLink(link)); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("after its end: %v", err)
		}
		if _, err := w.Open(w.as(""), w.ByLink("never")); !errors.Is(err, gate.ErrNever) {
			t.Errorf("a link that never was: %v", err)
		}
	})
}

func TestNoIsNoAndLaterIsLater(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		q, link := w.asked("Rosa Benali")
		if _, err := w.Send(w.as("ada"), w.ask("  rosa  BENALI ")); !errors.Is(err, errAsked) {
			t.Errorf("asked twice at once: %v", err)
		}
		if err := w.Later(w.as(""), w.ByLink(link)); err != nil {
			t.Fatal(err)
		}
		if q, err := w.Request(w.as("ada"), q.ID); err != nil || q.State != Later || !q.Open() {
			t.Errorf("%+v, %v", q, err)
		}
		if err := w.Decline(w.as(""), w.ByLink(link)); err != nil {
			t.Fatal(err)
		}
		if q, err := w.Request(w.as("ada"), q.ID); err != nil || q.State != Declined || q.Open() || q.URL != "" {
			t.Errorf("%+v, %v", q, err)
		}
		if _, err := w.Send(w.as("ada"), w.ask("Rosa Benali")); !errors.Is(err, errSaidNo) {
			t.Errorf("asked again: %v", err)
		}
		if _, err := w.Send(w.as("ada"), w.ask("Rosa Amrani")); err != nil {
			t.Errorf("somebody else: %v", err)
		}
		bob := w.ask("Rosa Benali")
		bob.Activity = w.activity("bob", "Autre")
		if _, err := w.Send(w.as("bob"), bob); err != nil {
			t.Errorf("somebody else asks: %v", err)
		}
		if err := w.Later(w.as(""), w.ByLink(link)); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("after no: %v", err)
		}
	})
}

func TestARequestCanBeWithdrawnFromHereAndFromTheGate(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		q, link := w.asked("Rosa")
		if err := w.Withdraw(w.as("bob"), q.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("by somebody else: %v", err)
		}
		if err := w.Withdraw(w.as("ada"), q.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Withdraw(w.as("ada"), q.ID); err != nil {
			t.Errorf("twice: %v", err)
		}
		if _, err := w.Open(w.as(""), w.ByLink(link)); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("withdrawn: %v", err)
		}
		if q, err := w.Request(w.as("ada"), q.ID); err != nil || q.State != Withdrawn || q.URL != "" {
			t.Errorf("%+v, %v", q, err)
		}
		again, _ := w.asked("Rosa")
		if err := w.Gate.Withdraw(w.as("ada"), again.Grant); err != nil {
			t.Fatal(err)
		}
		if q, err := w.Request(w.as("ada"), again.ID); err != nil || q.State != Withdrawn {
			t.Errorf("%+v, %v", q, err)
		}
	})
}

func TestRequestsAreFewADay(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		ask := w.ask("")
		for n := range askDay {
			ask.Name = "Personne " + strconv.Itoa(n)
			if _, err := w.Send(w.as("ada"), ask); err != nil {
				t.Fatal(n, err)
			}
		}
		ask.Name = "Une de plus"
		if _, err := w.Send(w.as("ada"), ask); !errors.Is(err, errDay) {
			t.Errorf("one too many: %v", err)
		}
		w.now = w.now.Add(25 * time.Hour)
		if _, err := w.Send(w.as("ada"), ask); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}

func TestAnAskIsCheckedWhole(t *testing.T) {
	_, err := Ask{Competences: []Competence{{Name: strings.Repeat("a", 121)}}, Mail: "nobody", Message: strings.Repeat("a", 1001)}.checked()
	for _, want := range []error{errActivity, errWho, errCompetence, errMessage, errLang} {
		if !errors.Is(err, want) {
			t.Errorf("%v lacks %v", err, want)
		}
	}
	if !strings.Contains(err.Error(), "mail.address") {
		t.Errorf("the address is not refused: %v", err)
	}
	a, err := Ask{Activity: "act_1", Name: " Rosa \n Benali ", Lang: "fr", Competences: []Competence{{Name: " Souder "}, {Name: "Souder"}, {Name: ""}}}.checked()
	if err != nil || a.Name != "Rosa Benali" || len(a.Competences) != 1 || a.Competences[0].Name != "Souder" {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := (Ask{Activity: "act_1", Name: "R", Lang: "fr", Competences: []Competence{{Name: "S", URL: "no address"}}}).checked(); !errors.Is(err, errCompetence) {
		t.Errorf("an address that is none: %v", err)
	}
}

func TestAnAnswerIsCheckedWhole(t *testing.T) {
	_, err := Answer{Start: "2021", End: "2019", Competences: []int{2}}.checked(2)
	for _, want := range []error{errName, errRelation, errDates, errSight, errPicked, errWords} {
		if !errors.Is(err, want) {
			t.Errorf("%v lacks %v", err, want)
		}
	}
	good := answer()
	good.Competences = []int{1, 0, 1}
	a, err := good.checked(2)
	if err != nil || !slices.Equal(a.Competences, []int{0, 1}) {
		t.Errorf("%+v, %v", a, err)
	}
	none := answer()
	none.Competences = nil
	if _, err := none.checked(2); err != nil {
		t.Errorf("none of the competences: %v", err)
	}
	for _, c := range []struct {
		start, end kernel.Date
		want       string
	}{{"", "", ""}, {"2019", "", "2019/.."}, {"2019-03", "2021", "2019-03/2021"}, {"", "2021", "../2021"}} {
		if got := interval(c.start, c.end); got != c.want {
			t.Errorf("%s %s is %q, want %q", c.start, c.end, got, c.want)
		}
	}
}
