# Writes to standard error without end at case 4.
. ./port.sh
fault() { begin; echelon; yes "woe, $name" >&2; }
each fault_at 4
