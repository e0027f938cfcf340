# Starts a hundred processes at case 4, and waits for them.
. ./port.sh
fork='for (1 .. 100) {
    my $child = fork // die "cannot start process $_: $!\n";
    exec "sleep", "98765" unless $child;
}
wait'
fault() { begin; exec perl -e "$fork"; }
read_cases fault_at 4
