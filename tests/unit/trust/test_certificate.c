/* SPDX-License-Identifier: Apache-2.0 */
/* K1 .. K6: each rule with a certificate that breaks exactly that rule. */
#include "rig.h"

#include <kouan/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD(id) \
    "[partner]\nid = " id "\nname = x\nkind = portal\ndocuments = *\n[keys]\nanchors = all.pem\n"
#define ALGS "algorithms = ecdsa-sha256, rsa-sha256, sm2-sm3\n"

static rig *R;

static int
set_up(void **state)
{
    (void)state;
    R = rig_new();
    rig_write(R, "a.ini", HEAD("A") ALGS "bind_subject_cn = A\n");
    rig_write(R, "b.ini", HEAD("B") ALGS "bind_subject_cn = B\n");
    rig_write(R, "old.ini",
              HEAD("OLD") "algorithms = rsa-sha256, rsa-sha1 until 2099-12-31\nallow_sha1 = true\n"
                          "rsa1024 = true\nbind_subject_cn = A\n");
    rig_write(R, "old2048.ini",
              HEAD("OLD2048") "algorithms = rsa-sha1 until 2099-12-31\nallow_sha1 = true\n"
                              "bind_subject_cn = A\n");
    rig_write(R, "cards.ini",
              HEAD("CARDS") ALGS "bind_subject_cn = A\n[carry]\ndocuments = *\n"
                                 "card_anchors = sm2.pem\n");
    rig_write(R, "stating.ini",
              HEAD("STATING") ALGS "bind_subject_cn = A\n[carry]\ndocuments = *\n"
                                   "card_anchors = sm2.pem\nmay_state_card_facts = true\n");
    rig_write(R, "ext.ini",
              HEAD("EXT") ALGS "bind_extension = 1.3.6.1.4.1.5315.100.5.11=MA0000410, 1.2.3.4=x\n");
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    rig_free(R);
    return 0;
}

static const char *
show(kn_trust *trust, const kn_partner *p, kn_role role, kn_alg alg, X509 *cert, int64_t at_ms)
{
    size_t len;
    g_autofree uint8_t *der = rig_der(cert, &len);
    g_autoptr(GError) err = NULL;
    const kn_certificate *out = NULL;
    bool ok = kn_trust_key(trust, p, role, alg, der, len, at_ms, &out, &err);

    assert_true(ok == (out != NULL) && ok == (err == NULL));
    return rig_error(ok, err);
}

typedef struct vector {
    const char *why, *expected;
    kn_pki_family family;
    kn_alg alg;
    const char *key, *partner;
    kn_pki_request q;
    int64_t at; /* from NOW */
    kn_role role;
} vector;

#define ECDSA KN_PKI_P256, KN_ALG_ECDSA_SHA256
#define RSA256 KN_PKI_RSA, KN_ALG_RSA_SHA256
#define SM2SM3 KN_PKI_SM2, KN_ALG_SM2_SM3

/* Each vector is asked twice of one cache and once of a cold one: all three must say the same. */
static void
run(const vector *v, size_t n)
{
    g_autoptr(kn_partners) partners = rig_load(R);
    g_autoptr(kn_trust) trust = kn_trust_new(partners);

    for (size_t i = 0; i < n; i++) {
        const kn_partner *p = kn_partners_find(partners, v[i].partner ? v[i].partner : "A");
        X509 *cert = rig_leaf(R, v[i].family, v[i].key, v[i].q);
        g_autoptr(kn_trust) cold = kn_trust_new(partners);
        const char *first = show(trust, p, v[i].role, v[i].alg, cert, NOW + v[i].at);
        const char *again = show(trust, p, v[i].role, v[i].alg, cert, NOW + v[i].at);

        if (strcmp(first, v[i].expected) != 0)
            fail_msg("%s: %s instead of %s", v[i].why, first, v[i].expected);
        assert_string_equal(again, first);
        assert_string_equal(show(cold, p, v[i].role, v[i].alg, cert, NOW + v[i].at), first);
        X509_free(cert);
    }
}

