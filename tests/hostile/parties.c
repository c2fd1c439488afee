/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the catalogue: good ones of each partner, and one for each way of being wrong.
 * TO ADD ONE: a row in rows[]; what kn_pki_certificate cannot make is a twist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "hostile.h"

#include "pki/kn_pki.h"

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY 86400000LL

typedef struct ca {
    X509 *cert;
    EVP_PKEY *key;
} ca;
enum { CA_P256, CA_RSA, CA_SM2, CA_FOREIGN, CA_DEEP2, CA_DEEP3, CA_SELF, CAS };
static ca cas[CAS];

typedef struct row {
    const char *name, *partner;
    int issuer;
    const char *kind; /* of the key; NULL = of the CA */
    const char *usage, *extended;
    int from_days, to_days; /* both 0 = yesterday to two years */
    const char *sm2_id;
    const char *cn; /* instead of the partner's id */
    void (*twist)(X509 *cert);
    const char *orgcode; /* extension .5.11 */
    bool card, sha1, is_ca;
    bool no_number;
} row;

/* --- twists: afterwards the certificate is signed again ------------------------------------------------- */

static void
second_cn(X509 *cert)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                                (const unsigned char *)"HOSTA", -1, -1, 0),
                     1);
}

static void
set_cn(X509 *cert, const char *text, int len)
{
    X509_NAME *name = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);

    X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, at));
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)text, len, -1, 0),
                     1);
}

static void
nul_in_cn(X509 *cert)
{
    set_cn(cert, "HOSTA\0.example", 14);
}

static void
cn_as_unit(X509 *cert)
{
    set_cn(cert, "someone", -1);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "OU", MBSTRING_UTF8,
                                                (const unsigned char *)"HOSTA", -1, -1, 0),
                     1);
}

static void
add_raw(X509 *cert, const char *oid, int critical, const char *der, int len)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *bytes = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext;

    assert_int_equal(ASN1_OCTET_STRING_set(bytes, (const unsigned char *)der, len), 1);
    ext = X509_EXTENSION_create_by_OBJ(NULL, object, critical, bytes);
    assert_int_equal(X509_add_ext(cert, ext, -1), 1);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(bytes);
    ASN1_OBJECT_free(object);
}

static void
unknown_critical(X509 *cert)
{
    add_raw(cert, "1.3.6.1.4.1.58888.99.1", 1, "\x05\x00", 2);
}

/* The organisation code stands there a second time, with another value. */
static void
orgcode_twice(X509 *cert)
{
    add_raw(cert, "1.3.6.1.4.1.5315.100.5.11", 0, "\x13\x09MA0000111", 11);
}

static void
orgcode_as_integer(X509 *cert)
{
    add_raw(cert, "1.3.6.1.4.1.5315.100.5.11", 0, "\x02\x09MA0000111", 11);
}

static void
usage_twice(X509 *cert)
{
    add_raw(cert, "2.5.29.15", 0, "\x03\x02\x07\x80", 4);
}

static void
name_constraint(X509 *cert)
{
    add_raw(cert, "2.5.29.37", 0, "\x30\x01\x06", 3); /* an extended usage nobody can read */
}

