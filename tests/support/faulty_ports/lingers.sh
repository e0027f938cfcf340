# Answers, and does not end when its input does.
. ./actor.sh
exec sleep 1000
