/* SPDX-License-Identifier: Apache-2.0 */
/* Door: PEM files of anchors, CRLs and pinned certificates.  What is taken is complete and has a
 * verified issuer; what is refused leaves a reason that names the file. */
#include "scratch.h"

#include "pki/kn_pki.h"
#include "trust/crl.h"

#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NOW_MS 1795312800000

static X509 *root;

/* A root that nobody who writes the input has the key of. */
static kn_anchors *
with_root(void)
{
    kn_anchors *anchors = kn_anchors_new(1);
    g_autoptr(kn_files) files = kn_files_new();
    g_autofree char *path = g_build_filename(scratch(), "root.pem", NULL);
    EVP_PKEY *key = NULL;
    kn_pki_request q = { .cn = "fuzz",
                         .ca = true,
                         .path_len = -1,
                         .key_usage = "keyCertSign,cRLSign",
                         .not_before_ms = NOW_MS - 1000,
                         .not_after_ms = NOW_MS * 2 };

    kn_files_folder(files, KN_AREA_PEM, "/");
    if (!root) {
        if (!kn_pki_key("p256", &key, NULL))
            abort();
        q.key = key;
        if (!kn_pki_certificate(&q, &root, NULL)
            || !kn_pki_write_certificates(path, (X509 *const[]){ root, NULL }, NULL))
            abort();
        EVP_PKEY_free(key);
    }
    if (!kn_anchors_add_pem(anchors, files, path, NULL))
        abort();
    return anchors;
}

static void
told(bool ok, const GError *err, const char *path)
{
    assert(ok == (err == NULL));
    assert(ok || (kn_error_code(err) == KN_E_CONFIG && strstr(err->message, path)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *path = scratch_file("in.pem", data, len);
    g_autoptr(kn_files) files = kn_files_new();
    kn_anchors *fresh = kn_anchors_new(1), *known = with_root();
    g_autoptr(GError) first = NULL, second = NULL, third = NULL, fourth = NULL;
    unsigned pinned = known->pinned->len;
    bool ok;

    kn_files_folder(files, KN_AREA_PEM, "/");
    ok = kn_anchors_add_pem(fresh, files, path, &first);
    told(ok, first, path);
    assert(!ok || sk_X509_num(fresh->roots) + sk_X509_num(fresh->intermediates) > 0);
    ok = kn_anchors_complete(fresh, &second);
    assert(ok == (second == NULL) && (!ok || sk_X509_num(fresh->roots) > 0));
    ok = kn_crl_add(known, files, path, &third);
    told(ok, third, path);
    assert(known->crls->len == 0); /* nobody can sign a CRL of ours */
    ok = kn_anchors_add_pinned(known, files, path, &fourth);
    told(ok, fourth, path);
    assert(known->pinned->len % KN_FINGERPRINT == 0 && (fourth || known->pinned->len > pinned));
    kn_anchors_free(fresh);
    kn_anchors_free(known);
    return 0;
}
