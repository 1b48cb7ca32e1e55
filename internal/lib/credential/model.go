package credential

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/lib/credential/integrity"
)

// finding is something in a document that breaks the rules of its form.
type finding struct {
	where  string
	want   string
	absent bool // something of a badge that ought to be there is not: incomplete, not wrong
}

// inspector collects findings.
type inspector struct {
	found []finding
	left  int // objects still to look at
}

const (
	maxFindings = 20
	maxObjects  = 20_000
)

func (i *inspector) wrong(where, want string) {
	if len(i.found) < maxFindings {
		i.found = append(i.found, finding{where: where, want: want})
	}
}

func (i *inspector) absent(where string) {
	if len(i.found) < maxFindings {
		i.found = append(i.found, finding{where: where, want: "?", absent: true})
	}
}

// isURL says whether a value is a text with a scheme and no spaces (VCDM 2.0, 1.2: URL).
func isURL(v any) bool {
	s, ok := v.(string)
	if !ok {
		return false
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || rest == "" || strings.ContainsAny(s, " \t\n<>\"{}|\\^`") {
		return false
	}
	for i, c := range []byte(scheme) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return true
}

// asList is v as a list; nothing is the empty list.
func asList(v any) []any {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		return x
	}
	return []any{v}
}

// textsOf are the texts of a value that is a text or a list.
func textsOf(v any) []string {
	out := []string{}
	for _, e := range asList(v) {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func hasType(m object, name string) bool { return contains(m["type"], name) }

// isV2 says which data model a document follows, by its first context.
func isV2(doc object) bool {
	c := asList(doc["@context"])
	return len(c) > 0 && c[0] == ContextV2
}

// credential checks the form of a credential (VCDM 2.0, 4; VCDM 1.1, 4). A credential to
// be issued has no proof yet and may have no issuer.
func (i *inspector) credential(doc object, v2 bool) {
	i.types(doc, "VerifiableCredential")
	i.identifier(doc, "id", "/id")
	i.issuer(doc)
	i.subjects(doc)
	i.validity(doc, v2)
	i.labels(doc, "")
	i.parts(doc, "credentialStatus", false, false)
	i.parts(doc, "credentialSchema", true, true)
	i.parts(doc, "refreshService", false, false)
	i.parts(doc, "termsOfUse", false, false)
	i.parts(doc, "evidence", false, false)
	for n, v := range asList(doc["proof"]) {
		m, ok := v.(object)
		if t, _ := m["type"].(string); !ok || t == "" {
			i.wrong("/proof/"+strconv.Itoa(n)+"/type", "text")
		}
	}
	i.related(doc)
}

// types checks the type of a document (VCDM 2.0, 4.5).
func (i *inspector) types(doc object, name string) {
	all := asList(doc["type"])
	texts := textsOf(doc["type"])
	if len(all) == 0 || len(texts) != len(all) || !slices.Contains(texts, name) {
		i.wrong("/type", name)
	}
}

// identifier checks that an identifier, if there is one, is one URL (VCDM 2.0, 4.4).
func (i *inspector) identifier(m object, name, where string) {
	if v, ok := m[name]; ok && !isURL(v) {
		i.wrong(where, "URL")
	}
}

// issuer checks who issues (VCDM 2.0, 4.7).
func (i *inspector) issuer(doc object) {
	switch x := doc["issuer"].(type) {
	case string:
		if !isURL(x) {
			i.wrong("/issuer", "URL")
		}
	case object:
		if !isURL(x["id"]) {
			i.wrong("/issuer/id", "URL")
		}
		i.labels(x, "/issuer")
	default:
		i.wrong("/issuer", "URL")
	}
}

// subjects checks what is claimed (VCDM 2.0, 4.8).
func (i *inspector) subjects(doc object) {
	all := asList(doc["credentialSubject"])
	if len(all) == 0 {
		i.wrong("/credentialSubject", "object")
	}
	for _, v := range all {
		m, ok := v.(object)
		if !ok || len(m) == 0 {
			i.wrong("/credentialSubject", "object")
			continue
		}
		i.identifier(m, "id", "/credentialSubject/id")
	}
}

// validity checks the dates (VCDM 2.0, 4.9; VCDM 1.1, 4.6).
func (i *inspector) validity(doc object, v2 bool) {
	from, until := "validFrom", "validUntil"
	if !v2 {
		from, until = "issuanceDate", "expirationDate"
		if doc["issuanceDate"] == nil {
			i.wrong("/issuanceDate", "date")
		}
	}
	var at [2]time.Time
	for n, name := range []string{from, until} {
		v, ok := doc[name]
		if !ok {
			continue
		}
		s, _ := v.(string)
		var err error
		if at[n], err = integrity.Time(s); err != nil {
			i.wrong("/"+name, "date")
		}
	}
	if !at[0].IsZero() && !at[1].IsZero() && at[1].Before(at[0]) {
		i.wrong("/"+until, ">= "+from)
	}
}

// labels checks name and description: a text, or texts with language (VCDM 2.0, 4.6 and
// 11.1).
func (i *inspector) labels(m object, where string) {
	for _, name := range []string{"name", "description"} {
		v, ok := m[name]
		if !ok {
			continue
		}
		for _, e := range asList(v) {
			switch x := e.(type) {
			case string:
			case object:
				for k, v := range x {
					_, isText := v.(string)
					if k != "@value" && k != "@language" && k != "@direction" && !strings.HasPrefix(k, "@") {
						isText = isText && x["@value"] == nil // a language map
					}
					if !isText {
						i.wrong(where+"/"+name, "text")
						break
					}
				}
			default:
				i.wrong(where+"/"+name, "text")
			}
		}
	}
}

// parts checks members whose values are objects with a type, and an identifier.
func (i *inspector) parts(doc object, name string, needsID, needsType bool) {
	for _, v := range asList(doc[name]) {
		m, ok := v.(object)
		if !ok {
			// An address alone is a reference; VCDM 2.0 wants objects here.
			i.wrong("/"+name, "object")
			continue
		}
		if t := textsOf(m["type"]); len(t) == 0 || len(t) != len(asList(m["type"])) {
			i.wrong("/"+name+"/type", "text")
		}
		if m["id"] == nil && needsID {
			i.wrong("/"+name+"/id", "URL")
		}
		i.identifier(m, "id", "/"+name+"/id")
	}
	if v, ok := doc[name]; ok && needsType && len(asList(v)) == 0 {
		i.wrong("/"+name, "object")
	}
}

// related checks the form of relatedResource (VCDM 2.0, 5.3).
func (i *inspector) related(doc object) {
	seen := map[any]bool{}
	for _, v := range asList(doc["relatedResource"]) {
		m, ok := v.(object)
		if !ok || !isURL(m["id"]) || seen[m["id"]] {
			i.wrong("/relatedResource/id", "URL")
			continue
		}
		seen[m["id"]] = true
		_, sri := m["digestSRI"].(string)
		_, multi := m["digestMultibase"].(string)
		if !sri && !multi {
			i.wrong("/relatedResource/digestSRI", "digest")
		}
	}
}

// presentation checks the form of a presentation (VCDM 2.0, 4.13).
func (i *inspector) presentation(doc object) {
	if c := asList(doc["@context"]); len(c) == 0 || c[0] != ContextV2 && c[0] != ContextV1 {
		i.wrong("/@context", ContextV2)
	}
	i.types(doc, "VerifiablePresentation")
	i.identifier(doc, "id", "/id")
	switch x := doc["holder"].(type) {
	case nil:
	case object:
		if !isURL(x["id"]) {
			i.wrong("/holder/id", "URL")
		}
	default:
		if !isURL(x) {
			i.wrong("/holder", "URL")
		}
	}
	for _, v := range asList(doc["verifiableCredential"]) {
		m, ok := v.(object)
		if !ok {
			if _, token := v.(string); !token {
				i.wrong("/verifiableCredential", "object")
			}
			continue
		}
		if id, _ := m["id"].(string); strings.HasPrefix(id, "data:") && !hasType(m, "EnvelopedVerifiableCredential") {
			i.wrong("/verifiableCredential/type", "EnvelopedVerifiableCredential")
		} else if !hasType(m, "EnvelopedVerifiableCredential") && !hasType(m, "VerifiableCredential") {
			i.wrong("/verifiableCredential/type", "VerifiableCredential")
		}
	}
}
