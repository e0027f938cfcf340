! Reads linear systems from standard input, passes them to elimination.f90, and prints the
! results. docs/protocol.md describes both sides.
program driver
  use, intrinsic :: iso_fortran_env, only: error_unit, input_unit, output_unit, real64
  use elimination, only: gaussian_elimination, gauss_jordan, back_substitution
  implicit none

  character(len=256) :: word, name
  integer :: rows, columns, right_hand_sides, status

  do
    read (input_unit, *, iostat=status) word, name, rows, columns, right_hand_sides
    if (status /= 0) exit
    call answer(trim(name), read_matrix(rows, columns))
  end do

contains

  function read_matrix(rows, columns) result(a)
    integer, intent(in) :: rows, columns
    real(real64) :: a(rows, columns)
    integer :: i

    do i = 1, rows
      read (input_unit, *) a(i, :)
    end do
  end function read_matrix

  subroutine answer(name, system)
    character(len=*), intent(in) :: name
    real(real64), intent(in) :: system(:, :)
    real(real64), allocatable :: echelon(:, :), reduced(:, :), x(:)

    write (error_unit, '(2a)') 'case ', name
    call say('case ' // name)

    echelon = system
    call gaussian_elimination(echelon)
    call print_stage('echelon', shape(echelon), echelon)

    reduced = echelon
    call gauss_jordan(reduced)
    call print_stage('reduced', shape(reduced), reduced)

    x = back_substitution(echelon)
    call print_stage('solution', shape(x), reshape(x, [size(x), 1]))

    call say('end ' // name)
  end subroutine answer

  !> 17 significant digits determine a double exactly; the exponent needs up to three.
  subroutine print_stage(label, sizes, rows)
    character(len=*), intent(in) :: label
    integer, intent(in) :: sizes(:)
    real(real64), intent(in) :: rows(:, :)
    integer :: i

    write (output_unit, '(a, *(1x, i0))') label, sizes
    do i = 1, size(rows, 1)
      write (output_unit, '(*(es25.16e3))') rows(i, :)
    end do
    flush (output_unit)
  end subroutine print_stage

  subroutine say(line)
    character(len=*), intent(in) :: line

    write (output_unit, '(a)') line
    flush (output_unit)
  end subroutine say

end program driver
