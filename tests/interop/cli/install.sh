#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What cmake --install puts in place works from there, with nothing of this tree: install.sh BUILD WORKFOLDER
set -euo pipefail
build=$1 work=$2
root=$work/root
failed=0

rm -rf "$work"
mkdir -p "$work/elsewhere"
wrong() {
    printf 'not ok: %s\n' "$*"
    failed=$((failed + 1))
}
say() { printf 'ok: %s\n' "$1"; }
place() { DESTDIR=$root cmake --install "$build" --prefix /opt/kouan "$@" >"$work/log"; }
place
prefix=$root/opt/kouan
bin=$prefix/bin/kouan etc=$prefix/etc/kouan

cat >"$work/expected" <<'EOT'
bin/kouan
etc/kouan/kouan.ini.sample
etc/kouan/partners/customs.ini.sample
etc/kouan/partners/enterprise.ini.sample
etc/kouan/partners/portal.ini.sample
lib/systemd/system/kouand@.service
sbin/kouand
share/kouan/cases.md
share/bash-completion/completions/kouan
share/man/man1/kouan.1
share/man/man5/kouan-partner.5
share/man/man5/kouan.ini.5
share/man/man7/kouan-errors.7
share/man/man8/kouand.8
EOT
tree=$(cd "$(dirname "$0")/../../.." && pwd)
(cd "$tree" && find schemas -name '*.xsd' -o -name '*.sql') | sed 's:^:share/kouan/:' >>"$work/expected"
(cd "$tree/config" && find codes -name '*.csv') | sed 's:^:share/kouan/:' >>"$work/expected"
sort -o "$work/expected" "$work/expected"
(cd "$prefix" && find bin/kouan etc lib/systemd sbin share -type f ! -path 'share/doc/*') | sort >"$work/found"
if diff "$work/expected" "$work/found"; then say 'files'; else wrong 'other files than expected'; fi
[[ -s $prefix/share/doc/kouan/README.md ]] || wrong 'no README'
if grep -rlI -e "$tree" -e "$root" "$prefix" >"$work/names"; then wrong "paths of the build in $(cat "$work/names")"; fi

cd "$work/elsewhere"
[[ $("$bin" --version) =~ ^kouan\ [0-9.]+$ ]] || wrong 'kouan --version'
[[ $("$prefix/sbin/kouand" --version) =~ ^kouand\ [0-9.]+$ ]] || wrong 'kouand --version'
# shellcheck disable=SC1091 # installed above
(. "$prefix/share/bash-completion/completions/kouan" && complete -p kouan >"$work/complete") || wrong 'completion'
if command -v man >/dev/null; then
    [[ $(MANPATH=$prefix/share/man man -w 5 kouan.ini) == "$prefix/share/man/man5/kouan.ini.5" ]] || wrong 'man finds no page'
else
    say 'skipped: no man to look for pages with'
fi

# As the page says: the sample copied, keys and partners beside it.
cp "$etc/kouan.ini.sample" "$etc/kouan.ini"
if "$bin" config check -c "$etc/kouan.ini" >said 2>&1; then wrong 'a configuration without keys and partners is good'; fi
"$bin" pki --out "$work/pki" -q
cp -r "$work/pki/." "$etc/"
(umask 077 && head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n' >"$etc/secret.hex")
for kind in ecdsa:p256 rsa:rsa sm2:sm2; do
    sed -i "s:^${kind%%:*}_key = .*:${kind%%:*}_key = engine/${kind##*:}.key:
            s:^${kind%%:*}_cert = .*:${kind%%:*}_cert = engine/${kind##*:}.pem:" "$etc/kouan.ini"
done
if "$bin" config check -c "$etc/kouan.ini" >said 2>&1; then say 'kouan config check'; else
    wrong 'kouan config check'
    cat said
fi
mv "$prefix/share/kouan/codes" "$work/codes"
if "$bin" config check -c "$etc/kouan.ini" >said 2>&1; then wrong 'good without code lists: it reads others'; fi
mv "$work/codes" "$prefix/share/kouan/codes"

# Rules that the tool finds by itself: the installed ones.
"$bin" make -p "$work/pki" -t CKStageMessage --bare -n 1 >message.xml
if "$bin" validate message.xml >said 2>&1; then say 'kouan validate'; else
    wrong 'kouan validate'
    cat said
fi
mv "$prefix/share/kouan/schemas" "$work/schemas"
if "$bin" validate message.xml >said 2>&1; then wrong 'valid without schemas: it reads others'; fi
mv "$work/schemas" "$prefix/share/kouan/schemas"

# Once more over it: what an operator made stays.
echo '# mine' >>"$etc/kouan.ini"
cp "$etc/kouan.ini" "$work/mine.ini"
place --component kouan
cmp "$etc/kouan.ini" "$work/mine.ini" || wrong 'the operator'\''s file was overwritten'
((failed == 0)) && say 'installed over an installation'
