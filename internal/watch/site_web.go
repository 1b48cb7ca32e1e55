package watch

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"digiwork/internal/platform/outbound"
)

// HTTP asks sites of the web by the guarded client.
type HTTP struct {
	Client *http.Client // refuses addresses inside
	Agent  string       // how the program names itself
	Now    func() time.Time
}

// mostBytes bounds what a site may answer.
const mostBytes = 8 << 20

// statuses are what the codes of HTTP mean to us (RFC 9110, section 15).
var statuses = map[int]Status{
	http.StatusOK: Fine, http.StatusNotModified: Unchanged, http.StatusGone: Gone, http.StatusNotFound: NotFound,
	http.StatusUnauthorized: Refused, http.StatusForbidden: Refused, http.StatusTooManyRequests: Busy, http.StatusServiceUnavailable: Busy,
}

// Ask implements Sites.
func (h HTTP) Ask(ctx context.Context, address, etag, modified, accept string) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Answer{}, err
	}
	r.Header.Set("User-Agent", h.Agent)
	r.Header.Set("Accept", accept)
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		r.Header.Set("If-Modified-Since", modified)
	}
	resp, err := h.Client.Do(r)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{
		Status: statuses[resp.StatusCode], Kind: resp.Header.Get("Content-Type"), ETag: header(resp, "ETag"), Modified: header(resp, "Last-Modified"),
		Wait: retryAfter(resp.Header.Get("Retry-After"), h.Now()), Address: resp.Request.URL.String(),
	}
	if a.Status == "" {
		a.Status = Strange
	}
	a.Body, err = outbound.Body(resp, mostBytes)
	return a, err
}

func header(r *http.Response, name string) string {
	if v := r.Header.Get(name); len(v) <= 500 {
		return v
	}
	return ""
}

// retryAfter reads seconds or a date (RFC 9110, section 10.2.3), at most a day.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return min(time.Duration(min(n, 1<<20))*time.Second, longPause)
	}
	if at, err := http.ParseTime(s); err == nil && at.After(now) {
		return min(at.Sub(now), longPause)
	}
	return 0
}
