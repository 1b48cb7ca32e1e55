package vae

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/testkit"
)

func TestStepsFollowEachOther(t *testing.T) {
	t.Parallel()
	const today = kernel.Date("2026-06-30")
	f := &File{}
	for _, c := range []struct {
		step Step
		want error
	}{
		{Step{State: Admissible, On: "2026-01-10"}, errStep}, // nothing was sent
		{Step{State: Sent, On: "2026-07-01"}, errStepDay},    // tomorrow
		{Step{State: Sent, On: "2026-01"}, errStepDay},
		{Step{State: Sent, On: "2026-01-10"}, nil},
		{Step{State: Incomplete, On: "2026-01-09"}, errStepOrder},
		{Step{State: Incomplete, On: "2026-01-20", Until: "2028-01-01"}, errStepUntil},
		{Step{State: Incomplete, On: "2026-01-20"}, nil},
		{Step{State: Complete, On: "2026-01-21"}, errStep}, // it is sent again first
		{Step{State: Sent, On: "2026-01-25"}, nil},
		{Step{State: Complete, On: "2026-02-01"}, nil},
		{Step{State: Admissible, On: "2026-03-01", Until: "2026-02-01"}, errStepUntil},
		{Step{State: Admissible, On: "2026-03-01", Until: "2028-03-01", Note: strings.Repeat("x", noteMost+1)}, errLong},
		{Step{State: Admissible, On: "2026-03-01", Until: "2028-03-01"}, nil},
		{Step{State: Confirmed, On: "2026-06-01"}, nil},
		{Step{State: Deposited, On: "2026-06-02"}, nil},
		{Step{State: Confirmed, On: "2026-06-03"}, errStep},
	} {
		if err := f.record(c.step, today); !errors.Is(err, c.want) {
			t.Errorf("%+v after %s: %v, want %v", c.step, f.State(), err, c.want)
		}
	}
	if f.State() != Deposited || len(f.Steps) != 7 {
		t.Errorf("%s after %d steps", f.State(), len(f.Steps))
	}
}

func TestDaysAheadFollowTheRules(t *testing.T) {
	t.Parallel()
	const today = kernel.Date("2026-06-30")
	for name, c := range map[string]struct {
		steps []Step
		want  []Due
	}{
		"a draft has none":         {nil, nil},
		"an answer in two months":  {[]Step{{State: Sent, On: "2026-06-10"}}, []Due{{"answer", "2026-08-10", false}}},
		"counted from the sending": {[]Step{{State: Sent, On: "2026-01-10"}, {State: Incomplete, On: "2026-02-01"}, {State: Sent, On: "2026-05-30"}}, []Due{{"answer", "2026-07-30", false}}},
		"a shorter month":          {[]Step{{State: Sent, On: "2025-12-31"}}, []Due{{"answer", "2026-02-28", true}}},
		"confirm every six months": {[]Step{{State: Sent, On: "2025-06-01"}, {State: Admissible, On: "2025-08-31", Until: "2027-08-31"}}, []Due{{"confirm", "2026-02-28", true}, {"validity", "2027-08-31", false}}},
		"and from the last one":    {[]Step{{State: Sent, On: "2025-06-01"}, {State: Admissible, On: "2025-08-31"}, {State: Confirmed, On: "2026-02-28"}}, []Due{{"confirm", "2026-08-28", false}}},
		"a jury in three":          {[]Step{{State: Sent, On: "2025-06-01"}, {State: Admissible, On: "2025-08-31"}, {State: Deposited, On: "2026-05-31"}}, []Due{{"jury", "2026-08-31", false}}},
		"refused":                  {[]Step{{State: Sent, On: "2025-06-01"}, {State: Rejected, On: "2025-08-31"}}, nil},
	} {
		f := &File{Steps: c.steps}
		if got := f.Dues(today); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestOneDossierACertificationAYear(t *testing.T) {
	t.Parallel()
	sent := &File{ID: "vae_1", Certification: Certification{Code: "RNCP1"}, Steps: []Step{{State: Sent, On: "2026-01-10"}}}
	for _, c := range []struct {
		f    File
		on   kernel.Date
		want bool
	}{
		{File{ID: "vae_2", Certification: Certification{Code: "RNCP1"}}, "2026-11-01", true},
		{File{ID: "vae_2", Certification: Certification{Code: "RNCP1"}}, "2027-01-01", false},
		{File{ID: "vae_2", Certification: Certification{Code: "RNCP2"}}, "2026-11-01", false},
		{File{ID: "vae_2"}, "2026-11-01", false},
		{*sent, "2026-11-01", false},
	} {
		if got := c.f.sameYear([]*File{sent}, c.on); got != c.want {
			t.Errorf("%s %s on %s: %v", c.f.ID, c.f.Certification.Code, c.on, got)
		}
	}
}

func TestWordsAreCountedAsPeopleDo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "J’ai tenu les comptes.": 4, "a  b\n\nc": 3, "« oui » — non …": 2, "12 €": 2, "été": 1} {
		if got := countWords(text); got != want {
			t.Errorf("%q has %d words, want %d", text, got, want)
		}
	}
}

