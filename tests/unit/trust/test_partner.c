/* SPDX-License-Identifier: Apache-2.0 */
/* Partner files: facts, dated rows, and every mistake named by file, group and key. */
#include "rig.h"

#include "base/clock.h"

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
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    rig_free(R);
    return 0;
}

#define PARTNER \
    "[partner]\nid = P\nname = 门户\nkind = portal\ndocuments = CKStageMessage, " \
    "CKDeclareMessage\n"
#define KEYS "[keys]\nanchors = all.pem\nbind_subject_cn = P\n"

static int64_t
china(int y, int mo, int d, int h, int mi, int s)
{
    int64_t ms;

    assert_true(kn_clock_from_civil(
        &(kn_date){ .year = y, .month = mo, .day = d, .hour = h, .minute = mi, .second = s },
        KN_CHINA_MINUTES, &ms));
    return ms;
}

/* clang-format off */
static const struct { const char *text, *said; } mistakes[] = {
    { "[partner]\nname = x\nkind = portal\ndocuments = *\n" KEYS, "p.ini: [partner] id: must be given" },
    { "[partner]\nid = A B\nname = x\nkind = portal\ndocuments = *\n" KEYS, "p.ini: [partner] id: “A B” is not" },
    { "[partner]\nid = 12345678901234567\nname = x\nkind = portal\ndocuments = *\n" KEYS,
      "p.ini: [partner] id: longer than 16" },
    { "[partner]\nid = A\nname = x\nkind = broker\ndocuments = *\n" KEYS,
      "p.ini: [partner] kind: “broker” is not one of" },
    { "[partner]\nid = A\nname = x\nkind = portal\n" KEYS, "p.ini: [partner] documents: must be given" },
    { "[partner]\nid = A\nname = x\nkind = portal\ndocuments = *, B\n" KEYS,
      "p.ini: [partner] documents: * stands alone" },
    { "[partner]\nid = A\nname = x\nkind = portal\ndocuments = B, B\n" KEYS,
      "p.ini: [partner] documents: “B” stands there twice" },
    { "[partner]\nid = A\nname = x\nkind = portal\ndocuments = B/C\n" KEYS,
      "p.ini: [partner] documents: “B/C” is not possible" },
    { PARTNER "charset = gbk\n" KEYS, "p.ini: [partner] charset: “gbk” is not one of" },
    { PARTNER "active = yes\n" KEYS, "p.ini: [partner] active: “yes” is neither" },
    { PARTNER "colour = red\n" KEYS, "p.ini: [partner] colour: unknown key" },
    { PARTNER "name[de] = Tor\n" KEYS, "p.ini: [partner] name[de]: unknown key" },
    { PARTNER KEYS "[extra]\na = b\n", "p.ini: [extra]: unknown group" },
    { PARTNER "[keys]\nbind_subject_cn = P\n", "p.ini: [keys] anchors: must be given" },
    { PARTNER "[keys]\nanchors =\nbind_subject_cn = P\n", "p.ini: [keys] anchors: no file is named" },
    { PARTNER "[keys]\nanchors = none.pem\nbind_subject_cn = P\n", "p.ini: [keys] anchors: cannot read" },
    { PARTNER "[keys]\nanchors = empty.pem\nbind_subject_cn = P\n", "no certificate in it" },
    { PARTNER "[keys]\nanchors = cut.pem\nbind_subject_cn = P\n", "damaged after 0 certificates" },
    { PARTNER "[keys]\nanchors = ca.pem\nbind_subject_cn = P\n", "p.ini: [keys] anchors: no root among them" },
    { PARTNER "[keys]\nanchors = p256.pem, leaf.pem\nbind_subject_cn = P\n",
      "leaf.pem, certificate 1: neither a root nor a CA" },
    { PARTNER "[keys]\nanchors = rsa.pem, ca.pem\nbind_subject_cn = P\n", "the issuer of intermediate" },
    { PARTNER "[keys]\nanchors = all.pem\n", "p.ini: [keys] certificates: nothing binds" },
    { PARTNER KEYS "certificates = none.pem\n", "p.ini: [keys] certificates: cannot read" },
    { PARTNER KEYS "bind_extension = 1.2.3\n", "p.ini: [keys] bind_extension: “1.2.3” is not “OID=value”" },
    { PARTNER KEYS "bind_extension = abc=1\n", "p.ini: [keys] bind_extension: “abc=1” is not" },
    { PARTNER KEYS "crl = foreign.crl\n", "foreign.crl, CRL 1: no CA of the anchors signed it" },
    { PARTNER KEYS "crl = foreign-sm2.crl\n", "foreign-sm2.crl, CRL 1: no CA of the anchors signed it" },
    { PARTNER "[keys]\nanchors = mute.pem\nbind_subject_cn = P\ncrl = mute.crl\n",
      "mute.crl, CRL 1: no CA of the anchors signed it" },
    { PARTNER KEYS "crl = all.pem\n", "no CRL in it" },
    { PARTNER KEYS "algorithms = md5\n", "p.ini: [keys] algorithms: “md5” is no algorithm" },
    { PARTNER KEYS "algorithms = none\n", "p.ini: [keys] algorithms: “none” is no algorithm" },
    { PARTNER KEYS "algorithms =\n", "p.ini: [keys] algorithms: no algorithm is on" },
    { PARTNER KEYS "algorithms = rsa-sha1\nallow_sha1 = true\n", "p.ini: [keys] algorithms: rsa-sha1 needs an end" },
    { PARTNER KEYS "algorithms = sm2-sm3-field\n", "p.ini: [keys] algorithms: sm2-sm3-field needs an end" },
    { PARTNER KEYS "algorithms = rsa-sha1 until 2027-06-30\n", "p.ini: [keys] algorithms: rsa-sha1 needs allow_sha1" },
    { PARTNER KEYS "algorithms = rsa-sha256 until 2027-02-30\n", "is not “name until YYYY-MM-DD”" },
    { PARTNER KEYS "algorithms = rsa-sha256 until 2027-6-30\n", "is not “name until YYYY-MM-DD”" },
    { PARTNER KEYS "algorithms = rsa-sha256 to 2027-06-30\n", "is not “name until YYYY-MM-DD”" },
    { PARTNER KEYS "algorithms = rsa-sha256 until 2027-06-30 12\n", "is not “name until YYYY-MM-DD”" },
    { PARTNER KEYS "algorithms = rsa-sha256, rsa-sha256\n", "p.ini: [keys] algorithms: rsa-sha256 stands there twice" },
    { PARTNER KEYS "rsa1024 = true\n", "p.ini: [keys] rsa1024: has a meaning only with rsa-sha1" },
    { PARTNER KEYS "[carry]\ndocuments = A\n", "p.ini: [carry] card_anchors: needed" },
    { PARTNER KEYS "[carry]\ndocuments = A\ncard_anchors = none.pem\n", "p.ini: [carry] card_anchors: cannot read" },
    { PARTNER KEYS "[carry]\ndocuments = A\nunsigned_documents = B\n",
      "p.ini: [carry] unsigned_documents: “B” is not among" },
    { PARTNER KEYS "[carry]\ndocuments = *\nunsigned_documents = *\n",
      "p.ini: [carry] unsigned_documents: * is not possible" },
    { PARTNER KEYS "[carry]\nenterprises = 123\n", "p.ini: [carry] enterprises: “123” is no organisation code" },
    { "[partner]\nid = C\nname = x\nkind = customs\ndocuments = *\n" KEYS
      "[carry]\ndocuments = *\ncard_anchors = all.pem\n",
      "p.ini: [carry] documents: only a portal or an adapter" },
    { PARTNER KEYS "[receipt]\nalgorithm = rsa-sha1\n", "p.ini: [receipt] algorithm: rsa-sha1 needs" },
    { PARTNER KEYS "[receipt]\nsign = outer\n", "p.ini: [receipt] sign: “outer” is not one of" },
    { PARTNER KEYS "[enterprise]\norgcode = MA0000410\n", "p.ini: [enterprise] orgcode: only kind enterprise" },
    { "[partner]\nid = E\nname = x\nkind = enterprise\ndocuments = *\n" KEYS,
      "p.ini: [enterprise] uscc: kind enterprise needs" },
    { "[partner]\nid = E\nname = x\nkind = enterprise\ndocuments = *\n" KEYS
      "[enterprise]\nuscc = 91500000MA0000410O\n",
      "p.ini: [enterprise] uscc: not 18 characters" },
    { "[partner]\nid = E\nname = x\nkind = enterprise\ndocuments = *\n" KEYS
      "[enterprise]\nuscc = 91500000MA00004100\norgcode = MA0000066\n",
      "p.ini: [enterprise] orgcode: is not the one inside uscc" },
    { "not a key file\n", "p.ini: " },
};
/* clang-format on */

