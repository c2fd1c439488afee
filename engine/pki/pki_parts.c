/* SPDX-License-Identifier: Apache-2.0 */
/* Cards, refused certificates, CRLs and partner files of the test PKI. */
#include "pki/pki_make.h"

#include "pki/pki_file.h"

#include <kouan/error.h>
#include <string.h>

#define EPORT "1.3.6.1.4.1.5315.100"
#define OWN "1.3.6.1.4.1.58888.1"

/* 测试企业 in GB18030 bytes, as old cards have their names: in a tag that promises ASCII. */
#define GBK_NAME "\xB2\xE2\xCA\xD4\xC6\xF3\xD2\xB5"

static bool
make_card(kn_pki_job *job, json_t *list, int i, GError **err)
{
    const kn_pki_enterprise *e = kn_pki_enterprise_at(i
                                                      / 2); /* legal and operator of the same one */
    bool legal = i % 2 == 0, old = i == 1;
    static const kn_pki_family turn[] = { KN_PKI_SM2,  KN_PKI_SM2, KN_PKI_P256,
                                          KN_PKI_P256, KN_PKI_RSA, KN_PKI_RSA };
    kn_pki_family family = i < 6 ? turn[i] : (i / 2) % 2 == 0 ? KN_PKI_SM2 : KN_PKI_P256;
    g_autofree char *number = g_strdup_printf("99%011d", i + 1),
                    *with_prefix = g_strdup_printf("03-%s", number);
    g_autofree char *place = g_strdup_printf("cards/%s-%s", number, legal ? "legal" : "operator");
    g_autofree char *holder = g_strdup_printf("测试持卡人%d", i + 1);
    /* clang-format off */
    const kn_pki_extension facts[] = {
        { EPORT ".2.1", V_ASN1_UTF8STRING, "12", -1 },
        { EPORT ".2.4", V_ASN1_UTF8STRING, "14", -1 },
        { EPORT ".5.1", old ? V_ASN1_IA5STRING : V_ASN1_UTF8STRING, old ? GBK_NAME : e->name, -1 },
        { EPORT ".5.3", V_ASN1_PRINTABLESTRING, legal ? "01" : "02", -1 },
        { EPORT ".5.8", V_ASN1_PRINTABLESTRING, "500000199001010016", -1 }, /* synthetic; nobody may read it */
        { EPORT ".5.9", V_ASN1_PRINTABLESTRING, with_prefix, -1 },
        { EPORT ".5.11", V_ASN1_PRINTABLESTRING, e->orgcode, -1 },
        { EPORT ".5.12", V_ASN1_PRINTABLESTRING, "00", -1 },
        { OWN ".1", V_ASN1_PRINTABLESTRING, e->uscc, -1 },
        { OWN ".2", V_ASN1_PRINTABLESTRING, e->customs10, -1 },
        { OWN ".4", V_ASN1_PRINTABLESTRING, e->registration_customs, -1 },
        { *e->customs10_second ? OWN ".3" : NULL, V_ASN1_PRINTABLESTRING, e->customs10_second, -1 },
        { NULL, 0, NULL, 0 },
    };
    /* clang-format on */

    if (!kn_pki_job_leaf(job,
                         &(kn_pki_leaf){ .place = place,
                                         .cn = holder,
                                         .ou = e->name,
                                         .family = family,
                                         .extensions = facts },
                         NULL, err))
        return false;
    (void)json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "number", number,
                        "class", legal ? "legal" : "operator", "orgcode", e->orgcode, "uscc",
                        e->uscc, "enterprise", e->name, "customs10", e->customs10, "family",
                        kn_pki_family_name(family), "algorithm",
                        kn_alg_row_of(kn_pki_family_alg(family))->name, "cert",
                        json_sprintf("%s.pem", place), "key", json_sprintf("%s.key", place)));
    return true;
}

bool
kn_pki_job_cards(kn_pki_job *job, GError **err)
{
    json_t *list = json_array();

    (void)json_object_set_new(job->index, "cards", list);
    for (int i = 0; i < job->plan.cards; i++)
        if (!make_card(job, list, i, err))
            return false;
    return true;
}

/* Each breaks exactly one rule for PORTAL01: its CN binds it, all three families are anchors there. */
bool
kn_pki_job_bad(kn_pki_job *job, GError **err)
{
    kn_pki_ca foreign = { 0 };
    const struct {
        const char *name, *error, *algorithm;
        kn_pki_leaf leaf;
        X509 **keep;
    } rows[] = {
        { "expired", "KEY_EXPIRED", "ecdsa-sha256", { .from_days = -400, .to_days = -1 }, NULL },
        { "not-yet", "KEY_NOT_YET", "ecdsa-sha256", { .from_days = 1, .to_days = 400 }, NULL },
        { "tls-only",
          "KEY_USAGE",
          "ecdsa-sha256",
          { .extended_usage = "serverAuth,clientAuth" },
          NULL },
        { "rsa1024", "KEY_WEAK", "rsa-sha256", { .key = "rsa1024" }, NULL },
        { "p384", "KEY_WEAK", "ecdsa-sha256", { .key = "p384" }, NULL },
        { "foreign", "KEY_UNTRUSTED", "ecdsa-sha256", { .issuer = &foreign }, NULL },
        { "self-signed", "KEY_UNTRUSTED", "ecdsa-sha256", { .self_signed = true }, NULL },
        { "sm2-wrong-id",
          "KEY_UNTRUSTED",
          "sm2-sm3",
          { .family = KN_PKI_SM2, .sm2_id = "8765432187654321" },
          NULL },
        { "revoked", "KEY_REVOKED", "ecdsa-sha256", { .family = KN_PKI_P256 }, &job->revoked },
        { "revoked-sm2", "KEY_REVOKED", "sm2-sm3", { .family = KN_PKI_SM2 }, &job->revoked_sm2 },
    };
    json_t *list = json_array();
    bool ok = kn_pki_ca_make(job, KN_PKI_P256, "p256", &foreign, err); /* same names, other keys */

    (void)json_object_set_new(job->index, "bad", list);
    for (size_t i = 0; ok && i < G_N_ELEMENTS(rows); i++) {
        kn_pki_leaf leaf = rows[i].leaf;
        g_autofree char *place = g_strdup_printf("bad/%s", rows[i].name);

        leaf.place = place;
        leaf.cn = "PORTAL01";
        leaf.ou = rows[i].name;
        ok = kn_pki_job_leaf(job, &leaf, rows[i].keep, err);
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "what",
                                                    rows[i].name, "error", rows[i].error, "partner",
                                                    "PORTAL01", "algorithm", rows[i].algorithm,
                                                    "cert", json_sprintf("%s.pem", place), "key",
                                                    json_sprintf("%s.key", place)));
    }
    kn_pki_ca_clear(&foreign);
    return ok;
}

