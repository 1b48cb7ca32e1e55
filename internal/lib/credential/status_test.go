package credential

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/statuslist"
)

const listAddress = "https://a.example/status/1"

func entry(purpose string) string {
	e, err := json.Marshal(statuslist.NewEntry(listAddress, purpose, 42))
	if err != nil {
		panic(err)
	}
	return `, "credentialStatus": ` + string(e)
}

// list is a signed list with one bit.
func list(t testing.TB, by Issuer, purpose string, on bool, until string) []byte {
	t.Helper()
	l := statuslist.New(0)
	if err := l.Set(42, on); err != nil {
		t.Fatal(err)
	}
	c, err := statuslist.Credential(listAddress, by.ID, purpose, l, "2026-01-01T00:00:00Z", until)
	if err != nil {
		t.Fatal(err)
	}
	out, err := IssueObject(c, by, IssueOptions{At: now})
	if err != nil {
		t.Fatal(err)
	}
	return out.Text
}

func TestStatus(t *testing.T) {
	needed(t)
	by, other := issuer(t, 1), issuer(t, 2)
	good := list(t, by, statuslist.Revocation, false, "")
	for _, c := range []struct {
		name, purpose string
		list          []byte
		valid         bool
		want          string
	}{
		{"not at hand", statuslist.Revocation, nil, false, "?status.absent"},
		{"unset", statuslist.Revocation, good, true, "+status.ok"},
		{"revoked", statuslist.Revocation, list(t, by, statuslist.Revocation, true, ""), false, "-status.revoked"},
		{"suspended", statuslist.Suspension, list(t, by, statuslist.Suspension, true, ""), false, "-status.suspended"},
		{"another purpose", statuslist.Suspension, good, false, "-status.list"},
		{"another's list", statuslist.Revocation, list(t, other, statuslist.Revocation, false, ""), false, "?status.other"},
		{"an old list", statuslist.Revocation, list(t, by, statuslist.Revocation, false, "2026-10-01T00:00:00Z"), false, "?status.old"},
		{"a forged list", statuslist.Revocation, bytes.Replace(good, []byte("2026-01-01"), []byte("2026-01-02"), 1), false, "?status.forged"},
	} {
		lib := &Library{}
		if c.list != nil {
			if err := lib.Add("list.json", c.list); err != nil {
				t.Fatal(err)
			}
		}
		out := issue(t, badge(entry(c.purpose)), by, IssueOptions{})
		expectCodes(t, c.name, Verify(out.Text, Options{At: now, With: lib}), c.valid, c.want)
	}
}

func TestAnArchiveKeepsItsDates(t *testing.T) {
	needed(t)
	lib := &Library{}
	by := webIssuer(t, lib, 1, nil)
	doc, err := did.Make(by.ID, []did.Entry{{Fragment: "k", Key: by.Key.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	pack := func(sources string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, content := range map[string]string{
			"credentials/sources.json": sources, "credentials/1.json": string(text),
			"credentials/2.json": string(list(t, by, statuslist.Revocation, false, "")),
		} {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(content)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	archive := &Library{}
	good := `{"documents": [{"address": "did:web:a.example", "file": "1.json", "known_at": "2026-10-01T00:00:00Z"},
		{"address": "` + listAddress + `", "file": "2.json", "known_at": "2026-10-02T00:00:00Z"}]}`
	if err := archive.Add("musette.zip", pack(good)); err != nil {
		t.Fatal(err)
	}
	out := issue(t, badge(entry(statuslist.Revocation)), by, IssueOptions{})
	r := Verify(out.Text, Options{At: now, With: archive, Lang: "en"})
	expectCodes(t, "archive", r, true, "+issuer.known", "+status.known")
	if d := r.Get(CheckIssuer).Detail; !strings.Contains(d, "2026-10-01") {
		t.Errorf("the date is missing: %s", d)
	}
	// What a credential needs is found, packed and read again by the same rules.
	needs := Needs(out.Text)
	if want := []string{by.ID, listAddress, ContextOB3, ContextV2}; len(needs) != len(want) {
		t.Errorf("needs %v", needs)
	}
	packed := map[string]Document{}
	for i, address := range needs {
		d, ok := archive.Find(address)
		if !ok {
			t.Fatalf("%s is not found", address)
		}
		packed[fmt.Sprint(i, ".json")] = d
	}
	sources, err := WriteSources(packed, now)
	if err != nil || !strings.Contains(string(sources), "2026-10-02T00:00:00Z") || !strings.Contains(string(sources), ContextOB3) {
		t.Errorf("%s %v", sources, err)
	}
	again := &Library{}
	for _, d := range packed {
		if err := again.AddDocument(d.Address, d.Text, d.Since); err != nil {
			t.Fatal(err)
		}
	}
	expectCodes(t, "packed again", Verify(out.Text, Options{At: now, With: again}), true, "+issuer.known")
	for _, bad := range []string{`{}[]`, strings.Replace(good, "1.json", "3.json", 1), strings.Replace(good, "2026-10-01T", "", 1)} {
		if err := (&Library{}).Add("musette.zip", pack(bad)); !errors.Is(err, ErrSource) {
			t.Errorf("%.40s: %v", bad, err)
		}
	}
	for _, bad := range []string{"PK\x03\x04", "plain text", `"text"`, "[1]", "eyJ.eyJ.x"} {
		if err := (&Library{}).Add("file", []byte(bad)); !errors.Is(err, ErrSource) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// listOf is a list with one bit, signed by a key that nobody vouches for.
func listOf(t testing.TB, index int, on bool, address string) map[string]any {
	t.Helper()
	l := statuslist.New(0)
	if err := l.Set(index, on); err != nil {
		t.Fatal(err)
	}
	m, err := did.Multikey(key(9).Public())
	if err != nil {
		t.Fatal(err)
	}
	by := Issuer{ID: "https://list.example/", Key: key(9), Method: "https://list.example/#" + m}
	c, err := statuslist.Credential(address, by.ID, statuslist.Revocation, l, "2026-01-01T00:00:00Z", "")
	if err != nil {
		t.Fatal(err)
	}
	out, err := IssueObject(c, by, IssueOptions{At: now})
	if err != nil {
		t.Fatal(err)
	}
	return out.Credential
}

// A document speaks for the address it was found at, not for whom it says it is.
func TestADocumentSpeaksForItsAddressOnly(t *testing.T) {
	needed(t)
	by := webIssuer(t, nil, 1, nil)
	doc, err := did.Make(by.ID, []did.Entry{{Fragment: "k", Key: by.Key.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	out := issue(t, badge(""), by, IssueOptions{})
	for address, valid := range map[string]bool{
		"https://a.example/.well-known/did.json": true, "did:web:a.example": true,
		"https://b.example/.well-known/did.json": false, "did:web:b.example": false,
	} {
		lib := &Library{}
		if err := lib.AddDocument(address, text, now); err != nil {
			t.Fatal(err)
		}
		if r := Verify(out.Text, Options{At: now, With: lib}); r.Valid != valid {
			t.Errorf("found at %s: %s", address, answers(r))
		}
	}
}
