# Linear equations, as a script that asks for a system.

# nil for a singular matrix
def gauss(a, b)
  n = b.length
  n.times do |k|
    p = (k...n).max_by { |i| a[i][k].abs }
    return nil if a[p][k].abs < 1e-12

    a[k], a[p], b[k], b[p] = a[p], a[k], b[p], b[k]
    n.times do |i|
      next if i == k

      f = a[i][k] / a[k][k]
      a[i] = a[i].zip(a[k]).map { |u, v| u - f * v }
      b[i] -= f * b[k]
    end
  end
  b.each_with_index.map { |value, k| value / a[k][k] }
end

# [] for a singular matrix
def invert(a)
  columns = a.each_index.map do |j|
    gauss(a.map(&:dup), a.each_index.map { |i| i == j ? 1.0 : 0.0 })
  end
  columns.include?(nil) ? [] : columns.transpose
end

# Ends the program for a singular matrix.
def det(a)
  value = expand(a)
  abort "The matrix is singular!" if value.zero?
  value
end

def expand(a)
  return a[0][0] if a.length == 1

  a[0].each_with_index.sum do |x, j|
    (-1)**j * x * expand(a.drop(1).map { |row| row[0...j] + row[j + 1..] })
  end
end

print "How many unknowns? "
n = Integer(gets)
puts gauss(Array.new(n) { gets.split.map(&:to_f) }, [1.0] * n).inspect
