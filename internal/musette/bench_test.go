package musette

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/testkit/house"
)

// lived fills a musette with activities as a life has them.
func lived(t testing.TB, s *Service, ctx context.Context, n int) {
	t.Helper()
	for from := 0; from < n; from += 200 {
		var all []Content
		for i := from; i < min(n, from+200); i++ {
			c := Content{
				Title: "Accompagnement de la bibliothèque de quartier", Kind: Kinds[i%len(Kinds)], Start: kernel.Date(fmt.Sprintf("%d-%02d", 1985+i%40, 1+i%12)),
				Organisation: "Association des Rives", Place: "Saint-Avre-sur-Ysole", WithWhom: "une équipe de quatre", Purpose: "que chacun lise",
				Status: "volunteer", HoursPerWeek: float64(i % 30), Narrative: "Tout était dans une boîte à chaussures. J'ai trié par mois, puis j'ai ouvert un tableau.", Tools: []string{"Tableur"}, Tags: []string{"lecture"},
			}
			if i%3 > 0 {
				c.Paid = new(i%3 == 1)
			}
			if i%5 > 0 {
				c.End = kernel.Date(fmt.Sprint(1986 + i%40))
			}
			all = append(all, c)
		}
		if err := s.AddActivities(ctx, all); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkReadOne(b *testing.B) {
	h := house.Open(b, filepath.Join(b.TempDir(), "b.db"))
	s := &Service{DB: h.DB, Gate: h.Gate}
	ctx := h.As(b, "ada")
	lived(b, s, ctx, 200)
	all, _, err := s.Activities(ctx, "", 1)
	if err != nil {
		b.Fatal(err)
	}
	id := all[0].ID
	b.Run("vault", func(b *testing.B) {
		pass, err := s.Gate.Own(ctx)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := s.Gate.Get(ctx, pass, id); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("service", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Activity(ctx, id); err != nil {
				b.Fatal(err)
			}
		}
	})
	st := open(b, h, s)
	b.Run("http", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if w := serveOnce(st, "ada", "/api/v1/activities/"+string(id)); w.Code != 200 {
				b.Fatal(w.Body)
			}
		}
	})
}

func serveOnce(st *site, who, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+who)
	w := httptest.NewRecorder()
	st.ServeHTTP(w, r)
	return w
}

func BenchmarkCreate(b *testing.B) {
	h := house.Open(b, filepath.Join(b.TempDir(), "b.db"))
	s := &Service{DB: h.DB, Gate: h.Gate}
	ctx := h.As(b, "ada")
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.AddActivity(ctx, Content{Title: "Vendeuse", Kind: Job, Start: "2003", Narrative: "Un récit"}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkOverview(b *testing.B) {
	h := house.Open(b, filepath.Join(b.TempDir(), "b.db"))
	s := &Service{DB: h.DB, Gate: h.Gate}
	ctx := h.As(b, "ada")
	lived(b, s, ctx, 200)
	st := open(b, h, s)
	ctx = i18n.With(ctx, st.catalog)
	b.Run("look", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Overview(ctx, Filter{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("render", func(b *testing.B) {
		o, err := s.Overview(ctx, Filter{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			say := newSpeech(ctx, PackByID(""))
			v := overviewView{Overview: o, Rows: say.rows(o.Shown, o.Pieces)}
			v.draw(say, 0)
			v.options(ctx, say)
			if err := overviewPage(&v).Render(ctx, io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("http", func(b *testing.B) {
		b.ReportAllocs()
		var size int
		for b.Loop() {
			w := serveOnce(st, "ada", "/musette")
			if w.Code != 200 {
				b.Fatal(w.Body)
			}
			size = w.Body.Len()
		}
		b.ReportMetric(float64(size), "bytes/page")
	})
}

func BenchmarkSearchIn5000(b *testing.B) {
	h := house.Open(b, filepath.Join(b.TempDir(), "b.db"))
	s := &Service{DB: h.DB, Gate: h.Gate}
	ctx := h.As(b, "ada")
	lived(b, s, ctx, 5000)
	for b.Loop() {
		b.StopTimer()
		if err := h.DB.Write(ctx, func(tx *db.Tx) error { // the musette has changed: it is opened again
			_, err := tx.ExecContext(ctx, `update gate_owner set revision = revision + 1 where owner = $1`, "ada")
			return err
		}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if o, err := s.Overview(ctx, Filter{Words: "tableaux ouvertes"}); err != nil || len(o.Shown) != 5000 {
			b.Fatal(len(o.Shown), err)
		}
	}
}
