/* SPDX-License-Identifier: Apache-2.0 */
/* A verification from the inside: verify.c goes through the steps. */
#ifndef KOUAN_EVIDENCE_VERIFY_PRIV_H
#define KOUAN_EVIDENCE_VERIFY_PRIV_H

#include "evidence/heads.h"
#include "evidence/tar.h"
#include "evidence/verify.h"

typedef struct kn_verify_run {
    const kn_verify_plan *plan;
    kn_verify_report *report;
    kn_xml *xml;
    kn_sm3 *sm3;
    GPtrArray *members; /* kn_tar_member * */
    GPtrArray *seals;   /* kn_heads *, as far as they could be read */
    GHashTable *proven; /* "topic/part/off" -> SM3 of its entry, hexadecimal */
    GString *history;   /* what history.txt must be */
} kn_verify_run;

/* Adds "member: sentence". */
G_GNUC_PRINTF(3, 4)
void kn_verify_wrong(kn_verify_run *run, const char *member, const char *format, ...);
void kn_verify_signer(kn_verify_run *run, const char *member, const char *fingerprint);

/* verify_chain.c: seals, then proofs against them, then entries against proofs and payloads. */
void kn_verify_seals(kn_verify_run *run);
void kn_verify_proofs(kn_verify_run *run);
void kn_verify_entries(kn_verify_run *run);
/* verify_parts.c */
void kn_verify_documents(kn_verify_run *run, const char *message, bool must_hold);
void kn_verify_trusts(kn_verify_run *run);
#endif
