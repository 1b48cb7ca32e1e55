package musette

import (
	"bytes"
	"context"
	"errors"
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
	raw, media, err := imagesafe.Plain(ctx, r, previewEdge)
	switch {
	case errors.Is(err, imagesafe.ErrPixels):
		return nil, errPixels.Because(err)
	case errors.Is(err, imagesafe.ErrBroken), errors.Is(err, imagesafe.ErrFormat):
		return nil, errPicture.Because(err)
	case errors.Is(err, imagesafe.ErrLarge):
		return nil, errPieceLarge.Because(err)
	case err != nil:
		return nil, err
	}
	b, err := s.Gate.HoldBlob(ctx, pass, bytes.NewReader(raw), int64(len(raw)), until)
	if err != nil {
		return nil, err
	}
	b.Name, b.Media = "", media
	return &b, nil
}
