// Gaussian elimination with partial pivoting: the program under test.
//
// Put your own program in place of this one. Where its functions have other names or arguments,
// change the calls in driver.go. Both files are one package, so there is room for one main only.
//
// A matrix is a slice of rows and augmented: its last column is the right-hand side.
package main

import (
	"errors"
	"fmt"
	"math"
)

var errNotOneSolution = errors.New("there is not exactly one solution")

// gaussianElimination turns the matrix into row echelon form.
func gaussianElimination(a [][]float64) {
	rows, unknowns := len(a), len(a[0])-1
	row := 0
	for column := 0; column < unknowns && row < rows; column++ {
		pivot := row
		for i := row + 1; i < rows; i++ {
			if math.Abs(a[i][column]) > math.Abs(a[pivot][column]) {
				pivot = i
			}
		}
		if a[pivot][column] == 0 {
			continue
		}
		a[row], a[pivot] = a[pivot], a[row]

		for i := row + 1; i < rows; i++ {
			factor := a[i][column] / a[row][column]
			a[i][column] = 0
			for j := column + 1; j <= unknowns; j++ {
				a[i][j] -= factor * a[row][j]
			}
		}
		row++
	}
	if row < min(rows, unknowns) {
		fmt.Println("The matrix is singular.")
	}
}

// gaussJordan turns a matrix in row echelon form into reduced row echelon form.
func gaussJordan(a [][]float64) {
	unknowns := len(a[0]) - 1
	for row := len(a) - 1; row >= 0; row-- {
		column := 0
		for column < unknowns && a[row][column] == 0 {
			column++
		}
		if column == unknowns {
			continue
		}
		pivot := a[row][column]
		for j := column; j <= unknowns; j++ {
			a[row][j] /= pivot
		}
		for i := 0; i < row; i++ {
			factor := a[i][column]
			a[i][column] = 0
			for j := column + 1; j <= unknowns; j++ {
				a[i][j] -= factor * a[row][j]
			}
		}
	}
}

// backSubstitution solves a system in row echelon form that has exactly one solution.
func backSubstitution(a [][]float64) ([]float64, error) {
	unknowns := len(a[0]) - 1
	if !hasOneSolution(a) {
		return nil, errNotOneSolution
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

func hasOneSolution(a [][]float64) bool {
	unknowns := len(a[0]) - 1
	if len(a) < unknowns {
		return false
	}
	for i, row := range a {
		if i < unknowns && row[i] == 0 || i >= unknowns && row[unknowns] != 0 {
			return false
		}
	}
	return true
}
