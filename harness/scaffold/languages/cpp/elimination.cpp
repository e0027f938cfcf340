// Linear equations by elimination with partial pivoting: the program under test.
//
// Put your own program in place of this one. Where its functions have other names or arguments,
// change the calls in driver.cpp.
//
// A matrix is a vector of rows. An augmented one has the right-hand sides in its last columns.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

// Subtracts `factor` times `other` from `row`, from `first` on.
void subtract(Vector& row, double factor, const Vector& other, std::size_t first) {
    for (std::size_t j = first; j < row.size(); ++j) {
        row[j] -= factor * other[j];
    }
}
%% if gaussian_elimination or gauss_jordan or rank or lu or solve or inverse or determinant or log_determinant

// The row, from `row` on, with the largest number in the column.
std::size_t find_pivot(const Matrix& a, std::size_t row, std::size_t column) {
    std::size_t pivot = row;
    for (std::size_t i = row + 1; i < a.size(); ++i) {
        if (std::abs(a[i][column]) > std::abs(a[pivot][column])) {
            pivot = i;
        }
    }
    return pivot;
}
%% endif
%% if gaussian_elimination or gauss_jordan or rank

// Clears the first columns below their pivots. Returns the number of pivots.
std::size_t eliminate(Matrix& a, std::size_t unknowns) {
    std::size_t row = 0;
    for (std::size_t column = 0; column < unknowns && row < a.size(); ++column) {
        const std::size_t pivot = find_pivot(a, row, column);
        if (a[pivot][column] == 0) {
            continue;
        }
        std::swap(a[row], a[pivot]);
        for (std::size_t i = row + 1; i < a.size(); ++i) {
            const double factor = a[i][column] / a[row][column];
            a[i][column] = 0;
            subtract(a[i], factor, a[row], column + 1);
        }
        ++row;
    }
    return row;
}
%% endif
%% if gaussian_elimination

// Turns the matrix into row echelon form.
void gaussian_elimination(Matrix& a, std::size_t unknowns) {
    if (eliminate(a, unknowns) < std::min(a.size(), unknowns)) {
        std::cout << "The matrix is singular.\n";
    }
}
%% endif
%% if gauss_jordan

%% if gaussian_elimination
// Turns a matrix in row echelon form into reduced row echelon form.
void gauss_jordan(Matrix& a, std::size_t unknowns) {
%% else
// Turns the matrix into reduced row echelon form.
void gauss_jordan(Matrix& a, std::size_t unknowns) {
    eliminate(a, unknowns);
%% endif
    for (std::size_t row = a.size(); row-- > 0;) {
        const auto not_zero = [](double value) { return value != 0; };
        const auto end = a[row].begin() + unknowns;
        const auto leading = std::find_if(a[row].begin(), end, not_zero);
        if (leading == end) {
            continue;
        }
        const std::size_t column = leading - a[row].begin();
        const double pivot = a[row][column];
        for (double& value : a[row]) {
            value /= pivot;
        }
        for (std::size_t i = 0; i < row; ++i) {
            const double factor = a[i][column];
            a[i][column] = 0;
            subtract(a[i], factor, a[row], column + 1);
        }
    }
}
%% endif
%% if back_substitution

bool has_one_solution(const Matrix& a) {
    const std::size_t unknowns = a.front().size() - 1;
    if (a.size() < unknowns) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (i < unknowns ? a[i][i] == 0 : a[i][unknowns] != 0) {
            return false;
        }
    }
    return true;
}

// Solves a system in row echelon form, with one right-hand side.
// Throws std::domain_error where there is not exactly one solution.
Vector back_substitution(const Matrix& a) {
    const std::size_t unknowns = a.front().size() - 1;
    if (!has_one_solution(a)) {
        throw std::domain_error("there is not exactly one solution");
    }
    Vector x(unknowns);
    for (std::size_t i = unknowns; i-- > 0;) {
        double sum = a[i][unknowns];
        for (std::size_t j = i + 1; j < unknowns; ++j) {
            sum -= a[i][j] * x[j];
        }
        x[i] = sum / a[i][i];
    }
    return x;
}
%% endif
%% if lu or solve or inverse or determinant or log_determinant

