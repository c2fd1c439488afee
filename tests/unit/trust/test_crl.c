/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs: which one counts, until when, which are refused; a set after another; two certificates of one partner
 * while its key is rolled over. */
#include "rig.h"

#include "trust/crl.h"

#include <kouan/error.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HOUR 3600000LL

static rig *R;

static int
set_up(void **state)
{
    (void)state;
    R = rig_new();
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    rig_free(R);
    return 0;
}

/* A list of the CA of a family; from and to are counted from NOW. */
static X509_CRL *
make_crl(kn_pki_family f, X509 *revoked, int64_t from, int64_t to)
{
    g_autoptr(GError) err = NULL;
    X509_CRL *crl = NULL;

    if (!kn_pki_crl(R->cas[f], R->ca_keys[f], (X509 *const[]){ revoked, NULL }, NOW + from,
                    NOW + to, &crl, &err))
        fail_msg("%s", err->message);
    return crl;
}

static void
write_crl(const char *name, kn_pki_family f, X509 *revoked, int64_t from, int64_t to)
{
    g_autofree char *path = rig_path(R, name);
    X509_CRL *crl = make_crl(f, revoked, from, to);

    assert_true(kn_pki_write_crl(path, crl, NULL));
    X509_CRL_free(crl);
}

static void
write_roots(void)
{
    rig_write_crl(R, "root.crl", KN_PKI_P256, true, NULL, NOW + 900 * DAY);
    rig_write_crl(R, "sm2-root.crl", KN_PKI_SM2, true, NULL, NOW + 900 * DAY);
}

static kn_partners *
with_crls(const char *keys)
{
    g_autofree char *text = g_strconcat(
        "[partner]\nid = A\nname = x\nkind = portal\ndocuments = *\n[keys]\nanchors = p256.pem, "
        "sm2.pem\nbind_subject_cn = A\n" ALGS,
        keys, NULL);

    rig_write(R, "a.ini", text);
    return rig_load(R);
}

static void
crl_newest_counts(void **state)
{
    static const struct {
        kn_pki_family family;
        kn_alg alg;
        const char *crls;
    } vectors[] = {
        { KN_PKI_P256, KN_ALG_ECDSA_SHA256,
          "crl = root.crl, old.crl, new.crl, sm2-root.crl, sm2-new.crl\n" },
        { KN_PKI_P256, KN_ALG_ECDSA_SHA256,
          "crl = new.crl, old.crl, root.crl, sm2-root.crl, sm2-new.crl\n" },
        { KN_PKI_SM2, KN_ALG_SM2_SM3,
          "crl = root.crl, new.crl, sm2-root.crl, sm2-old.crl, sm2-new.crl\n" },
        { KN_PKI_SM2, KN_ALG_SM2_SM3,
          "crl = root.crl, new.crl, sm2-root.crl, sm2-new.crl, sm2-old.crl\n" },
    };
    X509 *leaf[] = { rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ 0 }), NULL,
                     rig_leaf(R, KN_PKI_SM2, NULL, (kn_pki_request){ 0 }) };

    (void)state;
    write_roots();
    /* the old one knows nothing of the revocation and would count longer */
    write_crl("old.crl", KN_PKI_P256, NULL, -10 * DAY, 100 * DAY);
    write_crl("new.crl", KN_PKI_P256, leaf[KN_PKI_P256], -DAY, 2 * DAY);
    write_crl("sm2-old.crl", KN_PKI_SM2, NULL, -10 * DAY, 100 * DAY);
    write_crl("sm2-new.crl", KN_PKI_SM2, leaf[KN_PKI_SM2], -DAY, 2 * DAY);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(kn_partners) partners = with_crls(vectors[i].crls);
        g_autoptr(kn_trust) trust = kn_trust_new(partners);
        const kn_partner *p = kn_partners_find(partners, "A");
        X509 *good = rig_leaf(R, vectors[i].family, NULL, (kn_pki_request){ 0 });

        assert_string_equal(
            rig_show(trust, p, KN_ROLE_PARTNER, vectors[i].alg, leaf[vectors[i].family], NOW),
            "KEY_REVOKED");
        assert_string_equal(rig_show(trust, p, KN_ROLE_PARTNER, vectors[i].alg, good, NOW), "OK");
        /* and when the newest has ended, the older one does not come back */
        assert_string_equal(
            rig_show(trust, p, KN_ROLE_PARTNER, vectors[i].alg, good, NOW + 3 * DAY),
            "KEY_CRL_STALE");
        X509_free(good);
    }
    X509_free(leaf[0]);
    X509_free(leaf[2]);
}

