# Allocates memory without end at case 4; its own limit applies where no other does.
. ./port.sh
fault() { begin; echelon; ulimit -v 300000; exec perl -e 'my @a; push @a, "x" x (1 << 24) while 1'; }
read_cases fault_at 4
