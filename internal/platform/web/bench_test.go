package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"

	"github.com/a-h/templ"
)

// BenchmarkPageOf200Rows is a timeline's page through all guards: 200 rows of a
// period, a title, a mark, a tag and a count.
func BenchmarkPageOf200Rows(b *testing.B) {
	row := func(i int) templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			start := kernel.Date(fmt.Sprintf("%d-%02d", 1990+i/8, 1+i%12))
			_, _ = io.WriteString(w, `<li><p class="when">`+templ.EscapeString(i18n.Period(ctx, start, "2024-03"))+`</p><div><h3><a href="/musette/act_1">Je tiens les comptes</a></h3>`)
			_, _ = io.WriteString(w, `<p class="soft">`+templ.EscapeString(i18n.T(ctx, "test.long", "max", i))+`</p><div class="row">`)
			if err := Mark(Told).Render(ctx, w); err != nil {
				return err
			}
			if err := Tag(i18n.N(ctx, "web.refused", i)).Render(ctx, w); err != nil {
				return err
			}
			_, err := io.WriteString(w, `</div></div></li>`)
			return err
		})
	}
	var rows []templ.Component
	for i := range 200 {
		rows = append(rows, row(i))
	}
	h := build(b, func(m *Mux) {
		m.Page("GET /musette", shows(Page{Title: "Ma vie de travail", Room: "musette"}, all(rows...)))
	})
	h.actor = ada
	h.Observe = nil
	r := httptest.NewRequest(http.MethodGet, "/musette", nil)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			w := httptest.NewRecorder()
			h.handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK || w.Body.Len() < 50_000 {
				b.Fatalf("%d, %d bytes", w.Code, w.Body.Len())
			}
		}
	})
}
