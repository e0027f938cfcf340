//! Linear equations by elimination with partial pivoting: the program under test.
//!
//! Put your own program in place of this one. Where its functions have other names or arguments,
//! change the calls in driver.rs.
//!
//! A matrix is a vector of rows. An augmented one has the right-hand sides in its last columns.

type Vector = Vec<f64>;
type Matrix = Vec<Vec<f64>>;

/// The row, from `row` on, with the largest number in the column.
fn pivot_row(a: &[Vector], row: usize, column: usize) -> usize {
    let mut pivot = row;
    for i in row + 1..a.len() {
        if a[i][column].abs() > a[pivot][column].abs() {
            pivot = i;
        }
    }
    pivot
}

/// Subtracts `factor` times `other` from `row`, from `first` on.
fn subtract(row: &mut [f64], factor: f64, other: &[f64], first: usize) {
    for (value, subtrahend) in row.iter_mut().zip(other).skip(first) {
        *value -= factor * subtrahend;
    }
}

fn refusal<T>(reason: &str) -> Result<T, String> {
    Err(reason.to_string())
}
%% if gaussian_elimination or gauss_jordan or rank

/// Clears the first columns below their pivots. Returns the number of pivots.
fn eliminate(a: &mut [Vector], unknowns: usize) -> usize {
    let mut row = 0;
    for column in 0..unknowns {
        if row == a.len() {
            break;
        }
        let pivot = pivot_row(a, row, column);
        if a[pivot][column] == 0.0 {
            continue;
        }
        a.swap(row, pivot);
        let (above, below) = a.split_at_mut(row + 1);
        for other in below {
            let factor = other[column] / above[row][column];
            other[column] = 0.0;
            subtract(other, factor, &above[row], column + 1);
        }
        row += 1;
    }
    row
}
%% endif
%% if gaussian_elimination

/// Turns the matrix into row echelon form.
fn gaussian_elimination(a: &mut [Vector], unknowns: usize) {
    if eliminate(a, unknowns) < a.len().min(unknowns) {
        println!("The matrix is singular.");
    }
}
%% endif
%% if gauss_jordan

