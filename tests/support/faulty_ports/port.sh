# Shared by all ports here: a port for systems that are in reduced form already.
# It prints the system that it reads as its own results.

begin() { echo "case $name" >&2; echo "case $name"; echo "process $$"; echo "about $name" >&2; }
echelon() { printf "echelon $rows $columns\n$system"; }
rest() { printf "reduced $rows $columns\n${system}solution $rows\n$solution"; echo "end $name"; }
answer() { begin; echelon; rest; }

# Reads the cases, and runs the command that it is given for each of them.
read_cases() {
    while read -r _ name rows columns _; do
        system= solution= row=0
        while [ $row -lt "$rows" ]; do
            read -r numbers
            system="$system$numbers\n" solution="$solution${numbers##* }\n" row=$((row + 1))
        done
        "$@"
    done
}

# Runs `fault` for the cases with these numbers, and answers the others.
fault_at() { case " $* " in *" ${name##*-} "*) fault ;; *) answer ;; esac; }
