# Exits before its first reply.
. ./port.sh
fault() { echo 'Error: cannot read this' >&2; exit 4; }
read_cases fault_at 1