/* Right issuer's name, wrong key; and a root that may not sign CRLs. */
static void
write_wrong_crls(void)
{
    static const struct {
        const char *key, *file;
        kn_pki_family family;
    } rows[] = { { "p256", "foreign.crl", KN_PKI_P256 }, { "sm2", "foreign-sm2.crl", KN_PKI_SM2 } };
    EVP_PKEY *key = NULL;
    X509 *mute = NULL;
    X509_CRL *crl = NULL;
    g_autofree char *mute_crl = rig_path(R, "mute.crl");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = rig_path(R, rows[i].file);

        assert_true(kn_pki_key(rows[i].key, &key, NULL));
        assert_true(kn_pki_crl(R->cas[rows[i].family], key, NULL, NOW, NOW + DAY, &crl, NULL));
        assert_true(kn_pki_write_crl(path, crl, NULL));
        X509_CRL_free(crl);
        EVP_PKEY_free(key);
    }
    assert_true(kn_pki_key("p256", &key, NULL));
    assert_true(kn_pki_certificate(&(kn_pki_request){ .cn = "mute",
                                                      .key = key,
                                                      .ca = true,
                                                      .path_len = -1,
                                                      .key_usage = "keyCertSign",
                                                      .not_before_ms = NOW - DAY,
                                                      .not_after_ms = NOW + DAY },
                                   &mute, NULL));
    rig_write_cert(R, "mute.pem", mute);
    assert_true(kn_pki_crl(mute, key, NULL, NOW, NOW + DAY, &crl, NULL));
    assert_true(kn_pki_write_crl(mute_crl, crl, NULL));
    X509_CRL_free(crl);
    X509_free(mute);
    EVP_PKEY_free(key);
}

