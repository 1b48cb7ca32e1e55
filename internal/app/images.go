package app

import (
	"context"
	"io"

	"digiwork/internal/lib/imagesafe"
)

// previewEdge is the longest side of a picture made again for others, in pixels.
const previewEdge = 2000

// plainImage makes a picture again without metadata.
func plainImage(ctx context.Context, r io.Reader) (raw []byte, media string, err error) {
	return imagesafe.Plain(ctx, r, previewEdge)
}
