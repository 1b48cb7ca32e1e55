package credential

import (
	"errors"
	"strings"
	"time"

	"digiwork/internal/lib/credential/baking"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/lib/credential/jose"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/jsonld"
)

// Options of a verification.
type Options struct {
	At   time.Time // the moment for which the answer counts
	With *Library  // what is at hand; may be nil
	Lang string    // of the sentences: "fr" or "en"; "fr" when empty

	// For presentations: what the proof must have been made for, "" when any.
	Domain    string
	Challenge string
	// Suite, when not empty, is the only cryptosuite accepted, for conformance runs.
	Suite string
}

// maxInside bounds credentials inside credentials.
const (
	maxInside = 3
	maxInner  = 64
)

// verification is the work on one credential.
type verification struct {
	o       Options
	doc     object // the credential, with proofs if they stand inside
	token   *jose.Token
	format  string
	answers map[string]answer
	named   bool // a status is named
	depth   int
	inner   []Report
	budget  *int // credentials left to look at, inner ones included
}

// Verify answers the eight questions about a credential: JSON, a token, or a picture
// that holds one. It never fails: what cannot be read is a report that says so.
func Verify(input []byte, o Options) Report {
	v := start(o)
	if !v.read(input) {
		return v.report()
	}
	v.run()
	return v.report()
}

// VerifyObject is Verify for a credential that was decoded strictly (ijson).
func VerifyObject(doc map[string]any, o Options) Report {
	v := start(o)
	v.take(doc)
	v.run()
	return v.report()
}

func start(o Options) *verification {
	if o.Lang != "en" {
		o.Lang = "fr"
	}
	budget := maxInner
	return &verification{o: o, answers: map[string]answer{}, format: FormatLD, budget: &budget}
}

func (v *verification) set(name string, a answer) { v.answers[name] = a }

// read finds out what the input is; false ends the verification.
func (v *verification) read(input []byte) bool {
	text := string(input)
	if baking.IsPicture(input) {
		var err error
		if text, err = baking.Unbake(input); err != nil {
			v.set(CheckParse, no(pictureCode(err)))
			return false
		}
	}
	text = strings.TrimSpace(text)
	if jose.Looks(text) {
		return v.readToken(text)
	}
	if isURL(text) {
		v.set(CheckParse, unknown("parse.address", "address", text))
		return false
	}
	doc, err := ijson.Object([]byte(text), ijson.Limits{})
	if err != nil {
		v.set(CheckParse, no(jsonCode(err), "why", err.Error()))
		return false
	}
	v.take(doc)
	return true
}

func pictureCode(err error) string {
	switch {
	case errors.Is(err, baking.ErrEmpty):
		return "parse.picture_empty"
	case errors.Is(err, baking.ErrTwo):
		return "parse.picture_two"
	case errors.Is(err, baking.ErrLimit):
		return "parse.limit"
	}
	return "parse.picture"
}

func jsonCode(err error) string {
	switch {
	case errors.Is(err, ijson.ErrLimit):
		return "parse.limit"
	case errors.Is(err, ijson.ErrUnsafe):
		return "parse.ambiguous"
	}
	return "parse.json"
}

// take takes a decoded document.
func (v *verification) take(doc object) {
	v.doc = doc
	v.set(CheckParse, yes("parse.ok"))
	if id, _ := doc["id"].(string); hasType(doc, "EnvelopedVerifiableCredential") && strings.HasPrefix(id, "data:") {
		if _, text, ok := strings.Cut(id, ","); ok && jose.Looks(text) {
			v.readToken(text) // VCDM 2.0, 4.13.1: the token inside is what counts
			return
		}
	}
	if isOB2(doc) {
		v.format = FormatOB2
	}
}

func (v *verification) readToken(text string) bool {
	t, err := jose.Parse(text)
	if err != nil {
		v.set(CheckParse, no("parse.token", "why", err.Error()))
		return false
	}
	v.token, v.format = t, FormatJWT
	if t.Partial() {
		v.format = FormatSDJWT
	}
	claims, err := t.Open()
	if err != nil {
		v.set(CheckParse, no("parse.token", "why", err.Error()))
		return false
	}
	opened := *t
	opened.Claims = claims
	v.doc = tokenCredential(&opened)
	v.set(CheckParse, yes("parse.ok"))
	if isOB2(v.doc) {
		v.format = FormatOB2
	}
	return true
}

// run answers all questions.
func (v *verification) run() {
	if v.doc == nil || v.answers[CheckParse].bad() {
		return
	}
	if *v.budget--; *v.budget < 0 {
		v.set(CheckParse, no("parse.limit"))
		return
	}
	if v.format == FormatOB2 {
		v.runOB2()
		return
	}
	if hasType(v.doc, "VerifiablePresentation") {
		v.runPresentation()
		return
	}
	v.set(CheckSchema, v.schema())
	v.set(CheckExpiry, v.expiry())
	if v.token != nil {
		v.set(CheckContext, v.tokenContext())
		v.tokenProof()
	} else {
		v.proofs(expectAssertion(v.o))
	}
	v.set(CheckStatus, v.status())
	v.set(CheckEndorsement, v.inside())
}

func expectAssertion(o Options) integrity.Expect {
	return integrity.Expect{Purpose: "assertionMethod", At: o.At}
}

