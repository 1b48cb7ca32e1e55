package portrait

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is how many white squares stand around a code (ISO/IEC 18004, 6.3.8).
const quiet = 4

// code is a QR code as one path: each run of dark squares in a row is a rectangle.
type code struct {
	Size int // of the drawing, quiet zone included
	Path string
}

// encode draws the code of an address, at the level that survives a folded card.
func encode(address string) (code, error) {
	c, err := qr.Encode(address, qr.M)
	if err != nil {
		return code{}, fmt.Errorf("draw the code of an address: %w", err)
	}
	var path strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			run := 0
			for x+run < c.Size && c.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	return code{c.Size + 2*quiet, path.String()}, nil
}
