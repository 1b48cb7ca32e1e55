package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"
)

// question is one of the few things a circle may count. Its cells are fixed: nothing
// a person wrote ever leaves by a count.
type question struct {
	code  string
	cells []string // nil for words, which the circle writes
	one   bool     // a person is in exactly one cell
}

// questions are all there are; docs/handbook says them in words.
var questions = []question{
	{code: "kinds", cells: ActivityKinds},
	{code: "statuses", cells: []string{"employee", "public", "independent", "cooperative", "civic", "care", "apart", "own_words"}},
	{code: "paid", cells: []string{"paid", "unpaid", "both", "unsaid"}, one: true},
	{code: "hours", cells: []string{"unsaid", "under_10", "under_20", "under_35", "under_45", "over_45"}, one: true},
	{code: askWords},
}

// askWords is the question whose cells the circle writes: which of these methods,
// tools or tags members use.
const askWords = "words"

// Questions are the codes of what a circle may count.
func Questions() []string {
	all := make([]string, len(questions))
	for i, q := range questions {
		all[i] = q.code
	}
	return all
}

func questionOf(code string) (question, bool) {
	i := slices.IndexFunc(questions, func(q question) bool { return q.code == code })
	if i < 0 {
		return question{}, false
	}
	return questions[i], true
}

// families put the statuses of the vocabularies into few cells; other words are a
// person's own.
var families = map[string]string{
	"employed": "employee", "fixed_term": "employee", "temp": "employee", "apprentice": "employee", "intern": "employee", "intermittent": "employee",
	"public_agent":  "public",
	"self_employed": "independent", "micro_entrepreneur": "independent", "platform": "independent", "director": "independent", "farmer": "independent",
	"umbrella": "cooperative", "cooperator": "cooperative",
	"volunteer": "civic", "civic_service": "civic", "elected": "civic", "representative": "civic",
	"carer": "care", "parent": "care",
	"student": "apart", "jobseeker": "apart", "unable": "apart", "retired": "apart",
}

// familyOf is the cell of a status: words that begin with fp_ are those of public
// service, and whatever else a person typed stays her own.
func familyOf(status string) string {
	family, known := families[status]
	switch {
	case known || status == "":
		return family
	case strings.HasPrefix(status, "fp_"):
		return "public"
	}
	return "own_words"
}

// Row is what a count would take of one person: for each question, her cells.
type Row map[string][]string

// print is a fingerprint of a row: what she consents to is what she saw.
func (r Row) print() string {
	h := sha256.New()
	for _, code := range slices.Sorted(maps.Keys(r)) {
		for _, cell := range r[code] {
			h.Write([]byte(code + "\x00" + cell + "\x00")) //nolint:errcheck,gosec // a hash never fails
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// rowOf makes somebody's row from what she may share: her activities in progress on
// the day today, and for words also her methods and tools.
func rowOf(views []View, asked, words []string, today time.Time) Row {
	var current []View
	for _, v := range views {
		if !v.Never && slices.Contains(ActivityKinds, v.Kind) && inProgress(v, today) {
			current = append(current, v)
		}
	}
	row := Row{}
	for _, code := range asked {
		switch code {
		case "kinds":
			row[code] = cellsOf(code, current, func(v View) string { return v.Kind })
		case "statuses":
			row[code] = cellsOf(code, current, func(v View) string {
				return familyOf(v.Status)
			})
		case "paid":
			row[code] = []string{paidCell(current)}
		case "hours":
			row[code] = []string{hoursCell(current)}
		case askWords:
			row[code] = wordsUsed(views, current, words)
		}
	}
	return row
}

// inProgress reports whether an activity has begun and has not ended on a day.
func inProgress(v View, today time.Time) bool {
	start, end := kernel.Date(v.Start), kernel.Date(v.End)
	return start != "" && !start.First().After(today) && (end == "" || !end.Last().Before(today))
}

// cellsOf lists the cells of a question that somebody's activities fall into.
func cellsOf(code string, current []View, cell func(View) string) []string {
	q, _ := questionOf(code)
	in := []string{}
	for _, name := range q.cells {
		if slices.ContainsFunc(current, func(v View) bool { return cell(v) == name }) {
			in = append(in, name)
		}
	}
	return in
}

func paidCell(current []View) string {
	paid, unpaid := false, false
	for _, v := range current {
		if v.Paid != nil {
			paid, unpaid = paid || *v.Paid, unpaid || !*v.Paid
		}
	}
	switch {
	case paid && unpaid:
		return "both"
	case paid:
		return "paid"
	case unpaid:
		return "unpaid"
	}
	return "unsaid"
}

func hoursCell(current []View) string {
	sum := 0.0
	for _, v := range current {
		sum += v.Hours
	}
	switch {
	case sum <= 0:
		return "unsaid"
	case sum < 10:
		return "under_10"
	case sum < 20:
		return "under_20"
	case sum < 35:
		return "under_35"
	case sum < 45:
		return "under_45"
	}
	return "over_45"
}

// wordsUsed lists which of the circle's words name a tag of somebody's current
// activities, or one of her methods or tools.
func wordsUsed(views, current []View, words []string) []string {
	said := map[string]bool{}
	for _, v := range current {
		for _, t := range v.Tags {
			said[folded(t)] = true
		}
	}
	for _, v := range views {
		if !v.Never && (v.Kind == "method" || v.Kind == "tool") {
			said[folded(v.Title)] = true
		}
	}
	used := []string{}
	for _, w := range words {
		if said[folded(w)] {
			used = append(used, w)
		}
	}
	return used
}

// folded is how two words are compared.
func folded(s string) string {
	return french.Fold(strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "’", "'"))
}
