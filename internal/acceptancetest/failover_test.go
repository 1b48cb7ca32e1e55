package acceptancetest

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// writers write activities without a pause, each with its own key, and repeat the one
// that was not acknowledged until it is.
type writers struct {
	s     *server
	token string

	mu           sync.Mutex
	acknowledged map[string]string // title to id
	refused      atomic.Int64
	stop         chan struct{}
	wg           sync.WaitGroup
}

func (s *server) writers(token string, n int) *writers {
	w := &writers{s: s, token: token, acknowledged: map[string]string{}, stop: make(chan struct{})}
	for i := range n {
		w.wg.Go(func() {
			for j := 0; ; j++ {
				if !w.write(fmt.Sprintf("write %d of %d", j, i)) {
					return
				}
			}
		})
	}
	return w
}

// write repeats one writing with its key until it is acknowledged; false at the end.
func (w *writers) write(title string) bool {
	key := fmt.Sprintf("%x", title)
	for {
		select {
		case <-w.stop:
			return false
		default:
		}
		resp, text, err := w.s.ask(w.s.t.Context(), "POST", "/api/v1/activities", w.token, activity(title), "Idempotency-Key", key)
		switch {
		case err != nil:
			w.s.t.Errorf("%s: %v", title, err)
			return false
		case resp.StatusCode == http.StatusCreated:
			var a made
			if err := decode(text, &a); err != nil {
				w.s.t.Error(err)
			}
			w.mu.Lock()
			w.acknowledged[title] = a.ID
			w.mu.Unlock()
			return true
		case resp.StatusCode == http.StatusConflict && resp.Header.Get("Retry-After") != "": // it is being done
		case resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || resp.Header.Get("Content-Type") != "application/problem+json":
			w.s.t.Errorf("%s: %d, Retry-After %q, %s", title, resp.StatusCode, resp.Header.Get("Retry-After"), text)
			return false
		default:
			w.refused.Add(1)
		}
	}
}

// more waits until as many more writings were acknowledged.
func (w *writers) more(n int) {
	w.s.t.Helper()
	count := func() int { w.mu.Lock(); defer w.mu.Unlock(); return len(w.acknowledged) }
	from := count()
	for end := time.Now().Add(60 * time.Second); count() < from+n; {
		if time.Now().After(end) {
			w.s.t.Fatalf("only %d of %d writings in a minute\n%s", count()-from, n, w.s.log)
		}
		time.Sleep(time.Millisecond)
	}
}

// end stops writing, and checks that each acknowledged one is there, once.
func (w *writers) end() {
	w.s.t.Helper()
	close(w.stop)
	w.wg.Wait()
	titles := map[string]int{}
	for cursor := ""; ; {
		var page struct {
			Items []struct{ ID, Title string }
			Next  string
		}
		w.s.must(200, &page, "GET", "/api/v1/activities?limit=200&cursor="+cursor, w.token, nil)
		for _, a := range page.Items {
			titles[a.Title]++
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for title, id := range w.acknowledged {
		if titles[title] != 1 {
			w.s.t.Errorf("%q (%s) was acknowledged and is there %d times", title, id, titles[title])
		}
	}
	w.s.t.Logf("%d acknowledged, %d told to wait", len(w.acknowledged), w.refused.Load())
}

// again waits until a page answers as it should, without a new start.
func (s *server) again(path string) {
	s.t.Helper()
	code := 0
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if code, _ = s.call("GET", path, "", nil); code == http.StatusOK {
			return
		}
	}
	s.t.Errorf("%s still answers %d\n%s", path, code, s.log)
}

// The server of PostgreSQL crashes under the program and comes back: meanwhile people
// are told to wait, nobody sees what cannot be confirmed, and no promise is broken.
func TestPostgreSQLCrashesAndComesBack(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.init()
	c.start()
	in := instance{t: t, where: address(c), data: t.TempDir()}
	_, token := in.person("ada")
	s := in.serve()
	path, _ := s.link(token, s.add(token, "shown"))
	s.must(200, nil, "GET", path, "", nil)
	w := s.writers(token, 4)
	w.more(50)
	c.stop()
	s.unavailable("GET", "/api/v1/activities", token, nil, "db.away")
	for _, page := range []string{path, "/sign-in", "/readyz"} {
		resp, text, err := s.ask(t.Context(), "GET", page, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if page != "/sign-in" && (resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "") {
			t.Errorf("GET %s = %d, Retry-After %q while nobody can confirm\n%s", page, resp.StatusCode, resp.Header.Get("Retry-After"), text)
		}
		if resp.StatusCode >= 500 && resp.StatusCode != 503 {
			t.Errorf("GET %s = %d\n%s", page, resp.StatusCode, s.log)
		}
	}
	s.must(200, nil, "GET", "/healthz", "", nil)
	if _, said := in.run(1, "token", "create", "--person", "ada"); said == "" {
		t.Error("a command said nothing")
	}
	c.start()
	w.more(50)
	w.end()
	if w.refused.Load() == 0 {
		t.Error("nobody was told to wait: the crash was not seen")
	}
	s.again(path)
	s.again("/readyz")
	s.stop()
}

// The primary is lost and its standby takes over: with both in its address the
// program follows, and nothing acknowledged is lost.
func TestTheProgramFollowsThePrimary(t *testing.T) {
	t.Parallel()
	first, second := newCluster(t), newCluster(t)
	first.init()
	first.start()
	second.follow(first)
	second.start()
	first.do("psql", "-h", "127.0.0.1", "-p", first.port, "-U", "postgres", "-c", "alter system set synchronous_standby_names = '*'", "-c", "select pg_reload_conf()")
	in := instance{t: t, where: address(first, second), data: t.TempDir()}
	_, token := in.person("ada")
	s := in.serve()
	path, _ := s.link(token, s.add(token, "shown"))
	w := s.writers(token, 4)
	w.more(50)
	first.stop()
	second.promote()
	w.more(50)
	w.end()
	s.again(path)
	in.run(0, "doctor")
	s.stop()
}
