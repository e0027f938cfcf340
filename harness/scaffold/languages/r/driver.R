# Reads linear systems from standard input, passes them to @{ listing }@, and prints the results.
# docs/protocol.md describes both sides. Only the functions with ADAPT depend on the program.

# The program's own things, in an environment of their own. While it is loaded, it prints nothing on
# standard output. A program may run its own example at the end; its functions are there by then.
program <- new.env()
program$quit <- program$q <- function(...) stop("quit")
capture.output(tryCatch(sys.source("@{ listing }@", program), error = function(problem) {
  message("while loading: ", conditionMessage(problem))
}))

# The calls of the program. A and M are matrices, b is a vector. Where it has no answer, the program
# may stop or quit: the driver then prints `failed PROCEDURE MESSAGE`. Or it may return NULL, NA,
# FALSE, a text, an empty vector, or one number such as -1 in place of a vector: the driver then
# prints `refused PROCEDURE returned -1`. Where the program says so otherwise:
#     refuse("returned 2")
# For one unknown, -1 is a vector and so a solution: refuse it there where it is a status.
refuse <- function(reason) {
  stop(structure(class = c("refusal", "error", "condition"), list(message = reason, call = NULL)))
}
adapters <- list()
%% if gaussian_elimination

# ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
adapters$gaussian_elimination <- function(M, unknowns) program$gaussian_elimination(M, unknowns)
%% endif
%% if gauss_jordan

# ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
adapters$gauss_jordan <- function(M, unknowns) program$gauss_jordan(M, unknowns)
%% endif
%% if back_substitution

# ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
adapters$back_substitution <- function(M) program$back_substitution(M)
%% endif
%% if lu

# ADAPT: P, L and U with P A = L U; diag(n)[order, ] is P where it returns an order of rows
adapters$lu <- function(A) {
  factors <- program$lu(A)
  list(diag(nrow(A))[factors$order, , drop = FALSE], factors$lower, factors$upper)
}
%% endif
%% if forward_substitution

# ADAPT: the solution y of L y = b
adapters$forward_substitution <- function(L, b) program$forward_substitution(L, b)
%% endif
%% if backward_substitution

# ADAPT: the solution x of U x = y
adapters$backward_substitution <- function(U, y) program$backward_substitution(U, y)
%% endif
%% if solve

# ADAPT: the solution x of A x = b
adapters$solve <- function(A, b) program$solve(A, b)
%% endif
%% if inverse

# ADAPT: the inverse of A
adapters$inverse <- function(A) program$inverse(A)
%% endif
%% if determinant

# ADAPT: the determinant of A
adapters$determinant <- function(A) program$determinant(A)
%% endif
%% if log_determinant

# ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
adapters$log_determinant <- function(A) program$log_determinant(A)
%% endif
%% if rank

# ADAPT: the rank of A
adapters$rank <- function(A) program$rank(A)
%% endif
%% if tridiagonal

# ADAPT: the solution x of A x = b, from the diagonals of A
adapters$tridiagonal <- function(A, b) {
  n <- nrow(A)
  below <- A[cbind(seq_len(n)[-1], seq_len(n - 1))]
  above <- A[cbind(seq_len(n - 1), seq_len(n)[-1])]
  program$tridiagonal(below, A[cbind(seq_len(n), seq_len(n))], above, b)
}
%% endif
%% if cholesky

# ADAPT: L with A = L Lᵀ
adapters$cholesky <- function(A) program$cholesky(A)
%% endif
%% if least_squares

# ADAPT: the x with the smallest residual b - A x
adapters$least_squares <- function(A, b) program$least_squares(A, b)
%% endif
%% if conjugate_gradient

# ADAPT: the solution x of A x = b for a positive definite A
adapters$conjugate_gradient <- function(A, b) program$conjugate_gradient(A, b)
%% endif

# From here on, nothing depends on the program.

unknowns <- 0

converse <- function() {
  input <- file("stdin", "r")
  while (length(header <- readLines(input, 1)) == 1) {
    words <- strsplit(header, " ", fixed = TRUE)[[1]]
    system <- read_matrix(input, as.integer(words[3]))
    left <- seq_len(ncol(system) - as.integer(words[5]))
    message("case ", words[2])
    say("case ", words[2])
    answer(system, system[, left, drop = FALSE], system[, -left, drop = FALSE])
    say("end ", words[2])
  }
}

# as.numeric misses the nearest double for one in some thousand numbers; jsonlite does not.
read_matrix <- function(input, rows) {
  entries <- gsub(" ", ",", readLines(input, rows), fixed = TRUE)
  numbers <- jsonlite::fromJSON(paste0("[", paste(entries, collapse = ","), "]"))
  matrix(as.double(numbers), nrow = rows, byrow = TRUE)
}

