/* Linear equations, with a main that asks for a system. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX 200

static double *copy(const double *a, int count)
{
    double *result = malloc(count * sizeof(double));
    for (int i = 0; i < count; i++) result[i] = a[i];
    return result;
}

/* Returns -1 for a singular matrix. */
int gauss(double **a, double *b, int n)
{
    for (int k = 0; k < n; k++) {
        int p = k;
        for (int i = k + 1; i < n; i++) if (fabs(a[i][k]) > fabs(a[p][k])) p = i;
        if (fabs(a[p][k]) < 1e-12) return -1;
        double *row = a[k]; a[k] = a[p]; a[p] = row;
        double value = b[k]; b[k] = b[p]; b[p] = value;
        for (int i = 0; i < n; i++) {
            if (i == k) continue;
            double f = a[i][k] / a[k][k];
            for (int j = k; j < n; j++) a[i][j] -= f * a[k][j];
            b[i] -= f * b[k];
        }
    }
    for (int k = 0; k < n; k++) b[k] /= a[k][k];
    return 0;
}

/* Returns NULL for a singular matrix. */
double *invert(const double *a, int n)
{
    double *result = malloc(n * n * sizeof(double));
    for (int j = 0; j < n; j++) {
        double *m = copy(a, n * n), *rows[MAX], e[MAX];
        for (int i = 0; i < n; i++) { rows[i] = m + i * n; e[i] = i == j; }
        int status = gauss(rows, e, n);
        free(m);
        if (status != 0) { free(result); return NULL; }
        for (int i = 0; i < n; i++) result[i * n + j] = e[i];
    }
    return result;
}

static double expand(double a[MAX][MAX], int n)
{
    static double m[8][MAX][MAX];
    double sum = 0;
    if (n == 1) return a[0][0];
    for (int c = 0; c < n; c++) {
        for (int i = 1; i < n; i++)
            for (int j = 0, k = 0; j < n; j++) if (j != c) m[n][i - 1][k++] = a[i][j];
        sum += (c % 2 ? -1 : 1) * a[0][c] * expand(m[n], n - 1);
    }
    return sum;
}

/* Ends the program for a singular matrix. */
double det(double a[MAX][MAX], int n)
{
    double value = expand(a, n);
    if (value == 0) {
        fprintf(stderr, "The matrix is singular!\n");
        exit(EXIT_FAILURE);
    }
    return value;
}

int main()
{
    int n;
    printf("How many unknowns? ");
    if (scanf("%d", &n) != 1) exit(2);
    return 0;
}
