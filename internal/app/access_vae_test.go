package app

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"digiwork/internal/circle"
	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/testkit"
	"digiwork/internal/vae"
)

// vaeTyped is a certification of one bloc, b1, and one competence, c1.
func vaeTyped(title string) vae.Certification {
	return vae.Certification{Title: title, Blocs: []vae.Bloc{{ID: "b1", Title: "Tenir les comptes", Competences: []vae.Competence{{ID: "c1", Text: "Saisir les factures"}}}}}
}

// vaeFile begins a file of somebody's.
func (h *house) vaeFile(who *somebody, title string) kernel.ItemID {
	h.t.Helper()
	id, err := h.app.VAE.Begin(h.as(who), vaeTyped(title), []string{"b1"}, vae.Alone, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// vaeTold begins an activity told for the bloc of a file.
func (h *house) vaeTold(who *somebody, file kernel.ItemID) string {
	h.t.Helper()
	code, err := h.app.VAE.Add(h.as(who), file, "told", "b1", "")
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

// vaeHand gives a copy of a file to a circle.
func (h *house) vaeHand(who *somebody, file kernel.ItemID, to kernel.CircleID) kernel.GrantID {
	h.t.Helper()
	err := h.app.VAE.Hand(h.as(who), file, to, "essai", h.app.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly), true)
	if err != nil {
		h.t.Fatal(err)
	}
	f, err := h.app.VAE.Whole(h.as(who), file)
	if err != nil {
		h.t.Fatal(err)
	}
	return f.Handed[0].Grant
}

// vaeSave writes the introduction of a file.
func (h *house) vaeSave(who *somebody, file string, version int64) {
	h.t.Helper()
	if err := h.app.VAE.Save(h.as(who), kernel.ItemID(file), "intro", version, map[string]string{"words": "Bonjour"}, nil); err != nil {
		h.t.Fatal(err)
	}
}

// Who may what in vae. What stands before a jury is somebody else's file, handed to
// ada's circle: nobody judges her own.
func init() {
	makers["vaefile"] = func(h *house, owner, _ *somebody, title string, _ func(string) string) string {
		return string(h.vaeFile(owner, title))
	}
	makers["vaesent"] = func(h *house, owner, _ *somebody, title string, _ func(string) string) string {
		id := h.vaeFile(owner, title)
		if err := h.app.VAE.Record(h.as(owner), id, 1, vae.Step{State: vae.Sent, On: "2020-01-02"}); err != nil {
			h.t.Fatal(err)
		}
		return string(id)
	}
	makers["vaetold"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		return h.vaeTold(owner, kernel.ItemID(of("vaefile")))
	}
	makers["vaepast"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		h.vaeSave(owner, of("vaefile"), 0)
		h.vaeSave(owner, of("vaefile"), 1)
		return "intro"
	}
	makers["vaelent"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		file, ctx := kernel.ItemID(of("vaefile")), h.as(owner)
		h.vaeSave(owner, string(file), 0)
		err := h.app.VAE.Open(ctx, file, []string{"intro"}, gate.To{Circle: kernel.CircleID(of("circle"))}, "essai", of("until"))
		if err != nil {
			h.t.Fatal(err)
		}
		f, err := h.app.VAE.Whole(ctx, file)
		if err != nil {
			h.t.Fatal(err)
		}
		return string(f.Opened[0].Grant)
	}
	makers["vaecomment"] = func(h *house, owner, friend *somebody, _ string, of func(string) string) string {
		if err := h.app.VAE.Say(h.as(friend), kernel.GrantID(of("vaelent")), "intro", "Oui"); err != nil {
			h.t.Fatal(err)
		}
		f, err := h.app.VAE.Whole(h.as(owner), kernel.ItemID(of("vaefile")))
		if err != nil {
			h.t.Fatal(err)
		}
		return string(f.Comments[0].ID)
	}
	makers["vaehanded"] = func(h *house, _, _ *somebody, title string, of func(string) string) string {
		candidate := h.add("candidate", false)
		file := h.vaeFile(candidate, title)
		h.vaeTold(candidate, file)
		return string(h.vaeHand(candidate, file, kernel.CircleID(of("circle"))))
	}
	makers["vaeresult"] = func(h *house, owner, friend *somebody, title string, _ func(string) string) string {
		c, err := h.app.Circle.Create(h.as(friend), "Jury", circle.Jury)
		if err != nil {
			h.t.Fatal(err)
		}
		file := h.vaeFile(owner, title+" "+kernel.NewID[string]("n", h.app.DB.Now())) // a bloc is gained once
		h.vaeTold(owner, file)
		err = h.app.VAE.Decide(h.as(friend), h.vaeHand(owner, file, c.ID), vae.Decision{
			Words: []vae.Opinion{{About: "c1", Word: "yes", Reason: "Vu."}}, Blocs: []vae.Granted{{Bloc: "b1", Granted: true, Reason: "Vu."}},
		})
		if err != nil {
			h.t.Fatal(err)
		}
		all, err := h.app.VAE.Results(h.as(owner))
		if err != nil {
			h.t.Fatal(err)
		}
		return string(all[0].ID)
	}
	makers["vaeref"] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
		id, err := h.app.VAE.Keep(h.as(owner), vae.Referential{Circle: kernel.CircleID(of("circle")), Certification: vaeTyped(title)})
		if err != nil {
			h.t.Fatal(err)
		}
		return id
	}
	const (
		typed    = "title=T&variant=alone&bloc.0.title=B"
		opinion  = "word.c1=yes&reason.c1=Vu"
		decision = opinion + "&bloc.b1=yes&blocreason.b1=Vu"
	)
	all := gets{303, 200, 200, 200, 200}
	hers, does := gets{303, 404, 404, 404, 200}, gets{401, 404, 404, 404, 303}
	circles, mayIn := gets{303, 404, 404, 200, 200}, gets{401, 404, 404, 303, 303}
	decide(map[string]rule{
		"GET /reveler/vae":                                       {want: all},
		"POST /reveler/vae/search":                               {body: "words=livret", want: gets{401, 200, 200, 200, 200}},
		"GET /reveler/vae/near":                                  {want: all},
		"GET /reveler/vae/certifications/{code}":                 {of: "-RNCP1", want: gets{303, 404, 404, 404, 404}},
		"GET /reveler/vae/new":                                   {want: all},
		"POST /reveler/vae/new":                                  {body: typed, want: gets{401, 303, 303, 303, 303}},
		"POST /reveler/vae/files":                                {body: "referential={vaeref}&variant=alone&blocs=b1", want: mayIn},
		"GET /reveler/vae/files/{id}":                            {of: "vaefile", want: hers},
		"GET /reveler/vae/files/{id}/certification":              {of: "vaefile", want: hers},
		"POST /reveler/vae/files/{id}/certification":             {of: "vaefile", body: typed + "&version=1&aim=0", want: does},
		"GET /reveler/vae/files/{id}/feasibility":                {of: "vaefile", want: hers},
		"GET /reveler/vae/files/{id}/validation":                 {of: "vaefile", want: hers},
		"POST /reveler/vae/files/{id}/steps":                     {of: "vaefile", body: "version=1&state=sent&on=2020-01-02", want: does},
		"POST /reveler/vae/files/{id}/steps/undo":                {of: "vaesent", body: "version=2", want: does},
		"GET /reveler/vae/files/{id}/out/{name}":                 {of: "vaefile -dates.ics", want: hers},
		"POST /reveler/vae/files/{id}/parts":                     {of: "vaefile", body: "kind=told&bloc=b1", want: does},
		"GET /reveler/vae/files/{id}/parts/{part}":               {of: "vaefile vaetold", want: hers},
		"POST /reveler/vae/files/{id}/parts/{part}":              {of: "vaefile -intro", body: "version=0&words=Bonjour", want: does},
		"GET /reveler/vae/files/{id}/parts/{part}/versions":      {of: "vaefile vaepast", want: hers},
		"GET /reveler/vae/files/{id}/parts/{part}/delete":        {of: "vaefile vaetold", want: hers},
		"POST /reveler/vae/files/{id}/parts/{part}/delete":       {of: "vaefile vaetold", want: does},
		"GET /reveler/vae/files/{id}/delete":                     {of: "vaefile", want: hers},
		"POST /reveler/vae/files/{id}/delete":                    {of: "vaefile", want: does},
		"GET /reveler/vae/files/{id}/share":                      {of: "vaefile", want: hers},
		"POST /reveler/vae/files/{id}/share":                     {of: "vaefile", body: "to={circle}&parts={vaetold}&purpose=essai&until={until}", want: does},
		"GET /reveler/vae/files/{id}/hand":                       {of: "vaefile", want: hers},
		"POST /reveler/vae/files/{id}/hand":                      {of: "vaefile", body: "jury={circle}&purpose=essai&until={until}&understood=on&told={vaetold}", want: does},
		"POST /reveler/vae/files/{id}/loans/{grant}/close":       {of: "vaefile vaelent", want: does},
		"POST /reveler/vae/files/{id}/comments/{comment}/forget": {of: "vaefile vaecomment", want: does},
		"GET /reveler/vae/results/{id}":                          {of: "vaeresult", want: hers},
		"GET /reveler/vae/results/{id}/credentials/{bloc}":       {of: "vaeresult -b1", want: hers},
		"POST /reveler/vae/results/{id}/credentials/{bloc}":      {of: "vaeresult -b1", want: does},
		"POST /reveler/vae/files/{id}/reminders":                 {of: "vaefile", body: "version=1&remind=on", want: does},
		"GET /reveler/vae/lent/{grant}":                          {of: "vaelent", want: gets{303, 404, 404, 200, 404}},
		"POST /reveler/vae/lent/{grant}/comments":                {of: "vaelent", body: "part=intro&text=Oui", want: gets{401, 404, 404, 303, 404}},
		"GET /reveler/vae/jury":                                  {want: all},
		"GET /reveler/vae/jury/{grant}":                          {of: "vaehanded", want: circles},
		"GET /reveler/vae/jury/{grant}/out/{name}":               {of: "vaehanded -dossier.json", want: circles},
		"POST /reveler/vae/jury/{grant}/opinions":                {of: "vaehanded", body: opinion, want: mayIn},
		"GET /reveler/vae/jury/{grant}/decision":                 {of: "vaehanded", want: gets{303, 404, 404, 403, 200}},
		"POST /reveler/vae/jury/{grant}/decision":                {of: "vaehanded", body: decision, want: gets{401, 404, 404, 403, 303}},
		"GET /reveler/vae/referentials/new":                      {want: all},
		"POST /reveler/vae/referentials":                         {body: "circle={circle}&title=T&bloc.0.title=B", want: gets{401, 404, 404, 403, 303}},
		"GET /reveler/vae/referentials/{id}":                     {of: "vaeref", want: circles},
		"GET /reveler/vae/referentials/{id}/edit":                {of: "vaeref", want: gets{303, 404, 404, 403, 200}},
		"POST /reveler/vae/referentials/{id}":                    {of: "vaeref", body: "version=1&title=T&bloc.0.title=B", want: gets{401, 404, 404, 403, 303}},
	})
}

// musetteIn is the words of an archive.
func musetteIn(t *testing.T, raw []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if name := f.Name; len(name) < len("musette.json") || name[len(name)-len("musette.json"):] != "musette.json" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	t.Fatal("an archive without musette.json")
	return nil
}

// Files of validation, their parts with their past, comments and results travel in an
// archive, and leave it again the same.
func TestAFileOfValidationTravels(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h := openHouse(t, where)
		p := h.people()
		for _, thing := range []string{"vaetold", "vaecomment", "vaeresult"} {
			p.a(thing)
		}
		h.vaeSave(p.ada, p.a("vaefile"), 1)
		export := func(who *somebody) []byte {
			var out bytes.Buffer
			if err := h.app.Musette.Export(h.as(who), &out); err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}
		raw := export(p.ada)
		h.must(p.eve, http.MethodPost, "/api/v1/imports", "file:"+string(raw))
		files, err := h.app.VAE.Files(h.as(p.eve))
		if err != nil || len(files) != 2 {
			t.Fatalf("%d files came, %v", len(files), err)
		}
		results, err := h.app.VAE.Results(h.as(p.eve))
		if err != nil || len(results) != 1 || len(results[0].Blocs[0].Credential) == 0 {
			t.Errorf("results: %+v %v", results, err)
		}
		if got, want := musetteIn(t, export(p.eve)), musetteIn(t, raw); !bytes.Equal(got, want) {
			t.Errorf("what leaves again differs: %d bytes, were %d", len(got), len(want))
		}
	})
}
