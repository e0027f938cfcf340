# Reads linear systems from standard input, passes them to elimination.R, and prints the results.
# docs/protocol.md describes both sides.

program <- new.env()
sys.source("elimination.R", program)

converse <- function() {
  input <- file("stdin", "r")
  while (length(header <- readLines(input, 1)) == 1) {
    words <- strsplit(header, " ", fixed = TRUE)[[1]]
    answer(words[2], read_matrix(input, as.integer(words[3])))
  }
}

# as.numeric misses the nearest double for one in some thousand numbers; jsonlite does not.
read_matrix <- function(input, rows) {
  entries <- gsub(" ", ",", readLines(input, rows), fixed = TRUE)
  numbers <- jsonlite::fromJSON(paste0("[", paste(entries, collapse = ","), "]"))
  matrix(as.double(numbers), nrow = rows, byrow = TRUE)
}

answer <- function(name, system) {
  message("case ", name)
  say("case ", name)
  echelon <- attempt("gaussian_elimination", "echelon", program$gaussian_elimination(system))
  if (!is.null(echelon)) {
    attempt("gauss_jordan", "reduced", program$gauss_jordan(echelon))
    attempt("back_substitution", "solution", program$back_substitution(echelon))
  }
  say("end ", name)
}

# Prints the result and returns it. Where its computation stops, prints a `failed` line and returns
# NULL. R computes an argument when it is first used, here inside tryCatch.
attempt <- function(procedure, label, result) {
  tryCatch({
    sizes <- if (is.matrix(result)) dim(result) else length(result)
    say(stage_text(label, sizes, as.matrix(result)))
    result
  }, error = function(problem) {
    say("failed ", procedure, " ", gsub("\n", " ", conditionMessage(problem)))
    NULL
  })
}

# 17 significant digits determine a double exactly.
stage_text <- function(label, sizes, rows) {
  words <- matrix(sprintf("%.17g", rows), nrow(rows))
  lines <- apply(words, 1, paste, collapse = " ")
  paste(c(paste(c(label, sizes), collapse = " "), lines), collapse = "\n")
}

say <- function(...) {
  cat(..., "\n", sep = "")
  flush(stdout())
}

converse()
