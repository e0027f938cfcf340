# Exits at every tenth case.
. ./port.sh
fault() { begin; echelon; exit 3; }
read_cases fault_at 10 20
