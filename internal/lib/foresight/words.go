package foresight

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"sync"
)

// Language is one of the languages results can be read in.
type Language string

// The languages. French is the default.
const (
	French  Language = "fr"
	English Language = "en"
)

//go:embed messages/fr.json messages/en.json
var messageFiles embed.FS

var catalogues = sync.OnceValue(func() map[Language]map[string]string {
	all := map[Language]map[string]string{}
	for _, l := range []Language{French, English} {
		raw, err := messageFiles.ReadFile("messages/" + string(l) + ".json")
		if err != nil {
			panic(err) // embedded: cannot be missing in a program that was built
		}
		m := map[string]string{}
		if err := json.Unmarshal(raw, &m); err != nil {
			panic(fmt.Errorf("messages of %s: %w", l, err))
		}
		all[l] = m
	}
	return all
})

// Messages are the texts of this package by key, for pages that show its notes,
// refusals and limits in their own frame. Holes are written {name}.
func Messages(l Language) map[string]string {
	return maps.Clone(catalogues()[l.orFrench()])
}

func (l Language) orFrench() Language {
	if l == English {
		return English
	}
	return French
}

// Note is a remark that goes with a result.
type Note struct {
	Key  string
	Args []any // pairs that fill the holes of the message: "count", 3
}

// In is the note as a sentence.
func (n Note) In(l Language) string { return say(l, n.Key, n.Args...) }

func note(key string, args ...any) Note { return Note{Key: key, Args: args} }

// notesIn are notes as sentences, never nil.
func notesIn(l Language, notes []Note) []string {
	all := make([]string, len(notes))
	for i, n := range notes {
		all[i] = n.In(l)
	}
	return all
}

// say is a message with its holes filled. A hole named "n" chooses between the
// .one and .other forms of a message that has them; French counts zero as one.
func say(l Language, key string, args ...any) string {
	l = l.orFrench()
	text, ok := catalogues()[l][key]
	if !ok {
		form := ".other"
		for i := 0; i+1 < len(args); i += 2 {
			if n, isInt := args[i+1].(int); isInt && args[i] == "n" && (n == 1 || n == 0 && l == French) {
				form = ".one"
			}
		}
		if text, ok = catalogues()[l][key+form]; !ok {
			return key
		}
	}
	var pairs []string
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(args[i])+"}", sayValue(l, args[i+1]))
	}
	// In one pass: a name that looks like a hole stays a name.
	return strings.NewReplacer(pairs...).Replace(text)
}

func sayValue(l Language, v any) string {
	switch v := v.(type) {
	case float64:
		return number(l, v)
	case []string:
		return strings.Join(v, ", ")
	case Note:
		return v.In(l)
	default:
		return fmt.Sprint(v)
	}
}

// number writes a number for a person: at most four decimals, no trailing
// zeros, a comma in French.
func number(l Language, v float64) string {
	s := strconv.FormatFloat(v, 'f', 4, 64)
	if strings.ContainsRune(s, '.') {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	if len(s) > 18 {
		s = strconv.FormatFloat(v, 'g', 6, 64)
	}
	if l.orFrench() == French {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// percent is a share in percent with one decimal, for a person.
func percent(share float64) float64 { return math.Round(1000*share) / 10 }
