# Linear equations by elimination with partial pivoting: the program under test.
#
# Put your own program in place of this one. Where its functions have other names or arguments,
# change the calls in driver.R.
#
# An augmented matrix has the right-hand sides in its last columns.
%% if gaussian_elimination or gauss_jordan or rank

# The matrix with its first columns cleared below their pivots.
eliminate <- function(a, unknowns) {
  row <- 1
  for (column in seq_len(unknowns)) {
    if (row > nrow(a)) break
    pivot <- row - 1 + which.max(abs(a[row:nrow(a), column]))
    if (a[pivot, column] == 0) next
    a[c(row, pivot), ] <- a[c(pivot, row), ]
    right <- seq_len(ncol(a))[-seq_len(column)]
    for (i in seq_len(nrow(a))[-seq_len(row)]) {
      factor <- a[i, column] / a[row, column]
      a[i, column] <- 0
      a[i, right] <- a[i, right] - factor * a[row, right]
    }
    row <- row + 1
  }
  a
}

pivots <- function(echelon, unknowns) {
  sum(rowSums(echelon[, seq_len(unknowns), drop = FALSE] != 0) > 0)
}
%% endif
%% if gaussian_elimination

# The matrix in row echelon form.
gaussian_elimination <- function(a, unknowns) {
  echelon <- eliminate(a, unknowns)
  if (pivots(echelon, unknowns) < min(nrow(a), unknowns)) cat("The matrix is singular.\n")
  echelon
}
%% endif
%% if gauss_jordan

