/* SPDX-License-Identifier: Apache-2.0 */
/* Door: our own key and certificate files.  The input is such a file, or, when it begins with 'P', a list
 * of patches {where, where, byte} of a good one made at start.  What loads signs, and its signature
 * verifies. */
#include "scratch.h"

#include "pki/kn_pki.h"
#include "xml/sign.h"
#include "xml/verify.h"
#include "xml/xml_auto.h"

#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Key and certificate in one file; the key never leaves this run. */
static char *
good_file(size_t *len)
{
    g_autofree char *key_path = g_build_filename(scratch(), "good.key", NULL);
    g_autofree char *cert_path = g_build_filename(scratch(), "good.pem", NULL);
    g_autofree char *key_text = NULL, *cert_text = NULL;
    char *text;
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    kn_pki_request q = { .cn = "fuzz", .path_len = -1, .not_after_ms = INT32_MAX * 1000LL };

    if (!kn_pki_key("p256", &key, NULL))
        abort();
    q.key = key;
    if (!kn_pki_certificate(&q, &cert, NULL) || !kn_pki_write_key(key_path, key, NULL)
        || !kn_pki_write_certificates(cert_path, (X509 *const[]){ cert, NULL }, NULL)
        || !g_file_get_contents(key_path, &key_text, NULL, NULL)
        || !g_file_get_contents(cert_path, &cert_text, NULL, NULL))
        abort();
    X509_free(cert);
    EVP_PKEY_free(key);
    text = g_strconcat(key_text, cert_text, NULL);
    *len = strlen(text);
    return text;
}

static void
signs(kn_xml *xml, const kn_signer *signer)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GError) err = NULL;
    kn_shape shape = { 0 };
    bool ok = kn_xml_sign(xml, signer, "<a/>", 4, out, &err)
              && kn_xml_open(xml, out->str, out->len, false, &doc, &err)
              && kn_xml_shape(doc, &shape, &err)
              && kn_xml_verify(xml, doc, &shape, signer->key, NULL, &err);

    if (!ok)
        (void)fprintf(stderr, "%s\n", err->message);
    assert(ok);
    kn_shape_clear(&shape);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static kn_xml *xml;
    static char *good;
    static size_t good_len;
    g_autofree char *patched = NULL, *path = NULL;
    bool untouched = len == 1 && data[0] == 'P';
    /* The good one is of P-256; for others the length chooses, decoding being dear. */
    kn_alg alg = len > 0 && data[0] == 'P' ? KN_ALG_ECDSA_SHA256
                                           : (kn_alg)(1 + len % (KN_ALG_COUNT - 1));
    g_autoptr(kn_signer) signer = NULL;
    g_autoptr(GError) err = NULL;

    if (!xml) {
        bool ready = kn_xml_setup(NULL);

        assert(ready);
        xml = kn_xml_new(NULL, NULL);
        good = good_file(&good_len);
    }
    if (len > 0 && data[0] == 'P') {
        patched = g_memdup2(good, good_len);
        for (size_t i = 1; i + 2 < len; i += 3)
            patched[(data[i] * 256U + data[i + 1]) % good_len] = (char)data[i + 2];
        data = (const uint8_t *)patched;
        len = good_len;
    }
    path = scratch_file("key.pem", data, len);
    bool ok = kn_signer_load(alg, path, path, &signer, &err);

    assert(ok == (signer != NULL) && ok == (err == NULL));
    if (ok)
        signs(xml, signer);
    else
        assert(kn_error_code(err) == KN_E_CONFIG && strstr(err->message, "key.pem"));
    assert(ok || !untouched);
    return 0;
}
