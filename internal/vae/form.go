package vae

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"
)

// Dossier is one of the two that make a file.
type Dossier string

// The dossiers.
const (
	Feasibility Dossier = "feasibility" // once livret 1
	Validation  Dossier = "validation"  // once livret 2
)

// Input is how a field is filled.
type Input int

// The inputs.
const (
	Line Input = iota
	Lines
	Day
	Choice
	Tick
	Amount
)

// Field is one thing a part asks.
type Field struct {
	Name     string // in the form and in what is kept
	Label    string // in the person's or the certification's words; "" for a message
	Key      string // of the label, after "vae.field."
	Input    Input
	Options  string // vocabulary of a Choice
	Required bool
	Row      int // 1… when the field is one of a row that may be left empty
}

// shape is a kind of part: its code before the first dot, and what it asks.
type shape struct {
	kind    string
	dossier Dossier
	many    bool // one each for blocs, experiences or activities
	only    Variant
	pieces  bool // pieces of the musette may be joined
	needed  bool // the dossier is not complete without it
	fields  []Field
}

// shapes are the parts of the two dossiers, in their order. That of feasibility is the
// model of 2025: its variant Accompanied has the opinion of the architecte.
var shapes = []shape{
	{kind: "identity", dossier: Feasibility, needed: true, fields: []Field{
		{Name: "name", Required: true}, {Name: "birth_name"}, {Name: "born", Input: Day, Required: true}, {Name: "birth_place", Required: true},
		{Name: "nationality"}, {Name: "address", Input: Lines, Required: true}, {Name: "phone"}, {Name: "mail", Required: true},
	}},
	{kind: "situation", dossier: Feasibility, needed: true, fields: []Field{
		{Name: "status", Input: Choice, Options: "status", Required: true}, {Name: "since", Input: Day}, {Name: "employer"}, {Name: "agreement"},
		{Name: "level", Input: Choice, Options: "level", Required: true}, {Name: "words", Input: Lines},
	}},
	{kind: "aim", dossier: Feasibility, needed: true, fields: []Field{
		{Name: "option"}, {Name: "languages"}, {Name: "why", Input: Lines, Required: true},
	}},
	{kind: "experience", dossier: Feasibility, many: true, needed: true, fields: []Field{
		{Name: "title", Required: true}, {Name: "frame", Input: Choice, Options: "frame", Required: true}, {Name: "organisation"}, {Name: "start", Input: Day, Required: true},
		{Name: "duration", Input: Choice, Options: "duration", Required: true}, {Name: "words", Input: Lines, Required: true},
	}},
	{kind: "diplomas", dossier: Feasibility, fields: []Field{{Name: "words", Input: Lines}, {Name: "equivalence", Input: Lines}}},
	{kind: "bloc", dossier: Feasibility, many: true, needed: true, fields: []Field{{Name: "words", Input: Lines, Required: true}}},
	{kind: "prerequisites", dossier: Feasibility, fields: rows(6, Field{Name: "label"}, Field{Name: "state", Input: Choice, Options: "acquired"})},
	{kind: "training", dossier: Feasibility, fields: append([]Field{
		{Name: "individual", Input: Amount}, {Name: "collective", Input: Amount}, {Name: "extra", Input: Amount},
		{Name: "mandatory", Input: Lines}, {Name: "advised", Input: Lines}, {Name: "immersion", Input: Lines},
	}, rows(3, Field{Name: "quote"}, Field{Name: "hours", Input: Amount}, Field{Name: "cost", Input: Amount})...)},
	{kind: "opinion", dossier: Feasibility, only: Accompanied, needed: true, fields: []Field{
		{Name: "architect", Required: true}, {Name: "house"}, {Name: "opinion", Input: Choice, Options: "opinion", Required: true}, {Name: "words", Input: Lines}, {Name: "on", Input: Day},
	}},
	{kind: "attachments", dossier: Feasibility, pieces: true, needed: true, fields: []Field{
		{Name: "identity", Input: Tick, Required: true}, {Name: "equivalence", Input: Tick}, {Name: "training", Input: Tick}, {Name: "words", Input: Lines},
	}},
	{kind: "statement", dossier: Feasibility, needed: true, fields: []Field{
		{Name: "jury", Input: Day}, {Name: "after", Input: Tick}, {Name: "sworn", Input: Tick, Required: true}, {Name: "place", Required: true}, {Name: "on", Input: Day, Required: true},
	}},

	{kind: "intro", dossier: Validation, needed: true, fields: []Field{{Name: "words", Input: Lines, Required: true}}},
	{kind: "post", dossier: Validation, many: true, fields: []Field{
		{Name: "title", Required: true}, {Name: "structure", Input: Lines, Required: true}, {Name: "post", Input: Lines, Required: true},
	}},
	{kind: "told", dossier: Validation, many: true, pieces: true, needed: true, fields: []Field{
		{Name: "title", Required: true}, {Name: "context", Input: Lines}, {Name: "did", Input: Lines, Required: true}, {Name: "means", Input: Lines},
		{Name: "result", Input: Lines}, {Name: "back", Input: Lines},
	}},
	{kind: "conclusion", dossier: Validation, fields: []Field{{Name: "words", Input: Lines, Required: true}}},
	{kind: "glossary", dossier: Validation, fields: []Field{{Name: "words", Input: Lines, Required: true}}},
	{kind: "annexes", dossier: Validation, pieces: true, fields: []Field{{Name: "words", Input: Lines}}},
}

