package imagesafe

import (
	"encoding/binary"
	"image"
	"image/color"
)

// maxWork is the most memory, in bytes, that all who decode may use together, and
// so the most that one picture may need.
const maxWork = 256 << 20

// workOf is the memory that decoding a picture takes, in bytes: its pixels in the
// form the decoder keeps them, and what it holds beside them.
func workOf(raw []byte, media string, c image.Config) int64 {
	pixels := int64(c.Width) * int64(c.Height)
	switch media {
	case "image/jpeg":
		return jpegWork(raw, pixels)
	case "image/png":
		work := pixels * pngDepth(c.ColorModel)
		if len(raw) > 28 && raw[28] != 0 { // interlaced (PNG, 11.2.1): half of it a second time
			work += work / 2
		}
		return work
	case "image/gif":
		return pixels * 5 // a frame of one byte a pixel, and the canvas
	case "image/webp":
		return webpWork(raw, pixels)
	}
	return pixels * 8
}

// pngDepth is bytes a pixel.
func pngDepth(m color.Model) int64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.RGBAModel, color.NRGBAModel:
		return 4
	}
	return 1 // a palette
}

// jpegWork counts the samples by the frame header (ITU-T T.81, B.2.2): components
// of full size or subsampled; a progressive picture keeps every coefficient, in
// four bytes, until its last scan.
func jpegWork(raw []byte, pixels int64) int64 {
	for p := raw[2:]; len(p) >= 4 && p[0] == 0xff; {
		if p[1] == 0xff {
			p = p[1:]
			continue
		}
		n := int(binary.BigEndian.Uint16(p[2:]))
		if n < 2 || n+2 > len(p) {
			break
		}
		if body := p[4 : 2+n]; p[1] >= 0xc0 && p[1] <= 0xc2 && len(body) >= 6 {
			work := 0.0
			most := 1.0
			for i := 6; i+3 <= len(body); i += 3 {
				samples := float64(body[i+1]>>4) * float64(body[i+1]&15)
				work += samples
				most = max(most, samples)
			}
			each := 1.0
			if p[1] == 0xc2 {
				each = 5
			}
			return int64(float64(pixels) * each * max(work/most, 1))
		}
		p = p[2+n:]
	}
	return pixels * 3
}

// webpWork reads the size of the picture in the chunk that holds it: the canvas of
// an extended file (RFC 9649, 2.7) may say another.
func webpWork(raw []byte, pixels int64) int64 {
	for p := raw[12:]; len(p) >= 8; {
		n := int64(binary.LittleEndian.Uint32(p[4:]))
		body := p[8:min(int64(len(p)), 8+n)]
		switch {
		case string(p[:4]) == "VP8 " && len(body) >= 10: // RFC 6386, 9.1
			w := int64(binary.LittleEndian.Uint16(body[6:]) & 0x3fff)
			h := int64(binary.LittleEndian.Uint16(body[8:]) & 0x3fff)
			return within(w*h, pixels) * 4
		case string(p[:4]) == "VP8L" && len(body) >= 5: // RFC 9649, 3.4
			bits := binary.LittleEndian.Uint32(body[1:])
			w, h := int64(bits&0x3fff)+1, int64(bits>>14&0x3fff)+1
			return within(w*h, pixels) * 6
		}
		p = p[min(int64(len(p)), 8+n+n%2):]
	}
	return pixels * 6
}

// within is the larger of two numbers of pixels, or a number nobody has space for
// when it is above MaxPixels.
func within(a, b int64) int64 {
	if a = max(a, b); a > MaxPixels {
		return maxWork
	}
	return a
}
