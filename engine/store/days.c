/* SPDX-License-Identifier: Apache-2.0 */
#include "store/days.h"

#include "store/pg.h"

#include <string.h>

#define DIGEST_LEN 32

bool
kn_store_days_list(kn_store *store, GArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    if (!kn_trip_one(&trip, KN_SQL_DAYS_LIST, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        kn_store_day d = { .day = kn_get_int4(trip.results[0], row, 0),
                           .rows = kn_get_int8(trip.results[0], row, 1),
                           .bytes = kn_get_int8(trip.results[0], row, 2),
                           .parked = kn_get_int8(trip.results[0], row, 3) };

        g_array_append_val(out, d);
    }
    return true;
}

bool
kn_store_day_spans(kn_store *store, int32_t day, GArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    kn_put_int4(kn_trip_params(&trip, KN_SQL_DAY_SPANS), 0, day);
    if (!kn_trip_one(&trip, KN_SQL_DAY_SPANS, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        kn_store_span s = { .topic_id = kn_get_int2(trip.results[0], row, 0),
                            .part = kn_get_int4(trip.results[0], row, 1),
                            .first = kn_get_int8(trip.results[0], row, 2),
                            .last = kn_get_int8(trip.results[0], row, 3),
                            .messages = kn_get_int8(trip.results[0], row, 4) };

        s.topic = kn_store_topic_name(store, s.topic_id);
        if (!s.topic)
            return kn_fail(err, KN_E_STORE_WRONG, "messages of topic %d, which is not there",
                           s.topic_id);
        g_array_append_val(out, s);
    }
    return true;
}

bool
kn_store_day_offsets(kn_store *store, int32_t day, int topic, int part, GArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_DAY_OFFSETS);

    kn_put_int4(c, 0, day);
    kn_put_int2(c, 1, topic);
    kn_put_int4(c, 2, part);
    if (!kn_trip_one(&trip, KN_SQL_DAY_OFFSETS, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        int64_t off = kn_get_int8(trip.results[0], row, 0);

        g_array_append_val(out, off);
    }
    return true;
}

bool
kn_store_needs(kn_store *store, GArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    if (!kn_trip_one(&trip, KN_SQL_POSITION_NEEDS, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        kn_store_need n = { .topic = kn_store_topic_name(store,
                                                         kn_get_int2(trip.results[0], row, 0)),
                            .part = kn_get_int4(trip.results[0], row, 1),
                            .next_off = kn_get_int8(trip.results[0], row, 2),
                            .relayed_day = kn_get_int4(trip.results[0], row, 3) };

        if (!n.topic)
            return kn_fail(err, KN_E_STORE_WRONG, "a position of a topic that is not there");
        g_array_append_val(out, n);
    }
    return true;
}

static void
add_borders(kn_trip *trip, const GArray *heads)
{
    kn_columns *c = kn_trip_params(trip, KN_SQL_BORDER_ADD);

    for (unsigned i = 0; i < heads->len; i++) {
        const kn_store_head *h = &g_array_index(heads, kn_store_head, i);

        kn_put_int2(c, 0, h->topic_id);
        kn_put_int4(c, 1, h->part);
        kn_put_int8(c, 2, h->off);
        kn_put_int8(c, 3, h->seq);
        kn_put_bytes(c, 4, h->chain, DIGEST_LEN);
    }
    kn_trip_add(trip, KN_SQL_BORDER_ADD);
}

bool
kn_store_day_drop(kn_store *store, int32_t day, const GArray *heads, int64_t now_ms,
                  const char *document, size_t len, const uint8_t digest[DIGEST_LEN], GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c;

    kn_trip_add(&trip, KN_SQL_BEGIN);
    add_borders(&trip, heads);
    c = kn_trip_params(&trip, KN_SQL_DROPPED_ADD);
    kn_put_int4(c, 0, day);
    kn_put_time(c, 1, now_ms);
    kn_put_bytes(c, 2, digest, DIGEST_LEN);
    kn_put_bytes(c, 3, document, len);
    kn_trip_add(&trip, KN_SQL_DROPPED_ADD);
    kn_put_int4(kn_trip_params(&trip, KN_SQL_DAY_DROP), 0, day);
    kn_trip_add(&trip, KN_SQL_DAY_DROP);
    kn_trip_add(&trip, KN_SQL_COMMIT);
    if (kn_trip_run(&trip, err))
        return true;
    kn_store_rollback(store);
    return false;
}

static void
dropped_free(void *data)
{
    kn_store_dropped *d = data;

    g_bytes_unref(d->document);
    g_free(d);
}

GPtrArray *
kn_store_dropped_array(void)
{
    return g_ptr_array_new_with_free_func(dropped_free);
}

bool
kn_store_dropped_list(kn_store *store, GPtrArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    const PGresult *res;

    if (!kn_trip_one(&trip, KN_SQL_DROPPED, err))
        return false;
    res = trip.results[0];
    for (int row = 0; row < PQntuples(res); row++) {
        kn_store_dropped *d;

        if (PQgetlength(res, row, 2) != DIGEST_LEN)
            return kn_fail(err, KN_E_STORE_WRONG, "a dropped day without a digest");
        d = g_new0(kn_store_dropped, 1);
        d->day = kn_get_int4(res, row, 0);
        d->made_ms = kn_get_time(res, row, 1);
        memcpy(d->digest, PQgetvalue(res, row, 2), DIGEST_LEN);
        d->document = kn_get_bytes(res, row, 3);
        d->published = kn_get_int4(res, row, 4) != 0;
        g_ptr_array_add(out, d);
    }
    return true;
}

bool
kn_store_dropped_published(kn_store *store, int32_t day, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    kn_put_int4(kn_trip_params(&trip, KN_SQL_DROPPED_PUBLISHED), 0, day);
    return kn_trip_one(&trip, KN_SQL_DROPPED_PUBLISHED, err);
}
