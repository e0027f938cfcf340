# Reads linear systems from standard input, passes them to @{ listing }@, and prints the
# results. docs/protocol.md describes both sides. Only the methods with ADAPT depend on the program.

require "matrix"
require "stringio"

# While it is loaded, the program reads nothing and prints nothing.
begin
  $stdin, $stdout = StringIO.new, StringIO.new
  require_relative "@{ listing }@"
rescue StandardError, SystemExit, LoadError => e
  raise if e.is_a?(LoadError)

  # A program may run its own example at the end. Its methods are there by then.
  $stderr.puts "while loading: #{e.message}"
ensure
  $stdin, $stdout = STDIN, STDOUT
end

# The program returned something that says that there is no answer.
class Refused < StandardError
end

# The calls of the program. Each call gets copies, which the program may change; Matrix[*a] is a
# matrix of Ruby's library. Where it has no answer, the program may raise or exit: the driver then
# prints `failed PROCEDURE MESSAGE`. Or it may return nil, false, a text, an empty array, or one
# number such as -1 in place of an array: the driver then prints `refused PROCEDURE returned -1`.
# Where the program says so otherwise, raise Refused, "returned 2". Methods that the program defines
# at its top are those of PROGRAM; call those of a module by its name.
PROGRAM = self
class Adapters
%% if gaussian_elimination

  # ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
  def gaussian_elimination(m, unknowns)
    PROGRAM.send(:gaussian_elimination, m, unknowns)
    m
  end
%% endif
%% if gauss_jordan

  # ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
  def gauss_jordan(m, unknowns)
    PROGRAM.send(:gauss_jordan, m, unknowns)
    m
  end
%% endif
%% if back_substitution

  # ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
  def back_substitution(m)
    PROGRAM.send(:back_substitution, m)
  end
%% endif
%% if lu

  # ADAPT: P, L and U with P A = L U; permutation(order) is P where it returns an order of rows
  def lu(a)
    order, lower, = PROGRAM.send(:lu, a)
    [permutation(order), lower, a]
  end
%% endif
%% if forward_substitution

  # ADAPT: the solution y of L y = b
  def forward_substitution(l, b)
    PROGRAM.send(:forward_substitution, l, b)
  end
%% endif
%% if backward_substitution

  # ADAPT: the solution x of U x = y
  def backward_substitution(u, y)
    PROGRAM.send(:backward_substitution, u, y)
  end
%% endif
%% if solve

  # ADAPT: the solution x of A x = b
  def solve(a, b)
    PROGRAM.send(:solve, a, b)
  end
%% endif
%% if inverse

  # ADAPT: the inverse of A
  def inverse(a)
    PROGRAM.send(:inverse, a)
  end
%% endif
%% if determinant

  # ADAPT: the determinant of A
  def determinant(a)
    PROGRAM.send(:determinant, a)
  end
%% endif
%% if log_determinant

  # ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
  def log_determinant(a)
    PROGRAM.send(:log_determinant, a)
  end
%% endif
%% if rank

  # ADAPT: the rank of A
  def rank(a)
    PROGRAM.send(:rank, a)
  end
%% endif
%% if tridiagonal

  # ADAPT: the solution x of A x = b, from the diagonals of A
  def tridiagonal(a, b)
    n = b.length
    below = (1...n).map { |i| a[i][i - 1] }
    diagonal = (0...n).map { |i| a[i][i] }
    above = (1...n).map { |i| a[i - 1][i] }
    PROGRAM.send(:tridiagonal, below, diagonal, above, b)
  end
%% endif
%% if cholesky

  # ADAPT: L with A = L Lᵀ
  def cholesky(a)
    PROGRAM.send(:cholesky, a)
  end
%% endif
%% if least_squares

  # ADAPT: the x with the smallest residual b - A x
  def least_squares(a, b)
    PROGRAM.send(:least_squares, a, b)
  end
%% endif
%% if conjugate_gradient

  # ADAPT: the solution x of A x = b for a positive definite A
  def conjugate_gradient(a, b)
    PROGRAM.send(:conjugate_gradient, a, b)
  end
%% endif

  # From here on, nothing depends on the program.

  # The matrix whose rows are those of the unit matrix in that order.
  def permutation(order)
    order.map { |origin| Array.new(order.length) { |j| j == origin ? 1.0 : 0.0 } }
  end
end

# Class methods, so that names of the program and the driver do not collide.
class Driver
  class << self
    def converse
      while (header = $stdin.gets)
        _, name, rows, columns, sides = header.split
        system = Array.new(rows.to_i) { $stdin.gets.split.map { |word| Float(word) } }
        unknowns = columns.to_i - sides.to_i
        $stderr.puts "case #{name}"
        say "case #{name}"
        answer(system, system.map { |row| row.take(unknowns) }, system.map { |row| row.drop(unknowns) })
        say "end #{name}"
      end
    end

    private

    def answer(system, a, b)
      unknowns = a.first.length
      square = a.length == unknowns
      symmetric = square && a == a.transpose
      tridiagonal = square && a.each_with_index.all? do |row, i|
        row.each_with_index.all? { |value, j| value.zero? || (i - j).abs < 2 }
      end
