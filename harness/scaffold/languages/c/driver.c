/* Reads linear systems from standard input, passes them to @{ listing }@, and prints the
 * results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
 * program.
 *
 * The program is included, so that its static functions can be called too. Its own main gets
 * another name. Where it calls exit, the driver goes on with the next procedure. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void driver_exit(int status);
#define main main_of_the_program
#define exit driver_exit
#include "@{ listing }@"
#undef exit
#undef main

double *driver_numbers(size_t count);
const char *driver_status(int status);
double **driver_rows(double *a, size_t rows, size_t columns);
void driver_permutation(const size_t *order, size_t n, double *p);

/* The calls of the program. A matrix is stored row after row: a[i * columns + j]. Each call gets
 * copies, which the program may change. A function here returns NULL where it has an answer, and
 * otherwise what the program returned; the driver then prints `refused PROCEDURE returned …`:
 *     return driver_status(solve(a, b, x, n));                it returns 0, or -1 for no answer
 *     double *result = solve(a, b, n);                        it returns NULL
 *     if (result == NULL) return "returned NULL";
 *     memcpy(x, result, n * sizeof *x);
 *     return NULL;
 *     return driver_status(solve(driver_rows(a, n, n), b, x, n));   its matrix is a double **
 * For `double a[MAX][MAX]`, copy the entries. */
%% if gaussian_elimination

/* ADAPT: the row echelon form of M = [A | B] in its place; the first columns are the unknowns' */
static const char *driver_gaussian_elimination(double *m, size_t rows, size_t columns, size_t unknowns) {
    gaussian_elimination(m, rows, columns, unknowns);
    return NULL;
}
%% endif
%% if gauss_jordan

/* ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form," if gaussian_elimination else " = [A | B]" }@ in its place */
static const char *driver_gauss_jordan(double *m, size_t rows, size_t columns, size_t unknowns) {
    gauss_jordan(m, rows, columns, unknowns);
    return NULL;
}
%% endif
%% if back_substitution

/* ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@ */
static const char *driver_back_substitution(double *m, double *x, size_t rows, size_t unknowns) {
    return back_substitution(m, x, rows, unknowns + 1) ? NULL : "returned 0";
}
%% endif
%% if lu

/* ADAPT: P, L and U with P A = L U */
static const char *driver_lu(double *a, size_t n, double *p, double *l, double *u) {
    size_t order[n];
    lu(a, l, order, n);
    driver_permutation(order, n, p);
    memcpy(u, a, n * n * sizeof *u);
    return NULL;
}
%% endif
%% if forward_substitution

/* ADAPT: the solution y of L y = b */
static const char *driver_forward_substitution(double *l, double *b, double *y, size_t rows, size_t n) {
    forward_substitution(l, b, y, n);
    return NULL;
}
%% endif
%% if backward_substitution

/* ADAPT: the solution x of U x = y */
static const char *driver_backward_substitution(double *u, double *y, double *x, size_t rows, size_t n) {
    return backward_substitution(u, y, x, n) ? NULL : "returned 0";
}
%% endif
%% if solve

/* ADAPT: the solution x of A x = b */
static const char *driver_solve(double *a, double *b, double *x, size_t rows, size_t n) {
    return solve(a, b, x, n) ? NULL : "returned 0";
}
%% endif
%% if inverse

/* ADAPT: the inverse of A */
static const char *driver_inverse(double *a, double *result, size_t rows, size_t n) {
    return inverse(a, result, n) ? NULL : "returned 0";
}
%% endif
%% if determinant

/* ADAPT: the determinant of A */
static const char *driver_determinant(double *a, double *result, size_t rows, size_t n) {
    *result = determinant(a, n);
    return NULL;
}
%% endif
%% if log_determinant

/* ADAPT: the sign of the determinant of A in result[0], the logarithm of its magnitude in [1] */
static const char *driver_log_determinant(double *a, double *result, size_t rows, size_t n) {
    result[0] = log_determinant(a, &result[1], n);
    return NULL;
}
%% endif
%% if rank

/* ADAPT: the rank of A */
static const char *driver_rank(double *a, double *result, size_t rows, size_t columns) {
    *result = rank(a, rows, columns);
    return NULL;
}
%% endif
%% if tridiagonal