static void
certificate_rules(void **state)
{
    /* clang-format off */
    const vector vectors[] = {
        { "P-256 chain", "OK", ECDSA, .q = { 0 } },
        { "RSA chain", "OK", RSA256, .q = { 0 } },
        { "SM2 chain", "OK", SM2SM3, .q = { 0 } },
        { "RSA 4096 is the most", "OK", RSA256, .key = "rsa4096" },
        { "P-256 key under the SM2 CA", "OK", KN_PKI_SM2, KN_ALG_ECDSA_SHA256, .key = "p256" },
        { "nonRepudiation alone", "OK", ECDSA, .q = { .key_usage = "nonRepudiation" } },
        { "TLS beside something else", "OK", ECDSA, .q = { .extended_usage = "clientAuth,emailProtection" } },
        { "SM2 signed with another id", "KEY_UNTRUSTED", SM2SM3, .q = { .sm2_id = "8765432187654321" } },
        { "SM2 signed with an empty id", "KEY_UNTRUSTED", SM2SM3, .q = { .sm2_id = "" } },
        { "self-signed", "KEY_UNTRUSTED", ECDSA, .q = { .issuer = R->cas[0] } },
        { "issuer is the CA by name, key is another", "KEY_UNTRUSTED", ECDSA,
          .q = { .issuer = R->cas[0], .issuer_key = R->root_keys[0] } },
        { "last second of the window", "OK", ECDSA, .q = { .not_after_ms = NOW + DAY }, .at = DAY + 999 },
        { "one ms later", "KEY_EXPIRED", ECDSA, .q = { .not_after_ms = NOW + DAY }, .at = DAY + 1000 },
        { "first ms of the window", "OK", ECDSA, .q = { .not_before_ms = NOW - DAY }, .at = -DAY },
        { "one ms earlier", "KEY_NOT_YET", ECDSA, .q = { .not_before_ms = NOW - DAY }, .at = -DAY - 1 },
        { "notBefore tomorrow", "KEY_NOT_YET", SM2SM3, .q = { .not_before_ms = NOW + DAY } },
        { "the CA has ended, the leaf has not", "KEY_EXPIRED", ECDSA,
          .q = { .not_after_ms = NOW + 3000 * DAY }, .at = 1001 * DAY },
        { "no keyUsage", "KEY_USAGE", ECDSA, .q = { .key_usage = "" } },
        { "keyEncipherment alone", "KEY_USAGE", ECDSA, .q = { .key_usage = "keyEncipherment" } },
        { "TLS server only", "KEY_USAGE", ECDSA, .q = { .extended_usage = "serverAuth" } },
        { "TLS client and server only", "KEY_USAGE", SM2SM3, .q = { .extended_usage = "clientAuth,serverAuth" } },
        { "RSA 1024", "KEY_WEAK", RSA256, .key = "rsa1024" },
        { "P-384", "KEY_WEAK", ECDSA, .key = "p384" },
        { "RSA 1024 under an EC row: weak before type", "KEY_WEAK", ECDSA, .key = "rsa1024" },
        { "EC key, RSA row", "KEY_TYPE", KN_PKI_P256, KN_ALG_RSA_SHA256, .q = { 0 } },
        { "RSA key, EC row", "KEY_TYPE", KN_PKI_RSA, KN_ALG_ECDSA_SHA256, .q = { 0 } },
        { "P-256 key, SM2 row", "KEY_TYPE", KN_PKI_P256, KN_ALG_SM2_SM3, .q = { 0 } },
        { "SM2 key, EC row", "KEY_TYPE", KN_PKI_SM2, KN_ALG_ECDSA_SHA256, .q = { 0 } },
        { "other_partner: B's certificate shown by A", "KEY_NOT_BOUND", ECDSA, .q = { .cn = "B" } },
        { "A's certificate shown by B", "KEY_NOT_BOUND", ECDSA, .partner = "B", .q = { .cn = "A" } },
        { "CN is compared whole", "KEY_NOT_BOUND", ECDSA, .q = { .cn = "A2" } },
        { "time before usage", "KEY_EXPIRED", ECDSA, .q = { .key_usage = "keyEncipherment", .cn = "B" },
          .at = 11 * DAY },
        { "usage before binding", "KEY_USAGE", ECDSA, .q = { .key_usage = "keyEncipherment", .cn = "B" } },
    };
    /* clang-format on */
    (void)state;
    run(vectors, G_N_ELEMENTS(vectors));
}

