// Gaussian elimination with partial pivoting: the program under test.
//
// Put your own program in place of this one. Where its functions have other names or arguments,
// change the calls in driver.cpp.
//
// A matrix is a vector of rows and augmented: its last column is the right-hand side.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iostream>
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

// Turns the matrix into row echelon form.
void gaussian_elimination(Matrix& a) {
    const std::size_t rows = a.size(), unknowns = a.front().size() - 1;
    std::size_t row = 0;

    for (std::size_t column = 0; column < unknowns && row < rows; ++column) {
        std::size_t pivot = row;
        for (std::size_t i = row + 1; i < rows; ++i) {
            if (std::abs(a[i][column]) > std::abs(a[pivot][column])) {
                pivot = i;
            }
        }
        if (a[pivot][column] == 0) {
            continue;
        }
        std::swap(a[row], a[pivot]);

        for (std::size_t i = row + 1; i < rows; ++i) {
            const double factor = a[i][column] / a[row][column];
            a[i][column] = 0;
            subtract(a[i], factor, a[row], column + 1);
        }
        ++row;
    }
    if (row < std::min(rows, unknowns)) {
        std::cout << "The matrix is singular.\n";
    }
}

// Turns a matrix in row echelon form into reduced row echelon form.
void gauss_jordan(Matrix& a) {
    const std::size_t unknowns = a.front().size() - 1;

    for (std::size_t row = a.size(); row-- > 0;) {
        const auto not_zero = [](double value) { return value != 0; };
        const auto leading = std::find_if(a[row].begin(), a[row].end() - 1, not_zero);
        const std::size_t column = leading - a[row].begin();
        if (column == unknowns) {
            continue;
        }
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

// Solves a system in row echelon form.
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
