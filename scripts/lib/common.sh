# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # its variables are for those who source it
# Shared by all scripts: where things are, how to speak, how to give up.
# To be sourced; the sourcing script has set `set -euo pipefail` itself.

KOUAN_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
KOUAN_VAR=$KOUAN_ROOT/var
KAFKA_POM=$KOUAN_ROOT/scripts/kafka/pom.xml

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die MESSAGE [EXIT-CODE]: 1 something failed, 2 the caller must do something.
die() {
    warn "$1"
    exit "${2:-1}"
}

have() { command -v "$1" >/dev/null 2>&1; }

now_ms() {
    # EPOCHREALTIME costs no process, and the polling loops ask often.
    # Its decimal sign follows the locale, hence the two replacements.
    local t=${EPOCHREALTIME/[.,]/}
    printf '%s' "${t%???}"
}

# seconds FROM-MS: time since then, as "1.3".
seconds() {
    local ms=$(($(now_ms) - $1))
    printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

# phase TEXT COMMAND...: runs it and says how long it took.
phase() {
    local text=$1 t0 rc=0
    shift
    t0=$(now_ms)
    "$@" || rc=$?
    if ((rc == 0)); then
        printf '  %-44s %6s s\n' "$text" "$(seconds "$t0")"
    else
        printf '  %-44s failed after %s s\n' "$text" "$(seconds "$t0")" >&2
    fi
    return "$rc"
}

# The pom says which Kafka; KOUAN_KAFKA_VERSION picks another one for a run.
kafka_version() {
    if [[ -n ${KOUAN_KAFKA_VERSION:-} ]]; then
        [[ $KOUAN_KAFKA_VERSION =~ ^[0-9]+(\.[0-9]+)+$ ]] ||
            die "KOUAN_KAFKA_VERSION='$KOUAN_KAFKA_VERSION' is not a version such as 3.9.2" 2
        printf '%s' "$KOUAN_KAFKA_VERSION"
    else
        sed -n 's:.*<kafka\.version>\(.*\)</kafka\.version>.*:\1:p' "$KAFKA_POM"
    fi
}

# Folder of server programs; Debian keeps them out of PATH.
pg_bin() {
    local dir
    for dir in /usr/lib/postgresql/15/bin "$(pg_config --bindir 2>/dev/null || true)"; do
        if [[ -n $dir && -x $dir/initdb && -x $dir/postgres ]]; then
            printf '%s' "$dir"
            return
        fi
    done
    die "PostgreSQL server programs not found; run scripts/setup" 2
}

# wait_until MS COMMAND...: polls every 50 ms; false when the time is over.
wait_until() {
    local end=$(($(now_ms) + $1))
    shift
    until "$@"; do
        (($(now_ms) < end)) || return 1
        sleep 0.05
    done
}
