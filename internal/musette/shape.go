package musette

import (
	"errors"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// A Shape is a kind of thing a musette holds besides activities and pieces: which
// fields it has and where they stand in what the vault keeps.
type Shape struct {
	Name   string // code: in the view's kind and the address of its list
	Prefix string // of its ids
	Never  bool   // may never be shown to anybody else
	Fields []Field
	Icon   string

	OneKey, ManyKey, LedeKey, AddKey, VoidKey, VoidTextKey string // sentences of its list
}

// Field is one field of a shape.
type Field struct {
	Name       string // stable: form field, and name of the fact
	Key        string // of the label
	HelpKey    string // "" for none
	Input      Input
	Vocabulary string // of a Choice
	Required   bool
}

// Input is how a field is filled.
type Input int

// The inputs.
const (
	Line   Input = iota // one line
	Lines               // a text
	Steps               // a text, one step a line
	Day                 // a date
	Link                // an address of the web
	Mail                // a mail address
	Phone               // a telephone number
	Choice              // a word of the pack
	Week                // days of the week
	Prompt              // what a note is about
)

// Shapes are all of them, in the order of the index.
var Shapes = []*Shape{method, tool, skill, document, identity, workplace, contact, note}

var method = &Shape{
	Name: "method", Prefix: "mth", Icon: "method",
	OneKey: "musette.method.one_of", ManyKey: "musette.method.many", LedeKey: "musette.method.lede", AddKey: "musette.method.add", VoidKey: "musette.method.void", VoidTextKey: "musette.method.void.text",
	Fields: []Field{
		{Name: "title", Key: "musette.method.title", HelpKey: "musette.method.title.help", Required: true},
		{Name: "when", Key: "musette.method.when", HelpKey: "musette.method.when.help", Input: Lines},
		{Name: "steps", Key: "musette.method.steps", HelpKey: "musette.method.steps.help", Input: Steps},
		{Name: "pitfalls", Key: "musette.method.pitfalls", HelpKey: "musette.method.pitfalls.help", Input: Steps},
		{Name: "needs", Key: "musette.method.needs", HelpKey: "musette.method.needs.help"},
		{Name: "learned", Key: "musette.method.learned"},
	},
}

var tool = &Shape{
	Name: "tool", Prefix: "too", Icon: "tool",
	OneKey: "musette.tool.one_of", ManyKey: "musette.tool.many", LedeKey: "musette.tool.lede", AddKey: "musette.tool.add", VoidKey: "musette.tool.void", VoidTextKey: "musette.tool.void.text",
	Fields: []Field{
		{Name: "title", Key: "musette.tool.title", HelpKey: "musette.tool.title.help", Required: true},
		{Name: "use", Key: "musette.tool.use"},
		{Name: "start", Key: "musette.tool.start", Input: Day},
		{Name: "owner", Key: "musette.tool.owner", HelpKey: "musette.tool.owner.help"},
		{Name: "url", Key: "musette.tool.url", Input: Link},
		{Name: "narrative", Key: "musette.tool.narrative", Input: Lines},
	},
}

var document = &Shape{
	Name: "document", Prefix: "doc", Icon: "file",
	OneKey: "musette.document.one_of", ManyKey: "musette.document.many", LedeKey: "musette.document.lede", AddKey: "musette.document.add", VoidKey: "musette.document.void", VoidTextKey: "musette.document.void.text",
	Fields: []Field{
		{Name: "title", Key: "musette.document.title", Required: true},
		{Name: "type", Key: "musette.document.type", Input: Choice, Vocabulary: vocDocuments},
		{Name: "organisation", Key: "musette.document.organisation"},
		{Name: "reference", Key: "musette.document.reference"},
		{Name: "start", Key: "musette.document.start", Input: Day},
		{Name: "end", Key: "musette.document.end", HelpKey: "musette.document.end.help", Input: Day},
		{Name: "where", Key: "musette.document.where", HelpKey: "musette.document.where.help"},
		{Name: "narrative", Key: "musette.document.narrative", Input: Lines},
	},
}

var identity = &Shape{
	Name: "status", Prefix: "sta", Icon: "person",
	OneKey: "musette.status.one_of", ManyKey: "musette.status.many", LedeKey: "musette.status.lede", AddKey: "musette.status.add", VoidKey: "musette.status.void", VoidTextKey: "musette.status.void.text",
	Fields: []Field{
		{Name: "title", Key: "musette.status.title", HelpKey: "musette.status.title.help", Required: true},
		{Name: "status", Key: "musette.status.status", Input: Choice, Vocabulary: vocStatuses},
		{Name: "organisation", Key: "musette.status.organisation"},
		{Name: "start", Key: "musette.status.start", Input: Day},
		{Name: "end", Key: "musette.status.end", HelpKey: "musette.status.end.help", Input: Day},
		{Name: "gives", Key: "musette.status.gives", HelpKey: "musette.status.gives.help", Input: Lines},
		{Name: "asks", Key: "musette.status.asks", HelpKey: "musette.status.asks.help", Input: Lines},
	},
}

var workplace = &Shape{
	Name: "workplace", Prefix: "wpl", Icon: "lieux",
	OneKey: "musette.workplace.one_of", ManyKey: "musette.workplace.many", LedeKey: "musette.workplace.lede", AddKey: "musette.workplace.add", VoidKey: "musette.workplace.void", VoidTextKey: "musette.workplace.void.text",
	Fields: []Field{
		{Name: "title", Key: "musette.workplace.title", Required: true},
		{Name: "type", Key: "musette.workplace.type", Input: Choice, Vocabulary: vocWorkplaces},
		{Name: "place", Key: "musette.workplace.place", HelpKey: "musette.workplace.place.help"},
		{Name: "days", Key: "musette.workplace.days", Input: Week},
		{Name: "good", Key: "musette.workplace.good", Input: Lines},
		{Name: "lacks", Key: "musette.workplace.lacks", Input: Lines},
	},
}

// A contact is about somebody else: what is noted of her stays here.
var contact = &Shape{
	Name: "contact", Prefix: "ctc", Icon: "people", Never: true,
	OneKey: "musette.contact.one_of", ManyKey: "musette.contact.many", LedeKey: "musette.contact.lede", AddKey: "musette.contact.add", VoidKey: "musette.contact.void", VoidTextKey: "musette.contact.void.text",
	Fields: []Field{
		{Name: "title", Key: "musette.contact.title", Required: true},
		{Name: "organisation", Key: "musette.contact.organisation"},
		{Name: "role", Key: "musette.contact.role"},
		{Name: "met", Key: "musette.contact.met"},
		{Name: "mail", Key: "musette.contact.mail", Input: Mail},
		{Name: "phone", Key: "musette.contact.phone", Input: Phone},
		{Name: "place", Key: "musette.contact.place"},
		{Name: "narrative", Key: "musette.contact.narrative", HelpKey: "musette.contact.narrative.help", Input: Lines},
	},
}

// A note is for its author alone: no face, no grant and no room can show it.
var note = &Shape{
	Name: "note", Prefix: "nte", Icon: "told", Never: true,
	OneKey: "musette.note.one_of", ManyKey: "musette.note.many", LedeKey: "musette.note.lede", AddKey: "musette.note.add", VoidKey: "musette.note.void", VoidTextKey: "musette.note.void.text",
	Fields: []Field{
		{Name: "narrative", Key: "musette.note.narrative", Input: Lines, Required: true},
		{Name: "about", Key: "musette.note.about", Input: Prompt},
		{Name: "start", Key: "musette.note.start", Input: Day},
	},
}

// Prompts are what a note may be about; "" is anything.
var Prompts = []string{"learned", "wears", "want"}

// ShapeByName finds a shape, nil if there is none.
func ShapeByName(name string) *Shape {
	i := slices.IndexFunc(Shapes, func(s *Shape) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return Shapes[i]
}

// shapeOf finds the shape of an item by its id, nil if it has none.
func shapeOf(id kernel.ItemID) *Shape {
	i := slices.IndexFunc(Shapes, func(s *Shape) bool { return has(id, s.Prefix) })
	if i < 0 {
		return nil
	}
	return Shapes[i]
}

// Entry is a thing of some shape: what is said in each of its fields, in their order.
type Entry struct {
	ID         kernel.ItemID
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Provenance gate.Provenance
	Shape      *Shape
	Values     []string
}

// Value is what is said in a field, "" if nothing or if the shape has no such field.
func (e *Entry) Value(field string) string {
	for i, f := range e.Shape.Fields {
		if f.Name == field && i < len(e.Values) {
			return e.Values[i]
		}
	}
	return ""
}

// nameMost is how much of a note stands for its title.
const nameMost = 80

// Name is what the entry is called: its title, or how its text begins.
func (e *Entry) Name() string {
	if t := e.Value("title"); t != "" {
		return t
	}
	first, _, _ := strings.Cut(strings.TrimSpace(e.Value("narrative")), "\n")
	if utf8.RuneCountInString(first) <= nameMost {
		return first
	}
	cut := string([]rune(first)[:nameMost])
	if space := strings.LastIndexByte(cut, ' '); space > 0 {
		cut = cut[:space]
	}
	return cut + "…"
}

var (
	errRequired = kernel.NewFault(kernel.Invalid, "musette.field.missing")
	errLink     = kernel.NewFault(kernel.Invalid, "musette.link.form")
	errMail     = kernel.NewFault(kernel.Invalid, "musette.mail.form")
	errWeek     = kernel.NewFault(kernel.Invalid, "musette.week.form")
	errPrompt   = kernel.NewFault(kernel.Invalid, "musette.prompt.unknown")
)

// Check says everything that is wrong with an entry, each fault on its field.
func (e *Entry) Check() error {
	var wrong []error
	for i, f := range e.Shape.Fields {
		if err := f.check(e.Values[i]); err != nil {
			wrong = append(wrong, err)
		}
	}
	start, end := kernel.Date(e.Value("start")), kernel.Date(e.Value("end"))
	if ordinal(start) > 0 && ordinal(end) > 0 && end.Last().Before(start.First()) {
		wrong = append(wrong, errEndBefore)
	}
	return errors.Join(wrong...)
}

// check says what is wrong with a value.
func (f *Field) check(value string) error {
	if strings.TrimSpace(value) == "" {
		if f.Required {
			return errRequired.On(f.Name)
		}
		return nil
	}
	if err := text(f.Name, value, f.Most()); err != nil {
		return err
	}
	switch f.Input {
	case Day:
		if ordinal(kernel.Date(value)) <= 0 {
			return errDate.On(f.Name)
		}
	case Link:
		if !isLink(value) {
			return errLink.On(f.Name)
		}
	case Mail:
		if a, err := mail.ParseAddress(value); err != nil || a.Address != value {
			return errMail.On(f.Name)
		}
	case Week:
		if strings.Trim(value, "0123456") != "" {
			return errWeek.On(f.Name)
		}
	case Prompt:
		if !slices.Contains(Prompts, value) {
			return errPrompt.On(f.Name)
		}
	case Line, Lines, Steps, Phone, Choice:
	}
	return nil
}

// Most is how many characters a field takes.
func (f *Field) Most() int {
	switch f.Input {
	case Lines, Steps:
		return storyMost
	case Link:
		return linkMost
	case Choice:
		return statusMost
	case Line, Day, Mail, Phone, Week, Prompt:
	}
	return lineMost
}

const linkMost = 2000

// isLink reports whether s is the address of a page of the web.
func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(s, " \n\t")
}

// item is the entry as the vault takes it; its Version is the one it replaces.
func (e *Entry) item() gate.Item {
	v := gate.View{Kind: e.Shape.Name, Never: e.Shape.Never, Provenance: e.Provenance}
	for i, f := range e.Shape.Fields {
		if value := e.Values[i]; value != "" {
			if slot := slotOf(&v, f.Name); slot != nil {
				*slot = value
			} else {
				v.Facts = append(v.Facts, gate.Fact{Name: f.Name, Text: value})
			}
		}
	}
	return gate.Item{ID: e.ID, Room: room, Version: e.Version, View: v}
}

// slotOf is the member of a view where a field stands; nil makes a fact of it.
func slotOf(v *gate.View, field string) *string {
	switch field {
	case "title":
		return &v.Title
	case "start":
		return &v.Start
	case "end":
		return &v.End
	case "organisation":
		return &v.Organisation
	case "place":
		return &v.Place
	case "status":
		return &v.Status
	case "narrative":
		return &v.Text
	}
	return nil
}

// entryOf reads an item of the vault; ok is false if it has no shape.
func entryOf(it *gate.Item) (e *Entry, ok bool) {
	shape := shapeOf(it.ID)
	if shape == nil {
		return nil, false
	}
	e = &Entry{
		ID: it.ID, Version: it.Version, CreatedAt: it.CreatedAt, UpdatedAt: it.UpdatedAt, Provenance: it.View.Provenance,
		Shape: shape, Values: make([]string, len(shape.Fields)),
	}
	v := it.View
	for i, f := range shape.Fields {
		if slot := slotOf(&v, f.Name); slot != nil {
			e.Values[i] = *slot
			continue
		}
		for _, fact := range v.Facts {
			if fact.Name == f.Name {
				e.Values[i] = fact.Text
			}
		}
	}
	return e, true
}
