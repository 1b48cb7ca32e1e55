package background_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"digiwork/internal/platform/background"
)

func TestAPanicIsALogLine(t *testing.T) {
	var b strings.Builder
	g := background.Group{Log: slog.New(slog.NewTextHandler(&b, nil))}
	g.Go(t.Context(), "oops", func(context.Context) error { panic("boom") })
	g.Wait()
	if !strings.Contains(b.String(), "boom") || !strings.Contains(b.String(), "oops") {
		t.Errorf("log = %q", b.String())
	}
}

func TestEveryGoesOnAfterAFailureAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := background.Group{Log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithCancel(t.Context())
		n := 0
		g.Every(ctx, "tick", time.Minute, func(context.Context) error {
			n++
			panic("each time")
		})
		time.Sleep(150 * time.Second) // of the bubble's clock
		stop()
		g.Wait()
		if n != 3 {
			t.Errorf("ran %d times, want 3", n)
		}
	})
}
