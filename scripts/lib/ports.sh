# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Free loopback ports for a stack.
#
# Taken from below the ephemeral range: a broker that is down for a fault test
# must find its port free again, and the kernel must not have lent it to some
# outgoing connection meanwhile.

PORT_LOW=20000
PORT_HIGH=31999

# Ports in use on this machine, and those that other stacks of this checkout
# recorded (they may be down just now).
ports_taken() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk '$2 ~ /:/ { sub(/.*:/, "", $2); print $2 }' | sort -u |
        while read -r hex; do printf '%d\n' "0x$hex"; done
    grep -hs '^STACK_.*PORT=' "$KOUAN_VAR"/stack/*/stack.conf | tr -c '0-9\n' '\n' || true
}

# ports_free COUNT: prints the first of COUNT neighbouring free ports.
ports_free() {
    local count=$1 base port try
    declare -A taken=()
    while read -r port; do
        if [[ -n $port ]]; then taken[$port]=1; fi
    done < <(ports_taken)
    for ((try = 0; try < 200; try++)); do
        base=$((PORT_LOW + (RANDOM * 32768 + RANDOM) % (PORT_HIGH - PORT_LOW - count)))
        for ((port = base; port < base + count; port++)); do
            if [[ -n ${taken[$port]:-} ]]; then continue 2; fi
        done
        printf '%s' "$base"
        return
    done
    die "found no $count free neighbouring ports in $PORT_LOW-$PORT_HIGH"
}

# port_listens PORT: asks by connecting; cheaper than a client in a loop.
port_listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
