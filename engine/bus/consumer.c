/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/consumer.h"

#include "base/clock.h"

#include <kouan/log.h>
#include <string.h>

#define COMMITTED_TOTAL_MS 30000
#define CLOSE_MS 5000
#define TAKE_AGAIN_US 300000

struct kn_consumer {
    rd_kafka_t *rk;
    kn_consumer_events events;
    rd_kafka_topic_partition_list_t *topics;
    rd_kafka_topic_partition_list_t *owned; /* what the group gave us; NULL = nothing */
    bool paused;
    GError *failed;   /* of an assign call, given to the next poll */
    int64_t again_us; /* what is owned could not be taken: not tried again before then; 0 = taken */
};

static kn_bus_part *
to_parts(const rd_kafka_topic_partition_list_t *list)
{
    kn_bus_part *parts = g_new0(kn_bus_part, (size_t)list->cnt + 1);

    for (int i = 0; i < list->cnt; i++)
        parts[i] = (kn_bus_part){ .topic = list->elems[i].topic,
                                  .part = list->elems[i].partition,
                                  .committed = -1 };
    return parts;
}

static void
on_assign(kn_consumer *c, rd_kafka_topic_partition_list_t *list)
{
    g_autofree kn_bus_part *parts = NULL;
    rd_kafka_resp_err_t code;

    rd_kafka_topic_partition_list_sort(list, NULL, NULL);
    parts = to_parts(list);
    g_clear_error(&c->failed);
    c->again_us = 0;
    if (!c->events.assign(c->events.arg, c, parts, (size_t)list->cnt, &c->failed)) {
        (void)rd_kafka_assign(c->rk, NULL);
        c->again_us = kn_clock_steady_us() + TAKE_AGAIN_US;
        return;
    }
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = parts[i].offset;
    code = rd_kafka_assign(c->rk, list);
    if (code)
        (void)kn_bus_fail(&c->failed, code, "assign", NULL);
}

/* The group believes that these partitions are ours and sends nobody else: after a failed take nothing would
 * come any more until somebody joins or leaves. */
static void
take_again(kn_consumer *c)
{
    rd_kafka_topic_partition_list_t *list;

    if (c->again_us == 0 || c->paused || !c->owned || kn_clock_steady_us() < c->again_us)
        return;
    list = rd_kafka_topic_partition_list_copy(c->owned);
    on_assign(c, list);
    rd_kafka_topic_partition_list_destroy(list);
}

static void
on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list,
             void *arg)
{
    kn_consumer *c = arg;

    if (c->owned)
        rd_kafka_topic_partition_list_destroy(c->owned);
    c->owned = NULL;
    c->again_us = 0;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        c->owned = rd_kafka_topic_partition_list_copy(list);
        if (!c->paused)
            on_assign(c, list);
        else /* taken when the database is back */
            (void)rd_kafka_assign(rk, NULL);
        return;
    }
    g_autofree kn_bus_part *parts = to_parts(list);

    c->events.revoke(c->events.arg, parts, (size_t)list->cnt);
    (void)rd_kafka_assign(rk, NULL);
}

bool
kn_consumer_new(const kn_bus_conf *conf, const char *const *topics, size_t n_topics,
                const kn_consumer_events *events, kn_consumer **out, GError **err)
{
    char why[256];
    rd_kafka_conf_t *rk_conf = kn_bus_consumer_conf(conf, err);
    kn_consumer *c;
    rd_kafka_resp_err_t code;

    if (!rk_conf)
        return false;
    c = g_new0(kn_consumer, 1);
    c->events = *events;
    rd_kafka_conf_set_opaque(rk_conf, c);
    rd_kafka_conf_set_rebalance_cb(rk_conf, on_rebalance);
    c->rk = rd_kafka_new(RD_KAFKA_CONSUMER, rk_conf, why, sizeof why);
    if (!c->rk) {
        rd_kafka_conf_destroy(rk_conf);
        g_free(c);
        return kn_fail(err, KN_E_BUS_WRONG, "consumer: %s", why);
    }
    (void)rd_kafka_poll_set_consumer(c->rk);
    c->topics = rd_kafka_topic_partition_list_new((int)n_topics);
    for (size_t i = 0; i < n_topics; i++)
        (void)rd_kafka_topic_partition_list_add(c->topics, topics[i], RD_KAFKA_PARTITION_UA);
    code = rd_kafka_subscribe(c->rk, c->topics);
    if (code) {
        kn_consumer_free(c);
        return kn_bus_fail(err, code, "subscribe", NULL);
    }
    *out = c;
    return true;
}

