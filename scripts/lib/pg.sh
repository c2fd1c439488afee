# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# PostgreSQL of a stack. Uses STACK_*, as_user and part_* of its siblings.

# Real durability: what the engine promises is proven against these settings.
pg_settings() {
    cat <<EOF
listen_addresses = '127.0.0.1'
port = $STACK_PG_PORT
unix_socket_directories = '$(pg_socket_dir)'
cluster_name = 'kouan-$STACK_NAME'
max_connections = 50
shared_buffers = 128MB
max_wal_size = 1GB
fsync = on
full_page_writes = on
synchronous_commit = on
autovacuum = on
client_connection_check_interval = 1s
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d %e '
log_lock_waits = on
EOF
}

# A socket path has room for about 100 bytes. In a deep checkout there is no
# socket then; everything here goes over loopback anyway.
pg_socket_dir() {
    local dir=$STACK_DATA/pg-socket
    if ((${#dir} <= 85)); then printf '%s' "$dir"; fi
}

# Nobody but these two roles gets in, and only from this machine.
# `kouan` is an ordinary role, so that the engine proves it needs no more.
pg_template_roles() {
    cat <<'EOF'
CREATE ROLE kouan LOGIN CREATEDB
GRANT pg_monitor, pg_signal_backend TO kouan
CREATE DATABASE kouan OWNER kouan
EOF
}

pg_template_hba() {
    cat <<'EOF'
local all postgres,kouan               trust
host  all postgres,kouan 127.0.0.1/32  trust
EOF
}

# initdb takes longer than all the rest, so it runs once a version of
# PostgreSQL and user; a new stack gets a copy. The name carries a digest of
# what goes in: whoever changes this file gets a new template.
pg_template() {
    local version key
    version=$("$(pg_bin)/postgres" --version)
    key=$(printf '%s\n' "$version" "$STACK_USER" "$(declare -f pg_template_make \
        pg_template_roles pg_template_hba)" | sha256sum)
    printf '%s' "$KOUAN_VAR/stack/.template/pg-${key:0:12}"
}

pg_template_make() {
    local bin=$1 dir=$2
    own_dir "$dir"
    as_user "$bin/initdb" -D "$dir" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        --data-checksums --no-sync --no-instructions >/dev/null
    pg_template_roles |
        as_user "$bin/postgres" --single -c log_checkpoints=off -D "$dir" postgres >/dev/null
    pg_template_hba >"$dir/pg_hba.conf"
    printf "include = 'kouan.conf'\n" >>"$dir/postgresql.conf"
}

# pg_prepare: makes the data directory where there is none. Only a finished
# one gets its name, so a broken-off start is simply made anew.
pg_prepare() {
    local template
    if [[ ! -d $STACK_DATA/pg ]]; then
        template=$(pg_template)
        rm -rf "$STACK_DATA/pg.new"
        if [[ -d $template ]]; then
            cp -a "$template" "$STACK_DATA/pg.new"
        else
            pg_template_make "$(pg_bin)" "$STACK_DATA/pg.new"
            mkdir -p "${template%/*}"
            cp -a "$STACK_DATA/pg.new" "$template.$$"
            # Another stack may have been quicker: its copy is as good.
            mv -T "$template.$$" "$template" 2>/dev/null || rm -rf "$template.$$"
        fi
        mv "$STACK_DATA/pg.new" "$STACK_DATA/pg"
    fi
    pg_settings >"$STACK_DATA/pg/kouan.conf"
    if [[ -n $(pg_socket_dir) ]]; then own_dir "$(pg_socket_dir)"; fi
}

# After a kill the dead postmaster may stay a zombie for a while (in many
# containers nobody buries it soon). PostgreSQL sees only that the number in
# its lock files is taken and refuses to start; a zombie holds nothing.
pg_forget_zombie() {
    local lock=$STACK_DATA/pg/postmaster.pid pid
    [[ -f $lock ]] || return 0
    read -r pid <"$lock" || return 0
    if [[ -d /proc/$pid ]] && ! proc_start_time "$pid" >/dev/null; then
        rm -f "$lock" "$STACK_DATA/pg-socket"/.s.PGSQL.*
    fi
}

pg_start() {
    pg_forget_zombie
    part_spawn "$(part_file pg)" "$STACK_DATA/pg" "$STACK_DIR/pg.log" \
        "${AS_USER[@]}" "$(pg_bin)/postgres" -D "$STACK_DATA/pg"
}

pg_ready() {
    "$(pg_bin)/pg_isready" -q -h 127.0.0.1 -p "$STACK_PG_PORT" -d kouan -U kouan -t 1
}
