// Reads linear systems from standard input, passes them to @{ listing }@, and prints the
// results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
// program.
//
// The program is included, so that it needs no header. Its own main gets another name. Where it
// calls exit, the driver goes on with the next procedure.
#include <cstdlib>
#include <stdlib.h>

[[noreturn]] void driver_exit(int status);
namespace std {
using ::driver_exit;
}
#define main main_of_the_program
#define exit driver_exit
#include "@{ listing }@"
#undef exit
#undef main

#include <cmath>
#include <cstddef>
#include <exception>
#include <format>
#include <initializer_list>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace driver {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

Matrix permutation(const std::vector<std::size_t>& order);

// The program returned something that says that there is no answer.
struct Refused {
    std::string reason;
};

// The calls of the program. Each call gets copies, which the program may change. Where it has no
// answer, the program may throw or exit: the driver then prints `failed PROCEDURE MESSAGE`. Or it
// may return an empty vector: the driver then prints `refused PROCEDURE returned an empty vector`.
// Where the program says so otherwise, throw Refused here:
//     if (::solve(A, b, x) == -1) throw Refused{"returned -1"};       it returns a status
//     return ::solve(A, b).value_or(Vector{});                        it returns a std::optional
//     double* x = ::solve(A, b);                                      it returns a pointer
//     return x ? Vector(x, x + b.size()) : throw Refused{"returned a null pointer"};
%% if gaussian_elimination

// ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
Matrix gaussian_elimination(Matrix M, std::size_t unknowns) {
    ::gaussian_elimination(M, unknowns);
    return M;
}
%% endif
%% if gauss_jordan

// ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
Matrix gauss_jordan(Matrix M, std::size_t unknowns) {
    ::gauss_jordan(M, unknowns);
    return M;
}
%% endif
%% if back_substitution

// ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
Vector back_substitution(Matrix M) {
    return ::back_substitution(M);
}
%% endif
%% if lu

// ADAPT: P, L and U with P A = L U
std::vector<Matrix> lu(Matrix A) {
    Matrix L;
    std::vector<std::size_t> order;
    ::lu(A, L, order);
    return {permutation(order), L, A};
}
%% endif
%% if forward_substitution

// ADAPT: the solution y of L y = b
Vector forward_substitution(Matrix L, Vector b) {
    return ::forward_substitution(L, b);
}
%% endif
%% if backward_substitution

// ADAPT: the solution x of U x = y
Vector backward_substitution(Matrix U, Vector y) {
    return ::backward_substitution(U, y);
}
%% endif
%% if solve

// ADAPT: the solution x of A x = b
Vector solve(Matrix A, Vector b) {
    return ::solve(A, b);
}
%% endif
%% if inverse

// ADAPT: the inverse of A
Matrix inverse(Matrix A) {
    return ::inverse(A);
}
%% endif
%% if determinant

// ADAPT: the determinant of A
double determinant(Matrix A) {
    return ::determinant(A);
}
%% endif
%% if log_determinant

// ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
Vector log_determinant(Matrix A) {
    const auto [sign, logarithm] = ::log_determinant(A);
    return {sign, logarithm};
}
%% endif
%% if rank

// ADAPT: the rank of A
double rank(Matrix A) {
    return ::rank(A);
}
%% endif
%% if tridiagonal

// ADAPT: the solution x of A x = b, from the diagonals of A
Vector tridiagonal(Matrix A, Vector b) {
    Vector below, diagonal, above;
    for (std::size_t i = 0; i < A.size(); ++i) {
        diagonal.push_back(A[i][i]);
        if (i > 0) {
            below.push_back(A[i][i - 1]);
            above.push_back(A[i - 1][i]);
        }
    }
    return ::tridiagonal(below, diagonal, above, b);
}
%% endif
%% if cholesky

// ADAPT: L with A = L Lᵀ
Matrix cholesky(Matrix A) {
    return ::cholesky(A);
}
%% endif
%% if least_squares

// ADAPT: the x with the smallest residual b - A x
Vector least_squares(Matrix A, Vector b) {
    return ::least_squares(A, b);
}
%% endif
%% if conjugate_gradient

// ADAPT: the solution x of A x = b for a positive definite A
Vector conjugate_gradient(Matrix A, Vector b) {
    return ::conjugate_gradient(A, b);
}
%% endif

// From here on, nothing depends on the program.

