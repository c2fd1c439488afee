/* SPDX-License-Identifier: Apache-2.0 */
/* Trust sets: what a version is made of, and which partitions are behind. */
#include "store/trust.h"

#include "store/archive.h"

#include <string.h>

#define DIGEST_LEN 32
#define LEVEL 9 /* written seldom, kept for years */

bool
kn_store_trust_newest(kn_store *store, kn_store_trust *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    if (!kn_trip_one(&trip, KN_SQL_TRUST_NEWEST, err))
        return false;
    *out = (kn_store_trust){ 0 };
    if (PQntuples(trip.results[0]) == 0)
        return true;
    out->version = kn_get_int4(trip.results[0], 0, 0);
    if (PQgetlength(trip.results[0], 0, 1) == DIGEST_LEN)
        memcpy(out->digest, PQgetvalue(trip.results[0], 0, 1), DIGEST_LEN);
    return true;
}

bool
kn_store_trust_known(kn_store *store, const uint8_t digest[DIGEST_LEN], int *version, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_TRUST_KNOWN);

    kn_put_bytes(c, 0, digest, DIGEST_LEN);
    if (!kn_trip_one(&trip, KN_SQL_TRUST_KNOWN, err))
        return false;
    *version = kn_get_int4(trip.results[0], 0, 0);
    return true;
}

static bool
put_files(kn_trip *trip, const uint8_t digest[DIGEST_LEN], GBytes *files, GError **err)
{
    size_t len, room, used;
    const void *bytes = g_bytes_get_data(files, &len);
    kn_columns *c = kn_trip_params(trip, KN_SQL_TRUST_FILES_ADD);
    uint8_t *at;

    kn_put_bytes(c, 0, digest, DIGEST_LEN);
    kn_put_int4(c, 1, (int32_t)len);
    room = ZSTD_compressBound(len);
    at = kn_put_room(c, 2, room);
    used = ZSTD_compressCCtx(trip->store->zstd_in, at, room, bytes, len, LEVEL);
    if (ZSTD_isError(used))
        return kn_fail(err, KN_E_ENGINE_ERROR, "zstd: %s", ZSTD_getErrorName(used));
    kn_put_used(c, 2, room, used);
    kn_trip_add(trip, KN_SQL_TRUST_FILES_ADD);
    return true;
}

bool
kn_store_trust_add(kn_store *store, const uint8_t digest[DIGEST_LEN], GBytes *files,
                   const char *made_by, int after, int *version, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c;
    int got;

    kn_trip_add(&trip, KN_SQL_BEGIN);
    kn_trip_add(&trip, KN_SQL_TRUST_LOCK);
    if (!put_files(&trip, digest, files, err)) {
        kn_store_drop(store); /* half a pipeline is queued */
        return false;
    }
    c = kn_trip_params(&trip, KN_SQL_TRUST_ADD);
    kn_put_bytes(c, 0, digest, DIGEST_LEN);
    kn_put_text(c, 1, made_by);
    kn_put_int4(c, 2, after);
    kn_trip_add(&trip, KN_SQL_TRUST_ADD);
    kn_trip_add(&trip, KN_SQL_COMMIT);
    if (!kn_trip_run(&trip, err)) {
        kn_store_rollback(store);
        return false;
    }
    if (PQntuples(trip.results[3]) != 1)
        return kn_fail(err, KN_E_STORE_RETRY, "another process made trust set %d meanwhile",
                       after + 1);
    got = kn_get_int4(trip.results[3], 0, 0);
    *version = got;
    return true;
}

bool
kn_store_trust_get(kn_store *store, int version, uint8_t digest[DIGEST_LEN], GBytes **files,
                   GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_TRUST_GET);
    const PGresult *res;
    g_autofree uint8_t *raw = NULL;
    size_t size, used;

    kn_put_int4(c, 0, version);
    if (!kn_trip_one(&trip, KN_SQL_TRUST_GET, err))
        return false;
    res = trip.results[0];
    if (PQntuples(res) != 1 || PQgetlength(res, 0, 0) != DIGEST_LEN || kn_get_int4(res, 0, 1) < 0)
        return kn_fail(err, KN_E_STORE_WRONG, "trust set %d is not in table trust_set", version);
    size = (size_t)kn_get_int4(res, 0, 1);
    if (size > KN_ARCHIVE_PAYLOAD_MAX)
        return kn_fail(err, KN_E_STORE_WRONG, "trust set %d: %zu bytes", version, size);
    raw = g_malloc(size + 1);
    used = ZSTD_decompressDCtx(store->zstd_out, raw, size, PQgetvalue(res, 0, 2),
                               (size_t)PQgetlength(res, 0, 2));
    if (ZSTD_isError(used) || used != size)
        return kn_fail(err, KN_E_STORE_WRONG, "trust set %d: its files cannot be unpacked",
                       version);
    memcpy(digest, PQgetvalue(res, 0, 0), DIGEST_LEN);
    *files = g_bytes_new_take(g_steal_pointer(&raw), size);
    return true;
}

bool
kn_store_trust_behind(kn_store *store, int version, GArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_TRUST_BEHIND);

    kn_put_int4(c, 0, version);
    if (!kn_trip_one(&trip, KN_SQL_TRUST_BEHIND, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        kn_store_behind b = {
            .topic = kn_store_topic_name(store, kn_get_int2(trip.results[0], row, 0)),
            .part = kn_get_int4(trip.results[0], row, 1),
            .trust = kn_get_int4(trip.results[0], row, 2),
        };

        if (b.topic)
            g_array_append_val(out, b);
    }
    return true;
}
