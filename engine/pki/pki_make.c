/* SPDX-License-Identifier: Apache-2.0 */
/* The whole test PKI, step by step. */
#include "pki/pki_make.h"

#include "base/clock.h"
#include "pki/pki_file.h"

#include <kouan/error.h>
#include <openssl/evp.h>
#include <string.h>

const char *
kn_pki_family_name(kn_pki_family family)
{
    static const char *const names[] = {
        [KN_PKI_P256] = "p256", [KN_PKI_RSA] = "rsa", [KN_PKI_SM2] = "sm2"
    };

    return names[family];
}

kn_alg
kn_pki_family_alg(kn_pki_family family)
{
    static const kn_alg algs[] = {
        [KN_PKI_P256] = KN_ALG_ECDSA_SHA256,
        [KN_PKI_RSA] = KN_ALG_RSA_SHA256,
        [KN_PKI_SM2] = KN_ALG_SM2_SM3,
    };

    return algs[family];
}

static const char *
key_kind(kn_pki_family family)
{
    return family == KN_PKI_RSA ? "rsa2048" : kn_pki_family_name(family);
}

void
kn_pki_say(const kn_pki_job *job, const char *what)
{
    if (job->plan.phase)
        job->plan.phase(what, job->plan.data);
}

char *
kn_pki_path(const kn_pki_job *job, const char *place, const char *ending)
{
    return g_strdup_printf("%s/%s%s", job->folder, place, ending);
}

void
kn_pki_ca_clear(kn_pki_ca *ca)
{
    EVP_PKEY_free(ca->root_key);
    EVP_PKEY_free(ca->key);
    X509_free(ca->root);
    X509_free(ca->cert);
    *ca = (kn_pki_ca){ 0 };
}

/* root -> CA */
bool
kn_pki_ca_make(const kn_pki_job *job, kn_pki_family family, const char *name, kn_pki_ca *out,
               GError **err)
{
    g_autofree char *root_cn = g_strdup_printf("Kouan test root %s", name);
    g_autofree char *ca_cn = g_strdup_printf("Kouan test CA %s", name);
    kn_pki_ca ca = { 0 };
    bool ok = kn_pki_key(key_kind(family), &ca.root_key, err)
              && kn_pki_key(key_kind(family), &ca.key, err);
    kn_pki_request q = {
        .cn = root_cn,
        .o = "Kouan test",
        .key = ca.root_key,
        .key_usage = "critical,keyCertSign,cRLSign",
        .ca = true,
        .path_len = -1,
        .not_before_ms = job->plan.now_ms - KN_PKI_DAY,
        .not_after_ms = job->plan.now_ms + 3650 * KN_PKI_DAY,
    };

    ok = ok && kn_pki_certificate(&q, &ca.root, err);
    q.cn = ca_cn;
    q.key = ca.key;
    q.issuer = ca.root;
    q.issuer_key = ca.root_key;
    q.path_len = 0;
    ok = ok && kn_pki_certificate(&q, &ca.cert, err);
    if (!ok) {
        kn_pki_ca_clear(&ca);
        return false;
    }
    *out = ca;
    return true;
}

static bool
write_ca(const kn_pki_job *job, const char *name, const kn_pki_ca *ca, GError **err)
{
    g_autofree char *place = g_strdup_printf("ca/%s", name);
    g_autofree char *root = kn_pki_path(job, place, "-root.pem"),
                    *root_key = kn_pki_path(job, place, "-root.key");
    g_autofree char *cert = kn_pki_path(job, place, "-ca.pem"),
                    *key = kn_pki_path(job, place, "-ca.key");
    g_autofree char *chain = kn_pki_path(job, place, "-chain.pem");

    return kn_pki_write_key(root_key, ca->root_key, err) && kn_pki_write_key(key, ca->key, err)
           && kn_pki_write_certificates(root, (X509 *const[]){ ca->root, NULL }, err)
           && kn_pki_write_certificates(cert, (X509 *const[]){ ca->cert, NULL }, err)
           && kn_pki_write_certificates(chain, (X509 *const[]){ ca->root, ca->cert, NULL }, err);
}

