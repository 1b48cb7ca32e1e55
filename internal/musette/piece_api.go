package musette

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// pieceBody is the JSON face of a piece of evidence.
type pieceBody struct {
	ID         string         `json:"id" example:"pce_1jd3k9m2abcdefghijklm"`
	Version    int64          `json:"version"`
	Kind       string         `json:"kind" enum:"file,link"`
	Of         []string       `json:"of" nullable:"false" doc:"What it is evidence of."`
	Title      string         `json:"title"`
	URL        string         `json:"url,omitempty" doc:"Of the page; it is not fetched."`
	Date       *string        `json:"date" nullable:"true"`
	Author     string         `json:"author"`
	Name       string         `json:"name,omitempty" doc:"Of the file."`
	Media      string         `json:"media,omitempty"`
	Size       int64          `json:"size,omitempty" doc:"In bytes."`
	SHA256     string         `json:"sha256,omitempty" doc:"Of the original, hexadecimal."`
	Original   string         `json:"original,omitempty" doc:"Where the file is, byte for byte."`
	Preview    string         `json:"preview,omitempty" doc:"Where a small picture without metadata is."`
	CreatedAt  time.Time      `json:"created_at"`
	UpdatedAt  time.Time      `json:"updated_at"`
	Provenance provenanceBody `json:"provenance"`
}

func pieceBodyOf(p *Piece) pieceBody {
	b := pieceBody{
		ID: string(p.ID), Version: p.Version, Kind: "link", Of: []string{}, Title: p.Name(), URL: p.URL, Date: dateOrNull(p.Date), Author: p.Author,
		CreatedAt: p.CreatedAt.UTC(), UpdatedAt: p.UpdatedAt.UTC(), Provenance: provenanceOf(p.Provenance),
	}
	for _, id := range p.Of {
		b.Of = append(b.Of, string(id))
	}
	if p.Blob != nil {
		b.Kind, b.Name, b.Media, b.Size, b.SHA256 = "file", p.Blob.Name, p.Blob.Media, p.Blob.Size, p.Blob.SHA256
		b.Original = web.APIRoot + "/pieces/" + b.ID + "/original"
	}
	if p.Preview != nil {
		b.Preview = web.APIRoot + "/pieces/" + b.ID + "/preview"
	}
	return b
}

// linkBody is the address of a page as evidence.
type linkBody struct {
	URL    string  `json:"url" maxLength:"2000" format:"uri"`
	Title  *string `json:"title,omitempty" nullable:"true" maxLength:"200"`
	Date   *string `json:"date,omitempty" nullable:"true" maxLength:"10"`
	Author *string `json:"author,omitempty" nullable:"true" maxLength:"300"`
}

