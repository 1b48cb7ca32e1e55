package vae

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"
)

// Certification is what a file aims at: a diploma, a title, or a referential of an
// organisation's own.
type Certification struct {
	Code      string `json:"code,omitempty"` // RNCP37191, "" when it has none
	Title     string `json:"title"`
	Certifier string `json:"certifier,omitempty"`
	Level     string `json:"level,omitempty"` // "5" of the European framework
	Until     string `json:"until,omitempty"` // end of registration, a day
	Source    string `json:"source,omitempty"`
	Blocs     []Bloc `json:"blocs"`
}

// Bloc is a part of a certification that can be obtained by itself.
type Bloc struct {
	ID          string       `json:"key"`            // in its certification
	Code        string       `json:"code,omitempty"` // RNCP37191BC02
	Title       string       `json:"title"`
	Competences []Competence `json:"competences"`
}

// Competence is a line of a bloc.
type Competence struct {
	ID   string `json:"key"` // in its certification
	Text string `json:"text"`
}

const (
	titleMost      = 300
	lineMost       = 300
	competenceMost = 2000
	blocsMost      = 40
	perBlocMost    = 60
)

var (
	errTitle       = kernel.NewFault(kernel.Invalid, "vae.certification.title.missing").On("title")
	errLong        = kernel.NewFault(kernel.Invalid, "vae.long")
	errCode        = kernel.NewFault(kernel.Invalid, "vae.certification.code.form").On("code")
	errNoBloc      = kernel.NewFault(kernel.Invalid, "vae.certification.blocs.missing").On("bloc.0.title")
	errBlocTitle   = kernel.NewFault(kernel.Invalid, "vae.certification.bloc.missing")
	errBlocMany    = kernel.NewFault(kernel.Invalid, "vae.certification.blocs.many").With("max", blocsMost)
	errManyInBloc  = kernel.NewFault(kernel.Invalid, "vae.certification.competences.many").With("max", perBlocMost)
	errNoBlocOfIt  = kernel.NewFault(kernel.Invalid, "vae.blocs.none").On("blocs")
	ficheForm      = regexp.MustCompile(`^(RNCP|RS)[0-9]{1,7}$`)
	errNotFoundVAE = kernel.NewFault(kernel.NotFound, "vae.not_found")
)

// Check says everything that is wrong with a certification, each fault on its field
// of the form: title, code, bloc.N.title, bloc.N.competences.
func (c *Certification) Check() error {
	var wrong []error
	long := func(field, s string, most int) {
		if utf8.RuneCountInString(s) > most {
			wrong = append(wrong, errLong.With("max", most).On(field))
		}
	}
	if c.Title == "" {
		wrong = append(wrong, errTitle)
	}
	long("title", c.Title, titleMost)
	long("certifier", c.Certifier, lineMost)
	if c.Code != "" && !ficheForm.MatchString(c.Code) {
		wrong = append(wrong, errCode)
	}
	if len(c.Blocs) == 0 {
		wrong = append(wrong, errNoBloc)
	}
	if len(c.Blocs) > blocsMost {
		wrong = append(wrong, errBlocMany.On(blocField(len(c.Blocs)-1, "title")))
	}
	for i, b := range c.Blocs {
		if b.Title == "" {
			wrong = append(wrong, errBlocTitle.On(blocField(i, "title")))
		}
		long(blocField(i, "title"), b.Title, titleMost)
		if len(b.Competences) > perBlocMost {
			wrong = append(wrong, errManyInBloc.On(blocField(i, "competences")))
		}
		for _, k := range b.Competences {
			if utf8.RuneCountInString(k.Text) > competenceMost {
				wrong = append(wrong, errLong.With("max", competenceMost).On(blocField(i, "competences")))
				break
			}
		}
	}
	return errors.Join(wrong...)
}

func blocField(i int, name string) string { return "bloc." + strconv.Itoa(i) + "." + name }

// bloc finds a bloc by its id.
func (c *Certification) bloc(id string) (Bloc, bool) {
	i := slices.IndexFunc(c.Blocs, func(b Bloc) bool { return b.ID == id })
	if i < 0 {
		return Bloc{}, false
	}
	return c.Blocs[i], true
}

// chosen are the blocs with these ids, in the order of the certification.
func (c *Certification) chosen(ids []string) []Bloc {
	var all []Bloc
	for _, b := range c.Blocs {
		if slices.Contains(ids, b.ID) {
			all = append(all, b)
		}
	}
	return all
}

// inherit gives blocs and competences the ids they had in before, so that what was
// said of them stays theirs: the same code or title, the same text. New ones get ids
// that nothing had.
func (c *Certification) inherit(before Certification) {
	taken, old := map[string]bool{}, map[string]string{}
	for _, b := range before.Blocs {
		taken[b.ID] = true
		old["b\x00"+b.Code+"\x00"+b.Title] = b.ID
		for _, k := range b.Competences {
			taken[k.ID] = true
			old[b.ID+"\x00"+k.Text] = k.ID
		}
	}
	next := func(prefix string) string {
		for n := 1; ; n++ {
			if id := prefix + strconv.Itoa(n); !taken[id] {
				taken[id] = true
				return id
			}
		}
	}
	for i := range c.Blocs {
		b := &c.Blocs[i]
		if b.ID == "" {
			b.ID = old["b\x00"+b.Code+"\x00"+b.Title]
		}
		if b.ID == "" {
			b.ID = next("b")
		}
		for j := range b.Competences {
			k := &b.Competences[j]
			if k.ID = old[b.ID+"\x00"+k.Text]; k.ID == "" {
				k.ID = next("c")
			}
		}
	}
}

// bullet is what stands before a line of a list: a dash, a dot, a number with a dot.
var bullet = regexp.MustCompile(`^(?:[-–—•·*▪●○◦>]+|\(?[0-9]{1,2}[.)°])\s*`)

// lines reads the competences of a bloc from a text that has one a line, as registers
// print them and as people paste them. What ends with a colon announces a list: it is
// no competence.
func lines(text string) []Competence {
	var all []Competence
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ")
		line = strings.TrimSpace(bullet.ReplaceAllString(line, ""))
		line = strings.TrimRight(line, " ;,")
		same := func(k Competence) bool { return k.Text == line }
		if line == "" || strings.HasSuffix(line, ":") || slices.ContainsFunc(all, same) {
			continue
		}
		all = append(all, Competence{Text: line})
	}
	return all
}

// text is the competences of a bloc, one a line.
func (b Bloc) text() string {
	all := make([]string, len(b.Competences))
	for i, k := range b.Competences {
		all[i] = k.Text
	}
	return strings.Join(all, "\n")
}

// points are what is said of a bloc: its competences, or the bloc itself as long as
// nobody listed them.
func (b Bloc) points() []Competence {
	if len(b.Competences) > 0 {
		return b.Competences
	}
	return []Competence{{ID: b.ID, Text: b.Title}}
}
