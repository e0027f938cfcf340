# Hangs when it gets a second case, before it prints anything about it.
. ./port.sh
once() { [ "$answered" ] && exec sleep 1000; answer; answered=yes; }
read_cases once
