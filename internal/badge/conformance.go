package badge

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/platform/db"
)

// VCAPI says who may use the endpoints of the VC API (W3C CCG VC API 0.3).
type VCAPI struct {
	On   bool // tokens with the scope vc-api
	Open bool // anybody: conformance runs, on loopback
}

var (
	errVCOff    = kernel.NewFault(kernel.NotFound, "badge.vc.off")
	errVCSignIn = kernel.NewFault(kernel.Unauthenticated, "badge.vc.sign_in")
	errVCScope  = kernel.NewFault(kernel.Forbidden, "badge.vc.scope")
)

// mayVC decides whether the actor may use the VC API. A browser's session may not:
// the scope is given to a token on purpose.
func (s *Service) mayVC(ctx context.Context) error {
	a := kernel.ActorFrom(ctx)
	switch {
	case !s.VC.On && !s.VC.Open:
		return errVCOff
	case s.VC.Open:
		return nil
	case a.IsVisitor():
		return errVCSignIn
	case !slices.Contains(a.Scopes, "vc-api"):
		return errVCScope
	}
	return nil
}

// vcRefusal is a refusal in the words of the VC API.
type vcRefusal struct{ problems []vcProblem }

// vcProblem is one problem (RFC 9457), with a type of VCDM 2.0, 7.3 where one fits.
type vcProblem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Check  string `json:"check,omitempty"`
	Code   string `json:"code,omitempty"`
}

func (r *vcRefusal) Error() string { return r.problems[0].Detail }

const vcProblems = "https://www.w3.org/TR/vc-data-model#"

// vcTypes are the kinds of problems of VCDM 2.0, 7.3, by check.
var vcTypes = map[string]string{
	credential.CheckParse:   "PARSING_ERROR",
	credential.CheckContext: "MALFORMED_VALUE_ERROR",
	credential.CheckSchema:  "MALFORMED_VALUE_ERROR",
	credential.CheckProof:   "CRYPTOGRAPHIC_SECURITY_ERROR",
	credential.CheckIssuer:  "CRYPTOGRAPHIC_SECURITY_ERROR",
	credential.CheckExpiry:  "RANGE_ERROR",
}

func problemOf(c credential.Check) vcProblem {
	p := vcProblem{Type: "about:blank", Title: "The check " + c.Name + " failed.", Detail: c.Detail, Check: c.Name, Code: c.Code}
	if t := vcTypes[c.Name]; t != "" {
		p.Type = vcProblems + t
	}
	if c.OK == nil {
		p.Title = "The check " + c.Name + " could not be made."
	}
	return p
}

func vcMalformed(detail string) error {
	return &vcRefusal{[]vcProblem{{Type: vcProblems + "MALFORMED_VALUE_ERROR", Title: "The request is malformed.", Detail: detail}}}
}

// vcLimits bound what a request to the VC API holds.
var vcLimits = ijson.Limits{Bytes: 1 << 20, Depth: 40, Values: 40_000}

// vcRequest reads the body of a request.
func vcRequest(body []byte) (doc, options map[string]any, err error) {
	doc, err = ijson.Object(body, vcLimits)
	if err != nil {
		return nil, nil, &vcRefusal{[]vcProblem{{Type: vcProblems + "PARSING_ERROR", Title: "The request cannot be read.", Detail: err.Error()}}}
	}
	switch o := doc["options"].(type) {
	case nil:
	case map[string]any:
		options = o
	default:
		return nil, nil, vcMalformed("options is an object")
	}
	return doc, options, nil
}

// VCIssue signs a credential in the name of the instance and answers with the body of
// the response. suite is the only cryptosuite to use, or "" for the set of both;
// status adds an entry of a status list.
func (s *Service) VCIssue(ctx context.Context, body []byte, suite string, status bool) ([]byte, error) {
	if err := s.mayVC(ctx); err != nil {
		return nil, err
	}
	request, options, err := vcRequest(body)
	if err != nil {
		return nil, err
	}
	doc, ok := request["credential"].(map[string]any)
	if !ok {
		return nil, vcMalformed("credential is an object")
	}
	if err := vcIssuer(doc["issuer"]); err != nil {
		return nil, err
	}
	leave, err := s.crowd.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	by, err := s.Signing.Instance(ctx)
	if err != nil {
		return nil, err
	}
	o := credential.IssueOptions{At: s.now(), Lang: "en"}
	if suite != "" {
		o.Suites = []string{suite}
	}
	if id, ok := options["credentialId"].(string); ok && doc["id"] == nil {
		doc["id"] = id
	}
	if status {
		if err := s.withStatus(ctx, doc, options, by); err != nil {
			return nil, err
		}
	}
	issued, err := credential.IssueObject(doc, by, o)
	if r, ok := errors.AsType[*credential.Refusal](err); ok {
		return nil, &vcRefusal{[]vcProblem{problemOf(r.Check)}}
	}
	if err != nil {
		return nil, vcMalformed(err.Error())
	}
	return slices.Concat([]byte(`{"verifiableCredential":`), issued.Text, []byte("}\n")), nil
}

