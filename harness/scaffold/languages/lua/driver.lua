-- Reads linear systems from standard input, passes them to @{ listing }@, and prints the
-- results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
-- program.

-- Returns the program's own things by name: the fields of the table that it returns, its local
-- variables, and its global ones. While it is loaded, it prints and reads nothing.
local function load_program(file)
  local names = setmetatable({}, { __index = _G })
  local chunk = assert(loadfile(file))
  local print_text, write, read = print, io.write, io.read
  print, io.write, io.read = function() end, function() return io.stdout end, function() end
  debug.sethook(function()
    if debug.getinfo(2, "f").func == chunk then
      local number, name, value = 1, debug.getlocal(2, 1)
      while name do
        names[name] = value
        number = number + 1
        name, value = debug.getlocal(2, number)
      end
    end
  end, "r")
  local succeeded, result = pcall(chunk, file)
  debug.sethook()
  print, io.write, io.read = print_text, write, read
  if succeeded and type(result) == "table" then
    for name, value in pairs(result) do
      names[name] = value
    end
  elseif not succeeded then
    io.stderr:write("while loading: ", tostring(result), "\n")
  end
  return names
end

os.exit = function(status)
  error("exit(" .. tostring(status) .. ")", 0)
end
local program = load_program("@{ listing }@")
local permutation

-- The calls of the program. Each call gets copies, which the program may change. Where it has no
-- answer, the program may raise an error or exit: the driver then prints `failed PROCEDURE
-- MESSAGE`. Or it may return nil, false, a text, an empty table, or one number such as -1 in place
-- of a table: the driver then prints `refused PROCEDURE returned -1`. Where the program says so
-- otherwise, call refuse("returned 2").
local function refuse(reason)
  error({ reason = reason }, 0)
end

local adapters = {}
%% if gaussian_elimination

-- ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
function adapters.gaussian_elimination(M, unknowns)
  program.gaussian_elimination(M, unknowns)
  return M
end
%% endif
%% if gauss_jordan

-- ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
function adapters.gauss_jordan(M, unknowns)
  program.gauss_jordan(M, unknowns)
  return M
end
%% endif
%% if back_substitution

-- ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
function adapters.back_substitution(M)
  return program.back_substitution(M)
end
%% endif
%% if lu

-- ADAPT: P, L and U with P A = L U; permutation(order) is P where it returns an order of rows
function adapters.lu(A)
  local order, L = program.lu(A)
  return { permutation(order), L, A }
end
%% endif
%% if forward_substitution

-- ADAPT: the solution y of L y = b
function adapters.forward_substitution(L, b)
  return program.forward_substitution(L, b)
end
%% endif
%% if backward_substitution

-- ADAPT: the solution x of U x = y
function adapters.backward_substitution(U, y)
  return program.backward_substitution(U, y)
end
%% endif
%% if solve

-- ADAPT: the solution x of A x = b
function adapters.solve(A, b)
  return program.solve(A, b)
end
%% endif
%% if inverse

-- ADAPT: the inverse of A
function adapters.inverse(A)
  return program.inverse(A)
end
%% endif
%% if determinant

-- ADAPT: the determinant of A
function adapters.determinant(A)
  return program.determinant(A)
end
%% endif
%% if log_determinant

-- ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
function adapters.log_determinant(A)
  local sign, logarithm = program.log_determinant(A)
  return { sign, logarithm }
end
%% endif
%% if rank

-- ADAPT: the rank of A
function adapters.rank(A)
  return program.rank(A)
end
%% endif
%% if tridiagonal

-- ADAPT: the solution x of A x = b, from the diagonals of A
function adapters.tridiagonal(A, b)
  local below, diagonal, above = {}, {}, {}
  for i = 1, #b do
    below[i - 1], diagonal[i], above[i] = A[i][i - 1], A[i][i], A[i][i + 1]
  end
  return program.tridiagonal(below, diagonal, above, b)
end
%% endif
%% if cholesky

-- ADAPT: L with A = L Lᵀ
function adapters.cholesky(A)
  return program.cholesky(A)
end
%% endif
%% if least_squares

