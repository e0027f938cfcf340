-- Gaussian elimination with partial pivoting: the program under test.
--
-- Put your own program in place of this one. Where its functions have other names or arguments,
-- change the calls in driver.lua; what driver.lua calls has to be in the table that is returned.
--
-- A matrix is a table of rows and augmented: its last column is the right-hand side.

local elimination = {}

-- Subtracts a multiple of another row from `row`, from the column `first` on.
local function subtract(row, factor, other, first)
  for j = first, #row do
    row[j] = row[j] - factor * other[j]
  end
end

-- Turns the matrix into row echelon form.
function elimination.gaussian_elimination(a)
  local rows, unknowns = #a, #a[1] - 1
  local row = 1
  for column = 1, unknowns do
    if row > rows then
      break
    end
    local pivot = row
    for i = row + 1, rows do
      if math.abs(a[i][column]) > math.abs(a[pivot][column]) then
        pivot = i
      end
    end
    if a[pivot][column] ~= 0 then
      a[row], a[pivot] = a[pivot], a[row]
      for i = row + 1, rows do
        local factor = a[i][column] / a[row][column]
        a[i][column] = 0.0
        subtract(a[i], factor, a[row], column + 1)
      end
      row = row + 1
    end
  end
  if row <= math.min(rows, unknowns) then
    print("The matrix is singular.")
  end
end

-- The column of the first coefficient that is not 0, or nil.
local function leading_column(row)
  for column = 1, #row - 1 do
    if row[column] ~= 0 then
      return column
    end
  end
end

-- Turns a matrix in row echelon form into reduced row echelon form.
function elimination.gauss_jordan(a)
  for row = #a, 1, -1 do
    local column = leading_column(a[row])
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

-- Solves a system in row echelon form; an error where there is not exactly one solution.
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

return elimination
