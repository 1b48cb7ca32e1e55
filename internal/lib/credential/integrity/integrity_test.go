package integrity_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/jsonld"
	"digiwork/internal/lib/multibase"
	"digiwork/internal/testkit/shared"
)

var now = time.Date(2026, 11, 1, 9, 0, 1, 0, time.UTC)

// processor knows one small context of our own.
func processor() *jsonld.Processor {
	ctx := map[string]any{"@context": map[string]any{
		"@version": 1.1, "id": "@id", "type": "@type", "@vocab": "https://ctx.example/#",
		"proof": map[string]any{"@id": "https://w3id.org/security#proof", "@type": "@id", "@container": "@graph"},
	}}
	other := map[string]any{"@context": map[string]any{"more": "https://ctx.example/#more"}}
	return &jsonld.Processor{Load: func(address string) (any, error) {
		switch address {
		case "https://ctx.example/v1":
			return ctx, nil
		case "https://ctx.example/v2":
			return other, nil
		}
		return nil, errors.New("not pinned")
	}}
}

func signer(t testing.TB, seed byte) (integrity.Signer, did.Public) {
	t.Helper()
	s := make([]byte, 32)
	s[0] = seed
	key := ed25519.NewKeyFromSeed(s)
	_, method, err := did.FromKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return integrity.Signer{Key: key, Method: method}, key.Public()
}