%% if gaussian_elimination
# The reduced row echelon form of a matrix in row echelon form.
gauss_jordan <- function(a, unknowns) {
%% else
# The reduced row echelon form of a matrix.
gauss_jordan <- function(a, unknowns) {
  a <- eliminate(a, unknowns)
%% endif
  for (row in rev(seq_len(nrow(a)))) {
    column <- match(TRUE, a[row, seq_len(unknowns)] != 0)
    if (is.na(column)) next
    a[row, ] <- a[row, ] / a[row, column]
    right <- seq_len(ncol(a))[-seq_len(column)]
    for (i in seq_len(row - 1)) {
      factor <- a[i, column]
      a[i, column] <- 0
      a[i, right] <- a[i, right] - factor * a[row, right]
    }
  }
  a
}
%% endif
%% if back_substitution

# The solution of a system in row echelon form, with one right-hand side; an error where there is
# not exactly one.
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
%% endif
%% if lu or solve or inverse or determinant or log_determinant

# P, L and U with P A = L U; P is the order of the rows of A, with its sign.
lu <- function(a) {
  n <- nrow(a)
  order <- seq_len(n)
  lower <- diag(n)
  sign <- 1
  for (k in seq_len(n)) {
    pivot <- k - 1 + which.max(abs(a[k:n, k]))
    if (pivot != k) {
      left <- seq_len(k - 1)
      a[c(k, pivot), ] <- a[c(pivot, k), ]
      lower[c(k, pivot), left] <- lower[c(pivot, k), left]
      order[c(k, pivot)] <- order[c(pivot, k)]
      sign <- -sign
    }
    if (a[k, k] == 0) next
    right <- seq_len(n)[-seq_len(k)]
    for (i in right) {
      lower[i, k] <- a[i, k] / a[k, k]
      a[i, k] <- 0
      a[i, right] <- a[i, right] - lower[i, k] * a[k, right]
    }
  }
  list(order = order, lower = lower, upper = a, sign = sign)
}
%% endif
%% if forward_substitution or solve or inverse

# The solution of L y = b, where L has 1 on its diagonal.
forward_substitution <- function(lower, b) {
  for (i in seq_along(b)) {
    known <- seq_len(i - 1)
    b[i] <- b[i] - sum(lower[i, known] * b[known])
  }
  b
}
%% endif
%% if backward_substitution or solve or inverse or least_squares

# The solution of U x = y; an error for a singular U.
backward_substitution <- function(upper, y) {
  for (i in rev(seq_along(y))) {
    if (upper[i, i] == 0) stop("the matrix is singular")
    solved <- seq_along(y)[-seq_len(i)]
    y[i] <- (y[i] - sum(upper[i, solved] * y[solved])) / upper[i, i]
  }
  y
}
%% endif
%% if solve

# The solution of A x = b; an error for a singular A.
solve <- function(a, b) {
  factors <- lu(a)
  backward_substitution(factors$upper, forward_substitution(factors$lower, b[factors$order]))
}
%% endif
%% if inverse

# An error for a singular A.
inverse <- function(a) {
  factors <- lu(a)
  identity <- diag(nrow(a))[factors$order, , drop = FALSE]
  columns <- lapply(seq_len(nrow(a)), function(j) {
    backward_substitution(factors$upper, forward_substitution(factors$lower, identity[, j]))
  })
  do.call(cbind, columns)
}
%% endif
%% if determinant

# A number as a mantissa and a power of two.
split <- function(value) {
  if (value == 0 || !is.finite(value)) return(c(value, 0))
  exponent <- floor(log2(abs(value)))
  # In two steps, because 2 to that power may be no double.
  half <- exponent %/% 2
  c(value / 2^half / 2^(exponent - half), exponent)
}

# Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
# too large or too small for a double.
determinant <- function(a) {
  factors <- lu(a)
  mantissa <- factors$sign
  exponent <- 0
  for (k in seq_len(nrow(a))) {
    pivot <- split(factors$upper[k, k])
    product <- split(mantissa * pivot[1])
    mantissa <- product[1]
    exponent <- exponent + pivot[2] + product[2]
  }
  half <- exponent %/% 2
  mantissa * 2^half * 2^(exponent - half)
}
%% endif
%% if log_determinant

# The sign of the determinant and the logarithm of its magnitude; 0 and -Inf where it is 0.
log_determinant <- function(a) {
  factors <- lu(a)
  diagonal <- factors$upper[cbind(seq_len(nrow(a)), seq_len(nrow(a)))]
  if (any(diagonal == 0)) return(c(0, -Inf))
  c(factors$sign * prod(sign(diagonal)), sum(log(abs(diagonal))))
}
%% endif
%% if rank

# The number of pivots that elimination finds.
rank <- function(a) pivots(eliminate(a, ncol(a)), ncol(a))
%% endif
%% if tridiagonal

# The solution of a tridiagonal system by the Thomas algorithm, without row swaps; an error for a
# pivot 0.
tridiagonal <- function(below, diagonal, above, b) {
  n <- length(b)
  for (i in seq_len(n)) {
    if (i > 1) {
      factor <- below[i - 1] / diagonal[i - 1]
      diagonal[i] <- diagonal[i] - factor * above[i - 1]
      b[i] <- b[i] - factor * b[i - 1]
    }
    if (diagonal[i] == 0) stop("a pivot is 0")
  }
  for (i in rev(seq_len(n))) {
    if (i < n) b[i] <- b[i] - above[i] * b[i + 1]
    b[i] <- b[i] / diagonal[i]
  }
  b
}
%% endif
%% if cholesky

# L with A = L Lᵀ; an error where A is not positive definite.
cholesky <- function(a) {
  lower <- matrix(0, nrow(a), nrow(a))
  for (i in seq_len(nrow(a))) {
    for (j in seq_len(i - 1)) {
      known <- seq_len(j - 1)
      lower[i, j] <- (a[i, j] - sum(lower[i, known] * lower[j, known])) / lower[j, j]
    }
    rest <- a[i, i] - sum(lower[i, seq_len(i - 1)]^2)
    if (is.nan(rest) || rest <= 0) stop("the matrix is not positive definite")
    lower[i, i] <- sqrt(rest)
  }
  lower
}
%% endif
%% if least_squares

# The x with the smallest residual b - A x, by reflections; an error where the columns of A depend
# on each other, but for rounding.
least_squares <- function(a, b) {
  columns <- ncol(a)
  if (nrow(a) < columns) stop("there are fewer equations than unknowns")
  work <- cbind(a, b)
  for (k in seq_len(columns)) {
    rows <- k:nrow(a)
    v <- work[rows, k]
    if (all(v == 0)) next
    v <- v / max(abs(v))
    v[1] <- v[1] + sqrt(sum(v^2)) * (if (v[1] < 0) -1 else 1)
    factors <- 2 * colSums(v * work[rows, , drop = FALSE]) / sum(v^2)
    work[rows, ] <- work[rows, ] - outer(v, factors)
  }
  diagonal <- abs(work[cbind(seq_len(columns), seq_len(columns))])
  if (min(diagonal) <= nrow(a) * .Machine$double.eps * max(diagonal)) {
    stop("the columns depend on each other")
  }
  backward_substitution(work, work[seq_len(columns), columns + 1])
}
%% endif
%% if conjugate_gradient

# An x whose residual is at most 1e-10 times b, for a positive definite A; an error where A is not
# positive definite, and after 10n steps.
conjugate_gradient <- function(a, b) {
  # The squares of large and small numbers are no doubles.
  scale <- max(abs(b))
  if (scale == 0) scale <- 1
  x <- numeric(length(b))
  residual <- direction <- b / scale
  square <- sum(residual^2)
  limit <- 1e-20 * square
  step <- 0
  while (isTRUE(square > limit)) {
    product <- as.vector(a %*% direction)
    curvature <- sum(direction * product)
    if (!isTRUE(curvature > 0)) stop("the matrix is not positive definite")
    if (step == 10 * length(b)) stop("the iteration does not converge")
    x <- x + square / curvature * direction
    residual <- residual - square / curvature * product
    before <- square
    square <- sum(residual^2)
    direction <- residual + square / before * direction
    step <- step + 1
  }
  if (!isTRUE(square <= limit)) stop("the iteration does not converge")
  scale * x
}
%% endif