static void
partner_mistakes(void **state)
{
    X509 *leaf = rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ 0 });

    (void)state;
    rig_write(R, "empty.pem", "nothing here\n");
    rig_write(R, "cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    rig_write_cert(R, "ca.pem", R->cas[KN_PKI_P256]);
    rig_write_cert(R, "leaf.pem", leaf);
    X509_free(leaf);
    write_wrong_crls();
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) err = NULL;
        kn_partners *partners = NULL;

        rig_write(R, "p.ini", mistakes[i].text);
        if (kn_partners_load(R->folder, NULL, &partners, &err))
            fail_msg("loads: %s", mistakes[i].said);
        assert_null(partners);
        assert_int_equal(kn_error_code(err), KN_E_CONFIG);
        if (!strstr(err->message, mistakes[i].said))
            fail_msg("“%s” is not in: %s", mistakes[i].said, err->message);
        if (strchr(err->message, '\n'))
            fail_msg("one mistake, but: %s", err->message);
    }
    rig_remove(R, "p.ini");
}

static void
partner_all_mistakes_at_once(void **state)
{
    g_autoptr(GError) err = NULL;
    kn_partners *partners = NULL;
    static const char *const said[] = {
        "a.ini: [partner] colour: unknown key", "a.ini: [partner] charset: “gbk”",
        "a.ini: [keys] anchors: must be given", "a.ini: [keys] algorithms: “md5”",
        "b.ini: [extra]: unknown group",        "b.ini: [partner] id: “P” is in a.ini too",
    };

    (void)state;
    rig_write(R, "a.ini",
              PARTNER
              "charset = gbk\ncolour = red\n[keys]\nbind_subject_cn = P\nalgorithms = md5\n");
    rig_write(R, "b.ini", PARTNER KEYS "[extra]\nx = y\n");
    assert_false(kn_partners_load(R->folder, NULL, &partners, &err));
    for (size_t i = 0; i < G_N_ELEMENTS(said); i++)
        if (!strstr(err->message, said[i]))
            fail_msg("“%s” is not in: %s", said[i], err->message);
    rig_remove(R, "a.ini");
    rig_remove(R, "b.ini");
    g_clear_error(&err);
    assert_false(kn_partners_load(R->folder, NULL, &partners, &err)); /* no partner at all */
    assert_int_equal(kn_error_code(err), KN_E_CONFIG);
    g_clear_error(&err);
    assert_false(kn_partners_load("/nowhere/at/all", NULL, &partners, &err));
    assert_int_equal(kn_error_code(err), KN_E_CONFIG);
}

