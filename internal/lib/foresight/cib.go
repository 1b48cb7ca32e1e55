package foresight

import (
	"math"
	"math/big"
)

// Bounds of cross-impact balances.
const (
	maxDescriptors = 256
	maxVariants    = 64   // of one descriptor
	maxAllVariants = 1024 // of all descriptors together
	usualImpact    = 3
	maxImpact      = 1e6 // of an impact once made whole
	maxScale       = 1000
)

// Descriptor is one question about the future with its possible answers.
type Descriptor struct {
	Name     string
	Variants []string // at least one; names may be empty or repeated, places count
}

// CIB is a model of cross-impact balances.
//
// Rows and columns of the matrix are all variants in the order of descriptors;
// row (i, a), column (j, b) is how much variant a of descriptor i speaks for (or,
// negative, against) variant b of descriptor j, usually -3 to +3. The sections
// where a descriptor meets itself are honoured: real models use them to pin a
// descriptor.
//
// Source: W. Weimer-Jehle, Cross-impact balances: a system-theoretical approach
// to cross-impact analysis, Technological Forecasting and Social Change 73
// (2006) 334-361; ScenarioWizard manual.
type CIB struct {
	Title       string
	Descriptors []Descriptor

	impact [][]int32 // impacts times scale
	scale  int32     // 1, 10, 100 or 1000: impacts with decimals are computed as whole numbers
	offset []int     // where each descriptor starts among all variants; one more at the end
	file   *scwFile  // what else the file held, to write it back
}

// NewCIB checks a model. Impacts may have up to three decimals.
func NewCIB(title string, descriptors []Descriptor, impacts [][]float64) (*CIB, error) {
	m := &CIB{Title: title, Descriptors: descriptors}
	if err := m.lay(); err != nil {
		return nil, err
	}
	if err := m.fill(impacts); err != nil {
		return nil, err
	}
	return m, nil
}

// lay numbers the variants and checks the bounds.
func (m *CIB) lay() error {
	if len(m.Descriptors) == 0 {
		return refuse("descriptors", "foresight.names.none")
	}
	if len(m.Descriptors) > maxDescriptors {
		return refuse("descriptors", "foresight.names.many", "got", len(m.Descriptors), "max", maxDescriptors)
	}
	m.offset = []int{0}
	for i, d := range m.Descriptors {
		if len(d.Variants) == 0 || len(d.Variants) > maxVariants {
			return &InputError{Key: "foresight.cib.variants", Field: "descriptors", Row: i + 1,
				Args: []any{"row_name", d.Name, "got", len(d.Variants), "max", maxVariants}}
		}
		m.offset = append(m.offset, m.offset[i]+len(d.Variants))
	}
	if all := m.offset[len(m.Descriptors)]; all > maxAllVariants {
		return refuse("descriptors", "foresight.cib.all_variants", "got", all, "max", maxAllVariants)
	}
	return nil
}

// fill makes the impacts whole by the smallest power of ten that does.
func (m *CIB) fill(impacts [][]float64) error {
	names := m.variantNames()
	g := grid{field: "matrix", rows: names, columns: names, least: -maxImpact, most: maxImpact}
	if _, _, _, err := g.read(cellsOf(impacts)); err != nil {
		return err
	}
	m.scale = 1
	for i, row := range impacts {
		for j, v := range row {
			for !isWhole(v * float64(m.scale)) {
				if m.scale *= 10; m.scale > maxScale {
					e := g.refuse("foresight.cib.decimals", i, j)
					e.Args = append(e.Args, "value", v)
					return e
				}
			}
		}
	}
	m.impact = make([][]int32, len(impacts))
	for i, row := range impacts {
		m.impact[i] = make([]int32, len(row))
		for j, v := range row {
			if math.Abs(v)*float64(m.scale) > maxImpact {
				e := g.refuse("foresight.cell.range", i, j)
				e.Args = append(e.Args, "value", v, "least", -maxImpact/float64(m.scale), "most", maxImpact/float64(m.scale))
				return e
			}
			m.impact[i][j] = int32(math.Round(v * float64(m.scale)))
		}
	}
	return nil
}

func isWhole(v float64) bool { return math.Abs(v-math.Round(v)) <= 1e-9 }

