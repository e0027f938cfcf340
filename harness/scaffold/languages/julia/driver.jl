# Reads linear systems from standard input, passes them to elimination.jl, and prints the
# results. docs/protocol.md describes both sides.

# A module of its own, so that names of the program and the driver do not collide.
module Program
include("elimination.jl")
end

function converse()
    for header in eachline(stdin)
        _, name, rows, columns = split(header, ' ')
        answer(name, read_matrix(parse(Int, rows), parse(Int, columns)))
    end
end

function read_matrix(rows::Int, columns::Int)
    matrix = Matrix{Float64}(undef, rows, columns)
    for i in 1:rows
        matrix[i, :] = parse.(Float64, split(readline(stdin), ' '))
    end
    return matrix
end

function answer(name::AbstractString, system::Matrix{Float64})
    write(stderr, "case $name\n")
    say("case $name\n")
    echelon = copy(system)
    eliminated = attempt("gaussian_elimination") do
        Program.gaussian_elimination!(echelon)
        matrix_text("echelon", echelon)
    end
    if eliminated
        attempt("gauss_jordan") do
            reduced = copy(echelon)
            Program.gauss_jordan!(reduced)
            matrix_text("reduced", reduced)
        end
        attempt("back_substitution") do
            x = Program.back_substitution(copy(echelon))
            string("solution ", length(x), '\n', join(x, '\n'), '\n')
        end
    end
    say("end $name\n")
end

# Prints what the stage returns, or that its procedure failed. Returns whether it succeeded.
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
    rows = [join(view(matrix, i, :), ' ') * "\n" for i in axes(matrix, 1)]
    return string(label, ' ', size(matrix, 1), ' ', size(matrix, 2), '\n', join(rows))
end

# Prints the text in one piece, because standard output is not buffered.
function say(text::String)
    write(stdout, text)
    flush(stdout)
end

converse()
