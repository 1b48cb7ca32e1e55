package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"digiwork/internal/lib/foresight"
)

// foresightCmds are the methods of structural analysis, on a file, without any
// database.
type foresightCmds struct {
	MICMAC   micmacCmd  `cmd:"" name:"micmac" help:"Influence and dependence, direct and indirect."`
	MACTOR   methodCmd  `cmd:"" name:"mactor" help:"Strategies of actors on objectives."`
	CIB      cibCmd     `cmd:"" name:"cib" help:"Cross-impact balances: consistent scenarios."`
	SMIC     methodCmd  `cmd:"" name:"smic" help:"Probabilities of hypotheses made coherent."`
	Morphol  morpholCmd `cmd:"" name:"morphol" help:"Morphological analysis."`
	MULTIPOL methodCmd  `cmd:"" name:"multipol" help:"Actions ranked under policies."`
	EXIT     methodCmd  `cmd:"" name:"exit" help:"Chains of impacts."`
}

type methodCmd struct {
	File string `arg:"" help:"File of the method, or - for standard input."`
	Lang string `help:"Language of notes: fr or en." default:"fr" enum:"fr,en"`
}

type micmacCmd struct {
	methodCmd
	Medians bool `help:"Put the cross of the plane at the medians, not the means."`
}

type cibCmd struct {
	methodCmd
	MaxInconsistency float64 `help:"List scenarios whose inconsistency is at most N." default:"0" placeholder:"N"`
	Basins           bool    `help:"Count basins of attraction."`
	Explain          string  `help:"Explain one scenario: variants numbered from 1, such as 1,2,3." placeholder:"1,2,…"`
}

type morpholCmd struct {
	methodCmd
	Choose []string `help:"Take a value as chosen: parameter:value, from 1." placeholder:"P:V"`
}

// run reads the file, computes, and prints.
func (c *methodCmd) run(e *env, method string, o foresight.Options) error {
	data, err := readInput(e, c.File, foresight.MaxInput+1)
	if err != nil {
		return err
	}
	lang := foresight.Language(c.Lang)
	r, err := foresight.Command(e.ctx, method, filepath.Base(c.File), data, o)
	if err != nil {
		return err
	}
	if !e.cfg.JSON {
		_, err = fmt.Fprintln(e.stdout, strings.TrimRight(r.Text(lang), "\n"))
		return err
	}
	raw, err := foresight.JSON(r, lang)
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(raw)
	return err
}

// Run implements the command.
func (c *methodCmd) Run(e *env, k methodName) error { return c.run(e, string(k), foresight.Options{}) }

// Run implements the command.
func (c *micmacCmd) Run(e *env) error {
	return c.run(e, "micmac", foresight.Options{Medians: c.Medians})
}

// Run implements the command.
func (c *cibCmd) Run(e *env) error {
	o := foresight.Options{MaxInconsistency: c.MaxInconsistency, Basins: c.Basins}
	if c.Explain != "" {
		for _, part := range strings.Split(c.Explain, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil {
				return misused("--explain: variants are numbers from 1, separated by commas, such as 1,2,3")
			}
			o.Explain = append(o.Explain, n)
		}
	}
	return c.run(e, "cib", o)
}

// Run implements the command.
func (c *morpholCmd) Run(e *env) error {
	var o foresight.Options
	for _, choice := range c.Choose {
		p, v, ok := strings.Cut(choice, ":")
		pn, err1 := strconv.Atoi(p)
		vn, err2 := strconv.Atoi(v)
		if !ok || err1 != nil || err2 != nil {
			return misused("--choose: parameter:value, numbered from 1, such as 2:1")
		}
		o.Choose = append(o.Choose, [2]int{pn, vn})
	}
	return c.run(e, "morphol", o)
}

// methodName is the last word of the command.
type methodName string

// readInput reads a file, or standard input for -, at most most bytes.
func readInput(e *env, path string, most int64) ([]byte, error) {
	in := e.stdin
	if path != "-" {
		f, err := os.Open(path) //nolint:gosec // the operator's own path
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // only read
		in = f
	}
	return io.ReadAll(io.LimitReader(in, most))
}
