package intake

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// xmlText is the member that holds the text of an element which also has
// attributes or children.
const xmlText = "#text"

// element is an XML element: its local name, and a node like that of JSON, in
// which attributes and children are members.
type element struct {
	name, space string
	node        node
}

// xml reads an XML document and hands it to the reader of its format.
func (s *sink) xml(name string, raw string, text string) error {
	switch rootName(text) {
	case "svg":
		return s.svgBadge(name, raw, text)
	case "html", "":
		if hasPrefixFold(text, "<!doctype html") || hasPrefixFold(text, "<html") {
			return refuse("intake.html")
		}
	}
	root, cutLine, err := parseXML(text)
	if err != nil {
		return err
	}
	switch root.name {
	case "SkillsPassport", "LearnerInfo":
		s.found(FormatEuropass)
		err = s.learner(node{v: map[string]any{root.name: root.node.v}})
	case "Candidate":
		s.found(FormatEuropass)
		err = s.candidate(root.node)
	default:
		return refuse("intake.xml.unknown", "root", quote(root.name))
	}
	if err == nil && cutLine > 0 {
		s.skip(s.at(cutLine), "intake.truncated")
	}
	return err
}

// rootName is the local name of the first element; empty when there is none.
func rootName(text string) string {
	d := newDecoder(strings.NewReader(text))
	for {
		t, err := d.RawToken()
		if err != nil {
			return ""
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Name.Local
		}
	}
}

// newDecoder reads XML within the limits of a tag.
func newDecoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(&tagGuard{r: r})
	d.CharsetReader = alreadyUTF8
	return d
}

// alreadyUTF8 ignores the encoding a document declares: decodeText has seen to it.
func alreadyUTF8(_ string, r io.Reader) (io.Reader, error) { return r, nil }

// openElement is an element whose end has not come yet.
type openElement struct {
	name    string
	members map[string]any
	text    strings.Builder
	isItem  bool // repeated, or likely to be: not kept when cut short
}

// parseXML builds the tree within the limits. Entities of the document's own are
// refused, whether they would grow or reach out (XML 1.0, 4.2); a DOCTYPE without
// them is fine. Of a document that is cut short, the complete elements are given,
// and the line of the cut.
func parseXML(text string) (root element, cutLine int, err error) {
	d := newDecoder(strings.NewReader(text))
	d.Entity = xml.HTMLEntity
	var stack []*openElement
	nodes := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, 0, noRoot(root)
		}
		if err != nil {
			line, _ := d.InputPos()
			if errors.Is(err, errTag) {
				return element{}, 0, refuse("intake.xml.many", "max", maxXMLNodes)
			}
			if cutShort(err) && len(stack) > 0 {
				return closeAll(stack, root), line, nil
			}
			return element{}, 0, refuse("intake.xml.invalid", "line", line)
		}
		switch t := t.(type) {
		case xml.Directive:
			if strings.Contains(strings.ToUpper(string(t)), "<!ENTITY") {
				return element{}, 0, refuse("intake.xml.entities")
			}
		case xml.StartElement:
			if len(stack) == maxXMLDepth {
				return element{}, 0, refuse("intake.xml.deep", "max", maxXMLDepth)
			}
			if nodes += 1 + len(t.Attr); nodes > maxXMLNodes {
				return element{}, 0, refuse("intake.xml.many", "max", maxXMLNodes)
			}
			if len(stack) == 0 {
				root.name, root.space = t.Name.Local, t.Name.Space
			}
			stack = append(stack, opened(t))
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text.Write(t)
			}
		case xml.EndElement:
			done := stack[len(stack)-1]
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				root.node = node{v: done.value()}
			} else {
				stack[len(stack)-1].put(done.name, done.value())
			}
		}
	}
}

func noRoot(root element) error {
	if root.name == "" {
		return refuse("intake.empty")
	}
	return nil
}

// cutShort reports whether the document ended before its end.
func cutShort(err error) bool {
	var syntax *xml.SyntaxError
	return errors.As(err, &syntax) && syntax.Msg == "unexpected EOF" || errors.Is(err, io.ErrUnexpectedEOF)
}

// closeAll closes the elements a cut left open. The innermost ones are dropped:
// an entry half told is worse than an entry missed.
func closeAll(stack []*openElement, root element) element {
	for len(stack) > 1 {
		last := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !last.isItem {
			stack[len(stack)-1].put(last.name, last.value())
		}
	}
	root.node = node{v: stack[0].value()}
	return root
}

// listElements are the elements that stand for one entry each.
var listElements = words(`WorkExperience Education Achievement EmployerHistory PositionHistory VoluntaryWork
	EducationOrganizationAttendance PersonCompetency Project Certification CourseCertification Publication License
	HobbyOrInterest ForeignLanguage MotherTongue NetworkAndMembership ConferenceAndSeminar HonourAndAward
	CreativeWork SocialAndPoliticalActivity EmploymentReference Attachment Period From To StartDate EndDate`)

func opened(t xml.StartElement) *openElement {
	o := &openElement{name: t.Name.Local, isItem: listElements[t.Name.Local]}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" || a.Name.Local == "schemaLocation" {
			continue
		}
		o.put(a.Name.Local, a.Value)
	}
	return o
}

// put adds a member; a second one of the same name makes a list.
func (o *openElement) put(name string, v any) {
	if o.members == nil {
		o.members = map[string]any{}
	}
	switch old := o.members[name].(type) {
	case nil:
		o.members[name] = v
	case []any:
		o.members[name] = append(old, v)
	default:
		o.members[name] = []any{old, v}
	}
}

func (o *openElement) value() any {
	text := strings.TrimSpace(o.text.String())
	if o.members == nil {
		return text
	}
	if text != "" {
		o.members[xmlText] = text
	}
	return o.members
}
