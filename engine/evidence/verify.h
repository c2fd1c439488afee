/* SPDX-License-Identifier: Apache-2.0 */
/* Verify: an evidence file judged by its own bytes.  No database, no configuration.
 *
 * threads  one; kn_signed_setup before
 * errors   none but of what was asked for (a file of certificates that cannot be read); what does not hold
 *          is a finding that names the member
 */
#ifndef KOUAN_EVIDENCE_VERIFY_H
#define KOUAN_EVIDENCE_VERIFY_H

#include <glib.h>
#include <stdbool.h>

typedef struct kn_verify_plan {
    const char *bytes;
    size_t len;
    const char
        *signer; /* PEM file of the engine's certificates, which must have signed; NULL: any */
    const char
        *tsa_ca; /* PEM file time stamps must lead to; NULL: only what they stamp is checked */
} kn_verify_plan;

typedef struct kn_verify_report {
    GPtrArray *wrong; /* char * */
    GPtrArray
        *signers; /* char *: fingerprints of the certificates that signed manifest and seals */
    char *kind, *document, *time;
    int members, messages, signatures, seals, stamps, trusts_sealed, trusts;
} kn_verify_report;

void kn_verify_report_clear(kn_verify_report *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_verify_report, kn_verify_report_clear)

bool kn_verify(const kn_verify_plan *plan, kn_verify_report *out, GError **err);

#endif
