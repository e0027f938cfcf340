// Reads linear systems from standard input, passes them to elimination.js, and prints the
// results. docs/protocol.md describes both sides.
"use strict";

const readline = require("readline");
const elimination = require("./elimination.js");

async function main() {
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for await (const header of lines) {
    const [, name, rows] = header.split(" ");
    const system = [];
    while (system.length < Number(rows)) {
      system.push((await lines.next()).value.split(" ").map(Number));
    }
    answer(name, system);
  }
}

function answer(name, system) {
  console.error(`case ${name}`);
  say([`case ${name}`]);
  const echelon = copyOf(system);
  const eliminated = attempt("gaussian_elimination", () => {
    elimination.gaussianElimination(echelon);
    return matrixLines("echelon", echelon);
  });
  if (eliminated) {
    attempt("gauss_jordan", () => {
      const reduced = copyOf(echelon);
      elimination.gaussJordan(reduced);
      return matrixLines("reduced", reduced);
    });
    attempt("back_substitution", () => {
      const x = elimination.backSubstitution(copyOf(echelon));
      return [`solution ${x.length}`, ...Array.from(x, numberText)];
    });
  }
  say([`end ${name}`]);
}

// Prints what the stage returns, or that its procedure threw. Returns whether it succeeded.
function attempt(procedure, stage) {
  try {
    say(stage());
    return true;
  } catch (error) {
    say([`failed ${procedure} ${String(error).replace(/\n/g, " ")}`]);
    return false;
  }
}

function copyOf(matrix) {
  return matrix.map(row => row.slice());
}

function matrixLines(label, matrix) {
  const rows = Array.from(matrix, row => Array.from(row, numberText).join(" "));
  return [`${label} ${matrix.length} ${matrix[0].length}`, ...rows];
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
