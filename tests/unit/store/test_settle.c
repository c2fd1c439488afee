/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <string.h>

/* What two messages leave behind, table by table. */
/* clang-format off */
static const struct {
    const char *sql, *want;
} columns[] = {
    { "SELECT string_agg(concat_ws('|', sender, msgid, substr(digest, 1, 4), length(digest), day, topic, part, off),"
      " ' ' ORDER BY msgid) FROM inbox",
      "PORTAL|A|\\x01020300|32|2026-11-22|1|0|100 PORTAL|B|\\x01020300|32|2026-11-22|1|0|101" },
    { "SELECT concat_ws('|', kind, key, owner, state, version, body, due, topic, part, off) FROM record"
      " WHERE key = '100000000000000002'",
      "checkpoint|100000000000000002|D2143569X|STAGED|1|{\"remark\": \"口岸\", \"tripNo\": \"202611IC00000000001\"}|"
      "2026-11-22 12:00:00.123+00|1|0|101" },
    { "SELECT due FROM record WHERE key = '100000000000000001'", "" },
    { "SELECT concat_ws('|', topic, part, seq, off, kind, key, version, coalesce(state_from, '-'), state_to, event,"
      " \"row\", actor, at, substr(chain, 32)) FROM history WHERE seq = 1",
      "1|0|1|100|checkpoint|100000000000000001|1|-|STAGED|STAGE|CK-T01|operator|2026-11-22 12:00:00.123+00|\\x01" },
    { "SELECT concat_ws('|', day, topic, part, off, idx, dest, convert_from(key, 'UTF8'), header, dict,"
      " substr(payload, 1, 4), substr(digest, 32), at, coalesce(verdict, '-'), rules, coalesce(reads::text, '-'))"
      " FROM message WHERE off = 100 AND idx = 2",
      "2026-11-22|1|0|100|2|2|D2143569X|{\"z\":\"1\", \"kid\":\"a-0-1-1\"}|0|\\x28b52ffd|\\xd2|"
      "2026-11-22 12:00:00.123+00|-|1|-" },
    { "SELECT concat_ws('|', coalesce(dest, -1), coalesce(header::text, '-'), verdict, reads) FROM message"
      " WHERE off = 101 AND idx = 0",
      "-1|-|DONE|[]" },
    { "SELECT count(*) FROM message", "5" },
    { "SELECT concat_ws('|', next_off, epoch, owner, relayed, relayed_day, coalesce(reapply_to, -1), clock, rules,"
      " seq, substr(chain, 32), serial, last_off, substr(last_hash, 32), coalesce(suspect, -1), tries)"
      " FROM position WHERE part = 0",
      "102|1|engine-1|101|2026-11-22|-1|2026-11-22 12:00:00.123+00|1|2|\\xcc|{\"dataCenterNo\": 2}|101|\\x1a|-1|0" },
    { "SELECT string_agg(next_off::text, ' ') FROM position WHERE part <> 0", "100 100 100" },
    { "SELECT trip_no || remark FROM checkpoint_declaration WHERE data_center_no = '100000000000000001'",
      "202611IC00000000001口岸" },
};
/* clang-format on */

static void
settle_writes_every_column(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    g_autoptr(kit_batch) b = NULL;
    bool in_doubt = true;

    kit_take(k, 0, &p);
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "100000000000000001", 1, 2);
    kit_batch_add(b, k, "B", "100000000000000002", 1, 1);
    (void)json_object_set_new(b->position.serial, "dataCenterNo", json_integer(2));
    b->position.relayed = 101;
    b->position.relayed_day = KIT_DAY;
    g_array_index(b->batch.records, kn_store_write, 1).due_ms = KIT_AT;
    if (!kit_settle(k, &p, b, &in_doubt, &err))
        fail_msg("%s", err->message);
    assert_false(in_doubt);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        kit_expect(k, columns[i].sql, columns[i].want);
    kn_position_clear(&p);
}

/* What one bad batch may leave behind: nothing. */
static void
expect_nothing(kit *k)
{
    kit_expect(k,
               "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM record) + (SELECT "
               "count(*) FROM history)"
               " + (SELECT count(*) FROM message)",
               "0");
    kit_expect(k, "SELECT next_off FROM position WHERE part = 0", "100");
    assert_int_equal(PQtransactionStatus(k->store->conn), PQTRANS_IDLE);
}

static void
spoil_text(kit_batch *b)
{
    g_array_index(b->batch.inbox, kn_store_inbox, 1).msgid = "\xc3\x28";
}

static void
spoil_body(kit_batch *b)
{
    const kn_record *r = b->records->pdata[1];

    (void)json_object_set_new(r->body, "remark", json_stringn("a\0b", 3));
}

static void
spoil_header(kit_batch *b)
{
    kn_store_message *m = b->batch.messages->pdata[1];

    g_free(m->header);
    m->header = g_strdup("{\"kid\":");
}

static void
spoil_day(kit_batch *b)
{
    kn_store_message *m = b->batch.messages->pdata[1];

    m->day = KIT_DAY + 400;
}

static void
spoil_state(kit_batch *b)
{
    g_array_index(b->batch.history, kn_store_history, 1).state_to = NULL;
}

static void
spoil_id(kit_batch *b)
{
    g_array_index(b->batch.inbox, kn_store_inbox, 1).msgid = "A";
}

static void
spoil_line(kit_batch *b)
{
    g_array_set_size(b->batch.history, 1);
}

static void
spoil_size(kit_batch *b)
{
    kn_store_message *m = b->batch.messages->pdata[0];
    size_t len = ((size_t)64 << 20) + 1;

    g_bytes_unref(m->payload);
    m->payload = g_bytes_new_take(g_malloc0(len), len);
}

