#include "elimination.h"

#include <float.h>
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

double log_determinant(size_t n, double u[n][n], int *sign) {
    double logarithm = 0;
    for (size_t k = 0; k < n; ++k) {
        if (u[k][k] == 0) {
            *sign = 0;
            return -INFINITY;
        }
        *sign = u[k][k] < 0 ? -*sign : *sign;
        logarithm += log(fabs(u[k][k]));
    }
    return logarithm;
}

size_t rank(size_t rows, size_t columns, double a[rows][columns]) {
    return gaussian_elimination(rows, columns, a, columns);
}

bool tridiagonal(size_t n, double a[n][n], size_t count, double b[count][n]) {
    for (size_t i = 1; i < n; ++i) {
        if (a[i - 1][i - 1] == 0) {
            return false;
        }
        double multiplier = a[i][i - 1] / a[i - 1][i - 1];
        a[i][i] -= multiplier * a[i - 1][i];
        for (size_t k = 0; k < count; ++k) {
            b[k][i] -= multiplier * b[k][i - 1];
        }
    }
    if (a[n - 1][n - 1] == 0) {
        return false;
    }
    for (size_t k = 0; k < count; ++k) {
        b[k][n - 1] /= a[n - 1][n - 1];
        for (size_t i = n - 1; i-- > 0;) {
            b[k][i] = (b[k][i] - a[i][i + 1] * b[k][i + 1]) / a[i][i];
        }
    }
    return true;
}

bool cholesky(size_t n, double a[n][n]) {
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j <= i; ++j) {
            double rest = a[i][j];
            for (size_t k = 0; k < j; ++k) {
                rest -= a[i][k] * a[j][k];
            }
            if (i == j && !(rest > 0)) {
                return false;
            }
            a[i][j] = i == j ? sqrt(rest) : rest / a[j][j];
        }
        for (size_t j = i + 1; j < n; ++j) {
            a[i][j] = 0;
        }
    }
    return true;
}

// A reflection turns column k, from the diagonal down, into a multiple of a unit vector. The sign of
// the vector's first entry is the one with which no digits cancel.
static void reflect(size_t rows, size_t columns, double a[rows][columns], size_t k) {
    double v[rows], size = 0, square = 0;
    for (size_t i = k; i < rows; ++i) {
        v[i] = a[i][k];
        size = hypot(size, v[i]);
    }
    if (size == 0) {
        return;
    }
    v[k] += copysign(size, v[k]);
    for (size_t i = k; i < rows; ++i) {
        square += v[i] * v[i];
    }
    for (size_t j = k; j < columns; ++j) {
        double product = 0;
        for (size_t i = k; i < rows; ++i) {
            product += v[i] * a[i][j];
        }
        for (size_t i = k; i < rows; ++i) {
            a[i][j] -= 2 * product / square * v[i];
        }
    }
}

bool least_squares(size_t rows, size_t columns, double a[rows][columns], size_t unknowns,
                   double x[columns - unknowns][unknowns]) {
    if (rows < unknowns) {
        return false;
    }
    double largest = 0, smallest = INFINITY;
    for (size_t k = 0; k < unknowns; ++k) {
        reflect(rows, columns, a, k);
        largest = fmax(largest, fabs(a[k][k]));
        smallest = fmin(smallest, fabs(a[k][k]));
    }
    if (!(smallest > (double)rows * DBL_EPSILON * largest)) {
        return false;
    }
    for (size_t k = 0; k < columns - unknowns; ++k) {
        for (size_t i = unknowns; i-- > 0;) {
            double rest = a[i][unknowns + k];
            for (size_t j = i + 1; j < unknowns; ++j) {
                rest -= a[i][j] * x[k][j];
            }
            x[k][i] = rest / a[i][i];
        }
    }
    return true;
}

static double dot(size_t n, const double x[n], const double y[n]) {
    double sum = 0;
    for (size_t i = 0; i < n; ++i) {
        sum += x[i] * y[i];
    }
    return sum;
}

// The right-hand side is scaled, because the squares of large and small numbers leave the doubles.
Convergence conjugate_gradient(size_t n, double a[n][n], const double b[n], double tolerance,
                               double x[n]) {
    double residual[n], direction[n], product[n], scale = 0;
    for (size_t i = 0; i < n; ++i) {
        scale = fmax(scale, fabs(b[i]));
    }
    for (size_t i = 0; i < n; ++i) {
        x[i] = 0;
        direction[i] = residual[i] = scale == 0 ? 0 : b[i] / scale;
    }
    double square = dot(n, residual, residual);
    double limit = tolerance * tolerance * square;
    for (size_t step = 0; square > limit; ++step) {
        if (step == 10 * n) {
            return NOT_CONVERGED;
        }
        for (size_t i = 0; i < n; ++i) {
            product[i] = dot(n, a[i], direction);
        }
        double curvature = dot(n, direction, product);
        if (!(curvature > 0)) {
            return NOT_DEFINITE;
        }
        double length = square / curvature, before = square;
        for (size_t i = 0; i < n; ++i) {
            x[i] += length * direction[i];
            residual[i] -= length * product[i];
        }
        square = dot(n, residual, residual);
        for (size_t i = 0; i < n; ++i) {
            direction[i] = residual[i] + square / before * direction[i];
        }
    }
    for (size_t i = 0; i < n; ++i) {
        x[i] *= scale;
    }
    return CONVERGED;
}
