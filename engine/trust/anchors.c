/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/anchors.h"

#include "base/alg.h"
#include "base/clock.h"

#include <kouan/error.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

bool
kn_anchors_time(const ASN1_TIME *time, int64_t *ms_out)
{
    struct tm tm;
    kn_date date;

    if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
        return false;
    date = (kn_date){ .year = tm.tm_year + 1900,
                      .month = tm.tm_mon + 1,
                      .day = tm.tm_mday,
                      .hour = tm.tm_hour,
                      .minute = tm.tm_min,
                      .second = tm.tm_sec };
    return kn_clock_from_civil(&date, 0, ms_out);
}

bool
kn_anchors_set_id(X509 *cert)
{
    ASN1_OCTET_STRING *id;

    if (X509_get_signature_nid(cert) != NID_SM2_with_SM3)
        return true;
    id = ASN1_OCTET_STRING_new();
    if (!id
        || ASN1_OCTET_STRING_set(id, (const unsigned char *)KN_SM2_ID, (int)strlen(KN_SM2_ID))
               != 1) {
        ASN1_OCTET_STRING_free(id);
        return false;
    }
    X509_set0_distinguishing_id(cert, id);
    return true;
}

kn_anchors *
kn_anchors_new(int level)
{
    kn_anchors *anchors = g_new0(kn_anchors, 1);

    anchors->roots = sk_X509_new_null();
    anchors->intermediates = sk_X509_new_null();
    anchors->crls = g_array_new(FALSE, TRUE, sizeof(kn_anchor_crl));
    anchors->pinned = g_byte_array_new();
    anchors->level = level;
    return anchors;
}

void
kn_anchors_free(kn_anchors *anchors)
{
    if (!anchors)
        return;
    for (guint i = 0; i < anchors->crls->len; i++)
        X509_CRL_free(g_array_index(anchors->crls, kn_anchor_crl, i).crl);
    g_array_unref(anchors->crls);
    g_byte_array_unref(anchors->pinned);
    sk_X509_pop_free(anchors->roots, X509_free);
    sk_X509_pop_free(anchors->intermediates, X509_free);
    g_free(anchors);
}

/* A PEM file has ended well when the reader found no further block, and not for any other reason. */
static bool
pem_ended(void)
{
    unsigned long code = ERR_peek_last_error();
    bool ended = code == 0
                 || (ERR_GET_LIB(code) == ERR_LIB_PEM
                     && ERR_GET_REASON(code) == PEM_R_NO_START_LINE);

    ERR_clear_error();
    return ended;
}

/* Reads one object and takes it: 1; at the end of the file 0, after a failure -1. */
typedef int (*next_fn)(kn_anchors *anchors, BIO *bio, GError **err);

static bool
each_object(kn_anchors *anchors, kn_files *files, const char *name, const char *what, next_fn next,
            GError **err)
{
    g_autofree char *file = kn_files_path(files, KN_AREA_PEM, name);
    g_autoptr(GError) why = NULL;
    const char *bytes;
    size_t len;
    BIO *bio;
    int n = 0, got;

    ERR_clear_error();
    if (!kn_files_read(files, KN_AREA_PEM, name, &bytes, &len, &why))
        return kn_fail(err, KN_E_CONFIG, "%s", why->message);
    bio = BIO_new_mem_buf(bytes, (int)len);
    if (!bio)
        return kn_fail(err, KN_E_ENGINE_ERROR, "out of memory");
    while ((got = next(anchors, bio, err)) > 0)
        n++;
    (void)BIO_free(bio);
    if (got < 0) {
        g_prefix_error(err, "%s, %s %d: ", file, what, n + 1);
        return false;
    }
    if (!pem_ended())
        return kn_fail(err, KN_E_CONFIG, "%s: damaged after %d %ss", file, n, what);
    return n > 0 || kn_fail(err, KN_E_CONFIG, "%s: no %s in it", file, what);
}

