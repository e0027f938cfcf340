// Linear equations by elimination with partial pivoting: the program under test.
//
// Put your own program in place of this one. Where its functions have other names or arguments,
// change the calls in driver.go.
//
// A matrix is a slice of rows. An augmented one has the right-hand sides in its last columns.
package main

import (
	"errors"
%% if gaussian_elimination
	"fmt"
%% endif
	"math"
)

var errSingular = errors.New("there is not exactly one solution")

// pivotRow returns the row, from `row` on, with the largest number in the column.
func pivotRow(a [][]float64, row, column int) int {
	pivot := row
	for i := row + 1; i < len(a); i++ {
		if math.Abs(a[i][column]) > math.Abs(a[pivot][column]) {
			pivot = i
		}
	}
	return pivot
}

// subtract takes `factor` times `other` from `row`, from `first` on.
func subtract(row []float64, factor float64, other []float64, first int) {
	for j := first; j < len(row); j++ {
		row[j] -= factor * other[j]
	}
}
%% if gaussian_elimination or gauss_jordan or rank

// eliminate clears the first columns below their pivots. It returns the number of pivots.
func eliminate(a [][]float64, unknowns int) int {
	row := 0
	for column := 0; column < unknowns && row < len(a); column++ {
		pivot := pivotRow(a, row, column)
		if a[pivot][column] == 0 {
			continue
		}
		a[row], a[pivot] = a[pivot], a[row]
		for i := row + 1; i < len(a); i++ {
			factor := a[i][column] / a[row][column]
			a[i][column] = 0
			subtract(a[i], factor, a[row], column+1)
		}
		row++
	}
	return row
}
%% endif
%% if gaussian_elimination

// gaussianElimination turns the matrix into row echelon form.
func gaussianElimination(a [][]float64, unknowns int) {
	if eliminate(a, unknowns) < min(len(a), unknowns) {
		fmt.Println("The matrix is singular.")
	}
}
%% endif
%% if gauss_jordan

