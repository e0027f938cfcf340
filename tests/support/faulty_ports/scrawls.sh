# Prints what is no number in cases 1 to 7.
. ./port.sh
scrawl() { begin; printf "echelon 2 3\n1 0 $1\n0 1 2\n"; rest; }
act() {
    case $name in
        *-1) scrawl '\000' ;;
        *-2) scrawl '\377\376' ;;
        *-3) scrawl "$(printf '%010000d' 7)" ;;
        *-4) scrawl 1e999999 ;;
        *-5) scrawl '٣' ;;
        *-6) scrawl '1/0' ;;
        *-7) scrawl '1_000' ;;
        *) answer ;;
    esac
}
each act