static void
certificate_old_partners(void **state)
{
    /* clang-format off */
    const vector vectors[] = {
        { "SHA-1 certificate of a partner without a SHA-1 row", "KEY_UNTRUSTED", RSA256, .q = { .sha1 = true } },
        { "SHA-1 certificate of a partner with one", "OK", KN_PKI_RSA, KN_ALG_RSA_SHA1, .partner = "OLD",
          .q = { .sha1 = true } },
        { "its RSA 1024", "OK", KN_PKI_RSA, KN_ALG_RSA_SHA1, .key = "rsa1024", .partner = "OLD" },
        { "but not under rsa-sha256", "KEY_WEAK", KN_PKI_RSA, KN_ALG_RSA_SHA256, .key = "rsa1024", .partner = "OLD" },
        { "without the flag rsa1024", "KEY_WEAK", KN_PKI_RSA, KN_ALG_RSA_SHA1, .key = "rsa1024", .partner = "OLD2048" },
    };
    /* clang-format on */
    (void)state;
    run(vectors, G_N_ELEMENTS(vectors));
}

static const kn_pki_extension ORG[] = {
    { "1.3.6.1.4.1.5315.100.5.11", V_ASN1_PRINTABLESTRING, "MA0000410", -1 },
    { "1.3.6.1.4.1.5315.100.5.9", V_ASN1_PRINTABLESTRING, "03-9900000000001", -1 },
    { NULL, 0, NULL, 0 }
};
static const kn_pki_extension OTHER_ORG[] = {
    { "1.3.6.1.4.1.5315.100.5.11", V_ASN1_PRINTABLESTRING, "MA0000066", -1 }, { NULL, 0, NULL, 0 }
};

static void
certificate_bindings_and_cards(void **state)
{
    /* clang-format off */
    const vector vectors[] = {
        { "bound by extension", "OK", ECDSA, .partner = "EXT", .q = { .extensions = ORG } },
        { "other value", "KEY_NOT_BOUND", ECDSA, .partner = "EXT", .q = { .extensions = OTHER_ORG } },
        { "no such extension", "KEY_NOT_BOUND", ECDSA, .partner = "EXT", .q = { 0 } },
        { "card with a number", "OK", SM2SM3, .partner = "CARDS", .role = KN_ROLE_CARD,
          .q = { .extensions = ORG, .cn = "holder" } },
        { "card without one", "KEY_NOT_BOUND", SM2SM3, .partner = "CARDS", .role = KN_ROLE_CARD,
          .q = { .extensions = OTHER_ORG } },
        { "the portal may state it", "OK", SM2SM3, .partner = "STATING", .role = KN_ROLE_CARD,
          .q = { .extensions = OTHER_ORG } },
        { "card of a CA that is no card_anchor", "KEY_UNTRUSTED", ECDSA, .partner = "CARDS",
          .role = KN_ROLE_CARD, .q = { .extensions = ORG } },
        { "a card is not the portal", "KEY_NOT_BOUND", SM2SM3, .partner = "CARDS", .q = { .extensions = ORG,
          .cn = "holder" } },
        { "partner that carries no cards", "KEY_UNTRUSTED", SM2SM3, .role = KN_ROLE_CARD, .q = { .extensions = ORG } },
        { "expired card", "KEY_EXPIRED", SM2SM3, .partner = "CARDS", .role = KN_ROLE_CARD,
          .q = { .extensions = ORG }, .at = 11 * DAY },
    };
    /* clang-format on */
    (void)state;
    run(vectors, G_N_ELEMENTS(vectors));
}

static void
certificate_bytes(void **state)
{
    g_autoptr(kn_partners) partners = rig_load(R);
    g_autoptr(kn_trust) trust = kn_trust_new(partners);
    const kn_partner *p = kn_partners_find(partners, "A");
    X509 *cert = rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ 0 });
    size_t len;
    g_autofree uint8_t *der = rig_der(cert, &len);
    g_autofree uint8_t *big = g_malloc0(KN_CERTIFICATE_MAX + 1);
    const struct {
        const uint8_t *der;
        size_t len;
        const char *why;
    } bad[] = {
        { der, len + 1, "one trailing byte" },
        { der, len - 1, "one byte short" },
        { der, 0, "nothing" },
        { der + 1, len - 1, "first byte gone" },
        { big, KN_CERTIFICATE_MAX + 1, "too long" },
        { (const uint8_t *)"hello", 5, "text" },
    };

    (void)state;
    der[len] = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        for (int twice = 0; twice < 2; twice++) {
            g_autoptr(GError) err = NULL;
            const kn_certificate *out = NULL;

            if (kn_trust_key(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, bad[i].der, bad[i].len,
                             NOW, &out, &err)
                || kn_error_code(err) != KN_E_KEY_CERT_BAD || out)
                fail_msg("%s", bad[i].why);
        }
    /* a changed byte of the signature */
    der[len - 1] ^= 1;
    g_autoptr(GError) err = NULL;
    const kn_certificate *out = NULL;
    assert_false(
        kn_trust_key(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, der, len, NOW, &out, &err));
    assert_int_equal(kn_error_code(err), KN_E_KEY_UNTRUSTED);
    X509_free(cert);
}