%% if gaussian_elimination
/// Turns a matrix in row echelon form into reduced row echelon form.
fn gauss_jordan(a: &mut [Vector], unknowns: usize) {
%% else
/// Turns the matrix into reduced row echelon form.
fn gauss_jordan(a: &mut [Vector], unknowns: usize) {
    eliminate(a, unknowns);
%% endif
    for row in (0..a.len()).rev() {
        let (above, below) = a.split_at_mut(row);
        let current = &mut below[0];
        let Some(column) = current[..unknowns].iter().position(|&value| value != 0.0) else {
            continue;
        };
        let pivot = current[column];
        for value in current.iter_mut() {
            *value /= pivot;
        }
        for other in above {
            let factor = other[column];
            other[column] = 0.0;
            subtract(other, factor, current, column + 1);
        }
    }
}
%% endif
%% if back_substitution

/// Solves a system in row echelon form, with one right-hand side; an error where there is not
/// exactly one solution.
fn back_substitution(a: &[Vector]) -> Result<Vector, String> {
    let unknowns = a[0].len() - 1;
    let has_one_solution = a.len() >= unknowns
        && (0..unknowns).all(|i| a[i][i] != 0.0)
        && a[unknowns..].iter().all(|row| row[unknowns] == 0.0);
    if !has_one_solution {
        return refusal("there is not exactly one solution");
    }
    let mut x = vec![0.0; unknowns];
    for i in (0..unknowns).rev() {
        let known: f64 = (i + 1..unknowns).map(|j| a[i][j] * x[j]).sum();
        x[i] = (a[i][unknowns] - known) / a[i][i];
    }
    Ok(x)
}
%% endif
%% if lu or solve or inverse or determinant or log_determinant

/// Factors P A = L U. A becomes U. Returns P as the order of the rows of A, L, and the sign of P.
fn lu(a: &mut [Vector]) -> (Vec<usize>, Matrix, f64) {
    let n = a.len();
    let (mut order, mut l, mut sign): (Vec<usize>, _, _) =
        ((0..n).collect(), vec![vec![0.0; n]; n], 1.0);
    for k in 0..n {
        let pivot = pivot_row(a, k, k);
        if pivot != k {
            a.swap(k, pivot);
            l.swap(k, pivot);
            order.swap(k, pivot);
            sign = -sign;
        }
        l[k][k] = 1.0;
        let (above, below) = a.split_at_mut(k + 1);
        for (i, other) in below.iter_mut().enumerate().filter(|_| above[k][k] != 0.0) {
            let factor = other[k] / above[k][k];
            l[k + 1 + i][k] = factor;
            other[k] = 0.0;
            subtract(other, factor, &above[k], k + 1);
        }
    }
    (order, l, sign)
}
%% endif
%% if forward_substitution or solve or inverse

/// Solves L y = b, where L has 1 on its diagonal.
fn forward_substitution(l: &[Vector], mut b: Vector) -> Vector {
    for i in 0..b.len() {
        for j in 0..i {
            b[i] -= l[i][j] * b[j];
        }
    }
    b
}
%% endif
%% if backward_substitution or solve or inverse or least_squares

/// Solves U x = y; an error for a singular U.
fn backward_substitution(u: &[Vector], mut y: Vector) -> Result<Vector, String> {
    for i in (0..y.len()).rev() {
        if u[i][i] == 0.0 {
            return refusal("the matrix is singular");
        }
        for j in i + 1..y.len() {
            y[i] -= u[i][j] * y[j];
        }
        y[i] /= u[i][i];
    }
    Ok(y)
}
%% endif
%% if solve

/// Solves A x = b; an error for a singular A.
fn solve(mut a: Matrix, b: &[f64]) -> Result<Vector, String> {
    let (order, l, _) = lu(&mut a);
    let right = order.iter().map(|&i| b[i]).collect();
    backward_substitution(&a, forward_substitution(&l, right))
}
%% endif
%% if inverse

/// An error for a singular A.
fn inverse(mut a: Matrix) -> Result<Matrix, String> {
    let n = a.len();
    let (order, l, _) = lu(&mut a);
    let mut result = vec![vec![0.0; n]; n];
    for (j, &origin) in order.iter().enumerate() {
        let mut unit = vec![0.0; n];
        unit[j] = 1.0;
        let x = backward_substitution(&a, forward_substitution(&l, unit))?;
        // Column j of the inverse of P A is a column of that of A.
        for i in 0..n {
            result[i][origin] = x[i];
        }
    }
    Ok(result)
}
%% endif
%% if determinant

/// A number as a mantissa from 0.5 to 1 and a power of two.
fn split(value: f64) -> (f64, i32) {
    if value == 0.0 || !value.is_finite() {
        return (value, 0);
    }
    let (mut mantissa, mut exponent) = (value, 0);
    while mantissa.abs() >= 1.0 {
        mantissa /= 2.0;
        exponent += 1;
    }
    while mantissa.abs() < 0.5 {
        mantissa *= 2.0;
        exponent -= 1;
    }
    (mantissa, exponent)
}

/// Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
/// too large or too small for an f64.
fn determinant(mut a: Matrix) -> f64 {
    let (_, _, mut mantissa) = lu(&mut a);
    let mut exponent = 0;
    for k in 0..a.len() {
        let (fraction, power) = split(a[k][k]);
        let (product, carry) = split(mantissa * fraction);
        mantissa = product;
        exponent += power + carry;
    }
    // In two steps, because 2 to that power may be no f64.
    let half = exponent / 2;
    mantissa * 2f64.powi(half) * 2f64.powi(exponent - half)
}
%% endif
%% if log_determinant

/// The sign of the determinant and the logarithm of its magnitude; 0 and -infinity where it is 0.
fn log_determinant(mut a: Matrix) -> (f64, f64) {
    let (_, _, mut sign) = lu(&mut a);
    let mut logarithm = 0.0;
    for k in 0..a.len() {
        if a[k][k] == 0.0 {
            return (0.0, f64::NEG_INFINITY);
        }
        sign *= a[k][k].signum();
        logarithm += a[k][k].abs().ln();
    }
    (sign, logarithm)
}
%% endif
%% if rank

/// The number of pivots that elimination finds.
fn rank(mut a: Matrix) -> usize {
    let columns = a[0].len();
    eliminate(&mut a, columns)
}
%% endif
%% if tridiagonal

/// Solves a tridiagonal system by the Thomas algorithm, without row swaps; an error for a pivot 0.
fn tridiagonal(
    below: &[f64],
    mut diagonal: Vector,
    above: &[f64],
    mut b: Vector,
) -> Result<Vector, String> {
    let n = b.len();
    for i in 0..n {
        if i > 0 {
            let factor = below[i - 1] / diagonal[i - 1];
            diagonal[i] -= factor * above[i - 1];
            b[i] -= factor * b[i - 1];
        }
        if diagonal[i] == 0.0 {
            return refusal("a pivot is 0");
        }
    }
    for i in (0..n).rev() {
        if i + 1 < n {
            b[i] -= above[i] * b[i + 1];
        }
        b[i] /= diagonal[i];
    }
    Ok(b)
}
%% endif
%% if cholesky

/// L with A = L Lᵀ; an error where A is not positive definite.
fn cholesky(a: &[Vector]) -> Result<Matrix, String> {
    let n = a.len();
    let mut l = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let mut rest = a[i][j];
            for k in 0..j {
                rest -= l[i][k] * l[j][k];
            }
            if i != j {
                l[i][j] = rest / l[j][j];
            } else if rest > 0.0 {
                l[i][i] = rest.sqrt();
            } else {
                return refusal("the matrix is not positive definite");
            }
        }
    }
    Ok(l)
}
%% endif
%% if least_squares

