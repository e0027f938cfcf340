! Linear equations: a main program that asks for a system, and external procedures.
program demo
  implicit none
  double precision :: a(2, 2), b(2), x(2)
  integer :: info
  print *, 'Four numbers?'
  read *, a
  b = 1
  call gauss(a, b, x, 2, info)
  if (info /= 0) stop 1
  print *, x
end program demo

! info is -1 for a singular matrix.
subroutine gauss(a, b, x, n, info)
  implicit none
  integer, intent(in) :: n
  double precision, intent(inout) :: a(n, n), b(n)
  double precision, intent(out) :: x(n)
  integer, intent(out) :: info
  double precision :: f, row(n)
  integer :: i, k, p
  info = -1
  do k = 1, n
    p = k - 1 + maxloc(abs(a(k:, k)), dim=1)
    if (abs(a(p, k)) < 1d-12) return
    row = a(k, :); a(k, :) = a(p, :); a(p, :) = row
    f = b(k); b(k) = b(p); b(p) = f
    do i = 1, n
      if (i == k) cycle
      f = a(i, k) / a(k, k)
      a(i, :) = a(i, :) - f * a(k, :)
      b(i) = b(i) - f * b(k)
    end do
  end do
  x = [(b(k) / a(k, k), k = 1, n)]
  info = 0
end subroutine gauss

subroutine invert(a, c, n, info)
  implicit none
  integer, intent(in) :: n
  double precision, intent(in) :: a(n, n)
  double precision, intent(out) :: c(n, n)
  integer, intent(out) :: info
  double precision :: m(n, n), e(n)
  integer :: j
  do j = 1, n
    m = a
    e = 0
    e(j) = 1
    call gauss(m, e, c(:, j), n, info)
    if (info /= 0) return
  end do
end subroutine invert

! NaN for a singular matrix
double precision function det(a, n)
  implicit none
  integer, intent(in) :: n
  double precision, intent(inout) :: a(n, n)
  double precision :: row(n)
  integer :: i, k, p
  det = 1
  do k = 1, n
    p = k - 1 + maxloc(abs(a(k:, k)), dim=1)
    if (abs(a(p, k)) < 1d-12) det = sqrt(-1d0 * n)
    if (det /= det) return
    if (p /= k) det = -det
    row = a(k, :); a(k, :) = a(p, :); a(p, :) = row
    det = det * a(k, k)
    do i = k + 1, n
      a(i, :) = a(i, :) - a(i, k) / a(k, k) * a(k, :)
    end do
  end do
end function det
