package analysis

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/foresight"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
)

// Study is what was entered for a method, and what the group makes of its result.
type Study struct {
	ID      string
	Name    string
	Method  string // one of foresight.Methods
	Entered string // JSON, or for some methods a table or a ScenarioWizard file
	Words   string
	Version int64
}

// Bounds of a study.
const (
	mostName    = 120
	mostEntered = 512 << 10
	mostWords   = 8000
	mostStudies = 200 // of one expedition
	mostTime    = 3 * time.Second
	mostWork    = 3_000_000 // nodes of a search
)

var (
	errNoStudy = kernel.NewFault(kernel.NotFound, "analysis.no_study")
	errName    = kernel.NewFault(kernel.Invalid, "analysis.name").On("name").With("max", mostName)
	errMethod  = kernel.NewFault(kernel.Invalid, "analysis.method").On("method")
	errLong    = kernel.NewFault(kernel.Invalid, "analysis.long").On("entered").With("max", mostEntered>>10)
	errInput   = kernel.NewFault(kernel.Invalid, "analysis.input").On("entered")
	errWords   = kernel.NewFault(kernel.Invalid, "analysis.words").On("words").With("max", mostWords)
	errMany    = kernel.NewFault(kernel.TooMany, "analysis.many").With("max", mostStudies)
	errStale   = kernel.NewFault(kernel.Conflict, "analysis.stale").On("version")
	errSlow    = kernel.NewFault(kernel.Invalid, "analysis.slow").On("entered")
)

// check finds what is wrong in a study; what its method refuses is named by row and
// column.
func (s *Service) check(ctx context.Context, d *Study) error {
	d.Name, d.Words = strings.Join(strings.Fields(d.Name), " "), strings.TrimSpace(d.Words)
	var wrong []error
	if d.Name == "" || utf8.RuneCountInString(d.Name) > mostName {
		wrong = append(wrong, errName)
	}
	if utf8.RuneCountInString(d.Words) > mostWords {
		wrong = append(wrong, errWords)
	}
	switch {
	case !slices.Contains(foresight.Methods(), d.Method):
		wrong = append(wrong, errMethod)
	case len(d.Entered) > mostEntered:
		wrong = append(wrong, errLong)
	default:
		if _, err := Compute(ctx, *d); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

// Compute runs the method of a study, bounded in work and time.
//
// Invalid on "entered", with the cell at fault, for what the method refuses.
func Compute(ctx context.Context, d Study) (foresight.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, mostTime)
	defer cancel()
	r, err := foresight.Command(ctx, d.Method, fileName(d.Entered), []byte(d.Entered), foresight.Options{WorkLimit: mostWork})
	if refused, ok := errors.AsType[*foresight.InputError](err); ok {
		return nil, errInput.With("why", refused.In(language(ctx))).Because(err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, errSlow.Because(err)
	}
	return r, err
}

func language(ctx context.Context) foresight.Language { return foresight.Language(i18n.Lang(ctx)) }

// fileName helps a method to tell what it is given.
func fileName(entered string) string {
	switch head := strings.TrimSpace(entered); {
	case strings.HasPrefix(head, "{"):
		return "entered.json"
	case strings.HasPrefix(head, "$") || strings.HasPrefix(head, "&"):
		return "entered.scw"
	}
	return "entered.csv"
}

// Studies lists those of an expedition, by name.
func (s *Service) Studies(ctx context.Context, id kernel.ExpeditionID) ([]Study, error) {
	if err := s.Expeditions.May(ctx, id, read); err != nil {
		return nil, err
	}
	return studiesOf(ctx, s.DB.Read(), id)
}

// Study opens one.
func (s *Service) Study(ctx context.Context, id kernel.ExpeditionID, study string) (Study, error) {
	if err := s.Expeditions.May(ctx, id, read); err != nil {
		return Study{}, err
	}
	return studyByID(ctx, s.DB.Read(), id, study)
}

// Add keeps a study whose matrix its method can read.
func (s *Service) Add(ctx context.Context, id kernel.ExpeditionID, d Study) (string, error) {
	if err := s.Expeditions.May(ctx, id, edit); err != nil {
		return "", err
	}
	if err := s.check(ctx, &d); err != nil {
		return "", err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, edit); err != nil {
			return "", err
		}
		n, err := countStudies(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if n >= mostStudies {
			return "", errMany
		}
		d.ID, d.Version = kernel.NewID[string]("std", tx.Now), 1
		return d.ID, insertStudy(ctx, tx, id, d)
	})
}

// Change replaces a study. Conflict if somebody else has changed it since Version.
func (s *Service) Change(ctx context.Context, id kernel.ExpeditionID, d Study) error {
	was, err := s.Study(ctx, id, d.ID)
	if err != nil {
		return err
	}
	d.Method = was.Method
	if err := s.Expeditions.May(ctx, id, edit); err != nil {
		return err
	}
	if err := s.check(ctx, &d); err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, edit); err != nil {
			return "", err
		}
		return d.ID, updateStudy(ctx, tx, id, d)
	})
	return err
}

// Remove deletes a study.
func (s *Service) Remove(ctx context.Context, id kernel.ExpeditionID, study string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, edit); err != nil {
			return "", err
		}
		return study, deleteStudy(ctx, tx, id, study)
	})
	return err
}

type carried struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Method  string `json:"method"`
	Entered string `json:"entered"`
	Words   string `json:"words,omitempty"`
}

// Export is what the file of an expedition holds of its analyses; nil for none. The
// caller has checked that the actor may read.
func (s *Service) Export(ctx context.Context, id kernel.ExpeditionID) (json.RawMessage, error) {
	all, err := studiesOf(ctx, s.DB.Read(), id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Study) int { return strings.Compare(a.ID, b.ID) })
	out := make([]carried, len(all))
	for i, d := range all {
		out[i] = carried{d.ID, d.Name, d.Method, d.Entered, d.Words}
	}
	return json.Marshal(out)
}

// Import takes back what Export gave, into an expedition just made.
func (s *Service) Import(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, raw json.RawMessage) error {
	var all []carried
	if err := json.Unmarshal(raw, &all); err != nil {
		return errInput.With("why", "JSON").Because(err)
	}
	if len(all) > mostStudies {
		return errMany
	}
	for _, c := range all {
		d := Study{ID: c.ID, Name: c.Name, Method: c.Method, Entered: c.Entered, Words: c.Words, Version: 1}
		if len(d.Entered) > mostEntered || !slices.Contains(foresight.Methods(), d.Method) {
			return errMethod
		}
		if err := insertStudy(ctx, tx, id, d); err != nil {
			return err
		}
	}
	return nil
}
