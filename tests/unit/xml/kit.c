/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "xml/xml_auto.h"

enum { KIT_RSA, KIT_EC, KIT_SM2, KEY_TYPES };

static EVP_PKEY *keys[2][KEY_TYPES];
static kn_signer *signers[KN_ALG_COUNT];

static int
type_of(kn_alg alg)
{
    const char *name = kn_alg_row_of(alg)->key_type;

    return strcmp(name, "RSA") == 0 ? KIT_RSA : strcmp(name, "SM2") == 0 ? KIT_SM2 : KIT_EC;
}

static EVP_PKEY *
make_key(int type)
{
    switch (type) {
    case KIT_RSA: return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    case KIT_EC: return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    default: return EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    }
}

static EVP_PKEY *
key_at(int which, kn_alg alg)
{
    EVP_PKEY **slot = &keys[which][type_of(alg)];

    if (!*slot)
        *slot = make_key(type_of(alg));
    assert_non_null(*slot);
    return *slot;
}

EVP_PKEY *
kit_key(kn_alg alg)
{
    return key_at(0, alg);
}

EVP_PKEY *
kit_other_key(kn_alg alg)
{
    return key_at(1, alg);
}

X509 *
kit_cert(EVP_PKEY *key, const char *name)
{
    X509 *cert = X509_new();
    X509_NAME *subject = X509_get_subject_name(cert);

    assert_non_null(cert);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 0x1234ABCD);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    X509_set_issuer_name(cert, subject);
    assert_true(X509_sign(cert, key, EVP_PKEY_is_a(key, "SM2") ? EVP_sm3() : EVP_sha256()) > 0);
    return cert;
}

const kn_signer *
kit_signer(kn_alg alg)
{
    if (!signers[alg]) {
        g_autoptr(X509) cert = kit_cert(kit_key(alg), "kouan test");

        assert_true(kn_signer_new(alg, kit_key(alg), cert, &signers[alg], NULL));
    }
    return signers[alg];
}

void
kit_write_pem(kn_alg alg, const char *folder)
{
    const char *name = kn_alg_row_of(alg)->name;
    g_autofree char *key = g_strdup_printf("%s/%s.key", folder, name);
    g_autofree char *pub = g_strdup_printf("%s/%s.pub", folder, name);
    g_autofree char *crt = g_strdup_printf("%s/%s.crt", folder, name);
    g_autoptr(X509) cert = kit_cert(kit_key(alg), "kouan test");
    g_autoptr(BIO) key_file = BIO_new_file(key, "w");
    g_autoptr(BIO) pub_file = BIO_new_file(pub, "w");
    g_autoptr(BIO) crt_file = BIO_new_file(crt, "w");

    assert_int_equal(
        PEM_write_bio_PKCS8PrivateKey(key_file, kit_key(alg), NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(PEM_write_bio_PUBKEY(pub_file, kit_key(alg)), 1);
    assert_int_equal(PEM_write_bio_X509(crt_file, cert), 1);
}

char *
kit_signed(kn_xml *xml, kn_alg alg, const char *doc)
{
    GString *out = g_string_new(NULL);
    g_autoptr(GError) err = NULL;

    doc = doc ? doc : KIT_DOC;
    if (!kn_xml_sign(xml, kit_signer(alg), doc, strlen(doc), out, &err))
        fail_msg("sign: %s", err->message);
    return g_string_free(out, FALSE);
}

char *
kit_replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);

    if (!at)
        fail_msg("not in the message: %s", from);
    return g_strdup_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

char *
kit_between(const char *text, const char *from, const char *to)
{
    const char *start = strstr(text, from);
    const char *end = start ? strstr(start, to) : NULL;

    if (!end)
        fail_msg("not in the message: %s ... %s", from, to);
    return g_strndup(start, (gsize)(end - start) + strlen(to));
}

kn_error
kit_judge(kn_xml *xml, const char *bytes, size_t len, EVP_PKEY *key, kn_why *why)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GError) err = NULL;
    kn_shape shape = { 0 };
    bool ok = kn_xml_open(xml, bytes, len, false, &doc, &err) && kn_xml_shape(doc, &shape, &err)
              && kn_xml_verify(xml, doc, &shape, key, why, &err);
    kn_error code = ok ? KN_E_OK : kn_error_code(err);

    assert_true(ok == (err == NULL));
    if (ok)
        assert_true(shape.detached);
    kn_shape_clear(&shape);
    return code;
}

const char *
kit_error_name(kn_error code)
{
    return kn_error_row_of(code)->name;
}

uint32_t
kit_random(void)
{
    static uint32_t state = 20261122;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}
