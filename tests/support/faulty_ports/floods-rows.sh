# Prints 1 GB of rows at case 4.
. ./port.sh
fault() { begin; echelon; yes '1 0 2' | head -c 1000000000; rest; }
read_cases fault_at 4
