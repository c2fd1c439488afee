/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_party.h"

#include "base/clock.h"
#include "pki/pki_file.h"
#include "xml/xml_auto.h"

#include <kouan/error.h>
#include <string.h>

#define EPORT "1.3.6.1.4.1.5315.100"
#define OWN "1.3.6.1.4.1.58888.1"
#define DAY_MS 86400000LL
#define CHAINS "ca/p256-chain.pem, ca/rsa-chain.pem, ca/sm2-chain.pem"
#define CRLS \
    "crl/p256-root.crl, crl/p256-ca.crl, crl/rsa-root.crl, crl/rsa-ca.crl, crl/sm2-root.crl, " \
    "crl/sm2-ca.crl"

typedef struct maker {
    const char *folder;
    kn_pki_family family;
    const char *receipts;
    EVP_PKEY *ca_key;
    X509 *ca;
} maker;

static char *
path_of(const char *folder, const char *place, const char *ending)
{
    return g_strconcat(folder, "/", place, ending, NULL);
}

static char *
place_of(const char *id, bool card)
{
    return g_strconcat("bench/", id, card ? "-card" : "", NULL);
}

static void
name_party(kn_bench_party *party, size_t i)
{
    (void)g_snprintf(party->id, sizeof party->id, "BENCH%02zu", i + 1);
    (void)g_snprintf(party->card_no, sizeof party->card_no, "98%011zu", i + 1);
    party->enterprise = kn_pki_enterprise_at((int)i);
}

static bool
make_leaf(const maker *m, const char *place, const char *cn, const kn_pki_extension *facts,
          GError **err)
{
    g_autofree char *key_file = path_of(m->folder, place, ".key"),
                    *cert_file = path_of(m->folder, place, ".pem");
    g_autoptr(EVP_PKEY) key = NULL;
    g_autoptr(X509) cert = NULL;
    int64_t now = kn_clock_wall_ms();
    kn_pki_request request = {
        .cn = cn,
        .o = "Kouan test",
        .ou = "bench",
        .issuer = m->ca,
        .issuer_key = m->ca_key,
        .key_usage = "critical,digitalSignature,nonRepudiation",
        .not_before_ms = now - DAY_MS,
        .not_after_ms = now + 365 * DAY_MS,
        .extensions = facts,
    };

    if (!kn_pki_key(m->family == KN_PKI_RSA ? "rsa2048" : kn_pki_family_name(m->family), &key, err))
        return false;
    request.key = key;
    return kn_pki_certificate(&request, &cert, err) && kn_pki_write_key(key_file, key, err)
           && kn_pki_write_certificates(cert_file, (X509 *const[]){ cert, NULL }, err);
}

static bool
write_entry(const maker *m, const char *id, const kn_pki_enterprise *e, GError **err)
{
    g_autofree char *file = g_strconcat(m->folder, "/partners/", id, ".ini", NULL);
    g_autoptr(GString) text = g_string_new("# made by: kouan-bench-load keys\n[partner]\n");

    g_string_append_printf(text, "id = %s\nname = %s\nkind = %s\ndocuments = *\n", id, id,
                           e ? "enterprise" : "portal");
    if (e)
        g_string_append_printf(text, "cop_codes = %s\n", e->customs10);
    g_string_append_printf(
        text,
        "\n[keys]\nalgorithms = ecdsa-sha256, rsa-sha256, sm2-sm3\nanchors = " CHAINS
        "\ncrl = " CRLS "\ncertificates = bench/%s.pem\n",
        id);
    if (!e)
        g_string_append_printf(text,
                               "bind_subject_cn = %s\n\n[carry]\ndocuments = *\nenterprises = "
                               "*\ncard_anchors = " CHAINS "\ncard_crl = " CRLS "\n",
                               id);
    g_string_append_printf(text, "\n[receipt]\nalgorithm = %s\n", m->receipts);
    if (e)
        g_string_append_printf(text, "\n[enterprise]\nuscc = %s\norgcode = %s\n", e->uscc,
                               e->orgcode);
    return kn_pki_write_text(file, text->str, text->len, 0644, err);
}

