// Package asset serves the style sheets, scripts, fonts and pictures built into the
// program. The site asks nothing of any other site.
//
// Files of ours are in files/ and committed; files from npm are in vendor/ and
// brought by `make deps`. Each is served under a name that holds the digest of its
// content, for ever; a style sheet names fonts by those addresses too.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed files
var ours embed.FS

//go:embed all:vendor
var vendored embed.FS

// ErrIncomplete says that the program was built without the files from npm.
var ErrIncomplete = errors.New("this program was built without its front-end files: run make deps, then build again")

// needed are the files from npm that pages rely on.
var needed = []string{
	"fonts/source-sans-3-latin-400-normal.woff2", "fonts/source-sans-3-latin-600-normal.woff2",
	"fonts/source-serif-4-latin-400-normal.woff2", "htmx.js", "hx-sse.js", "leaflet.js", "leaflet.css", "licences/list.json",
}

// kinds are the content types we serve; a file of another kind is not served.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".png": "image/png", ".json": "application/json",
}

// file is one file as it is served.
type file struct {
	name, kind, tag string
	body            []byte
	packed          func() []byte // gzip, made when first asked for; nil if it would not help
}

var all = sync.OnceValue(index)

type shelf struct {
	byName map[string]*file
	byPath map[string]*file // the path below /assets/
	urls   map[string]string
}

// index reads what is embedded. site.css is made of our sheets in order; it comes
// last, because it names fonts by their addresses.
func index() *shelf {
	s := &shelf{byName: map[string]*file{}, byPath: map[string]*file{}, urls: map[string]string{}}
	var sheets []string
	walk := func(fsys fs.FS, root string) {
		must(fs.WalkDir(fsys, root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name := strings.TrimPrefix(p, root+"/")
			if path.Ext(name) == ".css" && root == "files" {
				sheets = append(sheets, p)
				return nil
			}
			raw, err := fs.ReadFile(fsys, p)
			if err != nil {
				return err
			}
			s.add(name, raw)
			return nil
		}))
	}
	walk(vendored, "vendor")
	walk(ours, "files")
	s.add("site.css", s.sheet(sheets))
	return s
}

// sheet joins our style sheets, tokens first: it fixes the order of the layers.
func (s *shelf) sheet(paths []string) []byte {
	slices.SortStableFunc(paths, func(a, b string) int { return order(a) - order(b) })
	var b bytes.Buffer
	for _, p := range paths {
		raw, err := ours.ReadFile(p)
		must(err)
		b.Write(raw)
	}
	css := lighten(b.String())
	var pairs []string
	for name, url := range s.urls {
		if strings.HasPrefix(name, "fonts/") {
			pairs = append(pairs, `url("`+name+`")`, `url("`+url+`")`)
		}
	}
	return []byte(strings.NewReplacer(pairs...).Replace(css))
}

func order(p string) int {
	switch path.Base(p) {
	case "tokens.css":
		return 0
	case "app.css":
		return 1
	}
	return 2
}

// lighten takes comments and indentation out of a style sheet.
func lighten(css string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(css, "/*")
		b.WriteString(before)
		if !ok {
			break
		}
		_, css, _ = strings.Cut(rest, "*/")
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func (s *shelf) add(name string, raw []byte) {
	ext := path.Ext(name)
	kind, ok := kinds[ext]
	if !ok {
		return // README.md, licences
	}
	sum := sha256.Sum256(raw)
	tag := base64.RawURLEncoding.EncodeToString(sum[:9])
	f := &file{name: name, kind: kind, tag: tag, body: raw, packed: sync.OnceValue(func() []byte { return pack(kind, raw) })}
	address := strings.TrimSuffix(name, ext) + "." + tag + ext
	s.byName[name], s.byPath[address], s.urls[name] = f, f, "/assets/"+address
}

// pack compresses what is text; pictures and fonts already are.
func pack(kind string, raw []byte) []byte {
	if kind == "image/png" || kind == "font/woff2" {
		return nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	must(err)
	_, err = w.Write(raw)
	must(err)
	must(w.Close())
	if b.Len() >= len(raw) {
		return nil
	}
	return b.Bytes()
}

// must stops on what cannot fail in the field: the files are part of the program.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// URL is the address of a file. A name that does not exist panics: every page is
// rendered in a test, so that happens before anyone else sees it. A file from npm
// that was not brought yet has an address that answers 404; see Complete.
func URL(name string) string {
	if url, ok := all().urls[name]; ok {
		return url
	}
	if slices.Contains(needed, name) {
		return "/assets/missing/" + name
	}
	panic(fmt.Sprintf("asset %q is neither in files/ nor in vendor/", name))
}

// Bytes is the content of a file, for a program that draws with it.
func Bytes(name string) ([]byte, bool) {
	f, ok := all().byName[name]
	if !ok {
		return nil, false
	}
	return f.body, true
}

// Complete reports ErrIncomplete if the files from npm are not in the program.
func Complete() error {
	for _, name := range needed {
		if _, err := fs.Stat(vendored, "vendor/"+name); err != nil {
			return fmt.Errorf("%w (%s is missing)", ErrIncomplete, name)
		}
	}
	return nil
}

// Handler serves the files below /assets/ for ever: a changed file has another name.
func Handler() http.Handler {
	return http.StripPrefix("/assets/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := all().byPath[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		f.serve(w, r)
	}))
}

// Serve answers with a file under an address of its own, such as /favicon.ico, that
// browsers ask again each day.
func Serve(name string) http.HandlerFunc {
	f, ok := all().byName[name]
	if !ok {
		panic(fmt.Sprintf("asset %q is neither in files/ nor in vendor/", name))
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=86400")
		f.serve(w, r)
	}
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", `"`+f.tag+`"`)
	h.Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == `"`+f.tag+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.body
	if packed := f.packed(); packed != nil && AcceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // whoever left needs no answer
	}
}

// AcceptsGzip reports whether the client takes gzip (RFC 9110, 12.5.3).
func AcceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name = strings.TrimSpace(name); name == "gzip" || name == "x-gzip" {
			_, v, _ := strings.Cut(strings.ReplaceAll(q, " ", ""), "q=")
			n, err := strconv.ParseFloat(v, 64)
			return v == "" || err != nil || n > 0
		}
	}
	return false
}
