// Gaussian elimination with partial pivoting: the program under test.
//
// Put your own program in place of this one. Where its functions have other names or arguments,
// change the calls in driver.js; what driver.js calls has to be exported.
//
// A matrix is an array of rows and augmented: its last column is the right-hand side.
"use strict";

// Turns the matrix into row echelon form.
function gaussianElimination(a) {
  const rows = a.length;
  const unknowns = a[0].length - 1;
  let row = 0;

  for (let column = 0; column < unknowns && row < rows; column++) {
    let pivot = row;
    for (let i = row + 1; i < rows; i++) {
      if (Math.abs(a[i][column]) > Math.abs(a[pivot][column])) {
        pivot = i;
      }
    }
    if (a[pivot][column] === 0) {
      continue;
    }
    [a[row], a[pivot]] = [a[pivot], a[row]];

    for (let i = row + 1; i < rows; i++) {
      const factor = a[i][column] / a[row][column];
      a[i][column] = 0;
      subtract(a[i], factor, a[row], column + 1);
    }
    row++;
  }
  if (row < Math.min(rows, unknowns)) {
    console.log("The matrix is singular.");
  }
}

// Turns a matrix in row echelon form into reduced row echelon form.
function gaussJordan(a) {
  const unknowns = a[0].length - 1;

  for (let row = a.length - 1; row >= 0; row--) {
    const column = a[row].findIndex(value => value !== 0);
    if (column === -1 || column === unknowns) {
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

// Solves a system in row echelon form; throws where there is not exactly one solution.
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

function hasOneSolution(a) {
  const unknowns = a[0].length - 1;
  return (
    a.length >= unknowns &&
    a.every((row, i) => (i < unknowns ? row[i] !== 0 : row[unknowns] === 0))
  );
}

// Subtracts a multiple of another row from `row`, from the column `first` on.
function subtract(row, factor, other, first) {
  for (let j = first; j < row.length; j++) {
    row[j] -= factor * other[j];
  }
}

module.exports = { gaussianElimination, gaussJordan, backSubstitution };
