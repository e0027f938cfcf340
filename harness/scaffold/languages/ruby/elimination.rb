# Linear equations by elimination with partial pivoting: the program under test.
#
# Put your own program in place of this one. Where its methods have other names or arguments,
# change the calls in driver.rb.
#
# A matrix is an array of rows. An augmented one has the right-hand sides in its last columns.

# The row, from +row+ on, with the largest number in the column.
def pivot_row(a, row, column)
  (row...a.length).max_by { |i| a[i][column].abs }
end

# Subtracts a multiple of another row from +row+, from the column +first+ on.
def subtract(row, factor, other, first)
  (first...row.length).each { |j| row[j] -= factor * other[j] }
end

def dot(x, y)
  x.zip(y).reduce(0.0) { |sum, (left, right)| sum + left * right }
end
%% if gaussian_elimination or gauss_jordan or rank

# Clears the first columns below their pivots. Returns the number of pivots.
def eliminate(a, unknowns)
  row = 0
  (0...unknowns).each do |column|
    break if row == a.length

    pivot = pivot_row(a, row, column)
    next if a[pivot][column].zero?

    a[row], a[pivot] = a[pivot], a[row]
    (row + 1...a.length).each do |i|
      factor = a[i][column] / a[row][column]
      a[i][column] = 0.0
      subtract(a[i], factor, a[row], column + 1)
    end
    row += 1
  end
  row
end
%% endif
%% if gaussian_elimination

# Turns the matrix into row echelon form.
def gaussian_elimination(a, unknowns)
  puts "The matrix is singular." if eliminate(a, unknowns) < [a.length, unknowns].min
end
%% endif
%% if gauss_jordan

%% if gaussian_elimination
# Turns a matrix in row echelon form into reduced row echelon form.
def gauss_jordan(a, unknowns)
%% else
# Turns the matrix into reduced row echelon form.
def gauss_jordan(a, unknowns)
  eliminate(a, unknowns)
%% endif
  (a.length - 1).downto(0) do |row|
    column = a[row].take(unknowns).index { |value| !value.zero? }
    next if column.nil?

    pivot = a[row][column]
    a[row].map! { |value| value / pivot }
    a[0...row].each do |above|
      factor = above[column]
      above[column] = 0.0
      subtract(above, factor, a[row], column + 1)
    end
  end
end
%% endif
%% if back_substitution

# Solves a system in row echelon form, with one right-hand side; raises ArgumentError where there is
# not exactly one solution.
def back_substitution(a)
  unknowns = a.first.length - 1
  raise ArgumentError, "there is not exactly one solution" unless one_solution?(a)

  x = Array.new(unknowns, 0.0)
  (unknowns - 1).downto(0) do |i|
    known = (i + 1...unknowns).reduce(0.0) { |sum, j| sum + a[i][j] * x[j] }
    x[i] = (a[i].last - known) / a[i][i]
  end
  x
end

def one_solution?(a)
  unknowns = a.first.length - 1
  a.length >= unknowns &&
    (0...unknowns).none? { |i| a[i][i].zero? } &&
    a.drop(unknowns).all? { |row| row.last.zero? }
end
%% endif
%% if lu or solve or inverse or determinant or log_determinant

# Factors P A = L U. A becomes U. Returns P as the order of the rows of A, L, and the sign of P.
def lu(a)
  n = a.length
  order = (0...n).to_a
  lower = Array.new(n) { Array.new(n, 0.0) }
  sign = 1.0
  n.times do |k|
    pivot = pivot_row(a, k, k)
    if pivot != k
      [a, lower, order].each { |list| list[k], list[pivot] = list[pivot], list[k] }
      sign = -sign
    end
    lower[k][k] = 1.0
    next if a[k][k].zero?

    (k + 1...n).each do |i|
      lower[i][k] = a[i][k] / a[k][k]
      a[i][k] = 0.0
      subtract(a[i], lower[i][k], a[k], k + 1)
    end
  end
  [order, lower, sign]
end
%% endif
%% if forward_substitution or solve or inverse

# Solves L y = b, where L has 1 on its diagonal. b becomes y.
def forward_substitution(lower, b)
  b.each_index { |i| i.times { |j| b[i] -= lower[i][j] * b[j] } }
  b
end
%% endif
%% if backward_substitution or solve or inverse or least_squares

# Solves U x = y. y becomes x. Raises ZeroDivisionError for a singular U.
def backward_substitution(upper, y)
  (y.length - 1).downto(0) do |i|
    raise ZeroDivisionError, "the matrix is singular" if upper[i][i].zero?

    (i + 1...y.length).each { |j| y[i] -= upper[i][j] * y[j] }
    y[i] /= upper[i][i]
  end
  y
end
%% endif
%% if solve

# Solves A x = b. Raises ZeroDivisionError for a singular A.
def solve(a, b)
  order, lower, = lu(a)
  backward_substitution(a, forward_substitution(lower, b.values_at(*order)))
end
%% endif
%% if inverse