bool
kn_pki_job_cas(kn_pki_job *job, GError **err)
{
    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        const char *name = kn_pki_family_name((kn_pki_family)f);

        if (!kn_pki_ca_make(job, (kn_pki_family)f, name, &job->cas[f], err)
            || !write_ca(job, name, &job->cas[f], err))
            return false;
    }
    return true;
}

bool
kn_pki_job_leaf(kn_pki_job *job, const kn_pki_leaf *leaf, X509 **out, GError **err)
{
    const kn_pki_ca *ca = leaf->issuer ? leaf->issuer : &job->cas[leaf->family];
    bool ever = leaf->from_days == 0 && leaf->to_days == 0;
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    g_autofree char *key_file = kn_pki_path(job, leaf->place, ".key");
    g_autofree char *cert_file = kn_pki_path(job, leaf->place, ".pem");
    bool ok = kn_pki_key(leaf->key ? leaf->key : key_kind(leaf->family), &key, err);
    kn_pki_request q = {
        .cn = leaf->cn,
        .o = "Kouan test",
        .ou = leaf->ou,
        .key = key,
        .issuer = leaf->self_signed ? NULL : ca->cert,
        .issuer_key = leaf->self_signed ? NULL : ca->key,
        .key_usage = "critical,digitalSignature,nonRepudiation",
        .extended_usage = leaf->extended_usage,
        .not_before_ms = job->plan.now_ms + (ever ? -1 : leaf->from_days) * KN_PKI_DAY,
        .not_after_ms = job->plan.now_ms + (ever ? 730 : leaf->to_days) * KN_PKI_DAY,
        .sm2_id = leaf->sm2_id,
        .extensions = leaf->extensions,
    };

    ok = ok && kn_pki_certificate(&q, &cert, err) && kn_pki_write_key(key_file, key, err)
         && kn_pki_write_certificates(cert_file, (X509 *const[]){ cert, NULL }, err);
    EVP_PKEY_free(key);
    if (ok && out)
        *out = cert;
    else
        X509_free(cert);
    return ok;
}

static bool
make_folders(const char *folder, GError **err)
{
    static const char *const names[] = {
        "ca",          "crl",      "engine", "customs", "portals",
        "enterprises", "adapters", "cards",  "bad",     "partners",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);

        if (g_mkdir_with_parents(path, 0700) != 0)
            return kn_fail(err, KN_E_IO, "%s: cannot be made", path);
    }
    return true;
}

static bool
make_engine(kn_pki_job *job, GError **err)
{
    json_t *list = json_array();

    kn_pki_say(job, "signing keys of the engine");
    (void)json_object_set_new(job->index, "engine", list);
    for (int f = 0; f < KN_PKI_FAMILIES; f++) {
        const char *name = kn_pki_family_name((kn_pki_family)f);
        g_autofree char *place = g_strdup_printf("engine/%s", name);

        if (!kn_pki_job_leaf(
                job,
                &(kn_pki_leaf){
                    .place = place, .cn = "KOUAN", .ou = "engine", .family = (kn_pki_family)f },
                NULL, err))
            return false;
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:o}", "family", name, "algorithm",
                            kn_alg_row_of(kn_pki_family_alg((kn_pki_family)f))->name, "cert",
                            json_sprintf("%s.pem", place), "key", json_sprintf("%s.key", place)));
    }
    return true;
}

static bool
make_partner(kn_pki_job *job, const char *kind, const char *folder, const char *id,
             kn_pki_family family, const kn_pki_enterprise *e, GError **err)
{
    g_autofree char *place = g_strdup_printf("%s/%s", folder, id);
    kn_pki_extension facts[] = {
        { e ? "1.3.6.1.4.1.5315.100.5.1" : NULL, V_ASN1_UTF8STRING, e ? e->name : "", -1 },
        { "1.3.6.1.4.1.5315.100.5.11", V_ASN1_PRINTABLESTRING, e ? e->orgcode : "", -1 },
        { "1.3.6.1.4.1.58888.1.1", V_ASN1_PRINTABLESTRING, e ? e->uscc : "", -1 },
        { NULL, 0, NULL, 0 },
    };
    kn_pki_leaf leaf = {
        .place = place, .cn = id, .ou = e ? e->name : kind, .family = family, .extensions = facts
    };

    return kn_pki_job_leaf(job, &leaf, NULL, err)
           && kn_pki_job_partner(job, id, kind, place, family, e, err);
}

