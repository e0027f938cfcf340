# A port of systems that are in reduced form already: it hands back what it is given.
# A case's name says what it does with it: `answers-1` is answered, `exits-2` makes it exit.

begin() { echo "case $name" >&2; echo "case $name"; echo "process $$"; echo "about $name" >&2; }
echelon() { printf "echelon $rows $columns\n$system"; }
rest() { printf "reduced $rows $columns\n${system}solution $rows\n$solution"; echo "end $name"; }
answer() { begin; echelon; rest; }

while read -r _ name rows columns _; do
    system= solution= row=0
    while [ $row -lt "$rows" ]; do
        read -r numbers
        system="$system$numbers\n" solution="$solution${numbers##* }\n" row=$((row + 1))
    done
    case $name in
        answers-*) answer ;;
        adds-*) answer; echo "afterthought on $name" >&2 ;;
        leaves-*) answer; exit 5 ;;
        repeats-*) answer; answer ;;
        drools-*) answer; echo 'The matrix is singular' ;;
        skips-*) begin; rest ;;
        dawdles-*) begin; sleep 0.2; echelon; rest ;;
        exits-*) begin; echelon; echo "Error: no luck with $name" >&2; exit 3 ;;
        stops-*) begin; printf 'The matrix is singular'; exit 1 ;;
        tears-*) begin; printf "echelon 1 2\n1 2"; exit 1 ;;
        quits-*) echo 'Error: cannot read this' >&2; exit 4 ;;
        dies-*) begin; kill -KILL $$ ;;
        hangs-*) begin; echelon; touch hanging 2>/dev/null; exec sleep 1000 ;;
        sleeps-*) exec sleep 1000 ;;
        clings-*) begin; trap '' TERM; exec sleep 1000 ;;
        shuts-*) begin; exec >&-; exec sleep 1000 ;;
        strays-*) echo 'case other'; echelon; rest ;;
        errs-*) begin; echelon; echo 'end other' ;;
        restarts-*) begin; echelon; begin ;;
        floods-*) begin; exec yes '1 0 2' ;;
        rambles-*) begin; yes | tr -d '\n' ;;
        wails-*) begin; yes "woe, $name" >&2 ;;
        mumbles-*) begin; printf 'echelon 2 3\n1 \000 2\n0 \377\376 3\n'; rest ;;
    esac
done
