# Hangs at case 4 before it prints anything about it.
. ./port.sh
fault() { exec sleep 1000; }
read_cases fault_at 4
