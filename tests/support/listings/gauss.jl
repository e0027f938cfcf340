# Linear equations, as a script with a main part.

# nothing for a singular matrix
function gauss(a, b)
    n = length(b)
    m = hcat(a, b)
    for k in 1:n
        p = k - 1 + argmax(abs.(m[k:n, k]))
        abs(m[p, k]) < 1e-12 && return nothing
        m[[k, p], :] = m[[p, k], :]
        m[k, :] /= m[k, k]
        for i in 1:n
            i == k || (m[i, :] -= m[i, k] * m[k, :])
        end
    end
    return m[:, end]
end

# an empty matrix for a singular one
function invert(a)
    n = size(a, 1)
    columns = [gauss(a, Float64.(1:n .== j)) for j in 1:n]
    return any(isnothing, columns) ? zeros(0, 0) : reduce(hcat, columns)
end

# an error for a singular matrix
function det(a)
    size(a, 1) == 1 && return a[1, 1]
    value = sum((-1)^(j + 1) * a[1, j] * expand(a[2:end, setdiff(1:end, j)]) for j in axes(a, 2))
    value == 0 && error("The matrix is singular!")
    return value
end

expand(a) = size(a, 1) == 1 ? a[1, 1] :
    sum((-1)^(j + 1) * a[1, j] * expand(a[2:end, setdiff(1:end, j)]) for j in axes(a, 2))

if abspath(PROGRAM_FILE) == @__FILE__
    println(gauss([2.0 1.0; 1.0 3.0], parse.(Float64, split(readline()))))
end
