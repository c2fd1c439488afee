/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/judge.h"

#include "base/rule.h"
#include "lane/lane.h"
#include "lane/lane_priv.h"
#include "xml/xmlsec.h"

#include <glib/gstdio.h>
#include <openssl/x509.h>
#include <string.h>

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_shape, kn_shape_clear)

#define STRANGER "STRANGER" /* the partner that --anchors makes */

struct kn_judge {
    kn_engine *engine;
    kn_lane *lane; /* with an engine: kn_admit's */
    atomic_bool stop;
    bool check_partition; /* as configured */
    kn_xml *xml;          /* the lane's, or our own */
    kn_profile profile;   /* without an engine: of what is shown */
    char *folder;         /* --anchors: its partner file */
    char *anchors;
};

/* --- opening --------------------------------------------------------------------------------------- */

static bool
open_engine(kn_judge *j, const char *config, GError **err)
{
    kn_xml_limits limits;

    if (!kn_engine_load(config, false, &j->engine, err))
        return false;
    limits = kn_lane_limits(j->engine->config);
    j->check_partition = j->engine->config->check_partition;
    j->lane = kn_lane_new(j->engine, 0, &j->stop);
    j->lane->xml = kn_xml_new(&limits, j->engine->schemas);
    j->xml = j->lane->xml;
    kn_engine_set_verifier(j->engine, j->xml);
    return true;
}

static bool
open_alone(kn_judge *j, const char *anchors, GError **err)
{
    j->xml = kn_xml_new(NULL, NULL);
    kn_xml_set_verifier(j->xml, kn_xmlsec_verify, KN_OPINION_OFF, 0);
    if (!anchors)
        return true;
    if (!g_file_test(anchors, G_FILE_TEST_IS_REGULAR))
        return kn_fail(err, KN_E_IO, "%s: no such file", anchors);
    j->anchors = g_canonicalize_filename(anchors, NULL);
    j->folder = g_dir_make_tmp("kouan-anchors-XXXXXX", NULL);
    return j->folder || kn_fail(err, KN_E_IO, "no temporary folder");
}

bool
kn_judge_open(const kn_judge_plan *plan, kn_judge **out, GError **err)
{
    g_autoptr(kn_judge) j = g_new0(kn_judge, 1);

    if (!kn_xml_setup(err) || !kn_xmlsec_setup(err)
        || !(plan->config ? open_engine(j, plan->config, err) : open_alone(j, plan->anchors, err)))
        return false;
    j->profile = plan->profile;
    *out = g_steal_pointer(&j);
    return true;
}

void
kn_judge_free(kn_judge *j)
{
    if (!j)
        return;
    if (!j->lane)
        kn_xml_free(j->xml);
    kn_lane_free(j->lane);
    kn_engine_free(j->engine);
    if (j->folder) {
        g_autofree char *ini = g_build_filename(j->folder, "stranger.ini", NULL);

        (void)g_unlink(ini);
        (void)g_rmdir(j->folder);
    }
    g_free(j->folder);
    g_free(j->anchors);
    g_free(j);
}

kn_engine *
kn_judge_engine(const kn_judge *judge)
{
    return judge->engine;
}

kn_xml *
kn_judge_xml(const kn_judge *judge)
{
    return judge->xml;
}

const char *
kn_judge_checks(const kn_judge *j)
{
    return j->engine ? KN_JUDGE_STEPS : j->folder ? "-XSKGD--" : "-XS-GD--";
}

/* --- without an installation ------------------------------------------------------------------------- */

static bool
shown_key(const kn_shape *shape, EVP_PKEY **out, GError **err)
{
    const uint8_t *der = shape->cert;
    g_autoptr(X509) cert = der ? d2i_X509(NULL, &der, (long)shape->cert_len) : NULL;

    *out = cert ? X509_get_pubkey(cert) : NULL;
    return *out
           || kn_fail(err, KN_E_KEY_CERT_BAD, "no certificate in the message that can be read");
}

/* A portal that carries cards of these anchors, whatever their facts: then the rules of K but the binding
 * are asked, by the engine's own code. */
static bool
write_stranger(const kn_judge *j, GError **err)
{
    g_autofree char *ini = g_strdup_printf(
        "[partner]\nid = " STRANGER "\nname = of --anchors\nkind = portal\ndocuments = *\n[keys]\n"
        "algorithms = sm2-sm3, rsa-sha256, ecdsa-sha256, sm2-sm3-field until 2099-12-31, rsa-sha1 "
        "until "
        "2099-12-31\nallow_sha1 = true\nanchors = %s\nbind_subject_cn = nobody\n"
        "[carry]\ndocuments = *\ncard_anchors = %s\nmay_state_card_facts = true\n",
        j->anchors, j->anchors);
    g_autofree char *ini_path = g_build_filename(j->folder, "stranger.ini", NULL);

    return g_file_set_contents(ini_path, ini, -1, NULL)
           || kn_fail(err, KN_E_IO, "%s cannot be written", j->folder);
}