// The matrix whose rows are those of the unit matrix in that order.
Matrix permutation(const std::vector<std::size_t>& order) {
    Matrix P(order.size(), Vector(order.size()));
    for (std::size_t i = 0; i < order.size(); ++i) {
        P[i][order[i]] = 1;
    }
    return P;
}

// `{}` prints the shortest text that reads back as the same number.
std::string text_of(const std::string& label, const Matrix& matrix) {
    if (matrix.empty() || matrix.front().empty()) {
        throw Refused{"returned an empty vector"};
    }
    std::string text = std::format("{} {} {}\n", label, matrix.size(), matrix.front().size());
    for (const Vector& row : matrix) {
        const char* separator = "";
        for (double number : row) {
            text += std::format("{}{}", separator, number);
            separator = " ";
        }
        text += '\n';
    }
    return text;
}

std::string text_of(const std::string& label, const Vector& vector) {
    if (vector.empty()) {
        throw Refused{"returned an empty vector"};
    }
    std::string text = std::format("{} {}\n", label, vector.size());
    for (double number : vector) {
        text += std::format("{}\n", number);
    }
    return text;
}

std::string text_of(const std::string& label, double number) {
    return text_of(label, Vector{number});
}

// Prints the text that the stage returns, or that its procedure threw. Returns whether it
// succeeded.
template <typename Stage>
bool attempt(const std::string& procedure, Stage stage) {
    std::string word = "failed", message = "an exception";
    try {
        std::cout << stage() << std::flush;
        return true;
    } catch (const Refused& refusal) {
        word = "refused";
        message = refusal.reason;
    } catch (const std::exception& error) {
        message = error.what();
    } catch (const char* text) {
        message = text;
    } catch (const std::string& text) {
        message = text;
    } catch (...) {
    }
    for (char& character : message) {
        character = character == '\n' || character == '\r' ? ' ' : character;
    }
    std::cout << word << " " << procedure << " " << message << std::endl;
    return false;
}

// Prints the results for each column of B, as the columns of a matrix, and returns them.
template <typename Solver>
Matrix solve_each(const std::string& procedure, const std::string& label, Solver solver,
                  const Matrix& A, const Matrix& B) {
    Matrix X;
    const bool succeeded = attempt(procedure, [&] {
        for (std::size_t k = 0; k < B.front().size(); ++k) {
            Vector b;
            for (const Vector& row : B) {
                b.push_back(row[k]);
            }
            const Vector x = solver(A, b);
            if (k == 0) {
                X.resize(x.size());
            }
            if (x.size() != X.size()) {
                throw std::runtime_error(std::format("one solution has {} numbers", x.size()));
            }
            for (std::size_t i = 0; i < x.size(); ++i) {
                X[i].push_back(x[i]);
            }
        }
        return text_of(label, X);
    });
    return succeeded ? X : Matrix{};
}

bool is_symmetric(const Matrix& A) {
    for (std::size_t i = 0; i < A.size(); ++i) {
        for (std::size_t j = 0; j < A.front().size(); ++j) {
            if (A.size() != A.front().size() || A[i][j] != A[j][i]) {
                return false;
            }
        }
    }
    return true;
}

bool is_tridiagonal(const Matrix& A) {
    for (std::size_t i = 0; i < A.size(); ++i) {
        for (std::size_t j = 0; j < A.front().size(); ++j) {
            if (A.size() != A.front().size() || (A[i][j] != 0 && (i > j + 1 || j > i + 1))) {
                return false;
            }
        }
    }
    return true;
}

