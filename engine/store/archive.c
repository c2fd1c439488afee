/* SPDX-License-Identifier: Apache-2.0 */
#include "store/archive.h"

#include "store/dictionary.h"
#include "store/vault.h"

#include <assert.h>
#include <string.h>

#define DIGEST_LEN 32

void
kn_store_message_clear(kn_store_message *message)
{
    g_clear_pointer(&message->key, g_bytes_unref);
    g_clear_pointer(&message->header, g_free);
    g_clear_pointer(&message->payload, g_bytes_unref);
    g_clear_pointer(&message->reads, g_free);
}

static void
message_free(void *message)
{
    kn_store_message_clear(message);
    g_free(message);
}

GPtrArray *
kn_store_message_array(void)
{
    return g_ptr_array_new_with_free_func(message_free);
}

size_t
kn_archive_pack(ZSTD_CCtx *zstd, const ZSTD_CDict *writer, void *room, size_t room_len,
                const void *bytes, size_t len)
{
    return writer ? ZSTD_compress_usingCDict(zstd, room, room_len, bytes, len, writer)
                  : ZSTD_compressCCtx(zstd, room, room_len, bytes, len, KN_DICT_LEVEL);
}

/* Straight into the parameter: no second copy of the largest thing there is. */
static bool
put_payload(kn_store *store, int dict_at, int i, GBytes *payload, GError **err)
{
    size_t len = 0, room, used, head = kn_vault_room() ? KN_VAULT_HEAD : 0;
    int dict = KN_DICT_NONE;
    const void *data = payload ? g_bytes_get_data(payload, &len) : NULL;
    const ZSTD_CDict *writer = payload ? kn_dict_set_writer(store->dicts, data, len, &dict) : NULL;
    uint8_t *at;

    kn_put_int2(&store->columns, dict_at, dict);
    if (!payload) {
        kn_put_null(&store->columns, i);
        return true;
    }
    room = ZSTD_compressBound(len);
    at = kn_put_room(&store->columns, i, room + kn_vault_room());
    used = kn_archive_pack(store->zstd_in, writer, at + head, room, data, len);
    if (ZSTD_isError(used))
        return kn_fail(err, KN_E_ENGINE_ERROR, "zstd: %s", ZSTD_getErrorName(used));
    if (head && !kn_vault_lock(at, used, err))
        return false;
    kn_put_used(&store->columns, i, room + kn_vault_room(), used + kn_vault_room());
    return true;
}

bool
kn_archive_add(kn_trip *trip, const GPtrArray *messages, GError **err)
{
    kn_columns *c = kn_trip_params(trip, KN_SQL_MESSAGE_ADD);

    for (unsigned i = 0; i < messages->len; i++) {
        const kn_store_message *m = messages->pdata[i];

        kn_put_int4(c, 0, m->day);
        kn_put_int2(c, 1, m->topic);
        kn_put_int4(c, 2, m->part);
        kn_put_int8(c, 3, m->off);
        kn_put_int2(c, 4, m->idx);
        if (m->dest < 0)
            kn_put_null(c, 5);
        else
            kn_put_int2(c, 5, m->dest);
        kn_put_gbytes(c, 6, m->key);
        kn_put_text(c, 7, m->header);
        if (!put_payload(trip->store, 8, 9, m->payload, err))
            return false;
        kn_put_bytes(c, 10, m->digest, DIGEST_LEN);
        kn_put_time(c, 11, m->at_ms);
        kn_put_text(c, 12, m->verdict);
        kn_put_int4(c, 13, m->rules);
        kn_put_jsonb_text(c, 14, m->reads);
        if (m->trust)
            kn_put_int4(c, 15, m->trust);
        else
            kn_put_null(c, 15);
        if (m->idx == 0)
            kn_put_bytes(c, 16, m->chain, DIGEST_LEN);
        else
            kn_put_null(c, 16);
    }
    kn_trip_add(trip, KN_SQL_MESSAGE_ADD);
    return true;
}

static bool
unpack_frame(ZSTD_DCtx *zstd, const ZSTD_DDict *reader, const void *frame, size_t len, GBytes **out,
             GError **err)
{
    unsigned long long size;
    size_t used;
    g_autofree uint8_t *raw = NULL;

    size = ZSTD_getFrameContentSize(frame, len);
    if (size > KN_ARCHIVE_PAYLOAD_MAX) /* unknown and error are the two largest numbers */
        return kn_fail(err, KN_E_STORE_WRONG, "archived payload is no frame of ours");
    raw = g_malloc(size + 1);
    used = reader ? ZSTD_decompress_usingDDict(zstd, raw, size, frame, len, reader)
                  : ZSTD_decompressDCtx(zstd, raw, size, frame, len);
    if (ZSTD_isError(used) || used != size)
        return kn_fail(err, KN_E_STORE_WRONG, "archived payload: %s",
                       ZSTD_isError(used) ? ZSTD_getErrorName(used) : "wrong length");
    *out = g_bytes_new_take(g_steal_pointer(&raw), size);
    return true;
}