static bool
check_anchors(const kn_judge *j, const kn_shape *shape, int64_t at_ms, GError **err)
{
    const kn_certificate *cert = NULL;
    g_autoptr(kn_partners) partners = NULL;
    g_autoptr(kn_trust) trust = NULL;

    if (!shape->cert)
        return kn_fail(err, KN_E_KEY_MISSING, "no certificate to check against the anchors");
    if (!write_stranger(j, err) || !kn_partners_load(j->folder, NULL, &partners, err))
        return false;
    trust = kn_trust_new(partners);
    return kn_trust_key(trust, kn_partners_find(partners, STRANGER), KN_ROLE_CARD, shape->alg,
                        shape->cert, shape->cert_len, at_ms, &cert, err);
}

static bool
prove_alone(kn_judge *j, xmlDoc *doc, int64_t at_ms, GError **err)
{
    g_auto(kn_shape) shape = { 0 };
    g_autoptr(EVP_PKEY) key = NULL;

    return kn_xml_shape_as(j->profile, doc, &shape, err) && shown_key(&shape, &key, err)
           && (!j->folder || check_anchors(j, &shape, at_ms, err))
           && kn_xml_verify(j->xml, doc, &shape, key, NULL, err);
}

static bool
judge_alone(kn_judge *j, const kn_letter *letter, bool *inner, GError **err)
{
    g_auto(kn_paper) paper = { 0 };

    if (!kn_paper_read(j->xml, letter->bytes, letter->len, false, &paper, err)
        || !prove_alone(j, paper.outer, letter->at_ms, err))
        return false;
    *inner = paper.in_shell;
    return !paper.inner || !kn_xml_has_signature(paper.inner)
           || prove_alone(j, paper.inner, letter->at_ms, err);
}

/* --- with one ------------------------------------------------------------------------------------------ */

static bool
find_partner(const kn_judge *j, const char *id, const kn_partner **out, GError **err)
{
    *out = kn_partners_find(j->engine->set->partners, id);
    return (*out && (*out)->active)
           || kn_fail(err, KN_E_SENDER_UNKNOWN, "sender “%.16s” is %s", id,
                      *out ? "not active" : "not a partner");
}

static bool
judge_admitted(kn_judge *j, const kn_letter *letter, kn_judgement *out, GError **err)
{
    static kn_part part = { .topic = (char *)(uintptr_t) "" };
    kn_item *item;
    bool ok;

    if (letter->partner && !find_partner(j, letter->partner, &out->partner, err))
        return false;
    item = g_new0(kn_item, 1);
    item->part = &part;
    item->set = kn_trust_set_ref(j->engine->set);
    item->partner = out->partner;
    item->time_ms = letter->at_ms;
    item->record.bytes = letter->bytes;
    item->record.len = letter->len;
    item->record.key = letter->key;
    item->record.key_len = letter->key_len;
    item->record.part = letter->part;
    j->engine->config->check_partition = j->check_partition && letter->key;
    ok = kn_admit(j->lane, item, err);
    out->partner = item->partner;
    out->inner = item->in_shell;
    if (ok && item->why) {
        ok = false;
        g_propagate_error(err, g_steal_pointer(&item->why));
    }
    kn_item_free(item);
    return ok;
}

/* --- both ------------------------------------------------------------------------------------------------ */

void
kn_judgement_clear(kn_judgement *j)
{
    g_clear_error(&j->why);
    *j = (kn_judgement){ 0 };
}

/* Rules that are named after a requirement are asked among those of B. */
static char
step_of(kn_error code)
{
    const char *rule = kn_rule_of(code);

    if (code == KN_E_SHELL_BAD)
        return 'V';
    return *rule && g_ascii_isdigit(rule[1]) && strchr(KN_JUDGE_STEPS, rule[0]) ? rule[0] : 'B';
}

void
kn_judge_letter(kn_judge *j, const kn_letter *letter, kn_judgement *out)
{
    bool ok = j->engine ? judge_admitted(j, letter, out, &out->why)
                        : judge_alone(j, letter, &out->inner, &out->why);

    out->step = ok ? '\0' : step_of(kn_error_code(out->why));
}
