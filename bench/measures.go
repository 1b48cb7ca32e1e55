package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// bench is a run.
type bench struct {
	dir, program, self string
	size               size
	w                  *world // the largest
}

const rounds = 5

// median runs f five times and gives the middle rate, the half of the spread and
// the worst of the times.
func median(f func() (float64, time.Duration, error)) (rate, spread float64, p99 time.Duration, err error) {
	var all []float64
	for range rounds {
		r, t, err := f()
		if err != nil {
			return 0, 0, 0, err
		}
		all, p99 = append(all, r), max(p99, t)
	}
	slices.Sort(all)
	return all[rounds/2], (all[rounds-1] - all[0]) / 2, p99, nil
}

func line(what, ours, limit, ratio, asked string) {
	fmt.Printf("%-44s %16s %16s %7s   %s\n", what, ours, limit, ratio, asked)
}

func rate(r, spread float64) string { return fmt.Sprintf("%.0f/s ±%.0f", r, spread) }

// compare measures ours and the limit in turn.
func compare(what, asked string, connections, want int, d time.Duration, ours, limit *process, next, bare func(int64) request) (float64, time.Duration, error) {
	r, sr, p99, err := median(func() (float64, time.Duration, error) { return load(ours, connections, d, want, next) })
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", what, err)
	}
	l, sl, _, err := median(func() (float64, time.Duration, error) { return load(limit, connections, d, want, bare) })
	if err != nil {
		return 0, 0, fmt.Errorf("%s, its limit: %w", what, err)
	}
	line(what, rate(r, sr), rate(l, sl), fmt.Sprintf("%.2f", r/l), asked)
	return r, p99, nil
}

func bearer(token string) string { return "Authorization: Bearer " + token + "\r\n" }

func (b *bench) reads(w *world, host string) func(int64) request {
	all := make([]request, len(w.tokens))
	for i := range all {
		all[i] = get(host, "/api/v1/activities/"+w.items[i], bearer(w.tokens[i]))
	}
	return func(n int64) request { return all[n%int64(len(all))] }
}

// growth reads one activity at several sizes of the database: the cost must not
// grow with the number of other people. The largest stays for the other measures.
func (b *bench) growth(ctx context.Context) error {
	for _, total := range b.size.steps {
		since := time.Now()
		w, err := seed(ctx, b.dir, max(1, total/b.size.each), b.size.each)
		if err != nil {
			return err
		}
		filled := time.Since(since)
		p, err := b.serve(ctx, w.data)
		if err != nil {
			return err
		}
		r, s, _, err := median(func() (float64, time.Duration, error) {
			return load(p, 32, b.size.round, 200, b.reads(w, strings.TrimPrefix(p.url, "http://")))
		})
		p.stop()
		if err != nil {
			return err
		}
		line(fmt.Sprintf("API read, %d activities", total), rate(r, s), "", "", fmt.Sprintf("does not fall with the size (filled in %s)", filled.Round(time.Second)))
		b.w = w
	}
	return nil
}

// start takes the time from the start of the process to its first answer.
func (b *bench) start(ctx context.Context) error {
	p, err := b.serve(ctx, b.w.data)
	if err != nil {
		return err
	}
	p.stop()
	line("start to first answer, all activities", p.up.Round(time.Millisecond).String(), "", "", "< 1 s")
	return nil
}

// read compares an API read with a bare handler of the same bytes.
func (b *bench) read(ctx context.Context) error {
	p, err := b.serve(ctx, b.w.data)
	if err != nil {
		return err
	}
	defer p.stop()
	host := strings.TrimPrefix(p.url, "http://")
	raw, err := fetch(p.url+"/api/v1/activities/"+b.w.items[0], "Authorization", "Bearer "+b.w.tokens[0])
	if err != nil {
		return err
	}
	l, err := b.bytesLimit(ctx, "read.json", raw)
	if err != nil {
		return err
	}
	defer l.stop()
	_, p99, err := compare("API read of one activity, 32 connections", "0.4", 32, 200, b.size.round, p, l, b.reads(b.w, host),
		func(int64) request { return get("limit", "/") })
	line("  its 99th percentile, worst round", p99.Round(10*time.Microsecond).String(), "", "", "< 10 ms")
	return err
}

func (b *bench) bytesLimit(ctx context.Context, name string, raw []byte) (*process, error) {
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return nil, err
	}
	return b.limit(ctx, "bytes", path)
}

// page compares the timeline page with a handler that writes the same HTML.
func (b *bench) page(ctx context.Context) error {
	p, err := b.serve(ctx, b.w.data)
	if err != nil {
		return err
	}
	defer p.stop()
	host := strings.TrimPrefix(p.url, "http://")
	raw, err := fetch(p.url+"/musette", "Cookie", "digiwork="+b.w.cookies[0])
	if err != nil {
		return err
	}
	l, err := b.bytesLimit(ctx, "page.html", raw)
	if err != nil {
		return err
	}
	defer l.stop()
	all := make([]request, len(b.w.cookies))
	for i := range all {
		all[i] = get(host, "/musette", "Cookie: digiwork="+b.w.cookies[i]+"\r\n")
	}
	_, _, err = compare(fmt.Sprintf("timeline page of %d, signed in (%d KB)", b.size.each, len(raw)>>10), "2,000/s or 0.25, whichever is less", 32, 200, b.size.round, p, l,
		func(n int64) request { return all[n%int64(len(all))] }, func(int64) request { return get("limit", "/") })
	return err
}

