# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What scripts/demo starts and must end: children in groups of their own,
# the engine and the simulated customs by process id and start time, the stack.
# Uses common.sh and proc.sh.
# shellcheck disable=SC2034 # some of its variables are for scripts/demo

DEMO_DIR=$KOUAN_VAR/demo
DEMO_LOGS=$KOUAN_VAR/demo-logs
DEMO_BUILD=$KOUAN_ROOT/build/release
DEMO_STACK=demo
CHILD=''

# On a terminal and not asked otherwise.
demo_colours() {
    BOLD='' DIM='' RED='' PLAIN=''
    if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
        BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' PLAIN=$'\e[0m'
    fi
}

title() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }

# child COMMAND...: in a process group of its own, so that all of it can be
# ended; Ctrl-C reaches this script only, which ends the child in tidy().
child() {
    local rc=0
    set -m
    "$@" </dev/null &
    CHILD=$!
    set +m
    wait "$CHILD" || rc=$?
    CHILD=''
    return "$rc"
}

# Not waited for yet, so its number cannot be somebody else's.
child_end() {
    if [[ -n $CHILD ]]; then
        kill -TERM -- "-$CHILD" 2>/dev/null || true
        wait "$CHILD" 2>/dev/null || true
        CHILD=''
    fi
}

# logged NAME COMMAND...: a phase with its seconds. What it prints goes to a
# log, whose last line is shown while it runs if there is a terminal.
logged() {
    local name=$1 log rc=0 t0
    shift
    t0=$(now_ms)
    log=$DEMO_LOGS/${name//[^A-Za-z0-9]/-}.log
    mkdir -p "$DEMO_LOGS"
    if [[ -t 1 ]]; then
        child with_last_line "$name" "$log" "$@" || rc=$?
        printf '\r\e[K'
    else
        child to_log "$log" "$@" || rc=$?
    fi
    if ((rc == 0)); then
        printf '  %-44s %6s s\n' "$name" "$(seconds "$t0")"
    else
        printf '  %s%-44s failed after %s s%s\n' "$RED" "$name" "$(seconds "$t0")" "$PLAIN"
        tail -n 25 "$log" | sed 's/^/    | /'
        die "next step: see $log"
    fi
}

to_log() { "${@:2}" >"$1" 2>&1; }

with_last_line() {
    local name=$1 log=$2 pid width line shown=-
    shift 2
    : >"$log"
    "$@" >"$log" 2>&1 &
    pid=$!
    width=$(($(tput cols 2>/dev/null || echo 80) - ${#name} - 6))
    while kill -0 "$pid" 2>/dev/null; do
        line=$(tail -n 1 "$log" | tr -cd '[:print:]')
        if [[ $line != "$shown" ]]; then
            printf '\r\e[K  %s  %s%s%s' "$name" "$DIM" "${line:0:$((width > 0 ? width : 0))}" "$PLAIN"
            shown=$line
        fi
        sleep 0.2
    done
    wait "$pid"
}

# demo_stop NAME...: asks all of them, then insists.
demo_stop() {
    local name files=()
    for name in "$@"; do
        if [[ -e $DEMO_DIR/$name.pid ]]; then files+=("$DEMO_DIR/$name.pid"); fi
    done
    if ((${#files[@]} > 0)); then parts_stop demo_signal "${files[@]}"; fi
}

demo_signal() { printf TERM; }

# What an earlier run left: kept on purpose, or killed before it could tidy up.
demo_left() { [[ -e $DEMO_DIR || -e $KOUAN_VAR/stack/$DEMO_STACK/stack.conf ]]; }

demo_clean() {
    local rc=0
    demo_stop customs kouand >&2 || rc=1
    "$KOUAN_ROOT/scripts/dev-stack" --name "$DEMO_STACK" clean >/dev/null || rc=1
    rm -rf "$DEMO_DIR"
    return "$rc"
}