// Streamed gives an operation its request, whose body it reads itself.
type Streamed struct {
	r *http.Request
	w http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (in *Streamed) Resolve(hc huma.Context) []error {
	in.r, in.w = humago.Unwrap(hc)
	in.r.Body = http.MaxBytesReader(in.w, in.r.Body, uploadMost)
	return nil
}

func (s *Service) pieceAPI(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "piece-add", Method: http.MethodPost, Path: "/activities/{id}/pieces", Tags: []string{"musette"}, Security: web.Scope("write"),
		DefaultStatus: http.StatusCreated,
		Summary:       "Add a piece of evidence", Description: "A file in one multipart part named `files`, kept byte for byte, or the address of a page as JSON. Programs are refused with 415, a picture that cannot be read with 422.",
		Errors: []int{http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct {
		Streamed
		ID string `path:"id"`
		web.Once
	}) (*web.Body[pieceBody], error) {
		p, err := s.takePiece(ctx, in.r, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(pieceBodyOf(p)), nil
	})
	describeUpload(api)
	huma.Register(api, huma.Operation{
		OperationID: "piece-list", Method: http.MethodGet, Path: "/activities/{id}/pieces", Tags: []string{"musette"}, Security: web.Scope("read"),
		Summary: "List the pieces of an activity", Description: "Newest first.", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*web.Body[web.List[pieceBody]], error) {
		a, err := s.Activity(ctx, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		pieces, err := s.PiecesOf(ctx, a.ID)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		items := make([]pieceBody, len(pieces))
		for i, p := range pieces {
			items[i] = pieceBodyOf(p)
		}
		return web.Listed(items, ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "piece-read", Method: http.MethodGet, Path: "/pieces/{id}", Tags: []string{"musette"}, Security: web.Scope("read"),
		Summary: "Read what is known of a piece", Description: "`original` and `preview` say where its file is.", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*web.Body[pieceBody], error) {
		p, err := s.Piece(ctx, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(pieceBodyOf(p)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "piece-delete", Method: http.MethodDelete, Path: "/pieces/{id}", Tags: []string{"musette"}, Security: web.Scope("write"),
		DefaultStatus: http.StatusNoContent,
		Summary:       "Delete a piece", Description: "Its file goes with it, unless another piece has the same.", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
		web.Once
	}) (*struct{}, error) {
		if err := s.RemovePiece(ctx, kernel.ItemID(in.ID), 0); err != nil {
			return nil, web.Problem(ctx, err)
		}
		return &struct{}{}, nil
	})
	s.pieceFilesAPI(api)
}

// describeUpload says what the body of an upload is. It comes after Register, which
// would otherwise read the body itself.
func describeUpload(api huma.API) {
	file := &huma.Schema{Type: huma.TypeObject, Required: []string{"files"}, Properties: map[string]*huma.Schema{
		"files": {Type: huma.TypeString, Format: "binary", Description: "One file, at most 25 MiB."},
		"title": {Type: huma.TypeString}, "date": {Type: huma.TypeString}, "author": {Type: huma.TypeString},
	}}
	link := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[linkBody](), true, "")
	api.OpenAPI().Paths["/activities/{id}/pieces"].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {Schema: file}, "application/json": {Schema: link},
	}}
}

func (s *Service) pieceFilesAPI(api huma.API) {
	for _, f := range []struct {
		id, name, summary, about string
		open                     func(context.Context, *Piece) (*gate.BlobReader, error)
		send                     func(http.ResponseWriter, *http.Request, *gate.BlobReader)
	}{
		{"piece-original", "original", "Take the file of a piece", "Byte for byte, as a download; ranges are understood.", s.Original, sendOriginal},
		{"piece-preview", "preview", "See a piece", "A small picture without metadata, drawn again from the original.", s.Picture, sendPicture},
	} {
		huma.Register(api, huma.Operation{
			OperationID: f.id, Method: http.MethodGet, Path: "/pieces/{id}/" + f.name, Tags: []string{"musette"}, Security: web.Scope("read"),
			Summary: f.summary, Description: f.about, Errors: []int{http.StatusNotFound},
			Responses: map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{
				"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
			}}},
		}, func(ctx context.Context, in *struct {
			ID string `path:"id"`
		}) (*huma.StreamResponse, error) {
			p, err := s.Piece(ctx, kernel.ItemID(in.ID))
			if err != nil {
				return nil, web.Problem(ctx, err)
			}
			b, err := f.open(ctx, p)
			if err != nil {
				return nil, web.Problem(ctx, err)
			}
			return &huma.StreamResponse{Body: func(hc huma.Context) {
				r, w := humago.Unwrap(hc)
				f.send(w, r, b)
			}}, nil
		})
	}
}

var errForm = kernel.NewFault(kernel.Invalid, "musette.field.form")

var errLinkJSON = kernel.NewFault(kernel.Malformed, "musette.piece.json")

// linkMostBody is the largest JSON body of an address, in bytes.
const linkMostBody = 64 << 10

// takePiece reads a piece from a multipart body or from JSON.
func (s *Service) takePiece(ctx context.Context, r *http.Request, of kernel.ItemID) (*Piece, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, errUploadForm.Because(err)
	}
	if kind == "application/json" {
		return s.takeLink(ctx, r, of)
	}
	u, err := s.readUpload(ctx, r, of)
	if err != nil {
		return nil, err
	}
	if u.held == nil {
		return nil, errPieceMissing
	}
	about, err := aboutOf(func(name string) string { return u.fields[name] })
	if err != nil {
		return nil, err
	}
	return s.Keep(ctx, u.held, about)
}

func (s *Service) takeLink(ctx context.Context, r *http.Request, of kernel.ItemID) (*Piece, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, linkMostBody+1))
	if err != nil {
		return nil, tooMuch(err)
	}
	if len(body) > linkMostBody {
		return nil, errPieceLarge
	}
	var in linkBody
	if err := json.Unmarshal(body, &in); err != nil {
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, errForm.On(t.Field)
		}
		return nil, errLinkJSON.Because(errNotJSON)
	}
	return s.AddLink(ctx, of, About{Title: value(in.Title), URL: in.URL, Date: kernel.Date(value(in.Date)), Author: value(in.Author)})
}

// errNotJSON says nothing of what was sent.
var errNotJSON = errors.New("body is not JSON")
