/* SPDX-License-Identifier: Apache-2.0 */
/* Door: partner files.  Either there is one partner that keeps its own rules, or every mistake is told
 * as "file: [group] key: what". */
#include "scratch.h"

#include "pki/kn_pki.h"
#include "trust/partner.h"

#include <kouan/error.h>
#include <openssl/x509.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NOW_MS 1795312800000

/* The files that a partner may name: root.pem, its CRL root.crl and own.pem. */
static char *
make_files(void)
{
    char *folder = g_build_filename(scratch(), "files", NULL);
    const kn_pki_request ca = { .cn = "fuzz",
                                .ca = true,
                                .path_len = -1,
                                .key_usage = "keyCertSign,cRLSign",
                                .not_before_ms = NOW_MS - 1000,
                                .not_after_ms = NOW_MS * 2 };
    kn_pki_request q = ca;
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    X509_CRL *crl = NULL;
    g_autofree char *root = g_build_filename(folder, "root.pem", NULL);
    g_autofree char *own = g_build_filename(folder, "own.pem", NULL);
    g_autofree char *list = g_build_filename(folder, "root.crl", NULL);

    (void)g_mkdir(folder, 0700);
    if (!kn_pki_key("p256", &key, NULL))
        abort();
    q.key = key;
    if (!kn_pki_certificate(&q, &cert, NULL)
        || !kn_pki_crl(cert, key, NULL, NOW_MS, NOW_MS + 1000, &crl, NULL)
        || !kn_pki_write_certificates(root, (X509 *const[]){ cert, NULL }, NULL)
        || !kn_pki_write_certificates(own, (X509 *const[]){ cert, NULL }, NULL)
        || !kn_pki_write_crl(list, crl, NULL))
        abort();
    X509_CRL_free(crl);
    X509_free(cert);
    EVP_PKEY_free(key);
    return folder;
}

static void
keeps_its_rules(const kn_partner *p)
{
    bool any = false;

    assert(strlen(p->id) >= 1 && strlen(p->id) <= 16 && g_str_is_ascii(p->id));
    assert(p->own && p->documents && p->cop_codes && p->unsigned_documents && p->carry_documents);
    for (int a = KN_ALG_NONE + 1; a < KN_ALG_COUNT; a++)
        any |= p->algorithms[a].on;
    assert(any);
    /* Weak rows always have an end. */
    assert(!p->algorithms[KN_ALG_RSA_SHA1].on || p->algorithms[KN_ALG_RSA_SHA1].end_ms < INT64_MAX);
    assert(!p->algorithms[KN_ALG_SM2_SM3_FIELD].on
           || p->algorithms[KN_ALG_SM2_SM3_FIELD].end_ms < INT64_MAX);
    assert(!p->rsa1024 || p->algorithms[KN_ALG_RSA_SHA1].on);
    assert(kn_partner_is_sender(p, p->id) && !kn_partner_is_sender(p, ""));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static char *files, *entries;
    kn_partners *partners = NULL;
    g_autoptr(GError) err = NULL;
    bool ok;

    if (!files) {
        files = make_files();
        entries = g_build_filename(scratch(), "partners", NULL);
        (void)g_mkdir(entries, 0700);
    }
    scratch_put("partners/x.ini", data, len);
    ok = kn_partners_load(entries, files, &partners, &err);
    assert(ok == (partners != NULL) && ok == (err == NULL));
    if (ok) {
        g_auto(GStrv) warnings = kn_partners_warnings(partners, NOW_MS);

        assert(warnings && kn_partners_count(partners) == 1);
        keeps_its_rules(kn_partners_at(partners, 0));
    } else {
        assert(kn_error_code(err) == KN_E_CONFIG && g_str_has_prefix(err->message, "x.ini"));
        assert(g_utf8_validate(err->message, -1, NULL));
    }
    kn_partners_free(partners);
    return 0;
}
