/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/topics.h"

#include "base/clock.h"

#include <string.h>

#define ADMIN_MS 15000

static rd_kafka_t *
admin(const kn_bus_conf *conf, GError **err)
{
    char why[256];
    rd_kafka_conf_t *rk_conf = kn_bus_producer_conf(conf, NULL, err);
    rd_kafka_t *rk;

    if (!rk_conf)
        return NULL;
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, rk_conf, why, sizeof why);
    if (!rk) {
        rd_kafka_conf_destroy(rk_conf);
        (void)kn_fail(err, KN_E_BUS_WRONG, "admin client: %s", why);
    }
    return rk;
}

static rd_kafka_NewTopic_t *
new_topic(const kn_topic_spec *spec, int replication, int max_bytes)
{
    char why[256], bytes[32];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
        spec->name, spec->parts, replication > 0 ? replication : -1, why, sizeof why);

    if (!topic)
        return NULL;
    (void)g_snprintf(bytes, sizeof bytes, "%d", max_bytes);
    (void)rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "delete");
    (void)rd_kafka_NewTopic_set_config(topic, "max.message.bytes", bytes);
    if (spec->append_time)
        (void)rd_kafka_NewTopic_set_config(topic, "message.timestamp.type", "LogAppendTime");
    return topic;
}

static bool
judge(const rd_kafka_event_t *event, GError **err)
{
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(
        (rd_kafka_event_t *)(uintptr_t)event);
    const rd_kafka_topic_result_t **topics;
    size_t n;

    if (rd_kafka_event_error((rd_kafka_event_t *)(uintptr_t)event))
        return kn_bus_fail(err, rd_kafka_event_error((rd_kafka_event_t *)(uintptr_t)event),
                           "create topics", NULL);
    topics = rd_kafka_CreateTopics_result_topics(result, &n);
    for (size_t i = 0; i < n; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[i]);

        if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            return kn_fail(err, KN_E_BUS_WRONG, "topic %s: %s",
                           rd_kafka_topic_result_name(topics[i]),
                           rd_kafka_topic_result_error_string(topics[i]));
    }
    return true;
}

static bool
create(rd_kafka_t *rk, rd_kafka_NewTopic_t **topics, size_t n, GError **err)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(rk,
                                                                 RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_event_t *event;
    bool ok;

    (void)rd_kafka_AdminOptions_set_operation_timeout(options, ADMIN_MS, NULL, 0);
    rd_kafka_CreateTopics(rk, topics, n, options, queue);
    event = rd_kafka_queue_poll(queue, ADMIN_MS + 5000);
    ok = event ? judge(event, err) : kn_fail(err, KN_E_BUS_DOWN, "create topics: no answer");
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return ok;
}

bool
kn_topics_create(const kn_bus_conf *conf, const kn_topic_spec *specs, size_t n, int replication,
                 GError **err)
{
    rd_kafka_t *rk = admin(conf, err);
    g_autofree rd_kafka_NewTopic_t **topics = NULL;
    bool ok = true;

    if (!rk)
        return false;
    topics = g_new0(rd_kafka_NewTopic_t *, n + 1);
    for (size_t i = 0; i < n && ok; i++) {
        topics[i] = new_topic(&specs[i], replication, (int)conf->max_message_bytes);
        ok = topics[i] != NULL || kn_fail(err, KN_E_BUS_WRONG, "topic %s: bad name", specs[i].name);
    }
    ok = ok && create(rk, topics, n, err);
    for (size_t i = 0; i < n; i++)
        if (topics[i])
            rd_kafka_NewTopic_destroy(topics[i]);
    rd_kafka_destroy(rk);
    return ok;
}

static bool
check_one(const rd_kafka_metadata_t *meta, const kn_topic_spec *spec, GError **err)
{
    for (int i = 0; i < meta->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *t = &meta->topics[i];

        if (strcmp(t->topic, spec->name) != 0 || t->err)
            continue;
        if (spec->parts > 0 && t->partition_cnt != spec->parts)
            return kn_fail(err, KN_E_BUS_WRONG,
                           "topic %s: %d partitions, expected %d (never grow a live topic)",
                           spec->name, t->partition_cnt, spec->parts);
        return true;
    }
    return kn_fail(err, KN_E_BUS_WRONG, "topic %s: not there; run `kouan provision`", spec->name);
}

bool
kn_topics_check(const kn_bus_conf *conf, const kn_topic_spec *specs, size_t n, GError **err)
{
    rd_kafka_t *rk = admin(conf, err);
    const rd_kafka_metadata_t *meta = NULL;
    rd_kafka_resp_err_t code;
    bool ok = true;

    if (!rk)
        return false;
    code = rd_kafka_metadata(rk, 1, NULL, &meta, ADMIN_MS);
    if (code)
        ok = kn_bus_fail(err, code, "metadata", NULL);
    for (size_t i = 0; i < n && ok; i++)
        ok = check_one(meta, &specs[i], err);
    if (meta)
        rd_kafka_metadata_destroy(meta);
    rd_kafka_destroy(rk);
    return ok;
}

int
kn_topics_partition(const void *key, size_t len, int parts)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key, len, parts, NULL, NULL);
}
