package peer

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
)

// Said is a recommendation with its weight, in the words of its author.
type Said struct {
	Name        string       `cbor:"1,keyasint" json:"name"`
	Relation    string       `cbor:"2,keyasint" json:"relation"`
	Start       kernel.Date  `cbor:"3,keyasint,omitempty" json:"start,omitempty"`
	End         kernel.Date  `cbor:"4,keyasint,omitempty" json:"end,omitempty"`
	Sight       Sight        `cbor:"5,keyasint" json:"sight"`
	Competences []Competence `cbor:"6,keyasint" json:"competences"`
	Words       string       `cbor:"7,keyasint" json:"words"`
	Identity    Identity     `cbor:"8,keyasint" json:"identity"`
	Domain      string       `cbor:"9,keyasint,omitempty" json:"domain,omitempty"` // of the address that was proven
	Lang        string       `cbor:"10,keyasint" json:"language"`
}

// receivedBody is a word in the vault of its subject. The status list is kept with it,
// as it was when the word came, so that it verifies when this instance is gone.
type receivedBody struct {
	ID         string        `cbor:"1,keyasint" json:"id"`
	Said       Said          `cbor:"2,keyasint" json:"said"`
	Request    kernel.ItemID `cbor:"3,keyasint" json:"request"`
	Both       bool          `cbor:"4,keyasint,omitempty" json:"reciprocal,omitempty"` // each wrote about the other
	Credential []byte        `cbor:"5,keyasint" json:"-"`
	List       []byte        `cbor:"6,keyasint" json:"-"`
	ListAt     time.Time     `cbor:"7,keyasint" json:"-"`
	ListURL    string        `cbor:"8,keyasint" json:"-"`
}

// writtenBody is a word in the vault of its author. It keeps nothing of the subject
// but the competences it names.
type writtenBody struct {
	ID     string            `cbor:"1,keyasint" json:"id"`
	Said   Said              `cbor:"2,keyasint" json:"said"`
	Status map[string]string `cbor:"3,keyasint" json:"status"` // the credentialStatus, to revoke by
}

// wordRow ties both sides of a word: ids and times.
type wordRow struct {
	ID                      string
	Author, Subject         kernel.PersonID
	AuthorItem, SubjectItem kernel.ItemID
	MadeAt, RevokedAt       db.Time
}

var errNoWord = kernel.NewFault(kernel.NotFound, "peer.word.not_found")

// known says in a sentence what this program knows of who wrote.
func (s Said) known(ctx context.Context) string {
	return i18n.T(ctx, "peer.identity."+string(s.Identity), "domain", s.Domain)
}

// weight is what a reader weighs a word by, a line each: how, how closely, who, and
// whether it goes both ways. It is never a figure.
func (s Said) weight(ctx context.Context, both bool) []string {
	lines := []string{
		i18n.T(ctx, "peer.weight.relation", "words", s.Relation),
		i18n.T(ctx, "peer.sight."+string(s.Sight)),
		s.known(ctx),
	}
	if both {
		lines = append(lines, i18n.T(ctx, "peer.both"))
	}
	return lines
}

// kindWord is the View.Kind of a recommendation. A fact of it names a competence: by
// its address in a referential, or as one.
const (
	kindWord       = "recommendation"
	factCompetence = "competence"
)

// view is what a face may show of a word: the words, and always their weight.
func (s Said) view(ctx context.Context, both bool) gate.View {
	ctx = i18n.In(ctx, s.Lang)
	v := gate.View{
		Kind: kindWord, Title: i18n.T(ctx, "peer.word.title", "name", s.Name), Start: string(s.Start), End: string(s.End),
		Text:       i18n.T(ctx, "peer.quoted", "words", s.Words) + "\n\n" + strings.Join(s.weight(ctx, both), "\n"),
		Provenance: gate.Provenance{Source: gate.Attested, By: s.Name},
	}
	if s.Identity == Unchecked {
		v.Provenance.Source = gate.Declared
	}
	for _, c := range s.Competences {
		v.Tags = append(v.Tags, c.Name)
		v.Facts = append(v.Facts, gate.Fact{Name: cmp.Or(c.URL, factCompetence), Text: c.Name})
	}
	return v
}

