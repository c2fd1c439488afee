/* SPDX-License-Identifier: Apache-2.0 */
/* Write trip: inbox, history, records, messages, positions and COMMIT in one pipeline.
 *
 * COMMIT travels with the writes, so a row count comes too late to stop it: whatever must hold is an
 * error on the server (unique keys) or locked since the read trip (EXACTLY_ONCE §4). */
#include "store/archive.h"

#include "base/fault.h"

#include <assert.h>
#include <string.h>

#define DIGEST_LEN 32

static int
compare2(const char *a, const char *b, const char *c, const char *d)
{
    int order = strcmp(a, c);

    return order ? order : strcmp(b, d);
}

static int
by_id(const void *left, const void *right)
{
    const kn_store_inbox *x = *(const kn_store_inbox *const *)left,
                         *y = *(const kn_store_inbox *const *)right;

    return compare2(x->sender, x->msgid, y->sender, y->msgid);
}

static int
by_version(const void *left, const void *right)
{
    const kn_store_history *x = *(const kn_store_history *const *)left;
    const kn_store_history *y = *(const kn_store_history *const *)right;
    int order = compare2(x->kind, x->key, y->kind, y->key);

    return order ? order : (x->version > y->version) - (x->version < y->version);
}

static int
by_key(const void *left, const void *right)
{
    const kn_record *x = (*(const kn_store_write *const *)left)->record;
    const kn_record *y = (*(const kn_store_write *const *)right)->record;

    return compare2(x->kind, x->key, y->kind, y->key);
}

/* Pointers to the elements of rows, sorted: every lane writes in the same order. */
static GPtrArray *
sorted(kn_store *store, const GArray *rows, int (*order)(const void *, const void *))
{
    unsigned size = g_array_get_element_size((GArray *)rows);

    g_ptr_array_set_size(store->order, 0);
    for (unsigned i = 0; i < rows->len; i++)
        g_ptr_array_add(store->order, rows->data + (size_t)i * size);
    g_ptr_array_sort(store->order, order);
    return store->order;
}

static void
move_inbox(kn_trip *trip, const GPtrArray *rows)
{
    kn_columns *c = kn_trip_params(trip, KN_SQL_INBOX_MOVE);

    for (unsigned i = 0; i < rows->len; i++) {
        const kn_store_inbox *row = rows->pdata[i];

        if (!row->moves)
            continue;
        kn_put_text(c, 0, row->sender);
        kn_put_text(c, 1, row->msgid);
        kn_put_int4(c, 2, row->day);
        kn_put_int2(c, 3, row->topic);
        kn_put_int4(c, 4, row->part);
        kn_put_int8(c, 5, row->off);
    }
    kn_trip_add(trip, KN_SQL_INBOX_MOVE);
}

static bool
any_moves(const GArray *inbox)
{
    for (unsigned i = 0; i < inbox->len; i++)
        if (g_array_index(inbox, kn_store_inbox, i).moves)
            return true;
    return false;
}

static void
add_inbox(kn_trip *trip, const GArray *inbox)
{
    const GPtrArray *rows = sorted(trip->store, inbox, by_id);
    kn_columns *c = kn_trip_params(trip, KN_SQL_INBOX_ADD);

    for (unsigned i = 0; i < rows->len; i++) {
        const kn_store_inbox *row = rows->pdata[i];

        if (row->moves)
            continue;
        kn_put_text(c, 0, row->sender);
        kn_put_text(c, 1, row->msgid);
        kn_put_bytes(c, 2, row->digest, row->digest_len);
        kn_put_int4(c, 3, row->day);
        kn_put_int2(c, 4, row->topic);
        kn_put_int4(c, 5, row->part);
        kn_put_int8(c, 6, row->off);
    }
    kn_trip_add(trip, KN_SQL_INBOX_ADD);
    if (any_moves(inbox))
        move_inbox(trip, rows);
}

static void
add_history(kn_trip *trip, const GPtrArray *rows)
{
    kn_columns *c = kn_trip_params(trip, KN_SQL_HISTORY_ADD);

    for (unsigned i = 0; i < rows->len; i++) {
        const kn_store_history *row = rows->pdata[i];

        kn_put_int2(c, 0, row->topic);
        kn_put_int4(c, 1, row->part);
        kn_put_int8(c, 2, row->seq);
        kn_put_int8(c, 3, row->off);
        kn_put_text(c, 4, row->kind);
        kn_put_text(c, 5, row->key);
        kn_put_int4(c, 6, row->version);
        kn_put_text(c, 7, row->state_from);
        kn_put_text(c, 8, row->state_to);
        kn_put_text(c, 9, row->event);
        kn_put_text(c, 10, row->row);
        kn_put_text(c, 11, row->actor);
        kn_put_time(c, 12, row->at_ms);
        kn_put_bytes(c, 13, row->chain, DIGEST_LEN);
    }
    kn_trip_add(trip, KN_SQL_HISTORY_ADD);
}

static void
add_records(kn_trip *trip, const GArray *records)
{
    const GPtrArray *rows = sorted(trip->store, records, by_key);
    kn_columns *c = kn_trip_params(trip, KN_SQL_RECORD_PUT);

    for (unsigned i = 0; i < rows->len; i++) {
        const kn_store_write *row = rows->pdata[i];

        kn_put_text(c, 0, row->record->kind);
        kn_put_text(c, 1, row->record->key);
        kn_put_text(c, 2, row->record->owner);
        kn_put_text(c, 3, row->record->state);
        kn_put_int4(c, 4, row->record->version);
        kn_put_jsonb(c, 5, row->record->body);
        if (row->due_ms)
            kn_put_time(c, 6, row->due_ms);
        else
            kn_put_null(c, 6);
        kn_put_int2(c, 7, row->topic);
        kn_put_int4(c, 8, row->part);
        kn_put_int8(c, 9, row->off);
    }
    kn_trip_add(trip, KN_SQL_RECORD_PUT);
}

