# Prints the marker of another case on standard error at case 4.
. ./port.sh
fault() { begin; echo 'case system-9' >&2; echo 'The matrix is singular' >&2; echelon; rest; }
read_cases fault_at 4
