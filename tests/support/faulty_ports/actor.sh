# A port that is told, by a case's name, what it does with that case:
# `answers-1` is answered, `exits-2` makes it exit.
. ./port.sh

act() {
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
}

each act