static void
write_two(void)
{
    rig_write(
        R, "z.ini",
        PARTNER
        "charset = gb18030\ncop_codes = 5000960001\n" KEYS
        "[carry]\ndocuments = B, A\nenterprises = MA0000410, MA0000066\ncard_anchors = sm2.pem\n"
        "unsigned_documents = A\n[receipt]\nalgorithm = sm2-sm3\nsign = both\ntopic = t\n");
    rig_write(R, "y.ini",
              "[partner]\nid = E\nname = x\nkind = enterprise\nactive = false\ndocuments = *\n" KEYS
              "[enterprise]\nuscc = 91500000MA00004100\n");
}

static void
partner_facts(void **state)
{
    (void)state;
    write_two();
    g_autoptr(kn_partners) partners = rig_load(R);
    const kn_partner *p = kn_partners_find(partners, "P"), *e = kn_partners_find(partners, "E");

    assert_int_equal(kn_partners_count(partners), 2);
    assert_ptr_equal(kn_partners_at(partners, 0), e); /* by id, not by file */
    assert_ptr_equal(kn_partners_at(partners, 1), p);
    assert_null(kn_partners_find(partners, "p"));
    assert_null(kn_partners_find(partners, ""));
    assert_null(kn_partners_find(partners, NULL));
    assert_true(p->active && p->gb18030 && p->kind == KN_PARTNER_PORTAL);
    assert_string_equal(p->file, "z.ini");
    assert_string_equal(p->documents[0], "CKDeclareMessage"); /* sorted */
    assert_true(p->algorithms[KN_ALG_SM2_SM3].on && p->algorithms[KN_ALG_RSA_SHA256].on);
    assert_false(p->algorithms[KN_ALG_ECDSA_SHA256].on || p->algorithms[KN_ALG_RSA_SHA1].on);
    assert_int_equal(p->receipt_algorithm, KN_ALG_SM2_SM3);
    assert_int_equal(p->receipt_sign, KN_RECEIPT_BOTH);
    assert_string_equal(p->receipt_topic, "t");
    assert_false(e->active || e->cards);
    assert_string_equal(e->orgcode, "MA0000410");
    assert_int_equal(e->receipt_algorithm, KN_ALG_ECDSA_SHA256);
    rig_remove(R, "z.ini");
    rig_remove(R, "y.ini");
}

static void
partner_may(void **state)
{
    (void)state;
    write_two();
    g_autoptr(kn_partners) partners = rig_load(R);
    const kn_partner *p = kn_partners_find(partners, "P"), *e = kn_partners_find(partners, "E");

    assert_true(kn_partner_may_send(p, "CKStageMessage", NULL)
                && kn_partner_may_send(e, "Anything", NULL));
    assert_false(kn_partner_may_send(p, "CKStage", NULL));
    assert_true(kn_partner_is_sender(p, "P") && kn_partner_is_sender(p, "5000960001")
                && kn_partner_is_sender(e, "91500000MA00004100"));
    assert_false(kn_partner_is_sender(p, "E") || kn_partner_is_sender(p, "")
                 || kn_partner_is_sender(p, NULL));

    static const struct {
        const char *doc, *org;
        bool card;
        const char *said;
    } vectors[] = {
        { "A", "MA0000410", true, "OK" },
        { "A", "MA0000410", false, "OK" },
        { "B", "MA0000410", true, "OK" },
        { "B", "MA0000410", false, "CARD_REQUIRED" },
        { "C", "MA0000410", true, "MSG_NOT_ALLOWED" },
        { "A", "MA0000111", true, "MSG_NOT_ALLOWED" },
        { "A", "", true, "MSG_NOT_ALLOWED" },
        { "*", "MA0000410", true, "MSG_NOT_ALLOWED" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GError) err = NULL;
        bool ok = kn_partner_may_carry(p, vectors[i].doc, vectors[i].org, vectors[i].card, &err);

        assert_string_equal(rig_error(ok, err), vectors[i].said);
    }
    assert_false(kn_partner_may_carry(e, "A", "MA0000410", true, NULL));
    rig_remove(R, "z.ini");
    rig_remove(R, "y.ini");
}