%% if gaussian_elimination
      system = attempt("gaussian_elimination", { "echelon" => 2 }) { [Adapters.new.gaussian_elimination(copy_of(system), unknowns)] }&.first
%% endif
%% if gauss_jordan
      if system
        reduced = attempt("gauss_jordan", { "reduced" => 2 }) { [Adapters.new.gauss_jordan(copy_of(system), unknowns)] }
%% if not gaussian_elimination
        system = reduced&.first
%% endif
      end
%% endif
%% if back_substitution
      if system && b.first.length == 1
        attempt("back_substitution", { "solution" => 1 }) { [Adapters.new.back_substitution(copy_of(system))] }
      end
%% endif
%% if lu or forward_substitution or backward_substitution
      if square
%% if lu
        factors = attempt("lu", { "permutation" => 2, "lower" => 2, "upper" => 2 }) { Adapters.new.lu(copy_of(a)) }
%% else
        # Without a factorisation, the triangles are those of A.
        p = Adapters.new.permutation((0...unknowns).to_a)
        lower, upper = [true, false].map do |below|
          a.each_with_index.map do |row, i|
            row.each_with_index.map { |value, j| (i > j) == below ? value : (below ? p[i][j] : 0.0) }
          end
        end
        factors = [p, lower, upper]
%% endif
        if factors
          p, l, u = factors
          y = [b]
%% if forward_substitution
          pb = p.map { |row| b[row.index { |value| !value.zero? } || 0] }
          y = each("forward_substitution", "forward", l, pb)
%% endif
%% if backward_substitution
          each("backward_substitution", "backward", u, y.first) if y
%% endif
        end
      end
%% endif
%% if solve
      # Where the program takes other shapes, claim them in port.yaml and leave out the condition.
      each("solve", "solve", a, b) if square
%% endif
%% if inverse
      attempt("inverse", { "inverse" => 2 }) { [Adapters.new.inverse(copy_of(a))] } if square
%% endif
%% if determinant
      attempt("determinant", { "determinant" => 0 }) { [Adapters.new.determinant(copy_of(a))] } if square
%% endif
%% if log_determinant
      if square
        attempt("log_determinant", { "log_determinant" => 1 }) { [Adapters.new.log_determinant(copy_of(a))] }
      end
%% endif
%% if rank
      attempt("rank", { "rank" => 0 }) { [Adapters.new.rank(copy_of(a))] }
%% endif
%% if tridiagonal
      each("tridiagonal", "tridiagonal", a, b) if tridiagonal
%% endif
%% if cholesky
      attempt("cholesky", { "cholesky" => 2 }) { [Adapters.new.cholesky(copy_of(a))] } if symmetric
%% endif
%% if least_squares
      each("least_squares", "least_squares", a, b)
%% endif
%% if conjugate_gradient
      if symmetric && b.first.length == 1
        attempt("conjugate_gradient", { "conjugate_gradient" => 1 }) do
          [Adapters.new.conjugate_gradient(copy_of(a), b.map(&:first))]
        end
      end
%% endif
    end

    # Prints and returns the results of the block. Where it raises or has no answer, prints that and
    # returns nil. The labels have numbers of dimensions.
    def attempt(procedure, labels)
      results = labels.zip(yield).map { |(label, dimensions), value| [label, normal(value, dimensions)] }
      say(*results.flat_map { |label, value| lines(label, value) })
      results.map(&:last)
    rescue Refused => e
      say "refused #{procedure} #{e.message.gsub(/\s+/, ' ')}"
      nil
    rescue StandardError, SystemStackError, SystemExit, NotImplementedError => e
      say "failed #{procedure} #{e.class}: #{e.message.gsub(/\s+/, ' ')}"
      nil
    end

    # Prints and returns the results for each column of B, as the columns of a matrix.
    def each(procedure, label, a, b)
      attempt(procedure, { label => 2 }) do
        columns = b.transpose.map { |right| normal(Adapters.new.send(procedure, copy_of(a), right), 1) }
        [columns.transpose]
      end
    end

    # The result as a number, an array or an array of arrays; raises where there is none.
    def normal(value, dimensions)
      value = value.to_a if value.is_a?(Matrix) || value.is_a?(Vector)
      if dimensions == 1 && value.is_a?(Array) && value.all? { |row| row.is_a?(Array) && row.length == 1 }
        value = value.map(&:first)
      end
      depth = 0
      inner = value
      while inner.is_a?(Array) && !inner.empty?
        depth += 1
        inner = inner.first
      end
      return value if depth == dimensions && inner.is_a?(Numeric)

      raise ArgumentError, "the program returned #{value.inspect}" if depth.positive?

      raise Refused, "returned #{value.inspect}"
    end

    def copy_of(matrix)
      matrix.map(&:dup)
    end

    # Float#to_s prints the shortest text that reads back as the same number.
    def lines(label, value)
      return ["#{label} 1", value] unless value.is_a?(Array)
      return ["#{label} #{value.length}", *value] unless value.first.is_a?(Array)

      ["#{label} #{value.length} #{value.first.length}", *value.map { |row| row.join(" ") }]
    end

    def say(*lines)
      $stdout.puts(lines)
      $stdout.flush
    end
  end
end

Driver.converse