# Raises ZeroDivisionError for a singular A.
def inverse(a)
  order, lower, = lu(a)
  # Column j of the inverse of A belongs to the row of P A that is row j of A.
  a.each_index.map do |j|
    backward_substitution(a, forward_substitution(lower, order.map { |i| i == j ? 1.0 : 0.0 }))
  end.transpose
end
%% endif
%% if determinant

# Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
# too large or too small for a Float.
def determinant(a)
  _, _, mantissa = lu(a)
  exponent = 0
  a.each_with_index do |row, k|
    fraction, power = Math.frexp(row[k])
    mantissa, carry = Math.frexp(mantissa * fraction)
    exponent += power + carry
  end
  Math.ldexp(mantissa, exponent)
end
%% endif
%% if log_determinant

# The sign of the determinant and the logarithm of its magnitude; 0 and -Infinity where it is 0.
def log_determinant(a)
  _, _, sign = lu(a)
  pivots = a.each_index.map { |k| a[k][k] }
  return [0.0, -Float::INFINITY] if pivots.any?(&:zero?)

  [pivots.count(&:negative?).odd? ? -sign : sign, pivots.sum { |pivot| Math.log(pivot.abs) }]
end
%% endif
%% if rank

# The number of pivots that elimination finds.
def rank(a)
  eliminate(a, a.first.length)
end
%% endif
%% if tridiagonal

# Solves a tridiagonal system by the Thomas algorithm, without row swaps. Raises ZeroDivisionError
# for a pivot 0.
def tridiagonal(below, diagonal, above, b)
  b.each_index do |i|
    if i.positive?
      factor = below[i - 1] / diagonal[i - 1]
      diagonal[i] -= factor * above[i - 1]
      b[i] -= factor * b[i - 1]
    end
    raise ZeroDivisionError, "a pivot is 0" if diagonal[i].zero?
  end
  (b.length - 1).downto(0) do |i|
    b[i] -= above[i] * b[i + 1] if i + 1 < b.length
    b[i] /= diagonal[i]
  end
  b
end
%% endif
%% if cholesky

# L with A = L Lᵀ. Raises ArgumentError where A is not positive definite.
def cholesky(a)
  lower = Array.new(a.length) { Array.new(a.length, 0.0) }
  a.each_index do |i|
    (0..i).each do |j|
      rest = (0...j).reduce(a[i][j]) { |left, k| left - lower[i][k] * lower[j][k] }
      raise ArgumentError, "the matrix is not positive definite" if i == j && !(rest > 0)

      lower[i][j] = i == j ? Math.sqrt(rest) : rest / lower[j][j]
    end
  end
  lower
end
%% endif
%% if least_squares

# Reflects column k, from the diagonal down, to a multiple of a unit vector.
def reflect(a, k)
  rows = a.drop(k)
  largest = rows.map { |row| row[k].abs }.max
  return if largest.zero?

  v = rows.map { |row| row[k] / largest }
  size = Math.sqrt(dot(v, v))
  v[0] += v[0].negative? ? -size : size
  square = dot(v, v)
  (k...a.first.length).each do |j|
    factor = 2 * dot(v, rows.map { |row| row[j] }) / square
    rows.zip(v) { |row, value| row[j] -= factor * value }
  end
end

# The x with the smallest residual b - A x. Raises ArgumentError where the columns of A depend on
# each other, but for rounding.
def least_squares(a, b)
  columns = a.first.length
  raise ArgumentError, "there are fewer equations than unknowns" if a.length < columns

  work = a.zip(b).map { |row, value| [*row, value] }
  columns.times { |k| reflect(work, k) }
  top = work.take(columns)
  sizes = top.each_index.map { |k| top[k][k].abs }
  if sizes.min <= a.length * Float::EPSILON * sizes.max
    raise ArgumentError, "the columns depend on each other"
  end

  backward_substitution(top, top.map(&:last))
end
%% endif
%% if conjugate_gradient

# An x whose residual is at most 1e-10 times b, for a positive definite A. Raises ArgumentError
# where A is not positive definite, and after 10n steps.
def conjugate_gradient(a, b)
  # The squares of large and small numbers are no Floats.
  scale = b.map(&:abs).max
  scale = 1.0 if scale.zero?
  x = Array.new(b.length, 0.0)
  residual = b.map { |value| value / scale }
  direction = residual.dup
  square = dot(residual, residual)
  limit = 1e-20 * square
  step = 0
  while square > limit
    product = a.map { |row| dot(row, direction) }
    curvature = dot(direction, product)
    raise ArgumentError, "the matrix is not positive definite" unless curvature > 0
    raise ArgumentError, "the iteration does not converge" if step == 10 * b.length

    length, before = square / curvature, square
    subtract(x, -length, direction, 0)
    subtract(residual, length, product, 0)
    square = dot(residual, residual)
    direction = residual.zip(direction).map { |rest, value| rest + square / before * value }
    step += 1
  end
  raise ArgumentError, "the iteration does not converge" unless square <= limit

  x.map { |value| scale * value }
end
%% endif
