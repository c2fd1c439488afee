/* SPDX-License-Identifier: Apache-2.0 */
#include "store/timers.h"

#include "store/pg.h"

enum { D_KIND, D_KEY, D_OWNER, D_NAME, D_VERSION, D_PART, D_DUE };

static void
due_free(void *data)
{
    kn_store_due *d = data;

    g_free(d->kind);
    g_free(d->key);
    g_free(d->owner);
    g_free(d->name);
    g_free(d);
}

GPtrArray *
kn_store_due_array(void)
{
    return g_ptr_array_new_with_free_func(due_free);
}

bool
kn_store_timers_due(kn_store *store, int topic, const char *instance, int64_t now_ms,
                    GPtrArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_TIMERS_DUE);
    const PGresult *res;

    kn_put_int2(c, 0, topic);
    kn_put_text(c, 1, instance);
    kn_put_time(c, 2, now_ms);
    kn_put_int8(c, 3, KN_DUE_MAX);
    if (!kn_trip_one(&trip, KN_SQL_TIMERS_DUE, err))
        return false;
    res = trip.results[0];
    for (int row = 0; row < PQntuples(res); row++) {
        kn_store_due *d = g_new0(kn_store_due, 1);

        d->kind = kn_get_text(res, row, D_KIND);
        d->key = kn_get_text(res, row, D_KEY);
        d->owner = kn_get_text(res, row, D_OWNER);
        d->name = kn_get_text(res, row, D_NAME);
        d->version = kn_get_int4(res, row, D_VERSION);
        d->part = kn_get_int4(res, row, D_PART);
        d->due_ms = kn_get_time(res, row, D_DUE);
        g_ptr_array_add(out, d);
    }
    return true;
}
