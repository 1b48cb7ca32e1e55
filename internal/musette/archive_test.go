package musette

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/bagit"
	"digiwork/internal/testkit/house"
)

// changed is an archive whose files were changed before it was packed: its digests
// hold.
func changed(t *testing.T, raw []byte, change func(files map[string]string)) []byte {
	t.Helper()
	files := filesIn(t, raw)
	change(files)
	var out bytes.Buffer
	b := bagit.NewWriter(&out)
	for name, text := range files {
		path, ok := strings.CutPrefix(name, "data/")
		if !ok {
			continue
		}
		if err := b.Add(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(bagit.Epoch, "test"); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func inJSON(t *testing.T, raw []byte, old, now string) []byte {
	t.Helper()
	return changed(t, raw, func(files map[string]string) {
		was := files["data/musette.json"]
		if files["data/musette.json"] = strings.Replace(was, old, now, 1); was == files["data/musette.json"] {
			t.Fatalf("%q is not in musette.json", old)
		}
	})
}

// An archive that does not hold is refused whole, with its reason; nothing is written.
// Its neighbour, that holds, is taken.
func TestAnArchiveThatDoesNotHoldIsRefusedWhole(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *Service) {
		furnished(t, h, s)
		raw := exportOf(t, s, h.As(t, "ada"))
		bob := h.As(t, "bob")
		drop := func(part string) []byte {
			return changed(t, raw, func(files map[string]string) {
				for name := range files {
					if strings.Contains(name, part) {
						delete(files, name)
					}
				}
			})
		}
		for name, bad := range map[string][]byte{
			"cut":                  raw[:len(raw)/2],
			"a byte turned":        turned(raw),
			"a file missing":       drop("Rapport.pdf"),
			"another file":         changed(t, raw, func(f map[string]string) { f[nameOf(f, "Rapport.pdf")] = "%PDF-1.7 autre" }),
			"a newer version":      inJSON(t, raw, "\"version\": 1\n}\n", "\"version\": 2\n}\n"),
			"another format":       inJSON(t, raw, archiveFormat, "diary"),
			"an id that is none":   inJSON(t, raw, `"id": "act_`, `"id": "../act_`),
			"a room of ours":       inJSON(t, raw, `"room": "musette"`, `"room": "pending"`),
			"the room of keys":     inJSON(t, raw, `"room": "musette"`, `"room": "signing"`),
			"version 0":            inJSON(t, raw, `"version": 1`, `"version": 0`),
			"history out of order": inJSON(t, raw, "\"version\": 1\n        }\n      ]", "\"version\": 9\n        }\n      ]"),
			"JSON cut":             inJSON(t, raw, "\"version\": 1\n}\n", ""),
			"NUL":                  inJSON(t, raw, `"title": "Vendeuse`, `"title": "\u0000Vendeuse`),
			"two of a name":        changed(t, raw, twice),
		} {
			got := importLocal(t, s, bob, bad, Unlock{})
			if len(got.Created) > 0 || len(got.Skipped) == 0 {
				t.Errorf("%s: created %v, skipped %v", name, got.Created, got.Skipped)
			}
			if items := everything(t, s, bob); items > 0 {
				t.Fatalf("%s: %d items were written", name, items)
			}
			if r := CheckArchive(t.Context(), bytes.NewReader(bad), int64(len(bad)), time.Now(), nil); r.Valid || len(r.Findings) == 0 {
				t.Errorf("%s: the check finds nothing", name)
			}
		}
		if got := importLocal(t, s, bob, changed(t, raw, func(map[string]string) {}), Unlock{}); len(got.Skipped) > 0 || got.Created["activities"] != 5 {
			t.Errorf("packed again by somebody else: %+v", got)
		}
	})
}

func turned(raw []byte) []byte {
	raw = bytes.Clone(raw)
	raw[len(raw)/3] ^= 1
	return raw
}

func nameOf(files map[string]string, part string) string {
	for name := range files {
		if strings.Contains(name, part) {
			return name
		}
	}
	return ""
}

// twice writes the first item twice.
func twice(files map[string]string) {
	text := files["data/musette.json"]
	from := strings.Index(text, "    {")
	to := strings.Index(text, "\n    },\n") + len("\n    },\n")
	files["data/musette.json"] = text[:to] + text[from:to] + text[to:]
}

// everything counts what a person keeps, but for the outcome of imports.
func everything(t testing.TB, s *Service, ctx context.Context) int {
	t.Helper()
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		t.Fatal(err)
	}
	items, err := s.Gate.Everything(ctx, pass)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range items {
		if items[i].Room != pendingRoom {
			n++
		}
	}
	return n
}

