# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The Debian packages of scripts/packages.txt: which are missing, and how
# they come. Installed is what dpkg says; nothing is asked of the network.

shopt -s extglob
PACKAGES_FILE=$KOUAN_ROOT/scripts/packages.txt

# program_is PROGRAM>=MAJOR: there, and new enough? Programs print their
# version in many ways; the first number of the first line is the major one.
program_is() {
    local name=${1%%>=*} want=${1##*>=} line
    have "$name" || return 1
    line=$("$name" --version 2>&1) || return 1
    line=${line//$'\e['*([0-9;])m/} # Maven colours its name
    [[ ${line%%$'\n'*} =~ [0-9]+ ]] && ((BASH_REMATCH[0] >= want))
}

# packages_missing: prints PACKAGE=VERSION of each that is neither installed
# nor replaced. One of another version than pinned is used, with a word.
packages_missing() {
    local section spec unless condition package version
    declare -A installed=()
    while read -r package version; do
        installed[$package]=$version
    done < <(dpkg-query -W -f '${db:Status-Abbrev}|${Package} ${Version}\n' | sed -n 's/^ii *|//p')
    while read -r section spec unless condition; do
        case $section in '' | '#'*) continue ;; esac
        version=${installed[${spec%%=*}]:-}
        if [[ $unless == unless ]] && program_is "$condition"; then continue; fi
        if [[ -z $version ]]; then
            say "$spec"
            continue
        fi
        # shellcheck disable=SC2053 # unquoted, since it is a pattern
        if [[ $version != ${spec#*=} ]]; then
            warn "${spec%%=*} is $version, tested with ${spec#*=}; going on"
        fi
    done <"$PACKAGES_FILE"
}

# The command for those who must ask somebody else to type it.
packages_command() {
    local spec line='sudo apt-get install -y --no-install-recommends'
    for spec in "$@"; do line+=" '$spec'"; done
    say "$line"
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 "$@" >>"$APT_LOG" 2>&1 || {
        tail -n 15 "$APT_LOG" >&2
        warn "next step: see why apt-get failed (all of it: $APT_LOG), then scripts/setup again"
        return 1
    }
}

# packages_install SPEC...: as root.
packages_install() {
    local rc=0
    mkdir -p "$KOUAN_VAR"
    APT_LOG=$KOUAN_VAR/setup-apt.log
    : >"$APT_LOG"
    apt_get update || return 1
    if [[ " $*" == *" postgresql-15="* ]]; then
        # Its scripts read the setting below; they come first.
        apt_get install -y --no-install-recommends postgresql-common || return 1
        no_default_cluster || return 1
    fi
    apt_get install -y --no-install-recommends "$@" || rc=1
    default_cluster_again
    return "$rc"
}

# The server package makes and starts a database of its own on port 5432.
# Nobody here asked for one. The setting is taken back afterwards.
CLUSTER_CONF=/etc/postgresql-common/createcluster.conf
CLUSTER_KEPT=''

no_default_cluster() {
    CLUSTER_KEPT=$(mktemp) &&
        cp -p "$CLUSTER_CONF" "$CLUSTER_KEPT" &&
        printf '\ncreate_main_cluster = false\n' >>"$CLUSTER_CONF"
}

default_cluster_again() {
    if [[ -n $CLUSTER_KEPT ]]; then
        cp -p "$CLUSTER_KEPT" "$CLUSTER_CONF"
        rm -f "$CLUSTER_KEPT"
        CLUSTER_KEPT=''
    fi
}
