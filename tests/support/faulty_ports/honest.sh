# Answers every case.
. ./port.sh
each answer