func document(t testing.TB) map[string]any {
	t.Helper()
	doc, err := ijson.Object([]byte(`{"@context": ["https://ctx.example/v1", "https://ctx.example/v2"], "id": "urn:x:1",
		"type": "Thing", "name": "Reliure", "list": [{"name": "a"}, {"name": "b"}]}`), ijson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func assertion(suite string) integrity.Options {
	return integrity.Options{Suite: suite, Purpose: did.AssertionMethod, Created: now}
}

// check verifies every proof with one key and gives the first refusal.
func check(doc map[string]any, p *jsonld.Processor, key did.Public, e integrity.Expect) error {
	d, err := integrity.Open(doc, p)
	if err != nil {
		return err
	}
	for i := range d.Proofs {
		if err := d.Proofs[i].Meets(e); err != nil {
			return err
		}
		if err := d.Verify(&d.Proofs[i], key); err != nil {
			return err
		}
	}
	return nil
}

var expect = integrity.Expect{Purpose: did.AssertionMethod, At: now}

func TestASetOfProofsHolds(t *testing.T) {
	p := processor()
	by, key := signer(t, 1)
	doc := document(t)
	before, err := ijson.Canonical(doc)
	if err != nil {
		t.Fatal(err)
	}
	out, err := integrity.SignSet(doc, p, by, []integrity.Options{assertion(integrity.EdDSARDFC), assertion(integrity.EdDSAJCS)})
	if err != nil {
		t.Fatal(err)
	}
	if after, err := ijson.Canonical(doc); err != nil || string(after) != string(before) {
		t.Error("signing changed the document")
	}
	if err := check(out, p, key, expect); err != nil {
		t.Error(err)
	}
	// A third proof, by somebody else, leaves the first two standing.
	other, otherKey := signer(t, 2)
	three, err := integrity.Sign(out, p, other, assertion(integrity.EdDSARDFC))
	if err != nil {
		t.Fatal(err)
	}
	d, err := integrity.Open(three, p)
	if err != nil || len(d.Proofs) != 3 {
		t.Fatal(d, err)
	}
	for i, k := range []did.Public{key, key, otherKey} {
		if err := d.Verify(&d.Proofs[i], k); err != nil {
			t.Errorf("proof %d: %v", i, err)
		}
	}
	if err := d.Verify(&d.Proofs[2], key); !errors.Is(err, integrity.ErrSignature) {
		t.Errorf("another's key: %v", err)
	}
	if err := check(out, p, otherKey, expect); !errors.Is(err, integrity.ErrSignature) {
		t.Errorf("another's key: %v", err)
	}
}

// Whatever is changed in a signed document, the proof no longer holds.
func TestEveryChangeIsSeen(t *testing.T) {
	p := processor()
	by, key := signer(t, 1)
	for _, suite := range []string{integrity.EdDSARDFC, integrity.EdDSAJCS} {
		o := assertion(suite)
		o.Domain, o.Challenge, o.Expires, o.ID = "a.example", "once", now.Add(time.Hour), "urn:proof:1"
		out, err := integrity.Sign(document(t), p, by, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(out, p, key, expect); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		for from, to := range map[string]string{
			`"Reliure"`: `"Reliurf"`, `"urn:x:1"`: `"urn:x:2"`, `"Thing"`: `"Think"`, `"name":"a"`: `"name":"c"`,
			`"a.example"`: `"b.example"`, `"once"`: `"onc"`, `09:00:01Z`: `09:00:02Z`, `10:00:01Z`: `10:00:02Z`,
			`"name":"Reliure"`: `"name":"Reliure","more":"x"`, `"urn:proof:1"`: `"urn:proof:2"`,
			`,{"name":"b"}`: ``,
		} {
			changed := strings.Replace(string(text), from, to, 1)
			if changed == string(text) {
				t.Fatalf("%s is not in %s", from, text)
			}
			doc, err := ijson.Object([]byte(changed), ijson.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if err := check(doc, p, key, expect); !errors.Is(err, integrity.ErrSignature) {
				t.Errorf("%s: %s for %s: %v", suite, to, from, err)
			}
		}
	}
}

func TestAProofIsForItsOccasion(t *testing.T) {
	p := processor()
	by, key := signer(t, 1)
	o := integrity.Options{Suite: integrity.EdDSAJCS, Purpose: did.Authentication, Created: now,
		Expires: now.Add(time.Minute), Domain: "a.example", Challenge: "once"}
	out, err := integrity.Sign(document(t), p, by, o)
	if err != nil {
		t.Fatal(err)
	}
	good := integrity.Expect{Purpose: did.Authentication, At: now, Domain: "a.example", Challenge: "once"}
	for _, c := range []struct {
		change func(*integrity.Expect)
		want   error
	}{
		{func(*integrity.Expect) {}, nil},
		{func(e *integrity.Expect) { e.Purpose = did.AssertionMethod }, integrity.ErrPurpose},
		{func(e *integrity.Expect) { e.At = now.Add(time.Minute) }, integrity.ErrExpired},
		{func(e *integrity.Expect) { e.At = now.Add(time.Minute - 1) }, nil},
		{func(e *integrity.Expect) { e.Domain = "b.example" }, integrity.ErrChallenge},
		{func(e *integrity.Expect) { e.Challenge = "twice" }, integrity.ErrChallenge},
		{func(e *integrity.Expect) { e.Domain, e.Challenge = "", "" }, nil},
	} {
		e := good
		c.change(&e)
		if err := check(out, p, key, e); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", e, err, c.want)
		}
	}
}

func TestAChainHoldsTogether(t *testing.T) {
	p := processor()
	by, key := signer(t, 1)
	for _, suite := range []string{integrity.EdDSARDFC, integrity.EdDSAJCS} {
		first, second := assertion(suite), assertion(suite)
		first.ID, second.ID, second.Previous = "urn:proof:1", "urn:proof:2", []string{"urn:proof:1"}
		one, err := integrity.Sign(document(t), p, by, first)
		if err != nil {
			t.Fatal(err)
		}
		two, err := integrity.Sign(one, p, by, second)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(two, p, key, expect); err != nil {
			t.Errorf("%s: %v", suite, err)
		}
		proofs := two["proof"].([]any)
		// The second proof alone has lost what it signs.
		if err := check(with(two, proofs[1]), p, key, expect); !errors.Is(err, integrity.ErrChain) {
			t.Errorf("%s: without the first: %v", suite, err)
		}
		// Another first proof, valid in itself, is not the one that was signed.
		first.Created = now.Add(time.Second)
		again, err := integrity.Sign(document(t), p, by, first)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(with(two, again["proof"], proofs[1]), p, key, expect); !errors.Is(err, integrity.ErrSignature) {
			t.Errorf("%s: with another first: %v", suite, err)
		}
		circle := ijson.Clone(proofs[0]).(map[string]any)
		circle["previousProof"] = "urn:proof:2"
		if err := check(with(two, circle, proofs[1]), p, key, expect); !errors.Is(err, integrity.ErrChain) {
			t.Errorf("%s: a circle: %v", suite, err)
		}
	}
	o := assertion(integrity.EdDSAJCS)
	o.Previous = []string{"urn:proof:9"}
	if _, err := integrity.Sign(document(t), p, by, o); !errors.Is(err, integrity.ErrChain) {
		t.Errorf("signing what is not there: %v", err)
	}
}

func with(doc map[string]any, proofs ...any) map[string]any {
	out := ijson.Clone(doc).(map[string]any)
	out["proof"] = proofs
	return out
}

func TestMalformedProofsAreRefused(t *testing.T) {
	p := processor()
	by, key := signer(t, 1)
	out, err := integrity.Sign(document(t), p, by, assertion(integrity.EdDSAJCS))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(proof map[string]any)
		want   error
	}{
		{func(map[string]any) {}, nil},
		{func(m map[string]any) { delete(m, "type") }, integrity.ErrShape},
		{func(m map[string]any) { m["type"] = "RsaSignature2018" }, integrity.ErrSuite},
		{func(m map[string]any) { m["type"] = integrity.Ed25519Old }, integrity.ErrShape},
		{func(m map[string]any) { delete(m, "cryptosuite") }, integrity.ErrShape},
		{func(m map[string]any) { m["cryptosuite"] = "bbs-2023" }, integrity.ErrSuite},
		{func(m map[string]any) { m["cryptosuite"] = integrity.Ed25519Old }, integrity.ErrSuite},
		{func(m map[string]any) { m["cryptosuite"] = integrity.ECDSAJCS }, integrity.ErrSignature},
		{func(m map[string]any) { delete(m, "verificationMethod") }, integrity.ErrShape},
		{func(m map[string]any) { m["proofPurpose"] = []any{"assertionMethod"} }, integrity.ErrShape},
		{func(m map[string]any) { m["created"] = "yesterday" }, integrity.ErrShape},
		{func(m map[string]any) { m["created"] = "2026-11-01T09:00:01" }, integrity.ErrShape},
		{func(m map[string]any) { m["domain"] = 1.0 }, integrity.ErrShape},
		{func(m map[string]any) { m["proofValue"] = "" }, integrity.ErrShape},
		{func(m map[string]any) { m["proofValue"] = "u" + m["proofValue"].(string)[1:] }, integrity.ErrShape},
		{func(m map[string]any) { m["proofValue"] = multibase.Encode(make([]byte, 63)) }, integrity.ErrShape},
		{func(m map[string]any) { m["proofValue"] = multibase.Encode(make([]byte, 64)) }, integrity.ErrSignature},
		{func(m map[string]any) { m["@context"] = "https://ctx.example/v1" }, integrity.ErrSignature},
		{func(m map[string]any) { m["@context"] = "https://ctx.example/v2" }, integrity.ErrSignature},
	} {
		doc := ijson.Clone(out).(map[string]any)
		c.change(doc["proof"].(map[string]any))
		if err := check(doc, p, key, expect); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", doc["proof"], err, c.want)
		}
	}
	for v, want := range map[any]error{nil: integrity.ErrNone, "proof": integrity.ErrShape} {
		doc := document(t)
		doc["proof"] = v
		if err := check(doc, p, key, expect); !errors.Is(err, want) {
			t.Errorf("%v: %v", v, err)
		}
	}
	var many []any
	for range 10_000 {
		many = append(many, out["proof"])
	}
	if err := check(with(out, many...), p, key, expect); !errors.Is(err, integrity.ErrTooMany) {
		t.Errorf("10,000 proofs: %v", err)
	}
}

func TestOnlyOurSuitesSign(t *testing.T) {
	p := processor()
	by, _ := signer(t, 1)
	for _, suite := range []string{integrity.ECDSARDFC, integrity.ECDSASD, integrity.Ed25519Old, "eddsa-2022", ""} {
		if _, err := integrity.Sign(document(t), p, by, assertion(suite)); !errors.Is(err, integrity.ErrSuite) {
			t.Errorf("%s: %v", suite, err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := integrity.Sign(document(t), p, integrity.Signer{Key: key}, assertion(integrity.EdDSAJCS)); !errors.Is(err, integrity.ErrSuite) {
		t.Errorf("a P-256 key: %v", err)
	}
	doc := document(t)
	doc["@context"] = "https://ctx.example/unknown"
	if _, err := integrity.Sign(doc, p, by, assertion(integrity.EdDSARDFC)); !errors.Is(err, jsonld.ErrUnknownContext) {
		t.Errorf("an unknown context: %v", err)
	}
}

// The signatures of the vectors fit the hashes printed beside them, whatever contexts
// are at hand; that we reach the hashes is tested with the contexts, one folder up.
func TestSignaturesOfTheVectorsFitTheirHashes(t *testing.T) {
	const ec = "credentials-conformance/vc-di-ecdsa-vectors/"
	for _, c := range []struct{ dir, end string }{
		{"open-badges/eddsa-test-vectors/eddsa-rdfc-2022", "DataInt"},
		{"open-badges/eddsa-test-vectors/eddsa-jcs-2022", "JCS"},
		{ec + "ecdsa-rdfc-2019-p256", "ECDSAP256"}, {ec + "ecdsa-rdfc-2019-p256/employ", "ECDSAP256"},
		{ec + "ecdsa-rdfc-2019-p384", "ECDSAP384"}, {ec + "ecdsa-rdfc-2019-p384/employ", "ECDSAP384"},
		{ec + "ecdsa-jcs-2019-p256", "JCSECDSAP256"}, {ec + "ecdsa-jcs-2019-p384", "JCSECDSAP384"},
	} {
		read := func(name string) []byte { return shared.Read(t, c.dir+"/"+name+c.end+".txt") }
		var signed struct {
			Proof struct{ VerificationMethod, ProofValue string }
		}
		if err := json.Unmarshal(shared.Read(t, c.dir+"/signed"+c.end+".json"), &signed); err != nil {
			t.Fatal(err)
		}
		m := signed.Proof.VerificationMethod
		key, err := did.ParseMultikey(m[strings.LastIndexByte(m, '#')+1:])
		if err != nil {
			t.Fatal(err)
		}
		hashes, err := hex.DecodeString(strings.TrimSpace(string(read("combinedHash"))))
		if err != nil {
			t.Fatal(err)
		}
		value, err := multibase.Decode(signed.Proof.ProofValue)
		if err != nil {
			t.Fatal(err)
		}
		if !integrity.Fits(key, hashes, value) {
			t.Errorf("%s: the signature does not fit", c.dir)
		}
		value[0] ^= 1
		if integrity.Fits(key, hashes, value) {
			t.Errorf("%s: another signature fits", c.dir)
		}
		got := integrity.Join(key, read("proofCanon"), read("canonDoc"))
		if hex.EncodeToString(got) != hex.EncodeToString(hashes) {
			t.Errorf("%s: hashes %x, want %x", c.dir, got, hashes)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"@context":"https://ctx.example/v1","id":"urn:a","proof":{"type":"DataIntegrityProof","cryptosuite":"ecdsa-sd-2023","verificationMethod":"did:key:z#z","proofPurpose":"assertionMethod","proofValue":"u2V0BhQ"}}`))
	f.Add([]byte(`{"proof":[{"type":"Ed25519Signature2020","verificationMethod":"a","proofPurpose":"b","previousProof":["c"],"proofValue":"z1"}]}`))
	p := processor()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := ijson.Object(text, ijson.Limits{})
		if err != nil {
			return
		}
		d, err := integrity.Open(doc, p)
		if err != nil {
			return
		}
		for i := range d.Proofs {
			if d.Verify(&d.Proofs[i], &key.PublicKey) == nil {
				t.Fatalf("a proof out of nothing: %s", text)
			}
		}
	})
}

func FuzzDerived(f *testing.F) {
	f.Add([]byte{0xd9, 0x5d, 0x01, 0x85})
	f.Fuzz(func(t *testing.T, value []byte) { integrity.ParseDerived(value) })
}