// What the model of 2025 asks is missing until it is written, and no longer after.
func TestADossierSaysWhatItLacks(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		id := w.begun()
		f := w.whole("ada", id)
		var codes []string
		for _, l := range f.Lacks(Feasibility) {
			codes = append(codes, l.Code)
		}
		want := []string{"identity", "situation", "aim", "experience", "bloc.RNCP90001BC01", "bloc.RNCP90001BC02", "attachments", "statement"}
		if !slices.Equal(codes, want) {
			t.Errorf("lacks %v, want %v", codes, want)
		}
		if _, ok := f.part("opinion"); ok {
			t.Error("the opinion of a companion is asked of who is alone")
		}
		if err := w.Change(w.as("ada"), id, f.Version, f.Certification, []int{0}, []int{1}, Accompanied); err != nil {
			t.Fatal(err)
		}
		w.fill(id)
		f = w.whole("ada", id)
		if l := f.Lacks(Feasibility); len(l) != 0 {
			t.Errorf("still lacks %+v", l)
		}
		if l := f.Lacks(Validation); len(l) != 2 || l[0].Code != "intro" || l[1].Code != "told" || l[1].Bloc != "RNCP90001BC01" {
			t.Errorf("validation lacks %+v", l)
		}
		c := f.copyOf(w.as("ada"), Feasibility, time.Now())
		if c.Candidate != "Ada Lovelace" || len(c.Sections) != 8 || len(c.Annexes) != 1 || len(c.Gained) != 1 {
			t.Errorf("the copy: %s, %d sections, %d annexes, %d gained", c.Candidate, len(c.Sections), len(c.Annexes), len(c.Gained))
		}
	})
}

// fill writes all that the dossier of feasibility asks of an accompanied candidate for
// the first bloc.
func (w *world) fill(id kernel.ItemID) {
	t := w.t
	t.Helper()
	w.save(id, "identity", 0, map[string]string{"name": "Ada Lovelace", "born": "1815-12-10", "birth_place": "Londres", "address": "1 rue\nParis", "mail": "ada@example.org"})
	w.save(id, "situation", 0, map[string]string{"status": "volunteer", "level": "4"})
	w.save(id, "aim", 0, map[string]string{"why": "Reconnaître quatre ans."})
	code, err := w.Service.Add(w.as("ada"), id, "experience", "", "act_1")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := w.whole("ada", id).part(code)
	if p.Values["duration"] != "3to5" || p.Values["frame"] != "volunteering" || p.Values["start"] != "2019" {
		t.Errorf("what the activity tells: %v", p.Values)
	}
	values := map[string]string{"words": "Un bloc que je connais."}
	f := w.whole("ada", id)
	for _, k := range f.Certification.Blocs[0].Competences {
		values[claimField(k.ID)] = "partly"
	}
	w.save(id, "bloc.RNCP90001BC01", 0, values)
	w.save(id, "opinion", 0, map[string]string{"architect": "B. Babbage", "opinion": "favourable"})
	w.save(id, "attachments", 0, map[string]string{"identity": "on"}, "pce_1")
	w.save(id, "statement", 0, map[string]string{"sworn": "on", "place": "Paris", "on": "2026-01-02"})
	for code, values := range map[string]map[string]string{
		"situation": {"status": "king"}, "statement": {"on": "yesterday"}, "training": {"individual": "many"}, "identity": {"name": strings.Repeat("x", lineMost+1)},
	} {
		f := w.whole("ada", id)
		p, _ := f.part(code)
		if err := w.Save(w.as("ada"), id, code, p.Version, values, nil); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("%s %v: %v", code, values, err)
		}
	}
	if err := w.Save(w.as("ada"), id, "annexes", 0, nil, []kernel.ItemID{"pce_2"}); !errors.Is(err, errPiece) {
		t.Errorf("a piece that is not there: %v", err)
	}
}

