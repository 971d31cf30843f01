# Shared by every script in setup/: where things are, how steps are reported, what a failure says.
# shellcheck shell=bash

repo="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
work="$repo/.odoo"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/collection-suite"
log="$work/log/setup.log"
mkdir -p "$work/log" "$work/bin" "$cache"

# What runs now and what to do should it fail; read by the exit trap.
current_step=""
current_hint=""
exec 3>&1 4>&2

say() { printf '%s\n' "$*" >&3; }

# Ends the script with a message and, on the lines after it, what to do about it.
fail() {
    printf '\nFAILED: %s\n' "$1" >&4
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&4; done
    current_step=""
    exit 1
}

# step "what it does" "what to do if it fails" command [argument...]
# Runs the command with its output in the log and says how long it took.
step() {
    current_step="$1" current_hint="$2"
    shift 2
    local start=$SECONDS
    printf '  %-58s ' "$current_step" >&3
    printf '\n== %s  %s\n' "$(date +%T)" "$current_step" >>"$log"
    "$@" >>"$log" 2>&1
    printf '%4d s\n' $((SECONDS - start)) >&3
    current_step=""
}

# Prints the comment at the top of the running script.
usage() { awk 'NR > 1 && !/^#/ {exit} NR > 1 {sub(/^# ?/, ""); print}' "$0" >&3; }

# Tells which step failed, shows the end of its output and what to do.
report_failed_step() {
    {
        printf '\nFAILED: %s\n' "$current_step"
        tail -n 15 "$log" | sed 's/^/  | /'
        printf '  %s\n  The whole output: %s\n' "$current_hint" "$log"
    } >&4
}

# at_exit command: runs it when the script ends, whatever the reason; the last one named runs first.
exit_commands=()
at_exit() { exit_commands=("$1" "${exit_commands[@]}"); }

finish() {
    local status=$? command
    trap '' INT TERM HUP
    if [ "$status" -ne 0 ] && [ -n "$current_step" ]; then report_failed_step; fi
    set +e
    for command in "${exit_commands[@]}"; do "$command" >>"$log" 2>&1; done
    exit "$status"
}
trap finish EXIT

# Ctrl-C and the like end the script through `finish`.
stop_cleanly_on_signals() {
    trap 'current_step=""; say ""; say "Stopping ..."; exit 130' INT
    trap 'current_step=""; exit 143' TERM HUP
}

# run_apart command [argument...]: in a session of its own. Ctrl-C then reaches this script alone,
# which ends the command and all that it started.
run_apart() {
    setsid "$@" 3>&- 4>&- 8>&- &
    apart=$!
    at_exit stop_apart
    wait "$apart"
}

stop_apart() {
    kill -TERM -- "-$apart" || return 0
    for _ in {1..75}; do
        kill -0 -- "-$apart" || return 0
        sleep 0.2
    done
    kill -KILL -- "-$apart"
}

is_root() { [ "$(id -u)" -eq 0 ]; }
has() { command -v "$1" >/dev/null 2>&1; }

# Two runs in one work tree must not install over each other.
lock_work_folder() {
    exec 9>"$work/lock"
    if ! flock --nonblock 9; then
        say "  Another setup is preparing this work tree; waiting for it ..."
        flock 9
    fi
}
unlock_work_folder() { exec 9>&-; }

# One run at a time of what uses the same databases, until the script ends. $1: what runs.
lock_run() {
    exec 8>"$work/${1// /-}.lock"
    if ! flock --nonblock 8; then
        say "  Another run of $1 goes on in this work tree; waiting for it ..."
        flock 8
    fi
}
