// Package outbound is the only way out to addresses that people typed.
package outbound

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

var (
	// ErrPrivate says that an address leads inside.
	ErrPrivate = errors.New("outbound: the address is not public")
	// ErrLarge says that an answer is larger than what was asked for.
	ErrLarge = errors.New("outbound: the answer is too large")
	errLoops = errors.New("outbound: too many redirections")
	errKind  = errors.New("outbound: only http and https addresses are followed")
)

// Client refuses private, loopback and link-local addresses. It checks the
// address at the moment of the connection, after DNS, so a name that changes
// its mind between check and use gains nothing. Exact addresses in allowed are
// let through; only tests pass any.
func Client(timeout time.Duration, allowed ...netip.AddrPort) *http.Client {
	d := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		for _, a := range allowed {
			if a == ap {
				return nil
			}
		}
		if !public(ap.Addr()) {
			return fmt.Errorf("%w: %s", ErrPrivate, ap.Addr())
		}
		return nil
	}}
	return &http.Client{
		Timeout: timeout,
		Transport: kinds{&http.Transport{
			DialContext:         d.DialContext, // no proxy: a proxy would resolve names for us
			MaxIdleConns:        10,
			IdleConnTimeout:     30 * time.Second,
			TLSHandshakeTimeout: 5 * time.Second,
		}},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) >= 3 {
				return errLoops
			}
			return nil
		},
	}
}

// kinds lets only http and https through.
type kinds struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (k kinds) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return nil, errKind
	}
	return k.next.RoundTrip(r)
}

// Body reads an answer of at most most bytes, then closes it.
func Body(resp *http.Response, most int64) (raw []byte, err error) {
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	raw, err = io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err == nil && int64(len(raw)) > most {
		return nil, ErrLarge
	}
	return raw, err
}

// inside lists what net/netip does not count as private: carrier-grade NAT,
// "this" network, protocol assignments, documentation, benchmarking, class E,
// and the IPv6 forms that carry an IPv4 address (NAT64, 6to4, Teredo).
var inside = func() []netip.Prefix {
	var all []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

func public(a netip.Addr) bool {
	a = a.Unmap()
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast()
}
