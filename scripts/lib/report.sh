# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Counting: what ran, how it ended, and the last line that everybody reads.
# To be sourced after common.sh; logs and results lie under var/test/.

REPORT_DIR=$KOUAN_VAR/test
REPORT_LIB=$KOUAN_ROOT/scripts/lib

report_begin() {
    mkdir -p "$REPORT_DIR"
    rm -f "$REPORT_DIR"/*.log "$REPORT_DIR"/*.xml "$REPORT_DIR/results.tsv"
    : >"$REPORT_DIR/results.tsv"
}

# In CI everything has to be there: a test that did not run for want of a server is a failed one.
report_rows() {
    if [[ ${CI:-} == true ]]; then
        sed -E '/^skipped\t.*(kafka|postgres|broker|database|stack|KOUAN_(PG|BROKERS))/I s/^skipped/failed/'
    else
        cat
    fi >>"$REPORT_DIR/results.tsv"
}

# report_one STATUS NAME: one result that has no tests inside.
report_one() { printf '%s\t%s\n' "$1" "$2" | report_rows; }

# report_run NAME COMMAND...: runs it with its log, counts the tests inside; its time; the log's tail on failure.
report_run() {
    local name=$1 log t0 rc=0 status=passed before
    shift
    log=$REPORT_DIR/${name//[^A-Za-z0-9_.-]/-}.log
    t0=$(now_ms)
    before=$(wc -l <"$REPORT_DIR/results.tsv")
    "$@" >"$log" 2>&1 </dev/null || rc=$?
    if ((rc != 0)); then status=failed; fi
    # 77: the program says itself that it skipped
    if ((rc == 77)); then status=skipped; fi
    python3 "$REPORT_LIB/count.py" log "$name" "$status" "$log" | report_rows
    report_line "$name" "$t0" "$before" "$log" "$rc"
}

# report_ctest NAME BUILD ARGUMENTS-OF-CTEST...
report_ctest() {
    local name=$1 build=$2 log xml t0 before rc=0
    shift 2
    log=$REPORT_DIR/$name.log xml=$REPORT_DIR/$name.xml
    t0=$(now_ms)
    before=$(wc -l <"$REPORT_DIR/results.tsv")
    rm -f "$xml"
    ctest --test-dir "$build" --no-tests=error --output-on-failure --output-junit "$xml" \
        --test-output-size-passed 1000000 --test-output-size-failed 1000000 "$@" >"$log" 2>&1 </dev/null || rc=$?
    if [[ -s $xml ]]; then
        python3 "$REPORT_LIB/count.py" ctest "$xml" | report_rows
    else
        report_one failed "$name: ctest ran nothing"
    fi
    report_line "$name" "$t0" "$before" "$log" "$rc"
}

report_line() {
    local name=$1 t0=$2 before=$3 log=$4 rc=$5 rows passed failed skipped
    rows=$(tail -n "+$((before + 1))" "$REPORT_DIR/results.tsv")
    passed=$(grep -c ^passed <<<"$rows" || true)
    failed=$(grep -c ^failed <<<"$rows" || true)
    skipped=$(grep -c ^skipped <<<"$rows" || true)
    printf '  %-36s %4d passed, %d failed, %d skipped %8s s\n' "$name" "$passed" "$failed" "$skipped" "$(seconds "$t0")"
    if ((failed > 0 || (rc != 0 && rc != 77))); then
        grep ^failed <<<"$rows" | sed 's/^failed\t/    FAILED /' || true
        say "    --- the end of ${log#"$KOUAN_ROOT/"} ---"
        tail -n "${KOUAN_TAIL:-40}" "$log" | sed 's/^/    | /'
    fi
}

# The last line, and the exit code that goes with it.
report_end() {
    local passed failed skipped
    passed=$(grep -c ^passed "$REPORT_DIR/results.tsv" || true)
    failed=$(grep -c ^failed "$REPORT_DIR/results.tsv" || true)
    skipped=$(grep -c ^skipped "$REPORT_DIR/results.tsv" || true)
    if ((passed + failed == 0)); then
        warn 'nothing ran'
        failed=1
    fi
    if ((skipped > 0)); then
        say "skipped:"
        grep ^skipped "$REPORT_DIR/results.tsv" | cut -f2 | sed 's/^/  /'
    fi
    if ((failed > 0)); then
        say "failed:"
        grep ^failed "$REPORT_DIR/results.tsv" | cut -f2 | sed 's/^/  /' || true
        say "logs: ${REPORT_DIR#"$KOUAN_ROOT/"}/"
    fi
    if ((skipped > 0)); then
        say "$passed passed, $failed failed, $skipped skipped"
    else
        say "$passed passed, $failed failed"
    fi
    ((failed == 0))
}
