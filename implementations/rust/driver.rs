// Reads linear systems from standard input, has gaussian_elimination.rs work on them, prints what
// comes out. docs/protocol.md describes both sides.

use std::io::{self, BufRead, Write};
use std::panic::{self, UnwindSafe};

/// The listing. Its items are private, so what the driver calls stands in the same module.
#[allow(dead_code)]
mod listing {
    include!("gaussian_elimination.rs");

    pub fn echelon_form(rows: usize, cols: usize, system: &[f64]) -> Vec<f64> {
        let mut a = Matrix::new(rows, cols, system);
        gaussian_elimination(&mut a);
        a.data
    }

    pub fn solution(rows: usize, cols: usize, echelon: &[f64]) -> Vec<f64> {
        back_substitution(&Matrix::new(rows, cols, echelon))
    }
}

fn main() {
    // A panic becomes a `failed` line; nothing about it is needed on standard error.
    panic::set_hook(Box::new(|_| {}));
    let mut lines = io::stdin().lock().lines().map(|line| line.expect("standard input"));
    while let Some(header) = lines.next() {
        let words: Vec<&str> = header.split(' ').collect();
        let (name, rows, cols) = (words[1], number(words[2]), number(words[3]));
        let system: Vec<f64> = lines.by_ref().take(rows).flat_map(|line| numbers(&line)).collect();
        answer(name, rows, cols, &system);
    }
}

fn answer(name: &str, rows: usize, cols: usize, system: &[f64]) {
    eprintln!("case {name}");
    say(&format!("case {name}\n"));
    let eliminated = attempt("gaussian_elimination", || listing::echelon_form(rows, cols, system));
    if let Some(echelon) = eliminated {
        say(&format!("echelon {rows} {cols}\n{}", text(&echelon, cols)));
        if let Some(x) = attempt("back_substitution", || listing::solution(rows, cols, &echelon)) {
            say(&format!("solution {}\n{}", x.len(), text(&x, 1)));
        }
    }
    say(&format!("end {name}\n"));
}

/// What `work` returns; where it panics, nothing, and `failed PROCEDURE MESSAGE` is printed.
fn attempt(procedure: &str, work: impl FnOnce() -> Vec<f64> + UnwindSafe) -> Option<Vec<f64>> {
    let panic = match panic::catch_unwind(work) {
        Ok(result) => return Some(result),
        Err(panic) => panic,
    };
    let formatted = panic.downcast_ref::<String>().map(String::as_str);
    let message = formatted.or(panic.downcast_ref::<&str>().copied()).unwrap_or("panicked");
    say(&format!("failed {procedure} {}\n", message.replace('\n', " ")));
    None
}

fn number<T: std::str::FromStr>(word: &str) -> T {
    word.parse().unwrap_or_else(|_| {
        eprintln!("not a number: {word}");
        std::process::exit(1)
    })
}

fn numbers(line: &str) -> Vec<f64> {
    line.split(' ').map(number).collect()
}

/// The numbers in lines of `cols`.
fn text(numbers: &[f64], cols: usize) -> String {
    let line = |row: &[f64]| row.iter().map(|v| format!("{v:?}")).collect::<Vec<_>>().join(" ");
    numbers.chunks(cols).map(|row| line(row) + "\n").collect()
}

fn say(text: &str) {
    print!("{text}");
    io::stdout().flush().expect("standard output");
}