-- ADAPT: the x with the smallest residual b - A x
function adapters.least_squares(A, b)
  return program.least_squares(A, b)
end
%% endif
%% if conjugate_gradient

-- ADAPT: the solution x of A x = b for a positive definite A
function adapters.conjugate_gradient(A, b)
  return program.conjugate_gradient(A, b)
end
%% endif

-- From here on, nothing depends on the program.

local function say(text)
  io.stdout:write(text, "\n")
  io.stdout:flush()
end

-- A `2` would become an integer, and integers wrap around. Subtracting 0.0 makes it a double and
-- keeps -0.0.
local function read_row()
  local row = {}
  for word in io.read("l"):gmatch("%S+") do
    row[#row + 1] = tonumber(word) - 0.0
  end
  return row
end

local function copy_of(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for i, entry in ipairs(value) do
    copy[i] = copy_of(entry)
  end
  return copy
end

-- The matrix whose rows are those of the unit matrix in that order.
function permutation(order)
  local P = {}
  for i, origin in ipairs(order) do
    P[i] = {}
    for j = 1, #order do
      P[i][j] = j == origin and 1.0 or 0.0
    end
  end
  return P
end

-- 17 significant digits determine a double exactly.
local function joined(numbers, separator)
  local words = {}
  for i, number in ipairs(numbers) do
    words[i] = string.format("%.17g", number)
  end
  return table.concat(words, separator)
end

-- A vector as a flat table, also where it is a matrix with one column.
local function flat(vector)
  local numbers = {}
  for i, entry in ipairs(type(vector) == "table" and vector or {}) do
    numbers[i] = type(entry) == "table" and #entry == 1 and entry[1] or entry
  end
  return #numbers > 0 and numbers or vector
end

-- Returns the text of a result. Raises an error where it says that there is none.
local function stage_text(label, result, dimensions)
  if dimensions == 0 and type(result) == "number" then
    return label .. " 1\n" .. joined({ result }, "\n")
  end
  result = dimensions == 1 and flat(result) or result
  local is_matrix = type(result) == "table" and type(result[1]) == "table"
  if type(result) ~= "table" or #result == 0 or dimensions == 0 or is_matrix ~= (dimensions == 2) then
    if type(result) == "table" and #result > 0 then
      error("the program returned a table of another shape", 0)
    end
    refuse("returned " .. (type(result) == "table" and "an empty table" or tostring(result)))
  end
  if dimensions == 1 then
    return string.format("%s %d\n", label, #result) .. joined(result, "\n")
  end
  local lines = { string.format("%s %d %d", label, #result, #result[1]) }
  for _, row in ipairs(result) do
    lines[#lines + 1] = joined(row, " ")
  end
  return table.concat(lines, "\n")
end

-- Prints the results of the procedure and returns them; nil where it has no answer. `labels` holds
-- a label and a number of dimensions in turn.
local function attempt(procedure, labels, ...)
  local arguments = copy_of({ ... })
  local succeeded, result = pcall(function()
    local values = adapters[procedure](table.unpack(arguments))
    if #labels == 2 then
      values = { values }
    end
    local texts = {}
    for i = 1, #labels, 2 do
      texts[#texts + 1] = stage_text(labels[i], values[(i + 1) // 2], labels[i + 1])
    end
    return { values, table.concat(texts, "\n") }
  end)
  if not succeeded then
    local is_refusal = type(result) == "table" and result.reason
    local word, text = is_refusal and "refused " or "failed ", is_refusal or tostring(result)
    say(word .. procedure .. " " .. text:gsub("%s+", " "))
    return nil
  end
  say(result[2])
  return table.unpack(result[1])
end

local function column(matrix, k)
  local numbers = {}
  for i, row in ipairs(matrix) do
    numbers[i] = row[k]
  end
  return numbers
end

-- Prints and returns the results for each column of B, as the columns of a matrix.
local function each(procedure, label, A, B)
  local solver = adapters[procedure]
  adapters[procedure] = function()
    local X = {}
    for k = 1, #B[1] do
      local x = flat(solver(copy_of(A), column(B, k)))
      if type(x) ~= "table" or #x == 0 then
        refuse("returned " .. (type(x) == "table" and "an empty table" or tostring(x)))
      end
      for i = 1, k == 1 and #x or 0 do
        X[i] = {}
      end
      if #x ~= #X then
        error("one solution has " .. #x .. " numbers", 0)
      end
      for i = 1, #X do
        X[i][k] = x[i]
      end
    end
    return X
  end
  local result = attempt(procedure, { label, 2 })
  adapters[procedure] = solver
  return result
end

local function holds(A, condition)
  for i, row in ipairs(A) do
    for j, value in ipairs(row) do
      if not condition(value, i, j) then
        return false
      end
    end
  end
  return true
end

local function answer(system, A, B)
  local is_square, is_single = #A == #A[1], #B[1] == 1
  local is_symmetric = is_square and holds(A, function(value, i, j)
    return value == A[j][i]
  end)
  local is_tridiagonal = is_square and holds(A, function(value, i, j)
    return value == 0 or math.abs(i - j) < 2
  end)
%% if gaussian_elimination
  system = attempt("gaussian_elimination", { "echelon", 2 }, system, #A[1])
%% endif
%% if gauss_jordan
  if system then
    local reduced = attempt("gauss_jordan", { "reduced", 2 }, system, #A[1])
%% if not gaussian_elimination
    system = reduced
%% endif
  end
%% endif
%% if back_substitution
  if system and is_single then
    attempt("back_substitution", { "solution", 1 }, system)
  end
%% endif
%% if lu or forward_substitution or backward_substitution
  if is_square then
%% if lu
    local factors = { "permutation", 2, "lower", 2, "upper", 2 }
    local P, L, U = attempt("lu", factors, A)
%% else
    -- Without a factorisation, the triangles are those of A.
    local order = {}
    for i = 1, #A do
      order[i] = i
    end
    local P, L, U = permutation(order), permutation(order), copy_of(A)
    for i = 1, #A do
      for j = 1, i - 1 do
        L[i][j], U[i][j] = A[i][j], 0.0
      end
    end
%% endif
    if P then
      local Y = B
%% if forward_substitution
      local PB = {}
      for i, row in ipairs(P) do
        for j, value in ipairs(row) do
          PB[i] = value ~= 0 and B[j] or PB[i]
        end
      end
      Y = each("forward_substitution", "forward", L, PB)
%% endif
%% if backward_substitution
      if Y then
        each("backward_substitution", "backward", U, Y)
      end
%% endif
    end
  end
%% endif
%% if solve
  -- Where the program takes other shapes, claim them in port.yaml and leave out the condition.
  if is_square then
    each("solve", "solve", A, B)
  end
%% endif
%% if inverse
  if is_square then
    attempt("inverse", { "inverse", 2 }, A)
  end
%% endif
%% if determinant
  if is_square then
    attempt("determinant", { "determinant", 0 }, A)
  end
%% endif
%% if log_determinant
  if is_square then
    attempt("log_determinant", { "log_determinant", 1 }, A)
  end
%% endif
%% if rank
  attempt("rank", { "rank", 0 }, A)
%% endif
%% if tridiagonal
  if is_tridiagonal then
    each("tridiagonal", "tridiagonal", A, B)
  end
%% endif
%% if cholesky
  if is_symmetric then
    attempt("cholesky", { "cholesky", 2 }, A)
  end
%% endif
%% if least_squares
  each("least_squares", "least_squares", A, B)
%% endif
%% if conjugate_gradient
  if is_symmetric and is_single then
    attempt("conjugate_gradient", { "conjugate_gradient", 1 }, A, column(B, 1))
  end
%% endif
end

for header in io.lines() do
  local name, rows, columns, sides = header:match("^case (%S+) (%d+) (%d+) (%d+)")
  local unknowns = tonumber(columns) - tonumber(sides)
  local system, A, B = {}, {}, {}
  for i = 1, tonumber(rows) do
    system[i] = read_row()
    A[i] = table.move(system[i], 1, unknowns, 1, {})
    B[i] = table.move(system[i], unknowns + 1, #system[i], 1, {})
  end
  io.stderr:write("case ", name, "\n")
  say("case " .. name)
  answer(system, A, B)
  say("end " .. name)
end
