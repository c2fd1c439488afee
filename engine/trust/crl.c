/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/crl.h"

#include "base/alg.h"

#include <kouan/error.h>
#include <kouan/handler.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define HOUR_MS 3600000LL
#define HOURS_MAX 87600

/* OpenSSL 3.0 gives a CRL no SM2 id, so a good SM2 CRL fails in X509_CRL_verify (XML_SECURITY §5):
 * the signature is checked here, over the bytes that were signed. */
static bool
sm2_verifies(X509_CRL *crl, EVP_PKEY *key)
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
verifies(X509_CRL *crl, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    uint32_t usage = X509_get_key_usage(issuer);
    bool good;

    if (!key || (usage & KU_CRL_SIGN) == 0 || X509_check_ca(issuer) == 0)
        return false;
    good = X509_CRL_get_signature_nid(crl) == NID_SM2_with_SM3
               ? EVP_PKEY_is_a(key, "SM2") && sm2_verifies(crl, key)
               : X509_CRL_verify(crl, key) == 1;
    ERR_clear_error();
    return good;
}

/* Delta and indirect lists speak through critical extensions, of the list or of an entry; so may
 * anything else we do not know.  We understand none of them. */
static bool
is_plain(X509_CRL *crl)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);

    for (int i = 0; i < X509_CRL_get_ext_count(crl); i++)
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, i)))
            return false;
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        const X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);

        for (int k = 0; k < X509_REVOKED_get_ext_count(entry); k++)
            if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(entry, k)))
                return false;
    }
    return true;
}

static bool
times_of(const X509_CRL *crl, kn_anchor_crl *row, GError **err)
{
    if (!kn_anchors_time(X509_CRL_get0_lastUpdate(crl), &row->this_ms))
        return kn_fail(err, KN_E_CONFIG, "thisUpdate cannot be read");
    if (!kn_anchors_time(X509_CRL_get0_nextUpdate(crl), &row->next_ms))
        return kn_fail(err, KN_E_CONFIG, "without nextUpdate");
    if (row->next_ms < row->this_ms)
        return kn_fail(err, KN_E_CONFIG, "nextUpdate is before thisUpdate");
    row->next_ms += 999; /* through the last second */
    return true;
}

static bool
take(kn_anchors *anchors, X509_CRL *crl, GError **err)
{
    kn_anchor_crl row = { .crl = crl };

    if (!is_plain(crl))
        return kn_fail(err, KN_E_CONFIG,
                       "critical extensions (delta, indirect) are not understood");
    if (!times_of(crl, &row, err))
        return false;
    do
        row.issuer = kn_anchors_find_ca(anchors, X509_CRL_get_issuer(crl), row.issuer);
    while (row.issuer && !verifies(crl, row.issuer));
    if (!row.issuer)
        return kn_fail(err, KN_E_CONFIG, "no CA of the anchors signed it");
    row.number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
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
    ok = take(anchors, crl, err);
    X509_CRL_free(crl);
    return ok ? 1 : -1;
}

bool
kn_crl_add(kn_anchors *anchors, kn_files *files, const char *file, GError **err)
{
    return kn_anchors_each(anchors, files, file, "CRL", next_crl, err);
}

/* < 0: a is older. */
static int
by_age(const kn_anchor_crl *a, const kn_anchor_crl *b)
{
    if (a->this_ms != b->this_ms)
        return a->this_ms < b->this_ms ? -1 : 1;
    return a->number && b->number ? ASN1_INTEGER_cmp(a->number, b->number) : 0;
}

/* By name and key: a CA whose certificate was renewed keeps its CRLs. */
static bool
same_ca(X509 *a, X509 *b)
{
    return X509_NAME_cmp(X509_get_subject_name(a), X509_get_subject_name(b)) == 0
           && EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)) == 1;
}

const kn_anchor_crl *
kn_crl_of(const kn_anchors *anchors, X509 *issuer)
{
    const kn_anchor_crl *best = NULL;

    for (guint i = 0; i < anchors->crls->len; i++) {
        const kn_anchor_crl *row = &g_array_index(anchors->crls, kn_anchor_crl, i);

        if (same_ca(row->issuer, issuer) && (!best || by_age(row, best) > 0))
            best = row;
    }
    return best;
}

/* --- age limits ---------------------------------------------------------------------------------- */

static char *
name_of(X509 *cert)
{
    char text[128] = "";

    (void)X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, text, sizeof text);
    return g_strdup(text);
}

bool
kn_crl_limit(kn_anchors *anchors, char **limits, GError **err)
{
    for (int i = 0; limits && limits[i]; i++) {
        const char *eq = strrchr(limits[i], '='), *digits = eq ? eq + 1 : limits[i];
        g_autofree char *cn = eq ? g_strstrip(g_strndup(limits[i], (gsize)(eq - limits[i]))) : NULL;
        g_autofree char *number = g_strstrip(g_strdup(digits));
        bool used = !cn;
        int64_t hours;

        if (!g_ascii_string_to_signed(number, 10, 1, HOURS_MAX, &hours, NULL))
            return kn_fail(err, KN_E_CONFIG,
                           "“%s” is neither hours (1 to %d) nor “name of a CA=hours”", limits[i],
                           HOURS_MAX);
        for (guint k = 0; k < anchors->crls->len; k++) {
            kn_anchor_crl *row = &g_array_index(anchors->crls, kn_anchor_crl, k);
            g_autofree char *name = name_of(row->issuer);

            if (cn && strcmp(cn, name) != 0)
                continue;
            used = true;
            row->next_ms = MIN(row->next_ms, row->this_ms + hours * HOUR_MS);
        }
        if (!used)
            return kn_fail(err, KN_E_CONFIG, "no CRL is of a CA named “%s”", cn);
    }
    return true;
}

/* --- one set after another ----------------------------------------------------------------------- */

static void
compare(const kn_anchors *now, const kn_anchors *next, const char *file, const char *key,
        GPtrArray *mistakes)
{
    for (guint i = 0; now && next && i < now->crls->len; i++) {
        const kn_anchor_crl *old = &g_array_index(now->crls, kn_anchor_crl, i);
        const kn_anchor_crl *new = kn_crl_of(next, old->issuer);
        g_autofree char *name = NULL;
        char was[32], is[32];

        if (!new || old != kn_crl_of(now, old->issuer) || by_age(new, old) >= 0)
            continue;
        name = name_of(old->issuer);
        kn_time_text(old->this_ms, KN_TIME_STAMP, was);
        kn_time_text(new->this_ms, KN_TIME_STAMP, is);
        g_ptr_array_add(mistakes,
                        g_strdup_printf("%s: %s: the CRL of “%s” is of %s, older than the one in "
                                        "force (%s)",
                                        file, key, name, is, was));
    }
}

void
kn_crl_compare(const kn_partners *now, const kn_partners *next, GPtrArray *mistakes)
{
    for (size_t i = 0; i < kn_partners_count(next); i++) {
        const kn_partner *n = kn_partners_at(next, i), *o = kn_partners_find(now, n->id);

        if (!o)
            continue;
        compare(o->own, n->own, n->file, "[keys] crl", mistakes);
        compare(o->cards, n->cards, n->file, "[carry] card_crl", mistakes);
    }
}
