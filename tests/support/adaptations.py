"""Programs as people bring them, and what they write into the driver that `harness new` makes.

Each file in tests/support/listings has a main program of its own and three functions. For a
singular matrix, the first returns what its language has for "none" (a status, a null pointer, an
option), the second an empty matrix (in R -1), and the third throws, panics or exits.
"""

from __future__ import annotations

from pathlib import Path

LISTINGS = Path(__file__).parent / "listings"

PROCEDURES = ("solve", "inverse", "determinant")

ADAPTATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "C": (
        "gauss.c",
        {
            'return solve(a, b, x, n) ? NULL : "returned 0";': (
                "memcpy(x, b, n * sizeof *x);\n"
                "    return driver_status(gauss(driver_rows(a, n, n), x, n));"
            ),
            'return inverse(a, result, n) ? NULL : "returned 0";': (
                "double *c = invert(a, n);\n"
                '    if (c == NULL) return "returned NULL";\n'
                "    memcpy(result, c, n * n * sizeof *c);\n"
                "    return NULL;"
            ),
            "*result = determinant(a, n);": (
                "double (*m)[MAX] = calloc(MAX, sizeof *m);\n"
                "    for (size_t i = 0; i < n * n; ++i) m[i / n][i % n] = a[i];\n"
                "    *result = det(m, n);"
            ),
        },
    ),
    "C++": (
        "gauss.cpp",
        {
            "return ::solve(A, b);": (
                "for (std::size_t i = 0; i < b.size(); ++i) A[i].push_back(b[i]);\n"
                "    Vector x;\n"
                "    const int count = gauss(A, x);\n"
                '    return count == 1 ? x : throw Refused{std::format("returned {}", count)};'
            ),
            "::inverse(A)": "invert(A)",
            "::determinant(A)": "det(A)",
        },
    ),
    "Fortran": (
        "gauss.f90",
        {
            "call solve(a, b, x, answered)": (
                "integer :: info\n"
                "    call gauss(a, b, x, size(b), info)\n"
                "    answered = info == 0\n"
                "    write (reason, '(a, i0)') 'returned ', info"
            ),
            "call inverse(a, x, answered)": (
                "integer :: info\n    call invert(a, x, size(a, 1), info)\n    answered = info == 0"
            ),
            "x(1, 1) = determinant(a)": (
                "real(real64), external :: det\n"
                "    x(1, 1) = det(a, size(a, 1))\n"
                "    answered = x(1, 1) == x(1, 1)"
            ),
        },
    ),
    "Go": (
        "gauss.go",
        {
            "return solve(A, b)": "return gauss(A, b), nil",
            "return inverse(A)": "X, _ := invert(A)\n\treturn X, nil",
            "determinant(A), nil": "det(A), nil",
        },
    ),
    "Haskell": (
        "gauss.hs",
        {
            "return (Program.solve a b)": (
                'return (maybe (Left "returned Nothing") Right (Program.gauss a b))'
            ),
            "Program.inverse a": "Right (Program.invert a)",
            "Program.determinant a": "Program.det a",
        },
    ),
    "Java": (
        "Gauss.java",
        {
            "Gauss.solve(A, b)": "Gauss.gauss(A, b)",
            "Gauss.inverse(A)": "Gauss.invert(A)",
            "Gauss.determinant(A)": "Gauss.det(A)",
        },
    ),
    "JavaScript": (
        "gauss.js",
        {
            'program("solve")': 'program("gauss")',
            'program("inverse")': 'program("invert")',
            'program("determinant")': 'program("det")',
        },
    ),
    "Julia": (
        "gauss.jl",
        {
            "Program.solve": "Program.gauss",
            "Program.inverse": "Program.invert",
            "Program.determinant": "Program.det",
        },
    ),
    "Lua": (
        "gauss.lua",
        {
            "program.solve": "program.gauss",
            "program.inverse": "program.invert",
            "program.determinant": "program.det",
        },
    ),
    "OCaml": (
        "gauss.ml",
        {
            "let solve a b = Program.solve a b": (
                "let solve a b =\n  match Program.gauss a b with\n  | Some x -> x\n"
                '  | None -> raise (Refused "returned None")'
            ),
            "Program.inverse": "Program.invert",
            "Program.determinant": "Program.det",
        },
    ),
    "Python": (
        "gauss.py",
        {
            "program.solve(A, b)": "program.gauss(A.tolist(), b.tolist())",
            "program.inverse(A)": "program.invert(A.tolist())",
            "program.determinant(A)": "program.det(A.tolist())",
        },
    ),
    "R": (
        "gauss.R",
        {
            "program$solve": "program$gauss",
            "program$inverse": "program$invert",
            "program$determinant": "program$det",
        },
    ),
    "Ruby": (
        "gauss.rb",
        {
            "send(:solve,": "send(:gauss,",
            "send(:inverse,": "send(:invert,",
            ":determinant,": ":det,",
        },
    ),
    "Rust": (
        "gauss.rs",
        {
            "fn solve(a: Matrix, b: Vector)": "fn solve(mut a: Matrix, mut b: Vector)",
            "super::solve(a, &b)": (
                'super::gauss(&mut a, &mut b).ok_or("returned None".to_string())'
            ),
            "super::inverse(a)": "Ok(super::invert(&a))",
            "super::determinant(a)": "super::det(a)",
        },
    ),
}
"""The file of a program by its language, and the replacements in its driver."""

REFUSALS = {
    "C": ("returned -1", "returned NULL"),
    "C++": ("returned 0", "returned an empty vector"),
    "Fortran": ("returned -1", "returned .false."),
    "Go": ("returned an empty slice", "returned an empty slice"),
    "Haskell": ("returned Nothing", "returned an empty list"),
    "Java": ("returned null", "returned an empty array"),
    "JavaScript": ("returned null", "returned []"),
    "Julia": ("returned nothing", "returned an empty array"),
    "Lua": ("returned nil", "returned an empty table"),
    "OCaml": ("returned None", "returned [||]"),
    "Python": ("returned None", "returned []"),
    "R": ("returned NULL", "returned -1"),
    "Ruby": ("returned nil", "returned []"),
    "Rust": ("returned None", "returned an empty vector"),
}
"""What the driver says of the first two functions for a contradictory system."""


def adapt(folder: Path, language: str) -> None:
    """Adapt the driver in the folder of a new port to the program of its language."""
    (driver,) = (path for path in folder.iterdir() if path.stem.lower() == "driver")
    text = driver.read_text()
    for old, new in ADAPTATIONS[language][1].items():
        assert old in text, old
        text = text.replace(old, new)
    driver.write_text(text)
