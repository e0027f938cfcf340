// Reads linear systems from standard input, passes them to @{ listing }@, and prints the
// results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
// program.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// The calls of the program. Each call gets copies, which the program may change. Where it has no
// answer, the program may panic: the driver then prints `failed PROCEDURE MESSAGE`. Or a function
// here may return an error or an empty slice: the driver then prints `refused PROCEDURE MESSAGE`.
// The usual ways of a program to say so:
//
//	return solve(A, b), nil                                 it returns nil, or panics
//	return solve(A, b)                                      it returns an error
//	if x, ok := solve(A, b); ok { return x, nil }           it returns a bool
//	return nil, errors.New("returned false")
%% if gaussian_elimination

// ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
func driverGaussianElimination(M [][]float64, unknowns int) ([][]float64, error) {
	gaussianElimination(M, unknowns)
	return M, nil
}
%% endif
%% if gauss_jordan

// ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
func driverGaussJordan(M [][]float64, unknowns int) ([][]float64, error) {
	gaussJordan(M, unknowns)
	return M, nil
}
%% endif
%% if back_substitution

// ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
func driverBackSubstitution(M [][]float64) ([]float64, error) {
	return backSubstitution(M)
}
%% endif
%% if lu

// ADAPT: P, L and U with P A = L U
func driverLU(A [][]float64) (P, L, U [][]float64, err error) {
	order, L, _ := lu(A)
	return driverPermutation(order), L, A, nil
}
%% endif
%% if forward_substitution

// ADAPT: the solution y of L y = b
func driverForwardSubstitution(L [][]float64, b []float64) ([]float64, error) {
	return forwardSubstitution(L, b), nil
}
%% endif
%% if backward_substitution

// ADAPT: the solution x of U x = y
func driverBackwardSubstitution(U [][]float64, y []float64) ([]float64, error) {
	return backwardSubstitution(U, y)
}
%% endif
%% if solve

// ADAPT: the solution x of A x = b
func driverSolve(A [][]float64, b []float64) ([]float64, error) {
	return solve(A, b)
}
%% endif
%% if inverse

// ADAPT: the inverse of A
func driverInverse(A [][]float64) ([][]float64, error) {
	return inverse(A)
}
%% endif
%% if determinant

// ADAPT: the determinant of A
func driverDeterminant(A [][]float64) (float64, error) {
	return determinant(A), nil
}
%% endif
%% if log_determinant

// ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
func driverLogDeterminant(A [][]float64) ([]float64, error) {
	sign, logarithm := logDeterminant(A)
	return []float64{sign, logarithm}, nil
}
%% endif
%% if rank

// ADAPT: the rank of A
func driverRank(A [][]float64) (float64, error) {
	return float64(rank(A)), nil
}
%% endif
%% if tridiagonal

// ADAPT: the solution x of A x = b, from the diagonals of A
func driverTridiagonal(A [][]float64, b []float64) ([]float64, error) {
	var below, diagonal, above []float64
	for i := range A {
		diagonal = append(diagonal, A[i][i])
		if i > 0 {
			below, above = append(below, A[i][i-1]), append(above, A[i-1][i])
		}
	}
	return tridiagonal(below, diagonal, above, b)
}
%% endif
%% if cholesky

// ADAPT: L with A = L Lᵀ
func driverCholesky(A [][]float64) ([][]float64, error) {
	return cholesky(A)
}
%% endif
%% if least_squares

// ADAPT: the x with the smallest residual b - A x
func driverLeastSquares(A [][]float64, b []float64) ([]float64, error) {
	return leastSquares(A, b)
}
%% endif
%% if conjugate_gradient

// ADAPT: the solution x of A x = b for a positive definite A
func driverConjugateGradient(A [][]float64, b []float64) ([]float64, error) {
	return conjugateGradient(A, b)
}
%% endif

// From here on, nothing depends on the program.

func main() {
	input := bufio.NewReader(os.Stdin)
	for {
		words, err := driverReadWords(input)
		if err == io.EOF {
			return
		}
		if err != nil || len(words) != 5 {
			driverStop("not a header: ", words, err)
		}
		rows, sides := driverReadNumber(words[2]), driverReadNumber(words[4])
		var system, A, B [][]float64
		for i := 0; i < rows; i++ {
			row := driverReadRow(input)
			unknowns := len(row) - sides
			system, A, B = append(system, row), append(A, row[:unknowns]), append(B, row[unknowns:])
		}
		fmt.Fprintln(os.Stderr, "case", words[1])
		driverSay("case " + words[1] + "\n")
		driverAnswer(system, A, B)
		driverSay("end " + words[1] + "\n")
	}
}

