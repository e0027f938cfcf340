# Reads linear systems from standard input, has elimination.R work on them, prints what comes out.
# docs/protocol.md describes both sides.

program <- new.env()
sys.source("elimination.R", program)

converse <- function() {
  input <- fifo("/dev/stdin", open = "r", blocking = TRUE)
  while (length(header <- readLines(input, 1)) == 1) {
    words <- strsplit(header, " ", fixed = TRUE)[[1]]
    answer(words[2], read_matrix(input, as.integer(words[3])))
  }
}

read_matrix <- function(input, rows) {
  text <- strsplit(readLines(input, rows), " ", fixed = TRUE)
  matrix(numbers(unlist(text)), nrow = rows, byrow = TRUE)
}

numbers <- function(words) as.numeric(words)

answer <- function(name, system) {
  message("case ", name)
  say("case ", name)
  echelon <- attempt("gaussian_elimination", "echelon", system)
  if (!is.null(echelon)) {
    attempt("gauss_jordan", "reduced", echelon)
    attempt("back_substitution", "solution", echelon)
  }
  say("end ", name)
}

# What the procedure returns, printed; where it stops, NULL, and a `failed` line is printed.
attempt <- function(procedure, label, matrix) {
  tryCatch({
    result <- program[[procedure]](matrix)
    say(stage_text(label, as.matrix(result), if (label == "solution") length(result) else dim(result)))
    result
  }, error = function(problem) {
    say("failed ", procedure, " ", gsub("\n", " ", conditionMessage(problem)))
    NULL
  })
}

# 17 significant digits name a double exactly.
stage_text <- function(label, rows, sizes) {
  words <- matrix(sprintf("%.17g", rows), nrow(rows))
  paste(c(paste(label, paste(sizes, collapse = " ")), apply(words, 1, paste, collapse = " ")),
        collapse = "\n")
}

say <- function(...) {
  cat(..., "\n", sep = "")
  flush(stdout())
}

converse()
