package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"sync"

	"digiwork/internal/account"
	"digiwork/internal/circle"
	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/musette"
)

// stage plays the scene: each invented person signs in by the demonstration's door
// and does, through the services anybody has, what somebody would do by hand.
type stage struct {
	*App
	scene *scene

	cast    map[string]*actor // by handle
	circles map[string]kernel.CircleID
}

// actor is an invented person who is signed in, and what she has made so far.
type actor struct {
	*invented
	id    kernel.PersonID
	ctx   context.Context // that carries who acts: she is this context
	leave func() error

	activities map[string]kernel.ItemID // by key
	pieces     map[string]kernel.ItemID // by title
	faces      []kernel.ItemID
}

// enterAs signs in as an invented person; leave signs her out.
//
// NotFound if the demonstration made nobody of this handle.
func (a *App) enterAs(ctx context.Context, handle string) (as context.Context, leave func() error, err error) {
	session, err := a.Account.OneClick(ctx, handle, account.Visit{})
	if err != nil {
		return ctx, nil, err
	}
	as, err = a.Gate.Enter(ctx, gate.Credential{Cookie: session.Reveal()})
	return as, func() error { return a.Account.SignOut(as, account.Visit{Cookie: session.Reveal()}) }, err
}

// play makes everything. What the musette of the last person is for comes last: it
// says that nothing is missing.
func (t *stage) play(ctx context.Context) error {
	if err := t.enter(ctx); err != nil {
		return err
	}
	if err := t.each(t.live); err != nil {
		return err
	}
	if err := t.gather(); err != nil {
		return err
	}
	if err := t.each(t.share); err != nil {
		return err
	}
	for i := range t.scene.People {
		p := t.cast[t.scene.People[i].Handle]
		err := t.Musette.Arrange(p.ctx, func(m *musette.Arrangement) { m.Goal, m.Parts, m.Pack = p.Goal, p.Parts, p.Pack })
		if err != nil {
			return fmt.Errorf("%s: %w", p.Handle, err)
		}
	}
	return t.each(func(p *actor) error { return p.leave() })
}

// enter adds the people, in their order, and signs them in.
func (t *stage) enter(ctx context.Context) error {
	t.cast, t.circles = map[string]*actor{}, map[string]kernel.CircleID{}
	for i := range t.scene.People {
		p := &actor{invented: &t.scene.People[i], activities: map[string]kernel.ItemID{}, pieces: map[string]kernel.ItemID{}}
		var err error
		if p.id, _, err = t.Account.AddPerson(ctx, account.NewPerson{Handle: p.Handle, Name: p.Name, Lang: p.Lang}); err != nil {
			return fmt.Errorf("%s: %w", p.Handle, err)
		}
		if p.ctx, p.leave, err = t.enterAs(ctx, p.Handle); err != nil {
			return fmt.Errorf("%s: %w", p.Handle, err)
		}
		t.cast[p.Handle] = p
	}
	return nil
}

