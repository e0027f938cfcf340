! Reads linear systems from standard input, passes them to @{ listing }@, and prints the
! results. docs/protocol.md describes both sides. Only the subroutines with ADAPT depend on the
! program.
program driver
  use, intrinsic :: iso_fortran_env, only: error_unit, input_unit, output_unit, real64
%% for module in text | find("(?im)^ *module +(?!procedure|subroutine|function)([a-z_0-9]+)")
  use @{ module }@
%% endfor
  implicit none

  character(len=80) :: reason

  abstract interface
    subroutine driver_solver(a, b, x, answered)
      import real64
      real(real64), intent(inout) :: a(:, :), b(:)
      real(real64), intent(out) :: x(:)
      logical, intent(inout) :: answered
    end subroutine driver_solver
    subroutine driver_elimination(m, unknowns, answered)
      import real64
      real(real64), intent(inout) :: m(:, :)
      integer, intent(in) :: unknowns
      logical, intent(inout) :: answered
    end subroutine driver_elimination
    subroutine driver_mapping(a, x, answered)
      import real64
      real(real64), intent(inout) :: a(:, :)
      real(real64), intent(out) :: x(:, :)
      logical, intent(inout) :: answered
    end subroutine driver_mapping
  end interface

  reason = 'returned .false.'
  call driver_converse()

contains

  ! The calls of the program. Each call gets copies, which the program may change. It has an answer
  ! unless `answered` becomes .false.; the driver then prints `refused PROCEDURE REASON`. A program
  ! usually says in an argument that there is no answer:
  !     call solve(a, b, x, info)
  !     answered = info == 0
  !     write (reason, '(a, i0)') 'returned ', info
  ! A program that stops ends the process, which costs the case. Procedures that are neither in a
  ! module nor inside of the main program are external: functions among them need a declaration,
  ! such as `real(real64), external :: determinant`. For arrays of single precision, convert them.
%% if gaussian_elimination

  ! ADAPT: the row echelon form of M = [A | B] in its place; the first columns are the unknowns'
  subroutine driver_gaussian_elimination(m, unknowns, answered)
    real(real64), intent(inout) :: m(:, :)
    integer, intent(in) :: unknowns
    logical, intent(inout) :: answered

    call gaussian_elimination(m, unknowns)
  end subroutine driver_gaussian_elimination
%% endif
%% if gauss_jordan

  ! ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form," if gaussian_elimination else " = [A | B]" }@ in its place
  subroutine driver_gauss_jordan(m, unknowns, answered)
    real(real64), intent(inout) :: m(:, :)
    integer, intent(in) :: unknowns
    logical, intent(inout) :: answered

    call gauss_jordan(m, unknowns)
  end subroutine driver_gauss_jordan
%% endif
%% if back_substitution

  ! ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
  subroutine driver_back_substitution(m, x, answered)
    real(real64), intent(inout) :: m(:, :)
    real(real64), intent(out) :: x(:, :)
    logical, intent(inout) :: answered

    call back_substitution(m, x(:, 1), answered)
  end subroutine driver_back_substitution
%% endif
%% if lu

  ! ADAPT: P, L and U with P A = L U
  subroutine driver_lu(a, p, l, u, answered)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: p(:, :), l(:, :), u(:, :)
    logical, intent(inout) :: answered
    integer :: order(size(a, 1)), sign_of_p

    call lu(a, l, order, sign_of_p)
    call driver_permute(order, p)
    u = a
  end subroutine driver_lu
%% endif
%% if forward_substitution

  ! ADAPT: the solution x of L x = b
  subroutine driver_forward_substitution(a, b, x, answered)
    real(real64), intent(inout) :: a(:, :), b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(inout) :: answered

    call forward_substitution(a, b, x)
  end subroutine driver_forward_substitution
%% endif
%% if backward_substitution

  ! ADAPT: the solution x of U x = b
  subroutine driver_backward_substitution(a, b, x, answered)
    real(real64), intent(inout) :: a(:, :), b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(inout) :: answered

    call backward_substitution(a, b, x, answered)
  end subroutine driver_backward_substitution
