/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of one certificate as one partner shows it in one role: all that can be known without a time
 * and without the row of the signature.  Inside of trust/ only.
 *
 * threads  one lane
 * source   XML_SECURITY §3 (K), §5
 */
#ifndef KOUAN_TRUST_FACTS_H
#define KOUAN_TRUST_FACTS_H

#include "trust/anchors.h"
#include "trust/card.h"
#include "trust/certificate.h"

#include <kouan/error.h>
#include <openssl/x509.h>

typedef enum kn_key_kind {
    KN_KEY_OTHER,
    KN_KEY_RSA,
    KN_KEY_P256,
    KN_KEY_SM2,
    KN_KEY_OTHER_EC
} kn_key_kind;

typedef struct kn_facts {
    kn_certificate cert; /* key, texts and window; what the caller sees */
    kn_card_facts card;
    char *serial, *subject;
    kn_error refused; /* KN_E_OK, or the rule of K1, K2 that it breaks for ever */
    char *refused_why;
    bool revoked;
    int64_t crl_until_ms; /* earliest nextUpdate; INT64_MAX = CRLs are not asked for,
                           * INT64_MIN = one is missing */
    bool may_sign;        /* keyUsage and extended usage */
    kn_key_kind kind;
    int bits;
    bool bound; /* K6 */
} kn_facts;

/* Never NULL.  store: filled with anchors' roots. */
kn_facts *kn_facts_find(X509_STORE *store, const kn_anchors *anchors, const kn_card_rules *rules,
                        const kn_partner *partner, kn_role role, const uint8_t *der, size_t len,
                        const uint8_t fingerprint[KN_FINGERPRINT]);
void kn_facts_free(kn_facts *facts);
/* Rules K1 .. K6 over the facts. */
bool kn_facts_judge(const kn_facts *facts, const kn_partner *partner, kn_alg alg, int64_t at_ms,
                    GError **err);
/* Is its key one that this row takes? */
bool kn_facts_fit(const kn_facts *facts, const kn_partner *partner, kn_alg alg);
/* true: only time, a CRL's age or the row can still refuse it. */
bool kn_facts_good(const kn_facts *facts);

#endif
