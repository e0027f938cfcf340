# Closes its standard output at case 4 and keeps running.
. ./port.sh
fault() { begin; echelon; exec >&-; exec sleep 1000; }
read_cases fault_at 4