// rows are fields repeated, each row of which may be left empty.
func rows(n int, of ...Field) []Field {
	var all []Field
	for i := 1; i <= n; i++ {
		for _, f := range of {
			f.Key, f.Row = f.Name, i
			f.Name += "." + strconv.Itoa(i)
			all = append(all, f)
		}
	}
	return all
}

// Vocabularies of choices; what is said for each is a message.
var vocabularies = map[string][]string{
	"status":   {"employee", "public", "self", "seeker", "volunteer", "carer", "mandate", "home", "student", "retired", "else"},
	"level":    {"none", "3", "4", "5", "6", "7", "8"},
	"frame":    {"job", "self", "volunteering", "mandate", "care", "internship", "else"},
	"duration": {"under1", "1to3", "3to5", "5to10", "over10"},
	"claim":    {"yes", "partly", "no"},
	"acquired": {"acquired", "progress", "advised"},
	"opinion":  {"favourable", "unfavourable"},
}

// shapeOf is the shape of a part by its code, nil when there is none.
func shapeOf(code string) *shape {
	kind, _, dotted := strings.Cut(code, ".")
	i := slices.IndexFunc(shapes, func(s shape) bool { return s.kind == kind && s.many == dotted })
	if i < 0 {
		return nil
	}
	return &shapes[i]
}

// keyOf is what stands after the first dot of a code: a bloc, or what tells one
// experience from another.
func keyOf(code string) string {
	_, key, _ := strings.Cut(code, ".")
	return key
}

// claimField and howField name what is said of a competence in a bloc of the dossier
// of feasibility, and in an activity of the dossier of validation.
func claimField(competence string) string { return "claim." + competence }
func howField(competence string) string   { return "how." + competence }

// fields are what a part asks in this file: those of its shape, and for what is about
// a bloc one for each of its competences.
func (f *File) fields(code string, bloc string) []Field {
	sh := shapeOf(code)
	if sh == nil {
		return nil
	}
	all := slices.Clone(sh.fields)
	for i := range all {
		if all[i].Key == "" {
			all[i].Key = all[i].Name
		}
		all[i].Key = sh.kind + "." + all[i].Key
	}
	b, ok := f.Certification.bloc(bloc)
	if !ok {
		return all
	}
	for _, k := range b.points() {
		switch sh.kind {
		case "bloc":
			all = append(all, Field{Name: claimField(k.ID), Label: k.Text, Input: Choice, Options: "claim", Required: true})
		case "told":
			all = append(all, Field{Name: howField(k.ID), Label: k.Text, Input: Lines})
		}
	}
	return all
}

const linesMost = 40_000 // characters of one text

var (
	errChoice = kernel.NewFault(kernel.Invalid, "vae.choice")
	errDay    = kernel.NewFault(kernel.Invalid, "vae.day")
	errAmount = kernel.NewFault(kernel.Invalid, "vae.amount")
)

// check says what is wrong with a value. A part may be kept unfinished: what is
// required is asked for by the dossier, not here.
func (d *Field) check(value string) error {
	if value == "" {
		return nil
	}
	most := lineMost
	if d.Input == Lines {
		most = linesMost
	}
	if utf8.RuneCountInString(value) > most {
		return errLong.With("max", most).On(d.Name)
	}
	switch d.Input {
	case Choice:
		if !slices.Contains(vocabularies[d.Options], value) {
			return errChoice.On(d.Name)
		}
	case Day:
		if _, err := kernel.ParseDate(value); err != nil {
			return errDay.On(d.Name)
		}
	case Amount:
		if n, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64); err != nil || n < 0 || n > 1e6 {
			return errAmount.On(d.Name)
		}
	case Tick:
		if value != "on" {
			return errChoice.On(d.Name)
		}
	case Line, Lines:
	}
	return nil
}

// checkAll says everything that is wrong with the values of a part.
func checkAll(fields []Field, values map[string]string) error {
	var wrong []error
	for i := range fields {
		if err := fields[i].check(values[fields[i].Name]); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

// countWords counts words as word processors do: runs between white space that hold a
// letter or a digit.
func countWords(text string) int {
	n := 0
	for w := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(w, func(r rune) bool {
			return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 127 && r != '«' && r != '»' && r != '…' && r != '–' && r != '—'
		}) {
			n++
		}
	}
	return n
}
