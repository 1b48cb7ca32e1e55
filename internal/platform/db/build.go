package db

import (
	"strconv"
	"strings"
)

// Build puts a query together from constant pieces and numbered values, for
// the few queries whose shape depends on the request. Pieces must be constants:
// the house rules check it. Values never enter the text.
type Build struct {
	text strings.Builder
	args []any
}

// Add appends a constant piece of SQL.
func (b *Build) Add(piece string) *Build { b.text.WriteString(piece); return b }

// Value appends a parameter.
func (b *Build) Value(v any) *Build {
	b.args = append(b.args, v)
	b.text.WriteString("$" + strconv.Itoa(len(b.args)))
	return b
}

// name appends a quoted name that this package made.
func (b *Build) name(s string) *Build {
	b.text.WriteString(`"` + strings.ReplaceAll(s, `"`, `""`) + `"`)
	return b
}

// List appends ($1, $2, …). An empty list matches nothing.
func List[T any](b *Build, vs []T) *Build {
	if len(vs) == 0 {
		return b.Add("(null)")
	}
	b.Add("(")
	for i, v := range vs {
		if i > 0 {
			b.Add(", ")
		}
		b.Value(v)
	}
	return b.Add(")")
}

// SQL is the text so far.
func (b *Build) SQL() string { return b.text.String() }

// Args are the values so far.
func (b *Build) Args() []any { return b.args }
