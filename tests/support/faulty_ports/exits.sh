# Exits at case 4, with half of its answer printed.
. ./port.sh
fault() { begin; echelon; echo "Error: no luck with $name" >&2; exit 3; }
read_cases fault_at 4