/// Reflects column k, from the diagonal down, to a multiple of a unit vector.
fn reflect(a: &mut [Vector], k: usize) {
    let largest = a[k..].iter().fold(0.0, |most: f64, row| most.max(row[k].abs()));
    if largest == 0.0 {
        return;
    }
    let mut v: Vector = a[k..].iter().map(|row| row[k] / largest).collect();
    let size = v.iter().map(|value| value * value).sum::<f64>().sqrt();
    v[0] += size.copysign(v[0]);
    let square: f64 = v.iter().map(|value| value * value).sum();
    for j in k..a[0].len() {
        let product: f64 = v.iter().zip(&a[k..]).map(|(value, row)| value * row[j]).sum();
        for (value, row) in v.iter().zip(&mut a[k..]) {
            row[j] -= 2.0 * product / square * value;
        }
    }
}

/// The x with the smallest residual b - A x; an error where the columns of A depend on each other,
/// but for rounding.
fn least_squares(mut a: Matrix, b: &[f64]) -> Result<Vector, String> {
    let (rows, columns) = (a.len(), a[0].len());
    if rows < columns {
        return refusal("there are fewer equations than unknowns");
    }
    for (row, &value) in a.iter_mut().zip(b) {
        row.push(value);
    }
    let (mut largest, mut smallest) = (0.0, f64::INFINITY);
    for k in 0..columns {
        reflect(&mut a, k);
        largest = f64::max(largest, a[k][k].abs());
        smallest = f64::min(smallest, a[k][k].abs());
    }
    if !(smallest > rows as f64 * f64::EPSILON * largest) {
        return refusal("the columns depend on each other");
    }
    let right = a[..columns].iter().map(|row| row[columns]).collect();
    backward_substitution(&a, right)
}
%% endif
%% if conjugate_gradient

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(left, right)| left * right).sum()
}

/// An x whose residual is at most 1e-10 times b, for a positive definite A; an error where A is not
/// positive definite, and after 10n steps.
fn conjugate_gradient(a: &[Vector], b: Vector) -> Result<Vector, String> {
    // The squares of large and small numbers are no f64.
    let largest = b.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let scale = if largest > 0.0 { largest } else { 1.0 };
    let mut x = vec![0.0; b.len()];
    let mut residual: Vector = b.iter().map(|value| value / scale).collect();
    let mut direction = residual.clone();
    let mut square = dot(&residual, &residual);
    let limit = 1e-20 * square;
    let mut step = 0;
    while square > limit {
        let product: Vector = a.iter().map(|row| dot(row, &direction)).collect();
        let curvature = dot(&direction, &product);
        if step == 10 * b.len() || !(curvature > 0.0) {
            return refusal("the matrix is not positive definite");
        }
        let (length, before) = (square / curvature, square);
        subtract(&mut x, -length, &direction, 0);
        subtract(&mut residual, length, &product, 0);
        square = dot(&residual, &residual);
        for (value, rest) in direction.iter_mut().zip(&residual) {
            *value = rest + square / before * *value;
        }
        step += 1;
    }
    if !(square <= limit) {
        return refusal("the iteration does not converge");
    }
    Ok(x.iter().map(|value| scale * value).collect())
}
%% endif
