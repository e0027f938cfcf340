# Hangs at case 4 and ignores the request to end.
. ./port.sh
fault() { begin; trap '' TERM; exec sleep 1000; }
each fault_at 4
