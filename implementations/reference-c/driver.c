// Reads linear systems from standard input, has elimination.c work on them, prints what comes out.
// docs/protocol.md describes both sides.
#define _POSIX_C_SOURCE 199309L  // for clock_gettime

#include "elimination.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char singular[] = "The matrix is singular.";
static const char not_definite[] = "The matrix is not positive definite.";

// The relative residual at which conjugate gradients stop; port.yaml promises it.
static const double tolerance = 1e-10;

// What AddressSanitizer is to do: no search for leaks at the end (a container does not permit it),
// no more than 16 MB of freed memory kept aside, reports without a legend.
const char *__asan_default_options(void) {
    return "detect_leaks=0:quarantine_size_mb=16:print_legend=0";
}

// Memory for exactly `count` numbers, so that one step outside of it is seen.
static void *numbers(size_t count) {
    void *memory = malloc(count * sizeof(double));
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

static void *copy_of(const void *source, size_t count) {
    return memcpy(numbers(count), source, count * sizeof(double));
}

static void *transposed(size_t rows, size_t columns, double a[rows][columns]) {
    double(*t)[rows] = numbers(rows * columns);
    for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < columns; ++j) {
            t[j][i] = a[i][j];
        }
    }
    return t;
}

static void read_matrix(size_t rows, size_t columns, double a[rows][columns]) {
    for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < columns; ++j) {
            if (scanf("%lf", &a[i][j]) != 1) {
                fprintf(stderr, "row %zu has no number in column %zu\n", i + 1, j + 1);
                exit(1);
            }
        }
    }
}

static void print_rows(size_t rows, size_t columns, double a[rows][columns]) {
    for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < columns; ++j) {
            printf(j == 0 ? "%.17g" : " %.17g", a[i][j]);
        }
        printf("\n");
    }
    fflush(stdout);
}

static void print_matrix(const char *label, size_t rows, size_t columns, double a[rows][columns]) {
    printf("%s %zu %zu\n", label, rows, columns);
    print_rows(rows, columns, a);
}

static void print_vector(const char *label, size_t length, double *x) {
    printf("%s %zu\n", label, length);
    print_rows(length, 1, (double(*)[1])x);
}

// The same for vectors that stand one after the other: they are the columns of the stage.
static void print_columns(const char *label, size_t n, size_t count, double vectors[count][n]) {
    double(*a)[count] = transposed(count, n, vectors);
    print_matrix(label, n, count, a);
    free(a);
}

static void print_failure(const char *procedure, const char *message) {
    printf("failed %s %s\n", procedure, message);
    fflush(stdout);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void answer_elimination(size_t rows, size_t columns, double system[rows][columns],
                               size_t unknowns) {
    double(*a)[columns] = copy_of(system, rows * columns);
    size_t pivots = gaussian_elimination(rows, columns, a, unknowns);
    if (pivots < rows && pivots < unknowns) {
        printf("%s\n", singular);
    }
    print_matrix("echelon", rows, columns, a);

    double(*reduced)[columns] = copy_of(a, rows * columns);
    gauss_jordan(rows, columns, reduced, unknowns);
    print_matrix("reduced", rows, columns, reduced);
    free(reduced);

    if (columns == unknowns + 1) {
        double *x = numbers(unknowns);
        switch (back_substitution(rows, unknowns, a, x)) {
        case SOLVED:
            print_vector("solution", unknowns, x);
            break;
        case SINGULAR:
            print_failure("back_substitution", singular);
            break;
        case CONTRADICTORY:
            print_failure("back_substitution", "The system has no solution.");
            break;
        }
        print_matrix("input back_substitution", rows, columns, a);
        free(x);
    }
    free(a);
}

static void print_permutation(size_t n, const size_t order[n]) {
    double(*p)[n] = numbers(n * n);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            p[i][j] = order[i] == j;
        }
    }
    print_matrix("permutation", n, n, p);
    free(p);
}