// The file leaves as text, PDF and signed words, and they say the same.
func TestAFileLeavesWhole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		id := w.begun()
		w.told(id, "RNCP90001BC01")
		ask := func(name string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("GET", "/", nil).WithContext(w.as("ada"))
			r.SetPathValue("id", string(id))
			r.SetPathValue("name", name)
			rec := httptest.NewRecorder()
			if err := w.takeOut(rec, r); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return rec
		}
		odt := ask("validation.odt").Body.Bytes()
		z, err := zip.NewReader(bytes.NewReader(odt), int64(len(odt)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := z.Open("content.xml")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Je saisissais chaque facture", "Compte de résultat 2022", "annexe 1", w.whole("ada", id).Pieces[0].Blob.SHA256, "Le système officiel reste le seul"} {
			if !strings.Contains(strings.ReplaceAll(string(text), "\u00a0", " "), want) {
				t.Errorf("the text lacks %q", want)
			}
		}
		if pdf := ask("validation.pdf").Body.Bytes(); !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("a PDF begins %q", pdf[:8])
		}
		raw := ask("validation.json").Body.Bytes()
		c, report, err := readSigned(raw, w.House.DB.Now())
		if err != nil || c.Coverage[0].Told == nil || !slices.Equal(c.Coverage[0].Proved, []int{1}) || c.Coverage[1].Told != nil {
			t.Errorf("coverage: %+v %v", c.Coverage, err)
		}
		if !report.Valid {
			t.Errorf("the signed words: %+v", report.Checks)
		}
		changed := bytes.Replace(raw, []byte("facture le jour"), []byte("facture un jour"), 1)
		if _, report, err := readSigned(changed, w.House.DB.Now()); err != nil || bytes.Equal(raw, changed) {
			t.Fatal(err)
		} else if proof := report.Get(credential.CheckProof); proof.OK == nil || *proof.OK {
			t.Errorf("a changed copy: %+v", proof)
		}
		if err := w.Record(w.as("ada"), id, 1, Step{State: Sent, On: "2026-01-02"}); err != nil {
			t.Fatal(err)
		}
		if ics := ask("dates.ics").Body.String(); !strings.Contains(ics, "DTSTART;VALUE=DATE:20260302\r\n") {
			t.Errorf("the calendar: %s", ics)
		}
	})
}

// What lasts from one file to the next is proposed there, and kept only when saved.
func TestWhatLastsIsProposedAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		id := w.begun()
		w.save(id, "identity", 0, map[string]string{"name": "Ada Lovelace"})
		w.save(id, "aim", 0, map[string]string{"why": "x"})
		c := w.whole("ada", id).Certification
		next, err := w.Begin(w.as("ada"), c, []string{c.Blocs[0].ID}, Alone, "")
		if err != nil {
			t.Fatal(err)
		}
		f := w.whole("ada", next)
		was, err := w.elsewhere(w.as("ada"), f.File, "identity")
		if err != nil || was == nil || was.Values["name"] != "Ada Lovelace" || len(f.Parts) != 0 {
			t.Errorf("identity: %+v, %d parts, %v", was, len(f.Parts), err)
		}
		if was, err := w.elsewhere(w.as("ada"), f.File, "aim"); was != nil || err != nil {
			t.Errorf("a project is proposed again: %+v %v", was, err)
		}
		if was, err := w.elsewhere(w.as("ada"), w.whole("ada", id).File, "identity"); was != nil || err != nil {
			t.Errorf("a file proposes to itself: %+v %v", was, err)
		}
	})
}

