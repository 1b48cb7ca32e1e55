package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

const page = `<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Un essai</title></head><body><main><h1>Un&nbsp;essai</h1>
<form method="post" action="/sent" enctype="multipart/form-data">
<label for="a">L’adresse&#8239;:</label><input id="a" name="a" value="avant">
<label for="b">Récit</label><textarea id="b" name="b"></textarea>
<label for="d">Jour</label><input id="d" name="d" type="date">
<label for="k">Genre</label><select id="k" name="k"><option value="1">Emploi</option><option value="2">Soin d’un proche</option></select>
<input type="checkbox" id="c" name="c" value="oui"><label for="c">D’accord</label>
<label for="f">Fichier</label><input type="file" id="f" name="f">
<button>Envoyer</button></form>
<p id="js">sans script</p><script>document.getElementById('js').textContent = 'avec script'</script>
<a href="/other">Autre page</a> <a href="#fin">Plus bas</a> <details><summary>Détails</summary><p>caché</p></details><p id="fin">fin</p></main></body></html>`

func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	write := func(w http.ResponseWriter, html string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, html)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { write(w, page) })
	mux.HandleFunc("GET /other", func(w http.ResponseWriter, r *http.Request) {
		write(w, `<!DOCTYPE html><html lang="fr"><title>Autre</title><main><h1>Autre page</h1><p>`+r.Header.Get("X-Person")+` `+r.Header.Get("Accept-Language")+`</p></main></html>`)
	})
	mux.HandleFunc("POST /sent", func(w http.ResponseWriter, r *http.Request) {
		file, header, err := r.FormFile("f")
		name := ""
		if err == nil {
			name = header.Filename
			_ = file.Close()
		}
		write(w, fmt.Sprintf(`<!DOCTYPE html><html lang="fr"><title>Reçu</title><main><h1>Reçu</h1><p>%s|%s|%s|%s|%s|%s</p></main></html>`, r.FormValue("a"), r.FormValue("b"), r.FormValue("d"), r.FormValue("k"), r.FormValue("c"), name))
	})
	mux.HandleFunc("GET /bad", func(w http.ResponseWriter, _ *http.Request) {
		write(w, `<!DOCTYPE html><html><title>Mal fait</title><div>pas de langue</div><input><div style="width:3000px">large</div></html>`)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestAJourneyByNames(t *testing.T) {
	base := site(t)
	file := filepath.Join(t.TempDir(), "preuve.txt")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string][]Option{"with scripts": nil, "without": {NoScript()}} {
		b := Open(t, append(opts, Header("X-Person", "ada"), Lang("en"))...)
		b.Go(base)
		if got, want := b.Text("#js"), map[string]string{"with scripts": "avec script", "without": "sans script"}[name]; got != want {
			t.Errorf("%s: %q", name, got)
		}
		b.Fill("L'adresse :", "ici")
		b.Fill("Récit", "Une ligne")
		b.Fill("Jour", "2026-03-01")
		b.Choose("Genre", "Soin d'un proche")
		b.Choose("D’accord")
		b.Upload("Fichier", file)
		if b.Filled("L’adresse :") != "ici" || b.Value("#b") != "Une ligne" {
			t.Errorf("filled: %q, %q", b.Filled("L’adresse :"), b.Value("#b"))
		}
		b.Click("Détails")
		b.See("caché")
		b.Click("Plus bas")
		if !strings.HasSuffix(b.URL(), "#fin") {
			t.Errorf("at %s", b.URL())
		}
		b.Press("Envoyer")
		if got := b.Text("p"); got != "ici|Une ligne|2026-03-01|2|oui|preuve.txt" || b.Title() != "Reçu" {
			t.Errorf("%s: sent %q", name, got)
		}
		b.Go(base)
		b.Click("Autre page")
		if got := b.Text("p"); got != "ada en" {
			t.Errorf("headers: %q", got)
		}
		if want := base + "/sent"; !slices.Contains(b.Requests(), want) || b.TransferBytes() < 1000 {
			t.Errorf("requests %v, %d bytes", b.Requests(), b.TransferBytes())
		}
		b.OnlyFrom(base)
		b.Forget()
		if len(b.Requests()) != 0 {
			t.Error("it remembers")
		}
	}
}

// judge notes what a helper would have failed.
type judge struct {
	testing.TB
	said []string
}

func (j *judge) Helper() {}

func (j *judge) Errorf(format string, args ...any) {
	j.said = append(j.said, fmt.Sprintf(format, args...))
}

func (j *judge) Fatalf(format string, args ...any) {
	j.Errorf(format, args...)
	panic(j)
}

// fails runs f and returns what it failed with.
func (j *judge) fails(f func()) (said string) {
	defer func() {
		if p := recover(); p != nil && p != any(j) {
			panic(p)
		}
		said = strings.Join(j.said, "\n")
		j.said = nil
	}()
	f()
	return ""
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	base := site(t)
	b := Open(t)
	j := &judge{TB: t}
	b.t = j
	b.Go(base + "/bad")
	said := j.fails(b.Accessible)
	for _, rule := range []string{"html-has-lang", "label", "landmark-one-main", "page-has-heading-one"} {
		if !strings.Contains(said, rule) {
			t.Errorf("axe does not say %s: %s", rule, said)
		}
	}
	if said := j.fails(b.Fits); !strings.Contains(said, "sideways") {
		t.Errorf("3000 px fit: %q", said)
	}
	if said := j.fails(func() { b.Go(base + "/none") }); !strings.Contains(said, "404") {
		t.Errorf("a page that is not there: %q", said)
	}
	b.Go(base)
	if said := j.fails(func() { b.Click("Nulle part") }); !strings.Contains(said, `no press named "Nulle part"`) || !strings.Contains(said, "Envoyer") {
		t.Errorf("a button that is not there: %q", said)
	}
	if said := j.fails(func() { b.Choose("Genre", "Astre") }); !strings.Contains(said, "no option") {
		t.Errorf("an option that is not there: %q", said)
	}
	if said := j.fails(func() { b.OnlyFrom("https://elsewhere.example") }); !strings.Contains(said, base) {
		t.Errorf("requests elsewhere: %q", said)
	}
	if said := j.fails(func() { b.Fill("D'accord", "x") }); !strings.Contains(said, "use Choose") {
		t.Errorf("filling a box: %q", said)
	}
}

func TestWithoutABrowserCIFails(t *testing.T) {
	j := &judge{TB: t}
	t.Setenv("CI", "true")
	if said := j.fails(func() { missing(j, "Chromium") }); !strings.Contains(said, "not installed") {
		t.Errorf("CI says %q", said)
	}
}

func TestScreenshotsAreKeptWhereAsked(t *testing.T) {
	base := site(t)
	folder := t.TempDir()
	t.Setenv("TEST_SCREENSHOTS", folder)
	b := Open(t, Phone())
	b.Go(base)
	b.Screenshot("essai", 360, 800, true)
	raw, err := os.ReadFile(filepath.Join(folder, "essai-dark-360.png"))
	if err != nil || !strings.HasPrefix(string(raw), "\x89PNG") {
		t.Errorf("%v, %d bytes", err, len(raw))
	}
}
