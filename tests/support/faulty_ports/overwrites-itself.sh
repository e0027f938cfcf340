# Writes over its own program at case 4.
. ./port.sh
fault() { begin; echelon; echo 'exit 9' >port.sh; exit 3; }
read_cases fault_at 4
