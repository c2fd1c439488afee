/* SPDX-License-Identifier: Apache-2.0 */
/* K1 .. K6: real signatures by the wrong certificate. */
#include "edits.h"

#define IS(e, c, r) .error = KN_E_##e, .code = c, .rule = r
#define DAY 86400000LL
#define YEARS (3 * 365 * DAY)
#define ANY64 \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
#define RSA256 "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define EC256 "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
#define A(what) .body = { "senderId>" what, "senderId>HOSTA" }

/* clang-format off */
static const hostile_row rows[] = {
    /* K1 */
    { "cert_trailing", "a byte behind the certificate", ON_FEW, IS(KEY_CERT_BAD, "1001", "K1"),
      .edit_body = edit_cert_bytes, .n = 0 },
    { "cert_cut", "the last byte missing", ON_FEW, IS(KEY_CERT_BAD, "1001", "K1"), .edit_body = edit_cert_bytes,
      .n = 1 },
    { "cert_twice", "the certificate twice in one text", ON_FEW, IS(KEY_CERT_BAD, "1001", "K1"),
      .edit_body = edit_cert_bytes, .n = 2 },
    { "cert_pem", "a PEM file, coded once more", ON_FEW, IS(KEY_CERT_BAD, "1001", "K1"),
      .edit_body = edit_cert_bytes, .n = 4 },
    { "cert_ber", "indefinite length", ON_FEW, IS(KEY_CERT_BAD, "1001", "K1"), .edit_body = edit_cert_bytes, .n = 5 },
    { "cert_no_base64", "no base64", ON_FEW, IS(KEY_CERT_BAD, "1001", "K1"), .sig = { "@CERT@", "@CERT@*" } },
    { "cert_blank", "blanks only", ON_P256, IS(KEY_CERT_BAD, "1001", "K1"), .sig = { "@CERT@", "    " } },
    { "cert_serial", "a KeyName in its place", ON_P256, IS(KEY_CERT_BAD, "1001", "K1"), .sig = { "@CERT@",
      "@SERIAL@" } },

    /* K2 */
    { "cert_changed", "one bit of the issuer's signature", ON_FEW, IS(KEY_UNTRUSTED, "1001", "K2"),
      .edit_body = edit_cert_bytes, .n = 3 },
    { "foreign", "the same names by another CA", ON_P256, IS(KEY_UNTRUSTED, "1001", "K2"), .signer = "foreign" },
    { "foreign_shell", "a shell by another CA", ON_OP256, IS(KEY_UNTRUSTED, "1001", "K2"), .signer = "foreign-p" },
    { "system_ca", "a CA that only the machine trusts", ON_P256, IS(KEY_UNTRUSTED, "1001", "K2"),
      .signer = "foreign", .header = "HOSTA" },
    { "self_signed", "signed by itself", ON_P256, IS(KEY_UNTRUSTED, "1001", "K2"), .signer = "self" },
    { "wrong_id", "issued with another SM2 identity", ON_SM2 | ON_FIELD, IS(KEY_UNTRUSTED, "1001", "K2"),
      .signer = "wrong-id" },
    { "sha1_signed", "issued with SHA-1, at a partner without the old row", ON_RSA, IS(KEY_UNTRUSTED, "1001", "K2"),
      .signer = "sha1-signed" },
    { "critical", "a critical extension nobody knows", ON_P256, IS(KEY_UNTRUSTED, "1001", "K2"),
      .signer = "critical" },
    { "deep", "three CAs between leaf and root", ON_P256, IS(KEY_UNTRUSTED, "1001", "K2"), .signer = "deep-bad" },
    { "other_anchors", "a good certificate of another partner's CA", ON_P256, IS(KEY_UNTRUSTED, "1001", "K2"),
      .signer = "deep-good", A("HOSTDEEP") },
    { "card_foreign", "a card of another CA", ON_ISM2, IS(KEY_UNTRUSTED, "1001", "K2"), .signer = "c-foreign" },
    { "card_not_carried", "a card in the shell of a portal that carries none", ON_OP256, IS(KEY_UNTRUSTED, "1001",
      "K2"), .signer = "nocard-p256" },

    /* K3 */
    { "expired", "expired yesterday", ON_P256, IS(KEY_EXPIRED, "1002", "K3"), .signer = "expired" },
    { "expired_sm2", "the same for SM2", ON_SM2 | ON_FIELD, IS(KEY_EXPIRED, "1002", "K3"), .signer = "expired-sm2" },
    { "expired_later", "a good one, three years later", ON_ALL, IS(KEY_EXPIRED, "1002", "K3"), .shift_ms = YEARS },
    { "expired_chain", "the root has ended too", ON_P256 | ON_OSM2, IS(KEY_EXPIRED, "1002", "K3"),
      .shift_ms = 11 * 366 * DAY },
    { "not_yet", "begins tomorrow", ON_P256, IS(KEY_NOT_YET, "1999", "K3"), .signer = "not-yet" },
    { "not_yet_earlier", "a good one, three years earlier", ON_ALL, IS(KEY_NOT_YET, "1999", "K3"),
      .shift_ms = -YEARS },
    { "card_expired", "an expired card", ON_ISM2, IS(KEY_EXPIRED, "1002", "K3"), .signer = "c-expired" },
    { "card_not_yet", "a card that begins tomorrow", ON_ISM2, IS(KEY_NOT_YET, "1999", "K3"), .signer = "c-not-yet" },

    /* K4 */
    { "revoked", "on the CRL", ON_P256, IS(KEY_REVOKED, "1999", "K4"), .signer = "revoked" },
    { "revoked_rsa", "on the RSA CA's CRL", ON_RSA, IS(KEY_REVOKED, "1999", "K4"), .signer = "revoked-rsa" },
    { "revoked_sm2", "on an SM2 CRL", ON_SM2 | ON_FIELD, IS(KEY_REVOKED, "1999", "K4"), .signer = "revoked-sm2" },
    { "revoked_shell", "the shell's certificate", ON_OSM2, IS(KEY_REVOKED, "1999", "K4"), .signer = "revoked-p" },
    { "card_revoked", "the card's certificate", ON_ISM2, IS(KEY_REVOKED, "1999", "K4"), .signer = "c-revoked" },
    { "revoked_earlier", "the message is older than the revocation", ON_P256, IS(KEY_REVOKED, "1999", "K4"),
      .signer = "revoked", .shift_ms = -DAY / 2 },
    { "crl_stale", "the CRL's nextUpdate has passed", ON_P256, IS(KEY_CRL_STALE, "3999", "K4"),
      .signer = "stale-p256" },
    { "crl_missing", "no CRL of the issuing CA", ON_P256, IS(KEY_CRL_STALE, "3999", "K4"), .signer = "nocrl-p256" },

    /* K5 */
    { "tls_usage", "bound to A, but for TLS", ON_P256, IS(KEY_USAGE, "1999", "K5"), .signer = "tls" },
    { "tls_client", "for TLS clients, SM2", ON_SM2 | ON_FIELD, IS(KEY_USAGE, "1999", "K5"), .signer = "tls-client" },
    { "eku_broken", "an extended usage that cannot be read", ON_P256, IS(KEY_UNTRUSTED, "1001", "K2"),
      .signer = "eku-broken" },
    { "no_usage", "no keyUsage", ON_P256, IS(KEY_USAGE, "1999", "K5"), .signer = "no-usage" },
    { "encipher", "for encryption only", ON_P256, IS(KEY_USAGE, "1999", "K5"), .signer = "encipher" },
    { "ca_signs", "a CA's certificate", ON_P256, IS(KEY_USAGE, "1999", "K5"), .signer = "cert-sign" },
    { "card_tls", "a card for TLS", ON_ISM2, IS(KEY_USAGE, "1999", "K5"), .signer = "c-tls" },
    { "rsa1024", "RSA of 1024 bits", ON_RSA, IS(KEY_WEAK, "1999", "K5"), .signer = "rsa1024" },
    { "rsa1024_sha1", "1024 bits under rsa-sha1 without the flag", ON_RSA, IS(KEY_WEAK, "1999", "K5"),
      .signer = "old2-1024", .alg = KN_ALG_RSA_SHA1 },
    { "rsa512_sha1", "512 bits under rsa-sha1 with the flag", ON_RSA, IS(KEY_WEAK, "1999", "K5"),
      .signer = "old-512", .alg = KN_ALG_RSA_SHA1 },
    { "card_1024", "a card of 1024 bits", ON_IRSA, IS(KEY_WEAK, "1999", "K5"), .signer = "c-1024" },
    { "other_curve", "P-384, 64 bytes claimed", ON_P256, IS(KEY_WEAK, "1999", "K5"), .signer = "p384",
      .sig = { "@VALUE@", ANY64 } },
    { "secp256k1", "the curve of another world", ON_P256, IS(KEY_WEAK, "1999", "K5"), .signer = "k256" },
    { "explicit_curve", "P-256 by explicit parameters", ON_P256, IS(KEY_UNTRUSTED, "1001", "K2"),
      .signer = "explicit" },
    { "ed25519", "Ed25519, also 64 bytes", ON_P256, IS(KEY_TYPE, "1001", "K5"), .signer = "ed25519" },
    { "row_key_type", "a P-256 key under an RSA row", ON_P256, IS(KEY_TYPE, "1001", "K5"), .sig = { "@METHOD@",
      RSA256 } },
    { "rsa_under_ec", "an RSA key under the P-256 row", ON_RSA, IS(KEY_TYPE, "1001", "K5"), .sig = { "@METHOD@",
      EC256 }, .edit_body = edit_any_value },
    { "ec_under_sm2", "a P-256 key under the SM2 row", ON_P256, IS(KEY_TYPE, "1001", "K5"),
      .edit_body = edit_claim_sm2 },
    { "sm2_under_ec", "an SM2 key under the P-256 row", ON_SM2, IS(KEY_TYPE, "1001", "K5"),
      .edit_body = edit_claim_ec },
    { "sm2_under_rsa", "an SM2 key under an RSA row", ON_SM2, IS(KEY_TYPE, "1001", "K5"),
      .edit_body = edit_claim_rsa },

    /* K6 */
    { "other_partner", "B signs for A, honestly", ON_P256 | ON_SM2 | ON_FIELD, IS(KEY_NOT_BOUND, "1001", "K6"),
      .edit_body = edit_sender_a },
    { "other_partner_header", "B signs for B under the header of A", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"),
      .signer = "b-p256", .header = "HOSTA" },
    { "portal_for_a", "a portal's key on a bare message of A", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"),
      .signer = "p-p256", A("HOSTP") },
    { "card_for_a", "a card's key on a bare message of A", ON_SM2, IS(KEY_NOT_BOUND, "1001", "K6"),
      .signer = "c-sm2", .header = "HOSTA" },
    { "a_for_portal", "A's key on the portal's shell", ON_OP256, IS(KEY_NOT_BOUND, "1001", "K6"),
      .signer = "a-p256", .body = { "SenderId>HOSTA", "SenderId>HOSTP" } },
    { "cn_lower", "the common name in lower case", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "cn-lower" },
    { "cn_longer", "a longer common name", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "cn-longer" },
    { "cn_blank", "a blank behind it", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "cn-blank" },
    { "cn_twice", "a second common name", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "cn-twice" },
    { "cn_nul", "a NUL behind it", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "cn-nul" },
    { "cn_unit", "the name as a unit", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "cn-unit" },
    { "ext_other", "another organisation in the extension", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"),
      .signer = "ext-other" },
    { "ext_longer", "a longer value", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "ext-longer" },
    { "ext_twice", "the extension twice", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "ext-twice" },
    { "ext_integer", "the extension as a number", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "ext-integer" },
    { "ext_in_cn", "the value as a common name", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"), .signer = "ext-in-cn" },
    { "unpinned", "a second certificate where one is pinned", ON_P256, IS(KEY_NOT_BOUND, "1001", "K6"),
      .signer = "unpinned" },
    { "card_no_number", "a card without number where the portal states nothing", ON_ISM2, IS(KEY_NOT_BOUND, "1001",
      "K6"), .signer = "c-no-number" },
    { 0 },
};
/* clang-format on */

const hostile_list hostile_key = { "keys", rows, false };
