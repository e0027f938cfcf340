# Prints results with an absurd shape in cases 1 to 5.
. ./port.sh
announce() { begin; echo "echelon $1"; rest; }
act() {
    case $name in
        *-1) announce '99999999 99999999' ;;
        *-2) announce '0 99999999' ;;
        *-3) announce '99999999 0' ;;
        *-4) announce '99999999999999999999 3' ;;
        *-5) announce '-2 3' ;;
        *) answer ;;
    esac
}
read_cases act
