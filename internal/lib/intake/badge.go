package intake

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
)

// badgeJSON keeps a badge, a credential or a list of them as pieces: the bytes as
// they came, with the name, the issuer and the date as the badge tells them.
// Nothing is verified here: that is the business of whoever opens the piece.
func (s *sink) badgeJSON(name string, raw string, root node) error {
	if root.isList() {
		return s.badgeList(name, raw, root)
	}
	types := root.any("type", "@type").texts()
	has := func(names ...string) bool {
		return slices.ContainsFunc(types, func(t string) bool {
			return slices.Contains(names, t[strings.LastIndexAny(t, "#/:")+1:])
		})
	}
	switch {
	case has("BadgeClass", "Achievement"):
		return refuse("intake.badge.class")
	case has("Issuer", "Profile", "RevocationList", "CryptographicKey", "BitstringStatusListCredential"):
		return refuse("intake.badge.not_yours")
	case has("Assertion", "VerifiableCredential", "OpenBadgeCredential", "AchievementCredential", "VerifiablePresentation",
		"EndorsementCredential", "Endorsement", "EnvelopedVerifiableCredential", "ClrCredential"),
		root.has("credentialSubject"), root.has("badge") && (root.has("recipient") || root.has("verify")):
		s.found(FormatBadge)
		s.add(s.badge(name, raw, "application/json", root))
		return nil
	case root.has("badge") || root.has("@context") && root.has("issuer"):
		return refuse("intake.badge.class")
	}
	return refuse("intake.json.unknown")
}

// badgeList keeps each badge of a list, byte for byte, as a piece of its own.
func (s *sink) badgeList(name string, raw string, root node) error {
	var each []json.RawMessage
	list := root.each()
	text, _ := decodeText(raw)
	if len(list) == 0 || !list[0].isObject() || json.Unmarshal([]byte(text), &each) != nil || len(each) != len(list) {
		return refuse("intake.json.unknown")
	}
	if len(list) > maxZipFiles {
		return refuse("intake.json.many", "max", maxZipFiles)
	}
	for i, n := range list {
		err := s.badgeJSON(name, string(each[i]), node{v: n.v})
		var no *refusal
		switch {
		case errors.As(err, &no):
			s.skip(s.on(n), no.note.Key, no.note.Args...)
		case err != nil:
			return err
		}
	}
	return nil
}

