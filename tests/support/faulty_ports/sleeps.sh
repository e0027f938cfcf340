# Hangs at case 4 before it says a word about it.
. ./port.sh
fault() { exec sleep 1000; }
each fault_at 4
