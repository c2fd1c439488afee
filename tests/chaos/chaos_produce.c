/* SPDX-License-Identifier: Apache-2.0 */
#include "chaos_send.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define LAST_MS 60000 /* for what is on the way when the run ends */
#define CALL_MS 20000

struct chaos_out {
    const chaos_options *options;
    const kn_bench_parties *parties;
    chaos_plan *plan;
    chaos_ledger *ledger;
    char *txn_id;
    rd_kafka_t *rk;
    size_t on_the_way;
    bool broken; /* a fatal error: a new producer is due */
};

/* A message on its way. */
typedef struct trip {
    chaos_out *out;
    chaos_message *message;
    int part;
    int64_t offset; /* -1 = not delivered */
} trip;

static const char *
key_of(const chaos_out *out, const chaos_message *m)
{
    return out->parties->list[m->who].enterprise->orgcode;
}

static void
settle(trip *t)
{
    chaos_ledger_add(t->out->ledger, t->message, key_of(t->out, t->message), t->part, t->offset);
    if (t->offset >= 0)
        chaos_plan_acked(t->out->plan, t->message);
    chaos_message_free(t->message);
    g_free(t);
}

/* With transactions the commit decides, so the trip is kept for it. */
static void
on_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    trip *t = message->_private;

    (void)rk, (void)opaque;
    t->part = message->partition;
    t->offset = message->err ? -1 : message->offset;
    t->out->on_the_way--;
    if (!t->out->txn_id)
        settle(t);
}

static void
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[200];

    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK)
        return;
    (void)fprintf(stderr, "kouan-chaos-send: %s\n", why);
    exit(2);
}

static void
on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    (void)rk, (void)reason;
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        ((chaos_out *)opaque)->broken = true;
}

static void
connect_out(chaos_out *out)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];

    set(conf, "bootstrap.servers", out->options->brokers);
    set(conf, "enable.idempotence", "true");
    set(conf, "linger.ms", "2");
    set(conf, "log_level", "2");
    set(conf, "reconnect.backoff.max.ms", "500");
    set(conf, "message.max.bytes", "12582912");
    set(conf, "queue.buffering.max.messages", "20000");
    set(conf, "partitioner", "murmur2_random");
    if (out->txn_id) {
        set(conf, "transactional.id", out->txn_id);
        set(conf, "transaction.timeout.ms", "10000");
    }
    rd_kafka_conf_set_opaque(conf, out);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_error_cb(conf, on_error);
    out->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!out->rk) {
        (void)fprintf(stderr, "kouan-chaos-send: %s\n", why);
        exit(1);
    }
    out->broken = false;
}

static void
init_transactions(const chaos_out *out)
{
    rd_kafka_error_t *error;

    while ((error = rd_kafka_init_transactions(out->rk, CALL_MS)) != NULL) {
        bool again = rd_kafka_error_is_retriable(error);

        rd_kafka_error_destroy(error);
        if (!again)
            break; /* the next transaction finds out */
    }
}

chaos_out *
chaos_out_new(const chaos_options *options, const kn_bench_parties *parties, chaos_plan *plan,
              chaos_ledger *ledger, const char *txn_id)
{
    chaos_out *out = g_new0(chaos_out, 1);

    out->options = options;
    out->parties = parties;
    out->plan = plan;
    out->ledger = ledger;
    out->txn_id = g_strdup(txn_id);
    connect_out(out);
    if (txn_id)
        init_transactions(out);
    return out;
}

