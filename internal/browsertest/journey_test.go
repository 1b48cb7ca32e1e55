package browsertest

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/testkit/browser"
)

const resume = `{"basics":{"name":"Ada"},"work":[{"name":"Les Halles","position":"Vendeuse de légumes","startDate":"2015-04","endDate":"2018-02"}],"volunteer":[{"organization":"Jardin","position":"Trésorière du jardin","startDate":"2019-01"}]}`

// One life, from signing up to leaving, without any script.
func TestALifeFromSigningUpToLeaving(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			h, say := open(t), in(t, lang)
			b := browser.Open(t, browser.NoScript(), browser.Lang(lang))
			signUp(h, b, say)
			fillMusette(h, b, say)
			link := openAFace(h, b, say, lang)
			visitAndWithdraw(t, h, b, say, lang, link)
			leave(h, b, say)
			b.OnlyFrom(h.base)
		})
	}
}

func signUp(h *house, b *browser.Tab, say words) {
	b.Go(h.setup)
	b.Fill(say("account.name"), "Ada")
	b.Fill(say("account.handle"), "ada")
	b.Fill(say("account.password"), password)
	b.Press(say("account.sign_up.do"))
	b.Choose(say("musette.goal.thin"))
	b.Press(say("musette.welcome.next"))
	b.See(say("musette.parts.title"))
	b.Press(say("musette.welcome.next"))
	b.Click(say("musette.act.five"))
}

// fillMusette types two activities, imports two more, and finds one by a word.
func fillMusette(h *house, b *browser.Tab, say words) {
	b.Fill(say("musette.field.title"), "Réparer des vélos")
	b.Fill(say("musette.field.start"), "03/2019")
	b.Press(say("musette.five.keep"))
	b.See(say("musette.five.kept"))
	b.Go(h.base + "/musette/new")
	b.Fill(say("musette.field.title"), "Garder ma grand-mère")
	b.Fill(say("musette.field.start"), "2017")
	b.Choose(say("musette.field.kind"), say("musette.kind.care"))
	b.Press(say("musette.new.keep"))
	b.See("Garder ma grand-mère")

	b.Go(h.base + "/musette/import")
	b.Upload(say("musette.import.files.label"), written(h.t, "cv.json", resume))
	b.Press(say("musette.import.look"))
	b.See(say("musette.import.preview"))
	b.See("Vendeuse de légumes")
	b.Go(h.base + "/musette")
	if b.Says("Vendeuse de légumes") {
		h.t.Error("an import was kept before it was confirmed")
	}
	b.Go(h.base + "/musette/import")
	b.Upload(say("musette.import.files.label"), written(h.t, "cv.json", resume))
	b.Press(say("musette.import.look"))
	h.confirm(b)
	b.See(say("musette.import.done"))
	b.Click(say("musette.import.see"))
	for _, title := range []string{"Réparer des vélos", "Garder ma grand-mère", "Vendeuse de légumes", "Trésorière du jardin"} {
		b.See(title)
	}
	b.Fill(say("musette.filter.words"), "velo")
	b.Press(say("musette.filter.do"))
	b.See("Réparer des vélos")
	if b.Says("Vendeuse de légumes") {
		h.t.Error("the filter lets through what does not match")
	}
	if strings.Contains(b.URL(), "velo") {
		h.t.Errorf("the word stands in the address: %s", b.URL())
	}
}

// confirm presses the button whose words hold how many things there are.
func (h *house) confirm(b *browser.Tab) {
	h.t.Helper()
	b.Press(b.Text("form[action^='/musette/import/'] button"))
}

// openAFace composes two faces, looks at one before it is kept, and opens it.
func openAFace(h *house, b *browser.Tab, say words, lang string) (link string) {
	for name, title := range map[string]string{"Atelier": "Réparer des vélos", "Famille": "Garder ma grand-mère"} {
		b.Go(h.base + "/portillon/faces/new")
		b.Fill(say("gate.face.name.label"), name)
		b.Choose(say("gate.language." + lang))
		b.Choose(title)
		b.Press(say("gate.face.refresh"))
		if seen := b.Text("#preview, .preview, aside"); !strings.Contains(seen, title) {
			h.t.Errorf("the preview of %s says %q", name, seen)
		}
		b.Press(say("gate.face.keep"))
		b.See(say("gate.face.saved"))
	}
	b.Go(h.base + "/portillon/faces")
	b.Click(say("gate.face.show_named", "name", "Atelier"))
	b.Fill(say("gate.grant.purpose.label"), "Pour le garage")
	b.Press(say("gate.grant.open"))
	b.See(say("gate.grant.made"))
	return b.Filled(say("gate.link.label"))
}

