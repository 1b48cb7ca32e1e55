package expedition

import (
	"context"
	"fmt"
	"math"

	"digiwork/internal/platform/i18n"
)

// Effect is an effect with what follows from it.
type Effect struct {
	Card *Card
	Next []Effect
}

// Wheel is the tree of effects of a scenario: the first ring follows from it, the
// second from the first. J. C. Glenn, The Futures Wheel (1971).
func (b *Book) Wheel(c *Card) []Effect { return b.wheel(c, map[string]bool{c.ID: true}) }

func (b *Book) wheel(c *Card, seen map[string]bool) []Effect {
	var all []Effect
	for _, e := range b.From(c, "effect", "of") {
		if !seen[e.ID] {
			seen[e.ID] = true
			all = append(all, Effect{e, b.wheel(e, seen)})
		}
	}
	return all
}

// ends is how many ends a tree of effects has: the room it takes on its ring.
func (e Effect) ends() int {
	n := 0
	for _, f := range e.Next {
		n += f.ends()
	}
	return max(n, 1)
}

// rings are drawn as far as the third order; the list beside has every one.
const rings = 3

// drawWheel draws the wheel of a scenario; first is where an angle begins.
func (b *Book) drawWheel(ctx context.Context, c *Card, lead href) string {
	effects := b.Wheel(c)
	total := 0
	for _, e := range effects {
		total += e.ends()
	}
	const size, step = 960.0, 118.0
	height := max(460, 2*step*float64(depth(effects))+190)
	d := &drawing{w: size, h: height, label: i18n.T(ctx, "expedition.wheel.drawn", "title", c.Title, "n", len(effects))}
	w := wheelDrawing{d, size / 2, height / 2, step, lead}
	w.ring(effects, 1, -math.Pi/2, 2*math.Pi/float64(max(total, 1)), size/2, height/2)
	d.ground(size/2, height/2, 68)
	lines := wrap(c.Title, 15, 4)
	for i, l := range lines {
		d.text(size/2, height/2+5+19*(float64(i)-float64(len(lines)-1)/2), "middle", "t-strong", 15, l)
	}
	return d.whole()
}

// depth is how many rings a tree has, at most those drawn.
func depth(effects []Effect) int {
	most := 0
	for _, e := range effects {
		most = max(most, 1+depth(e.Next))
	}
	return min(most, rings)
}

type wheelDrawing struct {
	*drawing
	x, y, step float64
	lead       href
}

// ring draws effects of one order around the middle, each in the room its ends take.
func (w wheelDrawing) ring(effects []Effect, order int, from, each, px, py float64) {
	if order > rings {
		return
	}
	for _, e := range effects {
		room := each * float64(e.ends())
		angle := from + room/2
		r := w.step * float64(order)
		x, y := w.x+1.45*r*math.Cos(angle), w.y+r*math.Sin(angle) // wider than high: words are
		w.path("thread", fmt.Sprintf("M%s %sL%s %s", num(px), num(py), num(x), num(y)))
		w.ring(e.Next, order+1, from, each, x, y)
		anchor, dx := "start", 10.0
		if math.Cos(angle) < -0.01 {
			anchor, dx = "end", -10
		}
		w.link(w.lead(e.Card), e.Card.Title, func() {
			w.dot(x, y, 7-float64(order))
			lines := wrap(e.Card.Title, 24, 3)
			for i, l := range lines {
				w.text(x+dx, y+5+17*(float64(i)-float64(len(lines)-1)/2), anchor, "t-15", 14, l)
			}
		})
		from += room
	}
}
