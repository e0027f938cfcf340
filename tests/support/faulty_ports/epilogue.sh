# Prints 1 GB after its last case, and ignores the request to end.
. ./port.sh
each answer
trap '' TERM
yes 'They lived happily ever after' | head -c 1000000000