// What others attest is said where the words are near, and by whom.
func TestWhatOthersAttestIsShown(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		id := w.begun()
		w.told(id, "RNCP90001BC01")
		w.keep("ada", gate.Item{ID: "rec_1", Room: "peer", View: gate.View{Kind: "recommendation", Title: "x", Links: []kernel.ItemID{"act_1"}, Provenance: gate.Provenance{Source: gate.Attested, By: "Bob"}}})
		w.keep("ada", gate.Item{ID: "rec_2", Room: "peer", View: gate.View{Kind: "recommendation", Title: "x", Links: []kernel.ItemID{"act_1"}, Provenance: gate.Provenance{Source: gate.Declared, By: "Guest"}}})
		w.keep("ada", gate.Item{ID: "cpt_1", Room: "recognition", View: gate.View{Kind: "competence", Title: "Préparer un budget annuel", Links: []kernel.ItemID{"act_1", "pce_1"}, Provenance: declared}})
		w.keep("ada", gate.Item{ID: "rec_3", Room: "peer", View: gate.View{Kind: "recommendation", Title: "x", Status: "withdrawn", Links: []kernel.ItemID{"act_1"}, Provenance: gate.Provenance{Source: gate.Attested, By: "Eve"}}})
		f := w.whole("ada", id)
		budget := near(f.Certification.Blocs[1], f.Known)[0]
		if k := budget.Because[0].Known; !k.Competence || !slices.Equal(k.Carried, []string{"Trésorière d’une association"}) || !slices.Equal(k.Pieces, []string{"Compte de résultat 2022"}) {
			t.Errorf("a competence with what carries it: %+v", k)
		}
		c := f.copyOf(w.as("ada"), Validation, time.Now())
		if got := c.Coverage[0].Recognised; !slices.Equal(got, []string{"Bob"}) {
			t.Errorf("recognised by %v", got)
		}
		if got := c.Coverage[1].Recognised; got != nil {
			t.Errorf("what is far is recognised by %v", got)
		}
	})
}

// Reminders are off unless asked for, leave once, and never in quiet hours.
func TestRemindersLeaveOnlyWhenAskedFor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		w := open(t, where)
		ada, id := w.as("ada"), w.begun()
		now := w.House.DB.Now()
		w.House.DB.SetClock(func() time.Time { return now })
		sweep := func(want int) {
			t.Helper()
			if err := w.Sweep(t.Context()); err != nil || len(w.sent) != want {
				t.Errorf("%d reminders left, want %d (%v)", len(w.sent), want, err)
			}
		}
		if err := w.Record(ada, id, 1, Step{State: Sent, On: day(now.AddDate(0, 0, -3))}); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(0, 0, 55)
		sweep(0)
		now = now.AddDate(0, 0, -55)
		if err := w.Remind(ada, id, 2, true); err != nil {
			t.Fatal(err)
		}
		sweep(0) // too early
		now = now.AddDate(0, 0, 50)
		w.quiet = true
		sweep(0)
		w.quiet = false
		sweep(1)
		sweep(1)
		if err := w.Remind(ada, id, 3, false); err != nil {
			t.Fatal(err)
		}
		if err := w.Remind(ada, id, 3, true); !errors.Is(err, errStale) {
			t.Errorf("from an older page: %v", err)
		}
	})
}

// What the room keeps is words in an archive, and comes back byte for byte.
func TestAnArchiveGivesBackTheSameBytes(t *testing.T) {
	t.Parallel()
	for kind, v := range map[string]any{
		kindFile:    &File{Certification: Certification{Title: "T <&> é", Blocs: []Bloc{{ID: "b1", Title: "B", Competences: lines("x")}}}, Aimed: []string{"b1"}, Variant: Alone, Steps: []Step{{State: Sent, On: "2026-01-02"}}},
		kindPart:    &Part{Code: "intro", Values: map[string]string{"words": "a\nb", "a": "c"}},
		kindComment: &Comment{Part: "intro", By: "Bob", Text: "Oui"},
		kindResult:  &Result{Outcome: Partial, Blocs: []Granted{{Bloc: "b1", Granted: true, Credential: json.RawMessage(`{"a":1}`)}, {Bloc: "b2"}}},
	} {
		raw, err := body(v)
		if err != nil {
			t.Fatal(err)
		}
		it := gate.Item{ID: "x", View: gate.View{Kind: kind}, Body: raw}
		words, files, err := Archive{}.Pack(it)
		if err != nil {
			t.Fatal(err)
		}
		if kind == kindResult && len(files) != 1 {
			t.Errorf("%d credentials beside a result", len(files))
		}
		text, err := json.Marshal(words)
		if err != nil {
			t.Fatal(err)
		}
		var sorted any // as a reader of the archive may write it again
		if err := json.Unmarshal(text, &sorted); err != nil {
			t.Fatal(err)
		}
		if text, err = json.Marshal(sorted); err != nil {
			t.Fatal(err)
		}
		got, err := Archive{}.Unpack(gate.Item{ID: "x", View: it.View}, text, files)
		if err != nil || !reflect.DeepEqual(got, raw) {
			t.Errorf("%s: %s, want %s (%v)", kind, got, raw, err)
		}
	}
	if _, _, err := (Archive{}).Pack(gate.Item{View: gate.View{Kind: "else"}}); err == nil {
		t.Error("an item of another kind is packed")
	}
}
