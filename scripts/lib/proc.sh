# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Servers that outlive the script: started detached, remembered by process id
# and start time, and never signalled unless both and the command line fit.
# A process id alone is not enough: the kernel gives it to somebody else.

# Field 22 of /proc/<pid>/stat. The name in field 2 may hold blanks and
# brackets, so counting starts behind the last ") ". A zombie counts as gone.
proc_start_time() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -ra fields <<<"${stat##*) }"
    [[ ${fields[0]} != Z ]] || return 1
    printf '%s' "${fields[19]}"
}

# proc_is PID START MARK: still the process we started, working for MARK?
proc_is() {
    local cmdline
    [[ $(proc_start_time "$1") == "$2" ]] || return 1
    cmdline=$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline") || return 1
    [[ $cmdline == *"$3"* ]]
}

# part_read FILE: sets PART_PID, PART_START, PART_MARK from what was recorded.
part_read() {
    PART_PID='' PART_START='' PART_MARK=''
    [[ -r $1 ]] || return 1
    { read -r PART_PID PART_START && read -r PART_MARK; } <"$1" || return 1
    [[ $PART_PID =~ ^[0-9]+$ && $PART_START =~ ^[0-9]+$ && -n $PART_MARK ]]
}

part_alive() { part_read "$1" && proc_is "$PART_PID" "$PART_START" "$PART_MARK"; }
part_gone() { ! part_alive "$1"; }

# part_signal FILE SIGNAL: false when it is not running.
part_signal() { part_alive "$1" && kill "-$2" "$PART_PID" 2>/dev/null; }

# Whatever the caller has open (locks, pipes of a test runner) must not stay
# open in a server, or the caller's reader waits for ever.
close_inherited() {
    local fd n
    for fd in "/proc/$BASHPID/fd"/*; do
        n=${fd##*/}
        if ((n > 2 && n != 255)); then eval "exec $n>&-"; fi
    done
}

# part_spawn FILE MARK LOG COMMAND...: MARK must occur in the command.
part_spawn() {
    local file=$1 mark=$2 log=$3 pid start
    shift 3
    keep_small "$log"
    (
        close_inherited
        cd /
        exec setsid "$@" </dev/null >>"$log" 2>&1
    ) &
    pid=$!
    start=$(proc_start_time "$pid") || return 0 # died already; the caller sees it
    printf '%s %s\n%s\n' "$pid" "$start" "$mark" >"$file"
    # Until exec the command line is still this script's and does not fit.
    wait_until 5000 spawned "$file"
}

spawned() { part_alive "$1" || ! proc_start_time "$PART_PID" >/dev/null; }

# A log of the last start is worth keeping, a year of them is not.
keep_small() {
    local size
    size=$(stat -c %s "$1" 2>/dev/null || echo 0)
    if ((size > 16777216)); then mv -f "$1" "$1.1"; fi
}

# parts_stop SIGNAL-OF-FUNCTION FILE...: asks all at once, then insists.
# All at once, because of three brokers the last ones have no quorum left and
# would hang in their controlled shutdown.
parts_stop() {
    local signal_of=$1 file rc=0
    shift
    for file in "$@"; do
        part_signal "$file" CONT || true # a frozen process hears no SIGTERM
        part_signal "$file" "$("$signal_of" "$file")" || true
    done
    for file in "$@"; do
        if ! wait_until 20000 part_gone "$file"; then
            warn "${file##*/} did not stop in 20 s; killing it"
            part_kill "$file" || rc=1
        fi
        rm -f "$file"
    done
    return "$rc"
}

# part_kill FILE: SIGKILL for it and its children. Frozen first, so that it
# makes no more children while they are counted.
part_kill() {
    local children
    part_signal "$1" STOP || return 0
    children=$(pgrep -P "$PART_PID" || true)
    # shellcheck disable=SC2086 # a list of numbers, one word each
    kill -KILL "$PART_PID" $children 2>/dev/null || true
    wait_until 10000 part_gone "$1"
    # PostgreSQL refuses to start while an orphan holds its shared memory.
    # shellcheck disable=SC2086
    wait_until 10000 all_gone $children
}

all_gone() {
    local pid
    for pid in "$@"; do
        if proc_start_time "$pid" >/dev/null; then return 1; fi
    done
}
