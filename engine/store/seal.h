/* SPDX-License-Identifier: Apache-2.0 */
/* Signed heads of the hash chain (schemas/sql/005-evidence.sql): what a seal is to name, and keeping it.
 *
 * errors   as store.h
 * threads  those of the store
 */
#ifndef KOUAN_STORE_SEAL_H
#define KOUAN_STORE_SEAL_H

#include "store/store.h"

/* A partition as it stands; topic is borrowed from the store. */
typedef struct kn_store_head {
    const char *topic;
    int topic_id, part;
    int64_t off; /* of all messages below */
    int64_t seq;
    uint8_t chain[32];
    int trust; /* trust set in force */
} kn_store_head;

typedef struct kn_store_set {
    int version;
    uint8_t digest[32];
} kn_store_set;

/* What the next seal is about. */
typedef struct kn_store_sealing {
    int number;           /* it will get */
    int64_t since_ms;     /* when the one before was made; 0: there is none */
    uint8_t previous[32]; /* digest of the one before */
    bool moved;           /* a partition has moved since */
    GArray *heads;        /* kn_store_head: partitions that have settled something */
    GArray *sets;         /* kn_store_set: trust sets those go by */
} kn_store_sealing;

void kn_store_sealing_clear(kn_store_sealing *sealing);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_store_sealing, kn_store_sealing_clear)

/* All heads at one moment.  The transaction stays open and keeps other makers of seals out: end it by
 * kn_store_seal_add or kn_store_rollback. */
bool kn_store_seal_begin(kn_store *store, kn_store_sealing *out, GError **err);
/* Keeps the document and the heads it names; COMMIT. */
bool kn_store_seal_add(kn_store *store, const kn_store_sealing *sealing, int64_t now_ms,
                       const char *document, size_t len, const uint8_t digest[32], GError **err);

typedef struct kn_store_seal {
    int number;
    int64_t made_ms;
    uint8_t digest[32];
    GBytes *document;
    GBytes *token; /* NULL: none */
} kn_store_seal;

void kn_store_seal_free(kn_store_seal *seal);
typedef enum kn_seal_want { KN_SEAL_ALL, KN_SEAL_UNPUBLISHED, KN_SEAL_UNSTAMPED } kn_seal_want;

/* Appends kn_store_seal * of [from, to], at most 1000, oldest first. */
bool kn_store_seals(kn_store *store, int from, int to, kn_seal_want want, GPtrArray *out,
                    GError **err);
bool kn_store_seal_published(kn_store *store, int number, GError **err);
bool kn_store_seal_token(kn_store *store, int number, GBytes *token, GError **err);

#endif