// badge makes the piece.
func (s *sink) badge(name string, raw string, media string, root node) Entry {
	e := Entry{
		Kind: KindPiece, Type: TypeBadge, Where: s.on(root),
		Piece: &Piece{Name: quote(path.Base(strings.ReplaceAll(name, `\`, "/"))), Media: media, Raw: []byte(raw)},
	}
	inner := root
	if root.has("vc") {
		inner = root.at("vc") // the claims of a credential as JWT, VC-DM 1.1
	}
	if v := inner.at("verifiableCredential").each(); len(v) > 0 && v[0].isObject() {
		inner = v[0]
	}
	types := strings.Join(inner.any("type", "@type").texts(), " ")
	subject := first(inner.at("credentialSubject"))
	achievement := first(subject.any("achievement", "hasCredential"))
	switch {
	case strings.Contains(types, "Endorsement"):
		e.Type = TypeEndorsement
	case !strings.Contains(types, "Badge") && !strings.Contains(types, "Assertion") && !achievement.there() && !inner.has("badge"):
		e.Type = TypeCredential
	}
	class := inner.at("badge")
	for _, n := range []node{achievement.at("name"), class.at("name"), inner.at("name"), subject.at("name")} {
		if e.Title == "" {
			e.Title = s.valueText(n)
		}
	}
	if e.Title == "" {
		e.Title = lastSegment(class.text())
	}
	if e.Title == "" {
		e.Title = lastSegment(e.Piece.Name)
	}
	issuer := inner.at("issuer")
	if !issuer.there() {
		issuer = class.at("issuer")
	}
	if e.Organisation = s.valueText(issuer.at("name")); e.Organisation == "" {
		e.Organisation = cmp.Or(hostOf(cmp.Or(issuer.text(), issuer.at("id").text())), hostOf(class.text()))
	}
	for _, n := range []node{achievement.at("description"), class.at("description"), inner.at("description")} {
		if e.Narrative == "" {
			e.Narrative = s.valueText(n)
		}
	}
	if on := inner.any("validFrom", "issuanceDate", "issuedOn", "awardedDate"); on.there() {
		e.Start = s.date(&e, on)
	}
	if until := inner.any("validUntil", "expirationDate", "expires"); until.there() {
		e.fact(factExpires, s.date(&e, until))
	}
	return e
}

func first(n node) node {
	if list := n.each(); n.isList() && len(list) > 0 {
		return list[0]
	}
	return n
}

// valueText is a text, or the text in the reader's language of {"@value": …,
// "@language": …} or of a language map.
func (s *sink) valueText(n node) string {
	for _, v := range n.each() {
		if strings.HasPrefix(v.at("@language").text(), s.opt.Lang) {
			return v.at("@value").text()
		}
	}
	n = first(n)
	if n.has("@value") {
		return n.at("@value").text()
	}
	if n.isObject() {
		return s.inLanguage(n)
	}
	return n.text()
}

// lastSegment is the last part of an address without its extension.
func lastSegment(address string) string {
	base := path.Base(strings.TrimRight(address, "/"))
	if base == "." || base == "/" {
		return ""
	}
	return strings.TrimSuffix(base, path.Ext(base))
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// jwt keeps a badge that is a signed text: the compact form of a JWS (RFC 7515,
// 7.1), an SD-JWT with its disclosures.
func (s *sink) jwt(name string, raw string, token string) error {
	jws, _, _ := strings.Cut(token, "~")
	parts := strings.Split(jws, ".")
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return refuse("intake.badge.broken")
	}
	root, _, err := s.parseJSON(string(payload))
	if err != nil || !root.isObject() {
		return refuse("intake.badge.broken")
	}
	s.found(FormatBadge)
	e := s.badge(name, raw, "application/jwt", root)
	e.Where = s.at(0)
	s.add(e)
	return nil
}

// bakedNames are the keywords under which a picture carries a badge: Open Badges
// 2.0 (assertion, baking 1.1.4) and 3.0 (5.3.2).
var bakedNames = []string{"openbadges", "openbadgecredential"}

// pngBadge keeps a picture that carries a badge. The picture is not decoded: only
// the names and lengths of its chunks are read.
func (s *sink) pngBadge(name string, raw string) error {
	text, err := bakedInPNG(raw)
	if err != nil {
		return err
	}
	if text == "" {
		return refuse("intake.picture")
	}
	return s.baked(name, raw, "image/png", text)
}

// baked keeps the picture with what the badge inside tells.
func (s *sink) baked(name string, raw string, media, text string) error {
	text = strings.TrimSpace(text)
	var root node
	switch {
	case looksLikeJWT(text):
		jws, _, _ := strings.Cut(text, "~")
		payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.Split(jws, ".")[1], "="))
		if err != nil {
			return refuse("intake.badge.broken")
		}
		text = string(payload)
	case webAddress(text) != "":
		s.found(FormatBadge)
		e := s.badge(name, raw, media, node{})
		e.URL = text
		s.warn(e.Where, "intake.badge.elsewhere")
		s.add(e)
		return nil
	}
	root, _, err := s.parseJSON(text)
	if err != nil || !root.isObject() {
		return refuse("intake.badge.broken")
	}
	s.found(FormatBadge)
	s.add(s.badge(name, raw, media, root))
	return nil
}

// bakedInPNG finds the text chunk of a badge (PNG, 11.3.4: tEXt, zTXt, iTXt).
func bakedInPNG(raw string) (string, error) {
	for p := raw[8:]; len(p) >= 12; {
		n := int64(binary.BigEndian.Uint32([]byte(p[:4])))
		if n+12 > int64(len(p)) {
			return "", refuse("intake.picture.broken")
		}
		typ, body := p[4:8], p[8:8+n]
		p = p[12+n:]
		if typ != "tEXt" && typ != "iTXt" && typ != "zTXt" {
			continue
		}
		keyword, rest, ok := strings.Cut(body, "\x00")
		if ok && slices.Contains(bakedNames, strings.ToLower(keyword)) {
			return chunkText(typ, []byte(rest))
		}
	}
	return "", nil
}

// chunkText gives the text of a chunk, inflated within maxCredential.
func chunkText(typ string, rest []byte) (string, error) {
	packed := typ == "zTXt"
	switch typ {
	case "iTXt": // compression flag and method, language, translated keyword
		if len(rest) < 2 {
			return "", refuse("intake.badge.broken")
		}
		packed = rest[0] == 1
		rest = rest[2:]
		for range 2 {
			_, after, ok := bytes.Cut(rest, []byte{0})
			if !ok {
				return "", refuse("intake.badge.broken")
			}
			rest = after
		}
	case "zTXt":
		rest = rest[min(1, len(rest)):]
	}
	if packed {
		z, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			return "", refuse("intake.badge.broken")
		}
		if rest, err = io.ReadAll(io.LimitReader(z, maxCredential+1)); err != nil {
			return "", refuse("intake.badge.broken")
		}
	}
	if len(rest) > maxCredential {
		return "", refuse("intake.badge.large", "max", maxCredential>>20)
	}
	return string(rest), nil
}

// svgBadge keeps a drawing that carries a badge: an element assertion (2.0) or
// credential (3.0) of the Open Badges name space, with the text or a verify
// attribute.
func (s *sink) svgBadge(name string, raw string, text string) error {
	d := newDecoder(strings.NewReader(text))
	inside, depth := false, 0
	var b strings.Builder
	verify := ""
	for {
		t, err := d.RawToken()
		if err != nil {
			break
		}
		switch t := t.(type) {
		case xml.Directive:
			if strings.Contains(strings.ToUpper(string(t)), "<!ENTITY") {
				return refuse("intake.xml.entities")
			}
		case xml.StartElement:
			if depth++; depth > maxXMLDepth {
				return refuse("intake.xml.deep", "max", maxXMLDepth)
			}
			if t.Name.Space == "openbadges" && (t.Name.Local == "credential" || t.Name.Local == "assertion") {
				inside, verify = true, attr(t, "verify")
			}
		case xml.EndElement:
			depth--
			inside = inside && t.Name.Space != "openbadges"
		case xml.CharData:
			if inside {
				if b.Write(t); b.Len() > maxCredential {
					return refuse("intake.badge.large", "max", maxCredential>>20)
				}
			}
		}
	}
	if strings.TrimSpace(b.String()) != "" {
		verify = b.String()
	}
	if verify == "" {
		return refuse("intake.picture")
	}
	return s.baked(name, raw, "image/svg+xml", verify)
}
