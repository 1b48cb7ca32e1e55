package app

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/musette"
)

// sceneFiles are the invented people, their circles and their pieces of evidence.
//
//go:embed demo
var sceneFiles embed.FS

// written is the day on which the invented lives were written. They move forward by
// whole years with the calendar, so that seasons stay what they are.
var written = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// scene is everything the demonstration shows, in the order in which it is made.
type scene struct {
	People  []invented
	Circles []inventedCircle

	files fs.FS
	today time.Time
	years int // that have passed since it was written
}

// invented is a person who does not exist, and her musette.
type invented struct {
	Handle     string              `json:"handle"`
	Name       string              `json:"name"`
	Lang       string              `json:"lang"`
	Goal       string              `json:"goal"`
	Parts      []string            `json:"parts"`
	Pack       string              `json:"pack"`
	Profile    map[string]string   `json:"profile"`
	Activities []inventedActivity  `json:"activities"`
	Entries    []map[string]string `json:"entries"` // fields of a shape, and "shape"
	Letters    []inventedLetter    `json:"letters"`
	Faces      []inventedFace      `json:"faces"`
}

// inventedActivity is an activity; Key is how its faces name it.
type inventedActivity struct {
	Key          string          `json:"key"`
	Title        string          `json:"title"`
	Kind         musette.Kind    `json:"kind"`
	Start        string          `json:"start"`
	End          string          `json:"end"`
	Organisation string          `json:"organisation"`
	Place        string          `json:"place"`
	WithWhom     string          `json:"with_whom"`
	Purpose      string          `json:"purpose"`
	Paid         *bool           `json:"paid"`
	Status       string          `json:"status"`
	Hours        float64         `json:"hours"`
	Narrative    string          `json:"narrative"`
	Tools        []string        `json:"tools"`
	Methods      []string        `json:"methods"`
	Tags         []string        `json:"tags"`
	Before       string          `json:"before"` // its first narrative, kept in its history
	Pieces       []inventedPiece `json:"pieces"`
}

// inventedPiece is a page, or a file of demo/files.
type inventedPiece struct {
	Title  string `json:"title"`
	File   string `json:"file"`
	URL    string `json:"url"`
	Date   string `json:"date"`
	Author string `json:"author"`
}

type inventedLetter struct {
	To        string          `json:"to"`
	Address   string          `json:"address"`
	Rights    []musette.Right `json:"rights"`
	Language  string          `json:"language"`
	Sender    string          `json:"sender"`
	Reference string          `json:"reference"`
	Detail    string          `json:"detail"`
	Sent      string          `json:"sent"`
	Answered  string          `json:"answered"`
	Outcome   musette.Outcome `json:"outcome"`
}

// inventedFace shows the activities it names, or those its rule chooses.
type inventedFace struct {
	Name       string          `json:"name"`
	Language   string          `json:"language"`
	Profile    []string        `json:"profile"`
	Activities []string        `json:"activities"`
	Rule       *gate.Rule      `json:"rule"`
	Pieces     []string        `json:"pieces"` // titles
	Hides      []string        `json:"hides"`
	Grants     []inventedGrant `json:"grants"`
}

// inventedGrant is open or withdrawn, and some have looked.
type inventedGrant struct {
	Person    string   `json:"person"` // a handle; neither person nor circle is a link
	Circle    string   `json:"circle"` // its name
	Purpose   string   `json:"purpose"`
	Until     string   `json:"until"`
	Visits    []string `json:"visits"` // handles, or "link"
	Pieces    bool     `json:"pieces"` // visitors open the pieces too
	Withdrawn bool     `json:"withdrawn"`
	Refused   bool     `json:"refused"` // and somebody tried the link since
}

type inventedCircle struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Owner   string   `json:"owner"`
	Members []string `json:"members"`
	Hosts   []string `json:"hosts"` // members who look after it too
}

// readScene reads the files of the demonstration as they stand at now.
func readScene(files fs.FS, now time.Time) (*scene, error) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, err
	}
	s := &scene{files: files, today: now.In(paris)}
	s.years = yearsBetween(written, s.today)
	names, err := fs.Glob(files, "demo/people/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		var p invented
		if err := s.read(name, &p); err != nil {
			return nil, err
		}
		s.People = append(s.People, p)
	}
	if len(s.People) == 0 {
		return nil, fs.ErrNotExist
	}
	return s, s.read("demo/circles.json", &s.Circles)
}

// yearsBetween counts the whole years from a day to another, negative when it is earlier.
func yearsBetween(from, to time.Time) int {
	n := to.Year() - from.Year()
	if to.YearDay() < from.AddDate(n, 0, 0).YearDay() {
		n--
	}
	return n
}

// year is a year in a text that moves with the calendar: {2021}.
var year = regexp.MustCompile(`\{\d{4}\}`)

func (s *scene) read(name string, into any) error {
	raw, err := fs.ReadFile(s.files, name)
	if err != nil {
		return err
	}
	raw = year.ReplaceAllFunc(raw, func(y []byte) []byte {
		return []byte(s.date(string(y[1 : len(y)-1])))
	})
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return nil
}

// date gives a date of the files as it stands today: "-12d" is twelve days ago, and
// 2021, 2021-03 or 2021-03-02 moves by the years that have passed.
func (s *scene) date(text string) kernel.Date {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil {
			return kernel.Date(s.today.AddDate(0, 0, n).Format(time.DateOnly))
		}
	}
	head, rest, _ := strings.Cut(text, "-")
	y, err := strconv.Atoi(head)
	if err != nil {
		return kernel.Date(text)
	}
	moved := strconv.Itoa(y + s.years)
	if rest != "" {
		moved += "-" + rest
	}
	if _, err := kernel.ParseDate(moved); err != nil && strings.HasSuffix(moved, "-02-29") {
		moved = strings.TrimSuffix(moved, "29") + "28"
	}
	return kernel.Date(moved)
}

// content is the activity as the musette takes it.
func (v *inventedActivity) content(s *scene) musette.Content {
	return musette.Content{
		Title: v.Title, Kind: v.Kind, Start: s.date(v.Start), End: s.date(v.End), Organisation: v.Organisation,
		Place: v.Place, WithWhom: v.WithWhom, Purpose: v.Purpose, Paid: v.Paid, Status: v.Status,
		HoursPerWeek: v.Hours, Narrative: v.Narrative, Tools: v.Tools, Methods: v.Methods, Tags: v.Tags,
	}
}

// request is the letter as the musette takes it.
func (v *inventedLetter) request(s *scene) musette.Request {
	return musette.Request{
		To: v.To, Address: v.Address, Rights: v.Rights, Language: v.Language, Sender: v.Sender, Reference: v.Reference,
		Detail: v.Detail, Sent: s.date(v.Sent), Answered: s.date(v.Answered), Outcome: v.Outcome,
	}
}

// entryOf is what is said in each field of a shape.
func (s *scene) entryOf(said map[string]string) (*musette.Shape, []string, error) {
	shape := musette.ShapeByName(said["shape"])
	if shape == nil {
		return nil, nil, fmt.Errorf("%q is no shape", said["shape"])
	}
	values := make([]string, len(shape.Fields))
	left := len(said) - 1
	for i, f := range shape.Fields {
		value, ok := said[f.Name]
		if !ok {
			continue
		}
		left--
		if f.Input == musette.Day {
			value = string(s.date(value))
		}
		values[i] = value
	}
	if left > 0 {
		return nil, nil, fmt.Errorf("%s %q: a field that is no field of it", shape.Name, said["title"])
	}
	return shape, values, nil
}
