package musette

import (
	"bytes"
	"context"
	"errors"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// preview draws a picture of the vault again, without metadata, and holds it beside
// the original.
//
// Invalid for a picture that cannot be read, TooLarge for one with too many pixels:
// then nothing of it is kept.
func (s *Service) preview(ctx context.Context, pass gate.Pass, original gate.Blob, until time.Time) (*gate.Blob, error) {
	if s.Plain == nil {
		return nil, nil
	}
	r, err := s.Gate.Blob(ctx, pass, original)
	if err != nil {
		return nil, err
	}
	raw, media, err := s.Plain(ctx, r)
	if _, fault := errors.AsType[*kernel.Fault](err); err != nil && !fault {
		return nil, errPicture.Because(err)
	}
	if err != nil {
		return nil, err
	}
	b, err := s.Gate.HoldBlob(ctx, pass, bytes.NewReader(raw), int64(len(raw)), until)
	if err != nil {
		return nil, err
	}
	b.Name, b.Media = "", media
	return &b, nil
}
