# Writes to standard error without end at case 4.
. ./port.sh
fault() { begin; echelon; yes "error in $name" >&2; }
read_cases fault_at 4
