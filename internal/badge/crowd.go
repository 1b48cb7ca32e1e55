package badge

import (
	"context"
	"runtime"
	"sync"
	"time"

	"digiwork/internal/kernel"
)

// crowd bounds how much verifying and signing for strangers goes on at once, so that
// others' requests never wait for it.
type crowd struct {
	once  sync.Once
	slots chan struct{}
}

// crowdWait is how long a request waits for its turn.
const crowdWait = 2 * time.Second

var errCrowd = kernel.NewFault(kernel.Unavailable, "badge.busy").After(2 * time.Second)

// enter waits for a turn; leave ends it.
func (c *crowd) enter(ctx context.Context) (leave func(), err error) {
	c.once.Do(func() { c.slots = make(chan struct{}, 2*runtime.GOMAXPROCS(0)) })
	leave = func() { <-c.slots }
	select {
	case c.slots <- struct{}{}:
		return leave, nil
	default:
	}
	t := time.NewTimer(crowdWait)
	defer t.Stop()
	select {
	case c.slots <- struct{}{}:
		return leave, nil
	case <-t.C:
		return nil, errCrowd
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
