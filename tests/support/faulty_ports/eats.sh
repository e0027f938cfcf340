# Takes more and more memory at case 4; where nobody else bounds it, it bounds itself.
. ./port.sh
fault() { begin; echelon; ulimit -v 300000; exec perl -e 'my @a; push @a, "x" x (1 << 24) while 1'; }
each fault_at 4
