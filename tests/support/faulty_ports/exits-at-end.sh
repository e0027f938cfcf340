# Exits after its last reply, with an error.
. ./port.sh
fault() { answer; exit 5; }
read_cases fault_at 20
