// Package background starts goroutines that cannot take the program down.
package background

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Group waits for what it started.
type Group struct {
	Log *slog.Logger
	wg  sync.WaitGroup
}

// Go runs f until it returns or ctx ends. A panic becomes an error in the log.
func (g *Group) Go(ctx context.Context, name string, f func(context.Context) error) {
	g.wg.Go(func() { g.once(ctx, name, f) })
}

// Every runs f now and then each time pause has passed after its end, until
// ctx ends. One failure does not stop the next run.
func (g *Group) Every(ctx context.Context, name string, pause time.Duration, f func(context.Context) error) {
	g.wg.Go(func() {
		t := time.NewTimer(0)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				g.once(ctx, name, f)
				t.Reset(pause)
			}
		}
	})
}

func (g *Group) once(ctx context.Context, name string, f func(context.Context) error) {
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return f(ctx)
	}()
	if err != nil && ctx.Err() == nil {
		g.Log.ErrorContext(ctx, "background work failed", "name", name, "err", err)
	}
}

// Wait returns when all have ended.
func (g *Group) Wait() { g.wg.Wait() }
