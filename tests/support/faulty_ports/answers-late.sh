# Answers case 4 after its time limit, and the others in time.
. ./port.sh
fault() { begin; sleep 4; echelon; rest; }
read_cases fault_at 4
