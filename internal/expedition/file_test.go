package expedition

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
)

// signals is a sibling context with one signal.
type signals struct {
	kept map[kernel.ExpeditionID]string
}

func (signals) Name() string { return "watch" }

func (signals) Tab(_ context.Context, id kernel.ExpeditionID) (Tab, error) {
	return Tab{path(id, "watch"), "Veille", PageMap}, nil
}

func (s signals) Items(_ context.Context, id kernel.ExpeditionID, _ []string) ([]Item, error) {
	if s.kept[id] == "" {
		return nil, nil
	}
	return []Item{{ID: "one", Kind: "signal", Title: s.kept[id], URL: "https://example.org/signal"}}, nil
}

func (s signals) Export(_ context.Context, id kernel.ExpeditionID) (json.RawMessage, error) {
	return json.Marshal(s.kept[id])
}

func (s signals) Import(_ context.Context, _ *db.Tx, id kernel.ExpeditionID, raw json.RawMessage) error {
	title := ""
	err := json.Unmarshal(raw, &title)
	s.kept[id] = title
	return err
}

func (s signals) Drop(_ context.Context, _ *db.Tx, id kernel.ExpeditionID) error {
	delete(s.kept, id)
	return nil
}

func (s signals) Chapter(_ context.Context, id kernel.ExpeditionID) (Chapter, error) {
	return Chapter{"Veille", []Section{{Title: s.kept[id]}}}, nil
}

func TestWhatIsTakenAwayComesBackByteForByte(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		ada := w.as(t, "ada")
		w.Parts = []Part{signals{map[kernel.ExpeditionID]string{}}}
		id := w.of(t, "nurses", Partners)
		w.Parts[0].(signals).kept[id] = "Un signal"
		c := w.story(t, id)
		w.add(t, id, "bifurcation", "D'un côté <ou> de l'autre & \u2028", "leans", "watch:one")
		if err := w.NameMe(ada, id, "Ada L."); err != nil {
			t.Fatal(err)
		}
		if err := w.AddPartner(ada, id, "partner"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Add(w.as(t, "eve"), id, "reaction", Entry{Fields: map[string]string{"text": "gardée"}, Ties: map[string][]string{"on": {c["territory"]}}, Circle: "partner"}); err != nil {
			t.Fatal(err)
		}
		first, err := w.Take(w.as(t, "eve"), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, no := range []string{"gardée", "per_", "ada\"", "eve", string(id), "2037-03-24T"} {
			if bytes.Contains(first, []byte(no)) {
				t.Errorf("the file holds %q", no)
			}
		}
		copied, err := w.Import(ada, first, "nurses")
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Take(ada, copied)
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("%v, the second file differs:\n%s\n%s", err, first, again)
		}
		b := w.book(t, "bob", copied)
		if got := Addresses(b.Walk(b.Card(c["trial"]))); len(got) != 1 {
			t.Errorf("the copy walks to %v", got)
		}
		if hits, err := w.Find(ada, b, "signal planning"); err != nil || len(hits) > 0 {
			t.Errorf("found %v, %v", hits, err)
		}
		if err := w.May(w.as(t, "eve"), copied, Read); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a copy is private: %v", err)
		}
	})
}

func TestAFileThatDoesNotFitIsRefusedWithItsPlace(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		head := `{"format":"digiwork-expedition","version":1,"name":"X","lang":"fr","cards":`
		for name, c := range map[string]struct {
			raw  string
			want error
		}{
			"not JSON":         {`{`, errFile},
			"another format":   {`{"format":"opml"}`, errFormat},
			"a newer one":      {`{"format":"digiwork-expedition","version":2}`, errNewer},
			"no name":          {`{"format":"digiwork-expedition","version":1,"lang":"fr"}`, errFile},
			"an unknown kind":  {head + `[{"id":"a","kind":"x","title":"t"}]}`, fileErr(0, "a", nil)},
			"an id twice":      {head + `[{"id":"a","kind":"axis","title":"t"},{"id":"a","kind":"axis","title":"t"}]}`, fileErr(1, "a", nil)},
			"a tie to nothing": {head + `[{"id":"a","kind":"theme","title":"t","ties":{"axis":["b"]}}]}`, fileErr(0, "a", nil)},
			"an unknown part":  {head + `[{"id":"a","kind":"scenario","title":"t","ties":{"leans":["radio:1"]}}]}`, fileErr(0, "a", nil)},
			"a wrong date":     {head + `[{"id":"a","kind":"event","title":"t","fields":{"date":"hier"}}]}`, fileErr(0, "a", nil)},
		} {
			if _, err := w.Import(w.as(t, "ada"), []byte(c.raw), ""); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if l, err := w.List(w.as(t, "ada")); err != nil || len(l.Mine) > 0 {
			t.Errorf("a refused file left %v, %v", l.Mine, err)
		}
	})
}

