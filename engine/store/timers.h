/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of records whose time has come (record.due), for whoever appends their messages (lane/ticker.h).
 *
 * threads  the store's
 * errors   of the store
 * cost     one stretch of index record_due a partition, at most KN_DUE_MAX rows
 */
#ifndef KOUAN_STORE_TIMERS_H
#define KOUAN_STORE_TIMERS_H

#include "store/store.h"

#define KN_DUE_MAX 500

typedef struct kn_store_due {
    char *kind, *key, *owner, *name;
    int version, part; /* part: where the record is at home */
    int64_t due_ms;
} kn_store_due;

GPtrArray *kn_store_due_array(void);
/* Those due at now_ms in partitions of topic that instance holds, the oldest first; appended to out. */
bool kn_store_timers_due(kn_store *store, int topic, const char *instance, int64_t now_ms,
                         GPtrArray *out, GError **err);

#endif
