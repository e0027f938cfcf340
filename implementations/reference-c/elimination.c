#include "elimination.h"

#include <math.h>

// The row, from `row` on down, that has the largest entry in a column. With that for a pivot
// (partial pivoting) no multiplier exceeds 1, and rounding errors do not grow by much.
static size_t row_of_largest(size_t rows, size_t columns, double a[rows][columns], size_t row,
                             size_t column) {
    size_t largest = row;
    for (size_t i = row + 1; i < rows; ++i) {
        if (fabs(a[i][column]) > fabs(a[largest][column])) {
            largest = i;
        }
    }
    return largest;
}

static void swap_rows(size_t columns, double first[columns], double second[columns]) {
    for (size_t j = 0; j < columns; ++j) {
        double kept = first[j];
        first[j] = second[j];
        second[j] = kept;
    }
}

// Takes that multiple of the pivot row from a row which leaves 0 in `column`; returns the
// multiplier. The 0 is stored: computed, it might come out as 1e-16, and be taken for a pivot.
static double clear(size_t columns, double row[columns], const double pivot_row[columns],
                    size_t column) {
    double multiplier = row[column] / pivot_row[column];
    for (size_t j = column + 1; j < columns; ++j) {
        row[j] -= multiplier * pivot_row[j];
    }
    row[column] = 0;
    return multiplier;
}

size_t gaussian_elimination(size_t rows, size_t columns, double a[rows][columns], size_t unknowns) {
    size_t row = 0;
    for (size_t column = 0; column < unknowns && row < rows; ++column) {
        size_t largest = row_of_largest(rows, columns, a, row, column);
        if (a[largest][column] == 0) {
            continue;
        }
        swap_rows(columns, a[row], a[largest]);
        for (size_t i = row + 1; i < rows; ++i) {
            clear(columns, a[i], a[row], column);
        }
        ++row;
    }
    return row;
}

// The column of the first entry of a row that is not 0, or `unknowns` where all are.
static size_t leading_column(size_t unknowns, const double row[unknowns]) {
    size_t column = 0;
    while (column < unknowns && row[column] == 0) {
        ++column;
    }
    return column;
}

// From the last pivot up: its row has then nothing left in the columns of later pivots.
void gauss_jordan(size_t rows, size_t columns, double a[rows][columns], size_t unknowns) {
    for (size_t row = rows; row-- > 0;) {
        size_t column = leading_column(unknowns, a[row]);
        if (column == unknowns) {
            continue;
        }
        double pivot = a[row][column];
        for (size_t j = column; j < columns; ++j) {
            a[row][j] /= pivot;
        }
        for (size_t i = 0; i < row; ++i) {
            clear(columns, a[i], a[row], column);
        }
    }
}

// In row echelon form there is a pivot for each unknown only where all of them stand on the
// diagonal. Rows below those may say nothing but 0 = 0.
Outcome back_substitution(size_t rows, size_t unknowns, double a[rows][unknowns + 1],
                          double x[unknowns]) {
    for (size_t i = 0; i < unknowns; ++i) {
        if (i >= rows || a[i][i] == 0) {
            return SINGULAR;
        }
    }
    for (size_t i = unknowns; i < rows; ++i) {
        if (a[i][unknowns] != 0) {
            return CONTRADICTORY;
        }
    }
    for (size_t i = unknowns; i-- > 0;) {
        double rest = a[i][unknowns];
        for (size_t j = i + 1; j < unknowns; ++j) {
            rest -= a[i][j] * x[j];
        }
        x[i] = rest / a[i][i];
    }
    return SOLVED;
}

// A multiplier belongs to its row, and moves with it when rows are swapped later. Where a column
// has no pivot nothing is taken from any row, and its multipliers are 0.
int lu(size_t n, double a[n][n], double l[n][n], size_t order[n]) {
    int sign = 1;
    for (size_t i = 0; i < n; ++i) {
        order[i] = i;
        for (size_t j = 0; j < n; ++j) {
            l[i][j] = 0;
        }
    }
    for (size_t k = 0; k < n; ++k) {
        size_t largest = row_of_largest(n, n, a, k, k);
        if (largest != k) {
            size_t kept = order[k];
            order[k] = order[largest];
            order[largest] = kept;
            swap_rows(n, a[k], a[largest]);
            swap_rows(n, l[k], l[largest]);
            sign = -sign;
        }
        for (size_t i = k + 1; i < n && a[k][k] != 0; ++i) {
            l[i][k] = clear(n, a[i], a[k], k);
        }
        l[k][k] = 1;
    }
    return sign;
}

void forward_substitution(size_t n, double l[n][n], const size_t order[n], const double b[n],
                          double y[n]) {
    for (size_t i = 0; i < n; ++i) {
        y[i] = b[order[i]];
        for (size_t j = 0; j < i; ++j) {
            y[i] -= l[i][j] * y[j];
        }
    }
}

bool backward_substitution(size_t n, double u[n][n], const double y[n], double x[n]) {
    for (size_t i = n; i-- > 0;) {
        if (u[i][i] == 0) {
            return false;
        }
        double rest = y[i];
        for (size_t j = i + 1; j < n; ++j) {
            rest -= u[i][j] * x[j];
        }
        x[i] = rest / u[i][i];
    }
    return true;
}

bool solve(size_t n, double l[n][n], double u[n][n], const size_t order[n], const double b[n],
           double x[n]) {
    double y[n];
    forward_substitution(n, l, order, b, y);
    return backward_substitution(n, u, y, x);
}

bool inverse(size_t n, double augmented[n][2 * n]) {
    if (gaussian_elimination(n, 2 * n, augmented, n) < n) {
        return false;
    }
    gauss_jordan(n, 2 * n, augmented, n);
    return true;
}

// Mantissas and powers of two are multiplied apart: 1e200 times 1e200 times 1e-300 is 1e100,
// although the first product is beyond the doubles.
double determinant(size_t n, double u[n][n], int sign) {
    double mantissa = sign;
    int exponent = 0;
    for (size_t k = 0; k < n; ++k) {
        int power, carry;
        double fraction = frexp(u[k][k], &power);
        mantissa = frexp(mantissa * fraction, &carry);
        exponent += power + carry;
    }
    return ldexp(mantissa, exponent);
}

size_t rank(size_t rows, size_t columns, double a[rows][columns]) {
    return gaussian_elimination(rows, columns, a, columns);
}
