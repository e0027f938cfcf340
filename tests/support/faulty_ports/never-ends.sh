# Answers every case, and does not end when its input ends.
. ./actor.sh
exec sleep 1000
