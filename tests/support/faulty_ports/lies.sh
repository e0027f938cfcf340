# Says on standard error at case 4 that it is about other cases.
. ./port.sh
fault() { begin; echo 'case system-9' >&2; echo 'The matrix is singular' >&2; echelon; rest; }
each fault_at 4
