! Linear equations by elimination with partial pivoting: the program under test.
!
! Put your own program in place of this one. Where its procedures have other names or arguments,
! change the calls in driver.f90.
!
! An augmented matrix has the right-hand sides in its last columns. `answered` becomes .false. where
! there is no answer.
module elimination
  use, intrinsic :: ieee_arithmetic, only: ieee_negative_inf, ieee_value
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  public

contains
%% if gaussian_elimination or gauss_jordan or rank

  !> Clears the first columns below their pivots. Returns the number of pivots.
  function eliminate(a, unknowns) result(pivots)
    real(real64), intent(inout) :: a(:, :)
    integer, intent(in) :: unknowns
    integer :: pivots, row, column, pivot, i

    row = 1
    do column = 1, unknowns
      if (row > size(a, 1)) exit
      pivot = row - 1 + maxloc(abs(a(row:, column)), dim=1)
      if (a(pivot, column) == 0) cycle
      call swap_rows(a, row, pivot)
      do i = row + 1, size(a, 1)
        call clear(a, i, row, column)
      end do
      row = row + 1
    end do
    pivots = row - 1
  end function eliminate

  subroutine clear(a, i, row, column)
    real(real64), intent(inout) :: a(:, :)
    integer, intent(in) :: i, row, column
    real(real64) :: factor

    factor = a(i, column) / a(row, column)
    a(i, column) = 0
    a(i, column + 1:) = a(i, column + 1:) - factor * a(row, column + 1:)
  end subroutine clear
%% endif

  subroutine swap_rows(a, first, second)
    real(real64), intent(inout) :: a(:, :)
    integer, intent(in) :: first, second

    if (first /= second) a([first, second], :) = a([second, first], :)
  end subroutine swap_rows
%% if gaussian_elimination

  !> Turns the matrix into row echelon form.
  subroutine gaussian_elimination(a, unknowns)
    real(real64), intent(inout) :: a(:, :)
    integer, intent(in) :: unknowns

    if (eliminate(a, unknowns) < min(size(a, 1), unknowns)) print '(a)', 'The matrix is singular.'
  end subroutine gaussian_elimination
%% endif
%% if gauss_jordan

%% if gaussian_elimination
  !> Turns a matrix in row echelon form into reduced row echelon form.
%% else
  !> Turns the matrix into reduced row echelon form.
%% endif
  subroutine gauss_jordan(a, unknowns)
    real(real64), intent(inout) :: a(:, :)
    integer, intent(in) :: unknowns
    integer :: row, column, i

%% if not gaussian_elimination
    i = eliminate(a, unknowns)
%% endif
    do row = size(a, 1), 1, -1
      column = findloc(a(row, :unknowns) /= 0, .true., dim=1)
      if (column == 0) cycle
      a(row, :) = a(row, :) / a(row, column)
      do i = 1, row - 1
        call clear(a, i, row, column)
      end do
    end do
  end subroutine gauss_jordan
%% endif
%% if back_substitution

  !> Solves a system in row echelon form, with one right-hand side. There is no answer where there
  !> is not exactly one solution.
  subroutine back_substitution(a, x, answered)
    real(real64), intent(in) :: a(:, :)
    real(real64), intent(out) :: x(:)
    logical, intent(out) :: answered
    integer :: unknowns, i

    unknowns = size(a, 2) - 1
    answered = size(a, 1) >= unknowns
    if (.not. answered) return
    answered = all([(a(i, i) /= 0, i = 1, unknowns)]) .and. all(a(unknowns + 1:, unknowns + 1) == 0)
    if (.not. answered) return
    do i = unknowns, 1, -1
      x(i) = (a(i, unknowns + 1) - dot_product(a(i, i + 1:unknowns), x(i + 1:))) / a(i, i)
    end do
  end subroutine back_substitution
%% endif
%% if lu or solve or inverse or determinant or log_determinant

  !> Factors P A = L U. A becomes U, and P is the order of the rows of A, with its sign.
  subroutine lu(a, l, order, sign_of_p)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: l(:, :)
    integer, intent(out) :: order(:), sign_of_p
    integer :: n, k, i, pivot

    n = size(a, 1)
    l = 0
    order = [(i, i = 1, n)]
    sign_of_p = 1
    do k = 1, n
      pivot = k - 1 + maxloc(abs(a(k:, k)), dim=1)
      if (pivot /= k) then
        call swap_rows(a, k, pivot)
        call swap_rows(l, k, pivot)
        order([k, pivot]) = order([pivot, k])
        sign_of_p = -sign_of_p
      end if
      l(k, k) = 1
      if (a(k, k) == 0) cycle
      do i = k + 1, n
        l(i, k) = a(i, k) / a(k, k)
        a(i, k) = 0
        a(i, k + 1:) = a(i, k + 1:) - l(i, k) * a(k, k + 1:)
      end do
    end do
  end subroutine lu
