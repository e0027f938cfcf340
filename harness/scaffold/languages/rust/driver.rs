// Reads linear systems from standard input, passes them to @{ listing }@, and prints the
// results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
// program, which is the module `super`.

use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe};

type Vector = Vec<f64>;
type Matrix = Vec<Vec<f64>>;

// The calls of the program. Each call gets copies, which the program may change. Where it has no
// answer, the program may panic: the driver then prints `failed PROCEDURE MESSAGE`. Or a function
// here may return an error or an empty vector: the driver then prints `refused PROCEDURE MESSAGE`.
// The usual ways of a program to say so:
//     Ok(super::solve(&a, &b))                                     it returns an empty vector, or panics
//     super::solve(&a, &b).ok_or("returned None".to_string())      it returns an Option
//     super::solve(&a, &b).map_err(|error| error.to_string())      it returns a Result
%% if gaussian_elimination

// ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
fn gaussian_elimination(mut m: Matrix, unknowns: usize) -> Result<Matrix, String> {
    super::gaussian_elimination(&mut m, unknowns);
    Ok(m)
}
%% endif
%% if gauss_jordan

// ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
fn gauss_jordan(mut m: Matrix, unknowns: usize) -> Result<Matrix, String> {
    super::gauss_jordan(&mut m, unknowns);
    Ok(m)
}
%% endif
%% if back_substitution

// ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
fn back_substitution(m: Matrix) -> Result<Vector, String> {
    super::back_substitution(&m)
}
%% endif
%% if lu

// ADAPT: P, L and U with P A = L U
fn lu(mut a: Matrix) -> Result<[Matrix; 3], String> {
    let (order, l, _) = super::lu(&mut a);
    Ok([permutation(&order), l, a])
}
%% endif
%% if forward_substitution

// ADAPT: the solution y of L y = b
fn forward_substitution(l: Matrix, b: Vector) -> Result<Vector, String> {
    Ok(super::forward_substitution(&l, b))
}
%% endif
%% if backward_substitution

// ADAPT: the solution x of U x = y
fn backward_substitution(u: Matrix, y: Vector) -> Result<Vector, String> {
    super::backward_substitution(&u, y)
}
%% endif
%% if solve

// ADAPT: the solution x of A x = b
fn solve(a: Matrix, b: Vector) -> Result<Vector, String> {
    super::solve(a, &b)
}
%% endif
%% if inverse

// ADAPT: the inverse of A
fn inverse(a: Matrix) -> Result<Matrix, String> {
    super::inverse(a)
}
%% endif
%% if determinant

// ADAPT: the determinant of A
fn determinant(a: Matrix) -> Result<f64, String> {
    Ok(super::determinant(a))
}
%% endif
%% if log_determinant

// ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
fn log_determinant(a: Matrix) -> Result<Vector, String> {
    let (sign, logarithm) = super::log_determinant(a);
    Ok(vec![sign, logarithm])
}
%% endif
%% if rank

// ADAPT: the rank of A
fn rank(a: Matrix) -> Result<f64, String> {
    Ok(super::rank(a) as f64)
}
%% endif
%% if tridiagonal

// ADAPT: the solution x of A x = b, from the diagonals of A
fn tridiagonal(a: Matrix, b: Vector) -> Result<Vector, String> {
    let n = b.len();
    let below: Vector = (1..n).map(|i| a[i][i - 1]).collect();
    let diagonal: Vector = (0..n).map(|i| a[i][i]).collect();
    let above: Vector = (1..n).map(|i| a[i - 1][i]).collect();
    super::tridiagonal(&below, diagonal, &above, b)
}
%% endif
%% if cholesky

// ADAPT: L with A = L Lᵀ
fn cholesky(a: Matrix) -> Result<Matrix, String> {
    super::cholesky(&a)
}
%% endif
%% if least_squares

// ADAPT: the x with the smallest residual b - A x
fn least_squares(a: Matrix, b: Vector) -> Result<Vector, String> {
    super::least_squares(a, &b)
}
%% endif
%% if conjugate_gradient

// ADAPT: the solution x of A x = b for a positive definite A
fn conjugate_gradient(a: Matrix, b: Vector) -> Result<Vector, String> {
    super::conjugate_gradient(&a, b)
}
%% endif

// From here on, nothing depends on the program.

