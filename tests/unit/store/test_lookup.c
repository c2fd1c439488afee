/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <string.h>

/* A settled batch of three messages: A with two outgoing rows, B with none, C on another day. */
static void
fill(kit *k, kn_position *p)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(kit_batch) b = NULL;

    kit_take(k, 0, p);
    b = kit_batch_new(p);
    kit_batch_add(b, k, "A", "k2", 1, 2);
    kit_batch_add(b, k, "B", "k1", 1, 0);
    kit_batch_add(b, k, "C", "k3", 1, 1);
    for (unsigned i = 0; i < b->batch.messages->len; i++) {
        kn_store_message *m = b->batch.messages->pdata[i];

        if (m->off == 102)
            m->day = KIT_DAY + 1;
    }
    g_array_index(b->batch.inbox, kn_store_inbox, 2).day = KIT_DAY + 1;
    if (!kit_settle(k, p, b, NULL, &err))
        fail_msg("%s", err->message);
    p->next_off = 103;
}

static const kn_store_seen *
seen_of(const GPtrArray *seen, const char *msgid)
{
    for (unsigned i = 0; i < seen->len; i++)
        if (strcmp(((const kn_store_seen *)seen->pdata[i])->msgid, msgid) == 0)
            return seen->pdata[i];
    fail_msg("%s was not seen", msgid);
    return NULL;
}

static void
expect_bytes(GBytes *bytes, const char *want)
{
    assert_non_null(bytes);
    assert_int_equal(g_bytes_get_size(bytes), strlen(want));
    assert_memory_equal(g_bytes_get_data(bytes, NULL), want, strlen(want));
}

static void
lookup_repeat_brings_the_original_receipt(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    const kn_position *pp = &p;
    g_autoptr(GPtrArray) seen = kn_store_seen_array();
    g_autoptr(GPtrArray) records = kn_store_record_array();
    static const kn_store_id ids[] = { { "PORTAL", "C" }, { "PORTAL", "new" }, { "OTHER", "A" },
                                       { "PORTAL", "A" }, { "PORTAL", "B" },   { "PORTAL", "A" } };
    const kn_store_seen *s;

    fill(k, &p);
    assert_true(
        kn_store_begin(k->store, &pp, 1, ids, G_N_ELEMENTS(ids), NULL, 0, seen, records, &err));
    assert_int_equal(seen->len, 3);
    s = seen_of(seen, "A");
    assert_string_equal(s->sender, "PORTAL");
    assert_int_equal(s->off, 100);
    assert_int_equal(s->topic, k->topic);
    assert_int_equal(s->dest, k->out);
    assert_int_equal(g_bytes_get_size(s->digest), 32);
    assert_memory_equal(g_bytes_get_data(s->digest, NULL), "\1\2\3", 4);
    expect_bytes(s->receipt, "<m off=\"100\" idx=\"1\"/>");
    expect_bytes(s->key, "D2143569X");
    assert_string_equal(s->header, "{\"z\":\"1\", \"kid\":\"a-0-1-1\"}");
    s = seen_of(seen, "B");
    assert_null(s->receipt);
    assert_null(s->header);
    assert_int_equal(s->dest, -1);
    expect_bytes(seen_of(seen, "C")->receipt, "<m off=\"102\" idx=\"1\"/>");
    kn_store_rollback(k->store);
    kn_position_clear(&p);
}

/* The day may be gone by retention; then the repeat is known, its receipt is not. */
static void
lookup_receipt_of_a_dropped_day_is_null(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    const kn_position *pp = &p;
    g_autoptr(GPtrArray) seen = kn_store_seen_array();
    g_autoptr(GPtrArray) records = kn_store_record_array();
    static const kn_store_id ids[] = { { "PORTAL", "A" }, { "PORTAL", "C" } };

    fill(k, &p);
    g_free(kit_ask(k, "DROP TABLE message_20261122"));
    assert_true(kn_store_begin(k->store, &pp, 1, ids, 2, NULL, 0, seen, records, &err));
    assert_null(seen_of(seen, "A")->receipt);
    assert_non_null(seen_of(seen, "C")->receipt);
    kn_store_rollback(k->store);
    kn_position_clear(&p);
}

static void
lookup_records_once_and_sorted(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    const kn_position *pp = &p;
    g_autoptr(GPtrArray) seen = kn_store_seen_array();
    g_autoptr(GPtrArray) records = kn_store_record_array();
    static const kn_store_key keys[] = { { "checkpoint", "k2" },
                                         { "checkpoint", "k1" },
                                         { "checkpoint", "none" },
                                         { "checkpoint", "k2" },
                                         { "card", "k1" } };
    static const kn_store_key more[] = { { "checkpoint", "k3" } };
    const kn_store_record *r;

    fill(k, &p);
    assert_true(
        kn_store_begin(k->store, &pp, 1, NULL, 0, keys, G_N_ELEMENTS(keys), seen, records, &err));
    assert_int_equal(records->len, 2);
    r = records->pdata[0];
    assert_string_equal(r->record->key, "k1");
    assert_int_equal(r->off, 101);
    r = records->pdata[1];
    assert_string_equal(r->record->kind, "checkpoint");
    assert_string_equal(r->record->key, "k2");
    assert_string_equal(r->record->owner, "D2143569X");
    assert_string_equal(r->record->state, "STAGED");
    assert_int_equal(r->record->version, 1);
    assert_string_equal(kn_record_text(r->record, "remark"), "口岸");
    assert_int_equal(r->topic, k->topic);
    assert_int_equal(r->part, 0);
    assert_int_equal(r->off, 100);
    assert_true(kn_store_records(k->store, more, 1, records, &err));
    assert_int_equal(records->len, 3);
    kn_store_rollback(k->store);
    kn_position_clear(&p);
}

static void
lookup_bad_key_leaves_nothing_open(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    const kn_position *pp = &p;
    g_autoptr(GPtrArray) seen = kn_store_seen_array();
    g_autoptr(GPtrArray) records = kn_store_record_array();
    static const kn_store_key bad[] = { { "checkpoint", "\xff\xfe" } };

    fill(k, &p);
    assert_true(kn_store_begin(k->store, &pp, 1, NULL, 0, NULL, 0, seen, records, &err));
    assert_false(kn_store_records(k->store, bad, 1, records, &err));
    assert_code(err, KN_E_DATA_ERROR);
    assert_string_equal(kn_store_sqlstate(k->store), "22021");
    assert_int_equal(kn_store_todo_of(k->store), KN_TODO_SINGLES);
    assert_int_equal(PQtransactionStatus(k->store->conn), PQTRANS_IDLE);
    kn_position_clear(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(lookup_repeat_brings_the_original_receipt),
        kit_test(lookup_receipt_of_a_dropped_day_is_null),
        kit_test(lookup_records_once_and_sorted),
        kit_test(lookup_bad_key_leaves_nothing_open),
    };

    return kit_main(tests);
}
