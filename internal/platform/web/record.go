package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Sample is what is measured of one answer. It names a route, never a path.
type Sample struct {
	Method  string
	Pattern string // of the route; "" if no route took the request
	Status  int
	Bytes   int64
	Took    time.Duration
}

// record follows one request from the outermost middleware to the log.
type record struct {
	id      string
	client  netip.Addr
	pattern string
}

type recordKey struct{}

// recordOf gives the record of a request; a blank one outside Begin.
func recordOf(ctx context.Context) *record {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		return rec
	}
	return &record{}
}

func withRecord(ctx context.Context, rec *record) context.Context {
	return context.WithValue(ctx, recordKey{}, rec)
}

// RequestID names the request in the log and on the page that says it failed.
func RequestID(ctx context.Context) string { return recordOf(ctx).id }

// Client is the address the request comes from, behind trusted proxies too. It is
// for limits of rate only: it is neither logged nor kept.
func Client(ctx context.Context) netip.Addr { return recordOf(ctx).client }

// Pattern is the route that took the request.
func Pattern(ctx context.Context) string { return recordOf(ctx).pattern }

// newRequestID is twelve letters and digits of chance.
func newRequestID() string { return strings.ToLower(rand.Text()[:12]) }

// client finds the address of who asks: the peer, or the first address from the
// right of X-Forwarded-For that is no proxy of ours.
func client(r *http.Request, proxies []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && within(at, proxies); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap().WithZone("")
	}
	return at
}

func within(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
