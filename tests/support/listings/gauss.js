#!/usr/bin/env node
// Linear equations, as a module that solves an example where it is loaded.

// null for a singular matrix
export function gauss(a, b) {
  const n = b.length;
  for (let k = 0; k < n; k++) {
    let p = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i][k]) > Math.abs(a[p][k])) p = i;
    if (Math.abs(a[p][k]) < 1e-12) return null;
    [a[k], a[p], b[k], b[p]] = [a[p], a[k], b[p], b[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const f = a[i][k] / a[k][k];
      for (let j = k; j < n; j++) a[i][j] -= f * a[k][j];
      b[i] -= f * b[k];
    }
  }
  return b.map((value, k) => value / a[k][k]);
}

// [] for a singular matrix
const invert = a => {
  const columns = a.map((_, j) => gauss(a.map(row => [...row]), a.map((_, i) => (i === j ? 1 : 0))));
  return columns.includes(null) ? [] : columns[0].map((_, i) => columns.map(x => x[i]));
};

// Ends the program for a singular matrix.
function det(a) {
  let d = 1;
  for (let k = 0; k < a.length; k++) {
    let p = k;
    for (let i = k; i < a.length; i++) if (Math.abs(a[i][k]) > Math.abs(a[p][k])) p = i;
    if (Math.abs(a[p][k]) < 1e-12) process.exit(1);
    if (p !== k) [a[k], a[p], d] = [a[p], a[k], -d];
    d *= a[k][k];
    for (let i = k + 1; i < a.length; i++) {
      const f = a[i][k] / a[k][k];
      for (let j = k; j < a.length; j++) a[i][j] -= f * a[k][j];
    }
  }
  return d;
}

console.log(gauss([[2, 1], [1, 3]], [5, 10]));
export { invert, det };
