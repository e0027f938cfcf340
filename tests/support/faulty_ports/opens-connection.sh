# Opens a connection at case 4, to the address and the port in its arguments.
. ./port.sh
connect='use IO::Socket::INET;
    IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 5) or die "$@\n"'
address=$1 port=$2
fault() { begin; echelon; perl -e "$connect" "$address" "$port" && rest || exit 3; }
read_cases fault_at 4