%% endif
%% if solve

  ! ADAPT: the solution x of A x = b
  subroutine driver_solve(a, b, x, answered)
    real(real64), intent(inout) :: a(:, :), b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(inout) :: answered

    call solve(a, b, x, answered)
  end subroutine driver_solve
%% endif
%% if inverse

  ! ADAPT: the inverse of A
  subroutine driver_inverse(a, x, answered)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: x(:, :)
    logical, intent(inout) :: answered

    call inverse(a, x, answered)
  end subroutine driver_inverse
%% endif
%% if determinant

  ! ADAPT: the determinant of A
  subroutine driver_determinant(a, x, answered)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: x(:, :)
    logical, intent(inout) :: answered

    x(1, 1) = determinant(a)
  end subroutine driver_determinant
%% endif
%% if log_determinant

  ! ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
  subroutine driver_log_determinant(a, x, answered)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: x(:, :)
    logical, intent(inout) :: answered

    call log_determinant(a, x(1, 1), x(2, 1))
  end subroutine driver_log_determinant
%% endif
%% if rank

  ! ADAPT: the rank of A
  subroutine driver_rank(a, x, answered)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: x(:, :)
    logical, intent(inout) :: answered

    x(1, 1) = matrix_rank(a)
  end subroutine driver_rank
%% endif
%% if tridiagonal

  ! ADAPT: the solution x of A x = b, from the diagonals of A
  subroutine driver_tridiagonal(a, b, x, answered)
    real(real64), intent(inout) :: a(:, :), b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(inout) :: answered
    real(real64) :: below(size(b) - 1), diagonal(size(b)), above(size(b) - 1)
    integer :: i

    below = [(a(i + 1, i), i = 1, size(b) - 1)]
    diagonal = [(a(i, i), i = 1, size(b))]
    above = [(a(i, i + 1), i = 1, size(b) - 1)]
    call tridiagonal(below, diagonal, above, b, x, answered)
  end subroutine driver_tridiagonal
%% endif
%% if cholesky

  ! ADAPT: L with A = L Lᵀ
  subroutine driver_cholesky(a, x, answered)
    real(real64), intent(inout) :: a(:, :)
    real(real64), intent(out) :: x(:, :)
    logical, intent(inout) :: answered

    call cholesky(a, x, answered)
  end subroutine driver_cholesky
%% endif
%% if least_squares

  ! ADAPT: the x with the smallest residual b - A x
  subroutine driver_least_squares(a, b, x, answered)
    real(real64), intent(inout) :: a(:, :), b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(inout) :: answered

    call least_squares(a, b, x, answered)
  end subroutine driver_least_squares
%% endif
%% if conjugate_gradient

  ! ADAPT: the solution x of A x = b for a positive definite A
  subroutine driver_conjugate_gradient(a, b, x, answered)
    real(real64), intent(inout) :: a(:, :), b(:)
    real(real64), intent(out) :: x(:)
    logical, intent(inout) :: answered

    call conjugate_gradient(a, b, x, answered)
  end subroutine driver_conjugate_gradient
