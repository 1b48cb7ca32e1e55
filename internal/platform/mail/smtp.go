package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"time"

	"digiwork/internal/kernel"

	gomail "github.com/wneessen/go-mail"
)

// patience is how long the server may take for each step.
const patience = 30 * time.Second

// stage is where a letter was stopped.
type stage string

const (
	atReach       stage = "reach"       // no connection
	atTLS         stage = "tls"         // the server's certificate, or none
	atGreeting    stage = "greeting"    // an answer that is not SMTP as we were told to speak it
	atCredentials stage = "credentials" // user or password
	atSender      stage = "sender"      // our own address
	atAddress     stage = "address"     // the address of the letter
	atContent     stage = "content"     // the letter itself
)

// failure is why a letter did not leave: no word of the letter, none of the
// server's, which repeat addresses.
type failure struct {
	stage stage
	code  int  // of the server, 0 if it said none
	final bool // this letter will never leave
}

// Error implements error.
func (f *failure) Error() string {
	if f.code == 0 {
		return "mail: stopped at " + string(f.stage)
	}
	return fmt.Sprintf("mail: stopped at %s, the server said %d", f.stage, f.code)
}

var explanations = map[stage]*kernel.Fault{
	atReach:       kernel.NewFault(kernel.Unavailable, "mail.try.reach"),
	atTLS:         kernel.NewFault(kernel.Unavailable, "mail.try.tls"),
	atGreeting:    kernel.NewFault(kernel.Unavailable, "mail.try.greeting"),
	atCredentials: kernel.NewFault(kernel.Unavailable, "mail.try.credentials"),
	atSender:      kernel.NewFault(kernel.Unavailable, "mail.try.sender"),
	atAddress:     kernel.NewFault(kernel.Unavailable, "mail.try.refused"),
	atContent:     kernel.NewFault(kernel.Unavailable, "mail.try.refused"),
}

// explain is the sentence for the operator.
func (f *failure) explain() error {
	return explanations[f.stage].With("code", f.code).Because(f)
}

// deliver hands one letter to the server. Its error is a *failure, or of our own
// settings; nil only if the server has taken the letter.
func (p *Post) deliver(ctx context.Context, id string, w words) error {
	client, err := p.client()
	if err != nil {
		return err
	}
	msg, err := p.message(id, w)
	if err != nil {
		return err
	}
	way, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return onTheWay(err)
	}
	err = client.SendWithSMTPClient(way, msg)
	_ = client.CloseWithSMTPClient(way) // what counts is whether the letter was taken
	if msg.IsDelivered() {
		return nil
	}
	return atTheDoor(err)
}

func (p *Post) client() (*gomail.Client, error) {
	s := p.Settings
	opts := []gomail.Option{
		gomail.WithPort(s.port()), gomail.WithTimeout(patience), gomail.WithHELO(s.domain()),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.Host, RootCAs: p.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch s.TLS {
	case Implicit:
		opts = append(opts, gomail.WithSSL())
	case Plain:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.User != "" {
		password, err := s.password()
		if err != nil {
			return nil, err
		}
		kind := gomail.SMTPAuthAutoDiscover
		if s.TLS == Plain { // loopback only: Validate has seen to it
			kind = gomail.SMTPAuthPlainNoEnc
		}
		opts = append(opts, gomail.WithSMTPAuth(kind), gomail.WithUsername(s.User), gomail.WithPassword(password.Reveal()))
	}
	return gomail.NewClient(s.Host, opts...)
}

// message builds the letter. The same letter has the same Message-ID each time, so
// that one that left twice is shown once by most readers.
func (p *Post) message(id string, w words) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.From(p.Settings.From); err != nil {
		return nil, fmt.Errorf("--mail-from: %w", err)
	}
	if err := m.To(w.To); err != nil {
		return nil, &failure{stage: atAddress, final: true}
	}
	m.Subject(w.Subject)
	m.SetDateWithValue(p.DB.Now())
	m.SetMessageIDWithValue(id + "@" + p.Settings.domain())
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	m.SetGenHeader("Content-Language", w.Lang)
	m.SetBodyString(gomail.TypeTextPlain, w.Text)
	return m, nil
}

// onTheWay says why no letter could even be offered. All of it may change: nothing
// here is final.
func onTheWay(err error) *failure {
	f := &failure{stage: atGreeting}
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		f.code = said.Code
		switch said.Code {
		case 432, 454, 530, 534, 535, 538: // RFC 4954, 6
			f.stage = atCredentials
		}
		return f
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		f.stage = atTLS
		return f
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		f.stage = atTLS
		return f
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "remote error" || op.Op == "local error") {
		f.stage = atTLS // an alert of the handshake
		return f
	}
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		f.stage = atReach
	}
	return f
}

// atTheDoor says why the server did not take a letter. It is final when the server
// says for good (5xx) that it does not want this address or this letter; a refusal
// of our own address is for the operator to mend.
func atTheDoor(err error) *failure {
	f := &failure{stage: atReach}
	said, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return f
	}
	f.code = said.ErrorCode()
	switch said.Reason {
	case gomail.ErrGetSender, gomail.ErrSMTPMailFrom:
		f.stage = atSender
	case gomail.ErrGetRcpts, gomail.ErrSMTPRcptTo:
		f.stage = atAddress
	case gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		f.stage = atContent
	}
	f.final = f.code >= 500 && (f.stage == atAddress || f.stage == atContent)
	return f
}