/* clang-format off */
static const row rows[] = {
    { .name = "a-p256", .partner = "HOSTA", .issuer = CA_P256 },
    { .name = "a-rsa", .partner = "HOSTA", .issuer = CA_RSA },
    { .name = "a-sm2", .partner = "HOSTA", .issuer = CA_SM2 },
    { .name = "a-second", .partner = "HOSTA", .issuer = CA_P256 },
    { .name = "a-rsa3072", .partner = "HOSTA", .issuer = CA_RSA, .kind = "rsa3072" },
    { .name = "a-nonrep", .partner = "HOSTA", .issuer = CA_P256, .usage = "critical,nonRepudiation" },
    { .name = "a-mail", .partner = "HOSTA", .issuer = CA_P256, .extended = "clientAuth,emailProtection" },
    { .name = "b-p256", .partner = "HOSTB", .issuer = CA_P256 },
    { .name = "b-sm2", .partner = "HOSTB", .issuer = CA_SM2 },
    { .name = "p-p256", .partner = "HOSTP", .issuer = CA_P256 },
    { .name = "p-rsa", .partner = "HOSTP", .issuer = CA_RSA },
    { .name = "p-sm2", .partner = "HOSTP", .issuer = CA_SM2 },
    { .name = "q-p256", .partner = "HOSTQ", .issuer = CA_P256 },
    { .name = "nocard-p256", .partner = "HOSTNOCARD", .issuer = CA_P256 },
    { .name = "n-p256", .partner = "HOSTN", .issuer = CA_P256 },
    { .name = "old-rsa", .partner = "HOSTOLD", .issuer = CA_RSA },
    { .name = "old-1024", .partner = "HOSTOLD", .issuer = CA_RSA, .kind = "rsa1024", .sha1 = true },
    { .name = "old2-1024", .partner = "HOSTOLD2", .issuer = CA_RSA, .kind = "rsa1024" },
    { .name = "old-512", .partner = "HOSTOLD", .issuer = CA_RSA, .kind = "rsa512" },
    { .name = "late-rsa", .partner = "HOSTLATE", .issuer = CA_RSA },
    { .name = "late-sm2", .partner = "HOSTLATE", .issuer = CA_SM2 },
    { .name = "gb-p256", .partner = "HOSTGB", .issuer = CA_P256 },
    { .name = "stale-p256", .partner = "HOSTSTALE", .issuer = CA_P256 },
    { .name = "nocrl-p256", .partner = "HOSTNOCRL", .issuer = CA_P256 },
    { .name = "off-p256", .partner = "HOSTOFF", .issuer = CA_P256 },
    { .name = "deep-good", .partner = "HOSTDEEP", .issuer = CA_DEEP2 },
    { .name = "deep-bad", .partner = "HOSTDEEP", .issuer = CA_DEEP3 },
    { .name = "ext-p256", .partner = "HOSTEXT", .issuer = CA_P256, .cn = "any", .orgcode = "MA0000111" },
    { .name = "ext-other", .partner = "HOSTEXT", .issuer = CA_P256, .cn = "any", .orgcode = "MA0000410" },
    { .name = "ext-longer", .partner = "HOSTEXT", .issuer = CA_P256, .cn = "any", .orgcode = "MA00001110" },
    { .name = "ext-twice", .partner = "HOSTEXT", .issuer = CA_P256, .cn = "any", .orgcode = "MA0000111",
      .twist = orgcode_twice },
    { .name = "ext-integer", .partner = "HOSTEXT", .issuer = CA_P256, .cn = "any", .twist = orgcode_as_integer },
    { .name = "ext-in-cn", .partner = "HOSTEXT", .issuer = CA_P256, .cn = "MA0000111" },
    { .name = "pinned", .partner = "HOSTPIN", .issuer = CA_P256 },
    { .name = "unpinned", .partner = "HOSTPIN", .issuer = CA_P256 },

    { .name = "expired", .partner = "HOSTA", .issuer = CA_P256, .from_days = -400, .to_days = -1 },
    { .name = "expired-sm2", .partner = "HOSTA", .issuer = CA_SM2, .from_days = -400, .to_days = -1 },
    { .name = "not-yet", .partner = "HOSTA", .issuer = CA_P256, .from_days = 1, .to_days = 400 },
    { .name = "tls", .partner = "HOSTA", .issuer = CA_P256, .extended = "serverAuth,clientAuth" },
    { .name = "tls-client", .partner = "HOSTA", .issuer = CA_SM2, .extended = "clientAuth" },
    { .name = "eku-broken", .partner = "HOSTA", .issuer = CA_P256, .twist = name_constraint },
    { .name = "no-usage", .partner = "HOSTA", .issuer = CA_P256, .usage = "" },
    { .name = "encipher", .partner = "HOSTA", .issuer = CA_P256, .usage = "critical,keyEncipherment,keyAgreement" },
    { .name = "cert-sign", .partner = "HOSTA", .issuer = CA_P256, .usage = "critical,keyCertSign,digitalSignature",
      .is_ca = true },
    { .name = "usage-twice", .partner = "HOSTA", .issuer = CA_P256, .twist = usage_twice },
    { .name = "rsa1024", .partner = "HOSTA", .issuer = CA_RSA, .kind = "rsa1024" },
    { .name = "p384", .partner = "HOSTA", .issuer = CA_P256, .kind = "p384" },
    { .name = "k256", .partner = "HOSTA", .issuer = CA_P256, .kind = "secp256k1" },
    { .name = "explicit", .partner = "HOSTA", .issuer = CA_P256, .kind = "explicit" },
    { .name = "ed25519", .partner = "HOSTA", .issuer = CA_P256, .kind = "ed25519" },
    { .name = "foreign", .partner = "HOSTA", .issuer = CA_FOREIGN },
    { .name = "foreign-p", .partner = "HOSTP", .issuer = CA_FOREIGN },
    { .name = "self", .partner = "HOSTA", .issuer = CA_SELF },
    { .name = "wrong-id", .partner = "HOSTA", .issuer = CA_SM2, .sm2_id = "8765432187654321" },
    { .name = "sha1-signed", .partner = "HOSTA", .issuer = CA_RSA, .sha1 = true },
    { .name = "critical", .partner = "HOSTA", .issuer = CA_P256, .twist = unknown_critical },
    { .name = "revoked", .partner = "HOSTA", .issuer = CA_P256 },
    { .name = "revoked-rsa", .partner = "HOSTA", .issuer = CA_RSA },
    { .name = "revoked-sm2", .partner = "HOSTA", .issuer = CA_SM2 },
    { .name = "revoked-p", .partner = "HOSTP", .issuer = CA_SM2 },
    { .name = "cn-lower", .partner = "HOSTA", .issuer = CA_P256, .cn = "hosta" },
    { .name = "cn-longer", .partner = "HOSTA", .issuer = CA_P256, .cn = "HOSTA1" },
    { .name = "cn-blank", .partner = "HOSTA", .issuer = CA_P256, .cn = "HOSTA " },
    { .name = "cn-twice", .partner = "HOSTA", .issuer = CA_P256, .cn = "someone", .twist = second_cn },
    { .name = "cn-nul", .partner = "HOSTA", .issuer = CA_P256, .twist = nul_in_cn },
    { .name = "cn-unit", .partner = "HOSTA", .issuer = CA_P256, .twist = cn_as_unit },

    { .name = "c-sm2", .issuer = CA_SM2, .card = true },
    { .name = "c-p256", .issuer = CA_P256, .card = true },
    { .name = "c-rsa", .issuer = CA_RSA, .card = true },
    { .name = "c-other", .issuer = CA_SM2, .card = true },
    { .name = "c-expired", .issuer = CA_SM2, .card = true, .from_days = -400, .to_days = -1 },
    { .name = "c-not-yet", .issuer = CA_SM2, .card = true, .from_days = 1, .to_days = 400 },
    { .name = "c-foreign", .issuer = CA_FOREIGN, .card = true },
    { .name = "c-revoked", .issuer = CA_SM2, .card = true },
    { .name = "c-tls", .issuer = CA_SM2, .card = true, .extended = "clientAuth" },
    { .name = "c-1024", .issuer = CA_RSA, .card = true, .kind = "rsa1024" },
    { .name = "c-no-number", .issuer = CA_SM2, .card = true, .no_number = true },
};
/* clang-format on */
static hostile_party parties[G_N_ELEMENTS(rows)];

