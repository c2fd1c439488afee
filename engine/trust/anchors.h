/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors: the certificates one role of one partner is checked against.  Roots, intermediates, CRLs
 * and pinned certificates come from files of the configuration and from nowhere else.
 * Inside of trust/ only.
 *
 * threads  read-only after loading, shared by all lanes
 */
#ifndef KOUAN_TRUST_ANCHORS_H
#define KOUAN_TRUST_ANCHORS_H

#include "base/files.h"
#include "trust/partner.h"

#include <openssl/x509.h>

#define KN_FINGERPRINT 32

typedef struct kn_anchor_crl {
    X509_CRL *crl;
    X509 *issuer;    /* one of roots or intermediates; the CRL's signature was verified with it */
    int64_t this_ms; /* when it was issued */
    int64_t next_ms; /* last ms it counts: nextUpdate, or the age limit */
    ASN1_INTEGER *number; /* NULL = none */
} kn_anchor_crl;

/* A pinned certificate, for what is said of it at load and before it ends. */
typedef struct kn_anchor_pin {
    X509 *cert;
    char *file;      /* as the entry names it */
    int64_t last_ms; /* of its chain; INT64_MAX until that was looked at */
} kn_anchor_pin;

struct kn_anchors {
    STACK_OF(X509) * roots;         /* self-signed */
    STACK_OF(X509) * intermediates; /* CAs; offered to the chain, not trusted by themselves */
    GArray *crls;                   /* of kn_anchor_crl; empty = CRLs are not asked for */
    GByteArray *pinned;             /* fingerprints (SHA-256) one after the other */
    GPtrArray *shown;               /* kn_anchor_pin, the same certificates in the same order */
    GPtrArray *keys; /* EVP_PKEY of the pinned ones; for explaining a refusal, never for proving */
    int level;       /* OpenSSL authentication level: 1, or 0 for a partner with SHA-1 */
};

/* ASN.1 time as ms UTC; false when it is none. */
bool kn_anchors_time(const ASN1_TIME *time, int64_t *ms_out);
/* Sets the SM2 id on a certificate that is signed with SM2 (XML_SECURITY §9). */
bool kn_anchors_set_id(X509 *cert);

kn_anchors *kn_anchors_new(int level);
void kn_anchors_free(kn_anchors *anchors);
/* file: its name in area KN_AREA_PEM.  false: KN_E_CONFIG, naming the file. */
bool kn_anchors_add_pem(kn_anchors *anchors, kn_files *files, const char *file, GError **err);
bool kn_anchors_add_pinned(kn_anchors *anchors, kn_files *files, const char *file, GError **err);
/* Every object of a PEM file: next reads one and takes it: 1; at the end of the file 0, after a failure
 * -1.  what: name of such an object in messages. */
typedef int (*kn_anchors_next)(kn_anchors *anchors, BIO *bio, GError **err);
bool kn_anchors_each(kn_anchors *anchors, kn_files *files, const char *name, const char *what,
                     kn_anchors_next next, GError **err);
/* A CA by name, behind another with the same one (NULL = the first); NULL = no more. */
X509 *kn_anchors_find_ca(const kn_anchors *anchors, const X509_NAME *name, X509 *after);
/* At least one root; every intermediate has its issuer. */
bool kn_anchors_complete(const kn_anchors *anchors, GError **err);
bool kn_anchors_is_pinned(const kn_anchors *anchors, const uint8_t fingerprint[KN_FINGERPRINT]);

#endif
