# Prints 1 GB without a newline at case 4.
. ./port.sh
fault() { begin; echelon; yes | tr -d '\n' | head -c 1000000000; }
read_cases fault_at 4
