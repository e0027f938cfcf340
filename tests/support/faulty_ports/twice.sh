# Answers some cases twice.
. ./port.sh
fault() { answer; answer; }
each fault_at 1 4 5 20
