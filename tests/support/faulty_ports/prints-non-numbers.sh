# Prints tokens that are not numbers in cases 1 to 7.
. ./port.sh
print_token() { begin; printf "echelon 2 3\n1 0 $1\n0 1 2\n"; rest; }
act() {
    case $name in
        *-1) print_token '\000' ;;
        *-2) print_token '\377\376' ;;
        *-3) print_token "$(printf '%010000d' 7)" ;;
        *-4) print_token 1e999999 ;;
        *-5) print_token '٣' ;;
        *-6) print_token '1/0' ;;
        *-7) print_token '1_000' ;;
        *) answer ;;
    esac
}
read_cases act
