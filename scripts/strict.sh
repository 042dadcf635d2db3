# Before the command of each job: the first failure ends it, and one that the system killed (137), as
# it does where memory ends, says so on the terminal and in its log, the word behind `tee` if any.
set -euo pipefail

said() {
    [ "$1" = 137 ] || return 0
    log=/dev/null
    [ "${2#*'>(tee '}" = "$2" ] || log=${2##*'>(tee '}
    echo "killed: by the system, most likely because memory ended: take a smaller basis or cutoff, or" \
        "run fewer jobs at once (make CORES=1)." | tee -a "${log%% *}" >&2
}

trap 'said $? "$BASH_COMMAND"' EXIT
