# Prints markup and control sequences that a page, a terminal or a CI system might interpret.
. ./port.sh
remark() {
    printf '<script>alert(1)</script>\n'
    printf '\033]0;title\007\033[2J\n'
    printf '::error::fault\n@everyone [link](https://example.org) `code` [bold]x[/bold]\n'
}
fault() { begin; remark; remark >&2; echelon; exit 3; }
read_cases fault_at 4
