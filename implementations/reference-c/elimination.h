// Gaussian elimination and what is built on it, in plain C.
//
// A matrix is an array of rows, and rows and columns are counted from 0. An *augmented* matrix
// [A | B] is that of the equations A X = B: its first columns are the coefficients A, one for each
// unknown; the columns behind them are right-hand sides. Every size is at least 1.
#ifndef ELIMINATION_H
#define ELIMINATION_H

#include <stdbool.h>
#include <stddef.h>

// Makes the row echelon form of a matrix, in place: each row begins further right than the one
// above it. No pivot is looked for among right-hand sides. Returns how many pivots there are.
size_t gaussian_elimination(size_t rows, size_t columns, double a[rows][columns], size_t unknowns);

// Makes the reduced row echelon form of a matrix in row echelon form, in place: each pivot is 1,
// and alone in its column.
void gauss_jordan(size_t rows, size_t columns, double a[rows][columns], size_t unknowns);

typedef enum { SOLVED, SINGULAR, CONTRADICTORY } Outcome;

// Finds the solution x of a system in row echelon form, with one right-hand side: its last column.
// SINGULAR says that there are fewer pivots than unknowns, CONTRADICTORY that a row reads 0 = 1.
Outcome back_substitution(size_t rows, size_t unknowns, double a[rows][unknowns + 1],
                          double x[unknowns]);

// Takes a square matrix A apart, so that P A = L U, also where it is singular. `a` becomes U, `l`
// becomes L: 1 on its diagonal, 0 above it, and below it multipliers, of magnitude 1 at most. Row i
// of P A is row order[i] of A. Returns the determinant of P: 1 or -1.
int lu(size_t n, double a[n][n], double l[n][n], size_t order[n]);

// Finds the solution y of L y = P b, where L has 1 on its diagonal.
void forward_substitution(size_t n, double l[n][n], const size_t order[n], const double b[n],
                          double y[n]);

// Finds the solution x of U x = y; false where a pivot is 0.
bool backward_substitution(size_t n, double u[n][n], const double y[n], double x[n]);

// Finds the solution x of A x = b from the factors of A; false where A is singular. Factoring takes
// some n^3/3 multiplications, this only n^2 for each right-hand side.
bool solve(size_t n, double l[n][n], double u[n][n], const size_t order[n], const double b[n],
           double x[n]);

// Makes [A | I] into [I | X], where X is the inverse of A; false where A is singular.
bool inverse(size_t n, double augmented[n][2 * n]);

// Finds the determinant from U and the determinant of P. It is infinite only where it is itself
// beyond the doubles.
double determinant(size_t n, double u[n][n], int sign);

// Finds the natural logarithm of the magnitude of the determinant from U; `sign` is the determinant of
// P, and becomes that of A. Of a singular matrix they are -infinity and 0.
double log_determinant(size_t n, double u[n][n], int *sign);

// Finds how many pivots elimination finds in a matrix, which it changes. A pivot is what is not
// exactly 0.
size_t rank(size_t rows, size_t columns, double a[rows][columns]);

// Finds the solutions of A x = b for a tridiagonal A, which it changes, and `count` right-hand sides,
// which become the solutions, by the Thomas algorithm: elimination without row swaps. It takes some
// 8n operations. False where a pivot is 0, although a swap might have avoided it.
bool tridiagonal(size_t n, double a[n][n], size_t count, double b[count][n]);

// Makes L with A = L Lᵀ and a positive diagonal from the entries on and below the diagonal of a
// symmetric A, in place; false where A is not positive definite.
bool cholesky(size_t n, double a[n][n]);

// Finds the x that makes b - A x as short as possible, for each right-hand side of [A | B], by
// Householder reflections. False where the columns of A depend on each other, but for rounding.
bool least_squares(size_t rows, size_t columns, double a[rows][columns], size_t unknowns,
                   double x[columns - unknowns][unknowns]);

typedef enum { CONVERGED, NOT_DEFINITE, NOT_CONVERGED } Convergence;

// Finds the x whose residual b - A x is at most `tolerance` times b, for a symmetric, positive
// definite A. Each step goes in a direction that is conjugate to the earlier ones. Without rounding n
// steps suffice; 10n are taken at most.
Convergence conjugate_gradient(size_t n, double a[n][n], const double b[n], double tolerance,
                               double x[n]);

#endif
