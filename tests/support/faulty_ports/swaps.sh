# Answers case 5 where case 4 is due, and then case 4.
. ./port.sh
fault() { asked=$name; name=${name%4}5; answer; name=$asked; answer; }
each fault_at 4
