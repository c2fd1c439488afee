/* SPDX-License-Identifier: Apache-2.0 */
/* The position row: taken, handed over, suspected, and asked when a COMMIT is in doubt. */
#include "store/pg.h"

#include <assert.h>
#include <string.h>

#define DIGEST_LEN 32

enum take_column {
    SLOT,
    NEXT_OFF,
    EPOCH,
    RELAYED,
    RELAYED_DAY,
    REAPPLY_TO,
    CLOCK,
    RULES,
    SEQ,
    CHAIN,
    SERIAL,
    LAST_OFF,
    LAST_HASH,
    SUSPECT,
    TRIES,
    TRUST
};

void
kn_position_clear(kn_position *position)
{
    g_clear_pointer(&position->serial, json_decref);
    memset(position, 0, sizeof *position);
}

static bool
get_digest(const PGresult *res, int col, uint8_t out[DIGEST_LEN])
{
    if (PQgetisnull(res, 0, col))
        memset(out, 0, DIGEST_LEN);
    else if (PQgetlength(res, 0, col) == DIGEST_LEN)
        memcpy(out, PQgetvalue(res, 0, col), DIGEST_LEN);
    else
        return false;
    return true;
}

static bool
position_of(const PGresult *res, kn_position *out)
{
    json_t *serial = kn_get_jsonb(res, 0, SERIAL);

    if (!json_is_object(serial) || !get_digest(res, CHAIN, out->chain)
        || !get_digest(res, LAST_HASH, out->last_hash)) {
        json_decref(serial);
        return false;
    }
    out->slot = kn_get_int4(res, 0, SLOT);
    out->next_off = kn_get_int8(res, 0, NEXT_OFF);
    out->epoch = kn_get_int8(res, 0, EPOCH);
    out->relayed = kn_get_int8(res, 0, RELAYED);
    out->relayed_day = kn_get_int4(res, 0, RELAYED_DAY);
    out->reapply_to = kn_get_int8(res, 0, REAPPLY_TO);
    out->clock_ms = kn_get_time(res, 0, CLOCK);
    out->rules = kn_get_int4(res, 0, RULES);
    out->seq = kn_get_int8(res, 0, SEQ);
    out->serial = serial;
    out->last_off = kn_get_int8(res, 0, LAST_OFF);
    out->suspect = kn_get_int8(res, 0, SUSPECT);
    out->tries = kn_get_int4(res, 0, TRIES);
    out->trust = kn_get_int4(res, 0, TRUST);
    return true;
}

bool
kn_store_take(kn_store *store, int topic, int part, const char *owner, kn_position *out,
              GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_position taken = { .topic = topic, .part = part };
    g_autofree char *former = NULL;
    kn_columns *c;

    kn_trip_add(&trip, KN_SQL_BEGIN);
    c = kn_trip_params(&trip, KN_SQL_POSITION_OWNER);
    kn_put_int2(c, 0, topic);
    kn_put_int4(c, 1, part);
    kn_trip_add(&trip, KN_SQL_POSITION_OWNER);
    c = kn_trip_params(&trip, KN_SQL_POSITION_TAKE);
    kn_put_int2(c, 0, topic);
    kn_put_int4(c, 1, part);
    kn_put_text(c, 2, owner);
    kn_trip_add(&trip, KN_SQL_POSITION_TAKE);
    kn_trip_add(&trip, KN_SQL_COMMIT);
    if (!kn_trip_run(&trip, err)) {
        kn_store_rollback(store);
        return false;
    }
    if (PQntuples(trip.results[1]) != 1 || PQntuples(trip.results[2]) != 1)
        return kn_fail(err, KN_E_STORE_WRONG,
                       "no position for topic %d partition %d: run kouan provision", topic, part);
    former = kn_get_text(trip.results[1], 0, 0);
    taken.unclean = former && strcmp(former, owner) != 0;
    if (!position_of(trip.results[2], &taken))
        return kn_fail(err, KN_E_STORE_WRONG, "position of topic %d partition %d cannot be read",
                       topic, part);
    *out = taken;
    return true;
}

void
kn_store_calm(kn_store *store, const kn_position *position)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_POSITION_CALM);

    kn_put_int2(c, 0, position->topic);
    kn_put_int4(c, 1, position->part);
    kn_put_int8(c, 2, position->epoch);
    (void)kn_trip_one(&trip, KN_SQL_POSITION_CALM, NULL);
}

void
kn_store_release(kn_store *store, int topic, int part, int64_t epoch)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_POSITION_RELEASE);

    kn_put_int2(c, 0, topic);
    kn_put_int4(c, 1, part);
    kn_put_int8(c, 2, epoch);
    (void)kn_trip_one(&trip, KN_SQL_POSITION_RELEASE, NULL);
}

bool
kn_store_suspect(kn_store *store, const kn_position *position, int64_t off, int *tries,
                 GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_POSITION_SUSPECT);

    kn_put_int2(c, 0, position->topic);
    kn_put_int4(c, 1, position->part);
    kn_put_int8(c, 2, position->epoch);
    kn_put_int8(c, 3, off);
    if (!kn_trip_one(&trip, KN_SQL_POSITION_SUSPECT, err))
        return false;
    if (PQntuples(trip.results[0]) != 1)
        return kn_fail(err, KN_E_POSITION_MOVED, "topic %d partition %d has another owner",
                       position->topic, position->part);
    *tries = kn_get_int4(trip.results[0], 0, 0);
    return true;
}

/* One partition's answer.  Rows are few and sorted otherwise than ours: a plain search. */
static kn_doubt
doubt_of(const PGresult *res, const kn_position *before, const kn_position *after)
{
    for (int row = 0; row < PQntuples(res); row++) {
        if (kn_get_int2(res, row, 0) != before->topic || kn_get_int4(res, row, 1) != before->part)
            continue;
        if (kn_get_int8(res, row, 2) != before->epoch)
            return KN_DOUBT_FENCED;
        if (kn_get_int8(res, row, 3) == after->next_off)
            return KN_DOUBT_COMMITTED;
        return kn_get_int8(res, row, 3) == before->next_off ? KN_DOUBT_NOT : KN_DOUBT_FENCED;
    }
    return KN_DOUBT_FENCED;
}

bool
kn_store_doubt(kn_store *store, const kn_position *const *before, const kn_position *const *after,
               size_t n, kn_doubt *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_POSITION_DOUBT);
    size_t seen[3] = { 0 };

    assert(n > 0);
    for (size_t i = 0; i < n; i++) {
        assert(before[i]->topic == after[i]->topic && before[i]->part == after[i]->part);
        kn_put_int2(c, 0, before[i]->topic);
        kn_put_int4(c, 1, before[i]->part);
    }
    if (!kn_trip_one(&trip, KN_SQL_POSITION_DOUBT, err))
        return false;
    for (size_t i = 0; i < n; i++)
        seen[doubt_of(trip.results[0], before[i], after[i])]++;
    if (seen[KN_DOUBT_COMMITTED] && seen[KN_DOUBT_NOT])
        return kn_fail(err, KN_E_BATCH_PARTIAL, "%zu partitions committed, %zu did not",
                       seen[KN_DOUBT_COMMITTED], seen[KN_DOUBT_NOT]);
    *out = seen[KN_DOUBT_FENCED] ? KN_DOUBT_FENCED
           : seen[KN_DOUBT_NOT]  ? KN_DOUBT_NOT
                                 : KN_DOUBT_COMMITTED;
    return true;
}
