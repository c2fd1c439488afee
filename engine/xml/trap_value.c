/* SPDX-License-Identifier: Apache-2.0 */
/* Hypotheses about how the value was computed or written: identifier, digest, key, form. */
#include "xml/trap_priv.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

static bool
is_sm2(const kn_trap_work *w)
{
    return strcmp(w->row->key_type, "SM2") == 0;
}

static bool
usable(const kn_trap_work *w, EVP_PKEY *key)
{
    return key && EVP_PKEY_is_a(key, w->row->key_type);
}

/* The value as OpenSSL takes it; false: not of the usual form. */
static bool
usual_value(const kn_trap_work *w, uint8_t *out, size_t *len)
{
    if (!w->row->raw_rs) {
        memcpy(out, w->value, w->value_len);
        *len = w->value_len;
        return true;
    }
    if (w->value_len != 64)
        return false;
    *len = kn_crypto_der_from_raw(w->value, out);
    return true;
}

/* --- SM2 ------------------------------------------------------------------------------------------- */

static bool
sm2_with(kn_trap_work *w, const void *id, size_t id_len)
{
    g_autoptr(EVP_PKEY_CTX) pkey = NULL; /* freed after md: declared first */
    g_autoptr(EVP_MD_CTX) ctx = NULL;
    uint8_t value[KN_TRAP_VALUE_MAX];
    size_t len = 0;
    bool ok;

    if (!usable(w, w->c->key) || !usual_value(w, value, &len) || !kn_trap_may_verify(w))
        return false;
    pkey = EVP_PKEY_CTX_new_from_pkey(NULL, w->c->key, NULL);
    ctx = EVP_MD_CTX_new();
    ok = pkey && ctx && (id_len == 0 || EVP_PKEY_CTX_set1_id(pkey, id, (int)id_len) == 1);
    if (ok) {
        EVP_MD_CTX_set_pkey_ctx(ctx, pkey);
        ok = EVP_DigestVerifyInit(ctx, NULL, kn_crypto_md(KN_MD_SM3), NULL, w->c->key) == 1
             && EVP_DigestVerify(ctx, value, len, (const uint8_t *)w->info->str, w->info->len) == 1;
    }
    ERR_clear_error();
    return ok;
}

/* Over a digest that is given: no Z for SM2. */
static bool
digest_with(kn_trap_work *w, kn_md md)
{
    g_autoptr(EVP_PKEY_CTX) ctx = NULL;
    uint8_t value[KN_TRAP_VALUE_MAX], digest[KN_DIGEST_MAX];
    size_t len = 0;
    bool ok;

    if (!usable(w, w->c->key) || !usual_value(w, value, &len) || !kn_trap_may_verify(w))
        return false;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, w->c->key, NULL);
    ok = ctx && EVP_PKEY_verify_init(ctx) == 1
         && kn_trap_md(w, md, w->info->str, w->info->len, digest);
    if (ok && strcmp(w->row->key_type, "RSA") == 0)
        ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    if (ok && !is_sm2(w))
        ok = EVP_PKEY_CTX_set_signature_md(ctx, kn_crypto_md(md)) == 1;
    ok = ok && EVP_PKEY_verify(ctx, value, len, digest, kn_md_len(md)) == 1;
    ERR_clear_error();
    return ok;
}

/* The first one is the one a lane can afford. */
static const struct {
    const char *id;
    size_t len;
    const char *note;
} other_ids[] = {
    { "", 0, "empty identifier" },
    { "\x12\x34\x56\x78\x12\x34\x56\x78", 8, "identifier 1234567812345678 read as hexadecimal" },
    { "31323334353637383132333435363738", 32, "identifier written as hexadecimal text" },
    { "ALICE123@YAHOO.COM", 18, "identifier ALICE123@YAHOO.COM of the standard's draft" },
};

