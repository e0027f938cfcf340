# A port for which the name of a case says what it does with that case:
# `answers-1` is answered, `exits-2` makes it exit. A longer name stands before its prefix.
. ./port.sh

act() {
    case $name in
        answers-*) answer; answered=yes ;;
        trivial-*) answer ;;
        adds-stderr-*) answer; echo "afterthought on $name" >&2 ;;
        adds-remark-*) answer; echo 'The matrix is singular' ;;
        stalls-*) answer; exec sleep 1000 ;;
        floods-after-*) answer; exec yes '1 0 2' ;;
        marks-and-hangs-*) [ "$answered" ] && echo "case $name" >&2 && exec sleep 1000; answer ;;
        leaves-*) answer; exit 5 ;;
        repeats-*) answer; answer ;;
        remarks-much-*) begin; sleep 0.5; yes 'a remark' | head -n 30000; echelon; rest ;;
        skips-*) begin; rest ;;
        pauses-*) begin; sleep 0.2; echelon; rest ;;
        exits-*) begin; echelon; echo "Error: no luck with $name" >&2; exit 3 ;;
        stops-*) begin; printf 'The matrix is singular'; exit 1 ;;
        truncates-*) begin; printf "echelon 1 2\n1 2"; exit 1 ;;
        quits-*) echo 'Error: cannot read this' >&2; exit 4 ;;
        killed-*) begin; kill -KILL $$ ;;
        hangs-silently-*) exec sleep 1000 ;;
        hangs-*) begin; echelon; touch hanging 2>/dev/null; exec sleep 1000 ;;
        ignores-sigterm-*) begin; trap '' TERM; exec sleep 1000 ;;
        closes-stdout-*) begin; exec >&-; exec sleep 1000 ;;
        misnames-start-*) echo 'case other'; echelon; rest ;;
        misnames-end-*) begin; echelon; echo 'end other' ;;
        restarts-*) begin; echelon; begin ;;
        floods-line-*) begin; yes | tr -d '\n' ;;
        floods-stderr-*) begin; yes "error in $name" >&2 ;;
        floods-*) begin; exec yes '1 0 2' ;;
        prints-bytes-*) begin; printf 'echelon 2 3\n1 \000 2\n0 \377\376 3\n'; rest ;;
    esac
}

read_cases act
