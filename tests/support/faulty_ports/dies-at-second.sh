# Dies when it gets a second case, before it prints anything about it.
. ./port.sh
once() { [ "$answered" ] && kill -SEGV $$; answer; answered=yes; }
read_cases once
