/* SPDX-License-Identifier: Apache-2.0 */
/* What is made before an engine starts: topics, positions with their slots, days. */
#include "store/pg.h"

#include <assert.h>
#include <string.h>

#define PARTS_MAX 1000 /* slots are 1..1000 for all topics together */
#define CHECK_VIOLATION "23514"

bool
kn_store_load_topics(kn_store *store, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    if (!kn_trip_one(&trip, KN_SQL_TOPICS, err))
        return false;
    g_hash_table_remove_all(store->topic_names);
    g_hash_table_remove_all(store->topic_ids);
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        char *name = kn_get_text(trip.results[0], row, 1);
        void *id = GINT_TO_POINTER(kn_get_int2(trip.results[0], row, 0));

        (void)g_hash_table_insert(store->topic_ids, name, id);
        (void)g_hash_table_insert(store->topic_names, id, name);
    }
    return true;
}

int
kn_store_topic(const kn_store *store, const char *name)
{
    int id = GPOINTER_TO_INT(g_hash_table_lookup(store->topic_ids, name)); /* ids begin at 1 */

    return id ? id : -1;
}

const char *
kn_store_topic_name(const kn_store *store, int topic)
{
    return g_hash_table_lookup(store->topic_names, GINT_TO_POINTER(topic));
}

bool
kn_store_provision(kn_store *store, const char *topic, int parts, int64_t start_off, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    g_autoptr(GError) why = NULL;
    kn_columns *c;

    if (!*topic || parts < 0 || parts > PARTS_MAX || start_off < 0)
        return kn_fail(err, KN_E_USAGE, "provision %s: 0 to %d partitions, start offset from 0",
                       topic, PARTS_MAX);
    kn_trip_add(&trip, KN_SQL_BEGIN);
    kn_trip_add(&trip, KN_SQL_PROVISION_LOCK);
    c = kn_trip_params(&trip, KN_SQL_PROVISION_TOPIC);
    kn_put_text(c, 0, topic);
    kn_trip_add(&trip, KN_SQL_PROVISION_TOPIC);
    c = kn_trip_params(&trip, KN_SQL_PROVISION_PARTS);
    kn_put_text(c, 0, topic);
    kn_put_int4(c, 1, parts);
    kn_put_int8(c, 2, start_off);
    kn_trip_add(&trip, KN_SQL_PROVISION_PARTS);
    kn_trip_add(&trip, KN_SQL_COMMIT);
    if (!kn_trip_run(&trip, &why)) {
        kn_store_rollback(store);
        if (strcmp(store->sqlstate, CHECK_VIOLATION) == 0)
            return kn_fail(err, KN_E_STORE_WRONG, "%s: all %d slots are given", topic, PARTS_MAX);
        g_propagate_error(err, g_steal_pointer(&why));
        return false;
    }
    return kn_store_load_topics(store, err);
}

bool
kn_store_days(kn_store *store, int32_t day, int ahead, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_DAYS);

    assert(ahead >= 0);
    kn_put_int4(c, 0, day);
    kn_put_int4(c, 1, ahead);
    return kn_trip_one(&trip, KN_SQL_DAYS, err);
}