static bool
make_partners(kn_pki_job *job, GError **err)
{
    static const kn_pki_family turn[] = { KN_PKI_P256, KN_PKI_RSA, KN_PKI_SM2 };
    static const char *const adapters[] = { "ADAPTCARD", "ADAPTSMS", "ADAPTBANK", "ADAPTSPOOL" };
    char id[17];

    (void)json_object_set_new(job->index, "partners", json_array());
    kn_pki_say(job, "portals");
    for (int i = 0; i < job->plan.portals; i++) {
        (void)g_snprintf(id, sizeof id, "PORTAL%02d", i + 1);
        if (!make_partner(job, "portal", "portals", id, turn[i % 3], NULL, err))
            return false;
    }
    kn_pki_say(job, "enterprises with keys of their own");
    for (int i = 0; i < job->plan.enterprises; i++) {
        (void)g_snprintf(id, sizeof id, "ENTE%02d", i + 1);
        if (!make_partner(job, "enterprise", "enterprises", id,
                          i % 2 == 0 ? KN_PKI_SM2 : KN_PKI_P256, kn_pki_enterprise_at(i), err))
            return false;
    }
    kn_pki_say(job, "customs and adapters");
    for (size_t i = 0; i < G_N_ELEMENTS(adapters); i++)
        if (!make_partner(job, "adapter", "adapters", adapters[i], KN_PKI_P256, NULL, err))
            return false;
    return make_partner(job, "customs", "customs", "CUSTOMS", KN_PKI_P256, NULL, err);
}

static bool
make_all(kn_pki_job *job, GError **err)
{
    g_autofree char *path = kn_pki_path(job, "pki.json", "");
    char *text;
    bool ok;

    kn_pki_say(job, "roots and CAs (RSA takes longest)");
    if (!make_folders(job->folder, err) || !kn_pki_job_cas(job, err))
        return false;
    if (job->plan.bad) {
        kn_pki_say(job, "certificates that must be refused");
        if (!kn_pki_job_bad(job, err))
            return false;
    }
    /* CRLs before partners: their files name them. */
    if (!kn_pki_job_crls(job, err) || !make_engine(job, err) || !make_partners(job, err))
        return false;
    kn_pki_say(job, "cards");
    if (!kn_pki_job_cards(job, err))
        return false;
    text = json_dumps(job->index, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    ok = text && kn_pki_write_text(path, text, strlen(text), 0644, err);
    free(text); /* allow: jansson's allocator */
    return ok || (text ? false : kn_fail(err, KN_E_ENGINE_ERROR, "no index"));
}

bool
kn_pki_make(const char *folder, const kn_pki_plan *plan, GError **err)
{
    kn_pki_job job = { .folder = folder, .plan = *plan };
    bool ok;

    job.plan.now_ms = plan->now_ms ? plan->now_ms : kn_clock_wall_ms();
    job.plan.portals = plan->portals ? plan->portals : 4;
    job.plan.enterprises = plan->enterprises ? plan->enterprises : 3;
    job.plan.cards = plan->cards ? plan->cards : 6;
    if (job.plan.portals < 0 || job.plan.portals > 99 || job.plan.enterprises < 0
        || job.plan.enterprises > 99 || job.plan.cards < 0 || job.plan.cards > 100000)
        return kn_fail(err, KN_E_USAGE, "at most 99 portals, 99 enterprises, 100000 cards");
    job.index = json_pack("{s:I}", "made_ms", (json_int_t)job.plan.now_ms);
    ok = make_all(&job, err);
    for (int f = 0; f < KN_PKI_FAMILIES; f++)
        kn_pki_ca_clear(&job.cas[f]);
    X509_free(job.revoked);
    X509_free(job.revoked_sm2);
    json_decref(job.index);
    return ok;
}
