/* SPDX-License-Identifier: Apache-2.0 */
/* Read trip: BEGIN, the positions locked and compared, the inbox, the records. */
#include "store/archive.h"

#include <assert.h>
#include <string.h>

static void
seen_free(void *data)
{
    kn_store_seen *seen = data;

    g_free(seen->sender);
    g_free(seen->msgid);
    g_clear_pointer(&seen->digest, g_bytes_unref);
    g_clear_pointer(&seen->key, g_bytes_unref);
    g_free(seen->header);
    g_clear_pointer(&seen->receipt, g_bytes_unref);
    g_free(seen);
}

static void
record_free(void *data)
{
    kn_store_record *record = data;

    kn_record_free(record->record);
    g_free(record);
}

GPtrArray *
kn_store_seen_array(void)
{
    return g_ptr_array_new_with_free_func(seen_free);
}

GPtrArray *
kn_store_record_array(void)
{
    return g_ptr_array_new_with_free_func(record_free);
}

void
kn_store_rollback(kn_store *store)
{
    g_auto(kn_trip) trip = { .store = store };

    if (!store->conn || PQtransactionStatus(store->conn) == PQTRANS_IDLE)
        return;
    if (!kn_trip_one(&trip, KN_SQL_ROLLBACK, NULL))
        kn_store_drop(store);
}

/* --- keys: sorted and each once; every lane locks in this order ------------------------------- */

/* kn_store_id and kn_store_key are two texts each, compared alike. */
typedef struct pair {
    const char *a, *b;
} pair;

static int
by_pair(const void *left, const void *right)
{
    const pair *x = left, *y = right;
    int order = strcmp(x->a, y->a);

    return order ? order : strcmp(x->b, y->b);
}

static void
add_pairs(kn_trip *trip, kn_sql sql, GArray *pairs)
{
    kn_columns *c = kn_trip_params(trip, sql);

    g_array_sort(pairs, by_pair);
    for (unsigned i = 0; i < pairs->len; i++) {
        const pair *p = &g_array_index(pairs, pair, i);

        if (i > 0 && by_pair(p, p - 1) == 0)
            continue;
        kn_put_text(c, 0, p->a);
        kn_put_text(c, 1, p->b);
    }
    kn_trip_add(trip, sql);
}

static void
add_inbox_find(kn_trip *trip, const kn_store_id *ids, size_t n)
{
    g_autoptr(GArray) pairs = g_array_sized_new(false, false, sizeof(pair), (unsigned)n);

    for (size_t i = 0; i < n; i++) {
        pair p = { ids[i].sender, ids[i].msgid };

        g_array_append_val(pairs, p);
    }
    add_pairs(trip, KN_SQL_INBOX_FIND, pairs);
}

static void
add_record_find(kn_trip *trip, const kn_store_key *keys, size_t n)
{
    g_autoptr(GArray) pairs = g_array_sized_new(false, false, sizeof(pair), (unsigned)n);

    for (size_t i = 0; i < n; i++) {
        pair p = { keys[i].kind, keys[i].key };

        g_array_append_val(pairs, p);
    }
    add_pairs(trip, KN_SQL_RECORD_FIND, pairs);
}

static void
add_lock(kn_trip *trip, const kn_position *const *positions, size_t n)
{
    kn_columns *c = kn_trip_params(trip, KN_SQL_POSITION_LOCK);

    for (size_t i = 0; i < n; i++) {
        kn_put_int2(c, 0, positions[i]->topic);
        kn_put_int4(c, 1, positions[i]->part);
        kn_put_int8(c, 2, positions[i]->epoch);
        kn_put_int8(c, 3, positions[i]->next_off);
    }
    kn_trip_add(trip, KN_SQL_POSITION_LOCK);
}

/* --- records ---------------------------------------------------------------------------------- */

static bool
read_records(const PGresult *res, GPtrArray *out, GError **err)
{
    g_autoptr(GPtrArray) found = kn_store_record_array();

    for (int row = 0; row < PQntuples(res); row++) {
        json_t *body = kn_get_jsonb(res, row, 5);
        kn_store_record *r;

        if (!json_is_object(body)) {
            json_decref(body);
            return kn_fail(err, KN_E_STORE_WRONG, "body of a record is not an object");
        }
        r = g_new0(kn_store_record, 1);
        r->record = g_new0(kn_record, 1);
        r->record->kind = kn_get_text(res, row, 0);
        r->record->key = kn_get_text(res, row, 1);
        r->record->owner = kn_get_text(res, row, 2);
        r->record->state = kn_get_text(res, row, 3);
        r->record->version = kn_get_int4(res, row, 4);
        r->record->body = body;
        r->topic = kn_get_int2(res, row, 6);
        r->part = kn_get_int4(res, row, 7);
        r->off = kn_get_int8(res, row, 8);
        g_ptr_array_add(found, r);
    }
    g_ptr_array_extend_and_steal(out, g_steal_pointer(&found));
    return true;
}