static void
crl_age_limit(void **state)
{
    static const struct {
        const char *limit;
        int64_t at;
        const char *said, *why;
    } vectors[] = {
        { "", 0, "OK", "nextUpdate alone" },
        { "crl_max_hours = 48\n", 23 * HOUR, "OK", "thisUpdate was a day ago" },
        { "crl_max_hours = 48\n", 24 * HOUR, "OK", "the last ms" },
        { "crl_max_hours = 48\n", 24 * HOUR + 1, "KEY_CRL_STALE", "two days after thisUpdate" },
        { "crl_max_hours = 87600\n", 3 * DAY + 1000, "KEY_CRL_STALE",
          "nextUpdate ends it all the same" },
        { "crl_max_hours = 87600, test CA=48\n", 24 * HOUR + 1, "KEY_CRL_STALE", "one CA by name" },
        { "crl_max_hours = test root=30\n", 7 * HOUR, "KEY_CRL_STALE", "the root's list is late" },
        { "crl_max_hours = test CA = 60\n", 30 * HOUR, "OK", "spaces" },
    };
    X509 *leaf = rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ 0 });

    (void)state;
    write_roots();
    write_crl("new.crl", KN_PKI_P256, NULL, -DAY, 3 * DAY);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *keys = g_strconcat("crl = root.crl, new.crl\n", vectors[i].limit, NULL);
        g_autoptr(kn_partners) partners = with_crls(keys);
        g_autoptr(kn_trust) trust = kn_trust_new(partners);
        const char *said = rig_show(trust, kn_partners_find(partners, "A"), KN_ROLE_PARTNER,
                                    KN_ALG_ECDSA_SHA256, leaf, NOW + vectors[i].at);

        if (strcmp(said, vectors[i].said) != 0)
            fail_msg("%s: %s", vectors[i].why, said);
    }
    X509_free(leaf);
}

/* --- lists that are refused -------------------------------------------------------------------------- */

static void
sign_and_write(X509_CRL *crl, const char *name)
{
    g_autofree char *path = rig_path(R, name);

    assert_true(X509_CRL_sign(crl, R->ca_keys[0], EVP_sha256()) > 0);
    assert_true(kn_pki_write_crl(path, crl, NULL));
    X509_CRL_free(crl);
}

static X509_EXTENSION *
extension(int nid, int critical)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    X509_EXTENSION *ext;

    assert_true(ASN1_INTEGER_set(number, 7));
    ext = X509V3_EXT_i2d(nid == NID_delta_crl ? NID_delta_crl : NID_crl_number, critical, number);
    ASN1_INTEGER_free(number);
    assert_non_null(ext);
    return ext;
}

static void
crl_forms(void **state)
{
    static const struct {
        const char *file, *said; /* NULL: taken */
    } vectors[] = {
        { "delta.crl", "critical extensions (delta, indirect) are not understood" },
        { "entry.crl", "critical extensions (delta, indirect) are not understood" },
        { "reversed.crl", "nextUpdate is before thisUpdate" },
        { "endless.crl", "without nextUpdate" },
        { "numbered.crl", NULL },
    };
    X509 *leaf = rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ 0 });
    X509_CRL *crl = make_crl(KN_PKI_P256, NULL, -DAY, DAY);
    X509_EXTENSION *ext = extension(NID_delta_crl, 1);

    (void)state;
    write_roots();
    assert_true(X509_CRL_add_ext(crl, ext, -1));
    sign_and_write(crl, "delta.crl");
    crl = make_crl(KN_PKI_P256, leaf, -DAY, DAY);
    assert_true(X509_REVOKED_add_ext(sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0), ext, -1));
    sign_and_write(crl, "entry.crl");
    X509_EXTENSION_free(ext);
    crl = make_crl(KN_PKI_P256, NULL, DAY, -DAY);
    sign_and_write(crl, "reversed.crl");
    crl = X509_CRL_new();
    {
        ASN1_TIME *then = ASN1_TIME_set(NULL, (time_t)((NOW - DAY) / 1000));

        assert_true(X509_CRL_set_version(crl, 1) == 1
                    && X509_CRL_set_issuer_name(crl, X509_get_subject_name(R->cas[0])) == 1
                    && X509_CRL_set1_lastUpdate(crl, then) == 1);
        ASN1_TIME_free(then);
    }
    sign_and_write(crl, "endless.crl");
    crl = make_crl(KN_PKI_P256, NULL, -DAY, DAY);
    ext = extension(NID_crl_number, 0);
    assert_true(X509_CRL_add_ext(crl, ext, -1));
    X509_EXTENSION_free(ext);
    sign_and_write(crl, "numbered.crl");
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *text = g_strdup_printf(
            "[partner]\nid = A\nname = x\nkind = portal\ndocuments = *\n[keys]\nanchors = "
            "p256.pem\n"
            "bind_subject_cn = A\ncrl = root.crl, %s\n",
            vectors[i].file);
        g_autoptr(GError) err = NULL;
        g_autoptr(kn_partners) partners = NULL;
        bool ok;

        rig_write(R, "a.ini", text);
        ok = kn_partners_load(R->folder, NULL, &partners, &err);
        if (ok != !vectors[i].said || (!ok && !strstr(err->message, vectors[i].said)))
            fail_msg("%s: %s", vectors[i].file, ok ? "taken" : err->message);
    }
    X509_free(leaf);
}