const hostile_party *
hostile_party_of(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &parties[i];
    fail_msg("no party %s", name);
    return NULL;
}

/* --- keys ------------------------------------------------------------------------------------------------ */

static EVP_PKEY *
explicit_key(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

    assert_int_equal(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
    return key;
}

static EVP_PKEY *
make_key(const char *kind)
{
    static EVP_PKEY *shared; /* RSA keys are dear: partners and cards may have the same */
    static const struct {
        const char *kind, *type, *curve;
        size_t bits;
    } kinds[] = {
        { "rsa3072", "RSA", NULL, 3072 },
        { "rsa512", "RSA", NULL, 512 },
        { "secp256k1", "EC", "secp256k1", 0 },
        { "ed25519", "ED25519", NULL, 0 },
    };
    EVP_PKEY *key = NULL;

    if (strcmp(kind, "explicit") == 0)
        return explicit_key();
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].curve  ? EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].type, kinds[i].curve)
                   : kinds[i].bits ? EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].type, kinds[i].bits)
                                   : EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].type);
    if (strcmp(kind, "rsa2048") == 0 && shared) {
        assert_int_equal(EVP_PKEY_up_ref(shared), 1);
        return shared;
    }
    assert_true(kn_pki_key(kind, &key, NULL));
    if (strcmp(kind, "rsa2048") == 0)
        shared = key;
    return key;
}

