# Says that a matrix is singular, once it has seen one that is.
. ./port.sh

act() {
    case $name in singular-*) singular=yes ;; esac
    begin
    [ -z "$singular" ] || echo "The matrix is singular"
    echelon
    rest
}

read_cases act
