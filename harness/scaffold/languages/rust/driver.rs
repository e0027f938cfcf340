// Reads linear systems from standard input, passes them to elimination.rs, and prints the
// results. docs/protocol.md describes both sides.

mod elimination;

use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe};

type Matrix = Vec<Vec<f64>>;

fn main() {
    // A panic becomes a `failed` line, so standard error needs no message about it.
    panic::set_hook(Box::new(|_| {}));
    let mut lines = io::stdin().lock().lines().map(|line| line.expect("standard input"));
    while let Some(header) = lines.next() {
        let words: Vec<&str> = header.split(' ').collect();
        let rows = words[2].parse().expect("a number of rows");
        let system: Matrix = lines.by_ref().take(rows).map(|line| numbers(&line)).collect();
        answer(words[1], &system);
    }
}

fn numbers(line: &str) -> Vec<f64> {
    line.split(' ').map(|word| word.parse().expect("a number")).collect()
}

fn answer(name: &str, system: &Matrix) {
    eprintln!("case {name}");
    say(&format!("case {name}\n"));
    let mut echelon = system.clone();
    let eliminated = attempt("gaussian_elimination", || {
        elimination::gaussian_elimination(&mut echelon);
        Ok(matrix_text("echelon", &echelon))
    });
    if eliminated {
        attempt("gauss_jordan", || {
            let mut reduced = echelon.clone();
            elimination::gauss_jordan(&mut reduced);
            Ok(matrix_text("reduced", &reduced))
        });
        attempt("back_substitution", || {
            let x = elimination::back_substitution(&echelon.clone())?;
            Ok(format!("solution {}\n{}\n", x.len(), joined(&x, "\n")))
        });
    }
    say(&format!("end {name}\n"));
}

/// Prints what the stage returns, or that its procedure returned an error or panicked. Returns
/// whether it succeeded.
fn attempt(procedure: &str, stage: impl FnOnce() -> Result<String, String>) -> bool {
    // The state that a panic leaves behind is not used again.
    let outcome = match panic::catch_unwind(AssertUnwindSafe(stage)) {
        Ok(outcome) => outcome,
        Err(panic) => Err(match panic.downcast::<String>() {
            Ok(message) => *message,
            Err(panic) => panic.downcast_ref::<&str>().unwrap_or(&"panicked").to_string(),
        }),
    };
    match &outcome {
        Ok(text) => say(text),
        Err(message) => say(&format!("failed {procedure} {}\n", message.replace('\n', " "))),
    }
    outcome.is_ok()
}

fn matrix_text(label: &str, matrix: &Matrix) -> String {
    let rows: String = matrix.iter().map(|row| joined(row, " ") + "\n").collect();
    format!("{label} {} {}\n{rows}", matrix.len(), matrix[0].len())
}

/// `{:?}` gives the shortest text that reads back as the same number.
fn joined(numbers: &[f64], separator: &str) -> String {
    numbers.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(separator)
}

fn say(text: &str) {
    print!("{text}");
    io::stdout().flush().expect("standard output");
}