bool
kn_store_records(kn_store *store, const kn_store_key *keys, size_t n_keys, GPtrArray *records,
                 GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    if (n_keys == 0)
        return true;
    add_record_find(&trip, keys, n_keys);
    if (kn_trip_run(&trip, err) && read_records(trip.results[0], records, err))
        return true;
    kn_store_rollback(store);
    return false;
}

/* --- inbox ------------------------------------------------------------------------------------ */

/* Its day stands beside it for the time of the look-up. */
typedef struct hit {
    kn_store_seen *seen;
    int32_t day;
} hit;

static int
by_day(const void *left, const void *right)
{
    const hit *x = left, *y = right;

    return (x->day > y->day) - (x->day < y->day);
}

static bool
fill_receipt(kn_store *store, const PGresult *res, int row, kn_store_seen *seen, GError **err)
{
    if (!kn_archive_payload(store, res, row, 6, 7, &seen->receipt, err))
        return false;
    seen->dest = PQgetisnull(res, row, 3) ? -1 : kn_get_int2(res, row, 3);
    seen->key = kn_get_bytes(res, row, 4);
    seen->header = kn_get_text(res, row, 5);
    return true;
}

/* Original receipts of n hits of one day. */
static bool
read_receipts(kn_store *store, const hit *hits, unsigned n, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_RECEIPT_FIND);

    kn_put_int4(c, 0, hits[0].day);
    for (unsigned i = 0; i < n; i++) {
        kn_put_int2(c, 1, hits[i].seen->topic);
        kn_put_int4(c, 2, hits[i].seen->part);
        kn_put_int8(c, 3, hits[i].seen->off);
    }
    if (!kn_trip_one(&trip, KN_SQL_RECEIPT_FIND, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++)
        for (unsigned i = 0; i < n; i++) {
            kn_store_seen *seen = hits[i].seen;

            if (seen->receipt || seen->off != kn_get_int8(trip.results[0], row, 2)
                || seen->topic != kn_get_int2(trip.results[0], row, 0)
                || seen->part != kn_get_int4(trip.results[0], row, 1))
                continue;
            if (!fill_receipt(store, trip.results[0], row, seen, err))
                return false;
        }
    return true;
}

/* Repeats are few: their receipts are worth a trip of their own, not a join in every batch. */
static bool
read_inbox(kn_store *store, const PGresult *res, GPtrArray *out, GError **err)
{
    g_autoptr(GPtrArray) found = kn_store_seen_array();
    g_autoptr(GArray) hits = g_array_new(false, false, sizeof(hit));
    unsigned from = 0;

    for (int row = 0; row < PQntuples(res); row++) {
        hit h = { .seen = g_new0(kn_store_seen, 1), .day = kn_get_int4(res, row, 3) };

        h.seen->sender = kn_get_text(res, row, 0);
        h.seen->msgid = kn_get_text(res, row, 1);
        h.seen->digest = kn_get_bytes(res, row, 2);
        h.seen->topic = kn_get_int2(res, row, 4);
        h.seen->part = kn_get_int4(res, row, 5);
        h.seen->off = kn_get_int8(res, row, 6);
        h.seen->dest = -1;
        g_ptr_array_add(found, h.seen);
        g_array_append_val(hits, h);
    }
    g_array_sort(hits, by_day);
    for (unsigned i = 1; i <= hits->len; i++) {
        const hit *first = &g_array_index(hits, hit, from);

        if (i < hits->len && g_array_index(hits, hit, i).day == first->day)
            continue;
        if (!read_receipts(store, first, i - from, err))
            return false;
        from = i;
    }
    g_ptr_array_extend_and_steal(out, g_steal_pointer(&found));
    return true;
}

/* --- the trip --------------------------------------------------------------------------------- */

static bool
begin(kn_store *store, const kn_position *const *positions, size_t n_positions,
      const kn_store_id *ids, size_t n_ids, const kn_store_key *keys, size_t n_keys,
      GPtrArray *seen, GPtrArray *records, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    kn_trip_add(&trip, KN_SQL_BEGIN);
    add_lock(&trip, positions, n_positions);
    add_inbox_find(&trip, ids, n_ids);
    add_record_find(&trip, keys, n_keys);
    if (!kn_trip_run(&trip, err))
        return false;
    if (PQntuples(trip.results[1]) != (int)n_positions)
        return kn_fail(err, KN_E_POSITION_MOVED, "%d of %zu positions are still ours",
                       PQntuples(trip.results[1]), n_positions);
    return read_inbox(store, trip.results[2], seen, err)
           && read_records(trip.results[3], records, err);
}

bool
kn_store_begin(kn_store *store, const kn_position *const *positions, size_t n_positions,
               const kn_store_id *ids, size_t n_ids, const kn_store_key *keys, size_t n_keys,
               GPtrArray *seen, GPtrArray *records, GError **err)
{
    if (begin(store, positions, n_positions, ids, n_ids, keys, n_keys, seen, records, err))
        return true;
    kn_store_rollback(store);
    return false;
}
