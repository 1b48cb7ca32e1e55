package imagesafe

import (
	"image"

	"golang.org/x/image/draw"
)

// scale makes a picture whose longest side is at most edge; a smaller one stays as
// large as it is. It first averages whole squares of pixels, then comes down the
// rest of the way, less than a factor of two, by bilinear interpolation: every
// pixel of the source counts, so that fine lines do not shimmer, and no more
// memory is needed than the result. (The kernels of x/image/draw, finer still, keep
// 32 bytes for each pixel of a picture half scaled.)
func scale(src image.Image, edge int) image.Image {
	b := src.Bounds()
	long := max(b.Dx(), b.Dy())
	if long <= edge {
		return src
	}
	w, h := max(1, (b.Dx()*edge+long/2)/long), max(1, (b.Dy()*edge+long/2)/long)
	if k := long / edge; k > 1 {
		src = average(src, k)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
	return dst
}

// average makes one pixel of each square of k by k pixels; squares at the right
// and lower border may be cut.
func average(src image.Image, k int) *image.RGBA {
	b := src.Bounds()
	w, h := (b.Dx()+k-1)/k, (b.Dy()+k-1)/k
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	band := image.NewRGBA(image.Rect(0, 0, b.Dx(), k)) // k lines of the source, premultiplied
	for y := range h {
		rows := min(k, b.Dy()-y*k)
		draw.Draw(band, image.Rect(0, 0, b.Dx(), rows), src, image.Pt(b.Min.X, b.Min.Y+y*k), draw.Src)
		for x := range w {
			columns := min(k, b.Dx()-x*k)
			var sum [4]int
			for row := range rows {
				at := row*band.Stride + 4*x*k
				for i, v := range band.Pix[at : at+4*columns] {
					sum[i&3] += int(v)
				}
			}
			n := rows * columns
			for i := range sum {
				dst.Pix[y*dst.Stride+4*x+i] = uint8((sum[i] + n/2) / n) //nolint:gosec // a mean of bytes
			}
		}
	}
	return dst
}
