/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, certificates and CRLs, one at a time, with OpenSSL. */
#include "pki/kn_pki.h"

#include <kouan/error.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509_CRL, X509_CRL_free)

static bool
broken(GError **err, const char *what)
{
    char why[160] = "no reason given";

    if (ERR_peek_last_error() != 0)
        ERR_error_string_n(ERR_peek_last_error(), why, sizeof why);
    ERR_clear_error();
    return kn_fail(err, KN_E_ENGINE_ERROR, "%s: %s", what, why);
}

bool
kn_pki_key(const char *what, EVP_PKEY **out, GError **err)
{
    static const struct {
        const char *name, *type;
        const char *curve;
        size_t bits;
    } kinds[] = {
        { "p256", "EC", "P-256", 0 },     { "p384", "EC", "P-384", 0 },
        { "sm2", "SM2", NULL, 0 },        { "rsa2048", "RSA", NULL, 2048 },
        { "rsa1024", "RSA", NULL, 1024 }, { "rsa4096", "RSA", NULL, 4096 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        EVP_PKEY *key;

        if (strcmp(kinds[i].name, what) != 0)
            continue;
        if (kinds[i].curve)
            key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].type, kinds[i].curve);
        else if (kinds[i].bits)
            key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].type, kinds[i].bits);
        else
            key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].type);
        if (!key)
            return broken(err, what);
        *out = key;
        return true;
    }
    return kn_fail(err, KN_E_USAGE, "no kind of key is called “%s”", what);
}

/* A digest context that signs with this key; an SM2 key gets its id, which OpenSSL 3.0 leaves empty. */
static EVP_MD_CTX *
signing_context(EVP_PKEY *key, bool sha1, const char *sm2_id, EVP_PKEY_CTX **pctx_out)
{
    bool sm2 = EVP_PKEY_is_a(key, "SM2") == 1;
    const char *id = sm2_id ? sm2_id : KN_SM2_ID;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    const EVP_MD *md = sm2 ? EVP_sm3() : sha1 ? EVP_sha1() : EVP_sha256();

    if (ctx && pctx && (!sm2 || EVP_PKEY_CTX_set1_id(pctx, id, (int)strlen(id)) == 1)) {
        EVP_MD_CTX_set_pkey_ctx(ctx, pctx);
        if (EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1) {
            *pctx_out = pctx;
            return ctx;
        }
    }
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_CTX_free(pctx);
    return NULL;
}

static bool
set_name(X509_NAME *name, int nid, const char *text)
{
    return !text
           || X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1,
                                         -1, 0)
                  == 1;
}

static bool
set_basics(X509 *cert, const kn_pki_request *q)
{
    unsigned char serial[8];
    BIGNUM *number = NULL;
    X509_NAME *name = X509_get_subject_name(cert);
    bool ok;

    if (RAND_bytes(serial, sizeof serial) != 1)
        return false;
    serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, always of 16 digits */
    number = BN_bin2bn(serial, sizeof serial, NULL);
    ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL
         && X509_set_version(cert, X509_VERSION_3) == 1
         && ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(q->not_before_ms / 1000))
         && ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(q->not_after_ms / 1000))
         && set_name(name, NID_countryName, "CN") && set_name(name, NID_organizationName, q->o)
         && set_name(name, NID_organizationalUnitName, q->ou)
         && set_name(name, NID_commonName, q->cn)
         && X509_set_issuer_name(cert, q->issuer ? X509_get_subject_name(q->issuer) : name) == 1
         && X509_set_pubkey(cert, q->key) == 1;
    BN_free(number);
    return ok;
}

