package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/testkit/browser"
)

// board is a list that grows, and tells who looks at it.
type board struct {
	mu      sync.Mutex
	lines   []string
	closed  bool
	readers []chan struct{}
}

func (b *board) add(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line)
	for _, c := range b.readers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (b *board) subscribe() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan struct{}, 1)
	b.readers = append(b.readers, c)
	return c
}

// cut ends every stream, as a server that stops.
func (b *board) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.readers {
		close(c)
	}
	b.readers = nil
}

func (b *board) since(_ context.Context, after string) ([]News, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, kernel.NewFault(kernel.NotFound, "test.closed")
	}
	from, _ := strconv.Atoi(after) //nolint:errcheck // nothing read yet is 0
	var news []News
	for i := from; i < len(b.lines); i++ {
		news = append(news, News{ID: strconv.Itoa(i + 1), Body: raw("<li>" + b.lines[i] + "</li>")})
	}
	return news, nil
}

// liveSite serves b; patience is the server's own limit for an answer.
func liveSite(t *testing.T, b *board, patience time.Duration) *httptest.Server {
	t.Helper()
	h := build(t, func(m *Mux) {
		m.Handle("GET /assets/", asset.Handler())
		m.Page("GET /table", shows(Page{Title: "Table", Live: true}, raw(`<ul id="lines"></ul><div hx-sse:connect="/live?after=0" hx-target="#lines" hx-swap="beforeend"></div>`)))
		m.Page("GET /live", func(w http.ResponseWriter, r *http.Request) error {
			return Live(w, r, b.subscribe(), b.since)
		})
	})
	s := httptest.NewUnstartedServer(h.handler)
	s.Config.WriteTimeout = patience
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func listen(t *testing.T, s *httptest.Server, last string) *bufio.Scanner {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", last)
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || !strings.HasPrefix(got, "text/event-stream") {
		t.Fatalf("%d %s", resp.StatusCode, got)
	}
	return bufio.NewScanner(resp.Body)
}

func until(t *testing.T, lines *bufio.Scanner, end string) (all []string) {
	t.Helper()
	for lines.Scan() {
		all = append(all, lines.Text())
		if lines.Text() == end {
			return all
		}
	}
	t.Fatalf("the stream ended before %q: %q %v", end, all, lines.Err())
	return nil
}

func TestAStreamSaysWhatIsNewAndGoesOnAfterACut(t *testing.T) {
	b := &board{}
	s := liveSite(t, b, 1) // a nanosecond: only a stream that sets its own deadline answers
	b.add("one")
	lines := listen(t, s, "")
	until(t, lines, "data: <li>one</li>")
	b.add("two\r\nin\rthree lines")
	got := until(t, lines, "data: three lines</li>")
	want := []string{"", "retry: 100", "id: 2", "data: <li>two", "data: in", "data: three lines</li>"}
	if !slices.Equal(got, want) {
		t.Errorf("said %q, want %q", got, want)
	}
	again := listen(t, s, "1")
	if got := until(t, again, "id: 2"); slices.Contains(got, "id: 1") {
		t.Errorf("said again what had been read: %q", got)
	}
	b.cut()
	for again.Scan() { //nolint:revive // to its end: a stream that goes on would hang here
	}
	if err := again.Err(); err != nil {
		t.Errorf("the stream was cut badly: %v", err)
	}
}

func TestAStreamEndsWhenItsReaderMayNoLongerKnow(t *testing.T) {
	b := &board{}
	s := liveSite(t, b, time.Minute)
	b.add("one")
	lines := listen(t, s, "")
	until(t, lines, "data: <li>one</li>")
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.add("secret")
	var rest []string
	for lines.Scan() {
		rest = append(rest, lines.Text())
	}
	if strings.Contains(strings.Join(rest, ""), "secret") || lines.Err() != nil {
		t.Errorf("after the end: %q %v", rest, lines.Err())
	}
	resp, err := s.Client().Get(s.URL + "/live") //nolint:noctx // the server ends with the test
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read whole
	if body, err := io.ReadAll(resp.Body); resp.StatusCode != 404 || err != nil || strings.Contains(string(body), "data:") {
		t.Errorf("a stream that is refused: %d %s", resp.StatusCode, body)
	}
}

func TestAPageLivesInABrowser(t *testing.T) {
	b := &board{}
	_, _ = serve(t, ada) // skips where the front-end files are missing
	s := liveSite(t, b, time.Minute)
	tab := browser.Open(t)
	tab.Go(s.URL + "/table")
	b.add("un")
	tab.See("un")
	b.add("deux")
	tab.See("deux")
	b.cut()
	b.add("trois")
	tab.See("trois")
	if got := tab.Texts("#lines li"); fmt.Sprint(got) != "[un deux trois]" {
		t.Errorf("the page shows %q", got)
	}
	if c := tab.Complaints(); len(c) > 0 {
		t.Errorf("the browser complains: %q", c)
	}
}
