#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# unit.sh BUILD SCRATCH: the unit file as systemd itself reads it, where systemd is installed.
set -euo pipefail
build=$1 scratch=$2
if ! command -v systemd-analyze >/dev/null; then
    echo 'ok - the unit file # skip no systemd-analyze on this machine'
    exit 0
fi
rm -rf "$scratch"
mkdir -p "$scratch"
# The daemon's own path and page need not be installed here.
sed -e 's|^ExecStart=.*/kouand |ExecStart=/bin/true |' -e '/^Documentation=/d' \
    "$build/packaging/kouand@.service" >"$scratch/kouand@.service"
rc=0
said=$(systemd-analyze verify "$scratch/kouand@.service" 2>&1) || rc=1
if ((rc == 0)) && [[ -z $said ]]; then echo 'ok - systemd finds nothing wrong'; else
    echo 'not ok - systemd finds nothing wrong'
    printf '# %s\n' "$said"
    rc=1
fi
if said=$(systemd-analyze security --offline=true --threshold=20 "$scratch/kouand@.service" 2>&1); then
    echo 'ok - exposure at most 2.0 of 10'
else
    echo 'not ok - exposure at most 2.0 of 10'
    printf '# %s\n' "${said##*$'\n'}"
    rc=1
fi
sed -i '/^NoNewPrivileges=/d; /^SystemCall/d; /^Protect/d' "$scratch/kouand@.service"
if systemd-analyze security --offline=true --threshold=20 "$scratch/kouand@.service" >/dev/null 2>&1; then
    echo 'not ok - a unit without its hardening is found out'
    rc=1
else
    echo 'ok - a unit without its hardening is found out'
fi
rm -rf "$scratch"
exit "$rc"