static void
certificate_expired_while_cached(void **state)
{
    g_autoptr(kn_partners) partners = rig_load(R);
    g_autoptr(kn_trust) trust = kn_trust_new(partners);
    const kn_partner *p = kn_partners_find(partners, "A");
    X509 *cert = rig_leaf(R, KN_PKI_SM2, NULL, (kn_pki_request){ .not_after_ms = NOW + DAY });
    kn_trust_figures f;

    (void)state;
    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW), "OK");
    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW + 2 * DAY),
                        "KEY_EXPIRED");
    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW - 20 * DAY),
                        "KEY_NOT_YET");
    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, cert, NOW),
                        "KEY_TYPE");
    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW + DAY), "OK");
    kn_trust_read_figures(trust, &f);
    assert_int_equal(f.misses, 1);
    assert_int_equal(f.hits, 4);
    assert_int_equal(f.good, 1);
    /* cached for A says nothing for B */
    assert_string_equal(
        show(trust, kn_partners_find(partners, "B"), KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW),
        "KEY_NOT_BOUND");
    X509_free(cert);
}

static void
certificate_bad_cache_is_bounded(void **state)
{
    g_autoptr(kn_partners) partners = rig_load(R);
    g_autoptr(kn_trust) trust = kn_trust_new(partners);
    const kn_partner *p = kn_partners_find(partners, "A");
    X509 *cert = rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ 0 });
    kn_trust_figures f;
    const kn_certificate *out;

    (void)state;
    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, cert, NOW), "OK");
    for (uint32_t i = 0; i < KN_TRUST_BAD_MAX + 500; i++)
        assert_false(kn_trust_key(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256,
                                  (const uint8_t *)&i, sizeof i, NOW, &out, NULL));
    kn_trust_read_figures(trust, &f);
    assert_int_equal(f.bad, KN_TRUST_BAD_MAX);
    assert_int_equal(f.good, 1); /* a flood of rubbish throws out no good one */
    uint32_t last = KN_TRUST_BAD_MAX + 499;
    uint64_t misses = f.misses;
    assert_false(kn_trust_key(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256,
                              (const uint8_t *)&last, sizeof last, NOW + KN_TRUST_BAD_MS, &out,
                              NULL));
    kn_trust_read_figures(trust, &f);
    assert_int_equal(f.misses, misses + 1); /* forgotten after a minute */
    X509_free(cert);
}

static void
certificate_crls(void **state)
{
    X509 *good[KN_PKI_FAMILIES], *gone[KN_PKI_FAMILIES];
    static const kn_alg algs[] = { KN_ALG_ECDSA_SHA256, KN_ALG_RSA_SHA256, KN_ALG_SM2_SM3 };

    (void)state;
    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        g_autofree char *root = g_strdup_printf("root%d.crl", f),
                        *ca = g_strdup_printf("ca%d.crl", f);

        good[f] = rig_leaf(R, (kn_pki_family)f, NULL, (kn_pki_request){ 0 });
        gone[f] = rig_leaf(R, (kn_pki_family)f, NULL, (kn_pki_request){ 0 });
        rig_write_crl(R, root, (kn_pki_family)f, true, NULL, NOW + 9 * DAY);
        rig_write_crl(R, ca, (kn_pki_family)f, false, gone[f], NOW + 5 * DAY);
    }
    rig_write(R, "crl.ini",
              HEAD("CRL") ALGS
              "bind_subject_cn = A\n"
              "crl = root0.crl, ca0.crl, root1.crl, ca1.crl, root2.crl, ca2.crl\n");
    rig_write(R, "half.ini", HEAD("HALF") ALGS "bind_subject_cn = A\ncrl = ca0.crl\n");
    g_autoptr(kn_partners) partners = rig_load(R);
    g_autoptr(kn_trust) trust = kn_trust_new(partners);
    const kn_partner *p = kn_partners_find(partners, "CRL");

    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        assert_string_equal(show(trust, p, KN_ROLE_PARTNER, algs[f], good[f], NOW), "OK");
        assert_string_equal(show(trust, p, KN_ROLE_PARTNER, algs[f], gone[f], NOW), "KEY_REVOKED");
        assert_string_equal(show(trust, p, KN_ROLE_PARTNER, algs[f], gone[f], NOW), "KEY_REVOKED");
        /* crl_stale, on a cache hit */
        assert_string_equal(show(trust, p, KN_ROLE_PARTNER, algs[f], good[f], NOW + 5 * DAY), "OK");
        assert_string_equal(show(trust, p, KN_ROLE_PARTNER, algs[f], good[f], NOW + 5 * DAY + 1000),
                            "KEY_CRL_STALE");
        assert_string_equal(show(trust, p, KN_ROLE_PARTNER, algs[f], gone[f], NOW + 11 * DAY),
                            "KEY_EXPIRED");
    }
    assert_string_equal(
        show(trust, kn_partners_find(partners, "HALF"), KN_ROLE_PARTNER, algs[0], good[0], NOW),
        "KEY_CRL_STALE"); /* the root's CRL is missing */
    assert_string_equal(
        show(trust, kn_partners_find(partners, "A"), KN_ROLE_PARTNER, algs[0], gone[0], NOW), "OK");
    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        X509_free(good[f]);
        X509_free(gone[f]);
    }
    rig_remove(R, "crl.ini");
    rig_remove(R, "half.ini");
}

