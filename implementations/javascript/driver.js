// Reads linear systems from standard input, has gaussian_elimination.js work on them, prints what
// comes out. docs/protocol.md describes both sides.
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const vm = require("vm");

// The listing exports nothing and solves its example as it loads: it is loaded into a context of
// its own, where its functions can be reached, and is only then given a console that prints.
function load(file) {
  const listing = vm.createContext({ console: { log() {} } });
  vm.runInContext(fs.readFileSync(path.join(__dirname, file), "utf8"), listing, file);
  listing.console.log = console.log;
  return listing;
}

const listing = load("gaussian_elimination.js");

// Prints what the stage returns, or that its procedure failed; says whether it succeeded.
function attempt(procedure, stage) {
  try {
    say(stage());
    return true;
  } catch (error) {
    say([`failed ${procedure} ${String(error).replace(/\n/g, " ")}`]);
    return false;
  }
}

function answer(name, system) {
  const columns = system[0].length;
  console.error(`case ${name}`);
  say([`case ${name}`]);
  const echelon = copyOf(system);
  const eliminated = attempt("gaussian_elimination", () => {
    listing.gaussianElimination(echelon);
    return matrixLines("echelon", echelon, columns);
  });
  if (eliminated) {
    attempt("gauss_jordan", () => {
      const reduced = copyOf(echelon);
      listing.gaussJordan(reduced);
      return matrixLines("reduced", reduced, columns);
    });
    attempt("back_substitution", () =>
      solutionLines(listing.backSubstitution(copyOf(echelon))));
  }
  say([`end ${name}`]);
}

// A row can be undefined: the listing may swap with one that does not exist.
function copyOf(matrix) {
  return matrix.map(row => row && row.slice());
}

function matrixLines(label, matrix, columns) {
  const rows = Array.from(matrix, (row = []) =>
    Array.from({ length: columns }, (_, j) => numberText(row[j])).join(" "));
  return [`${label} ${matrix.length} ${columns}`, ...rows];
}

function solutionLines(solution) {
  return [`solution ${solution.length}`, ...Array.from(solution, numberText)];
}

// String(-0) would be "0", and String(2 ** 64) another integer, 18446744073709552000.
function numberText(value) {
  const number = Number(value);
  if (Object.is(number, -0)) {
    return "-0";
  }
  return Number.isInteger(number) && !Number.isSafeInteger(number)
    ? number.toExponential()
    : String(number);
}

// Writing to a pipe is synchronous here, so nothing waits to be flushed.
function say(lines) {
  process.stdout.write(lines.join("\n") + "\n");
}

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

main();
