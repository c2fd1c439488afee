# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # STACK_* are read by the siblings
# What a stack is: its folder, its data, the user of its servers, its ports.
#
#   var/stack/NAME/stack.conf   what was chosen for it (ours, read back)
#   var/stack/NAME/stack.env    how to reach it (for everybody else)
#   var/stack/NAME/<part>.pid   process id, start time, mark; see proc.sh
#   var/stack/NAME/<part>.log   what the server printed

part_file() { printf '%s' "$STACK_DIR/$1.pid"; }

# stack_parts all|kafka|PART: the names of those that are meant.
stack_parts() {
    local n
    case $1 in
    all | kafka)
        for ((n = 1; n <= STACK_BROKERS; n++)); do say "kafka$n"; done
        if [[ $1 == all ]]; then say pg; fi
        ;;
    pg) say pg ;;
    kafka[1-9])
        ((${1#kafka} <= STACK_BROKERS)) || die "this stack has no $1" 2
        say "$1"
        ;;
    *) die "no such part: $1 (kafka, kafka1.., pg)" 2 ;;
    esac
}

# Servers never run as root: PostgreSQL refuses to, Kafka need not.
# A clean environment, so that nothing of the caller leaks into a server.
stack_user() {
    if ((EUID != 0)); then
        id -un
    elif getent passwd postgres >/dev/null; then
        printf postgres
    else
        printf nobody
    fi
}

stack_as_user() {
    local clean=(env -i "PATH=$PATH" LANG=C.UTF-8 TZ=UTC)
    if ((EUID == 0)); then
        AS_USER=(setpriv "--reuid=$(id -u "$STACK_USER")" "--regid=$(id -g "$STACK_USER")"
            --init-groups --inh-caps=-all --no-new-privs "${clean[@]}")
    else
        AS_USER=("${clean[@]}")
    fi
}

# From /, since the caller's folder may be closed to that user.
as_user() { (cd / && "${AS_USER[@]}" "$@"); }

# own_dir DIR: there, and the servers' own.
own_dir() {
    mkdir -p "$1"
    chmod 700 "$1"
    if ((EUID == 0)); then chown "$STACK_USER:" "$1"; fi
}

# Data lives in the stack's folder, unless the servers' user cannot get there
# (root's checkout under /root, say). The name outside is fixed by the
# checkout and the stack, so it is found again and never shared.
stack_data_dir() {
    local hash
    if as_user test -x "$KOUAN_VAR/stack"; then
        printf '%s' "$STACK_DIR/data"
    else
        hash=$(printf '%s' "$KOUAN_ROOT" | sha256sum)
        printf '%s' "/var/tmp/kouan-${hash:0:10}-$STACK_NAME"
    fi
}

stack_paths() {
    STACK_NAME=$1
    [[ $STACK_NAME =~ ^[a-z0-9][a-z0-9_-]{0,30}$ ]] ||
        die "stack name '$STACK_NAME': small letters, digits, - and _, at most 31" 2
    STACK_DIR=$KOUAN_VAR/stack/$STACK_NAME
    STACK_CONF=$STACK_DIR/stack.conf
    STACK_ENV=$STACK_DIR/stack.env
}

# One command at a time for one stack. Closed in the servers by proc.sh.
stack_lock() {
    mkdir -p "$KOUAN_VAR/stack"
    exec 8>"$KOUAN_VAR/stack/.$STACK_NAME.lock"
    flock -w 120 8 || die "another dev-stack command works on stack $STACK_NAME since two minutes"
}

stack_load() {
    [[ -r $STACK_CONF ]] || return 1
    # shellcheck source=/dev/null
    . "$STACK_CONF"
    [[ $STACK_OWNER == "$EUID" ]] ||
        die "stack $STACK_NAME belongs to $(id -un "$STACK_OWNER"); take another --name" 2
    stack_as_user
}

# A stack without its configuration file does not exist.
stack_need() { stack_load || die "no stack $STACK_NAME; start it: scripts/dev-stack --name $STACK_NAME up" 3; }

# stack_new BROKERS FRONT
stack_new() {
    STACK_OWNER=$EUID
    STACK_BROKERS=$1
    STACK_FRONT=$2
    STACK_USER=$(stack_user)
    STACK_KAFKA_VERSION=$(kafka_version)
    STACK_CLUSTER_ID=$(random_uuid)
    mkdir -p "$STACK_DIR"
    stack_as_user
    STACK_DATA=$(stack_data_dir)
    stack_ports
    stack_save
}

# 16 random bytes as Kafka writes them; a leading '-' would look like an option.
random_uuid() {
    local id
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_')
    printf '%s' "K${id:1:21}"
}

stack_ports() {
    local base
    # Locked till the choice is written, or two stacks choose the same.
    exec 7>"$KOUAN_VAR/stack/.ports.lock"
    flock 7
    base=$(ports_free $((STACK_BROKERS * 4 + 2)))
    STACK_PG_PORT=$base
    STACK_KAFKA_PORT=$((base + 1))
    STACK_FRONT_PORT=$((base + 1 + STACK_BROKERS * 2))
    stack_save
    exec 7>&-
}

stack_save() {
    local name
    for name in STACK_OWNER STACK_BROKERS STACK_FRONT STACK_USER STACK_KAFKA_VERSION \
        STACK_CLUSTER_ID STACK_DATA STACK_PG_PORT STACK_KAFKA_PORT STACK_FRONT_PORT; do
        printf '%s=%s\n' "$name" "${!name@Q}"
    done >"$STACK_CONF.new"
    mv "$STACK_CONF.new" "$STACK_CONF"
}

# For demo, tests, bench: plain KEY='value' lines.
stack_write_env() {
    local pg="host=127.0.0.1 port=$STACK_PG_PORT dbname=kouan" part
    {
        env_line KOUAN_STACK_NAME "$STACK_NAME"
        env_line KOUAN_STACK_DIR "$STACK_DIR"
        env_line KOUAN_STACK_DATA "$STACK_DATA"
        env_line KOUAN_BROKERS "$(kafka_bootstrap)"
        env_line KOUAN_PG "$pg user=kouan"
        env_line KOUAN_PG_ADMIN "$pg user=postgres"
        if [[ ${STACK_FRONT:-no} == yes ]]; then env_line KOUAN_FRONT "$(stack_front)"; fi
        for part in $(stack_parts all); do
            part_read "$(part_file "$part")" || true
            env_line "KOUAN_${part^^}_PID" "$PART_PID"
        done
    } >"$STACK_ENV.new"
    mv "$STACK_ENV.new" "$STACK_ENV"
}

# What a proxy is to do: NAME:PORT-IT-LISTENS-ON:PORT-BEHIND, a word each. PostgreSQL needs no listener
# of its own; a broker does, because it tells its clients where to find it.
stack_front() {
    local n list="pg:$STACK_FRONT_PORT:$STACK_PG_PORT"
    for ((n = 1; n <= STACK_BROKERS; n++)); do
        list+=" kafka$n:$(front_port "$n"):$(($(front_port "$n") + 1))"
    done
    printf '%s' "$list"
}

# front_port N: advertised for broker N's second listener, which is one above.
front_port() { printf '%d' $((STACK_FRONT_PORT + $1 * 2 - 1)); }

env_line() { printf '%s=%s\n' "$1" "${2@Q}"; }

# The whole data directory, first time: also where it lies outside of the
# checkout, with the jars, which the servers could not read inside.
stack_data_make() {
    if [[ $STACK_DATA != /var/tmp/* ]]; then
        mkdir -p "$STACK_DATA"
        chmod 755 "$STACK_DIR" "$STACK_DATA"
        return
    fi
    if [[ -e $STACK_DATA ]]; then
        [[ -O $STACK_DATA && ! -L $STACK_DATA ]] || die "$STACK_DATA is somebody else's; remove it" 2
    else
        mkdir -m 755 "$STACK_DATA"
    fi
    warn "user $STACK_USER cannot enter $KOUAN_ROOT; data lies in $STACK_DATA (clean removes it)"
    if [[ ! -d $STACK_DATA/lib ]]; then
        cp -r "$KOUAN_VAR/kafka/$STACK_KAFKA_VERSION/lib" "$STACK_DATA/lib.new"
        chmod -R a+rX "$STACK_DATA/lib.new"
        mv "$STACK_DATA/lib.new" "$STACK_DATA/lib"
    fi
}
