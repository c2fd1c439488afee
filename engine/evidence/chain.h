/* SPDX-License-Identifier: Apache-2.0 */
/* The chain in the database, from the first row that is kept to the position: every row against its head, every
 * head that was kept, every seal.
 *
 * threads  one; the store is the caller's
 * errors   of the store.  What does not hold is a finding, not an error
 */
#ifndef KOUAN_EVIDENCE_CHAIN_H
#define KOUAN_EVIDENCE_CHAIN_H

#include "base/sm3.h"
#include "store/entry.h"
#include "store/store.h"

typedef struct kn_chain_report {
    int64_t messages, rows, before; /* before: settled before heads were kept for each message */
    int heads, seals, dropped;      /* dropped: days that are gone, with a document that says so */
    GPtrArray *wrong; /* char *: one sentence each, at most KN_CHAIN_WRONG_MAX a partition */
} kn_chain_report;

#define KN_CHAIN_WRONG_MAX 20

void kn_chain_report_clear(kn_chain_report *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_chain_report, kn_chain_report_clear)

/* One message further: its rows make the head beside it from the one before, which is in chain and becomes its own;
 * payloads that were read are those of their digests.  text holds the entry afterwards.  false: KN_E_EVIDENCE. */
bool kn_chain_follow(kn_sm3 *sm3, GString *text, const kn_store *store, const kn_entry *entry,
                     uint8_t chain[KN_SM3_BYTES], GError **err);
/* payloads: their bytes too, not only the digests beside them. */
bool kn_chain_check(kn_store *store, bool payloads, kn_chain_report *out, GError **err);

#endif
