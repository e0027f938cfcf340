# Hangs at case 4 and ignores SIGTERM.
. ./port.sh
fault() { begin; trap '' TERM; exec sleep 1000; }
read_cases fault_at 4
