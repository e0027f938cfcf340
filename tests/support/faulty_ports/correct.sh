# Answers every case.
. ./port.sh
read_cases answer
