/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and signature values over EVP.  RSA and ECDSA: our own digest, then the raw operation on a
 * context cached by key.  SM2: the digest-and-verify call with the identifier set on each context,
 * because the digest begins with the identifier and the key. */
#include "xml/internal.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

static EVP_MD *md_fetched[KN_MD_COUNT];

bool
kn_crypto_setup(GError **err)
{
    for (int i = 0; i < KN_MD_COUNT; i++) {
        if (!md_fetched[i])
            md_fetched[i] = EVP_MD_fetch(NULL, kn_md_name((kn_md)i), NULL);
        if (!md_fetched[i])
            return kn_fail(err, KN_E_ENGINE_ERROR, "OpenSSL has no %s", kn_md_name((kn_md)i));
    }
    return true;
}

const EVP_MD *
kn_crypto_md(kn_md md)
{
    return md_fetched[md];
}

bool
kn_crypto_digest(EVP_MD_CTX *ctx, kn_md md, const void *bytes, size_t len, uint8_t *out)
{
    return EVP_DigestInit_ex2(ctx, kn_crypto_md(md), NULL) == 1
           && EVP_DigestUpdate(ctx, bytes, len) == 1 && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

/* --- r||s and DER ------------------------------------------------------------------------------- */

static size_t
der_integer(const uint8_t number[32], uint8_t *out)
{
    size_t skip = 0, n = 0;

    while (skip < 31 && number[skip] == 0)
        skip++;
    out[n++] = 0x02;
    out[n++] = (uint8_t)(32 - skip + (number[skip] >> 7));
    if (number[skip] & 0x80)
        out[n++] = 0;
    memcpy(out + n, number + skip, 32 - skip);
    return n + 32 - skip;
}

size_t
kn_crypto_der_from_raw(const uint8_t raw[64], uint8_t out[KN_DER_MAX])
{
    size_t n = 2;

    n += der_integer(raw, out + n);
    n += der_integer(raw + 32, out + n);
    out[0] = 0x30;
    out[1] = (uint8_t)(n - 2);
    return n;
}

static bool
raw_integer(const uint8_t **at, const uint8_t *end, uint8_t out[32])
{
    size_t len = 0;
    const uint8_t *p = *at;

    if (end - p < 2 || p[0] != 0x02 || p[1] > 33 || (size_t)(end - p - 2) < p[1])
        return false;
    len = p[1];
    p += 2;
    *at = p + len;
    while (len > 0 && *p == 0)
        p++, len--;
    if (len > 32)
        return false;
    memset(out, 0, 32 - len);
    memcpy(out + 32 - len, p, len);
    return true;
}

bool
kn_crypto_raw_from_der(const uint8_t *der, size_t len, uint8_t out[64])
{
    const uint8_t *at = der + 2, *end = der + len;

    return len >= 8 && len <= KN_DER_MAX && der[0] == 0x30 && (size_t)der[1] + 2 == len
           && raw_integer(&at, end, out) && raw_integer(&at, end, out + 32) && at == end;
}

/* --- cached contexts ----------------------------------------------------------------------------- */

void
kn_crypto_forget(kn_xml *xml)
{
    for (size_t i = 0; i < KN_KEY_CACHE; i++) {
        EVP_PKEY_CTX_free(xml->keys[i].ctx);
        xml->keys[i] = (kn_key_slot){ 0 };
    }
}

static bool
slot_init(const kn_alg_row *row, EVP_PKEY_CTX *ctx, bool sign)
{
    if ((sign ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx)) != 1)
        return false;
    if (!row->raw_rs && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1)
        return false;
    return EVP_PKEY_CTX_set_signature_md(ctx, kn_crypto_md(row->signature_md)) == 1;
}

/* NULL with *err: the key does not fit the row, or OpenSSL failed. */
static kn_key_slot *
slot_of(kn_xml *xml, kn_alg alg, EVP_PKEY *key, bool sign, GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(alg);
    g_autoptr(EVP_PKEY_CTX) ctx = NULL;
    kn_key_slot *slot = NULL;

    for (size_t i = 0; i < KN_KEY_CACHE; i++) {
        slot = &xml->keys[i];
        if (slot->key == key && slot->alg == alg && slot->sign == sign)
            return slot;
    }
    if (!EVP_PKEY_is_a(key, row->key_type)) {
        kn_fail(err, KN_E_KEY_TYPE, "the key is not of the type that %s needs", row->name);
        return NULL;
    }
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (!ctx || (strcmp(row->key_type, "SM2") != 0 && !slot_init(row, ctx, sign))) {
        ERR_clear_error();
        kn_fail(err, KN_E_ENGINE_ERROR, "OpenSSL cannot work with the key for %s", row->name);
        return NULL;
    }
    slot = &xml->keys[xml->next_key];
    xml->next_key = (xml->next_key + 1) % KN_KEY_CACHE;
    EVP_PKEY_CTX_free(slot->ctx);
    *slot = (kn_key_slot){ .key = key, .alg = alg, .sign = sign, .size = EVP_PKEY_get_size(key) };
    slot->ctx = g_steal_pointer(&ctx);
    return slot;
}

/* --- SM2 ------------------------------------------------------------------------------------------ */