// vcIssuer refuses an issuer that VCDM 2.0, 4.7 does not allow, although its
// identifier will be replaced: the request would not mean what it says.
func vcIssuer(issuer any) error {
	if m, ok := issuer.(map[string]any); ok {
		if issuer = m["id"]; issuer == nil {
			return nil
		}
	}
	if issuer == nil {
		return nil
	}
	id, ok := issuer.(string)
	if u, err := url.Parse(id); !ok || err != nil || u.Scheme == "" {
		return vcMalformed("the identifier of the issuer is an address")
	}
	return nil
}

// withStatus gives a credential an identifier and a place in a list of each purpose
// asked for: revocation, if none is. What it would be refused for is refused before.
func (s *Service) withStatus(ctx context.Context, doc, options map[string]any, by credential.Issuer) error {
	if _, err := credential.IssueObject(doc, by, credential.IssueOptions{At: s.now(), Lang: "en", Suites: []string{integrity.EdDSAJCS}}); err != nil {
		if r, ok := errors.AsType[*credential.Refusal](err); ok {
			return &vcRefusal{[]vcProblem{problemOf(r.Check)}}
		}
		return vcMalformed(err.Error())
	}
	purposes := []string{}
	for _, v := range append(listOf(options["statusPurpose"]), listOf(options["credentialStatus"])...) {
		if m, ok := v.(map[string]any); ok {
			v = m["statusPurpose"]
		}
		purpose, _ := v.(string)
		if purpose != statuslist.Revocation && purpose != statuslist.Suspension {
			return vcMalformed("a status has the purpose revocation or suspension")
		}
		if !slices.Contains(purposes, purpose) {
			purposes = append(purposes, purpose)
		}
	}
	if len(purposes) == 0 {
		purposes = []string{statuslist.Revocation}
	}
	if doc["id"] == nil {
		doc["id"] = newURN()
	}
	id, _ := doc["id"].(string)
	var entries []any
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if entries, err = s.Signing.Reserve(ctx, tx, KindInstance, "", by, purposes...); err != nil {
			return err
		}
		text, err := json.Marshal(entries)
		if err != nil {
			return err
		}
		return insertPlaced(ctx, tx, s.digest(id), string(text))
	})
	if err != nil {
		return err
	}
	entries = append(listOf(doc["credentialStatus"]), entries...)
	if doc["credentialStatus"] = any(entries); len(entries) == 1 {
		doc["credentialStatus"] = entries[0]
	}
	return nil
}

// newURN is a random identifier (RFC 9562, version 4).
func newURN() string {
	var b [16]byte
	rand.Read(b[:]) //nolint:errcheck,gosec // never fails since Go 1.24
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// digest is how the identifier of a credential is kept.
func (s *Service) digest(id string) string {
	return base64.RawURLEncoding.EncodeToString(s.Keys.Digest("badge.credential", id))
}

func listOf(v any) []any {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		return slices.Clone(x)
	}
	return []any{v}
}

