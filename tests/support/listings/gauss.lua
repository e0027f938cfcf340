-- Linear equations, as a script: everything is local, and the main part asks for a system.

-- nil for a singular matrix
local function gauss(a, b)
  local n = #b
  for k = 1, n do
    local p = k
    for i = k + 1, n do
      if math.abs(a[i][k]) > math.abs(a[p][k]) then p = i end
    end
    if math.abs(a[p][k]) < 1e-12 then return nil end
    a[k], a[p], b[k], b[p] = a[p], a[k], b[p], b[k]
    for i = 1, n do
      if i ~= k then
        local f = a[i][k] / a[k][k]
        for j = k, n do a[i][j] = a[i][j] - f * a[k][j] end
        b[i] = b[i] - f * b[k]
      end
    end
  end
  for k = 1, n do b[k] = b[k] / a[k][k] end
  return b
end

-- {} for a singular matrix
local function invert(a)
  local result = {}
  for i = 1, #a do result[i] = {} end
  for j = 1, #a do
    local m, e = {}, {}
    for i, row in ipairs(a) do
      m[i], e[i] = table.move(row, 1, #row, 1, {}), i == j and 1 or 0
    end
    local x = gauss(m, e)
    if not x then return {} end
    for i = 1, #a do result[i][j] = x[i] end
  end
  return result
end

-- Ends the program for a singular matrix.
function det(a)
  local d = 1
  for k = 1, #a do
    local p = k
    for i = k, #a do
      if math.abs(a[i][k]) > math.abs(a[p][k]) then p = i end
    end
    if math.abs(a[p][k]) < 1e-12 then os.exit(1) end
    if p ~= k then a[k], a[p], d = a[p], a[k], -d end
    d = d * a[k][k]
    for i = k + 1, #a do
      local f = a[i][k] / a[k][k]
      for j = k, #a do a[i][j] = a[i][j] - f * a[k][j] end
    end
  end
  return d
end

print("How many unknowns?")
local n = io.read("n")
if n then print(table.concat(gauss({ { 2 } }, { n }))) end
