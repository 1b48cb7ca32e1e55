package foresight

import (
	"math"
	"slices"
)

// The classes of a variable on the plane of influence and dependence.
const (
	Driving    = "driving"    // influences much, depends little
	Relay      = "relay"      // influences much, depends much
	Dependent  = "result"     // influences little, depends much
	Autonomous = "autonomous" // influences little, depends little
	Regulating = "regulating" // near the cross: said beside the quadrant
)

// regulatingBand is how far from the cross, as a share of the spread of each
// axis, a variable still counts as regulating.
const regulatingBand = 0.1

// Plane is one plane of influence and dependence: its cross, and the classes of
// each variable: the quadrant first, then Regulating when it lies near the
// cross.
type Plane struct {
	Influence, Dependence float64
	Classes               [][]string
}

// Planes are the planes of the four classifications.
type Planes struct {
	Direct, Indirect, PotentialDirect, PotentialIndirect Plane
	Medians                                              bool
}

func planesOf(r *MicmacResult, medians bool) Planes {
	return Planes{
		Direct:            planeOf(r.Direct, medians),
		Indirect:          planeOf(r.Indirect.Margins, medians),
		PotentialDirect:   planeOf(r.Potential.Direct, medians),
		PotentialIndirect: planeOf(r.Potential.Indirect.Margins, medians),
		Medians:           medians,
	}
}

// planeOf puts the cross at the means, as the method does, or at the medians,
// which half of the variables exceed whatever the outliers.
func planeOf(m Margins, medians bool) Plane {
	centre := mean
	if medians {
		centre = median
	}
	p := Plane{Influence: centre(m.Influence), Dependence: centre(m.Dependence)}
	for i := range m.Influence {
		high := above(m.Influence[i], p.Influence)
		dependent := above(m.Dependence[i], p.Dependence)
		class := Autonomous
		switch {
		case high && dependent:
			class = Relay
		case high:
			class = Driving
		case dependent:
			class = Dependent
		}
		classes := []string{class}
		if closeTo(m.Influence[i], p.Influence, m.Influence) && closeTo(m.Dependence[i], p.Dependence, m.Dependence) {
			classes = append(classes, Regulating)
		}
		p.Classes = append(p.Classes, classes)
	}
	return p
}

func above(v, threshold float64) bool { return v > threshold && !near(v, threshold) }

func closeTo(v, centre float64, all []float64) bool {
	spread := slices.Max(all) - slices.Min(all)
	return math.Abs(v-centre) <= regulatingBand*spread*(1+tieWithin)
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
