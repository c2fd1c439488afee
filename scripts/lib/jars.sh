# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The jars of a Kafka broker: fetched by Maven, believed only after their
# digests fit the committed list, put in place by one rename.

jars_dir() { printf '%s' "$KOUAN_VAR/kafka/$1/lib"; }
jars_list() { printf '%s' "$KOUAN_ROOT/scripts/kafka/sha256-$1.txt"; }

# jars_right DIR VERSION: all of the list there, all right, and nothing else.
jars_right() {
    local list
    list=$(jars_list "$2")
    [[ -d $1 && -r $list ]] || return 1
    (cd "$1" && sha256sum --check --strict --quiet "$list" >/dev/null 2>&1) || return 1
    [[ $(find "$1" -mindepth 1 | wc -l) == "$(wc -l <"$list")" ]]
}

# jars_download DIR VERSION: with the logging that goes with the version.
jars_download() {
    local log=$KOUAN_VAR/setup-maven.log
    mvn -B -ntp -f "$KAFKA_POM" "-Dkafka.version=$2" "-Pkafka-${2%%.*}" \
        dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$1" \
        >"$log" 2>&1 || {
        grep '^\[ERROR\]' "$log" | head -5 >&2
        warn "next step: check that Maven Central is reachable (all of it: $log), then scripts/setup again"
        return 1
    }
    rm -f "$log"
}

# jars_install VERSION
jars_install() {
    local home=$KOUAN_VAR/kafka/$1 rc=0
    mkdir -p "$home"
    JARS_TMP=$(mktemp -d "$home/.new.XXXXXX")
    jars_fetch "$1" || rc=1
    rm -rf "$JARS_TMP"
    # A version that never came leaves not even its folder.
    rmdir "$home" 2>/dev/null || true
    return "$rc"
}

jars_fetch() {
    local home=$KOUAN_VAR/kafka/$1
    jars_download "$JARS_TMP" "$1" || return 1
    if ! jars_right "$JARS_TMP" "$1"; then
        jars_wrong "$1"
        return 1
    fi
    chmod -R a+rX "$JARS_TMP"
    # The class archive belongs to the old jars.
    rm -rf "${home:?}/lib" "$home/classes.jsa"
    mv "$JARS_TMP" "$home/lib"
}

jars_wrong() {
    if [[ -r $(jars_list "$1") ]]; then
        warn "the jars that came are not those of $(jars_list "$1"):"
        (cd "$JARS_TMP" && sha256sum --check --quiet "$(jars_list "$1")" 2>&1 | head -5 >&2) || true
        warn "next step: do not use them; find out why they differ"
    else
        warn "there is no list $(jars_list "$1"); next step: scripts/setup --pin-kafka $1"
    fi
}

# jars_archive VERSION: the JVM's class archive, from one start and stop of a
# broker. It saves a second at every later start, so failing is no failure.
# Java tells its version in classes.java: another JVM cannot use it.
jars_archive() {
    local stack=("$KOUAN_ROOT/scripts/dev-stack" --name setup)
    if ! jars_record "$KOUAN_VAR/kafka/$1" "${stack[@]}"; then
        warn 'no class archive; brokers start a second slower'
    fi
    "${stack[@]}" clean >/dev/null
}

# jars_record HOME DEV-STACK...: the broker writes the archive as it ends.
jars_record() {
    local home=$1 data
    shift
    KOUAN_RECORD_CLASSES=yes "$@" up --fresh >/dev/null &&
        data=$("$@" status --json | jq -r .data) &&
        "$@" down >/dev/null &&
        cp "$data/kafka1/classes.jsa" "$home/classes.new" &&
        chmod 644 "$home/classes.new" &&
        mv "$home/classes.new" "$home/classes.jsa" &&
        java --version >"$home/classes.java"
}

jars_archived() {
    local home=$KOUAN_VAR/kafka/$1
    [[ -f $home/classes.jsa ]] && java --version | cmp -s - "$home/classes.java"
}

# jars_pin VERSION: writes the list from what Maven brings (which checks the
# digests that the repository itself states). For whoever takes in a version.
jars_pin() {
    JARS_TMP=$(mktemp -d)
    jars_download "$JARS_TMP" "$1" || return 1
    (cd "$JARS_TMP" && LC_ALL=C && sha256sum -- *.jar) >"$(jars_list "$1")"
    rm -rf "$JARS_TMP"
    say "wrote $(jars_list "$1"); read and commit it"
}
