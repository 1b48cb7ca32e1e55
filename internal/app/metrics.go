package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"digiwork/internal/platform/background"
	"digiwork/internal/platform/web"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// meters count answers by route pattern; they know no path, person or word.
type meters struct {
	registry *prometheus.Registry
	answers  *prometheus.CounterVec
	took     *prometheus.HistogramVec
}

func newMeters() *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		answers:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "digiwork_answers_total", Help: "Answers by method, route and status."}, []string{"method", "route", "status"}),
		took:     prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "digiwork_answer_seconds", Help: "Time to answer by route.", Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10}}, []string{"route"}),
	}
	m.registry.MustRegister(m.answers, m.took, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *meters) observe(s web.Sample) {
	route := s.Pattern
	if route == "" {
		route = "none"
	}
	m.answers.WithLabelValues(s.Method, route, strconv.Itoa(s.Status)).Inc()
	m.took.WithLabelValues(route).Observe(s.Took.Seconds())
}

// observe gives the site somebody to tell; nothing is counted unless metrics are served.
func (a *App) observe() func(web.Sample) {
	return func(s web.Sample) {
		if m := a.meters.Load(); m != nil {
			m.observe(s)
		}
	}
}

// serveMetrics serves the counters on a listener of their own.
func (a *App) serveMetrics(ctx context.Context, bg *background.Group, listen string) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	m := newMeters()
	a.meters.Store(m)
	s := &http.Server{Handler: promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}), ReadHeaderTimeout: 5 * time.Second}
	bg.Go(ctx, "metrics", func(context.Context) error {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	bg.Go(ctx, "metrics.stop", func(ctx context.Context) error {
		<-ctx.Done()
		return s.Close()
	})
	return nil
}