// Prints a square matrix and, beside it, columns that are stored one after the other. Their rows are
// in the order of `order`, unless that is NULL.
static void print_beside(const char *label, size_t n, double a[n][n], size_t count,
                         double columns[count][n], const size_t *order) {
    double(*both)[n + count] = numbers(n * (n + count));
    for (size_t i = 0; i < n; ++i) {
        memcpy(both[i], a[i], n * sizeof(double));
        for (size_t k = 0; k < count; ++k) {
            both[i][n + k] = columns[k][order == NULL ? i : order[i]];
        }
    }
    print_matrix(label, n, n + count, both);
    free(both);
}

// `b` holds `count` right-hand sides, one after the other.
static void answer_factors(size_t n, double matrix[n][n], size_t count, double b[count][n]) {
    double(*u)[n] = copy_of(matrix, n * n);
    double(*l)[n] = numbers(n * n);
    double(*y)[n] = numbers(count * n);
    double(*x)[n] = numbers(count * n);
    size_t order[n];

    lu(n, u, l, order);
    print_permutation(n, order);
    print_matrix("lower", n, n, l);
    print_matrix("upper", n, n, u);
    for (size_t k = 0; k < count; ++k) {
        forward_substitution(n, l, order, b[k], y[k]);
    }
    print_columns("forward", n, count, y);
    print_beside("input forward_substitution", n, l, count, b, order);
    bool regular = true;
    for (size_t k = 0; k < count; ++k) {
        regular = regular && backward_substitution(n, u, y[k], x[k]);
    }
    if (regular) {
        print_columns("backward", n, count, x);
    } else {
        print_failure("backward_substitution", singular);
    }
    print_beside("input backward_substitution", n, u, count, y, NULL);
    free(x);
    free(y);
    free(l);
    free(u);
}

// The first of the measured times takes in the factorisation.
static void answer_solve(size_t n, double matrix[n][n], size_t count, double b[count][n]) {
    double(*u)[n] = copy_of(matrix, n * n);
    double(*l)[n] = numbers(n * n);
    double(*x)[n] = numbers(count * n);
    double *seconds = numbers(count);
    size_t order[n];

    bool regular = true;
    for (size_t k = 0; k < count; ++k) {
        double start = seconds_now();
        if (k == 0) {
            lu(n, u, l, order);
        }
        regular = regular && solve(n, l, u, order, b[k], x[k]);
        seconds[k] = seconds_now() - start;
    }
    if (regular) {
        print_columns("solve", n, count, x);
        print_vector("seconds", count, seconds);
    } else {
        print_failure("solve", singular);
    }
    free(seconds);
    free(x);
    free(l);
    free(u);
}

static void answer_inverse(size_t n, double matrix[n][n]) {
    double(*augmented)[2 * n] = numbers(2 * n * n);
    double(*x)[n] = numbers(n * n);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            augmented[i][j] = matrix[i][j];
            augmented[i][n + j] = i == j;
        }
    }
    if (inverse(n, augmented)) {
        for (size_t i = 0; i < n; ++i) {
            memcpy(x[i], &augmented[i][n], n * sizeof(double));
        }
        print_matrix("inverse", n, n, x);
    } else {
        print_failure("inverse", singular);
    }
    free(x);
    free(augmented);
}

static void answer_determinant(size_t n, double matrix[n][n]) {
    double(*u)[n] = copy_of(matrix, n * n);
    double(*l)[n] = numbers(n * n);
    size_t order[n];
    int sign = lu(n, u, l, order);
    double value = determinant(n, u, sign);
    print_vector("determinant", 1, &value);
    free(l);
    free(u);
}

static void answer_log_determinant(size_t n, double matrix[n][n]) {
    double(*u)[n] = copy_of(matrix, n * n);
    double(*l)[n] = numbers(n * n);
    size_t order[n];
    int sign = lu(n, u, l, order);
    double logarithm = log_determinant(n, u, &sign);
    print_vector("log_determinant", 2, (double[]){sign, logarithm});
    free(l);
    free(u);
}

static bool is_tridiagonal(size_t n, double a[n][n]) {
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            if (a[i][j] != 0 && (i > j + 1 || j > i + 1)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_symmetric(size_t n, double a[n][n]) {
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < i; ++j) {
            if (a[i][j] != a[j][i]) {
                return false;
            }
        }
    }
    return true;
}

