// Package house gives tests a gate on a fresh database, with four people in it.
// Passes come through the gate's real doors: there is no other.
package house

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/seal"
	"digiwork/internal/testkit"
)

// people of every house: ada, bob, eve and mallory.
var people = []kernel.PersonID{"ada", "bob", "eve", "mallory"}

// House is a gate with people at its door.
type House struct {
	Gate *gate.Service
	DB   *db.DB
	Keys *seal.Keys

	mu      sync.Mutex
	people  []kernel.PersonID
	circles map[kernel.CircleID][]kernel.PersonID
}

// Open opens a house on the database at where, with the tables of steps besides
// the gate's own.
func Open(t testing.TB, where string, steps ...db.Steps) *House {
	t.Helper()
	own := []db.Steps{{Context: "gate", Files: gate.Migrations}, {Context: "once", Files: once.Migrations}}
	content := testkit.Open(t, where, db.Content, append(own, steps...)...)
	keysDB := testkit.Open(t, where, db.Keys, db.Steps{Context: "seal", Files: seal.Migrations})
	keys, _, err := seal.Open(t.Context(), keysDB, filepath.Join(t.TempDir(), "instance.key"))
	if err != nil {
		t.Fatal(err)
	}
	h := &House{DB: content, Keys: keys, circles: map[kernel.CircleID][]kernel.PersonID{}}
	h.Gate = &gate.Service{DB: content, Keys: keys, Sessions: h, Circles: h, People: h, BaseURL: "http://localhost:8080"}
	for _, p := range people {
		h.Add(t, p)
	}
	return h
}

// Add lets one more person move in.
func (h *House) Add(t testing.TB, person kernel.PersonID) {
	t.Helper()
	if err := h.Gate.Welcome(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Write(t.Context(), func(tx *db.Tx) error { return h.Gate.Admit(t.Context(), tx, person) }); err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.people = append(h.people, person)
}

// lives reports whether somebody is of this house.
func (h *House) lives(person kernel.PersonID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.people, person)
}

// As is the context of a request of person ("" for a visitor).
func (h *House) As(t testing.TB, person kernel.PersonID) context.Context {
	t.Helper()
	ctx, err := h.Gate.Enter(t.Context(), gate.Credential{Bearer: string(person)})
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// Circle makes a circle of members, the first of whom owns it.
func (h *House) Circle(id kernel.CircleID, members ...kernel.PersonID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.circles[id] = members
}

// Recognise implements gate.Sessions: the bearer is the person's id.
func (h *House) Recognise(_ context.Context, c gate.Credential) (kernel.Actor, error) {
	id := kernel.PersonID(c.Bearer)
	if !h.lives(id) {
		return kernel.Actor{Lang: "fr"}, nil
	}
	all := []string{"read", "write", "share", "import", "export", "erase"}
	return kernel.Actor{Person: id, Name: string(id), Lang: "fr", Zone: "Europe/Paris", Scopes: all}, nil
}

// Names implements gate.People.
func (h *House) Names(_ context.Context, ids []kernel.PersonID) (map[kernel.PersonID]string, error) {
	m := map[kernel.PersonID]string{}
	for _, id := range ids {
		if h.lives(id) {
			m[id] = "Name of " + string(id)
		}
	}
	return m, nil
}

// Belongs implements gate.Circles.
func (h *House) Belongs(_ context.Context, circle kernel.CircleID, person kernel.PersonID) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.circles[circle], person), nil
}

// Owns implements gate.Circles: the first member owns the circle.
func (h *House) Owns(_ context.Context, circle kernel.CircleID, person kernel.PersonID) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	members := h.circles[circle]
	return len(members) > 0 && members[0] == person, nil
}

// CirclesOf implements gate.Circles.
func (h *House) CirclesOf(_ context.Context, person kernel.PersonID) ([]kernel.CircleID, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []kernel.CircleID
	for id, members := range h.circles {
		if slices.Contains(members, person) {
			all = append(all, id)
		}
	}
	return all, nil
}

// CircleNames implements gate.Circles.
func (h *House) CircleNames(_ context.Context, ids []kernel.CircleID) (map[kernel.CircleID]string, error) {
	m := map[kernel.CircleID]string{}
	for _, id := range ids {
		m[id] = "Circle " + string(id)
	}
	return m, nil
}