// each lets everybody act at the same time.
func (t *stage) each(act func(*actor) error) error {
	var all sync.WaitGroup
	errs := make([]error, len(t.scene.People))
	for i := range t.scene.People {
		p := t.cast[t.scene.People[i].Handle]
		all.Go(func() {
			if err := act(p); err != nil {
				errs[i] = fmt.Errorf("%s: %w", p.Handle, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// live fills a musette.
func (t *stage) live(p *actor) error {
	if err := t.Gate.SaveProfile(p.ctx, gate.Profile{Fields: p.Profile}); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	for i := range p.Activities {
		if err := t.act(p, &p.Activities[i]); err != nil {
			return fmt.Errorf("%s: %w", p.Activities[i].Title, err)
		}
	}
	for _, said := range p.Entries {
		shape, values, err := t.scene.entryOf(said)
		if err != nil {
			return err
		}
		if _, err := t.Musette.AddEntry(p.ctx, shape, values); err != nil {
			return fmt.Errorf("%s %s: %w", said["shape"], said["title"], err)
		}
	}
	for i := range p.Letters {
		if _, err := t.Musette.AddLetter(p.ctx, p.Letters[i].request(t.scene)); err != nil {
			return fmt.Errorf("letter to %s: %w", p.Letters[i].To, err)
		}
	}
	for i := range p.Faces {
		if err := t.face(p, &p.Faces[i]); err != nil {
			return fmt.Errorf("face %s: %w", p.Faces[i].Name, err)
		}
	}
	return nil
}

// act keeps an activity and its evidence.
func (t *stage) act(p *actor, v *inventedActivity) error {
	said := v.content(t.scene)
	first := said
	if v.Before != "" {
		first.Narrative = v.Before
	}
	made, err := t.Musette.AddActivity(p.ctx, first)
	if err != nil {
		return err
	}
	if v.Before != "" {
		if made, err = t.Musette.ReviseActivity(p.ctx, made.ID, made.Version, said); err != nil {
			return err
		}
	}
	if v.Key != "" {
		p.activities[v.Key] = made.ID
	}
	for i := range v.Pieces {
		piece, err := t.piece(p, made.ID, &v.Pieces[i])
		if err != nil {
			return fmt.Errorf("piece %s: %w", v.Pieces[i].Title, err)
		}
		p.pieces[v.Pieces[i].Title] = piece.ID
	}
	return nil
}

func (t *stage) piece(p *actor, of kernel.ItemID, v *inventedPiece) (_ *musette.Piece, err error) {
	about := musette.About{Title: v.Title, URL: v.URL, Date: t.scene.date(v.Date), Author: v.Author}
	if v.File == "" {
		return t.Musette.AddLink(p.ctx, of, about)
	}
	f, err := t.scene.files.Open(path.Join("demo/files", v.File))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	held, err := t.Musette.AddFile(p.ctx, of, v.File, f)
	if err != nil {
		return nil, err
	}
	return t.Musette.Keep(p.ctx, held, about)
}

func (t *stage) face(p *actor, v *inventedFace) error {
	f := gate.Face{Name: v.Name, Language: v.Language, Hides: v.Hides}
	f.Shows.Profile, f.Shows.Activities.Rule = v.Profile, v.Rule
	var err error
	if f.Shows.Activities.IDs, err = ids(v.Activities, p.activities); err != nil {
		return err
	}
	if f.Shows.Pieces, err = ids(v.Pieces, p.pieces); err != nil {
		return err
	}
	made, err := t.Gate.SaveFace(p.ctx, f)
	p.faces = append(p.faces, made.ID)
	return err
}

// ids finds what was made by its name in the files.
func ids(names []string, made map[string]kernel.ItemID) ([]kernel.ItemID, error) {
	var all []kernel.ItemID
	for _, n := range names {
		id, ok := made[n]
		if !ok {
			return nil, fmt.Errorf("%q: %w", n, fs.ErrNotExist)
		}
		all = append(all, id)
	}
	return all, nil
}

// gather makes the circles; their members come in by an invitation.
func (t *stage) gather() error {
	for _, c := range t.scene.Circles {
		if err := t.gatherOne(c); err != nil {
			return fmt.Errorf("circle %s: %w", c.Name, err)
		}
	}
	return nil
}

func (t *stage) gatherOne(c inventedCircle) error {
	owner, err := t.who(c.Owner)
	if err != nil {
		return err
	}
	made, err := t.Circle.Create(owner.ctx, c.Name, circle.Kind(c.Kind))
	if err != nil {
		return err
	}
	t.circles[c.Name] = made.ID
	for _, handle := range c.Members {
		member, err := t.who(handle)
		if err != nil {
			return err
		}
		invitation, err := t.Circle.Invite(owner.ctx, made.ID, "")
		if err != nil {
			return err
		}
		if _, err := t.Circle.Accept(member.ctx, made.ID, invitation.Token); err != nil {
			return fmt.Errorf("%s: %w", handle, err)
		}
	}
	for _, handle := range c.Hosts {
		host, err := t.who(handle)
		if err != nil {
			return err
		}
		if _, err := t.Circle.SetRole(owner.ctx, made.ID, host.id, circle.Owner); err != nil {
			return fmt.Errorf("%s: %w", handle, err)
		}
	}
	return nil
}

func (t *stage) who(handle string) (*actor, error) {
	p, ok := t.cast[handle]
	if !ok {
		return nil, fmt.Errorf("%q is nobody of the demonstration", handle)
	}
	return p, nil
}

// share opens the gate of a person, lets others look, and closes what she withdrew.
func (t *stage) share(p *actor) error {
	for i := range p.Faces {
		for _, g := range p.Faces[i].Grants {
			if err := t.grant(p, p.faces[i], g); err != nil {
				return fmt.Errorf("face %s, %s: %w", p.Faces[i].Name, g.Purpose, err)
			}
		}
	}
	return nil
}

func (t *stage) grant(p *actor, face kernel.ItemID, v inventedGrant) error {
	ask := gate.Ask{Face: face, Purpose: v.Purpose, Until: string(t.scene.date(v.Until))}
	switch {
	case v.Person != "":
		to, err := t.who(v.Person)
		if err != nil {
			return err
		}
		ask.To.Person = to.id
	case v.Circle != "":
		id, ok := t.circles[v.Circle]
		if !ok {
			return fmt.Errorf("%q is no circle of the demonstration", v.Circle)
		}
		ask.To.Circle = id
	default:
		ask.To.Link = true
	}
	g, err := t.Gate.Grant(p.ctx, ask)
	if err != nil {
		return err
	}
	for _, visitor := range v.Visits {
		if err := t.look(p, g, visitor, v.Pieces); err != nil {
			return fmt.Errorf("%s looks: %w", visitor, err)
		}
	}
	if !v.Withdrawn {
		return nil
	}
	if err := t.Gate.Withdraw(p.ctx, g.ID); err != nil || !v.Refused {
		return err
	}
	if err := t.look(p, g, byLink, false); !errors.Is(err, gate.ErrEnded) {
		return fmt.Errorf("a withdrawn link opens: %w", err)
	}
	return nil
}

// byLink is the visitor of whom nothing is known.
const byLink = "link"

// look visits a face by the door of its grant, and its pieces if they are wanted.
func (t *stage) look(p *actor, g gate.Grant, visitor string, pieces bool) error {
	ctx, pass, err := t.knock(p, g, visitor)
	if err != nil {
		return err
	}
	shown, err := t.Gate.Show(ctx, pass)
	if err != nil || !pieces {
		return err
	}
	for _, it := range shown.Items {
		for _, piece := range it.Pieces {
			if _, _, err := t.Gate.Piece(ctx, pass, piece.ID); err != nil && kernel.KindOf(err) != kernel.NotFound {
				return err // a link has no file to open
			}
		}
	}
	return nil
}

// knock gives a visitor the pass of a grant.
func (t *stage) knock(p *actor, g gate.Grant, visitor string) (context.Context, gate.Pass, error) {
	if visitor != byLink {
		v, err := t.who(visitor)
		if err != nil {
			return nil, gate.Pass{}, err
		}
		pass, err := t.Gate.ByGrant(v.ctx, g.ID)
		return v.ctx, pass, err
	}
	ctx, err := t.Gate.Enter(context.WithoutCancel(p.ctx), gate.Credential{})
	if err != nil {
		return nil, gate.Pass{}, err
	}
	u, err := url.Parse(g.URL)
	if err != nil {
		return nil, gate.Pass{}, err
	}
	pass, err := t.Gate.ByLink(ctx, u.Path[strings.LastIndexByte(u.Path, '/')+1:])
	return ctx, pass, err
}
