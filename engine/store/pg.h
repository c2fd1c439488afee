/* SPDX-License-Identifier: Apache-2.0 */
/* The connection of a store and its round trips.  Private to store/ and its tests.
 *
 * shape    a trip: statements queued, one sync, one flush, all results read.  Nothing is read before
 *          everything is sent, the socket never blocks, so neither side can wait for the other.
 * errors   the first failure of a trip is the trip's; the rest is read up to the sync.  A failure of
 *          the kind RECONNECT drops the connection: whatever was open is rolled back by the server.
 * threads  one lane
 */
#ifndef KOUAN_STORE_PG_H
#define KOUAN_STORE_PG_H

#include "store/arrays.h"
#include "store/dict_set.h"
#include "store/statement.h"
#include "store/store.h"

#include <kouan/error.h>
#include <zstd.h>

#define KN_TRIP_MAX 8

struct kn_store {
    PGconn *conn; /* NULL: dropped, kn_store_reopen makes a new one */
    char *conninfo;
    GHashTable *topic_ids;   /* name → id */
    GHashTable *topic_names; /* id → name, borrowed from topic_ids */
    kn_columns columns;      /* of the statement being filled */
    GPtrArray *order;        /* scratch for sorting */
    ZSTD_CCtx *zstd_in;
    ZSTD_DCtx *zstd_out;
    kn_dict_set *dicts;
    kn_store_todo todo;
    char sqlstate[6];
};

typedef struct kn_trip {
    kn_store *store;
    PGresult *results[KN_TRIP_MAX]; /* [i] of the i-th statement; owned */
    kn_sql sqls[KN_TRIP_MAX];
    int n;
    bool broken; /* a statement could not be queued */
} kn_trip;

void kn_trip_clear(kn_trip *trip);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_trip, kn_trip_clear)

/* Begins the parameters of a statement in store->columns; fill them with kn_put_*. */
kn_columns *kn_trip_params(kn_trip *trip, kn_sql sql);
/* Queues it with what kn_trip_params began; without parameters it need not be called. */
void kn_trip_add(kn_trip *trip, kn_sql sql);
/* Sends what is queued so far. */
bool kn_trip_flush(kn_trip *trip);
/* Reads all results up to the sync that was sent. */
bool kn_trip_read(kn_trip *trip, GError **err);
/* Sync, flush, results. */
bool kn_trip_run(kn_trip *trip, GError **err);
/* One statement in a transaction of its own; *out may be NULL. */
bool kn_trip_one(kn_trip *trip, kn_sql sql, GError **err);

/* Classifies a failed result (NULL: connection lost), remembers todo and SQLSTATE, drops the
 * connection where that is the answer. Returns false. */
bool kn_store_fail(kn_store *store, const PGresult *res, const char *what, GError **err);
/* Drops the connection. */
void kn_store_drop(kn_store *store);

#endif
