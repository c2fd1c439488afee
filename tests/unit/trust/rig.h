/* SPDX-License-Identifier: Apache-2.0 */
/* A bench for trust: CAs of three families in a temporary folder, leaves on demand, partner files. */
#ifndef KOUAN_TEST_TRUST_RIG_H
#define KOUAN_TEST_TRUST_RIG_H

#include "pki/kn_pki.h"
#include "trust/certificate.h"
#include "trust/partner.h"

#include <openssl/x509.h>

#define DAY 86400000LL
#define NOW 1790000000000LL /* all times of these tests are counted from here */

/* The start of a partner file; what binds it comes after. */
#define HEAD(id) \
    "[partner]\nid = " id "\nname = x\nkind = portal\ndocuments = *\n[keys]\nanchors = all.pem\n"
#define ALGS "algorithms = ecdsa-sha256, rsa-sha256, sm2-sm3\n"

typedef struct rig {
    char *folder;
    EVP_PKEY *root_keys[KN_PKI_FAMILIES], *ca_keys[KN_PKI_FAMILIES];
    X509 *roots[KN_PKI_FAMILIES], *cas[KN_PKI_FAMILIES];
} rig;

/* Makes CAs and "<family>.pem" chains and all.pem; asserts that all goes well. */
rig *rig_new(void);
void rig_free(rig *r);
char *rig_path(const rig *r, const char *name); /* owned by the caller */
void rig_write(const rig *r, const char *name, const char *text);
void rig_remove(const rig *r, const char *name);
/* A leaf of a family; q's subject, usage, times and issuer are filled in where they are 0 or NULL. */
X509 *rig_leaf(const rig *r, kn_pki_family family, const char *key_kind, kn_pki_request q);
uint8_t *rig_der(X509 *cert, size_t *len_out); /* g_free */
void rig_write_cert(const rig *r, const char *name, X509 *cert);
void rig_write_crl(const rig *r, const char *name, kn_pki_family family, bool root, X509 *revoked,
                   int64_t next_ms);
/* Loads the folder's *.ini; asserts success. */
kn_partners *rig_load(const rig *r);
/* Shows a certificate; name of the error code or "OK". */
const char *rig_show(kn_trust *trust, const kn_partner *p, kn_role role, kn_alg alg, X509 *cert,
                     int64_t at_ms);
/* name of the error code or "OK" */
const char *rig_error(bool ok, const GError *err);

#endif
