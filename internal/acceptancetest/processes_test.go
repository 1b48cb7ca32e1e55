package acceptancetest

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// A withdrawn link is dead within a second on every process, with a neutral page
// that reads and weighs like the page of a link that never was.
func TestAWithdrawnLinkIsDeadOnEveryProcess(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		first, second := in.serve(), in.serve()
		var a made
		first.must(201, &a, "POST", "/api/v1/activities", token, activity("Comptes du Jardin"))
		path, grant := first.link(token, a.ID)
		for _, s := range []*server{first, second} {
			if text := s.must(200, nil, "GET", path, "", nil); !strings.Contains(text, "Comptes du Jardin") {
				t.Errorf("the face lacks its activity: %s", text)
			}
		}
		first.must(204, nil, "DELETE", "/api/v1/grants/"+grant, token, nil)
		since := time.Now()
		for {
			code, gone := second.call("GET", path, "", nil)
			if code == http.StatusGone {
				_, never := second.call("GET", "/s/"+strings.Repeat("a", 26), "", nil)
				if len(gone) != len(never) {
					t.Errorf("the page of a withdrawn link has %d bytes, of one that never was %d", len(gone), len(never))
				}
				break
			}
			if time.Since(since) > time.Second {
				t.Fatalf("a second after the withdrawal the other process answers %d", code)
			}
		}
		if code, _ := second.call("GET", "/s/"+strings.Repeat("a", 26), "", nil); code != http.StatusNotFound {
			t.Errorf("a link that never was = %d", code)
		}
	})
}

// What a command does is seen by the server at once: an erased person is nobody.
func TestACommandIsSeenByTheServer(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		var a made
		s.must(201, &a, "POST", "/api/v1/activities", token, activity("x"))
		path, _ := s.link(token, a.ID)
		s.must(200, nil, "GET", path, "", nil)
		in.run(2, "person", "erase", "--person", "ada")
		in.run(0, "person", "erase", "--person", "ada", "--yes")
		if code, _ := s.call("GET", "/api/v1/activities/"+a.ID, token, nil); code != http.StatusUnauthorized {
			t.Errorf("her token = %d, want 401", code)
		}
		if code, _ := s.call("GET", path, "", nil); code != http.StatusNotFound && code != http.StatusGone {
			t.Errorf("her link = %d", code)
		}
	})
}

// Keys are rotated while the server runs, and everything stays readable.
func TestKeysRotateUnderARunningServer(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		var a made
		s.must(201, &a, "POST", "/api/v1/activities", token, activity("x"))
		in.run(0, "keys", "add")
		in.run(0, "keys", "rotate")
		in.run(0, "keys", "retire")
		s.must(200, nil, "GET", "/api/v1/activities/"+a.ID, token, nil)
		s.must(201, nil, "POST", "/api/v1/activities", token, activity("y"))
		_, other := in.person("bob")
		s.must(201, nil, "POST", "/api/v1/activities", other, activity("z"))
		s.stop()
		in.serve().must(200, nil, "GET", "/api/v1/activities/"+a.ID, token, nil)
	})
}
