package imagesafe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"
)

const (
	// MaxBytes is the most bytes a picture may have.
	MaxBytes = 25 << 20
	// MaxPixels is the most pixels a picture may have: 40 megapixels.
	MaxPixels = 40_000_000
	// MaxEdge is the longest side of what is made, in pixels.
	MaxEdge = 4096
	// AtOnce is how many pictures may be decoded at one time.
	AtOnce = 2

	maxSide = 30_000 // pixels of one side: more is a trap, not a picture
	quality = 85     // of JPEG, on its scale of 1 to 100
)

// The reasons for a refusal.
var (
	ErrLarge   = errors.New("the picture has too many bytes")
	ErrPixels  = errors.New("the picture has too many pixels")
	ErrFormat  = errors.New("not a JPEG, PNG, GIF or WebP picture")
	ErrDrawing = fmt.Errorf("%w: a drawing is not shown again", ErrFormat)
	ErrBroken  = errors.New("the picture cannot be decoded")
)

// Those who decode take a place, and as much of the work space as they need.
var (
	places = make(chan struct{}, AtOnce)
	space  = semaphore.NewWeighted(maxWork)
)

// Info is what the header of a picture tells.
type Info struct {
	Media         string // image/jpeg, image/png, image/gif or image/webp
	Width, Height int    // in pixels, as stored: before the turn of EXIF

	work int64 // bytes needed to decode it
}

// Inspect reads the header of a picture: its format by its first bytes, and its
// size. ErrFormat (which ErrDrawing is one of), ErrBroken or ErrPixels otherwise.
func Inspect(raw []byte) (Info, error) {
	f, err := formatOf(raw)
	if err != nil {
		return Info{}, err
	}
	c, err := f.config(bytes.NewReader(raw))
	if err != nil {
		return Info{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	in := Info{Media: f.media, Width: c.Width, Height: c.Height}
	switch {
	case c.Width <= 0 || c.Height <= 0:
		return in, ErrBroken
	case c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > MaxPixels:
		return in, fmt.Errorf("%w: %d x %d", ErrPixels, c.Width, c.Height)
	}
	if in.work = workOf(raw, f.media, c); in.work > maxWork {
		return in, fmt.Errorf("%w: %d x %d need %d MiB", ErrPixels, c.Width, c.Height, in.work>>20)
	}
	return in, nil
}

// Plain reads a picture and makes it again without metadata, its longest side at
// most edge pixels; an edge of 0, or above MaxEdge, is MaxEdge. It gives the bytes
// and their media type: image/jpeg, or image/png when some of it is transparent or
// the source was a PNG or GIF. Of a moving picture, the first frame is given.
//
// ErrLarge above MaxBytes, the refusals of Inspect, or the error of a context that
// ended while waiting for a place.
func Plain(ctx context.Context, r io.Reader, edge int) (raw []byte, media string, err error) {
	raw, err = io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, "", err
	}
	if len(raw) > MaxBytes {
		return nil, "", ErrLarge
	}
	in, err := Inspect(raw)
	if err != nil {
		return nil, "", err
	}
	if edge <= 0 || edge > MaxEdge {
		edge = MaxEdge
	}
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
	if err := space.Acquire(ctx, in.work); err != nil {
		return nil, "", err
	}
	defer space.Release(in.work)
	return again(raw, in, edge)
}

// Thumbnail is Plain with a longest side of edge pixels, which must be positive.
func Thumbnail(ctx context.Context, r io.Reader, edge int) (raw []byte, media string, err error) {
	if edge <= 0 {
		return nil, "", fmt.Errorf("a thumbnail has no side of %d pixels", edge)
	}
	return Plain(ctx, r, edge)
}

// again decodes, scales, turns and encodes.
func again(raw []byte, in Info, edge int) ([]byte, string, error) {
	f, err := formatOf(raw)
	if err != nil {
		return nil, "", err
	}
	src, err := f.decode(bytes.NewReader(raw))
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if src.Bounds().Empty() {
		return nil, "", ErrBroken
	}
	img := turn(scale(src, edge), orientationOf(raw, in.Media))
	var out bytes.Buffer
	if in.Media == "image/jpeg" || in.Media == "image/webp" && opaque(img) {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
		return out.Bytes(), "image/jpeg", err
	}
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	err = encoder.Encode(&out, img)
	return out.Bytes(), "image/png", err
}

// opaque reports whether no pixel lets anything through.
func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// format is a kind of picture.
type format struct {
	media  string
	is     func(raw []byte) bool
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func begins(prefix string) func([]byte) bool {
	return func(raw []byte) bool { return bytes.HasPrefix(raw, []byte(prefix)) }
}

var formats = []format{
	{"image/jpeg", begins("\xff\xd8\xff"), jpeg.DecodeConfig, jpeg.Decode},
	{"image/png", begins("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode},
	{"image/gif", func(raw []byte) bool { return begins("GIF87a")(raw) || begins("GIF89a")(raw) }, gif.DecodeConfig, decodeGIF},
	{"image/webp", func(raw []byte) bool { return begins("RIFF")(raw) && len(raw) >= 12 && string(raw[8:12]) == "WEBP" }, webp.DecodeConfig, webp.Decode},
}

func formatOf(raw []byte) (format, error) {
	for _, f := range formats {
		if f.is(raw) {
			return f, nil
		}
	}
	if isDrawing(raw) {
		return format{}, ErrDrawing
	}
	return format{}, ErrFormat
}

// isDrawing recognises SVG behind a byte order mark, a prologue, a DOCTYPE and
// comments.
func isDrawing(raw []byte) bool {
	head := strings.ToLower(string(raw[:min(len(raw), 4096)]))
	head = strings.TrimLeft(strings.TrimPrefix(head, "\xef\xbb\xbf"), " \t\r\n")
	return strings.HasPrefix(head, "<") && strings.Contains(head, "<svg")
}

// decodeGIF decodes the first frame, placed on the canvas it belongs to.
func decodeGIF(r io.Reader) (image.Image, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	c, err := gif.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	canvas := image.Rect(0, 0, c.Width, c.Height)
	if frame.Bounds() == canvas {
		return frame, nil
	}
	whole := image.NewNRGBA(canvas)
	draw.Draw(whole, whole.Bounds(), image.NewUniform(color.Transparent), image.Point{}, draw.Src)
	draw.Draw(whole, frame.Bounds(), frame, frame.Bounds().Min, draw.Over)
	return whole, nil
}