/* ADAPT: the solution x of A x = b, from the diagonals of A */
static const char *driver_tridiagonal(double *a, double *b, double *x, size_t rows, size_t n) {
    double below[n], diagonal[n], above[n];
    for (size_t i = 0; i < n; ++i) {
        below[i] = i > 0 ? a[i * n + i - 1] : 0;
        diagonal[i] = a[i * n + i];
        above[i] = i + 1 < n ? a[i * n + i + 1] : 0;
    }
    return tridiagonal(below, diagonal, above, b, x, n) ? NULL : "returned 0";
}
%% endif
%% if cholesky

/* ADAPT: L with A = L Lᵀ */
static const char *driver_cholesky(double *a, double *l, size_t rows, size_t n) {
    return cholesky(a, l, n) ? NULL : "returned 0";
}
%% endif
%% if least_squares

/* ADAPT: the x with the smallest residual b - A x */
static const char *driver_least_squares(double *a, double *b, double *x, size_t rows, size_t n) {
    return least_squares(a, b, x, rows, n) ? NULL : "returned 0";
}
%% endif
%% if conjugate_gradient

/* ADAPT: the solution x of A x = b for a positive definite A */
static const char *driver_conjugate_gradient(double *a, double *b, double *x, size_t rows, size_t n) {
    return conjugate_gradient(a, b, x, n) ? NULL : "returned 0";
}
%% endif

/* From here on, nothing depends on the program. */

/* Options of AddressSanitizer: no search for leaks at the end, which a container does not
 * permit, and at most 16 MB of freed memory in quarantine. */
const char *__asan_default_options(void) {
    return "detect_leaks=0:quarantine_size_mb=16:print_legend=0";
}

static void **driver_blocks;
static size_t driver_block_count;

/* Memory that is kept until the end of the case. */
static void *driver_allocate(size_t size) {
    driver_blocks = realloc(driver_blocks, (driver_block_count + 1) * sizeof *driver_blocks);
    void *block = malloc(size);
    if (driver_blocks == NULL || block == NULL) {
        fprintf(stderr, "out of memory\n");
        abort();
    }
    return driver_blocks[driver_block_count++] = block;
}

static void driver_free_all(void) {
    while (driver_block_count > 0) {
        free(driver_blocks[--driver_block_count]);
    }
}

/* Exactly so many numbers, which are NaN: an access outside of them ends the process. */
double *driver_numbers(size_t count) {
    double *numbers = driver_allocate(count * sizeof *numbers);
    for (size_t i = 0; i < count; ++i) {
        numbers[i] = NAN;
    }
    return numbers;
}

/* The rows of a matrix, as pointers into it. */
double **driver_rows(double *a, size_t rows, size_t columns) {
    double **pointers = driver_allocate(rows * sizeof *pointers);
    for (size_t i = 0; i < rows; ++i) {
        pointers[i] = a + i * columns;
    }
    return pointers;
}

/* P with P A = (the rows of A in that order). */
void driver_permutation(const size_t *order, size_t n, double *p) {
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            p[i * n + j] = order[i] == j;
        }
    }
}

static double *driver_copy(const double *numbers, size_t count) {
    return memcpy(driver_numbers(count), numbers, count * sizeof *numbers);
}

/* 17 significant digits determine a double exactly. Without columns it is a vector. */
static bool driver_print(const char *label, const double *numbers, size_t rows, size_t columns) {
    printf(columns > 0 ? "%s %zu %zu\n" : "%s %zu\n", label, rows, columns);
    size_t width = columns > 0 ? columns : 1;
    for (size_t i = 0; i < rows * width; ++i) {
        printf("%.17g%c", numbers[i], (i + 1) % width == 0 ? '\n' : ' ');
    }
    fflush(stdout);
    return true;
}

static jmp_buf driver_stop;
static int driver_exit_status;

_Noreturn void driver_exit(int status) {
    driver_exit_status = status;
    longjmp(driver_stop, 1);
}

/* What a program returned that is not 0; NULL for 0. */
const char *driver_status(int status) {
    static char text[40];
    snprintf(text, sizeof text, "returned %d", status);
    return status == 0 ? NULL : text;
}

static bool driver_refuse(const char *procedure, const char *reason) {
    printf("refused %s %s\n", procedure, reason);
    fflush(stdout);
    return false;
}

static bool driver_report_exit(const char *procedure) {
    printf("failed %s exit(%d)\n", procedure, driver_exit_status);
    fflush(stdout);
    return false;
}

/* The case. */
static struct {
    size_t rows, columns, unknowns, sides;
    const double *system, *a, *b;
} driver;

