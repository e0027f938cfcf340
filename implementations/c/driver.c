// Reads linear systems from standard input, has gaussian_elimination.c work on them, prints what
// comes out. docs/protocol.md describes both sides.
#define main published_main
#include "gaussian_elimination.c"
#undef main

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What AddressSanitizer is to do: no search for leaks at the end (a container does not permit it),
// no more than 16 MB of freed memory kept aside, reports without a legend.
const char *__asan_default_options(void) {
    return "detect_leaks=0:quarantine_size_mb=16:print_legend=0";
}

// Called where a sanitizer is about to end the process: what the listing printed before is then seen.
// A plain build has no such function.
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));

static void print_what_is_buffered(void) {
    fflush(stdout);
}

// Memory for exactly `count` numbers, so that one step outside of it is seen.
static double *allocate(size_t count) {
    double *numbers = malloc(count * sizeof(double));
    if (numbers == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return numbers;
}

static double *copy_of(const double *numbers, size_t count) {
    return memcpy(allocate(count), numbers, count * sizeof(double));
}

static double *read_numbers(size_t count) {
    double *numbers = allocate(count);
    for (size_t i = 0; i < count; ++i) {
        if (scanf("%lf", &numbers[i]) != 1) {
            fprintf(stderr, "expected %zu numbers, found %zu\n", count, i);
            exit(1);
        }
    }
    return numbers;
}

static void print_rows(const double *numbers, size_t rows, size_t cols) {
    for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < cols; ++j) {
            printf(j == 0 ? "%.17g" : " %.17g", numbers[i * cols + j]);
        }
        printf("\n");
    }
}

static void print_matrix(const char *label, const double *a, size_t rows, size_t cols) {
    printf("%s %zu %zu\n", label, rows, cols);
    print_rows(a, rows, cols);
    fflush(stdout);
}

static void print_reduced(const double *echelon, size_t rows, size_t cols) {
    double *reduced = copy_of(echelon, rows * cols);
    gauss_jordan(reduced, rows, cols);
    print_matrix("reduced", reduced, rows, cols);
    free(reduced);
}

// One entry for each unknown, NaN until the listing fills it.
static void print_solution(const double *echelon, size_t rows, size_t cols) {
    size_t unknowns = cols - 1;
    double *a = copy_of(echelon, rows * cols);
    double *x = allocate(unknowns);
    for (size_t i = 0; i < unknowns; ++i) {
        x[i] = NAN;
    }
    back_substitution(a, x, rows, cols);
    printf("solution %zu\n", unknowns);
    print_rows(x, unknowns, 1);
    free(x);
    free(a);
}

int main(void) {
    char name[256];
    size_t rows, cols, rhs;

    if (__sanitizer_set_death_callback != NULL) {
        __sanitizer_set_death_callback(print_what_is_buffered);
    }
    while (scanf(" case %255s %zu %zu %zu", name, &rows, &cols, &rhs) == 4) {
        fprintf(stderr, "case %s\n", name);
        printf("case %s\n", name);
        double *a = read_numbers(rows * cols);
        gaussian_elimination(a, rows, cols);
        print_matrix("echelon", a, rows, cols);
        print_reduced(a, rows, cols);
        print_solution(a, rows, cols);
        printf("end %s\n", name);
        fflush(stdout);
        free(a);
    }
    return 0;
}
