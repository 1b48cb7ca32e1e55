package app

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
)

// shelf is where the referentials an operator imported lie: files, beside the data.
func (e *env) shelf() taxonomy.Shelf {
	return taxonomy.Shelf{Dir: filepath.Join(e.cfg.place("digiwork").dir, "taxonomy")}
}

type taxonomyCmds struct {
	Import taxonomyImportCmd `cmd:"" help:"Import the official archive of a referential."`
	List   taxonomyListCmd   `cmd:"" help:"List what is imported, with versions and attributions."`
}

type taxonomyImportCmd struct {
	Scheme  string   `arg:"" help:"esco, rome, rome-esco, rncp or formacode."`
	Paths   []string `arg:"" help:"Archives, or single CSV or gzip files." placeholder:"PATH"`
	Version string   `name:"of" help:"Version, where the files do not say it." placeholder:"V"`
}

// Run implements the command.
func (c *taxonomyImportCmd) Run(e *env) error {
	err := e.shelf().RunImport(e.stdout, systemLang(), e.cfg.JSON, taxonomy.Scheme(c.Scheme), c.Version, c.Paths)
	if err != nil {
		return refusal(err)
	}
	_, err = skills.Open(e.shelf()) // the index is made now: nobody waits for it later
	return err
}

// refusal says why a referential was refused, in the operator's language.
func refusal(err error) error {
	if r, ok := errors.AsType[*taxonomy.Refusal](err); ok {
		return errors.New(r.Say(systemLang()))
	}
	return err
}

type taxonomyListCmd struct{}

// Run implements the command.
func (taxonomyListCmd) Run(e *env) error {
	return e.shelf().RunList(e.stdout, systemLang(), e.cfg.JSON)
}

type skillsCmds struct {
	Suggest skillsSuggestCmd `cmd:"" help:"Propose competences and trades for a text, and say why."`
}

type skillsSuggestCmd struct {
	File   string `arg:"" optional:"" help:"Text, or - for standard input." placeholder:"FILE"`
	Lang   string `help:"Language of the text: fr or en." placeholder:"LANG"`
	Title  string `help:"Title of the job or activity." placeholder:"T"`
	Limit  int    `help:"How many at most." default:"10"`
	Batch  string `help:"One {id, title?, text?, lang?} a line in, one {id, suggestions} a line out." placeholder:"FILE.jsonl"`
	Want   string `help:"Only this kind: skill or occupation." placeholder:"KIND"`
	Scheme string `help:"Only this referential: esco or rome." placeholder:"S"`
}

// Run implements the command.
func (c *skillsSuggestCmd) Run(e *env) error {
	from := c.File
	if c.Batch != "" {
		from = c.Batch
	}
	if from == "" && c.Title == "" {
		return misused("name a file, - for standard input, or a --title")
	}
	in, done, err := openInput(e, from)
	if err != nil {
		return err
	}
	err = skills.Command{
		Shelf: e.shelf(), Title: c.Title, Lang: c.Lang, Want: c.Want, Scheme: c.Scheme, Limit: c.Limit,
		JSON: e.cfg.JSON, Batch: c.Batch != "", Speak: systemLang(),
	}.Run(in, e.stdout)
	if m, ok := errors.AsType[*skills.Misuse](err); ok {
		err = misused("%s", m.Say(systemLang()))
	}
	return errors.Join(err, done())
}

// openInput opens a file, standard input for -, or nothing at all.
func openInput(e *env, path string) (io.Reader, func() error, error) {
	nothing := func() error { return nil }
	switch path {
	case "":
		return eof{}, nothing, nil
	case "-":
		return e.stdin, nothing, nil
	}
	f, err := os.Open(path) //nolint:gosec // the operator's own path
	if err != nil {
		return nil, nil, err
	}
	return f, f.Close, nil
}

// eof is an input that is over.
type eof struct{}

// Read implements io.Reader.
func (eof) Read([]byte) (int, error) { return 0, io.EOF }
