# Closes its standard output at case 4 and lives on.
. ./port.sh
fault() { begin; echelon; exec >&-; exec sleep 1000; }
each fault_at 4
