/* SPDX-License-Identifier: Apache-2.0 */
/* K1 .. K6: each rule with a certificate that breaks exactly that rule. */
#include "rig.h"

#include <kouan/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

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
        const char *first = rig_show(trust, p, v[i].role, v[i].alg, cert, NOW + v[i].at);
        const char *again = rig_show(trust, p, v[i].role, v[i].alg, cert, NOW + v[i].at);

        if (strcmp(first, v[i].expected) != 0)
            fail_msg("%s: %s instead of %s", v[i].why, first, v[i].expected);
        assert_string_equal(again, first);
        assert_string_equal(rig_show(cold, p, v[i].role, v[i].alg, cert, NOW + v[i].at), first);
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
        { "a CA that may sign data too", "KEY_USAGE", ECDSA, .q = { .ca = true, .path_len = -1,
          .key_usage = "digitalSignature,keyCertSign" } },
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
    /* the same certificate with a length written longer than DER allows */
    g_autofree uint8_t *ber = g_malloc(len + 1);
    const kn_certificate *none = NULL;
    assert_true(der[0] == 0x30 && der[1] == 0x82);
    ber[0] = 0x30;
    ber[1] = 0x83;
    ber[2] = 0;
    memcpy(ber + 3, der + 2, len - 2);
    g_autoptr(GError) not_der = NULL;
    assert_false(kn_trust_key(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, ber, len + 1, NOW,
                              &none, &not_der));
    assert_int_equal(kn_error_code(not_der), KN_E_KEY_CERT_BAD);
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
    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW), "OK");
    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW + 2 * DAY),
                        "KEY_EXPIRED");
    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW - 20 * DAY),
                        "KEY_NOT_YET");
    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, cert, NOW),
                        "KEY_TYPE");
    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, cert, NOW + DAY), "OK");
    kn_trust_read_figures(trust, &f);
    assert_int_equal(f.misses, 1);
    assert_int_equal(f.hits, 4);
    assert_int_equal(f.good, 1);
    /* cached for A says nothing for B */
    assert_string_equal(rig_show(trust, kn_partners_find(partners, "B"), KN_ROLE_PARTNER,
                                 KN_ALG_SM2_SM3, cert, NOW),
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
    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, cert, NOW), "OK");
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_rules),
        cmocka_unit_test(certificate_old_partners),
        cmocka_unit_test(certificate_bindings_and_cards),
        cmocka_unit_test(certificate_bytes),
        cmocka_unit_test(certificate_expired_while_cached),
        cmocka_unit_test(certificate_bad_cache_is_bounded),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
