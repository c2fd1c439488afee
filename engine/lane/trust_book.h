/* SPDX-License-Identifier: Apache-2.0 */
/* Trust book: the trust sets this process has in memory, by version; what it lacks it reads from the
 * database.
 *
 * threads  shared by all: a lock around the list, none while a set is being made
 * errors   those of store/trust.h; KN_E_CONFIG, KN_E_IO: a set this program cannot make.  All of them
 *          name the version; none is an answer about a message
 */
#ifndef KOUAN_LANE_TRUST_BOOK_H
#define KOUAN_LANE_TRUST_BOOK_H

#include "lane/trust_set.h"
#include "store/store.h"

typedef struct kn_trust_book kn_trust_book;

kn_trust_book *kn_trust_book_new(const kn_config *config);
void kn_trust_book_free(kn_trust_book *book);

/* The set of a version; out is a reference.  digest: what it must be, or NULL. */
bool kn_trust_book_get(kn_trust_book *book, kn_store *store, int version,
                       const uint8_t digest[KN_SM3_BYTES], kn_trust_set **out, GError **err);
/* A set made elsewhere, with its version. */
void kn_trust_book_put(kn_trust_book *book, kn_trust_set *set);
/* The newest set this process was told of, which a partition without one adopts; a reference.
 * NULL: none yet. */
kn_trust_set *kn_trust_book_newest(kn_trust_book *book);

#endif
