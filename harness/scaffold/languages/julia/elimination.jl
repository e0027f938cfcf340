# Linear equations by elimination with partial pivoting: the program under test.
#
# Put your own program in place of this one. Where its functions have other names or arguments,
# change the calls in driver.jl.
#
# An augmented matrix has the right-hand sides in its last columns.
%% if gaussian_elimination or gauss_jordan or rank

# Clears the first columns below their pivots. Returns the number of pivots.
function eliminate!(a::Matrix{Float64}, unknowns::Int)
    row = 1
    for column in 1:unknowns
        row > size(a, 1) && break
        pivot = row - 1 + argmax(abs.(a[row:end, column]))
        a[pivot, column] == 0 && continue
        a[[row, pivot], :] = a[[pivot, row], :]
        for i in row+1:size(a, 1)
            factor = a[i, column] / a[row, column]
            a[i, column] = 0
            a[i, column+1:end] -= factor * a[row, column+1:end]
        end
        row += 1
    end
    return row - 1
end
%% endif
%% if gaussian_elimination

# Turns the matrix into row echelon form.
function gaussian_elimination!(a::Matrix{Float64}, unknowns::Int)
    if eliminate!(a, unknowns) < min(size(a, 1), unknowns)
        println("The matrix is singular.")
    end
end
%% endif
%% if gauss_jordan

%% if gaussian_elimination
# Turns a matrix in row echelon form into reduced row echelon form.
function gauss_jordan!(a::Matrix{Float64}, unknowns::Int)
%% else
# Turns the matrix into reduced row echelon form.
function gauss_jordan!(a::Matrix{Float64}, unknowns::Int)
    eliminate!(a, unknowns)
%% endif
    for row in size(a, 1):-1:1
        column = findfirst(!iszero, a[row, 1:unknowns])
        column === nothing && continue
        a[row, :] /= a[row, column]
        for i in 1:row-1
            factor = a[i, column]
            a[i, column] = 0
            a[i, column+1:end] -= factor * a[row, column+1:end]
        end
    end
end
%% endif
%% if back_substitution

# Solves a system in row echelon form, with one right-hand side; an error where there is not exactly
# one solution.
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
%% endif
%% if lu or solve or inverse or determinant or log_determinant

# Factors P A = L U. A becomes U. Returns P as the order of the rows of A, L, and the sign of P.
function lu!(a::Matrix{Float64})
    n = size(a, 1)
    order, lower, sign = collect(1:n), zeros(n, n), 1.0
    for k in 1:n
        pivot = k - 1 + argmax(abs.(a[k:n, k]))
        if pivot != k
            a[[k, pivot], :] = a[[pivot, k], :]
            lower[[k, pivot], :] = lower[[pivot, k], :]
            order[[k, pivot]] = order[[pivot, k]]
            sign = -sign
        end
        lower[k, k] = 1
        a[k, k] == 0 && continue
        for i in k+1:n
            lower[i, k] = a[i, k] / a[k, k]
            a[i, k] = 0
            a[i, k+1:n] -= lower[i, k] * a[k, k+1:n]
        end
    end
    return order, lower, sign
end
%% endif
%% if forward_substitution or solve or inverse

# Solves L y = b, where L has 1 on its diagonal. b becomes y.
function forward_substitution(lower::Matrix{Float64}, b::Vector{Float64})
    for i in eachindex(b), j in 1:i-1
        b[i] -= lower[i, j] * b[j]
    end
    return b
end
%% endif
%% if backward_substitution or solve or inverse or least_squares

# Solves U x = y. y becomes x. An error for a singular U.
function backward_substitution(upper::Matrix{Float64}, y::Vector{Float64})
    for i in length(y):-1:1
        upper[i, i] == 0 && error("the matrix is singular")
        for j in i+1:length(y)
            y[i] -= upper[i, j] * y[j]
        end
        y[i] /= upper[i, i]
    end
    return y
end
%% endif
%% if solve

# Solves A x = b; an error for a singular A.
function solve(a::Matrix{Float64}, b::Vector{Float64})
    order, lower, _ = lu!(a)
    return backward_substitution(a, forward_substitution(lower, b[order]))
end
%% endif
%% if inverse

# An error for a singular A.
function inverse(a::Matrix{Float64})
    order, lower, _ = lu!(a)
    column(j) = backward_substitution(a, forward_substitution(lower, Float64.(order .== j)))
    return reduce(hcat, [column(j) for j in axes(a, 2)])