// driverReadWords returns io.EOF only at the end of the input.
func driverReadWords(input *bufio.Reader) ([]string, error) {
	line, err := input.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.Fields(line), err
}

func driverReadNumber(word string) int {
	number, err := strconv.Atoi(word)
	if err != nil {
		driverStop(err)
	}
	return number
}

func driverReadRow(input *bufio.Reader) []float64 {
	words, err := driverReadWords(input)
	if err != nil {
		driverStop(err)
	}
	var row []float64
	for _, word := range words {
		value, err := strconv.ParseFloat(word, 64)
		if err != nil {
			driverStop(err)
		}
		row = append(row, value)
	}
	return row
}

func driverAnswer(system, A, B [][]float64) {
	unknowns, sides := len(A[0]), len(B[0])
	isSquare := len(A) == unknowns
	isSingle := sides == 1
%% if gaussian_elimination or gauss_jordan or back_substitution
	M, canContinue := system, true
%% endif
%% if gaussian_elimination
	canContinue = driverAttempt("gaussian_elimination", func() (text string, err error) {
		M, err = driverGaussianElimination(driverCopy(M), unknowns)
		return driverMatrixText("echelon", M), err
	})
%% endif
%% if gauss_jordan
	if canContinue {
		reduced := M
		@{ "_" if gaussian_elimination else "canContinue" }@ = driverAttempt("gauss_jordan", func() (text string, err error) {
			reduced, err = driverGaussJordan(driverCopy(M), unknowns)
			return driverMatrixText("reduced", reduced), err
		})
%% if not gaussian_elimination
		M = reduced
%% endif
	}
%% endif
%% if back_substitution
	if canContinue && isSingle {
		driverAttempt("back_substitution", func() (string, error) {
			x, err := driverBackSubstitution(driverCopy(M))
			return driverVectorText("solution", x), err
		})
	}
%% endif
%% if lu or forward_substitution or backward_substitution
	if isSquare {
		var P, L, U [][]float64
%% if lu
		canSubstitute := driverAttempt("lu", func() (text string, err error) {
			P, L, U, err = driverLU(driverCopy(A))
			return driverMatrixText("permutation", P) + driverMatrixText("lower", L) + driverMatrixText("upper", U), err
		})
%% else
		// Without a factorisation, the triangles are those of A.
		canSubstitute := true
		P, L, U = driverCopy(A), driverCopy(A), driverCopy(A)
		for i := range A {
			for j := range A {
				P[i][j] = 0
				if i == j {
					P[i][j], L[i][j] = 1, 1
				} else if i < j {
					L[i][j] = 0
				} else {
					U[i][j] = 0
				}
			}
		}
%% endif
		Y := B
%% if forward_substitution
		if canSubstitute {
			PB := driverCopy(B)
			for i := range P {
				for j := range P[i] {
					if P[i][j] != 0 {
						PB[i] = B[j]
					}
				}
			}
			Y = driverEach("forward_substitution", "forward", driverForwardSubstitution, L, PB)
		}
%% endif
%% if backward_substitution
		if canSubstitute && Y != nil {
			driverEach("backward_substitution", "backward", driverBackwardSubstitution, U, Y)
		}
%% endif
		_, _ = canSubstitute, Y
	}
%% endif
%% if solve
	// Where the program takes other shapes, claim them in port.yaml and leave out the condition.
	if isSquare {
		driverEach("solve", "solve", driverSolve, A, B)
	}
%% endif
%% if inverse
	if isSquare {
		driverAttempt("inverse", func() (string, error) {
			X, err := driverInverse(driverCopy(A))
			return driverMatrixText("inverse", X), err
		})
	}
%% endif
%% if determinant
	if isSquare {
		driverAttempt("determinant", func() (string, error) {
			value, err := driverDeterminant(driverCopy(A))
			return driverVectorText("determinant", []float64{value}), err
		})
	}
%% endif
%% if log_determinant
	if isSquare {
		driverAttempt("log_determinant", func() (string, error) {
			pair, err := driverLogDeterminant(driverCopy(A))
			return driverVectorText("log_determinant", pair), err
		})
	}
%% endif
%% if rank
	driverAttempt("rank", func() (string, error) {
		value, err := driverRank(driverCopy(A))
		return driverVectorText("rank", []float64{value}), err
	})
%% endif
%% if tridiagonal
	if isSquare && driverHolds(A, func(i, j int) bool { return A[i][j] == 0 || i-j < 2 && j-i < 2 }) {
		driverEach("tridiagonal", "tridiagonal", driverTridiagonal, A, B)
	}
%% endif
%% if cholesky
	if isSquare && driverHolds(A, func(i, j int) bool { return A[i][j] == A[j][i] }) {
		driverAttempt("cholesky", func() (string, error) {
			L, err := driverCholesky(driverCopy(A))
			return driverMatrixText("cholesky", L), err
		})
	}
%% endif
%% if least_squares
	driverEach("least_squares", "least_squares", driverLeastSquares, A, B)
%% endif
%% if conjugate_gradient
	if isSquare && isSingle && driverHolds(A, func(i, j int) bool { return A[i][j] == A[j][i] }) {
		driverAttempt("conjugate_gradient", func() (string, error) {
			x, err := driverConjugateGradient(driverCopy(A), driverColumn(B, 0))
			return driverVectorText("conjugate_gradient", x), err
		})
	}
%% endif
	_, _ = isSquare, isSingle
}

