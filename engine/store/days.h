/* SPDX-License-Identifier: Apache-2.0 */
/* Days of the archive: which there are, what a day holds of each partition, and taking one away.
 *
 * days     since 2000-01-01, UTC
 * errors   as store.h; KN_E_STORE_RETRY: the table is in use, try again
 * threads  those of the store
 * cost     spans: the day is read once; of each partition the history behind it, from its end
 */
#ifndef KOUAN_STORE_DAYS_H
#define KOUAN_STORE_DAYS_H

#include "store/seal.h"

typedef struct kn_store_day {
    int32_t day;
    int64_t rows; /* as the server last counted them */
    int64_t bytes;
    int64_t parked; /* messages of the day that are parked and open */
} kn_store_day;

/* Appends kn_store_day, the oldest first. */
bool kn_store_days_list(kn_store *store, GArray *out, GError **err);

/* What a day holds of one partition; topic is borrowed from the store. */
typedef struct kn_store_span {
    const char *topic;
    int topic_id, part;
    int64_t first, last, messages; /* offsets; incoming messages */
} kn_store_span;

/* Appends kn_store_span, by topic and partition. */
bool kn_store_day_spans(kn_store *store, int32_t day, GArray *out, GError **err);

/* Appends int64_t: offsets of the day's incoming messages of a partition, in order. */
bool kn_store_day_offsets(kn_store *store, int32_t day, int topic, int part, GArray *out,
                          GError **err);

/* A position, as far as it hangs on the archive. */
typedef struct kn_store_need {
    const char *topic;
    int part;
    int64_t next_off;    /* P */
    int32_t relayed_day; /* what may not be published yet lies here or later */
} kn_store_need;
/* Appends kn_store_need of every position that has settled something. */
bool kn_store_needs(kn_store *store, GArray *out, GError **err);

/* The day and its rows go; heads (kn_store_head, borders of the chain behind it) and the document that says what it
 * held stay.  One transaction. */
bool kn_store_day_drop(kn_store *store, int32_t day, const GArray *heads, int64_t now_ms,
                       const char *document, size_t len, const uint8_t digest[32], GError **err);

typedef struct kn_store_dropped {
    int32_t day;
    int64_t made_ms;
    uint8_t digest[32];
    GBytes *document;
    bool published;
} kn_store_dropped;

GPtrArray *kn_store_dropped_array(void);
/* Appends kn_store_dropped *, the oldest first. */
bool kn_store_dropped_list(kn_store *store, GPtrArray *out, GError **err);
bool kn_store_dropped_published(kn_store *store, int32_t day, GError **err);

#endif
