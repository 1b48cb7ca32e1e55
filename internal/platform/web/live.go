package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"digiwork/internal/kernel"

	"github.com/a-h/templ"
)

const (
	liveComment = 20 * time.Second      // a silent stream says that it is there
	liveWrite   = 10 * time.Second      // a reader who takes nothing for so long has gone
	liveLasts   = 10 * time.Minute      // then the reader connects again, and is recognised again
	liveGather  = 50 * time.Millisecond // changes that follow each other closely are shown together
	liveRetry   = "retry: 100\n"        // milliseconds before the reader connects again
)

// News is what a stream has to say: Body takes the place that the page's element
// names (hx-target, hx-swap). ID is given back by the reader after a cut.
type News struct {
	ID   string
	Body templ.Component
}

// Live answers with server-sent events, as long as the reader stays and changed is
// not closed: what next gives at once, then again after each change. next is told how
// far the reader got, by the ID of what was sent last: over a lost connection too, by
// Last-Event-ID or, on a page's first connection, by the query's "after". It decides
// each time whether the reader may know; a refusal before anything was sent is an
// ordinary refusal, a later one ends the stream.
//
// The page: <div hx-sse:connect="/x/live?after=ID" hx-target="#entries"
// hx-swap="beforeend">, with Page.Live. It stays readable without script.
func Live(w http.ResponseWriter, r *http.Request, changed <-chan struct{}, next func(ctx context.Context, after string) ([]News, error)) error {
	ctx, cancel := context.WithTimeout(r.Context(), liveLasts)
	defer cancel()
	s := &stream{w: w, control: http.NewResponseController(w), after: r.Header.Get("Last-Event-ID")}
	if s.after == "" {
		s.after = r.URL.Query().Get("after")
	}
	news, err := next(ctx, s.after)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers bytes would hold them back
	if err := s.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	comment := time.NewTicker(liveComment)
	defer comment.Stop()
	for {
		if err := s.say(ctx, news); err != nil {
			return ended(ctx, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-comment.C:
			news = nil
			continue
		case _, open := <-changed:
			if !open {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(liveGather):
		}
		if news, err = next(ctx, s.after); err != nil {
			return ended(ctx, err)
		}
	}
}

// ended is why a stream that had begun stopped: nil when the reader left, may no
// longer read, or should try again; only what is ours to fix is logged.
func ended(ctx context.Context, err error) error {
	if _, refused := errors.AsType[*kernel.Fault](err); !refused && ctx.Err() == nil {
		frameOf(ctx).site.log().WarnContext(ctx, "stream ended", "pattern", Pattern(ctx), "request", RequestID(ctx), "err", err)
	}
	return nil
}

type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	after   string
}

// say sends news, or a comment when there are none.
func (s *stream) say(ctx context.Context, news []News) error {
	var b, body bytes.Buffer
	if len(news) == 0 {
		b.WriteString(": here\n\n")
	}
	for _, n := range news {
		body.Reset()
		if err := n.Body.Render(ctx, &body); err != nil {
			return err
		}
		b.WriteString(liveRetry)
		if n.ID != "" {
			b.WriteString("id: " + n.ID + "\n")
			s.after = n.ID
		}
		for line := range strings.Lines(lineEnds.Replace(body.String())) {
			b.WriteString("data: " + strings.TrimSuffix(line, "\n") + "\n")
		}
		b.WriteString("\n")
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(liveWrite)); err != nil {
		return err
	}
	if _, err := s.w.Write(b.Bytes()); err != nil {
		return err
	}
	return s.control.Flush()
}

// lineEnds are the three that the format knows: one that stayed inside a line would
// end it.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