static void
certificate_pinned_and_facts(void **state)
{
    X509 *cert = rig_leaf(R, KN_PKI_SM2, NULL,
                          (kn_pki_request){ .cn = "张三", .ou = "测试企业", .extensions = ORG });
    X509 *twin = rig_leaf(R, KN_PKI_SM2, NULL,
                          (kn_pki_request){ .cn = "张三", .ou = "测试企业", .extensions = ORG });
    const kn_certificate *out = NULL;
    size_t len;
    g_autofree uint8_t *der = rig_der(cert, &len);

    (void)state;
    rig_write_cert(R, "pinned.pem", cert);
    rig_write(R, "pin.ini", HEAD("PIN") ALGS "certificates = pinned.pem\n");
    g_autoptr(kn_partners) partners = rig_load(R);
    g_autoptr(kn_trust) trust = kn_trust_new(partners);
    const kn_partner *p = kn_partners_find(partners, "PIN");

    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, twin, NOW),
                        "KEY_NOT_BOUND");
    assert_true(kn_trust_key(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, der, len, NOW, &out, NULL));
    assert_true(EVP_PKEY_is_a(out->key, "SM2"));
    assert_int_equal(strlen(out->serial_hex), 16);
    assert_string_equal(out->serial_hex, out->facts.serial);
    assert_null(strstr(out->subject, "张三")); /* a person's name is nothing for logs */
    assert_non_null(strstr(out->subject, "OU=测试企业"));
    assert_string_equal(out->facts.number, "9900000000001");
    assert_string_equal(out->facts.orgcode, "MA0000410");
    assert_string_equal(out->facts.uscc, "");
    assert_string_equal(out->facts.holder_class, "");
    assert_string_equal(out->registration_customs, "");
    assert_false(out->facts.signed_ || out->facts.stated);
    assert_true(out->not_after_ms == NOW + 10 * DAY + 999 && out->not_before_ms == NOW - 10 * DAY);
    X509_free(cert);
    X509_free(twin);
    rig_remove(R, "pin.ini");
}

