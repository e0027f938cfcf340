// Reads linear systems from standard input, passes them to @{ listing }@, and prints the
// results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
// program.
"use strict";

const fs = require("fs");
const readline = require("readline");
const vm = require("vm");

// Returns a function that gives the program's own things by name, exported or not. While it is
// loaded, the program prints nothing. The word `export` before its functions is left out.
function load(file) {
  const text = fs.readFileSync(file, "utf8").replace(/^#!.*/, "");
  const script = text
    .replace(/^export\s+(default\s+)?(?=(async|function|class|const|let|var)\b)/gm, "")
    .replace(/^export\b[^;\n]*;?$/gm, "");
  let isLoaded = false;
  const quiet = { get: (target, name) => (isLoaded ? target[name] : () => {}) };
  const module = { exports: {} };
  const names = ["require", "module", "exports", "console"];
  const options = { filename: file };
  const run = vm.compileFunction(`${script}\n;return name => eval(name);`, names, options);
  const find = run(require, module, module.exports, new Proxy(console, quiet));
  isLoaded = true;
  return name => (Object.hasOwn(module.exports, name) ? module.exports[name] : find(name));
}

process.exit = status => {
  throw new Error(`exit(${status})`);
};
const program = load("@{ listing }@");

// The calls of the program: program("solve") is what it calls solve, exported or not. Each call
// gets copies, which the program may change. Where it has no answer, the program may throw or exit:
// the driver then prints `failed PROCEDURE MESSAGE`. Or it may return undefined, null, false, a
// text, an empty array, or one number such as -1 in place of an array: the driver then prints
// `refused PROCEDURE returned -1`. Where the program says so otherwise, throw Refused here:
//     if (status !== 0) throw new Refused(`returned ${status}`);
class Refused extends Error {}
%% if gaussian_elimination

// ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
function gaussianElimination(M, unknowns) {
  program("gaussianElimination")(M, unknowns);
  return M;
}
%% endif
%% if gauss_jordan

// ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
function gaussJordan(M, unknowns) {
  program("gaussJordan")(M, unknowns);
  return M;
}
%% endif
%% if back_substitution

// ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
function backSubstitution(M) {
  return program("backSubstitution")(M);
}
%% endif
%% if lu

// ADAPT: P, L and U with P A = L U; permutation(order) is P where it returns an order of rows
function lu(A) {
  const { order, lower, upper } = program("lu")(A);
  return [permutation(order), lower, upper];
}
%% endif
%% if forward_substitution

// ADAPT: the solution y of L y = b
function forwardSubstitution(L, b) {
  return program("forwardSubstitution")(L, b);
}
%% endif
%% if backward_substitution

// ADAPT: the solution x of U x = y
function backwardSubstitution(U, y) {
  return program("backwardSubstitution")(U, y);
}
%% endif
%% if solve

// ADAPT: the solution x of A x = b
function solve(A, b) {
  return program("solve")(A, b);
}
%% endif
%% if inverse

// ADAPT: the inverse of A
function inverse(A) {
  return program("inverse")(A);
}
%% endif
%% if determinant

// ADAPT: the determinant of A
function determinant(A) {
  return program("determinant")(A);
}
%% endif
%% if log_determinant

// ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
function logDeterminant(A) {
  return program("logDeterminant")(A);
}
%% endif
%% if rank

// ADAPT: the rank of A
function rank(A) {
  return program("rank")(A);
}
%% endif
%% if tridiagonal

// ADAPT: the solution x of A x = b, from the diagonals of A
function tridiagonal(A, b) {
  const [below, diagonal, above] = [-1, 0, 1].map(shift =>
    A.map((row, i) => row[i + shift]).filter(value => value !== undefined));
  return program("tridiagonal")(below, diagonal, above, b);
}
%% endif
%% if cholesky

// ADAPT: L with A = L Lᵀ
function cholesky(A) {
  return program("cholesky")(A);
}
%% endif
%% if least_squares

// ADAPT: the x with the smallest residual b - A x
function leastSquares(A, b) {
  return program("leastSquares")(A, b);
}
%% endif
%% if conjugate_gradient

// ADAPT: the solution x of A x = b for a positive definite A
function conjugateGradient(A, b) {
  return program("conjugateGradient")(A, b);
}
%% endif

// From here on, nothing depends on the program.

async function main() {
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for await (const header of lines) {
    const [, name, rows, columns, sides] = header.split(" ");
    const system = [];
    while (system.length < Number(rows)) {
      system.push((await lines.next()).value.split(" ").map(Number));
    }
    const unknowns = Number(columns) - Number(sides);
    console.error(`case ${name}`);
    say([`case ${name}`]);
    answer(system, system.map(row => row.slice(0, unknowns)), system.map(row => row.slice(unknowns)));
    say([`end ${name}`]);
  }
}

function answer(system, A, B) {
  const unknowns = A[0].length;
  const isSquare = A.length === unknowns;
  const isSymmetric = isSquare && A.every((row, i) => row.every((value, j) => value === A[j][i]));
  const isTridiagonal =
    isSquare && A.every((row, i) => row.every((value, j) => value === 0 || Math.abs(i - j) < 2));
%% if gaussian_elimination or gauss_jordan or back_substitution
  let M = system;
%% endif
%% if gaussian_elimination
  M = attempt("gaussian_elimination", { echelon: 2 }, () => gaussianElimination(copyOf(M), unknowns));
%% endif
%% if gauss_jordan
  if (M !== null) {
    const reduced = attempt("gauss_jordan", { reduced: 2 }, () => gaussJordan(copyOf(M), unknowns));
%% if not gaussian_elimination
    M = reduced;
%% endif
  }
%% endif
%% if back_substitution
  if (M !== null && B[0].length === 1) {
    attempt("back_substitution", { solution: 1 }, () => backSubstitution(copyOf(M)));
  }
%% endif
%% if lu or forward_substitution or backward_substitution
  if (isSquare) {
%% if lu
    const factors = attempt("lu", { permutation: 2, lower: 2, upper: 2 }, () => lu(copyOf(A)));
%% else
    // Without a factorisation, the triangles are those of A.
    const P = permutation(A.map((_, i) => i));
    const lower = A.map((row, i) => row.map((value, j) => (i > j ? value : P[i][j])));
    const factors = [P, lower, A.map((row, i) => row.map((value, j) => (i > j ? 0 : value)))];
%% endif
%% if forward_substitution or backward_substitution
    if (factors !== null) {
      const [P, L, U] = factors;
      let Y = B;
%% if forward_substitution
      const PB = P.map(row => B[row.findIndex(value => value !== 0)]);
      Y = attempt("forward_substitution", { forward: 2 }, () => each(forwardSubstitution, L, PB));
%% endif
%% if backward_substitution
      if (Y !== null) {
        attempt("backward_substitution", { backward: 2 }, () => each(backwardSubstitution, U, Y));
      }
%% endif
    }
%% endif
  }
%% endif
%% if solve
  // Where the program takes other shapes, claim them in port.yaml and leave out the condition.
  if (isSquare) {
    attempt("solve", { solve: 2 }, () => each(solve, A, B));
  }
%% endif
%% if inverse
  if (isSquare) {
    attempt("inverse", { inverse: 2 }, () => inverse(copyOf(A)));
  }
%% endif
%% if determinant
  if (isSquare) {
    attempt("determinant", { determinant: 0 }, () => determinant(copyOf(A)));
  }
%% endif
%% if log_determinant
  if (isSquare) {
    attempt("log_determinant", { log_determinant: 1 }, () => logDeterminant(copyOf(A)));
  }
%% endif
%% if rank
  attempt("rank", { rank: 0 }, () => rank(copyOf(A)));
%% endif
%% if tridiagonal
  if (isTridiagonal) {
    attempt("tridiagonal", { tridiagonal: 2 }, () => each(tridiagonal, A, B));
  }
%% endif
%% if cholesky
  if (isSymmetric) {
    attempt("cholesky", { cholesky: 2 }, () => cholesky(copyOf(A)));
  }
%% endif
%% if least_squares
  attempt("least_squares", { least_squares: 2 }, () => each(leastSquares, A, B));
%% endif
%% if conjugate_gradient
  if (isSymmetric && B[0].length === 1) {
    const b = B.map(row => row[0]);
    attempt("conjugate_gradient", { conjugate_gradient: 1 }, () => conjugateGradient(copyOf(A), b));
  }
%% endif
}

// Returns the results for each column of B, as the columns of a matrix.
function each(solver, A, B) {
  const columns = B[0].map((_, k) => {
    const x = flat(solver(copyOf(A), B.map(row => row[k])));
    check(x, 1);
    return x;
  });
  return columns[0].map((_, i) => columns.map(column => column[i]));
}

// Prints and returns the result, or the results where there are several. Where the procedure throws
// or has no answer, prints that and returns null. The labels have numbers of dimensions.
function attempt(procedure, labels, stage) {
  try {
    const result = stage();
    const entries = Object.entries(labels);
    const results = entries.length === 1 ? [result] : Array.from(result);
    const lines = entries.flatMap(([label, dimensions], i) => {
      const value = dimensions === 1 ? flat(results[i]) : results[i];
      check(value, dimensions);
      if (dimensions === 2) {
        const rows = Array.from(value, row => Array.from(row, numberText).join(" "));
        return [`${label} ${value.length} ${value[0].length}`, ...rows];
      }
      const vector = dimensions === 1 ? Array.from(value) : [value];
      return [`${label} ${vector.length}`, ...vector.map(numberText)];
    });
    say(lines);
    return result;
  } catch (error) {
    const [word, text] = error instanceof Refused ? ["refused", error.message] : ["failed", error];
    say([`${word} ${procedure} ${String(text).replace(/\s+/g, " ")}`]);
    return null;
  }
}

// A vector as a flat array, also where it is a matrix with one column.
function flat(value) {
  return Array.isArray(value) && value.every(row => Array.isArray(row) && row.length === 1)
    ? value.map(row => row[0])
    : value;
}

function check(value, dimensions) {
  const isList = entry => Array.isArray(entry) || ArrayBuffer.isView(entry);
  const isRight =
    dimensions === 0
      ? ["number", "bigint"].includes(typeof value)
      : isList(value) && value.length > 0 && isList(value[0]) === (dimensions === 2);
  if (!isRight || (dimensions === 2 && value[0].length === 0)) {
    const text = `returned ${JSON.stringify(value)}`;
    throw isList(value) && value.length > 0 ? new Error(`the program ${text}`) : new Refused(text);
  }
}

function copyOf(matrix) {
  return matrix.map(row => row.slice());
}

// The matrix whose rows are those of the unit matrix in that order.
function permutation(order) {
  return order.map(origin => order.map((_, j) => (j === origin ? 1 : 0)));
}

// String(-0) would be "0", and String(2 ** 64) another integer, 18446744073709552000.
function numberText(value) {
  if (Object.is(value, -0)) {
    return "-0";
  }
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? value.toExponential()
    : String(value);
}

// Writing to a pipe is synchronous here, so nothing has to be flushed.
function say(lines) {
  process.stdout.write(lines.join("\n") + "\n");
}

main();
