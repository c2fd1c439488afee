/* SPDX-License-Identifier: Apache-2.0 */
/* librdkafka settings as rows, and its errors as ours.
 * source   EXACTLY_ONCE §9.2, §10.1: each value there has its reason */
#ifndef KOUAN_BUS_CONF_H
#define KOUAN_BUS_CONF_H

#include <glib.h>
#include <kouan/error.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>

typedef struct kn_bus_conf {
    const char *brokers; /* host:port,... ; borrowed for the life of what is made from it */
    const char *group;   /* consumer group */
    const char *client_id;
    int64_t max_message_bytes; /* largest record read or written */
    int64_t queue_kbytes;      /* prefetch bound of one lane */
    int64_t session_ms, transaction_ms;
    char **extra; /* NULL-ended "key=value" of the operator (TLS, SASL); may be NULL */
} kn_bus_conf;

/* A conf for a consumer, a transactional producer (txn_id) or a plain idempotent one (txn_id NULL). */
rd_kafka_conf_t *kn_bus_consumer_conf(const kn_bus_conf *conf, GError **err);
rd_kafka_conf_t *kn_bus_producer_conf(const kn_bus_conf *conf, const char *txn_id, GError **err);

/* One librdkafka code as ours: BUS_DOWN (passes), BUS_FENCED (leave), BUS_WRONG (a person decides). */
kn_error kn_bus_classify(rd_kafka_resp_err_t code);
/* Fails with the class of a librdkafka code; what says which call. */
bool kn_bus_fail(GError **err, rd_kafka_resp_err_t code, const char *what, const char *detail);
/* The same for an error object of the transactional calls, which is destroyed. */
bool kn_bus_fail_error(GError **err, rd_kafka_error_t *error, const char *what);

#endif