// Received is a word about the actor.
type Received struct {
	Said
	ID       kernel.ItemID
	Activity kernel.ItemID
	Title    string // of the activity; "" once it is deleted
	At       time.Time
	Revoked  time.Time // zero while it stands
	Both     bool

	credential []byte
}

// Written is a word of the actor.
type Written struct {
	Said
	ID      kernel.ItemID
	About   string // the name of its subject; "" when she is not here any more
	At      time.Time
	Revoked time.Time
	Both    bool

	body    writtenBody
	subject kernel.PersonID
}

// Words lists what was written about the actor, newest first.
func (s *Service) Words(ctx context.Context) ([]Received, error) {
	a, err := may(ctx, "read")
	if err != nil {
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
	titles, err := s.titles(ctx, pass)
	if err != nil {
		return nil, err
	}
	rows, err := wordsAbout(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return nil, err
	}
	mine, err := wordsBy(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return nil, err
	}
	var all []Received
	for _, it := range slices.Backward(items) {
		if !isOf(it.ID, receivedPrefix) {
			continue
		}
		b, err := decode[receivedBody](it)
		if err != nil {
			return nil, err
		}
		r := Received{Said: b.Said, ID: it.ID, At: it.CreatedAt, credential: b.Credential}
		if len(it.View.Links) > 0 {
			r.Activity, r.Title = it.View.Links[0], titles[it.View.Links[0]]
		}
		if i := slices.IndexFunc(rows, func(w wordRow) bool { return w.ID == b.ID }); i >= 0 {
			r.Revoked, r.Both = rows[i].RevokedAt.Time, bothWays(mine, rows[i].Author)
		}
		all = append(all, r)
	}
	return all, nil
}

// bothWays reports whether a word that stands, among words, is about somebody.
func bothWays(words []wordRow, about kernel.PersonID) bool {
	return about != "" && slices.ContainsFunc(words, func(w wordRow) bool { return w.Subject == about && w.RevokedAt.IsZero() })
}

// Word is one of what was written about the actor.
func (s *Service) Word(ctx context.Context, id kernel.ItemID) (Received, error) {
	all, err := s.Words(ctx)
	if err != nil {
		return Received{}, err
	}
	for _, r := range all {
		if r.ID == id {
			return r, nil
		}
	}
	return Received{}, errNoWord
}

// Credential is the signed form of a word about the actor.
func (s *Service) Credential(ctx context.Context, id kernel.ItemID) ([]byte, error) {
	r, err := s.Word(ctx, id)
	return r.credential, err
}

// Discard removes a word about the actor from her musette. Its author can still
// revoke the credential, wherever it was shown.
func (s *Service) Discard(ctx context.Context, id kernel.ItemID) error {
	a, err := may(ctx, "write")
	if err != nil {
		return err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	if !isOf(id, receivedPrefix) {
		return errNoWord
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := forgetItem(ctx, tx, a.Person, id); err != nil {
			return "", err
		}
		return string(id), s.Gate.Delete(ctx, tx, pass, id, 0)
	})
	return err
}

// Wrote lists what the actor wrote about others, newest first.
func (s *Service) Wrote(ctx context.Context) ([]Written, error) {
	a, err := may(ctx, "read")
	if err != nil {
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
	rows, err := wordsBy(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return nil, err
	}
	about, err := wordsAbout(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return nil, err
	}
	var all []Written
	var subjects []kernel.PersonID
	for _, it := range slices.Backward(items) {
		if !isOf(it.ID, writtenPrefix) {
			continue
		}
		b, err := decode[writtenBody](it)
		if err != nil {
			return nil, err
		}
		w := Written{Said: b.Said, ID: it.ID, At: it.CreatedAt, body: b}
		if i := slices.IndexFunc(rows, func(r wordRow) bool { return r.ID == b.ID }); i >= 0 {
			w.Revoked, w.subject = rows[i].RevokedAt.Time, rows[i].Subject
			w.Both = w.subject != "" && slices.ContainsFunc(about, func(r wordRow) bool { return r.Author == w.subject && r.RevokedAt.IsZero() })
		}
		all, subjects = append(all, w), append(subjects, w.subject)
	}
	names, err := s.People.Names(ctx, subjects)
	for i := range all {
		all[i].About = names[subjects[i]]
	}
	return all, err
}

// WroteOne is one of what the actor wrote.
func (s *Service) WroteOne(ctx context.Context, id kernel.ItemID) (Written, error) {
	all, err := s.Wrote(ctx)
	if err != nil {
		return Written{}, err
	}
	for _, w := range all {
		if w.ID == id {
			return w, nil
		}
	}
	return Written{}, errNoWord
}

// Revoke takes back what the actor wrote: its credential verifies as revoked from
// now on, and no face shows it. Doing it twice is harmless.
func (s *Service) Revoke(ctx context.Context, id kernel.ItemID) error {
	if _, err := may(ctx, "write"); err != nil {
		return err
	}
	w, err := s.WroteOne(ctx, id)
	if err != nil {
		return err
	}
	return s.revoke(ctx, []Written{w})
}

// RevokeAll takes back everything the actor wrote, as somebody may wish who leaves.
func (s *Service) RevokeAll(ctx context.Context) error {
	if _, err := may(ctx, "write"); err != nil {
		return err
	}
	words, err := s.Wrote(ctx)
	if err != nil {
		return err
	}
	return s.revoke(ctx, words)
}

// revoke takes words back in one transaction. What their subjects wrote about the
// actor goes both ways no more.
func (s *Service) revoke(ctx context.Context, words []Written) error {
	words = slices.DeleteFunc(words, func(w Written) bool { return !w.Revoked.IsZero() })
	if len(words) == 0 {
		return nil
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	var back []wordRow
	for _, w := range words {
		rows, err := standing(ctx, s.DB.Read(), w.subject, pass.Owner())
		if err != nil {
			return err
		}
		for _, r := range rows {
			if !slices.ContainsFunc(back, func(b wordRow) bool { return b.ID == r.ID }) {
				back = append(back, r)
			}
		}
	}
	single, err := s.sealBoth(ctx, pass, back, false)
	if err != nil {
		return err
	}
	revoke, err := s.Signer.Revoker(ctx, pass)
	if err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		for _, sealed := range single {
			if _, err := s.Gate.Put(ctx, tx, sealed); err != nil {
				return "", err
			}
		}
		for _, w := range words {
			if err := takeBack(ctx, tx, revoke, w); err != nil {
				return "", err
			}
		}
		return string(words[0].ID), nil
	})
	return err
}

// takeBack revokes the credential of a word, and the word.
func takeBack(ctx context.Context, tx *db.Tx, revoke Revoke, w Written) error {
	status := make(map[string]any, len(w.body.Status))
	for k, v := range w.body.Status {
		status[k] = v
	}
	if err := revoke(ctx, tx, status); err != nil {
		return err
	}
	return revokeWord(ctx, tx, w.body.ID)
}

// flat is a credentialStatus, which holds only texts.
func flat(status map[string]any) map[string]string {
	m := make(map[string]string, len(status))
	for k, v := range status {
		if text, ok := v.(string); ok {
			m[k] = text
		}
	}
	return m
}

// sealBoth prepares the words about the owner of a pass, in her own vault, that now
// go both ways, or do no more: faces say so.
func (s *Service) sealBoth(ctx context.Context, pass gate.Pass, about []wordRow, both bool) ([]gate.Sealed, error) {
	var all []gate.Sealed
	for _, row := range about {
		it, err := s.Gate.Get(ctx, pass, row.SubjectItem)
		if kernel.KindOf(err) == kernel.NotFound {
			continue // discarded
		}
		if err != nil {
			return nil, err
		}
		b, err := decode[receivedBody](it)
		if err != nil {
			return nil, err
		}
		if b.Both == both {
			continue
		}
		b.Both = both
		if it.Body, err = encode(b); err != nil {
			return nil, err
		}
		view := b.Said.view(ctx, both)
		view.Links, view.Provenance.At = it.View.Links, it.View.Provenance.At
		it.View = view
		sealed, err := s.Gate.Seal(ctx, pass, it)
		if err != nil {
			return nil, err
		}
		all = append(all, sealed)
	}
	return all, nil
}

// Fallen lists the items of a person that stand no more, because who wrote them took
// them back: the gate shows them to nobody.
func (s *Service) Fallen(ctx context.Context, owner kernel.PersonID) ([]kernel.ItemID, error) {
	return revokedAbout(ctx, s.DB.Read(), owner)
}