end
%% endif
%% if determinant

# Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
# too large or too small for a Float64.
function determinant(a::Matrix{Float64})
    _, _, mantissa = lu!(a)
    power = 0
    for k in axes(a, 1)
        fraction, exponent = frexp(a[k, k])
        mantissa, carry = frexp(mantissa * fraction)
        power += exponent + carry
    end
    return ldexp(mantissa, power)
end
%% endif
%% if log_determinant

# The sign of the determinant and the logarithm of its magnitude; 0 and -Inf where it is 0.
function log_determinant(a::Matrix{Float64})
    _, _, sign_of_p = lu!(a)
    pivots = [a[k, k] for k in axes(a, 1)]
    any(iszero, pivots) && return [0.0, -Inf]
    return [sign_of_p * prod(sign.(pivots)), sum(log.(abs.(pivots)))]
end
%% endif
%% if rank

# The number of pivots that elimination finds.
matrix_rank(a::Matrix{Float64}) = eliminate!(a, size(a, 2))
%% endif
%% if tridiagonal

# Solves a tridiagonal system by the Thomas algorithm, without row swaps; an error for a pivot 0.
function tridiagonal(below, diagonal, above, b::Vector{Float64})
    for i in eachindex(b)
        if i > 1
            factor = below[i-1] / diagonal[i-1]
            diagonal[i] -= factor * above[i-1]
            b[i] -= factor * b[i-1]
        end
        diagonal[i] == 0 && error("a pivot is 0")
    end
    for i in length(b):-1:1
        if i < length(b)
            b[i] -= above[i] * b[i+1]
        end
        b[i] /= diagonal[i]
    end
    return b
end
%% endif
%% if cholesky

# L with A = L Lᵀ; an error where A is not positive definite.
function cholesky(a::Matrix{Float64})
    lower = zeros(size(a))
    for i in axes(a, 1), j in 1:i
        rest = a[i, j]
        for k in 1:j-1
            rest -= lower[i, k] * lower[j, k]
        end
        i == j && !(rest > 0) && error("the matrix is not positive definite")
        lower[i, j] = i == j ? sqrt(rest) : rest / lower[j, j]
    end
    return lower
end
%% endif
%% if least_squares or conjugate_gradient

dot(x, y) = sum(x .* y)
%% endif
%% if least_squares

# Reflects column k, from the diagonal down, to a multiple of a unit vector.
function reflect!(a::Matrix{Float64}, k::Int)
    v = a[k:end, k]
    all(iszero, v) && return
    v /= maximum(abs, v)
    v[1] += copysign(sqrt(dot(v, v)), v[1])
    square = dot(v, v)
    for j in k:size(a, 2)
        a[k:end, j] -= 2 * dot(v, a[k:end, j]) / square * v
    end
end

# The x with the smallest residual b - A x; an error where the columns of A depend on each other,
# but for rounding.
function least_squares(a::Matrix{Float64}, b::Vector{Float64})
    rows, columns = size(a)
    rows < columns && error("there are fewer equations than unknowns")
    work = hcat(a, b)
    for k in 1:columns
        reflect!(work, k)
    end
    sizes = [abs(work[k, k]) for k in 1:columns]
    minimum(sizes) > rows * eps() * maximum(sizes) || error("the columns depend on each other")
    return backward_substitution(work, work[1:columns, end])
end
%% endif
%% if conjugate_gradient

# An x whose residual is at most 1e-10 times b, for a positive definite A; an error where A is not
# positive definite, and after 10n steps.
function conjugate_gradient(a::Matrix{Float64}, b::Vector{Float64})
    # The squares of large and small numbers are no Float64.
    scale = maximum(abs, b)
    scale = scale > 0 ? scale : 1.0
    x, residual = zeros(length(b)), b / scale
    direction, square = residual, dot(residual, residual)
    limit = 1e-20 * square
    step = 0
    while square > limit
        product = a * direction
        curvature = dot(direction, product)
        curvature > 0 || error("the matrix is not positive definite")
        step == 10 * length(b) && error("the iteration does not converge")
        x += square / curvature * direction
        residual -= square / curvature * product
        before = square
        square = dot(residual, residual)
        direction = residual + square / before * direction
        step += 1
    end
    square <= limit || error("the iteration does not converge")
    return scale * x
end
%% endif
