package account

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"

	"github.com/fxamacker/cbor/v2"
)

// device is an authenticator in software: one key, as WebAuthn (6) describes.
type device struct {
	t      testing.TB
	origin string
	key    *ecdsa.PrivateKey
	id     []byte
	user   []byte // user handle
	count  uint32
	flags  byte // user present and verified
}

func newDevice(t testing.TB) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		t.Fatal(err)
	}
	return &device{t: t, origin: "http://localhost:8080", key: key, id: id, flags: 0x05}
}

var b64 = base64.RawURLEncoding

// asked is what both kinds of options hold.
type asked struct {
	Challenge string
	RPID      string
	RP        struct{ ID string }
	User      struct{ ID string }
}

func (d *device) read(c Ceremony) asked {
	d.t.Helper()
	var o asked
	if err := json.Unmarshal(c.Options, &o); err != nil {
		d.t.Fatal(err)
	}
	return o
}

func (d *device) client(kind, challenge string) []byte {
	raw, err := json.Marshal(map[string]any{"type": "webauthn." + kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

// data is the authenticator data (6.1), with the new key in it or not.
func (d *device) data(rp string, flags byte, attested []byte) []byte {
	hash := sha256.Sum256([]byte(rp))
	out := append(hash[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.count)
	return append(out, attested...)
}

func (d *device) answer(c Ceremony, response map[string]any) PasskeyAnswer {
	d.t.Helper()
	raw, err := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		d.t.Fatal(err)
	}
	return PasskeyAnswer{c.ID, string(raw)}
}

// register makes a key for the ceremony (7.1), without attestation.
func (d *device) register(c Ceremony) PasskeyAnswer {
	d.t.Helper()
	o := d.read(c)
	d.user, _ = b64.DecodeString(o.User.ID)
	point, err := d.key.PublicKey.Bytes() // 04, then both coordinates
	if err != nil {
		d.t.Fatal(err)
	}
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		d.t.Fatal(err)
	}
	attested := append(make([]byte, 16), 0, byte(len(d.id)))
	attested = append(append(attested, d.id...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.data(o.RP.ID, d.flags|0x40, attested)})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(c, map[string]any{"clientDataJSON": b64.EncodeToString(d.client("create", o.Challenge)), "attestationObject": b64.EncodeToString(object), "transports": []string{"internal"}})
}

// sign answers the ceremony with the key (7.2).
func (d *device) sign(c Ceremony) PasskeyAnswer {
	d.t.Helper()
	o := d.read(c)
	d.count++
	client, data := d.client("get", o.Challenge), d.data(o.RPID, d.flags, nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(c, map[string]any{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(sig), "userHandle": b64.EncodeToString(d.user),
	})
}

// signIn signs in with the device, from the browser of ctx.
func (h *home) signIn(t testing.TB, ctx context.Context, d *device) (secret.Text, error) {
	t.Helper()
	c, err := h.BeginSignIn(ctx, netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	return h.SignInByPasskey(ctx, d.sign(c), netip.Addr{}, Visit{Agent: firefox})
}

// addKey gives the person of a session one more passkey.
func (h *home) addKey(t testing.TB, ctx context.Context) *device {
	t.Helper()
	d := newDevice(t)
	d.origin = h.Base
	c, err := h.BeginPasskey(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.AddPasskey(ctx, d.register(c), firefox); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAnAccountMayBeOpenedByAPasskeyAlone(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		h.setMode(t, h.in(t, "ada"), Open)
		up := newcomer("eve")
		up.Password, up.Agent = "", firefox
		bad := up
		bad.Handle = "a b"
		if _, err := h.BeginSignUp(t.Context(), bad); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("a form with a refusal: %v", err)
		}
		c, err := h.BeginSignUp(t.Context(), up)
		if err != nil {
			t.Fatal(err)
		}
		d := newDevice(t)
		answer := d.register(c)
		up.Passkey = &answer
		session, err := h.twin(t).SignUp(t.Context(), up) // another process of the instance answers
		if err != nil {
			t.Fatal(err)
		}
		eve := h.who(t, session)
		if string(d.user) != string(eve) {
			t.Errorf("the passkey is of %q, the person is %q", d.user, eve)
		}
		ways, err := h.Ways(h.as(t, session))
		if err != nil || ways.Password || len(ways.Passkeys) != 1 || ways.Passkeys[0].Device != (Device{"Firefox", "Linux"}) {
			t.Errorf("ways %+v, %v", ways, err)
		}
		up.Handle = "eve2"
		if _, err := h.SignUp(t.Context(), up); !faultIn(err, errPasskey) {
			t.Errorf("the same answer again: %v", err)
		}
		again, err := h.signIn(t, t.Context(), d)
		if err != nil || h.who(t, again) != eve {
			t.Fatalf("signing in: %v", err)
		}
		if err := h.RemovePasskey(h.as(t, again), ways.Passkeys[0].ID); !faultIn(err, errLastWay) {
			t.Errorf("her only way in: %v", err)
		}
	})
}

func TestPasskeysAreAddedUsedAndForgotten(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada := h.add(t, "ada", false)
		h.add(t, "eve", false)
		ctx, eve := h.as(t, h.in(t, "ada")), h.as(t, h.in(t, "eve"))
		d := h.addKey(t, ctx)
		h.pass(time.Minute)
		for range 2 {
			session, err := h.signIn(t, t.Context(), d)
			if err != nil || h.who(t, session) != ada {
				t.Fatal(err)
			}
		}
		keys, err := h.Passkeys(ctx)
		if err != nil || len(keys) != 1 || !keys[0].UsedAt.Equal(h.DB.Now()) {
			t.Fatalf("%+v, %v", keys, err)
		}
		if err := h.RemovePasskey(eve, keys[0].ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a stranger: %v", err)
		}
		if _, err := h.signIn(t, eve, d); !faultIn(err, errPasskey) {
			t.Errorf("the passkey of somebody else proves me: %v", err)
		}
		if err := h.DropPassword(ctx); err != nil {
			t.Errorf("a passkey remains: %v", err)
		}
		if err := h.SetPassword(ctx, goodPassword); err != nil {
			t.Fatal(err)
		}
		if err := h.RemovePasskey(ctx, keys[0].ID); err != nil {
			t.Fatal(err)
		}
		_, err = h.signIn(t, t.Context(), d)
		refused(t, "a forgotten passkey", err, errPasskey)
	})
}

func TestAPasskeyThatIsNotWhatItSaysIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		ctx := h.as(t, h.in(t, "ada"))
		d := h.addKey(t, ctx)
		sign := func(change func(d *device)) error {
			other := *d
			change(&other)
			_, err := h.signIn(t, t.Context(), &other)
			d.count = max(d.count, other.count)
			return err
		}
		stranger := newDevice(t)
		for what, change := range map[string]func(d *device){
			"another site":        func(d *device) { d.origin = "https://localhost.example" },
			"another port":        func(d *device) { d.origin = "http://localhost:9090" },
			"another key":         func(d *device) { d.key = stranger.key },
			"another id":          func(d *device) { d.id = stranger.id },
			"another person":      func(d *device) { d.user = []byte("per_nobody") },
			"no person":           func(d *device) { d.user = nil },
			"nobody was verified": func(d *device) { d.flags = 0x01 },
			"nobody was there":    func(d *device) { d.flags = 0x04 },
		} {
			refused(t, what, sign(change), errPasskey)
		}
		if err := sign(func(*device) {}); err != nil {
			t.Fatalf("the true one: %v", err)
		}
		refused(t, "a copy whose counter went back", sign(func(d *device) { d.count = 0 }), errPasskey)

		c, err := h.BeginSignIn(t.Context(), netip.Addr{})
		if err != nil {
			t.Fatal(err)
		}
		answer := d.sign(c)
		in := func(a PasskeyAnswer) error {
			_, err := h.SignInByPasskey(t.Context(), a, netip.Addr{}, Visit{})
			return err
		}
		if err := in(answer); err != nil {
			t.Fatal(err)
		}
		refused(t, "the same answer twice", in(answer), errPasskey)
		refused(t, "a ceremony that never was", in(PasskeyAnswer{"x", answer.Credential}), errPasskey)
		for _, junk := range []string{"", "{}", "null", `{"id":"AA"}`, strings.Repeat("[", 100_000)} {
			c, err := h.BeginSignIn(t.Context(), netip.Addr{})
			if err != nil {
				t.Fatal(err)
			}
			refused(t, "junk", in(PasskeyAnswer{c.ID, junk}), errPasskey)
		}
		c, err = h.BeginSignIn(t.Context(), netip.Addr{})
		if err != nil {
			t.Fatal(err)
		}
		late := d.sign(c)
		h.pass(ceremonyFor)
		refused(t, "five minutes later", in(late), errPasskey)
		if err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `select count(*) from account_ceremony`); n != 0 || err != nil {
			t.Errorf("%d ceremonies are kept, %v", n, err)
		}
	})
}

