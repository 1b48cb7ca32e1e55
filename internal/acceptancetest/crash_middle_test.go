package acceptancetest

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"
)

// count walks the pages of activities and gives how many there are, each once.
func (s *server) count(token string) int {
	s.t.Helper()
	seen := map[string]bool{}
	for cursor := ""; ; {
		var page struct {
			Items []made
			Next  string
		}
		s.must(200, &page, "GET", "/api/v1/activities?limit=200&cursor="+cursor, token, nil)
		for _, it := range page.Items {
			if seen[it.ID] {
				s.t.Errorf("%s is listed twice", it.ID)
			}
			seen[it.ID] = true
		}
		if cursor = page.Next; cursor == "" {
			return len(seen)
		}
	}
}

// A kill in the middle of an import leaves whole entries; the same import again
// completes it, and nothing is there twice.
func TestAKillInTheMiddleOfAnImport(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		const lines = 6000
		var csv strings.Builder
		csv.WriteString("titre;début;organisation\n")
		for i := range lines {
			fmt.Fprintf(&csv, "Mission %d;%d;Organisation %d\n", i, 1970+i%50, i)
		}
		body, kind := multipartFile(t, "a.csv", strings.NewReader(csv.String()))
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			_, _, _ = s.try("POST", "/api/v1/imports", token, body, "Content-Type", kind) //nolint:errcheck // it is cut
		}()
		cut := false
		for since := time.Now(); !cut && time.Since(since) < 10*time.Second; {
			var page struct{ Items []made }
			code, text, err := s.try("GET", "/api/v1/activities?limit=1", token, nil)
			if err != nil || code != 200 || decode(text, &page) != nil {
				t.Fatal(code, err, text)
			}
			if len(page.Items) > 0 {
				s.kill9()
				cut = true
			}
		}
		<-answered
		s.kill()
		again := in.serve()
		partly := again.count(token)
		file(t, again, token, "/api/v1/imports", "a.csv", csv.String(), 200)
		if n := again.count(token); n != lines {
			t.Errorf("%d activities after the second try, want %d (%d after the kill)", n, lines, partly)
		}
		if report := file(t, again, token, "/api/v1/imports", "a.csv", csv.String(), 200); !strings.Contains(report, `"created":{}`) {
			t.Error("the third try created something")
		}
	})
}

// A kill in the middle of an upload leaves no piece and nothing half-written.
func TestAKillInTheMiddleOfAnUpload(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		var a made
		s.must(201, &a, "POST", "/api/v1/activities", token, activity("x"))
		from, to := io.Pipe()
		m := multipart.NewWriter(to)
		half := make(chan error, 1)
		go func() {
			w, err := m.CreateFormFile("files", "big.bin")
			if err == nil {
				_, err = w.Write(bytes.Repeat([]byte("evidence "), 1<<18)) // some chunks of it
			}
			half <- err
		}()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/activities/"+a.ID+"/pieces", from)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", m.FormDataContentType())
			r.Header.Set("Authorization", "Bearer "+token)
			if resp, err := client.Do(r); err == nil {
				_ = resp.Body.Close() //nolint:errcheck // it should have failed
				t.Errorf("half a file was answered %d", resp.StatusCode)
			}
		}()
		if err := <-half; err != nil {
			t.Fatal(err)
		}
		s.kill9()
		_ = to.CloseWithError(io.ErrUnexpectedEOF) //nolint:errcheck // a pipe always closes
		<-ended
		s.kill()
		again := in.serve()
		var list struct{ Items []made }
		if again.must(200, &list, "GET", "/api/v1/activities/"+a.ID+"/pieces", token, nil); len(list.Items) != 0 {
			t.Errorf("%d pieces after half an upload", len(list.Items))
		}
		file(t, again, token, "/api/v1/activities/"+a.ID+"/pieces", "big.bin", strings.Repeat("evidence ", 1<<18), 201)
	})
}

// A kill around an erasure leaves her whole or gone, never half: and gone for good
// once it was acknowledged.
func TestAKillAroundAnErasure(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, bob := in.person("bob")
		for i, wait := range []time.Duration{0, 2 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond} {
			handle := fmt.Sprint("ada", i)
			_, token := in.person(handle)
			s := in.serve()
			var a made
			s.must(201, &a, "POST", "/api/v1/activities", token, activity("of hers"))
			acknowledged := make(chan bool, 1)
			go func() {
				code, _, err := s.try("DELETE", "/api/v1/me", token, nil, "Confirm", "erase")
				acknowledged <- err == nil && code == 200
			}()
			time.Sleep(wait) // a kill comes when it comes
			s.kill9()
			done := <-acknowledged
			s.kill()
			again := in.serve()
			code, _ := again.call("GET", "/api/v1/activities/"+a.ID, token, nil)
			if code != 200 && code != 401 || done && code != 401 {
				t.Errorf("acknowledged %v: her activity = %d", done, code)
			}
			again.must(200, nil, "GET", "/api/v1/activities", bob, nil)
			again.stop()
			in.run(0, "doctor")
		}
	})
}

func multipartFile(t *testing.T, name string, r io.Reader) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	w, err := m.CreateFormFile("files", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m.FormDataContentType()
}