void answer(const Matrix& system, const Matrix& A, const Matrix& B) {
    const std::size_t unknowns = A.front().size();
    const bool is_square = A.size() == unknowns;
%% if gaussian_elimination or gauss_jordan or back_substitution
    Matrix M = system;
    bool can_continue = true;
%% endif
%% if gaussian_elimination
    can_continue = attempt("gaussian_elimination", [&] {
        M = gaussian_elimination(M, unknowns);
        return text_of("echelon", M);
    });
%% endif
%% if gauss_jordan
    can_continue = can_continue && @{ "(" if gaussian_elimination }@attempt("gauss_jordan", [&] {
        const Matrix reduced = gauss_jordan(M, unknowns);
%% if not gaussian_elimination
        M = reduced;
%% endif
        return text_of("reduced", reduced);
    })@{ " || true)" if gaussian_elimination }@;
%% endif
%% if back_substitution
    if (can_continue && B.front().size() == 1) {
        attempt("back_substitution", [&] { return text_of("solution", back_substitution(M)); });
    }
%% endif
%% if lu or forward_substitution or backward_substitution
    if (is_square) {
%% if lu
        std::vector<Matrix> factors;
        const bool can_substitute = attempt("lu", [&] {
            factors = lu(A);
            return text_of("permutation", factors.at(0)) + text_of("lower", factors.at(1)) +
                   text_of("upper", factors.at(2));
        });
%% else
        // Without a factorisation, the triangles are those of A.
        std::vector<Matrix> factors(3, A);
        const bool can_substitute = true;
        for (std::size_t i = 0; i < unknowns; ++i) {
            for (std::size_t j = 0; j < unknowns; ++j) {
                factors[0][i][j] = i == j;
                factors[1][i][j] = i > j ? A[i][j] : i == j;
                factors[2][i][j] = i > j ? 0 : A[i][j];
            }
        }
%% endif
%% if forward_substitution or backward_substitution
        Matrix Y = can_substitute ? B : Matrix{};
%% endif
%% if forward_substitution
        if (can_substitute) {
            Matrix PB = B;
            for (std::size_t i = 0; i < unknowns; ++i) {
                for (std::size_t j = 0; j < unknowns; ++j) {
                    if (factors[0].at(i).at(j) != 0) {
                        PB[i] = B[j];
                    }
                }
            }
            Y = solve_each("forward_substitution", "forward", forward_substitution, factors[1], PB);
        }
%% endif
%% if backward_substitution
        if (!Y.empty()) {
            solve_each("backward_substitution", "backward", backward_substitution, factors[2], Y);
        }
%% endif
    }
%% endif
%% if solve
    // Where the program takes other shapes, claim them in port.yaml and leave out the condition.
    if (is_square) {
        solve_each("solve", "solve", solve, A, B);
    }
%% endif
%% if inverse
    if (is_square) {
        attempt("inverse", [&] { return text_of("inverse", inverse(A)); });
    }
%% endif
%% if determinant
    if (is_square) {
        attempt("determinant", [&] { return text_of("determinant", determinant(A)); });
    }
%% endif
%% if log_determinant
    if (is_square) {
        attempt("log_determinant", [&] { return text_of("log_determinant", log_determinant(A)); });
    }
%% endif
%% if rank
    attempt("rank", [&] { return text_of("rank", rank(A)); });
%% endif
%% if tridiagonal
    if (is_tridiagonal(A)) {
        solve_each("tridiagonal", "tridiagonal", tridiagonal, A, B);
    }
%% endif
%% if cholesky
    if (is_symmetric(A)) {
        attempt("cholesky", [&] { return text_of("cholesky", cholesky(A)); });
    }
%% endif
%% if least_squares
    solve_each("least_squares", "least_squares", least_squares, A, B);
%% endif
%% if conjugate_gradient
    if (is_symmetric(A) && B.front().size() == 1) {
        Vector b;
        for (const Vector& row : B) {
            b.push_back(row.front());
        }
        attempt("conjugate_gradient",
                [&] { return text_of("conjugate_gradient", conjugate_gradient(A, b)); });
    }
%% endif
}

// The C library reads every double; a stream rejects the smallest ones.
Vector read_row(std::size_t columns) {
    std::string line;
    std::getline(std::cin, line);
    Vector row(columns);
    const char* rest = line.c_str();
    for (double& number : row) {
        char* end;
        number = std::strtod(rest, &end);
        if (end == rest) {
            std::cerr << "not a row of " << columns << " numbers: " << line << "\n";
            std::exit(1);
        }
        rest = end;
    }
    return row;
}

void converse() {
    std::string header;
    while (std::getline(std::cin, header)) {
        std::string word, name;
        std::size_t rows, columns, sides;
        std::istringstream(header) >> word >> name >> rows >> columns >> sides;
        Matrix system, A, B;
        while (system.size() < rows) {
            const Vector row = read_row(columns);
            system.push_back(row);
            A.emplace_back(row.begin(), row.end() - sides);
            B.emplace_back(row.end() - sides, row.end());
        }
        std::cerr << "case " << name << std::endl;
        std::cout << "case " << name << std::endl;
        answer(system, A, B);
        std::cout << "end " << name << std::endl;
    }
}

}  // namespace driver

// Inside of a call, exit becomes an exception.
void driver_exit(int status) {
    throw std::runtime_error(std::format("exit({})", status));
}

int main() {
    std::ios::sync_with_stdio(false);
    driver::converse();
}
