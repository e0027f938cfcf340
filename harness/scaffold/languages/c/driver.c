/* Reads linear systems from standard input, passes them to elimination.c, and prints the
 * results. docs/protocol.md describes both sides.
 *
 * The program is included, so that its static functions can be called too. Its own main gets
 * another name. */
#define main main_of_the_program
#include "elimination.c"
#undef main

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options of AddressSanitizer: no search for leaks at the end, which a container does not
 * permit, and at most 16 MB of freed memory in quarantine. */
const char *__asan_default_options(void) {
    return "detect_leaks=0:quarantine_size_mb=16:print_legend=0";
}

/* Memory for exactly `count` numbers. An access outside it ends the process. */
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
            fprintf(stderr, "%zu numbers were promised, %zu came\n", count, i);
            exit(1);
        }
    }
    return numbers;
}

/* 17 significant digits determine a double exactly. */
static void print_rows(const double *numbers, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < columns; ++j) {
            printf(j == 0 ? "%.17g" : " %.17g", numbers[i * columns + j]);
        }
        printf("\n");
    }
    fflush(stdout);
}

static void print_matrix(const char *label, const double *a, size_t rows, size_t columns) {
    printf("%s %zu %zu\n", label, rows, columns);
    print_rows(a, rows, columns);
}

static void print_reduced(const double *echelon, size_t rows, size_t columns) {
    double *reduced = copy_of(echelon, rows * columns);
    gauss_jordan(reduced, rows, columns);
    print_matrix("reduced", reduced, rows, columns);
    free(reduced);
}

/* One number for each unknown, NaN until the program sets it. */
static void print_solution(const double *echelon, size_t rows, size_t columns) {
    size_t unknowns = columns - 1;
    double *copy = copy_of(echelon, rows * columns);
    double *x = allocate(unknowns);
    for (size_t i = 0; i < unknowns; ++i) {
        x[i] = NAN;
    }
    back_substitution(copy, x, rows, columns);
    printf("solution %zu\n", unknowns);
    print_rows(x, unknowns, 1);
    free(x);
    free(copy);
}

int main(void) {
    char name[256];
    size_t rows, columns, right_hand_sides;

    /* Line-buffered, so that output before a crash is not lost. */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    while (scanf(" case %255s %zu %zu %zu", name, &rows, &columns, &right_hand_sides) == 4) {
        fprintf(stderr, "case %s\n", name);
        printf("case %s\n", name);
        double *a = read_numbers(rows * columns);
        gaussian_elimination(a, rows, columns);
        print_matrix("echelon", a, rows, columns);
        print_reduced(a, rows, columns);
        print_solution(a, rows, columns);
        printf("end %s\n", name);
        free(a);
    }
    return 0;
}