%% endif
%% if forward_substitution or solve or inverse

  !> Solves L y = b, where L has 1 on its diagonal.
  subroutine forward_substitution(l, b, y)
    real(real64), intent(in) :: l(:, :), b(:)
    real(real64), intent(out) :: y(:)
    integer :: i

    do i = 1, size(b)
      y(i) = b(i) - dot_product(l(i, :i - 1), y(:i - 1))
    end do
  end subroutine forward_substitution
%% endif
%% if backward_substitution or solve or inverse or least_squares

  !> Solves U x = y. There is no answer for a singular U.
  subroutine backward_substitution(u, y, x, answered)
    real(real64), intent(in) :: u(:, :), y(:)
    real(real64), intent(out) :: x(:)
    logical, intent(out) :: answered
    integer :: n, i

    n = size(x)
    answered = all([(u(i, i) /= 0, i = 1, n)])
    if (.not. answered) return
    do i = n, 1, -1
      x(i) = (y(i) - dot_product(u(i, i + 1:n), x(i + 1:))) / u(i, i)
    end do
  end subroutine backward_substitution
%% endif
%% if solve

  !> Solves A x = b. There is no answer for a singular A.
  subroutine solve(a, b, x, answered)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(in) :: b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(out) :: answered
    real(real64) :: l(size(b), size(b)), y(size(b))
    integer :: order(size(b)), sign_of_p

    call lu(a, l, order, sign_of_p)
    call forward_substitution(l, b(order), y)
    call backward_substitution(a, y, x, answered)
  end subroutine solve
%% endif
%% if inverse

  !> There is no answer for a singular A.
  subroutine inverse(a, x, answered)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: x(:, :)
    logical, intent(out) :: answered
    real(real64) :: l(size(a, 1), size(a, 1)), unit(size(a, 1)), y(size(a, 1))
    integer :: order(size(a, 1)), sign_of_p, j

    call lu(a, l, order, sign_of_p)
    do j = 1, size(a, 1)
      unit = 0
      unit(j) = 1
      call forward_substitution(l, unit, y)
      ! Column j of the inverse of P A is a column of that of A.
      call backward_substitution(a, y, x(:, order(j)), answered)
      if (.not. answered) return
    end do
  end subroutine inverse
%% endif
%% if determinant

  !> Mantissas and powers of two are multiplied apart, because a product of some of the pivots may
  !> be too large or too small for a double.
  function determinant(a) result(product)
    real(real64), intent(inout) :: a(:, :)
    real(real64) :: product, l(size(a, 1), size(a, 1))
    integer :: order(size(a, 1)), sign_of_p, power, k

    call lu(a, l, order, sign_of_p)
    product = sign_of_p
    power = 0
    do k = 1, size(a, 1)
      if (a(k, k) == 0) then
        product = 0
        return
      end if
      product = product * fraction(a(k, k))
      power = power + exponent(a(k, k)) + exponent(product)
      product = fraction(product)
    end do
    ! In two steps, because 2 to that power may be no double.
    product = scale(scale(product, power / 2), power - power / 2)
  end function determinant
%% endif
%% if log_determinant

  !> The sign of the determinant and the logarithm of its magnitude; 0 and -infinity where it is 0.
  subroutine log_determinant(a, sign_of_it, logarithm)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: sign_of_it, logarithm
    real(real64) :: l(size(a, 1), size(a, 1))
    integer :: order(size(a, 1)), sign_of_p, k

    call lu(a, l, order, sign_of_p)
    sign_of_it = sign_of_p
    logarithm = 0
    do k = 1, size(a, 1)
      if (a(k, k) == 0) then
        sign_of_it = 0
        logarithm = ieee_value(logarithm, ieee_negative_inf)
        return
      end if
      sign_of_it = sign_of_it * sign(1.0_real64, a(k, k))
      logarithm = logarithm + log(abs(a(k, k)))
    end do
  end subroutine log_determinant