/* What was on the way comes back as failed: it may be in the log or not. */
static void
close_out(chaos_out *out, int ms)
{
    (void)rd_kafka_flush(out->rk, ms);
    (void)rd_kafka_purge(out->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    (void)rd_kafka_flush(out->rk, 5000);
    rd_kafka_destroy(out->rk);
    out->rk = NULL;
}

static void
renew(chaos_out *out)
{
    close_out(out, 0);
    connect_out(out);
    if (out->txn_id)
        init_transactions(out);
}

static void
produce(chaos_out *out, trip *t)
{
    const kn_bench_party *p = &out->parties->list[t->message->who];
    const char *sender = t->message->kind == CHAOS_STRANGER ? "NOBODY01"
                         : t->message->shell                ? KN_BENCH_PORTAL
                                                            : p->id;
    size_t len = 0;
    const void *bytes = g_bytes_get_data(t->message->bytes, &len);
    const char *key = key_of(out, t->message);
    rd_kafka_resp_err_t code;

    out->on_the_way++;
    for (;;) {
        /* librdkafka's argument macros are GNU statement expressions */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
        code = rd_kafka_producev(out->rk, RD_KAFKA_V_TOPIC(out->options->topic),
                                 RD_KAFKA_V_VALUE((void *)(uintptr_t)bytes, len),
                                 RD_KAFKA_V_KEY((void *)(uintptr_t)key, strlen(key)),
                                 RD_KAFKA_V_HEADER("sender", sender, -1),
                                 RD_KAFKA_V_HEADER("guid", t->message->guid, -1),
                                 RD_KAFKA_V_HEADER("chaos", chaos_kind_names[t->message->kind], -1),
                                 RD_KAFKA_V_OPAQUE(t), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_END);
#pragma GCC diagnostic pop
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || out->broken)
            break;
        (void)rd_kafka_poll(out->rk, 100);
    }
    if (code) { /* never left this process */
        out->on_the_way--;
        t->offset = -1;
        if (!out->txn_id)
            settle(t);
    }
}

void
chaos_out_send(chaos_out *out, chaos_message *message)
{
    trip *t = g_new0(trip, 1);

    t->out = out;
    t->message = message;
    t->part = -1;
    t->offset = -1;
    if (out->broken)
        renew(out);
    produce(out, t);
}

void
chaos_out_poll(chaos_out *out, int ms)
{
    (void)rd_kafka_poll(out->rk, ms);
}

/* --- transactions ---------------------------------------------------------------------------- */

static bool
done(rd_kafka_error_t *error)
{
    if (error)
        rd_kafka_error_destroy(error);
    return error == NULL;
}

static bool
retry(rd_kafka_error_t *(*call)(rd_kafka_t *, int), rd_kafka_t *rk)
{
    rd_kafka_error_t *error;

    while ((error = call(rk, CALL_MS)) != NULL && rd_kafka_error_is_retriable(error))
        rd_kafka_error_destroy(error);
    return done(error);
}

void
chaos_out_transaction(chaos_out *out, GPtrArray *messages, bool abort)
{
    g_autoptr(GPtrArray) trips = g_ptr_array_new();
    bool ok = done(rd_kafka_begin_transaction(out->rk)), committed;

    for (unsigned i = 0; i < messages->len; i++) {
        trip *t = g_new0(trip, 1);

        t->out = out;
        t->message = g_ptr_array_index(messages, i);
        t->part = -1;
        t->offset = -1;
        g_ptr_array_add(trips, t);
        if (ok)
            produce(out, t);
    }
    ok = ok && rd_kafka_flush(out->rk, CALL_MS) == RD_KAFKA_RESP_ERR_NO_ERROR;
    committed = ok && !abort && retry(rd_kafka_commit_transaction, out->rk);
    if (!committed && !retry(rd_kafka_abort_transaction, out->rk))
        renew(out); /* every trip has come home then: purged */
    while (out->on_the_way > 0)
        (void)rd_kafka_poll(out->rk, 50);
    for (unsigned i = 0; i < trips->len; i++) {
        trip *t = g_ptr_array_index(trips, i);

        t->offset = committed ? t->offset : -1;
        settle(t);
    }
}

void
chaos_out_free(chaos_out *out)
{
    close_out(out, LAST_MS);
    g_free(out->txn_id);
    g_free(out);
}
