package vae

import (
	"encoding/json"
	"fmt"

	"digiwork/internal/gate"
	"digiwork/internal/lib/credential"
)

// Archive writes what the room keeps as words, and reads it back. The credentials of a
// result lie beside them as files, for whoever verifies an archive.
type Archive struct{}

// Name is the room.
func (Archive) Name() string { return room }

// kindOf is an empty body of the kind of an item.
func kindOf(it gate.Item) (any, error) {
	switch it.View.Kind {
	case kindFile:
		return &File{}, nil
	case kindPart:
		return &Part{}, nil
	case kindComment:
		return &Comment{}, nil
	case kindResult:
		return &Result{}, nil
	}
	return nil, fmt.Errorf("item %s: no kind of ours", it.ID)
}

func fileName(bloc string) string { return "credentials/bloc-" + bloc + ".json" }

// Pack implements musette.Room.
func (Archive) Pack(it gate.Item) (any, map[string]credential.Document, error) {
	v, err := kindOf(it)
	if err != nil {
		return nil, nil, err
	}
	if err := read(it, v); err != nil {
		return nil, nil, err
	}
	r, ok := v.(*Result)
	if !ok {
		return v, nil, nil
	}
	files := map[string]credential.Document{}
	for i := range r.Blocs {
		if g := &r.Blocs[i]; len(g.Credential) > 0 {
			files[fileName(g.Bloc)] = credential.Document{Text: g.Credential}
			g.Credential = nil
		}
	}
	return r, files, nil
}

// Unpack implements musette.Room.
func (Archive) Unpack(it gate.Item, words json.RawMessage, files map[string]credential.Document) ([]byte, error) {
	v, err := kindOf(it)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(words, v); err != nil {
		return nil, fmt.Errorf("item %s: %w", it.ID, err)
	}
	if r, ok := v.(*Result); ok {
		for i := range r.Blocs {
			if d, ok := files[fileName(r.Blocs[i].Bloc)]; ok {
				r.Blocs[i].Credential = d.Text
			}
		}
	}
	return body(v)
}