static void
partner_dated_rows(void **state)
{
    (void)state;
    rig_write(
        R, "p.ini",
        PARTNER KEYS
        "allow_sha1 = true\n"
        "algorithms = ecdsa-sha256, rsa-sha1  until\t2027-06-30, sm2-sm3-field until 2028-02-29\n");
    g_autoptr(kn_partners) partners = rig_load(R);
    const kn_partner *p = kn_partners_find(partners, "P");
    const struct {
        kn_alg alg;
        int64_t at;
        const char *said, *why;
    } vectors[] = {
        { KN_ALG_RSA_SHA1, china(2027, 6, 30, 0, 0, 0), "OK", "the last day begins" },
        { KN_ALG_RSA_SHA1, china(2027, 6, 30, 23, 59, 59) + 999, "OK", "its last ms in +08:00" },
        { KN_ALG_RSA_SHA1, china(2027, 7, 1, 0, 0, 0), "SIG_ALG_EXPIRED",
          "midnight +08:00; still 30 June in UTC" },
        { KN_ALG_RSA_SHA1, china(2027, 7, 1, 12, 0, 0), "SIG_ALG_EXPIRED",
          "sha1_late: the day after" },
        { KN_ALG_SM2_SM3_FIELD, china(2028, 2, 29, 12, 0, 0), "OK", "a leap day" },
        { KN_ALG_SM2_SM3_FIELD, china(2028, 3, 1, 0, 0, 0), "SIG_ALG_EXPIRED", "after it" },
        { KN_ALG_ECDSA_SHA256, china(2099, 1, 1, 0, 0, 0), "OK", "no end" },
        { KN_ALG_RSA_SHA256, china(2026, 1, 1, 0, 0, 0), "SIG_ALG_REFUSED", "not in the list" },
        { KN_ALG_NONE, china(2026, 1, 1, 0, 0, 0), "SIG_ALG_REFUSED", "no row" },
        { KN_ALG_COUNT, china(2026, 1, 1, 0, 0, 0), "SIG_ALG_REFUSED", "no row" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GError) err = NULL;
        bool ok = kn_partner_algorithm(p, vectors[i].alg, vectors[i].at, &err);

        if (strcmp(rig_error(ok, err), vectors[i].said) != 0)
            fail_msg("%s: %s", vectors[i].why, rig_error(ok, err));
    }
    g_auto(GStrv) early = kn_partners_warnings(partners, china(2027, 5, 31, 0, 0, 0) - DAY);
    g_auto(GStrv) near = kn_partners_warnings(partners, china(2027, 6, 15, 0, 0, 0));
    g_auto(GStrv) late = kn_partners_warnings(partners, china(2027, 8, 1, 0, 0, 0));
    assert_false(g_strv_contains((const char *const *)early, "P: rsa-sha1 ends on 2027-06-30"));
    assert_true(g_strv_contains((const char *const *)near, "P: rsa-sha1 ends on 2027-06-30"));
    assert_true(g_strv_contains((const char *const *)late, "P: rsa-sha1 ended on 2027-06-30"));
    rig_remove(R, "p.ini");
}

