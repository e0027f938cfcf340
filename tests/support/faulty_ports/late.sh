# Answers case 4 long after its time, and the others in time.
. ./port.sh
fault() { begin; sleep 4; echelon; rest; }
each fault_at 4