/* --- certificates ------------------------------------------------------------------------------------------ */

static void
sign_again(X509 *cert, EVP_PKEY *key)
{
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
}

static X509 *
issue(const row *r, EVP_PKEY *key, int64_t now_ms)
{
    bool ever = r->from_days == 0 && r->to_days == 0;
    const ca *by = &cas[r->issuer];
    g_autofree char *number = g_strdup_printf("03-99%011d", 77);
    const kn_pki_extension facts[] = {
        { r->orgcode || r->card ? "1.3.6.1.4.1.5315.100.5.11" : NULL, V_ASN1_PRINTABLESTRING,
          r->orgcode ? r->orgcode : "MA0000410", -1 },
        { r->card && !r->no_number ? "1.3.6.1.4.1.5315.100.5.9" : NULL, V_ASN1_PRINTABLESTRING,
          number, -1 },
        { NULL, 0, NULL, 0 },
    };
    kn_pki_request q = {
        .cn = r->cn        ? r->cn
              : r->partner ? r->partner
                           : "Kouan test card",
        .o = "Kouan test",
        .ou = "hostile",
        .key = key,
        .issuer = r->issuer == CA_SELF ? NULL : by->cert,
        .issuer_key = r->issuer == CA_SELF ? NULL : by->key,
        .key_usage = !r->usage   ? "critical,digitalSignature"
                     : *r->usage ? r->usage
                                 : NULL,
        .extended_usage = r->extended,
        .ca = r->is_ca,
        .path_len = -1,
        .not_before_ms = now_ms + (ever ? -1 : r->from_days) * DAY,
        .not_after_ms = now_ms + (ever ? 730 : r->to_days) * DAY,
        .sha1 = r->sha1,
        .sm2_id = r->sm2_id,
        .extensions = facts,
    };
    X509 *cert = NULL;
    g_autoptr(GError) err = NULL;

    if (!kn_pki_certificate(&q, &cert, &err))
        fail_msg("%s: %s", r->name, err->message);
    if (r->twist) {
        r->twist(cert);
        sign_again(cert, by->key);
    }
    return cert;
}

static void
make_party(const row *r, hostile_party *p, int64_t now_ms)
{
    static const char *const natural[CAS] = { "p256", "rsa2048", "sm2", "p256",
                                              "p256", "p256",    "p256" };
    unsigned char *der = NULL;
    BIGNUM *serial;
    char *hex;
    int len;

    p->name = r->name;
    p->partner = r->partner;
    p->key = make_key(r->kind ? r->kind : natural[r->issuer]);
    p->cert = issue(r, p->key, now_ms);
    len = i2d_X509(p->cert, &der);
    assert_true(len > 0);
    p->cert_b64 = g_base64_encode(der, (size_t)len);
    OPENSSL_free(der);
    serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(p->cert), NULL);
    hex = BN_bn2hex(serial);
    p->serial = g_strdup(hex);
    OPENSSL_free(hex);
    BN_free(serial);
}

/* --- CAs and CRLs ------------------------------------------------------------------------------------------- */

static void
read_ca(const char *folder, const char *name, ca *out)
{
    g_autofree char *cert = g_strdup_printf("%s/ca/%s.pem", folder, name);
    g_autofree char *key = g_strdup_printf("%s/ca/%s.key", folder, name);

    assert_true(kn_pki_read_certificate(cert, &out->cert, NULL));
    assert_true(kn_pki_read_key(key, &out->key, NULL));
}

static void
make_ca(const char *cn, const ca *by, int64_t now_ms, ca *out)
{
    kn_pki_request q = { .cn = cn,
                         .o = "Kouan test",
                         .key_usage = "critical,keyCertSign,cRLSign",
                         .ca = true,
                         .path_len = -1,
                         .issuer = by ? by->cert : NULL,
                         .issuer_key = by ? by->key : NULL,
                         .not_before_ms = now_ms - DAY,
                         .not_after_ms = now_ms + 3650 * DAY };

    out->key = make_key("p256");
    q.key = out->key;
    assert_true(kn_pki_certificate(&q, &out->cert, NULL));
}

