package musette

import (
	"context"
	"slices"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"

	"github.com/fxamacker/cbor/v2"
)

// settingsID is fixed: a person arranges her musette in one way.
const settingsID kernel.ItemID = "cmp_me"

// kindSettings marks the item that holds how a musette is arranged.
const kindSettings = "arrangement"

// Goals are what a musette may be for, as Fing's workshops asked first.
var Goals = []string{"know", "thin", "rich", "several", "change", "proofs"}

// Parts are what a musette may hold, in the order in which they are offered: the
// activities, the pieces, each shape, the letters.
var Parts = func() []string {
	all := []string{partActivities, partPieces}
	for _, s := range Shapes {
		all = append(all, s.Name)
	}
	return append(all, partLetters)
}()

// Parts that are no shape.
const (
	partActivities = "activity"
	partPieces     = "piece"
	partLetters    = "letter"
)

// Arrangement is how a person arranges her musette: what it is for, which parts she
// wants to see first, with which words.
type Arrangement struct {
	Version int64 // 0 when she never said anything
	Goal    string
	Parts   []string // nil: she never chose
	Pack    string
}

// arrangementRest is sealed in its body.
type arrangementRest struct {
	Goal  string   `cbor:"1,keyasint,omitempty"`
	Parts []string `cbor:"2,keyasint,omitempty"`
	Pack  string   `cbor:"3,keyasint,omitempty"`
}

var (
	errGoal = kernel.NewFault(kernel.Invalid, "musette.goal.unknown").On("goal")
	errPart = kernel.NewFault(kernel.Invalid, "musette.part.unknown").On("parts")
	errPack = kernel.NewFault(kernel.Invalid, "musette.pack.unknown").On("pack")
)

// suggested are the parts offered first for each goal. Nothing is compulsory.
var suggested = map[string][]string{
	"know":    {partActivities, note.Name, method.Name},
	"thin":    {partActivities, partPieces, method.Name},
	"rich":    {partActivities, method.Name, tool.Name, partPieces},
	"several": {partActivities, identity.Name, workplace.Name, contact.Name},
	"change":  {partActivities, note.Name, document.Name, method.Name},
	"proofs":  {partActivities, partPieces, document.Name, partLetters},
}

// Suggested are the parts that go with a goal.
func Suggested(goal string) []string {
	if parts, ok := suggested[goal]; ok {
		return parts
	}
	return []string{partActivities, partPieces, method.Name}
}

// Shows reports whether a part is among those she wants to see first.
func (a Arrangement) Shows(part string) bool {
	if a.Parts == nil {
		return slices.Contains(Suggested(a.Goal), part)
	}
	return slices.Contains(a.Parts, part)
}

// Arrangement says how the actor arranges her musette.
func (s *Service) Arrangement(ctx context.Context) (Arrangement, error) {
	items, err := s.all(ctx)
	if err != nil {
		return Arrangement{}, err
	}
	i, found := slices.BinarySearchFunc(items, settingsID, func(it gate.Item, id kernel.ItemID) int {
		switch {
		case it.ID < id:
			return -1
		case it.ID > id:
			return 1
		}
		return 0
	})
	if !found {
		return Arrangement{}, nil
	}
	var rest arrangementRest
	if err := cbor.Unmarshal(items[i].Body, &rest); err != nil {
		return Arrangement{}, unreadable(settingsID, err)
	}
	return Arrangement{Version: items[i].Version, Goal: rest.Goal, Parts: rest.Parts, Pack: rest.Pack}, nil
}

// Arrange changes how the actor arranges her musette. The last word wins: nothing of
// what she keeps depends on it.
//
// Invalid for a goal, a part or a pack that does not exist.
func (s *Service) Arrange(ctx context.Context, change func(*Arrangement)) error {
	a, err := s.Arrangement(ctx)
	if err != nil {
		return err
	}
	change(&a)
	if a.Goal != "" && !slices.Contains(Goals, a.Goal) {
		return errGoal
	}
	if slices.ContainsFunc(a.Parts, func(p string) bool { return !slices.Contains(Parts, p) }) {
		return errPart
	}
	if _, ok := packs()[a.Pack]; a.Pack != "" && !ok {
		return errPack
	}
	body, err := cbor.Marshal(arrangementRest{a.Goal, a.Parts, a.Pack})
	if err != nil {
		return err
	}
	_, err = s.put(ctx, gate.Item{
		ID: settingsID, Room: room, Version: a.Version, Body: body,
		View: gate.View{Kind: kindSettings, Never: true, Provenance: declared},
	})
	return err
}

// pack is the vocabulary the actor chose.
func (s *Service) pack(ctx context.Context) (*Pack, error) {
	a, err := s.Arrangement(ctx)
	if err != nil {
		return nil, err
	}
	return PackByID(a.Pack), nil
}
