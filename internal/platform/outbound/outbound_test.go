package outbound

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestInsideAddressesAreRefused(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1": false, "10.1.2.3": false, "192.168.0.1": false, "172.16.0.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "::1": false, "fe80::1": false, "fc00::1": false, "::ffff:127.0.0.1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "224.0.0.1": false, "255.255.255.255": false,
		"9.9.9.9": true, "2620:fe::fe": true, "::ffff:9.9.9.9": true,
	} {
		if got := public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("public(%s) = %v, want %v", addr, got, want)
		}
	}
}

func TestTheCheckIsAtTheConnection(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("inside"))
	}))
	defer s.Close()
	if _, err := Client(time.Second).Get(s.URL); !errors.Is(err, ErrPrivate) { //nolint:bodyclose,noctx // refused
		t.Errorf("loopback: err = %v, want %v", err, ErrPrivate)
	}
	ours := netip.MustParseAddrPort(strings.TrimPrefix(s.URL, "http://"))
	resp, err := Client(time.Second, ours).Get(s.URL) //nolint:noctx // a test
	if err != nil {
		t.Fatalf("an address that is allowed is refused: %v", err)
	}
	if raw, err := Body(resp, 6); err != nil || string(raw) != "inside" {
		t.Errorf("body = %q, %v", raw, err)
	}
	if resp, err = Client(time.Second, ours).Get(s.URL); err != nil { //nolint:noctx // a test
		t.Fatal(err)
	}
	if _, err := Body(resp, 5); !errors.Is(err, ErrLarge) {
		t.Errorf("six bytes where five are allowed: err = %v", err)
	}
}

func TestOtherSchemesAreRefused(t *testing.T) {
	if _, err := Client(time.Second).Get("file:///etc/passwd"); err == nil { //nolint:bodyclose,noctx // refused
		t.Error("a file was read")
	}
}
