/* SPDX-License-Identifier: Apache-2.0 */
/* The making of a whole test PKI: what the steps share.  Inside of pki/ only. */
#ifndef KOUAN_PKI_MAKE_H
#define KOUAN_PKI_MAKE_H

#include "pki/kn_pki.h"

#include <jansson.h>
#include <openssl/x509.h>

#define KN_PKI_DAY 86400000LL

typedef struct kn_pki_ca {
    EVP_PKEY *root_key, *key;
    X509 *root, *cert;
} kn_pki_ca;

typedef struct kn_pki_job {
    const char *folder;
    kn_pki_plan plan; /* with the defaults filled in */
    kn_pki_ca cas[KN_PKI_FAMILIES];
    X509 *revoked;     /* issued by the P-256 CA */
    X509 *revoked_sm2; /* issued by the SM2 CA */
    json_t *index;
} kn_pki_job;

/* What a leaf is; the rest is the same for all. */
typedef struct kn_pki_leaf {
    const char *place; /* "portals/PORTAL01" below the folder, without ending */
    const char *cn, *ou;
    kn_pki_family family;    /* of issuer and key */
    const char *key;         /* kind of key instead of the family's, or NULL */
    const kn_pki_ca *issuer; /* instead of the family's; NULL = family */
    bool self_signed;
    const char *extended_usage;
    const char *sm2_id;
    int64_t from_days, to_days; /* from now; both 0 = yesterday to two years */
    const kn_pki_extension *extensions;
} kn_pki_leaf;

bool kn_pki_job_cas(kn_pki_job *job, GError **err);
bool kn_pki_job_leaf(kn_pki_job *job, const kn_pki_leaf *leaf, X509 **out, GError **err);
bool kn_pki_job_cards(kn_pki_job *job, GError **err);
bool kn_pki_job_bad(kn_pki_job *job, GError **err);
bool kn_pki_job_crls(kn_pki_job *job, GError **err);
/* Partner files; family = the partner's own. */
bool kn_pki_job_partner(kn_pki_job *job, const char *id, const char *kind, const char *place,
                        kn_pki_family family, const kn_pki_enterprise *enterprise, GError **err);
void kn_pki_ca_clear(kn_pki_ca *ca);
bool kn_pki_ca_make(const kn_pki_job *job, kn_pki_family family, const char *name, kn_pki_ca *out,
                    GError **err);
void kn_pki_say(const kn_pki_job *job, const char *what);
/* "<folder>/<place><ending>"; owned by the caller. */
char *kn_pki_path(const kn_pki_job *job, const char *place, const char *ending);

#endif