/* --- a set after another ----------------------------------------------------------------------------- */

static void
crl_compare(void **state)
{
    static const struct {
        const char *now, *next;
        unsigned mistakes;
        const char *why;
    } vectors[] = {
        { "crl = root.crl, new.crl\n", "crl = root.crl, new.crl\n", 0, "the same" },
        { "crl = root.crl, old.crl\n", "crl = root.crl, new.crl\n", 0, "a newer one" },
        { "crl = root.crl, new.crl\n", "crl = root.crl, old.crl\n", 1,
          "an older one lifts revocations" },
        { "crl = root.crl, new.crl\n", "crl = root.crl, old.crl, new.crl\n", 0,
          "the newest counts" },
        { "crl = root.crl, old.crl, new.crl\n", "crl = root.crl, old.crl\n", 1,
          "the newest was in force" },
        { "crl = root.crl, new.crl\n", "", 0, "no longer asked for: a warning, not this" },
        { "", "crl = root.crl, old.crl\n", 0, "nothing was in force" },
    };

    (void)state;
    write_roots();
    write_crl("old.crl", KN_PKI_P256, NULL, -10 * DAY, 100 * DAY);
    write_crl("new.crl", KN_PKI_P256, NULL, -DAY, 2 * DAY);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(kn_partners) now = with_crls(vectors[i].now);
        g_autoptr(kn_partners) next = with_crls(vectors[i].next);
        g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);

        kn_crl_compare(now, next, mistakes);
        if (mistakes->len != vectors[i].mistakes)
            fail_msg("%s: %u", vectors[i].why, mistakes->len);
        if (mistakes->len
            && !g_str_has_prefix(g_ptr_array_index(mistakes, 0),
                                 "a.ini: [keys] crl: the CRL of “test CA” is of "))
            fail_msg("%s", (char *)g_ptr_array_index(mistakes, 0));
    }
}

/* Two certificates at once; later the old one is revoked, and a cache that knows it as good belongs to the set
 * before (revoked_while_cached). */
