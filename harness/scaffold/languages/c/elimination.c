/* Linear equations by elimination with partial pivoting: the program under test.
 *
 * Put your own program in place of this one. Where its functions have other names or arguments,
 * change the calls in driver.c.
 *
 * A matrix is stored row after row. An augmented one has the right-hand sides in its last columns.
 * A function that returns an int returns 0 where there is no answer. */
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
%% if gaussian_elimination or gauss_jordan or rank or lu or solve or inverse or determinant or log_determinant

static size_t row_of_largest(const double *a, size_t rows, size_t columns, size_t row,
                             size_t column) {
    size_t largest = row;
    for (size_t i = row + 1; i < rows; ++i) {
        if (fabs(a[i * columns + column]) > fabs(a[largest * columns + column])) {
            largest = i;
        }
    }
    return largest;
}

static void swap_rows(double *a, size_t columns, size_t first, size_t second) {
    for (size_t j = 0; j < columns; ++j) {
        double kept = a[first * columns + j];
        a[first * columns + j] = a[second * columns + j];
        a[second * columns + j] = kept;
    }
}

/* Subtracts a multiple of the pivot row, so that 0 is left in the column. Returns the factor. */
static double clear(double *row, const double *pivot_row, size_t columns, size_t column) {
    double factor = row[column] / pivot_row[column];
    row[column] = 0;
    for (size_t j = column + 1; j < columns; ++j) {
        row[j] -= factor * pivot_row[j];
    }
    return factor;
}
%% endif
%% if gaussian_elimination or gauss_jordan or rank

/* Clears the first columns below their pivots. Returns the number of pivots. */
static size_t eliminate(double *a, size_t rows, size_t columns, size_t unknowns) {
    size_t row = 0;

    for (size_t column = 0; column < unknowns && row < rows; ++column) {
        size_t pivot = row_of_largest(a, rows, columns, row, column);
        if (a[pivot * columns + column] == 0) {
            continue;
        }
        swap_rows(a, columns, row, pivot);
        for (size_t i = row + 1; i < rows; ++i) {
            clear(a + i * columns, a + row * columns, columns, column);
        }
        ++row;
    }
    return row;
}
%% endif
%% if gaussian_elimination

/* Turns the matrix into row echelon form. */
void gaussian_elimination(double *a, size_t rows, size_t columns, size_t unknowns) {
    if (eliminate(a, rows, columns, unknowns) < (rows < unknowns ? rows : unknowns)) {
        printf("The matrix is singular.\n");
    }
}
%% endif
%% if gauss_jordan

%% if gaussian_elimination
/* Turns a matrix in row echelon form into reduced row echelon form. */
void gauss_jordan(double *a, size_t rows, size_t columns, size_t unknowns) {
%% else
/* Turns the matrix into reduced row echelon form. */
void gauss_jordan(double *a, size_t rows, size_t columns, size_t unknowns) {
    eliminate(a, rows, columns, unknowns);
%% endif
    for (size_t row = rows; row-- > 0;) {
        size_t column = 0;
        while (column < unknowns && a[row * columns + column] == 0) {
            ++column;
        }
        if (column == unknowns) {
            continue;
        }
        double pivot = a[row * columns + column];
        for (size_t j = column; j < columns; ++j) {
            a[row * columns + j] /= pivot;
        }
        for (size_t i = 0; i < row; ++i) {
            clear(a + i * columns, a + row * columns, columns, column);
        }
    }
}
%% endif
%% if back_substitution

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

/* Solves a system in row echelon form for its columns - 1 unknowns x. Returns 0 where there is not
 * exactly one solution. */
int back_substitution(const double *a, double *x, size_t rows, size_t columns) {
    size_t unknowns = columns - 1;

    if (!has_one_solution(a, rows, columns)) {
        return 0;
    }
    for (size_t i = unknowns; i-- > 0;) {
        double sum = a[i * columns + unknowns];
        for (size_t j = i + 1; j < unknowns; ++j) {
            sum -= a[i * columns + j] * x[j];
        }
        x[i] = sum / a[i * columns + i];
    }
    return 1;
}
%% endif
%% if lu or solve or inverse or determinant or log_determinant

/* Factors P A = L U. A becomes U, and P is the order of the rows of A. Returns the sign of P. */
int lu(double *a, double *l, size_t *order, size_t n) {
    int sign = 1;

    memset(l, 0, n * n * sizeof *l);
    for (size_t i = 0; i < n; ++i) {
        order[i] = i;
    }
    for (size_t k = 0; k < n; ++k) {
        size_t pivot = row_of_largest(a, n, n, k, k);
        if (pivot != k) {
            size_t kept = order[k];
            order[k] = order[pivot];
            order[pivot] = kept;
            swap_rows(a, n, k, pivot);
            swap_rows(l, n, k, pivot);
            sign = -sign;
        }
        for (size_t i = k + 1; i < n && a[k * n + k] != 0; ++i) {
            l[i * n + k] = clear(a + i * n, a + k * n, n, k);
        }
        l[k * n + k] = 1;
    }
    return sign;
}
%% endif
%% if forward_substitution or solve or inverse

/* Solves L y = b, where L has 1 on its diagonal. */
void forward_substitution(const double *l, const double *b, double *y, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        y[i] = b[i];
        for (size_t j = 0; j < i; ++j) {
            y[i] -= l[i * n + j] * y[j];
        }
    }
}
%% endif
%% if backward_substitution or solve or inverse

