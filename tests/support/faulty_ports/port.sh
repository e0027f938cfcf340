# What all ports here share: a port of systems that are in reduced form already.
# It hands back what it is given.

begin() { echo "case $name" >&2; echo "case $name"; echo "process $$"; echo "about $name" >&2; }
echelon() { printf "echelon $rows $columns\n$system"; }
rest() { printf "reduced $rows $columns\n${system}solution $rows\n$solution"; echo "end $name"; }
answer() { begin; echelon; rest; }

# Reads each case and does with it what it is told.
each() {
    while read -r _ name rows columns _; do
        system= solution= row=0
        while [ $row -lt "$rows" ]; do
            read -r numbers
            system="$system$numbers\n" solution="$solution${numbers##* }\n" row=$((row + 1))
        done
        "$@"
    done
}

# Does the wrong thing, `fault`, with the cases of these numbers, and answers the others.
fault_at() { case " $* " in *" ${name##*-} "*) fault ;; *) answer ;; esac; }
