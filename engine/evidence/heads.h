/* SPDX-License-Identifier: Apache-2.0 */
/* Heads: what a seal says, read from its document. */
#ifndef KOUAN_EVIDENCE_HEADS_H
#define KOUAN_EVIDENCE_HEADS_H

#include "base/sm3.h"
#include "evidence/signed.h"

typedef struct kn_heads_row {
    char *topic;
    int part;
    int64_t off, seq;
    uint8_t chain[KN_SM3_BYTES];
} kn_heads_row;

typedef struct kn_heads {
    int number;
    bool has_previous;
    uint8_t previous[KN_SM3_BYTES];
    char *time;      /* as written */
    GArray *rows;    /* kn_heads_row */
    GArray *sets;    /* kn_store_set */
    char signer[65]; /* fingerprint of the certificate */
} kn_heads;

void kn_heads_clear(kn_heads *heads);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_heads, kn_heads_clear)

/* Verifies and reads.  false: KN_E_EVIDENCE. */
bool kn_heads_read(kn_xml *xml, const char *bytes, size_t len, kn_heads *out, GError **err);
/* NULL: it does not name the partition. */
const kn_heads_row *kn_heads_find(const kn_heads *heads, const char *topic, int part);
/* NULL: no such version. */
const uint8_t *kn_heads_set(const kn_heads *heads, int version);

#endif