func TestTheExampleIsWholeInBothLanguages(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		for _, lang := range []string{"fr", "en"} {
			ctx := i18n.In(w.as(t, ""), lang)
			b, err := w.Open(ctx, SampleID)
			if err != nil {
				t.Fatal(err)
			}
			for kind, want := range map[string]int{"axis": 4, "territory": 4, "track": 8, "scenario": 15, "model": 3, "word": 20, "actor": 20} {
				if got := len(b.Of(kind)); got != want {
					t.Errorf("%s: %d of kind %s, want %d", lang, got, kind, want)
				}
			}
			result := b.Of("result")[0]
			if kept, left := len(b.To(result, "kept")), len(b.To(result, "rejected")); kept != 8 || left != 5 || result.Fields["ballots"] != "44" {
				t.Errorf("%s: kept %d, left %d", lang, kept, left)
			}
			for _, c := range b.Ends() {
				if len(Addresses(b.Walk(c))) == 0 {
					t.Errorf("%s: %q leads to no address", lang, c.Title)
				}
			}
			if !b.Game().Won {
				t.Errorf("%s: the game of the example is not won", lang)
			}
			raw, err := w.Take(ctx, SampleID)
			if err != nil {
				t.Fatal(err)
			}
			embedded, err := sampleFiles.ReadFile("sample/" + lang + ".json")
			if err != nil || !bytes.Equal(raw, embedded) {
				t.Errorf("%s: the example taken away is not the one that came (%v)", lang, err)
			}
			if hits, err := w.Find(ctx, b, "intermittent"); err != nil || len(hits) == 0 {
				t.Errorf("%s: nothing found, %v", lang, err)
			}
		}
		id, err := w.Fork(w.as(t, "eve"), SampleID, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.May(w.as(t, "eve"), id, Lead); err != nil {
			t.Error(err)
		}
		if b := w.book(t, "eve", id); b.Origin != "DigiWork, 2013-2015" || len(b.Cards) != len(samples()["fr"].Cards) {
			t.Errorf("a copy from %q with %d cards", b.Origin, len(b.Cards))
		}
		if _, err := w.Fork(w.as(t, "eve"), SampleID, "nurses"); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("eve copies for a circle that is not hers: %v", err)
		}
		if _, err := w.Fork(w.as(t, ""), SampleID, ""); kernel.KindOf(err) != kernel.Unauthenticated {
			t.Errorf("a visitor copies: %v", err)
		}
	})
}

func TestACahierIsTheSameBytesForTheSameContent(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		ada := w.as(t, "ada")
		id, err := w.Fork(ada, SampleID, "nurses")
		if err != nil {
			t.Fatal(err)
		}
		raw, err := w.Take(ada, id)
		if err != nil {
			t.Fatal(err)
		}
		w.now = w.now.AddDate(1, 2, 3)
		other, err := w.Import(w.as(t, "bob"), raw, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range Forms {
			one, err := w.Cahier(ada, id, form)
			if err != nil {
				t.Fatal(err)
			}
			two, err := w.Cahier(i18n.In(w.as(t, "bob"), "en"), other, form)
			if err != nil || !bytes.Equal(one, two) {
				t.Errorf("%s: two cahiers of the same content differ (%v)", form, err)
			}
			if len(one) < 20_000 {
				t.Errorf("%s: only %d bytes", form, len(one))
			}
		}
		if _, err := w.Cahier(ada, id, "docx"); !errors.Is(err, errForm) {
			t.Errorf("an unknown form: %v", err)
		}
	})
}

func TestTheFilesOfACahierAreSound(t *testing.T) {
	w := openTown(t, t.TempDir()+"/x.db")
	ctx := w.as(t, "")
	for _, form := range []string{SiteForm, EPUBForm} {
		raw, err := w.Cahier(ctx, SampleID, form)
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, f := range z.File {
			names[f.Name] = true
		}
		for i, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case form == EPUBForm && i == 0 && (f.Name != "mimetype" || f.Method != zip.Store || string(body) != "application/epub+zip"):
				t.Errorf("an EPUB begins with %s", f.Name)
			case strings.HasSuffix(f.Name, ".xhtml"), strings.HasSuffix(f.Name, ".opf"), strings.HasSuffix(f.Name, ".xml"), strings.HasSuffix(f.Name, ".svg"):
				if err := wellFormed(body); err != nil {
					t.Errorf("%s: %v", f.Name, err)
				}
			case strings.HasSuffix(f.Name, ".html"):
				for _, no := range []string{"<script", "http-equiv", `src="http`} {
					if bytes.Contains(body, []byte(no)) {
						t.Errorf("%s holds %s", f.Name, no)
					}
				}
				for _, part := range strings.Split(string(body), `href="`)[1:] {
					to, _, _ := strings.Cut(part, `"`)
					page, _, _ := strings.Cut(to, "#")
					if page != "" && !strings.HasPrefix(page, "http") && !names[page] {
						t.Errorf("%s leads to %s, which is not there", f.Name, to)
					}
				}
			}
		}
	}
	raw, err := w.Cahier(ctx, SampleID, PDFForm)
	if err != nil || !bytes.HasPrefix(raw, []byte("%PDF-1.")) {
		t.Errorf("%.8q, %v", raw, err)
	}
}

func wellFormed(body []byte) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