bool
kn_archive_unpack(ZSTD_DCtx *zstd, kn_dict_set *dicts, const PGresult *res, int row, int dict_col,
                  int payload_col, GBytes **out, GError **err)
{
    int dict = kn_get_int2(res, row, dict_col);
    const ZSTD_DDict *reader = dict == KN_DICT_NONE ? NULL : kn_dict_set_reader(dicts, dict);
    const void *bytes = PQgetvalue(res, row, payload_col);
    size_t len = (size_t)PQgetlength(res, row, payload_col);
    g_autofree uint8_t *plain = NULL;

    if (PQgetisnull(res, row, payload_col)) {
        *out = NULL;
        return true;
    }
    if (dict != KN_DICT_NONE && !reader)
        return kn_fail(err, KN_E_STORE_WRONG, "archive dictionary %d is not known", dict);
    if (kn_vault_is_locked(bytes, len)) {
        if (!kn_vault_open(bytes, len, &plain, &len, err))
            return false;
        bytes = plain;
    }
    return unpack_frame(zstd, reader, bytes, len, out, err);
}

bool
kn_archive_payload(kn_store *store, const PGresult *res, int row, int dict_col, int payload_col,
                   GBytes **out, GError **err)
{
    int dict = kn_get_int2(res, row, dict_col);

    /* Another process may write with one that was trained since this store was opened. */
    if (dict != KN_DICT_NONE && !kn_dict_set_reader(store->dicts, dict)
        && !kn_store_load_dictionaries(store, err))
        return false;
    return kn_archive_unpack(store->zstd_out, store->dicts, res, row, dict_col, payload_col, out,
                             err);
}

/* --- pending --------------------------------------------------------------------------------- */

enum pending_column { OFF, IDX, DAY, DEST, KEY, HEADER, DICT, PAYLOAD, DIGEST, AT, RULES };

static bool
message_of(kn_store *store, const kn_position *position, const PGresult *res, int row,
           kn_store_message **out, GError **err)
{
    GBytes *payload = NULL;
    kn_store_message *m;

    if (!kn_archive_payload(store, res, row, DICT, PAYLOAD, &payload, err))
        return false;
    m = g_new0(kn_store_message, 1);
    m->day = kn_get_int4(res, row, DAY);
    m->topic = position->topic;
    m->part = position->part;
    m->off = kn_get_int8(res, row, OFF);
    m->idx = kn_get_int2(res, row, IDX);
    m->dest = PQgetisnull(res, row, DEST) ? -1 : kn_get_int2(res, row, DEST);
    m->key = kn_get_bytes(res, row, KEY);
    m->header = kn_get_text(res, row, HEADER);
    m->payload = payload;
    if (PQgetlength(res, row, DIGEST) == DIGEST_LEN)
        memcpy(m->digest, PQgetvalue(res, row, DIGEST), DIGEST_LEN);
    m->at_ms = kn_get_time(res, row, AT);
    m->rules = PQgetisnull(res, row, RULES) ? 0 : kn_get_int4(res, row, RULES);
    *out = m;
    return true;
}

static bool
ask_pending(kn_trip *trip, const kn_position *position, int64_t from, int64_t to, int64_t limit,
            GError **err)
{
    kn_columns *c = kn_trip_params(trip, KN_SQL_MESSAGE_PENDING);

    kn_put_int4(c, 0, position->relayed_day);
    kn_put_int2(c, 1, position->topic);
    kn_put_int4(c, 2, position->part);
    kn_put_int8(c, 3, from);
    kn_put_int8(c, 4, to);
    kn_put_int8(c, 5, limit);
    return kn_trip_one(trip, KN_SQL_MESSAGE_PENDING, err);
}

/* Rows of whole messages among the first limit of limit + 1 rows. */
static int
whole_rows(const PGresult *res, int limit)
{
    int n = PQntuples(res);
    int64_t cut;

    if (n <= limit)
        return n;
    cut = kn_get_int8(res, limit, OFF);
    n = limit;
    while (n > 0 && kn_get_int8(res, n - 1, OFF) == cut)
        n--;
    return n;
}

bool
kn_store_pending(kn_store *store, const kn_position *position, int64_t from, int64_t to, int limit,
                 GPtrArray *out, bool *more, GError **err)
{
    g_autoptr(GPtrArray) page = kn_store_message_array();

    assert(limit > 0 && limit < INT32_MAX / 2);
    for (;; limit *= 2) { /* again only for a message with more rows than limit */
        g_auto(kn_trip) trip = { .store = store };
        int rows, n;

        if (!ask_pending(&trip, position, from, to, (int64_t)limit + 1, err))
            return false;
        rows = PQntuples(trip.results[0]);
        n = whole_rows(trip.results[0], limit);
        if (n == 0 && rows > limit)
            continue;
        for (int row = 0; row < n; row++) {
            kn_store_message *m = NULL;

            if (!message_of(store, position, trip.results[0], row, &m, err))
                return false;
            g_ptr_array_add(page, m);
        }
        *more = n < rows;
        g_ptr_array_extend_and_steal(out, g_steal_pointer(&page));
        return true;
    }
}