static void answer_tridiagonal(size_t n, double matrix[n][n], size_t count, double b[count][n]) {
    double(*a)[n] = copy_of(matrix, n * n);
    double(*x)[n] = copy_of(b, count * n);
    if (tridiagonal(n, a, count, x)) {
        print_columns("tridiagonal", n, count, x);
    } else {
        print_failure("tridiagonal", "A pivot is 0, and rows are not swapped.");
    }
    free(x);
    free(a);
}

// Hands over a matrix with NaN above the diagonal, which must not be read.
static void answer_cholesky(size_t n, double matrix[n][n]) {
    double(*half)[n] = copy_of(matrix, n * n);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = i + 1; j < n; ++j) {
            half[i][j] = NAN;
        }
    }
    double(*lower)[n] = copy_of(half, n * n);
    if (cholesky(n, lower)) {
        print_matrix("cholesky", n, n, lower);
    } else {
        print_failure("cholesky", not_definite);
    }
    print_matrix("input cholesky", n, n, half);
    free(lower);
    free(half);
}

static void answer_least_squares(size_t rows, size_t columns, double system[rows][columns],
                                 size_t unknowns) {
    double(*a)[columns] = copy_of(system, rows * columns);
    double(*x)[unknowns] = numbers((columns - unknowns) * unknowns);
    if (least_squares(rows, columns, a, unknowns, x)) {
        print_columns("least_squares", unknowns, columns - unknowns, x);
    } else {
        print_failure("least_squares", singular);
    }
    free(x);
    free(a);
}

static void answer_conjugate_gradient(size_t n, double matrix[n][n], double b[n]) {
    double *x = numbers(n);
    switch (conjugate_gradient(n, matrix, b, tolerance, x)) {
    case CONVERGED:
        print_vector("conjugate_gradient", n, x);
        break;
    case NOT_DEFINITE:
        print_failure("conjugate_gradient", not_definite);
        break;
    case NOT_CONVERGED:
        print_failure("conjugate_gradient", "The iteration does not converge.");
        break;
    }
    free(x);
}

static void answer_rank(size_t rows, size_t columns, double matrix[rows][columns]) {
    double(*a)[columns] = copy_of(matrix, rows * columns);
    printf("rank 1\n%zu\n", rank(rows, columns, a));
    fflush(stdout);
    free(a);
}

static void answer(size_t rows, size_t columns, double system[rows][columns], size_t unknowns) {
    size_t count = columns - unknowns;
    double(*t)[rows] = transposed(rows, columns, system);
    double(*matrix)[unknowns] = transposed(unknowns, rows, t);
    double(*b)[rows] = t + unknowns;

    answer_elimination(rows, columns, system, unknowns);
    if (rows == unknowns) {
        answer_factors(rows, matrix, count, b);
        answer_solve(rows, matrix, count, b);
        answer_inverse(rows, matrix);
        answer_determinant(rows, matrix);
        answer_log_determinant(rows, matrix);
    }
    answer_rank(rows, unknowns, matrix);
    if (rows == unknowns && is_tridiagonal(rows, matrix)) {
        answer_tridiagonal(rows, matrix, count, b);
    }
    bool symmetric = rows == unknowns && is_symmetric(rows, matrix);
    if (symmetric) {
        answer_cholesky(rows, matrix);
    }
    answer_least_squares(rows, columns, system, unknowns);
    if (symmetric && count == 1) {
        answer_conjugate_gradient(rows, matrix, b[0]);
    }
    free(matrix);
    free(t);
}

int main(void) {
    char name[256];
    size_t rows, columns, right_hand_sides;

    while (scanf(" case %255s %zu %zu %zu", name, &rows, &columns, &right_hand_sides) == 4) {
        fprintf(stderr, "case %s\n", name);
        printf("case %s\n", name);
        fflush(stdout);
        double(*system)[columns] = numbers(rows * columns);
        read_matrix(rows, columns, system);
        answer(rows, columns, system, columns - right_hand_sides);
        printf("end %s\n", name);
        fflush(stdout);
        free(system);
    }
    return 0;
}