/* Solves U x = y. Returns 0 for a singular U. */
int backward_substitution(const double *u, const double *y, double *x, size_t n) {
    for (size_t i = n; i-- > 0;) {
        if (u[i * n + i] == 0) {
            return 0;
        }
        x[i] = y[i];
        for (size_t j = i + 1; j < n; ++j) {
            x[i] -= u[i * n + j] * x[j];
        }
        x[i] /= u[i * n + i];
    }
    return 1;
}
%% endif
%% if solve or inverse

static int solve_factored(const double *l, const double *u, const size_t *order, const double *b,
                          double *x, size_t n) {
    double right[n], y[n];

    for (size_t i = 0; i < n; ++i) {
        right[i] = b[order[i]];
    }
    forward_substitution(l, right, y, n);
    return backward_substitution(u, y, x, n);
}
%% endif
%% if solve

/* Solves A x = b. Returns 0 for a singular A. */
int solve(double *a, const double *b, double *x, size_t n) {
    double l[n * n];
    size_t order[n];

    lu(a, l, order, n);
    return solve_factored(l, a, order, b, x, n);
}
%% endif
%% if inverse

/* Returns 0 for a singular A. */
int inverse(double *a, double *result, size_t n) {
    double l[n * n], unit[n], x[n];
    size_t order[n];

    lu(a, l, order, n);
    for (size_t j = 0; j < n; ++j) {
        for (size_t i = 0; i < n; ++i) {
            unit[i] = i == j;
        }
        if (!solve_factored(l, a, order, unit, x, n)) {
            return 0;
        }
        for (size_t i = 0; i < n; ++i) {
            result[i * n + j] = x[i];
        }
    }
    return 1;
}
%% endif
%% if determinant

/* Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
 * too large or too small for a double. */
double determinant(double *a, size_t n) {
    double l[n * n], mantissa;
    size_t order[n];
    int exponent = 0, power, carry;

    mantissa = lu(a, l, order, n);
    for (size_t k = 0; k < n; ++k) {
        double fraction = frexp(a[k * n + k], &power);
        mantissa = frexp(mantissa * fraction, &carry);
        exponent += power + carry;
    }
    return ldexp(mantissa, exponent);
}
%% endif
%% if log_determinant

/* Returns the sign of the determinant; 0 and the logarithm -infinity where it is 0. */
int log_determinant(double *a, double *logarithm, size_t n) {
    double l[n * n];
    size_t order[n];
    int sign = lu(a, l, order, n);

    *logarithm = 0;
    for (size_t k = 0; k < n; ++k) {
        double pivot = a[k * n + k];
        if (pivot == 0) {
            *logarithm = -INFINITY;
            return 0;
        }
        sign = pivot < 0 ? -sign : sign;
        *logarithm += log(fabs(pivot));
    }
    return sign;
}
%% endif
%% if rank

/* The number of pivots that elimination finds. */
size_t rank(double *a, size_t rows, size_t columns) {
    return eliminate(a, rows, columns, columns);
}
%% endif
%% if tridiagonal

/* Solves a tridiagonal system by the Thomas algorithm, without row swaps; below[i] and above[i] are
 * in row i. Returns 0 for a pivot 0. */
int tridiagonal(const double *below, double *diagonal, const double *above, const double *b,
                double *x, size_t n) {
    x[0] = b[0];
    for (size_t i = 1; i < n; ++i) {
        if (diagonal[i - 1] == 0) {
            return 0;
        }
        double factor = below[i] / diagonal[i - 1];
        diagonal[i] -= factor * above[i - 1];
        x[i] = b[i] - factor * x[i - 1];
    }
    if (diagonal[n - 1] == 0) {
        return 0;
    }
    x[n - 1] /= diagonal[n - 1];
    for (size_t i = n - 1; i-- > 0;) {
        x[i] = (x[i] - above[i] * x[i + 1]) / diagonal[i];
    }
    return 1;
}
%% endif
%% if cholesky

