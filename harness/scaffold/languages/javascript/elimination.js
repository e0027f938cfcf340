// Linear equations by elimination with partial pivoting: the program under test.
//
// Put your own program in place of this one. Where its functions have other names or arguments,
// change the calls in driver.js.
//
// A matrix is an array of rows. An augmented one has the right-hand sides in its last columns.
"use strict";

// The row, from `row` on, with the largest number in the column.
function pivotRow(a, row, column) {
  let pivot = row;
  for (let i = row + 1; i < a.length; i++) {
    if (Math.abs(a[i][column]) > Math.abs(a[pivot][column])) {
      pivot = i;
    }
  }
  return pivot;
}

// Subtracts `factor` times `other` from `row`, from `first` on.
function subtract(row, factor, other, first) {
  for (let j = first; j < row.length; j++) {
    row[j] -= factor * other[j];
  }
}

function swap(list, first, second) {
  [list[first], list[second]] = [list[second], list[first]];
}
%% if gaussian_elimination or gauss_jordan or rank

// Clears the first columns below their pivots. Returns the number of pivots.
function eliminate(a, unknowns) {
  let row = 0;
  for (let column = 0; column < unknowns && row < a.length; column++) {
    const pivot = pivotRow(a, row, column);
    if (a[pivot][column] === 0) {
      continue;
    }
    swap(a, row, pivot);
    for (let i = row + 1; i < a.length; i++) {
      const factor = a[i][column] / a[row][column];
      a[i][column] = 0;
      subtract(a[i], factor, a[row], column + 1);
    }
    row++;
  }
  return row;
}
%% endif
%% if gaussian_elimination

// Turns the matrix into row echelon form.
function gaussianElimination(a, unknowns) {
  if (eliminate(a, unknowns) < Math.min(a.length, unknowns)) {
    console.log("The matrix is singular.");
  }
}
%% endif
%% if gauss_jordan

%% if gaussian_elimination
// Turns a matrix in row echelon form into reduced row echelon form.
function gaussJordan(a, unknowns) {
%% else
// Turns the matrix into reduced row echelon form.
function gaussJordan(a, unknowns) {
  eliminate(a, unknowns);
%% endif
  for (let row = a.length - 1; row >= 0; row--) {
    const column = a[row].findIndex(value => value !== 0);
    if (column === -1 || column >= unknowns) {
      continue;
    }
    const pivot = a[row][column];
    a[row] = a[row].map(value => value / pivot);
    for (let i = 0; i < row; i++) {
      const factor = a[i][column];
      a[i][column] = 0;
      subtract(a[i], factor, a[row], column + 1);
    }
  }
}
%% endif
%% if back_substitution

function hasOneSolution(a) {
  const unknowns = a[0].length - 1;
  return (
    a.length >= unknowns &&
    a.every((row, i) => (i < unknowns ? row[i] !== 0 : row[unknowns] === 0))
  );
}

// Solves a system in row echelon form, with one right-hand side; throws where there is not exactly
// one solution.
function backSubstitution(a) {
  const unknowns = a[0].length - 1;
  if (!hasOneSolution(a)) {
    throw new RangeError("there is not exactly one solution");
  }
  const x = new Array(unknowns).fill(0);
  for (let i = unknowns - 1; i >= 0; i--) {
    let sum = a[i][unknowns];
    for (let j = i + 1; j < unknowns; j++) {
      sum -= a[i][j] * x[j];
    }
    x[i] = sum / a[i][i];
  }
  return x;
}
%% endif
%% if lu or solve or inverse or determinant or log_determinant

// Factors P A = L U. A becomes U; P is an order of the rows, with its sign.
function lu(a) {
  const order = a.map((_, i) => i);
  const lower = a.map(row => row.map(() => 0));
  let sign = 1;
  for (let k = 0; k < a.length; k++) {
    const pivot = pivotRow(a, k, k);
    if (pivot !== k) {
      [a, lower, order].forEach(list => swap(list, k, pivot));
      sign = -sign;
    }
    for (let i = k + 1; i < a.length && a[k][k] !== 0; i++) {
      lower[i][k] = a[i][k] / a[k][k];
      a[i][k] = 0;
      subtract(a[i], lower[i][k], a[k], k + 1);
    }
    lower[k][k] = 1;
  }
  return { order, lower, upper: a, sign };
}
%% endif
%% if forward_substitution or solve or inverse

// Solves L y = b, where L has 1 on its diagonal. b becomes y.
function forwardSubstitution(lower, b) {
  for (let i = 0; i < b.length; i++) {
    for (let j = 0; j < i; j++) {
      b[i] -= lower[i][j] * b[j];
    }
  }
  return b;
}
%% endif
%% if backward_substitution or solve or inverse or least_squares

// Solves U x = y. y becomes x. Throws for a singular U.
function backwardSubstitution(upper, y) {
  for (let i = y.length - 1; i >= 0; i--) {
    if (upper[i][i] === 0) {
      throw new RangeError("the matrix is singular");
    }
    for (let j = i + 1; j < y.length; j++) {
      y[i] -= upper[i][j] * y[j];
    }
    y[i] /= upper[i][i];
  }
  return y;
}
%% endif
%% if solve

// Solves A x = b. Throws for a singular A.
function solve(a, b) {
  const { order, lower, upper } = lu(a);
  return backwardSubstitution(upper, forwardSubstitution(lower, order.map(i => b[i])));
}
%% endif
%% if inverse

// Throws for a singular A.
function inverse(a) {
  const { order, lower, upper } = lu(a);
  const result = a.map(row => row.map(() => 0));
  order.forEach((origin, j) => {
    const unit = a.map((_, i) => (i === j ? 1 : 0));
    const x = backwardSubstitution(upper, forwardSubstitution(lower, unit));
    // Column j of the inverse of P A is a column of that of A.
    x.forEach((value, i) => {
      result[i][origin] = value;
    });
  });
  return result;
}
%% endif
%% if determinant

// A number as a mantissa from 0.5 to 1 and a power of two.
function split(value) {
  let exponent = 0;
  while (Math.abs(value) >= 1 && Number.isFinite(value)) {
    value /= 2;
    exponent++;
  }
  while (Math.abs(value) < 0.5 && value !== 0) {
    value *= 2;
    exponent--;
  }
  return [value, exponent];
}

// Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
// too large or too small for a number.
function determinant(a) {
  const { upper, sign } = lu(a);
  let mantissa = sign;
  let exponent = 0;
  upper.forEach((row, k) => {
    const [fraction, power] = split(row[k]);
    const [product, carry] = split(mantissa * fraction);
    mantissa = product;
    exponent += power + carry;
  });
  // In two steps, because 2 to that power may be no number.
  const half = Math.trunc(exponent / 2);
  return mantissa * 2 ** half * 2 ** (exponent - half);
}
%% endif
%% if log_determinant

// The sign of the determinant and the logarithm of its magnitude; 0 and -Infinity where it is 0.
function logDeterminant(a) {
  const factors = lu(a);
  let sign = factors.sign;
  let logarithm = 0;
  for (const [k, row] of factors.upper.entries()) {
    if (row[k] === 0) {
      return [0, -Infinity];
    }
    sign *= Math.sign(row[k]);
    logarithm += Math.log(Math.abs(row[k]));
  }
  return [sign, logarithm];
}
%% endif
%% if rank

// The number of pivots that elimination finds.
function rank(a) {
  return eliminate(a, a[0].length);
}
%% endif
%% if tridiagonal

// Solves a tridiagonal system by the Thomas algorithm, without row swaps. Throws for a pivot 0.
function tridiagonal(below, diagonal, above, b) {
  for (let i = 0; i < b.length; i++) {
    if (i > 0) {
      const factor = below[i - 1] / diagonal[i - 1];
      diagonal[i] -= factor * above[i - 1];
      b[i] -= factor * b[i - 1];
    }
    if (diagonal[i] === 0) {
      throw new RangeError("a pivot is 0");
    }
  }
  for (let i = b.length - 1; i >= 0; i--) {
    if (i + 1 < b.length) {
      b[i] -= above[i] * b[i + 1];
    }
    b[i] /= diagonal[i];
  }
  return b;
}
%% endif
%% if cholesky

// L with A = L Lᵀ. Throws where A is not positive definite.
function cholesky(a) {
  const lower = a.map(row => row.map(() => 0));
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i][j];
      for (let k = 0; k < j; k++) {
        rest -= lower[i][k] * lower[j][k];
      }
      if (i === j && !(rest > 0)) {
        throw new RangeError("the matrix is not positive definite");
      }
      lower[i][j] = i === j ? Math.sqrt(rest) : rest / lower[j][j];
    }
  }
  return lower;
}
%% endif
%% if least_squares or conjugate_gradient

