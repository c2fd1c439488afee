/* SPDX-License-Identifier: Apache-2.0 */
/* A test PKI: roots, CAs, signing keys of the engine, partners, cards with the E-port extensions,
 * and the certificates that must be refused.  For tests, demonstrations and benches, never for
 * production: the CA keys lie beside everything else.
 *
 * Layout below the folder (the same for the same counts):
 *   ca/<rsa|p256|sm2>-{root,ca,chain}.pem, *.key    crl/<family>-{root,ca}.crl
 *   engine/<p256|rsa|sm2>.{pem,key}                 signing keys of the engine
 *   customs/CUSTOMS.{pem,key}  portals/<ID>.{pem,key}  enterprises/<ID>.{pem,key}
 *   adapters/<ID>.{pem,key}
 *   cards/<number>-<legal|operator>.{pem,key}       bad/<what>.{pem,key}
 *   partners/<id>.ini                               loads with base_dir = the folder
 *   pki.json                                        index of all this
 *
 * threads  one call at a time
 */
#ifndef KOUAN_PKI_H
#define KOUAN_PKI_H

#include "base/alg.h"

#include <glib.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum kn_pki_family { KN_PKI_P256, KN_PKI_RSA, KN_PKI_SM2, KN_PKI_FAMILIES } kn_pki_family;

/* "p256", "rsa", "sm2" */
const char *kn_pki_family_name(kn_pki_family family);
kn_alg kn_pki_family_alg(kn_pki_family family);

typedef struct kn_pki_plan {
    int portals;     /* 0 = 4: PORTAL01 .., families in turn p256, rsa, sm2 */
    int enterprises; /* 0 = 3: ENTE01 .., partners with their own key */
    int cards;       /* 0 = 6: legal, operator, legal, .. for the synthetic enterprises in turn */
    bool bad;        /* the refused ones too */
    int64_t now_ms;  /* 0 = the clock; certificates run from a day before to two years after */
    void (*phase)(const char *what, void *data); /* may be NULL; called when a phase starts */
    void *data;
} kn_pki_plan;

/* Makes everything in folder (created, mode 0700; existing files are replaced).
 * false: KN_E_IO, KN_E_USAGE, KN_E_ENGINE_ERROR. */
bool kn_pki_make(const char *folder, const kn_pki_plan *plan, GError **err);

/* ---- the parts, for tests that need one certificate of their own ---- */

/* A synthetic enterprise (CODES §2, §3); i counts from 0 and wraps. */
typedef struct kn_pki_enterprise {
    const char *orgcode, *uscc, *name, *customs10, *customs10_second, *registration_customs;
} kn_pki_enterprise;
const kn_pki_enterprise *kn_pki_enterprise_at(int i);

typedef struct kn_pki_extension {
    const char *oid;
    int tag; /* V_ASN1_UTF8STRING, V_ASN1_IA5STRING ..; 0 = bytes as they are, no DER string */
    const void *bytes;
    int len; /* -1 = strlen */
} kn_pki_extension;

typedef struct kn_pki_request {
    const char *cn, *o, *ou;
    EVP_PKEY *key;         /* subject's key, borrowed */
    EVP_PKEY *issuer_key;  /* NULL = self-signed */
    X509 *issuer;          /* NULL = self-signed */
    const char *key_usage; /* as in openssl.cnf, e.g. "critical,digitalSignature"; NULL = none */
    const char *extended_usage; /* NULL = none */
    bool ca;
    int path_len; /* of a CA; -1 = none */
    int64_t not_before_ms, not_after_ms;
    bool sha1;                          /* signed with SHA-1 (RSA issuers) */
    const char *sm2_id;                 /* of an SM2 issuer; NULL = 1234567812345678 */
    const kn_pki_extension *extensions; /* ended by oid == NULL; may be NULL */
} kn_pki_request;

/* A new key: "p256", "sm2", "rsa2048", "rsa1024", "rsa4096", "p384". */
bool kn_pki_key(const char *what, EVP_PKEY **out, GError **err);
bool kn_pki_certificate(const kn_pki_request *request, X509 **out, GError **err);
/* A CRL of issuer with these certificates (may be NULL, ended by NULL). */
bool kn_pki_crl(X509 *issuer, EVP_PKEY *issuer_key, X509 *const *revoked, int64_t this_ms,
                int64_t next_ms, X509_CRL **out, GError **err);
/* PEM files; keys get mode 0600.  certs ended by NULL. */
bool kn_pki_write_key(const char *file, EVP_PKEY *key, GError **err);
bool kn_pki_write_certificates(const char *file, X509 *const *certs, GError **err);
bool kn_pki_write_crl(const char *file, X509_CRL *crl, GError **err);
bool kn_pki_read_key(const char *file, EVP_PKEY **out, GError **err);
bool kn_pki_read_certificate(const char *file, X509 **out, GError **err);

#endif
