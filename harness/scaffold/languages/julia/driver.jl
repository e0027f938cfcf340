# Reads linear systems from standard input, passes them to @{ listing }@, and prints the
# results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
# program, which is a module of its own. What it does at its top is done once, before the first
# case.

module Program
include("@{ listing }@")
end

struct Refused <: Exception
    reason::String
end

# The calls of the program. Each call gets copies, which the program may change. Where it has no
# answer, the program may throw: the driver then prints `failed PROCEDURE MESSAGE`. Or it may return
# nothing, false, a text, an empty vector, or one number such as -1 in place of a vector: the driver
# then prints `refused PROCEDURE returned -1`. Where the program says so otherwise, throw Refused:
#     status == 0 || throw(Refused("returned $status"))
module Adapters
import ..Program, ..Refused
using LinearAlgebra: I, diag
%% if gaussian_elimination

# ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
function gaussian_elimination(M, unknowns)
    Program.gaussian_elimination!(M, unknowns)
    return M
end
%% endif
%% if gauss_jordan

# ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
function gauss_jordan(M, unknowns)
    Program.gauss_jordan!(M, unknowns)
    return M
end
%% endif
%% if back_substitution

# ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
back_substitution(M) = Program.back_substitution(M)
%% endif
%% if lu

# ADAPT: P, L and U with P A = L U; Matrix(I, n, n)[order, :] is P where it returns an order of rows
function lu(A)
    order, L, _ = Program.lu!(A)
    return Matrix{Float64}(I, size(A))[order, :], L, A
end
%% endif
%% if forward_substitution

# ADAPT: the solution y of L y = b
forward_substitution(L, b) = Program.forward_substitution(L, b)
%% endif
%% if backward_substitution

# ADAPT: the solution x of U x = y
backward_substitution(U, y) = Program.backward_substitution(U, y)
%% endif
%% if solve

# ADAPT: the solution x of A x = b
solve(A, b) = Program.solve(A, b)
%% endif
%% if inverse

# ADAPT: the inverse of A
inverse(A) = Program.inverse(A)
%% endif
%% if determinant

# ADAPT: the determinant of A
determinant(A) = Program.determinant(A)
%% endif
%% if log_determinant

# ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
log_determinant(A) = Program.log_determinant(A)
%% endif
%% if rank

# ADAPT: the rank of A
rank(A) = Program.matrix_rank(A)
%% endif
%% if tridiagonal

# ADAPT: the solution x of A x = b, from the diagonals of A
tridiagonal(A, b) = Program.tridiagonal(diag(A, -1), diag(A), diag(A, 1), b)
%% endif
%% if cholesky

# ADAPT: L with A = L Lᵀ
cholesky(A) = Program.cholesky(A)
%% endif
%% if least_squares

# ADAPT: the x with the smallest residual b - A x
least_squares(A, b) = Program.least_squares(A, b)
%% endif
%% if conjugate_gradient

# ADAPT: the solution x of A x = b for a positive definite A
conjugate_gradient(A, b) = Program.conjugate_gradient(A, b)
%% endif
end

# From here on, nothing depends on the program.

function converse()
    for header in eachline(stdin)
        _, name, rows, columns, sides = split(header, ' ')
        system = read_matrix(parse(Int, rows), parse(Int, columns))
        unknowns = parse(Int, columns) - parse(Int, sides)
        write(stderr, "case $name\n")
        say("case $name\n")
        answer(system, system[:, 1:unknowns], system[:, unknowns+1:end])
        say("end $name\n")
    end
end

function read_matrix(rows::Int, columns::Int)
    matrix = Matrix{Float64}(undef, rows, columns)
    for i in 1:rows
        matrix[i, :] = parse.(Float64, split(readline(stdin), ' '))
    end
    return matrix
end

function answer(system, A, B)
    unknowns = size(A, 2)
    is_square = size(A, 1) == unknowns
    is_single = size(B, 2) == 1
    is_symmetric = is_square && A == permutedims(A)
%% if gaussian_elimination
    system = attempt("gaussian_elimination", ["echelon" => 2]) do
        [Adapters.gaussian_elimination(copy(system), unknowns)]
    end
    system = system === nothing ? nothing : system[1]
%% endif
%% if gauss_jordan
    if system !== nothing
        reduced = attempt("gauss_jordan", ["reduced" => 2]) do
            [Adapters.gauss_jordan(copy(system), unknowns)]
        end
%% if not gaussian_elimination
        system = reduced === nothing ? nothing : reduced[1]
%% endif
    end
%% endif
%% if back_substitution
    if system !== nothing && is_single
        attempt("back_substitution", ["solution" => 1]) do
            [Adapters.back_substitution(copy(system))]
        end
    end
%% endif
%% if lu or forward_substitution or backward_substitution
    if is_square