bool
kn_trap_sm2_id(kn_trap_work *w)
{
    size_t n = w->budget->lane ? 1 : G_N_ELEMENTS(other_ids);

    if (!is_sm2(w))
        return false;
    for (size_t i = 0; i < n; i++)
        if (sm2_with(w, other_ids[i].id, other_ids[i].len))
            return kn_trap_fits(w, other_ids[i].note);
    return !w->budget->lane && digest_with(w, KN_MD_SM3)
           && kn_trap_fits(w, "digest without identifier and key (no Z)");
}

bool
kn_trap_sig_digest(kn_trap_work *w)
{
    for (kn_md md = 0; md < KN_MD_COUNT; md++)
        if (md != w->row->signature_md && digest_with(w, md))
            return kn_trap_fits(w, kn_md_name(md));
    return false;
}

/* --- another key ----------------------------------------------------------------------------------- */

static bool
verifies(kn_trap_work *w, EVP_PKEY *key, const uint8_t *value, size_t len)
{
    return usable(w, key) && kn_trap_may_verify(w)
           && kn_crypto_verify(w->c->xml, w->c->shape->alg, key, w->info->str, w->info->len, value,
                               len, NULL);
}

bool
kn_trap_other_key(kn_trap_work *w)
{
    for (size_t i = 0; i < w->c->n_others; i++) {
        g_autofree char *note = g_strdup_printf("certificate %zu of those handed over", i + 1);

        if (verifies(w, w->c->others[i], w->value, w->value_len))
            return kn_trap_fits(w, note);
    }
    return false;
}

/* --- the value's form ------------------------------------------------------------------------------- */

/* Without a key the form alone has to do. */
static bool
good_value(kn_trap_work *w, const uint8_t *value, size_t len)
{
    return !w->c->key || verifies(w, w->c->key, value, len);
}

bool
kn_trap_der(kn_trap_work *w)
{
    uint8_t raw[64];

    return w->row->raw_rs && w->value_len != 64
           && kn_crypto_raw_from_der(w->value, w->value_len, raw) && good_value(w, raw, sizeof raw)
           && kn_trap_fits(w, "");
}

/* A number of at most 32 bytes, leading zeros added or taken away. */
static bool
put_number(const uint8_t *from, size_t len, uint8_t out[32])
{
    while (len > 32 && *from == 0)
        from++, len--;
    if (len > 32)
        return false;
    memset(out, 0, 32 - len);
    memcpy(out + 32 - len, from, len);
    return true;
}

#define ZEROS_MAX 2 /* bytes a half may lack; more are one in sixteen million */

static bool
repadded_halves(kn_trap_work *w)
{
    size_t len = w->value_len;
    uint8_t raw[64];

    if (len == 64 || len < 64 - ZEROS_MAX || len > 66)
        return false;
    if (!w->c->key) /* which half it is, only the key can tell */
        return len < 64;
    for (size_t first = 32 - ZEROS_MAX; first <= 33; first++)
        if (len - first >= 32 - ZEROS_MAX && len - first <= 33 && put_number(w->value, first, raw)
            && put_number(w->value + first, len - first, raw + 32)
            && verifies(w, w->c->key, raw, sizeof raw))
            return true;
    return false;
}

static bool
repadded_rsa(kn_trap_work *w)
{
    uint8_t value[KN_TRAP_VALUE_MAX] = { 0 };
    size_t size, len = w->value_len;
    const uint8_t *from = w->value;

    if (!usable(w, w->c->key))
        return false;
    size = (size_t)EVP_PKEY_get_size(w->c->key);
    while (len > size && *from == 0)
        from++, len--;
    if (w->value_len == size || len > size || size > sizeof value || size - len > ZEROS_MAX)
        return false;
    memcpy(value + size - len, from, len);
    return verifies(w, w->c->key, value, size);
}

bool
kn_trap_padding(kn_trap_work *w)
{
    return (w->row->raw_rs ? repadded_halves(w) : repadded_rsa(w)) && kn_trap_fits(w, "");
}
