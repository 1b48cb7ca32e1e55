package credential

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/credential/baking"
	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/lib/credential/jose"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/multibase"
)

var now = time.Date(2026, 11, 1, 9, 0, 1, 0, time.UTC)

func key(seed byte) crypto.Signer {
	s := make([]byte, 32)
	s[0] = seed
	return ed25519.NewKeyFromSeed(s)
}

func issuer(t testing.TB, seed byte) Issuer {
	t.Helper()
	by, err := KeyIssuer(key(seed))
	if err != nil {
		t.Fatal(err)
	}
	return by
}

// badge is an unsigned Open Badge 3.0; more is put before its end.
func badge(more string) []byte {
	return []byte(`{"@context": ["` + ContextV2 + `", "` + ContextOB3 + `"],
	"id": "urn:uuid:6f1c3e9a-5d0b-4c39-9d57-0d2f6a3f7b10", "type": ["VerifiableCredential", "OpenBadgeCredential"],
	"issuer": {"id": "https://replaced.example/", "type": ["Profile"], "name": "Atelier de Brest"},
	"validFrom": "2026-01-02T03:04:05Z", "name": "Reliure",
	"credentialSubject": {"id": "did:example:anne", "type": ["AchievementSubject"], "achievement": {
		"id": "urn:uuid:0d3c2a51-7f0e-4a55-8f43-7f8a1c1b9a21", "type": ["Achievement"], "achievementType": "Competency",
		"name": "Coudre un cahier", "description": "Coudre un cahier à la main.",
		"criteria": {"id": "urn:uuid:7b1e7f55-1b1f-4b0f-8a0d-0a5b3c8d9e77", "narrative": "Trois cahiers cousus devant un pair."}}}` + more + `}`)
}