static void
put_optional(kn_columns *c, int i, int64_t value)
{
    if (value < 0)
        kn_put_null(c, i);
    else
        kn_put_int8(c, i, value);
}

static void
add_positions(kn_trip *trip, const GPtrArray *positions)
{
    kn_columns *c = kn_trip_params(trip, KN_SQL_POSITION_MOVE);

    for (unsigned i = 0; i < positions->len; i++) {
        const kn_position *p = positions->pdata[i];

        kn_put_int2(c, 0, p->topic);
        kn_put_int4(c, 1, p->part);
        kn_put_int8(c, 2, p->epoch);
        kn_put_int8(c, 3, p->next_off);
        kn_put_int8(c, 4, p->relayed);
        kn_put_int4(c, 5, p->relayed_day);
        put_optional(c, 6, p->reapply_to);
        kn_put_time(c, 7, p->clock_ms);
        kn_put_int4(c, 8, p->rules);
        kn_put_int8(c, 9, p->seq);
        kn_put_bytes(c, 10, p->chain, DIGEST_LEN);
        kn_put_jsonb(c, 11, p->serial);
        put_optional(c, 12, p->last_off);
        if (p->last_off < 0)
            kn_put_null(c, 13);
        else
            kn_put_bytes(c, 13, p->last_hash, DIGEST_LEN);
        kn_put_int4(c, 14, p->trust);
    }
    kn_trip_add(trip, KN_SQL_POSITION_MOVE);
}

/* The unique key of history is what stops a stale writer: no record may come without its line. */
static bool
lines_cover(const GPtrArray *lines, const GArray *records, GError **err)
{
    for (unsigned i = 0; i < records->len; i++) {
        const kn_record *r = g_array_index(records, kn_store_write, i).record;
        kn_store_history want = { .kind = r->kind, .key = r->key, .version = r->version };
        const kn_store_history *at = &want;

        if (lines->len == 0 || !bsearch(&at, lines->pdata, lines->len, sizeof(void *), by_version))
            return kn_fail(err, KN_E_STORE_WRONG, "%s version %d has no line in history", r->kind,
                           r->version);
    }
    return true;
}

/* What only we can see, before anything is queued. */
static bool
check_batch(kn_store *store, const kn_store_batch *batch, GError **err)
{
    for (unsigned i = 0; i < batch->messages->len; i++) {
        const kn_store_message *m = batch->messages->pdata[i];

        if (m->payload && g_bytes_get_size(m->payload) > KN_ARCHIVE_PAYLOAD_MAX) {
            store->todo = KN_TODO_SINGLES;
            return kn_fail(err, KN_E_DATA_ERROR, "payload of %zu bytes",
                           g_bytes_get_size(m->payload));
        }
    }
    if (lines_cover(sorted(store, batch->history, by_version), batch->records, err))
        return true;
    store->todo = KN_TODO_STOP;
    return false;
}

static bool
queue_writes(kn_trip *trip, const kn_store_batch *batch, GError **err)
{
    if (batch->inbox->len)
        add_inbox(trip, batch->inbox);
    if (batch->history->len)
        add_history(trip, sorted(trip->store, batch->history, by_version));
    if (batch->records->len)
        add_records(trip, batch->records);
    if (batch->messages->len && !kn_archive_add(trip, batch->messages, err))
        return false;
    if (batch->positions->len)
        add_positions(trip, batch->positions);
    return true;
}

/* The connection has gone, or a fault point says so. */
static bool
lost(kn_store *store, GError **err)
{
    kn_store_drop(store);
    return kn_store_fail(store, NULL, "settle", err);
}

static bool
commit(kn_trip *trip, bool *in_doubt, GError **err)
{
    kn_store *store = trip->store;
    const char *tag;

    kn_trip_add(trip, KN_SQL_COMMIT);
    if (trip->broken)
        return lost(store, err);
    *in_doubt = true;
    if (!PQpipelineSync(store->conn) || !kn_trip_flush(trip) || kn_fault("settle.commit_sent"))
        return lost(store, err);
    if (!kn_trip_read(trip, err)) {
        /* Lost before the answer.  Any other failure came from the server, which then did not commit. */
        *in_doubt = !store->conn && store->todo == KN_TODO_RECONNECT;
        return false;
    }
    *in_doubt = false;
    tag = PQcmdStatus(trip->results[trip->n - 1]);
    if (strcmp(tag, "COMMIT") != 0)
        return kn_fail(err, KN_E_STORE_WRONG, "COMMIT was answered %s", tag);
    return true;
}

static bool
settle(kn_trip *trip, const kn_store_batch *batch, bool *in_doubt, GError **err)
{
    kn_store *store = trip->store;

    if (!store->conn)
        return kn_store_fail(store, NULL, "settle", err);
    /* Without one, each write would commit alone. */
    if (PQtransactionStatus(store->conn) == PQTRANS_IDLE)
        return kn_fail(err, KN_E_STORE_WRONG, "no transaction is open");
    if (!check_batch(store, batch, err))
        return false;
    if (!queue_writes(trip, batch, err)) {
        kn_store_drop(store); /* half a pipeline is queued */
        return false;
    }
    if (trip->broken || !kn_trip_flush(trip) || kn_fault("settle.written"))
        return lost(store, err);
    return commit(trip, in_doubt, err);
}

bool
kn_store_settle(kn_store *store, const kn_store_batch *batch, bool *in_doubt, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    *in_doubt = false;
    if (settle(&trip, batch, in_doubt, err))
        return true;
    kn_store_rollback(store);
    return false;
}