// A room that this program does not have, or that cannot read its words again, keeps
// its items in the archive; the others come back.
func TestWhatARoomCannotReadStaysInTheArchive(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *Service) {
		s.Rooms = []Room{shelf{}}
		ada := h.As(t, "ada")
		add(t, s, ada, "Couturière", "2019")
		body := shelved{Text: "{}", Context: "{}", Address: "https://example.org/c", Note: "n"}.body()
		it := gate.Item{ID: "she_1", Room: "shelf", View: gate.View{Kind: "badge", Title: "Badge", Provenance: declared}, Body: body}
		putOne(t, s, ada, it)
		raw := exportOf(t, s, ada)
		if text := filesIn(t, raw)["data/musette.json"]; !strings.Contains(text, `"note": "n"`) || strings.Contains(text, `"rest"`) {
			t.Errorf("the words of the room are not in musette.json: %s", text)
		}
		if text := filesIn(t, raw)["data/"+sourcesPath]; !strings.Contains(text, "https://example.org/c/2") {
			t.Errorf("sources: %s", text)
		}
		s.Rooms = nil
		got := importLocal(t, s, h.As(t, "bob"), raw, Unlock{})
		if got.Created["activities"] != 1 || len(got.Skipped) != 1 || got.Skipped[0].What.Key != "musette.archive.unread" {
			t.Errorf("without the room: %+v", got)
		}
		s.Rooms = []Room{shelf{}}
		if got = importLocal(t, s, h.As(t, "bob"), raw, Unlock{}); got.Created["badges"] != 1 {
			t.Errorf("with the room, later: %+v", got)
		}
		broken := inJSON(t, raw, `"note": "n"`, `"note": {}`)
		if r := CheckArchive(t.Context(), bytes.NewReader(broken), int64(len(broken)), time.Now(), s.Rooms); r.Valid {
			t.Error("the check does not ask the room")
		}
	})
}

// What a person says of herself is one item in every musette: an archive fills what is
// empty in it, and leaves what she wrote here.
func TestAnArchiveFillsWhatAPersonSaysOfHerself(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		for ctx, fields := range map[context.Context]map[string]string{ada: {"name": "Ada", "headline": "Comptable"}, bob: {"name": "Bob"}} {
			if err := s.Gate.SaveProfile(ctx, gate.Profile{Fields: fields}); err != nil {
				t.Fatal(err)
			}
		}
		raw := exportOf(t, s, ada)
		if got := importLocal(t, s, bob, raw, Unlock{}); got.Merged != 1 || len(got.Skipped) > 0 {
			t.Errorf("first: %+v", got)
		}
		if got := importLocal(t, s, bob, raw, Unlock{}); got.Merged != 0 {
			t.Errorf("again: %+v", got)
		}
		pr, err := s.Gate.Profile(bob)
		if err != nil || pr.Fields["name"] != "Bob" || pr.Fields["headline"] != "Comptable" {
			t.Errorf("%v %v", pr.Fields, err)
		}
	})
}

// The journal and the grants of where a musette came from stay to be read, whatever
// their length, once.
func TestTheJournalOfElsewhereComesAsAPast(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *Service) {
		add(t, s, h.As(t, "ada"), "Couturière", "2019")
		var lines strings.Builder
		lines.WriteString("first_at,last_at,count,grant,who,what\n")
		for i := range 5_000 {
			fmt.Fprintf(&lines, "2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,1,gra_%d,\"une personne,\nsur deux lignes\",face\n", i)
		}
		raw := changed(t, exportOf(t, s, h.As(t, "ada")), func(files map[string]string) { files["data/journal.csv"] = lines.String() })
		bob := h.As(t, "bob")
		for range 2 {
			importLocal(t, s, bob, raw, Unlock{})
			got := filesIn(t, exportOf(t, s, bob))["data/journal.csv"]
			if n := strings.Count(got, "gra_"); n != 5_000 || !strings.Contains(got, "gra_4999,\"une personne,\nsur deux lignes\",face\n") {
				t.Fatalf("%d lines of the journal came back", n)
			}
		}
	})
}

