-- Linear equations by elimination with partial pivoting: the program under test.
--
-- Put your own program in place of this one. Where its functions have other names or arguments,
-- change the calls in driver.lua.
--
-- A matrix is a table of rows. An augmented one has the right-hand sides in its last columns.

local elimination = {}

-- The row, from `row` on, with the largest number in the column.
local function pivot_row(a, row, column)
  local pivot = row
  for i = row + 1, #a do
    if math.abs(a[i][column]) > math.abs(a[pivot][column]) then
      pivot = i
    end
  end
  return pivot
end

-- Subtracts a multiple of another row from `row`, from the column `first` on.
local function subtract(row, factor, other, first)
  for j = first, #row do
    row[j] = row[j] - factor * other[j]
  end
end

local function zeros(rows, columns)
  local matrix = {}
  for i = 1, rows do
    matrix[i] = {}
    for j = 1, columns do
      matrix[i][j] = 0.0
    end
  end
  return matrix
end

-- Clears the first columns below their pivots. Returns the number of pivots.
local function eliminate(a, unknowns)
  local row = 1
  for column = 1, unknowns do
    if row > #a then
      break
    end
    local pivot = pivot_row(a, row, column)
    if a[pivot][column] ~= 0 then
      a[row], a[pivot] = a[pivot], a[row]
      for i = row + 1, #a do
        local factor = a[i][column] / a[row][column]
        a[i][column] = 0.0
        subtract(a[i], factor, a[row], column + 1)
      end
      row = row + 1
    end
  end
  return row - 1
end
%% if gaussian_elimination

