# Hangs at every fourth case.
. ./port.sh
fault() { begin; echelon; exec sleep 1000; }
read_cases fault_at 4 8 12 16 20
