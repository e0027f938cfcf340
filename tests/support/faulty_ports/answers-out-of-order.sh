# Answers case 5 first where case 4 is due, and then case 4.
. ./port.sh
fault() { asked=$name; name=${name%4}5; answer; name=$asked; answer; }
read_cases fault_at 4