// memory browses with two hundred people and looks at the process.
func (b *bench) memory(ctx context.Context) error {
	p, err := b.serve(ctx, b.w.data)
	if err != nil {
		return err
	}
	defer p.stop()
	host := strings.TrimPrefix(p.url, "http://")
	n := min(200, len(b.w.cookies))
	if _, _, err := load(p, 32, 2*b.size.round, 200, func(i int64) request {
		return get(host, "/musette", "Cookie: digiwork="+b.w.cookies[i%int64(n)]+"\r\n")
	}); err != nil {
		return err
	}
	rss, err := p.resident()
	line(fmt.Sprintf("resident memory, %d people browsing", n), fmt.Sprintf("%d MiB", rss>>20), "", "", "< 300 MiB")
	return err
}

// create compares a durable create with one transaction a request.
func (b *bench) create(ctx context.Context) error {
	p, err := b.serve(ctx, b.w.data)
	if err != nil {
		return err
	}
	defer p.stop()
	host := strings.TrimPrefix(p.url, "http://")
	l, err := b.limit(ctx, "insert", b.dir)
	if err != nil {
		return err
	}
	defer l.stop()
	const body = `{"title":"Comptes du Jardin des Rives","kind":"volunteering","start":"2021-09","organisation":"Jardin des Rives","place":"Saint-Avre","with_whom":"le bureau","purpose":"tenir les comptes","paid":false}`
	run := fmt.Sprint(time.Now().UnixNano())
	next := func(n int64) request {
		return post(host, "/api/v1/activities", body, bearer(b.w.tokens[n%int64(len(b.w.tokens))]), fmt.Sprintf("Idempotency-Key: %s-%d\r\n", run, n))
	}
	_, p99, err := compare("durable create over HTTP, 64 connections", "10,000/s and 3 times one transaction a request", 64, 201, b.size.round, p, l, next,
		func(int64) request { return post("limit", "/", "{}") })
	line("  its 99th percentile, worst round", p99.Round(100*time.Microsecond).String(), "", "", "< 20 ms")
	return err
}

// search opens a musette of five thousand activities and looks for a word.
func (b *bench) search(ctx context.Context) error {
	w, err := seed(ctx, filepath.Join(b.dir, "search"), 1, 5000)
	if err != nil {
		return err
	}
	var took []time.Duration
	for range rounds {
		p, err := b.serve(ctx, w.data) // opened for the first time, each time
		if err != nil {
			return err
		}
		since := time.Now()
		err = postForm(p.url+"/musette", "word=comptes", "digiwork="+w.cookies[0])
		took = append(took, time.Since(since))
		p.stop()
		if err != nil {
			return err
		}
	}
	slices.Sort(took)
	line("open 5,000 activities and search a word", took[rounds/2].Round(time.Millisecond).String(), "", "", "< 50 ms")
	return nil
}

// imports brings in a CV of a hundred entries and a table of ten thousand lines.
func (b *bench) imports(ctx context.Context) error {
	w, err := seed(ctx, filepath.Join(b.dir, "imports"), 2, 1)
	if err != nil {
		return err
	}
	p, err := b.serve(ctx, w.data)
	if err != nil {
		return err
	}
	defer p.stop()
	for i, c := range []struct{ what, name, content, asked string }{
		{"import of a JSON Resume of 100 entries", "cv.json", resume(100), "< 100 ms"},
		{"import of a CSV of 10,000 lines", "a.csv", table(10_000), "< 3 s"},
	} {
		since := time.Now()
		if err := upload(p.url+"/api/v1/imports", w.tokens[i], c.name, c.content); err != nil {
			return err
		}
		line(c.what, time.Since(since).Round(time.Millisecond).String(), "", "", c.asked)
	}
	return nil
}

func resume(n int) string {
	type job struct {
		Name      string `json:"name"`
		Position  string `json:"position"`
		StartDate string `json:"startDate"`
		Summary   string `json:"summary"`
	}
	var all []job
	for i := range n {
		all = append(all, job{fmt.Sprintf("Atelier %d", i), fmt.Sprintf("Poste %d", i), fmt.Sprintf("%d-03-01", 1970+i%50), "Des travaux de reliure et de dorure."})
	}
	raw, err := json.Marshal(map[string]any{"basics": map[string]string{"name": "Awa Exemple"}, "work": all})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func table(n int) string {
	var b strings.Builder
	b.WriteString("titre;début;organisation;récit\n")
	for i := range n {
		fmt.Fprintf(&b, "Mission %d;%d-0%d;Organisation %d;Un récit de quelques mots sur la mission %d\n", i, 1970+i%50, 1+i%9, i%300, i)
	}
	return b.String()
}

func upload(url, token, name, content string) error {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	f, err := m.CreateFormFile("files", name)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(f, content); err != nil {
		return err
	}
	if err := m.Close(); err != nil {
		return err
	}
	return send(http.MethodPost, url, &body, "Content-Type", m.FormDataContentType(), "Authorization", "Bearer "+token)
}

func postForm(url, form, cookie string) error {
	return send(http.MethodPost, url, strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
}

func fetch(url string, header ...string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, url, nil) //nolint:noctx // a measure
	if err != nil {
		return nil, err
	}
	r.Header.Set(header[0], header[1])
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("%s: %s", url, resp.Status))
	}
	return raw, errors.Join(err, resp.Body.Close())
}

func send(method, url string, body io.Reader, headers ...string) error {
	r, err := http.NewRequest(method, url, body) //nolint:noctx // a measure
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 {
		err = errors.Join(err, fmt.Errorf("%s %s: %s %s", method, url, resp.Status, raw[:min(len(raw), 300)]))
	}
	return errors.Join(err, resp.Body.Close())
}
