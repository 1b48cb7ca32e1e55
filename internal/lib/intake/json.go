package intake

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// json reads a JSON document and hands it to the reader of its format.
func (s *sink) json(name string, raw string, text string) error {
	root, cutLine, err := s.parseJSON(text)
	if err != nil {
		return err
	}
	if err := s.jsonFormat(name, raw, root, cutLine > 0); err != nil {
		return err
	}
	if cutLine > 0 {
		s.skip(s.at(cutLine), "intake.truncated")
	}
	return nil
}

func (s *sink) jsonFormat(name string, raw string, root node, cut bool) error {
	switch {
	case isPlatformJSON(root):
		s.rep.Format = FormatPlatform
		return s.platformJSON(root)
	case isStatements(root):
		s.found(FormatXAPI)
		return s.statements(root)
	case root.has("SkillsPassport") || root.has("LearnerInfo"):
		s.found(FormatEuropass)
		return s.learner(root)
	case isResume(root):
		s.found(FormatJSONResume)
		return s.resume(root)
	}
	if cut {
		return refuse("intake.json.invalid", "line", 1+strings.Count(raw, "\n"), "column", 0)
	}
	return s.badgeJSON(name, raw, root)
}

// found notes the format, unless the file is a part of something already known.
func (s *sink) found(f Format) {
	if s.rep.Format == FormatUnknown {
		s.rep.Format = f
	}
}

// parseJSON parses within the limits. When the document is cut short, what stood
// complete before the cut is given, and the line of the cut.
func (s *sink) parseJSON(text string) (root node, cutLine int, err error) {
	scan, err := scanJSON(text)
	if err != nil {
		return node{}, 0, err
	}
	v, err := decodeJSON(text)
	if err == nil {
		return node{v: v}, 0, nil
	}
	if !scan.open || scan.safe == 0 || !errors.Is(err, io.ErrUnexpectedEOF) {
		line, column := position(text, errorOffset(err, text))
		return node{}, 0, refuse("intake.json.invalid", "line", line, "column", column)
	}
	v, err = decodeJSON(text[:scan.safe] + scan.closing)
	if err != nil {
		line, column := position(text, len(text))
		return node{}, 0, refuse("intake.json.invalid", "line", line, "column", column)
	}
	cutLine, _ = position(text, scan.safe)
	return node{v: v}, cutLine, nil
}

// decodeJSON decodes one value and nothing after it. It goes token by token: the
// decoder would keep a second copy of a value it decodes whole.
func decodeJSON(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := jsonValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &json.SyntaxError{Offset: d.InputOffset()}
	}
	return v, nil
}

// jsonValue builds the next value. scanJSON has bounded depth and number.
func jsonValue(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := jsonValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, closed(d)
	case json.Delim('{'):
		object := map[string]any{}
		for d.More() {
			name, err := jsonValue(d)
			if err != nil {
				return nil, err
			}
			key, ok := name.(string)
			if !ok {
				return nil, &json.SyntaxError{Offset: d.InputOffset()}
			}
			if object[key], err = jsonValue(d); err != nil {
				return nil, err
			}
		}
		return object, closed(d)
	case json.Delim(']'), json.Delim('}'):
		return nil, &json.SyntaxError{Offset: d.InputOffset()}
	}
	return t, nil
}

// closed reads the sign that closes a list or an object.
func closed(d *json.Decoder) error {
	_, err := d.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func errorOffset(err error, text string) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return int(min(syntax.Offset, int64(len(text))))
	}
	return len(text)
}

// position is the line and the column, in characters, of a byte; both from 1.
func position(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// jsonScan is what one pass over the bytes of a document tells.
type jsonScan struct {
	open    bool   // the document ends inside something
	safe    int    // up to here, complete entries only
	closing string // what closes the document there
}

// scanJSON checks depth and size before anything is built, and finds where a
// document that is cut short can be closed: after a member or an element, outside
// of any object that is an element of a list, so that no entry is half read.
func scanJSON(text string) (jsonScan, error) {
	var out jsonScan
	var stack [maxJSONDepth]byte
	depth, values, lists := 0, 1, 0 // lists counts the open lists
	inString := false
	mark := func(i int) {
		// Only objects, then at most one list, innermost.
		if depth > 0 && (lists == 0 || lists == 1 && stack[depth-1] == ']') {
			out.safe = i
			b := make([]byte, 0, depth)
			for d := depth - 1; d >= 0; d-- {
				b = append(b, stack[d])
			}
			out.closing = string(b)
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if inString {
			switch c {
			case '\\':
				i++
			case '"':
				inString = false
			}
			continue
		}
		switch c {
		case '"':
			inString = true
		case '{', '[':
			if depth == maxJSONDepth {
				return out, refuse("intake.json.deep", "max", maxJSONDepth)
			}
			stack[depth] = c + 2 // the sign that closes it
			depth++
			if c == '[' {
				lists++
			}
			values++
		case '}', ']':
			if depth > 0 {
				depth--
				if stack[depth] == ']' {
					lists--
				}
			}
			mark(i + 1)
		case ',':
			values++
			mark(i)
		}
		if values > maxJSONValues {
			return out, refuse("intake.json.many", "max", maxJSONValues)
		}
	}
	out.open = depth > 0 || inString
	return out, nil
}