// visitAndWithdraw looks at the link as a stranger does, before and after.
func visitAndWithdraw(t *testing.T, h *house, b *browser.Tab, say words, lang, link string) {
	t.Helper()
	visitor := browser.Open(t, browser.NoScript(), browser.Lang(lang))
	visitor.Go(link)
	visitor.See("Réparer des vélos")
	for _, kept := range []string{"Garder ma grand-mère", "Vendeuse de légumes", "Atelier", "Famille"} {
		if strings.Contains(visitor.HTML(), kept) {
			t.Errorf("the shared page tells %q", kept)
		}
	}
	b.Go(h.base + "/portillon/journal")
	if !b.Says("Pour le garage") && !b.Says("Atelier") {
		t.Errorf("the journal does not tell of the visit: %s", b.Text("main"))
	}
	b.Go(h.base + "/portillon")
	b.Press(say("gate.withdraw"))
	b.See(say("gate.grant.withdrawn"))
	if code := visitor.Status(link); code != http.StatusGone {
		t.Errorf("after the withdrawal the link answers %d", code)
	}
	visitor.See(say("web.error.closed.title"))
	gone := visitor.Text("main")
	if code := visitor.Status(h.base + "/s/" + strings.Repeat("a", 26)); code != http.StatusNotFound {
		t.Errorf("a link that never was answers %d", code)
	}
	if never := visitor.Text("main"); never != gone {
		t.Errorf("a closed link says %q, one that never was %q", gone, never)
	}
}

func leave(h *house, b *browser.Tab, say words) {
	b.Go(h.base + "/account/leave")
	b.Press(say("account.leave.do"))
	b.See(say("account.receipt.title"))
	b.Go(h.base + "/musette")
	b.Fill(say("account.sign_in.name"), "ada")
	b.Fill(say("account.password"), password)
	press(b, `form[action="/sign-in"] button`)
	b.See(say("account.sign_in.refused"))
}

// Two windows on one page: nothing written in either is lost, and what was replaced
// comes back.
func TestTwoWindowsLoseNothing(t *testing.T) {
	h, say := open(t), in(t, "fr")
	ada := h.person("ada", "Ada")
	id := text(ada.make("/activities", map[string]any{"title": "Tenir la caisse", "kind": "job", "start": "2019"})["id"])
	first, second := browser.Open(t, browser.NoScript()), browser.Open(t, browser.NoScript())
	for _, b := range []*browser.Tab{first, second} {
		h.signIn(b, "ada", say)
		b.Go(h.base + "/musette/items/" + id + "/edit")
	}
	second.Fill(say("musette.field.title"), "Tenir la caisse du marché")
	second.Press(say("musette.edit.keep"))
	first.Fill(say("musette.field.title"), "Tenir la caisse et les comptes")
	first.Press(say("musette.edit.keep"))
	first.See(say("musette.conflict"))
	first.See("Tenir la caisse du marché")
	if got := first.Filled(say("musette.field.title")); got != "Tenir la caisse et les comptes" {
		t.Errorf("what was typed has become %q", got)
	}
	first.Accessible()
	first.Press(say("musette.conflict.mine"))
	first.See("Tenir la caisse et les comptes")

	first.Go(h.base + "/musette/items/" + id)
	first.Click(say("musette.history.see"))
	first.See("Tenir la caisse du marché")
	first.Press(say("musette.version.restore"))
	first.See(say("musette.restored"))
	if got := first.Text("h1"); got != "Tenir la caisse du marché" {
		t.Errorf("restored: %q", got)
	}
}

// What is taken away reads without the program, from a disk.
func TestTheArchiveReadsFromADisk(t *testing.T) {
	h, say := open(t), in(t, "fr")
	ada := h.person("ada", "Ada")
	ada.make("/activities", map[string]any{"title": "Tenir la caisse <b>", "kind": "job", "start": "2019"})
	b := browser.Open(t, browser.NoScript())
	h.signIn(b, "ada", say)
	b.Go(h.base + "/musette/export")
	if !b.Has(`a[href="/musette/export/file"], form[action="/musette/export/file"]`) {
		t.Fatal("the page offers no file")
	}
	folder := unzipped(t, ada.get("/musette/export/file"))
	found, err := filepath.Glob(filepath.Join(folder, "*", "data", "README.html"))
	if err != nil || len(found) == 0 {
		found, err = filepath.Glob(filepath.Join(folder, "data", "README.html"))
	}
	if err != nil || len(found) != 1 {
		t.Fatalf("%d README.html, %v", len(found), err)
	}
	disk := browser.Open(t, browser.NoScript(), browser.Phone())
	disk.Go("file://" + found[0])
	disk.See("Tenir la caisse <b>")
	disk.OnlyFrom("file://" + folder)
	disk.Accessible()
	disk.Fits()
}

// unzipped puts an archive on the disk.
func unzipped(t *testing.T, raw []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		at := filepath.Join(folder, filepath.FromSlash(f.Name))
		if !filepath.IsLocal(f.Name) {
			t.Fatalf("the archive holds %q", f.Name)
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o750); err != nil {
			t.Fatal(err)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
