package musette

import (
	"context"
	"io"
	"strconv"
	"sync"

	"github.com/a-h/templ"
)

// chronicle is the list of activities, dates in the margin. It is written by hand and
// not by a template: it is most of the page that is opened most, two hundred times the
// same few elements, and a template takes four times as long. Every text is escaped.
func chronicle(rows []row) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b := lists.Get().(*[]byte) //nolint:forcetypeassert // the pool's own
		*b = append((*b)[:0], `<ol class="chronicle">`...)
		for i := range rows {
			*b = rows[i].append(*b)
		}
		*b = append(*b, `</ol>`...)
		_, err := w.Write(*b)
		lists.Put(b)
		return err
	})
}

var lists = sync.Pool{New: func() any { return new([]byte) }}

func (r *row) append(b []byte) []byte {
	b = append(b, `<li id="i`...)
	b = strconv.AppendInt(b, int64(r.n), 10)
	b = append(b, `"><p class="when">`...)
	b = escape(b, r.when())
	b = append(b, `</p><div><h3><a href="`...)
	b = append(b, itemRoot...)
	b = escape(b, string(r.ID))
	b = append(b, `">`...)
	b = escape(b, r.Title)
	b = append(b, `</a></h3><p class="soft">`...)
	if r.facts != "" {
		b = escape(b, r.facts)
	} else {
		for i, fact := range r.say.brief(r.Activity) {
			if i > 0 && fact != "" {
				b = append(b, ", "...)
			}
			b = escape(b, fact)
		}
	}
	b = append(b, `</p><div class="row">`...)
	b = append(b, r.mark()...) // drawn by its own template
	for _, tag := range r.tags() {
		if tag != "" {
			b = append(b, ` <span class="tag">`...)
			b = escape(b, tag)
			b = append(b, `</span>`...)
		}
	}
	return append(b, `</div></div></li>`...)
}

// escape writes text so that HTML shows it and obeys nothing in it.
func escape(b []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var with string
		switch s[i] {
		case '&':
			with = "&amp;"
		case '<':
			with = "&lt;"
		case '>':
			with = "&gt;"
		case '"':
			with = "&#34;"
		case '\'':
			with = "&#39;"
		default:
			continue
		}
		b = append(append(b, s[from:i]...), with...)
		from = i + 1
	}
	return append(b, s[from:]...)
}
