package credential

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/lib/credential/jose"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/jsonld"
	"digiwork/internal/lib/multibase"
	"digiwork/internal/testkit/shared"
)

// files lists the files of folders of the test data.
func files(t *testing.T, patterns ...string) []string {
	t.Helper()
	root := shared.Path(t, "open-badges")
	var all []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(filepath.Dir(root), filepath.FromSlash(p)))
		if err != nil || len(found) == 0 {
			t.Fatal(p, err)
		}
		for _, f := range found {
			if i, err := os.Stat(f); err == nil && i.Mode().IsRegular() {
				all = append(all, f)
			}
		}
	}
	return all
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// bad are the fixtures that the public validator refuses, by their names. The tests read
// names; the library does not.
var bad = regexp.MustCompile(`-err-|expired|revoked|invalid`)

// controllers makes, for each proof or token of a credential, the document by which its
// issuer lists the key: what one would find at the issuer's address.
func controllers(t *testing.T, lib *Library, doc map[string]any, token *jose.Token) {
	t.Helper()
	party := (&verification{doc: doc}).party().ID
	if token != nil {
		if jwk, ok := token.Header["jwk"]; ok {
			add(t, lib, "issuer", map[string]any{"id": party, "assertionMethod": []any{map[string]any{
				"id": party + "#key", "type": "JsonWebKey", "controller": party, "publicKeyJwk": jwk}}})
		}
		return
	}
	for _, p := range asList(doc["proof"]) {
		method, _ := p.(map[string]any)["verificationMethod"].(string)
		text := method[strings.LastIndexAny(method, "#:")+1:]
		if _, err := did.ParseMultikey(text); err != nil {
			continue
		}
		allowed := map[string]any{"id": party, "assertionMethod": []any{method}}
		if did.Base(method) == party {
			allowed["assertionMethod"] = []any{map[string]any{"id": method, "type": "Multikey", "controller": party, "publicKeyMultibase": text}}
		} else if !strings.Contains(method, "#") {
			allowed["assertionMethod"] = []any{method + "#" + text}
		}
		add(t, lib, "issuer", allowed)
	}
}

func TestFixturesOfThePublicValidator(t *testing.T) {
	needed(t)
	valid := 0
	for _, f := range files(t, "open-badges/ob30/*", "open-badges/ob30/*/*", "credentials-conformance/clr20-fixtures/*") {
		name, text := filepath.Base(f), read(t, f)
		r := Verify(text, Options{At: now})
		if r.Valid {
			t.Errorf("%s: valid without its issuer's document: %s", name, answers(r))
		}
		// A revoked badge is only known as revoked with its list.
		if wrong := strings.Contains(answers(r), " -"); wrong != (bad.MatchString(name) && !strings.Contains(name, "revoked")) {
			t.Errorf("%s: %s", name, answers(r))
		}
		lib := &Library{}
		v := start(Options{At: now})
		if !v.read(text) {
			t.Fatal(name)
		}
		controllers(t, lib, v.doc, v.token)
		r = Verify(text, Options{At: now, With: lib})
		// Without a proof, a public key or a context that anybody still publishes, nothing
		// can be at hand.
		lost := strings.Contains(answers(r), "?context.unknown") || strings.Contains(answers(r), "?proof.none")
		if want := !bad.MatchString(name) && !lost; r.Valid != want {
			t.Errorf("%s, with documents: %s", name, answers(r))
		}
		if r.Valid {
			valid++
		}
	}
	if valid < 13 {
		t.Errorf("only %d fixtures are valid", valid)
	}
}