static void
partner_card_rules(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        const char *said;
    } vectors[] = {
        { "[card.oids]\nclass = 1.3.6.1.4.1.5315.100.5.12\n[card.classes]\nlegal = 00\noperator = "
          "01\n",
          true, NULL },
        { "[card.oids]\nuscc =\n", true, NULL },
        { "[card.oids]\nnumber = 1.3.6.1.4.1.5315.100.5.8\n", false,
          "cards.ini: [card.oids] number: the holder's" },
        { "[card.oids]\nnumber = 1.3.6.1.4.1.5315.100.5.08\n", false, "[card.oids] number: " },
        { "[card.oids]\nnumber = abc\n", false, "cards.ini: [card.oids] number: not a dotted OID" },
        { "[card.oids]\nidentity = 1.2.3\n", false,
          "cards.ini: [card.oids] identity: unknown key" },
        { "[card.classes]\nlegal = 01\noperator = 01, 02\n", false,
          "cards.ini: [card.classes] legal: “01”" },
    };

    (void)state;
    rig_write(R, "p.ini", PARTNER KEYS);
    g_autoptr(kn_partners) partners = rig_load(R);
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GKeyFile) file = g_key_file_new();
        g_autoptr(GError) err = NULL;

        assert_true(
            g_key_file_load_from_data(file, vectors[i].text, (gsize)-1, G_KEY_FILE_NONE, NULL));
        if (kn_partners_card_rules(partners, file, "cards.ini", &err) != vectors[i].ok)
            fail_msg("%s: %s", vectors[i].text, err ? err->message : "loads");
        if (!vectors[i].ok && !strstr(err->message, vectors[i].said))
            fail_msg("%s", err->message);
    }
    rig_remove(R, "p.ini");
}

/* The samples of config/partners load as they are, given the files they name. */
static void
partner_samples(void **state)
{
    static const char *const names[] = { "portal", "enterprise", "customs" };
    static const char *const folders[] = { "ca", "crl", "portals", "customs" };
    static const char *const chains[] = { "ca/portal-chain.pem", "ca/eport-chain.pem",
                                          "ca/customs-chain.pem" };
    static const char *const crls[] = { "crl/portal-root.crl", "crl/eport-root.crl",
                                        "crl/portal-ca.crl", "crl/eport-ca.crl" };
    static const char *const pins[] = { "portals/PORTAL01.pem", "customs/CUSTOMS.pem" };
    g_autofree char *all_path = rig_path(R, "all.pem"), *all = NULL;

    (void)state;
    assert_true(g_file_get_contents(all_path, &all, NULL, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = rig_path(R, folders[i]);

        assert_int_equal(g_mkdir_with_parents(path, 0700), 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(chains); i++)
        rig_write(R, chains[i], all);
    for (size_t i = 0; i < G_N_ELEMENTS(crls); i++)
        rig_write_crl(R, crls[i], KN_PKI_P256, i < 2, NULL, NOW + DAY);
    for (size_t i = 0; i < G_N_ELEMENTS(pins); i++) {
        X509 *leaf = rig_leaf(R, KN_PKI_SM2, NULL, (kn_pki_request){ 0 });

        rig_write_cert(R, pins[i], leaf);
        X509_free(leaf);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *sample = g_strdup_printf("config/partners/%s.ini.sample", names[i]);
        g_autofree char *ini = g_strdup_printf("%s.ini", names[i]), *text = NULL;

        if (!g_file_get_contents(sample, &text, NULL, NULL))
            fail_msg("%s is not there", sample);
        rig_write(R, ini, text);
    }
    g_autoptr(kn_partners) partners = rig_load(R);
    assert_int_equal(kn_partners_count(partners), G_N_ELEMENTS(names));
    assert_true(kn_partners_find(partners, "PORTAL01")->cards != NULL);
    assert_true(kn_partners_find(partners, "ENTE01")->gb18030);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *ini = g_strdup_printf("%s.ini", names[i]);

        rig_remove(R, ini);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partner_samples),
        cmocka_unit_test(partner_mistakes),
        cmocka_unit_test(partner_all_mistakes_at_once),
        cmocka_unit_test(partner_facts),
        cmocka_unit_test(partner_may),
        cmocka_unit_test(partner_dated_rows),
        cmocka_unit_test(partner_card_rules),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
