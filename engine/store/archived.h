/* SPDX-License-Identifier: Apache-2.0 */
/* One archived message as it came in, for the lane that judges it again.
 *
 * threads  the store's
 * errors   of the store; nothing found is no error
 */
#ifndef KOUAN_STORE_ARCHIVED_H
#define KOUAN_STORE_ARCHIVED_H

#include "store/store.h"

typedef struct kn_store_archived {
    GBytes *payload; /* NULL: there is no such message */
    GBytes *key;     /* record key or NULL */
    char *header;    /* JSON text or NULL */
    int64_t at_ms;   /* the time it was judged at */
    bool judged;     /* a partner was found for it: it was read, and the process lived */
} kn_store_archived;

void kn_store_archived_clear(kn_store_archived *archived);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_store_archived, kn_store_archived_clear)

/* Outside of a batch's transaction. */
bool kn_store_archived_read(kn_store *store, int topic, int part, int64_t off,
                            kn_store_archived *out, GError **err);

/* How many parked messages are open (lane/ledger.h). */
bool kn_store_parked_count(kn_store *store, int64_t *n, GError **err);

#endif