static void
free_ca(ca *c)
{
    X509_free(c->cert);
    EVP_PKEY_free(c->key);
    *c = (ca){ NULL, NULL };
}

static void
write_pem(const char *folder, const char *name, X509 *const *certs)
{
    g_autofree char *file = g_build_filename(folder, "host", name, NULL);

    assert_true(kn_pki_write_certificates(file, certs, NULL));
}

/* Two CAs between leaf and root are the most; the third makes a chain too long. */
static void
make_deep(const char *folder, int64_t now_ms)
{
    ca root = { 0 }, first = { 0 };

    make_ca("Kouan deep root", NULL, now_ms, &root);
    make_ca("Kouan deep 1", &root, now_ms, &first);
    make_ca("Kouan deep 2", &first, now_ms, &cas[CA_DEEP2]);
    make_ca("Kouan deep 3", &cas[CA_DEEP2], now_ms, &cas[CA_DEEP3]);
    write_pem(
        folder, "deep-chain.pem",
        (X509 *const[]){ root.cert, first.cert, cas[CA_DEEP2].cert, cas[CA_DEEP3].cert, NULL });
    free_ca(&root);
    free_ca(&first);
}

static void
write_crl(const char *folder, const char *name, const ca *by, X509 *const *revoked, int64_t from_ms,
          int64_t to_ms)
{
    g_autofree char *file = g_strdup_printf("%s/host/%s.crl", folder, name);
    X509_CRL *crl = NULL;

    assert_true(kn_pki_crl(by->cert, by->key, revoked, from_ms, to_ms, &crl, NULL));
    assert_true(kn_pki_write_crl(file, crl, NULL));
    X509_CRL_free(crl);
}

static X509 *
cert_of(const char *name)
{
    return hostile_party_of(name)->cert;
}

static void
make_crls(const char *folder, int64_t now_ms)
{
    X509 *const revoked[3][4] = {
        [CA_P256] = { cert_of("revoked"), NULL },
        [CA_RSA] = { cert_of("revoked-rsa"), NULL },
        [CA_SM2] = { cert_of("revoked-sm2"), cert_of("revoked-p"), cert_of("c-revoked"), NULL },
    };
    static const char *const names[] = { "p256", "rsa", "sm2" };

    for (int f = 0; f < 3; f++) {
        g_autofree char *root_name = g_strdup_printf("%s-root", names[f]);
        g_autofree char *ca_name = g_strdup_printf("%s-ca", names[f]);
        ca root = { 0 };

        read_ca(folder, root_name, &root);
        write_crl(folder, root_name, &root, NULL, now_ms - DAY, now_ms + 730 * DAY);
        write_crl(folder, ca_name, &cas[f], revoked[f], now_ms - DAY, now_ms + 730 * DAY);
        free_ca(&root);
    }
    write_crl(folder, "p256-stale", &cas[CA_P256], NULL, now_ms - 2 * DAY, now_ms - 3600000);
}

void
hostile_parties_make(const char *folder, int64_t now_ms)
{
    g_autofree char *host = g_build_filename(folder, "host", NULL);
    ca foreign_root = { 0 };

    assert_int_equal(g_mkdir_with_parents(host, 0700), 0);
    read_ca(folder, "p256-ca", &cas[CA_P256]);
    read_ca(folder, "rsa-ca", &cas[CA_RSA]);
    read_ca(folder, "sm2-ca", &cas[CA_SM2]);
    make_ca("Kouan test root p256", NULL, now_ms, &foreign_root); /* the same name, another key */
    make_ca("Kouan test CA p256", &foreign_root, now_ms, &cas[CA_FOREIGN]);
    write_pem(folder, "foreign-root.pem",
              (X509 *const[]){ foreign_root.cert, cas[CA_FOREIGN].cert, NULL });
    free_ca(&foreign_root);
    make_deep(folder, now_ms);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        make_party(&rows[i], &parties[i], now_ms);
    make_crls(folder, now_ms);
    write_pem(folder, "pinned.pem", (X509 *const[]){ cert_of("pinned"), NULL });
}

void
hostile_parties_free(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        EVP_PKEY_free(parties[i].key);
        X509_free(parties[i].cert);
        g_free(parties[i].cert_b64);
        g_free(parties[i].serial);
    }
    for (int i = 0; i < CAS; i++)
        free_ca(&cas[i]);
}