answer <- function(system, A, B) {
  unknowns <<- ncol(A)
  square <- nrow(A) == ncol(A)
  single <- ncol(B) == 1
  symmetric <- square && all(A == t(A))
%% if gaussian_elimination
  system <- attempt("gaussian_elimination", c(echelon = 2), system, ncol(A))[[1]]
%% endif
%% if gauss_jordan
  if (!is.null(system)) {
    reduced <- attempt("gauss_jordan", c(reduced = 2), system, ncol(A))
%% if not gaussian_elimination
    system <- reduced[[1]]
%% endif
  }
%% endif
%% if back_substitution
  if (!is.null(system) && single) attempt("back_substitution", c(solution = 1), system)
%% endif
%% if lu or forward_substitution or backward_substitution
  if (square) {
%% if lu
    factors <- attempt("lu", c(permutation = 2, lower = 2, upper = 2), A)
%% else
    # Without a factorisation, the triangles are those of A.
    identity <- diag(nrow(A))
    factors <- list(identity, ifelse(row(A) > col(A), A, identity), ifelse(row(A) > col(A), 0, A))
%% endif
    if (!is.null(factors)) {
      Y <- list(B)
%% if forward_substitution
      PB <- B[apply(factors[[1]] != 0, 1, which.max), , drop = FALSE]
      Y <- each("forward_substitution", "forward", factors[[2]], PB)
%% endif
%% if backward_substitution
      if (!is.null(Y)) each("backward_substitution", "backward", factors[[3]], Y[[1]])
%% endif
    }
  }
%% endif
%% if solve
  # Where the program takes other shapes, claim them in port.yaml and leave out the condition.
  if (square) each("solve", "solve", A, B)
%% endif
%% if inverse
  if (square) attempt("inverse", c(inverse = 2), A)
%% endif
%% if determinant
  if (square) attempt("determinant", c(determinant = 0), A)
%% endif
%% if log_determinant
  if (square) attempt("log_determinant", c(log_determinant = 1), A)
%% endif
%% if rank
  attempt("rank", c(rank = 0), A)
%% endif
%% if tridiagonal
  if (square && all(A[abs(row(A) - col(A)) > 1] == 0)) each("tridiagonal", "tridiagonal", A, B)
%% endif
%% if cholesky
  if (symmetric) attempt("cholesky", c(cholesky = 2), A)
%% endif
%% if least_squares
  each("least_squares", "least_squares", A, B)
%% endif
%% if conjugate_gradient
  if (symmetric && single) attempt("conjugate_gradient", c(conjugate_gradient = 1), A, B[, 1])
%% endif
}

# Prints the results of the procedure and returns them in a list. Where it stops or has no answer,
# prints that and returns NULL. The labels have numbers of dimensions.
attempt <- function(procedure, labels, ..., call = adapters[[procedure]]) {
  tryCatch({
    results <- call(...)
    if (length(labels) == 1) results <- list(results)
    results <- Map(checked, results, labels)
    say(paste(Map(stage_text, names(labels), results, labels), collapse = "\n"))
    results
  }, error = function(problem) {
    word <- if (inherits(problem, "refusal")) "refused " else "failed "
    say(word, procedure, " ", gsub("[[:space:]]+", " ", conditionMessage(problem)))
    NULL
  })
}

# Prints and returns the results for each column of B, as the columns of a matrix.
each <- function(procedure, label, A, B) {
  labels <- stats::setNames(2, label)
  attempt(procedure, labels, call = function() {
    columns <- lapply(seq_len(ncol(B)), function(k) checked(adapters[[procedure]](A, B[, k]), 1))
    if (length(unique(lengths(columns))) > 1) stop("the solutions have different lengths")
    do.call(cbind, columns)
  })
}

# The result as a number, a vector or a matrix of doubles; an error where there is none.
checked <- function(result, dimensions) {
  if (dimensions == 1 && is.matrix(result) && ncol(result) == 1) result <- result[, 1]
  if (dimensions == 0 && length(result) == 1) result <- as.vector(result)
  if (is.data.frame(result)) result <- as.matrix(result)
  known <- is.numeric(result) && length(result) > 0
  # R has no numbers apart from vectors: a single one such as -1 is no vector of several unknowns.
  known <- known && !(dimensions == 1 && length(result) == 1 && unknowns > 1)
  if (!known || is.matrix(result) != (dimensions == 2) || anyNA(result) && !any(is.nan(result))) {
    if (length(result) > 1) stop("the program returned ", utils::head(deparse(result), 1))
    is_empty <- !is.null(result) && length(result) == 0
    refuse(paste("returned", if (is_empty) "an empty vector" else utils::head(deparse(result), 1)))
  }
  storage.mode(result) <- "double"
  result
}

# 17 significant digits determine a double exactly.
stage_text <- function(label, result, dimensions) {
  sizes <- if (dimensions == 2) dim(result) else length(result)
  rows <- as.matrix(result)
  words <- matrix(sprintf("%.17g", rows), nrow(rows))
  lines <- apply(words, 1, paste, collapse = " ")
  paste(c(paste(c(label, sizes), collapse = " "), lines), collapse = "\n")
}

say <- function(...) {
  cat(..., "\n", sep = "")
  flush(stdout())
}

converse()
