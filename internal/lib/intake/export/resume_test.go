package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"digiwork/internal/lib/intake"

	"pgregory.net/rapid"
)

func contextOf(any) context.Context { return context.Background() }

func csvOf(t *rapid.T, raw []byte) [][]string {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// validator checks a document against the part of JSON Schema (draft 7) that the
// schema of JSON Resume uses.
type validator struct{ root map[string]any }

func (v validator) check(schema map[string]any, value any, path string) error {
	for name, want := range schema {
		var err error
		switch name {
		case "$ref":
			ref, _ := want.(string)
			target, ok := v.root["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
			if !ok {
				return fmt.Errorf("no definition %s", ref)
			}
			err = v.check(target, value, path)
		case "type":
			err = v.typed(want, value, path)
		case "pattern":
			pattern, _ := want.(string)
			if s, ok := value.(string); ok && !regexp.MustCompile(pattern).MatchString(s) {
				err = fmt.Errorf("%s: %q does not match %s", path, s, pattern)
			}
		case "format":
			err = v.format(want, value, path)
		case "properties":
			properties, _ := want.(map[string]any)
			members, _ := value.(map[string]any)
			for k, m := range members {
				if p, ok := properties[k].(map[string]any); ok && err == nil {
					err = v.check(p, m, path+"."+k)
				}
			}
		case "items":
			items, _ := want.(map[string]any)
			list, _ := value.([]any)
			for i, e := range list {
				if err == nil {
					err = v.check(items, e, fmt.Sprintf("%s[%d]", path, i))
				}
			}
		case "additionalProperties":
			if want != true {
				err = fmt.Errorf("%s: additionalProperties %v is not checked here", path, want)
			}
		case "description", "title", "$schema", "definitions", "additionalItems", "$id", "default":
		default:
			err = fmt.Errorf("%s: the keyword %s is not checked here", path, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (validator) typed(want, value any, path string) error {
	is := "null"
	switch value.(type) {
	case string:
		is = "string"
	case map[string]any:
		is = "object"
	case []any:
		is = "array"
	case float64:
		is = "number"
	case bool:
		is = "boolean"
	}
	if is != want {
		return fmt.Errorf("%s is a %s, not a %v", path, is, want)
	}
	return nil
}

func (validator) format(want, value any, path string) error {
	s, _ := value.(string)
	switch want {
	case "uri":
		if u, err := url.Parse(s); err != nil || !u.IsAbs() || strings.ContainsFunc(s, func(r rune) bool { return r >= 0x7f || r <= ' ' }) {
			return fmt.Errorf("%s: %q is no URI", path, s)
		}
	case "email":
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
			return fmt.Errorf("%s: %q is no address", path, s)
		}
	default:
		return fmt.Errorf("%s: the format %v is not checked here", path, want)
	}
	return nil
}

func resumeSchema(t testing.TB) validator {
	t.Helper()
	raw, err := os.ReadFile("testdata/jsonresume-schema-1.3.1.json")
	if err != nil {
		t.Fatal(err)
	}
	var v validator
	if err := json.Unmarshal(raw, &v.root); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v validator) valid(raw []byte) error {
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	return v.check(v.root, doc, "$")
}

func TestTheValidatorRefusesWhatTheSchemaRefuses(t *testing.T) {
	v := resumeSchema(t)
	for _, bad := range []string{`{"work":{}}`, `{"work":[{"startDate":"mars 2019"}]}`, `{"basics":{"url":"x y"}}`, `{"basics":{"email":"x"}}`, `[]`, `{"skills":[{"keywords":[1]}]}`} {
		if v.valid([]byte(bad)) == nil {
			t.Errorf("%s passed", bad)
		}
	}
	if err := v.valid([]byte(`{"basics":{"name":"Awa","url":"https://exemple.invalid"},"work":[{"startDate":"2019-03","kind":"mission"}]}`)); err != nil {
		t.Error(err)
	}
}

func TestTheResumeIsValidAndComesBack(t *testing.T) {
	v := resumeSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		all := activities(t)
		all = append(all,
			intake.Entry{Kind: intake.KindDocument, Type: rapid.SampledFrom([]string{intake.TypeAward, intake.TypeCertificate, intake.TypeLicence, intake.TypePublication, intake.TypeReference}).Draw(t, "document"), Title: short(lines.Draw(t, "document title"), 200), Start: days.Draw(t, "document date"), URL: "javascript:alert(1)"},
			intake.Entry{Kind: intake.KindSkill, Title: short(lines.Draw(t, "skill"), 200), Tags: words.Draw(t, "keywords")},
			intake.Entry{Kind: intake.KindLanguage, Title: short(lines.Draw(t, "language"), 200)},
			intake.Entry{Kind: intake.KindContact, Title: "Somebody else", Card: &intake.Card{Emails: []string{"somebody@exemple.invalid"}}},
		)
		profile := intake.Entry{
			Kind: intake.KindProfile, Title: short(lines.Draw(t, "name"), 200), Narrative: prose.Draw(t, "about"), URL: maybe.Draw(t, "site"),
			Card: &intake.Card{Emails: []string{maybe.Draw(t, "mail"), "awa@exemple.invalid"}, Country: "FR"},
		}
		var b bytes.Buffer
		if err := JSONResume(&b, profile, all); err != nil {
			t.Fatal(err)
		}
		if err := v.valid(b.Bytes()); err != nil {
			t.Fatalf("%v in %s", err, b.String())
		}
		if strings.Contains(b.String(), "omebody") || strings.Contains(b.String(), "javascript:") {
			t.Fatalf("%s", b.String())
		}
		r := back(t, t, b.Bytes(), intake.FormatJSONResume)
		keys := map[string]intake.Entry{}
		for _, e := range r.Entries {
			keys[e.Key] = e
		}
		for _, e := range all {
			if e.Kind == intake.KindContact {
				continue
			}
			got, ok := keys[intake.KeyOf(&e)]
			if e.Type == intake.TypeLicence || e.Type == intake.TypeReference {
				continue // a licence comes back as a certificate, a reference without its date
			}
			if !ok || got.Title != e.Title || got.Start != e.Start || e.Kind == intake.KindActivity && (got.End != e.End || got.Organisation != e.Organisation || got.Narrative != e.Narrative || got.Type != e.Type) {
				t.Fatalf("wrote %+v\nread  %+v\nas %s", e, got, b.String())
			}
		}
	})
}

func TestAnEmptyResumeIsValid(t *testing.T) {
	var b bytes.Buffer
	if err := JSONResume(&b, intake.Entry{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := resumeSchema(t).valid(b.Bytes()); err != nil {
		t.Error(err)
	}
}
