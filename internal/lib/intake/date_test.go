package intake

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDatesOfEveryShape(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"2019": "2019", "2019-03": "2019-03", "2019-03-02": "2019-03-02", " 2019 ": "2019",
		"02/03/2019": "2019-03-02", "2/3/2019": "2019-03-02", "02.03.2019": "2019-03-02", "02-03-2019": "2019-03-02",
		"2/3/19": "2019-03-02", "2/3/98": "1998-03-02", "03/2019": "2019-03", "2019/03": "2019-03", "2019/3/2": "2019-03-02",
		"20190302": "2019-03-02", "201903": "2019-03", "25/12/2019": "2019-12-25", "12/25/2019": "2019-12-25",
		"mars 2019": "2019-03", "Mars 2019": "2019-03", "MARS 2019": "2019-03", "2 mars 2019": "2019-03-02",
		"1er mars 2019": "2019-03-01", "1er  Mars  2019": "2019-03-01", "lundi 4 mars 2019": "2019-03-04",
		"févr. 2019": "2019-02", "fev 2019": "2019-02", "août 2019": "2019-08", "aout 19": "2019-08",
		"déc. 2019": "2019-12", "DÉCEMBRE 2019": "2019-12", "sept. 98": "1998-09", "juil. 2020": "2020-07",
		"Mar 2019": "2019-03", "March 2, 2019": "2019-03-02", "2nd March 2019": "2019-03-02", "05 Jan 2024": "2024-01-05",
		"2019 mars 2": "2019-03-02", "mars-2019": "2019-03", "mars-19": "2019-03",
		"depuis 2019": "2019", "Depuis le 3 mai 2019": "2019-05-03", "since March 2019": "2019-03", "été 2019": "2019",
		"fin 2019": "2019", "vers 2019": "2019", "T1 2019": "2019", "Q3 2019": "2019", "1er trimestre 2019": "2019",
		"2019-03-02T10:00:00Z": "2019-03-02", "2019-03-02T23:30:00Z": "2019-03-03", "2016-01-25T20:24:01.770727+00:00": "2016-01-25",
		"2019-03-02 23:50": "2019-03-02", "02/03/2019 à 14h30": "2019-03-02", "07/21/09, 12:11 PM": "2009-07-21",
		"43526": "2019-03-02", "29/02/2020": "2020-02-29", "'98": "",
	} {
		got, ok := readDate(typed, dayFirst, paris)
		if got.text != want || ok != (want != "") {
			t.Errorf("%q is read as %q (%v), want %q", typed, got.text, ok, want)
		}
	}
	for _, typed := range []string{"", "30/02/2019", "29/02/2019", "13/13/2019", "0000", "Null", "x", "mars avril 2019",
		"00/03/2019", "2019-13", "2019-00-01", "12345678901234567890", "-2019", "0999-01-01", "=1+1", "２０１９年"} {
		if got, ok := readDate(typed, dayFirst, paris); ok {
			t.Errorf("%q is no date, got %q", typed, got.text)
		}
	}
	for _, typed := range []string{"en cours", "Aujourd’hui", "aujourd'hui", "Présent", "present", "à ce jour", "current", "-"} {
		if got, ok := readDate(typed, dayFirst, paris); !ok || !got.ongoing {
			t.Errorf("%q is ongoing, got %+v", typed, got)
		}
	}
}

func TestMonthsBeforeDaysAreSeen(t *testing.T) {
	d, _ := readDate("03/04/2019", dayFirst, nil)
	if d.text != "2019-04-03" || !d.ambiguous {
		t.Errorf("day first: %+v", d)
	}
	if d, _ := readDate("03/04/2019", monthFirst, nil); d.text != "2019-03-04" {
		t.Errorf("month first: %+v", d)
	}
	if d, _ := readDate("03/25/2019", dayFirst, nil); d.text != "2019-03-25" || !d.swapped {
		t.Errorf("only the month can be first: %+v", d)
	}
}

func TestPeriods(t *testing.T) {
	for typed, want := range map[string][2]string{
		"2015-2018": {"2015", "2018"}, "2015 - 2018": {"2015", "2018"}, "2015 – 2018": {"2015", "2018"},
		"2015/2018": {"2015", "2018"}, "2015-03/2018": {"2015-03", "2018"}, "2015/2018-03": {"2015", "2018-03"}, "mars 2015 - juin 2018": {"2015-03", "2018-06"}, "de 2015 à 2018": {"2015", "2018"},
		"2015 à aujourd'hui": {"2015", ""}, "depuis 2019": {"2019", ""}, "03/2015 au 06/2018": {"2015-03", "2018-06"},
		"2015-01-02 - 2016-03-04": {"2015-01-02", "2016-03-04"}, "2015-01-02/2016-03-04": {"2015-01-02", "2016-03-04"},
		"du 2 mars 2015 au 4 mai 2016": {"2015-03-02", "2016-05-04"}, "Mar 2015 to Present": {"2015-03", ""}, "2019": {"2019", ""},
	} {
		start, end, ok := readPeriod(typed, dayFirst, nil)
		if !ok || start.text != want[0] || end.text != want[1] {
			t.Errorf("%q is read as %q to %q (%v)", typed, start.text, end.text, ok)
		}
	}
	if _, _, ok := readPeriod("quelques mois", dayFirst, nil); ok {
		t.Error("words alone are no period")
	}
}

func TestEveryDayIsReadInEveryForm(t *testing.T) {
	french := []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	rapid.Check(t, func(t *rapid.T) {
		d := time.Date(1900, 1, 1+rapid.IntRange(0, 73_000).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		want := d.Format(time.DateOnly)
		for _, typed := range []string{
			want, d.Format("02/01/2006"), d.Format("2.1.2006"), d.Format("20060102"), d.Format("January 2, 2006"),
			d.Format("02 Jan 2006"), d.Format(time.RFC3339), fmt.Sprintf("%d %s %d", d.Day(), french[d.Month()-1], d.Year()),
		} {
			if got, ok := readDate(typed, dayFirst, time.UTC); !ok || got.text != want {
				t.Fatalf("%q is read as %q, want %q", typed, got.text, want)
			}
		}
	})
}

func FuzzReadPeriod(f *testing.F) {
	f.Add("2015-2018")
	f.Add("1er mars 2019 à 14h30")
	f.Fuzz(func(t *testing.T, s string) {
		start, end, _ := readPeriod(s, dayFirst, time.UTC)
		for _, d := range []string{start.text, end.text} {
			if d == "" {
				continue
			}
			if again, ok := plainDate(d); !ok || again.text != d {
				t.Errorf("%q gives %q, which is no date", s, d)
			}
		}
	})
}