%% endif

  ! From here on, nothing depends on the program.

  subroutine driver_converse()
    character(len=256) :: word, name
    integer :: rows, columns, sides, status, i
    real(real64), allocatable :: system(:, :)

    do
      read (input_unit, *, iostat=status) word, name, rows, columns, sides
      if (status /= 0) exit
      allocate (system(rows, columns))
      do i = 1, rows
        read (input_unit, *) system(i, :)
      end do
      write (error_unit, '(2a)') 'case ', trim(name)
      call driver_say('case ' // trim(name))
      call driver_answer(system, system(:, :columns - sides), system(:, columns - sides + 1:))
      call driver_say('end ' // trim(name))
      deallocate (system)
    end do
  end subroutine driver_converse

  subroutine driver_answer(system, a, b)
    real(real64), intent(in) :: system(:, :), a(:, :), b(:, :)
    real(real64), allocatable :: m(:, :), reduced(:, :)
    integer :: n
    logical :: is_square, is_symmetric, answered

    n = size(a, 2)
    is_square = size(a, 1) == n
    is_symmetric = .false.
    if (is_square) is_symmetric = all(a == transpose(a))
    answered = .true.
    m = system
%% if gaussian_elimination
    answered = driver_eliminate('gaussian_elimination', 'echelon', driver_gaussian_elimination, m, n)
%% endif
%% if gauss_jordan
    if (answered) then
      reduced = m
%% if gaussian_elimination
      if (driver_eliminate('gauss_jordan', 'reduced', driver_gauss_jordan, reduced, n)) continue
%% else
      answered = driver_eliminate('gauss_jordan', 'reduced', driver_gauss_jordan, reduced, n)
      m = reduced
%% endif
    end if
%% endif
%% if back_substitution
    if (answered .and. size(b, 2) == 1) then
      call driver_map('back_substitution', 'solution', driver_back_substitution, m, [n])
    end if
%% endif
%% if lu or forward_substitution or backward_substitution
    if (is_square) call driver_factor(a, b)
%% endif
%% if solve
    ! Where the program takes other shapes, claim them in port.yaml and leave out the condition.
    if (is_square) call driver_each('solve', 'solve', driver_solve, a, b)
%% endif
%% if inverse
    if (is_square) call driver_map('inverse', 'inverse', driver_inverse, a, [n, n])
%% endif
%% if determinant
    if (is_square) call driver_map('determinant', 'determinant', driver_determinant, a, [1])
%% endif
%% if log_determinant
    if (is_square) then
      call driver_map('log_determinant', 'log_determinant', driver_log_determinant, a, [2])
    end if
%% endif
%% if rank
    call driver_map('rank', 'rank', driver_rank, a, [1])
%% endif
%% if tridiagonal
    if (is_square) then
      if (driver_is_tridiagonal(a)) then
        call driver_each('tridiagonal', 'tridiagonal', driver_tridiagonal, a, b)
      end if
    end if
%% endif
%% if cholesky
    if (is_symmetric) call driver_map('cholesky', 'cholesky', driver_cholesky, a, [n, n])
%% endif
%% if least_squares
    call driver_each('least_squares', 'least_squares', driver_least_squares, a, b)
%% endif
%% if conjugate_gradient
    if (is_symmetric .and. size(b, 2) == 1) then
      call driver_each('conjugate_gradient', 'conjugate_gradient', driver_conjugate_gradient, a, b)
    end if
%% endif
  end subroutine driver_answer

  !> Prints what the call makes of [A | B], and returns whether it makes something.
  function driver_eliminate(procedure, label, call_of, m, unknowns) result(answered)
    character(len=*), intent(in) :: procedure, label
    procedure(driver_elimination) :: call_of
    real(real64), intent(inout) :: m(:, :)
    integer, intent(in) :: unknowns
    logical :: answered

    answered = .true.
    call call_of(m, unknowns, answered)
    if (answered) then
      call driver_print(label, shape(m), m)
    else
      call driver_refuse(procedure)
    end if
  end function driver_eliminate

  !> Prints what the call makes of a matrix: a matrix, or a vector where there is one size.
  subroutine driver_map(procedure, label, call_of, a, sizes)
    character(len=*), intent(in) :: procedure, label
    procedure(driver_mapping) :: call_of
    real(real64), intent(in) :: a(:, :)
    integer, intent(in) :: sizes(:)
    real(real64), allocatable :: copy(:, :), x(:, :)
    logical :: answered

    copy = a
    allocate (x(sizes(1), merge(1, sizes(size(sizes)), size(sizes) == 1)))
    x = driver_nan()
    answered = .true.
    call call_of(copy, x, answered)
    if (answered) then
      call driver_print(label, sizes, x)
    else
      call driver_refuse(procedure)
    end if
  end subroutine driver_map

  !> Prints the solutions for each column of B, as the columns of a matrix; returns them in
  !> `result`.
  subroutine driver_each(procedure, label, call_of, a, b, result)
    character(len=*), intent(in) :: procedure, label
    procedure(driver_solver) :: call_of
    real(real64), intent(in) :: a(:, :), b(:, :)
    real(real64), allocatable, intent(out), optional :: result(:, :)
    real(real64), allocatable :: copy(:, :), right(:)
    real(real64) :: x(size(a, 2), size(b, 2))
    logical :: answered
    integer :: k

    answered = .true.
    x = driver_nan()
    do k = 1, size(b, 2)
      copy = a
      right = b(:, k)
      call call_of(copy, right, x(:, k), answered)
      if (.not. answered) then
        call driver_refuse(procedure)
        return
      end if
    end do
    if (label == 'conjugate_gradient') then
      call driver_print(label, [size(x, 1)], x)
    else
      call driver_print(label, shape(x), x)
    end if
    if (present(result)) result = x
  end subroutine driver_each
%% if lu or forward_substitution or backward_substitution

  subroutine driver_factor(a, b)
    real(real64), intent(in) :: a(:, :), b(:, :)
    real(real64), dimension(size(a, 1), size(a, 1)) :: copy, p, l, u
    real(real64), allocatable :: y(:, :)
    real(real64) :: pb(size(b, 1), size(b, 2))
    logical :: answered
    integer :: i

%% if lu
    answered = .true.
    copy = a
    call driver_lu(copy, p, l, u, answered)
    if (.not. answered) then
      call driver_refuse('lu')
      return
    end if
    call driver_print('permutation', shape(p), p)
    call driver_print('lower', shape(l), l)
    call driver_print('upper', shape(u), u)
%% else
    ! Without a factorisation, the triangles are those of A.
    p = 0
    l = 0
    u = 0
    do i = 1, size(a, 1)
      p(i, i) = 1
      l(i, i) = 1
      l(i, :i - 1) = a(i, :i - 1)
      u(i, i:) = a(i, i:)
    end do
%% endif
%% if forward_substitution
    pb = b
    do i = 1, size(b, 1)
      if (any(p(i, :) /= 0)) pb(i, :) = b(findloc(p(i, :) /= 0, .true., dim=1), :)
    end do
    call driver_each('forward_substitution', 'forward', driver_forward_substitution, l, pb, y)
%% else
    y = b
%% endif
%% if backward_substitution
    if (allocated(y)) then
      call driver_each('backward_substitution', 'backward', driver_backward_substitution, u, y)
    end if
%% endif
  end subroutine driver_factor
%% endif
%% if lu

  !> P with P A = (the rows of A in that order).
  subroutine driver_permute(order, p)
    integer, intent(in) :: order(:)
    real(real64), intent(out) :: p(:, :)
    integer :: i

    p = 0
    do i = 1, size(order)
      p(i, order(i)) = 1
    end do
  end subroutine driver_permute
%% endif
%% if tridiagonal

  function driver_is_tridiagonal(a) result(holds)
    real(real64), intent(in) :: a(:, :)
    logical :: holds
    integer :: j

    holds = .true.
    do j = 1, size(a, 2)
      holds = holds .and. all(a(:j - 2, j) == 0) .and. all(a(j + 2:, j) == 0)
    end do
  end function driver_is_tridiagonal
%% endif

  function driver_nan() result(nan)
    use, intrinsic :: ieee_arithmetic, only: ieee_quiet_nan, ieee_value
    real(real64) :: nan

    nan = ieee_value(nan, ieee_quiet_nan)
  end function driver_nan

  subroutine driver_refuse(procedure)
    character(len=*), intent(in) :: procedure

    call driver_say('refused ' // procedure // ' ' // trim(reason))
    reason = 'returned .false.'
  end subroutine driver_refuse

  !> 17 significant digits determine a double exactly; the exponent needs up to three.
  subroutine driver_print(label, sizes, rows)
    character(len=*), intent(in) :: label
    integer, intent(in) :: sizes(:)
    real(real64), intent(in) :: rows(:, :)
    integer :: i

    write (output_unit, '(a, *(1x, i0))') label, sizes
    do i = 1, size(rows, 1)
      write (output_unit, '(*(es25.16e3))') rows(i, :)
    end do
    flush (output_unit)
  end subroutine driver_print

  subroutine driver_say(line)
    character(len=*), intent(in) :: line

    write (output_unit, '(a)') line
    flush (output_unit)
  end subroutine driver_say

end program driver