function dot(x, y) {
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}
%% endif
%% if least_squares

// Reflects column k, from the diagonal down, to a multiple of a unit vector.
function reflect(a, k) {
  const rows = a.slice(k);
  const largest = Math.max(...rows.map(row => Math.abs(row[k])));
  if (largest === 0) {
    return;
  }
  const v = rows.map(row => row[k] / largest);
  v[0] += Math.sqrt(dot(v, v)) * (v[0] < 0 ? -1 : 1);
  const square = dot(v, v);
  for (let j = k; j < a[0].length; j++) {
    const factor = (2 * dot(v, rows.map(row => row[j]))) / square;
    rows.forEach((row, i) => {
      row[j] -= factor * v[i];
    });
  }
}

// The x with the smallest residual b - A x. Throws where the columns of A depend on each other, but
// for rounding.
function leastSquares(a, b) {
  const columns = a[0].length;
  if (a.length < columns) {
    throw new RangeError("there are fewer equations than unknowns");
  }
  const work = a.map((row, i) => [...row, b[i]]);
  for (let k = 0; k < columns; k++) {
    reflect(work, k);
  }
  const top = work.slice(0, columns);
  const pivots = top.map((row, k) => Math.abs(row[k]));
  if (!(Math.min(...pivots) > a.length * Number.EPSILON * Math.max(...pivots))) {
    throw new RangeError("the columns depend on each other");
  }
  return backwardSubstitution(top, top.map(row => row[columns]));
}
%% endif
%% if conjugate_gradient

// An x whose residual is at most 1e-10 times b, for a positive definite A. Throws where A is not
// positive definite, and after 10n steps.
function conjugateGradient(a, b) {
  // The squares of large and small numbers are no numbers.
  const scale = Math.max(...b.map(Math.abs)) || 1;
  const residual = b.map(value => value / scale);
  const x = b.map(() => 0);
  let direction = residual.slice();
  let square = dot(residual, residual);
  const limit = 1e-20 * square;
  for (let step = 0; square > limit; step++) {
    const product = a.map(row => dot(row, direction));
    const curvature = dot(direction, product);
    if (step === 10 * b.length || !(curvature > 0)) {
      throw new RangeError("the matrix is not positive definite");
    }
    const length = square / curvature;
    const before = square;
    subtract(x, -length, direction, 0);
    subtract(residual, length, product, 0);
    square = dot(residual, residual);
    direction = residual.map((value, i) => value + (square / before) * direction[i]);
  }
  if (!(square <= limit)) {
    throw new RangeError("the iteration does not converge");
  }
  return x.map(value => scale * value);
}
%% endif
