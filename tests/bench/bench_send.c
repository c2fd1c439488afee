/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_load.h"

#include "base/clock.h"

#include <kouan/error.h>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#define FLUSH_MS 60000

static void
on_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    kn_load_entry *e = message->_private;
    rd_kafka_timestamp_type_t type;

    (void)rk, (void)opaque;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    e->acked = true;
    e->part = message->partition;
    e->offset = message->offset;
    e->time_ms = rd_kafka_message_timestamp(message, &type);
    (void)g_string_free(e->bytes, TRUE);
    e->bytes = NULL;
}

static bool
set(rd_kafka_conf_t *conf, const char *name, const char *value, GError **err)
{
    char why[200];

    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK)
        return true;
    return kn_fail(err, KN_E_USAGE, "%s", why);
}

static rd_kafka_t *
producer_new(const kn_load_options *o, GError **err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];
    rd_kafka_t *rk;

    if (!set(conf, "bootstrap.servers", o->brokers, err)
        || !set(conf, "enable.idempotence", "true", err)
        || !set(conf, "linger.ms", o->rate > 0 ? "1" : "20", err)
        || !set(conf, "message.max.bytes", "12582912", err)
        || !set(conf, "queue.buffering.max.messages", "50000", err)
        || !set(conf, "partitioner", "murmur2_random", err)) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!rk) {
        rd_kafka_conf_destroy(conf);
        (void)kn_fail(err, KN_E_BUS_DOWN, "%s", why);
    }
    return rk;
}

static bool
send_one(rd_kafka_t *rk, const kn_load *load, kn_load_entry *e, GError **err)
{
    const kn_bench_party *p = &load->parties.list[e->who];
    const char *sender = load->options->shell ? KN_BENCH_PORTAL : p->id;
    const char *type = e->declare ? "CKDeclareMessage" : "CKStageMessage";
    rd_kafka_resp_err_t code;

    for (;;) {
        /* librdkafka's argument macros are GNU statement expressions */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
        code = rd_kafka_producev(
            rk, RD_KAFKA_V_TOPIC(load->options->topic),
            RD_KAFKA_V_VALUE(e->bytes->str, e->bytes->len),
            RD_KAFKA_V_KEY(p->enterprise->orgcode, strlen(p->enterprise->orgcode)),
            RD_KAFKA_V_HEADER("sender", sender, -1), RD_KAFKA_V_HEADER("guid", e->guid, -1),
            RD_KAFKA_V_HEADER("type", type, -1), RD_KAFKA_V_OPAQUE(e), RD_KAFKA_V_END);
#pragma GCC diagnostic pop
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            break;
        (void)rd_kafka_poll(rk, 100);
    }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
               ? true
               : kn_fail(err, KN_E_BUS_DOWN, "%s", rd_kafka_err2str(code));
}

/* Waits until message i is due; at full speed it always is. */
static void
pace(rd_kafka_t *rk, const kn_load_options *o, int64_t start_us, size_t i)
{
    int64_t due, now;

    if (o->rate <= 0) {
        if (i % 64 == 0)
            (void)rd_kafka_poll(rk, 0);
        return;
    }
    due = start_us + (int64_t)((double)i * 1e6 / o->rate);
    while ((now = kn_clock_steady_us()) < due) {
        (void)rd_kafka_poll(rk, 0);
        (void)usleep((useconds_t)MIN(due - now, 1000));
    }
}

bool
kn_load_send(kn_load *load, GError **err)
{
    rd_kafka_t *rk = producer_new(load->options, err);
    int64_t start = kn_clock_steady_us();
    size_t acked = 0;
    bool ok = rk != NULL;

    for (size_t i = 0; ok && i < load->n; i++) {
        pace(rk, load->options, start, i);
        ok = send_one(rk, load, &load->entries[i], err);
    }
    if (!rk)
        return false;
    (void)rd_kafka_flush(rk, FLUSH_MS);
    rd_kafka_destroy(rk);
    for (size_t i = 0; i < load->n; i++)
        acked += load->entries[i].acked;
    if (ok && acked < load->n)
        return kn_fail(err, KN_E_BUS_DOWN, "%zu of %zu messages acknowledged", acked, load->n);
    return ok;
}