/* Computes L with A = L Lᵀ. Returns 0 where A is not positive definite. */
int cholesky(const double *a, double *l, size_t n) {
    memset(l, 0, n * n * sizeof *l);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j <= i; ++j) {
            double rest = a[i * n + j];
            for (size_t k = 0; k < j; ++k) {
                rest -= l[i * n + k] * l[j * n + k];
            }
            if (i == j && !(rest > 0)) {
                return 0;
            }
            l[i * n + j] = i == j ? sqrt(rest) : rest / l[j * n + j];
        }
    }
    return 1;
}
%% endif
%% if least_squares

/* Reflects column k, from the diagonal down, to a multiple of a unit vector, and b with it. */
static void reflect(double *a, double *b, size_t rows, size_t columns, size_t k) {
    double v[rows], largest = 0, size = 0, square = 0;

    for (size_t i = k; i < rows; ++i) {
        v[i] = a[i * columns + k];
        largest = fmax(largest, fabs(v[i]));
    }
    if (largest == 0) {
        return;
    }
    for (size_t i = k; i < rows; ++i) {
        v[i] /= largest;
        size += v[i] * v[i];
    }
    v[k] += copysign(sqrt(size), v[k]);
    for (size_t i = k; i < rows; ++i) {
        square += v[i] * v[i];
    }
    for (size_t j = k; j <= columns; ++j) {
        double product = 0;
        for (size_t i = k; i < rows; ++i) {
            product += v[i] * (j < columns ? a[i * columns + j] : b[i]);
        }
        for (size_t i = k; i < rows; ++i) {
            *(j < columns ? &a[i * columns + j] : &b[i]) -= 2 * product / square * v[i];
        }
    }
}

/* Computes the x with the smallest residual b - A x. Returns 0 where the columns of A depend on
 * each other, but for rounding. */
int least_squares(double *a, double *b, double *x, size_t rows, size_t columns) {
    double largest = 0, smallest = INFINITY;

    if (rows < columns) {
        return 0;
    }
    for (size_t k = 0; k < columns; ++k) {
        reflect(a, b, rows, columns, k);
        largest = fmax(largest, fabs(a[k * columns + k]));
        smallest = fmin(smallest, fabs(a[k * columns + k]));
    }
    if (!(smallest > (double)rows * DBL_EPSILON * largest)) {
        return 0;
    }
    for (size_t i = columns; i-- > 0;) {
        x[i] = b[i];
        for (size_t j = i + 1; j < columns; ++j) {
            x[i] -= a[i * columns + j] * x[j];
        }
        x[i] /= a[i * columns + i];
    }
    return 1;
}
%% endif
%% if conjugate_gradient

static double dot(const double *x, const double *y, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; ++i) {
        sum += x[i] * y[i];
    }
    return sum;
}

/* Computes an x whose residual is at most 1e-10 times b, for a positive definite A. Returns 0 where
 * A is not positive definite, and after 10n steps. */
int conjugate_gradient(const double *a, const double *b, double *x, size_t n) {
    double residual[n], direction[n], product[n], scale = 0;

    for (size_t i = 0; i < n; ++i) {
        scale = fmax(scale, fabs(b[i]));
    }
    /* The squares of large and small numbers are no doubles. */
    for (size_t i = 0; i < n; ++i) {
        x[i] = 0;
        direction[i] = residual[i] = scale > 0 ? b[i] / scale : 0;
    }
    double square = dot(residual, residual, n), limit = 1e-20 * square;
    for (size_t step = 0; square > limit; ++step) {
        for (size_t i = 0; i < n; ++i) {
            product[i] = dot(a + i * n, direction, n);
        }
        double curvature = dot(direction, product, n);
        if (step == 10 * n || !(curvature > 0)) {
            return 0;
        }
        double length = square / curvature, before = square;
        for (size_t i = 0; i < n; ++i) {
            x[i] += length * direction[i];
            residual[i] -= length * product[i];
        }
        square = dot(residual, residual, n);
        for (size_t i = 0; i < n; ++i) {
            direction[i] = residual[i] + square / before * direction[i];
        }
    }
    for (size_t i = 0; i < n; ++i) {
        x[i] *= scale;
    }
    return square <= limit;
}
%% endif
