package web

import (
	"context"
	"crypto/rand"
	"strings"

	"digiwork/internal/platform/i18n"

	"github.com/a-h/templ"
)

// Input is one field of a form. Name, Label and, after a refusal, Refused suffice.
type Input struct {
	Name         string
	ID           string // Name if empty
	Label        string
	Help         string // said before the field
	Value        string
	Type         string // of the input: "text" if empty
	Autocomplete string
	Accept       string // of a file field
	From, To     string // least and greatest, of a date or number
	Max          int    // characters
	Rows         int    // of a Textarea; 5 if 0
	Required     bool
	Disabled     bool
	Narrow       bool
	Multiple     bool // a file field that takes several
	Refused      Refusals
}

// Option is one thing to choose.
type Option struct {
	Value, Text, Help string
	Chosen, Disabled  bool
}

// Group is a question with its options.
type Group struct {
	Name, Legend, Help string
	Options            []Option
	Required           bool
	Refused            Refusals
}

// Choose builds options from pairs of value and text; the chosen one is marked.
func Choose(chosen string, pairs ...string) []Option {
	var all []Option
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, Option{Value: pairs[i], Text: pairs[i+1], Chosen: pairs[i] == chosen})
	}
	return all
}

func (in Input) id() string {
	if in.ID != "" {
		return in.ID
	}
	return fieldID(in.Name)
}

func (g Group) id() string { return fieldID(g.Name) }

// fieldID makes an id of a field's name: "shows[0].title" is no anchor.
func fieldID(name string) string {
	return strings.Map(func(c rune) rune {
		if c == '[' || c == ']' || c == '.' || c == ' ' {
			return '-'
		}
		return c
	}, name)
}

func (in Input) kind() string {
	if in.Type == "" {
		return "text"
	}
	return in.Type
}

func (in Input) rows() int {
	if in.Rows == 0 {
		return 5
	}
	return in.Rows
}

// text is the value of a textarea. HTML drops a line end right after the tag, so
// one that the person typed is doubled.
func (in Input) text() string {
	if strings.HasPrefix(in.Value, "\n") {
		return "\n" + in.Value
	}
	return in.Value
}

// box is what a ticked box sends.
func (in Input) box() string {
	if in.Value == "" {
		return "1"
	}
	return in.Value
}

// state ties help and refusal to the field.
func (in Input) state(ctx context.Context) templ.OrderedAttributes {
	var all templ.OrderedAttributes
	var by []string
	if in.Help != "" {
		by = append(by, in.id()+"-h")
	}
	if in.Refused.On(ctx, in.Name) != "" {
		by = append(by, in.id()+"-e")
		all = append(all, templ.KeyValue[string, any]{Key: "aria-invalid", Value: "true"})
	}
	if len(by) > 0 {
		all = append(all, templ.KeyValue[string, any]{Key: "aria-describedby", Value: strings.Join(by, " ")})
	}
	if in.Required {
		all = append(all, templ.KeyValue[string, any]{Key: "required", Value: true})
	}
	if in.Disabled {
		all = append(all, templ.KeyValue[string, any]{Key: "disabled", Value: true})
	}
	return all
}

// dated is the field of a date: narrow, with the forms it takes as help.
func (in Input) dated(ctx context.Context) Input {
	how := i18n.T(ctx, "web.date.help")
	if in.Help != "" {
		how = in.Help + " " + how
	}
	in.Help, in.Narrow = how, true
	return in
}

// newKey is the key of one sending of one form.
func newKey() string { return rand.Text() }

// keyOr keeps a key that came back if it looks like one of ours.
func keyOr(key string) string {
	if len(key) != len(newKey()) || strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return newKey()
	}
	return key
}
