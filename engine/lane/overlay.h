/* SPDX-License-Identifier: Apache-2.0 */
/* Overlay: the records of a batch in memory, as the messages decided so far have left them.
 * threads  one lane; lives for one attempt of a batch
 */
#ifndef KOUAN_LANE_OVERLAY_H
#define KOUAN_LANE_OVERLAY_H

#include "decision/decision_priv.h"
#include "store/store.h"

typedef struct kn_overlay kn_overlay;

typedef struct kn_slot {
    char *kind, *key;
    kn_record *record; /* NULL: does not exist */
    bool known;        /* loaded (or found absent) */
    bool dirty;        /* written by this batch */
    int topic, part;   /* last writer; -1 = none */
    int64_t off;
} kn_slot;

kn_overlay *kn_overlay_new(void);
void kn_overlay_free(kn_overlay *overlay);

/* kn_lookup for kn_ask_new; arg is the overlay.  Unknown records are noted as wanted. */
const kn_record *kn_overlay_lookup(void *overlay, const char *kind, const char *key, bool *known);
/* Wanted and not loaded yet: GArray of kn_store_key, borrowed texts; free with g_array_unref. */
GArray *kn_overlay_wanted(const kn_overlay *overlay);
/* What was loaded for the wanted ones; those missing are known to be absent from now on. */
void kn_overlay_loaded(kn_overlay *overlay, GPtrArray *records);
/* Takes a written record: the next message sees it. */
void kn_overlay_put(kn_overlay *overlay, kn_record *record, int topic, int part, int64_t off);
const kn_slot *kn_overlay_slot(const kn_overlay *overlay, const char *kind, const char *key);
/* Last version of each written record, for the write trip; appended to out (GArray of kn_store_write). */
void kn_overlay_writes(const kn_overlay *overlay, GArray *out);

#endif
