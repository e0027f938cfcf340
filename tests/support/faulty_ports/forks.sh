# Starts one process after another at case 4; at a hundred it leaves it at that, and waits.
. ./port.sh
fork='for (1 .. 100) {
    my $child = fork // die "cannot start process $_: $!\n";
    exec "sleep", "98765" unless $child;
}
wait'
fault() { begin; exec perl -e "$fork"; }
each fault_at 4