void
kn_consumer_free(kn_consumer *c)
{
    rd_kafka_queue_t *queue;
    int64_t until;

    if (!c)
        return;
    /* rd_kafka_consumer_close can hang after a lost partition (#4187): close with a deadline. */
    queue = rd_kafka_queue_new(c->rk);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(c->rk, queue);

    if (error)
        rd_kafka_error_destroy(error);
    until = kn_clock_steady_us() + CLOSE_MS * 1000;
    while (!rd_kafka_consumer_closed(c->rk) && kn_clock_steady_us() < until) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 100);

        if (!event)
            continue;
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
            on_rebalance(c->rk, rd_kafka_event_error(event),
                         rd_kafka_event_topic_partition_list(event), c);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    if (c->owned) /* a live list would keep references and hang the destruction (#3796) */
        rd_kafka_topic_partition_list_destroy(c->owned);
    rd_kafka_topic_partition_list_destroy(c->topics);
    g_clear_error(&c->failed);
    if (rd_kafka_consumer_closed(c->rk)) {
        rd_kafka_destroy(c->rk);
        g_free(c);
    } else {
        kn_warn("consumer does not close; left to process exit", KN_INT("ms", CLOSE_MS));
    }
}

static void
fill(kn_bus_record *out, rd_kafka_message_t *m)
{
    rd_kafka_timestamp_type_t type;

    *out = (kn_bus_record){
        .raw = m,
        .topic = rd_kafka_topic_name(m->rkt),
        .part = m->partition,
        .offset = m->offset,
        .bytes = m->payload,
        .len = m->len,
        .key = m->key,
        .key_len = m->key_len,
    };
    out->time_ms = rd_kafka_message_timestamp(m, &type) + kn_clock_ahead_ms();
    out->append_time = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
}

bool
kn_consumer_poll(kn_consumer *c, int timeout_ms, kn_bus_record *out, GError **err)
{
    rd_kafka_message_t *m;

    take_again(c); /* before the poll: what that gives is then of the new assignment */
    m = rd_kafka_consumer_poll(c->rk, timeout_ms);
    *out = (kn_bus_record){ 0 };
    if (c->failed) {
        if (m)
            rd_kafka_message_destroy(m);
        g_propagate_error(err, g_steal_pointer(&c->failed));
        return false;
    }
    if (!m)
        return true;
    if (m->err) {
        rd_kafka_resp_err_t code = m->err;
        g_autofree char *text = g_strdup(rd_kafka_message_errstr(m));

        rd_kafka_message_destroy(m);
        if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF)
            return true;
        return kn_bus_fail(err, code, "consume", text);
    }
    fill(out, m);
    return true;
}

void
kn_bus_record_clear(kn_bus_record *record)
{
    if (record->raw)
        rd_kafka_message_destroy(record->raw);
    *record = (kn_bus_record){ 0 };
}

char *
kn_bus_record_header(const kn_bus_record *record, const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t len;

    if (!record->raw) /* a record made by a test */
        return NULL;
    if (rd_kafka_message_headers(record->raw, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR
        || rd_kafka_header_get_last(headers, name, &value, &len) != RD_KAFKA_RESP_ERR_NO_ERROR
        || !value || len > 1024 || !g_utf8_validate(value, (gssize)len, NULL))
        return NULL;
    return g_strndup(value, len);
}

bool
kn_consumer_committed(kn_consumer *c, kn_bus_part *parts, size_t n, GError **err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    int64_t until = kn_clock_steady_us() + COMMITTED_TOTAL_MS * 1000LL;
    rd_kafka_resp_err_t code;

    for (size_t i = 0; i < n; i++)
        (void)rd_kafka_topic_partition_list_add(list, parts[i].topic, parts[i].part);
    do {
        code = rd_kafka_committed(c->rk, list, 5000);
        for (int i = 0; i < list->cnt && !code; i++)
            code = list->elems[i].err;
    } while (code && kn_clock_steady_us() < until);
    for (size_t i = 0; i < n && !code; i++)
        parts[i].committed = list->elems[i].offset < 0 ? -1 : list->elems[i].offset;
    rd_kafka_topic_partition_list_destroy(list);
    /* An older K here is the classic way to publish twice: no answer means leaving. */
    return code ? kn_fail(err, KN_E_BUS_FENCED, "committed offsets: %s", rd_kafka_err2name(code))
                : true;
}

bool
kn_consumer_watermarks(kn_consumer *c, kn_bus_part *part, GError **err)
{
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(c->rk, part->topic, part->part,
                                                                &part->low, &part->high, 10000);

    return code ? kn_bus_fail(err, code, "watermarks", part->topic) : true;
}

int64_t
kn_consumer_high(kn_consumer *c, const char *topic, int part)
{
    int64_t low = -1, high = -1;

    return rd_kafka_get_watermark_offsets(c->rk, topic, part, &low, &high) ? -1 : MAX(high, -1);
}

rd_kafka_consumer_group_metadata_t *
kn_consumer_generation(kn_consumer *c)
{
    return rd_kafka_consumer_group_metadata(c->rk);
}

void
kn_consumer_pause(kn_consumer *c)
{
    c->paused = true;
    if (c->owned) {
        g_autofree kn_bus_part *parts = to_parts(c->owned);

        c->events.revoke(c->events.arg, parts, (size_t)c->owned->cnt);
    }
    (void)rd_kafka_assign(c->rk, NULL);
}

void
kn_consumer_resume(kn_consumer *c)
{
    rd_kafka_topic_partition_list_t *list = c->owned ? rd_kafka_topic_partition_list_copy(c->owned)
                                                     : NULL;

    c->paused = false;
    if (!list)
        return;
    on_assign(c, list);
    rd_kafka_topic_partition_list_destroy(list);
}
