package expedition

import (
	"context"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// term is a word before what it is: each language has its own space before a colon.
func term(ctx context.Context, word string) string {
	return i18n.T(ctx, "expedition.term", "term", word)
}

// titleKey is the message that labels the title of a kind.
func titleKey(k *Kind) string {
	switch k.Name {
	case "reference", "word", "player", "actor", "partner":
		return k.Name
	}
	return "label"
}

// withHelp are the fields that have a sentence of help.
var withHelp = map[string]bool{
	"slogan": true, "trend": true, "what_if": true, "enlist": true, "start": true, "steps": true, "stop": true, "ecology": true, "indicators": true,
	"hypothesis": true, "chosen_by": true, "consent": true, "sunset": true, "origin": true, "one_side": true, "kit": true, "kept": true, "prescribed": true,
	"alias": true, "acts": true, "desirable": true, "status": true, "address": true, "reveals": true, "plan": true,
}

func helpOf(ctx context.Context, f Field) string {
	if withHelp[f.Name] {
		return i18n.T(ctx, "expedition.help."+f.Name)
	}
	return ""
}

func choiceOptions(ctx context.Context, f Field, chosen string) []web.Option {
	all := []web.Option{{Text: i18n.T(ctx, "expedition.option.none"), Chosen: chosen == ""}}
	for _, o := range f.Options {
		all = append(all, web.Option{Value: o, Text: i18n.T(ctx, "expedition.option."+f.Name+"."+o), Chosen: o == chosen})
	}
	return all
}

func withNone(ctx context.Context, options []web.Option) []web.Option {
	return append([]web.Option{{Text: i18n.T(ctx, "expedition.option.none")}}, options...)
}

func ownOptions(ctx context.Context, circles []Circle, chosen string) []web.Option {
	all := []web.Option{{Text: i18n.T(ctx, "expedition.own.everybody"), Chosen: chosen == ""}}
	for _, c := range circles {
		all = append(all, web.Option{Value: string(c.ID), Text: i18n.T(ctx, "expedition.own.circle", "name", c.Name), Chosen: string(c.ID) == chosen})
	}
	return all
}

// Paragraphs are the paragraphs of a text: blank lines part them.
func Paragraphs(text string) []string {
	var all []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// shownInBody leaves out what marks, drawings and tables show.
func shownInBody(_ *Card, f Field) bool {
	switch f.Name {
	case "status", "grade", "origin":
		return false
	}
	return f.Input != Hidden
}

// labelled reports whether a field needs its label: the plain text of a card does not.
func labelled(c *Card, f Field) bool {
	return f.Name != "text" && !(KindOf(c.Kind).Said && KindOf(c.Kind).Fields[0].Name == f.Name && len(c.Fields) == 1)
}

// backGroup are cards of one kind that lean on another.
type backGroup struct {
	Kind  string
	Cards []*Card
}

func backGroups(b *Book, c *Card) []backGroup {
	var all []backGroup
	for _, k := range Kinds {
		if k.Name == "remark" || c.Kind == "scenario" && (k.Name == "effect" || k.Name == "impact") || k.Name == "critique" {
			continue
		}
		if cards := b.From(c, k.Name, ""); len(cards) > 0 {
			all = append(all, backGroup{k.Name, cards})
		}
	}
	return all
}

func titlesOf(b *Book, targets []string) string {
	var all []string
	for _, t := range targets {
		if c := b.Card(t); c != nil {
			all = append(all, c.Title)
		} else if it, ok := b.Item(t); ok {
			all = append(all, it.Title)
		}
	}
	return strings.Join(all, ", ")
}

// marksOf are the words beside a card in a list.
func marksOf(ctx context.Context, b *Book, c *Card) []string {
	var all []string
	if c.Circle != "" {
		all = append(all, i18n.T(ctx, "expedition.own.mark"))
	}
	for _, name := range []string{"grade", "status", "origin", "decision"} {
		if v := c.Fields[name]; v != "" {
			all = append(all, i18n.T(ctx, "expedition.option."+name+"."+v))
		}
	}
	if axis := b.Axis(c); axis != nil && c.Kind != "theme" {
		all = append(all, axis.Title)
	}
	for _, r := range b.From(c, "result", "kept") {
		all = append(all, i18n.T(ctx, "expedition.kept.in", "title", r.Title))
	}
	return all
}

// shown is a value of a field as it is read.
func shown(ctx context.Context, f Field, v string) string {
	switch f.Input {
	case Day:
		return i18n.Date(ctx, kernel.Date(v))
	case Choice:
		return i18n.T(ctx, "expedition.option."+f.Name+"."+v)
	}
	return v
}

// licence is a licence in words.
func licence(ctx context.Context, code string) string {
	switch code {
	case "":
		return i18n.T(ctx, "expedition.licence.none")
	case "etalab-2.0":
		return i18n.T(ctx, "expedition.licence.etalab")
	}
	return strings.ReplaceAll(code, "-", " ")
}

// creditLine names those who took part.
func creditLine(ctx context.Context, credits []string) string {
	if len(credits) == 0 {
		return i18n.T(ctx, "expedition.credit.none")
	}
	return i18n.List(ctx, credits...)
}

// languageName is a language in itself.
func languageName(lang string) string {
	if lang == "en" {
		return "English"
	}
	return "Français"
}

// titles names cards in a row.
func titles(ctx context.Context, cards []*Card) string {
	all := make([]string, len(cards))
	for i, c := range cards {
		all[i] = i18n.T(ctx, "expedition.quoted", "title", c.Title)
	}
	return i18n.List(ctx, all...)
}