// variantNames are "descriptor: variant" for refusals and explanations.
func (m *CIB) variantNames() []string {
	var all []string
	for _, d := range m.Descriptors {
		for _, v := range d.Variants {
			all = append(all, d.Name+" : "+v)
		}
	}
	return all
}

// Impacts is the matrix as it was given.
func (m *CIB) Impacts() [][]float64 {
	all := numbers(len(m.impact), len(m.impact))
	for i, row := range m.impact {
		for j, v := range row {
			all[i][j] = m.unscaled(v)
		}
	}
	return all
}

func (m *CIB) unscaled(v int32) float64 { return float64(v) / float64(m.scale) }

// Space is the number of scenarios.
func (m *CIB) Space() *big.Int {
	n := big.NewInt(1)
	for _, d := range m.Descriptors {
		n.Mul(n, big.NewInt(int64(len(d.Variants))))
	}
	return n
}

// Scenario is one variant of each descriptor, numbered from 0, and how it fares.
type Scenario struct {
	Variants []int
	// Inconsistency is the greatest advantage another variant of some descriptor
	// has in the impact balance: 0 for a consistent scenario.
	Inconsistency float64
	// Consistency is the smallest advantage a chosen variant has over its best
	// rival; negative when there is an inconsistency.
	Consistency float64
	// Impact is the total impact score, the sum of the balances of the chosen
	// variants.
	Impact float64
}

// Balance is the impact balance of each variant under a scenario: the sum of
// what the chosen variants say for it.
func (m *CIB) Balance(variants []int) []float64 {
	return mapped(m.balance(variants), m.unscaled)
}

func (m *CIB) balance(variants []int) []int32 {
	b := make([]int32, m.offset[len(variants)])
	for i, x := range variants {
		for c, v := range m.impact[m.offset[i]+x] {
			b[c] += v
		}
	}
	return b
}

// Judge computes how a scenario fares.
func (m *CIB) Judge(variants []int) Scenario {
	b := m.balance(variants)
	var worst int32
	var total int64
	closest := int32(math.MaxInt32)
	for i, x := range variants {
		own := b[m.offset[i]+x]
		total += int64(own)
		for y := m.offset[i]; y < m.offset[i+1]; y++ {
			if y == m.offset[i]+x {
				continue
			}
			worst = max(worst, b[y]-own)
			closest = min(closest, own-b[y])
		}
	}
	if closest == math.MaxInt32 {
		closest = 0 // no descriptor has a choice
	}
	return Scenario{
		Variants:      append([]int(nil), variants...),
		Inconsistency: m.unscaled(worst), Consistency: m.unscaled(closest), Impact: float64(total) / float64(m.scale),
	}
}

// Succeed is the scenario that follows under global succession: every
// descriptor moves at once to its best variant, keeping the present one when
// none is better, and taking the first of equals otherwise. Fixed points are
// the consistent scenarios.
func (m *CIB) Succeed(variants []int) []int {
	b := m.balance(variants)
	next := make([]int, len(variants))
	for i, x := range variants {
		best := b[m.offset[i]+x]
		next[i] = x
		for y, v := range b[m.offset[i]:m.offset[i+1]] {
			if v > best {
				best, next[i] = v, y
			}
		}
	}
	return next
}

// scenario checks variants given from 1, as people write them.
func (m *CIB) scenario(from1 []int) ([]int, error) {
	if len(from1) != len(m.Descriptors) {
		return nil, refuse("explain", "foresight.cib.scenario_size", "got", len(from1), "want", len(m.Descriptors))
	}
	z := make([]int, len(from1))
	for i, v := range from1 {
		if v < 1 || v > len(m.Descriptors[i].Variants) {
			return nil, &InputError{Key: "foresight.cib.scenario_variant", Field: "explain", Column: i + 1,
				Args: []any{"column_name", m.Descriptors[i].Name, "got", v, "max", len(m.Descriptors[i].Variants)}}
		}
		z[i] = v - 1
	}
	return z, nil
}

// before orders scenarios as ScenarioWizard lists them: by the number whose
// first digit is the first descriptor, so that the last descriptor weighs most.
func before(a, b []int) int {
	for i := len(a) - 1; i >= 0; i-- {
		if a[i] != b[i] {
			return a[i] - b[i]
		}
	}
	return 0
}
