package analysis_test

import (
	"context"
	"strings"
	"testing"

	"digiwork/internal/analysis"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/foresight"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/testkit"
)

const expo = kernel.ExpeditionID("exp_1")

// expeditions lets ada edit and bob read.
type expeditions struct{}

var errForbidden = kernel.NewFault(kernel.Forbidden, "test")

func (expeditions) May(ctx context.Context, _ kernel.ExpeditionID, act string) error {
	switch who := kernel.ActorFrom(ctx).Person; {
	case who == "ada", who == "bob" && act == "read":
		return nil
	}
	return errForbidden
}

func as(t *testing.T, person kernel.PersonID) context.Context {
	return kernel.WithActor(t.Context(), kernel.Actor{Person: person, Lang: "fr"})
}

func open(t *testing.T, where string) *analysis.Service {
	t.Helper()
	d := testkit.Open(t, where, db.Content, db.Steps{Context: "once", Files: once.Migrations}, db.Steps{Context: "analysis", Files: analysis.Migrations})
	return &analysis.Service{DB: d, Expeditions: expeditions{}}
}

const matrix = ",A,B\nA,0,2\nB,1,0\n"

func TestAStudyIsKeptChangedAndRemoved(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		s := open(t, where)
		d := analysis.Study{Name: " Le  soin ", Method: "micmac", Entered: matrix}
		if _, err := s.Add(as(t, "bob"), expo, d); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a reader adds: %v", err)
		}
		id, err := s.Add(as(t, "ada"), expo, d)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Study(as(t, "bob"), expo, id)
		if err != nil || got.Name != "Le soin" || got.Entered != matrix || got.Version != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := s.Study(as(t, "bob"), "exp_2", id); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("from another expedition: %v", err)
		}
		got.Words = "A mène."
		if err := s.Change(as(t, "ada"), expo, got); err != nil {
			t.Fatal(err)
		}
		if err := s.Change(as(t, "ada"), expo, got); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("a stale version: %v", err)
		}
		raw, err := s.Export(as(t, "ada"), expo)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.DB.Write(t.Context(), func(tx *db.Tx) error { return s.Import(t.Context(), tx, "exp_2", raw) }); err != nil {
			t.Fatal(err)
		}
		if again, err := s.Export(as(t, "ada"), "exp_2"); err != nil || string(again) != string(raw) {
			t.Errorf("%s, %v", again, err)
		}
		if err := s.Remove(as(t, "ada"), expo, id); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Studies(as(t, "bob"), expo); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestWhatAMethodCannotReadIsNamedByItsCell(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		s := open(t, where)
		_, err := s.Add(as(t, "ada"), expo, analysis.Study{Name: "N", Method: "micmac", Entered: ",A,B\nA,0,x\nB,1,0\n"})
		f, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // joined faults
		if kernel.KindOf(err) != kernel.Invalid || !ok || !strings.Contains(err.Error(), "x") {
			t.Errorf("%v, %v", err, f)
		}
		for _, bad := range []analysis.Study{{Name: "", Method: "micmac", Entered: matrix}, {Name: "N", Method: "tarot", Entered: matrix}, {Name: "N", Method: "cib", Entered: "{}"}} {
			if _, err := s.Add(as(t, "ada"), expo, bad); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

// The form of each method begins with an example that it can compute.
func TestEverySampleComputes(t *testing.T) {
	for _, method := range foresight.Methods() {
		if analysis.Sample(method) == "" {
			t.Errorf("%s has no sample", method)
		}
		r, err := analysis.Compute(as(t, "ada"), analysis.Study{Method: method, Entered: analysis.Sample(method)})
		if err != nil || r.Text(foresight.French) == "" {
			t.Errorf("%s: %v", method, err)
		}
	}
}