func TestARevokedFixtureIsRefusedByItsList(t *testing.T) {
	needed(t)
	text := shared.Read(t, "open-badges/ob30/bit-string-list/credential-status-revoked.json")
	doc, err := ijson.Object(text, ijson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	status := doc["credentialStatus"].(map[string]any)
	address := status["statusListCredential"].(string)
	// The list of the fixture is not at hand; one of ours in its place, whose key nobody
	// vouches for, is enough to refuse, and never enough to accept.
	for on, want := range map[bool]string{true: "-status.revoked", false: "?status.unproven"} {
		l := listOf(t, int(status["statusListIndex"].(float64)), on, address)
		lib := &Library{}
		add(t, lib, "list", l)
		expectCodes(t, want, Verify(text, Options{At: now, With: lib}), false, want)
	}
}

func TestOpenBadges2(t *testing.T) {
	needed(t)
	lib, all := &Library{}, &Library{}
	for _, f := range files(t, "open-badges/ob20/assets/*.json") {
		if err := lib.Add(f, read(t, f)); err != nil && filepath.Base(f) != "openbadges_context.json" {
			t.Error(err)
		}
		if err := all.Add(f, read(t, f)); err != nil && filepath.Base(f) != "openbadges_context.json" {
			t.Error(err)
		}
	}
	list := files(t, "open-badges/ob20/*", "open-badges/ob20/rdf-validation/*")
	for _, f := range list {
		if strings.HasSuffix(f, ".json") {
			if err := all.Add(f, read(t, f)); err != nil && filepath.Base(f) != "redirected-validation-subject.json" {
				t.Error(err)
			}
		}
	}
	for _, f := range list {
		name, text := filepath.Base(f), read(t, f)
		r := Verify(text, Options{At: now, With: lib})
		if name == "redirected-validation-subject.json" {
			expectCodes(t, name, r, false, "-parse.json") // it has comments
			continue
		}
		if wrong := strings.Contains(answers(r), " -"); wrong != bad.MatchString(name) {
			t.Errorf("%s: %s", name, answers(r))
		}
		// What its host publishes is at hand too.
		r = Verify(text, Options{At: now, With: all})
		assertion := strings.Contains(string(text), `"Assertion"`) || strings.HasSuffix(name, ".jwt")
		early := strings.Contains(name, "future")
		vague := name == "warning-issuer-non-http.json" || name == "invalid-one-invalid-class.json" || strings.HasPrefix(name, "valid-")
		if want := assertion && !bad.MatchString(name) && !early && !vague; r.Valid != want {
			t.Errorf("%s, with what its host publishes: %s", name, answers(r))
		}
	}
	// A hosted badge that nobody confirms, however good its papers, is not valid.
	forged := strings.Replace(string(shared.Read(t, "open-badges/ob20/basic-assertion.json")), "ecf5409f", "00000000", 1)
	expectCodes(t, "forged", Verify([]byte(forged), Options{At: now, With: all}), false, "?ob2.hosted")
	token := string(shared.Read(t, "open-badges/ob20/simple.jwt"))
	expectCodes(t, "signed", Verify([]byte(token), Options{At: now, With: lib}), true, "+proof.ok", "+issuer.ok")
	expectCodes(t, "signed, nothing at hand", Verify([]byte(token), Options{At: now}), false, "?proof.absent")
}

// The inputs of the test suite of VCDM 2.0: what is said to be right is issued, what is
// said to be wrong is refused.
func TestInputsOfTheDataModel(t *testing.T) {
	needed(t)
	by := issuer(t, 1)
	n := 0
	for _, f := range files(t, "open-badges/vc-data-model-2.0/*.json", "open-badges/vc-data-model-2.0/*/*.json") {
		name := filepath.Base(f)
		n++
		if strings.HasPrefix(name, "presentation-") {
			r := Verify(read(t, f), Options{At: now})
			wrong := r.Get(CheckContext).OK != nil && !*r.Get(CheckContext).OK || r.Get(CheckSchema).OK != nil && !*r.Get(CheckSchema).OK
			if wrong == strings.HasSuffix(name, "-ok.json") {
				t.Errorf("%s: %s", name, answers(r))
			}
			continue
		}
		text := read(t, f)
		if strings.HasSuffix(name, "-no-issuer-fail.json") {
			// An issuer is filled in when issuing; a credential without one is refused
			// when verifying.
			r := Verify(text, Options{At: now})
			expectCodes(t, name, r, false, "-schema.wrong")
			continue
		}
		issued, err := Issue(text, by, IssueOptions{At: now})
		if strings.Contains(name, "issuer-object-id-no-url") {
			// The identifier of the issuer is replaced when issuing.
			expectCodes(t, name, Verify(text, Options{At: now}), false, "-schema.wrong")
			continue
		}
		if (err == nil) != strings.HasSuffix(name, "-ok.json") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err == nil {
			r := Verify(issued.Text, Options{At: now})
			for _, check := range []string{CheckParse, CheckContext, CheckSchema} {
				if ok := r.Get(check).OK; ok == nil || !*ok {
					t.Errorf("%s, issued: %s", name, answers(r))
				}
			}
		}
	}
	if n != 56 && n < 50 {
		t.Errorf("%d inputs", n)
	}
}

// The vectors of eddsa-rdfc-2022 and eddsa-jcs-2022: the same proof comes out.
func TestVectorsOfEdDSA(t *testing.T) {
	needed(t)
	const dir = "open-badges/eddsa-test-vectors/"
	var pair struct{ PrivateKeyMultibase string }
	if err := json.Unmarshal(shared.Read(t, dir+"keyPair.json"), &pair); err != nil {
		t.Fatal(err)
	}
	raw, err := multibase.Decode(pair.PrivateKeyMultibase)
	if err != nil {
		t.Fatal(err)
	}
	by, err := KeyIssuer(seedKey(raw[2:34]))
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := ijson.Object(shared.Read(t, dir+"unsigned.json"), ijson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	reader := (*Library)(nil).reader()
	for suite, end := range map[string]string{integrity.EdDSARDFC: "DataInt", integrity.EdDSAJCS: "JCS"} {
		want, err := ijson.Object(shared.Read(t, dir+suite+"/signed"+end+".json"), ijson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		proof := want["proof"].(map[string]any)
		created, err := integrity.Time(proof["created"].(string))
		if err != nil {
			t.Fatal(err)
		}
		got, err := integrity.Sign(unsigned, reader, by.signer(), integrity.Options{Suite: suite, Purpose: did.AssertionMethod, Created: created})
		if err != nil {
			t.Fatal(err)
		}
		if v := got["proof"].(map[string]any)["proofValue"]; v != proof["proofValue"] {
			t.Errorf("%s: %v, want %v", suite, v, proof["proofValue"])
		}
		checkProofs(t, suite, want, reader)
	}
}

func TestVectorsOfECDSA(t *testing.T) {
	needed(t)
	for _, f := range files(t, "credentials-conformance/vc-di-ecdsa-vectors/ecdsa-*-2019-*/signed*.json", "open-badges/ob30/sd/*.json") {
		doc, err := ijson.Object(read(t, f), ijson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		checkProofs(t, f, doc, (*Library)(nil).reader())
	}
}

// checkProofs checks each proof with the key in its address, and that a change is seen.
func checkProofs(t *testing.T, name string, doc map[string]any, reader *jsonld.Processor) {
	t.Helper()
	for _, changed := range []bool{false, true} {
		if changed {
			doc = ijson.Clone(doc).(map[string]any)
			doc["validFrom"] = "2023-01-01T00:00:01Z"
		}
		d, err := integrity.Open(doc, reader)
		if err != nil {
			t.Fatal(name, err)
		}
		for i := range d.Proofs {
			m := d.Proofs[i].Method
			key, err := did.ParseMultikey(m[strings.LastIndexByte(m, '#')+1:])
			if err != nil {
				t.Fatal(name, err)
			}
			if err := d.Verify(&d.Proofs[i], key); (err == nil) == changed {
				t.Errorf("%s, changed %v: %v", name, changed, err)
			}
		}
	}
}
