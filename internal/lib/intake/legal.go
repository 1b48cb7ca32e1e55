package intake

import (
	"embed"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
)

//go:embed data/d7342-6.json
var legalData embed.FS

// LegalItem is one thing that a platform must hand to the people who work through
// it. The wording, in French and English, is the message Key; when the article
// asks for it only under a condition, the condition is the message WhenKey.
type LegalItem struct {
	ID      string // registration, contract_date, income_net…
	Article string // D7342-6 of the Code du travail
	Item    string // II, 3°
	Key     string
	WhenKey string // intake.legal.when.if_exists, …if_justified, or empty
}

// legalRule recognises a legal item by the name a platform gives it.
type legalRule struct {
	LegalItem
	fact  string
	match *regexp.Regexp
}

// Source: article D7342-6 of the Code du travail, made by decree 2021-952 of
// 16 July 2021. The wording and the patterns are ours.
var legalRules = func() []legalRule {
	raw, err := legalData.ReadFile("data/d7342-6.json")
	if err != nil {
		panic(err) // embedded: cannot be missing
	}
	var list []struct{ ID, Item, Fact, When, Match string }
	if err := json.Unmarshal(raw, &list); err != nil {
		panic(err) // embedded: checked by every test
	}
	rules := make([]legalRule, len(list))
	for i, l := range list {
		rules[i] = legalRule{
			LegalItem{ID: l.ID, Article: "D7342-6", Item: l.Item, Key: "intake.legal." + l.ID},
			l.Fact, regexp.MustCompile(l.Match),
		}
		if l.When != "" {
			rules[i].WhenKey = "intake.legal.when." + l.When
		}
	}
	return rules
}()

// LegalItems lists what article D7342-6 names, in its order.
func LegalItems() []LegalItem {
	var out []LegalItem
	for _, n := range []string{"1°", "2°", "3°", "4°", "5°", "6°"} {
		for _, r := range legalRules {
			if strings.HasSuffix(r.Item, n) {
				out = append(out, r.LegalItem)
			}
		}
	}
	return out
}

// legalFact is the fact a label names, empty when none: the label of a line, the
// name of a column, or the member of an object with the members around it.
func legalFact(label string) string {
	if len(label) > 200 {
		return ""
	}
	f := fold(spaced(label))
	for _, r := range legalRules {
		if r.match.MatchString(f) {
			return r.fact
		}
	}
	return ""
}

// spaced separates the words of revenuNetCommission and revenu_net_commission.
func spaced(name string) string {
	var b strings.Builder
	var last rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// distinctive are the facts of which one must be there for a file to be what a
// platform returned: hours and places stand in many files.
var distinctive = map[string]bool{factRegistration: true, factContractDate: true, factIncomeNet: true}

// enoughFacts reports whether labels name at least three things of the article,
// one of them distinctive.
func enoughFacts(labels []string) bool {
	found := map[string]bool{}
	sure := false
	for _, l := range labels {
		if f := legalFact(l); f != "" {
			found[f] = true
			sure = sure || distinctive[f]
		}
	}
	return sure && len(found) >= 3
}