static bool
take_anchor(kn_anchors *anchors, X509 *cert, GError **err)
{
    bool root = X509_self_signed(cert, 0) == 1;
    STACK_OF(X509) *to = root ? anchors->roots : anchors->intermediates;

    if (!kn_anchors_set_id(cert))
        return kn_fail(err, KN_E_ENGINE_ERROR, "out of memory");
    /* Fills the certificate's caches while only one thread sees it. */
    if (X509_check_purpose(cert, -1, 0) != 1)
        return kn_fail(err, KN_E_CONFIG, "its extensions are not valid");
    if (root && X509_self_signed(cert, 1) != 1)
        return kn_fail(err, KN_E_CONFIG, "does not verify with its own key");
    if (!root && X509_check_ca(cert) == 0)
        return kn_fail(err, KN_E_CONFIG,
                       "neither a root nor a CA; pinned ones belong in certificates");
    if (!X509_up_ref(cert) || sk_X509_push(to, cert) == 0)
        return kn_fail(err, KN_E_ENGINE_ERROR, "out of memory");
    return true;
}

static bool
take_pinned(kn_anchors *anchors, X509 *cert, GError **err)
{
    uint8_t print[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (X509_digest(cert, EVP_sha256(), print, &len) != 1 || len != KN_FINGERPRINT)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no fingerprint");
    g_byte_array_append(anchors->pinned, print, len);
    return true;
}

static int
next_certificate(kn_anchors *anchors, BIO *bio, bool (*take)(kn_anchors *, X509 *, GError **),
                 GError **err)
{
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool ok;

    if (!cert)
        return 0;
    ok = take(anchors, cert, err);
    X509_free(cert);
    return ok ? 1 : -1;
}

static int
next_anchor(kn_anchors *anchors, BIO *bio, GError **err)
{
    return next_certificate(anchors, bio, take_anchor, err);
}

static int
next_pinned(kn_anchors *anchors, BIO *bio, GError **err)
{
    return next_certificate(anchors, bio, take_pinned, err);
}

bool
kn_anchors_add_pem(kn_anchors *anchors, kn_files *files, const char *file, GError **err)
{
    return each_object(anchors, files, file, "certificate", next_anchor, err);
}

bool
kn_anchors_add_pinned(kn_anchors *anchors, kn_files *files, const char *file, GError **err)
{
    return each_object(anchors, files, file, "certificate", next_pinned, err);
}

bool
kn_anchors_is_pinned(const kn_anchors *anchors, const uint8_t fingerprint[KN_FINGERPRINT])
{
    for (unsigned i = 0; i + KN_FINGERPRINT <= anchors->pinned->len; i += KN_FINGERPRINT)
        if (memcmp(anchors->pinned->data + i, fingerprint, KN_FINGERPRINT) == 0)
            return true;
    return false;
}

static X509 *
find_ca(const kn_anchors *anchors, const X509_NAME *name, X509 *after)
{
    STACK_OF(X509) *const stacks[] = { anchors->roots, anchors->intermediates };
    bool past = after == NULL;

    for (size_t s = 0; s < G_N_ELEMENTS(stacks); s++)
        for (int i = 0; i < sk_X509_num(stacks[s]); i++) {
            X509 *cert = sk_X509_value(stacks[s], i);

            if (past && X509_NAME_cmp(X509_get_subject_name(cert), name) == 0)
                return cert;
            past = past || cert == after;
        }
    return NULL;
}

/* OpenSSL 3.0 gives a CRL no SM2 id, so a good SM2 CRL fails in X509_CRL_verify (XML_SECURITY §5):
 * the signature is checked here, over the bytes that were signed. */
static bool
sm2_crl_verifies(X509_CRL *crl, EVP_PKEY *key)
{
    const ASN1_BIT_STRING *value = NULL;
    unsigned char *tbs = NULL;
    int len = i2d_re_X509_CRL_tbs(crl, &tbs);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool good = false;

    X509_CRL_get0_signature(crl, &value, NULL);
    if (len > 0 && ctx && pctx && value
        && EVP_PKEY_CTX_set1_id(pctx, KN_SM2_ID, strlen(KN_SM2_ID)) == 1) {
        EVP_MD_CTX_set_pkey_ctx(ctx, pctx);
        good = EVP_DigestVerifyInit(ctx, NULL, EVP_sm3(), NULL, key) == 1
               && EVP_DigestVerify(ctx, ASN1_STRING_get0_data(value),
                                   (size_t)ASN1_STRING_length(value), tbs, (size_t)len)
                      == 1;
    }
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_CTX_free(pctx);
    OPENSSL_free(tbs);
    return good;
}

static bool
crl_verifies(X509_CRL *crl, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    uint32_t usage = X509_get_key_usage(issuer);
    bool good;

    if (!key || (usage & KU_CRL_SIGN) == 0 || X509_check_ca(issuer) == 0)
        return false;
    good = X509_CRL_get_signature_nid(crl) == NID_SM2_with_SM3
               ? EVP_PKEY_is_a(key, "SM2") && sm2_crl_verifies(crl, key)
               : X509_CRL_verify(crl, key) == 1;
    ERR_clear_error();
    return good;
}

/* Delta and indirect CRLs speak through critical extensions; we understand none of them. */
static bool
crl_is_plain(const X509_CRL *crl)
{
    for (int i = 0; i < X509_CRL_get_ext_count(crl); i++)
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, i)))
            return false;
    return true;
}

