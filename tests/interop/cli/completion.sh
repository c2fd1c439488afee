#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bash at work with what `kouan completion bash` prints: completion.sh KOUAN WORKFOLDER
# What must be offered is read from --help of the tool, which GOption prints from the tables itself.
set -euo pipefail
kouan=$1
work=$2
failed=0 asked=0

rm -rf "$work"
mkdir -p "$work/a folder"
cd "$work"
touch 'a file.xml' b.xml
"$kouan" completion bash >script
# shellcheck disable=SC1091 # made above
. ./script

# What bash offers for the words; the last one is being typed.
offered() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _kouan
    printf '%s\n' "${COMPREPLY[@]}" | sort
}
# is EXPECTED WORDS...: exactly these lines, sorted here.
is() {
    local expected found
    expected=$(sort <<<"$1")
    shift
    found=$(offered "$@")
    asked=$((asked + 1))
    [[ $found == "$expected" ]] && return
    failed=$((failed + 1))
    printf 'not ok: %s\n' "$*"
    diff <(printf '%s\n' "$expected") <(printf '%s\n' "$found") || true
}

commands=$("$kouan" help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[[ $(wc -w <<<"$commands") -gt 15 ]]
is "$commands"$'\nhelp\n--help\n--version' kouan ''
for command in $commands; do
    help=$("$kouan" "$command" --help)
    long=$(sed -nE 's/^  (-., )?--([a-z0-9-]+).*/--\2/p' <<<"$help")
    short=$(sed -nE 's/^  (-.), --.*/\1/p' <<<"$help")
    [[ $long == *--help* ]]
    is "$long" kouan "$command" --
    is "$long"$'\n'"$short" kouan "$command" -
    for option in $long; do is "$(grep -- "^$option" <<<"$long")" kouan "$command" "$option"; done
done

files=$'a file.xml\na folder\nb.xml\nscript'
is '' kouan nosuchcommand ''
is '' kouan nosuchcommand --
is '' kouan verify --c14n # another command's
is $'check\nshow\nsample' kouan config ''
is sample kouan config sa
is $'list\nshow\nswitch' kouan trust ''
is checkpoint kouan machine ''
is DIGEST_MISMATCH kouan errors DIGEST_
is bash kouan completion ''
is "$("$kouan" make --types | cut -d' ' -f1)" kouan make -t ''
is $'inc\nexc' kouan sign --c14n ''
is exc kouan sign --c14n = e
is $'inc\nexc' kouan sign --c14n =
is $'sm2-sm3\nsm2-sm3-field' kouan sign -d sm
is $'sm2-sm3\nsm2-sm3-field' kouan sign x.xml --dialect = sm
is "$files" kouan sign ''
is 'a file.xml' kouan sign -k 'a fi'
is 'a folder' kouan make --out ''
is '' kouan sign --sender ''
is $'approve\nreturn\nrefuse\nscript' kouan customs --behave ''
is full kouan customs --life ''
is '' kouan trace ''
is "list"$'\n'"check"$'\n'"$files" kouan handler ''
[[ $(complete -p kouan) == 'complete -F _kouan kouan' ]]
if "$kouan" completion fish >/dev/null 2>&1; then
    printf 'not ok: it says it knows fish\n'
    failed=$((failed + 1))
fi
printf 'completion: %d questions, %d wrong\n' "$asked" "$failed"
((failed == 0))
