package interop

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/lib/ijson"
)

// size is how many random credentials are compared, and of how many every single
// member is changed. INTEROP=full compares 500, and takes minutes.
func size() (whole, tampered int) {
	if os.Getenv("INTEROP") == "full" {
		return 500, 60
	}
	return 40, 3
}

// peer is a program that is not ours.
type peer struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// install puts the packages into a cache folder named after what is pinned.
func install(t *testing.T) string {
	t.Helper()
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	folder := filepath.Join(cache, "digiwork-interop-"+hex.EncodeToString(sum[:6]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"package.json", "package-lock.json", "peer.mjs"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", ".done")); err == nil {
		return folder
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
		t.Skipf("the independent verifiers are not here: npm ci: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "node_modules", ".done"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// start runs the peer with the contexts that are built in.
func start(t *testing.T) *peer {
	t.Helper()
	if err := credential.CheckContexts(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	folder := install(t)
	contexts := map[string]any{}
	for _, address := range []string{credential.ContextV2, credential.ContextV1, credential.ContextOB3, credential.ContextCLR, "https://w3id.org/security/data-integrity/v2", "https://w3id.org/security/multikey/v1"} {
		doc, err := credential.PinnedContext(address)
		if err != nil {
			t.Fatal(err)
		}
		contexts[address] = doc
	}
	raw, err := json.Marshal(contexts)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "contexts.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	node := exec.CommandContext(ctx, "node", "peer.mjs", file) //nolint:gosec // our own script
	node.Dir, node.Stderr = folder, os.Stderr
	in, errIn := node.StdinPipe()
	out, errOut := node.StdoutPipe()
	if err := errors.Join(errIn, errOut, node.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = node.Wait() // killed
	})
	return &peer{in, bufio.NewReaderSize(out, 1<<20)}
}

// reply is what the peer says.
type reply struct {
	VC      bool            `json:"vc"`
	Core    *bool           `json:"core"`
	Why     string          `json:"why"`
	CoreWhy string          `json:"coreWhy"`
	Error   string          `json:"error"`
	Doc     json.RawMessage `json:"doc"`
	Token   string          `json:"token"`
	JWK     map[string]any  `json:"jwk"`
}

func (p *peer) ask(t *testing.T, question any) reply {
	t.Helper()
	raw, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.in.Write(append(raw, '\n')); err != nil {
		t.Fatal(err)
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// random makes a badge or another credential of things the peers understand.
func random(r *rand.Rand, n int) map[string]any {
	words := strings.Fields("relier coudre « cahier » peau d’âne çà 手 façon 𝒳 a\tb \"x\" \\ </script> tenir 1e3 -0 œuvre")
	text := func() string {
		var all []string
		for range 1 + r.IntN(6) {
			all = append(all, words[r.IntN(len(words))])
		}
		return strings.Join(all, " ")
	}
	urn := func() string {
		return fmt.Sprintf("urn:uuid:%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
	}
	maybe := func(m map[string]any, name string, v any) {
		if r.IntN(2) == 0 {
			m[name] = v
		}
	}
	criteria := map[string]any{"narrative": text()}
	maybe(criteria, "id", "https://example.org/criteria/"+strconv.Itoa(n))
	achievement := map[string]any{"id": urn(), "type": []any{"Achievement"}, "name": text(), "description": text(), "criteria": criteria}
	maybe(achievement, "achievementType", "Competency")
	maybe(achievement, "creditsAvailable", float64(r.IntN(100))/4)
	maybe(achievement, "tag", []any{text(), "x"})
	maybe(achievement, "image", map[string]any{"id": "https://example.org/i.png", "type": "Image", "caption": text()})
	var alignments []any
	for range 1 + r.IntN(2) {
		alignments = append(alignments, map[string]any{"type": []any{"Alignment"}, "targetName": text(), "targetUrl": "http://data.europa.eu/esco/skill/" + strconv.Itoa(r.IntN(99)), "targetType": "ext:ESCOSkill"})
	}
	maybe(achievement, "alignment", alignments)
	subject := map[string]any{"id": urn(), "type": []any{"AchievementSubject"}, "achievement": achievement}
	maybe(subject, "narrative", text())
	maybe(subject, "activityStartDate", "2025-02-03T04:05:06Z")
	doc := map[string]any{
		"@context": []any{credential.ContextV2, credential.ContextOB3}, "id": urn(), "type": []any{"VerifiableCredential", "OpenBadgeCredential"},
		"issuer": map[string]any{"id": urn(), "type": []any{"Profile"}, "name": text()}, "validFrom": "2026-01-02T03:04:05Z", "credentialSubject": subject,
	}
	if r.IntN(4) == 0 { // one that is no badge
		doc = map[string]any{
			"@context": []any{credential.ContextV2}, "id": urn(), "type": []any{"VerifiableCredential"}, "issuer": map[string]any{"id": urn()},
			"credentialSubject": []any{map[string]any{"id": urn()}, map[string]any{"id": urn(), "name": text()}},
		}
	}
	maybe(doc, "name", text())
	maybe(doc, "description", map[string]any{"@value": text(), "@language": "fr"})
	maybe(doc, "validUntil", "2040-01-01T00:00:00Z")
	if len(doc["type"].([]any)) == 2 {
		maybe(doc, "evidence", []any{map[string]any{"id": urn(), "type": []any{"Evidence"}, "narrative": text()}, map[string]any{"type": []any{"Evidence"}, "name": text()}})
		maybe(doc, "awardedDate", "2026-01-03T00:00:00+01:00")
	}
	return doc
}

// places lists every member and element of a document, deepest last.
func places(v any, at []string, f func(at []string)) {
	switch x := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			here := append(slices.Clone(at), k)
			f(here)
			places(x[k], here, f)
		}
	case []any:
		for i := range x {
			here := append(slices.Clone(at), strconv.Itoa(i))
			f(here)
			places(x[i], here, f)
		}
	}
}

// changed is a copy of a document that differs in one place: another value, or none.
func changed(doc map[string]any, at []string, drop bool) map[string]any {
	copied, _ := ijson.Clone(doc).(map[string]any)
	var put func(v any, at []string) any
	put = func(v any, at []string) any {
		if len(at) == 0 {
			switch x := v.(type) {
			case string:
				if len(x) > 12 && x[len(x)-1] >= '0' {
					return x[:len(x)-1] + string(x[len(x)-1]^1) // one bit, where it may still look right
				}
				return x + "x"
			case float64:
				return x + 1
			case bool:
				return !x
			case []any:
				return append(slices.Clone(x), "x")
			}
			return map[string]any{"id": "urn:x:changed"}
		}
		switch x := v.(type) {
		case map[string]any:
			if drop && len(at) == 1 {
				delete(x, at[0])
			} else {
				x[at[0]] = put(x[at[0]], at[1:])
			}
			return x
		case []any:
			i, err := strconv.Atoi(at[0])
			if err != nil {
				panic(err)
			}
			if drop && len(at) == 1 {
				return slices.Delete(x, i, i+1)
			}
			x[i] = put(x[i], at[1:])
			return x
		}
		return v
	}
	put(copied, at)
	return copied
}

// verdict is ours: proven by its issuer, and nothing says no.
func verdict(doc map[string]any, now time.Time) (bool, credential.Report) {
	r := credential.VerifyObject(doc, credential.Options{At: now, Lang: "en"})
	return r.Valid, r
}

var seeded = rand.NewPCG(20261124, 3)

// What we sign, they verify; what they sign, we verify; what was changed in any single
// place, nobody does. Where somebody disagrees the test fails, unless the difference is
// explained in docs/credentials.md and named here.
func TestIndependentVerifiersAgree(t *testing.T) {
	p := start(t)
	whole, tampered := size()
	r := rand.New(seeded) //nolint:gosec // the same every time
	by, err := credential.KeyIssuer(ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	agreed, known := 0, map[string]int{}
	compare := func(name string, doc map[string]any) {
		t.Helper()
		ours, report := verdict(doc, now)
		got := p.ask(t, map[string]any{"op": "verify", "doc": doc, "core": true})
		for who, theirs := range map[string]*bool{"@digitalbazaar/vc": &got.VC, "verifier-core": got.Core} {
			if theirs == nil || *theirs == ours {
				agreed++
				continue
			}
			if why := explained(who, doc, ours); why != "" {
				known[who+": "+why]++
				continue
			}
			t.Errorf("%s: ours %v (%s), %s %v (%s; %s)", name, ours, said(report), who, *theirs, got.Why, got.CoreWhy)
		}
	}
	for n := range whole {
		unsigned := random(r, n)
		// Ours, verified by them.
		suites := []string{integrity.EdDSARDFC}
		if n%5 == 4 {
			suites = nil // the set of both
		}
		issued, err := credential.IssueObject(unsigned, by, credential.IssueOptions{At: now, Suites: suites})
		if err != nil {
			t.Fatalf("credential %d: %v", n, err)
		}
		compare(fmt.Sprintf("ours %d", n), issued.Credential)
		// Theirs, verified by us.
		theirs := p.ask(t, map[string]any{"op": "issue", "doc": unsigned})
		doc, err := ijson.Object(theirs.Doc, ijson.Limits{})
		if err != nil {
			t.Fatalf("theirs %d: %v %s", n, err, theirs.Error)
		}
		compare(fmt.Sprintf("theirs %d", n), doc)
		if ok, report := verdict(doc, now); !ok {
			t.Errorf("theirs %d: %s", n, said(report))
		}
		if n >= tampered {
			continue
		}
		for from, signed := range map[string]map[string]any{"ours": issued.Credential, "theirs": doc} {
			places(signed, nil, func(at []string) {
				for _, drop := range []bool{false, true} {
					compare(fmt.Sprintf("%s %d, %s, dropped %v", from, n, strings.Join(at, "/"), drop), changed(signed, at, drop))
				}
			})
		}
	}
	t.Logf("%d random credentials both ways, %d of them changed in every place: %d verdicts agree", whole, tampered, agreed)
	for _, why := range slices.Sorted(maps.Keys(known)) {
		t.Logf("%d times: %s", known[why], why)
	}
}

// said is what a report says against a credential.
func said(r credential.Report) string {
	var all []string
	for _, c := range r.Checks {
		if c.OK == nil || !*c.OK {
			all = append(all, c.Code)
		}
	}
	return strings.Join(all, " ")
}

// explained names a difference that docs/credentials.md analyses, or "".
func explained(_ string, _ map[string]any, _ bool) string { return "" }

// Tokens that a holder shows in part: both directions, whole, in part, and changed.
func TestPartialTokensAgree(t *testing.T) {
	p := start(t)
	whole, _ := size()
	r := rand.New(seeded) //nolint:gosec // the same every time
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	by, err := credential.KeyIssuer(key)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := did.JWK(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	loose, passed := 0, 0
	for n := range whole {
		claims := map[string]any{"vct": "https://example.org/badge", "given_name": "Ada " + strconv.Itoa(r.IntN(1e6)), "level": float64(r.IntN(9)), "nested": map[string]any{"a": "é", "b": []any{"x", 1.5}}}
		hide := []string{"/given_name", "/nested"}
		issued, err := credential.IssueObject(claims, by, credential.IssueOptions{At: now, Format: credential.FormatSDJWT, Hide: hide})
		if err != nil {
			t.Fatal(err)
		}
		token := string(issued.Text)
		if got := p.ask(t, map[string]any{"op": "verify-sd", "token": token, "jwk": jwk}); !got.VC {
			t.Errorf("ours %d: %s", n, got.Error)
		}
		theirs := p.ask(t, map[string]any{"op": "issue-sd", "hide": []string{"given_name", "nested"}, "doc": map[string]any{"iss": "https://example.org/them", "iat": now.Unix(), "vct": claims["vct"], "given_name": claims["given_name"], "nested": claims["nested"]}})
		public, err := did.ParseJWK(theirs.JWK)
		if err != nil {
			t.Fatalf("%v %s", err, theirs.Error)
		}
		id, _, err := did.FromKey(public)
		if err != nil {
			t.Fatal(err)
		}
		library := &credential.Library{}
		doc, err := did.Make("https://example.org/them", []did.Entry{{Fragment: "key", Key: public}})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if err := library.AddDocument("https://example.org/them", raw, now); err != nil {
			t.Fatal(err)
		}
		report := credential.Verify([]byte(theirs.Token), credential.Options{At: now, With: library, Lang: "en"})
		if proof := report.Get(credential.CheckProof); proof.OK == nil || !*proof.OK || report.Credential["given_name"] != claims["given_name"] {
			t.Errorf("theirs %d (%s): %s", n, id, said(report))
		}
		// One character of each part changed: nobody accepts it.
		for i := 0; i < len(token); i += 1 + len(token)/12 {
			if token[i] == '.' || token[i] == '~' {
				continue
			}
			c := byte('A')
			if token[i] == c {
				c = 'B'
			}
			bad := token[:i] + string(c) + token[i+1:]
			ours := credential.Verify([]byte(bad), credential.Options{At: now, Lang: "en"}).Valid
			got := p.ask(t, map[string]any{"op": "verify-sd", "token": bad, "jwk": jwk})
			switch {
			case got.VC && !ours && sameBytes(token, bad):
				loose++ // docs/credentials.md: bits that base64 does not use
				continue
			case got.VC && !ours && i > strings.IndexByte(token, '~') && less(got.Doc, claims):
				passed++ // docs/credentials.md: disclosures that nothing refers to
				continue
			}
			if got.VC != ours || ours {
				t.Errorf("ours %d changed at %d: ours %v, theirs %v", n, i, ours, got.VC)
			}
		}
	}
	t.Logf("%d tokens both ways; changes that they accept and we refuse: %d in bits that base64 does not use, %d in a disclosure, which they then pass over", whole, loose, passed)
}

// less says whether a token was read without one of its claims.
func less(read json.RawMessage, claims map[string]any) bool {
	var got map[string]any
	if err := json.Unmarshal(read, &got); err != nil {
		return false
	}
	return got["given_name"] == nil && got["nested"] != nil && got["level"] == claims["level"] || got["nested"] == nil && got["given_name"] == claims["given_name"]
}

// sameBytes says whether two tokens differ in bits that their encoding does not use.
func sameBytes(a, b string) bool {
	split := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '~' })
	}
	left, right := split(a), split(b)
	if len(left) != len(right) {
		return false
	}
	for i := range left {
		x, errX := base64.RawURLEncoding.DecodeString(left[i])
		y, errY := base64.RawURLEncoding.DecodeString(right[i])
		if errX != nil || errY != nil || string(x) != string(y) {
			return false
		}
	}
	return true
}
