# Answers some cases twice.
. ./port.sh
fault() { answer; answer; }
read_cases fault_at 1 4 5 20
