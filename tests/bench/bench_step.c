/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_step.h"

#include <kouan/error.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#define ROUNDS 11

static double
thread_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* CPU µs of one of n runs. */
static bool
timed(kn_bench_kit *kit, kn_bench_step step, long n, double *us, GError **err)
{
    double start = thread_us();

    for (long i = 0; i < n; i++)
        if (!step(kit, err))
            return false;
    *us = (thread_us() - start) / (double)n;
    return true;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* How many runs take about ms. */
static bool
calibrate(kn_bench_kit *kit, kn_bench_step step, int ms, long *n_out, GError **err)
{
    double us = 0;
    long n = 1;

    for (;; n *= 2) {
        if (!timed(kit, step, n, &us, err))
            return false;
        if (us * (double)n >= ms * 500.0)
            break;
    }
    *n_out = MAX(1, (long)(ms * 1000.0 / us));
    return true;
}

bool
kn_bench_measure(kn_bench_kit *kit, kn_bench_step step, int round_ms, double *us_out, double *r_out,
                 GError **err)
{
    double us[ROUNDS], ratio[ROUNDS];
    long n, yards;

    if (!calibrate(kit, step, round_ms, &n, err)
        || !calibrate(kit, kn_step_yardstick, round_ms / 4 + 1, &yards, err))
        return false;
    for (int i = 0; i < ROUNDS; i++) {
        double before, after;

        if (!timed(kit, kn_step_yardstick, yards, &before, err) || !timed(kit, step, n, &us[i], err)
            || !timed(kit, kn_step_yardstick, yards, &after, err))
            return false;
        ratio[i] = us[i] / ((before + after) / 2);
    }
    qsort(us, ROUNDS, sizeof us[0], by_size);
    qsort(ratio, ROUNDS, sizeof ratio[0], by_size);
    *us_out = us[0];
    *r_out = ratio[ROUNDS / 2];
    return true;
}

/* --- the kit ----------------------------------------------------------------------------------- */

/* One RSA-2048 verify with everything at hand. */
bool
kn_bench_yardstick_init(kn_bench_kit *kit, GError **err)
{
    g_autoptr(EVP_PKEY) key = EVP_RSA_gen(2048);
    g_autoptr(EVP_PKEY_CTX) sign = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;

    memset(kit->rsa_digest, 7, sizeof kit->rsa_digest);
    kit->rsa_len = sizeof kit->rsa_value;
    if (!sign || EVP_PKEY_sign_init(sign) != 1
        || EVP_PKEY_CTX_set_signature_md(sign, EVP_sha256()) != 1
        || EVP_PKEY_sign(sign, kit->rsa_value, &kit->rsa_len, kit->rsa_digest, 32) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no RSA yardstick");
    kit->rsa = EVP_PKEY_CTX_new(key, NULL);
    if (!kit->rsa || EVP_PKEY_verify_init(kit->rsa) != 1
        || EVP_PKEY_CTX_set_signature_md(kit->rsa, EVP_sha256()) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no RSA yardstick");
    return true;
}

static const kn_record *
no_record(void *arg, const char *kind, const char *key, bool *known)
{
    (void)arg, (void)kind, (void)key;
    *known = true;
    return NULL;
}

bool
kn_bench_kit_init(kn_bench_kit *kit, const kn_engine *engine, GError **err)
{
    *kit = (kn_bench_kit){ .engine = engine };
    kit->xml = kn_xml_new(NULL, engine->schemas);
    kit->writer = kn_writer_new();
    kit->trust = kn_trust_new(engine->set->partners);
    kit->context = kn_context_new();
    kit->decision = kn_decision_new();
    kit->ask = kn_ask_new(no_record, NULL);
    kit->bytes = g_string_sized_new(8192);
    kit->signed_receipt = g_string_sized_new(8192);
    kit->zstd = ZSTD_createCCtx();
    return kn_bench_yardstick_init(kit, err);
}

static void
drop_message(kn_bench_kit *kit)
{
    kn_msg_free(kit->msg);
    kit->msg = NULL;
    kn_shape_clear(&kit->shape);
    xmlFreeDoc(kit->doc);
    kit->doc = NULL;
    kn_canonical_free(kit->receipt);
    kit->receipt = NULL;
    g_string_truncate(kit->bytes, 0);
}

void
kn_bench_kit_clear(kn_bench_kit *kit)
{
    drop_message(kit);
    kn_ask_free(kit->ask);
    kn_decision_free(kit->decision);
    kn_context_free(kit->context);
    kn_trust_free(kit->trust);
    kn_writer_free(kit->writer);
    kn_xml_free(kit->xml);
    (void)g_string_free(kit->bytes, TRUE);
    (void)g_string_free(kit->signed_receipt, TRUE);
    (void)ZSTD_freeCCtx(kit->zstd);
    g_free(kit->packed);
    EVP_PKEY_CTX_free(kit->rsa);
}

static bool
open_doc(kn_bench_kit *kit, const char *bytes, size_t len, xmlDoc **out, GError **err)
{
    return kn_xml_open(kit->xml, bytes, len, false, out, err);
}

/* Shape to digest, as admit does it. */
static bool
prove_doc(kn_bench_kit *kit, kn_role role, xmlDoc *doc, const kn_certificate **cert, GError **err)
{
    kn_shape shape = { 0 };
    kn_why why;
    bool ok = kn_xml_shape(doc, &shape, err)
              && kn_partner_algorithm(kit->partner, shape.alg, kit->now_ms, err)
              && kn_trust_key(kit->trust, kit->partner, role, shape.alg, shape.cert, shape.cert_len,
                              kit->now_ms, cert, err)
              && kn_xml_verify(kit->xml, doc, &shape, (*cert)->key, &why, err);

    kn_shape_clear(&shape);
    return ok;
}

/* The way of the bytes up to a proven (and, if asked, validated) business document. */
static bool
way_in(kn_bench_kit *kit, bool validate, xmlDoc **out, const kn_certificate **cert, GError **err)
{
    g_autoptr(xmlDoc) outer = NULL, inner = NULL;
    kn_dxp dxp = { 0 };
    bool ok;

    if (!open_doc(kit, kit->bytes->str, kit->bytes->len, &outer, err)
        || !prove_doc(kit, KN_ROLE_PARTNER, outer, cert, err))
        return false;
    if (!kit->shell) {
        if (validate && !kn_xml_validate(kit->xml, outer, kit->route->schema, err))
            return false;
        *out = g_steal_pointer(&outer);
        return true;
    }
    if ((validate && !kn_xml_validate(kit->xml, outer, kit->engine->shell_schema, err))
        || !kn_dxp_open(outer, &dxp, err))
        return false;
    ok = open_doc(kit, (const char *)dxp.data->data, dxp.data->len, &inner, err)
         && prove_doc(kit, KN_ROLE_CARD, inner, cert, err)
         && (!validate || kn_xml_validate(kit->xml, inner, kit->route->schema, err));
    kn_dxp_clear(&dxp);
    if (ok)
        *out = g_steal_pointer(&inner);
    return ok;
}

static bool
make_msg(kn_bench_kit *kit, GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    const kn_certificate *cert = NULL;
    kn_msg_facts facts = { .partner = kit->partner->id, .digest = "x", .in_shell = kit->shell };

    if (!way_in(kit, true, &doc, &cert, err))
        return false;
    facts.card = cert->facts;
    facts.card.signed_ = *cert->facts.number != '\0';
    kit->msg = kn_msg_new(doc, &facts, err);
    if (kit->msg)
        (void)g_steal_pointer(&doc);
    return kit->msg != NULL;
}

bool
kn_bench_kit_message(kn_bench_kit *kit, const kn_bench_parties *parties,
                     const kn_bench_shape *shape, GError **err)
{
    const char *sender = shape->shell ? KN_BENCH_PORTAL : parties->list[0].id;

    drop_message(kit);
    kit->shell = shape->shell;
    kit->partner = kn_partners_find(kit->engine->set->partners, sender);
    kit->route = kn_engine_route(kit->engine, "urn:kouan:checkpoint:1",
                                 shape->declare ? "CKDeclareMessage" : "CKStageMessage");
    if (!kit->partner || !kit->route)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no partner %s", sender);
    if (!kn_bench_message(kit->xml, kit->writer, parties, 0, shape, 1,
                          "0A0B0C0D-0000-4000-8000-000000000001", kit->now_ms, kit->bytes, NULL,
                          err))
        return false;
    kit->packed_room = ZSTD_compressBound(kit->bytes->len);
    g_free(kit->packed);
    kit->packed = g_malloc(kit->packed_room);
    return make_msg(kit, err) && open_doc(kit, kit->bytes->str, kit->bytes->len, &kit->doc, err)
           && kn_xml_shape(kit->doc, &kit->shape, err) && kn_step_trust(kit, err);
}

/* --- the steps --------------------------------------------------------------------------------- */

bool
kn_step_yardstick(kn_bench_kit *kit, GError **err)
{
    if (EVP_PKEY_verify(kit->rsa, kit->rsa_value, kit->rsa_len, kit->rsa_digest, 32) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "yardstick does not verify");
    return true;
}

bool
kn_step_open(kn_bench_kit *kit, GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;

    return open_doc(kit, kit->bytes->str, kit->bytes->len, &doc, err);
}

bool
kn_step_shape(kn_bench_kit *kit, GError **err)
{
    kn_shape shape = { 0 };
    bool ok;

    kn_xml_signature_attach(&kit->shape);
    ok = kn_xml_shape(kit->doc, &shape, err);
    kn_shape_clear(&shape);
    return ok;
}

bool
kn_step_trust(kn_bench_kit *kit, GError **err)
{
    return kn_partner_algorithm(kit->partner, kit->shape.alg, kit->now_ms, err)
           && kn_trust_key(kit->trust, kit->partner, KN_ROLE_PARTNER, kit->shape.alg,
                           kit->shape.cert, kit->shape.cert_len, kit->now_ms, &kit->cert, err);
}

bool
kn_step_verify(kn_bench_kit *kit, GError **err)
{
    kn_why why;

    kn_xml_signature_attach(&kit->shape);
    return kn_xml_verify(kit->xml, kit->doc, &kit->shape, kit->cert->key, &why, err);
}

bool
kn_step_digest(kn_bench_kit *kit, GError **err)
{
    char text[64];

    kn_xml_signature_detach(&kit->shape);
    return kn_xml_digest(kit->xml, kit->doc, kit->shape.alg, text, err);
}

bool
kn_step_prove(kn_bench_kit *kit, GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    const kn_certificate *cert = NULL;

    return way_in(kit, false, &doc, &cert, err);
}

bool
kn_step_validate(kn_bench_kit *kit, GError **err)
{
    kn_xml_signature_detach(&kit->shape);
    return kn_xml_validate(kit->xml, kit->doc,
                           kit->shell ? kit->engine->shell_schema : kit->route->schema, err);
}

bool
kn_step_whole(kn_bench_kit *kit, GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    const kn_certificate *cert = NULL;

    return way_in(kit, true, &doc, &cert, err);
}

bool
kn_step_decide(kn_bench_kit *kit, GError **err)
{
    kn_context *c = kit->context;
    const kn_card *card = kn_msg_card(kit->msg);

    c->time_ms = kit->now_ms;
    c->conf = kit->route->conf;
    c->codes = kit->engine->set->codes;
    c->op = kit->route->doctype->op;
    c->owner = card->orgcode;
    c->topic = "bench";
    c->secret = kit->engine->secret;
    c->secret_len = sizeof kit->engine->secret;
    c->slot = 1;
    kn_context_enter(c);
    kn_ask_enter(kit->ask);
    kn_decision_reset(kit->decision);
    if (kit->route->handler->decide(c, kit->msg, kit->ask, kit->decision) != KN_DONE)
        return kn_fail(err, KN_E_ENGINE_ERROR, "the handler waits");
    if (!kn_decision_finish(kit->decision, err))
        return false;
    if (kit->decision->code != KN_E_OK)
        return kn_fail(err, kit->decision->code, "the bench's message is refused: %s %s",
                       kit->decision->field ? kit->decision->field : "",
                       kit->decision->detail ? kit->decision->detail : "");
    return true;
}

bool
kn_step_receipt_write(kn_bench_kit *kit, GError **err)
{
    static const kn_receipt_pair keys[] = { { "dataCenterNo", "202600000000000001" },
                                            { "tripNo", "20261198000000000010000000000001" } };
    static const char *const actions[] = { "VIEW", "EDIT", "DELETE", "DECLARE" };
    const kn_receipt_data data = {
        .guid = "0A0B0C0D-0000-4000-8000-000000000002",
        .ori_guid = "0A0B0C0D-0000-4000-8000-000000000001",
        .ori_type = "CKStageMessage",
        .sender_id = "KOUAN00000000001",
        .receiver_id = "BENCH01",
        .final = true,
        .keys = keys,
        .n_keys = 2,
        .return_status = 1,
        .return_time = "20261122100000123",
        .return_info = "暂存成功",
        .code = KN_E_OK,
        .state_code = "S01",
        .state_name = "STAGED",
        .state_label = "暂存",
        .actions = actions,
        .n_actions = 4,
        .card_no = "9800000000001",
    };

    kn_canonical_free(kit->receipt);
    kit->receipt = NULL;
    return kn_receipt_write(kit->writer, &data, &kit->receipt, err);
}

bool
kn_step_receipt_sign(kn_bench_kit *kit, GError **err)
{
    char digest[64];

    g_string_truncate(kit->signed_receipt, 0);
    return kn_xml_sign_canonical(kit->xml, kit->engine->signers[kit->receipt_alg], kit->receipt,
                                 kit->signed_receipt, digest, err);
}

bool
kn_step_sm3(kn_bench_kit *kit, GError **err)
{
    uint8_t digest[32];

    if (EVP_Digest(kit->bytes->str, kit->bytes->len, digest, NULL, EVP_sm3(), NULL) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no SM3");
    return true;
}

bool
kn_step_zstd(kn_bench_kit *kit, GError **err)
{
    size_t used = ZSTD_compressCCtx(kit->zstd, kit->packed, kit->packed_room, kit->bytes->str,
                                    kit->bytes->len, 1);

    if (ZSTD_isError(used))
        return kn_fail(err, KN_E_ENGINE_ERROR, "zstd: %s", ZSTD_getErrorName(used));
    return true;
}