/* A digest context bound to the key with the identifier set; the EVP_PKEY_CTX must live as long. */
static bool
sm2_start(EVP_PKEY *key, bool sign, EVP_PKEY_CTX **pkey_out, EVP_MD_CTX **md_out)
{
    g_autoptr(EVP_PKEY_CTX) pkey = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    g_autoptr(EVP_MD_CTX) md = EVP_MD_CTX_new();

    if (!pkey || !md || EVP_PKEY_CTX_set1_id(pkey, KN_SM2_ID, (int)strlen(KN_SM2_ID)) != 1)
        return false;
    EVP_MD_CTX_set_pkey_ctx(md, pkey);
    if ((sign ? EVP_DigestSignInit(md, NULL, kn_crypto_md(KN_MD_SM3), NULL, key)
              : EVP_DigestVerifyInit(md, NULL, kn_crypto_md(KN_MD_SM3), NULL, key))
        != 1)
        return false;
    *pkey_out = g_steal_pointer(&pkey);
    *md_out = g_steal_pointer(&md);
    return true;
}

static bool
sm2_verify(EVP_PKEY *key, const void *bytes, size_t len, const uint8_t *der, size_t der_len,
           int *verdict)
{
    g_autoptr(EVP_PKEY_CTX) pkey = NULL; /* freed after md: declared first */
    g_autoptr(EVP_MD_CTX) md = NULL;

    if (!sm2_start(key, false, &pkey, &md))
        return false;
    *verdict = EVP_DigestVerify(md, der, der_len, bytes, len);
    return true;
}

static bool
sm2_sign(EVP_PKEY *key, const void *bytes, size_t len, uint8_t *der, size_t *der_len)
{
    g_autoptr(EVP_PKEY_CTX) pkey = NULL;
    g_autoptr(EVP_MD_CTX) md = NULL;

    return sm2_start(key, true, &pkey, &md) && EVP_DigestSign(md, der, der_len, bytes, len) == 1;
}

/* --- verify and sign ------------------------------------------------------------------------------ */

bool
kn_crypto_verify(kn_xml *xml, kn_alg alg, EVP_PKEY *key, const void *bytes, size_t len,
                 const uint8_t *value, size_t value_len, GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(alg);
    kn_key_slot *slot = slot_of(xml, alg, key, false, err);
    uint8_t digest[KN_DIGEST_MAX], der[KN_DER_MAX];
    int verdict = 0;
    bool worked = true;

    if (!slot)
        return false;
    if (row->raw_rs ? value_len != 64 : value_len != (size_t)slot->size)
        return kn_fail(err, KN_E_SIG_VALUE_FORM, "SignatureValue has %zu bytes, the key needs %d",
                       value_len, row->raw_rs ? 64 : slot->size);
    if (row->raw_rs) {
        value_len = kn_crypto_der_from_raw(value, der);
        value = der;
    }
    if (strcmp(row->key_type, "SM2") == 0) {
        worked = sm2_verify(key, bytes, len, value, value_len, &verdict);
    } else {
        worked = kn_crypto_digest(xml->md, row->signature_md, bytes, len, digest);
        if (worked)
            verdict = EVP_PKEY_verify(slot->ctx, value, value_len, digest,
                                      kn_md_len(row->signature_md));
    }
    if (verdict != 1)
        ERR_clear_error();
    if (!worked)
        return kn_fail(err, KN_E_ENGINE_ERROR, "OpenSSL failed while verifying %s", row->name);
    if (verdict != 1)
        return kn_fail(err, KN_E_SIG_BAD, "the value does not verify over SignedInfo (%s)",
                       row->name);
    return true;
}

bool
kn_crypto_sign(kn_xml *xml, kn_alg alg, EVP_PKEY *key, const void *bytes, size_t len,
               uint8_t value[KN_SIG_VALUE_MAX], size_t *value_len, GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(alg);
    kn_key_slot *slot = slot_of(xml, alg, key, true, err);
    uint8_t digest[KN_DIGEST_MAX], der[KN_SIG_VALUE_MAX], raw[64];
    size_t der_len = sizeof(der);
    bool ok = false;

    if (!slot)
        return false;
    if (slot->size > KN_SIG_VALUE_MAX)
        return kn_fail(err, KN_E_ENGINE_ERROR, "the key is larger than any row allows");
    if (strcmp(row->key_type, "SM2") == 0)
        ok = sm2_sign(key, bytes, len, der, &der_len);
    else
        ok = kn_crypto_digest(xml->md, row->signature_md, bytes, len, digest)
             && EVP_PKEY_sign(slot->ctx, der, &der_len, digest, kn_md_len(row->signature_md)) == 1;
    if (ok && row->raw_rs)
        ok = kn_crypto_raw_from_der(der, der_len, raw);
    if (!ok) {
        ERR_clear_error();
        return kn_fail(err, KN_E_ENGINE_ERROR, "OpenSSL failed while signing with %s", row->name);
    }
    memcpy(value, row->raw_rs ? raw : der, row->raw_rs ? sizeof(raw) : der_len);
    *value_len = row->raw_rs ? sizeof(raw) : der_len;
    return true;
}