// Factors P A = L U. A becomes U, and P is the order of the rows of A. Returns the sign of P.
int lu(Matrix& a, Matrix& l, std::vector<std::size_t>& order) {
    const std::size_t n = a.size();
    int sign = 1;
    l.assign(n, Vector(n));
    order.resize(n);
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t k = 0; k < n; ++k) {
        const std::size_t pivot = find_pivot(a, k, k);
        if (pivot != k) {
            std::swap(a[k], a[pivot]);
            std::swap(l[k], l[pivot]);
            std::swap(order[k], order[pivot]);
            sign = -sign;
        }
        for (std::size_t i = k + 1; i < n && a[k][k] != 0; ++i) {
            l[i][k] = a[i][k] / a[k][k];
            a[i][k] = 0;
            subtract(a[i], l[i][k], a[k], k + 1);
        }
        l[k][k] = 1;
    }
    return sign;
}
%% endif
%% if forward_substitution or solve or inverse

// Solves L y = b, where L has 1 on its diagonal.
Vector forward_substitution(const Matrix& l, Vector b) {
    for (std::size_t i = 0; i < b.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            b[i] -= l[i][j] * b[j];
        }
    }
    return b;
}
%% endif
%% if backward_substitution or solve or inverse or least_squares

// Solves U x = y. Throws std::domain_error for a singular U.
Vector backward_substitution(const Matrix& u, Vector y) {
    for (std::size_t i = y.size(); i-- > 0;) {
        if (u[i][i] == 0) {
            throw std::domain_error("the matrix is singular");
        }
        for (std::size_t j = i + 1; j < y.size(); ++j) {
            y[i] -= u[i][j] * y[j];
        }
        y[i] /= u[i][i];
    }
    return y;
}
%% endif
%% if solve

// Solves A x = b. Throws std::domain_error for a singular A.
Vector solve(Matrix a, const Vector& b) {
    Matrix l;
    std::vector<std::size_t> order;
    lu(a, l, order);
    Vector right;
    for (std::size_t i : order) {
        right.push_back(b[i]);
    }
    return backward_substitution(a, forward_substitution(l, right));
}
%% endif
%% if inverse

// Throws std::domain_error for a singular A.
Matrix inverse(Matrix a) {
    const std::size_t n = a.size();
    Matrix l, result(n, Vector(n));
    std::vector<std::size_t> order;
    lu(a, l, order);
    for (std::size_t j = 0; j < n; ++j) {
        Vector unit(n);
        unit[j] = 1;
        // Column j of the inverse of P A belongs to column order[j] of A.
        const Vector x = backward_substitution(a, forward_substitution(l, unit));
        for (std::size_t i = 0; i < n; ++i) {
            result[i][order[j]] = x[i];
        }
    }
    return result;
}
%% endif
%% if determinant

// Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
// too large or too small for a double.
double determinant(Matrix a) {
    Matrix l;
    std::vector<std::size_t> order;
    double mantissa = lu(a, l, order);
    int exponent = 0, power, carry;
    for (std::size_t k = 0; k < a.size(); ++k) {
        const double fraction = std::frexp(a[k][k], &power);
        mantissa = std::frexp(mantissa * fraction, &carry);
        exponent += power + carry;
    }
    return std::ldexp(mantissa, exponent);
}
%% endif
%% if log_determinant

// The sign of the determinant and the logarithm of its magnitude; 0 and -infinity where it is 0.
std::pair<double, double> log_determinant(Matrix a) {
    Matrix l;
    std::vector<std::size_t> order;
    double sign = lu(a, l, order), logarithm = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        if (a[k][k] == 0) {
            return {0, -std::numeric_limits<double>::infinity()};
        }
        sign = a[k][k] < 0 ? -sign : sign;
        logarithm += std::log(std::abs(a[k][k]));
    }
    return {sign, logarithm};
}
%% endif
%% if rank

// The number of pivots that elimination finds.
std::size_t rank(Matrix a) {
    return eliminate(a, a.front().size());
}
%% endif
%% if tridiagonal

// Solves a tridiagonal system by the Thomas algorithm, without row swaps.
// Throws std::domain_error for a pivot 0.
Vector tridiagonal(const Vector& below, Vector diagonal, const Vector& above, Vector b) {
    const std::size_t n = b.size();
    for (std::size_t i = 0; i < n; ++i) {
        if (i > 0) {
            const double factor = below[i - 1] / diagonal[i - 1];
            diagonal[i] -= factor * above[i - 1];
            b[i] -= factor * b[i - 1];
        }
        if (diagonal[i] == 0) {
            throw std::domain_error("a pivot is 0");
        }
    }
    b[n - 1] /= diagonal[n - 1];
    for (std::size_t i = n - 1; i-- > 0;) {
        b[i] = (b[i] - above[i] * b[i + 1]) / diagonal[i];
    }
    return b;
}
%% endif
%% if cholesky