// report puts the answers into words.
func (v *verification) report() Report {
	r := Report{Format: v.format, Type: []string{}, Credential: v.doc, Inner: v.inner}
	if v.doc != nil {
		r.Type = textsOf(v.doc["type"])
		if vct, ok := v.doc["vct"].(string); ok && len(r.Type) == 0 {
			r.Type = []string{vct}
		}
		r.Issuer = v.party()
		r.Subject = v.doc["credentialSubject"]
		if v.format == FormatOB2 {
			r.Subject = v.doc["recipient"]
		}
	}
	for _, name := range order {
		a, ok := v.answers[name]
		if !ok {
			a = unknown("none.unread")
		}
		r.Checks = append(r.Checks, a.say(name, v.o.Lang))
	}
	r.decide(v.named)
	return r
}

// party names the issuer as the credential does.
func (v *verification) party() (p Party) {
	who := v.doc["issuer"]
	if v.format == FormatOB2 {
		who = v.ob2Issuer()
	}
	switch x := who.(type) {
	case string:
		p.ID = x
	case object:
		p.ID, _ = x["id"].(string)
		p.Name = labelOf(x["name"])
	}
	if p.ID == "" {
		p.ID, _ = v.doc["iss"].(string)
	}
	return p
}

// labelOf is a text, or the first of several with a language.
func labelOf(v any) string {
	for _, e := range asList(v) {
		switch x := e.(type) {
		case string:
			return x
		case object:
			if s, ok := x["@value"].(string); ok {
				return s
			}
		}
	}
	return ""
}

// schema answers whether the form is that of a credential and a badge.
func (v *verification) schema() answer {
	if v.doc["vct"] != nil && v.doc["@context"] == nil {
		return v.vctSchema()
	}
	i := &inspector{}
	i.credential(v.doc, isV2(v.doc))
	i.badge(v.doc)
	return formAnswer(i.found)
}

func formAnswer(found []finding) answer {
	a := yes("schema.ok")
	for _, f := range found {
		if f.absent {
			a = worse(a, unknown("schema.absent", "where", f.where))
		} else {
			a = worse(a, no("schema.wrong", "where", f.where, "want", f.want))
		}
	}
	return a
}

// vctSchema checks a token of a type given by vct (SD-JWT VC, 3.2.2).
func (v *verification) vctSchema() answer {
	if s, ok := v.doc["vct"].(string); !ok || s == "" {
		return no("schema.wrong", "where", "/vct", "want", "text")
	}
	if _, ok := v.doc["iss"]; ok && !isURL(v.doc["iss"]) {
		return no("schema.wrong", "where", "/iss", "want", "URL")
	}
	return yes("schema.ok")
}

// expiry answers whether the credential counts at the moment asked for.
func (v *verification) expiry() answer {
	a := yes("expiry.none", "at", dateIn(v.o.At))
	early := func(name string, at time.Time) {
		if at.After(v.o.At) {
			a = worse(a, unknown("expiry.early", "date", dateIn(at)))
		}
	}
	late := func(at time.Time) {
		if !v.o.At.Before(at) {
			a = worse(a, no("expiry.over", "date", dateIn(at)))
		} else if a.code == "expiry.none" {
			a = yes("expiry.until", "date", dateIn(at))
		}
	}
	for _, name := range []string{"validFrom", "issuanceDate", "validUntil", "expirationDate"} {
		x, ok := v.doc[name]
		if !ok {
			continue
		}
		s, _ := x.(string)
		at, err := integrity.Time(s)
		if err != nil {
			return no("expiry.date", "where", "/"+name)
		}
		if name == "validFrom" || name == "issuanceDate" {
			early(name, at)
		} else {
			late(at)
		}
	}
	if v.token == nil {
		return a
	}
	for name, f := range map[string]func(time.Time){
		"nbf": func(at time.Time) { early("nbf", at) }, "exp": late,
	} {
		x, ok := v.token.Claims[name]
		if !ok {
			continue
		}
		seconds, ok := x.(float64)
		if !ok || seconds < -62135596800 || seconds > 253402300799 {
			return no("expiry.date", "where", "/"+name)
		}
		f(time.Unix(int64(seconds), 0))
	}
	return a
}

// contextAnswer puts an error of reading linked data into an answer.
func contextAnswer(err error) answer {
	if err == nil {
		return yes("context.ok")
	}
	e, ok := errors.AsType[*jsonld.Error](err)
	if !ok {
		return no("context.work")
	}
	with := []string{"what", e.What, "where", e.Where()}
	switch {
	case errors.Is(err, jsonld.ErrUnknownContext):
		return unknown("context.unknown", with...)
	case errors.Is(err, jsonld.ErrProtected):
		return no("context.protected", with...)
	case errors.Is(err, jsonld.ErrDropped):
		return no("context.dropped", with...)
	case errors.Is(err, jsonld.ErrRelative):
		return no("context.relative", with...)
	case errors.Is(err, jsonld.ErrLimit):
		return no("context.work")
	}
	return no("context.invalid", with...)
}

// contextList checks the list of contexts before anything is read by them.
func contextList(doc object) answer {
	list, ok := doc["@context"].([]any)
	if !ok {
		list = asList(doc["@context"])
	}
	if len(list) == 0 || list[0] != ContextV2 && list[0] != ContextV1 {
		return no("context.first")
	}
	if !ok {
		return no("context.list")
	}
	for _, c := range list {
		switch x := c.(type) {
		case object:
		case string:
			if !isURL(x) {
				return no("context.address", "what", x)
			}
		default:
			return no("context.address", "what", "?")
		}
	}
	return yes("context.ok")
}
