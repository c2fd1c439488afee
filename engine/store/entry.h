/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the archive as the chain binds it: message by message of one partition, each with its history rows
 * and outgoing rows.
 *
 * cost     one look-up by key for some hundred messages; history is followed by its numbers, so a walk starts at
 *          a head that is known (kn_store_head_before)
 * errors   as store.h; KN_E_STORE_WRONG: rows that no lane has written
 * threads  those of the store
 */
#ifndef KOUAN_STORE_ENTRY_H
#define KOUAN_STORE_ENTRY_H

#include "store/chain.h"
#include "store/seal.h"

typedef struct kn_entry {
    int64_t off;
    int32_t day;
    GPtrArray *messages; /* kn_store_message *: the incoming one, then outgoing ones by index */
    GArray *history;     /* kn_store_history by number; texts are the entry's */
    GPtrArray *texts;
    bool chained; /* the incoming row has a head: settled since there are any */
} kn_entry;

void kn_entry_free(kn_entry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_entry, kn_entry_free)
/* Its bytes, as the lane had them. */
void kn_entry_text(const kn_entry *entry, const kn_store *store, GString *out);

typedef struct kn_entry_walk {
    kn_store *store;
    int topic, part;
    int64_t off, to, seq; /* the next page begins at off, behind history number seq */
    bool payloads;
    GPtrArray *page; /* kn_entry * */
    unsigned at;
} kn_entry_walk;

/* Messages of [from->off, to).  payloads: with their bytes. */
void kn_entry_walk_init(kn_entry_walk *walk, kn_store *store, const kn_store_head *from, int64_t to,
                        bool payloads);
void kn_entry_walk_clear(kn_entry_walk *walk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_entry_walk, kn_entry_walk_clear)
/* *out is yours, or NULL at the end. */
bool kn_entry_walk_next(kn_entry_walk *walk, kn_entry **out, GError **err);

/* The nearest head that is kept and not above off; where there is none, the chain's beginning. */
bool kn_store_head_before(kn_store *store, int topic, int part, int64_t off, kn_store_head *out,
                          GError **err);
/* The nearest head above off that a seal names; *seal 0: none yet. */
bool kn_store_head_sealed(kn_store *store, int topic, int part, int64_t off, kn_store_head *out,
                          int *seal, GError **err);
/* Where the chain of the rows that are there begins: the head under the first message that has one; below it
 * lie `before` messages without. */
bool kn_store_chain_start(kn_store *store, int topic, int part, kn_store_head *out, int64_t *before,
                          GError **err);
/* Appends kn_store_head: every position that has settled something, as it stands. */
bool kn_store_heads(kn_store *store, GArray *out, GError **err);
/* Appends kn_store_head: every head that is kept of a partition, by offset; trust is 0. */
bool kn_store_heads_kept(kn_store *store, int topic, int part, GArray *out, GError **err);

#endif
