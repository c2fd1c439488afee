/* SPDX-License-Identifier: Apache-2.0 */
/* Trust sets in the database (schemas/sql/002-trust.sql): the files of each version, byte for byte, so
 * that any process can load the set a position names.
 *
 * errors   as store.h
 * threads  those of the store
 */
#ifndef KOUAN_STORE_TRUST_H
#define KOUAN_STORE_TRUST_H

#include "store/store.h"

typedef struct kn_store_trust {
    int version; /* 0: none */
    uint8_t digest[32];
} kn_store_trust;

bool kn_store_trust_newest(kn_store *store, kn_store_trust *out, GError **err);
/* Newest version with this digest; 0: never seen. */
bool kn_store_trust_known(kn_store *store, const uint8_t digest[32], int *version, GError **err);
/* A new version behind version `after`, which must be the newest still: otherwise KN_E_STORE_RETRY, look
 * again.  Own transaction. */
bool kn_store_trust_add(kn_store *store, const uint8_t digest[32], GBytes *files,
                        const char *made_by, int after, int *version, GError **err);
/* KN_E_STORE_WRONG: there is no such version, or what is there is not ours. */
bool kn_store_trust_get(kn_store *store, int version, uint8_t digest[32], GBytes **files,
                        GError **err);

/* A partition below a version; topic is borrowed from the store. */
typedef struct kn_store_behind {
    const char *topic;
    int part;
    int trust; /* never 0: a partition that has none adopts one by itself */
} kn_store_behind;

/* Appends kn_store_behind, in the order of topics and partitions. */
bool kn_store_trust_behind(kn_store *store, int version, GArray *out, GError **err);

#endif
