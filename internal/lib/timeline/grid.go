package timeline

import (
	"strconv"
	"time"
)

// apart is the least distance between two labelled lines of the grid, in pixels.
const apart = 44

// steps are the distances between lines, in months.
var steps = []int{1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000}

// step is the smallest distance that leaves the labels apart.
func step(w Window, size Size) int {
	room := int64(int(size) - 2*margin)
	for _, months := range steps {
		if room*int64(months)*30/(w.days()+1) >= apart {
			return months
		}
	}
	return steps[len(steps)-1]
}

// appendGrid draws the lines of years, or months when the window is short, and
// the dashed line of today.
func appendGrid(dst []byte, w Window, size Size, height int, words Words) []byte {
	months := step(w, size)
	first := w.From.time()
	n := first.Year()*12 + int(first.Month()) - 1
	for n -= n % months; ; n += months {
		at := day(n/12, time.Month(n%12+1), 1)
		if at > w.To {
			break
		}
		left := x(at, w, int(size)*10)
		if at < w.From || left > (int(size)-margin)*10 {
			continue
		}
		dst = append(dst, `<path class="grid" stroke="currentColor" d="M`...)
		dst = tenths(dst, left)
		dst = append(dst, ` 22V`...)
		dst = strconv.AppendInt(dst, int64(height), 10)
		dst = append(dst, `"/><text class="t-soft t-serif" x="`...)
		dst = tenths(dst, max(left, margin*10))
		dst = append(dst, `" y="14" text-anchor="middle">`...)
		if m := n % 12; m == 0 {
			dst = strconv.AppendInt(dst, int64(n/12), 10)
		} else {
			dst = escape(dst, words.Months[m])
		}
		dst = append(dst, `</text>`...)
	}
	if w.Today >= w.From && w.Today <= w.To {
		dst = append(dst, `<path class="dash" fill="none" stroke="currentColor" d="M`...)
		dst = tenths(dst, x(w.Today, w, int(size)*10))
		dst = append(dst, ` 22V`...)
		dst = strconv.AppendInt(dst, int64(height), 10)
		dst = append(dst, `"/>`...)
	}
	return dst
}
