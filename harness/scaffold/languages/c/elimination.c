/* Gaussian elimination with partial pivoting: the program under test.
 *
 * Put your own program in place of this one. Where its functions have other names or arguments,
 * change the calls in driver.c.
 *
 * A matrix is augmented (its last column is the right-hand side) and stored row after row. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>

static void swap_rows(double *a, size_t columns, size_t first, size_t second) {
    for (size_t j = 0; j < columns; ++j) {
        double kept = a[first * columns + j];
        a[first * columns + j] = a[second * columns + j];
        a[second * columns + j] = kept;
    }
}

/* Turns the matrix into row echelon form. */
void gaussian_elimination(double *a, size_t rows, size_t columns) {
    size_t unknowns = columns - 1;
    size_t row = 0;

    for (size_t column = 0; column < unknowns && row < rows; ++column) {
        size_t pivot = row;
        for (size_t i = row + 1; i < rows; ++i) {
            if (fabs(a[i * columns + column]) > fabs(a[pivot * columns + column])) {
                pivot = i;
            }
        }
        if (a[pivot * columns + column] == 0) {
            continue;
        }
        swap_rows(a, columns, row, pivot);

        for (size_t i = row + 1; i < rows; ++i) {
            double factor = a[i * columns + column] / a[row * columns + column];
            a[i * columns + column] = 0;
            for (size_t j = column + 1; j < columns; ++j) {
                a[i * columns + j] -= factor * a[row * columns + j];
            }
        }
        ++row;
    }
    if (row < rows && row < unknowns) {
        printf("The matrix is singular.\n");
    }
}

/* Turns a matrix in row echelon form into reduced row echelon form. */
void gauss_jordan(double *a, size_t rows, size_t columns) {
    size_t unknowns = columns - 1;

    for (size_t row = rows; row-- > 0;) {
        size_t column = 0;
        while (column < unknowns && a[row * columns + column] == 0) {
            ++column;
        }
        if (column == unknowns) {
            continue;
        }
        double pivot = a[row * columns + column];
        a[row * columns + column] = 1;
        for (size_t j = column + 1; j < columns; ++j) {
            a[row * columns + j] /= pivot;
        }
        for (size_t i = 0; i < row; ++i) {
            double factor = a[i * columns + column];
            a[i * columns + column] = 0;
            for (size_t j = column + 1; j < columns; ++j) {
                a[i * columns + j] -= factor * a[row * columns + j];
            }
        }
    }
}

static int has_one_solution(const double *a, size_t rows, size_t columns) {
    size_t unknowns = columns - 1;

    if (rows < unknowns) {
        return 0;
    }
    for (size_t i = 0; i < unknowns; ++i) {
        if (a[i * columns + i] == 0) {
            return 0;
        }
    }
    for (size_t i = unknowns; i < rows; ++i) {
        if (a[i * columns + unknowns] != 0) {
            return 0;
        }
    }
    return 1;
}

/* Solves a system in row echelon form for its columns - 1 unknowns x; all of them are NaN where
 * there is not exactly one solution. */
void back_substitution(const double *a, double *x, size_t rows, size_t columns) {
    size_t unknowns = columns - 1;

    if (!has_one_solution(a, rows, columns)) {
        for (size_t i = 0; i < unknowns; ++i) {
            x[i] = NAN;
        }
        return;
    }
    for (size_t i = unknowns; i-- > 0;) {
        double sum = a[i * columns + unknowns];
        for (size_t j = i + 1; j < unknowns; ++j) {
            sum -= a[i * columns + j] * x[j];
        }
        x[i] = sum / a[i * columns + i];
    }
}
