package badge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/baking"
	"digiwork/internal/lib/credential/jose"
	"digiwork/internal/platform/db"

	"github.com/fxamacker/cbor/v2"
)

// Room of the vault where credentials are held.
const Room = "badge"

// Holding is a credential somebody holds.
type Holding struct {
	ID      kernel.ItemID `cbor:"-"`
	Version int64         `cbor:"-"`
	View    gate.View     `cbor:"-"`
	AddedAt time.Time     `cbor:"-"`

	Text   []byte   `cbor:"1,keyasint"`           // as it was signed: JSON or a token
	Format string   `cbor:"2,keyasint"`           // of the library
	JWT    string   `cbor:"3,keyasint,omitempty"` // the same, as a token
	SDJWT  string   `cbor:"4,keyasint,omitempty"` // the same, to be shown in part
	Docs   []Source `cbor:"5,keyasint,omitempty"` // what verifies it when its issuer is gone
}

// Source is a document that a verification needs, and since when it is known.
type Source struct {
	Address string    `cbor:"1,keyasint"`
	Text    []byte    `cbor:"2,keyasint"`
	Since   time.Time `cbor:"3,keyasint"`
}

const (
	heldMost  = 200 << 10 // bytes of a credential with what verifies it
	inputMost = 4 << 20   // bytes of a file that may hold one
)

var (
	errNotOne   = kernel.NewFault(kernel.Invalid, "badge.import.not_one").On("files")
	errHeavy    = kernel.NewFault(kernel.Invalid, "badge.import.heavy").On("files").With("max", heldMost>>10)
	errNothing  = kernel.NewFault(kernel.Invalid, "badge.import.nothing").On("files")
	errSame     = kernel.NewFault(kernel.Conflict, "badge.import.same").On("files")
	errNoAnswer = kernel.NewFault(kernel.Invalid, "badge.import.no_answer").On("text")
)