%% endif
%% if rank

  !> The number of pivots that elimination finds.
  function matrix_rank(a) result(pivots)
    real(real64), intent(inout) :: a(:, :)
    integer :: pivots

    pivots = eliminate(a, size(a, 2))
  end function matrix_rank
%% endif
%% if tridiagonal

  !> Solves a tridiagonal system by the Thomas algorithm, without row swaps. There is no answer for
  !> a pivot 0.
  subroutine tridiagonal(below, diagonal, above, b, x, answered)
    real(real64), intent(in) :: below(:), above(:), b(:)
    real(real64), intent(inout) :: diagonal(:)
    real(real64), intent(out) :: x(:)
    logical, intent(out) :: answered
    real(real64) :: factor
    integer :: i

    x = b
    do i = 1, size(b)
      if (i > 1) then
        factor = below(i - 1) / diagonal(i - 1)
        diagonal(i) = diagonal(i) - factor * above(i - 1)
        x(i) = x(i) - factor * x(i - 1)
      end if
      answered = diagonal(i) /= 0
      if (.not. answered) return
    end do
    do i = size(b), 1, -1
      if (i < size(b)) x(i) = x(i) - above(i) * x(i + 1)
      x(i) = x(i) / diagonal(i)
    end do
  end subroutine tridiagonal
%% endif
%% if cholesky

  !> L with A = L Lᵀ. There is no answer where A is not positive definite.
  subroutine cholesky(a, l, answered)
    real(real64), intent(in) :: a(:, :)
    real(real64), intent(out) :: l(:, :)
    logical, intent(out) :: answered
    real(real64) :: rest
    integer :: i, j

    l = 0
    do i = 1, size(a, 1)
      do j = 1, i - 1
        l(i, j) = (a(i, j) - dot_product(l(i, :j - 1), l(j, :j - 1))) / l(j, j)
      end do
      rest = a(i, i) - dot_product(l(i, :i - 1), l(i, :i - 1))
      answered = rest > 0
      if (.not. answered) return
      l(i, i) = sqrt(rest)
    end do
  end subroutine cholesky
%% endif
%% if least_squares

  !> The x with the smallest residual b - A x, by reflections. There is no answer where the columns
  !> of A depend on each other, but for rounding.
  subroutine least_squares(a, b, x, answered)
    real(real64), intent(inout) :: a(:, :), b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(out) :: answered
    real(real64) :: v(size(a, 1)), pivots(size(a, 2))
    integer :: k, j

    answered = size(a, 1) >= size(a, 2)
    if (.not. answered) return
    do k = 1, size(a, 2)
      v = 0
      if (any(a(k:, k) /= 0)) then
        v(k:) = a(k:, k) / maxval(abs(a(k:, k)))
        v(k) = v(k) + sign(norm2(v), v(k))
        do j = k, size(a, 2)
          a(:, j) = a(:, j) - 2 * dot_product(v, a(:, j)) / dot_product(v, v) * v
        end do
        b = b - 2 * dot_product(v, b) / dot_product(v, v) * v
      end if
      pivots(k) = abs(a(k, k))
    end do
    answered = minval(pivots) > size(a, 1) * epsilon(1.0_real64) * maxval(pivots)
    if (answered) call backward_substitution(a, b, x, answered)
  end subroutine least_squares
%% endif
%% if conjugate_gradient

  !> An x whose residual is at most 1e-10 times b, for a positive definite A. There is no answer
  !> where A is not positive definite, and after 10n steps.
  subroutine conjugate_gradient(a, b, x, answered)
    real(real64), intent(in) :: a(:, :), b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(out) :: answered
    real(real64), dimension(size(b)) :: residual, direction, product
    real(real64) :: factor, square, before, limit, curvature
    integer :: step

    ! The squares of large and small numbers are no doubles.
    factor = maxval(abs(b))
    if (factor == 0) factor = 1
    x = 0
    residual = b / factor
    direction = residual
    square = dot_product(residual, residual)
    limit = 1e-20_real64 * square
    step = 0
    do while (square > limit)
      product = matmul(a, direction)
      curvature = dot_product(direction, product)
      answered = step < 10 * size(b) .and. curvature > 0
      if (.not. answered) return
      x = x + square / curvature * direction
      residual = residual - square / curvature * product
      before = square
      square = dot_product(residual, residual)
      direction = residual + square / before * direction
      step = step + 1
    end do
    answered = square <= limit
    x = factor * x
  end subroutine conjugate_gradient
%% endif

end module elimination