static bool
take_crl(kn_anchors *anchors, X509_CRL *crl, GError **err)
{
    kn_anchor_crl row = { .crl = crl };

    if (!crl_is_plain(crl))
        return kn_fail(err, KN_E_CONFIG,
                       "critical extensions (delta, indirect) are not understood");
    if (!kn_anchors_time(X509_CRL_get0_nextUpdate(crl), &row.next_ms))
        return kn_fail(err, KN_E_CONFIG, "without nextUpdate");
    do
        row.issuer = find_ca(anchors, X509_CRL_get_issuer(crl), row.issuer);
    while (row.issuer && !crl_verifies(crl, row.issuer));
    if (!row.issuer)
        return kn_fail(err, KN_E_CONFIG, "no CA of the anchors signed it");
    row.next_ms += 999; /* through the last second */
    if (X509_CRL_up_ref(crl) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "out of memory");
    g_array_append_val(anchors->crls, row);
    return true;
}

static int
next_crl(kn_anchors *anchors, BIO *bio, GError **err)
{
    X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
    bool ok;

    if (!crl)
        return 0;
    ok = take_crl(anchors, crl, err);
    X509_CRL_free(crl);
    return ok ? 1 : -1;
}

bool
kn_anchors_add_crl(kn_anchors *anchors, kn_files *files, const char *file, GError **err)
{
    return each_object(anchors, files, file, "CRL", next_crl, err);
}

bool
kn_anchors_complete(const kn_anchors *anchors, GError **err)
{
    if (sk_X509_num(anchors->roots) < 1)
        return kn_fail(err, KN_E_CONFIG, "no root among them");
    for (int i = 0; i < sk_X509_num(anchors->intermediates); i++) {
        X509 *cert = sk_X509_value(anchors->intermediates, i);
        X509 *issuer = NULL;

        do
            issuer = find_ca(anchors, X509_get_issuer_name(cert), issuer);
        while (issuer && X509_check_issued(issuer, cert) != X509_V_OK);
        if (!issuer)
            return kn_fail(err, KN_E_CONFIG, "the issuer of intermediate %d is not among them",
                           i + 1);
    }
    return true;
}

const kn_anchor_crl *
kn_anchors_crl_of(const kn_anchors *anchors, X509 *issuer)
{
    const kn_anchor_crl *best = NULL;

    for (guint i = 0; i < anchors->crls->len; i++) {
        const kn_anchor_crl *row = &g_array_index(anchors->crls, kn_anchor_crl, i);

        /* By name and key: a CA whose certificate was renewed keeps its CRLs. */
        if (X509_NAME_cmp(X509_get_subject_name(row->issuer), X509_get_subject_name(issuer)) == 0
            && EVP_PKEY_eq(X509_get0_pubkey(row->issuer), X509_get0_pubkey(issuer)) == 1
            && (!best || row->next_ms > best->next_ms))
            best = row;
    }
    return best;
}