static bool
make_party(const maker *m, size_t i, GError **err)
{
    kn_bench_party party = { 0 };
    name_party(&party, i);
    const kn_pki_enterprise *e = party.enterprise;
    g_autofree char *own = place_of(party.id, false), *card = place_of(party.id, true);
    g_autofree char *number = g_strconcat("03-", party.card_no, NULL);
    const kn_pki_extension facts[] = {
        { EPORT ".5.1", 12 /* UTF8String */, e->name, -1 },
        { EPORT ".5.11", 19 /* PrintableString */, e->orgcode, -1 },
        { OWN ".1", 19, e->uscc, -1 },
        { NULL, 0, NULL, 0 },
    };
    const kn_pki_extension card_facts[] = {
        facts[0],
        facts[1],
        facts[2],
        { EPORT ".5.3", 19, "02", -1 },
        { EPORT ".5.9", 19, number, -1 },
        { EPORT ".5.12", 19, "00", -1 },
        { OWN ".2", 19, e->customs10, -1 },
        { OWN ".4", 19, e->registration_customs, -1 },
        { NULL, 0, NULL, 0 },
    };

    return make_leaf(m, own, party.id, facts, err) && make_leaf(m, card, party.id, card_facts, err)
           && write_entry(m, party.id, e, err);
}

bool
kn_bench_parties_make(const char *folder, kn_pki_family family, size_t n, kn_alg receipts,
                      GError **err)
{
    const char *name = kn_pki_family_name(family);
    g_autofree char *ca_place = g_strconcat("ca/", name, "-ca", NULL);
    g_autofree char *key_file = path_of(folder, ca_place, ".key"),
                    *cert_file = path_of(folder, ca_place, ".pem");
    g_autofree char *own_folder = g_build_filename(folder, "bench", NULL),
                    *portal = place_of(KN_BENCH_PORTAL, false);
    g_autoptr(EVP_PKEY) key = NULL;
    g_autoptr(X509) ca = NULL;
    maker m = { .folder = folder, .family = family, .receipts = kn_alg_row_of(receipts)->name };

    if (n < 1 || n > KN_BENCH_PARTIES_MAX)
        return kn_fail(err, KN_E_USAGE, "between 1 and %d enterprises", KN_BENCH_PARTIES_MAX);
    if (g_mkdir_with_parents(own_folder, 0700) != 0)
        return kn_fail(err, KN_E_IO, "%s: cannot be made", own_folder);
    if (!kn_pki_read_key(key_file, &key, err) || !kn_pki_read_certificate(cert_file, &ca, err))
        return false;
    m.ca_key = key;
    m.ca = ca;
    for (size_t i = 0; i < n; i++)
        if (!make_party(&m, i, err))
            return false;
    return make_leaf(&m, portal, KN_BENCH_PORTAL, NULL, err)
           && write_entry(&m, KN_BENCH_PORTAL, NULL, err);
}

static bool
load_signer(const char *folder, kn_pki_family family, const char *id, bool card, kn_signer **out,
            GError **err)
{
    g_autofree char *place = place_of(id, card);
    g_autofree char *key = path_of(folder, place, ".key"), *cert = path_of(folder, place, ".pem");

    return kn_signer_load(kn_pki_family_alg(family), key, cert, out, err);
}

bool
kn_bench_parties_load(const char *folder, kn_pki_family family, size_t n, kn_bench_parties *out,
                      GError **err)
{
    kn_bench_parties parties = { .list = g_new0(kn_bench_party, n), .n = n };
    bool ok = load_signer(folder, family, KN_BENCH_PORTAL, false, &parties.portal, err);

    for (size_t i = 0; ok && i < n; i++) {
        kn_bench_party *p = &parties.list[i];

        name_party(p, i);
        ok = load_signer(folder, family, p->id, false, &p->own, err)
             && load_signer(folder, family, p->id, true, &p->card, err);
    }
    if (!ok) {
        kn_bench_parties_clear(&parties);
        return false;
    }
    *out = parties;
    return true;
}

void
kn_bench_parties_clear(kn_bench_parties *parties)
{
    for (size_t i = 0; i < parties->n; i++) {
        kn_signer_free(parties->list[i].own);
        kn_signer_free(parties->list[i].card);
    }
    kn_signer_free(parties->portal);
    g_free(parties->list);
    *parties = (kn_bench_parties){ 0 };
}
