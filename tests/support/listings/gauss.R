# Linear equations, as a script that solves an example and quits.

# NULL for a singular matrix
gauss <- function(a, b) {
  m <- cbind(a, b)
  n <- nrow(a)
  for (k in 1:n) {
    p <- k - 1 + which.max(abs(m[k:n, k]))
    if (abs(m[p, k]) < 1e-12) return(NULL)
    m[c(k, p), ] <- m[c(p, k), ]
    m[k, ] <- m[k, ] / m[k, k]
    for (i in 1:n) if (i != k) m[i, ] <- m[i, ] - m[i, k] * m[k, ]
  }
  m[, n + 1]
}

# -1 for a singular matrix
invert <- function(a) {
  columns <- lapply(1:nrow(a), function(j) gauss(a, as.numeric(1:nrow(a) == j)))
  if (any(sapply(columns, is.null))) return(-1)
  do.call(cbind, columns)
}

# an error for a singular matrix
det <- function(a) {
  d <- 1
  for (k in seq_len(nrow(a))) {
    p <- k - 1 + which.max(abs(a[k:nrow(a), k]))
    if (abs(a[p, k]) < 1e-12) stop("The matrix is singular!")
    if (p != k) {
      a[c(k, p), ] <- a[c(p, k), ]
      d <- -d
    }
    d <- d * a[k, k]
    for (i in seq_len(nrow(a))[-seq_len(k)]) a[i, ] <- a[i, ] - a[i, k] / a[k, k] * a[k, ]
  }
  d
}

print(gauss(matrix(c(2, 1, 1, 3), 2), c(5, 10)))
quit(status = 0)