var encoding = func() cbor.EncMode {
	m, err := cbor.EncOptions{Time: cbor.TimeRFC3339Nano, TimeTag: cbor.EncTagNone}.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

func (h Holding) body() ([]byte, error) { return encoding.Marshal(h) }

func heldOf(it gate.Item) (Holding, error) {
	var h Holding
	if err := cbor.Unmarshal(it.Body, &h); err != nil {
		return h, fmt.Errorf("credential %s: %w", it.ID, err)
	}
	h.ID, h.Version, h.View, h.AddedAt = it.ID, it.Version, it.View, it.CreatedAt
	return h, nil
}

func (h Holding) documents() []credential.Document {
	all := make([]credential.Document, len(h.Docs))
	for i, d := range h.Docs {
		all[i] = credential.Document{Address: d.Address, Text: d.Text, Since: d.Since}
	}
	return all
}

// examine verifies a held credential now: with what this instance serves, what others
// publish if fetch, and what is kept with it. What is newer is kept from now on.
func (s *Service) examine(ctx context.Context, h *Holding, fetch bool) (credential.Report, error) {
	library, found, err := s.gather(ctx, credential.Needs(h.Text), h.documents(), fetch)
	if err != nil {
		return credential.Report{}, err
	}
	h.Docs = h.Docs[:0:0]
	for _, d := range found {
		h.Docs = append(h.Docs, Source{d.Address, d.Text, d.Since.UTC().Truncate(time.Second)})
	}
	return credential.Verify(h.Text, credential.Options{At: s.now(), With: library, Lang: kernel.ActorFrom(ctx).Lang}), nil
}

// item is the vault's item of a credential. guaranteed: an organisation signed it.
func (h Holding) item(r credential.Report, now time.Time, guaranteed bool) (gate.Item, error) {
	sum := 0
	for _, d := range h.Docs {
		sum += len(d.Text)
	}
	if sum+len(h.Text)+len(h.JWT)+len(h.SDJWT) > heldMost {
		return gate.Item{}, errHeavy
	}
	body, err := h.body()
	if err != nil {
		return gate.Item{}, err
	}
	id := h.ID
	if id == "" {
		id = kernel.NewID[kernel.ItemID]("bdg", now)
	}
	return gate.Item{ID: id, Room: Room, Version: h.Version, Body: body, View: viewOf(r, h.View.Provenance, now, guaranteed)}, nil
}

// viewOf is what faces and other rooms may be shown of a credential.
func viewOf(r credential.Report, was gate.Provenance, now time.Time, guaranteed bool) gate.View {
	c := contentOf(r)
	v := gate.View{
		Kind: "credential", Title: c.Name, Text: c.Description, Organisation: r.Issuer.Name, Start: c.From, End: c.Until,
		Provenance: gate.Provenance{Source: gate.Imported, Format: r.Format, At: now, By: r.Issuer.Name},
	}
	if !was.At.IsZero() {
		v.Provenance.At = was.At
	}
	if v.Provenance.By == "" {
		v.Provenance.By = r.Issuer.ID
	}
	if guaranteed && r.Valid {
		v.Provenance.Source = gate.Attested
	}
	switch r.Get(credential.CheckStatus).Code {
	case "status.revoked":
		v.Status = "revoked"
	case "status.suspended":
		v.Status = "suspended"
	}
	for _, a := range c.Alignments {
		v.Facts = append(v.Facts, gate.Fact{Name: a.URL, Text: a.Name})
	}
	return v
}

// Credentials lists what the actor holds, newest first.
func (s *Service) Credentials(ctx context.Context) ([]Holding, error) {
	if _, err := may(ctx, "read"); err != nil {
		return nil, err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	items, err := s.Gate.List(ctx, pass, Room)
	if err != nil {
		return nil, err
	}
	all := make([]Holding, 0, len(items))
	for i := len(items) - 1; i >= 0; i-- {
		h, err := heldOf(items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

// Credential opens one that the actor holds, verified now with what is at hand.
func (s *Service) Credential(ctx context.Context, id kernel.ItemID) (Holding, credential.Report, error) {
	if _, err := may(ctx, "read"); err != nil {
		return Holding{}, credential.Report{}, err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return Holding{}, credential.Report{}, err
	}
	it, err := s.Gate.Get(ctx, pass, id)
	if err == nil && it.Room != Room {
		err = errNone
	}
	if err != nil {
		return Holding{}, credential.Report{}, err
	}
	h, err := heldOf(it)
	if err != nil {
		return h, credential.Report{}, err
	}
	r, err := s.examine(ctx, &h, false)
	return h, r, err
}

// Recheck asks issuers and lists again, and keeps what they answer.
func (s *Service) Recheck(ctx context.Context, id kernel.ItemID) error {
	h, _, err := s.Credential(ctx, id)
	if err != nil {
		return err
	}
	r, err := s.examine(ctx, &h, true)
	if err != nil {
		return err
	}
	it, err := h.item(r, s.now(), h.View.Provenance.Source == gate.Attested || guarantees(r))
	if err != nil {
		return err
	}
	return s.put(ctx, it)
}

// guarantees says whether an issuer is somebody others can find: a key alone may be
// anybody's, the holder's own too.
func guarantees(r credential.Report) bool {
	return r.Valid && r.Issuer.ID != "" && !strings.HasPrefix(r.Issuer.ID, "did:key:") && !strings.HasPrefix(r.Issuer.ID, "did:jwk:")
}

func (s *Service) put(ctx context.Context, it gate.Item) error {
	if _, err := may(ctx, "write"); err != nil {
		return err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	sealed, err := s.Gate.Seal(ctx, pass, it)
	if err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		made, err := s.Gate.Put(ctx, tx, sealed)
		return string(made.ID), err
	})
	return err
}

// Remove takes a credential out of the actor's musette.
func (s *Service) Remove(ctx context.Context, id kernel.ItemID) error {
	if _, err := may(ctx, "write"); err != nil {
		return err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	it, err := s.Gate.Get(ctx, pass, id)
	if err == nil && it.Room != Room {
		err = errNone
	}
	if err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) { return string(id), s.Gate.Delete(ctx, tx, pass, id, 0) })
	return err
}

// Import keeps a credential that the actor brings: a file, a picture that holds one, a
// text, or an address where one stands. What cannot be verified is kept too, and says
// so; what is no credential is refused.
func (s *Service) Import(ctx context.Context, input []byte) (kernel.ItemID, error) {
	if _, err := may(ctx, "import"); err != nil {
		return "", err
	}
	text, err := s.credentialIn(ctx, input)
	if err != nil {
		return "", err
	}
	h := Holding{Text: text}
	r, err := s.examine(ctx, &h, true)
	if err != nil {
		return "", err
	}
	if parse := r.Get(credential.CheckParse); parse.OK == nil || !*parse.OK || len(r.Type) == 0 {
		return "", errNotOne
	}
	h.Format = r.Format
	all, err := s.Credentials(ctx)
	if err != nil {
		return "", err
	}
	for _, other := range all {
		if string(other.Text) == string(text) {
			return "", errSame
		}
	}
	it, err := h.item(r, s.now(), guarantees(r))
	if err != nil {
		return "", err
	}
	return it.ID, s.put(ctx, it)
}

// credentialIn takes the credential out of what somebody brings.
func (s *Service) credentialIn(ctx context.Context, input []byte) ([]byte, error) {
	for range 2 {
		text := strings.TrimSpace(string(input))
		switch {
		case text == "":
			return nil, errNothing
		case baking.IsPicture(input):
			inside, err := baking.Unbake(input)
			if err != nil {
				return nil, errNotOne.Because(err)
			}
			input = []byte(inside)
		case strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://"):
			if s.Web == nil {
				return nil, errNoAnswer
			}
			got, err := s.Web.Fetch(ctx, text, inputMost)
			if err != nil {
				return nil, errNoAnswer.Because(err)
			}
			input = got
		default:
			return []byte(text), nil
		}
	}
	return []byte(strings.TrimSpace(string(input))), nil
}

// Part is the badge as a token that shows only the chosen parts of it.
func (h Holding) Part(show []string) (string, error) {
	if h.SDJWT == "" {
		return "", errNone
	}
	return jose.Show(h.SDJWT, func(pointer string) bool {
		for _, p := range show {
			if pointer == p {
				return true
			}
		}
		return false
	})
}

// Parts are those of its partial form that its holder may show or hide.
func (h Holding) Parts() ([]string, error) {
	if h.SDJWT == "" {
		return nil, nil
	}
	var all []string
	_, err := jose.Show(h.SDJWT, func(pointer string) bool {
		all = append(all, pointer)
		return true
	})
	return all, err
}

// Baked is the badge inside its picture, PNG or SVG.
func (h Holding) Baked(r credential.Report, svg bool) ([]byte, error) {
	c := contentOf(r)
	id, name := c.ID, c.Name
	if svg {
		return baking.Bake(Draw(id, name), string(h.Text))
	}
	picture, err := picturePNG(id, c.picture)
	if err != nil {
		return nil, err
	}
	return baking.Bake(picture, string(h.Text))
}

// Record makes one record of several credentials (CLR 2.0), signed by the actor.
func (s *Service) Record(ctx context.Context, ids []kernel.ItemID, name string) ([]byte, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	by, err := s.Signing.Person(ctx, pass)
	if err != nil {
		return nil, err
	}
	var inside []any
	for _, id := range ids {
		h, r, err := s.Credential(ctx, id)
		if err != nil {
			return nil, err
		}
		if h.Format != credential.FormatLD || r.Credential == nil {
			return nil, errRecord
		}
		inside = append(inside, r.Credential)
	}
	if len(inside) == 0 {
		return nil, errRecord
	}
	signed, err := credential.IssueObject(map[string]any{
		"@context": []any{credential.ContextV2, credential.ContextCLR, credential.ContextOB3}, "id": newURN(), "type": []any{"VerifiableCredential", "ClrCredential"},
		"name": name, "issuer": map[string]any{"type": []any{"Profile"}, "name": kernel.ActorFrom(ctx).Name}, "validFrom": stamp(s.now()),
		"credentialSubject": map[string]any{"id": by.ID, "type": []any{"ClrSubject"}, "verifiableCredential": inside},
	}, by, credential.IssueOptions{At: s.now(), Lang: kernel.ActorFrom(ctx).Lang})
	if r, ok := errors.AsType[*credential.Refusal](err); ok {
		return nil, errRecord.Because(r)
	}
	return signed.Text, err
}

var errRecord = kernel.NewFault(kernel.Invalid, "badge.record.form").On("items")

// Share shows one credential to whoever holds a link, for a purpose, until a day.
func (s *Service) Share(ctx context.Context, id kernel.ItemID, purpose, until string) (address string, err error) {
	if _, err := may(ctx, "share"); err != nil {
		return "", err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return "", err
	}
	loan, err := s.Gate.SealLoan(ctx, pass, gate.LoanAsk{Room: Room, Items: []kernel.ItemID{id}, To: gate.To{Link: true}, Purpose: purpose, Until: until, Page: "/badges/shown/"})
	if err != nil {
		return "", err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		g, err := s.Gate.PutLoan(ctx, tx, loan)
		return string(g), err
	})
	return loan.URL, err
}

// Shown is the credential behind a link, verified now; the line in its holder's
// journal is durable before.
func (s *Service) Shown(ctx context.Context, token string) (Holding, credential.Report, gate.Errand, error) {
	pass, err := s.Gate.BorrowByLink(ctx, token, Room)
	if err != nil {
		return Holding{}, credential.Report{}, gate.Errand{}, err
	}
	items, err := s.Gate.Lent(ctx, pass)
	if err == nil && len(items) == 0 {
		err = gate.ErrEnded
	}
	if err != nil {
		return Holding{}, credential.Report{}, gate.Errand{}, err
	}
	h, err := heldOf(items[0])
	if err != nil {
		return h, credential.Report{}, gate.Errand{}, err
	}
	r, err := s.examine(ctx, &h, false)
	return h, r, s.Gate.Errand(pass), err
}