-- Turns the matrix into row echelon form.
function elimination.gaussian_elimination(a, unknowns)
  if eliminate(a, unknowns) < math.min(#a, unknowns) then
    print("The matrix is singular.")
  end
end
%% endif
%% if gauss_jordan

-- The column of the first coefficient that is not 0, or nil.
local function leading_column(row, unknowns)
  for column = 1, unknowns do
    if row[column] ~= 0 then
      return column
    end
  end
end

%% if gaussian_elimination
-- Turns a matrix in row echelon form into reduced row echelon form.
function elimination.gauss_jordan(a, unknowns)
%% else
-- Turns the matrix into reduced row echelon form.
function elimination.gauss_jordan(a, unknowns)
  eliminate(a, unknowns)
%% endif
  for row = #a, 1, -1 do
    local column = leading_column(a[row], unknowns)
    if column then
      local pivot = a[row][column]
      for j = column, #a[row] do
        a[row][j] = a[row][j] / pivot
      end
      for i = 1, row - 1 do
        local factor = a[i][column]
        a[i][column] = 0.0
        subtract(a[i], factor, a[row], column + 1)
      end
    end
  end
end
%% endif
%% if back_substitution

local function has_one_solution(a)
  local unknowns = #a[1] - 1
  if #a < unknowns then
    return false
  end
  for i, row in ipairs(a) do
    if i <= unknowns and row[i] == 0 or i > unknowns and row[unknowns + 1] ~= 0 then
      return false
    end
  end
  return true
end

-- Solves a system in row echelon form, with one right-hand side; an error where there is not
-- exactly one solution.
function elimination.back_substitution(a)
  local unknowns = #a[1] - 1
  if not has_one_solution(a) then
    error("there is not exactly one solution")
  end
  local x = {}
  for i = unknowns, 1, -1 do
    local sum = a[i][unknowns + 1]
    for j = i + 1, unknowns do
      sum = sum - a[i][j] * x[j]
    end
    x[i] = sum / a[i][i]
  end
  return x
end
%% endif
%% if lu or solve or inverse or determinant or log_determinant

-- Factors P A = L U. A becomes U. Returns P as the order of the rows of A, L, and the sign of P.
function elimination.lu(a)
  local order, lower, sign = {}, zeros(#a, #a), 1.0
  for i = 1, #a do
    order[i] = i
  end
  for k = 1, #a do
    local pivot = pivot_row(a, k, k)
    if pivot ~= k then
      for _, list in ipairs({ a, lower, order }) do
        list[k], list[pivot] = list[pivot], list[k]
      end
      sign = -sign
    end
    lower[k][k] = 1.0
    for i = k + 1, a[k][k] ~= 0 and #a or 0 do
      lower[i][k] = a[i][k] / a[k][k]
      a[i][k] = 0.0
      subtract(a[i], lower[i][k], a[k], k + 1)
    end
  end
  return order, lower, sign
end
%% endif
%% if forward_substitution or solve or inverse

-- Solves L y = b, where L has 1 on its diagonal. b becomes y.
function elimination.forward_substitution(lower, b)
  for i = 1, #b do
    for j = 1, i - 1 do
      b[i] = b[i] - lower[i][j] * b[j]
    end
  end
  return b
end
%% endif
%% if backward_substitution or solve or inverse or least_squares

-- Solves U x = y. y becomes x. An error for a singular U.
function elimination.backward_substitution(upper, y)
  for i = #y, 1, -1 do
    if upper[i][i] == 0 then
      error("the matrix is singular")
    end
    for j = i + 1, #y do
      y[i] = y[i] - upper[i][j] * y[j]
    end
    y[i] = y[i] / upper[i][i]
  end
  return y
end
%% endif
%% if solve

-- Solves A x = b; an error for a singular A.
function elimination.solve(a, b)
  local order, lower = elimination.lu(a)
  local right = {}
  for i, origin in ipairs(order) do
    right[i] = b[origin]
  end
  return elimination.backward_substitution(a, elimination.forward_substitution(lower, right))
end
%% endif
%% if inverse

-- An error for a singular A.
function elimination.inverse(a)
  local order, lower = elimination.lu(a)
  local result = zeros(#a, #a)
  for j, origin in ipairs(order) do
    local unit = zeros(1, #a)[1]
    unit[j] = 1.0
    local y = elimination.forward_substitution(lower, unit)
    local x = elimination.backward_substitution(a, y)
    -- Column j of the inverse of P A is a column of that of A.
    for i = 1, #a do
      result[i][origin] = x[i]
    end
  end
  return result
end
%% endif
%% if determinant

-- A number as a mantissa from 0.5 to 1 and a power of two.
local function split(value)
  local exponent = 0
  while math.abs(value) >= 1 and math.abs(value) < math.huge do
    value, exponent = value / 2, exponent + 1
  end
  while math.abs(value) < 0.5 and value ~= 0 do
    value, exponent = value * 2, exponent - 1
  end
  return value, exponent
end

-- Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
-- too large or too small for a number.
function elimination.determinant(a)
  local _, _, mantissa = elimination.lu(a)
  local exponent = 0
  for k = 1, #a do
    local fraction, power = split(a[k][k])
    local product, carry = split(mantissa * fraction)
    mantissa, exponent = product, exponent + power + carry
  end
  -- In two steps, because 2 to that power may be no number.
  local half = exponent // 2
  return mantissa * 2.0 ^ half * 2.0 ^ (exponent - half)
end
%% endif
%% if log_determinant

-- The sign of the determinant and the logarithm of its magnitude; 0 and -infinity where it is 0.
function elimination.log_determinant(a)
  local _, _, sign = elimination.lu(a)
  local logarithm = 0.0
  for k = 1, #a do
    local pivot = a[k][k]
    if pivot == 0 then
      return 0.0, -math.huge
    end
    sign = pivot < 0 and -sign or sign
    logarithm = logarithm + math.log(math.abs(pivot))
  end
  return sign, logarithm
end
%% endif
%% if rank

-- The number of pivots that elimination finds.
function elimination.rank(a)
  return eliminate(a, #a[1])
end
%% endif
%% if tridiagonal

-- Solves a tridiagonal system by the Thomas algorithm, without row swaps; an error for a pivot 0.
function elimination.tridiagonal(below, diagonal, above, b)
  for i = 1, #b do
    if i > 1 then
      local factor = below[i - 1] / diagonal[i - 1]
      diagonal[i] = diagonal[i] - factor * above[i - 1]
      b[i] = b[i] - factor * b[i - 1]
    end
    if diagonal[i] == 0 then
      error("a pivot is 0")
    end
  end
  for i = #b, 1, -1 do
    if i < #b then
      b[i] = b[i] - above[i] * b[i + 1]
    end
    b[i] = b[i] / diagonal[i]
  end
  return b
end
%% endif
%% if cholesky

-- L with A = L Lᵀ; an error where A is not positive definite.
function elimination.cholesky(a)
  local lower = zeros(#a, #a)
  for i = 1, #a do
    for j = 1, i do
      local rest = a[i][j]
      for k = 1, j - 1 do
        rest = rest - lower[i][k] * lower[j][k]
      end
      if i ~= j then
        lower[i][j] = rest / lower[j][j]
      elseif rest > 0 then
        lower[i][i] = math.sqrt(rest)
      else
        error("the matrix is not positive definite")
      end
    end
  end
  return lower
end
%% endif
%% if least_squares or conjugate_gradient

local function dot(x, y)
  local sum = 0.0
  for i = 1, #x do
    sum = sum + x[i] * y[i]
  end
  return sum
end
%% endif
%% if least_squares

-- Reflects column k, from the diagonal down, to a multiple of a unit vector.
local function reflect(a, k)
  local largest, v = 0, {}
  for i = k, #a do
    largest = math.max(largest, math.abs(a[i][k]))
  end
  if largest == 0 then
    return
  end
  for i = k, #a do
    v[i - k + 1] = a[i][k] / largest
  end
  local size = math.sqrt(dot(v, v))
  v[1] = v[1] + (v[1] < 0 and -size or size)
  local square = dot(v, v)
  for j = k, #a[1] do
    local product = 0.0
    for i = k, #a do
      product = product + v[i - k + 1] * a[i][j]
    end
    for i = k, #a do
      a[i][j] = a[i][j] - 2 * product / square * v[i - k + 1]
    end
  end
end

-- The x with the smallest residual b - A x; an error where the columns of A depend on each other,
-- but for rounding.
function elimination.least_squares(a, b)
  local columns, largest, smallest = #a[1], 0, math.huge
  if #a < columns then
    error("there are fewer equations than unknowns")
  end
  for i, row in ipairs(a) do
    row[columns + 1] = b[i]
  end
  local right = {}
  for k = 1, columns do
    reflect(a, k)
    largest = math.max(largest, math.abs(a[k][k]))
    smallest = math.min(smallest, math.abs(a[k][k]))
  end
  if not (smallest > #a * 2.0 ^ -52 * largest) then
    error("the columns depend on each other")
  end
  for i = 1, columns do
    right[i] = a[i][columns + 1]
  end
  return elimination.backward_substitution(a, right)
end
%% endif
%% if conjugate_gradient

-- An x whose residual is at most 1e-10 times b, for a positive definite A; an error where A is not
-- positive definite, and after 10n steps.
function elimination.conjugate_gradient(a, b)
  -- The squares of large and small numbers are no numbers.
  local scale = 0
  for _, value in ipairs(b) do
    scale = math.max(scale, math.abs(value))
  end
  scale = scale > 0 and scale or 1
  local x, residual, direction = {}, {}, {}
  for i, value in ipairs(b) do
    x[i], residual[i], direction[i] = 0.0, value / scale, value / scale
  end
  local square = dot(residual, residual)
  local limit, step = 1e-20 * square, 0
  while square > limit do
    local product = {}
    for i, row in ipairs(a) do
      product[i] = dot(row, direction)
    end
    local curvature = dot(direction, product)
    if step == 10 * #b or not (curvature > 0) then
      error("the matrix is not positive definite")
    end
    local length, before = square / curvature, square
    subtract(x, -length, direction, 1)
    subtract(residual, length, product, 1)
    square = dot(residual, residual)
    for i = 1, #b do
      direction[i] = residual[i] + square / before * direction[i]
    end
    step = step + 1
  end
  if not (square <= limit) then
    error("the iteration does not converge")
  end
  for i = 1, #b do
    x[i] = x[i] * scale
  end
  return x
end
%% endif

return elimination
