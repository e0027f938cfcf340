# Is killed by a signal at case 4.
. ./port.sh
fault() { begin; kill -SEGV $$; }
read_cases fault_at 4
