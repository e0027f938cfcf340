// Reads linear systems from standard input, passes them to elimination.cpp, and prints the
// results. docs/protocol.md describes both sides.
//
// The program is included, so that it needs no header. Its own main gets another name.
#define main main_of_the_program
#include "elimination.cpp"
#undef main

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <format>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace driver {

using Numbers = std::vector<double>;

// The C library reads every double; a stream rejects the smallest ones.
Numbers read_row(std::size_t columns) {
    std::string line;
    std::getline(std::cin, line);
    Numbers row(columns);
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

// `{}` prints the shortest text that reads back as the same number.
std::string text_of(const Numbers& numbers, char separator) {
    std::string text;
    for (double number : numbers) {
        text += std::format("{}{}", number, separator);
    }
    text.back() = '\n';
    return text;
}

std::string text_of(const std::string& label, const std::vector<Numbers>& matrix) {
    std::string text = std::format("{} {} {}\n", label, matrix.size(), matrix.front().size());
    for (const Numbers& row : matrix) {
        text += text_of(row, ' ');
    }
    return text;
}

// Prints what the stage returns, or that its procedure threw. Returns whether it succeeded.
template <typename Stage>
bool attempt(const std::string& procedure, Stage stage) {
    try {
        std::cout << stage() << std::flush;
        return true;
    } catch (const std::exception& error) {
        std::string message = error.what();
        std::replace(message.begin(), message.end(), '\n', ' ');
        std::cout << "failed " << procedure << " " << message << std::endl;
        return false;
    }
}

void answer(const std::string& name, const std::vector<Numbers>& system) {
    std::cerr << "case " << name << std::endl;
    std::cout << "case " << name << std::endl;
    std::vector<Numbers> echelon = system;
    const bool eliminated = attempt("gaussian_elimination", [&] {
        gaussian_elimination(echelon);
        return text_of("echelon", echelon);
    });
    if (eliminated) {
        attempt("gauss_jordan", [&] {
            std::vector<Numbers> reduced = echelon;
            gauss_jordan(reduced);
            return text_of("reduced", reduced);
        });
        attempt("back_substitution", [&] {
            std::vector<Numbers> copy = echelon;
            const Numbers x = back_substitution(copy);
            return std::format("solution {}\n", x.size()) + text_of(x, '\n');
        });
    }
    std::cout << "end " << name << std::endl;
}

void converse() {
    std::string header;
    while (std::getline(std::cin, header)) {
        std::string word, name;
        std::size_t rows, columns;
        std::istringstream(header) >> word >> name >> rows >> columns;
        std::vector<Numbers> system;
        while (system.size() < rows) {
            system.push_back(read_row(columns));
        }
        answer(name, system);
    }
}

}  // namespace driver

int main() {
    std::ios::sync_with_stdio(false);
    driver::converse();
}
