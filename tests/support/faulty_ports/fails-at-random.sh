# Exits in one of three answers, by chance.
. ./port.sh

act() {
    chance=$(od -A n -N 1 -t u1 /dev/urandom)
    begin
    [ $((chance % 3)) -ne 0 ] || exit 1
    echelon
    rest
}

read_cases act
