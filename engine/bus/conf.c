/* SPDX-License-Identifier: Apache-2.0 */
#include "bus/conf.h"

#include <inttypes.h>
#include <kouan/log.h>
#include <string.h>

typedef struct setting {
    const char *key, *value;
} setting;

static const setting consumer_settings[] = {
    { "enable.auto.commit", "false" },
    { "enable.auto.offset.store", "false" },
    { "isolation.level", "read_committed" }, /* stable K depends on it (§3 step 2) */
    { "auto.offset.reset", "error" },        /* an offset out of range is data loss or a wrong P */
    { "partition.assignment.strategy", "range" },
    { "heartbeat.interval.ms", "1000" },
    { "max.poll.interval.ms", "60000" },
    { "fetch.wait.max.ms", "50" },
    { "reconnect.backoff.max.ms", "1000" },
    { "check.crcs", "true" },
    { "allow.auto.create.topics", "false" },
};

static const setting producer_settings[] = {
    { "enable.idempotence", "true" },
    { "socket.timeout.ms", "5000" }, /* must stay below the transaction's */
    { "linger.ms", "2" },
    { "compression.type", "zstd" }, /* others are silently dropped against new brokers (#4956) */
    { "partitioner", "murmur2_random" },
    { "allow.auto.create.topics", "false" },
    { "reconnect.backoff.max.ms", "1000" },
};

static bool
set_one(rd_kafka_conf_t *rk, const char *key, const char *value, GError **err)
{
    char why[256];

    if (rd_kafka_conf_set(rk, key, value, why, sizeof why) != RD_KAFKA_CONF_OK)
        return kn_fail(err, KN_E_CONFIG, "[kafka] %s: %s", key, why);
    return true;
}

static bool
set_int(rd_kafka_conf_t *rk, const char *key, int64_t value, GError **err)
{
    char text[32];

    (void)g_snprintf(text, sizeof text, "%" PRId64, value);
    return set_one(rk, key, text, err);
}

static bool
set_rows(rd_kafka_conf_t *rk, const setting *rows, size_t n, GError **err)
{
    for (size_t i = 0; i < n; i++)
        if (!set_one(rk, rows[i].key, rows[i].value, err))
            return false;
    return true;
}

static bool
set_extra(rd_kafka_conf_t *rk, char **extra, GError **err)
{
    for (size_t i = 0; extra && extra[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(extra[i], "=", 2);

        if (!pair[0] || !pair[1])
            return kn_fail(err, KN_E_CONFIG, "[kafka] extra: “%s” is not key=value", extra[i]);
        if (!set_one(rk, pair[0], pair[1], err))
            return false;
    }
    return true;
}

static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    if (level <= 4) /* syslog's "warning" and worse */
        kn_warn("librdkafka says", KN_STR("facility", facility), KN_STR("text", text));
    else
        kn_debug("librdkafka says", KN_STR("facility", facility), KN_STR("text", text));
}

static bool
set_common(rd_kafka_conf_t *rk, const kn_bus_conf *conf, GError **err)
{
    rd_kafka_conf_set_log_cb(rk, on_log);
    return set_one(rk, "bootstrap.servers", conf->brokers, err)
           && set_one(rk, "client.id", conf->client_id ? conf->client_id : "kouan", err)
           && set_int(rk, "message.max.bytes", conf->max_message_bytes, err)
           /* fetch answers carry whole batches: leave room above one record */
           && set_int(rk, "receive.message.max.bytes", conf->max_message_bytes * 2 + (64 << 20),
                      err);
}

rd_kafka_conf_t *
kn_bus_consumer_conf(const kn_bus_conf *conf, GError **err)
{
    rd_kafka_conf_t *rk = rd_kafka_conf_new();

    if (set_common(rk, conf, err) && set_one(rk, "group.id", conf->group, err)
        && set_int(rk, "queued.max.messages.kbytes", conf->queue_kbytes, err)
        && set_int(rk, "session.timeout.ms", conf->session_ms, err)
        && set_rows(rk, consumer_settings, G_N_ELEMENTS(consumer_settings), err)
        && set_extra(rk, conf->extra, err))
        return rk;
    rd_kafka_conf_destroy(rk);
    return NULL;
}

rd_kafka_conf_t *
kn_bus_producer_conf(const kn_bus_conf *conf, const char *txn_id, GError **err)
{
    rd_kafka_conf_t *rk = rd_kafka_conf_new();

    if (set_common(rk, conf, err)
        && set_rows(rk, producer_settings, G_N_ELEMENTS(producer_settings), err)
        && (!txn_id
            || (set_one(rk, "transactional.id", txn_id, err)
                && set_int(rk, "transaction.timeout.ms", conf->transaction_ms, err)))
        && set_extra(rk, conf->extra, err))
        return rk;
    rd_kafka_conf_destroy(rk);
    return NULL;
}

static const struct {
    rd_kafka_resp_err_t code;
    kn_error error;
} classes[] = {
    { RD_KAFKA_RESP_ERR__FATAL, KN_E_BUS_FENCED },
    { RD_KAFKA_RESP_ERR__FENCED, KN_E_BUS_FENCED },
    { RD_KAFKA_RESP_ERR_PRODUCER_FENCED, KN_E_BUS_FENCED },
    { RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, KN_E_BUS_FENCED },
    { RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, KN_E_BUS_FENCED },
    { RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, KN_E_BUS_FENCED },
    { RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, KN_E_BUS_FENCED },
    { RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, KN_E_BUS_FENCED },
    { RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, KN_E_LOG_LOST },
    { RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, KN_E_LOG_LOST },
    { RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, KN_E_BUS_WRONG },
    { RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, KN_E_BUS_WRONG },
    { RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, KN_E_BUS_WRONG },
    { RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KN_E_BUS_WRONG },
    { RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, KN_E_BUS_WRONG },
    { RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, KN_E_BUS_WRONG },
    { RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, KN_E_BUS_WRONG },
    { RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, KN_E_BUS_WRONG },
    { RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, KN_E_BUS_WRONG },
};

kn_error
kn_bus_classify(rd_kafka_resp_err_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++)
        if (classes[i].code == code)
            return classes[i].error;
    return KN_E_BUS_DOWN; /* librdkafka goes on trying; so do we */
}

bool
kn_bus_fail(GError **err, rd_kafka_resp_err_t code, const char *what, const char *detail)
{
    return kn_fail(err, kn_bus_classify(code), "%s: %s%s%s", what, rd_kafka_err2name(code),
                   detail ? ": " : "", detail ? detail : "");
}

bool
kn_bus_fail_error(GError **err, rd_kafka_error_t *error, const char *what)
{
    kn_error code = rd_kafka_error_is_fatal(error) ? KN_E_BUS_FENCED
                                                   : kn_bus_classify(rd_kafka_error_code(error));

    (void)kn_fail(err, code, "%s: %s: %s", what, rd_kafka_error_name(error),
                  rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}
