# Reads linear systems from standard input, passes them to elimination.rb, and prints the
# results. docs/protocol.md describes both sides.

require_relative "elimination"

# Class methods, so that names of the program and the driver do not collide.
class Driver
  class << self
    def converse
      while (header = $stdin.gets)
        _, name, rows = header.split
        answer(name, Array.new(rows.to_i) { $stdin.gets.split.map { |word| Float(word) } })
      end
    end

    private

    def answer(name, system)
      $stderr.puts "case #{name}"
      say "case #{name}"
      echelon = copy_of(system)
      eliminated = attempt("gaussian_elimination") do
        gaussian_elimination(echelon)
        matrix_lines("echelon", echelon)
      end
      if eliminated
        attempt("gauss_jordan") do
          reduced = copy_of(echelon)
          gauss_jordan(reduced)
          matrix_lines("reduced", reduced)
        end
        attempt("back_substitution") do
          x = back_substitution(copy_of(echelon))
          ["solution #{x.length}", *x]
        end
      end
      say "end #{name}"
    end

    # Prints what the block returns, or that its procedure raised. Returns whether it succeeded.
    def attempt(procedure)
      say(*yield)
      true
    rescue StandardError, SystemStackError => e
      say "failed #{procedure} #{e.class}: #{e.message.tr("\n", ' ')}"
      false
    end

    def copy_of(matrix)
      matrix.map(&:dup)
    end

    # Float#to_s prints the shortest text that reads back as the same number.
    def matrix_lines(label, matrix)
      ["#{label} #{matrix.length} #{matrix.first.length}", *matrix.map { |row| row.join(" ") }]
    end

    def say(*lines)
      $stdout.puts(lines)
      $stdout.flush
    end
  end
end

Driver.converse
