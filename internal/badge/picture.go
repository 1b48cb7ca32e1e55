package badge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"unicode"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/imagesafe"
)

// edge is the side of a badge's picture, in pixels.
const edge = 256

// inks are pairs of a ground and a figure that read well on each other.
var inks = [][2]color.RGBA{
	{{0x1f, 0x4e, 0x5f, 255}, {0xf3, 0xe9, 0xd2, 255}}, {{0x6b, 0x2d, 0x3e, 255}, {0xf7, 0xe3, 0xd4, 255}},
	{{0x2f, 0x5d, 0x3a, 255}, {0xee, 0xf2, 0xdc, 255}}, {{0x3d, 0x3a, 0x6b, 255}, {0xe8, 0xe6, 0xf5, 255}},
	{{0x7a, 0x4a, 0x12, 255}, {0xfb, 0xee, 0xd8, 255}}, {{0x2b, 0x2b, 0x33, 255}, {0xe9, 0xe4, 0xdc, 255}},
}

// figure decides how the picture of an achievement looks: always the same.
func figure(id string) (ground, ink color.RGBA, petals int, turn float64) {
	sum := sha256.Sum256([]byte(id))
	pair := inks[int(sum[0])%len(inks)]
	return pair[0], pair[1], 5 + int(sum[1])%8, float64(sum[2]) / 256 * math.Pi
}

// Draw makes the picture of an achievement, a rosette with the initials of its name,
// as SVG.
func Draw(id, name string) []byte {
	ground, ink, petals, turn := figure(id)
	var b strings.Builder
	hex := func(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256"><title>%s</title>`, escaped(name))
	fmt.Fprintf(&b, `<path fill="%s" d="M`, hex(ground))
	for i := range 4 * petals * 4 {
		a := float64(i) / float64(16*petals) * 2 * math.Pi
		r := radius(a, petals, turn)
		fmt.Fprintf(&b, "%.1f %.1f ", 128+r*math.Cos(a), 128+r*math.Sin(a))
	}
	fmt.Fprintf(&b, `z"/><circle cx="128" cy="128" r="84" fill="none" stroke="%s" stroke-width="4"/>`, hex(ink))
	fmt.Fprintf(&b, `<text x="128" y="150" text-anchor="middle" font-family="serif" font-size="64" fill="%s">%s</text></svg>`, hex(ink), escaped(initials(name)))
	return []byte(b.String())
}

// radius is the outline of the rosette at an angle.
func radius(a float64, petals int, turn float64) float64 {
	return 112 + 12*math.Cos(float64(petals)*a+turn)
}

// initials are those of at most three words of a name.
func initials(name string) string {
	var all []rune
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		if r := []rune(word); len(r) > 2 || len(all) == 0 {
			all = append(all, unicode.ToUpper(r[0]))
		}
	}
	return string(all[:min(len(all), 3)])
}

func escaped(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return ""
	}
	return b.String()
}

// PNG is the picture of an achievement as PNG, to bake a badge into. A drawn one has
// the rosette without initials.
func (a Achievement) PNG() ([]byte, error) { return picturePNG(string(a.ID), a.Picture) }

func picturePNG(id, picture string) ([]byte, error) {
	if picture != "" {
		return base64.StdEncoding.DecodeString(picture)
	}
	ground, ink, petals, turn := figure(id)
	img := image.NewNRGBA(image.Rect(0, 0, edge, edge))
	for y := range edge {
		for x := range edge {
			dx, dy := float64(x)+.5-128, float64(y)+.5-128
			r, angle := math.Hypot(dx, dy), math.Atan2(dy, dx)
			switch out := radius(angle, petals, turn) - r; {
			case out < 0:
			case math.Abs(r-84) < 2 || r < 30 && math.Abs(math.Mod(angle*float64(petals)/math.Pi+100, 2)-1) < .5:
				img.Set(x, y, ink)
			default:
				c := ground
				c.A = uint8(255 * min(1, out))
				img.SetNRGBA(x, y, color.NRGBA(c))
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

var errPicture = kernel.NewFault(kernel.Invalid, "badge.picture.form").On("files")

// Picture makes an uploaded picture again, small and without metadata, in base64.
//
// Invalid on "picture" for what is no picture.
func Picture(ctx context.Context, raw []byte) (string, error) {
	small, _, err := imagesafe.Thumbnail(ctx, bytes.NewReader(raw), edge)
	if err != nil {
		return "", errPicture.Because(err)
	}
	img, _, err := image.Decode(bytes.NewReader(small))
	if err != nil {
		return "", errPicture.Because(err)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return "", err
	}
	if b.Len() > maxPicture {
		return "", kernel.NewFault(kernel.Invalid, "badge.picture.heavy").On("files")
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
