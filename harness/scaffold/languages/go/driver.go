// Reads linear systems from standard input, passes them to elimination.go, and prints the
// results. docs/protocol.md describes both sides.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	input := bufio.NewReader(os.Stdin)
	for {
		words, err := readWords(input)
		if err == io.EOF {
			return
		}
		if err != nil || len(words) != 5 {
			stop("not a header: ", words, err)
		}
		answer(words[1], readMatrix(input, words[2]))
	}
}

// readWords returns io.EOF only at the end of the input.
func readWords(input *bufio.Reader) ([]string, error) {
	line, err := input.ReadString('\n')
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.Fields(line), err
}

func readMatrix(input *bufio.Reader, rows string) [][]float64 {
	count, err := strconv.Atoi(rows)
	if err != nil {
		stop(err)
	}
	matrix := make([][]float64, count)
	for i := range matrix {
		words, err := readWords(input)
		if err != nil {
			stop(err)
		}
		for _, word := range words {
			value, err := strconv.ParseFloat(word, 64)
			if err != nil {
				stop(err)
			}
			matrix[i] = append(matrix[i], value)
		}
	}
	return matrix
}

func answer(name string, system [][]float64) {
	fmt.Fprintln(os.Stderr, "case", name)
	say("case " + name + "\n")
	echelon := copyOf(system)
	eliminated := attempt("gaussian_elimination", func() (string, error) {
		gaussianElimination(echelon)
		return matrixText("echelon", echelon), nil
	})
	if eliminated {
		attempt("gauss_jordan", func() (string, error) {
			reduced := copyOf(echelon)
			gaussJordan(reduced)
			return matrixText("reduced", reduced), nil
		})
		attempt("back_substitution", func() (string, error) {
			x, err := backSubstitution(copyOf(echelon))
			return vectorText("solution", x), err
		})
	}
	say("end " + name + "\n")
}

// attempt prints what the stage returns, or that its procedure returned an error or panicked; it
// reports whether the stage succeeded.
func attempt(procedure string, stage func() (string, error)) (succeeded bool) {
	defer func() {
		if problem := recover(); problem != nil {
			fail(procedure, problem)
		}
	}()
	text, err := stage()
	if err != nil {
		fail(procedure, err)
		return false
	}
	say(text)
	return true
}

func fail(procedure string, problem any) {
	message := strings.ReplaceAll(fmt.Sprint(problem), "\n", " ")
	say("failed " + procedure + " " + message + "\n")
}

func copyOf(matrix [][]float64) [][]float64 {
	result := make([][]float64, len(matrix))
	for i, row := range matrix {
		result[i] = append([]float64(nil), row...)
	}
	return result
}

func matrixText(label string, matrix [][]float64) string {
	var text strings.Builder
	fmt.Fprintln(&text, label, len(matrix), len(matrix[0]))
	for _, row := range matrix {
		for j, value := range row {
			if j > 0 {
				text.WriteByte(' ')
			}
			text.WriteString(numberText(value))
		}
		text.WriteByte('\n')
	}
	return text.String()
}

func vectorText(label string, vector []float64) string {
	var text strings.Builder
	fmt.Fprintln(&text, label, len(vector))
	for _, value := range vector {
		text.WriteString(numberText(value) + "\n")
	}
	return text.String()
}

// numberText gives the shortest text that reads back as the same number.
func numberText(value float64) string {
	return strconv.FormatFloat(value, 'g', -1, 64)
}

// say prints the text in one piece, because standard output is not buffered.
func say(text string) {
	os.Stdout.WriteString(text)
}

func stop(reason ...any) {
	fmt.Fprintln(os.Stderr, reason...)
	os.Exit(1)
}
