# Gaussian elimination with partial pivoting: the program under test.
#
# Put your own program in place of this one. Where its functions have other names or arguments,
# change the calls in driver.jl.
#
# A matrix is augmented: its last column is the right-hand side.

# Turns the matrix into row echelon form.
function gaussian_elimination!(a::Matrix{Float64})
    rows, unknowns = size(a, 1), size(a, 2) - 1
    row = 1
    for column in 1:unknowns
        row > rows && break
        pivot = row - 1 + argmax(abs.(a[row:end, column]))
        a[pivot, column] == 0 && continue
        a[[row, pivot], :] = a[[pivot, row], :]
        for i in row+1:rows
            factor = a[i, column] / a[row, column]
            a[i, column] = 0
            a[i, column+1:end] -= factor * a[row, column+1:end]
        end
        row += 1
    end
    if row <= min(rows, unknowns)
        println("The matrix is singular.")
    end
end

# Turns a matrix in row echelon form into reduced row echelon form.
function gauss_jordan!(a::Matrix{Float64})
    for row in size(a, 1):-1:1
        column = findfirst(!iszero, a[row, 1:end-1])
        column === nothing && continue
        a[row, :] /= a[row, column]
        for i in 1:row-1
            factor = a[i, column]
            a[i, column] = 0
            a[i, column+1:end] -= factor * a[row, column+1:end]
        end
    end
end

# Solves a system in row echelon form; an error where there is not exactly one solution.
function back_substitution(a::Matrix{Float64})
    unknowns = size(a, 2) - 1
    has_one_solution(a) || error("there is not exactly one solution")
    x = zeros(unknowns)
    for i in unknowns:-1:1
        known = sum(Float64[a[i, j] * x[j] for j in i+1:unknowns])
        x[i] = (a[i, end] - known) / a[i, i]
    end
    return x
end

function has_one_solution(a::Matrix{Float64})
    rows, unknowns = size(a, 1), size(a, 2) - 1
    return rows >= unknowns &&
           all(a[i, i] != 0 for i in 1:unknowns) &&
           all(iszero, a[unknowns+1:end, end])
end
