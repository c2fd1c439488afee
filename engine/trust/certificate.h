/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: from the DER of a message to a key that is known to be this partner's, or to the one
 * rule that says why not (K1 .. K6, in that order).
 *
 * The cache holds facts, not verdicts: what a certificate is and what its chain says is found once,
 * the rules are asked again on each call with the given time.  So a warm and a cold cache give the
 * same answer, and a certificate that expires while cached is refused.
 *
 * threads  a kn_trust belongs to one lane; kn_partners is shared and only read
 * source   XML_SECURITY §3 (K), §5, §9; SC-03, SC-04
 */
#ifndef KOUAN_TRUST_CERTIFICATE_H
#define KOUAN_TRUST_CERTIFICATE_H

#include "trust/partner.h"

#include <glib.h>
#include <kouan/msg.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KN_TRUST_GOOD_MAX 4096 /* chains that lead to an anchor, least recently used goes first */
#define KN_TRUST_BAD_MAX \
    1024 /* certificates that were never good; forgotten after KN_TRUST_BAD_MS */
#define KN_TRUST_BAD_MS 60000
#define KN_CERTIFICATE_MAX 8192 /* bytes of DER looked at */

typedef struct kn_trust kn_trust; /* one lane's cache */

typedef enum kn_role {
    KN_ROLE_PARTNER, /* against the partner's own anchors, bound to it (K6) */
    KN_ROLE_CARD,    /* against the anchors of the cards it carries; bound by its facts */
} kn_role;

typedef struct kn_certificate {
    EVP_PKEY *key;                       /* public; SM2 keys answer EVP_PKEY_is_a(key, "SM2") */
    const char *serial_hex;              /* upper case, as in KeyName */
    const char *subject;                 /* C, O and OU only: no holder's name, fit for logs */
    int64_t not_before_ms, not_after_ms; /* window of the whole chain, both ends good */
    kn_card facts; /* members "" where the certificate has none; signed_ and stated are false */
    const char *registration_customs; /* four digits or "" */
} kn_certificate;

/* partners is borrowed and must outlive it. */
kn_trust *kn_trust_new(const kn_partners *partners);
void kn_trust_free(kn_trust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_trust, kn_trust_free)

/* Rules K1 .. K6 for one certificate shown by a partner.
 *
 * alg      the row the signature claims; S6 was passed (kn_partner_algorithm)
 * der      exactly one certificate
 * at_ms    the record's Kafka time; no clock is read here
 * out      borrowed from the cache: good until KN_TRUST_GOOD_MAX other certificates were shown or
 *          the trust is freed.  A batch shows fewer than that
 * returns  false: KN_E_KEY_CERT_BAD (K1), _UNTRUSTED (K2), _EXPIRED, _NOT_YET (K3), _REVOKED,
 *          _CRL_STALE (K4), _USAGE, _WEAK, _TYPE (K5), _NOT_BOUND (K6); KN_E_ENGINE_ERROR
 */
bool kn_trust_key(kn_trust *trust, const kn_partner *partner, kn_role role, kn_alg alg,
                  const uint8_t *der, size_t len, int64_t at_ms, const kn_certificate **out,
                  GError **err);

/* Public keys of the certificates pinned for the partner itself, borrowed: for the question “was it signed
 * with another one of theirs?”, never for proving.  Returns how many; *out may be NULL then. */
size_t kn_partner_keys(const kn_partner *partner, EVP_PKEY *const **out);

typedef struct kn_trust_figures {
    uint64_t hits, misses, good, bad; /* since the start; entries held now */
} kn_trust_figures;
void kn_trust_read_figures(const kn_trust *trust, kn_trust_figures *out);

#endif