// VCStatus changes what the list says of a credential that VCIssue gave a status.
func (s *Service) VCStatus(ctx context.Context, body []byte) error {
	if err := s.mayVC(ctx); err != nil {
		return err
	}
	request, _, err := vcRequest(body)
	if err != nil {
		return err
	}
	id, ok := request["credentialId"].(string)
	if !ok || id == "" {
		return vcMalformed("credentialId is the identifier of the credential")
	}
	changes := listOf(request["credentialStatus"])
	if len(changes) == 0 || len(changes) > 8 {
		return vcMalformed("credentialStatus is a list of 1 to 8 changes")
	}
	placed, err := placedRows(ctx, s.DB.Read(), s.digest(id))
	if err != nil {
		return err
	}
	if len(placed) == 0 {
		return &vcRefusal{[]vcProblem{{Type: "about:blank", Title: "No such credential.", Detail: "No credential with this identifier was given a status here."}}}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, c := range changes {
			if err := s.changeStatus(ctx, tx, placed, c, request["status"]); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeStatus makes one change to the entries of a credential.
func (s *Service) changeStatus(ctx context.Context, tx *db.Tx, placed []string, change, otherwise any) error {
	c, ok := change.(map[string]any)
	if !ok {
		return vcMalformed("a change of status is an object")
	}
	if t, _ := c["type"].(string); t != "" && t != "BitstringStatusListEntry" && t != "BitstringStatusList" {
		return vcMalformed("the type of a status is BitstringStatusListEntry")
	}
	purpose, _ := c["statusPurpose"].(string)
	if purpose == "" {
		purpose = statuslist.Revocation
	}
	value := c["status"]
	if value == nil {
		value = otherwise
	}
	var on bool
	switch v := value.(type) {
	case bool:
		on = v
	case float64:
		on = v == 1
		ok = v == 0 || v == 1
	case string:
		on = v == "1" || v == "true"
		ok = on || v == "0" || v == "false"
	default:
		ok = false
	}
	if !ok {
		return vcMalformed(`status is "1" or "0"`)
	}
	n := 0
	for _, text := range placed {
		var entries []map[string]any
		if err := json.Unmarshal([]byte(text), &entries); err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		for _, e := range entries {
			if e["statusPurpose"] != purpose {
				continue
			}
			n++
			if err := s.Signing.Mark(ctx, tx, KindInstance, "", e, on); err != nil {
				return err
			}
		}
	}
	if n == 0 {
		return vcMalformed("the credential has no status with the purpose " + purpose)
	}
	return nil
}

// vcVerdict is the answer to a verification.
type vcVerdict struct {
	Verified       bool        `json:"verified"`
	Checks         []string    `json:"checks"`
	Warnings       []vcProblem `json:"warnings"`
	Errors         []vcProblem `json:"errors"`
	ProblemDetails []vcProblem `json:"problemDetails"`
}

// VCVerify verifies a credential, or a presentation, and answers with the body of the
// response and whether it is good. suite is the only cryptosuite accepted, "" for any.
func (s *Service) VCVerify(ctx context.Context, body []byte, member, suite string) ([]byte, bool, error) {
	if err := s.mayVC(ctx); err != nil {
		return nil, false, err
	}
	request, options, err := vcRequest(body)
	if err != nil {
		return nil, false, err
	}
	doc, ok := request[member].(map[string]any)
	token, isToken := request[member].(string)
	if !ok && !isToken {
		return nil, false, vcMalformed(member + " is an object or a token")
	}
	leave, err := s.crowd.enter(ctx)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	o := credential.Options{At: s.now(), Lang: "en", Suite: suite}
	o.Domain, _ = options["domain"].(string)
	o.Challenge, _ = options["challenge"].(string)
	var needs []string
	if isToken {
		needs = credential.Needs([]byte(token))
	} else {
		needs = credential.NeedsObject(doc)
	}
	if o.With, _, err = s.gather(ctx, needs, nil, true); err != nil {
		return nil, false, err
	}
	var r credential.Report
	switch presentation := member == "verifiablePresentation"; {
	case isToken && presentation:
		r = credential.VerifyPresentation([]byte(token), o)
	case isToken:
		r = credential.Verify([]byte(token), o)
	case presentation:
		r = credential.VerifyPresentationObject(doc, o)
	default:
		r = credential.VerifyObject(doc, o)
	}
	answer, err := json.Marshal(verdictOf(r))
	return append(answer, '\n'), r.Valid, err
}

// verdictOf puts a report into the words of the VC API.
func verdictOf(r credential.Report) vcVerdict {
	v := vcVerdict{Verified: r.Valid, Checks: []string{}, Warnings: []vcProblem{}, Errors: []vcProblem{}, ProblemDetails: []vcProblem{}}
	must := map[string]bool{credential.CheckParse: true, credential.CheckContext: true, credential.CheckProof: true, credential.CheckIssuer: true, credential.CheckExpiry: true}
	for _, c := range r.Checks {
		switch {
		case c.OK != nil && *c.OK:
			v.Checks = append(v.Checks, c.Name)
		case c.OK != nil || must[c.Name] || c.Name == credential.CheckStatus && c.Code != "status.none" && c.Code != "none.unread":
			v.Errors = append(v.Errors, problemOf(c))
		case !strings.HasSuffix(c.Code, ".none"):
			v.Warnings = append(v.Warnings, problemOf(c))
		}
	}
	v.ProblemDetails = append(slices.Clone(v.Errors), v.Warnings...)
	return v
}
