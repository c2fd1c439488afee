/* SPDX-License-Identifier: Apache-2.0 */
/* What is found about a certificate: chains and their depth, CRLs, pinned ones, texts. */
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
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    rig_free(R);
    return 0;
}

static const kn_pki_extension ORG[] = {
    { "1.3.6.1.4.1.5315.100.5.11", V_ASN1_PRINTABLESTRING, "MA0000410", -1 },
    { "1.3.6.1.4.1.5315.100.5.9", V_ASN1_PRINTABLESTRING, "03-9900000000001", -1 },
    { NULL, 0, NULL, 0 }
};

static void
facts_crls(void **state)
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
        assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, algs[f], good[f], NOW), "OK");
        assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, algs[f], gone[f], NOW),
                            "KEY_REVOKED");
        assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, algs[f], gone[f], NOW),
                            "KEY_REVOKED");
        /* crl_stale, on a cache hit */
        assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, algs[f], good[f], NOW + 5 * DAY),
                            "OK");
        assert_string_equal(
            rig_show(trust, p, KN_ROLE_PARTNER, algs[f], good[f], NOW + 5 * DAY + 1000),
            "KEY_CRL_STALE");
        assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, algs[f], gone[f], NOW + 11 * DAY),
                            "KEY_EXPIRED");
    }
    assert_string_equal(
        rig_show(trust, kn_partners_find(partners, "HALF"), KN_ROLE_PARTNER, algs[0], good[0], NOW),
        "KEY_CRL_STALE"); /* the root's CRL is missing */
    assert_string_equal(
        rig_show(trust, kn_partners_find(partners, "A"), KN_ROLE_PARTNER, algs[0], gone[0], NOW),
        "OK");
    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        X509_free(good[f]);
        X509_free(gone[f]);
    }
    rig_remove(R, "crl.ini");
    rig_remove(R, "half.ini");
}

static void
facts_pinned_and_texts(void **state)
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

    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_SM2_SM3, twin, NOW),
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
facts_chains(void **state)
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
    assert_string_equal(rig_show(trust, kn_partners_find(partners, "DEEP"), KN_ROLE_PARTNER,
                                 KN_ALG_ECDSA_SHA256, leaf, NOW),
                        "KEY_UNTRUSTED");
    assert_string_equal(rig_show(trust, kn_partners_find(partners, "DEEP2"), KN_ROLE_PARTNER,
                                 KN_ALG_ECDSA_SHA256, leaf, NOW),
                        "KEY_UNTRUSTED");
    assert_string_equal(rig_show(trust, kn_partners_find(partners, "A"), KN_ROLE_PARTNER,
                                 KN_ALG_ECDSA_SHA256, under_leaf, NOW),
                        "KEY_UNTRUSTED");
    /* a CA's own certificate signs no messages */
    assert_string_equal(rig_show(trust, kn_partners_find(partners, "A"), KN_ROLE_PARTNER,
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
facts_depth(void **state)
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

    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, under_two, NOW),
                        "OK");
    assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, under_three, NOW),
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
        cmocka_unit_test(facts_crls),
        cmocka_unit_test(facts_pinned_and_texts),
        cmocka_unit_test(facts_chains),
        cmocka_unit_test(facts_depth),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
