package portrait

import (
	"context"
	"io"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// spoken says a component in the language of a face, whatever the page around speaks.
func spoken(lang string, c templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return c.Render(i18n.In(ctx, lang), w) })
}

// grantOptions offers the open links, by face and purpose.
func grantOptions(ctx context.Context, v *showView) []web.Option {
	var all []web.Option
	for _, g := range v.Links {
		all = append(all, web.Option{
			Value: string(g.ID), Text: i18n.T(ctx, "portrait.link.option", "name", g.FaceName, "words", g.Purpose, "day", i18n.FullDay(ctx, g.Until)),
			Chosen: string(g.ID) == v.Grant,
		})
	}
	return all
}
