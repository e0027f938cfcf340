# Reads linear systems from standard input, has gaussian_elimination.jl work on them, prints what
# comes out. docs/protocol.md describes both sides.

# The listing ends with a call of its main: everything before that is evaluated.
module Listing end
const source = read(joinpath(@__DIR__, "gaussian_elimination.jl"), String)
include_string(Listing, replace(source, r"^main\(\)\s*\z"m => ""), "gaussian_elimination.jl")

function converse()
    for header in eachline(stdin)
        _, name, rows, columns = split(header, ' ')
        answer(name, read_matrix(parse(Int, rows), parse(Int, columns)))
    end
end

function read_matrix(rows::Int, columns::Int)
    matrix = Matrix{Float64}(undef, rows, columns)
    for i in 1:rows
        for (j, word) in enumerate(split(readline(stdin), ' '))
            matrix[i, j] = parse(Float64, word)
        end
    end
    return matrix
end

function answer(name::AbstractString, system::Matrix{Float64})
    write(stderr, "case $name\n")
    say("case $name\n")
    echelon = copy(system)
    eliminated = attempt("gaussian_elimination") do
        Listing.gaussian_elimination!(echelon)
        matrix_text("echelon", echelon)
    end
    if eliminated
        attempt("gauss_jordan") do
            reduced = copy(echelon)
            Listing.gauss_jordan_elimination!(reduced)
            matrix_text("reduced", reduced)
        end
        attempt("back_substitution") do
            solution_text(Listing.back_substitution(copy(echelon)))
        end
    end
    say("end $name\n")
end

# Prints what the stage returns, or that its procedure failed; returns whether it succeeded.
function attempt(stage::Function, procedure::String)
    try
        say(stage())
        return true
    catch problem
        message = replace(sprint(showerror, problem), '\n' => ' ')
        say("failed $procedure $message\n")
        return false
    end
end

function matrix_text(label::String, matrix::Matrix{Float64})
    text = IOBuffer()
    print(text, label, ' ', size(matrix, 1), ' ', size(matrix, 2), '\n')
    for i in axes(matrix, 1)
        join(text, view(matrix, i, :), ' ')
        print(text, '\n')
    end
    return String(take!(text))
end

solution_text(x::Vector{Float64}) = string("solution ", length(x), '\n', join(x, '\n'), '\n')

# In one piece: standard output is not buffered.
function say(text::String)
    write(stdout, text)
    flush(stdout)
end

converse()
