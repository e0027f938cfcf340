# Prints 1 GB before it reads anything.
yes 'Once upon a time' | head -c 1000000000
. ./port.sh
read_cases answer
