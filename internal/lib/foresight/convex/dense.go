package convex

import "math"

// dot is the scalar product of two vectors of one length.
func dot(a, b []float64) float64 {
	var s float64
	for i, x := range a {
		s += x * b[i]
	}
	return s
}

// triangular is the factor R of a Householder QR decomposition of the matrix
// whose columns are given: R has as many rows and columns as there are columns.
// It reports false when the columns are not independent within rel of the
// longest one.
//
// Source: Golub and Van Loan, Matrix Computations, algorithm 5.2.1.
func triangular(columns [][]float64, rel float64) ([][]float64, bool) {
	m := len(columns)
	if m == 0 || len(columns[0]) < m {
		return nil, false
	}
	d := len(columns[0])
	w := make([][]float64, m)
	longest := 0.0
	for j, c := range columns {
		w[j] = append([]float64(nil), c...)
		longest = max(longest, math.Sqrt(dot(c, c)))
	}
	r := square(m)
	for j := range m {
		norm := math.Sqrt(dot(w[j][j:], w[j][j:]))
		if norm <= rel*longest {
			return nil, false
		}
		// The reflection that sends w[j][j:] to a multiple of the first axis.
		alpha := -math.Copysign(norm, w[j][j])
		v := append([]float64(nil), w[j][j:]...)
		v[0] -= alpha
		vv := dot(v, v)
		r[j][j] = alpha
		for k := j + 1; k < m; k++ {
			f := 2 * dot(v, w[k][j:]) / vv
			for t := range d - j {
				w[k][j+t] -= f * v[t]
			}
			r[j][k] = w[k][j]
		}
	}
	return r, true
}

// solveNormal solves RᵀR u = b for an upper triangular R.
func solveNormal(r [][]float64, b []float64) []float64 {
	m := len(r)
	u := append([]float64(nil), b...)
	for i := range m {
		for k := range i {
			u[i] -= r[k][i] * u[k]
		}
		u[i] /= r[i][i]
	}
	for i := m - 1; i >= 0; i-- {
		for k := i + 1; k < m; k++ {
			u[i] -= r[i][k] * u[k]
		}
		u[i] /= r[i][i]
	}
	return u
}

// cholesky replaces a symmetric matrix by its lower factor L, A = LLᵀ, and
// reports false when a pivot is not above tiny times the largest diagonal entry.
func cholesky(a [][]float64, tiny float64) bool {
	largest := 0.0
	for i := range a {
		largest = max(largest, a[i][i])
	}
	for i := range a {
		for j := 0; j <= i; j++ {
			s := a[i][j]
			for k := range j {
				s -= a[i][k] * a[j][k]
			}
			if i != j {
				a[i][j] = s / a[j][j]
				continue
			}
			if s <= tiny*largest || math.IsNaN(s) {
				return false
			}
			a[i][i] = math.Sqrt(s)
		}
	}
	return true
}

// solveCholesky solves LLᵀ u = b.
func solveCholesky(l [][]float64, b []float64) []float64 {
	n := len(l)
	u := append([]float64(nil), b...)
	for i := range n {
		for k := range i {
			u[i] -= l[i][k] * u[k]
		}
		u[i] /= l[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			u[i] -= l[k][i] * u[k]
		}
		u[i] /= l[i][i]
	}
	return u
}

func square(n int) [][]float64 { return matrix(n, n) }

// matrix is a zero matrix whose rows lie in one piece of memory.
func matrix(rows, columns int) [][]float64 {
	all := make([]float64, rows*columns)
	m := make([][]float64, rows)
	for i := range m {
		m[i] = all[i*columns : (i+1)*columns : (i+1)*columns]
	}
	return m
}