/* A chain one CA too long, and one where a leaf plays CA. */
static void
certificate_chains(void **state)
{
    EVP_PKEY *key = NULL;
    X509 *sub = NULL, *leaf, *under_leaf, *plain = NULL;
    kn_pki_request q = { .cn = "sub",
                         .o = "x",
                         .issuer = R->cas[0],
                         .issuer_key = R->ca_keys[0],
                         .path_len = -1,
                         .ca = true,
                         .key_usage = "keyCertSign",
                         .not_before_ms = NOW - DAY,
                         .not_after_ms = NOW + DAY };

    (void)state;
    assert_true(kn_pki_key("p256", &key, NULL));
    q.key = key;
    assert_true(kn_pki_certificate(&q, &sub, NULL));
    leaf = rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ .issuer = sub, .issuer_key = key });
    q.ca = false;
    q.key_usage = "digitalSignature";
    assert_true(kn_pki_certificate(&q, &plain, NULL));
    under_leaf = rig_leaf(R, KN_PKI_P256, NULL,
                          (kn_pki_request){ .issuer = plain, .issuer_key = key });
    rig_write_cert(R, "sub.pem", sub);
    rig_write(R, "deep.ini", HEAD("DEEP") ALGS "bind_subject_cn = A\n");
    rig_write(R, "deep2.ini",
              "[partner]\nid = DEEP2\nname = x\nkind = portal\ndocuments = *\n[keys]\n" ALGS
              "anchors = all.pem, sub.pem\nbind_subject_cn = A\n");
    g_autoptr(kn_partners) partners = rig_load(R);
    g_autoptr(kn_trust) trust = kn_trust_new(partners);

    /* pathlen:0 of the CA forbids sub; and without sub in the anchors nothing leads to the root */
    assert_string_equal(show(trust, kn_partners_find(partners, "DEEP"), KN_ROLE_PARTNER,
                             KN_ALG_ECDSA_SHA256, leaf, NOW),
                        "KEY_UNTRUSTED");
    assert_string_equal(show(trust, kn_partners_find(partners, "DEEP2"), KN_ROLE_PARTNER,
                             KN_ALG_ECDSA_SHA256, leaf, NOW),
                        "KEY_UNTRUSTED");
    assert_string_equal(show(trust, kn_partners_find(partners, "A"), KN_ROLE_PARTNER,
                             KN_ALG_ECDSA_SHA256, under_leaf, NOW),
                        "KEY_UNTRUSTED");
    /* a CA's own certificate signs no messages */
    assert_string_equal(show(trust, kn_partners_find(partners, "A"), KN_ROLE_PARTNER,
                             KN_ALG_ECDSA_SHA256, R->cas[0], NOW),
                        "KEY_USAGE");
    X509_free(sub);
    X509_free(plain);
    X509_free(leaf);
    X509_free(under_leaf);
    EVP_PKEY_free(key);
    rig_remove(R, "deep.ini");
    rig_remove(R, "deep2.ini");
}

/* K2: depth 3 counted from the leaf, that is two CAs under the root; none of these says pathlen. */
static void
certificate_depth(void **state)
{
    EVP_PKEY *keys[3] = { NULL };
    X509 *cas[3] = { NULL }, *under_two, *under_three;
    g_autofree char *path = rig_path(R, "deep.pem");

    (void)state;
    for (int i = 0; i < 3; i++) {
        g_autofree char *cn = g_strdup_printf("level %d", i);
        kn_pki_request q = { .cn = cn,
                             .issuer = i > 0 ? cas[i - 1] : R->roots[0],
                             .issuer_key = i > 0 ? keys[i - 1] : R->root_keys[0],
                             .key_usage = "keyCertSign",
                             .ca = true,
                             .path_len = -1,
                             .not_before_ms = NOW - DAY,
                             .not_after_ms = NOW + DAY };

        assert_true(kn_pki_key("p256", &keys[i], NULL));
        q.key = keys[i];
        assert_true(kn_pki_certificate(&q, &cas[i], NULL));
    }
    under_two = rig_leaf(R, KN_PKI_P256, NULL,
                         (kn_pki_request){ .issuer = cas[1], .issuer_key = keys[1] });
    under_three = rig_leaf(R, KN_PKI_P256, NULL,
                           (kn_pki_request){ .issuer = cas[2], .issuer_key = keys[2] });
    assert_true(kn_pki_write_certificates(
        path, (X509 *const[]){ R->roots[0], cas[0], cas[1], cas[2], NULL }, NULL));
    rig_write(R, "levels.ini",
              "[partner]\nid = LEVELS\nname = x\nkind = portal\ndocuments = *\n[keys]\n" ALGS
              "anchors = deep.pem\nbind_subject_cn = A\n");
    g_autoptr(kn_partners) partners = rig_load(R);
    g_autoptr(kn_trust) trust = kn_trust_new(partners);
    const kn_partner *p = kn_partners_find(partners, "LEVELS");

    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, under_two, NOW), "OK");
    assert_string_equal(show(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, under_three, NOW),
                        "KEY_UNTRUSTED");
    for (int i = 0; i < 3; i++) {
        X509_free(cas[i]);
        EVP_PKEY_free(keys[i]);
    }
    X509_free(under_two);
    X509_free(under_three);
    rig_remove(R, "levels.ini");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_depth),
        cmocka_unit_test(certificate_rules),
        cmocka_unit_test(certificate_old_partners),
        cmocka_unit_test(certificate_bindings_and_cards),
        cmocka_unit_test(certificate_bytes),
        cmocka_unit_test(certificate_expired_while_cached),
        cmocka_unit_test(certificate_bad_cache_is_bounded),
        cmocka_unit_test(certificate_crls),
        cmocka_unit_test(certificate_pinned_and_facts),
        cmocka_unit_test(certificate_chains),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