/* Prints so many rows and columns that the call makes of a matrix with `size` entries. */
static bool driver_map(const char *procedure, const char *label,
                       const char *(*call)(double *, double *, size_t, size_t), const double *a,
                       size_t size, size_t rows, size_t columns) {
    double *result = driver_numbers(rows * (columns > 0 ? columns : 1));
    if (setjmp(driver_stop) != 0) {
        return driver_report_exit(procedure);
    }
    const char *reason = call(driver_copy(a, size), result, driver.rows, driver.unknowns);
    if (reason != NULL) {
        return driver_refuse(procedure, reason);
    }
    return driver_print(label, result, rows, columns);
}

/* Prints and returns the solutions for each column of B; NULL where there are none. */
static double *driver_solve_each(const char *procedure, const char *label,
                                 const char *(*call)(double *, double *, double *, size_t, size_t),
                                 const double *a, const double *b) {
    size_t rows = driver.rows, n = driver.unknowns, sides = driver.sides;
    double *result = driver_numbers(n * sides);
    if (setjmp(driver_stop) != 0) {
        driver_report_exit(procedure);
        return NULL;
    }
    for (size_t k = 0; k < sides; ++k) {
        double *right = driver_numbers(rows), *x = driver_numbers(n);
        for (size_t i = 0; i < rows; ++i) {
            right[i] = b[i * sides + k];
        }
        const char *reason = call(driver_copy(a, rows * n), right, x, rows, n);
        if (reason != NULL) {
            driver_refuse(procedure, reason);
            return NULL;
        }
        for (size_t i = 0; i < n; ++i) {
            result[i * sides + k] = x[i];
        }
    }
    /* One procedure has one right-hand side only, so its result is a vector. */
    bool is_vector = strcmp(label, "conjugate_gradient") == 0;
    driver_print(label, result, n, is_vector ? 0 : sides);
    return result;
}
%% if gaussian_elimination or gauss_jordan

/* Prints and returns what the call makes of [A | B]; NULL where it makes nothing. */
static double *driver_eliminate(const char *procedure, const char *label,
                                const char *(*call)(double *, size_t, size_t, size_t),
                                const double *system) {
    double *m = driver_copy(system, driver.rows * driver.columns);
    if (setjmp(driver_stop) != 0) {
        driver_report_exit(procedure);
        return NULL;
    }
    const char *reason = call(m, driver.rows, driver.columns, driver.unknowns);
    if (reason != NULL) {
        driver_refuse(procedure, reason);
        return NULL;
    }
    driver_print(label, m, driver.rows, driver.columns);
    return m;
}
%% endif
%% if lu or forward_substitution or backward_substitution

static void driver_factor(void) {
    size_t n = driver.unknowns;
    double *p = driver_numbers(n * n), *l = driver_numbers(n * n), *u = driver_numbers(n * n);
%% if lu
    if (setjmp(driver_stop) != 0) {
        driver_report_exit("lu");
        return;
    }
    const char *reason = driver_lu(driver_copy(driver.a, n * n), n, p, l, u);
    if (reason != NULL) {
        driver_refuse("lu", reason);
        return;
    }
    driver_print("permutation", p, n, n);
    driver_print("lower", l, n, n);
    driver_print("upper", u, n, n);
%% else
    /* Without a factorisation, the triangles are those of A. */
    for (size_t i = 0; i < n * n; ++i) {
        p[i] = i / n == i % n;
        l[i] = i / n > i % n ? driver.a[i] : p[i];
        u[i] = i / n > i % n ? 0 : driver.a[i];
    }
%% endif
%% if forward_substitution or backward_substitution
    const double *y = driver.b;
%% endif
%% if forward_substitution
    size_t sides = driver.sides;
    double *pb = driver_numbers(n * sides);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            if (p[i * n + j] != 0) {
                memcpy(pb + i * sides, driver.b + j * sides, sides * sizeof *pb);
            }
        }
    }
    y = driver_solve_each("forward_substitution", "forward", driver_forward_substitution, l, pb);
%% endif
%% if backward_substitution
    if (y != NULL) {
        driver_solve_each("backward_substitution", "backward", driver_backward_substitution, u, y);
    }
%% endif
}
%% endif

static bool driver_fits(bool (*holds)(size_t i, size_t j)) {
    for (size_t i = 0; i < driver.rows; ++i) {
        for (size_t j = 0; j < driver.unknowns; ++j) {
            if (!holds(i, j)) {
                return false;
            }
        }
    }
    return driver.rows == driver.unknowns;
}

