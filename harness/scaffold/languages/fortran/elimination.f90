! Gaussian elimination with partial pivoting: the program under test.
!
! Put your own program in place of this one. Where its procedures have other names or arguments,
! change the calls in driver.f90; a main program of its own has to go, for there can be only one.
!
! A matrix is augmented: its last column is the right-hand side.
module elimination
  use, intrinsic :: ieee_arithmetic, only: ieee_quiet_nan, ieee_value
  use, intrinsic :: iso_fortran_env, only: real64
  implicit none
  private
  public :: gaussian_elimination, gauss_jordan, back_substitution

contains

  !> Turns the matrix into row echelon form.
  subroutine gaussian_elimination(a)
    real(real64), intent(inout) :: a(:, :)
    integer :: unknowns, row, column, pivot, i
    real(real64) :: factor

    unknowns = size(a, 2) - 1
    row = 1
    do column = 1, unknowns
      if (row > size(a, 1)) exit
      pivot = row - 1 + maxloc(abs(a(row:, column)), dim=1)
      if (a(pivot, column) == 0) cycle
      call swap(a(row, :), a(pivot, :))
      do i = row + 1, size(a, 1)
        factor = a(i, column) / a(row, column)
        a(i, column) = 0
        a(i, column + 1:) = a(i, column + 1:) - factor * a(row, column + 1:)
      end do
      row = row + 1
    end do
    if (row <= min(size(a, 1), unknowns)) print '(a)', 'The matrix is singular.'
  end subroutine gaussian_elimination

  !> Turns a matrix in row echelon form into reduced row echelon form.
  subroutine gauss_jordan(a)
    real(real64), intent(inout) :: a(:, :)
    integer :: unknowns, row, column, i
    real(real64) :: factor

    unknowns = size(a, 2) - 1
    do row = size(a, 1), 1, -1
      column = findloc(a(row, :unknowns) /= 0, .true., dim=1)
      if (column == 0) cycle
      a(row, :) = a(row, :) / a(row, column)
      do i = 1, row - 1
        factor = a(i, column)
        a(i, column) = 0
        a(i, column + 1:) = a(i, column + 1:) - factor * a(row, column + 1:)
      end do
    end do
  end subroutine gauss_jordan

  !> Solves a system in row echelon form; every unknown is NaN where there is not exactly one
  !> solution.
  function back_substitution(a) result(x)
    real(real64), intent(in) :: a(:, :)
    real(real64) :: x(size(a, 2) - 1)
    integer :: unknowns, i

    unknowns = size(x)
    if (.not. has_one_solution(a)) then
      x = ieee_value(x, ieee_quiet_nan)
      return
    end if
    do i = unknowns, 1, -1
      x(i) = (a(i, unknowns + 1) - dot_product(a(i, i + 1:unknowns), x(i + 1:))) / a(i, i)
    end do
  end function back_substitution

  pure logical function has_one_solution(a)
    real(real64), intent(in) :: a(:, :)
    integer :: unknowns, i

    unknowns = size(a, 2) - 1
    has_one_solution = .false.
    if (size(a, 1) < unknowns) return
    if (any([(a(i, i) == 0, i = 1, unknowns)])) return
    has_one_solution = all(a(unknowns + 1:, unknowns + 1) == 0)
  end function has_one_solution

  subroutine swap(first, second)
    real(real64), intent(inout) :: first(:), second(:)
    real(real64) :: kept(size(first))

    kept = first
    first = second
    second = kept
  end subroutine swap

end module elimination
