/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <string.h>

static void
settle_outs(kit *k, kn_position *p, const int *outs, size_t n)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(kit_batch) b = kit_batch_new(p);

    for (size_t i = 0; i < n; i++) {
        g_autofree char *id = g_strdup_printf("m%zu", i);

        kit_batch_add(b, k, id, id, 0, outs[i]);
    }
    if (!kit_settle(k, p, b, NULL, &err))
        fail_msg("%s", err->message);
}

static void
archive_pending_never_splits_a_message(void **state)
{
    kit *k = *state;
    static const int outs[] = { 2, 0, 3, 1, 7, 1, 0 }; /* from offset 100 */
    kn_position p = { 0 };

    kit_take(k, 0, &p);
    settle_outs(k, &p, outs, G_N_ELEMENTS(outs));
    for (int limit = 1; limit <= 16; limit++) {
        int64_t from = 100;
        bool more = true;
        unsigned total = 0;

        while (more) {
            g_autoptr(GPtrArray) page = kn_store_message_array();
            g_autoptr(GError) err = NULL;
            unsigned rows = 0;

            assert_true(kn_store_pending(k->store, &p, from, 107, limit, page, &more, &err));
            assert_true(page->len > 0 || !more);
            for (unsigned i = 0; i < page->len;) {
                const kn_store_message *first = page->pdata[i];
                int want = outs[first->off - 100];

                assert_true(first->off >= from);
                for (int idx = 1; idx <= want; idx++, i++, rows++) {
                    const kn_store_message *m = i < page->len ? page->pdata[i] : NULL;

                    if (!m || m->off != first->off || m->idx != idx)
                        fail_msg("limit %d: offset %d is torn", limit, (int)first->off);
                }
                from = first->off + 1;
            }
            total += rows;
        }
        assert_int_equal(total, 14);
    }
    kn_position_clear(&p);
}

static void
archive_pending_range(void **state)
{
    kit *k = *state;
    static const int outs[] = { 1, 1, 1, 1 };
    static const struct {
        int64_t from, to;
        int32_t day;
        unsigned n;
        const char *why;
    } vectors[] = {
        { 100, 104, KIT_DAY, 4, "all" },
        { 101, 103, KIT_DAY, 2, "to is not in it" },
        { 104, 104, KIT_DAY, 0, "nothing settled" },
        { 104, 100, KIT_DAY, 0, "K ahead of P" },
        { 100, 104, KIT_DAY + 1, 0, "published before that day" },
        { 100, 104, 0, 4, "never published anything" },
    };
    kn_position p = { 0 };

    kit_take(k, 0, &p);
    settle_outs(k, &p, outs, G_N_ELEMENTS(outs));
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GPtrArray) page = kn_store_message_array();
        g_autoptr(GError) err = NULL;
        bool more = true;

        p.relayed_day = vectors[i].day;
        if (!kn_store_pending(k->store, &p, vectors[i].from, vectors[i].to, 100, page, &more, &err)
            || page->len != vectors[i].n || more)
            fail_msg("%s: %u rows", vectors[i].why, page->len);
    }
    kn_position_clear(&p);
}

/* What goes on the wire after a crash is what would have gone before it. */
static void
archive_pending_brings_it_all_back(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) page = kn_store_message_array();
    g_autoptr(kit_batch) b = NULL;
    g_autofree uint8_t *big = g_malloc(300000);
    kn_position p = { 0 };
    bool more = true;

    for (unsigned i = 0; i < 300000; i++)
        big[i] = (uint8_t)(i * 2654435761U >> 13);
    kit_take(k, 0, &p);
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "1", 0, 3);
    {
        kn_store_message *large = b->batch.messages->pdata[1], *none = b->batch.messages->pdata[2];
        kn_store_message *empty = b->batch.messages->pdata[3];

        g_bytes_unref(large->payload);
        large->payload = g_bytes_new(big, 300000);
        g_clear_pointer(&none->payload, g_bytes_unref);
        g_clear_pointer(&none->key, g_bytes_unref);
        g_clear_pointer(&none->header, g_free);
        none->dest = -1;
        g_bytes_unref(empty->payload);
        empty->payload = g_bytes_new(NULL, 0);
    }
    assert_true(kit_settle(k, &p, b, NULL, &err));
    assert_true(kn_store_pending(k->store, &p, 100, 101, 10, page, &more, &err));
    assert_int_equal(page->len, 3);
    for (unsigned i = 0; i < 3; i++) {
        const kn_store_message *was = b->batch.messages->pdata[i + 1], *is = page->pdata[i];

        assert_int_equal(is->day, was->day);
        assert_int_equal(is->topic, was->topic);
        assert_int_equal(is->part, was->part);
        assert_int_equal(is->off, was->off);
        assert_int_equal(is->idx, was->idx);
        assert_int_equal(is->dest, was->dest);
        assert_true(is->key ? g_bytes_equal(is->key, was->key) : !was->key);
        assert_int_equal(g_strcmp0(is->header, was->header), 0);
        assert_true(is->payload ? g_bytes_equal(is->payload, was->payload) : !was->payload);
        assert_memory_equal(is->digest, was->digest, 32);
        assert_int_equal(is->at_ms, was->at_ms);
        assert_int_equal(is->rules, was->rules);
    }
    kn_position_clear(&p);
}

static void
archive_refuses_what_it_did_not_write(void **state)
{
    kit *k = *state;
    static const int outs[] = { 1 };
    static const struct {
        const char *change, *why;
    } vectors[] = {
        { "payload = substr(payload, 1, length(payload) - 1)", "cut" },
        { "payload = '\\x00'", "no frame" },
        { "payload = ''", "nothing at all" },
        { "payload = '\\x28b52ffde0ffffffffffffff7f'", "claims more than there is memory" },
        { "dict = 7", "a dictionary nobody has" },
    };
    kn_position p = { 0 };

    kit_take(k, 0, &p);
    settle_outs(k, &p, outs, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *sql = g_strdup_printf("BEGIN; UPDATE message SET %s WHERE idx = 1; COMMIT",
                                               vectors[i].change);
        g_autoptr(GPtrArray) page = kn_store_message_array();
        g_autoptr(GError) err = NULL;
        bool more = false;

        g_free(kit_ask(k, sql));
        if (kn_store_pending(k->store, &p, 100, 101, 10, page, &more, &err) || page->len
            || kn_error_code(err) != KN_E_STORE_WRONG)
            fail_msg("%s", vectors[i].why);
    }
    kn_position_clear(&p);
}

static void
archive_days_are_made_once(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;

    kit_expect(k,
               "SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid) FROM pg_inherits"
               " WHERE inhparent = 'message'::regclass",
               "message_20261122 message_20261123 message_20261124");
    assert_true(kn_store_days(k->store, KIT_DAY + 1, 3, &err));
    assert_true(kn_store_days(k->store, KIT_DAY + 1, 0, &err));
    kit_expect(k, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'message'::regclass", "5");
    kit_expect(k,
               "SELECT attstorage FROM pg_attribute WHERE attrelid = 'message_20261126'::regclass"
               " AND attname = 'payload'",
               "e");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(archive_pending_never_splits_a_message),
        kit_test(archive_pending_range),
        kit_test(archive_pending_brings_it_all_back),
        kit_test(archive_refuses_what_it_did_not_write),
        kit_test(archive_days_are_made_once),
    };

    return kit_main(tests);
}
