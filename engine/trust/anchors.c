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

static void
pin_free(void *p)
{
    kn_anchor_pin *pin = p;

    X509_free(pin->cert);
    g_free(pin->file);
    g_free(pin);
}

kn_anchors *
kn_anchors_new(int level)
{
    kn_anchors *anchors = g_new0(kn_anchors, 1);

    anchors->roots = sk_X509_new_null();
    anchors->intermediates = sk_X509_new_null();
    anchors->crls = g_array_new(FALSE, TRUE, sizeof(kn_anchor_crl));
    anchors->pinned = g_byte_array_new();
    anchors->keys = g_ptr_array_new_with_free_func((GDestroyNotify)EVP_PKEY_free);
    anchors->shown = g_ptr_array_new_with_free_func(pin_free);
    anchors->level = level;
    return anchors;
}

void
kn_anchors_free(kn_anchors *anchors)
{
    if (!anchors)
        return;
    for (guint i = 0; i < anchors->crls->len; i++) {
        kn_anchor_crl *row = &g_array_index(anchors->crls, kn_anchor_crl, i);

        X509_CRL_free(row->crl);
        ASN1_INTEGER_free(row->number);
    }
    g_array_unref(anchors->crls);
    g_byte_array_unref(anchors->pinned);
    g_ptr_array_unref(anchors->keys);
    g_ptr_array_unref(anchors->shown);
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

/* A key that lies here would go into the archive of trust sets. */
static bool
is_pem(const char *file, const char *bytes, size_t len, GError **err)
{
    if (g_strstr_len(bytes, (gssize)len, "PRIVATE KEY-----"))
        return kn_fail(err, KN_E_CONFIG, "%s: a private key is in it", file);
    if (len > 1 && (uint8_t)bytes[0] == 0x30 && (uint8_t)bytes[1] >= 0x80)
        return kn_fail(err, KN_E_CONFIG, "%s: DER, not PEM (openssl x509 or crl -inform DER)",
                       file);
    return true;
}

bool
kn_anchors_each(kn_anchors *anchors, kn_files *files, const char *name, const char *what,
                kn_anchors_next next, GError **err)
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
    if (!is_pem(file, bytes, len, err))
        return false;
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
    if (root && X509_check_ca(cert) == 0)
        return kn_fail(err, KN_E_CONFIG,
                       "signs itself but is no CA; pinned ones belong in certificates");
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
    kn_anchor_pin *pin;

    if (X509_digest(cert, EVP_sha256(), print, &len) != 1 || len != KN_FINGERPRINT)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no fingerprint");
    g_byte_array_append(anchors->pinned, print, len);
    if (X509_get0_pubkey(cert)) {
        EVP_PKEY_up_ref(X509_get0_pubkey(cert));
        g_ptr_array_add(anchors->keys, X509_get0_pubkey(cert));
    }
    pin = g_new0(kn_anchor_pin, 1);
    (void)X509_up_ref(cert);
    pin->cert = cert;
    pin->last_ms = INT64_MAX;
    g_ptr_array_add(anchors->shown, pin);
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
    return kn_anchors_each(anchors, files, file, "certificate", next_anchor, err);
}

bool
kn_anchors_add_pinned(kn_anchors *anchors, kn_files *files, const char *file, GError **err)
{
    unsigned from = anchors->shown->len;

    if (!kn_anchors_each(anchors, files, file, "certificate", next_pinned, err))
        return false;
    for (unsigned i = from; i < anchors->shown->len; i++)
        ((kn_anchor_pin *)g_ptr_array_index(anchors->shown, i))->file = g_strdup(file);
    return true;
}

bool
kn_anchors_is_pinned(const kn_anchors *anchors, const uint8_t fingerprint[KN_FINGERPRINT])
{
    for (unsigned i = 0; i + KN_FINGERPRINT <= anchors->pinned->len; i += KN_FINGERPRINT)
        if (memcmp(anchors->pinned->data + i, fingerprint, KN_FINGERPRINT) == 0)
            return true;
    return false;
}

X509 *
kn_anchors_find_ca(const kn_anchors *anchors, const X509_NAME *name, X509 *after)
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

bool
kn_anchors_complete(const kn_anchors *anchors, GError **err)
{
    if (sk_X509_num(anchors->roots) < 1)
        return kn_fail(err, KN_E_CONFIG, "no root among them");
    for (int i = 0; i < sk_X509_num(anchors->intermediates); i++) {
        X509 *cert = sk_X509_value(anchors->intermediates, i);
        X509 *issuer = NULL;

        do
            issuer = kn_anchors_find_ca(anchors, X509_get_issuer_name(cert), issuer);
        while (issuer && X509_check_issued(issuer, cert) != X509_V_OK);
        if (!issuer)
            return kn_fail(err, KN_E_CONFIG, "the issuer of intermediate %d is not among them",
                           i + 1);
    }
    return true;
}