static void
crl_key_rollover(void **state)
{
    X509 *first = rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ .cn = "one" });
    X509 *second = rig_leaf(R, KN_PKI_P256, NULL,
                            (kn_pki_request){ .cn = "two", .not_after_ms = NOW + 300 * DAY });
    static const char entry[] =
        "[partner]\nid = A\nname = x\nkind = portal\ndocuments = *\n[keys]\n"
        "anchors = p256.pem\nalgorithms = ecdsa-sha256\n"
        "certificates = first.pem, second.pem\ncrl = root.crl, new.crl\n";

    (void)state;
    write_roots();
    rig_write_cert(R, "first.pem", first);
    rig_write_cert(R, "second.pem", second);
    write_crl("new.crl", KN_PKI_P256, NULL, -2 * DAY, 100 * DAY);
    rig_write(R, "a.ini", entry);
    g_autoptr(kn_partners) before = rig_load(R);
    g_autoptr(kn_trust) warm = kn_trust_new(before);
    const kn_partner *p = kn_partners_find(before, "A");

    assert_string_equal(rig_show(warm, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, first, NOW), "OK");
    assert_string_equal(rig_show(warm, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, second, NOW), "OK");
    write_crl("new.crl", KN_PKI_P256, first, -DAY, 100 * DAY);
    g_autoptr(kn_partners) after = rig_load(R);
    g_autoptr(kn_trust) cold = kn_trust_new(after);
    const kn_partner *q = kn_partners_find(after, "A");

    assert_string_equal(rig_show(cold, q, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, first, NOW),
                        "KEY_REVOKED");
    assert_string_equal(rig_show(cold, q, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, second, NOW), "OK");
    assert_string_equal(rig_show(warm, p, KN_ROLE_PARTNER, KN_ALG_ECDSA_SHA256, first, NOW), "OK");
    {
        g_auto(GStrv) texts = kn_partners_warnings(after, NOW);
        const char *const *list = (const char *const *)texts;

        assert_true(g_strv_contains(list, "a.ini: [keys] certificates: first.pem is revoked"));
        assert_int_equal(g_strv_length(texts),
                         2); /* and that it ends in ten days; the second says nothing */
        assert_non_null(strstr(texts[1], "A: certificate first.pem ends on "));
    }
    X509_free(first);
    X509_free(second);
}

static void
crl_warned_before_it_ends(void **state)
{
    static const struct {
        int64_t at;
        const char *said; /* NULL: nothing */
    } vectors[] = {
        { 0, NULL },
        { 7 * DAY, NULL },
        { 8 * DAY + HOUR, "A: a CRL of anchors ends at " },
        { 12 * DAY, "A: a CRL of anchors is stale since " },
    };

    (void)state;
    write_roots();
    write_crl("new.crl", KN_PKI_P256, NULL, -DAY, 11 * DAY); /* a quarter of 12 days: three */
    rig_write(
        R, "a.ini",
        "[partner]\nid = A\nname = x\nkind = portal\ndocuments = *\n[keys]\nanchors = p256.pem\n"
        "bind_subject_cn = A\ncrl = root.crl, new.crl\n");
    g_autoptr(kn_partners) partners = rig_load(R);

    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_auto(GStrv) texts = kn_partners_warnings(partners, NOW + vectors[i].at);

        if (!vectors[i].said ? texts[0] != NULL
                             : !texts[0] || !g_str_has_prefix(texts[0], vectors[i].said))
            fail_msg("%zu: %s", i, texts[0] ? texts[0] : "nothing");
    }
}

/* What the metrics show: the soonest of each kind, the newest list of a CA and not an older one. */
static void
crl_ends_first(void **state)
{
    static const char
        with[] = "[partner]\nid = A\nname = x\nkind = portal\ndocuments = *\n[keys]\n"
                 "anchors = p256.pem\nbind_subject_cn = A\ncrl = root.crl, old.crl, new.crl\n",
        without[] = "[partner]\nid = B\nname = x\nkind = portal\ndocuments = *\n[keys]\n"
                    "anchors = p256.pem\nbind_subject_cn = B\n";
    int64_t last = 0;
    kn_partner_ends a, b;

    (void)state;
    write_roots();
    write_crl("old.crl", KN_PKI_P256, NULL, -9 * DAY, DAY);
    write_crl("new.crl", KN_PKI_P256, NULL, -DAY, 11 * DAY);
    rig_write(R, "a.ini", with);
    rig_write(R, "b.ini", without);
    g_autoptr(kn_partners) partners = rig_load(R);

    a = kn_partner_ends_of(kn_partners_find(partners, "A"));
    b = kn_partner_ends_of(kn_partners_find(partners, "B"));
    assert_int_equal(a.crl_ms, NOW + 11 * DAY + 999); /* through the last second */
    assert_int_equal(b.crl_ms, INT64_MAX);
    assert_true(kn_anchors_time(X509_get0_notAfter(R->cas[KN_PKI_P256]), &last));
    assert_true(a.certificate_ms <= last && a.certificate_ms == b.certificate_ms);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crl_newest_counts), cmocka_unit_test(crl_age_limit),
        cmocka_unit_test(crl_forms),         cmocka_unit_test(crl_compare),
        cmocka_unit_test(crl_key_rollover),  cmocka_unit_test(crl_warned_before_it_ends),
        cmocka_unit_test(crl_ends_first),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
