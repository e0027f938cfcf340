// Linear equations, with a main that solves one system.
package main

import (
	"fmt"
	"math"
	"os"
)

// gauss returns nil for a singular matrix.
func gauss(a [][]float64, b []float64) []float64 {
	n := len(b)
	for k := 0; k < n; k++ {
		p := k
		for i := k + 1; i < n; i++ {
			if math.Abs(a[i][k]) > math.Abs(a[p][k]) {
				p = i
			}
		}
		if math.Abs(a[p][k]) < 1e-12 {
			return nil
		}
		a[k], a[p], b[k], b[p] = a[p], a[k], b[p], b[k]
		for i := 0; i < n; i++ {
			if i != k {
				f := a[i][k] / a[k][k]
				for j := k; j < n; j++ {
					a[i][j] -= f * a[k][j]
				}
				b[i] -= f * b[k]
			}
		}
	}
	for k := range b {
		b[k] /= a[k][k]
	}
	return b
}

// invert returns false for a singular matrix.
func invert(a [][]float64) ([][]float64, bool) {
	result := make([][]float64, len(a))
	for j := range a {
		var m [][]float64
		for _, row := range a {
			m = append(m, append([]float64{}, row...))
		}
		e := make([]float64, len(a))
		e[j] = 1
		x := gauss(m, e)
		if x == nil {
			return nil, false
		}
		for i := range x {
			result[i] = append(result[i], x[i])
		}
	}
	return result, true
}

// det panics for a singular matrix.
func det(a [][]float64) float64 {
	d := 1.0
	for k := range a {
		p := k
		for i := k; i < len(a); i++ {
			if math.Abs(a[i][k]) > math.Abs(a[p][k]) {
				p = i
			}
		}
		if math.Abs(a[p][k]) < 1e-12 {
			panic("The matrix is singular!")
		}
		if p != k {
			a[k], a[p], d = a[p], a[k], -d
		}
		d *= a[k][k]
		for i := k + 1; i < len(a); i++ {
			f := a[i][k] / a[k][k]
			for j := k; j < len(a); j++ {
				a[i][j] -= f * a[k][j]
			}
		}
	}
	return d
}

func main() {
	var n int
	if _, err := fmt.Scan(&n); err != nil {
		os.Exit(1)
	}
	answer()
}

func answer() {
	fmt.Println(gauss([][]float64{{2, 1}, {1, 3}}, []float64{5, 10}))
}
