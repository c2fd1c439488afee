# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The parts of a stack, whatever they are: kafka1.. and pg. One place knows
# how each is prepared, started, asked whether it is ready, and stopped.

READY_MS=60000

part_ready() {
    case $1 in
    pg) pg_ready ;;
    *) kafka_ready "${1#kafka}" ;;
    esac
}

part_start() {
    case $1 in
    pg) pg_start ;;
    *) kafka_start "${1#kafka}" ;;
    esac
}

part_prepare() {
    case $1 in
    pg) pg_prepare ;;
    *) kafka_prepare "${1#kafka}" ;;
    esac
}

# What asks a part to stop in order; PostgreSQL calls SIGINT "fast".
stop_signal() { case $1 in */pg.pid) printf INT ;; *) printf TERM ;; esac }

part_port() {
    case $1 in
    pg) printf '%d' "$STACK_PG_PORT" ;;
    *) kafka_port "${1#kafka}" ;;
    esac
}

# up, down, or paused (stopped by a signal)
part_state() {
    if part_gone "$(part_file "$1")"; then
        printf down
    elif [[ $(sed 's/.*) //; s/ .*//' "/proc/$PART_PID/stat") == T ]]; then
        printf paused
    else
        printf up
    fi
}

all_alive() {
    local part
    for part in $(stack_parts all); do
        if part_gone "$(part_file "$part")"; then return 1; fi
    done
}

STARTED=()

# A broken-off or failed start leaves nothing running.
undo_start() {
    if ((${#STARTED[@]} > 0)); then parts_stop stop_signal "${STARTED[@]}" || true; fi
}

# fail_part PART WHAT: last words of the log and one thing to do.
fail_part() {
    local log=$STACK_DIR/$1.log step
    warn "$1 $2; end of $log:"
    tail -n 15 "$log" >&2 || true
    if grep -q 'No space left' "$log"; then
        step='free disk space, then up again'
    elif grep -q 'ddress already in use' "$log"; then
        step='up again; it chooses other ports'
    else
        step="scripts/dev-stack --name $STACK_NAME up --fresh (deletes the data of this stack)"
    fi
    die "next step: $step"
}

# start_parts PART...: starts those that do not run, waits for all of them.
start_parts() {
    local part end
    trap undo_start EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    for part in "$@"; do
        if part_alive "$(part_file "$part")"; then
            part_signal "$(part_file "$part")" CONT || true # perhaps paused
            continue
        fi
        STARTED+=("$(part_file "$part")")
        part_start "$part"
    done
    end=$(($(now_ms) + READY_MS))
    for part in "$@"; do
        until part_ready "$part"; do
            part_alive "$(part_file "$part")" || fail_part "$part" 'ended while starting'
            (($(now_ms) < end)) || fail_part "$part" "was not ready in $((READY_MS / 1000)) s"
            sleep 0.05
        done
    done
    STARTED=()
    stack_write_env
}

# Everything slow before the start, side by side.
prepare_parts() {
    local part jobs=() rc=0
    for part in "$@"; do
        if part_gone "$(part_file "$part")"; then
            part_prepare "$part" &
            jobs+=("$!")
        fi
    done
    for part in "${jobs[@]}"; do wait "$part" || rc=1; done
    if ((rc != 0)); then
        die "data directories could not be made; next step: scripts/dev-stack --name $STACK_NAME clean"
    fi
}

all_down() {
    local part files=()
    for part in $(stack_parts all); do files+=("$(part_file "$part")"); done
    parts_stop stop_signal "${files[@]}"
}
