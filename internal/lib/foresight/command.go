package foresight

import (
	"bytes"
	"context"
	"encoding/json"
)

// Options are what the command line may ask beside the file. Those that a
// method does not know are ignored.
type Options struct {
	Medians          bool     // micmac: the cross of the plane stands at the medians, not the means
	MaxInconsistency float64  // cib: list scenarios whose inconsistency is at most this
	Basins           bool     // cib: count basins of attraction even in a large space
	Explain          []int    // cib: explain one scenario, variants numbered from 1
	Choose           [][2]int // morphol: parameter and value, from 1, taken as chosen
	WorkLimit        int64    // most nodes, starts or chains to visit; 0 means the default of the method
}

// Result is the answer of a method.
type Result interface {
	// Document is the answer for programs, to be written as JSON.
	Document(l Language) any
	// Text is the answer for a person, in lines that fit a terminal.
	Text(l Language) string
}

// command reads a file and computes.
type command func(ctx context.Context, fileName string, data []byte, o Options) (Result, error)

// commands are the methods the command line knows, each with how many limits
// are told of it.
var commands = []struct {
	method string
	run    command
	limits int
}{
	{"micmac", commandMICMAC, 4},
	{"mactor", commandMACTOR, 4},
	{"cib", commandCIB, 5},
	{"smic", commandSMIC, 4},
	{"morphol", commandMorphol, 3},
	{"multipol", commandMULTIPOL, 4},
	{"exit", commandEXIT, 3},
}

// Methods are the names Command understands.
func Methods() []string {
	var names []string
	for _, c := range commands {
		names = append(names, c.method)
	}
	return names
}

// Command runs a method on the content of a file. The name of the file only
// helps to tell its format. Refusals are *InputError; the error of the context
// is returned when it ends first.
func Command(ctx context.Context, method, fileName string, data []byte, o Options) (Result, error) {
	for _, c := range commands {
		if c.method != method {
			continue
		}
		if len(data) > MaxInput {
			return nil, refuse("", "foresight.input.large", "max", MaxInput>>20)
		}
		return c.run(ctx, fileName, data, o)
	}
	return nil, refuse("", "foresight.method.unknown", "method", method, "methods", Methods())
}

// JSON writes a result as the one document the command line prints.
func JSON(r Result, l Language) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r.Document(l)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Limits are the keys of the known limits of a method, to be shown beside each
// of its results: "foresight.micmac.limit.1", … Besides the methods of Command
// it knows "delphi", "majority" and "approval".
func Limits(method string) []string {
	count := map[string]int{"delphi": 3, "majority": 2, "approval": 2}[method]
	for _, c := range commands {
		if c.method == method {
			count = c.limits
		}
	}
	var keys []string
	for i := range count {
		keys = append(keys, "foresight."+method+".limit."+string(rune('1'+i)))
	}
	return keys
}
