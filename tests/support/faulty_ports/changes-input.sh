# Hands back what gaussian_elimination was given, with its first number negated.
. ./port.sh

act() {
    begin
    echelon
    printf "input gaussian_elimination $rows $columns\n-$system"
    printf "reduced $rows $columns\n${system}input gauss_jordan $rows $columns\n$system"
    printf "solution $rows\n$solution"
    echo "end $name"
}

read_cases act
