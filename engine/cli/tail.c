/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tail.h"

#include <string.h>

#define ASK_MS 15000

struct kn_tail {
    rd_kafka_t *rk;
};

void
kn_tail_free(kn_tail *tail)
{
    if (!tail)
        return;
    if (tail->rk) {
        (void)rd_kafka_assign(tail->rk, NULL);
        (void)rd_kafka_consumer_close(tail->rk);
        rd_kafka_destroy(tail->rk);
    }
    g_free(tail);
}

/* The end of each partition now: a position, so that nothing produced later can be missed. */
static bool
add_topic(rd_kafka_t *rk, const rd_kafka_metadata_topic_t *topic,
          rd_kafka_topic_partition_list_t *list, GError **err)
{
    for (int part = 0; part < topic->partition_cnt; part++) {
        int64_t low = 0, high = 0;
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(rk, topic->topic, part, &low,
                                                                    &high, ASK_MS);

        if (code)
            return kn_bus_fail(err, code, "end of topic", topic->topic);
        rd_kafka_topic_partition_list_add(list, topic->topic, part)->offset = high;
    }
    return true;
}

static bool
add_all(rd_kafka_t *rk, const rd_kafka_metadata_t *meta, const char *const *topics,
        rd_kafka_topic_partition_list_t *list, GError **err)
{
    for (size_t i = 0; topics[i]; i++) {
        const rd_kafka_metadata_topic_t *found = NULL;

        for (int k = 0; k < meta->topic_cnt; k++)
            if (strcmp(meta->topics[k].topic, topics[i]) == 0 && !meta->topics[k].err)
                found = &meta->topics[k];
        if (!found)
            return kn_fail(err, KN_E_BUS_WRONG, "topic %s: not there; run `kouan provision`",
                           topics[i]);
        if (!add_topic(rk, found, list, err))
            return false;
    }
    return true;
}

static bool
assign(kn_tail *tail, const char *const *topics, GError **err)
{
    const rd_kafka_metadata_t *meta = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(tail->rk, 1, NULL, &meta, ASK_MS);
    rd_kafka_topic_partition_list_t *list;
    bool ok;

    if (code)
        return kn_bus_fail(err, code, "metadata", NULL);
    list = rd_kafka_topic_partition_list_new(16);
    ok = add_all(tail->rk, meta, topics, list, err);
    if (ok) {
        code = rd_kafka_assign(tail->rk, list);
        ok = !code || kn_bus_fail(err, code, "assign", NULL);
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_metadata_destroy(meta);
    return ok;
}

bool
kn_tail_new(const kn_bus_conf *conf, const char *const *topics, kn_tail **out, GError **err)
{
    g_autoptr(kn_tail) tail = g_new0(kn_tail, 1);
    kn_bus_conf mine = *conf;
    rd_kafka_conf_t *rk_conf;
    char why[256];

    mine.group = "kouan-tool"; /* never joined, nothing is committed */
    rk_conf = kn_bus_consumer_conf(&mine, err);
    if (!rk_conf)
        return false;
    tail->rk = rd_kafka_new(RD_KAFKA_CONSUMER, rk_conf, why, sizeof why);
    if (!tail->rk) {
        rd_kafka_conf_destroy(rk_conf);
        return kn_fail(err, KN_E_BUS_WRONG, "consumer: %s", why);
    }
    (void)rd_kafka_poll_set_consumer(tail->rk);
    if (!assign(tail, topics, err))
        return false;
    *out = g_steal_pointer(&tail);
    return true;
}

bool
kn_tail_poll(kn_tail *tail, int timeout_ms, kn_bus_record *out, GError **err)
{
    rd_kafka_message_t *m = rd_kafka_consumer_poll(tail->rk, timeout_ms);
    rd_kafka_resp_err_t code;

    *out = (kn_bus_record){ 0 };
    if (!m)
        return true;
    code = m->err;
    if (code) {
        kn_error class = kn_bus_classify(code);

        rd_kafka_message_destroy(m);
        if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF || class == KN_E_BUS_DOWN)
            return true; /* it goes on trying; the caller has a deadline */
        return kn_bus_fail(err, code, "consume", NULL);
    }
    *out = (kn_bus_record){ .raw = m,
                            .topic = rd_kafka_topic_name(m->rkt),
                            .part = m->partition,
                            .offset = m->offset,
                            .time_ms = rd_kafka_message_timestamp(m, NULL),
                            .bytes = m->payload,
                            .len = m->len,
                            .key = m->key,
                            .key_len = m->key_len };
    return true;
}
