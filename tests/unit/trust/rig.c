/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <kouan/error.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
must(bool ok, GError **err, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "rig: %s: %s\n", what, *err ? (*err)->message : "?");
    abort();
}

char *
rig_path(const rig *r, const char *name)
{
    return g_build_filename(r->folder, name, NULL);
}

void
rig_write(const rig *r, const char *name, const char *text)
{
    g_autofree char *path = rig_path(r, name);
    GError *err = NULL;

    must(g_file_set_contents(path, text, -1, &err), &err, name);
}

void
rig_remove(const rig *r, const char *name)
{
    g_autofree char *path = rig_path(r, name);

    (void)unlink(path);
}

void
rig_write_cert(const rig *r, const char *name, X509 *cert)
{
    g_autofree char *path = rig_path(r, name);
    GError *err = NULL;

    must(kn_pki_write_certificates(path, (X509 *const[]){ cert, NULL }, &err), &err, name);
}

void
rig_write_crl(const rig *r, const char *name, kn_pki_family f, bool root, X509 *revoked,
              int64_t next_ms)
{
    g_autofree char *path = rig_path(r, name);
    GError *err = NULL;
    X509_CRL *crl = NULL;

    must(kn_pki_crl(root ? r->roots[f] : r->cas[f], root ? r->root_keys[f] : r->ca_keys[f],
                    (X509 *const[]){ revoked, NULL }, NOW - DAY, next_ms, &crl, &err),
         &err, name);
    must(kn_pki_write_crl(path, crl, &err), &err, name);
    X509_CRL_free(crl);
}

rig *
rig_new(void)
{
    static const char *const kinds[] = { "p256", "rsa2048", "sm2" };
    rig *r = g_new0(rig, 1);
    GError *err = NULL;
    g_autofree char *all = NULL;

    r->folder = g_dir_make_tmp("kouan-trust-XXXXXX", &err);
    must(r->folder != NULL, &err, "folder");
    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        g_autofree char *file = g_strdup_printf("%s/%s.pem", r->folder,
                                                kn_pki_family_name((kn_pki_family)f));
        kn_pki_request q = { .cn = "test root",
                             .o = kinds[f],
                             .ca = true,
                             .path_len = -1,
                             .key_usage = "critical,keyCertSign,cRLSign",
                             .not_before_ms = NOW - 1000 * DAY,
                             .not_after_ms = NOW + 1000 * DAY };

        must(kn_pki_key(kinds[f], &r->root_keys[f], &err), &err, "key");
        must(kn_pki_key(kinds[f], &r->ca_keys[f], &err), &err, "key");
        q.key = r->root_keys[f];
        must(kn_pki_certificate(&q, &r->roots[f], &err), &err, "root");
        q.cn = "test CA";
        q.key = r->ca_keys[f];
        q.issuer = r->roots[f];
        q.issuer_key = r->root_keys[f];
        q.path_len = 0;
        must(kn_pki_certificate(&q, &r->cas[f], &err), &err, "CA");
        must(kn_pki_write_certificates(file, (X509 *const[]){ r->roots[f], r->cas[f], NULL }, &err),
             &err, file);
    }
    all = rig_path(r, "all.pem");
    must(kn_pki_write_certificates(all,
                                   (X509 *const[]){ r->roots[0], r->cas[0], r->roots[1], r->cas[1],
                                                    r->roots[2], r->cas[2], NULL },
                                   &err),
         &err, "all.pem");
    return r;
}

static void
remove_all(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            remove_all(path);
        else
            (void)unlink(path);
    }
    if (dir)
        g_dir_close(dir);
    (void)rmdir(folder);
}

void
rig_free(rig *r)
{
    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        EVP_PKEY_free(r->root_keys[f]);
        EVP_PKEY_free(r->ca_keys[f]);
        X509_free(r->roots[f]);
        X509_free(r->cas[f]);
    }
    remove_all(r->folder);
    g_free(r->folder);
    g_free(r);
}

X509 *
rig_leaf(const rig *r, kn_pki_family f, const char *key_kind, kn_pki_request q)
{
    static const char *const kinds[] = { "p256", "rsa2048", "sm2" };
    GError *err = NULL;
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;

    must(kn_pki_key(key_kind ? key_kind : kinds[f], &key, &err), &err, "key");
    q.key = key;
    q.cn = q.cn ? q.cn : "A";
    q.o = q.o ? q.o : "test";
    q.key_usage = q.key_usage ? (*q.key_usage ? q.key_usage : NULL) : "critical,digitalSignature";
    if (!q.issuer) {
        q.issuer = r->cas[f];
        q.issuer_key = r->ca_keys[f];
    } else if (q.issuer_key == NULL) { /* asked for: self-signed */
        q.issuer = NULL;
    }
    q.not_before_ms = q.not_before_ms ? q.not_before_ms : NOW - 10 * DAY;
    q.not_after_ms = q.not_after_ms ? q.not_after_ms : NOW + 10 * DAY;
    must(kn_pki_certificate(&q, &cert, &err), &err, "leaf");
    EVP_PKEY_free(key);
    return cert;
}

uint8_t *
rig_der(X509 *cert, size_t *len_out)
{
    int len = i2d_X509(cert, NULL);
    uint8_t *der = g_malloc((gsize)len + 1), *p = der;

    *len_out = (size_t)i2d_X509(cert, &p);
    return der;
}

kn_partners *
rig_load(const rig *r)
{
    kn_partners *partners = NULL;
    GError *err = NULL;

    must(kn_partners_load(r->folder, NULL, &partners, &err), &err, "partners");
    return partners;
}

const char *
rig_error(bool ok, const GError *err)
{
    return ok ? "OK" : kn_error_row_of(kn_error_code(err))->name;
}

const char *
rig_show(kn_trust *trust, const kn_partner *p, kn_role role, kn_alg alg, X509 *cert, int64_t at_ms)
{
    size_t len;
    g_autofree uint8_t *der = rig_der(cert, &len);
    g_autoptr(GError) err = NULL;
    const kn_certificate *out = NULL;
    bool ok = kn_trust_key(trust, p, role, alg, der, len, at_ms, &out, &err);

    must(ok == (out != NULL) && ok == (err == NULL), &err, "one of the two");
    return rig_error(ok, err);
}
