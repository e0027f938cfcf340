"""A port whose `solve` is right, and leaves the triangle of its elimination in the matrix."""

import sys


def solve(augmented: list[list[float]]) -> list[float]:
    n = len(augmented)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(augmented[i][k]))
        augmented[k], augmented[pivot] = augmented[pivot], augmented[k]
        for row in augmented[k + 1 :]:
            multiplier = row[k] / augmented[k][k]
            for j in range(k, len(row)):
                row[j] -= multiplier * augmented[k][j]
    x = [0.0] * n
    for i in reversed(range(n)):
        known = sum(augmented[i][j] * x[j] for j in range(i + 1, n))
        x[i] = (augmented[i][n] - known) / augmented[i][i]
    return x


for header in sys.stdin:
    _, name, rows, columns, _ = header.split()
    system = [[float(word) for word in sys.stdin.readline().split()] for _ in range(int(rows))]
    print("case", name, file=sys.stderr, flush=True)
    x = solve(system)
    print("case", name, f"\nsolve {rows} 1", *(f"\n{value!r}" for value in x))
    print(f"input solve {rows} {columns}", *("\n" + " ".join(map(repr, row)) for row in system))
    print("end", name, flush=True)
