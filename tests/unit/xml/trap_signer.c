/* SPDX-License-Identifier: Apache-2.0 */
#include "trap_signer.h"

#include <openssl/ec.h>
#include <string.h>

#include "xml/xml_auto.h"

static const char *
digest_name(const plan *p, kn_alg alg)
{
    return p->digest_md ? p->digest_md : kn_md_name(kn_alg_row_of(alg)->digest_md);
}

static const char *
sign_name(const plan *p, kn_alg alg)
{
    return p->sign_md ? p->sign_md : kn_md_name(kn_alg_row_of(alg)->signature_md);
}

static GByteArray *
digest_of(const char *name, const void *bytes, size_t len)
{
    uint8_t out[EVP_MAX_MD_SIZE];
    size_t n = sizeof out;

    assert_int_equal(EVP_Q_digest(NULL, name, NULL, bytes, len, out, &n), 1);
    return g_byte_array_append(g_byte_array_new(), out, (guint)n);
}

static char *
hex_of(const GByteArray *bytes)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < bytes->len; i++)
        g_string_append_printf(out, "%02x", bytes->data[i]);
    return g_string_free(out, FALSE);
}

static char *
digest_text(const plan *p, kn_alg alg, const char *bytes, size_t len)
{
    g_autoptr(GByteArray) digest = digest_of(digest_name(p, alg), bytes, len), again = NULL;
    g_autofree char *hex = hex_of(digest);

    switch (p->digest_form) {
    case HEX_TEXT: return g_steal_pointer(&hex);
    case BASE64_OF_HEX: return g_base64_encode((const uint8_t *)hex, strlen(hex));
    case DIGEST_OF_HEX:
        again = digest_of(digest_name(p, alg), hex, strlen(hex));
        return g_base64_encode(again->data, again->len);
    default: return g_base64_encode(digest->data, digest->len);
    }
}

/* What OpenSSL gives: DER for the curves. */
static GByteArray *
openssl_value(const plan *p, kn_alg alg, const void *bytes, size_t len)
{
    EVP_PKEY *key = p->other_key ? kit_other_key(alg) : kit_key(alg);
    g_autoptr(EVP_PKEY_CTX) ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    g_autoptr(EVP_MD_CTX) md = EVP_MD_CTX_new();
    const char *id = p->id ? p->id : "1234567812345678";
    uint8_t value[512];
    size_t n = sizeof value;

    if (p->form == FORM_NO_Z) {
        g_autoptr(GByteArray) digest = digest_of(sign_name(p, alg), bytes, len);

        assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
        assert_int_equal(EVP_PKEY_sign(ctx, value, &n, digest->data, digest->len), 1);
        return g_byte_array_append(g_byte_array_new(), value, (guint)n);
    }
    if (EVP_PKEY_is_a(key, "SM2")) {
        if (*id)
            assert_int_equal(EVP_PKEY_CTX_set1_id(ctx, id, (int)strlen(id)), 1);
        EVP_MD_CTX_set_pkey_ctx(md, ctx);
    }
    assert_int_equal(EVP_DigestSignInit_ex(md, NULL, sign_name(p, alg), NULL, NULL, key, NULL), 1);
    assert_int_equal(EVP_DigestSign(md, value, &n, bytes, len), 1);
    return g_byte_array_append(g_byte_array_new(), value, (guint)n);
}

static GByteArray *
raw_value(const GByteArray *der, bool cut)
{
    const uint8_t *at = der->data;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der->len);
    GByteArray *out = g_byte_array_new();
    const BIGNUM *halves[2];

    assert_non_null(sig);
    ECDSA_SIG_get0(sig, &halves[0], &halves[1]);
    for (int i = 0; i < 2; i++) {
        uint8_t number[32];
        int size = cut ? BN_num_bytes(halves[i]) : 32;

        assert_int_equal(BN_bn2binpad(halves[i], number, size), size);
        g_byte_array_append(out, number, (guint)size);
    }
    ECDSA_SIG_free(sig);
    return out;
}

static GByteArray *
value_of(const plan *p, kn_alg alg, const void *bytes, size_t len)
{
    bool rsa = alg == KN_ALG_RSA_SHA256;

    for (;;) {
        GByteArray *value = openssl_value(p, alg, bytes, len), *raw;

        if (p->form == FORM_LONG)
            return g_byte_array_prepend(value, (const uint8_t *)"", 1);
        if (rsa || p->form == FORM_DER)
            return value;
        raw = raw_value(value, p->form == FORM_SHORT);
        g_byte_array_unref(value);
        if (p->form != FORM_SHORT || raw->len < 64)
            return raw;
        g_byte_array_unref(raw); /* one in 128 begins with a zero */
    }
}

static char *
info_rest(kn_alg alg, const char *digest, const char *gap)
{
    const kn_alg_row *row = kn_alg_row_of(alg);

    return g_strdup_printf(
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">"
        "</ds:CanonicalizationMethod>%s<ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod>%s"
        "<ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" DS
        "enveloped-signature\">"
        "</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod>"
        "<ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        gap, row->signature_uri, gap, row->digest_uri, digest);
}

static GByteArray *
sign(const plan *p, kn_alg alg, const GString *info)
{
    g_autoptr(GByteArray) digest = digest_of(sign_name(p, alg), info->str, info->len);
    g_autofree char *hex = hex_of(digest);

    switch (p->sign) {
    case SIGN_HEX: return value_of(p, alg, hex, strlen(hex));
    case SIGN_DIGEST: return value_of(p, alg, digest->data, digest->len);
    default: return value_of(p, alg, info->str, info->len);
    }
}

char *
trap_make(const plan *p, kn_alg alg)
{
    const char *sent = p->sent ? p->sent : FLAT, *digested = p->digested ? p->digested : sent;
    const char *end = g_strrstr(sent, END);
    size_t len = strlen(digested);
    g_autofree char *bytes = p->charset
                                 ? g_convert(digested, -1, p->charset, "UTF-8", NULL, &len, NULL)
                                 : g_strdup(digested);
    g_autofree char *digest = digest_text(p, alg, bytes, len),
                    *signed_rest = info_rest(alg, digest, "");
    g_autofree char *sent_rest = info_rest(alg, digest, p->info_gap ? p->info_gap : "");
    g_autoptr(GString) info = g_string_new("<ds:SignedInfo");
    g_autoptr(X509) cert = kit_cert(kit_key(alg), "trap test");
    g_autoptr(GByteArray) value = NULL;
    g_autofree char *value_text = NULL, *cert_text = NULL, *whole = NULL;
    unsigned char *der = NULL;
    int der_len = i2d_X509(cert, &der);

    g_string_append(info, p->declared ? p->declared : DSIG K XSI);
    g_string_append_printf(info, ">%s%s", signed_rest, p->info_end ? p->info_end : "");
    value = sign(p, alg, info);
    value_text = g_base64_encode(value->data, value->len);
    cert_text = g_base64_encode(der, (size_t)der_len);
    OPENSSL_free(der);
    whole = g_strdup_printf(
        "%.*s%s<ds:Signature" DSIG "><ds:SignedInfo>%s<ds:SignatureValue>%s"
        "</ds:SignatureValue><ds:KeyInfo><ds:KeyName>1234ABCD</ds:KeyName><ds:X509Data>"
        "<ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</ds:Signature>%s",
        (int)(end - sent), sent, p->gap ? p->gap : "", sent_rest, value_text, cert_text, end);
    return p->from ? kit_replace(whole, p->from, p->to) : g_steal_pointer(&whole);
}
