package gate_test

import (
	"context"
	"slices"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/testkit/house"
)

// fell is a room that knows what was taken back.
type fell []kernel.ItemID

// Fallen implements gate.Fallen.
func (f fell) Fallen(context.Context, kernel.PersonID) ([]kernel.ItemID, error) { return f, nil }

// A word that nobody vouches for stays told by its owner; one that was taken back is
// shown to nobody, and says so to its owner, as soon as it is.
func TestWhatWasTakenBackIsShownToNobody(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		l := lend(t, h, ada, gate.LoanAsk{To: gate.To{Link: true}, Answers: 2})
		ctx, p := byLink(t, h, l)
		for _, source := range []string{gate.Declared, gate.Attested} {
			view := gate.View{Kind: "recommendation", Title: "Mot " + source, Provenance: gate.Provenance{Source: source}}
			if err := deposit(h, ctx, p, gate.Item{View: view}); err != nil {
				t.Fatal(err)
			}
		}
		items, err := h.Gate.List(ada, own(t, h, ada), "peer")
		if err != nil || len(items) != 2 {
			t.Fatalf("%+v, %v", items, err)
		}
		both := ids(items...)
		first, second := both[0], both[1]
		if items[0].View.Title != "Mot declared" {
			first, second = second, first
		}
		shown := func() (titles, sources []string) {
			t.Helper()
			s, err := h.Gate.Preview(h.As(t, "ada"), gate.Face{Shows: gate.Shows{Activities: gate.Choice{IDs: both}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range s.Items {
				titles, sources = append(titles, it.Title), append(sources, it.Source)
			}
			slices.Sort(titles)
			slices.Sort(sources)
			return titles, sources
		}
		if titles, sources := shown(); !slices.Equal(titles, []string{"Mot attested", "Mot declared"}) || !slices.Equal(sources, []string{"attested", "declared"}) {
			t.Errorf("before: %q %q", titles, sources)
		}
		h.Gate.Fallen = map[string]gate.Fallen{"peer": fell{second}, "badge": fell{first}}
		if titles, _ := shown(); !slices.Equal(titles, []string{"Mot declared"}) {
			t.Errorf("after: %q", titles)
		}
		items, err = h.Gate.List(ada, own(t, h, ada), "peer")
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			if want := map[bool]string{true: gate.Revoked}[it.ID == second]; it.View.Status != want {
				t.Errorf("%s says %q, want %q", it.View.Title, it.View.Status, want)
			}
		}
		h.Gate.Fallen = nil
		if titles, _ := shown(); len(titles) != 2 {
			t.Errorf("what is kept in memory was changed: %q", titles)
		}
	})
}
