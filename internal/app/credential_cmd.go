package app

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/baking"
)

type credentialCmd struct {
	Verify credentialVerifyCmd `cmd:"" help:"Verify a credential: JSON, JWT, SD-JWT, or a baked PNG or SVG."`
	Issue  credentialIssueCmd  `cmd:"" help:"Sign a credential with somebody's own key; leaves a line in her journal."`
	Bake   credentialBakeCmd   `cmd:"" help:"Put a credential into a PNG or SVG picture."`
	Unbake credentialUnbakeCmd `cmd:"" help:"Take the credential out of a picture."`
}

const (
	credentialMost = 16 << 20 // bytes of a credential or picture
	sourceMost     = 64 << 20 // bytes of one source
)

type credentialVerifyCmd struct {
	File string   `arg:"" help:"Credential, or - for standard input."`
	At   string   `help:"Moment the answer is for, RFC 3339; now if not given." placeholder:"TIME"`
	With []string `help:"Contexts, DID documents, status lists, archives, or folders of them." placeholder:"FILE|DIR"`
	Lang string   `help:"Language of the sentences: fr or en." enum:"fr,en," default:""`
}

// Run implements the command: no network, no database, no file made. Exit code 0
// only if the credential is valid.
func (c *credentialVerifyCmd) Run(e *env) error {
	at := time.Now()
	if c.At != "" {
		t, err := time.Parse(time.RFC3339, c.At)
		if err != nil {
			return misused("--at: a moment is written 2026-11-24T10:00:00Z")
		}
		at = t
	}
	input, err := readInput(e, c.File, credentialMost)
	if err != nil {
		return err
	}
	library, err := sources(c.With)
	if err != nil {
		return err
	}
	lang := c.Lang
	if lang == "" {
		lang = systemLang()
	}
	r := credential.Verify(input, credential.Options{At: at, With: library, Lang: lang})
	if err := e.say(r, "%s", reportLines(r)); err != nil {
		return err
	}
	if !r.Valid {
		return errSaid
	}
	return nil
}

// reportLines is the report for a person: each check, what was seen and what to do.
func reportLines(r credential.Report) string {
	text := map[bool]string{true: "VALID", false: "NOT VALID, or not known to be"}[r.Valid] + " (" + r.Format + ")"
	for _, check := range r.Checks {
		mark := "?"
		if check.OK != nil {
			mark = map[bool]string{true: "+", false: "-"}[*check.OK]
		}
		text += fmt.Sprintf("\n%s %-12s %s", mark, check.Name, check.Detail)
	}
	return text
}

// sources fills a library from files and folders.
func sources(paths []string) (*credential.Library, error) {
	l := &credential.Library{}
	for _, p := range paths {
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if info.Size() > sourceMost {
				return fmt.Errorf("%s is larger than %d MiB", path, sourceMost>>20)
			}
			raw, err := os.ReadFile(path) //nolint:gosec // the operator's own path
			if err != nil {
				return err
			}
			return l.Add(filepath.Base(path), raw)
		})
		if err != nil {
			return nil, fmt.Errorf("--with %s: %w", p, err)
		}
	}
	return l, nil
}

type credentialIssueCmd struct {
	Issuer   string `required:"" help:"Handle of the person who signs." placeholder:"H"`
	Format   string `help:"Form of the result: ld (proofs inside), jwt or sd-jwt." enum:"ld,jwt,sd-jwt" default:"ld"`
	Unsigned string `arg:"" help:"Credential without proof, JSON; - for standard input." placeholder:"UNSIGNED.json"`
}

var issueFormats = map[string]string{"ld": credential.FormatLD, "jwt": credential.FormatJWT, "sd-jwt": credential.FormatSDJWT}

// Run implements the command: the credential goes to standard output.
func (c *credentialIssueCmd) Run(e *env) error {
	unsigned, err := readInput(e, c.Unsigned, credentialMost)
	if err != nil {
		return err
	}
	return e.with(func(a *App) error {
		ctx, err := a.actFor(e.ctx, c.Issuer, gate.ActOther)
		if err != nil {
			return err
		}
		pass, err := a.Gate.Own(ctx)
		if err != nil {
			return err
		}
		by, err := a.Signing.Person(ctx, pass)
		if err != nil {
			return err
		}
		issued, err := credential.Issue(unsigned, by, credential.IssueOptions{At: a.DB.Now(), Format: issueFormats[c.Format], Lang: systemLang()})
		if err != nil {
			return err
		}
		if issued.Credential != nil { // JSON already
			return e.say(json.RawMessage(issued.Text), "%s", issued.Text)
		}
		return e.say(map[string]string{"format": issued.Format, "credential": string(issued.Text)}, "%s", issued.Text)
	})
}

type credentialBakeCmd struct {
	Into       string `required:"" help:"Picture to put it into, PNG or SVG." placeholder:"IMAGE"`
	Out        string `required:"" help:"Picture to write." placeholder:"FILE"`
	Credential string `arg:"" help:"Credential, JSON or token; - for standard input."`
}

// Run implements the command.
func (c *credentialBakeCmd) Run(e *env) error {
	picture, err := readInput(e, c.Into, credentialMost)
	if err != nil {
		return err
	}
	cred, err := readInput(e, c.Credential, credentialMost)
	if err != nil {
		return err
	}
	baked, err := baking.Bake(picture, string(cred))
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, baked, 0o600); err != nil {
		return err
	}
	return e.say(map[string]string{"file": c.Out}, "Wrote %s.", c.Out)
}

type credentialUnbakeCmd struct {
	File string `arg:"" help:"Picture, PNG or SVG."`
}

// Run implements the command.
func (c *credentialUnbakeCmd) Run(e *env) error {
	picture, err := readInput(e, c.File, credentialMost)
	if err != nil {
		return err
	}
	cred, err := baking.Unbake(picture)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, cred)
	return err
}
