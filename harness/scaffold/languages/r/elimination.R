# Gaussian elimination with partial pivoting: the program under test.
#
# Put your own program in place of this one. Where its functions have other names or arguments,
# change the calls in driver.R.
#
# A matrix is augmented: its last column is the right-hand side.

# The matrix in row echelon form.
gaussian_elimination <- function(a) {
  unknowns <- ncol(a) - 1
  row <- 1
  for (column in seq_len(unknowns)) {
    if (row > nrow(a)) break
    pivot <- row - 1 + which.max(abs(a[row:nrow(a), column]))
    if (a[pivot, column] == 0) next
    a[c(row, pivot), ] <- a[c(pivot, row), ]
    right <- (column + 1):ncol(a)
    for (i in seq_len(nrow(a))[-seq_len(row)]) {
      factor <- a[i, column] / a[row, column]
      a[i, column] <- 0
      a[i, right] <- a[i, right] - factor * a[row, right]
    }
    row <- row + 1
  }
  if (row <= min(nrow(a), unknowns)) cat("The matrix is singular.\n")
  a
}

# The reduced row echelon form of a matrix in row echelon form.
gauss_jordan <- function(a) {
  for (row in rev(seq_len(nrow(a)))) {
    column <- match(TRUE, a[row, -ncol(a)] != 0)
    if (is.na(column)) next
    a[row, ] <- a[row, ] / a[row, column]
    right <- (column + 1):ncol(a)
    for (i in seq_len(row - 1)) {
      factor <- a[i, column]
      a[i, column] <- 0
      a[i, right] <- a[i, right] - factor * a[row, right]
    }
  }
  a
}

# The solution of a system in row echelon form; an error where there is not exactly one.
back_substitution <- function(a) {
  unknowns <- ncol(a) - 1
  if (!has_one_solution(a)) stop("there is not exactly one solution")
  x <- numeric(unknowns)
  for (i in rev(seq_len(unknowns))) {
    solved <- seq_len(unknowns)[-seq_len(i)]
    x[i] <- (a[i, ncol(a)] - sum(a[i, solved] * x[solved])) / a[i, i]
  }
  x
}

has_one_solution <- function(a) {
  unknowns <- ncol(a) - 1
  if (nrow(a) < unknowns) return(FALSE)
  all(a[cbind(seq_len(unknowns), seq_len(unknowns))] != 0) &&
    all(a[-seq_len(unknowns), ncol(a)] == 0)
}