%% if lu
        factors = attempt("lu", ["permutation" => 2, "lower" => 2, "upper" => 2]) do
            Adapters.lu(copy(A))
        end
%% else
        # Without a factorisation, the triangles are those of A.
        unit(i, j) = Float64(i == j)
        L = [i > j ? A[i, j] : unit(i, j) for i in axes(A, 1), j in axes(A, 2)]
        factors = [unit.(axes(A, 1), axes(A, 1)'), L, [i > j ? 0.0 : A[i, j] for i in axes(A, 1), j in axes(A, 2)]]
%% endif
%% if forward_substitution or backward_substitution
        if factors !== nothing
            P, L, U = factors
            Y = [B]
%% if forward_substitution
            origins = [findfirst(!iszero, P[i, :]) for i in axes(P, 1)]
            Y = each("forward_substitution", "forward", Adapters.forward_substitution, L, B[origins, :])
%% endif
%% if backward_substitution
            if Y !== nothing
                each("backward_substitution", "backward", Adapters.backward_substitution, U, Y[1])
            end
%% endif
        end
%% endif
    end
%% endif
%% if solve
    # Where the program takes other shapes, claim them in port.yaml and leave out the condition.
    is_square && each("solve", "solve", Adapters.solve, A, B)
%% endif
%% if inverse
    is_square && attempt(() -> [Adapters.inverse(copy(A))], "inverse", ["inverse" => 2])
%% endif
%% if determinant
    is_square && attempt(() -> [Adapters.determinant(copy(A))], "determinant", ["determinant" => 0])
%% endif
%% if log_determinant
    if is_square
        attempt("log_determinant", ["log_determinant" => 1]) do
            [Adapters.log_determinant(copy(A))]
        end
    end
%% endif
%% if rank
    attempt(() -> [Adapters.rank(copy(A))], "rank", ["rank" => 0])
%% endif
%% if tridiagonal
    is_near(entry) = abs(entry[1] - entry[2]) < 2
    if is_square && all(is_near(Tuple(entry)) || iszero(A[entry]) for entry in CartesianIndices(A))
        each("tridiagonal", "tridiagonal", Adapters.tridiagonal, A, B)
    end
%% endif
%% if cholesky
    is_symmetric && attempt(() -> [Adapters.cholesky(copy(A))], "cholesky", ["cholesky" => 2])
%% endif
%% if least_squares
    each("least_squares", "least_squares", Adapters.least_squares, A, B)
%% endif
%% if conjugate_gradient
    if is_symmetric && is_single
        attempt("conjugate_gradient", ["conjugate_gradient" => 1]) do
            [Adapters.conjugate_gradient(copy(A), B[:, 1])]
        end
    end
%% endif
end

# Prints and returns the results for each column of B, as the columns of a matrix.
function each(procedure::String, label::String, solver::Function, A, B)
    return attempt(procedure, [label => 2]) do
        columns = [checked(solver(copy(A), B[:, k]), 1) for k in axes(B, 2)]
        [reduce(hcat, columns)]
    end
end

# Prints and returns the results of the stage. Where its procedure failed or has no answer, prints
# that and returns nothing. The labels have numbers of dimensions.
function attempt(stage::Function, procedure::String, labels::Vector)
    try
        pairs = zip(labels, stage())
        results = [checked(result, dimensions) for ((_, dimensions), result) in pairs]
        texts = [stage_text(label, result) for ((label, _), result) in zip(labels, results)]
        say(join(texts))
        return results
    catch problem
        is_refusal = problem isa Refused
        message = is_refusal ? problem.reason : sprint(showerror, problem)
        message = replace(message, r"\s+" => ' ')
        say(string(is_refusal ? "refused " : "failed ", procedure, ' ', message, '\n'))
        return nothing
    end
end

# The result as a number, a vector or a matrix; an error where there is none.
function checked(result, dimensions::Int)
    if dimensions == 1 && result isa AbstractMatrix && size(result, 2) == 1
        result = vec(result)
    end
    is_number = result isa Real && !(result isa Bool)
    is_array = result isa AbstractArray{<:Real} && !isempty(result)
    if !(dimensions == 0 ? is_number : is_array && ndims(result) == dimensions)
        is_empty = result isa AbstractArray && isempty(result)
        result isa AbstractArray && !is_empty && error("the program returned ", result)
        text = result === nothing ? "nothing" : is_empty ? "an empty array" : string(result)
        throw(Refused("returned $text"))
    end
    return result
end

function stage_text(label::String, result)
    result isa Real && return string(label, " 1\n", result, '\n')
    rows = [join(view(result, i, :), ' ') * "\n" for i in axes(result, 1)]
    return string(label, ' ', join(size(result), ' '), '\n', join(rows))
end

# Prints the text in one piece, because standard output is not buffered.
function say(text::String)
    write(stdout, text)
    flush(stdout)
end

converse()
