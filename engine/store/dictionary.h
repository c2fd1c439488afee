/* SPDX-License-Identifier: Apache-2.0 */
/* Dictionaries of the archive: trained on messages that lie there, used by lanes from their next start,
 * outage or day on.  A dictionary is a piece of real messages and never leaves the database.
 *
 * errors   as store.h
 * threads  those of the store
 */
#ifndef KOUAN_STORE_DICTIONARY_H
#define KOUAN_STORE_DICTIONARY_H

#include "store/store.h"

typedef struct kn_store_training {
    int64_t depth;  /* newest offsets of each partition that are looked at */
    size_t bytes;   /* of a dictionary at most */
    int per_type;   /* messages of a type at most */
    int least_gain; /* per cent a new one must save on messages it has not seen */
} kn_store_training;

/* What became of a type; all sizes in bytes. */
typedef struct kn_store_trained {
    char *type;
    int samples;           /* trained with; as many again by a quarter were kept for the measure */
    int id;                /* 0: none made */
    const char *why;       /* static: why none was made, or NULL */
    int64_t raw;           /* of those kept for the measure: as they came, */
    int64_t before, after; /* packed as until now, and with the new one */
} kn_store_trained;

/* Trains one dictionary for each type of which there is enough, and keeps those that gain.
 * out: GPtrArray of kn_store_trained* with a free function; sorted by type. */
bool kn_store_dictionary_train(kn_store *store, const kn_store_training *how, GPtrArray **out,
                               GError **err);
/* Takes one away that a newer one of its type has replaced for three days and that no message names.
 * false: KN_E_NO_DOCUMENT otherwise. */
bool kn_store_dictionary_drop(kn_store *store, int id, GError **err);
/* What was trained since the store was opened. */
bool kn_store_load_dictionaries(kn_store *store, GError **err);

#endif
