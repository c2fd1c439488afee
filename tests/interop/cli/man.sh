#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# groff reads the manual pages without a complaint, and they name everything that the tool says of itself
# elsewhere: man.sh KOUAN KOUAND PAGES WORKFOLDER
set -euo pipefail
kouan=$1 kouand=$2 pages=$3 work=$4
here=$(cd "$(dirname "$0")" && pwd)
failed=0 asked=0

rm -rf "$work"
mkdir -p "$work"
wrong() {
    printf 'not ok: %s\n' "$*"
    failed=$((failed + 1))
}
lint() { groff -K utf8 -T utf8 -P -cbou -man -ww -z "$1" 2>&1; }
# has PAGE WORDS...: each stands in the rendered page as a word of its own.
has() {
    local page=$1 word
    shift
    for word in "$@"; do
        asked=$((asked + 1))
        grep -qE -- "(^|[^A-Za-z0-9_-])$word([^A-Za-z0-9_-]|\$)" "$work/$page" || wrong "$page does not name $word"
    done
}

# items PAGE WORDS...: each begins an entry of a list.
items() {
    local page=$1 word
    shift
    for word in "$@"; do
        asked=$((asked + 1))
        grep -qE -- "^ {7}(-., )?$word([ =]|\$)" "$work/$page" || wrong "$page has no entry for $word"
    done
}

for page in kouan.1 kouan.ini.5 kouan-partner.5 kouan-errors.7 kouand.8; do
    said=$(lint "$pages/$page")
    [[ -z $said ]] || wrong "groff on $page: $said"
    groff -K utf8 -T utf8 -P -cbou -man -rLL=200n "$pages/$page" | sed 's/‐/-/g; s/−/-/g' >"$work/$page"
    for section in NAME DESCRIPTION 'SEE ALSO'; do
        grep -qx "$section" "$work/$page" || wrong "$page has no $section"
    done
done
printf '.TH X 1\n.SH NAME\nx \\- y\n.NOSUCH\n' >"$work/bad.1" # the judge must be able to say no
[[ -n $(lint "$work/bad.1") ]] || wrong 'groff says nothing of an unknown macro'

commands=$("$kouan" help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[[ $(wc -w <<<"$commands") -gt 15 ]] || wrong 'kouan help lists too little'
cp "$work/kouan.1" "$work/whole"
for command in $commands; do
    # its part only: from its heading to the next one
    sed -n "/^   $command\$/,/^   [a-z]/{/^   [a-z]/{/^   $command\$/!d};p}" "$work/whole" >"$work/part"
    mapfile -t options < <("$kouan" "$command" --help | sed -nE 's/^  (-., )?(--[a-z0-9-]+).*/\2/p' | grep -v '^--help$')
    has part "kouan $command"
    items part "${options[@]}"
done
items kouand.8 --config --stats --version SIGHUP SIGTERM
mapfile -t exits < <("$kouand" --help | sed -nE 's/^  ([0-9]+) .*/\1/p')
[[ ${#exits[@]} -eq 5 ]] || wrong "kouand --help has ${#exits[@]} exit codes"
items kouand.8 "${exits[@]}"
mapfile -t words < <("$kouan" config sample | sed -nE 's/^#? ?([a-z0-9_.]+) = .*/\1/p')
[[ ${#words[@]} -gt 50 ]] || wrong "kouan config sample has ${#words[@]} keys"
items kouan.ini.5 "${words[@]}" module
mapfile -t words < <("$kouan" config sample | sed -nE 's/^\[(.*)\]$/\\[\1\\]/p')
[[ ${#words[@]} -gt 6 ]] || wrong "kouan config sample has ${#words[@]} groups"
has kouan.ini.5 "${words[@]}"
mapfile -t words < <(cat "$here"/../../../config/partners/*.ini.sample | sed -nE 's/^([a-z0-9_]+) = .*/\1/p' | sort -u)
[[ ${#words[@]} -gt 10 ]] || wrong "the samples of partners have ${#words[@]} keys"
items kouan-partner.5 "${words[@]}" allow_sha1 profile
mapfile -t words < <(sed -nE 's/^KN_E\((\w+),.*/\1/p' "$here/../../../engine/include/kouan/error.def")
[[ ${#words[@]} -gt 60 ]] || wrong "error.def has ${#words[@]} rows"
items kouan-errors.7 "${words[@]}"
printf 'man: %d names looked for, %d wrong\n' "$asked" "$failed"
((failed == 0))