// driverEach prints and returns the results for each column of B, as the columns of a matrix; nil
// where there are none.
func driverEach(procedure, label string, solve func([][]float64, []float64) ([]float64, error), A, B [][]float64) (X [][]float64) {
	solved := driverAttempt(procedure, func() (string, error) {
		for k := range B[0] {
			x, err := solve(driverCopy(A), driverColumn(B, k))
			if err != nil {
				return "", err
			}
			if k == 0 {
				X = make([][]float64, len(x))
			}
			if len(x) != len(X) {
				panic(fmt.Sprintf("one solution has %d numbers", len(x)))
			}
			for i := range X {
				X[i] = append(X[i], x[i])
			}
		}
		return driverMatrixText(label, X), nil
	})
	if !solved {
		return nil
	}
	return X
}

// driverAttempt prints what the stage returns, or that its procedure returned an error or panicked;
// it reports whether the stage succeeded.
func driverAttempt(procedure string, stage func() (string, error)) (succeeded bool) {
	defer func() {
		if problem := recover(); problem != nil {
			driverSayWhy("failed", procedure, problem)
		}
	}()
	text, err := stage()
	if err == nil && text == "" {
		err = errors.New("returned an empty slice")
	}
	if err != nil {
		driverSayWhy("refused", procedure, err)
		return false
	}
	driverSay(text)
	return true
}

func driverSayWhy(word, procedure string, problem any) {
	message := strings.Join(strings.Fields(fmt.Sprint(problem)), " ")
	driverSay(word + " " + procedure + " " + message + "\n")
}

func driverHolds(A [][]float64, holds func(i, j int) bool) bool {
	for i := range A {
		for j := range A[i] {
			if !holds(i, j) {
				return false
			}
		}
	}
	return true
}

func driverCopy(matrix [][]float64) [][]float64 {
	result := make([][]float64, len(matrix))
	for i, row := range matrix {
		result[i] = append([]float64(nil), row...)
	}
	return result
}

func driverColumn(matrix [][]float64, k int) (column []float64) {
	for _, row := range matrix {
		column = append(column, row[k])
	}
	return column
}

// driverPermutation returns the matrix whose rows are those of the unit matrix in that order.
func driverPermutation(order []int) [][]float64 {
	P := make([][]float64, len(order))
	for i, origin := range order {
		P[i] = make([]float64, len(order))
		P[i][origin] = 1
	}
	return P
}

// driverMatrixText returns "" for an empty matrix.
func driverMatrixText(label string, matrix [][]float64) string {
	if len(matrix) == 0 || len(matrix[0]) == 0 {
		return ""
	}
	var text strings.Builder
	fmt.Fprintln(&text, label, len(matrix), len(matrix[0]))
	for _, row := range matrix {
		for j, value := range row {
			if j > 0 {
				text.WriteByte(' ')
			}
			text.WriteString(driverNumberText(value))
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// driverVectorText returns "" for an empty vector.
func driverVectorText(label string, vector []float64) string {
	if len(vector) == 0 {
		return ""
	}
	var text strings.Builder
	fmt.Fprintln(&text, label, len(vector))
	for _, value := range vector {
		text.WriteString(driverNumberText(value) + "\n")
	}
	return text.String()
}

// driverNumberText gives the shortest text that reads back as the same number.
func driverNumberText(value float64) string {
	return strconv.FormatFloat(value, 'g', -1, 64)
}

// driverSay prints the text in one piece, because standard output is not buffered.
func driverSay(text string) {
	os.Stdout.WriteString(text)
}

func driverStop(reason ...any) {
	fmt.Fprintln(os.Stderr, reason...)
	os.Exit(1)
}
