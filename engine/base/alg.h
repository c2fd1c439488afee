/* SPDX-License-Identifier: Apache-2.0 */
/* Signature algorithm rows: one pair of SignatureMethod and DigestMethod each (XML_SECURITY §2).
 * A row that exists is known; whether it is switched on for a partner today is trust's matter.
 *
 * threads  constant data
 * source   XML_SECURITY §2, CODES §10.1
 */
#ifndef KOUAN_BASE_ALG_H
#define KOUAN_BASE_ALG_H

#include <stdbool.h>
#include <stddef.h>

#define KN_DIGEST_MAX 32     /* bytes of the longest digest of any row */
#define KN_SIG_VALUE_MAX 512 /* bytes: RSA-4096 */
#define KN_SM2_ID "1234567812345678"

typedef enum kn_alg {
    KN_ALG_NONE,
    KN_ALG_SM2_SM3,
    KN_ALG_SM2_SM3_FIELD, /* the pair programs of 2023 produce: sm2-sm3 with a SHA-1 digest */
    KN_ALG_RSA_SHA256,
    KN_ALG_ECDSA_SHA256,
    KN_ALG_RSA_SHA1,
    KN_ALG_COUNT
} kn_alg;

/* Which form of signature a partner's entry asks for (XML_SECURITY §2, §6). */
typedef enum kn_profile { KN_PROFILE_EPORT, KN_PROFILE_W3C } kn_profile;

typedef enum kn_md { KN_MD_SHA1, KN_MD_SHA256, KN_MD_SM3, KN_MD_COUNT } kn_md;

typedef struct kn_alg_row {
    const char *name;          /* "sm2-sm3" */
    const char *signature_uri; /* SignatureMethod */
    const char *digest_uri;    /* DigestMethod */
    kn_md digest_md;           /* of the document */
    size_t digest_len;
    kn_md signature_md;   /* of SignedInfo */
    const char *key_type; /* as EVP_PKEY_is_a knows it: "SM2", "RSA", "EC" */
    bool raw_rs;          /* value is r||s, 64 bytes; otherwise of modulus length */
} kn_alg_row;

/* The row; never NULL (KN_ALG_NONE has name "none" and empty URIs). */
const kn_alg_row *kn_alg_row_of(kn_alg alg);
/* KN_ALG_NONE when there is none. */
kn_alg kn_alg_by_name(const char *name);
/* The row with exactly this pair; KN_ALG_NONE when unknown or mixed. NULL is unknown. */
kn_alg kn_alg_by_uris(const char *signature_uri, const char *digest_uri);
/* OpenSSL's name: "SHA1", "SHA256", "SM3"; and its length in bytes. */
const char *kn_md_name(kn_md md);
size_t kn_md_len(kn_md md);

#endif
