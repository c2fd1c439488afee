/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, no Kafka, no PostgreSQL: the steps of a message one by one, and how long each takes.
 * threads  one
 */
#ifndef KOUAN_BENCH_STEP_H
#define KOUAN_BENCH_STEP_H

#include "bench_message.h"
#include "decision/decision_priv.h"
#include "lane/engine.h"
#include "trust/certificate.h"
#include "xml/msg.h"
#include "xml/receipt.h"
#include "xml/verify.h"
#include "xml/xml_auto.h"

/* What one message needs, and the message. */
typedef struct kn_bench_kit {
    const kn_engine *engine;
    kn_xml *xml;
    kn_writer *writer;
    kn_trust *trust;
    kn_context *context;
    kn_decision *decision;
    kn_ask *ask;
    int64_t now_ms;
    const kn_partner *partner; /* who sends the bytes */
    const kn_route *route;
    bool shell;
    GString *bytes;
    /* of the bare message, opened once, for the steps in the middle */
    xmlDoc *doc;
    kn_shape shape;
    const kn_certificate *cert;
    kn_msg *msg;
    kn_canonical *receipt;
    GString *signed_receipt;
    kn_alg receipt_alg;
    void *zstd;
    uint8_t *packed;
    size_t packed_room;
    EVP_PKEY_CTX *rsa; /* yardstick */
    uint8_t rsa_digest[32], rsa_value[512];
    size_t rsa_len;
} kn_bench_kit;

typedef bool (*kn_bench_step)(kn_bench_kit *kit, GError **err);

/* CPU µs of one run: the least of several rounds of about round_ms each (noise only adds); and the median
 * ratio to the yardstick, which runs before and after each round, so that a noisy machine cancels out. */
bool kn_bench_measure(kn_bench_kit *kit, kn_bench_step step, int round_ms, double *us_out,
                      double *r_out, GError **err);

/* The yardstick alone; kn_bench_kit_init does it too. */
bool kn_bench_yardstick_init(kn_bench_kit *kit, GError **err);
bool kn_bench_kit_init(kn_bench_kit *kit, const kn_engine *engine, GError **err);
void kn_bench_kit_clear(kn_bench_kit *kit);
/* Makes the message the next steps work on, and proves it once (fills the cache). */
bool kn_bench_kit_message(kn_bench_kit *kit, const kn_bench_parties *parties,
                          const kn_bench_shape *shape, GError **err);

bool kn_step_yardstick(kn_bench_kit *kit, GError **err);
bool kn_step_open(kn_bench_kit *kit, GError **err);
bool kn_step_shape(kn_bench_kit *kit, GError **err);
bool kn_step_trust(kn_bench_kit *kit, GError **err);
bool kn_step_verify(kn_bench_kit *kit, GError **err);
bool kn_step_digest(kn_bench_kit *kit, GError **err);
bool kn_step_prove(kn_bench_kit *kit,
                   GError **err); /* open, shape, trust, verify; shells: both documents */
bool kn_step_validate(kn_bench_kit *kit, GError **err);
bool kn_step_whole(kn_bench_kit *kit, GError **err); /* prove and validate */
bool kn_step_decide(kn_bench_kit *kit, GError **err);
bool kn_step_receipt_write(kn_bench_kit *kit, GError **err);
bool kn_step_receipt_sign(kn_bench_kit *kit, GError **err);
bool kn_step_sm3(kn_bench_kit *kit, GError **err);
bool kn_step_zstd(kn_bench_kit *kit, GError **err);

#endif
