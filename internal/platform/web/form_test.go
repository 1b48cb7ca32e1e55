package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

func formRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestFormsAreCleanText(t *testing.T) {
	t.Parallel()
	form, err := ReadForm(formRequest("text=un%0D%0Adeux%0Atrois&n=1"))
	if err != nil || form.Get("text") != "un\ndeux\ntrois" {
		t.Errorf("%q, %v", form.Get("text"), err)
	}
	for body, kind := range map[string]kernel.Kind{"text=a%00b": kernel.Invalid, "te%00xt=a": kernel.Invalid, "text=%FF": kernel.Malformed, "text=%zz": kernel.Malformed} {
		if _, err := ReadForm(formRequest(body)); kernel.KindOf(err) != kind {
			t.Errorf("%s: %v", body, err)
		}
	}
	var f *kernel.Fault
	if _, err := ReadForm(formRequest("title=a%00b")); !errors.As(err, &f) || f.Field != "title" {
		t.Errorf("the refusal names no field: %v", err)
	}
}

func TestFormsTooLongAreRefused(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) {
		m.Page("POST /page", func(w http.ResponseWriter, r *http.Request) error {
			form, err := ReadForm(r)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(w, len(form.Get("text")))
			return err
		})
	})
	if w := h.post("/page", url.Values{"text": {strings.Repeat("a", DefaultMaxBody)}}); w.Code != 413 || !strings.Contains(w.Body.String(), "2\u00a0Mo") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.post("/page", url.Values{"text": {strings.Repeat("a", DefaultMaxBody-100)}}); w.Code != 200 {
		t.Errorf("a long form that fits: %d", w.Code)
	}
}

// parts writes a multipart body: name, file name ("" for none), content.
func parts(t *testing.T, all ...[3]string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, p := range all {
		h := textproto.MIMEHeader{}
		d := fmt.Sprintf(`form-data; name=%q`, p[0])
		if p[1] != "-" {
			d += fmt.Sprintf(`; filename=%q`, p[1])
		}
		h.Set("Content-Disposition", d)
		w, err := m.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, p[2])
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return r
}

func TestUploadsStayInMemoryAndWithinLimits(t *testing.T) {
	before, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 20<<20)
	form, files, err := ReadUpload(parts(t, [3]string{"note", "-", "un\r\ndeux"}, [3]string{"files", "a.pdf", "PDF"}, [3]string{"files", "../../b.png", big}, [3]string{"files", "", ""}), Uploads, "files")
	if err != nil {
		t.Fatal(err)
	}
	if form.Get("note") != "un\ndeux" || len(files) != 2 || files[0].Name != "a.pdf" || string(files[0].Body) != "PDF" || files[1].Name != "b.png" || len(files[1].Body) != len(big) {
		t.Errorf("form %v, %d files", form, len(files))
	}
	after, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range after {
		if strings.HasPrefix(e.Name(), "multipart-") {
			t.Errorf("%s was spilled to %s (%d entries before)", e.Name(), os.TempDir(), len(before))
		}
	}
}

func TestUploadsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	small := Limits{File: 10, Total: 15, Files: 2}
	for name, c := range map[string]struct {
		r    *http.Request
		kind kernel.Kind
	}{
		"a file too large":          {parts(t, [3]string{"files", "a", "12345678901"}), kernel.TooLarge},
		"files too large together":  {parts(t, [3]string{"files", "a", "1234567890"}, [3]string{"files", "b", "123456"}), kernel.TooLarge},
		"too many files":            {parts(t, [3]string{"files", "a", "1"}, [3]string{"files", "b", "1"}, [3]string{"files", "c", "1"}), kernel.TooLarge},
		"fields too large":          {parts(t, [3]string{"text", "-", strings.Repeat("x", maxFields+1)}), kernel.TooLarge},
		"another part name":         {parts(t, [3]string{"file", "a", "1"}), kernel.Invalid},
		"a file without a name":     {parts(t, [3]string{"files", "-", "1"}), kernel.Invalid},
		"content without file name": {parts(t, [3]string{"files", "", "1"}), kernel.Invalid},
		"U+0000 in a field":         {parts(t, [3]string{"text", "-", "a\x00b"}), kernel.Invalid},
		"no multipart":              {formRequest("a=b"), kernel.Unsupported},
	} {
		if _, _, err := ReadUpload(c.r, small, "files"); kernel.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	cut := parts(t, [3]string{"files", "a.txt", "12345"})
	raw, err := io.ReadAll(cut.Body)
	if err != nil {
		t.Fatal(err)
	}
	cut.Body = io.NopCloser(bytes.NewReader(raw[:len(raw)-20]))
	if _, _, err := ReadUpload(cut, small, "files"); kernel.KindOf(err) != kernel.Malformed {
		t.Errorf("an upload cut short: %v", err)
	}
	if _, files, err := ReadUpload(parts(t, [3]string{"files", "a", "1234567890"}, [3]string{"files", "b", "12345"}), small, "files"); err != nil || len(files) != 2 {
		t.Errorf("an upload that just fits: %d files, %v", len(files), err)
	}
}

func TestRefusedGathersFieldsOnly(t *testing.T) {
	t.Parallel()
	title := kernel.NewFault(kernel.Invalid, "test.empty").On("title")
	text := kernel.NewFault(kernel.Invalid, "test.long").With("max", 5).On("text")
	rs := Refused(fmt.Errorf("save: %w", errors.Join(title, fmt.Errorf("check: %w", text))))
	ctx := i18n.With(t.Context(), catalog(t))
	if len(rs) != 2 || rs.On(ctx, "title") != "Il manque un titre." || rs.On(ctx, "text") != "Au plus 5 signes." || rs.On(ctx, "other") != "" || rs.Status() != 422 {
		t.Errorf("%v %q", rs, rs.On(ctx, "text"))
	}
	if rs := Refused(errors.Join(title, kernel.NewFault(kernel.Forbidden, "test.closed"))); rs != nil {
		t.Errorf("a refusal of the whole is shown as a field's: %v", rs)
	}
	if Refused(nil) != nil || Refused(errors.New("x")) != nil {
		t.Error("what is no fault is a refusal")
	}
}

func TestDatesOfForms(t *testing.T) {
	t.Parallel()
	form := url.Values{"start": {"mars 2019"}, "end": {"bientôt"}}
	if d, err := Date(form, "start"); err != nil || d != "2019-03" {
		t.Errorf("%q, %v", d, err)
	}
	if _, err := Date(form, "end"); Refused(err) == nil {
		t.Errorf("%v", err)
	}
	if d, err := Date(form, "none"); err != nil || d != "" {
		t.Errorf("%q, %v", d, err)
	}
}