pub fn converse() {
    // A panic becomes a `failed` line, so standard error needs no message about it.
    panic::set_hook(Box::new(|_| {}));
    let mut lines = io::stdin().lock().lines().map(|line| line.expect("standard input"));
    while let Some(header) = lines.next() {
        let words: Vec<&str> = header.split(' ').collect();
        let rows = words[2].parse().expect("a number of rows");
        let sides: usize = words[4].parse().expect("a number of right-hand sides");
        let system: Matrix = lines.by_ref().take(rows).map(|line| numbers(&line)).collect();
        let unknowns = system[0].len() - sides;
        let a: Matrix = system.iter().map(|row| row[..unknowns].to_vec()).collect();
        let b: Matrix = system.iter().map(|row| row[unknowns..].to_vec()).collect();
        eprintln!("case {}", words[1]);
        say(&format!("case {}\n", words[1]));
        answer(&system, &a, &b);
        say(&format!("end {}\n", words[1]));
    }
}

fn numbers(line: &str) -> Vector {
    line.split(' ').map(|word| word.parse().expect("a number")).collect()
}

#[allow(unused_variables)]
fn answer(system: &Matrix, a: &Matrix, b: &Matrix) {
    let unknowns = a[0].len();
    let is_square = a.len() == unknowns;
    let is_single = b[0].len() == 1;
    let is_symmetric = is_square && holds(a, |i, j| a[i][j] == a[j][i]);
%% if gaussian_elimination or gauss_jordan or back_substitution
    let m = Some(system.clone());
%% endif
%% if gaussian_elimination
    let m = attempt("gaussian_elimination", || {
        let echelon = gaussian_elimination(system.clone(), unknowns)?;
        Ok((matrix_text("echelon", &echelon)?, echelon))
    });
%% endif
%% if gauss_jordan
    let reduced = m.clone().and_then(|m| {
        attempt("gauss_jordan", || {
            let reduced = gauss_jordan(m, unknowns)?;
            Ok((matrix_text("reduced", &reduced)?, reduced))
        })
    });
%% if not gaussian_elimination
    let m = reduced;
%% endif
%% endif
%% if back_substitution
    if let (Some(m), true) = (m, is_single) {
        attempt("back_substitution", || Ok((vector_text("solution", &back_substitution(m)?)?, ())));
    }
%% endif
%% if lu or forward_substitution or backward_substitution
    if is_square {
%% if lu
        let factors = attempt("lu", || {
            let [p, l, u] = lu(a.clone())?;
            let text = matrix_text("permutation", &p)? + &matrix_text("lower", &l)?;
            Ok((text + &matrix_text("upper", &u)?, [p, l, u]))
        });
%% else
        // Without a factorisation, the triangles are those of A.
        let unit = |i: usize, j: usize| f64::from(u8::from(i == j));
        let build = |entry: &dyn Fn(usize, usize) -> f64| -> Matrix {
            (0..unknowns).map(|i| (0..unknowns).map(|j| entry(i, j)).collect()).collect()
        };
        let factors = Some([
            build(&unit),
            build(&|i, j| if i > j { a[i][j] } else { unit(i, j) }),
            build(&|i, j| if i > j { 0.0 } else { a[i][j] }),
        ]);
%% endif
%% if forward_substitution or backward_substitution
        if let Some([p, l, u]) = factors {
            let y = Some(b.clone());
%% if forward_substitution
            let origin = |row: &Vector| row.iter().position(|&entry| entry != 0.0).unwrap_or(0);
            let pb: Matrix = p.iter().map(|row| b[origin(row)].clone()).collect();
            let y = each("forward_substitution", "forward", forward_substitution, &l, &pb);
%% endif
%% if backward_substitution
            if let Some(y) = y {
                each("backward_substitution", "backward", backward_substitution, &u, &y);
            }
%% endif
        }
%% endif
    }
%% endif
%% if solve
    // Where the program takes other shapes, claim them in port.yaml and leave out the condition.
    if is_square {
        each("solve", "solve", solve, a, b);
    }
%% endif
%% if inverse
    if is_square {
        attempt("inverse", || Ok((matrix_text("inverse", &inverse(a.clone())?)?, ())));
    }
%% endif
%% if determinant
    if is_square {
        let compute = || Ok((vector_text("determinant", &[determinant(a.clone())?])?, ()));
        attempt("determinant", compute);
    }
%% endif
%% if log_determinant
    if is_square {
        let compute = || Ok((vector_text("log_determinant", &log_determinant(a.clone())?)?, ()));
        attempt("log_determinant", compute);
    }
%% endif
%% if rank
    attempt("rank", || Ok((vector_text("rank", &[rank(a.clone())?])?, ())));
%% endif
%% if tridiagonal
    if is_square && holds(a, |i, j| a[i][j] == 0.0 || i.abs_diff(j) < 2) {
        each("tridiagonal", "tridiagonal", tridiagonal, a, b);
    }
%% endif
%% if cholesky
    if is_symmetric {
        attempt("cholesky", || Ok((matrix_text("cholesky", &cholesky(a.clone())?)?, ())));
    }
%% endif
%% if least_squares
    each("least_squares", "least_squares", least_squares, a, b);
%% endif
%% if conjugate_gradient
    if is_symmetric && is_single {
        let x = || conjugate_gradient(a.clone(), column(b, 0));
        attempt("conjugate_gradient", || Ok((vector_text("conjugate_gradient", &x()?)?, ())));
    }
%% endif
}