%% if gaussian_elimination
// gaussJordan turns a matrix in row echelon form into reduced row echelon form.
func gaussJordan(a [][]float64, unknowns int) {
%% else
// gaussJordan turns the matrix into reduced row echelon form.
func gaussJordan(a [][]float64, unknowns int) {
	eliminate(a, unknowns)
%% endif
	for row := len(a) - 1; row >= 0; row-- {
		column := 0
		for column < unknowns && a[row][column] == 0 {
			column++
		}
		if column == unknowns {
			continue
		}
		pivot := a[row][column]
		for j := range a[row] {
			a[row][j] /= pivot
		}
		for i := 0; i < row; i++ {
			factor := a[i][column]
			a[i][column] = 0
			subtract(a[i], factor, a[row], column+1)
		}
	}
}
%% endif
%% if back_substitution

// backSubstitution solves a system in row echelon form, with one right-hand side. It returns an
// error where there is not exactly one solution.
func backSubstitution(a [][]float64) ([]float64, error) {
	unknowns := len(a[0]) - 1
	if len(a) < unknowns {
		return nil, errSingular
	}
	for i, row := range a {
		if i < unknowns && row[i] == 0 || i >= unknowns && row[unknowns] != 0 {
			return nil, errSingular
		}
	}
	x := make([]float64, unknowns)
	for i := unknowns - 1; i >= 0; i-- {
		sum := a[i][unknowns]
		for j := i + 1; j < unknowns; j++ {
			sum -= a[i][j] * x[j]
		}
		x[i] = sum / a[i][i]
	}
	return x, nil
}
%% endif
%% if lu or solve or inverse or determinant or log_determinant

// lu factors P A = L U. A becomes U. It returns P as the order of the rows of A, L, and the sign of
// P.
func lu(a [][]float64) (order []int, l [][]float64, sign float64) {
	sign = 1
	for i := range a {
		order = append(order, i)
		l = append(l, make([]float64, len(a)))
	}
	for k := range a {
		if pivot := pivotRow(a, k, k); pivot != k {
			a[k], a[pivot] = a[pivot], a[k]
			l[k], l[pivot] = l[pivot], l[k]
			order[k], order[pivot] = order[pivot], order[k]
			sign = -sign
		}
		for i := k + 1; i < len(a) && a[k][k] != 0; i++ {
			l[i][k] = a[i][k] / a[k][k]
			a[i][k] = 0
			subtract(a[i], l[i][k], a[k], k+1)
		}
		l[k][k] = 1
	}
	return order, l, sign
}
%% endif
%% if forward_substitution or solve or inverse

// forwardSubstitution solves L y = b, where L has 1 on its diagonal. b becomes y.
func forwardSubstitution(l [][]float64, b []float64) []float64 {
	for i := range b {
		for j := 0; j < i; j++ {
			b[i] -= l[i][j] * b[j]
		}
	}
	return b
}
%% endif
%% if backward_substitution or solve or inverse or least_squares

// backwardSubstitution solves U x = y. y becomes x. It returns an error for a singular U.
func backwardSubstitution(u [][]float64, y []float64) ([]float64, error) {
	for i := len(y) - 1; i >= 0; i-- {
		if u[i][i] == 0 {
			return nil, errSingular
		}
		for j := i + 1; j < len(y); j++ {
			y[i] -= u[i][j] * y[j]
		}
		y[i] /= u[i][i]
	}
	return y, nil
}
%% endif
%% if solve

// solve returns the solution of A x = b, and an error for a singular A.
func solve(a [][]float64, b []float64) ([]float64, error) {
	order, l, _ := lu(a)
	var right []float64
	for _, i := range order {
		right = append(right, b[i])
	}
	return backwardSubstitution(a, forwardSubstitution(l, right))
}
%% endif
%% if inverse

// inverse returns an error for a singular A.
func inverse(a [][]float64) ([][]float64, error) {
	order, l, _ := lu(a)
	result := make([][]float64, len(a))
	for i := range result {
		result[i] = make([]float64, len(a))
	}
	for j, origin := range order {
		unit := make([]float64, len(a))
		unit[j] = 1
		x, err := backwardSubstitution(a, forwardSubstitution(l, unit))
		if err != nil {
			return nil, err
		}
		// Column j of the inverse of P A is a column of that of A.
		for i := range x {
			result[i][origin] = x[i]
		}
	}
	return result, nil
}
%% endif
%% if determinant

// determinant multiplies mantissas and powers of two apart, because a product of some of the pivots
// may be too large or too small for a float64.
func determinant(a [][]float64) float64 {
	_, _, mantissa := lu(a)
	exponent := 0
	for k := range a {
		fraction, power := math.Frexp(a[k][k])
		next, carry := math.Frexp(mantissa * fraction)
		mantissa, exponent = next, exponent+power+carry
	}
	return math.Ldexp(mantissa, exponent)
}
%% endif
%% if log_determinant

// logDeterminant returns the sign of the determinant and the logarithm of its magnitude; 0 and
// -infinity where it is 0.
func logDeterminant(a [][]float64) (sign, logarithm float64) {
	_, _, sign = lu(a)
	for k := range a {
		pivot := a[k][k]
		if pivot == 0 {
			return 0, math.Inf(-1)
		}
		if pivot < 0 {
			sign = -sign
		}
		// math.Log is wrong for subnormal numbers on some machines.
		fraction, power := math.Frexp(math.Abs(pivot))
		logarithm += math.Log(fraction) + float64(power)*math.Ln2
	}
	return sign, logarithm
}
%% endif
%% if rank

// rank returns the number of pivots that elimination finds.
func rank(a [][]float64) int {
	return eliminate(a, len(a[0]))
}
%% endif
%% if tridiagonal

// tridiagonal solves a tridiagonal system by the Thomas algorithm, without row swaps. It returns an
// error for a pivot 0.
func tridiagonal(below, diagonal, above, b []float64) ([]float64, error) {
	for i := range b {
		if i > 0 {
			factor := below[i-1] / diagonal[i-1]
			diagonal[i] -= factor * above[i-1]
			b[i] -= factor * b[i-1]
		}
		if diagonal[i] == 0 {
			return nil, errors.New("a pivot is 0")
		}
	}
	for i := len(b) - 1; i >= 0; i-- {
		if i < len(b)-1 {
			b[i] -= above[i] * b[i+1]
		}
		b[i] /= diagonal[i]
	}
	return b, nil
}
%% endif
%% if cholesky

// cholesky returns L with A = L Lᵀ, and an error where A is not positive definite.
func cholesky(a [][]float64) ([][]float64, error) {
	l := make([][]float64, len(a))
	for i := range a {
		l[i] = make([]float64, len(a))
		for j := 0; j <= i; j++ {
			rest := a[i][j]
			for k := 0; k < j; k++ {
				rest -= l[i][k] * l[j][k]
			}
			if i == j && !(rest > 0) {
				return nil, errors.New("the matrix is not positive definite")
			}
			if i == j {
				l[i][i] = math.Sqrt(rest)
			} else {
				l[i][j] = rest / l[j][j]
			}
		}
	}
	return l, nil
}
%% endif
%% if least_squares

// reflect turns column k, from the diagonal down, into a multiple of a unit vector.
func reflect(a [][]float64, k int) {
	largest, size, square := 0.0, 0.0, 0.0
	for i := k; i < len(a); i++ {
		largest = math.Max(largest, math.Abs(a[i][k]))
	}
	if largest == 0 {
		return
	}
	v := make([]float64, len(a))
	for i := k; i < len(a); i++ {
		v[i] = a[i][k] / largest
		size += v[i] * v[i]
	}
	v[k] += math.Copysign(math.Sqrt(size), v[k])
	for _, value := range v {
		square += value * value
	}
	for j := k; j < len(a[0]); j++ {
		product := 0.0
		for i := k; i < len(a); i++ {
			product += v[i] * a[i][j]
		}
		for i := k; i < len(a); i++ {
			a[i][j] -= 2 * product / square * v[i]
		}
	}
}

// leastSquares returns the x with the smallest residual b - A x, and an error where the columns of
// A depend on each other, but for rounding.
func leastSquares(a [][]float64, b []float64) ([]float64, error) {
	rows, columns := len(a), len(a[0])
	if rows < columns {
		return nil, errSingular
	}
	for i := range a {
		a[i] = append(a[i], b[i])
	}
	largest, smallest := 0.0, math.Inf(1)
	for k := 0; k < columns; k++ {
		reflect(a, k)
		largest = math.Max(largest, math.Abs(a[k][k]))
		smallest = math.Min(smallest, math.Abs(a[k][k]))
	}
	if !(smallest > float64(rows)*0x1p-52*largest) {
		return nil, errSingular
	}
	var right []float64
	for i := 0; i < columns; i++ {
		right = append(right, a[i][columns])
	}
	return backwardSubstitution(a, right)
}
%% endif
%% if conjugate_gradient

func dot(x, y []float64) (sum float64) {
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

// conjugateGradient returns an x whose residual is at most 1e-10 times b, for a positive definite
// A. It returns an error where A is not positive definite, and after 10n steps.
func conjugateGradient(a [][]float64, b []float64) ([]float64, error) {
	// The squares of large and small numbers are no float64.
	scale := 0.0
	for _, value := range b {
		scale = math.Max(scale, math.Abs(value))
	}
	if scale == 0 {
		scale = 1
	}
	x, direction := make([]float64, len(b)), make([]float64, len(b))
	for i := range b {
		b[i] /= scale
	}
	residual := b
	copy(direction, b)
	square := dot(residual, residual)
	limit := 1e-20 * square
	for step := 0; square > limit; step++ {
		var product []float64
		for _, row := range a {
			product = append(product, dot(row, direction))
		}
		curvature := dot(direction, product)
		if step == 10*len(b) || !(curvature > 0) {
			return nil, errors.New("the matrix is not positive definite")
		}
		length, before := square/curvature, square
		subtract(x, -length, direction, 0)
		subtract(residual, length, product, 0)
		square = dot(residual, residual)
		for i := range direction {
			direction[i] = residual[i] + square/before*direction[i]
		}
	}
	if !(square <= limit) {
		return nil, errors.New("the iteration does not converge")
	}
	for i := range x {
		x[i] *= scale
	}
	return x, nil
}
%% endif
