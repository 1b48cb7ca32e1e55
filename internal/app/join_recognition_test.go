package app

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/musette"
	"digiwork/internal/recognition"
	"digiwork/internal/testkit"
)

// What is told and what was made of it travels in an archive, in words, and comes
// back as it was.
func TestTellingsAndCompetencesTravel(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h := openHouse(t, where)
		p := h.people()
		ada, eve := h.as(p.ada), h.as(p.eve)
		s := h.app.Recognition
		tell, activity := p.a("telling"), kernel.ItemID(p.a("activity"))
		id, err := s.Keep(ada, []recognition.Saying{{
			Title: "Tenir les comptes", Level: "seule", Because: []string{"comptes"}, Links: []kernel.ItemID{activity, kernel.ItemID(tell)},
			Refs: []recognition.Ref{{URI: "urn:digiwork:competence:accounts", Label: "tenir des comptes"}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Revise(ada, id, 1, recognition.Saying{Title: "Tenir une caisse", Links: []kernel.ItemID{activity}}); err != nil {
			t.Fatal(err)
		}
		var first, second bytes.Buffer
		if err := h.app.Musette.Export(ada, &first); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.app.Musette.Import(eve, []musette.Incoming{{Name: "a.zip", Local: &musette.Local{File: bytes.NewReader(first.Bytes()), Size: int64(first.Len())}}}, false); err != nil {
			t.Fatal(err)
		}
		here, err := s.Competence(h.as(p.eve), id)
		if err != nil || here.Title != "Tenir une caisse" || here.Version != 2 || len(here.Links) != 1 {
			t.Fatalf("the competence came as %+v, %v", here, err)
		}
		told, err := s.Telling(h.as(p.eve), kernel.ItemID(tell))
		if err != nil || told.Story() != "J'ai tenu les comptes." {
			t.Fatalf("the telling came as %+v, %v", told, err)
		}
		if err := h.app.Musette.Export(h.as(p.eve), &second); err != nil {
			t.Fatal(err)
		}
		for _, raw := range [][]byte{first.Bytes(), second.Bytes()} {
			if !bytes.Contains(inside(t, raw, "musette.json"), []byte("J'ai tenu les comptes.")) {
				t.Error("the telling is not in words")
			}
		}
		if !bytes.Equal(inside(t, first.Bytes(), "musette.json"), inside(t, second.Bytes(), "musette.json")) {
			t.Error("exported again, musette.json differs")
		}
	})
}

// inside is a file of an archive, by the end of its name.
func inside(t *testing.T, raw []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, "/"+name) {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	t.Fatalf("the archive has no %s", name)
	return nil
}
