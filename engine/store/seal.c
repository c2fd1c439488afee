/* SPDX-License-Identifier: Apache-2.0 */
#include "store/seal.h"

#include "store/pg.h"

#include <string.h>

#define DIGEST_LEN 32

void
kn_store_sealing_clear(kn_store_sealing *sealing)
{
    g_clear_pointer(&sealing->heads, g_array_unref);
    g_clear_pointer(&sealing->sets, g_array_unref);
}

void
kn_store_seal_free(kn_store_seal *seal)
{
    if (!seal)
        return;
    g_clear_pointer(&seal->document, g_bytes_unref);
    g_clear_pointer(&seal->token, g_bytes_unref);
    g_free(seal);
}

static bool
get_digest(const PGresult *res, int row, int col, uint8_t out[DIGEST_LEN], GError **err)
{
    if (PQgetisnull(res, row, col) || PQgetlength(res, row, col) != DIGEST_LEN)
        return kn_fail(err, KN_E_STORE_WRONG, "a digest of a seal or head is not %d bytes",
                       DIGEST_LEN);
    memcpy(out, PQgetvalue(res, row, col), DIGEST_LEN);
    return true;
}

/* --- making ---------------------------------------------------------------------------------------- */

static bool
read_newest(const PGresult *res, kn_store_sealing *out, GError **err)
{
    out->number = 1;
    if (PQntuples(res) == 0)
        return true;
    out->number = kn_get_int4(res, 0, 0) + 1;
    out->since_ms = kn_get_time(res, 0, 1);
    return get_digest(res, 0, 2, out->previous, err);
}

static bool
read_heads(const kn_store *store, const PGresult *res, kn_store_sealing *out, GError **err)
{
    for (int row = 0; row < PQntuples(res); row++) {
        kn_store_head h = {
            .topic_id = kn_get_int2(res, row, 0),
            .part = kn_get_int4(res, row, 1),
            .off = kn_get_int8(res, row, 2),
            .seq = kn_get_int8(res, row, 3),
            .trust = kn_get_int4(res, row, 5),
        };

        h.topic = kn_store_topic_name(store, h.topic_id);
        if (!h.topic)
            return kn_fail(err, KN_E_STORE_WRONG, "topic %d of a position has no name", h.topic_id);
        if (!get_digest(res, row, 4, h.chain, err))
            return false;
        out->moved |= kn_get_int4(res, row, 6) != 0;
        g_array_append_val(out->heads, h);
    }
    return true;
}

static bool
read_sets(const PGresult *res, kn_store_sealing *out, GError **err)
{
    for (int row = 0; row < PQntuples(res); row++) {
        kn_store_set s = { .version = kn_get_int4(res, row, 0) };

        if (!get_digest(res, row, 1, s.digest, err))
            return false;
        g_array_append_val(out->sets, s);
    }
    return true;
}

bool
kn_store_seal_begin(kn_store *store, kn_store_sealing *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    *out = (kn_store_sealing){ .heads = g_array_new(FALSE, TRUE, sizeof(kn_store_head)),
                               .sets = g_array_new(FALSE, TRUE, sizeof(kn_store_set)) };
    kn_trip_add(&trip, KN_SQL_BEGIN);
    kn_trip_add(&trip, KN_SQL_SEAL_LOCK);
    kn_trip_add(&trip, KN_SQL_SEAL_NEWEST);
    kn_trip_add(&trip, KN_SQL_SEAL_HEADS);
    kn_trip_add(&trip, KN_SQL_SEAL_SETS);
    if (kn_trip_run(&trip, err) && read_newest(trip.results[2], out, err)
        && read_heads(store, trip.results[3], out, err) && read_sets(trip.results[4], out, err))
        return true;
    kn_store_rollback(store);
    return false;
}

bool
kn_store_seal_add(kn_store *store, const kn_store_sealing *sealing, int64_t now_ms,
                  const char *document, size_t len, const uint8_t digest[DIGEST_LEN], GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_SEAL_ADD);

    kn_put_int4(c, 0, sealing->number);
    kn_put_time(c, 1, now_ms);
    kn_put_bytes(c, 2, digest, DIGEST_LEN);
    kn_put_bytes(c, 3, document, len);
    kn_trip_add(&trip, KN_SQL_SEAL_ADD);
    c = kn_trip_params(&trip, KN_SQL_SEAL_HEAD_ADD);
    for (unsigned i = 0; i < sealing->heads->len; i++) {
        const kn_store_head *h = &g_array_index(sealing->heads, kn_store_head, i);

        kn_put_int2(c, 0, h->topic_id);
        kn_put_int4(c, 1, h->part);
        kn_put_int8(c, 2, h->off);
        kn_put_int8(c, 3, h->seq);
        kn_put_bytes(c, 4, h->chain, DIGEST_LEN);
        kn_put_int4(c, 5, sealing->number);
    }
    kn_trip_add(&trip, KN_SQL_SEAL_HEAD_ADD);
    kn_trip_add(&trip, KN_SQL_COMMIT);
    if (kn_trip_run(&trip, err))
        return true;
    kn_store_rollback(store);
    return false;
}

/* --- reading --------------------------------------------------------------------------------------- */

bool
kn_store_seals(kn_store *store, int from, int to, kn_seal_want want, GPtrArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_SEALS);
    const PGresult *res;

    kn_put_int4(c, 0, from);
    kn_put_int4(c, 1, to);
    kn_put_int4(c, 2, (int)want);
    if (!kn_trip_one(&trip, KN_SQL_SEALS, err))
        return false;
    res = trip.results[0];
    for (int row = 0; row < PQntuples(res); row++) {
        kn_store_seal *s = g_new0(kn_store_seal, 1);

        g_ptr_array_add(out, s);
        s->number = kn_get_int4(res, row, 0);
        s->made_ms = kn_get_time(res, row, 1);
        s->document = kn_get_bytes(res, row, 3);
        s->token = kn_get_bytes(res, row, 4);
        if (!get_digest(res, row, 2, s->digest, err))
            return false;
    }
    return true;
}

bool
kn_store_seal_published(kn_store *store, int number, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_SEAL_PUBLISHED);

    kn_put_int4(c, 0, number);
    return kn_trip_one(&trip, KN_SQL_SEAL_PUBLISHED, err);
}

bool
kn_store_seal_token(kn_store *store, int number, GBytes *token, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_SEAL_TOKEN);

    kn_put_int4(c, 0, number);
    kn_put_gbytes(c, 1, token);
    return kn_trip_one(&trip, KN_SQL_SEAL_TOKEN, err);
}