func TestACeremonyServesWhatItWasBegunFor(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		h.add(t, "eve", false)
		ada, eve := h.as(t, h.in(t, "ada")), h.as(t, h.in(t, "eve"))
		h.setMode(t, h.in(t, "ada"), Open)
		c, err := h.BeginPasskey(ada)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, "begun by ada, ended by eve", h.AddPasskey(eve, newDevice(t).register(c), ""), errPasskey)
		if c, err = h.BeginSignUp(t.Context(), newcomer("bob")); err != nil {
			t.Fatal(err)
		}
		refused(t, "begun for a new account", h.AddPasskey(ada, newDevice(t).register(c), ""), errPasskey)
		if c, err = h.BeginPasskey(ada); err != nil {
			t.Fatal(err)
		}
		answer := newDevice(t).register(c)
		up := newcomer("bob")
		up.Passkey = &answer
		_, err = h.SignUp(t.Context(), up)
		refused(t, "begun for an account there is", err, errPasskey)

		d := h.addKey(t, ada)
		if c, err = h.BeginPasskey(eve); err != nil {
			t.Fatal(err)
		}
		refused(t, "a credential of somebody else", h.AddPasskey(eve, d.register(c), ""), errPasskeyKnown)
		h.pass(fresh)
		_, err = h.BeginPasskey(ada)
		refused(t, "a browser that was left open", err, errFresh)
	})
}

func TestPasskeysNeedAName(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]bool{
		"http://localhost:8080": true, "https://digiwork.example": true, "https://digiwork.example:8443": true,
		"http://127.0.0.1:8080": false, "https://192.0.2.1": false, "http://digiwork.example": false, "https://[2001:db8::1]": false, "": false,
	} {
		s := &Service{Base: base}
		if got := s.PasskeysWork(); got != want {
			t.Errorf("%q: %v", base, got)
		}
		if _, err := s.party(); !want && !faultIn(err, errPasskeyAway) {
			t.Errorf("%q: %v", base, err)
		}
	}
}
