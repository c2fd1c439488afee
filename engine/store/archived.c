/* SPDX-License-Identifier: Apache-2.0 */
#include "store/archived.h"

#include "store/archive.h"

enum { A_KEY, A_HEADER, A_DICT, A_PAYLOAD, A_AT, A_JUDGED };

void
kn_store_archived_clear(kn_store_archived *archived)
{
    g_clear_pointer(&archived->payload, g_bytes_unref);
    g_clear_pointer(&archived->key, g_bytes_unref);
    g_clear_pointer(&archived->header, g_free);
}

bool
kn_store_archived_read(kn_store *store, int topic, int part, int64_t off, kn_store_archived *out,
                       GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_MESSAGE_FIND);
    const PGresult *res;

    kn_put_int2(c, 0, topic);
    kn_put_int4(c, 1, part);
    kn_put_int8(c, 2, off);
    if (!kn_trip_one(&trip, KN_SQL_MESSAGE_FIND, err))
        return false;
    res = trip.results[0];
    if (PQntuples(res) == 0)
        return true;
    if (!kn_archive_payload(store, res, 0, A_DICT, A_PAYLOAD, &out->payload, err))
        return false;
    out->key = PQgetisnull(res, 0, A_KEY) ? NULL : kn_get_bytes(res, 0, A_KEY);
    out->header = PQgetisnull(res, 0, A_HEADER) ? NULL : kn_get_text(res, 0, A_HEADER);
    out->at_ms = kn_get_time(res, 0, A_AT);
    out->judged = kn_get_int4(res, 0, A_JUDGED) != 0;
    return true;
}

bool
kn_store_parked_count(kn_store *store, int64_t *n, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    if (!kn_trip_one(&trip, KN_SQL_PARKED_COUNT, err))
        return false;
    *n = kn_get_int8(trip.results[0], 0, 0);
    return true;
}