static bool
add_standard(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
    X509_EXTENSION *ext;
    bool ok;

    if (!value)
        return true;
    ext = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    ok = ext && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

/* Content of an extension: one DER string, or with tag 0 the bytes as they are. */
static bool
extension_bytes(const kn_pki_extension *e, ASN1_OCTET_STRING *to)
{
    int len = e->len < 0 ? (int)strlen(e->bytes) : e->len;
    ASN1_STRING *text;
    ASN1_TYPE *value;
    unsigned char *der = NULL;
    int der_len;
    bool ok;

    if (e->tag == 0)
        return ASN1_OCTET_STRING_set(to, e->bytes, len) == 1;
    text = ASN1_STRING_type_new(e->tag);
    value = ASN1_TYPE_new();
    if (!text || !value || ASN1_STRING_set(text, e->bytes, len) != 1) {
        ASN1_STRING_free(text);
        ASN1_TYPE_free(value);
        return false;
    }
    ASN1_TYPE_set(value, e->tag, text); /* takes text */
    der_len = i2d_ASN1_TYPE(value, &der);
    ok = der_len > 0 && ASN1_OCTET_STRING_set(to, der, der_len) == 1;
    OPENSSL_free(der);
    ASN1_TYPE_free(value);
    return ok;
}

static bool
add_own(X509 *cert, const kn_pki_extension *e)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(e->oid, 1);
    ASN1_OCTET_STRING *bytes = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext = NULL;
    bool ok = false;

    if (oid && bytes && extension_bytes(e, bytes)) {
        ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, bytes);
        ok = ext && X509_add_ext(cert, ext, -1) == 1;
    }
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(bytes);
    ASN1_OBJECT_free(oid);
    return ok;
}

static bool
add_extensions(X509 *cert, const kn_pki_request *q)
{
    X509V3_CTX ctx;
    g_autofree char *basic = q->ca && q->path_len >= 0
                                 ? g_strdup_printf("critical,CA:TRUE,pathlen:%d", q->path_len)
                                 : g_strdup(q->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");

    X509V3_set_ctx(&ctx, q->issuer ? q->issuer : cert, cert, NULL, NULL, 0);
    if (!add_standard(cert, &ctx, NID_basic_constraints, basic)
        || !add_standard(cert, &ctx, NID_key_usage, q->key_usage)
        || !add_standard(cert, &ctx, NID_ext_key_usage, q->extended_usage)
        || !add_standard(cert, &ctx, NID_subject_key_identifier, "hash")
        || !add_standard(cert, &ctx, NID_authority_key_identifier, "keyid"))
        return false;
    for (const kn_pki_extension *e = q->extensions; e && e->oid; e++)
        if (!add_own(cert, e))
            return false;
    return true;
}

bool
kn_pki_certificate(const kn_pki_request *q, X509 **out, GError **err)
{
    g_autoptr(X509) cert = X509_new();
    EVP_PKEY *signer = q->issuer_key ? q->issuer_key : q->key;
    EVP_PKEY_CTX *pctx = NULL;
    EVP_MD_CTX *ctx;
    bool ok;

    if (!cert || !set_basics(cert, q) || !add_extensions(cert, q))
        return broken(err, "certificate");
    ctx = signing_context(signer, q->sha1, q->sm2_id, &pctx);
    ok = ctx && X509_sign_ctx(cert, ctx) > 0;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_CTX_free(pctx);
    if (!ok)
        return broken(err, "certificate's signature");
    *out = g_steal_pointer(&cert);
    return true;
}

static bool
add_revoked(X509_CRL *crl, X509 *cert, const ASN1_TIME *when)
{
    X509_REVOKED *row = X509_REVOKED_new();

    if (row && X509_REVOKED_set_serialNumber(row, X509_get_serialNumber(cert)) == 1
        && X509_REVOKED_set_revocationDate(row, (ASN1_TIME *)when) == 1
        && X509_CRL_add0_revoked(crl, row) == 1)
        return true;
    X509_REVOKED_free(row);
    return false;
}

bool
kn_pki_crl(X509 *issuer, EVP_PKEY *issuer_key, X509 *const *revoked, int64_t this_ms,
           int64_t next_ms, X509_CRL **out, GError **err)
{
    g_autoptr(X509_CRL) crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(this_ms / 1000));
    ASN1_TIME *to = ASN1_TIME_set(NULL, (time_t)(next_ms / 1000));
    EVP_PKEY_CTX *pctx = NULL;
    EVP_MD_CTX *ctx = NULL;
    bool ok = crl && from && to && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1
              && X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1
              && X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, to) == 1;

    for (size_t i = 0; ok && revoked && revoked[i]; i++)
        ok = add_revoked(crl, revoked[i], from);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    if (ok) {
        (void)X509_CRL_sort(crl);
        ctx = signing_context(issuer_key, false, NULL, &pctx);
        ok = ctx && X509_CRL_sign_ctx(crl, ctx) > 0;
    }
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_CTX_free(pctx);
    if (!ok)
        return broken(err, "CRL");
    *out = g_steal_pointer(&crl);
    return true;
}
