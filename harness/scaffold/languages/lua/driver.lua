-- Reads linear systems from standard input, passes them to elimination.lua, and prints the
-- results. docs/protocol.md describes both sides.

local elimination = require("elimination")

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

local function copy_of(matrix)
  local copy = {}
  for i, row in ipairs(matrix) do
    copy[i] = table.move(row, 1, #row, 1, {})
  end
  return copy
end

-- 17 significant digits determine a double exactly.
local function joined(numbers, separator)
  local words = {}
  for i, number in ipairs(numbers) do
    words[i] = string.format("%.17g", number)
  end
  return table.concat(words, separator)
end

local function matrix_text(label, matrix)
  local lines = { string.format("%s %d %d", label, #matrix, #matrix[1]) }
  for _, row in ipairs(matrix) do
    lines[#lines + 1] = joined(row, " ")
  end
  return table.concat(lines, "\n")
end

-- Prints what the stage returns, or that its procedure failed. Returns whether it succeeded.
local function attempt(procedure, stage)
  local succeeded, result = pcall(stage)
  if succeeded then
    say(result)
  else
    say("failed " .. procedure .. " " .. tostring(result):gsub("\n", " "))
  end
  return succeeded
end

local function answer(name, system)
  io.stderr:write("case ", name, "\n")
  say("case " .. name)
  local echelon = copy_of(system)
  local eliminated = attempt("gaussian_elimination", function()
    elimination.gaussian_elimination(echelon)
    return matrix_text("echelon", echelon)
  end)
  if eliminated then
    attempt("gauss_jordan", function()
      local reduced = copy_of(echelon)
      elimination.gauss_jordan(reduced)
      return matrix_text("reduced", reduced)
    end)
    attempt("back_substitution", function()
      local x = elimination.back_substitution(copy_of(echelon))
      return "solution " .. #x .. "\n" .. joined(x, "\n")
    end)
  end
  say("end " .. name)
end

for header in io.lines() do
  local name, rows = header:match("^case (%S+) (%d+)")
  local system = {}
  for i = 1, tonumber(rows) do
    system[i] = read_row()
  end
  answer(name, system)
end
