package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/mail/mailtest"
	"digiwork/internal/testkit"
)

// A server that takes the letter and hangs up before it says so.
func TestLetterWithoutReceiptLeavesAgain(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		sink := newSink(t)
		o := open(t, where, filepath.Join(t.TempDir(), "k"), Settings{Host: "127.0.0.1", Port: sink.port, From: "a@b.example", TLS: Plain})
		id := o.mustPut(t, letter(address()))
		o.run(t)
		if o.state(t, id) != Waiting || sink.taken() != 1 {
			t.Fatalf("after the first: %s, %d taken", o.state(t, id), sink.taken())
		}
		sink.polite.Store(true)
		o.pass(time.Minute)
		o.run(t)
		if o.state(t, id) != Left || sink.taken() != 2 {
			t.Errorf("after the second: %s, %d taken", o.state(t, id), sink.taken())
		}
	})
}

func TestTryExplainsWhatIsWrong(t *testing.T) {
	t.Parallel()
	certFile, keyFile, roots := certificate(t)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("maison:secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := mailtest.Start(t, "--smtp-allowed-recipients", `@ysole\.example$`)
	upgraded := mailtest.Start(t, "--smtp-tls-cert", certFile, "--smtp-tls-key", keyFile, "--smtp-require-starttls", "--smtp-auth-file", users)
	encrypted := mailtest.Start(t, "--smtp-tls-cert", certFile, "--smtp-tls-key", keyFile, "--smtp-require-tls")
	closed := newSink(t)
	closed.close()
	from := "maison@ysole.example"
	for _, c := range []struct {
		name  string
		s     Settings
		roots *x509.CertPool
		to    string
		want  string
	}{
		{"plain", Settings{Host: "127.0.0.1", Port: plain.Port, From: from, TLS: Plain}, nil, "", ""},
		{"address refused", Settings{Host: "127.0.0.1", Port: plain.Port, From: from, TLS: Plain}, nil, "x@elsewhere.example", "mail.try.refused"},
		{"no address", Settings{Host: "127.0.0.1", Port: plain.Port, From: from, TLS: Plain}, nil, "nobody", "mail.address"},
		{"nobody listens", Settings{Host: "127.0.0.1", Port: closed.port, From: from, TLS: Plain}, nil, "", "mail.try.reach"},
		{"no such host", Settings{Host: "mail.invalid", Port: 25, From: from, TLS: Plain}, nil, "", "mail.try.reach"},
		{"no STARTTLS there", Settings{Host: "127.0.0.1", Port: plain.Port, From: from}, nil, "", "mail.try.greeting"},
		{"TLS where there is none", Settings{Host: "127.0.0.1", Port: plain.Port, From: from, TLS: Implicit}, nil, "", "mail.try.tls"},
		{"STARTTLS and password", Settings{Host: "127.0.0.1", Port: upgraded.Port, From: from, User: "maison", PasswordFile: password}, roots, "", ""},
		{"wrong password", Settings{Host: "127.0.0.1", Port: upgraded.Port, From: from, User: "maison", PasswordFile: wrong}, roots, "", "mail.try.credentials"},
		{"no password given", Settings{Host: "127.0.0.1", Port: upgraded.Port, From: from}, roots, "", "mail.try.sender"},
		{"unknown certificate", Settings{Host: "127.0.0.1", Port: upgraded.Port, From: from}, nil, "", "mail.try.tls"},
		{"TLS", Settings{Host: "127.0.0.1", Port: encrypted.Port, From: from, TLS: Implicit}, roots, "", ""},
		{"TLS, unknown certificate", Settings{Host: "127.0.0.1", Port: encrypted.Port, From: from, TLS: Implicit}, nil, "", "mail.try.tls"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, filepath.Join(t.TempDir(), "test.db"), filepath.Join(t.TempDir(), "k"), c.s)
			o.Roots = c.roots
			if err := c.s.Validate(); err != nil {
				t.Fatal(err)
			}
			if c.to == "" {
				c.to = address()
			}
			err := o.Try(t.Context(), c.to)
			f, _ := errors.AsType[*kernel.Fault](err)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("it does not leave: %v", err)
			case c.want != "" && (f == nil || f.Key != c.want):
				t.Errorf("got %v; want %s", err, c.want)
			case err != nil && (strings.Contains(err.Error(), c.to) || strings.Contains(err.Error(), "secret")):
				t.Errorf("the error has words: %v", err)
			}
		})
	}
}

func TestTryIsLimited(t *testing.T) {
	t.Parallel()
	o := open(t, filepath.Join(t.TempDir(), "test.db"), filepath.Join(t.TempDir(), "k"), Settings{Host: "127.0.0.1", Port: 1, From: "a@b.example", TLS: Plain})
	for range Usual.AddressHour {
		if err := o.Try(t.Context(), "x@ysole.example"); kernel.KindOf(err) != kernel.Unavailable {
			t.Fatal(err)
		}
	}
	if err := o.Try(t.Context(), "x@ysole.example"); kernel.KindOf(err) != kernel.TooMany {
		t.Errorf("one test too many: %v", err)
	}
}

func TestSubjectIsOneLine(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t)
	each(t, server, func(t *testing.T, o *office) {
		to := address()
		l := letter(to)
		l.Subject = "Bonjour\r\nBcc: eve@ysole.example\r\n\r\nautre texte"
		l.Text = ".\r\n.\nQUIT\n" + strings.Repeat("é", 3000) // dots and long lines survive
		o.mustPut(t, l)
		o.run(t)
		got := arrived(t, server, to)
		if len(got) != 1 || got[0].Subject != "Bonjour Bcc: eve@ysole.example autre texte" || got[0].Header["Bcc"] != nil {
			t.Fatalf("arrived: %v", got)
		}
		if !strings.Contains(got[0].Text, "QUIT") || !strings.Contains(got[0].Text, strings.Repeat("é", 3000)) {
			t.Errorf("text: %.80q", got[0].Text)
		}
	})
}

// sink is a mail server that takes letters and hangs up, until it is polite.
type sink struct {
	port   int
	polite atomic.Bool
	l      net.Listener
	mu     sync.Mutex
	n      int
}

func newSink(t *testing.T) *sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{l: l, port: l.Addr().(*net.TCPAddr).Port}
	t.Cleanup(s.close)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(c)
		}
	}()
	return s
}

func (s *sink) close() { _ = s.l.Close() }

func (s *sink) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func (s *sink) serve(c net.Conn) {
	defer c.Close()
	say := func(line string) { fmt.Fprintf(c, "%s\r\n", line) }
	say("220 sink")
	for in := bufio.NewScanner(c); in.Scan(); {
		switch verb, _, _ := strings.Cut(in.Text(), " "); verb {
		case "DATA":
			say("354 go on")
			for in.Scan() && in.Text() != "." {
			}
			s.mu.Lock()
			s.n++
			s.mu.Unlock()
			if !s.polite.Load() {
				return
			}
			say("250 taken")
		case "QUIT":
			return // without a goodbye: the letter counts all the same
		default:
			say("250 ok")
		}
	}
}

// certificate makes a server certificate for 127.0.0.1 that vouches for itself.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return certFile, keyFile, roots
}