func issue(t testing.TB, text []byte, by Issuer, o IssueOptions) Issued {
	t.Helper()
	o.At = now
	out, err := Issue(text, by, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// answers writes a report in short: + true, - false, ? not decided.
func answers(r Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		sign := "?"
		if c.OK != nil {
			sign = map[bool]string{true: "+", false: "-"}[*c.OK]
		}
		b.WriteString(sign + c.Code + " ")
	}
	return fmt.Sprint(r.Valid, " ", strings.TrimSpace(b.String()))
}

func expectCodes(t *testing.T, name string, r Report, valid bool, codes ...string) {
	t.Helper()
	got := answers(r)
	if r.Valid != valid {
		t.Errorf("%s: %s", name, got)
	}
	for _, c := range codes {
		if !strings.Contains(got+" ", c+" ") {
			t.Errorf("%s: %s is missing: %s", name, c, got)
		}
	}
	if len(r.Checks) != len(order) {
		t.Errorf("%s: %d checks", name, len(r.Checks))
	}
	for _, c := range r.Checks {
		if c.Detail == "" || strings.Contains(c.Detail, "{") {
			t.Errorf("%s: %s says %q", name, c.Code, c.Detail)
		}
	}
}

func TestABadgeOfOursIsValidInEveryForm(t *testing.T) {
	needed(t)
	by := issuer(t, 1)
	for name, o := range map[string]IssueOptions{
		FormatLD: {}, "rdfc": {Suites: []string{integrity.EdDSARDFC}}, "jcs": {Suites: []string{integrity.EdDSAJCS}},
		FormatJWT: {Format: FormatJWT}, FormatSDJWT: {Format: FormatSDJWT},
	} {
		out := issue(t, badge(""), by, o)
		r := Verify(out.Text, Options{At: now, Lang: "en"})
		expectCodes(t, name, r, true, "+proof.ok", "+issuer.ok", "+context.ok", "+schema.ok", "?status.none")
		if r.Issuer.ID != by.ID || r.Issuer.Name != "Atelier de Brest" || len(r.Type) != 2 || r.Subject == nil || r.Format != out.Format {
			t.Errorf("%s: %+v", name, r)
		}
		svg, err := baking.Bake([]byte(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`), string(out.Text))
		if err != nil {
			t.Fatal(err)
		}
		expectCodes(t, name+", baked", Verify(svg, Options{At: now}), true)
	}
}

func TestEverySingleChangeIsSeen(t *testing.T) {
	needed(t)
	by := issuer(t, 1)
	out := issue(t, badge(`, "validUntil": "2027-01-01T00:00:00Z"`), by, IssueOptions{})
	var paths [][]any
	var walk func(v any, path []any)
	walk = func(v any, path []any) {
		switch x := v.(type) {
		case map[string]any:
			for k, e := range x {
				walk(e, append(append([]any{}, path...), k))
			}
		case []any:
			for i, e := range x {
				walk(e, append(append([]any{}, path...), i))
			}
		default:
			paths = append(paths, path)
		}
	}
	walk(out.Credential, nil)
	if len(paths) < 30 {
		t.Fatalf("%d places to change", len(paths))
	}
	for _, path := range paths {
		doc := ijson.Clone(out.Credential).(map[string]any)
		var at any = doc
		for _, step := range path[:len(path)-1] {
			at = into(at, step)
		}
		last := path[len(path)-1]
		switch x := at.(type) {
		case map[string]any:
			x[last.(string)] = x[last.(string)].(string) + "x"
		case []any:
			x[last.(int)] = x[last.(int)].(string) + "x"
		}
		if r := VerifyObject(doc, Options{At: now}); r.Valid {
			t.Errorf("%v changed: %s", path, answers(r))
		}
	}
}

func into(v any, step any) any {
	if m, ok := v.(map[string]any); ok {
		return m[step.(string)]
	}
	return v.([]any)[step.(int)]
}

// webIssuer signs as a did:web; its document is at hand when lib is given.
func webIssuer(t testing.TB, lib *Library, seed byte, change func(doc map[string]any)) Issuer {
	t.Helper()
	by := Issuer{ID: "did:web:a.example", Key: key(seed), Method: "did:web:a.example#k"}
	if lib == nil {
		return by
	}
	doc, err := did.Make(by.ID, []did.Entry{{Fragment: "k", Key: by.Key.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(doc)
	}
	add(t, lib, "did.json", doc)
	return by
}

func add(t testing.TB, lib *Library, name string, doc any) {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := lib.Add(name, text); err != nil {
		t.Fatal(err)
	}
}

func TestTheIssuerIsKnownByItsDocument(t *testing.T) {
	needed(t)
	for _, c := range []struct {
		name   string
		lib    *Library
		change func(map[string]any)
		valid  bool
		want   string
	}{
		{"at hand", &Library{}, nil, true, "+issuer.ok"},
		{"not at hand", nil, nil, false, "?proof.absent"},
		{"not listed", &Library{}, func(d map[string]any) { d["assertionMethod"] = []any{} }, false, "?issuer.no_proof"},
		{"revoked", &Library{}, func(d map[string]any) {
			d["verificationMethod"].([]any)[0].(map[string]any)["revoked"] = "2026-01-01T00:00:00Z"
		}, false, "-issuer.revoked"},
		{"of somebody else", &Library{}, func(d map[string]any) { d["id"] = "did:web:b.example" }, false, "?proof.absent"},
	} {
		for _, format := range []string{FormatLD, FormatJWT} {
			out := issue(t, badge(""), webIssuer(t, c.lib, 1, c.change), IssueOptions{Format: format})
			expectCodes(t, c.name+" "+format, Verify(out.Text, Options{At: now, With: c.lib}), c.valid, c.want)
		}
	}
	// Another's key, written in the issuer's name.
	lib := &Library{}
	webIssuer(t, lib, 1, nil)
	thief := issuer(t, 2)
	out := issue(t, badge(""), Issuer{ID: "did:web:a.example", Key: thief.Key, Method: thief.Method}, IssueOptions{})
	expectCodes(t, "a thief", Verify(out.Text, Options{At: now, With: lib}), false, "+proof.ok", "-issuer.not_listed")
	expectCodes(t, "a thief, document not at hand", Verify(out.Text, Options{At: now}), false, "+proof.ok", "?issuer.other")
	// A key written in an address proves nothing about the issuer.
	m, err := did.Multikey(key(2).Public())
	if err != nil {
		t.Fatal(err)
	}
	out = issue(t, badge(""), Issuer{ID: "https://a.example/i", Key: key(2), Method: "https://a.example/i#" + m}, IssueOptions{})
	expectCodes(t, "a key in an address", Verify(out.Text, Options{At: now}), false, "+proof.ok", "?issuer.absent")
	// A token that brings its own key.
	jwk, err := did.JWK(key(2).Public())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := ijson.Object(badge(""), ijson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc["issuer"] = "did:web:a.example"
	doc["iss"] = "did:web:a.example"
	token, err := jose.Sign(map[string]any{"jwk": jwk}, doc, key(2))
	if err != nil {
		t.Fatal(err)
	}
	expectCodes(t, "a key in a token", Verify([]byte(token), Options{At: now}), false, "+proof.ok", "?issuer.absent")
	expectCodes(t, "a thief's key in a token", Verify([]byte(token), Options{At: now, With: lib}), false, "+proof.ok", "-issuer.not_listed")
}

func TestTime(t *testing.T) {
	needed(t)
	by := issuer(t, 1)
	for _, format := range []string{FormatLD, FormatJWT} {
		out := issue(t, badge(`, "validUntil": "2026-12-31T00:00:00Z"`), by, IssueOptions{Format: format})
		for at, c := range map[string]struct {
			valid bool
			want  string
		}{
			"2026-01-02T03:04:04Z": {false, "?expiry.early"}, "2026-01-02T03:04:05Z": {true, "+expiry.until"},
			"2026-12-30T23:59:59Z": {true, "+expiry.until"}, "2026-12-31T00:00:00Z": {false, "-expiry.over"},
		} {
			moment, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			expectCodes(t, format+" "+at, Verify(out.Text, Options{At: moment}), c.valid, c.want)
		}
	}
}

func TestASuppliedContextMayNotChangeAPinnedOne(t *testing.T) {
	needed(t)
	lib := &Library{}
	add(t, lib, "ctx.json", map[string]any{"documentUrl": ContextV2, "document": map[string]any{"@context": map[string]any{"@vocab": "https://evil.example/"}}})
	add(t, lib, "more.json", map[string]any{"documentUrl": "https://ctx.example/more", "document": map[string]any{"@context": map[string]any{"more": "https://ctx.example/#more"}}})
	text := bytes.Replace(badge(`, "more": "x"`), []byte(ContextOB3+`"`), []byte(ContextOB3+`", "https://ctx.example/more"`), 1)
	by := issuer(t, 1)
	if _, err := Issue(text, by, IssueOptions{At: now}); err == nil {
		t.Error("an unknown context is signed")
	}
	out := issue(t, text, by, IssueOptions{With: lib})
	expectCodes(t, "with the context", Verify(out.Text, Options{At: now, With: lib}), true)
	expectCodes(t, "without", Verify(out.Text, Options{At: now}), false, "?context.unknown")
	if _, err := Issue(badge(`, "other": "x"`), by, IssueOptions{At: now, With: lib}); err == nil {
		t.Error("the pinned context was replaced")
	}
}

func TestRelatedResourcesAreCompared(t *testing.T) {
	needed(t)
	by := issuer(t, 1)
	const right = "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"
	resource := func(digest string) []byte {
		return badge(`, "relatedResource": {"id": "` + ContextV2 + `", "digestSRI": "` + digest + `"}`)
	}
	expectCodes(t, "right", Verify(issue(t, resource(right), by, IssueOptions{}).Text, Options{At: now}), true)
	_, err := Issue(resource(strings.Replace(right, "l/H", "m/H", 1)), by, IssueOptions{At: now})
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Check.Code != "context.digest" {
		t.Errorf("another digest: %v", err)
	}
}

func TestAPresentationIsForItsOccasion(t *testing.T) {
	needed(t)
	by, holder := issuer(t, 1), issuer(t, 2)
	out := issue(t, badge(""), by, IssueOptions{})
	vp := map[string]any{"@context": []any{ContextV2}, "type": []any{"VerifiablePresentation"}, "verifiableCredential": []any{out.Credential}}
	for _, suite := range []string{integrity.EdDSARDFC, integrity.EdDSAJCS} {
		signed, err := Present(vp, holder, suite, "a.example", "once", now, nil)
		if err != nil {
			t.Fatal(err)
		}
		good := Options{At: now, Domain: "a.example", Challenge: "once"}
		expectCodes(t, "as made", VerifyPresentationObject(signed, good), true, "+endorsement.ok")
		other := good
		other.Challenge = "twice"
		expectCodes(t, "another occasion", VerifyPresentationObject(signed, other), false, "-proof.occasion")
		other = good
		other.Domain = "b.example"
		expectCodes(t, "another recipient", VerifyPresentationObject(signed, other), false, "-proof.occasion")
		stolen := ijson.Clone(signed).(map[string]any)
		stolen["holder"] = by.ID
		if r := VerifyPresentationObject(stolen, good); r.Valid {
			t.Errorf("another holder: %s", answers(r))
		}
		wrong := ijson.Clone(vp).(map[string]any)
		wrong["verifiableCredential"].([]any)[0].(map[string]any)["name"] = "Dorure"
		if signed, err = Present(wrong, holder, suite, "a.example", "once", now, nil); err != nil {
			t.Fatal(err)
		}
		expectCodes(t, "a changed credential", VerifyPresentationObject(signed, good), false, "-endorsement.invalid")
	}
	expectCodes(t, "unsigned", VerifyPresentationObject(vp, Options{At: now}), false, "?proof.none")
}

func TestEndorsementsInsideCount(t *testing.T) {
	needed(t)
	by, peer := issuer(t, 1), issuer(t, 2)
	text := `{"@context": ["` + ContextV2 + `", "` + ContextOB3 + `"], "id": "urn:uuid:1f1c3e9a-5d0b-4c39-9d57-0d2f6a3f7b11",
		"type": ["VerifiableCredential", "EndorsementCredential"], "name": "Parole d'une collègue", "issuer": {"type": ["Profile"]},
		"validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"id": "urn:uuid:0d3c2a51-7f0e-4a55-8f43-7f8a1c1b9a21",
		"type": ["EndorsementSubject"], "endorsementComment": "Je l'ai vue coudre."}}`
	inner := issue(t, []byte(text), peer, IssueOptions{})
	expectCodes(t, "alone", Verify(inner.Text, Options{At: now}), true)
	out := issue(t, badge(`, "endorsement": [`+string(inner.Text)+`]`), by, IssueOptions{})
	r := Verify(out.Text, Options{At: now})
	expectCodes(t, "inside", r, true, "+endorsement.ok")
	if len(r.Inner) != 1 || r.Inner[0].Issuer.ID != peer.ID {
		t.Errorf("inner reports: %+v", r.Inner)
	}
	changed := bytes.Replace(inner.Text, []byte("coudre"), []byte("dorer."), 1)
	out = issue(t, badge(`, "endorsement": [`+string(changed)+`]`), by, IssueOptions{})
	expectCodes(t, "changed inside", Verify(out.Text, Options{At: now}), false, "-endorsement.wrong", "+proof.ok")
}

func TestPartlyShown(t *testing.T) {
	needed(t)
	by := issuer(t, 1)
	holder := key(3)
	out := issue(t, badge(""), by, IssueOptions{Format: FormatSDJWT, Holder: holder.Public(), Hide: []string{"/credentialSubject/id", "/name"}})
	part, err := jose.Show(string(out.Text), func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	r := Verify([]byte(part), Options{At: now})
	expectCodes(t, "a part", r, true)
	if text, err := ijson.Canonical(r.Subject); err != nil || strings.Contains(string(text), "anne") {
		t.Errorf("the hidden shows: %s", text)
	}
	bound, err := jose.Bind(part, holder, "https://v.example", "once", now)
	if err != nil {
		t.Fatal(err)
	}
	expectCodes(t, "bound", Verify([]byte(bound), Options{At: now, Domain: "https://v.example", Challenge: "once"}), true)
	expectCodes(t, "bound to another", Verify([]byte(bound), Options{At: now, Challenge: "twice"}), false, "-proof.occasion")
	expectCodes(t, "not bound", Verify([]byte(part), Options{At: now, Challenge: "once"}), false, "-proof.occasion")

	vct := issue(t, []byte(`{"vct": "https://a.example/vct", "given_name": "Anne", "exp": 1951290000}`), by, IssueOptions{Format: FormatSDJWT, Hide: []string{"/given_name"}})
	r = Verify(vct.Text, Options{At: now})
	expectCodes(t, "a type given by vct", r, true, "+context.vct")
	if r.Issuer.ID != by.ID || r.Type[0] != "https://a.example/vct" {
		t.Errorf("%+v", r)
	}
}

func TestTheOlderDataModelIsAccepted(t *testing.T) {
	needed(t)
	text := `{"@context": ["` + ContextV1 + `", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"], "id": "urn:uuid:1",
		"type": ["VerifiableCredential", "AchievementCredential"], "issuer": {"type": ["Profile"]}, "credentialSubject": {
		"id": "did:example:anne", "type": ["AchievementSubject"], "achievement": {"id": "urn:uuid:2", "type": ["Achievement"],
		"criteria": {"narrative": "a"}, "description": "b", "name": "c"}}}`
	by := issuer(t, 1)
	for _, format := range []string{FormatLD, FormatJWT} {
		expectCodes(t, format, Verify(issue(t, []byte(text), by, IssueOptions{Format: format}).Text, Options{At: now}), true)
	}
}

func TestHostileInputsAreRefusedQuickly(t *testing.T) {
	needed(t)
	deep := strings.Repeat(`{"credentialSubject":`, 5000) + "1" + strings.Repeat("}", 5000)
	var nodes strings.Builder
	for i := range 60 {
		fmt.Fprintf(&nodes, `{"@id":"_:b%d","urn:p":[{"@id":"_:b%d"},{"@id":"_:b%d"},{"@id":"_:b%d"}]},`, i, (i+1)%60, (i+7)%60, (i+23)%60)
	}
	poison := string(badge(`, "urn:x": [` + nodes.String() + `{"@id":"_:b1"}], "proof": {"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","verificationMethod":"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK","proofPurpose":"assertionMethod","proofValue":"` + multibase.Encode(bytes.Repeat([]byte{7}, 64)) + `"}`))
	many := string(badge(`, "endorsement": [` + strings.Repeat(string(badge(""))+",", 500) + string(badge("")) + `]`))
	proofs := string(badge(`, "proof": [` + strings.Repeat(`{"type":"a"},`, 10_000) + `{"type":"a"}]`))
	for name, c := range map[string]struct{ text, want string }{
		"deep": {deep, "-parse.limit"}, "poison": {poison, "-context.work"}, "many inside": {many, "?endorsement.unknown"},
		"many proofs": {proofs, "-proof.many"}, "two names": {`{"a":1,"a":2}`, "-parse.ambiguous"}, "nothing": {"", "-parse.json"},
		"huge": {`"` + strings.Repeat("a", 5<<20) + `"`, "-parse.limit"}, "token": {"eyJ.e.e", "-parse.token"},
		"an address": {"https://a.example/1", "?parse.address"},
	} {
		start := time.Now()
		expectCodes(t, name, Verify([]byte(c.text), Options{At: now}), false, c.want)
		t.Logf("%s: %v", name, time.Since(start))
	}
}

func FuzzVerify(f *testing.F) {
	if CheckContexts() != nil {
		f.Skip("make deps")
	}
	by := issuer(f, 1)
	for _, format := range []string{FormatLD, FormatJWT, FormatSDJWT} {
		out, err := Issue(badge(entry(statuslist.Revocation)), by, IssueOptions{At: now, Format: format})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(out.Text)
	}
	f.Add([]byte(`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","badge":{"issuer":{"id":"https://a.example"}},"verification":{"type":"hosted"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := Verify(text, Options{At: now})
		if len(r.Checks) != len(order) {
			t.Fatalf("%d checks", len(r.Checks))
		}
		if r.Valid && r.Issuer.ID != by.ID {
			t.Fatalf("valid out of nothing: %s", text)
		}
	})
}

func seedKey(seed []byte) crypto.Signer { return ed25519.NewKeyFromSeed(seed) }
