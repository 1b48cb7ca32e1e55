package imagesafe

import (
	"bytes"
	"encoding/binary"
	"image"
)

// Orientations of EXIF 2.32, 4.6.4 A (tag 0x0112): where row 0 and column 0 of the
// stored picture are when it is seen the right way. 1 is top and left.
const upright = 1

// orientationOf is how a picture is to be turned; upright when nothing says.
func orientationOf(raw []byte, media string) int {
	switch media {
	case "image/jpeg":
		return jpegOrientation(raw)
	case "image/png":
		return pngOrientation(raw)
	case "image/webp":
		return webpOrientation(raw)
	}
	return upright
}

// jpegOrientation walks the segments before the picture for an APP1 with EXIF
// (EXIF 2.32, 4.7.2).
func jpegOrientation(raw []byte) int {
	for p := raw[2:]; len(p) >= 4 && p[0] == 0xff; {
		if p[1] == 0xff { // fill
			p = p[1:]
			continue
		}
		n := int(binary.BigEndian.Uint16(p[2:]))
		if p[1] == 0xda || n < 2 || n+2 > len(p) { // start of scan: pixels follow
			break
		}
		if body, ok := bytes.CutPrefix(p[4:2+n], []byte("Exif\x00\x00")); ok && p[1] == 0xe1 {
			return exifOrientation(body)
		}
		p = p[2+n:]
	}
	return upright
}

// pngOrientation looks for the eXIf chunk (PNG third edition, 11.3.4.5).
func pngOrientation(raw []byte) int {
	for p := raw[8:]; len(p) >= 12; {
		n := int64(binary.BigEndian.Uint32(p))
		if n+12 > int64(len(p)) {
			break
		}
		if string(p[4:8]) == "eXIf" {
			return exifOrientation(p[8 : 8+n])
		}
		p = p[12+n:]
	}
	return upright
}

// webpOrientation looks for the EXIF chunk of the extended format (RFC 9649, 2.7.1.5).
func webpOrientation(raw []byte) int {
	for p := raw[12:]; len(p) >= 8; {
		n := int64(binary.LittleEndian.Uint32(p[4:]))
		if n+8 > int64(len(p)) {
			break
		}
		if string(p[:4]) == "EXIF" {
			return exifOrientation(bytes.TrimPrefix(p[8:8+n], []byte("Exif\x00\x00")))
		}
		p = p[min(int64(len(p)), 8+n+n%2):] // chunks are padded to even sizes
	}
	return upright
}

// exifOrientation reads the orientation in the first directory of a TIFF structure
// (TIFF 6.0, section 2).
func exifOrientation(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return upright
	case string(tiff[:4]) == "MM\x00*":
		order = binary.BigEndian
	case string(tiff[:4]) != "II*\x00":
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	n := int64(order.Uint16(tiff[at:]))
	for i := range n {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			break
		}
		if order.Uint16(tiff[entry:]) == 0x0112 {
			if v := int(order.Uint16(tiff[entry+8:])); v >= 1 && v <= 8 {
				return v
			}
			break
		}
	}
	return upright
}

// turn gives the picture as it is to be seen. The point (x, y) of the result comes
// from the point of the source that its orientation tells.
func turn(src image.Image, orientation int) image.Image {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if orientation <= upright || orientation > 8 {
		return src
	}
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	dst := image.NewNRGBA(size)
	from := func(x, y int) (int, int) { return x, y }
	switch orientation {
	case 2: // mirrored
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3: // upside down
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4: // upside down and mirrored
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5: // transposed
		from = func(x, y int) (int, int) { return y, x }
	case 6: // to be turned a quarter to the right
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7: // transverse
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8: // to be turned a quarter to the left
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	}
	for y := range size.Dy() {
		for x := range size.Dx() {
			sx, sy := from(x, y)
			dst.Set(x, y, src.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return dst
}