static void
settle_failure_leaves_nothing(void **state)
{
    kit *k = *state;
    static const struct {
        void (*spoil)(kit_batch *b);
        kn_error code;
        const char *sqlstate;
        kn_store_todo todo;
        const char *why;
    } vectors[] = {
        { spoil_text, KN_E_DATA_ERROR, "22021", KN_TODO_SINGLES, "bytes that are no UTF-8" },
        { spoil_body, KN_E_DATA_ERROR, "22P05", KN_TODO_SINGLES, "NUL in a JSON string" },
        { spoil_header, KN_E_DATA_ERROR, "22P02", KN_TODO_SINGLES, "headers that are no JSON" },
        { spoil_state, KN_E_DATA_ERROR, "23502", KN_TODO_SINGLES,
          "null where there must be a value" },
        { spoil_day, KN_E_STORE_WRONG, "23514", KN_TODO_STOP, "no partition of that day" },
        { spoil_id, KN_E_STORE_RETRY, "23505", KN_TODO_RACE, "an id twice" },
        { spoil_line, KN_E_STORE_WRONG, NULL, KN_TODO_STOP,
          "a record without its line in history" },
        { spoil_size, KN_E_DATA_ERROR, NULL, KN_TODO_SINGLES, "payload too large" },
    };
    kn_position p = { 0 };

    kit_take(k, 0, &p);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GError) err = NULL;
        g_autoptr(kit_batch) b = kit_batch_new(&p);
        bool in_doubt = true;

        kit_batch_add(b, k, "A", "1", 1, 1);
        kit_batch_add(b, k, "B", "2", 1, 1);
        vectors[i].spoil(b);
        if (kit_settle(k, &p, b, &in_doubt, &err) || kn_error_code(err) != vectors[i].code
            || in_doubt || kn_store_todo_of(k->store) != vectors[i].todo
            || (vectors[i].sqlstate
                && strcmp(kn_store_sqlstate(k->store), vectors[i].sqlstate) != 0))
            fail_msg("%s: %s", vectors[i].why, err ? err->message : "taken");
        expect_nothing(k);
    }
    kn_position_clear(&p);
}

/* Two lanes, two topics, one record: the later one brings a version that is already there. */
static void
settle_race_for_a_version(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    g_autoptr(kn_store) mine = k->store, other = NULL;
    g_autoptr(kit_batch) first = NULL, late = NULL;
    kn_position p = { 0 }, q = { 0 };

    assert_true(kn_store_open(k->conninfo, &other, &err));
    kit_take(k, 0, &p);
    kit_take(k, 1, &q);
    first = kit_batch_new(&p);
    kit_batch_add(first, k, "A", "same", 1, 0);
    kit_batch_add(first, k, "B", "same", 2, 0);
    g_array_remove_index(first->batch.records, 0); /* collapsed: the last version only */
    late = kit_batch_new(&q);
    kit_batch_add(late, k, "C", "same", 1, 0);

    assert_true(kit_settle(k, &p, first, NULL, &err));
    k->store = other;
    assert_false(kit_settle(k, &q, late, NULL, &err));
    assert_code(err, KN_E_STORE_RETRY);
    assert_int_equal(kn_store_todo_of(other), KN_TODO_RACE);
    assert_non_null(strstr(err->message, "history_kind_key_version_key"));
    kit_expect(k, "SELECT version FROM record", "2");
    k->store = g_steal_pointer(&mine);
    kn_position_clear(&p);
    kn_position_clear(&q);
}

static void
settle_updates_the_same_record(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    g_autoptr(kit_batch) first = NULL, second = NULL;
    kn_position p = { 0 };

    kit_take(k, 0, &p);
    first = kit_batch_new(&p);
    kit_batch_add(first, k, "A", "same", 1, 0);
    assert_true(kit_settle(k, &p, first, NULL, &err));
    second = kit_batch_new(&first->position);
    kit_batch_add(second, k, "B", "same", 2, 0);
    assert_true(kit_settle(k, &first->position, second, NULL, &err));
    kit_expect(k, "SELECT version || ' ' || off FROM record", "2 101");
    kit_expect(k, "SELECT count(*) FROM history", "2");
    kn_position_clear(&p);
}

/* A failed transaction answers COMMIT with ROLLBACK and no error: not a success. */
static void
settle_commit_answered_rollback(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) seen = kn_store_seen_array();
    g_autoptr(GPtrArray) records = kn_store_record_array();
    g_autoptr(kit_batch) empty = NULL;
    kn_position p = { 0 };
    const kn_position *pp = &p;
    g_auto(kn_trip) trip = { .store = k->store };
    kn_columns *c;
    bool in_doubt = true;

    kit_take(k, 0, &p);
    assert_true(kn_store_begin(k->store, &pp, 1, NULL, 0, NULL, 0, seen, records, &err));
    c = kn_trip_params(&trip, KN_SQL_RECORD_FIND);
    kn_put_text(c, 0, "\xff");
    kn_put_text(c, 1, "");
    assert_false(kn_trip_one(&trip, KN_SQL_RECORD_FIND, NULL));
    empty = kit_batch_new(&p);
    g_ptr_array_set_size(empty->batch.positions, 0);
    assert_false(kn_store_settle(k->store, &empty->batch, &in_doubt, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_non_null(strstr(err->message, "ROLLBACK"));
    assert_false(in_doubt);
    expect_nothing(k);
    kn_position_clear(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(settle_writes_every_column),      kit_test(settle_failure_leaves_nothing),
        kit_test(settle_race_for_a_version),       kit_test(settle_updates_the_same_record),
        kit_test(settle_commit_answered_rollback),
    };

    return kit_main(tests);
}
