package musette

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/lib/imagesafe"
)

// previewEdge is the longest side of a preview, in pixels.
const previewEdge = 1600

// preview draws a picture of the vault again, small and without metadata, and holds
// it beside the original.
//
// Invalid for a picture that cannot be read, TooLarge for one with too many pixels:
// then nothing of it is kept.
func (s *Service) preview(ctx context.Context, pass gate.Pass, original gate.Blob, until time.Time) (*gate.Blob, error) {
	r, err := s.Gate.Blob(ctx, pass, original)
	if err != nil {
		return nil, err
	}
	in := &watched{r: r}
	raw, media, err := imagesafe.Plain(ctx, in, previewEdge)
	switch {
	case err == nil:
	case in.err != nil || ctx.Err() != nil: // the vault's failure, or nobody is waiting
		return nil, err
	case errors.Is(err, imagesafe.ErrPixels):
		return nil, errPixels.Because(err)
	default:
		return nil, errPicture.Because(err)
	}
	b, err := s.Gate.HoldBlob(ctx, pass, bytes.NewReader(raw), int64(len(raw)), until)
	if err != nil {
		return nil, err
	}
	b.Name, b.Media = "", media
	return &b, nil
}

// watched tells a file that cannot be read from one that holds no picture.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