// An archive in which musette.json grows without end is cut where the limits are.
func TestMusetteJSONIsReadWithinBounds(t *testing.T) {
	item := func(members string) string {
		return `{"id":"act_a","room":"musette","kind":"job","version":2,"created_at":"2020-01-01T00:00:00Z","updated_at":"2020-01-01T00:00:00Z","provenance":{"source":"declared"}` + members + `}`
	}
	whole := func(items string) string {
		return `{"@context":{},"format":"digiwork-musette","items":[` + items + `],"version":1}`
	}
	read := func(text string) (n int, err error) {
		err = readJSON(strings.NewReader(text), func(*archiveItem) error { n++; return nil })
		return n, err
	}
	long := strings.Repeat("a", 3*archiveValueMost) // some may be read ahead
	version := strings.TrimSuffix(item(`,"narrative":"`+strings.Repeat("a", 1<<20)+`"`), "}")
	var history []string
	for i := range 40 {
		history = append(history, strings.Replace(version, `"version":2`, fmt.Sprintf(`"version":%d`, i+1), 1)+"}")
	}
	for name, text := range map[string]string{
		"one long text":     whole(item(`,"narrative":"` + long + `"`)),
		"a long key":        whole(item(`,"` + long + `":1`)),
		"a long unknown":    `{"x":"` + long + `",` + whole("")[1:],
		"lists of nothing":  whole(item(`,"tags":["",""]`)),
		"facts of nothing":  whole(item(`,"facts":[{},{}]`)),
		"links to nothing":  whole(item(`,"links":[""]`)),
		"two things":        whole(item("")) + "}",
		"an item that is 1": whole("1"),
		"an array":          "[]",
		"nothing":           "",
		"no format":         `{"items":[],"version":1}`,
	} {
		if _, err := read(text); err == nil && name != "two things" {
			t.Errorf("%s is read", name)
		}
	}
	for name, text := range map[string]string{
		"empty":          whole(""),
		"its neighbours": whole(item(`,"narrative":"` + long[:archiveValueMost-1000] + `","tags":["a"],"unknown":{"deep":[[[1]]]}`)),
	} {
		if n, err := read(text); err != nil || n > 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// of a history beyond the bounds the newest comes back, and how much does not is said
	long = whole(strings.Replace(item(`,"history":[`+strings.Join(history, ",")+`]`), `"version":2`, `"version":50`, 1))
	err := readJSON(strings.NewReader(long), func(a *archiveItem) error {
		if n := len(a.History); a.lost == 0 || a.lost+n != len(history) || a.History[n-1].Version != 40 {
			t.Errorf("%d versions come back, %d do not", n, a.lost)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// What is written is JSON with sorted members whatever it holds.
func TestMusetteJSONIsSorted(t *testing.T) {
	var out bytes.Buffer
	j, err := beginJSON(&out)
	if err != nil {
		t.Fatal(err)
	}
	a := archiveItem{
		ID: "act_a", Room: room, Version: 2, Kind: "job", Title: "<b> & « é »\u2028", Tools: []string{"a"}, Files: map[string]archiveDocument{"b/c": {Address: "x", KnownAt: &time.Time{}, Path: "p", SHA256: "s"}},
		Face:    &archiveFace{Hides: []string{"text"}, Language: "fr", Shows: archiveShows{gate.Shows{Activities: gate.Choice{Rule: &gate.Rule{Kinds: []string{"job"}, Tags: []string{"t"}, From: "2019", To: "2020", Paid: new(true)}}, Originals: []kernel.ItemID{"pce_a"}}}},
		File:    &archiveFile{Media: "m", Name: "n", Path: "p", SHA256: "s", Size: 1},
		Import:  &archiveLedger{File: "f", Format: "csv", Keys: map[string]kernel.ItemID{"b": "act_b", "a": "act_a"}, SHA256: "s"},
		History: []archiveItem{{Version: 1, Facts: []archiveFact{{"n", "t"}}, Provenance: archiveProvenance{By: "b", File: "f", Format: "g", At: &time.Time{}}}},
		Content: json.RawMessage(`{"a":1}`), Never: true,
	}
	if err := j.item(&a); err != nil {
		t.Fatal(err)
	}
	if err := j.end(); err != nil {
		t.Fatal(err)
	}
	var any any
	if err := json.Unmarshal(out.Bytes(), &any); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(any); err != nil {
		t.Fatal(err)
	}
	if out.String() != want.String() {
		t.Errorf("written as\n%s\nwant\n%s", out.String(), want.String())
	}
}

// fillAll gives every field of a struct something that is not its zero value.
func fillAll(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1_700_000_000, 5).UTC()))
			return
		}
		for i := range v.NumField() {
			fillAll(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillAll(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillAll(v.Index(0))
	case reflect.String:
		v.SetString("act_x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Int64:
		v.SetInt(7)
	default:
		panic("a new kind of field: " + v.Type().String())
	}
}

// Whatever the gate comes to keep of an item or of a face, the archive carries it.
func TestEveryFieldOfTheGateTravels(t *testing.T) {
	var view gate.View
	fillAll(reflect.ValueOf(&view).Elem())
	var face gate.Face
	fillAll(reflect.ValueOf(&face).Elem())
	s := &Service{}
	for _, choice := range []gate.Choice{{IDs: []kernel.ItemID{"act_x"}}, {Rule: face.Shows.Activities.Rule}} {
		face.Shows.Activities = choice
		body, err := gate.FaceBody(face)
		if err != nil {
			t.Fatal(err)
		}
		asFace := view
		asFace.Kind, asFace.Title = "face", face.Name
		for _, it := range []gate.Item{
			{ID: "oth_x", Room: "other", Version: 3, View: view, Body: []byte{1, 2}},
			{ID: "fac_x", Room: "gate", Version: 3, View: asFace, Body: body},
		} {
			a, err := s.inWords(&it, newBesides())
			if err != nil {
				t.Fatal(err)
			}
			raw, err := asTyped(a)
			if err != nil {
				t.Fatal(err)
			}
			var again archiveItem
			if err := json.Unmarshal(raw, &again); err != nil {
				t.Fatal(err)
			}
			got, err := again.item(nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			got.View.Blob = it.View.Blob // the file travels beside
			if !reflect.DeepEqual(got.View, it.View) || !bytes.Equal(got.Body, it.Body) {
				t.Errorf("%s came back as\n%+v\nit was\n%+v", it.ID, got, it)
			}
		}
	}
}
