package musette

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

// exportOf is the archive of the person of ctx.
func exportOf(t testing.TB, s *Service, ctx context.Context) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := s.Export(ctx, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// filesIn unpacks an archive.
func filesIn(t testing.TB, raw []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}

// importLocal imports a file that lies on this machine.
func importLocal(t testing.TB, s *Service, ctx context.Context, raw []byte, keys Unlock) Imported {
	t.Helper()
	_, all, err := s.Import(ctx, []Incoming{{Name: "musette.zip", Local: &Local{File: bytes.NewReader(raw), Size: int64(len(raw)), Keys: keys}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// shelf is a room whose items are credentials with what verifies them, for tests.
type shelf struct{}

type shelved struct {
	Address string    `json:"address"`
	Since   time.Time `json:"since"`
	Note    string    `json:"note"`
	Text    string    `json:"-"`
	Context string    `json:"-"`
}

type shelvedRest struct {
	_                            struct{} `cbor:",toarray"`
	Address, Note, Text, Context string
	Since                        int64
}

// body is what the shelf keeps of an item.
func (b shelved) body() []byte {
	raw, err := cbor.Marshal(shelvedRest{Address: b.Address, Since: b.Since.Unix(), Note: b.Note, Text: b.Text, Context: b.Context})
	if err != nil {
		panic(err)
	}
	return raw
}

func (shelf) Name() string { return "shelf" }

func (shelf) Pack(it gate.Item) (any, map[string]credential.Document, error) {
	var r shelvedRest
	if err := cbor.Unmarshal(it.Body, &r); err != nil {
		return nil, nil, err
	}
	b := shelved{Address: r.Address, Since: time.Unix(r.Since, 0).UTC(), Note: r.Note, Text: r.Text, Context: r.Context}
	return b, map[string]credential.Document{
		"credentials/badge.json":    {Text: []byte(b.Text)},
		"credentials/context.json":  {Text: []byte(b.Context), Address: b.Address, Since: b.Since},
		"credentials/context2.json": {Text: []byte(b.Context), Address: b.Address + "/2", Since: b.Since},
	}, nil
}

func (shelf) Unpack(_ gate.Item, words json.RawMessage, files map[string]credential.Document) ([]byte, error) {
	var b shelved
	if err := json.Unmarshal(words, &b); err != nil {
		return nil, err
	}
	c := files["credentials/context.json"]
	if c.Address != b.Address || !c.Since.Equal(b.Since) {
		return nil, errors.New("another context")
	}
	b.Text, b.Context = string(files["credentials/badge.json"].Text), string(c.Text)
	return b.body(), nil
}

// lives draws what a person does to a musette. What is refused as it stands is drawn
// again as nothing: the musette decides what it holds.
type lives struct {
	*rapid.T
	s   *Service
	ctx context.Context
	ids []kernel.ItemID // activities
}

// typed are texts as people type them, and as they do not.
var typed = rapid.OneOf(
	rapid.StringOfN(rapid.RuneFrom([]rune("aéœ ßЖ字ع\u0301\n\t\"\\<>&'  –\U0001F9F6\u2028=+@-")), 0, 40, -1),
	rapid.SampledFrom([]string{"", "Comptable", "l'École d'à côté", "=cmd|' /C calc'!A0", strings.Repeat("Je tiens les comptes. ", 300)}),
	rapid.StringN(0, 30, -1),
)

var someDays = rapid.SampledFrom([]string{"", "1987", "2019-03", "2020-02-29", "2021-12-31"})

func (l *lives) text() string {
	return strings.ToValidUTF8(strings.ReplaceAll(typed.Draw(l.T, "text"), "\x00", ""), "")
}

func (l *lives) line(most int) string { return clip(strings.Join(strings.Fields(l.text()), " "), most) }

// done stops the test for a failure that is no refusal.
func (l *lives) done(err error) {
	if kind := kernel.KindOf(err); err != nil && kind != kernel.Invalid && kind != kernel.TooLarge {
		l.Fatal(err)
	}
}

func (l *lives) content() Content {
	c := Content{
		Title: l.line(titleMost), Kind: rapid.SampledFrom(Kinds).Draw(l.T, "kind"), Start: kernel.Date(someDays.Draw(l.T, "start")),
		Organisation: l.line(lineMost), Place: l.line(lineMost), WithWhom: l.line(lineMost), Purpose: l.line(lineMost),
		Status: l.line(statusMost), Narrative: clip(l.text(), storyMost), HoursPerWeek: rapid.Float64Range(0, 168).Draw(l.T, "hours"),
	}
	if rapid.Bool().Draw(l.T, "said") {
		c.Paid = new(rapid.Bool().Draw(l.T, "paid"))
	}
	for _, list := range []*[]string{&c.Tools, &c.Methods, &c.Tags} {
		for range rapid.IntRange(0, 3).Draw(l.T, "n") {
			if w := l.line(wordMost); w != "" {
				*list = append(*list, w)
			}
		}
	}
	return c
}

func (l *lives) some() kernel.ItemID {
	if len(l.ids) == 0 {
		l.activity()
	}
	if len(l.ids) == 0 {
		return "act_none"
	}
	return rapid.SampledFrom(l.ids).Draw(l.T, "of")
}

func (l *lives) activity() {
	a, err := l.s.AddActivity(l.ctx, l.content())
	if l.done(err); err == nil {
		l.ids = append(l.ids, a.ID)
	}
}

func (l *lives) revise() {
	a, err := l.s.Activity(l.ctx, l.some())
	if kernel.KindOf(err) == kernel.NotFound {
		return
	}
	l.done(err)
	_, err = l.s.ReviseActivity(l.ctx, a.ID, a.Version, l.content())
	l.done(err)
}

func (l *lives) entry() {
	shape := rapid.SampledFrom(Shapes).Draw(l.T, "shape")
	values := sample(shape)
	for i, f := range shape.Fields {
		if f.Input == Line || f.Input == Lines || f.Input == Steps {
			values[i] = clip(l.text(), f.Most())
		}
	}
	e, err := l.s.AddEntry(l.ctx, shape, values)
	if l.done(err); err == nil && rapid.Bool().Draw(l.T, "again") {
		_, err = l.s.ReviseEntry(l.ctx, e.ID, 1, sample(shape))
		l.done(err)
	}
}

func (l *lives) file() {
	content := rapid.SliceOfN(rapid.Byte(), 1, 2000).Draw(l.T, "bytes")
	if rapid.Bool().Draw(l.T, "picture") {
		content = dot(l.T)
	}
	held, err := l.s.AddFile(l.ctx, l.some(), l.line(100)+".bin", bytes.NewReader(content))
	if kernel.KindOf(err) == kernel.NotFound || kernel.KindOf(err) == kernel.Unsupported {
		return
	}
	if l.done(err); err != nil {
		return
	}
	p, err := l.s.Keep(l.ctx, held, About{Title: l.line(titleMost), Date: kernel.Date(someDays.Draw(l.T, "date")), Author: l.line(lineMost)})
	if l.done(err); err == nil && rapid.Bool().Draw(l.T, "again") {
		_, err = l.s.RevisePiece(l.ctx, p.ID, 1, About{Title: l.line(titleMost)})
		l.done(err)
	}
}

func dot(t *rapid.T) []byte {
	img := image.NewGray(image.Rect(0, 0, 3, 3))
	img.SetGray(1, 1, color.Gray{rapid.Byte().Draw(t, "gray")})
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (l *lives) link() {
	_, err := l.s.AddLink(l.ctx, l.some(), About{Title: l.line(titleMost), URL: "https://example.org/" + fmt.Sprint(len(l.ids))})
	if kernel.KindOf(err) != kernel.NotFound {
		l.done(err)
	}
}

func (l *lives) table() {
	csv := "Titre;Début;Type\n"
	for range rapid.IntRange(1, 3).Draw(l.T, "lines") {
		csv += strings.Map(func(r rune) rune {
			if strings.ContainsRune(";\"\n", r) {
				return ' '
			}
			return r
		}, l.line(60)) + ";" + someDays.Draw(l.T, "start") + ";emploi\n"
	}
	_, _, err := l.s.Import(l.ctx, []Incoming{{Name: "a.csv", Local: &Local{File: strings.NewReader(csv), Size: int64(len(csv))}}}, false)
	l.done(err)
}

func (l *lives) said() {
	pr, err := l.s.Gate.Profile(l.ctx)
	l.done(err)
	pr.Fields["about"], pr.Fields["name"] = clip(l.text(), 1000), l.line(200)
	l.done(l.s.Gate.SaveProfile(l.ctx, pr))
	if rapid.Bool().Draw(l.T, "arranged") {
		l.done(l.s.Arrange(l.ctx, func(a *Arrangement) { a.Goal = Goals[0] }))
	}
}

func (l *lives) face() {
	choice := gate.Choice{IDs: l.ids}
	if rapid.Bool().Draw(l.T, "rule") {
		choice = gate.Choice{Rule: &gate.Rule{Kinds: []string{"job"}, From: "2019", Paid: new(true)}}
	}
	_, err := l.s.Gate.SaveFace(l.ctx, gate.Face{Name: l.line(100), Language: "fr", Shows: gate.Shows{Profile: []string{"name"}, Activities: choice}, Hides: []string{"text"}})
	l.done(err)
}

func (l *lives) letter() {
	_, err := l.s.AddLetter(l.ctx, Request{To: l.line(100), Rights: Rights[:1], Language: "en", Sender: l.text(), Detail: l.text(), Sent: "2026-09-01"})
	l.done(err)
}

// elsewhere puts an item of another room into the vault: one that nobody answers for,
// or one of the shelf.
func (l *lives) elsewhere() {
	it := gate.Item{ID: kernel.NewID[kernel.ItemID]("oth", l.s.DB.Now()), Room: "other", View: gate.View{
		Kind: "told", Title: l.text(), Start: "2019", Facts: []gate.Fact{{Name: "a", Text: l.text()}}, Links: l.ids, Never: rapid.Bool().Draw(l.T, "never"),
		Provenance: gate.Provenance{Source: gate.Attested, By: l.text(), At: time.Unix(rapid.Int64Range(0, 4e9).Draw(l.T, "at"), 123456789)},
	}, Body: rapid.SliceOf(rapid.Byte()).Draw(l.T, "body")}
	if rapid.Bool().Draw(l.T, "shelf") {
		it.Room = "shelf"
		it.Body = shelved{Text: l.text(), Context: l.text(), Address: "https://example.org/c", Since: time.Unix(rapid.Int64Range(0, 4e9).Draw(l.T, "since"), 0), Note: l.text()}.body()
	}
	for range rapid.IntRange(1, 3).Draw(l.T, "versions") {
		l.put(it)
		it.Version++
		it.View.Title = l.text()
	}
}

func (l *lives) put(it gate.Item) {
	pass, err := l.s.Gate.Own(l.ctx)
	l.done(err)
	sealed, err := l.s.Gate.Seal(l.ctx, pass, it)
	if l.done(err); err != nil {
		return
	}
	l.done(l.s.DB.Write(l.ctx, func(tx *db.Tx) error {
		_, err := l.s.Gate.Put(l.ctx, tx, sealed)
		return err
	}))
}

func (l *lives) remove() {
	if len(l.ids) > 0 {
		id := l.ids[0]
		l.ids = l.ids[1:]
		l.done(l.s.RemoveActivity(l.ctx, id, 0, rapid.Bool().Draw(l.T, "pieces")))
	}
}

// emptied removes everything of a person.
func emptied(t testing.TB, h *house.House, ctx context.Context) {
	t.Helper()
	pass, err := h.Gate.Own(ctx)
	if err != nil {
		t.Fatal(err)
	}
	items, err := h.Gate.Everything(ctx, pass)
	if err != nil {
		t.Fatal(err)
	}
	err = h.DB.Write(ctx, func(tx *db.Tx) error {
		for i := range items {
			if err := h.Gate.Delete(ctx, tx, pass, items[i].ID, 0); err != nil {
				return err
			}
			if b := items[i].View.Blob; b != nil {
				if err := h.Gate.DropBlob(ctx, tx, pass, b.Ref); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// beside are the files of an archive that must come back as they were.
func beside(files map[string]string) map[string]string {
	kept := maps.Clone(files)
	maps.DeleteFunc(kept, func(name, _ string) bool {
		return !strings.HasPrefix(name, "data/pieces/") && !strings.HasPrefix(name, "data/credentials/") && name != "data/musette.json"
	})
	return kept
}

// Whatever a person keeps, its archive gives the same musette to somebody else: the
// same musette.json, the same files, byte for byte.
func TestAnyMusetteComesBackAsItWas(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h := house.Open(t, where)
		s := &Service{DB: h.DB, Gate: h.Gate, Rooms: []Room{shelf{}}}
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		rapid.Check(t, func(rt *rapid.T) {
			emptied(t, h, ada)
			emptied(t, h, bob)
			l := &lives{T: rt, s: s, ctx: ada}
			acts := map[string]func(){
				"activity": l.activity, "revise": l.revise, "entry": l.entry, "file": l.file, "link": l.link, "table": l.table,
				"said": l.said, "face": l.face, "letter": l.letter, "elsewhere": l.elsewhere, "remove": l.remove,
			}
			names := slices.Sorted(maps.Keys(acts))
			for range rapid.IntRange(0, 8).Draw(rt, "acts") {
				acts[rapid.SampledFrom(names).Draw(rt, "act")]()
			}
			raw := exportOf(t, s, ada)
			if r := CheckArchive(ada, bytes.NewReader(raw), int64(len(raw)), time.Now(), s.Rooms); !r.Valid {
				rt.Fatalf("the archive does not hold: %q", r.Findings)
			}
			if got := importLocal(t, s, bob, raw, Unlock{}); len(got.Skipped) > 0 {
				rt.Fatalf("left out: %+v", got.Skipped)
			}
			want, got := beside(filesIn(t, raw)), beside(filesIn(t, exportOf(t, s, bob)))
			for name := range want {
				if got[name] != want[name] {
					rt.Errorf("%s came back as\n%s\nit was\n%s", name, got[name], want[name])
				}
			}
			if len(got) != len(want) {
				rt.Errorf("%d files came back of %d", len(got), len(want))
			}
			if again := importLocal(t, s, bob, raw, Unlock{}); len(again.Created) > 0 {
				rt.Errorf("again it created %v", again.Created)
			}
		})
	})
}