/// Prints and returns the results for each column of B, as the columns of a matrix.
#[allow(dead_code)]
fn each(
    procedure: &str,
    label: &str,
    solve: fn(Matrix, Vector) -> Result<Vector, String>,
    a: &Matrix,
    b: &Matrix,
) -> Option<Matrix> {
    attempt(procedure, || {
        let mut result: Matrix = vec![];
        for k in 0..b[0].len() {
            let x = solve(a.clone(), column(b, k))?;
            if k == 0 {
                result.resize(x.len(), vec![]);
            }
            assert!(x.len() == result.len(), "one solution has {} numbers", x.len());
            for (row, value) in result.iter_mut().zip(x) {
                row.push(value);
            }
        }
        Ok((matrix_text(label, &result)?, result))
    })
}

/// Prints the text of the stage and returns its result. Where its procedure returned an error or
/// panicked, prints that and returns None.
fn attempt<T>(procedure: &str, stage: impl FnOnce() -> Result<(String, T), String>) -> Option<T> {
    // The state that a panic leaves behind is not used again.
    let (word, message) = match panic::catch_unwind(AssertUnwindSafe(stage)) {
        Ok(Ok((text, result))) => {
            say(&text);
            return Some(result);
        }
        Ok(Err(message)) => ("refused", message),
        Err(panic) => match panic.downcast::<String>() {
            Ok(message) => ("failed", *message),
            Err(panic) => ("failed", panic.downcast_ref::<&str>().unwrap_or(&"panicked").to_string()),
        },
    };
    say(&format!("{word} {procedure} {}\n", message.replace(['\n', '\r'], " ")));
    None
}

fn holds(a: &Matrix, condition: impl Fn(usize, usize) -> bool) -> bool {
    (0..a.len()).all(|i| (0..a[0].len()).all(|j| condition(i, j)))
}

#[allow(dead_code)]
fn column(matrix: &Matrix, k: usize) -> Vector {
    matrix.iter().map(|row| row[k]).collect()
}

/// The matrix whose rows are those of the unit matrix in that order.
#[allow(dead_code)]
fn permutation(order: &[usize]) -> Matrix {
    let unit = |origin: usize| (0..order.len()).map(|j| f64::from(u8::from(j == origin))).collect();
    order.iter().map(|&origin| unit(origin)).collect()
}

#[allow(dead_code)]
fn matrix_text(label: &str, matrix: &Matrix) -> Result<String, String> {
    match matrix.first().map(Vec::len) {
        None | Some(0) => Err("returned an empty vector".to_string()),
        Some(columns) => {
            let rows: String = matrix.iter().map(|row| joined(row, " ") + "\n").collect();
            Ok(format!("{label} {} {columns}\n{rows}", matrix.len()))
        }
    }
}

#[allow(dead_code)]
fn vector_text(label: &str, vector: &[f64]) -> Result<String, String> {
    if vector.is_empty() {
        return Err("returned an empty vector".to_string());
    }
    Ok(format!("{label} {}\n{}\n", vector.len(), joined(vector, "\n")))
}

/// `{:?}` gives the shortest text that reads back as the same number.
fn joined(numbers: &[f64], separator: &str) -> String {
    numbers.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(separator)
}

fn say(text: &str) {
    print!("{text}");
    io::stdout().flush().expect("standard output");
}