// L with A = L Lᵀ. Throws std::domain_error where A is not positive definite.
Matrix cholesky(const Matrix& a) {
    Matrix l(a.size(), Vector(a.size()));
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double rest = a[i][j];
            for (std::size_t k = 0; k < j; ++k) {
                rest -= l[i][k] * l[j][k];
            }
            if (i == j && !(rest > 0)) {
                throw std::domain_error("the matrix is not positive definite");
            }
            l[i][j] = i == j ? std::sqrt(rest) : rest / l[j][j];
        }
    }
    return l;
}
%% endif
%% if least_squares

// Reflects column k, from the diagonal down, to a multiple of a unit vector.
void reflect(Matrix& a, std::size_t k) {
    Vector v(a.size());
    double largest = 0, size = 0, square = 0;
    for (std::size_t i = k; i < a.size(); ++i) {
        largest = std::max(largest, std::abs(a[i][k]));
    }
    if (largest == 0) {
        return;
    }
    for (std::size_t i = k; i < a.size(); ++i) {
        v[i] = a[i][k] / largest;
        size += v[i] * v[i];
    }
    v[k] += std::copysign(std::sqrt(size), v[k]);
    for (double value : v) {
        square += value * value;
    }
    for (std::size_t j = k; j < a.front().size(); ++j) {
        double product = 0;
        for (std::size_t i = k; i < a.size(); ++i) {
            product += v[i] * a[i][j];
        }
        for (std::size_t i = k; i < a.size(); ++i) {
            a[i][j] -= 2 * product / square * v[i];
        }
    }
}

// The x with the smallest residual b - A x. Throws std::domain_error where the columns of A depend
// on each other, but for rounding.
Vector least_squares(Matrix a, const Vector& b) {
    const std::size_t rows = a.size(), columns = a.front().size();
    if (rows < columns) {
        throw std::domain_error("there are fewer equations than unknowns");
    }
    for (std::size_t i = 0; i < rows; ++i) {
        a[i].push_back(b[i]);
    }
    double largest = 0, smallest = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < columns; ++k) {
        reflect(a, k);
        largest = std::max(largest, std::abs(a[k][k]));
        smallest = std::min(smallest, std::abs(a[k][k]));
    }
    if (!(smallest > rows * std::numeric_limits<double>::epsilon() * largest)) {
        throw std::domain_error("the columns depend on each other");
    }
    Vector right;
    for (std::size_t i = 0; i < columns; ++i) {
        right.push_back(a[i][columns]);
    }
    return backward_substitution(a, right);
}
%% endif
%% if conjugate_gradient

double dot(const Vector& x, const Vector& y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

// An x whose residual is at most 1e-10 times b, for a positive definite A.
// Throws std::domain_error where A is not positive definite, and after 10n steps.
Vector conjugate_gradient(const Matrix& a, const Vector& b) {
    double scale = 0;
    for (double value : b) {
        scale = std::max(scale, std::abs(value));
    }
    // The squares of large and small numbers are no doubles.
    Vector x(b.size()), residual(b);
    for (double& value : residual) {
        value /= scale > 0 ? scale : 1;
    }
    Vector direction = residual;
    double square = dot(residual, residual);
    const double limit = 1e-20 * square;
    for (std::size_t step = 0; square > limit; ++step) {
        Vector product;
        for (const Vector& row : a) {
            product.push_back(dot(row, direction));
        }
        const double curvature = dot(direction, product);
        if (step == 10 * b.size() || !(curvature > 0)) {
            throw std::domain_error("the matrix is not positive definite");
        }
        const double length = square / curvature, before = square;
        subtract(x, -length, direction, 0);
        subtract(residual, length, product, 0);
        square = dot(residual, residual);
        for (std::size_t i = 0; i < b.size(); ++i) {
            direction[i] = residual[i] + square / before * direction[i];
        }
    }
    if (!(square <= limit)) {
        throw std::domain_error("the iteration does not converge");
    }
    for (double& value : x) {
        value *= scale;
    }
    return x;
}
%% endif