static bool
write_crl(kn_pki_job *job, X509 *issuer, EVP_PKEY *key, X509 *revoked, const char *place,
          GError **err)
{
    X509 *const list[] = { revoked, NULL };
    X509_CRL *crl = NULL;
    g_autofree char *file = kn_pki_path(job, place, ".crl");
    bool ok = kn_pki_crl(issuer, key, list, job->plan.now_ms - KN_PKI_DAY,
                         job->plan.now_ms + 730 * KN_PKI_DAY, &crl, err)
              && kn_pki_write_crl(file, crl, err);

    X509_CRL_free(crl);
    return ok;
}

bool
kn_pki_job_crls(kn_pki_job *job, GError **err)
{
    X509 *const revoked[] = {
        [KN_PKI_P256] = job->revoked, [KN_PKI_RSA] = NULL, [KN_PKI_SM2] = job->revoked_sm2
    };

    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        const kn_pki_ca *ca = &job->cas[f];
        g_autofree char *root = g_strdup_printf("crl/%s-root",
                                                kn_pki_family_name((kn_pki_family)f));
        g_autofree char *leaf = g_strdup_printf("crl/%s-ca", kn_pki_family_name((kn_pki_family)f));

        if (!write_crl(job, ca->root, ca->root_key, NULL, root, err)
            || !write_crl(job, ca->cert, ca->key, revoked[f], leaf, err))
            return false;
    }
    return true;
}

#define CHAINS "ca/p256-chain.pem, ca/rsa-chain.pem, ca/sm2-chain.pem"
/* operations that need no card (CK-03) */
#define UNSIGNED \
    "CKStageMessage, CKChangeStageMessage, CKDeleteMessage, CKViewMessage, CKReceiptsMessage"
#define CRLS \
    "crl/p256-root.crl, crl/p256-ca.crl, crl/rsa-root.crl, crl/rsa-ca.crl, crl/sm2-root.crl, " \
    "crl/sm2-ca.crl"

bool
kn_pki_job_partner(kn_pki_job *job, const char *id, const char *kind, const char *place,
                   kn_pki_family family, const kn_pki_enterprise *e, GError **err)
{
    g_autofree char *name = g_strdup_printf("partners/%s", id),
                    *file = kn_pki_path(job, name, ".ini");
    g_autoptr(GString) text = g_string_new("# made by: kouan pki\n[partner]\n");
    bool portal = strcmp(kind, "portal") == 0, carries = portal || strcmp(kind, "adapter") == 0;
    const char *algorithm = kn_alg_row_of(kn_pki_family_alg(family))->name;

    g_string_append_printf(text, "id = %s\nname = %s\nkind = %s\ndocuments = *\n", id,
                           e ? e->name : id, kind);
    if (e)
        g_string_append_printf(text, "cop_codes = %s\n", e->customs10);
    g_string_append_printf(
        text,
        "\n[keys]\nalgorithms = ecdsa-sha256, rsa-sha256, sm2-sm3\nanchors = " CHAINS
        "\ncrl = " CRLS "\ncertificates = %s.pem\n",
        place);
    if (portal)
        g_string_append_printf(text, "bind_subject_cn = %s\n", id);
    if (carries)
        g_string_append_printf(text,
                               "\n[carry]\ndocuments = *\nenterprises = *\ncard_anchors = " CHAINS
                               "\ncard_crl = " CRLS "\nunsigned_documents = " UNSIGNED
                               "\nmay_state_card_facts = %s\n",
                               strcmp(id, "PORTAL01") == 0 ? "true" : "false");
    g_string_append_printf(text, "\n[receipt]\nalgorithm = %s\n", algorithm);
    if (e)
        g_string_append_printf(text, "\n[enterprise]\nuscc = %s\norgcode = %s\n", e->uscc,
                               e->orgcode);
    (void)json_array_append_new(json_object_get(job->index, "partners"),
                                json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id", id, "kind",
                                          kind, "family", kn_pki_family_name(family), "algorithm",
                                          algorithm, "cert", json_sprintf("%s.pem", place), "key",
                                          json_sprintf("%s.key", place), "ini",
                                          json_sprintf("%s.ini", name)));
    return kn_pki_write_text(file, text->str, text->len, 0644, err);
}
