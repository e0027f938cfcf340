# Gaussian elimination with partial pivoting: the program under test.
#
# Put your own program in place of this one. Where its methods have other names or arguments,
# change the calls in driver.rb.
#
# A matrix is an array of rows and augmented: its last column is the right-hand side.

# Turns the matrix into row echelon form.
def gaussian_elimination(a)
  rows = a.length
  unknowns = a.first.length - 1
  row = 0
  (0...unknowns).each do |column|
    break if row == rows

    pivot = (row...rows).max_by { |i| a[i][column].abs }
    next if a[pivot][column].zero?

    a[row], a[pivot] = a[pivot], a[row]
    (row + 1...rows).each do |i|
      factor = a[i][column] / a[row][column]
      a[i][column] = 0.0
      subtract(a[i], factor, a[row], column + 1)
    end
    row += 1
  end
  puts "The matrix is singular." if row < [rows, unknowns].min
end

# Turns a matrix in row echelon form into reduced row echelon form.
def gauss_jordan(a)
  (a.length - 1).downto(0) do |row|
    column = a[row][0...-1].index { |value| !value.zero? }
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

# Solves a system in row echelon form; raises ArgumentError where there is not exactly one solution.
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

# Subtracts a multiple of another row from +row+, from the column +first+ on.
def subtract(row, factor, other, first)
  (first...row.length).each { |j| row[j] -= factor * other[j] }
end
