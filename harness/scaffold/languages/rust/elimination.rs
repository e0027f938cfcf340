//! Gaussian elimination with partial pivoting: the program under test.
//!
//! Put your own program in place of this one. Where its functions have other names or arguments,
//! change the calls in driver.rs; what driver.rs calls has to be `pub`.
//!
//! A matrix is a slice of rows and augmented: its last column is the right-hand side.

/// Turns the matrix into row echelon form.
pub fn gaussian_elimination(a: &mut [Vec<f64>]) {
    let (rows, unknowns) = (a.len(), a[0].len() - 1);
    let mut row = 0;
    for column in 0..unknowns {
        if row == rows {
            break;
        }
        let mut pivot = row;
        for i in row + 1..rows {
            if a[i][column].abs() > a[pivot][column].abs() {
                pivot = i;
            }
        }
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
    if row < rows.min(unknowns) {
        println!("The matrix is singular.");
    }
}

/// Turns a matrix in row echelon form into reduced row echelon form.
pub fn gauss_jordan(a: &mut [Vec<f64>]) {
    let unknowns = a[0].len() - 1;
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

/// Solves a system in row echelon form; an error where there is not exactly one solution.
pub fn back_substitution(a: &[Vec<f64>]) -> Result<Vec<f64>, String> {
    let unknowns = a[0].len() - 1;
    if !has_one_solution(a) {
        return Err("there is not exactly one solution".to_string());
    }
    let mut x = vec![0.0; unknowns];
    for i in (0..unknowns).rev() {
        let known: f64 = (i + 1..unknowns).map(|j| a[i][j] * x[j]).sum();
        x[i] = (a[i][unknowns] - known) / a[i][i];
    }
    Ok(x)
}

fn has_one_solution(a: &[Vec<f64>]) -> bool {
    let unknowns = a[0].len() - 1;
    a.len() >= unknowns
        && (0..unknowns).all(|i| a[i][i] != 0.0)
        && a[unknowns..].iter().all(|row| row[unknowns] == 0.0)
}

/// Subtracts `factor` times `other` from `row`, from `first` on.
fn subtract(row: &mut [f64], factor: f64, other: &[f64], first: usize) {
    for (value, subtrahend) in row.iter_mut().zip(other).skip(first) {
        *value -= factor * subtrahend;
    }
}
