package musette

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// ImportReport is the JSON face of an import, the same from the API and from the
// command line.
type ImportReport struct {
	Files []importedBody `json:"files"`
}

type importedBody struct {
	Name     string         `json:"name"`
	Format   string         `json:"format"`
	Created  map[string]int `json:"created" doc:"How many, by what: activities, contacts, tools, documents, skills, pieces."`
	Merged   int            `json:"merged" doc:"What was there already and had empty fields filled."`
	Skipped  []skippedBody  `json:"skipped"`
	Warnings []warnedBody   `json:"warnings"`
	NotGiven []notGivenBody `json:"not_given" doc:"What article D7342-6 promises and the file of a platform lacks."`
	Stripped int            `json:"stripped" doc:"Traces of customers that were left out."`
}

type skippedBody struct {
	Where string `json:"where"`
	Why   string `json:"why"`
}

type warnedBody struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

type notGivenBody struct {
	Item    string `json:"item"`
	Article string `json:"article"`
	What    string `json:"what"`
}

// ReportOf says an import in the language of ctx.
func ReportOf(ctx context.Context, all []Imported) ImportReport {
	r := ImportReport{Files: []importedBody{}}
	for _, one := range all {
		b := importedBody{
			Name: one.Name, Format: one.Format, Created: one.Created, Merged: one.Merged, Stripped: one.Stripped,
			Skipped: []skippedBody{}, Warnings: []warnedBody{}, NotGiven: []notGivenBody{},
		}
		if b.Created == nil {
			b.Created = map[string]int{}
		}
		for _, s := range one.Skipped {
			b.Skipped = append(b.Skipped, skippedBody{say(ctx, s.Where), say(ctx, s.What)})
		}
		for _, s := range one.Warnings {
			b.Warnings = append(b.Warnings, warnedBody{say(ctx, s.Where), say(ctx, s.What)})
		}
		for _, id := range one.NotGiven {
			if item, ok := legal(id); ok {
				b.NotGiven = append(b.NotGiven, notGivenBody{item.Item, item.Article, i18n.T(ctx, item.Key)})
			}
		}
		r.Files = append(r.Files, b)
	}
	return r
}

// say puts a note into a sentence.
func say(ctx context.Context, n intake.Note) string {
	if n.Key == "" {
		return ""
	}
	return i18n.T(ctx, n.Key, n.Args...)
}

func legal(id string) (intake.LegalItem, bool) {
	for _, item := range intake.LegalItems() {
		if item.ID == id {
			return item, true
		}
	}
	return intake.LegalItem{}, false
}

// importMedia describes the body of an import.
const importMedia = "multipart/form-data"

// FileAPI describes the operations that take and give files.
func (s *Service) FileAPI(api huma.API) {
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "import", Method: http.MethodPost, Path: "/imports", Tags: []string{"musette"}, Security: web.Scope("import"),
		Summary:     "Import files",
		Description: "One part named files for each file, 25 MiB each, 100 MiB in all. The format is told from the content. Importing the same file again creates nothing. With dry_run=true nothing is kept. What a file holds is never an error: the report says what was refused and why.",
		Parameters:  []*huma.Param{{Name: "dry_run", In: "query", Schema: &huma.Schema{Type: huma.TypeBoolean}}, {Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{importMedia: {Schema: &huma.Schema{
			Type: huma.TypeObject, Properties: map[string]*huma.Schema{"files": {Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}}}},
		Responses: map[string]*huma.Response{"200": {Description: "What came of each file."}, "413": {Description: "Too large."}, "422": {Description: "A part that is no file."}},
	})
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "export", Method: http.MethodGet, Path: "/export", Tags: []string{"musette"}, Security: web.Scope("export"),
		Summary:     "Take everything away",
		Description: "The archive: a ZIP that is a BagIt bag, readable without the program, importable by another instance.",
		Responses:   map[string]*huma.Response{"200": {Description: "The archive.", Content: map[string]*huma.MediaType{"application/zip": {}}}},
	})
}

// apiImport streams the files of a call into the vault, then imports them.
func (s *Service) apiImport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := may(ctx, "import"); err != nil {
		return err
	}
	dry, err := dryRun(r)
	if err != nil {
		return err
	}
	files, _, err := s.receive(ctx, r, importFileMost)
	if err != nil {
		return err
	}
	_, all, err := s.Import(ctx, files, dry)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	_ = out.Encode(ReportOf(ctx, all)) //nolint:errcheck // a reader who left needs no answer
	return nil
}

func dryRun(r *http.Request) (bool, error) {
	text := r.URL.Query().Get("dry_run")
	if text == "" {
		return false, nil
	}
	dry, err := strconv.ParseBool(text)
	if err != nil {
		return false, errDryRun
	}
	return dry, nil
}

// receive takes in the files of a multipart body, each sealed as it comes, and the
// fields beside them. A ZIP may have archiveMost bytes.
func (s *Service) receive(ctx context.Context, r *http.Request, archiveMost int64) ([]Incoming, map[string]string, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != importMedia || params["boundary"] == "" {
		return nil, nil, errUploadForm
	}
	var files []Incoming
	fields := map[string]string{}
	parts := multipart.NewReader(r.Body, params["boundary"])
	for left := int64(importMost); ; {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return files, fields, nil
		}
		if err != nil {
			return nil, nil, tooMuch(err)
		}
		_, disposition, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil {
			return nil, nil, errPieceCut.Because(err)
		}
		name, isFile := disposition["filename"]
		switch {
		case isFile && p.FormName() == "files":
			if name == "" {
				continue // a field that was left empty
			}
			if len(files) == importFiles {
				return nil, nil, errImportFiles
			}
			f, err := s.holdPart(ctx, name, cut{p}, archiveMost)
			if err != nil {
				return nil, nil, tooMuch(err)
			}
			if left -= f.Blob.Size; left < 0 {
				return nil, nil, errImportLarge.With("max", importMost>>20)
			}
			files = append(files, f)
		case isFile || p.FormName() != "idempotency_key":
			return nil, nil, errUploadPart.On("files")
		default:
			raw, err := io.ReadAll(io.LimitReader(p, fieldMost))
			if err != nil {
				return nil, nil, tooMuch(err)
			}
			fields[p.FormName()] = string(raw)
		}
	}
}

// holdPart takes in one file; a ZIP may have archiveMost bytes.
func (s *Service) holdPart(ctx context.Context, name string, r io.Reader, archiveMost int64) (Incoming, error) {
	begins := make([]byte, len(zipBegins))
	n, err := io.ReadFull(r, begins)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Incoming{}, err
	}
	most := int64(importFileMost)
	if string(begins[:n]) == zipBegins {
		most = archiveMost
	}
	return s.hold(ctx, name, io.MultiReader(bytes.NewReader(begins[:n]), r), most)
}

const zipBegins = "PK\x03\x04"

// apiExport gives the archive.
func (s *Service) apiExport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := may(ctx, "export"); err != nil {
		return err
	}
	return s.sendExport(w, r)
}

var errScope = kernel.NewFault(kernel.Forbidden, "musette.scope")

// may refuses a visitor, and a token without scope.
func may(ctx context.Context, scope string) error {
	a := kernel.ActorFrom(ctx)
	if a.IsVisitor() {
		return kernel.NewFault(kernel.Unauthenticated, "musette.sign_in")
	}
	if !a.May(scope) {
		return errScope.With("scope", scope)
	}
	return nil
}
