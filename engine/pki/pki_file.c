/* SPDX-License-Identifier: Apache-2.0 */
/* PEM files.  Written beside their place and renamed, keys readable by their owner only. */
#include "pki/kn_pki.h"

#include "pki/pki_file.h"

#include <kouan/error.h>
#include <openssl/err.h>
#include <openssl/pem.h>

bool
kn_pki_write_text(const char *file, const char *text, size_t len, int mode, GError **err)
{
    g_autoptr(GError) why = NULL;

    if (g_file_set_contents_full(file, text, (gssize)len, G_FILE_SET_CONTENTS_CONSISTENT, mode,
                                 &why))
        return true;
    return kn_fail(err, KN_E_IO, "%s", why->message);
}

static bool
write_bio(const char *file, BIO *bio, bool filled, int mode, GError **err)
{
    char *text = NULL;
    long len = bio ? BIO_get_mem_data(bio, &text) : 0;
    bool ok = filled && len > 0 ? kn_pki_write_text(file, text, (size_t)len, mode, err)
                                : kn_fail(err, KN_E_ENGINE_ERROR, "%s: no PEM", file);

    (void)BIO_free(bio);
    ERR_clear_error();
    return ok;
}

bool
kn_pki_write_key(const char *file, EVP_PKEY *key, GError **err)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool filled = bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;

    return write_bio(file, bio, filled, 0600, err);
}

bool
kn_pki_write_certificates(const char *file, X509 *const *certs, GError **err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool filled = bio != NULL;

    for (size_t i = 0; filled && certs[i]; i++)
        filled = PEM_write_bio_X509(bio, certs[i]) == 1;
    return write_bio(file, bio, filled, 0644, err);
}

bool
kn_pki_write_crl(const char *file, X509_CRL *crl, GError **err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool filled = bio && PEM_write_bio_X509_CRL(bio, crl) == 1;

    return write_bio(file, bio, filled, 0644, err);
}

bool
kn_pki_read_key(const char *file, EVP_PKEY **out, GError **err)
{
    BIO *bio = BIO_new_file(file, "r");
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;

    (void)BIO_free(bio);
    ERR_clear_error();
    if (!key)
        return kn_fail(err, KN_E_IO, "%s: no private key", file);
    *out = key;
    return true;
}

bool
kn_pki_read_certificate(const char *file, X509 **out, GError **err)
{
    BIO *bio = BIO_new_file(file, "r");
    X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    (void)BIO_free(bio);
    ERR_clear_error();
    if (!cert)
        return kn_fail(err, KN_E_IO, "%s: no certificate", file);
    *out = cert;
    return true;
}