static bool driver_mirrors(size_t i, size_t j) {
    size_t n = driver.unknowns;
    return driver.rows == n && driver.a[i * n + j] == driver.a[j * n + i];
}

static bool driver_has_three_diagonals(size_t i, size_t j) {
    return i + 1 >= j && j + 1 >= i ? true : driver.a[i * driver.unknowns + j] == 0;
}

static void driver_answer(void) {
    size_t n = driver.unknowns, size = driver.rows * n;
    bool is_square = driver.rows == n;
%% if cholesky or conjugate_gradient
    bool is_symmetric = driver_fits(driver_mirrors);
%% endif
%% if gaussian_elimination or gauss_jordan or back_substitution
    const double *system = driver.system;
%% endif
%% if gaussian_elimination
    system = driver_eliminate("gaussian_elimination", "echelon", driver_gaussian_elimination, system);
%% endif
%% if gauss_jordan
    if (system != NULL) {
        double *reduced = driver_eliminate("gauss_jordan", "reduced", driver_gauss_jordan, system);
%% if not gaussian_elimination
        system = reduced;
%% endif
    }
%% endif
%% if back_substitution
    if (system != NULL && driver.sides == 1) {
        driver_map("back_substitution", "solution", driver_back_substitution, system,
                   driver.rows * driver.columns, n, 0);
    }
%% endif
%% if lu or forward_substitution or backward_substitution
    if (is_square) {
        driver_factor();
    }
%% endif
%% if solve
    /* Where the program takes other shapes, claim them in port.yaml and leave out the condition. */
    if (is_square) {
        driver_solve_each("solve", "solve", driver_solve, driver.a, driver.b);
    }
%% endif
%% if inverse
    if (is_square) {
        driver_map("inverse", "inverse", driver_inverse, driver.a, size, n, n);
    }
%% endif
%% if determinant
    if (is_square) {
        driver_map("determinant", "determinant", driver_determinant, driver.a, size, 1, 0);
    }
%% endif
%% if log_determinant
    if (is_square) {
        driver_map("log_determinant", "log_determinant", driver_log_determinant, driver.a, size, 2,
                   0);
    }
%% endif
%% if rank
    driver_map("rank", "rank", driver_rank, driver.a, size, 1, 0);
%% endif
%% if tridiagonal
    if (driver_fits(driver_has_three_diagonals)) {
        driver_solve_each("tridiagonal", "tridiagonal", driver_tridiagonal, driver.a, driver.b);
    }
%% endif
%% if cholesky
    if (is_symmetric) {
        driver_map("cholesky", "cholesky", driver_cholesky, driver.a, size, n, n);
    }
%% endif
%% if least_squares
    driver_solve_each("least_squares", "least_squares", driver_least_squares, driver.a, driver.b);
%% endif
%% if conjugate_gradient
    if (is_symmetric && driver.sides == 1) {
        driver_solve_each("conjugate_gradient", "conjugate_gradient", driver_conjugate_gradient,
                          driver.a, driver.b);
    }
%% endif
}

static const double *driver_read(size_t count) {
    double *numbers = driver_numbers(count);
    for (size_t i = 0; i < count; ++i) {
        if (scanf("%lf", &numbers[i]) != 1) {
            fprintf(stderr, "%zu numbers were promised, %zu came\n", count, i);
            abort();
        }
    }
    return numbers;
}

/* The columns of the system from `first` on. */
static const double *driver_columns(size_t first, size_t count) {
    double *part = driver_numbers(driver.rows * count);
    for (size_t i = 0; i < driver.rows; ++i) {
        memcpy(part + i * count, driver.system + i * driver.columns + first, count * sizeof *part);
    }
    return part;
}

int main(void) {
    char name[256];

    /* Line-buffered, so that output before a crash is not lost. */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    while (scanf(" case %255s %zu %zu %zu", name, &driver.rows, &driver.columns, &driver.sides) == 4) {
        fprintf(stderr, "case %s\n", name);
        printf("case %s\n", name);
        driver.unknowns = driver.columns - driver.sides;
        driver.system = driver_read(driver.rows * driver.columns);
        driver.a = driver_columns(0, driver.unknowns);
        driver.b = driver_columns(driver.unknowns, driver.sides);
        driver_answer();
        printf("end %s\n", name);
        driver_free_all();
    }
    return 0;
}
